"""A log of what happened, told neutrally, so that figures can be made of any desk's export: one JSON object a line.

    {"type": "message", "shop", "conversation", "at_ms", "speaker", "agent"?, "buyer"?, "text"?, "scene"?, "id"?}
    {"type": "outcome", "shop", "at_ms", "kind", "fen", "conversation"?, "order"?, "buyer"?, "items"?, "products"?, "id"?}
    {"type": "event", "shop", "conversation", "at_ms", "kind", "suggestion", "entry"?, "rank"?, "agent"?, "id"?}
    {"type": "mark", "shop", "conversation", "at_ms", "kind", "value"?, "agent"?}
    {"type": "told", "shop", "at_ms", "name", "value"}
    {"type": "basis", "shop", "knowledge"?, "model"?}

Times are unix milliseconds, money whole fen. `buyer` and `agent` are pseudonyms: a log holds no name. Unknown keys are let be.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias, cast

from eval.cases import Row, rows
from kb.model import EventKind, OutcomeKind


class By(StrEnum):
    """Who said a message. Bots and systems are nobody's reply."""

    BUYER = "buyer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class MarkKind(StrEnum):
    """What is noted of a conversation beside what was said.

    A mark's `value` is of help and helped the request, of csat 0 … 100, of no_answer what was asked.
    """

    CLOSED = "closed"
    KEY_FACTS = "key_facts"
    HELP = "help"
    HELPED = "helped"
    TRANSFER = "transfer"
    COMPLAINT = "complaint"
    FATAL = "fatal"
    MINOR = "minor"
    CSAT = "csat"
    NO_ANSWER = "no_answer"


class ToldName(StrEnum):
    """Figures that only the platform knows; they are imported, never computed."""

    VISITORS = "visitors"
    DSR_DESCRIBE = "dsr_describe"
    DSR_SERVICE = "dsr_service"
    DSR_LOGISTICS = "dsr_logistics"


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    shop: str
    conversation: str
    at_ms: int
    speaker: By
    agent: str = ""
    buyer: str = ""
    text: str = ""
    scene: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """Something ordered, paid or refunded. `conversation` and `buyer` "": nobody who asked (a silent sale)."""

    shop: str
    at_ms: int
    kind: OutcomeKind
    fen: int
    conversation: str = ""
    order: str = ""
    buyer: str = ""
    items: int = 0  # pieces; 0: not known
    products: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What an agent did with one card of one suggestion."""

    shop: str
    conversation: str
    at_ms: int
    kind: EventKind
    suggestion: str
    entry: str = ""
    rank: int = 0
    agent: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something noted of a conversation."""

    shop: str
    conversation: str
    at_ms: int
    kind: MarkKind
    value: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that the platform states of a shop."""

    shop: str
    at_ms: int
    name: ToldName
    value: float


@dataclass(frozen=True, slots=True)
class Basis:
    """What a shop answered with when the log was written: the version of its knowledge, the fingerprint of its model.

    Reports state both; no figure is made of them.
    """

    shop: str
    knowledge: str = ""
    model: str = ""


Line: TypeAlias = Said | Money | Use | Mark | Told | Basis


@dataclass(frozen=True, slots=True)
class Log:
    """Everything that happened, in the order of the file."""

    said: tuple[Said, ...] = ()
    money: tuple[Money, ...] = ()
    uses: tuple[Use, ...] = ()
    marks: tuple[Mark, ...] = ()
    told: tuple[Told, ...] = ()
    basis: tuple[Basis, ...] = ()

    @property
    def shops(self) -> list[str]:
        """Every shop that it speaks of, in the order of their names."""
        lines = (self.said, self.money, self.uses, self.marks, self.told, self.basis)
        return sorted({one.shop for kind in lines for one in kind})

    @property
    def end_ms(self) -> int:
        """The last moment that the log speaks of; nothing is known of what came later. 0 where it is empty."""
        return max((one.at_ms for lines in (self.said, self.money, self.uses, self.marks) for one in lines), default=0)


_KINDS: dict[str, type[Line]] = {
    "message": Said,
    "outcome": Money,
    "event": Use,
    "mark": Mark,
    "told": Told,
    "basis": Basis,
}
_MOST = 10**14  # milliseconds until the year 5138; fen: more than anybody sells
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ENUMS = {
    (Said, "speaker"): By, (Money, "kind"): OutcomeKind, (Use, "kind"): EventKind, (Mark, "kind"): MarkKind, (Told, "name"): ToldName,
}  # fmt: skip


def gather(lines: Iterable[Line]) -> Log:
    """Lines of all sorts as one log; their order within a sort is kept."""
    heaps: dict[type[Line], list[Any]] = {kind: [] for kind in _NAMES}
    for line in lines:
        heaps[type(line)].append(line)
    return Log(*(tuple(heaps[kind]) for kind in (Said, Money, Use, Mark, Told, Basis)))


def basis_of(log: Log, shop: str | None = None) -> tuple[str, str]:
    """Knowledge version and model fingerprint of a shop, or of all, as a report states them; "" where the log has none."""
    kept = [one for one in log.basis if shop in (None, one.shop)]
    known = "、".join(dict.fromkeys(f"{one.shop} {one.knowledge}" for one in kept if one.knowledge))
    return known, "、".join(dict.fromkeys(one.model for one in kept if one.model))


def read_log(path: Path) -> Log:
    """A log of a file. Raises BadFile with file and line at the first thing that is not as agreed."""
    return gather(map(_line, rows(path)))


def write_log(lines: Iterable[Line], path: Path) -> None:
    """Write lines; what is at its default is left out. The same lines give the same bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(_told(line), ensure_ascii=False, separators=(",", ":")) + "\n")


def _told(line: Line) -> dict[str, object]:
    known = {one.name: (getattr(line, one.name), one.default) for one in fields(line)}
    return {"type": _NAMES[type(line)], **{name: value for name, (value, usual) in known.items() if value != usual}}


def _line(row: Row) -> Line:
    kind = _KINDS.get(row.text("type"))
    if kind is None:
        raise row.wrong(f"“type”应是 {'、'.join(_KINDS)} 之一，这里是“{row.text('type')}”")
    return kind(**dict(_values(row, kind)))


def _values(row: Row, kind: type[Line]) -> Iterator[tuple[str, Any]]:
    for one in fields(kind):
        value = row.values.get(one.name)
        if value is None:
            if one.default is MISSING:
                raise row.wrong(f"缺少“{one.name}”")
            continue
        yield one.name, _checked(row, kind, one.name, str(one.type), value)


def _checked(row: Row, kind: type[Line], name: str, wanted: str, value: object) -> object:
    """The value as its field wants it; `wanted` is the annotation's text."""
    if choices := _ENUMS.get((kind, name)):
        if value not in list(choices):
            raise row.wrong(f"“{name}”应是 {'、'.join(choices)} 之一，这里是“{value}”")
        return choices(str(value))
    if wanted.startswith("tuple"):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise row.wrong(f"“{name}”应是文字的列表")
        return tuple(value)
    if wanted == "float" and _bounded(value):
        return float(cast("float", value))
    if type(value).__name__ != wanted or (wanted in ("int", "float") and not _bounded(value)):
        raise row.wrong(
            f"“{name}”应是{'不小于 0 的整数，也不太大' if wanted == 'int' else '不小于 0 的数，也不太大' if wanted == 'float' else '文字'}"
        )
    return value


def _bounded(value: object) -> bool:
    """A number of which a time or a sum can be made; NaN is within no bounds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST
