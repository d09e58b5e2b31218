"""From a file to the report: what page one says, when it refuses to, and that the same input gives the same bytes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from eval.paper.html import to_html
from eval.rows.reading import Named, read_rows
from eval.rows.rows import ConversationRow, rows_of, write_rows
from eval.uplift.analysis import Plan, analyse
from eval.uplift.effect import difference
from eval.uplift.lead import lead, p_text
from eval.uplift.rehearse import coverage, false_refusals, peeking, ratio_alarms
from eval.uplift.report import to_paper
from eval.uplift.sample import sample
from eval.uplift.trial import trial_of
from eval.uplift.words import WORDS
from huashu import app


def made(n: int = 6_000, *, effect: float = 0.06, shifts: bool = False, leak: float = 0.0) -> list[ConversationRow]:
    """Four weeks of one shop; with `shifts` a shift of fifty conversations is assigned at once."""
    rng = np.random.default_rng(11)
    rows, arms = [], rng.random(n) < 0.5
    for i in range(n):
        day = i * 28 // n
        unit = f"小林/{day}/{i // 50}" if shifts else f"c{i}"
        before = rng.gamma(2, 50)
        treated = bool(arms[i // 50] if shifts else arms[i] if not leak else rng.random() < 0.5 + leak * (before > 100))
        bought = int(rng.random() < 0.2 + effect * treated)
        paid = round(float(rng.lognormal(4, 0.5)), 2) if bought else 0.0
        refund = int(bought and rng.random() < 0.05)
        rows.append(
            ConversationRow(
                f"c{i}", "青萝", "小林", f"2026-11-{day + 1:02d}/白班", f"2026-11-{day + 1:02d}", 0, "推荐",
                "treatment" if treated else "control", unit, ("淘宝", "京东")[i % 2], "售前", ("新客", "老客")[i % 3 // 2],
                bought, paid, refund * paid, bought, None, round(before, 2), float(rng.exponential(20)),
                int(rng.random() < 0.01), refund, int(i % 5 > 0), int(i % 97 == 0),
            )
        )  # fmt: skip
    return rows


def said(rows: list[ConversationRow], lang: str = "zh", **plan: object) -> str:
    return "\n".join(lead(analyse(rows_of(rows, "会话.csv"), Plan(**plan)), lang))  # type: ignore[arg-type]


def test_the_check_of_four_shops_is_not_said_to_have_passed() -> None:
    rows = [replace(row, unit=f"店{i % 4}", arm=("control", "treatment")[i % 2]) for i, row in enumerate(made(400))]
    assert "只有 4 个分配单位，太少了，查不出" in said(rows) and "核对通过" not in said(rows)
    assert "no bias, however large, would be found" in said(rows, "en")


def test_page_one_says_what_was_earned_and_how_sure_that_is() -> None:
    text = said(made(effect=0.1))
    assert re.search(r"提升 \d+\.\d\d 个百分点（95% 区间 \d+\.\d\d 到 \d+\.\d\d）", text)
    assert "可以下结论：有提升，不是碰巧。天天来看也站得住。" in text
    assert re.search(r"一共多带来 [\d,]+ 元（已扣退款；95% 区间 [\d,]+ 元 到 [\d,]+ 元）", text)
    assert "客单价（每个成交会话，已扣退款）" in text and "看不出差别（相差的 95% 区间" in text
    assert "分组核对通过" in text and "没有副作用：" in text


def test_without_an_effect_page_one_says_how_many_more_it_takes() -> None:
    text = said(made(2_000, effect=0.0))
    assert "还不能下结论：区间里包含 0" in text and re.search(r"还要约 [\d,]+ 个会话", text)
    assert "有提升" not in text and "钱：还看不清" in text


def test_an_assignment_that_is_not_random_is_refused_without_a_figure() -> None:
    found = analyse(rows_of(made(leak=0.3)))
    assert found.refused and found.measured == ()
    paper = to_paper(found)
    assert paper.lead[0].startswith("不能下结论") and "before_paid" in paper.lead[1]
    assert "百分点" not in "".join(paper.lead) and paper.rows == []
    warned = analyse(rows_of(made(leak=0.3)), Plan(refuse=False))
    assert not warned.refused and lead(warned, "zh")[0].startswith("注意：分组核对没有通过")


def test_a_lost_arm_is_refused_unless_it_was_planned() -> None:
    rows = [row for i, row in enumerate(made()) if row.arm == "control" or i % 5 == 0]
    assert "各组的大小" not in said(rows) and "--shares" in said(rows)
    assert "分组核对通过" in said(rows, shares={"control": 5.0, "treatment": 1.0})


def test_the_split_is_checked_for_one_look_and_for_daily_ones() -> None:
    drifting = [row for i, row in enumerate(made()) if row.arm == "control" or i % 11]
    found = analyse(rows_of(drifting))
    # Doubted at this one look, as one in a hundred honest experiments would be, but nothing whoever looks daily may conclude from.
    assert found.ratio.p < 0.01 < found.ratio.p_always
    told = f"天天看也算数的检验：p={found.ratio.p_always:.2f}"
    assert told in to_html(to_paper(found))


def test_money_that_holds_for_one_look_only_is_said_to() -> None:
    rows = made(effect=0.04)
    found = analyse(rows_of(rows))
    net = found.measured[1]
    assert net.effect.sign == 1 and net.once_only  # the rows are fixed by their seed
    assert "只看一次时算数" in said(rows) and "只看一次时算数" not in said(rows, once=True)


def test_a_split_that_changed_on_the_way_is_told() -> None:
    half, cut = made(), "2026-11-15"
    rows = [row for i, row in enumerate(half) if row.day < cut or row.arm == "treatment" or i % 2]
    assert "比例中途变过" in said(rows, refuse=False) and "中途变过" not in said(half)


def test_shifts_are_the_units_where_shifts_were_assigned() -> None:
    rows = made(shifts=True)
    found, units = analyse(rows_of(rows)), len({row.unit for row in rows})
    assert found.trial.clustered and found.measured[0].effect.df < units
    assert sum(found.ratio.counts.values()) == units
    assert f"{units} 个分配单位" in "".join(lead(found, "zh"))


def test_shops_that_go_on_for_weeks_have_no_daily_interval() -> None:
    rows = [replace(row, unit=f"店{i % 8}", arm=("control", "treatment")[i % 8 % 2]) for i, row in enumerate(made())]
    found = analyse(rows_of(rows), Plan(once=True))
    assert found.days is None and found.looks == () and found.novelty is None
    titles = {section.title: section for section in to_paper(found).sections}
    assert "没有给出" in titles["天天看也算数的区间"].parts[0].text  # type: ignore[union-attr]
    assert titles["两组相比"].parts[0].text.startswith("只有 8 个分配单位")  # type: ignore[union-attr]


def test_both_languages_have_every_text_and_the_same_places_in_it() -> None:
    place = re.compile(r"{\w+}")
    for chinese, english in WORDS.values():
        assert set(place.findall(chinese)) == set(place.findall(english)) and english
    english = said(made(1_000), "en")
    assert not re.search("[一-鿿]", english)


def test_p_is_never_told_as_nothing() -> None:
    assert [p_text(p) for p in (None, 0.0, 0.004, 0.5)] == ["p —", "p<0.0001", "p=0.0040", "p=0.50"]


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["eval", "uplift", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    write_rows(made(1_200), tmp_path / "会话.csv")
    forms = ("html", "xlsx", "json")
    for turn in "ab":
        code, _ = run(tmp_path / "会话.csv", *(part for f in forms for part in (f"--{f}", tmp_path / f"{turn}.{f}")))
        assert code == 0
    for form in forms:
        assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert told["title"] and told["lead"]
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "效果会不会越来越小" in page and "<svg" in page and "nan" not in page.lower().replace("finance", "")


def test_the_command_refuses_with_exit_code_1(tmp_path: Path) -> None:
    write_rows(made(leak=0.3), tmp_path / "a.csv")
    assert run(tmp_path / "a.csv")[0] == 1
    assert run(tmp_path / "a.csv", "--warn")[0] == 0


def test_a_foreign_file_says_what_was_known_before(tmp_path: Path) -> None:
    from kb.errors import Invalid

    lines = (f"{'AB'[i % 2]},{i * 7 % 5 == 0:d},{i % 11}" for i in range(400))
    (tmp_path / "f.csv").write_text("组,买了,年龄\n" + "\n".join(lines), encoding="utf-8")
    named = (tmp_path / "f.csv", "--treatment", "组", "--outcome", "买了", "--control", "A")
    with pytest.raises(Invalid, match="无法核对是不是随机分组"):
        run(*named)
    assert "查不出是不是随机分的" in run(*named, "--unchecked")[1]
    assert "分组核对通过" in run(*named, "--covariate", "年龄", "--score", "年龄")[1]
    for wrong in (("--margin", "退款=1"), ("--margin", "refund"), ("--shares", "A=-1"), ("--truth", "年龄", "--check")):
        with pytest.raises(Invalid):
            run(*named, "--unchecked", *wrong)


def test_check_counts_how_often_each_method_errs(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    y0 = rng.random(800) < 0.3
    y1 = y0 | (rng.random(800) < 0.1)
    lines = (f"{'01'[i % 2]},{(y1 if i % 2 else y0)[i]:d},{y0[i]:d},{y1[i]:d},{i % 7}" for i in range(800))
    (tmp_path / "f.csv").write_text("t,y,y0,y1,x\n" + "\n".join(lines), encoding="utf-8")
    code, text = run(
        tmp_path / "f.csv",
        "--treatment",
        "t",
        "--outcome",
        "y",
        "--covariate",
        "x",
        "--check",
        "--truth",
        "y0,y1",
        "--times",
        40,
    )
    rates = json.loads(text)["rates"]
    assert code == 0 and rates["covered_assigned_anew"]["n"] == 40
    assert rates["covered_drawn_and_assigned_anew"]["share"] > 0.8
    assert rates["aa_daily_naive_wrong_conversion"]["count"] >= rates["aa_daily_always_valid_wrong_conversion"]["count"]


def planted(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes without and with a treatment that wins one in ten of those who would not have bought."""
    rng = np.random.default_rng(seed)
    y0 = (rng.random(n) < 0.1).astype(float)
    return y0, np.maximum(y0, rng.random(n) < 0.03)


@pytest.mark.slow
def test_planted_truths_are_covered_in_94_to_96_percent() -> None:
    y0, y1 = planted(20_000, 1)
    found = coverage(y0, y1, 0.5, 7, redraw=True, times=4_000)
    assert 0.94 <= found.share <= 0.96
    assert 0.94 <= coverage(y0, y0, 0.5, 7, redraw=False, times=4_000).share <= 0.96


@pytest.mark.slow
def test_few_unequal_shifts_are_covered_too() -> None:
    rng, hits = np.random.default_rng(4), 0
    for _ in range(3_000):
        sizes = rng.integers(5, 60, 16)
        units = np.repeat(np.arange(16), sizes)
        y = (rng.random(len(units)) < 0.2 + rng.normal(0, 0.05, 16)[units]).astype(float)
        found = difference(*(sample(y[side], None, units[side]) for side in (units < 8, units >= 8)))
        hits += (found.low or 0) <= 0 <= (found.high or 0)
    assert 0.935 <= hits / 3_000 <= 0.965


@pytest.mark.slow
def test_looking_every_day_errs_in_at_most_5_percent_where_the_naive_test_errs_in_25() -> None:
    y0, _ = planted(20_000, 1)
    money = y0 * np.random.default_rng(2).lognormal(4, 1, len(y0))
    for y in (y0, money):
        seen = peeking(y, 0.5, 3)
        assert seen.always.share <= 0.05 < 0.2 < seen.naive.share
        assert 0.03 < seen.at_end.share < 0.07


@pytest.mark.slow
def test_an_honest_assignment_is_hardly_ever_refused() -> None:
    refused = false_refusals(trial_of(rows_of(made())), 5)
    assert refused is not None and refused.share <= 0.01
    assert ratio_alarms(0.5, 10_000, 1).share <= 0.01 < 0.7 < ratio_alarms(0.52, 10_000, 1).share


def test_a_planted_file_is_read_with_its_truth(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("t,y,y0\n0,1,1\n1,0,0\n", encoding="utf-8")
    rows = read_rows(tmp_path / "p.csv", Named("t", "y"), numbers=("y0",))
    assert rows.number("y0").tolist() == [1, 0] and rows.covariates == ()


UPLIFT = Path("/work/shared/data/uplift")


@pytest.mark.slow
@pytest.mark.skipif(not UPLIFT.exists(), reason="the shared data are elsewhere")
def test_hillstroms_published_effects_are_reproduced() -> None:
    truth = json.loads((UPLIFT / "truth.json").read_text(encoding="utf-8"))["truth"]
    for outcome in ("visit", "conversion"):
        rows = read_rows(
            UPLIFT / "hillstrom.csv", Named("segment", outcome, "spend", covariates=("recency", "history"))
        )
        found = analyse(rows, Plan(control="No E-Mail"))
        for one in found.measured:
            name = {"conversion": outcome, "net": "spend"}.get(one.metric.key)
            if name:
                wanted = truth[f"{'Any E-Mail' if one.arm == '*' else one.arm}|{name}"]
                ours = (one.effect.value, one.effect.se, one.effect.low, one.effect.high)
                assert ours == pytest.approx((wanted["uplift"], wanted["se"], *wanted["ci95"]), abs=1e-4)
