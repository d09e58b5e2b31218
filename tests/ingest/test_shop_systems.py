"""Sheets as shop systems and shop owners lay them out, which used to come in wrongly without a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.columns.correction import Correction
from ingest.importer import commit, preview
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]


def test_a_product_card_on_its_side_makes_no_product_of_each_attribute(shop: MerchantStore, make_xlsx: Make) -> None:
    card = [["商品名称", "羊毛大衣"], ["材质", "羊毛"], ["价格", "899"], ["洗涤", "干洗"]]
    report = commit(shop, None, make_xlsx({"S": card}), "商品.xlsx", partial=True)
    assert [p.code for p in report.problems] == ["sheet_sideways"]
    assert "转置" in report.message
    assert shop.products() == []


def test_what_a_product_costs_the_shop_is_no_fact_for_agents(shop: MerchantStore, make_csv: Make) -> None:
    rows = [["商品名称", "售价", "成本价", "供应商名称"], ["卫衣", "89", "35", "某服饰"]]
    report = commit(shop, None, make_csv(rows), "表.csv")
    assert [(p.code, p.column) for p in report.problems] == [("internal_column", "C"), ("internal_column", "D")]
    assert [fact.name for fact in shop.products()[0].facts] == ["价格"]
    said = {"": Correction(columns={"D": "fact"})}
    commit(shop, None, make_csv(rows), "表.csv", mapping=said)
    assert "供应商名称" in {fact.name for fact in shop.products()[0].facts}


def test_one_style_with_several_item_numbers_is_one_product(shop: MerchantStore, make_csv: Make) -> None:
    head = ["商品编码", "款式编码", "商品名称", "颜色及规格", "基本售价", "可用数"]
    rows = [["1001-M", "1001", "卫衣", "黑色;M", "89", "12"], ["1001-L", "1001", "卫衣", "黑色;L", "89", "0"]]
    commit(shop, None, make_csv([head, *rows], "gbk"), "聚水潭.csv")
    (product,) = shop.products()
    assert (product.key, [sku.key for sku in product.skus]) == ("1001", ["1001-M", "1001-L"])
    assert commit(shop, None, make_csv([head, *rows], "gbk"), "聚水潭.csv").unchanged == 1


def test_item_numbers_stay_where_each_has_its_own_style(shop: MerchantStore, make_csv: Make) -> None:
    commit(
        shop, None, make_csv([["商品编码", "款号", "商品名称"], ["P1", "K1", "卫衣"], ["P2", "K2", "大衣"]]), "表.csv"
    )
    assert {product.key for product in shop.products()} == {"P1", "P2"}


def test_two_columns_of_questions_need_no_header_in_a_workbook(
    shop: MerchantStore, make_xlsx: Make, make_csv: Make
) -> None:
    rows = [["怎么退货？", "七天内可以"], ["几天发货？", "48小时"], ["发什么快递", "中通"]]
    report = commit(shop, None, make_xlsx({"S": rows}), "问答.xlsx")
    assert [entry.question for entry in shop.entries()] == ["怎么退货？", "几天发货？", "发什么快递"]
    assert report.errors == 0
    assert preview(shop, make_csv(rows, "gbk"), "问答.csv").unchanged == 3


def test_heading_rows_are_categories_and_no_questions_without_answers(shop: MerchantStore, make_csv: Make) -> None:
    rows = [["问题", "答案"], ["【售后问题】", ""], ["怎么退货", "可以"], ["二、物流", ""], ["几天发货", "48小时"]]
    report = commit(shop, None, make_csv(rows), "问答.csv")
    assert (report.errors, report.sheets[0].skipped) == (0, 2)
    assert [(e.question, e.category) for e in shop.entries()] == [("怎么退货", "售后问题"), ("几天发货", "物流")]


def test_a_question_that_looks_like_a_heading_still_lacks_its_answer(shop: MerchantStore, make_csv: Make) -> None:
    rows = [["问题", "答案"], ["一、能退吗", ""], ["【能机洗吗？】", ""], ["几天发货", "48小时"]]
    assert [p.row for p in preview(shop, make_csv(rows), "问答.csv").problems if p.severity == "error"] == [2, 3]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("常见问题.csv", "文件名像是问答表，里面却是商品表"),
        ("订单导出.csv", "文件名像是订单表，里面却是商品表"),
        ("商品常见问题.csv", ""),
        ("2026秋冬.csv", ""),
    ],
)
def test_another_file_under_the_right_name_is_asked_about(
    name: str, told: str, shop: MerchantStore, make_csv: Make
) -> None:
    report = preview(shop, make_csv([["款号", "商品名称", "价格"], ["A1", "帽子", "59"]]), name)
    found = [problem for problem in report.problems if problem.code == "file_misnamed"]
    assert [problem.text.split("。")[0] for problem in found] == ([told] if told else [])
    assert preview(shop, make_csv([["款号", "商品名称"], ["A1", "帽子"]]), name, kind="product").problems == []
