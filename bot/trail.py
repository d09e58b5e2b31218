"""The audit trail of what is changed over HTTP: one row for each request whose rule says so and that succeeded.

Written by the app and not by its handlers, so that none can forget it: after the change is on disk, before the first byte
of the reply. A reply therefore means that both are; a process that is killed between the two has made a change that nobody
was told of and no row names. What the hub itself changes (people, keys, logins) it records in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.problem import respond
from bot.table import HUB
from kb.errors import HuashuError
from kb.store.audit import Deed
from kb.store.grant import Actor

NOTE = "huashu.note"  # in the scope of every request


@dataclass(slots=True)
class Note:
    """What will be recorded of one request; "" for the action: nothing."""

    action: str = ""
    shop: str = ""
    by: Actor = field(default_factory=lambda: Actor("", ""))
    deed: tuple[str, str, str, str] = ("", "", "", "")  # subject, summary, before, after

    def told(self, *deed: str) -> None:
        subject, summary, before, after = deed
        self.deed = (subject, summary, before, after)

    def due(self, message: Message) -> bool:
        return bool(self.action) and message["type"] == "http.response.start" and message["status"] < 400

    def row(self) -> Deed:
        return Deed(self.action, self.shop, *self.deed)


class Trail:
    """ASGI middleware inside `Guard`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        note = scope[NOTE] = Note()
        refusal: HuashuError | None = None

        async def recorded(message: Message) -> None:
            nonlocal refusal
            if note.due(message) and note.action != HUB:
                hub = scope["app"].state.service.folder.hub
                try:
                    await run_in_threadpool(hub.record, note.by, note.row())
                except HuashuError as error:  # the change stands, and who made it is told that it is on no record
                    refusal = error
                    await respond(Request(scope), error)(scope, receive, send)
            if refusal is None:
                await send(message)

        await self.app(scope, receive, recorded)
