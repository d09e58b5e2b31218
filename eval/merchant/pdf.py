"""A page printed to PDF by a browser that is installed already: the one that shows the page prints it best."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kb.errors import HuashuError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_TIMEOUT_S = 120
_BY_HAND = "请用浏览器打开 HTML 报告，按 Ctrl+P，选“另存为 PDF”。"


def browser() -> Path | None:
    """Chromium, Chrome or Edge, on the PATH or where they are usually installed."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    roots = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    usual = [Path(place) for place in _PLACES] + [Path(root) / place for root in roots if root for place in _WINDOWS]
    return next((place for place in usual if place.is_file()), None)


def print_pdf(html: Path, pdf: Path) -> None:
    """Print a page. Raises HuashuError with the way by hand where no browser is there or it fails."""
    found = browser()
    if found is None:
        raise HuashuError("没有找到 Chrome、Edge 或 Chromium，不能直接生成 PDF。", remedy=_BY_HAND)
    with tempfile.TemporaryDirectory(prefix="huashu-pdf-", ignore_cleanup_errors=True) as profile:
        made = Path(profile) / "report.pdf"
        command = [
            str(found), "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={profile}", *_unboxed(), f"--print-to-pdf={made}", html.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S)  # noqa: S603
            shutil.copyfile(made, pdf)
        except (OSError, subprocess.SubprocessError) as error:
            raise HuashuError(f"浏览器 {found.name} 没有生成 PDF。", remedy=_BY_HAND) from error


def _unboxed() -> list[str]:
    """As root, as in a container, Chromium runs only without its sandbox; the page is our own and runs no script."""
    return ["--no-sandbox"] if sys.platform != "win32" and os.geteuid() == 0 else []
