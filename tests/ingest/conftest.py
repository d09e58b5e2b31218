"""Small files made on the spot, and the demo shops."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from kb.store.merchant import MerchantStore

DEMO = Path(__file__).parents[2] / "demo"
Grid = Sequence[Sequence[object]]


def csv_bytes(rows: Grid, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(sheets: Mapping[str, Grid]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="session")
def make_csv() -> Callable[..., bytes]:
    return csv_bytes


@pytest.fixture(scope="session")
def make_xlsx() -> Callable[..., bytes]:
    return xlsx_bytes


@pytest.fixture(scope="session")
def demo() -> Callable[[str], bytes]:
    """The bytes of a demo file, named as shop/file."""
    return lambda path: (DEMO / path).read_bytes()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[MerchantStore]:
    """An empty shop; its file is the one below tmp_path."""
    store = MerchantStore(tmp_path / "kb.db", "shop")
    yield store
    store.close()
