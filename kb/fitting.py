"""Which answer of an entry is right for this buyer: on this platform, about this product, now.

What a shop is registered as is what people write (Tmall, 淘宝/天猫, nothing at all), so it names every platform that the
buyer may be on. An answer for one of them must not stay unsaid; but one that is right on all of them, or everywhere, is
better.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kb.language.platforms import platforms_of
from kb.model import Answer, Query

_NOT = (0, 0)


def fitting(answers: Sequence[Answer], query: Query) -> Answer | None:
    """The most specific answer whose window and conditions hold, the first of equals; None where none does.

    One for a platform that the buyer may be on but need not (the shop is on several, or its platform is not known) stands
    behind one without such a condition.
    """
    asked = platforms_of(query.platform)
    best, best_rank = None, _NOT
    for answer in answers:
        if answer.window.contains(query.now) and (rank := _rank(answer, asked, query.product)) > best_rank:
            best, best_rank = answer, rank
    return best


def _rank(answer: Answer, asked: frozenset[str], product: str) -> tuple[int, int]:
    """How surely an answer holds (0: it does not), then how many of its conditions narrow it."""
    condition = answer.condition
    wanted = _meant(condition.platforms)
    if (condition.products and product not in condition.products) or (asked and wanted and not asked & wanted):
        return _NOT
    surely = not wanted or (bool(asked) and asked <= wanted)
    return 1 + surely, bool(wanted) + bool(condition.products)


@lru_cache(maxsize=1024)
def _meant(platforms: frozenset[str]) -> frozenset[str]:
    """The platforms of a condition, however each is written; none where one of them says 全平台."""
    each = [platforms_of(name) for name in platforms]
    return frozenset[str]().union(*each) if all(each) else frozenset()
