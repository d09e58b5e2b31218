"""Who a buyer is does not become knowledge, wherever in a sheet it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.columns.correction import Correction
from ingest.importer import commit, preview
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
NAMES = ["买家昵称", "旺旺", "收件人", "微信昵称", "收货人姓名", "会员名", "顾客微信号"]


@pytest.mark.parametrize("header", NAMES)
@pytest.mark.parametrize(
    ("head", "row"), [(["商品名称", "材质"], ["大衣", "羊毛"]), (["问题", "答案"], ["怎么退", "可以"])]
)
def test_a_column_of_buyers_is_never_stored_and_said(
    header: str, head: list[str], row: list[str], shop: MerchantStore, make_csv: Make
) -> None:
    report = commit(shop, None, make_csv([[*head, header], [*row, "小鱼爱吃糖"]]), "表.csv")
    assert [(p.severity, p.code, p.column) for p in report.problems] == [("warning", "buyer_column", "C")]
    assert header in report.problems[0].text
    assert "小鱼爱吃糖" not in f"{shop.products()}{shop.entries()}{report.to_json()}"
    assert len(shop.products()) + len(shop.entries()) == 1


def test_a_product_may_have_a_nickname_where_a_person_says_so(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([["商品名称", "昵称"], ["大衣", "小黑"]])
    commit(shop, None, data, "表.csv", mapping={"": Correction(columns={"B": "fact"})})
    assert [(f.name, f.value) for f in shop.products()[0].facts] == [("昵称", "小黑")]


@pytest.mark.parametrize("header", ["适用人群", "客户问题", "会员价", "用户评价数", "微信小程序价", "收货后几天可退"])
def test_other_columns_that_speak_of_buyers_are_read(header: str, shop: MerchantStore, make_csv: Make) -> None:
    report = preview(shop, make_csv([["商品名称", header], ["大衣", "老人"]]), "表.csv")
    assert "buyer_column" not in {p.code for p in report.problems}


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (["编号", "问题", "答案"], [["13800138000", "怎么退", "可以"], ["139 0013 9000", "几天发", "两天"]]),
        (["编号", "标题", "内容"], [["13800138000", "双11", "满减"], ["Q2", "双12", "满减"]]),
        (["货号", "商品名称"], [["13800138000", "大衣"], ["K2", "围巾"]]),
        (["编码", "快捷短语"], [["13800138000", "亲在的"], ["zz", "再见"]]),
    ],
)
def test_a_telephone_number_is_no_number_of_the_merchant(
    head: list[str], rows: list[list[str]], shop: MerchantStore, make_csv: Make
) -> None:
    data = make_csv([head, *rows])
    report = commit(shop, None, data, "表.csv")
    told = [p for p in report.problems if p.code == "number_personal"]
    assert told
    assert (told[0].row, told[0].column, told[0].severity) == (2, "A", "warning")
    stored = f"{shop.products()}{shop.entries()}{report.to_json()}{report.text()}"
    assert "13800138000" not in stored and "139 0013 9000" not in stored
    assert len(shop.products()) + len(shop.entries()) == len(rows)
    assert commit(shop, None, data, "表.csv").unchanged == len(rows)


def test_item_numbers_of_eleven_digits_stay(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv([["宝贝ID", "商品名称"], ["18164178225", "大衣"]]), "表.csv")
    assert [product.key for product in shop.products()] == ["18164178225"]
