"""One question, other answers for other platforms, products and times: stated by the sheet, owned by who stated them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.importer import commit, preview, read_file
from kb.language.platforms import read_platforms
from kb.model import Answer, Condition, Entry, Logistics, Origin, Query, Window
from kb.shard import Shard
from kb.store.change import Change
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = ["编号", "问题", "答案", "适用平台", "适用商品"]


def entries(make: Make, *rows: list[str], head: list[str] = HEAD) -> list[Entry]:
    return [each.entry for each in read_file(make([head, *rows]), "问答.csv").sheets[0].entries]


def said(entry: Entry) -> set[tuple[str, str, str]]:
    return {
        (a.text, "/".join(sorted(a.condition.platforms)), "/".join(sorted(a.condition.products))) for a in entry.answers
    }


@pytest.mark.parametrize(
    ("cell", "platforms"),
    [
        ("天猫", {"天猫"}),
        ("淘宝、天猫", {"淘宝", "天猫"}),
        ("TMALL / 抖店", {"天猫", "抖音"}),
        ("京东自营；PDD", {"京东", "拼多多"}),
        ("淘系", {"淘宝", "天猫"}),
        ("京东和拼多多", {"京东", "拼多多"}),
        ("全平台", set()),
        ("天猫，全平台", set()),
        ("", set()),
        ("除京东外", {"除京东外"}),
    ],
)
def test_platforms_are_the_words_that_shops_use(cell: str, platforms: set[str]) -> None:
    assert set(read_platforms(cell)[0]) == platforms


def test_an_unknown_platform_narrows_and_is_said(make_csv: Make) -> None:
    draft = read_file(make_csv([HEAD, ["", "价保吗", "七天", "海淘站", ""]]), "问答.csv")
    assert [(p.severity, p.code, p.row, p.column) for p in draft.problems] == [("warning", "platform_unknown", 2, "D")]
    assert draft.sheets[0].entries[0].entry.answers[0].condition.platforms == {"海淘站"}


def test_rows_of_one_question_become_one_entry(make_csv: Make) -> None:
    rows = [
        ["", "价保吗", "七天", "天猫", ""],
        ["", "包邮吗", "包", "", ""],
        ["", "价保吗？", "十五天", "京东、拼多多", ""],
    ]
    first, second = entries(make_csv, *rows)
    assert said(first) == {("七天", "天猫", ""), ("十五天", "京东/拼多多", "")}
    assert said(second) == {("包", "", "")}


def test_the_same_question_twice_for_the_same_buyers_is_an_error(make_csv: Make) -> None:
    draft = read_file(
        make_csv([HEAD, ["", "价保吗", "七天", "天猫", ""], ["", "价保吗", "八天", "天猫", ""]]), "问答.csv"
    )
    assert [(p.code, p.row) for p in draft.problems] == [("duplicate_key", 3)]


def test_a_row_below_a_merged_question_says_its_own_platform(make_csv: Make) -> None:
    (entry,) = entries(
        make_csv, ["Q1", "价保吗", "七天", "天猫", ""], ["", "", "十五天", "京东", ""], ["", "", "也可以", "", ""]
    )
    assert said(entry) == {("七天", "天猫", ""), ("十五天", "京东", ""), ("也可以", "京东", "")}


def test_each_answer_may_have_its_own_time_and_the_timed_one_is_sent(make_csv: Make, shop: MerchantStore) -> None:
    head = ["问题", "答案", "生效时间", "失效时间"]
    rows = [["几天发货", "两天", "", ""], ["几天发货", "双11要五天", "2026-11-01", "2026-11-11"]]
    (entry,) = entries(make_csv, *rows, head=head)
    assert entry.window == Window()
    assert [(a.text, a.window) for a in entry.answers] == [
        ("双11要五天", Window(1793462400, 1794412800)),
        ("两天", Window()),
    ]
    commit(shop, None, make_csv([head, *rows]), "问答.csv")
    shard = Shard.build(shop.snapshot(""), "")
    answers = [shard.answer_for(0, Query("几天发货", now=now)) for now in (1793462400, 1794412800)]
    assert [answer and answer.text for answer in answers] == ["双11要五天", "两天"]


def test_one_time_for_all_rows_is_the_entrys(make_csv: Make) -> None:
    head = ["问题", "答案", "平台", "失效时间"]
    (entry,) = entries(make_csv, ["甲", "1", "天猫", "2026-11-11"], ["甲", "2", "京东", "2026-11-11"], head=head)
    assert entry.window.end == 1794412800
    assert all(answer.window == Window() for answer in entry.answers)


def test_products_are_named_by_number_sku_or_name(make_csv: Make, shop: MerchantStore) -> None:
    commit(
        shop,
        None,
        make_csv([["款号", "商品名称", "规格编码"], ["K1", "大衣", "K1-S"], ["K2", "围巾", ""]]),
        "商品表.csv",
    )
    rows = [
        ["", "起球吗", "不起", "", "k1、围巾"],
        ["", "起球吗", "会一点", "", "K9"],
        ["", "包邮吗", "包", "", "全店"],
    ]
    report = commit(shop, None, make_csv([HEAD, *rows]), "问答.csv")
    first, second = shop.entries()
    assert said(first) == {("不起", "", "K1/K2"), ("会一点", "", "K9")}
    assert said(second) == {("包", "", "")}
    assert [(p.code, p.row) for p in report.problems] == [("product_unknown", 2)]


def test_a_product_that_is_known_later_changes_the_row(make_csv: Make, shop: MerchantStore) -> None:
    data = make_csv([HEAD, ["", "起球吗", "不起", "", "大衣"]])
    commit(shop, None, data, "问答.csv")
    assert commit(shop, None, data, "问答.csv").unchanged == 1
    commit(shop, None, make_csv([["款号", "商品名称", "售价"], ["K1", "大衣", 9]]), "商品表.csv")
    assert commit(shop, None, data, "问答.csv").changed == 1
    assert said(shop.entries()[0]) == {("不起", "", "K1")}
    assert commit(shop, None, data, "问答.csv").unchanged == 1


def test_a_sheet_with_its_own_products_needs_no_second_import(make_xlsx: Make, shop: MerchantStore) -> None:
    book = {
        "问答": [HEAD, ["", "起球吗", "不起", "", "大衣"]],
        "商品": [["款号", "商品名称", "售价"], ["K1", "大衣", 9]],
    }
    assert commit(shop, None, make_xlsx(book), "资料.xlsx").problems == []
    assert commit(shop, None, make_xlsx(book), "资料.xlsx").unchanged == 2


# -- whose condition it is


def test_what_the_sheet_stated_it_may_change(make_csv: Make, shop: MerchantStore) -> None:
    """Left behind, the answer for 天猫 would outrank the new general one for ever."""
    commit(shop, None, make_csv([HEAD, ["", "价保吗", "七天", "天猫", ""]]), "问答.csv")
    before = shop.entries()[0].answers[0]
    commit(
        shop, None, make_csv([HEAD, ["", "价保吗", "七天", "天猫", ""], ["", "价保吗", "十天", "京东", ""]]), "问答.csv"
    )
    assert before in shop.entries()[0].answers
    report = commit(shop, None, make_csv([HEAD, ["", "价保吗", "十五天", "", ""]]), "问答.csv")
    assert said(shop.entries()[0]) == {("十五天", "", "")}
    assert report.problems == []


def test_a_sheet_without_the_column_says_nothing_of_platforms(make_csv: Make, shop: MerchantStore) -> None:
    commit(shop, None, make_csv([HEAD, ["", "价保吗", "七天", "天猫", ""]]), "问答.csv")
    commit(shop, None, make_csv([["问题", "答案"], ["价保吗", "十五天"]]), "问答.csv")
    assert said(shop.entries()[0]) == {("七天", "天猫", ""), ("十五天", "", "")}


def test_what_a_person_stated_stays_and_is_said(make_csv: Make, shop: MerchantStore) -> None:
    commit(shop, None, make_csv([HEAD, ["", "价保吗", "七天", "", ""]]), "问答.csv")
    (entry,) = shop.entries()
    mine = Answer("a_mine", "京东三十天", Condition(frozenset({"京东"})), origin=Origin.TRAINER)
    shop.apply(Change(entries=[entry_with(entry, mine)]))
    report = commit(
        shop, None, make_csv([HEAD, ["", "价保吗", "八天", "", ""], ["", "价保吗", "九天", "天猫", ""]]), "问答.csv"
    )
    (merged,) = shop.entries()
    assert said(merged) == {("八天", "", ""), ("九天", "天猫", ""), ("京东三十天", "京东", "")}
    assert mine in merged.answers
    assert [p.code for p in report.problems] == ["trainer_edit_overwritten"]


def entry_with(entry: Entry, answer: Answer) -> Entry:
    from dataclasses import replace

    return replace(entry, answers=(*entry.answers, answer), origin=Origin.TRAINER)


def test_a_preview_says_the_same(make_csv: Make, shop: MerchantStore) -> None:
    report = preview(shop, make_csv([HEAD, ["", "起球吗", "不起", "", "K9"]]), "问答.csv")
    assert [p.code for p in report.problems] == ["product_unknown"]
    assert shop.entries() == []


STATED = ["编号", "问题", "答案", "适用订单状态"]


def test_a_sheet_says_in_which_state_of_the_order_an_answer_holds(make_csv: Make) -> None:
    rows = [
        ["1", "怎么退款", "申请后当天退", "未发货"],
        ["1", "怎么退款", "签收后退货", "已签收、派送中"],
        ["1", "怎么退款", "看订单", ""],
    ]
    (entry,) = entries(make_csv, *rows, head=STATED)
    states = {answer.text: answer.condition.states for answer in entry.answers}
    assert states == {
        "申请后当天退": {Logistics.WAITING},
        "签收后退货": {Logistics.SIGNED, Logistics.DELIVERING},
        "看订单": set(),
    }


def test_a_state_nobody_knows_is_an_error_and_its_answer_reaches_nobody(make_csv: Make) -> None:
    draft = read_file(
        make_csv([STATED, ["1", "怎么退款", "当天退", "心情好"], ["2", "包邮吗", "包邮", ""]]), "问答.csv"
    )
    assert [(p.severity, p.code, p.row, p.column) for p in draft.problems] == [("error", "order_state_unknown", 2, "D")]
    assert [each.entry.key for each in draft.sheets[0].entries] == ["2"]


def test_states_are_stored_and_a_sheet_without_the_column_says_nothing_of_them(
    make_csv: Make, store: MerchantStore
) -> None:
    sheet = make_csv([STATED, ["1", "怎么退款", "申请后当天退", "待发货"], ["1", "怎么退款", "看订单", ""]])
    commit(store, None, sheet, "问答.csv")
    assert commit(store, None, sheet, "问答.csv").unchanged == 1
    commit(store, None, make_csv([["编号", "问题", "答案"], ["1", "怎么退款", "看订单详情"]]), "问答.csv", partial=True)
    (entry,) = store.entries()
    assert {(answer.text, *answer.condition.states) for answer in entry.answers} == {
        ("申请后当天退", Logistics.WAITING), ("看订单详情",)
    }  # fmt: skip
