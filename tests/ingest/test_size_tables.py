"""Size tables stand on the variants of their product, agents are told what they say, and nothing is computed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cost import cost
from ingest.draft import Draft
from ingest.drafting import draft_sheets
from ingest.importer import commit, preview, read_file
from ingest.kinds.sizes import size_tables
from ingest.sheet import Sheet, make_row
from kb.facts import state
from kb.language.sizes import size_keys
from kb.model import Fact, Product, ProductHit
from kb.store.merchant import MerchantStore
from making import shard_of

Make = Callable[..., bytes]
GOODS = [
    ["款号", "商品名称", "颜色", "尺码", "价格"],
    ["K1", "天丝衬衫", "白", "M", 129],
    ["K1", "天丝衬衫", "黑", "M", 129],
    ["K1", "天丝衬衫", "白", "XXL", 139],
    ["K2", "阔腿裤", "", "", 99],
]
DOWN = [
    ["天丝衬衫尺码表（单位：cm）"],
    ["尺码", "胸围", "衣长", "建议体重(斤)"],
    ["M", 92, 60, "90-105"],
    ["2XL", 100, 64, "-"],
]
ACROSS = [["K2"], ["部位/cm", "S", "M"], ["腰围", 66, 70], ["裤长", "100cm", "/"]]


def products(draft: Draft) -> dict[str, Product]:
    return {product.key: product for sheet in draft.sheets for product in sheet.products}


def said(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.name: fact.value + fact.unit for fact in facts}


def codes(draft: Draft) -> list[str]:
    return [problem.code for problem in draft.problems]


def answers(product: Product, text: str) -> list[str]:
    return [each.text for each in state(shard_of([], [product]), text, [ProductHit(product, 1.0)], product.key)]


@pytest.mark.parametrize("order", [("商品", "尺码"), ("尺码", "商品")])
def test_a_table_stands_on_the_variants_of_its_sizes(make_xlsx: Make, order: tuple[str, str]) -> None:
    sheets = {"商品": GOODS, "尺码": [*DOWN, *ACROSS]}
    draft = read_file(make_xlsx({name: sheets[name] for name in order}), "商品表.xlsx")
    shirt, trousers = products(draft)["K1"], products(draft)["K2"]
    assert [said(sku.facts).get("胸围") for sku in shirt.skus] == ["92cm", "92cm", "100cm"]
    assert [said(sku.facts).get("建议体重") for sku in shirt.skus] == ["90-105斤", "90-105斤", None]
    assert said(trousers.facts) == {"价格": "99元", "S码腰围": "66cm", "M码腰围": "70cm", "S码裤长": "100cm"}
    assert codes(draft) == []
    assert [str(f.source) for f in trousers.facts if f.name == "M码腰围"] == ["商品表.xlsx › 尺码 › C7"]


def test_agents_are_told_what_the_table_says_and_no_more(make_xlsx: Make) -> None:
    draft = read_file(make_xlsx({"商品": GOODS, "尺码": [*DOWN, *ACROSS]}), "商品表.xlsx")
    shirt, trousers = products(draft)["K1"], products(draft)["K2"]
    assert answers(shirt, "M码胸围多少") == ["亲，天丝衬衫（白 M、黑 M）的胸围是92cm哦～"]
    assert answers(trousers, "M码腰围多少") == ["亲，阔腿裤的M码腰围是70cm哦～"]
    for unsaid in ("L码腰围多少", "XL码腰围是多少", "M码裤长多少", "有M码吗"):
        assert answers(trousers, unsaid) == []
    for advice in ("160cm 50kg 穿什么码", "我160 100斤穿哪个码", "90斤穿M码合适吗"):
        assert answers(shirt, advice) == answers(trousers, advice) == []


@pytest.mark.parametrize(
    "table",
    [
        [["款号", "尺码", "胸围/cm"], ["K1", "M", 92], ["", "XXL", 100]],
        [["款号：K1"], ["尺码", "胸围(cm)"], ["M码", 92], ["XXL", 100]],
        [["商品名称", "天丝衬衫"], ["尺码", "胸围"], ["M", "92cm"], ["2XL", "100cm"]],
        [["款号", "部位", "M", "XXL"], ["K1", "胸围（cm）", 92, 100]],
        [["商品名称", "尺码", "胸围(cm)"], ["天丝衬衫", "M", 92], ["天丝衬衫", "XXL", 100]],
        [["天丝衬衫"], ["", "M(165/84A)", "XXL"], ["胸围(cm)", 92, 100]],
        [["【天丝衬衫】尺寸对照表", "单位：厘米"], ["号型", "胸围"], ["M", 92], ["XXL", 100], ["误差1-3厘米属正常"]],
    ],
)
def test_however_it_is_laid_out(make_xlsx: Make, table: list[list[object]]) -> None:
    shirt = products(read_file(make_xlsx({"商品": GOODS, "尺码表": table}), "商品表.xlsx"))["K1"]
    assert [said(sku.facts).get("胸围") for sku in shirt.skus] == ["92cm", "92cm", "100cm"]
    assert [sku.name for sku in shirt.skus] == ["白 M", "黑 M", "白 XXL"]


def test_the_name_of_the_sheet_names_a_product(make_xlsx: Make) -> None:
    draft = read_file(make_xlsx({"商品": GOODS, "天丝衬衫尺码表": DOWN[1:]}), "商品表.xlsx")
    assert said(products(draft)["K1"].skus[0].facts)["胸围"] == "92"  # no unit was said


def test_a_table_of_no_known_product_is_a_warning(shop: MerchantStore, make_xlsx: Make) -> None:
    report = preview(shop, make_xlsx({"商品": GOODS, "尺码表": DOWN[1:]}), "商品表.xlsx")
    assert [(p.code, p.severity, p.row) for p in report.problems] == [("size_table_of_none", "warning", 1)]
    assert "没有写明是哪个商品" in report.problems[0].text


def test_two_products_of_the_same_words_are_not_guessed(shop: MerchantStore, make_xlsx: Make) -> None:
    goods = [GOODS[0], ["K1", "天丝衬衫短款", "", "", 9], ["K2", "天丝衬衫长款", "", "", 9]]
    report = preview(shop, make_xlsx({"商品": goods, "尺码": DOWN}), "商品表.xlsx")
    assert [p.code for p in report.problems] == ["size_table_of_none"]


def test_what_the_goods_say_stands_and_the_difference_is_told(make_xlsx: Make) -> None:
    goods = [[*GOODS[0], "胸围(cm)"], [*GOODS[1], 90]]
    draft = read_file(make_xlsx({"商品": goods, "尺码": DOWN}), "商品表.xlsx")
    assert codes(draft) == ["size_differs"]
    assert "90cm" in [fact.value + fact.unit for fact in products(draft)["K1"].facts]


def test_a_table_in_a_file_of_its_own_adds_to_the_stored_product(shop: MerchantStore, make_xlsx: Make) -> None:
    goods, table = (
        make_xlsx({"商品": GOODS}),
        make_xlsx({"甲": DOWN, "乙": [["天丝衬衫"], ["尺码", "肩宽"], ["M", 40]]}),
    )
    commit(shop, None, goods, "商品表.xlsx")
    first = commit(shop, None, table, "尺码表.xlsx")
    assert (first.changed, first.problems) == (1, [])
    again = commit(shop, None, table, "尺码表.xlsx")
    assert (again.changed, again.unchanged, again.generation) == (0, 1, first.generation)
    shirt = next(p for p in shop.products() if p.key == "K1")
    assert {"胸围", "肩宽", "尺码"} <= said(shirt.skus[0].facts).keys()
    # The product sheet does not speak of sizes: neither the same one nor a new one takes them away.
    assert commit(shop, None, goods, "商品表.xlsx").changed == 0
    dearer = make_xlsx({"商品": [[*row[:4], 149] if i == 1 else row for i, row in enumerate(GOODS)]})
    assert commit(shop, None, dearer, "商品表.xlsx").changed == 1
    shirt = next(p for p in shop.products() if p.key == "K1")
    assert (said(shirt.skus[0].facts)["胸围"], said(shirt.skus[0].facts)["价格"]) == ("92cm", "149元")
    assert commit(shop, None, table, "尺码表.xlsx").changed == 0


def test_a_corrected_table_replaces_what_it_said(shop: MerchantStore, make_xlsx: Make) -> None:
    commit(shop, None, make_xlsx({"商品": GOODS}), "商品表.xlsx")
    commit(shop, None, make_xlsx({"尺码": DOWN}), "尺码表.xlsx")
    commit(shop, None, make_xlsx({"尺码": [DOWN[0], ["尺码", "胸围"], ["M", 94]]}), "尺码表.xlsx")
    shirt = next(p for p in shop.products() if p.key == "K1")
    assert [said(sku.facts).get("胸围") for sku in shirt.skus] == ["94cm", "94cm", None]
    assert "衣长" not in said(shirt.skus[0].facts)


def test_sheets_of_one_file_make_one_product(shop: MerchantStore, make_xlsx: Make) -> None:
    sheets = {
        "价格": [["款号", "商品名称", "颜色", "价格"], ["K1", "衬衫", "白", 9], ["K1", "衬衫", "黑", 10]],
        "面料": [["商品名称", "面料", "产地"], ["衬衫", "棉", "江苏"], ["裙", "麻", "浙江"]],
        "库存": [["款号", "商品名称", "颜色", "库存"], ["K1", "衬衫", "黑", 3], ["K1", "衬衫", "灰", 0]],
    }
    data = make_xlsx(sheets)
    draft = read_file(data, "商品表.xlsx")
    shirt = products(draft)["K1"]
    assert (sorted(products(draft)), codes(draft)) == (["K1", "裙"], [])
    assert said(shirt.facts) == {"面料": "棉", "产地": "江苏"}
    assert {sku.name: said(sku.facts).get("库存") for sku in shirt.skus} == {"白": None, "黑": "3", "灰": "0"}
    first = commit(shop, None, data, "商品表.xlsx")
    again = commit(shop, None, data, "商品表.xlsx")
    assert (first.added, again.unchanged, again.generation) == (2, 2, first.generation)
    swapped = read_file(make_xlsx({name: sheets[name] for name in ("库存", "面料", "价格")}), "商品表.xlsx")
    assert products(swapped)["K1"].row_hash == shirt.row_hash


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("M", {"M"}), ("m码", {"M"}), ("XXL", {"2XL"}), ("２ＸＬ", {"2XL"}), ("M(165/84A)", {"M", "165/84A"}),
        ("均码", {"F"}), ("38", {"38"}), ("38.5码", {"38.5"}), ("110", {"110"}), ("75B", {"75B"}),
        ("S/M/L", set()), ("胸围", set()), ("", set()), ("白 M", set()), ("9", set()), ("M以上", set()),
    ],
)  # fmt: skip
def test_one_size_in_its_spellings(text: str, keys: set[str]) -> None:
    assert size_keys(text) == keys


@pytest.mark.parametrize(
    "rows",
    [
        ["问题|答案", "38码有吗|有的", "40|41"],
        ["日期|人数|金额", "1|38|40", "2|39|41"],
        ["姓名|部门", "张|运营"],
        ["尺码|答复", "M|可以"],
    ],
)
def test_other_sheets_are_no_size_tables(rows: list[str]) -> None:
    made = [make_row(i, row.split("|")) for i, row in enumerate(rows, start=1)]
    assert size_tables("表.xlsx", Sheet("表", tuple(row for row in made if row))) is None


def test_the_work_grows_with_the_file_and_not_with_its_square() -> None:
    def sheet(name: str, rows: list[list[str]]) -> Sheet:
        return Sheet(name, tuple(row for i, r in enumerate(rows, 1) if (row := make_row(i, list(r)))))

    many = 4000
    goods = [["款号", "商品名称", "规格", "价格"], *(["K1", "甲", f"第{i}种", "9"] for i in range(many))]
    stock = [["款号", "商品名称", "规格", "库存"], *(["K1", "甲", f"第{i}种", "5"] for i in range(many))]
    tables = [["尺码", "胸围"], *([str(10 + i % 80), str(i)] for i in range(many))]
    remarks = [[f"备注{i}", "没有尺码"] for i in range(many)]
    sheets = [sheet("甲", goods), sheet("乙", stock), sheet("甲尺码", tables), sheet("丙", remarks)]
    assert cost(lambda: draft_sheets("表.xlsx", sheets, None)) < 4  # squares take minutes
    assert [len(draft.products) for draft in draft_sheets("表.xlsx", sheets, None)] == [1, 0, 0, 0]
