"""JSON and JSON lines: a list of objects is a table, a list of conversations is a chat log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.readers.chat import AGENT, BUYER, HEADER, SHEET_NAME, message_row
from ingest.readers.encoding import decode
from ingest.readers.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from ingest.readers.questions import ANSWER, QUESTION
from ingest.sheet import Row, Sheet, cell_text, make_row, tidy
from kb.errors import BadFile, TooLarge

_SHAPE = '请整理成一列对象，例如 [{"问题": "怎么退货", "答复": "七天内可以退"}]，或者用 Excel 表格导入。'
_TURNS = ("turns", "messages", "dialogue", "conversation", "对话", "消息")
_TEXTS = ("messages", "text", "content", "message", "内容")
_ROLES = ("role", "speaker", "from", "角色")
_SENDERS = ("sender", "name", "nick", "发送者", "昵称")
_TIMES = ("time", "timestamp", "created_at", "时间")
_SESSIONS = ("session", "session_id", "conversation_id", "id", "会话")
_SPEAKERS = {
    **dict.fromkeys(
        ("agent", "assistant", "seller", "service", "staff", "waiter", "kf", "客服", "卖家", "商家"), AGENT
    ),
    **dict.fromkeys(("customer", "user", "buyer", "client", "human", "买家", "顾客", "客户", "用户"), BUYER),
}
Numbered = tuple[int, Any]


def read_json(data: bytes, name: str) -> list[Sheet]:
    """One sheet; none for an empty list. Raises BadFile for anything but a list of like things, TooLarge over a bound."""
    try:
        items = _items(decode(data, name).strip(), name)
    except RecursionError as error:
        raise BadFile(f"文件“{name}”一层套一层，套得太深。", remedy=_SHAPE) from error
    if len(items) > MAX_ROWS:
        raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 条。")
    if not items:
        return []
    if all(_turns(item) for _, item in items):
        return [Sheet(SHEET_NAME, (Row(0, HEADER), *_messages(items)))]
    return _table(items, name)


def _items(text: str, name: str) -> list[Numbered]:
    """The things listed, numbered by line (JSON lines) or by place."""
    try:
        whole = json.loads(text) if text else []
    except ValueError as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) < 2:
            raise BadFile(f"文件“{name}”不是完整的 JSON。", remedy=_SHAPE) from error
        return [(number, _loaded(line, number, name)) for number, line in lines]
    return list(enumerate(_listed(whole, name), start=1))


def _loaded(line: str, number: int, name: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadFile(f"文件“{name}”第 {number} 行不是完整的 JSON。", remedy=_SHAPE) from error


def _listed(whole: Any, name: str) -> list[Any]:
    """A list as it is; the list inside {"data": […]}; {"怎么退货": "可以退"} as rows; one object as a list of one."""
    if isinstance(whole, list):
        return whole
    if not isinstance(whole, dict):
        raise BadFile(f"文件“{name}”里不是一列内容。", remedy=_SHAPE)
    lists = [value for value in whole.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(lists) == 1 and not _turns(whole):
        return lists[0]
    if len(whole) > 1 and all(isinstance(value, str) and len(key) > 1 for key, value in whole.items()):
        return [{QUESTION: key, ANSWER: value} for key, value in whole.items()]
    return [whole]


def _table(items: Sequence[Numbered], name: str) -> list[Sheet]:
    if all(isinstance(item, list) for _, item in items):
        return _sheets([(number, [_text(value) for value in item]) for number, item in items], name)
    if not all(isinstance(item, dict) for _, item in items):
        raise BadFile(f"文件“{name}”里不全是对象，读不成表格。", remedy=_SHAPE)
    flat = [(number, dict(_flat(item))) for number, item in items]
    keys = list(dict.fromkeys(key for _, item in flat for key in item))
    if len(keys) > MAX_COLUMNS:
        raise TooLarge(f"文件“{name}”有 {len(keys)} 种字段，上限是 {MAX_COLUMNS} 种。")
    rows = [(number, [item.get(key, "") for key in keys]) for number, item in flat]
    return _sheets([(0, [tidy(key) for key in keys]), *rows], name)


def _sheets(grid: Sequence[tuple[int, list[str]]], name: str) -> list[Sheet]:
    widest = max(len(cells) for _, cells in grid)
    if widest > MAX_COLUMNS:
        raise TooLarge(f"文件“{name}”有 {widest} 列，上限是 {MAX_COLUMNS} 列。")
    if widest * len(grid) > MAX_CELLS:
        raise TooLarge(f"文件“{name}”的内容太多，请拆成几份。")
    rows = tuple(row for number, cells in grid if (row := make_row(number, cells)))
    return [Sheet("Sheet1", rows)] if rows else []


def _flat(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in item.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", _text(each)) for inner, each in value.items())
        else:
            yield key, _text(value)


def _text(value: Any) -> str:
    """A value as a cell: a list as lines, an object as JSON."""
    if isinstance(value, list):
        return tidy("\n".join(_text(each) for each in value))
    if isinstance(value, dict):
        return tidy(json.dumps(value, ensure_ascii=False))
    return cell_text(value)


def _turns(item: Any) -> list[Any]:
    """The turns of a conversation; [] for anything else."""
    turns = _first(item, _TURNS) if isinstance(item, dict) else None
    told = isinstance(turns, list) and all(isinstance(turn, dict) and _first(turn, _ROLES + _SENDERS) for turn in turns)
    return turns if told and isinstance(turns, list) else []


def _messages(items: Sequence[Numbered]) -> Iterator[Row]:
    for number, item in items:
        session = _text(_first(item, _SESSIONS)) or str(number)
        for turn in _turns(item):
            role = _text(_first(turn, _ROLES))
            known = _SPEAKERS.get(role.lower(), "")
            if text := _text(_first(turn, _TEXTS)):
                sender = _text(_first(turn, _SENDERS)) or role
                yield message_row(number, session, _text(_first(turn, _TIMES)), sender, known, text)


def _first(item: dict[str, Any], names: Sequence[str]) -> Any:
    return next((item[name] for name in names if item.get(name)), None)
