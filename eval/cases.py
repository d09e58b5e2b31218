"""The three files of a measurement, read: what the shop knows, what buyers ask, what must be refused.

    faq      {"id", "question", "phrasings"?: [str], "answer"?, "scene"?}
    queries  {"qid", "query", "context"?: ["客户: …", "客服: …"], "gold": ["id", …], "needs_context"?: bool}
    refuse   {"query", "qid"?, "context"?, "gold"?: [], "none"?: why, "needs_context"?: bool}

One JSON object a line, UTF-8 with or without BOM, `context` oldest first, blank lines skipped. Keys not
named here are ignored, so a set may carry notes of its own. Whatever else is wrong raises `BadFile` with
the file and the line: a benchmark that skips what it cannot read measures something else.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from kb.errors import BadFile
from kb.model import Speaker, Turn

REMEDY = "每行应是一个 JSON 对象，文件用 UTF-8 编码；请按提示改好这一行后重试。"
SPEAKERS = {"客户": Speaker.BUYER, "买家": Speaker.BUYER, "客服": Speaker.AGENT, "商家": Speaker.AGENT}
SPOKEN = re.compile(rf"\s*({'|'.join(SPEAKERS)})\s*[:：]\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FaqLine:
    """One thing the shop knows, as the benchmark states it; `where` is for error messages only."""

    id: str
    question: str
    phrasings: tuple[str, ...] = ()
    answer: str = ""
    scene: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """One buyer's message and the entries that answer it; no gold means it must be refused.

    `needs_context` is None where the set does not say. `where` is for error messages only.
    """

    qid: str
    query: str
    turns: tuple[Turn, ...] = ()
    gold: frozenset[str] = frozenset()
    needs_context: bool | None = None
    none: str = ""
    where: str = field(default="", compare=False)

    @property
    def answerable(self) -> bool:
        return bool(self.gold)


@dataclass(frozen=True, slots=True)
class Row:
    """One line's object and where it stood; its readers check one key each."""

    where: str
    values: Mapping[str, object]

    def wrong(self, what: str) -> BadFile:
        return BadFile(f"{self.where}：{what}", remedy=REMEDY)

    def text(self, key: str, default: str | None = None) -> str:
        """The string under `key`; missing or null gives the default, and without one is an error."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.wrong(f"缺少“{key}”")
        return self.string(key, value)

    def name(self, key: str, default: str | None = None) -> str:
        """An id: not blank."""
        text = self.text(key, default)
        if not text.strip():
            raise self.wrong(f"“{key}”是空的")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of strings under `key`; missing or null is an empty one."""
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.wrong(f"“{key}”应是文字的列表")
        return tuple(self.string(key, item) for item in value)

    def flag(self, key: str) -> bool | None:
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(f"“{key}”应是 true 或 false")

    def string(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.wrong(f"“{key}”应是文字")
        # JSON may escape half a surrogate pair ("\ud83d"); no database or terminal takes it afterwards.
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise self.wrong(f"“{key}”里有不完整的字符")
        return value


def read_faq(path: Path) -> tuple[FaqLine, ...]:
    """Everything the shop knows; ids are unique."""
    faqs = tuple(_faq(row) for row in rows(path))
    _once("id", ((faq.id, faq.where) for faq in faqs))
    return faqs


def read_queries(path: Path) -> tuple[Case, ...]:
    """The messages that have an answer; qids are unique and each names at least one gold entry."""
    cases = tuple(_query(row) for row in rows(path))
    _once("qid", ((case.qid, case.where) for case in cases))
    return cases


def read_refuse(path: Path) -> tuple[Case, ...]:
    """The messages that must be refused; one without a qid is called refuse-1, refuse-2, … in file order."""
    cases = tuple(_refusal(row, f"refuse-{number}") for number, row in enumerate(rows(path), 1))
    _once("qid", ((case.qid, case.where) for case in cases))
    return cases


def read_cases(path: Path) -> tuple[Case, ...]:
    """Messages of both kinds; one without a qid is called after the file and its place in it, as refuse-1."""
    cases = tuple(_case(row, row.name("qid", f"{path.stem}-{number}")) for number, row in enumerate(rows(path), 1))
    _once("qid", ((case.qid, case.where) for case in cases))
    return cases


def check_gold(cases: Iterable[Case], known: AbstractSet[str]) -> None:
    """Every gold id is a known entry; otherwise a typing error would count as a miss of the search."""
    for case in cases:
        if unknown := sorted(case.gold - known):
            where, ids = case.where or case.qid, "、".join(unknown)
            raise BadFile(f"{where}：“gold”里的 {ids} 不在知识库里", remedy=REMEDY)


def parse_turn(said: str) -> Turn | None:
    """“客户: 在吗” is a buyer's turn; None when nobody is named as the speaker."""
    match = SPOKEN.fullmatch(said)
    return Turn(SPEAKERS[match[1]], match[2].strip()) if match else None


def _faq(row: Row) -> FaqLine:
    phrasings = tuple(text for text in row.texts("phrasings") if text.strip())
    answer, scene = row.text("answer", ""), row.text("scene", "")
    return FaqLine(row.name("id"), row.name("question"), phrasings, answer, scene, row.where)


def _query(row: Row) -> Case:
    case = _case(row, row.name("qid"))
    if not case.gold:
        raise row.wrong("“gold”是空的；没有答案的问题请放进拒答文件")
    return case


def _refusal(row: Row, name: str) -> Case:
    case = _case(row, row.name("qid", name))
    if case.gold:
        raise row.wrong("拒答问题的“gold”应是空的")
    return case


def _case(row: Row, qid: str) -> Case:
    return Case(
        qid=qid,
        query=row.text("query"),
        turns=tuple(_turn(row, said) for said in row.texts("context")),
        gold=frozenset(row.texts("gold")),
        needs_context=row.flag("needs_context"),
        none=row.text("none", ""),
        where=row.where,
    )


def _turn(row: Row, said: str) -> Turn:
    turn = parse_turn(said)
    if turn is None:
        raise row.wrong("“context”的每一句应以“客户:”或“客服:”开头")
    return turn


def _once(key: str, named: Iterable[tuple[str, str]]) -> None:
    """No name occurs twice; each comes with where it stood."""
    first: dict[str, str] = {}
    for name, where in named:
        if name in first:
            raise BadFile(f"{where}：“{key}”{name} 重复了，前面已出现在 {first[name]}", remedy=REMEDY)
        first[name] = where


def rows(path: Path) -> Iterator[Row]:
    """The objects of a file of JSON lines, each with where it stood."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path.name}：打不开（{error.strerror}）", remedy="请检查路径和读取权限。") from error
    # Split on \n in bytes: str.splitlines would also cut at U+2028, which JSON allows inside a string.
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        if line.strip():
            yield _row(f"{path.name} 第 {number} 行", line)


def _row(where: str, line: bytes) -> Row:
    values: object
    try:
        values = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadFile(f"{where}：不是 UTF-8 编码", remedy=REMEDY) from error
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of opening brackets
        raise BadFile(f"{where}：不是合格的 JSON", remedy=REMEDY) from error
    if not isinstance(values, dict):
        raise BadFile(f"{where}：应是一个 JSON 对象", remedy=REMEDY)
    return Row(where, values)
