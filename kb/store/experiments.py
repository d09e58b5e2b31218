"""Experiments in the hub's file: defined, started, ramped, stopped, each on the record with its change.

The command line writes here beside a running service, as it does people and keys: the service sees it within a second.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlite_utils import Database

from kb.errors import Conflict, NotFound
from kb.experiment import stages
from kb.experiment.experiment import Experiment, Ramp, Stage, Treatment, Unit
from kb.experiment.shifts import read_shifts
from kb.store import audit
from kb.store.audit import Deed
from kb.store.grant import CONSOLE, Actor
from kb.store.keys import check_shops

T = TypeVar("T")


class Experiments:
    """The experiments of one data folder."""

    def __init__(
        self,
        write: Callable[[Callable[[Database], Any]], Any],
        read: Callable[[], AbstractContextManager[Database]],
    ) -> None:
        self._write, self._read = write, read

    def all(self, shops: Collection[str] | None = None) -> list[Experiment]:
        """Every experiment, oldest first; or those that are in these shops and no other."""
        with self._read() as db:
            found = _all(db)
        return [one for one in found if shops is None or set(one.shops) <= set(shops)]

    def get(self, id: str, shops: Collection[str] | None = None) -> Experiment:
        """Raises NotFound, for one that is in other shops too as for one that is not."""
        found = next((one for one in self.all(shops) if one.id == id), None)
        if found is None:
            raise _unknown(id)
        return found

    def running(self) -> list[Experiment]:
        with self._read() as db:
            return _all(db, "WHERE stage = 'running'")

    def add(self, one: Experiment, *, start: bool = False, by: Actor = CONSOLE) -> Experiment:
        """Store a draft (`kb.experiment.stages.draft`), and `start` it or store nothing. Raises Conflict for an id that is
        taken, NotFound for an unknown shop, and as `start`."""

        def change(db: Database) -> Experiment:
            check_shops(db, one.shops)
            if db.conn.execute("SELECT 1 FROM experiments WHERE id = ?", [one.id]).fetchone():
                raise Conflict(
                    f"实验代号“{one.id}”已经用过了。", remedy="请换一个代号；现有实验见 huashu experiment list。"
                )
            if start:
                return _start(db, one, one.created_at, by)
            return _put(db, one, by, "experiment.add", after=_said(one))

        return self._changed(change)

    def start(self, id: str, *, now: int, by: Actor = CONSOLE, shops: Collection[str] | None = None) -> Experiment:
        """See `kb.experiment.stages.start`; raises NotFound as `get` does."""
        return self._changed(lambda db: _start(db, _one(db, id, shops), now, by))

    def ramp(
        self, id: str, share: float, *, now: int, by: Actor = CONSOLE, shops: Collection[str] | None = None
    ) -> Experiment:
        def change(db: Database) -> Experiment:
            before = _one(db, id, shops)
            after = stages.ramp(before, share, now=now)
            if after == before:
                return before
            return _put(db, after, by, "experiment.ramp", before=_percent(before), after=_percent(after))

        return self._changed(change)

    def stop(self, id: str, *, now: int, by: Actor = CONSOLE, shops: Collection[str] | None = None) -> Experiment:
        def change(db: Database) -> Experiment:
            return _put(db, stages.stop(_one(db, id, shops), now=now), by, "experiment.stop")

        return self._changed(change)

    def _changed(self, change: Callable[[Database], Experiment]) -> Experiment:
        changed: Experiment = self._write(change)
        return changed


def _start(db: Database, one: Experiment, now: int, by: Actor) -> Experiment:
    started = stages.start(one, _all(db, "WHERE stage = 'running'"), now=now)
    return _put(db, started, by, "experiment.start", after=_said(started))


def _one(db: Database, id: str, shops: Collection[str] | None) -> Experiment:
    found = _all(db, "WHERE id = ?", [id])
    if not found or (shops is not None and not set(found[0].shops) <= set(shops)):
        raise _unknown(id)
    return found[0]


def _unknown(id: str) -> NotFound:
    return NotFound(f"没有实验“{id[:60]}”。", remedy="现有实验见 huashu experiment list。")


def _all(db: Database, where: str = "", values: Sequence[object] = ()) -> list[Experiment]:
    rows = list(db.query(f"SELECT * FROM experiments {where} ORDER BY rowid", list(values)))
    ramps: dict[str, list[Ramp]] = {}
    for id, at, share in db.conn.execute("SELECT experiment, at, share FROM ramps ORDER BY rowid"):
        ramps.setdefault(id, []).append(Ramp(at, share))
    return [_experiment(row, tuple(ramps[row["id"]])) for row in rows]


def _experiment(row: dict[str, Any], ramps: tuple[Ramp, ...]) -> Experiment:
    plain = {name: row[name] for name in ("id", "title", "salt", "created_at", "started_at", "stopped_at")}
    return Experiment(
        **plain,
        treatment=Treatment(row["treatment"]),
        unit=Unit(row["unit"]),
        shops=tuple(json.loads(row["shops"])),
        ramps=ramps,
        shifts=read_shifts(row["shifts"]),
        stage=Stage(row["stage"]),
    )


def _put(db: Database, one: Experiment, by: Actor, action: str, *, before: str = "", after: str = "") -> Experiment:
    """The experiment as it is now, and a row of the audit trail; under its shop where it has one only."""
    row = {
        "id": one.id,
        "title": one.title,
        "treatment": str(one.treatment),
        "unit": str(one.unit),
        "shops": json.dumps(one.shops),
        "salt": one.salt,
        "shifts": str(one.shifts),
        "stage": str(one.stage),
        "created_at": one.created_at,
        "started_at": one.started_at,
        "stopped_at": one.stopped_at,
    }
    db.table("experiments").upsert(row, pk="id")
    db.conn.execute("DELETE FROM ramps WHERE experiment = ?", [one.id])
    db.table("ramps").insert_all({"experiment": one.id, "at": r.at, "share": r.share} for r in one.ramps)
    shop = one.shops[0] if len(one.shops) == 1 else ""
    summary = one.title if shop else f"{one.title}：{'、'.join(one.shops)}"
    audit.append(db, by, Deed(action, shop, one.id, summary, before, after))
    return one


def _said(one: Experiment) -> str:
    return f"{one.treatment} {one.unit} {_percent(one)}"


def _percent(one: Experiment) -> str:
    return f"{one.share * 100:g}%"
