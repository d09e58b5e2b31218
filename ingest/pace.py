"""How far an import is: the stages it goes through, and how fast the long one goes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from kb.errors import Cancelled
from kb.vectorise import Progress, Stopped

_LOOK_BACK_S = 20.0  # the rate is that of the last while: agents who ask take the model away for some time


class Stage(StrEnum):
    """What an import is at, in this order. Nothing of its file is written before the last."""

    READING = "reading"
    COMPARING = "comparing"
    EMBEDDING = "embedding"
    WRITING = "writing"


STAGE_LABELS = {
    Stage.READING: "读取",
    Stage.COMPARING: "比对",
    Stage.EMBEDDING: "生成向量",
    Stage.WRITING: "写入",
}


def unwatched(*_: object) -> None:
    """For whoever need not be told."""


@dataclass(frozen=True, slots=True)
class Course:
    """Who follows an import: told what it is at, and asked whether to go on."""

    at: Callable[[Stage], None]
    progress: Progress
    stopped: Stopped

    def enter(self, stage: Stage) -> None:
        """Begin a stage. Raises Cancelled instead when the import was stopped."""
        self.go_on()
        self.at(stage)

    def go_on(self) -> None:
        if self.stopped():
            raise Cancelled("导入已取消，什么都没有写入。")


@dataclass(slots=True)
class Pace:
    """Work done so far, its rate over the last while and the time left. Times are seconds on `time.monotonic`."""

    done: int = 0
    total: int = 0
    _marks: deque[tuple[float, int]] = field(default_factory=deque)  # (when, done), the oldest first

    def at(self, done: int, total: int, now: float | None = None) -> None:
        now = time.monotonic() if now is None else now
        self.done, self.total = done, total
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[1][0] > _LOOK_BACK_S:
            self._marks.popleft()

    @property
    def rate(self) -> float | None:
        """Texts a second; None until something was done."""
        if len(self._marks) < 2:
            return None
        (began, first), (ended, last) = self._marks[0], self._marks[-1]
        return (last - first) / (ended - began) if last > first and ended > began else None

    @property
    def left_s(self) -> float | None:
        """Seconds until the rest is done, at this rate; None while that cannot be told."""
        rate = self.rate  # once: another thread goes on meanwhile
        return None if rate is None else (self.total - self.done) / rate
