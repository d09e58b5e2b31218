"""What a shop could learn, with the evidence, and what a trainer says to it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bot.shapes.base import Reply, Request
from kb.learning.trial import Judged, Trial, Verdict
from kb.model import Polarity


class TrialOut(Reply):
    """The gold messages before and after: how many are answered right, and to how many that must be refused an answer
    is put forward. `lost` are messages that would be answered worse."""

    answerable: int
    right_before: int
    right_after: int
    refused: int
    offered_before: int
    offered_after: int
    lost: list[str]

    @classmethod
    def of(cls, trial: Trial) -> Self:
        return cls(
            answerable=trial.answerable,
            right_before=trial.right_before,
            right_after=trial.right_after,
            refused=trial.refused,
            offered_before=trial.offered_before,
            offered_after=trial.offered_after,
            lost=list(trial.lost),
        )


class ProposalOut(Reply):
    id: str
    entry: str
    title: str
    text: str
    polarity: Polarity
    support: int
    against: int
    agents: int
    last_seen: int
    verdict: Verdict
    trial: TrialOut | None

    @classmethod
    def of(cls, judged: Judged, title: str) -> Self:
        proposal = judged.proposal
        return cls(
            id=proposal.id,
            entry=proposal.entry,
            title=title,
            text=proposal.text,
            polarity=proposal.polarity,
            support=proposal.support,
            against=proposal.against,
            agents=proposal.agents,
            last_seen=proposal.last_seen,
            verdict=judged.verdict,
            trial=TrialOut.of(judged.trial) if judged.trial else None,
        )


class ProposalsOut(Reply):
    """`total` counts all that wait, `gold` the messages that judge them (0: every verdict is open)."""

    total: int
    gold: int
    proposals: list[ProposalOut]


class DecisionIn(Request):
    ids: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(min_length=1, max_length=200)]


class DecisionOut(Reply):
    """`decided` were new; the others had been decided this way already."""

    decided: int
    generation: int
