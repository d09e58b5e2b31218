"""When a conversation is asked about: at once for a buyer's first message, once more when a burst of them has ended.

People send one question in pieces, and hosts deliver pieces together. The first message of a conversation opens a window
and is asked at once; each further one within it moves its end, up to a bound, and what has come by then is asked as one.
Pure, in seconds of a clock that is given with every call: `bot.live.workers` runs it on threads.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count

QUIET_S = 0.08  # after the last piece of a burst; the merged answer is on the screen within 150 ms of it
LONGEST_S = 0.4  # after the first piece

Key = tuple[str, str]  # shop and conversation


@dataclass(slots=True)
class _Window:
    opened: float
    ends: float
    more: bool = False


class Bursts:
    """The open windows and what is to be asked when. Not locked: its caller is."""

    def __init__(self) -> None:
        self._windows: dict[Key, _Window] = {}
        self._agenda: list[tuple[float, int, Key, bool]] = []  # when, order, which, whether it is the window's end
        self._order = count()

    def __len__(self) -> int:
        return len(self._windows)

    def heard(self, key: Key, now: float) -> None:
        """A buyer's message came."""
        window = self._windows.get(key)
        if window is None:
            self._windows[key] = window = _Window(now, now + QUIET_S)
            self._note(now, key, ends=False)
            self._note(window.ends, key, ends=True)
        else:
            window.more = True
            window.ends = min(now + QUIET_S, window.opened + LONGEST_S)

    def due(self, now: float) -> Key | None:
        """The next conversation to ask about; None where none is due yet."""
        while self._agenda and self._agenda[0][0] <= now:
            _, _, key, ends = heapq.heappop(self._agenda)
            if not ends:
                return key
            window = self._windows[key]
            if window.ends > now:
                self._note(window.ends, key, ends=True)
                continue
            del self._windows[key]
            if window.more:
                return key
        return None

    def next_s(self, now: float) -> float | None:
        """How long until something is due; None where nothing will be."""
        return max(self._agenda[0][0] - now, 0.0) if self._agenda else None

    def _note(self, at: float, key: Key, *, ends: bool) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), key, ends))
