"""The three demo shops, with all their deliberate messes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.draft import Draft
from ingest.importer import read_file
from kb.model import Entry, Fact, Product

SHARED = Path("/work/shared/data/messy")
Read = Callable[[str], Draft]
Demo = Callable[[str], bytes]


@pytest.fixture(scope="module")
def read(demo: Demo) -> Read:
    return lambda path: read_file(demo(path), path)


def products(draft: Draft) -> dict[str, Product]:
    return {product.key: product for sheet in draft.sheets for product in sheet.products}


def entries(draft: Draft) -> dict[str, Entry]:
    return {each.entry.key: each.entry for sheet in draft.sheets for each in sheet.entries}


def value(facts: tuple[Fact, ...], name: str) -> str:
    return next(fact.value + fact.unit for fact in facts if fact.name == name)


@pytest.mark.parametrize(
    ("file", "count", "skus"),
    [("qingluo/商品表.xlsx", 16, 107), ("baicao/商品表.xlsx", 18, 43), ("xingdian/商品表.xlsx", 20, 63)],
)
def test_product_sheets(read: Read, file: str, count: int, skus: int) -> None:
    draft = read(file)
    found = products(draft)
    assert (len(found), sum(len(p.skus) for p in found.values()), draft.errors) == (count, skus, 0)
    assert all(fact.source and fact.source.row for p in found.values() for fact in p.facts)


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("qingluo/常见问题.xlsx", 84),
        ("baicao/常见问题.xlsx", 82),
        ("xingdian/常见问题.csv", 98),
        ("qingluo/快捷短语.csv", 35),
        ("baicao/快捷短语.csv", 39),
        ("xingdian/快捷短语.csv", 39),
        ("qingluo/活动通知.xlsx", 6),
        ("baicao/活动通知.xlsx", 6),
        ("xingdian/活动通知.xlsx", 6),
    ],
)
def test_entries(read: Read, file: str, count: int) -> None:
    draft = read(file)
    assert (len(entries(draft)), draft.errors) == (count, 0)


@pytest.mark.parametrize(
    ("shop", "facts", "refused", "place"),
    [("qingluo", 47, 2, "浙江杭州余杭仓"), ("baicao", 70, 2, "浙江杭州仓"), ("xingdian", 55, 1, "广东东莞仓")],
)
def test_handover_forms(read: Read, shop: str, facts: int, refused: int, place: str) -> None:
    draft = read(f"{shop}/店铺交接表.xlsx")
    found = {fact.name: fact for fact in draft.sheets[0].profile}
    assert (len(found), found["发货地"].value, draft.errors) == (facts, place, 0)
    assert {"平台", "主推产品", "合作快递", "售后补偿标准", "退货地址", "快递对接", "禁用话术"} <= set(found)
    assert [p.code for p in draft.problems].count("credential_refused") == refused
    assert "另行交接" not in repr(draft)


@pytest.mark.parametrize(
    ("shop", "orders", "lines"), [("qingluo", 268, 359), ("baicao", 246, 339), ("xingdian", 280, 375)]
)
def test_orders(read: Read, shop: str, orders: int, lines: int) -> None:
    draft = read(f"{shop}/订单.csv")
    found = draft.sheets[0].orders
    assert (len(found), sum(len(order.bought) for order in found), draft.errors) == (orders, lines, 0)
    assert all(order.at for order in found)


def test_merged_cells_of_a_dress(read: Read) -> None:
    dress = products(read("qingluo/商品表.xlsx"))["QL26D302"]
    assert (value(dress.facts, "面料成分"), value(dress.facts, "价格")) == ("棉98% 氨纶2%", "299元")
    assert [sku.name for sku in dress.skus][-1] == "墨绿 L"
    # 库存 of 墨绿 S is blank in the sheet: it is unknown, not that of the row above.
    assert [fact.name for fact in dress.skus[3].facts] == ["颜色", "尺码", "衣长", "胸围", "腰围", "建议体重"]


def test_units_and_dittos_of_cosmetics(read: Read) -> None:
    found = products(read("baicao/商品表.xlsx"))
    sizes = [(sku.name, value(sku.facts, "净含量"), value(sku.facts, "价格")) for sku in found["BC-J01"].skus]
    assert sizes == [("50ml", "50ml", "39元"), ("100毫升", "100ml", "69元"), ("150ML", "150ml", "89元")]
    assert value(found["BC-F01"].facts, "肤质") == "所有肤质，酒精敏感慎用"
    assert not any(fact.name == "防水" for fact in found["BC-M01"].facts)
    assert found["BC-E02"].name == "玻尿酸补水精华"


def test_facts_of_chargers_that_differ_stand_on_the_variants(read: Read) -> None:
    charger = products(read("xingdian/商品表.xlsx"))["XD1001"]
    assert (charger.model, value(charger.facts, "功率")) == ("XD-C65", "65W")
    assert [value(sku.facts, "价格") for sku in charger.skus] == ["89元", "89元", "109元", "109元"]


def test_questions_keep_their_wording(read: Read) -> None:
    first = entries(read("qingluo/常见问题.xlsx"))["Q001"]
    assert (first.scene, first.category, len(first.phrasings)) == ("售前", "尺码", 4)
    fourth = entries(read("qingluo/常见问题.xlsx"))["Q004"]
    assert [p.text for p in fourth.phrasings] == [
        "尺寸是平铺量的吗", "胸围说的是一圈还是一半", "尺码表准不准，会差多少",
    ]  # fmt: skip
    assert [p.text for p in entries(read("baicao/常见问题.xlsx"))["B008"].phrasings if p.polarity == "-"] == [
        "物流停在杭州两天了催催"
    ]
    # A trailing separator leaves no empty phrasing.
    assert len(entries(read("xingdian/常见问题.csv"))["X040"].phrasings) == 4


def test_notices_end_when_they_say(read: Read) -> None:
    found = entries(read("qingluo/活动通知.xlsx"))
    double_eleven = found["双11狂欢 全店活动价"]
    assert (double_eleven.window.start, double_eleven.window.end) == (1793462400, 1794412799)
    assert double_eleven.must_read
    assert sum(entry.window.end is None for entry in found.values()) == 1


def test_phrases_keep_every_byte(read: Read, demo: Demo) -> None:
    raw = demo("qingluo/快捷短语.csv").decode("gb18030")
    texts = [entry.answers[0].text for entry in entries(read("qingluo/快捷短语.csv")).values()]
    assert any("\n" in text for text in texts)
    assert all(text in raw for text in texts)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared real files are not here")
def test_real_files_survive() -> None:
    data = (SHARED / "tmall_beauty_gbk.csv").read_bytes()
    worked = sum(os.times()[:4])  # of this process and its children: other tests share the machine
    catalogue = read_file(data, "tmall_beauty_gbk.csv")
    assert sum(os.times()[:4]) - worked < 10  # 0.9 s
    assert (len(products(catalogue)), len(catalogue.problems), catalogue.errors) == (3497, 1, 0)
    desk = read_file((SHARED / "help_centre_faq.tsv").read_bytes(), "help_centre_faq.tsv")
    assert (desk.sheets[0].rows, len(entries(desk)), desk.errors) == (187, 186, 1)
    assert {"garbled", "answer_missing"} <= {p.code for p in desk.problems}
    orders = read_file((SHARED / "orders_bom.csv").read_bytes(), "orders_bom.csv").sheets[0].orders
    assert (len(orders), sum(len(order.bought) for order in orders)) == (9835, 43367)
