"""Sheets of what to offer (加购规则): as merchants write them, with what is kept and what is not, there and back."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import openpyxl
import pytest

from ingest.columns.fields import SheetKind
from ingest.export import export_csv, export_xlsx, knowledge_of
from ingest.importer import commit, read_file
from ingest.template import template
from kb.errors import Conflict
from kb.model import OfferRule, OfferWay
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = [
    "方式",
    "主商品",
    "推荐商品",
    "推荐话术",
    "推荐理由",
    "满多少元",
    "减多少元",
    "库存",
    "不适用人群",
    "生效时间",
    "失效时间",
]
GOODS = [["商品编号", "商品名称", "类目", "价格"], ["C1", "羊毛大衣", "大衣", "899"], ["K1", "高领毛衣", "针织", "199"]]


def rules(make: Make, *rows: Sequence[str], head: Sequence[str] = HEAD) -> tuple[list[OfferRule], list[str]]:
    draft = read_file(make([head, *[[*row, *[""] * (len(head) - len(row))] for row in rows]]), "加购规则.csv")
    (sheet,) = draft.sheets
    assert sheet.kind is SheetKind.OFFER, draft.problems
    return list(sheet.offers), [problem.code for problem in draft.problems]


def test_a_row_is_a_rule(make_csv: Make) -> None:
    row = [
        "搭配",
        "羊毛大衣、C2",
        "高领毛衣",
        "配{商品名}，{价格}元",
        "一身",
        "",
        "",
        "12",
        "羊毛过敏、怕扎",
        "2026-11-01",
        "2026-11-30",
    ]
    [found], told = rules(make_csv, row)
    assert (found.way, found.products, found.partner) == (OfferWay.PAIR, ("C2", "羊毛大衣"), "高领毛衣")
    assert (found.text, found.why, found.refuse) == ("配{商品名}，{价格}元", "一身", ("怕扎", "羊毛过敏"))
    assert found.in_stock and found.active and found.window.end - found.window.start == 30 * 86400  # type: ignore[operator]
    assert told == []


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("", OfferWay.PAIR), ("连带", OfferWay.PAIR), ("满减凑单", OfferWay.THRESHOLD), ("满减", OfferWay.THRESHOLD),
        ("加价购", OfferWay.SWAP),
        ("满赠", OfferWay.GIFT), ("不推荐", OfferWay.NEVER), ("禁推", OfferWay.NEVER),
    ],
)  # fmt: skip
def test_ways_are_written_in_many_words(make_csv: Make, said: str, way: OfferWay) -> None:
    [found], _ = rules(make_csv, [said, "C1", "K1", "", "", "199"])
    assert found.way is way and found.threshold == 19_900


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["随便", "C1", "K1"], "way_unknown"),
        (["凑单", "C1"], "threshold_missing"),
        (["搭配", "C1", "", "说点什么"], "partner_missing"),
        (["搭配", "C1", "K1", "", "", "满三百"], "amount_unreadable"),
        (["搭配", "C1", "K1", "", "", "", "", "", "", "2026-11-30", "2026-11-01"], "window_reversed"),
        (["搭配", "C1", "K1", "", "", "", "", "", "", "下周", ""], "date_unreadable"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_acted_on_is_an_error(make_csv: Make, row: list[str], code: str) -> None:
    found, told = rules(make_csv, row, ["搭配", "C1", "K2"])
    assert len(found) == 1 and code in told


def test_the_same_rule_twice_is_an_error(make_csv: Make) -> None:
    found, told = rules(make_csv, ["搭配", "C1", "K1"], ["搭配", "C1", "K1", "另一句"])
    assert len(found) == 1 and "offer_twice" in told


def test_what_a_product_costs_becomes_a_floor_and_is_not_kept(make_csv: Make) -> None:
    head = ["主商品", "推荐商品", "成本价", "最低毛利率", "最低成交价"]
    found, told = rules(
        make_csv, ["C1", "K1", "83.37", "30%"], ["C1", "K2", "50", "", "60"], ["C1", "K3", "", "30%"], head=head
    )
    assert [rule.floor for rule in found] == [11_910, 6_000, 0]
    assert told == ["margin_without_cost"]
    assert "8337" not in repr(found) and "83.37" not in repr(found)
    [share], _ = rules(make_csv, ["C1", "K1", "70", "0.3"], head=head)
    assert share.floor == 10_000


@pytest.mark.parametrize(
    ("said", "there"), [("0", False), ("缺货", False), ("无货", False), ("", True), ("35", True), ("有", True)]
)
def test_stock(make_csv: Make, said: str, there: bool) -> None:
    [found], _ = rules(make_csv, ["搭配", "C1", "K1", "", "", "", "", said])
    assert found.in_stock is there


@pytest.mark.parametrize(
    ("said", "on"), [("", True), ("是", True), ("启用", True), ("否", False), ("停用", False), ("等通知", False)]
)
def test_a_rule_can_be_stopped_and_a_word_nobody_knows_stops_it(make_csv: Make, said: str, on: bool) -> None:
    [found], told = rules(make_csv, ["C1", "K1", said], head=["主商品", "推荐商品", "是否启用"])
    assert found.active is on and ("flag_unreadable" in told) == (said == "等通知")


def test_personal_data_is_masked_or_told(make_csv: Make) -> None:
    [found], told = rules(make_csv, ["搭配", "C1", "K1", "", "找13812345678"])
    assert "13812345678" not in found.why and "personal_data" in told


def imported(store: MerchantStore, make: Make) -> None:
    commit(store, None, make(GOODS), "商品表.csv")
    rows = [
        ["搭配", "羊毛大衣", "K1", "=配{商品名}", "一身", "", "", "", "怕扎", "", ""],
        ["凑单", "", "", "", "", "299", "40", "", "", "2026-11-01 00:00:00", "2026-11-11 23:59:59"],
        ["赠品", "", "帆布袋", "", "", "199", "", "", "", "", ""],
        ["不推荐", "", "针织", "", "", "", "", "", "孕", "", ""],
        ["搭配", "没有的商品", "也没有", "", "", "", "", "", "", "", ""],
    ]
    report = commit(store, None, make([HEAD, *rows]), "加购规则.csv", partial=True)
    assert [sheet.added for sheet in report.sheets] == [5]
    assert sum(problem.code == "product_unknown" for sheet in report.sheets for problem in sheet.problems) == 2


def test_products_are_kept_by_their_keys_and_the_same_sheet_changes_nothing(
    store: MerchantStore, make_csv: Make
) -> None:
    imported(store, make_csv)
    first = store.offers()[0]
    assert (first.products, first.partner, first.text) == (("C1",), "K1", "=配{商品名}")
    before = store.generation()
    again = make_csv([HEAD, ["搭配", "C1", "高领毛衣", "=配{商品名}", "一身", "", "", "", "怕扎", "", ""]])
    assert commit(store, None, again, "另一份.csv").sheets[0].unchanged == 1
    assert store.generation() == before and len(store.offers()) == 5


def test_undo_puts_back_what_was(store: MerchantStore, make_csv: Make) -> None:
    imported(store, make_csv)
    before = store.offers()
    commit(
        store,
        None,
        make_csv([HEAD, ["搭配", "C1", "K1", "换一句", "", "", "", "0", "", "", ""], ["搭配", "K1", "C1"]]),
        "新.csv",
    )
    assert len(store.offers()) == 6 and not store.offers()[0].in_stock
    store.undo(store.imports()[0].id, actor="x")
    assert store.offers() == before
    with pytest.raises(Conflict):
        store.undo(store.imports()[0].id, actor="x")


def test_export_and_import_give_the_same_rules_and_the_same_bytes(
    store: MerchantStore, folder: DataFolder, make_csv: Make
) -> None:
    imported(store, make_csv)
    kinds = [SheetKind.PRODUCT, SheetKind.OFFER]
    out = export_xlsx(knowledge_of(store), kinds)
    folder.hub.add_merchant("shop-b", "乙店")
    other = folder.merchant("shop-b")
    commit(other, None, out, "导出.xlsx")
    assert {rule.id: (rule.way, rule.text, rule.window, rule.refuse) for rule in other.offers()} == {
        rule.id: (rule.way, rule.text, rule.window, rule.refuse) for rule in store.offers()
    }
    assert export_xlsx(knowledge_of(other), kinds) == out
    assert all(sheet.changed == sheet.added == 0 for sheet in commit(store, None, out, "导出.xlsx").sheets)
    [csv] = export_csv(knowledge_of(store), SheetKind.OFFER)
    assert commit(store, None, csv, "导出.csv").sheets[0].unchanged == 5


def test_the_template_is_read_back_with_every_column(make_csv: Make) -> None:
    content = template(SheetKind.OFFER)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    sheet.append(["J9", "搭配", "C1", "K1"])
    out = io.BytesIO()
    sheet.parent.save(out)
    draft = read_file(out.getvalue(), "加购规则模板.xlsx")
    found = next(sheet for sheet in draft.sheets if sheet.kind)
    assert found.kind is SheetKind.OFFER and [rule.key for rule in found.offers] == ["J9"]


def test_other_sheets_are_not_taken_for_rules(make_csv: Make) -> None:
    for head, kind in (
        (["商品编号", "商品名称", "价格", "搭配商品"], SheetKind.PRODUCT),
        (["问题", "答复", "关联商品"], SheetKind.FAQ),
        (["标题", "内容", "生效时间", "失效时间", "类型"], SheetKind.NOTICE),
    ):
        draft = read_file(make_csv([head, ["a"] * len(head)]), "表.csv")
        assert draft.sheets[0].kind is kind
