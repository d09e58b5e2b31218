"""Which product a question means: the one in focus, the one it names, or the few that its words fit alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kb.language.text import bare, fold
from kb.model import Product
from kb.shard import Shard

MOST_MEANT = 2  # products that may tie and each be answered; of three, an agent asks back which
_CLEAR = 0.6  # share of the message's weight that a product must explain
_TIED = 0.1  # products this near to the first in that share are meant as much as it is
_CODE = 9  # strength of a product number, beyond any name
_SURE = 3  # strength from which a named product is meant although another is in focus
_SHORT_RUN = 3  # characters; names that share more would have tied already
_LONGEST_RUN = 8  # characters; more of a name says no more
_IDLE = re.compile(
    r"这个|那个|这款|那款|这件|那件|这条|那条|这双|这瓶|那瓶|这种|这支|请问|你好|您好|你们|你家|店里|我想|想问|问下|一下|大概"
    r"|还有|有没有|亲|呢|吗|么|嘛|呀|啊|哦|的|是|都|有|(?<![a-z0-9.\-])\d+(?:\.\d+)?[a-z\u4e00-\u9fff]?(?![a-z0-9])|[?？]"
)


def meant(shard: Shard, text: str, question: Sequence[str], focus: str) -> list[Product]:
    """The products that a folded message means, at most two; none when that is unclear.

    `question` are the words of the message that ask for something: they name no product. The product in `focus` (its
    key) is meant unless another is named more plainly.
    """
    focused = shard.catalog.by_key.get(focus)
    called = sorted(shard.catalog.naming(text).keys)
    if not focused and 0 < len(called) <= MOST_MEANT:
        return [shard.catalog.by_key[key] for key in called]
    found = _named(shard, text, question)
    strongest = max((strength for strength, _ in found.values()), default=0)
    if focused and strongest <= _named_by(focused, text)[0]:
        return [focused]
    # A bare 耳机 beside another product in focus may be that product's accessory.
    if focused and strongest < _SURE:
        return []
    best = {key: run for key, (strength, run) in found.items() if strength == strongest}
    if len(best) > MOST_MEANT or _more_are(shard, best):
        return []
    return [shard.catalog.by_key[key] for key in best]


def _named(shard: Shard, text: str, question: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The products that explain most of what the message says beside its question, with what names each."""
    rest = text
    for words in question:
        rest = rest.replace(words, " ")
    rest = bare(_IDLE.sub(" ", rest))
    hits = shard.catalog.find(rest, limit=MOST_MEANT + 1)
    least = max(_CLEAR, hits[0].score - _TIED) if hits else _CLEAR
    found = {hit.product.key: _named_by(hit.product, text) for hit in hits if hit.score >= least}
    return {key: named for key, named in found.items() if named[0]}


def _more_are(shard: Shard, best: Mapping[str, str]) -> bool:
    """Whether other products are called the same: the index may cut 面膜 differently in each of their names."""
    runs = {run for run in best.values() if len(run) <= _SHORT_RUN}
    return any(
        run in product.name.lower() and product.key not in best for run in runs for product in shard.catalog.products
    )


def _named_by(product: Product, text: str) -> tuple[int, str]:
    """How plainly a message names a product, and by what: its number, else the longest run of its name."""
    codes = (code.lower() for code in (product.key, product.model, *(sku.key for sku in product.skus)))
    code = next((code for code in codes if len(code) > 3 and code in text), "")
    if code:
        return _CODE, code
    name = fold(product.name)
    for length in range(_LONGEST_RUN, 1, -1):
        runs = (text[i : i + length] for i in range(len(text) - length + 1))
        run = next((run for run in runs if not run.isascii() and " " not in run and run in name), "")
        if run:
            return length, run
    return 0, ""
