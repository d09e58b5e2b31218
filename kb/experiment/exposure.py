"""That a treatment could act on a conversation: the moment from which on it counts."""

from __future__ import annotations

from dataclasses import dataclass

from kb.experiment.experiment import Arm


@dataclass(frozen=True, slots=True)
class Exposure:
    """The first time that something was asked for a conversation while an experiment ran, in either arm alike.

    `mixed_at` is when the conversation first met the other arm as well, because of `mixed_by`, the unit that was in it: an
    agent of the other arm took over, the shift ended, or the share was changed (then `mixed_by` is `unit` itself).
    """

    experiment: str
    conversation: str
    arm: Arm
    unit: str
    agent: str  # id of who served it or asked; "": nobody yet
    at: int  # unix seconds
    mixed_at: int | None = None
    mixed_by: str = ""
