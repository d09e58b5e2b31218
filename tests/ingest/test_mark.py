"""The file handed back: the merchant's own values, the reasons at their cells, no secrets, and nothing that runs."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import importer
from ingest.mark import marked
from kb.store.merchant import MerchantStore
from making import ONE_SHOP

Make = Callable[..., bytes]
PRINTED = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=30)
HEAD = ["编号", "问题", "答案", "登录密码"]


@pytest.fixture
def store(tmp_path: Path) -> MerchantStore:
    return MerchantStore(tmp_path / "kb.db", "shop")


def handed_back(store: MerchantStore, data: bytes, name: str) -> Any:
    report = importer.preview(store, data, name, everything=True)
    return openpyxl.load_workbook(io.BytesIO(marked(data, name, report)))


def test_each_bad_cell_has_its_colour_and_reason(store: MerchantStore, make_xlsx: Make) -> None:
    rows = [["店铺问答"], HEAD, ["1", "保修多久", "保修一年", "x"], ["2", "质保多久", "保修两年", ""], ["3", "怎么退"]]
    page = handed_back(store, make_xlsx({"问答": rows}), "问答.xlsx")["问答"]
    assert page["C4"].fill.fgColor.rgb == "FFFFEB9C" and "“两年”" in page["C4"].comment.text.replace("2年", "两年")
    assert page["C5"].fill.fgColor.rgb == "FFFFC7CE" and "缺少答复" in page["C5"].comment.text
    assert page["B3"].comment is None


def test_the_list_comes_first_and_leads_to_the_cell(store: MerchantStore, make_csv: Make) -> None:
    book = handed_back(store, make_csv([HEAD, ["1", "怎么退", "", ""]]), "问答.csv")
    assert book.sheetnames == ["问题清单", "Sheet1"]
    listed = book["问题清单"]
    assert [cell.value for cell in listed[4]][:4] == ["Sheet1", "C2", "必须改", "第2行 C列：缺少答复，请补上"]
    assert listed["B4"].hyperlink.location == "'Sheet1'!C2"


def test_secrets_come_back_blank(store: MerchantStore, make_xlsx: Make) -> None:
    form = [
        ["项目", "内容"],
        ["店铺名称", "某店"],
        ["登录账号", "boss-1"],
        ["登录密码：hunter2", ""],
        ["发货地", "杭州"],
    ]
    data = make_xlsx({"问答": [HEAD, ["1", "怎么退", "申请", "hunter2"]], "交接": form})
    report = importer.preview(store, data, "问答.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(marked(data, "问答.xlsx", report)))
    texts = [str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert not [text for text in texts if "hunter2" in text or "boss-1" in text]
    assert {"登录账号", "杭州", "申请"} <= set(texts)


def test_the_bytes_are_the_same_every_time(store: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, ["1", "怎么退", "", ""]])
    report = importer.preview(store, data, "问答.csv")
    assert marked(data, "问答.csv", report) == marked(data, "问答.csv", report)


def test_what_is_gone_is_in_the_list(store: MerchantStore, make_csv: Make) -> None:
    importer.commit(store, None, make_csv([HEAD, ["1", "怎么退", "申请", ""], ["2", "包邮吗", "包", ""]]), "问答.csv")
    listed = handed_back(store, make_csv([HEAD, ["1", "怎么退", "申请", ""]]), "问答.csv")["问题清单"]
    assert "“包邮吗”" in str(listed["D4"].value)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(PRINTED, st.sampled_from(["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "http://a.b/c", "{=1}", "007"])),
        max_size=5,
    )
)
def test_values_are_the_merchants_and_never_run(
    store: MerchantStore, make_csv: Make, rows: list[tuple[str, str]]
) -> None:
    data = make_csv([["编号", "问题", "答案"], *([str(i), q, a] for i, (q, a) in enumerate(rows, 1))])
    book = handed_back(store, data, "问答.csv")
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s"}
    answers = [str(cell.value) for cell in book.worksheets[1]["C"] if cell.value is not None]
    assert set(answers) >= {answer for _, answer in rows}


@pytest.mark.parametrize("shop", ONE_SHOP)
def test_every_demo_file_can_be_handed_back(store: MerchantStore, shop: str) -> None:
    for file in sorted((Path(__file__).parents[2] / "demo" / shop).iterdir()):
        if file.suffix in {".xlsx", ".csv"}:
            assert len(handed_back(store, file.read_bytes(), file.name).sheetnames) >= 2


def test_what_continues_a_password_comes_back_blank(store: MerchantStore, make_xlsx: Make) -> None:
    form = [["项目", "内容"], ["发货地", "杭州"], ["密码", "hunter2"], ["", "hunter2", "hunter2"], ["合作快递", "中通"]]
    page = handed_back(store, make_xlsx({"交接": form}), "交接.xlsx")["交接"]
    values = [cell.value for row in page.iter_rows() for cell in row]
    assert "hunter2" not in values and {"杭州", "密码", "中通"} <= set(values)


def test_a_credential_packed_into_a_product_comes_back_blank(store: MerchantStore, make_xlsx: Make) -> None:
    rows = [["商品名称", "价格", "参数"], ["杯子", "12", "材质:棉；密码:hunter2"]]
    page = handed_back(store, make_xlsx({"商品": rows}), "商品.xlsx")["商品"]
    assert page["C2"].value == "（账号密码不写回）" and page["A2"].value == "杯子"
