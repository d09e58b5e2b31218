"""What an agent changed in an answer before sending it: an edit script, not the text a second time.

The script is that of operational transformation (ot.js `TextOperation`): a list of whole numbers and texts; n keeps n
characters, −n drops n, a text is put in. Both texts are masked first, so a script holds nothing of a buyer, and
`rebuild(shown, diff(shown, sent)) == mask(sent)`. It is never longer than that whole text in JSON and 40 characters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import Levenshtein

from kb.language.mask import mask

Op = int | str
_SPECK = 3  # characters kept between two changes; fewer are told as part of the change


def diff(shown: str, sent: str) -> str:
    """How the text on screen became the one sent, as JSON: ``{"base": digest of the first, "ops": [...]}``."""
    base, text = mask(shown), mask(sent)
    short, whole = (_packed(base, ops) for ops in (_script(base, text), _whole(base, text)))
    return min(short, whole, key=len)


def rebuild(shown: str, script: str) -> str:
    """The masked text that was sent. Raises ValueError where this is not the text that the script is about."""
    base, told = mask(shown), json.loads(script)
    if told["base"] != _digest(base):
        raise ValueError("这不是当时屏幕上的话术，无法还原。")
    return "".join(_applied(base, told["ops"]))


def nearest(texts: Iterable[str], sent: str) -> str:
    """Which of these was changed into what was sent, most likely; "" of none."""
    return min(texts, key=lambda text: Levenshtein.distance(text, sent), default="")


def _script(base: str, text: str) -> list[Op]:
    ops: list[Op] = []
    drop, put = 0, ""
    changes = Levenshtein.opcodes(base, text)
    last = len(changes) - 1
    for number, change in enumerate(changes):
        kept = change.src_end - change.src_start
        if change.tag == "equal" and (kept >= _SPECK or number in (0, last)):
            ops += [*_change(drop, put), kept]
            drop, put = 0, ""
        else:
            drop, put = drop + kept, put + text[change.dest_start : change.dest_end]
    return [*ops, *_change(drop, put)]


def _whole(base: str, text: str) -> list[Op]:
    return list(_change(len(base), text))


def _change(drop: int, put: str) -> Iterator[Op]:
    if put:
        yield put
    if drop:
        yield -drop


def _applied(base: str, ops: Iterable[Op]) -> Iterator[str]:
    at = 0
    for op in ops:
        if isinstance(op, str):
            yield op
            continue
        if op > 0:
            yield base[at : at + op]
        at += abs(op)


def _packed(base: str, ops: list[Op]) -> str:
    return json.dumps({"base": _digest(base), "ops": ops}, ensure_ascii=False, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
