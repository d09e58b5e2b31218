"""Conversation rows of an experiment: worked examples of every column, from a data folder as a service leaves it."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.experiment.gather import gather
from eval.experiment.money import DAY_S, USUAL, Money, Window, attributed
from eval.experiment.rows import Export, conversation_rows
from eval.paper.json_ import to_json
from eval.rows.reading import read_rows
from eval.rows.rows import COLUMNS, NUMBERS, TEXTS, rows_of, write_rows
from eval.uplift.analysis import Plan, analyse
from eval.uplift.metric import NET
from eval.uplift.report import to_paper
from eval.uplift.trial import trial_of
from kb.errors import Invalid
from kb.experiment.arm import arm, place
from kb.experiment.experiment import Arm, Experiment, Treatment, Unit
from kb.experiment.exposure import Exposure
from kb.experiment.shifts import CHINA
from kb.experiment.stages import draft
from kb.model import Basket, Outcome, OutcomeKind, Speaker
from kb.store.change import Change
from kb.store.conversations import Heard, Who
from kb.store.folder import DataFolder, read_shop

START = int(dt.datetime(2026, 11, 3, 9, tzinfo=CHINA).timestamp())
NOW, HOUR = START + 60 * DAY_S, 3_600
PAY, REFUND, ORDER = OutcomeKind.PAYMENT, OutcomeKind.REFUND, OutcomeKind.ORDER


class Shop:
    """A data folder with one shop, written as the service writes it."""

    def __init__(self, folder: DataFolder, unit: Unit) -> None:
        self.folder = folder
        for slug in ("a", "b"):
            folder.hub.add_merchant(slug, slug)
        shops = ["a", "b"] if unit is Unit.MERCHANT else ["a"]
        made = draft("x", "", Treatment.ASSIST, unit, shops, 0.5, now=START)
        self.experiment = folder.hub.experiments.add(replace(made, salt="worked example"), start=True)
        self.number = 0

    def say(
        self,
        chat: str,
        at: int,
        text: str = "在吗",
        *,
        who: Speaker = Speaker.BUYER,
        buyer: str = "",
        platform: str = "",
    ) -> None:
        self.number += 1
        heard = Heard(f"m{self.number}", who, text, at * 1_000, buyer=buyer, platform=platform)
        self.folder.conversations("a").take(chat, heard, now_ms=NOW * 1_000)

    def claim(self, chat: str, agent: str) -> None:
        self.folder.conversations("a").claim(chat, Who(agent, agent), instead=True, now_ms=NOW * 1_000)

    def comes(self, chat: str, kind: OutcomeKind, yuan: float, at: int, order: str = "") -> None:
        self.number += 1
        outcome = Outcome(f"outcome-{self.number}", kind, chat, round(yuan * 100), at, order)
        self.folder.merchant("a").record_outcomes([outcome], actor="k")

    def expose(self, chat: str, arm: Arm, at: int, *, unit: str = "", agent: str = "") -> None:
        self.folder.merchant("a").expose(Exposure("x", chat, arm, unit or f"a/{chat}", agent, at))

    def export(self, now: int = NOW, window: Window = USUAL) -> Export:
        records = []
        for slug in self.experiment.shops:
            with read_shop(self.folder.root, slug) as (store, chats):  # beside the one that writes
                records.append(gather(self.experiment, slug, store, chats))
        return conversation_rows(self.experiment, records, now=now, window=window)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path / "data") as folder:
        yield folder


@pytest.fixture
def shop(folder: DataFolder) -> Shop:
    return Shop(folder, Unit.CONVERSATION)


def test_one_conversation_in_every_column(shop: Shop) -> None:
    at = START + 3_600
    shop.folder.merchant("a").apply(Change(baskets=[Basket("order-digest", ("p1", "p2"))]))
    shop.say("c1", at, "这件有货吗", buyer="张三", platform="天猫")
    shop.say("c1", at + 12, "有的亲", who=Speaker.AGENT)
    shop.claim("c1", "k_1")
    shop.expose("c1", Arm.TREATMENT, at, agent="k_1")
    shop.comes("c1", ORDER, 129, at + 60, "order-digest")  # what was only ordered is no money
    shop.comes("c1", PAY, 129, at + 120, "order-digest")
    shop.comes("c1", REFUND, 29.5, at + 10 * DAY_S, "order-digest")
    [row] = shop.export().rows
    assert (row.conversation, row.shop, row.unit, row.experiment, row.arm) == ("a/c1", "a", "a/c1", "x", "treatment")
    assert (row.agent, row.shift, row.day, row.at) == ("k_1", "2026-11-03/白班", "2026-11-03", at)
    assert (row.platform, row.scene, row.buyer) == ("天猫", "售前", "新客")
    assert (row.converted, row.paid, row.refunded, row.items) == (1, 129.0, 29.5, 2)
    assert (row.before_converted, row.before_paid, row.first_reply_s) == (0.0, 0.0, 12.0)
    assert (row.complaint, row.refund, row.exposed, row.contaminated) == (0, 1, 1, 0)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], Money()),
        ([(PAY, 100, 0, "")], Money(1, 100, 0, 1)),
        ([(PAY, 100, 4 * DAY_S - 1, "")], Money(1, 100, 0, 1)),
        ([(PAY, 100, 4 * DAY_S, "")], Money()),  # the window is half-open
        ([(PAY, 100, -1, "")], Money()),  # paid before the buyer spoke
        ([(ORDER, 100, 1, "o")], Money()),  # ordered and never paid
        ([(PAY, 60, 1, "o"), (PAY, 40, 2, "o")], Money(1, 100, 0, 3)),  # a deposit and the rest: one order
        ([(PAY, 60, 1, "o"), (PAY, 40, 2, "q")], Money(2, 100, 0, 4)),
        ([(PAY, 100, 1, "o"), (REFUND, 30, 18 * DAY_S, "o")], Money(1, 100, 30, 3, True)),
        ([(PAY, 100, 1, "o"), (REFUND, 30, 19 * DAY_S, "o")], Money(1, 100, 0, 3)),
        ([(PAY, 100, 1, "o"), (REFUND, 30, 5, "other")], Money(1, 100, 0, 3)),  # of an order that is not its own
        ([(PAY, 100, 1, "o"), (REFUND, 30, 5, "")], Money(1, 100, 30, 3, True)),  # the host does not say of which
        ([(PAY, 100, 1, "o"), (REFUND, 500, 5, "")], Money(1, 100, 100, 3, True)),  # never more than was paid
        ([(REFUND, 30, 5, "")], Money()),  # of something bought before
        ([(PAY, 100, 5 * DAY_S, "o"), (REFUND, 100, 6 * DAY_S, "o")], Money()),  # neither is its own
        ([(PAY, 0, 1, "")], Money(1, 0, 0, 1)),  # paid with a coupon: an order all the same
    ],
)
def test_which_money_is_a_conversations_own(outcomes: list[tuple[OutcomeKind, int, int, str]], expected: Money) -> None:
    known = [
        Outcome(f"o{n}", kind, "c", fen, START + after, order) for n, (kind, fen, after, order) in enumerate(outcomes)
    ]
    assert attributed(known, START, Window(), {"o": 3}) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from([PAY, REFUND]), st.integers(0, 10**6), st.integers(-9, 30), st.sampled_from("opq "))
    )
)
def test_money_never_depends_on_the_order_of_arrival_and_is_never_below_nothing(
    told: list[tuple[OutcomeKind, int, int, str]],
) -> None:
    known = [
        Outcome(f"o{n}", kind, "c", fen, START + day * DAY_S, order.strip())
        for n, (kind, fen, day, order) in enumerate(told)
    ]
    found = attributed(known, START, Window(), {})
    assert found == attributed(known[::-1], START, Window(), {})
    assert 0 <= found.refunded <= found.paid and found.net >= 0
    wider = attributed(known, START, Window(8, 30), {})
    assert wider.paid >= found.paid and wider.orders >= found.orders


def test_who_was_never_exposed_has_the_arm_that_was_assigned(shop: Shop) -> None:
    for number in range(20):
        shop.say(f"c{number}", START + number)
    rows = shop.export().rows
    assert {row.exposed for row in rows} == {0} and [row.at for row in rows] == [START + n for n in range(20)]
    assert {row.arm for row in rows} == {"treatment", "control"}
    assert all(row.arm == arm(shop.experiment, row.unit, row.at) for row in rows)


def test_only_what_was_said_while_it_ran_is_in_it(shop: Shop) -> None:
    shop.folder.hub.experiments.stop("x", now=START + 100)
    shop.experiment = shop.folder.hub.experiments.get("x")
    for chat, at in (("before", START - 1), ("first", START), ("last", START + 99), ("after", START + 100)):
        shop.say(chat, at)
    shop.say("thread", START - 9 * DAY_S)  # a thread that goes on for weeks counts from its first word within
    shop.say("thread", START + 50)
    assert [(row.conversation, row.at) for row in shop.export().rows] == [
        ("a/first", START), ("a/thread", START + 50), ("a/last", START + 99)
    ]  # fmt: skip


def test_what_a_buyer_paid_in_the_month_before_is_known_of_the_buyer(shop: Shop) -> None:
    shop.say("old", START - 20 * DAY_S, buyer="张三")
    shop.comes("old", PAY, 80, START - 20 * DAY_S + 60, "o1")
    shop.comes("old", REFUND, 30, START - 10 * DAY_S, "o1")
    shop.comes("old", PAY, 999, START + 3_601, "o2")  # after the new conversation began: no covariate
    shop.say("new", START + 3_600, buyer="张三")
    shop.say("other", START + 3_600, buyer="李四")
    shop.say("unnamed", START + 3_600)
    rows = {row.conversation: row for row in shop.export().rows}
    assert (rows["a/new"].before_converted, rows["a/new"].before_paid, rows["a/new"].buyer) == (1.0, 50.0, "老客")
    assert (rows["a/other"].before_converted, rows["a/other"].before_paid, rows["a/other"].buyer) == (0.0, 0.0, "新客")
    assert (rows["a/unnamed"].before_converted, rows["a/unnamed"].before_paid, rows["a/unnamed"].buyer) == (
        None,
        None,
        "",
    )


def test_guardrails_are_read_from_what_was_said(shop: Shop) -> None:
    shop.say("angry", START, "你们这是欺骗消费者，我要投诉你们，打12315")
    shop.say("calm", START, "什么时候发货")
    shop.say("slow", START, "在吗")
    shop.say("slow", START + 95, "在的", who=Speaker.AGENT)
    shop.say("slow", START + 99, "请讲", who=Speaker.AGENT)
    rows = {row.conversation: row for row in shop.export().rows}
    assert [rows[f"a/{chat}"].complaint for chat in ("angry", "calm", "slow")] == [1, 0, 0]
    assert [rows[f"a/{chat}"].first_reply_s for chat in ("angry", "calm", "slow")] == [None, None, 95.0]


# -- contamination


def test_contaminations_are_counted_by_their_cause(folder: DataFolder) -> None:
    shop = Shop(folder, Unit.AGENT_SHIFT)
    day, night = "2026-11-03/白班", "2026-11-03/晚班"
    for chat in ("handed", "shift", "clean"):
        shop.say(chat, START)
        shop.claim(chat, "k_1")
        shop.expose(chat, Arm.CONTROL, START, unit=f"k_1/{day}", agent="k_1")
    shop.expose("handed", Arm.TREATMENT, START + 9, unit=f"k_2/{day}", agent="k_2")
    shop.expose("shift", Arm.TREATMENT, START + 12 * 3_600, unit=f"k_1/{night}", agent="k_1")
    shop.say("nobodys", START)
    found = shop.export()
    assert found.mixed == {"handover": 1, "shift": 1} and found.unassigned == 1
    assert {row.conversation: (row.arm, row.unit, row.contaminated) for row in found.rows} == {
        "a/handed": ("control", f"k_1/{day}", 1), "a/shift": ("control", f"k_1/{day}", 1), "a/clean": ("control", f"k_1/{day}", 0)
    }  # fmt: skip


def test_a_buyer_in_both_arms_and_a_changed_share_contaminate(shop: Shop) -> None:
    for number, met in enumerate((Arm.CONTROL, Arm.TREATMENT)):
        shop.say(f"zhang{number}", START + number, buyer="张三")
        shop.expose(f"zhang{number}", met, START + number)
    shop.say("li", START, buyer="李四")
    shop.expose("li", Arm.CONTROL, START)
    shop.expose("li", Arm.TREATMENT, START + 500)  # the same unit in the other arm: the share was raised
    shop.say("wang", START, buyer="王五")
    found = shop.export()
    assert found.mixed == {"buyer": 2, "share": 1}
    assert [row.contaminated for row in found.rows if "wang" in row.conversation] == [0]
    assert [row.arm for row in found.rows if "li" in row.conversation] == ["control"]


# -- clusters


def test_the_past_of_an_agent_is_the_mean_of_what_was_known_before_the_start(folder: DataFolder) -> None:
    shop = Shop(folder, Unit.AGENT_SHIFT)
    for number in range(4):
        shop.say(f"old{number}", START - 2 * DAY_S)
        shop.claim(f"old{number}", "k_1")
    shop.comes("old0", PAY, 100, START - DAY_S, "o1")
    shop.comes("old0", REFUND, 20, START - DAY_S + 9, "o1")
    shop.comes("old1", PAY, 500, START + 5, "o2")  # within its window, but not known when the shifts were assigned
    shop.say("new", START)
    shop.claim("new", "k_1")
    shop.say("novice", START)
    shop.claim("novice", "k_9")
    rows = {row.conversation: row for row in shop.export().rows}
    assert (rows["a/new"].before_converted, rows["a/new"].before_paid) == (0.25, 20.0)  # 1 of 4; (100 - 20) / 4
    assert (rows["a/novice"].before_converted, rows["a/novice"].before_paid) == (None, None)
    assert rows["a/new"].unit == "k_1/2026-11-03/白班" and rows["a/new"].shift == "2026-11-03/白班"


def test_shops_as_units(folder: DataFolder) -> None:
    shop = Shop(folder, Unit.MERCHANT)
    shop.say("old", START - DAY_S)
    shop.comes("old", PAY, 10, START - 1, "o")
    shop.say("new", START)
    [row] = shop.export().rows  # nobody has spoken to b: it has no file yet
    assert (row.unit, row.before_converted, row.before_paid) == ("a", 1.0, 10.0)


SHOPS = tuple(f"s{number:02}" for number in range(40))


def ramped(folder: DataFolder, unit: Unit) -> tuple[Experiment, Export]:
    """Forty shops or agents, a quarter treated until noon, three quarters from then on; each has chats on both sides of
    noon, and one agent more only before it."""
    shops = SHOPS if unit is Unit.MERCHANT else ("a",)
    for slug in shops:
        folder.hub.add_merchant(slug, slug)
    made = draft("x", "", Treatment.ASSIST, unit, shops, 0.25, now=START)
    folder.hub.experiments.add(replace(made, salt="worked example"), start=True)
    found = folder.hub.experiments.ramp("x", 0.75, now=START + 3 * HOUR)
    for n, name in enumerate(SHOPS if unit is Unit.MERCHANT else (*SHOPS, "early")):
        slug = name if unit is Unit.MERCHANT else "a"
        for at in (HOUR, 4 * HOUR, 5 * HOUR)[: 1 if name == "early" else 3]:
            chat, store = f"{name}-{at}", folder.conversations(slug)
            heard = Heard(f"m{name}{at}", Speaker.BUYER, "在吗", (START + at) * 1_000)
            store.take(chat, heard, now_ms=NOW * 1_000)
            store.claim(chat, Who(f"k_{name}", name), instead=True, now_ms=NOW * 1_000)
            outcome = Outcome(f"{chat}-paid", PAY, chat, 100 * (n + 1), START + at + 60, "")
            folder.merchant(slug).record_outcomes([outcome], actor="k")
    records = []
    for slug in found.shops:
        with read_shop(folder.root, slug) as (merchant, chats):
            records.append(gather(found, slug, merchant, chats))
    return found, conversation_rows(found, records, now=NOW)


@pytest.mark.parametrize("unit", [Unit.AGENT_SHIFT, Unit.MERCHANT])
def test_units_that_a_changed_share_takes_along_are_left_out_of_the_estimate(
    folder: DataFolder, unit: Unit, tmp_path: Path
) -> None:
    """Those whose place lies between the two shares met both arms, and nobody else; before, the whole export was refused."""
    experiment, found = ramped(folder, unit)
    names = [row.unit for row in found.rows]
    moved = {name for name in names if 0.25 <= place(experiment.salt, name) < 0.75 and not name.startswith("k_early")}
    assert 10 < len(moved) < 30 and found.crossed == len(moved) and found.mixed == {"share": 3 * len(moved)}
    assert {row.unit for row in found.rows if row.contaminated} == moved
    write_rows(found.rows, tmp_path / "rows.csv")
    trial = trial_of(read_rows(tmp_path / "rows.csv"))
    assert (trial.crossed, trial.crossed_rows) == (len(moved), 3 * len(moved))
    stayed = {name: arm(experiment, name, START + HOUR) for name in names if name not in moved}
    assert trial.unit_counts() == {one: list(stayed.values()).count(Arm(one)) for one in ("control", "treatment")}
    alone = [row for row in found.rows if row.unit in stayed]
    assert trial.effect(NET, "treatment") == trial_of(rows_of(alone)).effect(NET, "treatment")
    undeclared = [replace(row, contaminated=int(row.contaminated and row.at > START + 2 * HOUR)) for row in found.rows]
    with pytest.raises(Invalid, match=f"{len(moved)} 个分配单位同时出现在两个组里"):
        trial_of(rows_of(undeclared))


def test_the_report_says_how_many_were_left_out(folder: DataFolder) -> None:
    _, found = ramped(folder, Unit.AGENT_SHIFT)
    told = json.dumps(to_json(to_paper(analyse(rows_of(found.rows), Plan(refuse=False)))), ensure_ascii=False)
    assert (
        f"{found.crossed} 个分配单位（班次或店铺）因为比例改了，两组都进过：它们的 {3 * found.crossed} 个会话没有算进来"
        in told
    )


def test_where_only_one_arm_is_left_it_says_so(folder: DataFolder) -> None:
    _, found = ramped(folder, Unit.MERCHANT)
    rows = rows_of([row for row in found.rows if row.contaminated])
    with pytest.raises(Invalid, match="去掉它们以后只剩下：没有会话"):
        trial_of(rows)


# -- what is left of a conversation that was deleted, and what must not be carried out


def test_a_conversation_that_was_deleted_keeps_its_arm_and_its_money(shop: Shop) -> None:
    shop.say("c1", START, buyer="张三")
    shop.expose("c1", Arm.CONTROL, START + 1, agent="k_1")
    shop.comes("c1", PAY, 50, START + 60)
    chats = shop.folder.conversations("a")
    chats.shut("c1", instead=True, now_ms=NOW * 1_000)
    assert chats.forget(NOW * 1_000 + 1) == 1
    found = shop.export()
    assert found.silent == 1
    [row] = found.rows
    assert (row.arm, row.at, row.agent, row.converted, row.paid) == ("control", START + 1, "k_1", 1, 50.0)
    assert (row.buyer, row.scene, row.first_reply_s, row.before_paid) == ("", "", None, None)


def test_no_row_holds_anything_of_a_person(shop: Shop, tmp_path: Path) -> None:
    shop.say("13812345678", START, "我叫张三丰，电话13812345678，=HYPERLINK", buyer="张三丰", platform="=1+1")
    shop.expose("13812345678", Arm.CONTROL, START)
    shop.comes("13812345678", PAY, 0.1 + 0.2, START + 5, "260911000012345678")
    shop.say("c2", START + 1)
    found = shop.export()
    write_rows(found.rows, tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8-sig")
    for secret in ("13812345678", "张三丰", "260911000012345678", "HYPERLINK", "\n=", ",="):
        assert secret not in text
    assert (tmp_path / "rows.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    header, first, second = csv.reader(text.splitlines())
    assert tuple(header) == COLUMNS and len(first) == len(second) == len(COLUMNS)
    assert first[COLUMNS.index("paid")] == "0.3" and first[COLUMNS.index("unit")] == first[0]
    assert second[COLUMNS.index("first_reply_s")] == "" and second[COLUMNS.index("before_paid")] == ""


def test_the_columns_are_those_that_the_effect_is_counted_from(shop: Shop) -> None:
    assert COLUMNS == (
        "conversation", "shop", "agent", "shift", "day", "at", "experiment", "arm", "unit", "platform", "scene", "buyer",
        "converted", "paid", "refunded", "items", "before_converted", "before_paid", "first_reply_s", "complaint", "refund",
        "exposed", "contaminated",
    )  # fmt: skip


def test_the_file_is_read_back_as_the_same_rows(shop: Shop, tmp_path: Path) -> None:
    for number in range(9):
        shop.say(f"c{number}", START + number, buyer=f"b{number % 4}")
        shop.comes(f"c{number}", PAY, 19.9 * number, START + 60)
    found = shop.export().rows
    write_rows(found, tmp_path / "rows.csv")
    read, made = read_rows(tmp_path / "rows.csv"), rows_of(found)
    for name in NUMBERS:
        assert read.number(name).tolist() == pytest.approx(made.number(name).tolist(), nan_ok=True)
    for name in TEXTS:
        assert [read.text(name).names[i] for i in read.text(name).codes] == [getattr(row, name) for row in found]


def test_a_window_that_has_not_ended_is_said(shop: Shop) -> None:
    shop.say("c1", START)
    shop.say("c2", START + DAY_S)
    found = shop.export(now=START + 4 * DAY_S)
    assert found.unfinished == 1 and len(found.rows) == 2
    assert shop.export(now=START + 4 * DAY_S, window=Window(1, 2)).unfinished == 0


def test_the_same_folder_gives_the_same_rows(shop: Shop) -> None:
    for number in range(30):
        shop.say(f"c{number}", START + number % 7, buyer=f"b{number % 5}")
    assert shop.export() == shop.export()
