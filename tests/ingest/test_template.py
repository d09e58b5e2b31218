"""Templates: understood as what they are, without a doubt, and nothing at all until somebody fills them in."""

from __future__ import annotations

import io

import openpyxl
import pytest

from ingest.columns.fields import FIELDS, SheetKind
from ingest.columns.hints import HINTS
from ingest.columns.table import Use
from ingest.columns.template import EXAMPLE
from ingest.export import EXPORTED, Knowledge, export_xlsx
from ingest.importer import commit, read_file
from ingest.template import offered, template
from kb.store.merchant import MerchantStore

TABLES = [kind for kind in SheetKind if FIELDS[kind]]


def filled(kind: SheetKind) -> bytes:
    """The template with its examples made a merchant's own rows."""
    book = openpyxl.load_workbook(io.BytesIO(template(kind)))
    for row in (2, 3):
        cell = book.worksheets[0].cell(row, 1)
        cell.value = cell.value.removeprefix(EXAMPLE) or None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", TABLES)
def test_a_template_is_understood_as_itself_and_every_column_of_it(kind: SheetKind) -> None:
    (sheet,) = read_file(template(kind), "模板.xlsx").sheets
    assert sheet.kind is kind
    assert [(column.use, column.field) for column in sheet.columns] == [
        (Use.FIELD, field.name) for field in offered(kind)
    ]
    assert all(getattr(column, "sure", True) for column in sheet.columns)
    assert {field.name for field in FIELDS[kind] if field.required} <= sheet.fields


@pytest.mark.parametrize("kind", TABLES)
def test_an_untouched_template_imports_as_nothing_and_says_why(kind: SheetKind, shop: MerchantStore) -> None:
    report = commit(shop, None, template(kind), "模板.xlsx")
    assert (report.added, report.changed) == (0, 0)
    assert not shop.entries() and not shop.products() and not shop.baskets()
    assert "只有示例" in report.message


@pytest.mark.parametrize("kind", TABLES)
def test_the_examples_are_good_examples(kind: SheetKind) -> None:
    (sheet,) = read_file(filled(kind), "模板.xlsx").sheets
    assert sheet.problems == ()
    assert sheet.rows == 2 and sheet.skipped == 0
    assert any(field.name in HINTS[kind] for field in offered(kind))


@pytest.mark.parametrize("kind", TABLES)
def test_every_column_is_explained_by_a_hint_of_its_own(kind: SheetKind) -> None:
    assert [field.name for field in offered(kind) if field.name not in HINTS[kind]] == []


@pytest.mark.parametrize("kind", TABLES)
def test_codes_stay_texts_and_choices_are_offered(kind: SheetKind) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(kind)))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes is not None
    assert {sheet.column_dimensions[cell.column_letter].width > 5 for cell in sheet[1]} == {True}
    assert all(cell.number_format == "@" for row in sheet.iter_rows(min_row=2) for cell in row)
    lists = {str(rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert ('"是,否"' in lists) == (kind in (SheetKind.NOTICE, SheetKind.OFFER))
    assert book.sheetnames[-1] == "填写说明"


def test_the_same_template_is_the_same_bytes() -> None:
    assert [template(kind) for kind in TABLES] == [template(kind) for kind in TABLES]


def test_an_export_of_nothing_is_headers_that_import_as_nothing(shop: MerchantStore) -> None:
    report = commit(shop, None, export_xlsx(Knowledge(), EXPORTED), "导出.xlsx")
    assert (report.added, report.changed, len(report.sheets)) == (0, 0, len(EXPORTED))


def test_the_handover_form_has_every_item_by_its_standard_name(shop: MerchantStore) -> None:
    untouched = commit(shop, None, template(SheetKind.HANDOVER), "交接表.xlsx")
    assert (untouched.added, untouched.errors, shop.profile()) == (0, 0, [])
    assert untouched.sheets[0].kind == "handover"
    book = openpyxl.load_workbook(io.BytesIO(template(SheetKind.HANDOVER)))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    for number, row in enumerate(rows):
        row[1].value = f"内容{number}"
    out = io.BytesIO()
    book.save(out)
    commit(shop, None, out.getvalue(), "交接表.xlsx")
    assert [fact.name for fact in shop.profile()] == [row[0].value for row in rows]
