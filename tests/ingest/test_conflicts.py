"""Answers that contradict each other are told at their cell, with both values and both places; others are left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.conflicts import measure, plant, planted
from ingest import importer
from ingest.importer import read_file
from ingest.problem import Problem
from ingest.review.altered import altered_denial, altered_number
from ingest.review.asked import bag, same_question
from ingest.review.disagree import disagree
from kb.edit import save_entry
from kb.language.text import fold
from kb.model import Entry
from kb.store.merchant import MerchantStore
from making import faq

Make = Callable[..., bytes]
HEAD = ["编号", "问题", "答案"]
DEMO = Path(__file__).parents[2] / "demo"


@pytest.fixture
def store(tmp_path: Path) -> MerchantStore:
    return MerchantStore(tmp_path / "kb.db", "shop")


def found(store: MerchantStore, data: bytes, name: str = "问答.csv", *, everything: bool = False) -> list[Problem]:
    report = importer.preview(store, data, name, everything=everything)
    return [p for p in report.problems if p.code.startswith(("conflict_", "question_similar"))]


def test_the_goal_on_planted_contradictions() -> None:
    outcome = measure(pair for pair in planted() if pair.batch <= 3)
    assert outcome.planted >= 200 and outcome.innocent >= 100
    assert outcome.recall >= 0.95, outcome.missed
    assert outcome.false_alarms <= 0.02, outcome.missed


@pytest.mark.parametrize(("batch", "recall", "false_alarms"), [(4, 0.84, 0.02), (5, 0.79, 0.02), (6, 0.74, 0.09)])
def test_what_was_reached_on_short_answers_is_kept(batch: int, recall: float, false_alarms: float) -> None:
    """Floors, not the goal: batch 6 is a first sight, short of it (docs/ingest.md)."""
    outcome = measure(pair for pair in planted() if pair.batch == batch)
    assert outcome.planted >= 110 and outcome.innocent == 80
    assert outcome.recall >= recall, outcome.missed
    assert outcome.false_alarms <= false_alarms, outcome.missed


def test_the_demo_shops_raise_no_false_alarm_and_what_is_planted_in_them_is_found(tmp_path: Path) -> None:
    entries: list[Entry] = []
    alarms = 0
    for shop in ("qingluo", "baicao", "xingdian"):
        store = MerchantStore(tmp_path / f"{shop}.db", shop)
        for file in sorted((DEMO / shop).iterdir()):
            if file.suffix in {".xlsx", ".csv"}:
                report = importer.commit(store, None, file.read_bytes(), file.name, partial=True)
                alarms += sum(p.code.startswith("conflict_") for p in report.problems)
        entries += store.entries()
    assert len(entries) > 300
    assert alarms <= 0.02 * len(entries)
    outcome = measure(plant(sorted(entries, key=lambda entry: entry.key)))
    assert outcome.planted >= 200
    assert outcome.recall >= 0.95, outcome.missed


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (
            "亲，签收后7天内没拆封都能退的哦",
            "您好，签收后15天内没拆封都能退的",
            ("签收后7天内没拆", "签收后15天内没拆"),
        ),
        ("羊毛款不能用洗衣机洗", "羊毛款能用洗衣机洗。", ("羊毛款不能用洗衣", "羊毛款能用洗衣机")),
        ("电池用到2.5年以后会衰减很多", "电池用到3.5年以后会衰减很多", ("电池用到2.5年以后会", "电池用到3.5年以后会")),
        ("满300减30", "满500减60", None),  # two rules
        ("签收后7天内没拆封都能退", "亲，签收后 7 天内没拆封，都能退哦", None),
        (
            "白色卖39元，黑色卖49元，灰色卖59元",
            "白色卖49元，黑色卖59元，灰色卖69元",
            None,
        ),  # about something else throughout
    ],
)
def test_a_sentence_with_one_value_exchanged(one: str, other: str, told: tuple[str, str] | None) -> None:
    assert (altered_number(one, other) or altered_denial(one, other)) == told
    back = altered_number(other, one) or altered_denial(other, one)
    assert back == (told and told[::-1])


def test_a_conflict_names_both_values_and_both_places(store: MerchantStore, make_xlsx: Make) -> None:
    data = make_xlsx(
        {
            "问答": [HEAD, ["1", "什么时候发货", "48小时内发货"]],
            "新增": [HEAD, ["2", "请问几天发货呀", "亲，24小时内发出"]],
        }
    )
    (problem,) = found(store, data, "问答.xlsx")
    assert (problem.sheet, problem.row, problem.column, problem.code) == ("新增", 2, "C", "conflict_time")
    assert "工作表“问答”第2行“什么时候发货”" in problem.text
    assert "“24小时”" in problem.text and "“48小时”" in problem.text


def test_what_the_store_knows_is_held_against_the_file(store: MerchantStore, make_csv: Make) -> None:
    importer.commit(store, None, make_csv([HEAD, ["1", "几天无理由退货", "7天无理由退货"]]), "旧表.csv")
    (problem,) = found(store, make_csv([HEAD, ["A9", "支持几天无理由退货", "支持15天无理由退货"]]), "新表.csv")
    assert problem.code == "conflict_time"
    assert "旧表.csv › Sheet1 › A2" in problem.text


def test_a_trainers_entry_is_named_as_hers(store: MerchantStore, make_csv: Make) -> None:
    save_entry(store, None, faq("T1", "包邮吗", "全店包邮"))
    (problem,) = found(store, make_csv([HEAD, ["1", "包不包邮", "亲，不包邮的"]]))
    assert problem.code == "conflict_option" and "训练师写的“包邮吗”" in problem.text


def test_a_notice_that_changes_a_rule_is_held_against_the_question(store: MerchantStore, make_csv: Make) -> None:
    importer.commit(store, None, make_csv([HEAD, ["1", "什么时候发货", "付款后24小时内发货"]]), "问答.csv")
    head = ["标题", "内容", "生效时间", "失效时间"]
    rule = ["发货时间调整", "即日起付款后72小时内发货", "2026-11-01", ""]
    (problem,) = found(store, make_csv([head, rule]), "通知.csv")
    assert "“什么时候发货”" in problem.text and "72小时" in problem.text


def test_an_exception_for_a_time_is_no_conflict(store: MerchantStore, make_csv: Make) -> None:
    importer.commit(store, None, make_csv([HEAD, ["1", "什么时候发货", "付款后24小时内发货"]]), "问答.csv")
    head = ["标题", "内容", "生效时间", "失效时间"]
    rule = ["发货时间调整", "付款后72小时内发货", "2026-11-01", "2026-11-12"]
    assert not found(store, make_csv([head, rule]), "通知.csv")


def test_answers_of_one_row_are_held_against_each_other(store: MerchantStore, make_csv: Make) -> None:
    rows = [["编号", "问题", "答案", "答案"], ["1", "保修多久", "保修一年", "保修两年"]]
    (problem,) = found(store, make_csv(rows))
    assert "几条答复自己对不上" in problem.text


def test_unchanged_rows_are_reviewed_again_only_when_asked(store: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, ["1", "保修多久", "保修一年"], ["2", "质保多久", "保修两年"]])
    assert importer.commit(store, None, data, "问答.csv").to_json()["conflicts"] == 1
    assert found(store, data) == []
    assert len(found(store, data, everything=True)) == 1


def test_the_same_question_in_other_words_is_told_once(store: MerchantStore, make_csv: Make) -> None:
    rows = [HEAD, ["1", "可以机洗吗", "可以"], ["2", "请问支持机洗么", "可以的哦"], ["3", "不可以机洗怎么办", "手洗"]]
    (problem,) = found(store, make_csv(rows))
    assert (problem.code, problem.row) == ("question_similar", 3)
    assert "第2行“可以机洗吗”" in problem.text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("能退吗", "不能退吗"),
        ("7天能退吗", "8天能退吗"),
        ("发货前能改吗", "发货后能改吗"),
        ("怎么退货", "怎么换货"),
        ("羽绒服能洗吗", "羽绒被能洗吗"),
        ("一箱多少钱", "一箱多少个"),
        ("XD-C65能用吗", "XD-C100能用吗"),
    ],
)
def test_near_misses_are_other_questions(one: str, other: str) -> None:
    ours, theirs = fold(one), fold(other)
    assert bag(ours) != bag(theirs) or not same_question(ours, theirs)


ANSWER = st.text(alphabet="亲可不能支持退货发天小时元满包邮7358.，。%折月日:点一二两百-~到 abXL", max_size=40)


@given(ANSWER, ANSWER)
def test_disagreeing_is_mutual_and_never_with_oneself(one: str, other: str) -> None:
    assert disagree(one, one) is None
    assert (disagree(one, other) is None) is (disagree(other, one) is None)


@given(ANSWER, st.sampled_from(["祝您购物愉快", "有问题随时联系客服哦", "谢谢亲的支持"]))
def test_a_courtesy_more_contradicts_nothing(answer: str, courtesy: str) -> None:
    assert disagree(answer, f"{answer}。{courtesy}") is None


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    disagree(text, "48小时内发货，满99元包邮")
    bag(fold(text))


def test_a_file_of_one_question_costs_a_bounded_look(make_csv: Make, store: MerchantStore) -> None:
    rows = [HEAD, *([str(i), "什么时候发货" + "呀" * (i % 2), f"{i}小时内发货"] for i in range(3_000))]
    report = importer.preview(store, make_csv(rows), "问答.csv")
    assert any(p.code == "review_cut" for p in report.problems)


def test_reading_gives_the_same_bag_for_a_draft_and_the_store(make_csv: Make) -> None:
    draft = read_file(make_csv([HEAD, ["1", "请问，可以机洗吗？", "可以"]]), "问答.csv")
    (item,) = draft.sheets[0].entries
    assert {bag(text) for text in item.places} == {bag(fold("可以机洗吗"))}
