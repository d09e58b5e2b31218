"""The decisive marks of a text, and how two texts differ in them.

A vector holds 能退吗 and 不能退怎么办, 256G and 512G, 退货 and 换货 to be nearly the same question. What sets such pairs
apart is small and can be read off: amounts, codes, negation, the question word, the side taken of known opposites.
`marks` reads them, once per indexed line and once per message; `contrast` compares two readings, and the head weighs
the result. A clash needs both texts to speak about the same thing and to disagree: silence never clashes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.language.numerals import arabic
from kb.language.opposites import NEUTRAL, OPPOSITES, QUESTIONS, moments
from kb.language.quantity import shape_of, stated, unit_of

FEATURES = (
    "number_shared", "number_clash", "model_shared", "model_clash", "negation_shared", "negation_clash",
    "asks_shared", "asks_clash", "side_shared", "side_clash",
)  # fmt: skip
_NOTHING = (0.0,) * len(FEATURES)


@dataclass(frozen=True, slots=True)
class Marks:
    """What decides between a text and its near twins. The last three are the axes on which it speaks."""

    numbers: frozenset[str]  # amounts in common units: "256g", "7天", "199"
    values: frozenset[str]  # the same without units, for 512 may be said of 512g
    models: frozenset[str]  # codes and sizes: "xdc65", "2xl", "i7"
    negated: bool
    asks: frozenset[str]  # classes of kb.language.opposites.QUESTIONS
    sides: frozenset[str]  # "处理:换货", "付款:之前"
    number_axes: frozenset[str]
    model_axes: frozenset[str]
    side_axes: frozenset[str]

    @property
    def silent(self) -> bool:
        return not (self.numbers or self.values or self.models or self.negated or self.asks or self.sides)


# -- reading


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Words and what each stands for; the lengths of the words a character begins, longest first."""

    meanings: dict[str, tuple[str, ...]]
    lengths: dict[str, tuple[int, ...]]


def _lexicon(pairs: Iterable[tuple[str, str]]) -> _Lexicon:
    meanings: dict[str, list[str]] = {}
    lengths: dict[str, set[int]] = {}
    for word, meaning in pairs:
        meanings.setdefault(word, []).extend([meaning] if meaning else [])
        lengths.setdefault(word[0], set()).add(len(word))
    return _Lexicon(
        {word: tuple(found) for word, found in meanings.items()},
        {char: tuple(sorted(sizes, reverse=True)) for char, sizes in lengths.items()},
    )


_SIDES = _lexicon(
    [
        *(
            (word, f"{axis}:{side}")
            for axis, sides in OPPOSITES.items()
            for side, ws in sides.items()
            for word in ws.split()
        ),
        *moments(),
        *((word, "") for word in NEUTRAL.split()),
    ]
)
_ASKS = _lexicon((word, kind) for kind, words in QUESTIONS.items() for word in words.split())

_END = r"[呀呢啊哦嘛吧啦哈噢]*(?=[\s,.!?]|$)"
_DENIES = re.compile(r"[不没未无]|失败|拒绝|驳回")
_NO_DENIAL = re.compile(
    # A不A and what stands at the end only ask; wishes and idioms deny nothing of the thing.
    rf"(\w{{1,2}})[不没]\1|有没有|[不没]有?{_END}|无理由|无线|无忧|"
    r"不(?:锈钢|错|好意思|知|然|过|同|仅|但|管|如|用|要|想|喜欢|合适|满意|需要|是|小心|一样|方便|懂|会儿)|"
    r"差不多|对不起|要不|没(?:问题|关系|事|想到)|来不及"
)

_ENDS_ASKING = re.compile(rf"[不没么]{_END}")


def marks(folded: str) -> Marks:
    """Read the marks of a folded text (`kb.language.text.fold`); about 30 µs for a short one."""
    text = arabic(folded)
    said = stated(text)
    sides = _scan(text, _SIDES)
    asks = _scan(text, _ASKS)
    if not asks and _ENDS_ASKING.search(text):
        asks.add("whether")  # 有货不, 还有没
    elif len(asks) > 1:
        asks.discard("whether")  # 怎么退呀可以吗 asks how
    return Marks(
        numbers=said.amounts,
        values=said.loose,
        models=said.codes,
        negated=bool(_DENIES.search(text)) and bool(_DENIES.search(_NO_DENIAL.sub(" ", text))),
        asks=frozenset(asks),
        sides=frozenset(sides),
        number_axes=frozenset(map(unit_of, said.amounts)),
        model_axes=frozenset(map(shape_of, said.codes)),
        side_axes=frozenset(map(_axis_of, sides)),
    )


def _scan(text: str, lexicon: _Lexicon) -> set[str]:
    """What the words found from left to right stand for; the longest word wins and is not looked into again."""
    found: set[str] = set()
    begins, meanings = lexicon.lengths, lexicon.meanings
    position, end = 0, len(text)
    while position < end:
        step = 1
        for length in begins.get(text[position], ()):
            stands_for = meanings.get(text[position : position + length])
            if stands_for is not None:
                found.update(stands_for)
                step = length
                break
        position += step
    return found


def _axis_of(side: str) -> str:
    return side.partition(":")[0]


# -- comparing


def contrast(message: Marks, line: Marks) -> tuple[float, ...]:
    """FEATURES of a pair, each in [0, 1]; symmetric.

    ``*_shared`` is the overlap 2·|A ∩ B| ÷ (|A| + |B|) (Dice, 1945): 1 where both say the same, less where either says
    more. ``*_clash`` is 1 where both speak about one axis and no word of it is common to both.
    """
    numbers = message.numbers & line.numbers
    models = message.models & line.models
    sides = message.sides & line.sides
    asks = message.asks & line.asks
    loose = message.values & line.values
    return (
        _dice(numbers, message.numbers, line.numbers) or _dice(loose, message.values, line.values) / 2,
        _clash(message.number_axes & line.number_axes, numbers, unit_of),
        _dice(models, message.models, line.models),
        _clash(message.model_axes & line.model_axes, models, shape_of),
        float(message.negated and line.negated),
        float(message.negated is not line.negated),
        _dice(asks, message.asks, line.asks),
        float(not asks and bool(message.asks) and bool(line.asks)),
        _dice(sides, message.sides, line.sides),
        _clash(message.side_axes & line.side_axes, sides, _axis_of),
    )


def contrasts(message: Marks, lines: Sequence[Marks]) -> NDArray[np.float32]:
    """`contrast` with each line, shape (lines, features)."""
    rows = [_NOTHING if line.silent and not message.negated else contrast(message, line) for line in lines]
    return np.array(rows, np.float32).reshape(len(rows), len(FEATURES))


def _dice(both: frozenset[str], ours: frozenset[str], theirs: frozenset[str]) -> float:
    return 2 * len(both) / (len(ours) + len(theirs)) if both else 0.0


def _clash(common: frozenset[str], shared: frozenset[str], axis: Callable[[str], str]) -> float:
    """1 where an axis both speak about holds nothing shared. An agreement on an axis settles it."""
    if not common:
        return 0.0
    return float(not common.issubset(map(axis, shared))) if shared else 1.0
