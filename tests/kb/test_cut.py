"""The cutter against jieba, whose method and dictionary it uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jieba
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cost import cost
from kb.language.cut import Cutter, add_beginnings, load_dictionary

COMMON = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行退换货包邮"
TEXT = st.text(
    st.one_of(
        st.sampled_from(COMMON),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.sampled_from("abzABZ019 +#&._%-，。！\r\n\u3000Ａ①"),
        st.characters(),
    ),
    max_size=60,
)
OWN = st.dictionaries(
    st.text(st.sampled_from(COMMON + "ax-1"), min_size=1, max_size=5), st.integers(1, 50_000), max_size=6
)
FREQUENCIES, TOTAL = load_dictionary()


def jiebas(own: dict[str, int]) -> jieba.Tokenizer:
    """jieba with these words above its own, as its `add_word` keeps them."""
    tokenizer = jieba.Tokenizer()
    words = {word[:end]: 0 for word in own for end in range(1, len(word))}
    kept = {word: FREQUENCIES[word] for word in words if FREQUENCIES.get(word)}
    tokenizer.FREQ = Layers(words | kept | own)
    tokenizer.total = TOTAL + sum(own.values())
    tokenizer.initialized = True
    return tokenizer


class Layers(dict[str, int]):
    """A dictionary above the base one: copying 500,000 words for every example would take a second."""

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or word in FREQUENCIES

    def __missing__(self, word: str) -> int:
        return FREQUENCIES[word]

    def get(self, word: str, default: int | None = None) -> int | None:  # type: ignore[override]
        found = super().get(word)
        return FREQUENCIES.get(word, default) if found is None else found


def cutter(own: dict[str, int]) -> Cutter:
    words = dict(own)
    for word in own:
        add_beginnings(words, word)
    return Cutter(words)


PLAIN, JIEBA = Cutter({}), jiebas({})


def test_the_dictionary_is_jiebas_own() -> None:
    with Path(jieba.__file__).with_name("dict.txt").open("rb") as lines:
        assert jieba.Tokenizer().gen_pfdict(lines) == (FREQUENCIES, TOTAL)


@given(TEXT)
@example("")
@example("a b\r\nc。AT&T的T恤x1")
@example("Ａ①\u3000\ud800")
@example("中华人民共和国国歌" * 30)
def test_every_text_is_cut_as_jieba_cuts_it(text: str) -> None:
    assert PLAIN.cut(text) == list(JIEBA.cut(text, HMM=False))


@given(OWN, TEXT)
@example({"退换货": 20_000, "退换": 1}, "可以退换货吗退换")
@example({"ax-1": 20_000, "不": 7}, "ax-1不ax-")
def test_and_with_a_merchants_words_too(own: dict[str, int], text: str) -> None:
    woven = text + "".join(own) + text
    assert cutter(own).cut(woven) == list(jiebas(own).cut(woven, HMM=False))


@given(TEXT)
def test_nothing_is_lost(text: str) -> None:
    assert "".join(PLAIN.cut(text)) == text


@pytest.mark.parametrize("text", ["一" * 10_000, "退换货" * 3_333, "a" * 10_000, "，" * 10_000])
def test_ten_thousand_characters_cost_milliseconds(text: str) -> None:
    assert cost(lambda: PLAIN.cut(text)) < 0.1


def test_the_service_does_not_import_jieba() -> None:
    """Its tables for what is not used here would hold up every start."""
    code = "import sys; from kb.language.text import Analyzer; Analyzer().tokens('包邮吗'); sys.exit('jieba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
