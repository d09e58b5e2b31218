"""Personal data beside what is imported: in names of files and sheets, headers, groups and attributes of products.

Each is stored, listed or told to a buyer like a text of its own. Whatever holds the number, no reply and no store does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import importer
from ingest.columns.correction import read_corrections
from ingest.gate import check, display_name
from ingest.report import Report
from kb.errors import BadFile, Invalid
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
PHONE = "13912345678"


@pytest.fixture
def store(tmp_path: Path) -> MerchantStore:
    return MerchantStore(tmp_path / "kb.db", "shop")


def held(store: MerchantStore, report: Report) -> str:
    """All that is kept and told of an import."""
    return f"{report.to_json()}{report.text()}{store.entries()}{store.products()}{store.mappings()}{store.imports()}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (f"问题{PHONE}.xlsx", "问题[手机号].xlsx"),
        (PHONE, "[手机号]"),
        (f"a.{PHONE}", "a.[手机号]"),
        ("boss@corp.xlsx", "boss@corp.xlsx"),
        ("旺季.v2.CSV", "旺季.v2.CSV"),
    ],
)
def test_a_file_is_shown_without_a_number_and_keeps_its_extension(name: str, shown: str) -> None:
    assert display_name(name) == shown


@pytest.mark.parametrize("name", [f"{PHONE}.xlsx", f"{PHONE}.exe", PHONE, f"{PHONE}.zip"])
def test_a_refused_file_is_not_quoted_with_its_number(name: str) -> None:
    with pytest.raises(BadFile) as caught:
        check(b"PK\x03\x04", name)
    assert PHONE not in caught.value.message


def test_sheets_headers_and_groups(store: MerchantStore, make_xlsx: Make) -> None:
    rows = [["问题", "答复", "分类", f"联系{PHONE}"], ["怎么退", "申请", f"找{PHONE}", ""]]
    twins = {f"表{PHONE}": rows, "表13887654321": [rows[0], ["包邮吗", "包邮", "", ""]]}
    mapping = read_corrections('{"sheets": {"表[手机号]": {"columns": {"D": ""}}}}')
    report = importer.commit(store, None, make_xlsx(twins), "问答.xlsx", mapping=mapping)
    assert report.committed and [sheet.sheet for sheet in report.sheets] == ["表[手机号]", "表[手机号]2"]
    assert PHONE not in held(store, report) and "13887654321" not in held(store, report)


def test_a_sheet_nobody_understands_is_described_without_numbers(store: MerchantStore, make_xlsx: Make) -> None:
    report = importer.commit(store, None, make_xlsx({"x": [["甲", f"乙{PHONE}"], ["1", "2"]]}), "x.xlsx")
    assert PHONE not in held(store, report) and "[手机号]" in report.message


def test_a_buyer_in_a_product_sheet_is_no_attribute(store: MerchantStore, make_xlsx: Make) -> None:
    address = "杭州市余杭区文一西路969号3号楼502室"
    rows = [
        ["商品名称", "价格", "手机", "参数", "生产商地址", "客服电话", "条码"],
        ["杯子", "12", PHONE, f"材质:棉；联系:{PHONE}", address, "0571-88886666", "16901234567890"],
    ]
    report = importer.commit(store, None, make_xlsx({"商品": rows}), "商品.xlsx")
    facts = {fact.name: fact.value for product in store.products() for fact in product.facts}
    assert PHONE not in held(store, report) and (facts["手机"], facts["联系"]) == ("[手机号]", "[手机号]")
    assert facts["生产商地址"] == address and facts["客服电话"] == "0571-88886666" and facts["条码"] == "16901234567890"
    assert [problem.column for problem in report.problems if problem.code == "personal_data"] == ["C", "D"]
    again = importer.commit(store, None, make_xlsx({"商品": rows}), "商品.xlsx")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)


@pytest.mark.parametrize(
    "mapping",
    [
        r'{"sheets": {"\ud800": {"columns": {"A": "x"}}}}',
        r'{"sheets": {"": {"columns": {"\ud800": "question"}}}}',
        r'{"sheets": {"": {"columns": {"A": "\ud800"}}}}',
        r'{"sheets": {"": {"kind": "\ud800"}}}',
        f'{{"sheets": {{"": {{"kind": "{PHONE}"}}}}}}',
    ],
)
def test_a_correction_that_cannot_be_is_quoted_as_a_reply_can_carry_it(mapping: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_corrections(mapping)
    assert caught.value.message.encode() and PHONE not in caught.value.message


def test_half_a_character_is_refused_as_a_reply_can_carry_it() -> None:
    with pytest.raises(Invalid) as caught:
        read_corrections(r'{"sheets": {"\ud800": {"columns": {"A": "question"}}}}')
    assert caught.value.message.encode()


def test_a_password_in_an_answer_is_warned_of_and_not_quoted(store: MerchantStore, make_csv: Make) -> None:
    rows = [["问题", "答复"], ["门锁怎么开", "初始密码：hunter2"], ["忘记密码怎么办", "按住复位键，密码会重置"]]
    report = importer.preview(store, make_csv(rows), "问答.csv")
    assert [(p.code, p.row, p.value) for p in report.problems] == [("credential_in_answer", 2, "")]
