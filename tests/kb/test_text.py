"""The analyzer's laws: one text has one clean form, and index and question are cut alike."""

from __future__ import annotations

import html
import re
import unicodedata

import jieba
import opencc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cost import cost
from kb.language.text import Analyzer, bare, clean, fold, text_hash

PARTICLES_AT_THE_END = re.compile(r"(?:谢谢|[呀呢啊哦喔嘛吧啦哈噢]|[\s,.!?~])+$")
JIEBA = jieba.Tokenizer()
PLAIN = Analyzer()

SHOP_TEXT = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.sampled_from("abcXYZ019 \t\n&;#<>lgtamp，。！？（）【】ＡＢ１２＃\u200b\u202e\ufeff\x00"),
        st.characters(),
    ),
    max_size=60,
)


@given(SHOP_TEXT)
@example("&amp;amp;lt;b&gt;")
@example("\ud800半个字")
@example("①㎡㍿ﷺ")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert fold(once) == fold(text)


def cleaned_round_by_round(text: str) -> str:
    """The definition: all steps, until another round changes nothing."""
    for _ in range(8):
        once = unicodedata.normalize("NFKC", html.unescape(text))
        once = "".join(c for c in once if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn", "Co"})
        once = re.sub(r"\s+", " ", opencc.OpenCC("t2s").convert(once)).strip()
        if once == text:
            break
        text = once
    return text


@settings(max_examples=300)
@given(
    st.one_of(SHOP_TEXT, st.text(st.sampled_from("&amp;lt#38 繁體裡後麼\u3164\uffa0\u0301\u200b\u2028ｅ"), max_size=30))
)
def test_what_saves_a_round_changes_nothing(text: str) -> None:
    assert clean(text) == cleaned_round_by_round(text)


@given(SHOP_TEXT)
def test_a_clean_text_can_be_stored_and_embedded(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()  # no half surrogates
    assert "\x00" not in cleaned  # the embedding engine reads C strings
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("退貨運費誰出", "退货运费谁出"),
        ("Ｔ恤　１２９元", "T恤 129元"),
        ("包邮&amp;包税&nbsp;吗", "包邮&包税 吗"),
        ("包\u200b邮\u202e吗", "包邮吗"),
        ("  多  重\n", "多 重"),
    ],
)
def test_what_a_reader_would_call_the_same_text(written: str, meant: str) -> None:
    assert clean(written) == meant
    assert text_hash(written) == text_hash(meant)


def test_fold_is_the_identity_of_a_question() -> None:
    assert fold("什么时候发货？？") == fold("什么时候發貨") == fold(" 什么时候发货。")
    assert fold("能退货吗") != fold("不能退货吗")


@given(SHOP_TEXT)
def test_tokens_depend_on_the_folded_text_only(text: str) -> None:
    analyzer = Analyzer(["雪域精粹"])
    assert analyzer.tokens(text) == analyzer.tokens(fold(text))


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30))
def test_without_a_merchants_words_the_cut_is_jiebas_own(text: str) -> None:
    oracle = [w for w in JIEBA.cut(fold(text), HMM=False) if any(c.isalnum() for c in w)]
    assert PLAIN.words_of(text) == oracle


def test_a_merchants_word_stays_whole_and_belongs_to_one_merchant() -> None:
    ours, theirs = Analyzer(["雪域精粹", "XD-C65"]), Analyzer()
    assert "雪域精粹" in ours.words_of("雪域精粹多少钱")
    assert "雪域精粹" not in theirs.words_of("雪域精粹多少钱")
    assert ours.fingerprint != theirs.fingerprint


def test_a_word_cut_differently_still_meets_itself_by_bigrams() -> None:
    analyzer = Analyzer()
    assert set(analyzer.tokens("面霜")) & set(analyzer.tokens("滋润面霜哪款好"))


@pytest.mark.parametrize(
    "whole", "256g xd-c65 15.6寸 3.5kg 100ml i7-13700 type-c 2.4g 1v1 199-20 7天 48小时 5-7天 a1-b2-c3 i5 2xl".split()
)
def test_product_numbers_and_amounts_stay_whole(whole: str) -> None:
    for text in (whole, f"这个{whole}多少钱", f"要{whole.upper()}的"):
        assert whole in PLAIN.words_of(text)
        assert whole in PLAIN.tokens(text)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("七天无理由", "7天无理由", "7天"),
        ("一周内退", "7天内退", "7天"),
        ("两斤装", "1kg装", "1000g"),
        ("XD-C65", "xdc65", "xdc65"),
        ("xd c65", "XD-C65", "c65"),
        ("512的", "512G版", "512"),
        ("一百九十九", "满199", "199"),
        ("三级", "二三级", "3级"),
    ],
)
def test_one_amount_written_in_two_ways_meets(one: str, other: str, meet: str) -> None:
    assert meet in PLAIN.tokens(one) and meet in PLAIN.tokens(other)


def test_a_merchants_word_around_a_number_stays_whole() -> None:
    assert "3件套" in Analyzer(["3件套"]).words_of("床品3件套多少钱")
    assert "3件" in PLAIN.words_of("买3件多少钱")


@given(SHOP_TEXT)
@example("1.5米线")
@example("a-b.c 3.5kg七天")
def test_no_word_character_is_lost_or_moved(text: str) -> None:
    kept = [char for char in fold(text) if char.isalnum()]
    assert [char for word in PLAIN.words_of(text) for char in word if char.isalnum()] == kept


@given(st.text(st.sampled_from("谢呀呢哈噢 ,.!?~退货")))
@example("退货哈谢谢谢")
def test_particles_go_as_their_pattern_says(text: str) -> None:
    said = fold(f"退{text}")
    assert bare(said) == PARTICLES_AT_THE_END.sub("", said)


@pytest.mark.parametrize("text", ["哦" * 9_999 + "货", "货" + "谢谢" * 5_000])
def test_ten_thousand_particles_cost_milliseconds(text: str) -> None:
    assert cost(lambda: bare(text)) < 0.05
