"""Pages of other people's systems, served on another site than the sidebar's, and what they hear from it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Frame, Page

from browser.driving import Server

# A desk that keeps what it hears and answers an insert as it is told to.
DESK = """<!doctype html><meta charset="utf-8"><title>客服台</title><textarea id="reply"></textarea>
<script>
window.heard = []; window.takes = true;
addEventListener("message", (event) => {
  heard.push({ origin: event.origin, data: event.data });
  const { type, id, text } = event.data ?? {};
  if (type === "huashu:insert" && takes !== null) {
    if (takes) document.getElementById("reply").value = text;
    event.source.postMessage({ type: "huashu:inserted", v: 1, id, ok: takes }, event.origin);
  }
});
</script><iframe id="sidebar" src="%s" width="420" height="760"></iframe>"""

# What Chatwoot's own frame does: it answers the question with its whole store, as a JSON string, to anybody.
CHATWOOT = """<!doctype html><meta charset="utf-8"><title>Chatwoot</title><script>
window.chat = %s; window.asked = 0;
const tell = () => document.getElementById("sidebar").contentWindow.postMessage(JSON.stringify({ event: "appContext", data: chat }), "*");
onmessage = (event) => { if (event.data === "chatwoot-dashboard-app:fetch-info") { asked += 1; tell(); } };
</script><iframe id="sidebar" src="%s" width="420" height="760"></iframe>"""


@dataclass
class Site:
    """A web server of somebody else's; pages by path, each with its headers."""

    server: ThreadingHTTPServer
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """By name: to a browser `localhost` is another site than 127.0.0.1, where the sidebar lives."""
        return f"http://localhost:{self.server.server_port}"

    def put(self, path: str, html: str, **headers: str) -> str:
        """Serve a page; returns its address."""
        self.pages[path] = html, {name.replace("_", "-"): value for name, value in headers.items()}
        return f"{self.origin}{path}"


@contextmanager
def site() -> Iterator[Site]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html, headers = served.pages.get(self.path, ("", {}))
            self.send_response(200 if html else 404)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    served = Site(ThreadingHTTPServer(("127.0.0.1", 0), Pages))
    threading.Thread(target=served.server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()


def embedded(data: Path, host: Site) -> AbstractContextManager[Server]:
    """The service as one sets it up for an embedding on another site: its origin, and cookies over HTTPS (which browsers
    take localhost for)."""
    return Server(data, settings={"HUASHU_ORIGINS": host.origin, "HUASHU_SECURE_COOKIE": "true"}).serving()


@dataclass
class Desk:
    """A host's page with the sidebar in its frame."""

    page: Page

    @property
    def sidebar(self) -> Frame:
        frame = self.page.query_selector("#sidebar").content_frame()  # type: ignore[union-attr]
        assert frame is not None
        return frame

    def tell(self, message: object) -> None:
        """Post to the sidebar from the host's own window."""
        self.page.evaluate("m => document.getElementById('sidebar').contentWindow.postMessage(m, '*')", message)

    def conversation(self, seq: int, id: str, *texts: str, **more: Any) -> None:
        said = [{"id": f"{id}-{i}", "speaker": "buyer", "text": text} for i, text in enumerate(texts)]
        self.tell({"type": "huashu:conversation", "v": 1, "seq": seq, "id": id, "messages": said, **more})

    def heard(self, type: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(
            "type => heard.map(one => one.data).filter(data => data?.type === type)", type
        )
        return found

    def wait_heard(self, type: str, count: int = 1) -> list[dict[str, Any]]:
        self.page.wait_for_function(
            "([type, count]) => heard.filter(one => one.data?.type === type).length >= count", arg=[type, count]
        )
        return self.heard(type)


def open_context(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(locale="zh-CN", viewport={"width": 900, "height": 800})
    context.set_default_timeout(10_000)
    return context


def chatwoot_page(chat: dict[str, Any], address: str) -> str:
    return CHATWOOT % (json.dumps(chat, ensure_ascii=False), address)
