"""A first question before anybody's: what is read, imported and compiled at it, patterns above all, would keep an agent waiting."""

from __future__ import annotations

from typing import Any

from bot.access import Shop
from bot.service import Service
from bot.shapes.assist import SuggestIn
from bot.suggest import suggest
from kb.store.grant import Grant, Role
from kb.store.hub import Merchant

_ASKED: tuple[dict[str, Any], ...] = (
    {"text": "在吗"},
    {"text": "白色的", "turns": [{"speaker": "buyer", "text": "有货吗"}]},
)


def rehearse(service: Service, merchant: Merchant) -> None:
    """Suggest in this shop, for a message by itself and for one in a conversation; nothing of it is kept."""
    nobody = Grant("", "", frozenset([Role.AGENT]), (merchant.slug,), None)
    for asked in _ASKED:
        suggest(Shop(merchant, nobody, service), SuggestIn.model_validate(asked))
