"""From draft to running to stopped, and the share on the way: the only changes that an experiment knows."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kb.errors import Conflict, Invalid
from kb.experiment.experiment import Experiment, Ramp, Stage, Treatment, Unit
from kb.experiment.shifts import USUAL, Shifts

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST_TITLE = 100  # characters


def draft(
    id: str, title: str, treatment: Treatment, unit: Unit, shops: Sequence[str], share: float, *, now: int,
    shifts: Shifts = USUAL,
) -> Experiment:  # fmt: skip
    """A new experiment that assigns nobody yet. Raises Invalid."""
    if not _ID.fullmatch(id):
        raise Invalid(f"实验代号“{id[:60]}”不合规。", remedy="请用小写字母、数字和减号，40 个字符以内。")
    if not shops:
        raise Invalid("没有写店铺。", remedy="请写明在哪几家店做实验。")
    if len(title) > _LONGEST_TITLE:
        raise Invalid(f"实验名称超过 {_LONGEST_TITLE} 个字符。", remedy="请写短一些。")
    if unit is Unit.MERCHANT and len(set(shops)) < 2:
        raise Invalid("按店铺分组至少要两家店。", remedy="只有一家店时，请按会话或按客服的一个班分组。")
    ramps = (Ramp(now, _share(share)),)
    return Experiment(
        id,
        title or id,
        treatment,
        unit,
        tuple(sorted(set(shops))),
        secrets.token_hex(16),
        ramps,
        shifts,
        created_at=now,
    )


def start(one: Experiment, running: Iterable[Experiment], *, now: int) -> Experiment:
    """Raises Conflict unless it is a draft, and where a shop has a running experiment with the same treatment: whose effect
    would it be?"""
    if one.stage is not Stage.DRAFT:
        raise Conflict(
            f"实验“{one.id}”{one.stage.label}，不能再开始。", remedy="要重做请另建一个实验，旧的数据照样能导出。"
        )
    for other in running:
        if other.treatment is one.treatment and (shared := sorted(set(other.shops) & set(one.shops))):
            raise Conflict(
                f"店铺 {'、'.join(shared)} 正在做“{one.treatment.label}”的实验“{other.id}”，同一家店不能同时做两个。",
                remedy=f"请先停止“{other.id}”，或换一家店。",
            )
    return replace(one, stage=Stage.RUNNING, started_at=now, ramps=(Ramp(now, one.share),))


def ramp(one: Experiment, share: float, *, now: int) -> Experiment:
    """Another share from now on; the same one again changes nothing. Raises Invalid, and Conflict unless it runs."""
    share = _share(share)
    if one.stage is not Stage.RUNNING:
        raise Conflict(f"实验“{one.id}”{one.stage.label}，不能调整比例。", remedy="只有进行中的实验可以调整比例。")
    if share == one.share:
        return one
    return replace(one, ramps=(*one.ramps, Ramp(max(now, one.ramps[-1].at), share)))


def stop(one: Experiment, *, now: int) -> Experiment:
    """From now on everybody is treated. Raises Conflict unless it runs."""
    if one.stage is not Stage.RUNNING:
        raise Conflict(
            f"实验“{one.id}”{one.stage.label}，没有可停止的。", remedy="进行中的实验见 huashu experiment list。"
        )
    return replace(one, stage=Stage.STOPPED, stopped_at=max(now, one.started_at or now))


def _share(share: float) -> float:
    if not (math.isfinite(share) and 0 <= share <= 1):
        raise Invalid("比例要在 0 和 100% 之间。", remedy="一半对一半时最省时间：写 50。")
    return share
