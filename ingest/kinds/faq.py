"""Question sheets: rows become FAQ entries with phrasings and answers.

A question may stand on several rows, once for each platform, product or time at which another answer is right: they are
one entry whose answers have conditions. The same question twice for the same buyers is a mistake and is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.columns.table import Cell, Table
from ingest.draft import EntryDraft
from ingest.kinds.period import Year
from ingest.kinds.rowhash import entry_hash
from ingest.kinds.sections import section_of, without_sections
from ingest.kinds.texts import fold, masked_question, read_window, sheet_year, warn_of_personal_data
from ingest.kinds.values import split_phrasings
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.mask import mask
from kb.language.order_states import WORDS, read_states
from kb.language.platforms import read_platforms
from kb.model import Answer, Condition, Entry, EntryKind, OrderState, Phrasing, Polarity, Window

_ANY_PRODUCT = {"全部商品", "所有商品", "全店", "全店通用", "全部", "所有", "通用", "不限", "全店商品", "/", "-", "无"}
_PRODUCTS = re.compile(r"[\n\r,，、;；|]+")
_CLAIMS = ("platform", "products", "order_state", "start", "end", "valid")  # for whom and when an answer is right
_NO_CLAIM = ("",) * len(_CLAIMS)
_ALWAYS, _EVERYBODY = Window(), Condition()
_SCENE = re.compile(r"(售前|售中|售后)(?:\s*[-/—–>·:：|、\s]\s*(.*))?", re.DOTALL)


@dataclass(slots=True)
class _Group:
    """A row and the rows that continue it, or say what is right for others; `claims` are for whom and when, as written."""

    head: Row
    rest: list[Row] = field(default_factory=list)
    claims: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def rows(self) -> list[Row]:
        return [self.head, *self.rest]


@dataclass(slots=True)
class _Asks:
    """The phrasings of one entry while they are gathered, each text once."""

    question: str
    phrasings: list[Phrasing] = field(default_factory=list)
    places: dict[str, Cell] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def add(self, text: str, polarity: Polarity, place: Cell) -> None:
        folded = fold(text)
        if not folded or folded in self.seen or folded == fold(self.question):
            return
        self.seen.add(folded)
        self.phrasings.append(Phrasing("", text, polarity))
        if polarity is Polarity.POSITIVE:
            self.places[folded] = place


def draft_faq(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[EntryDraft], int]:
    """The entries of a sheet without their ids, and how many rows were left out."""
    rows, sections = without_sections(table, rows)
    groups, skipped = _group(table, rows, problems)
    skipped += len(sections)
    drafts: list[EntryDraft] = []
    year = sheet_year(table, rows)
    for group in groups:
        draft = _draft(table, group, year, problems, section_of(group.head, sections))
        if draft:
            drafts.append(draft)
        else:
            skipped += len(group.rows)
    return drafts, skipped


def split_scene(text: str) -> tuple[str, str]:
    """ "售前-尺码" → ("售前", "尺码"); a text without a known scene is a category: ("", text)."""
    match = _SCENE.fullmatch(text.strip())
    return (match[1], (match[2] or "").strip()) if match else ("", text.strip())


def _group(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[_Group], int]:
    groups: list[_Group] = []
    by_question: dict[tuple[str, str], _Group] = {}
    current: _Group | None = None
    skipped = 0
    for row in rows:
        if table.text(row, "question"):
            current = _with_question(table, row, by_question)
            if current.head is row:
                groups.append(current)
        elif not any(table.text(row, name) for name in ("phrasing", "negative", "answer")):
            problems.warn("row_skipped", "这一行没有问题也没有答复，已跳过", row=row.number)
            skipped += 1
        elif current and table.text(row, "key") in ("", table.text(current.head, "key")):
            current.rest.append(row)
            _warn_of_joined(table, row, current.head, problems)
        else:
            problems.error("question_missing", "缺少标准问题，请补上", row=row.number, column=table.letter("question"))
            skipped += 1
    return groups, skipped


def _with_question(table: Table, row: Row, known: dict[tuple[str, str], _Group]) -> _Group:
    """The group of a row that asks: that of the same question for other buyers, or a new one."""
    name = table.text(row, "key"), fold(table.text(row, "question"))
    claim = _claim(table, row)
    group = known.get(name)
    if group is None or claim in group.claims:
        group = known[name] = _Group(row)
    else:
        group.rest.append(row)
    group.claims.add(claim)
    return group


def _claim(table: Table, row: Row) -> tuple[str, ...]:
    if not table.has(*_CLAIMS):
        return _NO_CLAIM
    return tuple("|".join(cell.text for cell in table.cells(row, name)) for name in _CLAIMS)


def _warn_of_joined(table: Table, row: Row, head: Row, problems: Problems) -> None:
    alike = _claim(table, row) in (_NO_CLAIM, _claim(table, head))
    if alike and table.text(row, "answer") and table.text(head, "answer") and not table.text(row, "key"):
        text = f"这一行没有问题，答复算作第{head.number}行的另一条话术，请核对"
        problems.warn("answer_joined", text, row=row.number, column=table.letter("answer"))


def _draft(table: Table, group: _Group, year: Year, problems: Problems, section: str = "") -> EntryDraft | None:
    head = group.head
    column = table.letter("question")
    question = masked_question(table.text(head, "question"), problems, row=head.number, column=column)
    if not fold(question):
        problems.error("question_missing", "标准问题里只有标点，请写完整", row=head.number, column=column)
        return None
    windows = _windows(table, group, year, problems)
    if windows is None:
        return None
    window = windows[0] if len(set(windows)) == 1 else _ALWAYS
    answers = _answers(table, group, windows if window == _ALWAYS else [_ALWAYS] * len(windows), problems)
    if not answers:
        if any(table.text(row, "answer") for row in group.rows):  # said where its condition was read
            return None
        problems.error("answer_missing", "缺少答复，请补上", row=head.number, column=table.letter("answer"))
        return None
    asks = _asks(table, group, question, problems)
    asks.places[fold(question)] = Cell(head.number, column, question)
    key = table.text(head, "key")
    scene, category = _scene_and_category(table, head)
    entry = Entry(
        id="",
        key=key or fold(question),
        kind=EntryKind.FAQ,
        question=question,
        phrasings=tuple(asks.phrasings),
        answers=answers,
        scene=scene,
        category=category or section,
        shortcut=table.text(head, "shortcut"),
        window=window,
        source=table.source(head.number, table.letter("key") if key else column),
        version=0,
    )
    return EntryDraft(replace(entry, row_hash=entry_hash(entry)), asks.places)


def _windows(table: Table, group: _Group, year: Year, problems: Problems) -> list[Window] | None:
    """When each row holds; a row that says nothing of it continues the one above. None where one cannot be read."""
    windows: list[Window] = []
    if not table.has("start", "end", "valid"):
        return [_ALWAYS] * len(group.rows)
    for row in group.rows:
        stated = table.text(row, "question") or any(table.text(row, name) for name in ("start", "end", "valid"))
        window = read_window(table, row, year, problems) if stated else windows[-1]
        if window is None:
            return None
        windows.append(window)
    return windows


def _answers(table: Table, group: _Group, windows: Sequence[Window], problems: Problems) -> tuple[Answer, ...]:
    """Each text once for the same buyers; those for a time first, since the first of equals is sent."""
    found: dict[Answer, None] = {}
    condition: Condition | None = _EVERYBODY
    for row, window in zip(group.rows, windows, strict=True):
        stated = any(table.text(row, name) for name in ("question", "platform", "products", "order_state"))
        condition = _condition(table, row, problems) if stated else condition
        if condition is None:
            continue
        for cell in table.cells(row, "answer"):
            answer = Answer("", cell.text, condition, window)
            if all(known.text != cell.text for known in found):
                warn_of_personal_data(cell.text, problems, row=cell.row, column=cell.column)
            found[answer] = None
    return tuple(sorted(found, key=lambda answer: answer.window == _ALWAYS))


def _condition(table: Table, row: Row, problems: Problems) -> Condition | None:
    """For whom a row holds. Products are as written until they are compared with the shop's (`ingest/compare/conditions.py`).

    None where it names a state of the order that nobody knows: given in any state the answer would be wrong in most.
    """
    if not table.has("platform", "products", "order_state"):
        return _EVERYBODY
    states = _states(table, row, problems)
    if states is None:
        return None
    text = table.text(row, "platform")
    platforms, unknown = read_platforms(text)
    if unknown:
        told = f"不认识平台“{'、'.join(unknown)[:40]}”，只在店铺平台正好叫这个名字时推荐；请写成天猫、淘宝、京东、拼多多、抖音"
        problems.warn("platform_unknown", told, row=row.number, column=table.letter("platform"), value=text)
    named = (part.strip() for cell in table.cells(row, "products") for part in _PRODUCTS.split(cell.text))
    products = {part for part in named if part}
    return Condition(platforms, frozenset() if products & _ANY_PRODUCT else frozenset(products), states)


def _states(table: Table, row: Row, problems: Problems) -> frozenset[OrderState] | None:
    text = table.text(row, "order_state")
    states, unknown = read_states(text)
    if not unknown:
        return states
    told = f"不认识订单状态“{'、'.join(unknown)[:40]}”，这一行的答复没有导入；请写成{'、'.join(WORDS.values())}或已发货"
    problems.error("order_state_unknown", told, row=row.number, column=table.letter("order_state"), value=text)
    return None


def _asks(table: Table, group: _Group, question: str, problems: Problems) -> _Asks:
    asks = _Asks(question)
    for name, polarity in (("phrasing", Polarity.POSITIVE), ("negative", Polarity.NEGATIVE)):
        for cell in (cell for row in group.rows for cell in table.cells(row, name)):
            # Masked before the split: an address may hold a character that splits.
            text = masked_question(cell.text, problems, row=cell.row, column=cell.column)
            for part in split_phrasings(text):
                asks.add(part, polarity, cell)
    return asks


def _scene_and_category(table: Table, row: Row) -> tuple[str, str]:
    if not table.has("scene", "category"):
        return "", ""
    scene_text, category_text = mask(table.text(row, "scene")), mask(table.text(row, "category"))
    scene, rest = split_scene(scene_text)
    if not scene:
        scene, rest = scene_text, ""
    other_scene, category = split_scene(category_text)
    return scene or other_scene, category or rest
