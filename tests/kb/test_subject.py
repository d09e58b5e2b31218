"""An entry about another product, or like a message in its product's name only, is never offered as 可直接用."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.dense import DenseIndex
from kb.embed import Vectors
from kb.model import Answer, Band, Condition, Hit, Query, Speaker, Turn
from kb.search import search
from kb.subject import NOTHING, Subject, foreign, of_something_else, spoken_of
from making import BagEngine, faq, product, shard_of

ENGINE = BagEngine()
PRODUCTS = [product("P1", "云朵绒四季通用猫窝 中号"), product("P2", "折叠宠物航空箱"), product("P3", "羊毛大衣")]
ENTRIES = [
    faq("1", "航空箱怎么清洗", "拆开冲洗", "航空箱可以水洗吗"),
    faq("2", "航空箱能上飞机吗", "能托运"),
    faq("3", "什么时候发货", "48小时内", "多久发货"),
    faq("4", "收到破损怎么办", "拍照联系我们"),
]
SHOP = shard_of(ENTRIES, PRODUCTS)
WORDS_ONLY = shard_of(ENTRIES, PRODUCTS, vectors=False)


def asked(text: str, *, words: bool = False, **more: object) -> list[Hit]:
    shard, engine = (WORDS_ONLY, None) if words else (SHOP, ENGINE)
    return list(search(shard, Query(text, limit=10, **more), engine).hits)  # type: ignore[arg-type]


def of(hits: list[Hit], key: str) -> Hit:
    return next(hit for hit in hits if hit.entry.key == key)


@pytest.mark.parametrize("words", [False, True])
def test_the_answer_about_another_product_comes_last_and_says_why(words: bool) -> None:
    hits = asked("猫窝怎么清洗", words=words)
    other = of(hits, "1")
    assert other.band is Band.UNSURE and other.reasons[0].code == "other_product"
    assert {hit.entry.key for hit in hits[-2:]} >= {"1"} and all(h.band is not Band.DIRECT for h in hits)


def test_the_same_question_about_the_product_itself_is_trusted_as_before() -> None:
    hits = asked("航空箱怎么清洗呀亲")
    assert hits[0].entry.key == "1" and hits[0].band is Band.DIRECT


def test_a_question_about_the_order_is_answered_whatever_product_is_named() -> None:
    hits = asked("猫窝什么时候发货")
    assert hits[0].entry.key == "3" and hits[0].reasons[0].code != "other_product"


def test_an_answer_that_is_like_the_message_in_the_name_only_is_not_trusted() -> None:
    hits = asked("航空箱功率多大", words=True)
    assert all(hit.band is not Band.DIRECT for hit in hits)
    assert of(hits, "2").reasons[0].code == "only_product"


def test_what_is_asked_of_a_thing_that_the_shop_does_not_sell_is_not_trusted() -> None:
    assert of_something_else(SHOP, ENTRIES[0], "鱼缸怎么清洗")
    assert not of_something_else(SHOP, ENTRIES[0], "怎么清洗")
    assert not of_something_else(SHOP, ENTRIES[0], "白色怎么清洗")
    assert not of_something_else(SHOP, ENTRIES[2], "鱼缸什么时候发货")
    assert asked("鱼缸怎么清洗")[0].band is not Band.DIRECT


def test_the_product_in_focus_is_meant_until_another_is_named() -> None:
    assert of(asked("怎么清洗比较好", product="P1"), "1").band is Band.UNSURE
    assert of(asked("航空箱怎么清洗比较好", product="P1"), "1").reasons[0].code != "other_product"


def test_what_earlier_turns_named_is_left_to_the_conversation() -> None:
    turns = (Turn(Speaker.BUYER, "猫窝多大"), Turn(Speaker.AGENT, "50厘米"))
    assert of(asked("怎么清洗", turns=turns), "1").reasons[0].code != "other_product"


def test_an_answer_for_certain_products_speaks_of_these() -> None:
    only = replace(ENTRIES[2], answers=(Answer("a", "预售", Condition(products=frozenset({"P3"}))),))
    both = replace(only, answers=(*only.answers, Answer("b", "现货")))
    assert spoken_of(SHOP, only).keys == {"P3"}
    assert spoken_of(SHOP, both).keys == frozenset(), "one of its answers is for all"
    assert spoken_of(SHOP, ENTRIES[0]).keys == {"P2"}


@pytest.mark.parametrize(
    ("phrasings", "products"),
    [
        (("猫窝怎么洗", "航空箱能机洗吗"), {"P1", "P2"}),  # a question of its own words, asked of these
        (("猫窝怎么洗", "航空箱能机洗吗", "能水洗吗", "脏了怎么办"), set()),  # of these as of anything
        (("猫窝怎么洗",), set()),  # once is an example
    ],
)
def test_an_entry_whose_question_calls_nothing_speaks_of_what_most_of_its_phrasings_call(
    phrasings: tuple[str, ...], products: set[str]
) -> None:
    assert spoken_of(SHOP, faq("9", "宠物用品日常清洁", "冷水手洗", *phrasings)).keys == products


def test_products_of_one_kind_are_not_told_apart_with_certainty() -> None:
    shop = shard_of(
        [faq("1", "羊毛大衣怎么洗", "干洗")], [product("A", "双面呢羊毛大衣"), product("B", "西装领毛呢大衣")]
    )
    hits = search(shop, Query("毛呢大衣怎么洗"), ENGINE).hits
    assert hits[0].reasons[0].code == "only_product" and hits[0].band is not Band.DIRECT


@given(st.sampled_from("猫窝 航空箱 大衣 鱼缸".split()), st.text("怎么清洗什时候发货能上飞机吗破", max_size=8))
def test_probabilities_never_rise_and_a_foreign_answer_is_never_direct(thing: str, question: str) -> None:
    hits = asked(thing + question)
    told = [hit.probability for hit in hits]
    assert told == sorted(told, reverse=True)
    for hit in hits:
        if {r.code for r in hit.reasons} & {"other_product", "only_product"}:
            assert hit.band is not Band.DIRECT


def test_a_message_about_nothing_makes_nothing_foreign() -> None:
    assert not foreign(SHOP, range(4), NOTHING).any()
    assert foreign(SHOP, range(4), Subject(frozenset({"P1"}))).tolist() == [True, True, False, False]


def unit(values: list[float]) -> Vectors:
    row = np.array(values, np.float32) + np.float32(0.01)
    return row / np.linalg.norm(row)


VECTORS = st.lists(st.floats(-1, 1, width=16), min_size=4, max_size=4).map(unit)


@given(VECTORS, VECTORS, st.lists(VECTORS, min_size=1, max_size=5))
def test_likeness_beyond_a_direction_is_the_partial_correlation(
    query: Vectors, aside: Vectors, rows: list[Vectors]
) -> None:
    """Against taking the direction out of both by projection, in double precision, around the same centre."""
    index = DenseIndex(np.array(rows), background=unit([0.3, -0.2, 0.1, 0.5]))
    centre = index._centre.astype(np.float64)
    held = index.rows.astype(np.float64) - centre
    q, a = query.astype(np.float64) - centre, aside.astype(np.float64) - centre
    lengths = [np.linalg.norm(q), np.linalg.norm(a), *np.linalg.norm(held, axis=1)]
    if min(lengths) < 0.05:
        return  # a text that lies at the centre is like nothing
    a /= np.linalg.norm(a)
    left_q, left_rows = q - (q @ a) * a, held - np.outer(held @ a, a)
    if min(np.linalg.norm(left_q) / lengths[0], *(np.linalg.norm(left_rows, axis=1) / np.array(lengths[2:]))) < 0.05:
        return  # nothing but the direction
    expected = left_rows @ left_q / np.linalg.norm(left_rows, axis=1) / np.linalg.norm(left_q)
    assert np.allclose(index.beyond(query, aside, np.arange(len(rows))), expected, atol=0.02)


class Tired(BagEngine):
    """Remembers what it was asked first and fails at anything else."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        if len(self.embedded) and list(texts) != self.embedded[:1]:
            raise RuntimeError("the model is gone")
        return super().embed(texts)


def test_a_model_that_fails_at_the_noun_still_lets_the_agent_have_an_answer() -> None:
    engine = Tired()
    engine.embed(["航空箱怎么清洗比较好"])
    hits = search(SHOP, Query("航空箱怎么清洗比较好", limit=10), engine).hits
    assert hits[0].entry.key == "1"
