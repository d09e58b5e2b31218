"""Store handover forms (店铺交接表): what the shop says of itself, under standard names, with the cell it stands in.

Accounts and passwords are refused: not stored, not shown, wherever on the form they stand. Telephone numbers of persons are
masked, because the form is read by agents of another company; contacts that buyers are told (退货地址, 售后电话) stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.columns.form import Item
from ingest.columns.labels import PUBLIC, standard_name
from ingest.columns.table import Cell
from ingest.problem import Problems
from kb.language.mask import mask
from kb.language.text import clean
from kb.model import Fact, Source

REMARK = "（备注）"
_BLANK = {"", "/", "-", "—", "--", "无", "暂无", "待定", "待补充"}
_WORD = (
    r"(?:[账帐]\s*[号户]|用\s*户\s*名|登[录陆]名|密\s*码|口\s*令|密\s*钥|密保|验\s*证\s*码|授\s*权\s*码|动态码"
    r"|(?<![a-z])(?:password|passwd|passcode|pass|pwd|pw|token|secret|cookie|appkey|login|user(?:name)?|account))"
)
# 密码：…, and 密码 hunter2 without a colon; "密码不写在本表" tells none.
_CREDENTIAL = re.compile(
    rf"{_WORD}\s*(?:是|为)?\s*[:=]\s*\S|{_WORD}\s*(?:是|为)?\s*[\"'“‘(\[]?[a-z0-9_@#$%^&*!~+.\-]{{3,}}", re.IGNORECASE
)
# Every word above holds one of these (ſ and K are s and k in another case); an answer without one need not be searched.
_HINT = re.compile("[账帐户登密口验授动a-zA-ZſK]")


def draft_handover(file: str, sheet: str, items: Sequence[Item], problems: Problems) -> tuple[list[Fact], int]:
    """The facts of a form, each name once, and how many of its items were left out."""
    facts: dict[str, Fact] = {}
    refused = [item for item in items if item.refused or tells_credential(item.value.text)]
    kept = [item for item in items if item not in refused and item.value.text not in _BLANK]
    for item in kept:
        for name, cell in _parts(item, facts):
            value = told_value(name, cell, problems)
            facts[name] = _joined(facts.get(name), Fact(name, value, source=Source(file, sheet, cell.row, cell.column)))
    for item in refused:
        refuse(item.label, problems)
    return list(facts.values()), len(items) - len(kept)


def tells_credential(text: str) -> bool:
    """Whether a text gives an account or a password away, with whatever label it stands under."""
    plain = clean(text)
    return bool(_HINT.search(plain) and _CREDENTIAL.search(plain))


def refuse(label: Cell, problems: Problems) -> None:
    """Name a label that was refused; never a value, not even masked."""
    name = "" if tells_credential(label.text) else mask(label.text)
    problems.warn(
        "credential_refused",
        f"“{name or '这一项'}”像是账号密码，没有读取、没有保存。请在平台的子账号里授权，不要写在表里",
        row=label.row,
        column=label.column,
    )


def _parts(item: Item, known: dict[str, Fact]) -> Iterator[tuple[str, Cell]]:
    own = mask(" ".join(item.label.text.rstrip(":： ").split()))
    name = standard_name(item.label.text) or own
    name = own if name in known else name  # 快递 and 合作快递 on one form: both stay
    yield name, item.value
    if item.remark.text not in _BLANK and not tells_credential(item.remark.text):
        yield name + REMARK, item.remark


def told_value(name: str, cell: Cell, problems: Problems) -> str:
    """A value as agents of another company may read it: without the contacts of persons, and a warning where there were any."""
    masked = mask(cell.text)
    if masked == cell.text:
        return masked
    if name in PUBLIC:
        text = f"“{name}”里有电话或地址，已原样导入，请确认是店铺可以告诉买家的"
        problems.warn("personal_data", text, row=cell.row, column=cell.column)
        return cell.text
    text = f"“{name}”里有个人的联系方式，已隐去后导入"
    problems.warn("personal_data", text, row=cell.row, column=cell.column, value=masked)
    return masked


def _joined(before: Fact | None, fact: Fact) -> Fact:
    """The same label again adds to its value; a row that repeats another says nothing new."""
    if before is None or fact.value in before.value.split("\n"):
        return before or fact
    return replace(before, value=f"{before.value}\n{fact.value}")
