"""The merchant's page: it finds the truth of the simulated month, says how sure it is, and names nobody."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pypdf
import pytest
from typer.testing import CliRunner

import huashu
from eval.kpi.log import Basis, Log, Mark, MarkKind, gather, read_log
from eval.kpi.rules import read_rules
from eval.merchant import pdf as printing
from eval.merchant.earned import Verdict, earned
from eval.merchant.page import to_page
from eval.merchant.report import MerchantReport, merchant_report
from eval.merchant.sheet import to_paper
from eval.month.draw import Month, Unit, draw
from eval.month.rows import null_rows
from eval.month.simulate import simulate
from eval.month.truth import population
from eval.month.world import World, read_world
from eval.paper.json_ import to_json
from eval.rows.reading import read_rows
from eval.rows.rows import Coded, ConversationRow, Rows, rows_of
from eval.uplift.metric import CONVERSION, NET, ORDER_VALUE
from eval.uplift.trial import trial_of
from kb.errors import HuashuError, Invalid

WORLD = read_world()
DEMO = Path(__file__).resolve().parents[2] / "demo"
SEED = 20261101  # the command's own
GAINS = {"conversion": CONVERSION, "net": NET, "order_value": ORDER_VALUE}
RULES = read_rules()


def columns(month: Month) -> Rows:
    """What an estimate needs of a month, without making a row of each conversation."""
    numbers = {"converted": month.converted, "paid": month.paid / 100, "refunded": month.refunded / 100}
    texts = {"arm": Coded(month.treated.astype(np.int32), ("control", "treatment"))}
    texts["unit"] = Coded(month.units.astype(np.int32), tuple(map(str, range(int(month.units.max()) + 1))))
    return Rows({name: np.asarray(column, float) for name, column in numbers.items()}, texts)


@pytest.mark.parametrize("unit", list(Unit))
def test_the_default_month_recovers_its_truth(unit: Unit) -> None:
    """The issue's own question: every effect of the month, and of each shop, lies inside its interval."""
    month = draw(WORLD, SEED, unit)
    trial, names = trial_of(columns(month)), [shop.slug for shop in WORLD.shops]
    for shop in ("", *names):
        mask = None if not shop else month.shop == names.index(shop)
        for key, told in population(WORLD, shop).items():
            if key in GAINS:
                found = trial.effect(GAINS[key], "treatment", mask)
                assert found.low is not None and found.high is not None
                assert found.low <= told["effect"] <= found.high, (shop, key)


def test_the_experiment_that_does_nothing_shows_nothing() -> None:
    trial = trial_of(rows_of(list(null_rows(draw(WORLD, SEED)))))
    assert [trial.effect(metric, "treatment").sign for metric in GAINS.values()] == [0, 0, 0]


@pytest.mark.parametrize("unit", list(Unit))
def test_intervals_cover_the_truth_at_their_nominal_rate(unit: Unit) -> None:
    """100 months of six days each; of 100 intervals 5 miss on average, more than 13 with a chance of .05 %."""
    world = WORLD.smaller(days=6, share=0.4)
    truth, missed = population(world), dict.fromkeys(GAINS, 0)
    for seed in range(100):
        trial = trial_of(columns(draw(world, 5_000 + seed, unit)))
        for key, metric in GAINS.items():
            missed[key] += not _covers(trial.effect(metric, "treatment"), truth[key]["effect"])
    assert all(count <= 13 for count in missed.values()), missed
    assert sum(missed.values()) > 1  # intervals that never miss are too wide to be of use


def _covers(found: object, told: float) -> bool:
    return bool(found.low <= told <= found.high)  # type: ignore[attr-defined]


# -- the page


def small() -> World:
    return WORLD.smaller(days=3, share=0.4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("month")
    simulate(small(), made, DEMO, 3)
    return made


@pytest.fixture(scope="module")
def log(folder: Path) -> Log:
    return read_log(folder / "log.jsonl")


@pytest.fixture(scope="module")
def report(folder: Path, log: Log) -> MerchantReport:
    return merchant_report(read_rows(folder / "rows.csv"), log, RULES, "qingluo", name="青萝女装")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nobody_is_named(report: MerchantReport, folder: Path, lang: str) -> None:
    """No agent, buyer, conversation or order of the data is on the page, in the workbook's rows or in the JSON."""
    told = (
        to_page(report, lang)
        + json.dumps(to_json(to_paper(report, lang)), ensure_ascii=False)
        + str(to_paper(report, lang).rows)
    )
    names = [agent.name for agent in WORLD.agents]
    assert [name for name in names if re.search(rf"\b{name}\b", told)] == []
    assert not re.search(r"qingluo-\d|\bb\d{4}-\d+|\bo-qing", told)
    assert "<script" not in told


def test_what_buyers_asked_is_masked(folder: Path, log: Log) -> None:
    first = next(
        one
        for one in log.marks
        if one.kind is MarkKind.NO_ANSWER and one.shop == "qingluo" and one.at_ms >= small().start * 1000
    )
    asked = tuple(
        Mark(first.shop, first.conversation, first.at_ms, first.kind, "打我电话13812345678<b>") for _ in range(500)
    )
    page = to_page(
        merchant_report(read_rows(folder / "rows.csv"), replace(log, marks=log.marks + asked), RULES, "qingluo")
    )
    assert "13812345678" not in page and "[手机号]&lt;b&gt;" in page


def test_another_shop_is_not_in_it(report: MerchantReport, folder: Path, log: Log) -> None:
    """The same page whether or not the log and the rows hold other shops."""
    own = replace(
        log,
        said=tuple(one for one in log.said if one.shop == "qingluo"),
        money=tuple(one for one in log.money if one.shop == "qingluo"),
        marks=tuple(one for one in log.marks if one.shop == "qingluo"),
        uses=(),
        told=tuple(one for one in log.told if one.shop == "qingluo"),
    )
    read = read_rows(folder / "rows.csv")
    alone = merchant_report(read.where(read.text("shop").is_("qingluo")), own, RULES, "qingluo", name="青萝女装")
    assert to_page(alone) == to_page(report)


def test_it_compares_with_as_many_days_before(report: MerchantReport) -> None:
    five = {one.measure.key: one for one in report.five}
    assert five["inquiries"].before is not None and five["inquiries"].before.value
    assert five["inquiries"].change == five["inquiries"].now.value - five["inquiries"].before.value  # type: ignore[operator]
    assert (report.earned.first, report.earned.last, report.earned.days) == ("2026-10-01", "2026-10-03", 3)


def test_money_adds_up(report: MerchantReport) -> None:
    made = report.earned
    assert made.so_far.value == pytest.approx(made.per_100.value * made.treated / 100)
    assert made.monthly.value == pytest.approx(made.net.value * made.chats / 3 * 30)
    assert made.so_far.low is not None and made.so_far.low < made.so_far.value


def some_rows(more: float, spread: float, n: int = 400) -> Rows:
    """A trial in which treatment brings so much more."""
    draw_ = np.random.default_rng(1).normal(100, spread, n)
    made = (
        ConversationRow(
            f"c{i}", "s", "a", "", f"2026-11-{1 + i % 9:02d}", 0, "e", "treatment" if i % 2 else "control", f"c{i}",
            converted=1, paid=max(float(draw_[i]) + more * (i % 2), 0.0), first_reply_s=9.0,
        )
        for i in range(n)
    )  # fmt: skip
    return rows_of(list(made))


@pytest.mark.parametrize(
    ("more", "verdict", "says"),
    [(30, Verdict.SURE, "有把握：多卖了"), (0, Verdict.UNSURE, "还不能下结论"), (-30, Verdict.LOSS, "有把握：少卖了")],
)
def test_the_verdict_is_what_the_interval_says(more: float, verdict: Verdict, says: str) -> None:
    made = merchant_report(some_rows(more, 20), Log(), RULES, "s")
    assert made.earned.verdict is verdict
    assert says in to_page(made)


@pytest.mark.parametrize(("lang", "says"), [("zh", "只看今天，可能范围不含 0"), ("en", "range alone leaves 0 out")])
def test_what_only_todays_look_says_is_no_conclusion(lang: str, says: str) -> None:
    """Whoever prints the page daily meets a range without 0 by chance: the badge waits for the range that allows for that."""
    made = merchant_report(some_rows(6, 20), Log(), RULES, "s")
    assert made.earned.net.sign == 1 and made.earned.verdict is Verdict.UNSURE
    assert made.earned.more and says in to_page(made, lang) and f"{made.earned.more:,}" in to_page(made, lang)
    told = to_json(to_paper(made))
    assert "天天看也算数的范围" in json.dumps(told, ensure_ascii=False)


def test_printing_the_page_every_day_does_not_make_nothing_look_like_something() -> None:
    """Of 40 trials without any effect, printed on each of ten days: the 95 % interval left 0 out on some day in many."""
    peeked = sure = 0
    for seed in range(40):
        rng, days, n = np.random.default_rng(seed), 10, 1_000
        arms, paid = rng.integers(2, size=n), rng.gamma(2, 50, n)
        rows = rows_of(
            [
                ConversationRow(
                    f"c{i}", "s", "", "", f"2026-11-{1 + i * days // n:02}", 0, "e", ("control", "treatment")[arms[i]], f"c{i}",
                    converted=1, paid=float(paid[i]),
                )
                for i in range(n)
            ]
        )  # fmt: skip
        prints = [earned(rows.where(np.arange(n) < n * day // days), "s") for day in range(3, days + 1)]
        peeked += any(one.net.sign for one in prints)
        sure += any(one.verdict in (Verdict.SURE, Verdict.LOSS) for one in prints)
    assert peeked >= 4 and sure <= 2, (peeked, sure)


def test_enough_chats_and_no_difference_is_said_as_that() -> None:
    made = merchant_report(some_rows(0, 5, 3_000), Log(), RULES, "s")
    assert made.earned.verdict is Verdict.NONE and "看不出差别" in to_page(made)


def test_one_day_gives_no_conclusion_however_clear() -> None:
    rows = some_rows(30, 20)
    one_day = replace(rows, texts={**rows.texts, "day": Coded(np.zeros(len(rows), np.int32), ("2026-11-01",))})
    made = merchant_report(one_day, Log(), RULES, "s")
    assert made.earned.verdict is Verdict.UNSURE and "只有一天的会话" in to_page(made) and "细线" not in to_page(made)


def test_a_check_that_could_say_nothing_is_told(report: MerchantReport) -> None:
    """Nothing known beforehand; few shifts; and only where it was checked does the page say that all else is equal."""
    bare = to_page(merchant_report(some_rows(0, 20), Log(), RULES, "s"))
    assert "没有核对" in bare and "别的都一样" not in bare
    few = [
        ConversationRow(f"c{i}", "s", "", "", f"2026-11-{1 + i % 8:02}", 0, "e", ("control", "treatment")[i % 2], f"u{i % 8}",
                        converted=1, paid=float(50 + i % 7), before_paid=float(i % 5))
        for i in range(400)
    ]  # fmt: skip
    blind = merchant_report(rows_of(few), Log(), RULES, "s")
    assert blind.earned.balance.blind and "只有 8 个班或店" in to_page(blind) and "别的都一样" not in to_page(blind)
    assert "核对不出来" in json.dumps(to_json(to_paper(blind)), ensure_ascii=False)
    assert "别的都一样" in to_page(report) and "没有核对" not in to_page(report)


def test_what_was_not_assigned_at_random_is_not_to_be_relied_on() -> None:
    """700 against 300 where halves were planned: no sum may be believed, however sure it looks."""
    whole = some_rows(30, 20, 1_400)
    kept = whole.where(whole.text("arm").is_("treatment") | (np.arange(len(whole)) % 7 < 3))
    made = merchant_report(kept, Log(), RULES, "s")
    assert made.earned.verdict is Verdict.REFUSED
    assert "日志里没有这家店" in to_page(made) and "别的都一样" not in to_page(made)
    assert "随机分组对照" not in to_page(made) and "randomised hold-out" not in to_page(made, "en")
    assert "随机分组对照" not in json.dumps(to_json(to_paper(made)), ensure_ascii=False)
    assert "这次不能作数" in to_page(made) and "Not to be relied on" in to_page(made, "en")
    assert not re.search("本期已多卖|每月约多卖|客单价|每个成交会话的金额|有没有副作用", to_page(made))
    told = json.dumps(to_json(to_paper(made))["sections"], ensure_ascii=False)
    assert "本期已多卖" not in told and "两组会话不像是随机分的" in told


def test_a_shop_that_sold_nothing_has_no_order_value() -> None:
    sold = some_rows(0, 20)
    none = replace(
        sold, numbers={**sold.numbers, **{name: np.zeros(len(sold)) for name in ("converted", "paid", "items")}}
    )
    page = to_page(merchant_report(none, Log(), RULES, "s"))
    assert "nan" not in page.lower() and "每个成交会话的金额" in page


def test_with_too_few_chats_it_says_so() -> None:
    made = merchant_report(some_rows(0, 20, 2), Log(), RULES, "s")
    page = to_page(made)
    assert made.earned.verdict is Verdict.UNSURE and "算不出" in page and "nan" not in page.lower()


def test_where_nobody_bought_there_is_no_figure_and_no_nan() -> None:
    """The first day of every experiment: chats in both arms, and no money yet."""
    told = [
        ConversationRow(f"c{i}", "s", "a", "", "2026-11-01", 0, "e", ("treatment", "control")[i % 2], f"c{i}")
        for i in range(5)
    ]
    made = merchant_report(rows_of(told), Log(), RULES, "s")
    page = to_page(made) + to_page(made, "en")
    assert "nan" not in re.sub("<style.*?</style>", "", page).lower() and "还不能下结论" in page


def test_planned_shares_are_believed_and_others_are_not() -> None:
    whole = some_rows(30, 20, 1_400)
    kept = whole.where(whole.text("arm").is_("treatment") | (np.arange(len(whole)) % 7 < 3))
    n = int(kept.text("arm").is_("control").sum())
    shares = {"control": n, "treatment": len(kept) - n}
    assert merchant_report(kept, Log(), RULES, "s", shares=shares).earned.verdict is Verdict.SURE
    assert merchant_report(kept, Log(), RULES, "s").earned.verdict is Verdict.REFUSED
    with pytest.raises(Invalid, match="treatment"):
        merchant_report(kept, Log(), RULES, "s", shares={"control": 1, "test": 1})


def test_the_foot_says_what_it_rests_on() -> None:
    log = gather([Basis("s", "0123abcd", "model-1"), Basis("other", "ffff", "model-2")])
    made = merchant_report(some_rows(30, 20), log, RULES, "s", seed=7)
    page = to_page(made)
    assert "0123abcd" in page and "model-1" in page and "种子 7" in page and "ffff" not in page
    about = to_paper(made).about
    assert (about["知识版本"], about["模型指纹"], about["种子"]) == ("s 0123abcd", "model-1", "7")


def test_a_shop_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid):
        earned(some_rows(0, 1), "other")


def test_the_command_writes_all_forms_twice_alike(folder: Path, tmp_path: Path) -> None:
    def run(name: str) -> list[bytes]:
        paths = [tmp_path / f"{name}.{end}" for end in ("html", "xlsx", "json")]
        command = [
            "eval",
            "merchant-report",
            "--rows",
            str(folder / "rows.csv"),
            "--log",
            str(folder / "log.jsonl"),
            "--shop",
            "baicao",
        ]
        ran = CliRunner().invoke(
            huashu.app, [*command, "--out", *map(str, paths[:1]), "--xlsx", str(paths[1]), "--json", str(paths[2])]
        )
        assert ran.exit_code == 0, ran.exception
        return [path.read_bytes() for path in paths]

    assert run("one") == run("two")
    book = openpyxl.load_workbook(tmp_path / "one.xlsx", read_only=True)
    chats = list(book.worksheets[-1].iter_rows(values_only=True))
    assert len(chats) - 1 == read_rows(folder / "rows.csv").text("shop").is_("baicao").sum()


def test_without_a_browser_it_says_how_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(printing, "browser", lambda: None)
    with pytest.raises(HuashuError) as caught:
        printing.print_pdf(tmp_path / "x.html", tmp_path / "x.pdf")
    assert "Ctrl+P" in caught.value.advice


@pytest.mark.browser
def test_it_is_one_sheet_of_paper(report: MerchantReport, tmp_path: Path) -> None:
    if printing.browser() is None:
        pytest.skip("no browser here")
    made = replace(report.earned, balance=replace(report.earned.balance, p=None), crossed=12)
    (tmp_path / "page.html").write_text(
        to_page(replace(report, earned=made), "en"), encoding="utf-8"
    )  # the longer texts
    printing.print_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    pages = pypdf.PdfReader(tmp_path / "page.pdf").pages
    assert len(pages) == 1
    assert (round(float(pages[0].mediabox.width)), round(float(pages[0].mediabox.height))) == pytest.approx(
        (595, 842), abs=1
    )


def chats(n: int, treated: float, *, after: float | None = None, day: str = "2026-11-{:02}") -> Rows:
    """Ten days of one shop; from the sixth on another share of the chats is treated."""
    rng = np.random.default_rng(5)
    share = [treated if i * 10 // n < 5 or after is None else after for i in range(n)]
    arms = ["treatment" if rng.random() < one else "control" for one in share]
    days = [day.format(1 + i * 10 // n) for i in range(n)]
    told = zip(arms, days, strict=True)
    return rows_of(
        [
            ConversationRow(f"c{i}", "店", "", "", at, 0, "e", arm, f"c{i}", before_paid=float(i % 7))
            for i, (arm, at) in enumerate(told)
        ]
    )


def test_a_hold_out_of_a_tenth_is_believed_when_it_was_planned() -> None:
    rows = chats(2_000, 0.9)
    assert earned(rows, "店").why == "why_ratio"
    assert earned(rows, "店", shares={"control": 10, "treatment": 90}).why == ""


def test_shares_that_changed_on_the_way_are_no_comparison() -> None:
    """Simpson's paradox: dates differ in what is bought, so arms that got other shares on other dates differ too."""
    assert earned(chats(2_000, 0.3, after=0.7), "店").why == "why_ramped"
    assert earned(chats(2_000, 0.5), "店").why == ""


def test_a_day_that_is_none_is_said_plainly() -> None:
    with pytest.raises(Invalid, match="不是 2026-11-03 这样的写法"):
        earned(chats(40, 0.5, day="2026-13-{:02}"), "店")
