"""Every operation of the service, how it is called properly, and who may. The tests of access and of isolation read
this one table; an operation that is missing here fails them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from fastapi import FastAPI
from world import canary, faq_csv

ANYBODY, ANY_KEY, AGENT, TRAINER, ADMIN = "anybody", "any key", "agent", "trainer", "admin"
HIDDEN = {
    "/",
    "/trainer",
    "/login",
    "/bookmarklet",
    "/pocket",
    "/static",
    "/v1/openapi.json",
}  # pages and the document: no knowledge in them


@dataclass(frozen=True)
class Call:
    """One operation with arguments that shop a's trainer may use."""

    method: str
    path: str
    needs: str
    status: int = 200
    query: dict[str, Any] = field(default_factory=dict)
    json: dict[str, Any] | None = None
    file: bytes | None = None
    by_session: int | None = None  # what a session is told, where that is not what its key is told
    endless: bool = False  # the reply goes on: its head is looked at

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def shop_bound(self) -> bool:
        return self.needs in (AGENT, TRAINER)

    def send(
        self, http: httpx.Client, *, entry: str, more: dict[str, Any] | None = None, **query: Any
    ) -> httpx.Response:
        """The call about an entry; `more` are extra body fields, `query` replaces parameters (None drops one)."""
        asked = {name: value for name, value in {**self.query, **query}.items() if value is not None}
        body = None if self.json is None else {**self.json, **(more or {})}
        if body is not None and body.get("id") == NEW:
            body["id"] = f"{NEW}-{next(_numbers)}"
        files = None if self.file is None else {"file": ("常见问题.csv", self.file)}
        data = more if self.file is not None else None
        path = self.path.replace("{entry_id}", entry).replace("{kind}", "faq").replace("{person_id}", "u_x")
        path = path.replace("{conversation}", CHAT if body and "speaker" in body else "no-such-chat")
        path = path.replace("{request}", "no-such-request")
        if self.endless:
            with http.stream(self.method, path, params=asked) as reply:
                if reply.is_error:
                    reply.read()
                return reply
        return http.request(self.method, path, params=asked, json=body, files=files, data=data)


NEW = "new"  # an id that is another one at each call
CHAT = "chat-1"
_numbers = count()
_TEXTS = {"question": f"{canary('a')}新问题", "answers": [{"text": f"{canary('a')}新答复"}]}
_EVENT = {"id": "event-0001", "kind": "shown", "suggestion": "sg_0001"}
_OUTCOME = {"id": "outcome-0001", "conversation": "c1", "kind": "order", "amount_fen": 12900}
_SHEET = faq_csv([(f"{canary('a')}77", f"{canary('a')}怎么洗", "", f"{canary('a')}手洗")])

CALLS = [
    Call("GET", "/healthz", ANYBODY),
    Call("GET", "/readyz", ANYBODY),
    Call("POST", "/v1/session", ANYBODY, 401, json={"key": "hs_no_such_key"}),
    Call("GET", "/v1/session", ANY_KEY),
    # Logging out is never refused: whoever's session has ended must still get rid of the cookie.
    Call("DELETE", "/v1/session", ANYBODY, 204),
    Call("GET", "/v1/shops", ANY_KEY),
    # A page must not be able to hand its session on: only who holds the key itself gets a ticket.
    Call("POST", "/v1/tickets", ANY_KEY, 201, by_session=403),
    Call("GET", "/v1/hooks", ANY_KEY),
    # No key, but a signature over the bytes as they come: whoever has none is told no more than that, whatever was sent.
    Call("POST", "/v1/hooks/chatwoot/{hook}", ANYBODY, 401),
    Call("POST", "/v1/suggest", AGENT, json={"text": "什么时候发货"}),
    Call("POST", "/v1/check", AGENT, json={"text": "亲，48小时内发货"}),
    Call("POST", "/v1/events", AGENT, json={"events": [_EVENT]}),
    Call("GET", "/v1/events/summary", TRAINER),
    Call("POST", "/v1/outcomes", AGENT, json={"outcomes": [_OUTCOME]}),
    Call("GET", "/v1/search", AGENT, query={"q": "发货"}),
    Call("GET", "/v1/profile", AGENT),
    Call(
        "POST",
        "/v1/conversations/{conversation}/messages",
        AGENT,
        201,
        json={"id": NEW, "speaker": "buyer", "text": f"{canary('a')}什么时候发货"},
    ),
    Call("GET", "/v1/conversations", ANY_KEY),
    Call("GET", "/v1/help", ANY_KEY),
    Call("GET", "/v1/stream", ANY_KEY, endless=True),
    # No conversation or request has this id: who is told so has passed the access check, and nothing is changed.
    Call("GET", "/v1/conversations/{conversation}", AGENT, 404),
    Call("POST", "/v1/conversations/{conversation}/claim", AGENT, 404, json={}),
    Call("POST", "/v1/conversations/{conversation}/close", AGENT, 404),
    Call("POST", "/v1/conversations/{conversation}/reopen", AGENT, 404),
    Call("PUT", "/v1/conversations/{conversation}/key-facts", AGENT, 404, json={"topic": "发货"}),
    Call("POST", "/v1/conversations/{conversation}/help", AGENT, 404, json={"id": "help-0001"}),
    Call("POST", "/v1/help/{request}/answer", TRAINER, 404, json={"text": "48小时内发货"}),
    Call("GET", "/v1/entries", TRAINER),
    # Without a question, because no two entries may have the same one and this is sent many times.
    Call("POST", "/v1/entries", TRAINER, 201, json={"kind": "script", "answers": _TEXTS["answers"]}),
    Call("GET", "/v1/entries/{entry_id}", TRAINER),
    # Version 99 was never: who gets as far as the conflict has passed the access check, and nothing is changed.
    Call("PUT", "/v1/entries/{entry_id}", TRAINER, 409, json={"version": 99, **_TEXTS}),
    Call("POST", "/v1/entries/{entry_id}/status", TRAINER, 409, json={"version": 99, "status": "retired"}),
    # Nobody proposed this one: who is told so has passed the access check, and nothing is changed.
    Call("GET", "/v1/proposals", TRAINER),
    Call("POST", "/v1/proposals/accept", TRAINER, 404, json={"ids": ["pr_0000000000000000"]}),
    Call("POST", "/v1/proposals/dismiss", TRAINER, 404, json={"ids": ["pr_0000000000000000"]}),
    Call("GET", "/v1/products", TRAINER),
    Call("POST", "/v1/imports", TRAINER, query={"mode": "preview"}, file=_SHEET),
    Call("POST", "/v1/imports/marked", TRAINER, file=_SHEET),
    Call("GET", "/v1/imports", TRAINER),
    Call("GET", "/v1/templates/{kind}", TRAINER),
    Call("GET", "/v1/export/{kind}", TRAINER),
    # No import or job has this id: who is told so has passed the access check, and nothing is changed.
    Call("POST", "/v1/imports/{import_id}/undo", TRAINER, 404),
    Call("POST", "/v1/imports/jobs", TRAINER, 202, query={"mode": "preview"}, file=_SHEET),
    Call("GET", "/v1/imports/jobs", TRAINER),
    Call("GET", "/v1/imports/jobs/{job_id}", TRAINER, 404),
    Call("DELETE", "/v1/imports/jobs/{job_id}", TRAINER, 404),
    # With a key nobody has a password; nobody has this id; passwords like these are refused before they cost anything.
    Call("POST", "/v1/session/password", ANY_KEY, 403, json={"old": "x", "new": "x"}),
    Call("GET", "/v1/people", ADMIN),
    Call("POST", "/v1/people", ADMIN, 422, json={"name": "新人", "password": "x", "roles": ["agent"], "shops": ["a"]}),
    Call("PUT", "/v1/people/{person_id}/access", ADMIN, 404, json={"roles": ["agent"], "shops": ["a"]}),
    Call("POST", "/v1/people/{person_id}/password", ADMIN, 404, json={"password": "柳暗花明又一村路"}),
    Call("POST", "/v1/people/{person_id}/disable", ADMIN, 404),
    Call("POST", "/v1/people/{person_id}/enable", ADMIN, 404),
    Call("GET", "/v1/keys", ADMIN),
    Call("POST", "/v1/keys", ADMIN, 404, json={"label": "新钥", "role": "agent", "shops": ["nowhere"]}),
    Call("POST", "/v1/keys/{key_id}/revoke", ADMIN, 404),
    Call("GET", "/v1/audit", ADMIN),
    # No experiment has this id, no shop this name: who is told so has passed the access check, and nothing is changed.
    Call("GET", "/v1/experiments", ADMIN),
    Call("POST", "/v1/experiments", ADMIN, 404, json={"id": "x", "treatment": "upsell", "shops": ["nowhere"]}),
    Call("POST", "/v1/experiments/{experiment}/start", ADMIN, 404),
    Call("POST", "/v1/experiments/{experiment}/ramp", ADMIN, 404, json={"share": 0.5}),
    Call("POST", "/v1/experiments/{experiment}/stop", ADMIN, 404),
]


def operations(app: FastAPI) -> set[str]:
    """What the OpenAPI document names."""
    return {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}


def served(routes: Iterable[Any]) -> Iterator[str]:
    """What the router really answers, from its own list; FastAPI keeps included routers as they are."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from served(included.routes)
        elif route.path not in HIDDEN:
            yield from (f"{method} {route.path}" for method in route.methods)
