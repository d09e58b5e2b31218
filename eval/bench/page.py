"""In a real browser: from the sending of a buyer's message to the frame in which its answer stands on the agent's page.

The page is the real one, logged in and with the chat open; what watches it was put in from outside and only reads the
time. Sender and browser read the same computer's clock; how far the two readings differ is measured and told.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eval.bench import bench
from eval.bench.ask import Client
from eval.bench.child import serving
from eval.bench.figures import Figure, one, three
from eval.bench.town import slug_of
from kb.errors import HuashuError
from kb.store.folder import DataFolder
from kb.store.grant import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

_LABEL = "基准页面"
_CHAT = "page-bench"
_OTHERS = 12  # chats of other buyers
_PATIENCE_MS = 10_000
_QUIET_MS = 300
_ARGUMENTS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
# The line above the answers names the message they answer; it is written in the same breath as the cards. A task that a
# frame's callback leaves behind runs when that frame has been painted.
_WATCH = """() => {
  const about = document.getElementById("answers-about"), painted = new MessageChannel();
  window.seen = {};
  painted.port1.onmessage = ({ data }) => { window.seen[data] ??= performance.timeOrigin + performance.now(); };
  new MutationObserver(() => {
    const text = about.textContent;
    requestAnimationFrame(() => painted.port2.postMessage(text));
  }).observe(about, { childList: true, characterData: true, subtree: true });
}"""
_SEEN = "text => Object.entries(window.seen).find(([about]) => about.includes(text))?.[1] ?? 0"
_CLOCK = "() => performance.timeOrigin + performance.now()"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    folder: Path
    shops: int = 3
    entries: int = 1_000
    messages: int = 200
    beside: float = 5.0  # messages a second of other chats, in the second half
    chromium: str = "/usr/bin/chromium"
    seed: int = 20261122


@dataclass(slots=True)
class Bench(bench.Bench[Plan]):
    """A service, a browser, one agent with one chat open."""

    def run(self) -> list[Figure]:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        root = self.plan.folder / f"page-{self.plan.shops}x{self.plan.entries}-{self.plan.seed}"
        self.town(root, self.vectors(2), self.plan.shops, self.plan.entries)
        with DataFolder(root) as folder:
            folder.hub.revoke_keys(_LABEL)
            agent = folder.hub.issue_key(_LABEL, Role.AGENT, [slug_of(n) for n in range(self.plan.shops)])
        with serving(root, self.engine_name, self.plan.folder / "page.log") as child:
            child.ready_s()
            with browsing(f"http://{child.host}", agent, self.plan.chromium) as page:
                return self._measure(page, child.host, agent)

    def _measure(self, page: Page, host: str, key: str) -> list[Figure]:
        questions = self.texts.questions(self.plan.seed)
        with Client(host, key) as client:
            self._open(page, client, questions)
            before, error = clock_offset(page)
            quiet = self._ask(page, client, questions, "安静时")
            with self._others(host, key):
                busy = self._ask(page, client, questions, "同时有别的会话")
            after, _ = clock_offset(page)
            self._close(client)
        shift = (before + after) / 2
        return [
            *three("消息发出 → 答案画在屏上", quiet - shift, p95=150),
            *three(f"同上，别的会话每秒 {self.plan.beside:g} 条", busy - shift, p95=150),
            one("两个时钟的差（已扣除）", shift, "毫秒", 2),
            one("差值的误差不超过", max(error, abs(after - before) / 2), "毫秒", 2),
        ]

    def _open(self, page: Page, client: Client, questions: Iterator[str]) -> None:
        self._say(client, "buyer", next(questions))
        page.locator(f"#queue-list .row[data-key='{slug_of(0)}/{_CHAT}']").click(timeout=_PATIENCE_MS)
        page.locator("#hits .hit").first.wait_for(timeout=_PATIENCE_MS)
        page.evaluate(_WATCH)

    def _ask(self, page: Page, client: Client, questions: Iterator[str], name: str) -> NDArray[np.float64]:
        """Milliseconds of each message, by the sender's clock and the page's."""
        draw, report, took = random.Random(self.plan.seed), self.say(name), []  # noqa: S311
        for number in range(self.plan.messages):
            mark = f"（{name[0]}{number}）"
            self._say(client, "agent", "好的亲")
            page.wait_for_timeout(draw.uniform(150, 450))  # not in step with the frames
            sent = time.time() * 1000
            self._say(client, "buyer", next(questions) + mark)
            page.wait_for_timeout(_QUIET_MS)  # nobody asks the page anything while it is at work
            took.append(
                float(page.wait_for_function(_SEEN, arg=mark, timeout=_PATIENCE_MS, polling=100).json_value()) - sent
            )
            report(number + 1, self.plan.messages)
        return np.array(took)

    def _say(self, client: Client, speaker: str, text: str) -> None:
        body = {"id": f"m{time.time_ns()}", "speaker": speaker, "text": text}
        client.post(f"/v1/conversations/{_CHAT}/messages", body, shop=slug_of(0))

    def _close(self, client: Client) -> None:
        """What this run opened; a second one begins with an empty queue."""
        client.post(f"/v1/conversations/{_CHAT}/close", {}, shop=slug_of(0))
        for number in range(_OTHERS):
            client.post(f"/v1/conversations/other-{number}/close", {}, shop=slug_of(number % self.plan.shops))

    @contextmanager
    def _others(self, host: str, key: str) -> Iterator[None]:
        """Other buyers of the agent's shops write meanwhile."""
        stop, questions = threading.Event(), self.texts.questions(self.plan.seed + 1)

        def write() -> None:
            number = 0
            with Client(host, key) as client:
                while not stop.wait(1 / self.plan.beside):
                    chat, number = number % _OTHERS, number + 1
                    body = {"id": f"o{time.time_ns()}", "speaker": "buyer", "text": next(questions)}
                    client.post(f"/v1/conversations/other-{chat}/messages", body, shop=slug_of(chat % self.plan.shops))

        thread = threading.Thread(target=write, name="others")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def browsing(address: str, key: str, chromium: str) -> Iterator[Page]:
    """The agent's page, logged in. Raises HuashuError where there is no browser to drive."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise HuashuError("没有装 playwright。", remedy="请安装 huashu[test]。") from error
    if not Path(chromium).exists():
        raise HuashuError(f"没有浏览器 {chromium}。", remedy="请安装 chromium，或用 --chromium 指明。")
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS, env=dict(environment))
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page.goto(f"{address}/login#key={key}&to=/")
        page.wait_for_url(lambda url: "/login" not in url)
        try:
            yield page
        finally:
            browser.close()


def clock_offset(page: Page, tries: int = 30) -> tuple[float, float]:
    """Milliseconds that the page's clock is ahead of ours, and the most by which that may be wrong: half of the quickest
    question's time, as in Cristian (1989)."""
    found = []
    for _ in range(tries):
        before = time.time() * 1000
        theirs = float(page.evaluate(_CLOCK))
        after = time.time() * 1000
        found.append(((after - before) / 2, theirs - (before + after) / 2))
    error, offset = min(found)
    return offset, error
