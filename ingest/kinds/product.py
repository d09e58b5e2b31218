"""Product sheets: rows become products with facts, and variants with the facts that differ between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.columns.table import Column, Table
from ingest.kinds.fact import FactReader
from ingest.kinds.inherit import SKU_FIELDS, Group, Line, group_lines, keep_latest, sku_key, sku_name
from ingest.kinds.namesakes import tell_names
from ingest.kinds.rowhash import product_hash
from ingest.problem import Problems
from ingest.sheet import Row
from kb.model import Fact, Product, Sku

# Written once for a product, these are true of all its variants only if the sheet never says otherwise.
_ALWAYS_PER_SKU = {"stock", "sales", "comments", *SKU_FIELDS}
_NAMED = 3  # products named in a problem


def draft_products(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[Product], int]:
    """The products of a sheet without their ids, and how many rows were left out."""
    groups = group_lines(table, rows, problems)
    tell_names(table, groups, problems)  # before rows are dropped
    repeated = [group for group in groups if keep_latest(group, table)]
    if repeated:
        names = "、".join(_usual(table, group, "name") or group.key for group in repeated[:_NAMED])
        more = f"等 {len(repeated)} 个商品" if len(repeated) > _NAMED else ""
        problems.warn("product_repeated", f"{names}{more}写了多次，只取最新的一行。不是要改价的话，请删掉多余的行")
    reader = FactReader(table, problems)
    per_sku = _per_sku_columns(reader.columns, groups)
    products: list[Product] = []
    used = 0
    for group in groups:
        product = _product(table, group, reader, per_sku, problems)
        if product:
            products.append(product)
            used += len(group.lines)
    return products, len(rows) - used


def _per_sku_columns(columns: Iterable[Column], groups: Sequence[Group]) -> set[int]:
    """Columns whose value in a product's first row says nothing about the other rows.

    Merged cells and sparse columns look alike: both are blank below. But a merged cell is always written in the
    first row of its product, so a column that is somewhere blank there and filled below is no merged one.
    """
    found = {column.index for column in columns if column.field in _ALWAYS_PER_SKU}
    for group in groups:
        first = group.lines[0].spots
        for line in group.lines[1:]:
            found.update(line.spots.keys() - first.keys())
    return found


def _product(table: Table, group: Group, reader: FactReader, per_sku: set[int], problems: Problems) -> Product | None:
    name = _usual(table, group, "name")
    if not name:
        problems.error(
            "name_missing",
            "缺少商品名称，请补上",
            row=group.lines[0].number,
            column=table.letter("name"),
            value=group.key,
        )
        return None
    variants = [line for line in group.lines if sku_key(table, line)]
    shared, own = _place_facts(group.lines, variants, reader, per_sku, problems)
    product = Product(
        id="",
        key=group.key,
        name=name,
        brand=_usual(table, group, "brand"),
        category=_usual(table, group, "category"),
        model=_usual(table, group, "model"),
        facts=tuple(shared),
        skus=tuple(
            Sku("", sku_key(table, line), sku_name(table, line) or sku_key(table, line), tuple(own[line.number]))
            for line in variants
        ),
        source=table.source(group.lines[0].number, table.letter("key") or table.letter("name")),
        version=0,
    )
    return replace(product, row_hash=product_hash(product))


def _place_facts(
    lines: Sequence[Line], variants: Sequence[Line], reader: FactReader, per_sku: set[int], problems: Problems
) -> tuple[list[Fact], dict[int, list[Fact]]]:
    """Facts of the product, and of each variant by row number."""
    shared: list[Fact] = []
    own: dict[int, list[Fact]] = {line.number: [] for line in variants}
    single = len(lines) == 1 and not variants
    for column, facts in _columns_of_facts(lines, reader, problems):
        if single:
            shared += facts.values()
            continue
        whole = _of_whole_product(facts, lines, variants, column.index in per_sku)
        if whole:
            shared.append(whole)
            continue
        for number, fact in facts.items():
            if number in own:
                own[number].append(fact)
    return shared, own


def _columns_of_facts(
    lines: Sequence[Line], reader: FactReader, problems: Problems
) -> Iterator[tuple[Column, dict[int, Fact]]]:
    """The facts of one name by row number, column by column; what has a column of its own is not taken from 参数 too."""
    single: dict[str, set[tuple[str, str]]] = {}
    packed: list[tuple[Column, dict[int, Fact]]] = []
    for column in reader.columns:
        for name, facts in _by_name(column, lines, reader).items():
            if name != reader.name(column):
                packed.append((column, facts))
                continue
            single.setdefault(name, set()).update((fact.value, fact.unit) for fact in facts.values())
            yield column, facts
    for column, facts in packed:
        first = next(iter(facts.values()))
        if first.name not in single:
            yield column, facts
        elif first.source and (first.value, first.unit) not in single[first.name]:
            text = f"“{first.name}”另有一列，这里写的不一样，以那一列为准，请核对"
            problems.warn("attribute_twice", text, row=first.source.row, column=column.letter, value=first.value)


def _by_name(column: Column, lines: Sequence[Line], reader: FactReader) -> dict[str, dict[int, Fact]]:
    """A column's facts by name and row; a cell may hold several names."""
    found: dict[str, dict[int, Fact]] = {}
    for line in lines:
        if spot := line.spots.get(column.index):
            for fact in reader.facts(column, spot):
                found.setdefault(fact.name, {})[line.number] = fact
    return found


def _of_whole_product(
    facts: dict[int, Fact], lines: Sequence[Line], variants: Sequence[Line], per_sku: bool
) -> Fact | None:
    """The fact that holds for every row of a product; None when its rows differ."""
    first = next(iter(facts.values()))
    if any((fact.value, fact.unit) != (first.value, first.unit) for fact in facts.values()):
        return None
    everywhere = len(facts) == len(lines) or not variants
    of_parent = not facts.keys() & {line.number for line in variants}
    merged = not per_sku and lines[0].number in facts and len(facts) == 1
    return first if everywhere or of_parent or merged else None


def _usual(table: Table, group: Group, field: str) -> str:
    """The value most rows of a product give; among equals the smallest, so that moving rows changes nothing."""
    columns = table.by_field.get(field, ())
    counts = Counter(text for line in group.lines if (text := line.text(columns)))
    return min(counts, key=lambda text: (-counts[text], text), default="")
