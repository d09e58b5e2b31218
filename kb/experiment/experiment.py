"""What an experiment is: a treatment, the units that get it or do not, in which shops, since when and for how many."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.experiment.shifts import USUAL, Shifts


class Treatment(StrEnum):
    """What the control arm goes without."""

    UPSELL = "upsell"  # no offer beside the answers
    ASSIST = "assist"  # no suggestion at all: the agent answers alone

    @property
    def label(self) -> str:
        return {"upsell": "加购推荐", "assist": "全部推荐"}[self]


class Unit(StrEnum):
    """What is assigned as a whole."""

    CONVERSATION = "conversation"
    AGENT_SHIFT = "agent-shift"
    MERCHANT = "merchant"

    @property
    def label(self) -> str:
        return {"conversation": "按会话", "agent-shift": "按客服的一个班", "merchant": "按店铺"}[self]


class Stage(StrEnum):
    """A draft assigns nobody; what has stopped stays stopped."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        return {"draft": "草稿", "running": "进行中", "stopped": "已停止"}[self]


class Arm(StrEnum):
    TREATMENT = "treatment"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Ramp:
    """From this moment (unix seconds) this share of the units, in [0, 1], is to be treated."""

    at: int
    share: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment. The salt makes its arms independent of every other's, so it is never used twice."""

    id: str
    title: str
    treatment: Treatment
    unit: Unit
    shops: tuple[str, ...]
    salt: str
    ramps: tuple[Ramp, ...]  # oldest first; the first is of the draft, or of the start
    shifts: Shifts = USUAL
    stage: Stage = Stage.DRAFT
    created_at: int = 0
    started_at: int | None = None
    stopped_at: int | None = None

    @property
    def share(self) -> float:
        """The share of the units that is treated now."""
        return self.ramps[-1].share

    def share_at(self, at: int) -> float:
        """The share that was in force at a moment; before the first ramp, the first."""
        return next((ramp.share for ramp in reversed(self.ramps) if ramp.at <= at), self.ramps[0].share)
