"""The simulated month: its truth, and whether plain methods and the KPI formulas find it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import huashu
from eval.kpi.book import open_book
from eval.kpi.formulas import compute
from eval.kpi.log import read_log
from eval.kpi.rules import read_rules
from eval.month.draw import Month, Unit, draw
from eval.month.simulate import simulate
from eval.month.truth import population, sample
from eval.month.world import World, read_world
from eval.rows.reading import read_rows
from kb.errors import Invalid

WORLD = read_world()
DEMO = Path(__file__).resolve().parents[2] / "demo"
SMALL = WORLD.smaller(days=6, share=0.4)


def test_population_truth_is_what_many_months_come_to() -> None:
    """The exact sum against the mean of 400,000 simulated conversations: within four standard errors."""
    many = replace(WORLD, shops=tuple(replace(shop, a_day=shop.a_day * 35) for shop in WORLD.shops))
    month, told = draw(many, 7), population(WORLD)
    kept = month.paid0 / 100 * ~month.refund
    more = month.paid1 / 100 * ~month.refund * month.y1 - kept * month.y0
    for name, value, spread in (
        ("conversion", sample(month)["conversion"]["effect"], (month.y1.astype(float) - month.y0).std()),
        ("net", sample(month)["net"]["effect"], more.std()),
    ):
        assert value == pytest.approx(told[name]["effect"], abs=4 * spread / len(month) ** 0.5)
    assert sample(month)["order_value"]["control"] == pytest.approx(told["order_value"]["control"], rel=0.01)


def test_shops_make_up_the_whole() -> None:
    traffic = {shop.slug: shop.a_day for shop in WORLD.shops}
    whole = population(WORLD)["net"]["effect"]
    parts = sum(population(WORLD, slug)["net"]["effect"] * share for slug, share in traffic.items()) / sum(
        traffic.values()
    )
    assert parts == pytest.approx(whole)


def test_a_world_without_effect_has_none() -> None:
    for told in (population(WORLD.without_effect()), sample(draw(WORLD.without_effect(), 3))):
        assert {name: one["effect"] for name, one in told.items()} == dict.fromkeys(told, 0.0)


def test_chances_are_never_cut_off(tmp_path: Path) -> None:
    """Then the sum would not be the truth."""
    shipped = (DEMO.parent / "eval" / "month" / "world.toml").read_text(encoding="utf-8")
    (tmp_path / "world.toml").write_text(
        shipped.replace("returning_conversion = 0.07", "returning_conversion = 0.5"), encoding="utf-8"
    )
    with pytest.raises(Invalid):
        read_world(tmp_path / "world.toml")


def test_potential_outcomes_differ_only_where_an_offer_was_due() -> None:
    month = draw(SMALL, 5)
    same = ~month.exposed
    assert (month.y0[same] == month.y1[same]).all() and (month.paid0[same] == month.paid1[same]).all()
    assert (month.y1 >= month.y0).all() and (month.paid1 >= month.paid0).all()
    assert (month.converted == np.where(month.treated, month.y1, month.y0)).all()


@pytest.mark.parametrize("unit", list(Unit))
def test_a_unit_has_one_arm(unit: Unit) -> None:
    month = draw(SMALL, 5, unit)
    arms = {unit: set() for unit in month.units.tolist()}
    for name, treated in zip(month.units.tolist(), month.treated.tolist(), strict=True):
        arms[name].add(treated)
    assert all(len(arm) == 1 for arm in arms.values())
    assert set(month.treated.tolist()) == {True, False}


def intervals(month: Month, treated: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    found = stats.ttest_ind(values[treated], values[~treated], equal_var=False).confidence_interval()
    return float(found.low), float(found.high)


def test_welch_covers_the_truth_at_its_nominal_rate() -> None:
    """200 small months: a 95 % interval misses 10 on average; from 2 to 21 with a chance of 99.8 %."""
    truth = population(SMALL)
    missed = {"conversion": 0, "net": 0, "null": 0}
    for seed in range(200):
        month = draw(SMALL, seed)
        net = (month.paid - month.refunded) / 100
        for name, treated, values, told in (
            ("conversion", month.treated, month.converted.astype(float), truth["conversion"]["effect"]),
            ("net", month.treated, net, truth["net"]["effect"]),
            ("null", month.null_treated, net, 0.0),
        ):
            low, high = intervals(month, treated, values)
            missed[name] += not low <= told <= high
    assert all(2 <= count <= 21 for count in missed.values()), missed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("month")
    simulate(small_world(), made, DEMO, 11)
    return made


def small_world() -> World:
    return WORLD.smaller(days=4, share=0.3)


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    simulate(small_world(), tmp_path, DEMO, 11)
    names = ("rows.csv", "rows_null.csv", "log.jsonl", "truth.json")
    assert all((tmp_path / name).read_bytes() == (folder / name).read_bytes() for name in names)


def test_rows_and_truth_tell_of_the_same_month(folder: Path) -> None:
    month, rows = draw(small_world(), 11), read_rows(folder / "rows.csv")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert truth["conversations"] == len(rows) == len(month)
    assert rows.number("converted").sum() == month.converted.sum()
    assert rows.net().sum() == pytest.approx((month.paid - month.refunded).sum() / 100)
    assert truth["treated"] == rows.text("arm").is_("treatment").sum()


def test_the_log_tells_the_same_sales_and_replies_as_the_rows(folder: Path) -> None:
    """Two paths to one figure: conversations drawn as columns, and their messages read by the KPI formulas."""
    month, world = draw(small_world(), 11), small_world()
    last = world.first_day.replace(day=world.days).isoformat()
    book = open_book(read_log(folder / "log.jsonl"), read_rules()).part(days=(world.first_day.isoformat(), last))
    found = compute(book)
    assert found["sales_paid"].value == pytest.approx(month.paid.sum() / 100)
    assert found["sales_net"].value == pytest.approx((month.paid - month.refunded).sum() / 100)
    buyers = sum(1 for sale in book.sales if sale.session)
    assert buyers == month.converted.sum()
    firsts = [wait.took_ms for one in book.sessions for wait in one.waits if wait.first and one.scene != "售中"]
    told = month.reply_s[month.scene != 1]
    assert sorted(took for took in firsts if took is not None) == sorted((told[~np.isnan(told)] * 1000).astype(int))


def test_the_command_writes_a_month(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        huashu.app, ["eval", "simulate", "--out", str(tmp_path), "--days", "2", "--unit", "agent-shift"]
    )
    assert ran.exit_code == 0 and (tmp_path / "truth.json").exists()
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["unit"] == "agent-shift"
