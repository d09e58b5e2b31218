"""One agent at the sidebar, and the stand-in for the service behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, expect

from browser.driving import Visit, until
from browser.standin import StandIn


@dataclass
class Desk(Visit):
    """A page at the stand-in; `service` is told what happens."""

    service: StandIn = None  # type: ignore[assignment]

    def row(self, id: str) -> Locator:
        return self[f"#queue-list .row[data-key$='/{id}']"]

    @property
    def order(self) -> list[str]:
        """The conversations as the queue shows them, the first first."""
        keys: list[str] = self["#queue-list .row"].evaluate_all(
            "rows => rows.map(row => row.dataset.key.split('/')[1])"
        )
        return keys

    def answered(self, id: str) -> None:
        """Its row says that nobody waits: the words stand in every row, and are seen from then on only."""
        expect(self.row(id)).to_contain_text("已回复", use_inner_text=True)

    def open(self, id: str) -> None:
        self.row(id).click()
        expect(self["#head-buyer"]).to_have_text(f"买家 {id.upper()}")

    def focus(self) -> str:
        where: str = self.page.evaluate("() => document.activeElement.id || document.activeElement.className")
        return where


@contextmanager
def sit(
    chromium: Browser, service: StandIn, *, size: tuple[int, int] = (1280, 800), clock: bool = False, **more: Any
) -> Iterator[Desk]:
    """Start the stand-in and sit down; the page is judged when the test ends. `clock`: time stands until it is moved."""
    service.start()
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        permissions=["clipboard-read", "clipboard-write"],
        **more,
    )
    context.set_default_timeout(10_000)
    try:
        desk = Desk(context.new_page(), service.address, service=service)
        if clock:
            desk.page.clock.install()
        desk.page.goto(service.address)
        until(lambda: service.watchers, "the page's stream")
        yield desk
        desk.check()
    finally:
        context.close()
        service.stop()
