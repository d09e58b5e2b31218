"""Which arm a unit is in: decided by a hash, stored nowhere, the same on every machine and after every restart.

    place = first 53 bits of SHA-256(salt, line feed, unit id) / 2^53, in [0, 1)
    treated where place < share

A unit's place never changes, so raising the share moves units from control to treatment only, and never back (Kohavi, Tang &
Xu 2020, *Trustworthy Online Controlled Experiments*, ch. 4: variant assignment; ch. 15: ramping). Two experiments have two salts, hence
independent places.
"""

from __future__ import annotations

import hashlib

from kb.experiment.experiment import Arm, Experiment, Unit

_UNUSED = 64 - 53  # bits of eight bytes beyond those that a double holds exactly
_SPAN = float(1 << 53)


def place(salt: str, unit: str) -> float:
    """Where a unit stands in [0, 1)."""
    first = hashlib.sha256(f"{salt}\n{unit}".encode()).digest()[:8]
    return (int.from_bytes(first) >> _UNUSED) / _SPAN


def arm(experiment: Experiment, unit: str, at: int) -> Arm:
    """The arm of a unit at a moment (unix seconds), by the share that was in force."""
    treated = place(experiment.salt, unit) < experiment.share_at(at)
    return Arm.TREATMENT if treated else Arm.CONTROL


def unit_id(experiment: Experiment, *, shop: str, conversation: str, agent: str, at: int) -> str:
    """The id of the unit that something belongs to; "" where that is not known (nobody serves the conversation yet).

    A conversation's id is unique within its shop only. An agent's shift counts as one over all shops: an agent who serves
    twenty of them at once cannot work with and without the bot in the same minute.
    """
    match experiment.unit:
        case Unit.CONVERSATION:
            return f"{shop}/{conversation}"
        case Unit.AGENT_SHIFT:
            return f"{agent}/{experiment.shifts.of(at)}" if agent else ""
        case Unit.MERCHANT:
            return shop
