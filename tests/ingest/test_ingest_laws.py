"""Laws: any bytes end in a report or one of our errors; importing twice or moving rows changes nothing."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.columns.fields import FIELDS, SheetKind
from ingest.columns.labels import STANDARD, names_secret
from ingest.drafting import draft_sheets
from ingest.importer import commit, read_file
from ingest.report import Report
from ingest.sheet import Sheet, make_row, tidy
from kb.errors import HuashuError
from making import empty_shop

Make = Callable[..., bytes]
NAMES = st.sampled_from(["表.xlsx", "表.csv", "表.tsv", "表.txt", "表.xls", ""])
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


class HashEngine:
    fingerprint = "hash/laws"
    dim = 4

    def embed(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.array([[len(text), 1, 2, 3] for text in texts], np.float32)


def survives(data: bytes, name: str) -> None:
    try:
        read_file(data, name)
    except HuashuError as error:
        assert error.message
        assert error.advice


@given(st.binary(max_size=400), NAMES)
def test_any_bytes_end_in_our_own_errors(data: bytes, name: str) -> None:
    survives(data, name)


@given(st.text(max_size=400), NAMES, st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_text_ends_in_our_own_errors(text: str, name: str, encoding: str) -> None:
    survives(text.encode(encoding, "ignore"), name)


@FEW
@given(cut=st.integers(0, 100), flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8))
def test_a_cut_or_damaged_workbook_ends_in_our_own_errors(
    make_xlsx: Make, cut: int, flips: list[tuple[int, int]]
) -> None:
    whole = bytearray(make_xlsx({"表": [["问题", "答案"], ["怎么退", "可以"]]}))
    for place, byte in flips:
        whole[place % len(whole)] = byte
    survives(bytes(whole[: len(whole) * cut // 100]), "坏.xlsx")
    survives(bytes(whole), "坏.xlsx")


ALIASES = sorted({alias for fields in FIELDS.values() for field in fields for alias in field.aliases})
CELLS = st.one_of(
    st.just(""),
    st.sampled_from(
        ["同上", "/", "-", "无", "备注：x", "合计", "1. a 2. b", "2026-11-01", "11.11", "¥9", "13800138000"]
    ),
    st.sampled_from(ALIASES),
    st.text(max_size=12),
)
ALIASES += sorted(
    {*STANDARD, *(alias for aliases in STANDARD.values() for alias in aliases), "项目", "内容", "登陆密码"}
)
TABLES = [kind for kind in SheetKind if FIELDS[kind]]  # a handover form has labels instead of a header
OF_ROWS = [kind for kind in TABLES if kind is not SheetKind.CHAT]  # a row of a chat log is a message, no entry
GRIDS = st.lists(st.lists(CELLS, max_size=7), max_size=9)


def sheet_of(grid: Sequence[Sequence[str]]) -> Sheet:
    rows = [make_row(i, [tidy(cell) for cell in cells]) for i, cells in enumerate(grid, start=1)]
    return Sheet("表", tuple(row for row in rows if row))


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(ALIASES), max_size=7),
    GRIDS,
    st.sampled_from([None, *SheetKind]),
)
def test_any_grid_can_be_read(header: list[str], grid: list[list[str]], kind: SheetKind | None) -> None:
    for draft in draft_sheets("表.csv", [sheet_of([header, *grid]), sheet_of(grid)], kind):
        things = [*draft.entries, *draft.products, *draft.profile, *draft.orders]
        assert draft.kind or not things
        assert 0 <= draft.skipped <= max(draft.rows, len(things))
        assert all(each.entry.key and each.entry.answers for each in draft.entries)
        assert all(product.key and product.name for product in draft.products)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(TABLES), GRIDS)
def test_importing_twice_changes_nothing(make_csv: Make, kind: SheetKind, grid: list[list[str]]) -> None:
    header = [field.label for field in FIELDS[kind]]
    data = make_csv([header, *([tidy(cell) for cell in row] for row in grid)])
    with empty_shop() as store:
        first = commit(store, HashEngine(), data, "表.csv", kind=kind, partial=True)
        second = commit(store, HashEngine(), data, "表.csv", kind=kind, partial=True)
        assert (second.added, second.changed, second.embedded) == (0, 0, 0)
        assert second.generation == first.generation
        assert second.unchanged == first.added


FORMS = [["项目", "内容", "备注"], ["项目", "内容"], []]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(FORMS), GRIDS)
def test_a_form_twice_changes_nothing(make_csv: Make, header: list[str], grid: list[list[str]]) -> None:
    data = make_csv([header, *([tidy(cell) for cell in row] for row in grid), ["发货地", "嘉兴"]])
    with empty_shop() as store:
        first = commit(store, None, data, "表.csv", kind="handover", partial=True)
        second = commit(store, None, data, "表.csv", kind="handover", partial=True)
        assert (second.added, second.changed, second.generation) == (0, 0, first.generation)
        assert second.unchanged == first.added == len(store.profile())


@FEW
@given(st.permutations(list(STANDARD)), st.data())
def test_moving_the_rows_of_a_form_changes_nothing(make_csv: Make, names: list[str], data: st.DataObject) -> None:
    said = WORDS.filter(lambda text: not names_secret(text))  # what stands beside such a word is left out, by design
    rows = [[name, data.draw(said), data.draw(said)] for name in names]
    moved = data.draw(st.permutations(rows))
    with empty_shop() as store:
        commit(store, None, make_csv([FORMS[0], *rows]), "交接表.csv")
        report = commit(store, None, make_csv([["搬过的表"], FORMS[0], *moved]), "另存.csv")
        assert (report.added, report.changed, report.unchanged) == (0, 0, 2 * len(names))


WORDS = st.text(alphabet="退换货款发快递尺码颜色" + string.ascii_lowercase, min_size=1, max_size=8)


def report_after(make: Make, kind: SheetKind, grid: list[list[str]], moved: list[list[str]]) -> Report:
    header = [field.label for field in FIELDS[kind]]
    with empty_shop() as store:
        commit(store, None, make([header, *grid]), "表.csv", kind=kind, partial=True)
        return commit(store, None, make([["挪动过的表"], header, *moved]), "另存.csv", kind=kind, partial=True)


@FEW
@given(st.data())
def test_moving_rows_changes_nothing(make_csv: Make, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(OF_ROWS))
    width = len(FIELDS[kind])
    keys = data.draw(st.lists(WORDS, min_size=1, max_size=6, unique=True))
    rows = []
    for number, key in enumerate(keys):
        row = data.draw(st.lists(WORDS, min_size=width, max_size=width))
        names = {field.name: index for index, field in enumerate(FIELDS[kind])}
        for field in ("start", "end", "valid", "date", "at", "quantity", "status", "refund", "order_state"):
            if field in names:
                row[names[field]] = ""
        if kind is SheetKind.OFFER:  # columns of amounts and choices: any other word in them is an error
            for field in ("way", "threshold", "cut", "price", "floor", "cost", "margin", "stages", "active"):
                row[names[field]] = ""
        row[names["order" if kind is SheetKind.ORDER else "key"]] = key
        for field in ("name", "question", "title", "phrase"):
            if field in names:
                row[names[field]] = f"{number}号{key}"
        rows.append(row)
    moved = rows.copy()
    random.Random(len(keys)).shuffle(moved)
    report = report_after(make_csv, kind, rows, moved)
    assert (report.added, report.changed, report.unchanged) == (0, 0, len(rows))


def test_moving_the_variants_of_a_product_changes_nothing(make_csv: Make) -> None:
    rows = [["K1", "甲", c + s, "X1" if c == "白" else "Y1", p] for c in "白黑" for s, p in (("S", 9), ("M", 10))]
    head = ["款号", "商品名称", "规格", "型号", "售价"]
    with empty_shop() as store:
        commit(store, None, make_csv([head, *rows]), "商品表.csv")
        report = commit(store, None, make_csv([head, *rows[::-1]]), "商品表.csv")
        assert (report.unchanged, report.generation) == (1, 1)
