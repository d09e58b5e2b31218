"""Two files about one thing: what the other had said is told before it is written over, by name and cell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.importer import commit, preview
from ingest.problem import Problem
from kb.edit import save_entry, set_status
from kb.model import Status
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = ["编号", "问题", "答案", "相似问"]
ONE = ["1", "怎么退货", "申请后寄回", ""]
GOODS = ["商品编号", "商品名称", "材质", "价格"]


@pytest.fixture
def store(shop: MerchantStore, make_csv: Make) -> MerchantStore:
    commit(shop, None, make_csv([HEAD, ONE, ["2", "保修多久", "一年", "质保几年"]]), "旧问答.csv")
    return shop


def told(store: MerchantStore, data: bytes, file: str, code: str = "other_file_said") -> list[Problem]:
    return [problem for problem in preview(store, data, file).problems if problem.code == code]


def test_another_answer_is_told_with_file_and_cell_before_it_is_lost(store: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, ["1", "怎么退货", "不退不换", ""], ["2", "保修多久", "一年", "质保几年"]])
    [problem] = told(store, data, "新问答.csv")
    assert "旧问答.csv › Sheet1 › A2" in problem.text and "申请后寄回" in problem.text
    assert (problem.severity, problem.row) == ("warning", 2)
    assert problem.sides and (problem.sides.here, problem.sides.there) == ("不退不换", "申请后寄回")
    assert commit(store, None, data, "新问答.csv").changed == 1
    assert told(store, data, "新问答.csv") == []  # it is what this file says now
    assert len(told(store, make_csv([HEAD, ONE]), "旧问答.csv")) == 1  # and the old one contradicts it


def test_the_same_file_in_a_newer_version_contradicts_nobody(store: MerchantStore, make_csv: Make) -> None:
    assert told(store, make_csv([HEAD, ["1", "怎么退货", "不退不换", ""]]), "旧问答.csv") == []


def test_what_only_adds_contradicts_nobody(store: MerchantStore, make_csv: Make) -> None:
    more = [["1", "怎么退货", "申请后寄回", "能退吗"], ["3", "包邮吗", "包邮", ""]]
    assert told(store, make_csv([HEAD, *more]), "新问答.csv") == []


@pytest.mark.parametrize(
    ("row", "said"),
    [(["1", "包邮吗", "包邮", ""], "另一条：“怎么退货”"), (["2", "保修多久", "一年", "保几年"], "问法“质保几年”")],
)
def test_another_question_and_a_lost_phrasing_are_told_too(
    store: MerchantStore, make_csv: Make, row: list[str], said: str
) -> None:
    [problem] = told(store, make_csv([HEAD, row]), "新问答.csv")
    assert said in problem.text


def test_an_answer_for_other_buyers_is_told(shop: MerchantStore, make_csv: Make) -> None:
    head = ["编号", "问题", "答案", "平台"]
    commit(shop, None, make_csv([head, ["1", "怎么退货", "申请", "天猫"]]), "天猫.csv")
    [problem] = told(shop, make_csv([head, ["1", "怎么退货", "申请", "京东"]]), "京东.csv")
    assert "适用范围" in problem.text and "天猫.csv" in problem.text


def test_a_trainers_words_are_not_put_into_the_files_mouth(store: MerchantStore, make_csv: Make) -> None:
    save_entry(store, None, next(entry for entry in store.entries() if entry.key == "1"))
    [problem] = told(store, make_csv([HEAD, ["1", "怎么退货", "不退不换", ""]]), "新问答.csv")
    assert "训练师改过" in problem.text


def test_what_is_retired_contradicts_nobody(store: MerchantStore, make_csv: Make) -> None:
    set_status(store, next(entry for entry in store.entries() if entry.key == "1"), Status.RETIRED)
    assert told(store, make_csv([HEAD, ["1", "怎么退货", "不退不换", ""]]), "新问答.csv") == []


def test_a_number_in_an_answer_is_masked_where_it_is_quoted(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv([HEAD, ["1", "怎么退货", "打13812345678", ""]]), "旧.csv")
    [problem] = told(shop, make_csv([HEAD, ONE]), "新.csv")
    assert "13812345678" not in str(problem.to_json())


# -- products


def test_values_of_another_file_are_told_once_for_all_products(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv([GOODS, *([f"P{i}", f"毛巾{i}", "棉", "9"] for i in range(5))]), "商品.csv")
    stock = make_csv([["商品编号", "商品名称", "价格"], *([f"P{i}", f"毛巾{i}", "9"] for i in range(5))])
    [problem] = told(shop, stock, "库存.csv")
    assert "有 5 个商品" in problem.text and "“毛巾0”的材质那里是“棉”（商品.csv › Sheet1 › C2）" in problem.text
    assert told(shop, stock, "商品.csv") == []


def test_a_number_with_another_name_in_the_shop_is_told_with_both_cells(shop: MerchantStore, make_csv: Make) -> None:
    commit(shop, None, make_csv([GOODS, ["P1", "毛巾", "棉", "9"]]), "商品.csv")
    data = make_csv([GOODS, ["P2", "碗", "瓷", "5"], ["P1", "保温杯", "钢", "99"]])
    for file in ("商品.csv", "新品.csv"):
        [problem] = told(shop, data, file, "product_two_names")
        assert "“毛巾”（商品.csv › Sheet1 › A2）" in problem.text and "“保温杯”" in problem.text
        assert problem.text.startswith("第3行 A列")


def test_a_number_with_two_names_in_one_sheet_is_told_with_both_cells(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([GOODS, ["P1", "毛巾", "棉", "9"], ["P1", "保温杯", "钢", "99"], ["P2", "碗", "瓷", "5"]])
    [problem] = told(shop, data, "商品.csv", "product_two_names")
    assert "“毛巾”（B2）、“保温杯”（B3）" in problem.text and "“P1”" in problem.text


def test_a_name_that_only_tells_the_variant_is_the_same_name(shop: MerchantStore, make_csv: Make) -> None:
    head = ["商品编号", "商品名称", "颜色", "尺码"]
    rows = [["P1", "衬衫（白色 M）", "白色", "M"], ["P1", "衬衫 白色-L", "白色", "L"], ["P1", "衬衫", "黑色", "L"]]
    assert told(shop, make_csv([head, *rows]), "商品.csv", "product_two_names") == []


def test_many_numbers_with_two_names_are_counted_not_listed(shop: MerchantStore, make_csv: Make) -> None:
    rows = [[f"P{i}", f"{name}{i}", name, "9"] for i in range(30) for name in ("毛巾", "保温杯")]
    found = told(shop, make_csv([["商品编号", "商品名称", "规格", "价格"], *rows]), "商品.csv", "product_two_names")
    assert found == []  # the words for the variants are no names
    rows = [[f"P{i}", f"{name}{i}", "", "9"] for i in range(30) for name in ("毛巾", "保温杯")]
    rows = [[*row[:2], f"规{n}", row[3]] for n, row in enumerate(rows)]
    found = told(shop, make_csv([["商品编号", "商品名称", "规格", "价格"], *rows]), "商品.csv", "product_two_names")
    assert len(found) == 21 and "另有 10 个" in found[-1].text


def test_a_number_with_two_names_on_two_sheets_is_told(shop: MerchantStore, make_xlsx: Make) -> None:
    book = make_xlsx({"一": [GOODS, ["P1", "毛巾", "棉", "9"]], "二": [GOODS, ["P1", "保温杯", "棉", "9"]]})
    [problem] = told(shop, book, "商品.xlsx", "product_two_names")
    assert "工作表“一”第2行是“毛巾”" in problem.text and "这里是“保温杯”" in problem.text
