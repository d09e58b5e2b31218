"""A merchant's rules of what to offer beside what (加购规则), and which offers a conversation has seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from kb.events.life import OFFER_RANK
from kb.model import OfferRule, OfferWay, Window
from kb.store.codec import pack_source, unpack_source

_PLAIN = ("key", "partner", "text", "why", "threshold", "cut", "price", "floor", "in_stock", "active")


def put_offers(db: Database, rules: Sequence[OfferRule]) -> None:
    """Insert or replace rules by id."""
    db.conn.executemany(
        "INSERT INTO offers (id, rule, source) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, source = excluded.source",
        ((rule.id, _pack(rule), pack_source(rule.source)) for rule in rules),
    )


def all_offers(db: Database) -> list[OfferRule]:
    """Every rule, in the order in which they were first stored."""
    rows = db.conn.execute("SELECT id, rule, source FROM offers ORDER BY rowid")
    return [_unpack(key, json.loads(rule), source) for key, rule, source in rows]


def offers_shown(db: Database, conversation: str) -> list[str]:
    """The reasons of the offers that were shown in a conversation (`kb.upsell.offer.reason_of`), oldest first."""
    query = (
        "SELECT reason FROM events WHERE conversation = ? AND kind = 'shown' AND rank = ? AND entry = '' ORDER BY at"
    )
    return [str(row[0]) for row in db.conn.execute(query, [conversation, OFFER_RANK])]


def baskets_version(db: Database) -> int:
    """Moves whenever a basket may have changed: what was learned from them is as old as the number it was learned at."""
    return int(db.conn.execute("SELECT value FROM meta WHERE key = 'baskets_version'").fetchone()[0])


def next_baskets(db: Database) -> None:
    db.conn.execute("UPDATE meta SET value = value + 1 WHERE key = 'baskets_version'")


def _pack(rule: OfferRule) -> str:
    told: dict[str, Any] = {name: getattr(rule, name) for name in _PLAIN}
    told |= {"way": str(rule.way), "products": rule.products, "refuse": rule.refuse, "stages": sorted(rule.stages)}
    return json.dumps({**told, "start": rule.window.start, "end": rule.window.end}, ensure_ascii=False)


def _unpack(key: str, told: dict[str, Any], source: str | None) -> OfferRule:
    return OfferRule(
        id=key,
        way=OfferWay(told["way"]),
        products=tuple(told["products"]),
        refuse=tuple(told["refuse"]),
        stages=frozenset(told["stages"]),
        window=Window(told["start"], told["end"]),
        source=unpack_source(source),
        **{name: told[name] for name in _PLAIN},
    )
