"""Wrong passwords make one wait: longer with each, for the name as it is tried from one address, and a little for the name.

A try counts before it is known to be wrong, so that many at once are no way around; a right one takes the count back. The
wait for a name from everywhere is short and late, so that nobody is locked out for long by a stranger who knows it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from bot.rate import Rate
from kb.errors import TooMany
from kb.store.people import folded

_FORGOTTEN_S = 900.0  # after the last wrong one
_KEPT = 10_000
_DOUBLED = 30  # times at the most: somebody who goes on for days must not run into the end of the numbers


@dataclass(slots=True)
class _Tries:
    count: int = 0
    last: float = 0.0
    until: float = 0.0


class Backoff:
    """`free` tries, then a wait that doubles with each further one: 1 s, 2 s … `most_s`."""

    def __init__(self, free: int, most_s: float) -> None:
        self._free, self._most_s = free, most_s
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, who: str) -> float:
        """The seconds that are left of a wait."""
        tries = self._tries.get(who)
        return max(0.0, tries.until - time.monotonic()) if tries else 0.0

    def count(self, who: str) -> None:
        """One more, not known to be right."""
        now = time.monotonic()
        tries = self._tries.pop(who, None)
        if tries is None or now - tries.last > _FORGOTTEN_S:
            tries = _Tries()
        tries.count, tries.last = tries.count + 1, now
        if tries.count >= self._free:
            doubled = 2.0 ** min(tries.count - self._free, _DOUBLED)
            tries.until = now + min(doubled, self._most_s)
        self._tries[who] = tries
        if len(self._tries) > _KEPT:
            self._tries.popitem(last=False)

    def forget(self, who: str) -> None:
        self._tries.pop(who, None)


class Attempts:
    """The tries to log in: by name and address, by name, and by address."""

    def __init__(self, wrong_per_minute: int) -> None:
        self._here = Backoff(5, 300.0)
        self._anywhere = Backoff(50, 30.0)
        self._address = Rate(wrong_per_minute)

    def enter(self, name: str, address: str) -> None:
        """Count a try ("" for the name: with a key). Raises TooMany, and counts nothing, while one has to wait."""
        who, here = folded(name), f"{address} {folded(name)}"
        wait = max(self._here.wait(here), self._anywhere.wait(who)) if who else 0.0
        wait = wait or self._address.wait(address)
        if wait:
            raise TooMany("试错的次数太多，暂时不能登录。", remedy=_remedy(wait), retry_s=wait)
        if who:
            self._here.count(here)
            self._anywhere.count(who)

    def right(self, name: str, address: str) -> None:
        """The try was good: it does not count, and what came before is forgotten."""
        self._address.give_back(address)
        self._here.forget(f"{address} {folded(name)}")
        self._anywhere.forget(folded(name))


def _remedy(wait_s: float) -> str:
    wait = f"{wait_s / 60:.0f} 分钟" if wait_s >= 90 else f"{max(1, round(wait_s))} 秒"
    return f"请 {wait}后再试；忘了密码请管理员重设。"
