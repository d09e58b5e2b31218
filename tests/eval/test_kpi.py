"""The KPI formulas against cases worked out by hand, and laws that hold for any log."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

import huashu
from eval.kpi.book import Book, open_book
from eval.kpi.count import NOTHING, mean, share
from eval.kpi.formulas import BY_KEY, FIVE, MEASURES, compute
from eval.kpi.grade import attainment, band_of, grade
from eval.kpi.live import live_log
from eval.kpi.log import Basis, By, Line, Log, Said, basis_of, gather, read_log, write_log
from eval.kpi.report import sheets, to_table
from eval.kpi.rules import day_of, read_rules
from eval.kpi.sessions import in_order, sessions
from eval.kpi.sheet import to_paper
from kb.errors import BadFile, Invalid
from kb.model import Event, EventKind, Outcome, OutcomeKind, Product, Speaker
from kb.store.change import Change
from kb.store.conversations import Heard, Who
from kb.store.folder import DataFolder
from worked import CASES, SHOP, TEN, Worked, agent, at, buyer, d, h

RULES = read_rules()


def book(*log: Line) -> Book:
    return open_book(gather(log), RULES)


def test_at_least_thirty_cases_are_worked_out() -> None:
    assert len(CASES) >= 30
    assert len({one.why for one in CASES}) == len(CASES)


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.measure}: {one.why}")
def test_worked(one: Worked) -> None:
    told = dict(one.part)
    chosen = book(*one.log)
    if told:
        day = told.get("day")
        chosen = chosen.part(agent=told.get("agent"), shift=told.get("shift"), days=(day, day) if day else None)
    found = BY_KEY[one.measure].of(chosen)
    assert found.value == (None if one.expected is None else pytest.approx(one.expected))
    if found.value is not None:
        assert found.numerator / found.denominator == pytest.approx(found.value)


def test_service_hours_count_no_night() -> None:
    """Asked at 23:30, answered at 09:00:20 of the next day; open from 09:00 to 23:00: 20 s. A reply by night took none."""
    hours = replace(RULES, service=(replace(RULES.service[0], start_ms=9 * 3_600_000, end_ms=23 * 3_600_000),))
    asked = 13.5 * h
    log = gather([buyer(asked), agent(asked + 9.5 * h + 20), buyer(asked + 60, c="c2"), agent(asked + 90, c="c2")])
    waits = [wait.took_ms for one in sessions(log, hours) for wait in one.waits]
    assert sorted(filter(lambda took: took is not None, waits)) == [0, 20_000]


def test_a_shift_over_midnight_is_dated_by_its_evening() -> None:
    over = replace(RULES, shifts=(("晚班", replace(RULES.service[0], start_ms=18 * 3_600_000, end_ms=26 * 3_600_000)),))
    assert over.shift_of(TEN + int(15.5 * h * 1000)) == "2026-11-03/晚班"  # 01:30 of the fourth
    assert over.shift_of(TEN + int(16 * h * 1000)) == ""  # 02:00: the shift is over
    assert over.shift_of(TEN) == ""


def test_shares_and_means_know_what_they_are_made_of() -> None:
    found = compute(book(*(line for n in range(40) for line in (buyer(0, c=f"c{n}"), agent(20 + n, c=f"c{n}")))))
    quick = found["first_reply_30s"]
    assert (quick.numerator, quick.denominator, quick.n) == (11, 40, 40)  # 20 … 30 of 20 … 59
    assert (
        quick.low is not None
        and quick.high is not None
        and quick.value is not None
        and quick.low < quick.value < quick.high
    )
    assert found["first_reply_mean"].value == pytest.approx(39.5)


def test_every_measure_has_no_value_or_zero_where_nothing_happened() -> None:
    found = compute(book())
    assert {key: one.value for key, one in found.items() if one.value not in (None, 0)} == {}
    assert set(FIVE) <= set(found) and len({one.key for one in MEASURES}) == len(MEASURES)


LINES = st.lists(
    st.builds(
        Said,
        st.just("qingluo"),
        st.sampled_from(["c1", "c2"]),
        st.integers(TEN, TEN + 20_000_000),
        st.sampled_from(list(By)),
        st.sampled_from(["", "a1", "a2"]),
        st.sampled_from(["", "b1"]),
        st.sampled_from(["有货吗", "谢谢", ""]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_no_wait_is_negative_and_every_wait_is_of_a_buyer(said: list[Said]) -> None:
    log = Log(tuple(said))
    chats = ([m for m in said if m.conversation == name] for name in ("c1", "c2"))
    asked = {at for chat in chats for at, m in in_order(chat, RULES.skew_ms) if m.speaker is By.BUYER}
    for one in sessions(log, RULES):
        assert one.begun_ms <= one.asked_ms <= one.ended_ms
        assert [wait.first for wait in one.waits] == [True] + [False] * (len(one.waits) - 1) if one.waits else True
        for wait in one.waits:
            assert wait.asked_ms in asked
            assert wait.took_ms is None or wait.took_ms >= 0


@settings(max_examples=40, deadline=None)
@given(LINES, st.integers(0, 100))
def test_parts_by_agent_add_up(said: list[Said], shift_s: int) -> None:
    """The waits of all agents, and of nobody, are all waits; a log moved in time within its day has the same figures."""
    whole = open_book(Log(tuple(said)), RULES)
    parts = [whole.part(agent=name) for name in ("", "a1", "a2")]
    assert sum(len(part.sessions) for part in parts) == len(whole.sessions)
    moved = open_book(Log(tuple(replace(one, at_ms=one.at_ms + shift_s * 1000) for one in said)), RULES)
    assert compute(moved)["reply_mean"] == compute(whole)["reply_mean"]


def test_sessions_are_found_whatever_else_is_in_the_log() -> None:
    alone = compute(book(buyer(0), agent(7)))
    both = book(buyer(0), agent(7), *(replace(one, shop="baicao") for one in (buyer(0), agent(70))))
    assert compute(both.part(shop="qingluo"))["first_reply_mean"] == alone["first_reply_mean"]
    assert at(0) == TEN


def test_the_docs_hold_the_table_of_measures() -> None:
    docs = (Path(__file__).resolve().parents[2] / "docs" / "kpi.md").read_text(encoding="utf-8")
    rows = [line for line in docs.splitlines() if line.startswith("| `") and line.count("|") == 7]
    assert rows == [
        f"| `{m.key}` | {m.zh} | {m.unit or '—'} | {m.numerator} | {m.denominator} | {m.source} |" for m in MEASURES
    ]


@pytest.mark.parametrize(
    ("score", "band"),
    [(100, "A"), (95, "A"), (94.5, "A"), (94.4, "B"), (89, "C"), (80, "C"), (79, "D"), (71, "D"), (70.4, "E"), (70, "E"), (0, "E")],
)  # fmt: skip
def test_bands_are_those_of_the_trade(score: float, band: str) -> None:
    assert band_of(score, RULES.bands) == band


def test_the_grade_weighs_what_is_known() -> None:
    """30 s share .45 of .90 earns 50 at weight 25; 客单价 300 of 150 earns 100, not 200, at 20: (50·25 + 100·20) / 45."""
    one = dict.fromkeys(BY_KEY, NOTHING)
    one |= {"first_reply_30s": share([True] * 9 + [False] * 11), "order_value": mean([300.0])}
    found = grade(one, RULES)
    assert found.score == pytest.approx((50 * 25 + 100 * 20) / 45)
    assert (found.band, found.known) == ("D", pytest.approx(0.45))
    assert grade(dict.fromkeys(BY_KEY, NOTHING), RULES).band == ""


def test_less_is_better_turns_the_ratio() -> None:
    target = next(one for one in RULES.targets if one.less_is_better)
    assert [attainment(value, target) for value in (0.0, 0.05, 0.10)] == [100.0, 100.0, 50.0]


def test_a_log_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    lines = [*(line for one in CASES for line in one.log), Basis("s", "0123", "m"), Basis("t", model="m")]
    for name in ("one", "two"):
        write_log(lines, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    log = read_log(tmp_path / "one")
    assert log == gather(lines)
    assert (basis_of(log), basis_of(log, "t"), basis_of(log, "u")) == (("s 0123", "m"), ("", "m"), ("", ""))


GOOD = {"type": "outcome", "shop": "s", "at_ms": 1, "kind": "payment", "fen": 5}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "letter"}, "letter"),
        ({"at_ms": None}, "at_ms"),
        ({"at_ms": "1"}, "at_ms"),
        ({"at_ms": True}, "at_ms"),
        ({"at_ms": 10**30}, "at_ms"),
        ({"fen": 1.5}, "fen"),
        ({"type": "told", "name": "visitors", "value": float("nan")}, "value"),
        ({"type": "told", "name": "visitors", "value": float("inf")}, "value"),
        ({"fen": -5}, "fen"),
        ({"kind": "gift"}, "gift"),
        ({"products": "裙"}, "products"),
    ],
)
def test_a_wrong_line_names_its_file_and_line(tmp_path: Path, change: dict[str, object], says: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(GOOD) + "\n\n" + json.dumps(GOOD | change) + "\n", encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        read_log(path)
    assert says in caught.value.message and "log.jsonl" in caught.value.message and "3" in caught.value.message


def test_own_rules_go_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        "[time]\nfirst_reply_s = 10\n[[band]]\nname='过'\nfrom=60\n[[band]]\nname='不过'\nfrom=0\n", encoding="utf-8"
    )
    rules = read_rules(own)
    assert (rules.first_reply_ms, rules.key_facts_ms) == (10_000, 60_000)
    assert [band_of(score, rules.bands) for score in (60, 59)] == ["过", "不过"]


@pytest.mark.parametrize("text", ["[time]\nservice=['8-24']", "[tiem]\n", "[time]\ngap_min='x'", "= ="])
def test_rules_that_are_wrong_are_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid):
        read_rules(own)


def test_a_data_folder_is_a_log(tmp_path: Path) -> None:
    """Asked at 0, answered at 20 s, paid, one card shown and used: as the service stores it."""
    with DataFolder(tmp_path) as folder:
        folder.hub.add_merchant(SHOP, "青萝")
        kept = folder.conversations(SHOP)
        kept.take("c1", Heard("m1", Speaker.BUYER, "有货吗", at(0), buyer="b1"), now_ms=at(0))
        kept.claim("c1", Who("a1", "小张"), instead=False, now_ms=at(1))
        kept.take("c1", Heard("m2", Speaker.AGENT, "有的", at(20)), now_ms=at(20))
        kept.shut("c1", instead=True, now_ms=at(60))
        store = folder.merchant(SHOP)
        second = at(0) // 1000
        store.record_outcomes([Outcome("p1", OutcomeKind.PAYMENT, "c1", 9_900, second + 100)], actor="k")
        told = [
            Event(f"e{n}", kind, "s1", "x", 1, at=second + n)
            for n, kind in enumerate((EventKind.SHOWN, EventKind.SENT))
        ]
        store.record_events(told, actor="a1")
        log = live_log(tmp_path, [SHOP])  # beside whoever holds the folder
        store.apply(Change(products=[Product("p1", "K1", "羊毛大衣", version=0)]))
        versions = {part.basis[0].knowledge for part in (log, live_log(tmp_path, [SHOP]), live_log(tmp_path, [SHOP]))}
        assert len(versions) == 2  # of nothing, and of a coat, twice the same
        found = compute(open_book(log, RULES, at(30 * d)))
    values = {
        key: found[key].value
        for key in ("first_reply_mean", "inquiries", "inquiry_conversion", "order_value", "adoption_sent")
    }
    assert values == {
        "first_reply_mean": 20,
        "inquiries": 1,
        "inquiry_conversion": 1.0,
        "order_value": 99.0,
        "adoption_sent": 1.0,
    }


def test_the_command_says_them_all(tmp_path: Path) -> None:
    write_log([line for one in CASES[:40] for line in one.log], tmp_path / "log.jsonl")
    ran = CliRunner().invoke(
        huashu.app, ["eval", "kpi", "--log", str(tmp_path / "log.jsonl"), "--by", "shop", "--json"]
    )
    told = json.loads(ran.stdout)
    assert set(told["figures"]) == set(BY_KEY) and set(told["parts"]) == {SHOP}
    assert told["parts"][SHOP]["figures"] == told["figures"]
    page = tmp_path / "kpi.html"
    shown = CliRunner().invoke(
        huashu.app, ["eval", "kpi", "--log", str(tmp_path / "log.jsonl"), "--by", "day", "--html", str(page)]
    )
    assert "30 秒首响率" in shown.stdout
    told = page.read_text(encoding="utf-8")
    assert [one.zh for one in MEASURES if one.zh not in told] == [] and "2026-11-03" in told
    with pytest.raises(Invalid):
        CliRunner().invoke(huashu.app, ["eval", "kpi"], catch_exceptions=False)


def test_many_parts_stand_below_one_another() -> None:
    """A month by day is thirty columns that nobody can read; each day's name and figures must be whole."""
    days = [replace(sheets(open_book(Log(), RULES))[0], name=f"2026-10-{day:02d}") for day in range(1, 32)]
    written = StringIO()
    console = Console(width=80, file=written)
    console.print(to_table([sheets(open_book(Log(), RULES))[0], *days]))
    told = written.getvalue()
    assert all(day.name in told for day in days) and "--html" in told


def test_a_report_says_of_which_days_and_of_what_it_is() -> None:
    said = [Said(SHOP, "c1", at(0), By.BUYER, buyer="b", text="有货吗"), Said(SHOP, "c2", at(d), By.BUYER, text="在吗")]
    made = sheets(open_book(gather(said), RULES))
    about = to_paper(made, origin="log", knowledge="k", model="m").about
    assert about["数据范围"] == f"log, {day_of(at(0))} … {day_of(at(d))}"
    assert (about["知识版本"], about["模型指纹"]) == ("k", "m")
    assert "2 次咨询" in to_paper(made, origin="log").lead[0]
    assert "没有会话" in to_paper(sheets(open_book(Log(), RULES)), origin="log").lead[0]


def test_a_shop_that_is_not_in_the_log_is_no_shop_without_chats(tmp_path: Path) -> None:
    write_log([Said(SHOP, "c1", at(0), By.BUYER, text="在吗")], tmp_path / "log.jsonl")
    done = CliRunner().invoke(huashu.app, ["eval", "kpi", "--log", str(tmp_path / "log.jsonl"), "--shop", "nope"])
    assert isinstance(done.exception, Invalid) and SHOP in done.exception.advice
