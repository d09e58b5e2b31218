"""Product sheets: merged cells, 同上, variants, prices and units, and one product on many rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingest.draft import Draft
from ingest.importer import read_file
from kb.model import Fact, Product

Make = Callable[..., bytes]
Read = Callable[..., Draft]


@pytest.fixture
def read(make_csv: Make) -> Read:
    return lambda *rows: read_file(make_csv(rows), "商品表.csv")


def products(draft: Draft) -> list[Product]:
    return [product for sheet in draft.sheets for product in sheet.products]


def said(facts: Sequence[Fact]) -> dict[str, str]:
    return {fact.name: fact.value + fact.unit for fact in facts}


def codes(draft: Draft) -> list[tuple[str, str, int, str]]:
    return [(p.severity, p.code, p.row, p.column) for p in draft.problems]


HEADER = ["款号", "商品名称", "品牌", "类目", "型号", "SKU编码", "颜色", "尺码", "面料", "售价", "库存"]


def test_rows_of_one_number_are_one_product(read: Read) -> None:
    draft = read(
        HEADER,
        ["K1", "衬衫", "青", "上衣", "M1", "K1-WS", "白色", "S", "棉", "¥129", 5],
        ["K1", "衬衫", "青", "上衣", "M1", "K1-WM", "白色", "M", "棉", "129元", 0],
    )
    (shirt,) = products(draft)
    assert (shirt.key, shirt.name, shirt.brand, shirt.category, shirt.model) == ("K1", "衬衫", "青", "上衣", "M1")
    assert said(shirt.facts) == {
        "品牌": "青", "类目": "上衣", "型号": "M1", "颜色": "白色", "面料": "棉", "价格": "129元",
    }  # fmt: skip
    assert [(sku.key, sku.name, said(sku.facts)) for sku in shirt.skus] == [
        ("K1-WS", "白色 S", {"尺码": "S", "库存": "5"}),
        ("K1-WM", "白色 M", {"尺码": "M", "库存": "0"}),
    ]
    assert str(shirt.source) == "商品表.csv › Sheet1 › A2"
    assert str(shirt.facts[-1].source) == "商品表.csv › Sheet1 › J2"
    assert draft.problems == []


def test_merged_cells_are_inherited_but_stock_is_not(read: Read) -> None:
    draft = read(
        HEADER,
        ["K1", "衬衫", "", "", "", "K1-WS", "白色", "S", "棉", 129, 5],
        ["", "", "", "", "", "K1-WM", "", "M", "", "", ""],
        ["", "", "", "", "", "K1-BS", "黑色", "S", "", "", 7],
    )
    (shirt,) = products(draft)
    assert said(shirt.facts) == {"面料": "棉", "价格": "129元"}
    assert [(sku.name, said(sku.facts)) for sku in shirt.skus] == [
        ("白色 S", {"颜色": "白色", "尺码": "S", "库存": "5"}),
        ("白色 M", {"颜色": "白色", "尺码": "M"}),
        ("黑色 S", {"颜色": "黑色", "尺码": "S", "库存": "7"}),
    ]
    # The inherited colour stands in the cell where it was written.
    assert str(shirt.skus[1].facts[0].source).endswith("G2")


def test_stock_of_a_first_row_alone_is_that_rows(read: Read) -> None:
    (shirt,) = products(
        read(["款号", "商品名称", "规格", "库存"], ["K1", "衬衫", "S", 5], ["K1", "", "M", ""]),
    )
    assert [said(sku.facts) for sku in shirt.skus] == [{"规格": "S", "库存": "5"}, {"规格": "M"}]


def test_a_sparse_column_is_no_merged_one(read: Read) -> None:
    # 注意 stands in the first row of K1 and in the second of K2: it is said of one variant each time.
    first, second = products(
        read(
            ["款号", "商品名称", "规格", "注意"],
            ["K1", "甲", "S", "断码"],
            ["K1", "甲", "M", ""],
            ["K2", "乙", "S", ""],
            ["K2", "乙", "M", "色差"],
        )
    )
    assert [said(sku.facts).get("注意") for sku in (*first.skus, *second.skus)] == ["断码", None, None, "色差"]


def test_ditto_takes_the_row_above(read: Read) -> None:
    first, second = products(
        read(["商品名称", "规格编码", "肤质"], ["甲", "A1", "干皮"], ["甲", "A2", "同上"], ["乙", "B1", "同上"])
    )
    assert said(first.facts) == said(second.facts) == {"肤质": "干皮"}
    assert str(second.facts[0].source).endswith("C2")


def test_ditto_on_the_first_row_is_nothing(read: Read) -> None:
    assert products(read(["商品名称", "肤质"], ["甲", "同上"]))[0].facts == ()


def test_not_applicable_is_left_out_and_none_is_a_value(read: Read) -> None:
    (product,) = products(read(["商品名称", "防水", "里料", "质地"], ["甲", "/", "无", "-"]))
    assert said(product.facts) == {"里料": "无"}


def test_units_come_from_the_cell_or_the_header(read: Read) -> None:
    (product,) = products(
        read(
            ["商品名称", "衣长(cm)", "净重（g）", "功率", "容量", "说明（见详情）", "价格（元）"],
            ["甲", "112", "0.5kg", "６５w", "64G", "x", "39-59元"],
        )
    )
    assert [(f.name, f.value, f.unit) for f in product.facts] == [
        ("衣长", "112", "cm"),
        ("净重", "0.5", "kg"),
        ("功率", "65", "W"),
        ("容量", "64G", ""),
        ("说明（见详情）", "x", ""),
        ("价格", "39-59元", ""),
    ]


def test_two_price_columns_keep_their_own_names(read: Read) -> None:
    (product,) = products(read(["商品名称", "售价", "价格"], ["甲", 129, 159]))
    assert said(product.facts) == {"售价": "129", "价格": "159元"} or said(product.facts) == {
        "售价": "129元",
        "价格": "159",
    }


def test_an_unreadable_price_is_a_warning_once(read: Read) -> None:
    draft = read(["款号", "商品名称", "规格", "售价"], ["K1", "甲", "S", "面议"], ["", "", "M", ""])
    assert codes(draft) == [("warning", "price_unreadable", 2, "D")]
    assert said(products(draft)[0].facts) == {}


def test_a_name_is_required(read: Read) -> None:
    draft = read(["款号", "商品名称", "规格", "售价"], ["", "", "S", 9], ["K1", "", "M", 9], ["", "", "", 9])
    assert codes(draft) == [
        ("warning", "row_skipped", 4, ""),
        ("error", "name_missing", 2, "B"),
        ("error", "name_missing", 3, "B"),
    ]
    assert products(draft) == []
    assert draft.sheets[0].skipped == 3


def test_dashes_are_neither_names_nor_numbers(read: Read) -> None:
    draft = read(["款号", "商品名称", "规格", "售价"], ["", "……", "S", 9], ["-", "甲", "S", 9], ["/", "甲", "M", 8])
    assert codes(draft) == [("error", "name_missing", 2, "B")]
    assert [(p.key, len(p.skus)) for p in products(draft)] == [("甲", 2)]


def test_without_numbers_the_name_is_the_key(read: Read) -> None:
    first, second = products(read(["商品名称", "规格"], ["甲 A", "S"], ["甲 A", "M"], ["乙", "S"]))
    assert (first.key, len(first.skus), second.key) == ("甲 a", 2, "乙")
    assert first.skus[0].key == "S"


def test_a_name_without_a_number_below_a_numbered_product_is_another(read: Read) -> None:
    found = products(
        read(["款号", "商品名称", "规格"], ["K1", "甲", "S"], ["", "甲", "M"], ["", "乙", "S"], ["K1", "", "L"])
    )
    assert [(p.key, [s.name for s in p.skus]) for p in found] == [("K1", ["S", "M", "L"]), ("乙", ["S"])]


def test_a_parent_row_above_its_variants(read: Read) -> None:
    (product,) = products(
        read(
            ["款号", "商品名称", "规格", "面料", "售价"],
            ["K1", "甲", "", "棉", ""],
            ["K1", "甲", "S", "", 9],
            ["K1", "甲", "M", "", 10],
        )
    )
    assert said(product.facts) == {"面料": "棉"}
    assert [said(sku.facts) for sku in product.skus] == [{"规格": "S", "价格": "9元"}, {"规格": "M", "价格": "10元"}]


def test_a_price_history_keeps_the_latest_and_says_so_once(read: Read) -> None:
    draft = read(
        ["update_time", "id", "title", "price"],
        ["2016/11/9", "A1", "霜", 139],
        ["2016/11/14", "A1", "霜【预售】", 129],
        ["2016/11/10", "A1", "霜", 119],
        ["2016/11/9", "A2", "水", 99],
    )
    first, second = products(draft)
    assert (first.name, first.skus, said(first.facts)) == (
        "霜【预售】",
        (),
        {"更新时间": "2016/11/14", "价格": "129元"},
    )
    assert said(second.facts)["价格"] == "99元"
    assert [(p.severity, p.code, p.row, p.text) for p in draft.problems] == [
        ("warning", "product_repeated", 0, "霜【预售】写了多次，只取最新的一行。不是要改价的话，请删掉多余的行")
    ]


def test_without_readable_dates_the_last_row_counts(read: Read) -> None:
    (product,) = products(read(["日期", "id", "title", "price"], ["某日", "A1", "霜", 1], ["", "A1", "霜", 2]))
    assert said(product.facts)["价格"] == "2元"


@pytest.mark.parametrize(
    "note",
    [
        ["备注：喷雾只走陆运，新疆不发", "", ""],
        ["以上价格为日常价，活动价见通知", "", ""],
        ["", "以上价格不含运费", ""],
        ["备注", "喷雾只走陆运", ""],
        ["合计", "", "300"],
        ["款号", "商品名称", "售价"],
    ],
)
def test_notes_totals_and_repeated_headers_are_no_products(read: Read, note: list[str]) -> None:
    draft = read(["款号", "商品名称", "售价"], ["K1", "甲", 9], note)
    assert ([p.key for p in products(draft)], draft.problems) == (["K1"], [])
    assert draft.sheets[0].skipped == 1


def test_a_lone_cell_is_skipped_with_a_word_unless_it_is_a_name(read: Read) -> None:
    draft = read(["款号", "商品名称", "售价"], ["—— 上衣 ——", "", ""], ["", "新品", ""], ["", "长" * 61, ""])
    assert [p.name for p in products(draft)] == ["新品"]
    assert [p.code for p in draft.problems] == ["row_skipped", "row_skipped"]


def test_the_usual_model_is_the_products_and_the_odd_one_the_variants(read: Read) -> None:
    (product,) = products(
        read(["商品名称", "型号", "规格"], ["甲", "X1", "S"], ["甲", "X1", "M"], ["甲", "Y1", "L"]),
    )
    assert product.model == "X1"
    assert [said(sku.facts)["型号"] for sku in product.skus] == ["X1", "X1", "Y1"]


def test_a_product_on_two_sheets_is_taken_from_the_first(make_xlsx: Make) -> None:
    head = ["款号", "商品名称", "售价"]
    sheets = {"女装": [head, ["K1", "甲", 9], ["K2", "乙", 9]], "爆款": [head, ["K1", "甲", 8], ["K2", "乙", 9]]}
    draft = read_file(make_xlsx(sheets), "商品表.xlsx")
    assert [(p.key, said(p.facts)["价格"]) for p in products(draft)] == [("K1", "9元"), ("K2", "9元")]
    assert [(p.sheet, p.code, p.row) for p in draft.problems] == [("爆款", "product_on_two_sheets", 2)]


def test_secret_and_picture_columns_are_never_read(read: Read) -> None:
    draft = read(["商品名称", "后台账号", "密码", "主图", "售价"], ["甲", "boss", "hunter2", "a.jpg", "1"])
    assert not any(secret in repr(draft) for secret in ("boss", "hunter2", "a.jpg"))
