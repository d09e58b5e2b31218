"""Experiments in the hub and exposures in a shop's file: once, on the record, seen by a service that runs beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.errors import Conflict, NotFound
from kb.experiment.experiment import Arm, Experiment, Stage, Treatment, Unit
from kb.experiment.exposure import Exposure
from kb.experiment.stages import draft
from kb.store.folder import DataFolder, open_hub
from kb.store.grant import Actor
from kb.store.hub import Hub
from kb.store.merchant import MerchantStore

BOSS = Actor("u_1", "老板")


def made(
    id: str = "x", shops: tuple[str, ...] = ("a",), treatment: Treatment = Treatment.UPSELL, share: float = 0.5
) -> Experiment:
    return draft(id, "双十一前的对照", treatment, Unit.CONVERSATION, shops, share, now=100)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with open_hub(tmp_path / "data") as hub:
        for slug in ("a", "b"):
            hub.add_merchant(slug, slug)
        yield hub


def test_what_is_stored_comes_back_whole(hub: Hub) -> None:
    one = made(shops=("a", "b"))
    assert hub.experiments.add(one) == one == hub.experiments.get("x")
    running = hub.experiments.start("x", now=200)
    assert running.stage is Stage.RUNNING and hub.experiments.get("x") == running
    wider = hub.experiments.ramp("x", 0.75, now=300)
    assert hub.experiments.get("x") == wider and [r.share for r in wider.ramps] == [0.5, 0.75]
    assert hub.experiments.get("x").salt == one.salt
    ended = hub.experiments.stop("x", now=400)
    assert hub.experiments.all() == [ended] and hub.experiments.running() == []


def test_every_change_is_on_the_record_once_with_who_made_it(hub: Hub) -> None:
    hub.experiments.add(made(), by=BOSS)
    hub.experiments.start("x", now=1, by=BOSS)
    hub.experiments.ramp("x", 0.9, now=2, by=BOSS)
    hub.experiments.ramp("x", 0.9, now=3, by=BOSS)  # changes nothing
    hub.experiments.stop("x", now=4, by=BOSS)
    rows = [row for row in reversed(hub.audit(shops=["a"])) if row.action.startswith("experiment")]
    assert [(row.action, row.actor, row.subject, row.before, row.after) for row in rows] == [
        ("experiment.add", "u_1", "x", "", "upsell conversation 50%"),
        ("experiment.start", "u_1", "x", "", "upsell conversation 50%"),
        ("experiment.ramp", "u_1", "x", "50%", "90%"),
        ("experiment.stop", "u_1", "x", "", ""),
    ]
    assert hub.verify_audit().broken == ""


def test_a_second_one_on_the_same_shop_is_refused_and_leaves_nothing(hub: Hub) -> None:
    hub.experiments.add(made(), start=True)
    before = len(hub.audit())
    with pytest.raises(Conflict, match="同一家店不能同时做两个"):
        hub.experiments.add(made("y", ("a", "b")), start=True)
    assert [one.id for one in hub.experiments.all()] == ["x"] and len(hub.audit()) == before
    hub.experiments.add(made("y", ("b",)), start=True)
    hub.experiments.add(made("z", ("a",), Treatment.ASSIST), start=True)
    hub.experiments.stop("x", now=200)
    hub.experiments.add(made("w"), start=True)


def test_of_many_who_start_one_at_once_one_gets_it(hub: Hub) -> None:
    for number in range(8):
        hub.experiments.add(made(f"x{number}"))
    refused: list[str] = []

    def begin(number: int) -> None:
        try:
            hub.experiments.start(f"x{number}", now=1)
        except Conflict as error:
            refused.append(error.message)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7 and len(hub.experiments.running()) == 1


def test_an_id_is_used_once_and_a_shop_must_be_there(hub: Hub) -> None:
    hub.experiments.add(made())
    with pytest.raises(Conflict, match="已经用过"):
        hub.experiments.add(made())
    with pytest.raises(NotFound):
        hub.experiments.add(made("y", ("nowhere",)))
    assert [one.id for one in hub.experiments.all()] == ["x"]


def test_who_has_not_all_its_shops_does_not_know_of_it(hub: Hub) -> None:
    hub.experiments.add(made(shops=("a", "b")))
    hub.experiments.add(made("mine"))
    assert [one.id for one in hub.experiments.all(["a"])] == ["mine"]
    messages = set()
    for call in (
        lambda id: hub.experiments.get(id, ["a"]), lambda id: hub.experiments.start(id, now=1, shops=["a"]),
        lambda id: hub.experiments.ramp(id, 1, now=1, shops=["a"]), lambda id: hub.experiments.stop(id, now=1, shops=["a"]),
    ):  # fmt: skip
        for id in ("x", "y"):
            with pytest.raises(NotFound) as refused:
                call(id)
            messages.add(refused.value.message.replace(id, "…"))
    assert messages == {"没有实验“…”。"}


def test_a_service_sees_what_the_command_line_starts_beside_it(hub: Hub, tmp_path: Path) -> None:
    assert hub.running("a") == ()
    with open_hub(tmp_path / "data") as beside:
        one = beside.experiments.add(made(), start=True)
        ends = time.monotonic() + 10
        while hub.running("a") != (one,) and time.monotonic() < ends:
            time.sleep(0.01)
        assert hub.running("a") == (one,) and hub.running("b") == ()
    hub.experiments.stop("x", now=200)
    assert hub.running("a") == ()  # one's own change at once


# -- exposures


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MerchantStore]:
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("a", "a")
        yield folder.merchant("a")


FIRST = Exposure("x", "c1", Arm.CONTROL, "k_1/2026-11-03/白班", "k_1", 100)


def test_an_exposure_is_stored_once_however_often_it_happens(store: MerchantStore) -> None:
    assert store.expose(FIRST)
    assert not store.expose(replace(FIRST, at=200))
    assert store.exposures("x") == [FIRST] and store.exposures("y") == []


def test_once_too_when_many_are_first(store: MerchantStore) -> None:
    new: list[bool] = []
    gate = threading.Barrier(12)

    def run(number: int) -> None:
        gate.wait()
        new.append(store.expose(replace(FIRST, at=100 + number)))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 11 + [True] and len(store.exposures("x")) == 1


def test_who_meets_the_other_arm_is_counted_once_and_keeps_the_first_arm(store: MerchantStore) -> None:
    store.expose(FIRST)
    other = replace(FIRST, arm=Arm.TREATMENT, unit="k_2/2026-11-03/白班", agent="k_2", at=150)
    assert store.expose(other)
    assert not store.expose(replace(other, at=160)) and not store.expose(replace(other, unit="k_3", at=170))
    assert store.exposures("x") == [replace(FIRST, mixed_at=150, mixed_by="k_2/2026-11-03/白班")]
    store.expose(Exposure("x", "c2", Arm.TREATMENT, "u", "", 10))
    assert store.exposed("x") == {Arm.TREATMENT: (1, 0), Arm.CONTROL: (1, 1)}
    assert store.exposed("never") == {Arm.TREATMENT: (0, 0), Arm.CONTROL: (0, 0)}


def test_what_is_known_costs_no_write(store: MerchantStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.expose(FIRST)
    monkeypatch.setattr(store._file, "write", lambda change: pytest.fail("written again"))
    assert not store.expose(FIRST)
