"""Finding the header row, what kind of sheet stands below it, and what each column means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.columns.correction import FACT, LEFT_OUT, Correction, Mappings, column_index, kinds_for
from ingest.columns.fields import FIELDS, SECRET_WORDS, Field, SheetKind
from ingest.columns.heading import Heading, headings
from ingest.columns.naming import LONGEST_HEADER, exact, is_secret, is_skipped, plain, similar
from ingest.columns.persons import is_internal, is_person
from ingest.columns.table import Column, Table, Use
from ingest.sheet import Row, Sheet
from kb.errors import Invalid
from kb.language.mask import mask

_SEARCH_ROWS = 30
_LONGEST_BARE_SECRET = 6  # characters: 登录密码 as a value's header, where no header row says so
_VARIANT_NUMBERS = {"商品编码", "商品代码", "货品编码", "商品编号"}
_STYLE_NUMBERS = {"款式编码", "款号", "款式编号", "商品款号"}
_NO_HEADER = Heading(Row(0, ()))


@dataclass(frozen=True, slots=True)
class Guess:
    """How one header reads as that of one kind. `uses` are columns that a person has said to be no field."""

    kind: SheetKind
    row: Row
    fields: Mapping[int, Field]  # by zero-based column
    unsure: frozenset[int] = frozenset()  # columns understood by a likeness only
    uses: Mapping[int, Use] = field(default_factory=dict)
    depth: int = 1  # rows that the header takes

    @property
    def missing(self) -> list[Field]:
        present = {field.name for field in self.fields.values()}
        needed = (field for field in FIELDS[self.kind] if field.required)
        return [field for field in needed if not present & {field.name, *field.instead}]

    @property
    def matched(self) -> int:
        return len({field.name for field in self.fields.values()})

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """Complete guesses first, then what matches most; needing (and finding) more is the surer sign."""
        needed = sum(field.required for field in FIELDS[self.kind]) - len(self.missing)
        written = len({each.name for index, each in self.fields.items() if self.row.cell(index)})
        return not self.missing, written + needed, self.depth - self.row.number, self.depth


def find_header(
    sheet: Sheet,
    kind: SheetKind | None,
    mappings: Mappings = Mappings(),  # noqa: B008 - frozen and empty
) -> Guess | None:
    """The best guess within the first rows, complete or not; None when nothing matches at all.

    A kind that is given is the only one tried, a corrected one before it. Raises Invalid for a correction that
    names a row the sheet does not have, or a column of credentials.
    """
    correction = mappings.of_sheet(sheet.name)
    kinds = kinds_for(correction) if correction.kind or not kind else [kind]
    guesses = [
        guess
        for each in kinds
        for heading in _headings(sheet, each, correction, mappings)
        if (guess := _guess(each, heading, correction, mappings)).fields
    ]
    best = max(guesses, key=lambda guess: guess.rank, default=None)
    if best:
        _refuse_secrets(sheet, best, correction)
    return best


def make_table(file: str, sheet: Sheet, guess: Guess) -> Table:
    """The sheet below the header that was found."""
    rows = tuple(row for row in sheet.rows if row.number > guess.row.number)
    guess = by_style(guess, rows)
    width = max([len(guess.row.cells), *(index + 1 for index in (*guess.fields, *guess.uses))])
    columns = tuple(_column(guess, index) for index in range(width) if guess.row.cell(index) or index in guess.fields)
    return Table(file, sheet.name, guess.kind, guess.row.number, columns, rows)


def by_style(guess: Guess, rows: Sequence[Row]) -> Guess:
    """Where one 款式编码 stands beside several 商品编码, as shop systems write them, the style is the product and the other
    the number of its variant."""
    keys = [
        i for i, each in guess.fields.items() if each.name == "key" and plain(guess.row.cell(i)) in _VARIANT_NUMBERS
    ]
    free = (i for i in range(len(guess.row.cells)) if i not in guess.fields and i not in guess.uses)
    styles = [i for i in free if plain(guess.row.cell(i)) in _STYLE_NUMBERS]
    if (
        guess.kind is not SheetKind.PRODUCT
        or not keys
        or not styles
        or "sku" in {f.name for f in guess.fields.values()}
    ):
        return guess
    pairs = {(row.cell(styles[0]), row.cell(keys[0])) for row in rows if row.cell(styles[0]) and row.cell(keys[0])}
    if len({style for style, _ in pairs}) == len(pairs):
        return guess
    sku = next(each for each in FIELDS[SheetKind.PRODUCT] if each.name == "sku")
    return replace(guess, fields={**guess.fields, keys[0]: sku, styles[0]: guess.fields[keys[0]]})


def learned(table: Table, correction: Correction) -> dict[tuple[str, str], str]:
    """What a correction says about headers, to be remembered: a column without one is known by its letter today only."""
    said = {column_index(letter): meaning for letter, meaning in correction.columns.items()}
    return {
        (str(table.kind), plain(column.header)): said[column.index]
        for column in table.columns
        if column.index in said and column.header and table.header_row and column.use is not Use.SECRET
    }


def widest(sheet: Sheet, kind: SheetKind) -> Guess | None:
    """The likeliest header of a sheet that holds no known one; None where showing it might show a credential."""
    rows = sheet.rows[:_SEARCH_ROWS]
    if not rows or any(is_secret(cell) for row in rows for cell in row.cells):
        return None
    return Guess(kind, _widest(rows), {})


def headers_seen(rows: Iterable[Row], limit: int = 12) -> str:
    """The likeliest header of a sheet nobody understands, for the message; secrets and long texts left out."""
    rows = list(rows)[:_SEARCH_ROWS]
    if not rows or any(is_secret(cell) for row in rows for cell in row.cells):
        return ""
    return "、".join([mask(cell) for cell in _widest(rows).cells if cell and len(cell) <= LONGEST_HEADER][:limit])


def _widest(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: (sum(map(bool, row.cells)), -row.number))


def _headings(sheet: Sheet, kind: SheetKind, correction: Correction, mappings: Mappings) -> Iterator[Heading]:
    """The rows that may be the header; the one that a person has named, if one has."""

    def known(header: str) -> bool:
        return exact(kind, header) is not None or mappings.recall(kind, header) is not None

    stated = correction.header_row
    if stated == 0:
        yield _NO_HEADER
    elif stated is None:
        yield from headings(sheet.rows[:_SEARCH_ROWS], known)
    elif all(row.number != stated for row in sheet.rows):
        raise Invalid(
            f"工作表“{sheet.name}”的第{stated}行是空的，不能当表头。", remedy="请核对表头的行号，没有表头写 0。"
        )
    else:
        near = [row for row in sheet.rows if stated - 2 <= row.number <= stated]
        yield from (heading for heading in headings(near, known) if heading.row.number == stated)
        yield Heading(near[-1])


def _guess(kind: SheetKind, heading: Heading, correction: Correction, mappings: Mappings) -> Guess:
    found, uses = _corrected(kind, correction)
    headers = _readable(heading.row, {*found, *uses})
    for index, header in headers.items():
        said = mappings.recall(kind, header)
        if said in (FACT, LEFT_OUT):
            uses[index] = _use(said)
        elif said is not None:
            _take(found, index, next(each for each in FIELDS[kind] if each.name == said))
    unsure: set[int] = set()
    for match in (exact, similar):
        for index, header in headers.items():
            if index in found or index in uses or is_skipped(header):
                continue
            if (each := match(kind, header)) and _take(found, index, each) and match is similar:
                unsure.add(index)
    _take_groups(kind, heading, headers, found, uses)
    if kind is SheetKind.PRODUCT and len(headers) < 2 and not correction.columns:
        found = {}  # one word above a list of names is not yet a product sheet
    return Guess(kind, heading.row, found, frozenset(unsure), uses, heading.depth)


def _corrected(kind: SheetKind, correction: Correction) -> tuple[dict[int, Field], dict[int, Use]]:
    fields = {each.name: each for each in FIELDS[kind]}
    said = {column_index(letter): meaning for letter, meaning in correction.columns.items()}
    return (
        {index: fields[meaning] for index, meaning in said.items() if meaning in fields},
        {index: _use(meaning) for index, meaning in said.items() if meaning not in fields},
    )


def _readable(row: Row, settled: set[int]) -> dict[int, str]:
    """The plain headers that may name a field; titles, notes and credentials do not."""
    return {
        index: plain(text)
        for index, text in enumerate(row.cells)
        if text and index not in settled and len(text) <= LONGEST_HEADER and not is_secret(text)
    }


def _take(found: dict[int, Field], index: int, field: Field) -> bool:
    if not field.repeats and field in found.values():
        return False
    found[index] = field
    return True


def _take_groups(
    kind: SheetKind, heading: Heading, headers: Mapping[int, str], found: dict[int, Field], uses: Mapping[int, Use]
) -> None:
    """Columns under a heading that may stand over several: 答案 over 售前话术 and 售后话术."""
    for index in headers:
        above = plain(heading.group(index)) if heading.group(index) else ""
        each = exact(kind, above) if above and index not in found and index not in uses else None
        # 参数 over 功率 says no more than that 功率 is an attribute.
        if each and each.repeats and each.name != "params":
            found[index] = each


def _use(meaning: str) -> Use:
    return Use.FACT if meaning == FACT else Use.SKIPPED


def _column(guess: Guess, index: int) -> Column:
    header = mask(" ".join(guess.row.cell(index).split()))
    if index in guess.fields:
        each = guess.fields[index]
        return Column(index, header or each.label, Use.FIELD, each.name, each.label, index not in guess.unsure)
    if is_secret(header):
        return Column(index, header, Use.SECRET)
    if index not in guess.uses and is_person(guess.kind, plain(header)):
        return Column(index, header, Use.PERSON)
    if index not in guess.uses and is_internal(guess.kind, plain(header)):
        return Column(index, header, Use.SKIPPED)
    fallback = Use.FACT if guess.kind is SheetKind.PRODUCT else Use.UNUSED
    return Column(index, header, guess.uses.get(index) or (Use.SKIPPED if is_skipped(plain(header)) else fallback))


def _refuse_secrets(sheet: Sheet, guess: Guess, correction: Correction) -> None:
    """Nobody may call a column of credentials anything else, wherever its header stands. Raises Invalid."""
    above = [row for row in sheet.rows if row.number <= guess.row.number]
    below = sheet.rows[:_SEARCH_ROWS]
    for letter, meaning in correction.columns.items():
        index = column_index(letter)
        secret = is_secret(guess.row.cell(index)) or any(is_secret(row.cell(index)) for row in above if row.cell(index))
        bare = any(_is_bare_secret(row.cell(index)) for row in below)
        if meaning != LEFT_OUT and (secret or bare):
            raise Invalid(
                f"工作表“{sheet.name}” {letter}列像是账号或密码，不能导入。",
                remedy="请把这一列的含义留空，或从表里删掉它。",
            )


def _is_bare_secret(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_BARE_SECRET and plain(text).endswith(SECRET_WORDS)
