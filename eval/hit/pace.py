"""How long replying takes with a suggestion and without one: a model, stated so that it can be argued with.

    without a suggestion  the reply is typed: its characters ÷ typing pace, but never longer than the reply really took
                          where the log tells times (the rest of that was other chats, or looking things up)
    with one that does    reading down to it: characters of the suggestions ÷ reading pace, and one press of a key
    with none that does   typed all the same, after a glance at what was suggested

So a suggestion that does not fit costs time, and one that fits saves at most the typing. Looking up the answer elsewhere,
which a suggestion saves too, is not counted: nothing in a log shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

READING = 255.0  # characters a minute, read aloud: Trauzettel-Klosinski and Dietz, IReST, IOVS 53 (2012), Chinese
TYPING = 60.0  # characters a minute with a pinyin editor while chatting; assumed, not measured


@dataclass(frozen=True, slots=True)
class Pace:
    """Characters a minute, seconds."""

    reading: float = READING
    typing: float = TYPING
    press_s: float = 1.0
    glance_s: float = 2.0

    def saved(self, reply: str, offered: Sequence[str], place: int | None, took_s: float | None) -> float:
        """Seconds that the suggestions would have saved on this reply; negative where they only cost a glance.

        `place` is that of the suggestion that does (from 1), `took_s` the real time until the reply, where it is known.
        """
        if not offered:
            return 0.0
        if place is None:
            return -self.glance_s
        typed = len(reply) * 60 / self.typing
        without = typed if took_s is None else min(typed, took_s)
        return without - self.press_s - sum(map(len, offered[:place])) * 60 / self.reading
