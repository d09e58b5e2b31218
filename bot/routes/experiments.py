"""Experiments: a manager starts, ramps and stops them in the own shops, an admin in all."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from bot.access import AdminOffice, Office, service_of
from bot.shapes.experiments import ExperimentIn, ExperimentOut, ExperimentsOut, ShareIn
from kb.errors import NotFound
from kb.experiment.experiment import Arm, Experiment
from kb.experiment.shifts import USUAL, read_shifts
from kb.experiment.stages import draft
from kb.store.experiments import Experiments
from kb.store.folder import DataFolder
from kb.store.grant import Actor, Role

_log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1", tags=["实验"])

ExperimentId = Annotated[str, Path(max_length=40)]


@dataclass(frozen=True, slots=True)
class Bench:
    """The experiments that a caller may know of: those whose shops are all the caller's; an admin knows them all."""

    _office: Office
    _folder: DataFolder

    @property
    def experiments(self) -> Experiments:
        return self._office.hub.experiments

    @property
    def by(self) -> Actor:
        return self._office.by

    @property
    def shops(self) -> tuple[str, ...] | None:
        """None: all there are."""
        grant = self._office.grant
        return None if Role.ADMIN in grant.roles else grant.shops

    def shown(self, one: Experiment) -> ExperimentOut:
        try:
            return ExperimentOut.of(one, self._counts(one))
        except Exception:  # damage shows as anything; one shop that cannot be read must not hide the experiments
            _log.exception("the exposures of experiment %s could not be read", one.id)
            return ExperimentOut.of(one, {})

    def _counts(self, one: Experiment) -> dict[Arm, tuple[int, int]]:
        counts = dict.fromkeys(Arm, (0, 0))
        for shop in one.shops:
            for arm, (n, mixed) in self._folder.merchant(shop).exposed(one.id).items():
                counts[arm] = counts[arm][0] + n, counts[arm][1] + mixed
        return counts


async def _bench(request: Request, office: AdminOffice) -> Bench:
    return Bench(office, service_of(request).folder)


TheBench = Annotated[Bench, Depends(_bench)]


@router.get("/experiments", summary="实验：分组、比例、已有多少会话")
def list_experiments(bench: TheBench) -> ExperimentsOut:
    return ExperimentsOut(experiments=[bench.shown(one) for one in bench.experiments.all(bench.shops)])


@router.post("/experiments", status_code=201, summary="新建实验；同一家店不能同时有两个同样的实验")
def add_experiment(new: ExperimentIn, bench: TheBench) -> ExperimentOut:
    if bench.shops is not None and (foreign := sorted(set(new.shops) - set(bench.shops))):
        raise NotFound(f"没有店铺“{'、'.join(foreign)}”，没有建立。")  # as for a shop that is not there
    shifts = read_shifts(new.shifts) if new.shifts else USUAL
    made = draft(new.id, new.title, new.treatment, new.unit, new.shops, new.share, now=int(time.time()), shifts=shifts)
    return bench.shown(bench.experiments.add(made, start=new.start, by=bench.by))


@router.post("/experiments/{experiment}/start", summary="开始一个草稿")
def start_experiment(experiment: ExperimentId, bench: TheBench) -> ExperimentOut:
    now = int(time.time())
    return bench.shown(bench.experiments.start(experiment, now=now, by=bench.by, shops=bench.shops))


@router.post("/experiments/{experiment}/ramp", summary="调整比例；调高不会把有推荐的会话变成没有")
def ramp_experiment(experiment: ExperimentId, told: ShareIn, bench: TheBench) -> ExperimentOut:
    now = int(time.time())
    return bench.shown(bench.experiments.ramp(experiment, told.share, now=now, by=bench.by, shops=bench.shops))


@router.post("/experiments/{experiment}/stop", summary="停止；从此都有推荐，数据留着")
def stop_experiment(experiment: ExperimentId, bench: TheBench) -> ExperimentOut:
    now = int(time.time())
    return bench.shown(bench.experiments.stop(experiment, now=now, by=bench.by, shops=bench.shops))
