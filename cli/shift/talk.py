"""Written conversations: what a buyer types, with the pauses, and what a colleague would reply. One TOML file a shop."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.folder import read_shops
from kb.errors import BadFile
from kb.model import Logistics, Payment, Refund, Speaker

# What a visitor should get to see; a test asks that every shop shows all of it.
SHOWS = frozenset({
    "size", "context", "burst", "smalltalk", "order", "complaint", "escalation", "haste", "other_product", "help",
    "no_thanks", "goodbye",
})  # fmt: skip
_ORDER = {"number", "product", "sku", "payment", "logistics", "refund"}
_STATES = {"payment": Payment, "logistics": Logistics, "refund": Refund}


@dataclass(frozen=True, slots=True)
class Line:
    """One message. A buyer's comes `wait_s` seconds after what was said last; `product` is the card sent with it."""

    speaker: Speaker
    text: str
    wait_s: float = 0.0
    product: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """One written conversation of a shop; `product` and `order` are what the chat is opened from."""

    shop: str
    id: str
    buyer: str  # an opaque reference
    lines: tuple[Line, ...]
    shows: frozenset[str] = frozenset()
    platform: str = ""
    product: str = ""
    order: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


def read_talks(demo: Path) -> list[Talk]:
    """The conversations of all shops of a demo folder (``talks/<shop>.toml``). Raises BadFile, naming file and talk."""
    return [
        talk
        for shop in read_shops(demo)
        for talk in _read(demo / "talks" / f"{shop.slug}.toml", shop.slug, shop.platform)
    ]


def _read(path: Path, shop: str, platform: str) -> list[Talk]:
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["talk"]
    except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"写好的会话 {path.name} 读不出来：{error}") from error
    talks = []
    for number, row in enumerate(listed, 1):
        try:
            talks.append(_talk(shop, platform, row))
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile(f"{path.name} 第 {number} 段会话（{row.get('id', '没有编号')}）：{error}") from error
    return talks


def _talk(shop: str, platform: str, row: dict[str, Any]) -> Talk:
    _known(row, {"id", "shows", "buyer", "product", "order", "tags", "platform", "lines"})
    order = _order(row.get("order", {}))
    lines = tuple(_line(line) for line in row["lines"])
    if not lines or lines[0].speaker is not Speaker.BUYER:
        raise ValueError("要由买家开头")
    _known(dict.fromkeys(row.get("shows", ())), SHOWS)
    return Talk(
        shop, row["id"], row["buyer"], lines, frozenset(row.get("shows", ())), row.get("platform", platform),
        row.get("product", ""), order, tuple(row.get("tags", ())),
    )  # fmt: skip


def _line(row: dict[str, Any]) -> Line:
    if "agent" in row:
        _known(row, {"agent"})
        return Line(Speaker.AGENT, row["agent"])
    _known(row, {"wait", "buyer", "product"})
    if row["wait"] < 0:
        raise ValueError("wait 不能是负数")
    return Line(Speaker.BUYER, row["buyer"], float(row["wait"]), row.get("product", ""))


def _order(row: dict[str, str]) -> dict[str, str]:
    _known(row, _ORDER)
    for name, states in _STATES.items():
        if name in row:
            states(row[name])
    return row


def _known(row: Mapping[str, object], names: set[str] | frozenset[str]) -> None:
    if unknown := sorted(row.keys() - names):
        raise ValueError(f"不认识 {'、'.join(unknown)}")
