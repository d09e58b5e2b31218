"""Experiments over HTTP."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bot.shapes.base import Reply, Request
from kb.experiment.experiment import Arm, Experiment, Stage, Treatment, Unit

Share = Annotated[float, Field(ge=0, le=1, description="有推荐的一组占多少，0 到 1")]


class ExperimentIn(Request):
    id: Annotated[str, StringConstraints(max_length=40)] = Field(description="代号：小写字母、数字、减号")
    title: Annotated[str, StringConstraints(max_length=100)] = ""
    treatment: Treatment = Field(description="对照组没有什么：upsell 加购推荐、assist 全部推荐")
    unit: Unit = Unit.CONVERSATION
    shops: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(min_length=1, max_length=1000)]
    share: Share = 0.5
    shifts: Annotated[str, StringConstraints(max_length=200)] = Field("", description="班次，如 白班=08:00,晚班=20:00")

    start: bool = Field(True, description="马上开始；false 只存成草稿")


class ShareIn(Request):
    share: Share


class RampOut(Reply):
    at: int
    share: float


class CountOut(Reply):
    """Conversations on which the experiment could act, by the arm that each met first."""

    arm: Arm
    conversations: int
    contaminated: int = Field(description="其中后来又进过另一组的")


class ExperimentOut(Reply):
    """The salt is not in it: with it, the arm of a conversation could be told before it begins."""

    id: str
    title: str
    treatment: Treatment
    unit: Unit
    shops: list[str]
    stage: Stage
    share: float
    ramps: list[RampOut]
    shifts: str
    created_at: int
    started_at: int | None
    stopped_at: int | None
    counts: list[CountOut] = Field(description="空：有店铺的数据读不出来")

    @classmethod
    def of(cls, one: Experiment, counts: dict[Arm, tuple[int, int]]) -> Self:
        return cls(
            id=one.id,
            title=one.title,
            treatment=one.treatment,
            unit=one.unit,
            shops=list(one.shops),
            stage=one.stage,
            share=one.share,
            ramps=[RampOut(at=ramp.at, share=ramp.share) for ramp in one.ramps],
            shifts=str(one.shifts),
            created_at=one.created_at,
            started_at=one.started_at,
            stopped_at=one.stopped_at,
            counts=[CountOut(arm=arm, conversations=n, contaminated=mixed) for arm, (n, mixed) in counts.items()],
        )


class ExperimentsOut(Reply):
    experiments: list[ExperimentOut]
