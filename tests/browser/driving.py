"""What the browser tests drive: the real server in its own process, and pages that remember what went wrong."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Request, expect

from kb.model import Event
from kb.store.merchant import MerchantStore

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
NO_CHROMIUM = f"!!! BROWSER TESTS SKIPPED: no chromium at {CHROMIUM} (apt-get install chromium, or set CHROMIUM)"
PATIENCE_S = 30.0
expect.set_options(timeout=10_000)  # of what has no limit of its own: a shared machine may be slow, never wrong
_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --lang=zh-CN"
).split()
# A window loads two pages of the browser's own for its address bar, and a renderer is kept in reserve: nobody sees them here, and
# they cost as much as what is tested. Of a flag given twice only the last counts, so what Playwright switches off is named too.
_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable"
    " LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect"
    " OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch"
    " WebUIOmniboxPopup WebUIOmniboxAimPopup SpareRendererForSitePerProcess"
).split()
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
# Runs before the page's own scripts, so that nothing the policy refuses goes unseen.
_WITNESS = "window.refused = []; document.addEventListener('securitypolicyviolation', e => refused.push(e.blockedURI));"


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*_ARGUMENTS, f"--disable-features={','.join(_OFF)}"]
    )


# -- the server


@dataclass
class Server:
    """`huashu serve` on one data folder; it keeps its port over restarts, as a service does."""

    data: Path
    engine: str = "none"
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    cookies: dict[str, list[Any]] = field(default_factory=dict)  # by key: logging in is another test's matter
    settings: dict[str, str] = field(default_factory=dict)  # environment variables HUASHU_…

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start and wait until every shop answers; does nothing to a server that runs."""
        if self.running:
            return
        output = self.data.with_name(f"{self.data.name}.out")
        command = ["serve", "--data", str(self.data), "--port", str(self.port), "--engine", self.engine]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUASHU_")}
        environment |= self.settings
        with output.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "huashu", *command],
                cwd=ROOT,
                env=environment,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        until(lambda: self._announced(output), f"the server's address in {output}")
        with client(self.address) as http:
            until(lambda: http.get("/readyz").status_code == 200, "/readyz")

    def _announced(self, output: Path) -> bool:
        said = output.read_text(encoding="utf-8", errors="replace")
        if not self.running:
            raise AssertionError(f"the server did not start:\n{said}")
        if found := _ADDRESS.search(said):
            self.port = int(found[1])
        return found is not None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_S)
            self.process = None

    @contextmanager
    def serving(self) -> Iterator[Server]:
        """Ready; stopped at the end, whatever happened."""
        try:
            self.start()
            yield self
        finally:
            self.stop()

    def events(self, slug: str, suggestions: Collection[str], *, looked: bool = False) -> list[Event]:
        """What is on disk about these suggestions, read by the store from a copy of the shop's file.

        Without what was only looked at: that depends on how long a test takes.
        """
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(self.data / "merchants" / slug, copy, dirs_exist_ok=True)
            store = MerchantStore(Path(copy) / "kb.db", slug)
            try:
                told = (event for event in store.events() if event.suggestion in suggestions)
                return [event for event in told if looked or event.kind != "viewed"]
            finally:
                store.close()


def until(true: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    ends = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < ends, f"waited {patience_s:.0f} s in vain for {what}"
        time.sleep(0.02)


def client(address: str, key: str = "") -> httpx.Client:
    """The API as a program uses it; no proxy of the environment comes between."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)


def create_entry(http: httpx.Client, shop: str, **fields: Any) -> dict[str, Any]:
    """A published entry through the API; `answer` is short for one answer without conditions."""
    answer = fields.pop("answer", None)
    body = {"status": "published", **({"answers": [{"text": answer}]} if answer else {}), **fields}
    reply = http.post("/v1/entries", params={"shop": shop}, json=body)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


# -- the pages


@dataclass
class Visit:
    """One person at one page. `complaints` is everything the browser found fault with."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    suggestions: dict[str, None] = field(default_factory=dict)  # that events were sent about, in order

    def __post_init__(self) -> None:
        def on_dialog(dialog: Any) -> None:
            self.complaints.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.on("dialog", on_dialog)
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)
        if "/v1/events" in request.url:
            self.suggestions |= dict.fromkeys(event["suggestion"] for event in request.post_data_json["events"])

    def expect_complaint(self, *texts: str) -> None:
        """A browser reports every refused request as an error, also the ones a test is about."""
        self.expected += texts

    def check(self) -> None:
        """Nothing but what the test announced went wrong, nothing was refused, no other host was asked."""
        with suppress(Exception):  # a page that has left for another address has no witness any more
            self.complaints += [f"refused by policy: {what}" for what in self.page.evaluate("() => window.refused")]
        wrong = [text for text in self.complaints if not any(part in text for part in self.expected)]
        assert not wrong, wrong
        foreign = [url for url in self.asked if not url.startswith((self.address, "blob:", "data:"))]
        assert not foreign, foreign

    def __getitem__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def soon(self, true: str, argument: object = None, patience_s: float = 10) -> float:
        """Wait for a condition in the page, looked at on every frame; returns the seconds it took."""
        began = time.monotonic()
        self.page.wait_for_function(true, arg=argument, timeout=patience_s * 1000)
        return time.monotonic() - began

    # -- the agent's page

    @property
    def hits(self) -> Locator:
        return self["#hits .hit"]

    def paste(self, text: str) -> None:
        """The buyer's message arrives as in life: from the clipboard, by the keyboard."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.press("Control+v")

    def ask(self, text: str) -> None:
        """Paste and wait for the answers to exactly this message."""
        self.paste(text)
        expect(self["#answers-about"]).to_contain_text(text[:20])
        expect(self["#hits"]).to_have_attribute("aria-busy", "false")

    def clipboard(self) -> str:
        text: str = self.page.evaluate("() => navigator.clipboard.readText()")
        return text

    def answer(self, rank: int) -> str:
        """The text of a card without the words 需填写, which are painted, not written."""
        return self[f"#hits .hit[data-rank='{rank}'] .hit-text"].evaluate("node => node.textContent")

    def waiting_events(self, *, looked: bool = False) -> list[str]:
        """The kinds of the events that wait in the page; without what was only looked at, as in `Server.events`."""
        kinds: list[str] = self.page.evaluate(
            "() => Object.keys(localStorage).filter(k => k.startsWith('huashu.event.'))"
            ".map(k => JSON.parse(localStorage[k]).event.kind)"
        )
        return [kind for kind in kinds if looked or kind != "viewed"]

    def until_delivered(self) -> None:
        """Every recorded action has been acknowledged by the server."""
        until(lambda: not self.waiting_events(), "the outbox to empty", 10)

    # -- both

    def overflow(self) -> int:
        """By how many pixels the page can be scrolled sideways."""
        return self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")

        """By how many pixels the page can be scrolled sideways."""
        return self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")


@dataclass
class People:
    """Opens pages for the people of a test and lets each one's page be judged at the end."""

    browser: Browser
    server: Server
    visits: list[Visit] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def visit(self, path: str = "/", *, size: tuple[int, int] = (1280, 800), cookies: Sequence[Any] = ()) -> Visit:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(10_000)
        context.add_init_script(_WITNESS)
        context.add_cookies(cookies)
        self.contexts.append(context)
        visit = Visit(context.new_page(), self.server.address)
        self.visits.append(visit)
        visit.page.goto(f"{self.server.address}{path}")
        return visit

    def login(self, key: str, path: str = "/", shop: str = "", *, size: tuple[int, int] = (1280, 800)) -> Visit:
        """Signed in and ready; the first time with a key by the link of the demo, later with the cookie it gave."""
        known = self.server.cookies.get(key)
        if known:
            visit = self.visit(f"{path}?shop={shop}", size=size, cookies=known)
        else:
            visit = self.visit(f"/login#key={key}&to={path}", size=size)
            visit.page.wait_for_url(lambda url: "/login" not in url)
            self.server.cookies[key] = visit.page.context.cookies()
            if shop:
                visit.page.goto(f"{self.server.address}{path}?shop={shop}")
        expect(visit["#shop-name"]).not_to_have_text("正在打开…")
        if path == "/":
            expect(visit["#strip-state"]).not_to_have_text("正在连接…")
        return visit

    def leave(self) -> None:
        """Judge and close every page; a test that stops the server lets the people leave first."""
        try:
            for visit in self.visits:
                visit.check()
        finally:
            for context in self.contexts:
                context.close()
            self.visits, self.contexts = [], []


def rgb(colour: str) -> str:
    """#1f6f54 → rgb(31, 111, 84), as browsers report it."""
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour.removeprefix("#")))


def csv_file(name: str, rows: Sequence[Sequence[str]]) -> Any:
    """A small sheet as the file input takes it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return {"name": name, "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}
