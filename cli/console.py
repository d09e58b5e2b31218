"""What an operator sees: results on stdout, everything else on stderr, a bar while something takes long."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.markup import escape

from kb.errors import Invalid

if TYPE_CHECKING:
    from kb.vectorise import Progress

out = Console()
err = Console(stderr=True)
_TELL_S = 30.0


def write_json(value: object, indent: int | None = None, *, sort_keys: bool = False) -> None:
    """One JSON value on stdout. Not through rich, which would break long lines."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=sort_keys) + "\n")


def write_text(text: str) -> None:
    """A document on stdout, as it is."""
    sys.stdout.write(text)


def complain(title: str, message: str, advice: str) -> None:
    """Two lines on stderr. Escaped: a file may be called "[/b].csv", and rich would read that as markup."""
    err.print(f"[bold red]{title}[/] {escape(message)}\n[dim]{escape(advice)}[/]", highlight=False, soft_wrap=True)


def fail(message: str, advice: str) -> NoReturn:
    """End the command: what is wrong, and what to do about it."""
    raise Invalid(message, remedy=advice)


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A bar with count and time left, driven by (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        task = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def stages() -> Iterator[tuple[Callable[[str], None], Progress]]:
    """What long work is at, told by name; and count, rate and time left of the one that is counted."""
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"每秒 {task.speed:.0f} 条" if task.speed and not task.finished else "")

    class Count(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{int(task.completed):,}/{int(task.total):,}" if task.total else "")

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), Count(), Speed(), TimeRemainingColumn())
    with Bars(*columns, console=err, transient=True) as bars:
        task = bars.add_task("", total=None)

        def enter(label: str) -> None:
            bars.reset(task, description=label, total=None)

        yield enter, lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C was pressed: the work is asked to stop where it can be taken up again. A second one ends at once."""
    pressed = threading.Event()

    def press(*_: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)
        err.print("[dim]正在停下来……[/]", highlight=False)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def steps() -> Iterator[Callable[[str], Progress]]:
    """A bar for each step, when it is named; lines where nobody watches a terminal."""
    from rich.progress import Progress as Bars

    if not err.is_terminal:
        yield _in_lines
        return

    with Bars(console=err, transient=True) as bars:

        def say(label: str) -> Progress:
            task = bars.add_task(label, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield say


def _in_lines(label: str) -> Progress:
    """A step in a log: a line when it begins and when it ends, and twice a minute how far it is."""
    began = told = time.monotonic()
    err.print(f"{label}……", highlight=False)

    def report(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if done >= total:
            err.print(f"{label}：{total:,}，{now - began:.0f} 秒", highlight=False)
        elif now - told >= _TELL_S:
            told = now
            err.print(f"{label}：{done:,}/{total:,}", highlight=False)

    return report
