"""The analyzer: one way to clean a text and one way to cut it, for the index and for the question alike.

clean  what a person would call the same text: NFKC, HTML entities decoded, invisible and control characters
       gone, traditional characters simplified, white space folded. This is what gets embedded.
fold   clean + lower case without padding and end punctuation: what "the same question" means.
Analyzer.tokens  words (jieba's dictionary, shared by all merchants, + the merchant's own words), with product
       numbers and amounts whole (xd-c65, 15.6寸) and in one spelling (七天, 7天 and 一周 meet), and the character
       bigrams of Chinese runs, so that a word cut differently in two texts still meets itself.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import opencc

from kb.language.cut import Cutter, add_beginnings
from kb.language.edition import EDITION
from kb.language.numerals import arabic
from kb.language.quantity import spans, stated

CLEAN_VERSION = "1"  # of `clean`, which engines see: vectors of two versions never meet
_MAX_CLEAN_ROUNDS = 8

_WORD = re.compile(r"\w")
_HAN_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,}")
_EDGE = "　 \t\r\n。．.!！?？~～,，;；:：、…'\"“”‘’"


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _visible(char: str) -> bool:
    """Drop controls, format characters (zero-width, bidi), surrogates and unassigned; keep white space."""
    return char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}


def _normal(text: str) -> str:
    # Each step is skipped where a cheap look shows that it has nothing to do: an index cleans every text it holds.
    if "&" in text:
        text = html.unescape(text)
    return unicodedata.normalize("NFKC", text)  # looks first itself: the same text where nothing is to be done


def _plain(text: str) -> str:
    if not text.isprintable():
        text = "".join(filter(_visible, text))
    return " ".join(_to_simplified().convert(text).split())


@lru_cache(maxsize=64)  # the same text is cleaned several times in a row: its fold, its hash, its bare form
def clean(text: str) -> str:
    """The text as a reader sees it; idempotent.

    One round can uncover another entity (``&amp;lt;``), so rounds go on until nothing changes; the bound is
    there for hostile input only.
    """
    for _ in range(_MAX_CLEAN_ROUNDS):
        normal = _normal(text)
        once = _plain(normal)
        # What is normal and plain, and holds no entity, another round would leave as it is.
        if once == text or (once == normal and "&" not in once):
            return once
        text = once
    return text


def fold(text: str) -> str:
    """The identity of a question: two texts with the same fold are the same question asked twice."""
    return clean(text).lower().strip(_EDGE)


_GREETING = re.compile(
    r"^(?:亲亲|亲爱的|亲|你好|您好|请问一下|请问|问一下|问下|麻烦问一下|想问一下|想问下|在吗|在么|老板|店家|客服|掌柜的?|[\s,.!?~])+"
)
_PARTICLES = "呀呢啊哦喔嘛吧啦哈噢 ,.!?~"


def bare(text: str) -> str:
    """The fold without greetings before and particles after it: 亲，请问几天到呀 asks 几天到, word for word.

    Nothing that can change a question goes: 吗, 不, 没, numbers and names stay. A text of greetings alone stays whole.
    """
    return bare_of(fold(text))


def bare_of(folded: str) -> str:
    """`bare` of a text that is folded already."""
    said = _GREETING.sub("", folded)
    # Not a pattern: searched for at the end, it would look at 10,000 particles from each of them.
    while (shorter := said.rstrip(_PARTICLES).removesuffix("谢谢")) != said:
        said = shorter
    return said or folded


def text_hash(text: str) -> str:
    """Key of a text's vector: 128 bits over its clean form, so a cosmetic edit costs no embedding."""
    return hashlib.blake2b(clean(text).encode(), digest_size=16).hexdigest()


# A merchant's word beats any split of it: the product of frequencies is what counts, and a product name's
# pieces are each rarer than this.
_OWN_FREQUENCY = 20_000


_REMEMBERED = 16  # texts whose cut a shop's analyzer remembers
_TELLING = 3  # characters from which a number says something without its unit: 512, 15.6, not 3


class Analyzer:
    """Cuts text into search tokens with one merchant's dictionary. Immutable and safe to share between threads."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = tuple(sorted({fold(w) for w in words} - {""}))
        digest = hashlib.blake2b("\n".join(self.words).encode(), digest_size=8).hexdigest()
        self.fingerprint = f"{EDITION}-{digest}"  # of what it cuts
        own = dict.fromkeys(self.words, _OWN_FREQUENCY)
        for word in self.words:
            add_beginnings(own, word)
        cutter = Cutter(own)
        # Of a message and the turns before it: catalogue, candidates and reasons each ask for their words.
        self._cut = lru_cache(maxsize=_REMEMBERED)(lambda folded: tuple(cutter.cut(folded)))

    def ends(self, folded: str) -> frozenset[int]:
        """Where the words of a folded text end."""
        return frozenset(accumulate(map(len, self._cut(folded))))

    def words_of(self, text: str) -> list[str]:
        """The words of a text in order, punctuation dropped."""
        return self._words(fold(text))

    def _words(self, folded: str) -> list[str]:
        return [w for w in _unbroken(folded, self._cut(folded), spans(folded)) if _WORD.search(w)]

    def tokens(self, text: str) -> list[str]:
        """Words; amounts and codes as `kb.language.quantity` spells them, where no word does; then the character bigrams of
        every Chinese run (marked ``#`` so they weigh apart from words)."""
        return self.tokens_of(fold(text))

    def tokens_of(self, folded: str) -> list[str]:
        """`tokens` of a text that is folded already."""
        words = self._words(folded)
        said = stated(arabic(folded))
        numbers = {value for value in said.loose if len(value) >= _TELLING}
        spelled = sorted((said.amounts | said.codes | numbers).difference(words))
        bigrams = ["#" + run[i : i + 2] for run in _HAN_RUN.findall(folded) for i in range(len(run) - 1)]
        return words + spelled + bigrams


def _unbroken(text: str, cut: Iterable[str], whole: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The words of a text, those within a span joined. A word that reaches over a span's edge stays: it is a longer
    name."""
    if not whole:
        yield from cut
        return
    edges = [0, *accumulate(map(len, cut))]
    between = set(edges)
    joined = {start: end for start, end in whole if start in between and end in between}
    covered = 0
    for start, end in pairwise(edges):
        if start >= covered:
            covered = joined.get(start, end)
            yield text[start:covered]
