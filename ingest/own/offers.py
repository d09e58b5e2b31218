"""Rules of what to offer as the rows of a sheet; they are read as a merchant's sheet is, with the same words."""

from __future__ import annotations

from ingest.columns.fields import SheetKind
from ingest.kinds.named import names_cell
from ingest.kinds.offer import is_made
from ingest.own.cells import YES, moment_cell
from ingest.own.columns import ROW, labels
from ingest.sheet import safe
from kb.model import OfferRule

RULE = "加购规则"
_LABELS = labels(SheetKind.OFFER)


def offer_row(rule: OfferRule) -> dict[tuple[str, int], str]:
    """A rule as its cells. A number that was made of the row is left out: the row makes it again."""
    row = {
        ROW: RULE,
        "key": "" if is_made(rule.key) else rule.key,
        "way": str(rule.way),
        "products": names_cell(rule.products),
        "partner": safe(rule.partner),
        "text": safe(rule.text),
        "why": safe(rule.why),
        "threshold": _yuan(rule.threshold),
        "cut": _yuan(rule.cut),
        "price": _yuan(rule.price),
        "floor": _yuan(rule.floor),
        "refuse": names_cell(rule.refuse),
        "stages": "、".join(sorted(rule.stages)),
        "in_stock": "" if rule.in_stock else "无货",
        "active": YES if rule.active else "否",
        "start": moment_cell(rule.window.start),
        "end": moment_cell(rule.window.end),
    }
    return {(_LABELS.get(attr, attr), 0): text for attr, text in row.items() if text}


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".") if fen else ""
