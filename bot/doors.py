"""What stands at the door of the app: the access table, and how often somebody may knock."""

from __future__ import annotations

from dataclasses import dataclass, field

from anyio import CapacityLimiter

from bot.attempts import Attempts
from bot.rate import Rate
from bot.settings import Settings
from bot.table import Table, table


@dataclass(slots=True)
class Doors:
    """One per app."""

    table: Table
    rate: Rate  # by credential
    attempts: Attempts
    turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))  # of those who log in

    @classmethod
    def of(cls, settings: Settings) -> Doors:
        return cls(table(), Rate(settings.requests_per_minute), Attempts(settings.wrong_logins_per_minute))
