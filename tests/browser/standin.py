"""A stand-in for the live service: it speaks the contract of the live routes, and does only what a test tells it.

What a real service does in its own time — a suggestion that comes late, a line that breaks, a message between two others —
is a call here, so that no test depends on timing. Pages, scripts and headers are the real ones.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from bot.guard import Guard
from bot.routes.pages import _PAGES, static

Json = dict[str, Any]

SHOPS = [
    {"slug": "qingluo", "name": "青萝女装", "platform": "天猫", "color": "#1f6f54"},
    {"slug": "xingdian", "name": "星点数码", "platform": "京东", "color": "#2b5c9e"},
    {"slug": "baicao", "name": "百草颜护肤", "platform": "抖音", "color": "#b4486a"},
]
TONE = {"scene": "售前", "complaint": 0.0, "complaining": False, "escalation": False, "urgent": False, "reasons": []}
NO_FACTS = {"topic": "", "product": "", "order": "", "wish": "", "mood": "", "promises": [], "next_step": ""}


def now_ms() -> int:
    return int(time.time() * 1000)


def hit(rank: int, text: str, **more: Any) -> Json:
    """An answer as SuggestionOut holds it; `missing` and `used` fill it."""
    filled = {"text": more.pop("filled", text), "used": more.pop("used", []), "missing": more.pop("missing", [])}
    probability = more.pop("probability", 0.9 - 0.3 * (rank - 1))
    band = "direct" if probability >= 0.5 else "reference" if probability > 0.15 else "unsure"
    base = {
        "rank": rank,
        "entry": f"e{rank}",
        "key": f"FAQ{rank:03}",
        "kind": "faq",
        "scene": "售后",
        "question": text[:8],
    }
    answer = {"id": f"a{rank}", "text": text}
    rest = {"phrasing": "", "answer": answer, "probability": probability, "band": band, "reasons": [], "conditions": []}
    return {**base, **rest, "filled": filled, "source": None, **more}


def suggestion(shop: str, text: str, answers: list[Json] | list[str], **more: Any) -> Json:
    """A SuggestionOut about `text`; answers may be plain texts."""
    hits = [one if isinstance(one, dict) else hit(rank, one) for rank, one in enumerate(answers, start=1)]
    base = {
        "suggestion": f"s{time.monotonic_ns()}",
        "shop": shop,
        "generation": 1,
        "mode": "hybrid",
        "text": text,
        "hits": hits,
    }
    rest = {"answerable": 0.9, "products": [], "facts": [], "tone": TONE, "warnings": [], "timings_ms": {"total": 9.0}}
    return {**base, **rest, "key_facts": NO_FACTS, "upsell": None, "conversation": "", **more}


@dataclass
class StandIn:
    """The service of one test. `conversations` is its truth; `heard` is every request with a body, as (route, query, body)."""

    role: str = "agent"
    conversations: dict[tuple[str, str], Json] = field(default_factory=dict)
    messages: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    suggestions: dict[tuple[str, str], Json] = field(default_factory=dict)
    helps: dict[str, Json] = field(default_factory=dict)
    answers: list[Json] | list[str] = field(
        default_factory=lambda: ["亲，拍下后48小时内发货哦", "亲，默认发中通", "亲，以页面为准"]
    )
    findings: dict[str, list[Json]] = field(default_factory=dict)  # by text
    heard: list[tuple[str, dict[str, str], Json]] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)  # status by route name, for the next requests
    port: int = 0
    _number: int = 0
    _log: list[tuple[int, str, Json]] = field(default_factory=list)
    _lines: list[asyncio.Queue[tuple[int, str, Json] | None]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    # -- what a test does

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(
        self, shop: str, id: str, words: str | list[str] = "", *, ago_s: float = 0, allowed_s: int = 30, **more: Any
    ) -> Json:
        """A conversation whose buyer said `words` so long ago and waits."""
        at = now_ms() - int(ago_s * 1000)
        texts = [words] if isinstance(words, str) else words
        said = [{"id": f"{id}-{n}", "speaker": "buyer", "text": text, "at_ms": at + n} for n, text in enumerate(texts)]
        clocks = [
            {
                "kind": "first_reply",
                "started_ms": at,
                "due_ms": at + allowed_s * 1000,
                "ended_ms": None,
                "breached": False,
            },
            {"kind": "key_facts", "started_ms": at, "due_ms": at + 60_000, "ended_ms": None, "breached": False},
        ]
        one = {
            "id": id,
            "shop": shop,
            "buyer": f"买家 {id.upper()}",
            "platform": "",
            "agent": "",
            "agent_name": "",
            "open": True,
        }
        one |= {"product": "", "order": None, "tags": [], "last": said[-1], "unanswered": len(said), "clocks": clocks}
        one |= {
            "due_ms": clocks[0]["due_ms"],
            "tone": TONE,
            "key_facts": {**NO_FACTS, "confirmed": False},
            "help": None,
        }
        self.conversations[shop, id] = {**one, "version": 1, **more}
        self.messages[shop, id] = said
        self.change(shop, id)
        return self.conversations[shop, id]

    def change(self, shop: str, id: str, **more: Any) -> None:
        """Something about it changed: everybody is told."""
        one = self.conversations[shop, id]
        self.conversations[shop, id] = {**one, **more, "version": one["version"] + 1}
        self.push("conversation", self.conversations[shop, id])

    def say(self, shop: str, id: str, text: str, speaker: str = "buyer") -> Json:
        """A message of the chat. An agent's ends the reply clocks."""
        said = {"id": f"{id}-{len(self.messages[shop, id])}", "speaker": speaker, "text": text, "at_ms": now_ms()}
        self._spoken(shop, id, said)
        return said

    def _spoken(self, shop: str, id: str, said: Json) -> None:
        self.messages[shop, id].append(said)
        one, at = self.conversations[shop, id], now_ms()
        clocks = [
            {**c, "ended_ms": at}
            if said["speaker"] == "agent" and c["kind"] != "key_facts" and not c["ended_ms"]
            else c
            for c in one["clocks"]
        ]
        if said["speaker"] == "buyer" and all(c["ended_ms"] or c["kind"] == "key_facts" for c in clocks):
            clocks.append(
                {"kind": "reply", "started_ms": at, "due_ms": at + 60_000, "ended_ms": None, "breached": False}
            )
        self.push("message", {"shop": shop, "conversation": id, "message": said})
        unanswered = one["unanswered"] + 1 if said["speaker"] == "buyer" else 0
        self.change(shop, id, last=said, clocks=clocks, unanswered=unanswered)

    def suggest(self, shop: str, id: str, answers: list[Json] | list[str], *, after: str = "", **more: Any) -> None:
        """The answers to the last message (or the one named), kept and pushed."""
        last = next(m for m in reversed(self.messages[shop, id]) if not after or m["id"] == after)
        made = suggestion(shop, last["text"], answers, conversation=id, **more)
        self.suggestions[shop, id] = made
        self.push("suggestion", {"shop": shop, "conversation": id, "after": last["id"], "suggestion": made})

    def push(self, kind: str, data: Json) -> None:
        self._number += 1
        event = (self._number, kind, data)
        self._log.append(event)
        self._each(event)

    def break_lines(self) -> None:
        """Every open stream ends, as when a proxy is restarted; what is pushed then waits in the log."""
        self._each(None)

    def _each(self, event: tuple[int, str, Json] | None) -> None:
        if self._loop:
            for line in list(self._lines):
                self._loop.call_soon_threadsafe(line.put_nowait, event)

    @property
    def watchers(self) -> int:
        return len(self._lines)

    def said_to(self, route: str) -> list[Json]:
        """The bodies that one route was sent, in order."""
        return [body for name, _, body in self.heard if name == route]

    # -- running

    def start(self) -> None:
        if not self.port:
            with closing(socket.socket()) as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        config = uvicorn.Config(self._app(), "127.0.0.1", self.port, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Gone, as after a power cut: open streams break, new requests find nobody."""
        assert self._server and self._thread
        self.break_lines()
        self._server.force_exit = self._server.should_exit = True
        self._thread.join(10)
        self._lines.clear()

    # -- what a page meets

    def _app(self) -> Any:
        routes = [
            Route("/", lambda _: FileResponse(_PAGES / "sidebar.html")),
            Route("/healthz", lambda _: JSONResponse({"mode": "hybrid"})),
            Route("/v1/stream", self._stream),
            Route("/v1/{rest:path}", self._answer, methods=["GET", "POST", "PUT"]),
            Mount("/static", static),
        ]
        return Guard(Starlette(routes=routes), "'self'")  # type: ignore[return-value]

    async def _stream(self, request: Request) -> Response:
        self._loop = asyncio.get_running_loop()
        since = request.headers.get("last-event-id", "")
        missed = [event for event in self._log if event[0] > int(since.split("-")[1])] if since else []
        line: asyncio.Queue[tuple[int, str, Json] | None] = asyncio.Queue()
        self._lines.append(line)

        async def lines() -> AsyncIterator[str]:
            try:
                yield _event(self._number - len(missed), "hello", {"now_ms": now_ms(), "me": "k1", "name": "小美"})
                for event in missed:
                    yield _event(*event)
                while (event := await line.get()) is not None:
                    yield _event(*event)
            finally:
                if line in self._lines:
                    self._lines.remove(line)

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def _answer(self, request: Request) -> Response:
        rest = request.path_params["rest"].split("/")
        body = await request.json() if request.method != "GET" else {}
        route = "/".join(part for i, part in enumerate(rest) if not (i == 1 and rest[0] in {"conversations", "help"}))
        query = dict(request.query_params)
        if request.method != "GET":
            self.heard.append((route, {**query, "id": rest[1] if len(rest) > 1 else ""}, body))
        if route in self.refuse:
            return JSONResponse({"code": "x", "detail": "不行"}, self.refuse.pop(route))
        shop, id = query.get("shop", ""), rest[1] if len(rest) > 1 else ""
        made = getattr(self, "_" + rest[0])(route, shop, id, body)
        return JSONResponse(made)

    def _session(self, *_: Any) -> Json:
        return {
            "label": "小美",
            "actor": "k1",
            "role": self.role,
            "expires_at": None,
            "shops": [s | {"generation": 1} for s in SHOPS],
        }

    def _suggest(self, route: str, shop: str, id: str, body: Json) -> Json:
        return suggestion(shop, body["text"], self.answers, conversation=body.get("conversation", ""))

    def _check(self, route: str, shop: str, id: str, body: Json) -> Json:
        found = self.findings.get(body["text"], [])
        return {"findings": found, "blocked": any(one["severity"] == "block" for one in found)}

    def _events(self, route: str, shop: str, id: str, body: Json) -> Json:
        return {"accepted": len(body["events"]), "duplicates": 0}

    def _search(self, *_: Any) -> Json:
        return {"search": "x", "generation": 1, "results": []}

    def _help(self, route: str, shop: str, id: str, body: Json) -> Json:
        if route != "help/answer":
            return {"now_ms": now_ms(), "requests": [one for one in self.helps.values() if _waits(one)]}
        self.helps[id] |= {"answer": body["text"], "answered_by_name": "班长老王", "answered_ms": now_ms()}
        self._helped(self.helps[id])
        return {"help": self.helps[id], "findings": [], "blocked": False}

    def _helped(self, help: Json) -> None:
        self.push("help", help)
        self.change(help["shop"], help["conversation"], help=help)

    def ask_help(self, shop: str, conversation: str, id: str, note: str, by: str = "小美") -> Json:
        at = now_ms()
        help = {
            "id": id,
            "shop": shop,
            "conversation": conversation,
            "asked_by": "k1",
            "asked_by_name": by,
            "note": note,
        }
        help |= {
            "asked_ms": at,
            "due_ms": at + 30_000,
            "answer": "",
            "answered_by_name": "",
            "answered_ms": None,
            "closed_ms": None,
            "entry": "",
        }
        self.helps[id] = help | {"last": self.conversations[shop, conversation]["last"]}
        self._helped(self.helps[id])
        return self.helps[id]

    def close(self, shop: str, id: str) -> None:
        """The chat is over, and so is the wait for help in it."""
        self.change(shop, id, open=False)
        for key, one in self.helps.items():
            if (one["shop"], one["conversation"]) == (shop, id) and _waits(one):
                self.helps[key] = one | {"closed_ms": now_ms()}
                self.push("help", self.helps[key])

    def answer_help(self, id: str, text: str) -> None:
        """The team lead answers, from a page of their own."""
        self._help("help/answer", "", id, {"text": text})

    def _conversations(self, route: str, shop: str, id: str, body: Json) -> Json:
        if not id:
            mine = [one for one in self.conversations.values() if one["open"]]
            return {"now_ms": now_ms(), "conversations": mine}
        act = route.removeprefix("conversations").strip("/")
        if act == "messages":
            said = {"id": body["id"], "speaker": body["speaker"], "text": body["text"], "at_ms": now_ms()}
            self._spoken(shop, id, said)
            return {"conversation": self.conversations[shop, id], "message": said, "duplicate": False}
        if act == "key-facts":
            ended = [
                {**c, "ended_ms": now_ms()} if c["kind"] == "key_facts" else c
                for c in self.conversations[shop, id]["clocks"]
            ]
            facts = {name: value for name, value in body.items() if name != "version"}
            self.change(shop, id, key_facts={**facts, "confirmed": True}, clocks=ended)
        elif act == "help":
            return self.ask_help(shop, id, body["id"], body["note"])
        elif act == "claim":
            self.change(shop, id, agent="k1", agent_name="小美")
        whole = self.conversations[shop, id]
        return (
            whole
            if act
            else {**whole, "messages": self.messages[shop, id], "suggestion": self.suggestions.get((shop, id))}
        )


def _waits(help: Json) -> bool:
    return help["answered_ms"] is None and help["closed_ms"] is None


def _event(number: int, kind: str, data: Json) -> str:
    return f"id: e-{number}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
