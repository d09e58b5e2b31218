"""The audit trail: who did what, when, in which shop; rows that are only ever added, each sealed over the one before.

The seal of a row is the SHA-256 of the seal before it and of the row, so that no row can be changed, taken out or moved
without all later seals being made anew. Whoever can write the file could do that: note the head (number and seal) elsewhere
now and then, and `verify` says whether it is still there. The rows hold no personal data of buyers: subjects are ids,
states are digests, summaries are masked.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING

from sqlite_utils import Database

from kb.errors import Invalid
from kb.language.mask import mask
from kb.store.codec import marks
from kb.store.grant import Actor

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Everything that is recorded. A route of the access table that changes something names one of these.
ACTIONS = {
    "login": "登录",
    "login.failed": "登录失败",
    "password.change": "修改自己的密码",
    "person.add": "新增人员",
    "person.access": "修改人员的角色和店铺",
    "person.password": "重设人员密码",
    "person.disable": "停用人员",
    "person.enable": "恢复人员",
    "key.issue": "发放密钥",
    "key.revoke": "停用密钥",
    "shop.add": "新建店铺",
    "hook.add": "新建接入",
    "hook.secret": "更换接入的密钥",
    "hook.remove": "删除接入",
    "entry.create": "新建知识",
    "entry.edit": "修改知识",
    "entry.status": "发布或下架知识",
    "import.start": "开始导入",
    "import.commit": "导入",
    "import.cancel": "取消导入",
    "import.undo": "撤销导入",
    "proposal.accept": "采纳学习建议",
    "proposal.dismiss": "忽略学习建议",
    "export": "导出知识",
    "help.answer": "回答求助",
    "experiment.add": "新建实验",
    "experiment.start": "开始实验",
    "experiment.ramp": "调整实验比例",
    "experiment.stop": "停止实验",
}
_START = "0" * 64
_LONGEST = 300  # characters of a summary


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be recorded; `before` and `after` are digests of the state, or short words."""

    action: str
    shop: str = ""
    subject: str = ""
    summary: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the trail."""

    number: int
    at: int  # unix seconds
    actor: str
    name: str
    action: str
    shop: str
    subject: str
    summary: str
    before: str
    after: str
    seal: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many rows stand, the last seal, and where the chain breaks ("" if it holds)."""

    count: int
    head: str
    broken: str = ""


def digest(thing: bytes | DataclassInstance) -> str:
    """16 hex digits by which two states of a noun, or two files, are told apart, and nothing else."""
    if not isinstance(thing, bytes):
        thing = json.dumps(asdict(thing), default=sorted, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(thing).hexdigest()[:16]


def append(db: Database, by: Actor, deed: Deed) -> None:
    """Add a row, inside the caller's transaction: with the change it tells of, or not at all."""
    if deed.action not in ACTIONS:
        raise ValueError(f"no such action: {deed.action}")
    last = db.conn.execute("SELECT number, seal FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    number, before = (last[0] + 1, last[1]) if last else (1, _START)
    summary = mask(deed.summary)[:_LONGEST]
    row = (number, int(time.time()), by.id, mask(by.name), deed.action, deed.shop, mask(deed.subject), summary, deed.before,
           deed.after)  # fmt: skip
    db.conn.execute(f"INSERT INTO audit VALUES ({marks(row)}, ?)", [*row, _seal(before, row)])


def records(
    db: Database, *, shops: Sequence[str] | None = None, before: int | None = None, limit: int = 50, action: str = ""
) -> list[Record]:
    """The latest rows, newest first: of these shops only (None: all, and what belongs to none), older than number `before`."""
    where, values = ["1"], list[object]()
    if shops is not None:
        where.append(f"shop IN ({marks(shops)})")
        values += shops
    if before is not None:
        where.append("number < ?")
        values.append(before)
    if action:
        where.append("action = ?")
        values.append(action)
    query = f"SELECT * FROM audit WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?"
    return [Record(*row) for row in db.conn.execute(query, [*values, limit])]


def verify(db: Database, head: str = "") -> Verdict:
    """Recompute every seal; `head` ("12:ab34…", at least 16 digits of a seal noted earlier) must be there as well."""
    noted = _noted(head)
    seal, count = _START, 0
    for record in _all(db):
        count += 1
        if record.number != count:
            return Verdict(count - 1, seal, f"第 {count} 条不见了，后面是第 {record.number} 条")
        seal = _seal(seal, astuple(record)[:-1])
        if seal != record.seal:
            return Verdict(count - 1, seal, f"第 {count} 条（{ACTIONS.get(record.action, record.action)}）被改过")
        if noted and noted[0] == count and not seal.startswith(noted[1]):
            return Verdict(count, seal, f"第 {count} 条和当初记下的不一样")
    if noted and noted[0] > count:
        return Verdict(count, seal, f"当初记到第 {noted[0]} 条，现在只有 {count} 条")
    return Verdict(count, seal)


def _all(db: Database) -> Iterator[Record]:
    for row in db.conn.execute("SELECT * FROM audit ORDER BY number"):
        yield Record(*row)


def _seal(before: str, row: Sequence[object]) -> str:
    text = json.dumps([before, *row], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _noted(head: str) -> tuple[int, str] | None:
    if not head:
        return None
    number, _, seal = head.partition(":")
    if not number.isdecimal() or len(seal) < 16:
        raise Invalid(
            f"“{head}”不是审计末条的写法。", remedy="请照 huashu admin audit --verify 打印的样子写：编号:校验值。"
        )
    return int(number), seal
