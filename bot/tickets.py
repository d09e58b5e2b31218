"""Tickets: one-use, short-lived ways in, so that a host's server can log its agent in without the key reaching a page.

They live in memory only: a restart ends them, and a minute later they would have ended anyway.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from kb.errors import Busy, Unauthorised
from kb.store.grant import Grant

LIFETIME_S = 60
_MOST = 10_000


class Tickets:
    """Ticket → grant, until it is used or ends. Safe to call from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, tuple[Grant, float]] = {}  # in order of their ends: all live equally long
        self._changing = threading.Lock()

    def issue(self, grant: Grant) -> str:
        """A ticket for what this grant allows. Raises Busy when thousands are waiting to be used."""
        ticket = "ht_" + secrets.token_urlsafe(32)
        with self._changing:
            self._drop_ended()
            if len(self._open) >= _MOST:
                raise Busy("还没用掉的票据太多。")
            self._open[ticket] = grant, self._clock() + LIFETIME_S
        return ticket

    def redeem(self, ticket: str) -> Grant:
        """What the ticket allows; it is void from now on. Raises Unauthorised when it is unknown, used or too old."""
        with self._changing:
            grant, ends = self._open.pop(ticket, (None, 0.0))
        if grant is None or ends <= self._clock():
            raise Unauthorised("登录票据已经用过或已过期。", remedy="请刷新外层页面，让它再要一张。")
        return grant

    def _drop_ended(self) -> None:
        now = self._clock()
        for ticket, (_, ends) in list(self._open.items()):
            if ends > now:
                return
            del self._open[ticket]
