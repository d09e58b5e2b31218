"""Search: the laws that hold for any shop, checked against brute force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.embed import Vectors
from kb.errors import EngineFailed
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.head import ANSWERABLE_FEATURES, CONFIDENCE_FEATURES, VERBATIM, Head, Linear
from kb.lookup import Match, lookup
from kb.model import Answer, Band, Condition, Entry, Mode, Query, Speaker, Turn, Window
from kb.search import search
from kb.shard import Shard
from kb.store.merchant import Snapshot
from kb.vectorise import missing_vectors, texts_of
from making import BagEngine, faq, plain_head, product, shard_of

ENGINE = BagEngine()

FAQS = [
    faq("Q1", "什么时候发货", "付款后48小时内发货", "几时能发出", "今天拍今天发吗"),
    faq("Q2", "怎么退货", "7天无理由退货", "不想要了能退吗", negative=["怎么换货"]),
    faq("Q3", "怎么换货", "联系客服换货", "尺码不合适想换"),
    faq("Q4", "包邮吗", "满99包邮", "要运费吗"),
    faq("Q5", "可以开发票吗", "可以开电子发票", "有发票吗"),
]


@pytest.fixture(autouse=True)
def head(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds here holds whatever the shipped head has learned."""
    monkeypatch.setattr("kb.search.load_head", plain_head)


def keys(shard: Shard, text: str, **more: object) -> list[str]:
    query = Query(text, limit=10, **more)  # type: ignore[arg-type]
    return [hit.entry.key for hit in search(shard, query, ENGINE).hits]


def test_a_stored_question_asked_verbatim_is_the_first_answer() -> None:
    shard = shard_of(FAQS)
    for entry in FAQS:
        for text in entry.askable():
            hit = search(shard, Query(f" {text}？"), ENGINE).hits[0]
            assert (hit.entry.key, hit.band) == (entry.key, Band.DIRECT)
            assert hit.answer is not None and hit.answer.text == entry.answers[0].text


def test_a_negative_phrasing_never_leads_to_its_entry() -> None:
    assert "Q2" not in keys(shard_of(FAQS), "怎么换货")
    assert "Q2" not in keys(shard_of(FAQS), "怎麼換貨？")
    near = [*FAQS, faq("N", "怎么换货呀去", "答", negative=["怎么换货"])]
    for vectors in (True, False):  # but for politeness it is the counter-example, however near a phrasing lies
        assert "N" not in keys(shard_of(near, vectors=vectors), "请问怎么换货呀")


@pytest.mark.parametrize("text", ["亲，请问什么时候发货呀", "你好 在吗 什么時候發貨啊谢谢", "什么时候发货？"])
def test_politeness_does_not_make_it_another_question(text: str) -> None:
    assert search(shard_of(FAQS), Query(text), ENGINE).hits[0].probability == 0.99


def test_twins_share_the_certainty() -> None:
    """Three entries with one question and three answers: at most one is meant, so none is certain."""
    twins = [faq(f"T{i}", "怎么洗", f"洗法{i}") for i in range(3)]
    chances = [hit.probability for hit in search(shard_of([*twins, *FAQS]), Query("怎么洗"), ENGINE).hits]
    assert sum(chances) <= 1.5 and max(chances) < 0.7


def test_punctuation_is_the_same_as_no_question() -> None:
    shard = shard_of([*FAQS, faq("P", "？？？", "答")])
    for text in ("！！！", "？？？"):
        hits = search(shard, Query(text), ENGINE).hits
        assert all(reason.code != "verbatim" for hit in hits for reason in hit.reasons)


def test_one_entrys_phrasings_do_not_take_all_the_places() -> None:
    many = faq("BIG", "怎么发货", "答", *[f"怎么发货{i}" for i in range(300)])
    assert len(keys(shard_of([many, *FAQS]), "怎么发货啊请说说")) == len(FAQS) + 1


def test_without_vectors_every_entry_that_shares_a_word_is_measured() -> None:
    many = [
        faq(f"M{i:02}", f"{c}怎么洗{'，尺码' * i}", "答")
        for i, c in enumerate("衣裤裙帽鞋袜巾被枕褥毯帘垫套包绒棉麻丝毛")
    ]
    shard = shard_of([*many, *FAQS], vectors=False)
    found = search(shard, Query("毛巾怎么洗", limit=99), ENGINE)
    assert {entry.key for entry in many} <= {hit.entry.key for hit in found.hits}


@pytest.mark.parametrize("seed", range(4))
def test_ties_are_not_cut_by_the_order_of_storing(seed: int) -> None:
    twins = [
        faq(f"T{i:02}", f"{c}怎么洗", "答")
        for i, c in enumerate("衣裤裙帽鞋袜巾被枕褥毯帘垫套包绒棉麻丝毛皮革纱绸缎呢布" * 3)
    ]
    twins = [replace(t, question=f"{t.question}{i:02}") for i, t in enumerate(twins)]
    order = np.random.default_rng(seed).permutation(len(twins))
    assert keys(shard_of([twins[i] for i in order]), "怎么洗呢") == keys(shard_of(twins), "怎么洗呢")


def test_very_many_ties_are_cut_by_key_not_by_the_order_of_storing() -> None:
    """A sheet that asks the same of every product must not make every entry a candidate."""
    many = [faq(f"M{i:03}", f"XD-{i:03}怎么退", "答") for i in range(600)]
    shard = shard_of(many[::-1], vectors=False)
    found = {hit.entry.key for hit in search(shard, Query("怎么退", limit=999), ENGINE).hits}
    assert found == {entry.key for entry in many[: len(found)]} and 24 <= len(found) < 300


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("text", ["想退怎么弄呀", "怎么退货呢"])
def test_vectors_that_tie_are_not_cut_by_the_order_of_storing(text: str, seed: int) -> None:
    """A sheet asks 想退了怎么弄 of each of 300 products: the vectors alone would bring any 64 of them."""
    twins = [faq(f"T{i:03}", "怎么退货呢", f"答{i}", "想退了怎么弄") for i in range(300)]
    shop = [*twins, *FAQS]
    order = np.random.default_rng(seed).permutation(len(shop))

    def hits(entries: Sequence[Entry]) -> list[tuple[str, float]]:
        found = search(shard_of(entries), Query(text, limit=10), ENGINE)
        return [(hit.entry.key, hit.probability) for hit in found.hits]

    stored = hits(shop)
    assert hits([shop[i] for i in order]) == [(key, pytest.approx(p, abs=2e-4)) for key, p in stored]


def test_very_many_that_hold_the_message_itself_are_cut_by_key() -> None:
    many = [faq(f"M{i:03}", "怎么退货呢", f"答{i}") for i in range(700)]
    for vectors in (True, False):
        shard = shard_of(many[::-1], vectors=vectors)
        found = {hit.entry.key for hit in search(shard, Query("怎么退货呢", limit=999), ENGINE).hits}
        assert found == {entry.key for entry in many[: len(found)]} and 24 <= len(found) < 300


def test_what_a_counter_example_stops_takes_no_share_of_the_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.search.load_head", plain_head)
    meant = [*FAQS, faq("M", "羽绒衣可以洗吗", "可以")]
    stopped = faq("N", "羊毛大衣能机洗吗", "不可以", "大衣能不能机洗", negative=["羽绒服能机洗吗呢好"])
    without, beside = (search(shard_of(some), Query("羽绒服能机洗吗"), ENGINE) for some in (meant, [*meant, stopped]))
    assert "N" not in {hit.entry.key for hit in beside.hits}
    assert beside.hits[0].entry.key == without.hits[0].entry.key == "M"
    # The rows of N move the centre and the weights of words a little; its likeness must not outweigh M.
    assert beside.hits[0].probability == pytest.approx(without.hits[0].probability, abs=0.2)


def test_without_the_clock_given_it_is_the_clocks() -> None:
    over = replace(FAQS[0], window=Window(None, 1_700_000_000))
    assert "Q1" not in keys(shard_of([over, *FAQS[1:]]), "什么时候发货")
    assert "Q1" in [f.thing.key for f in lookup(shard_of([FAQS[0]]), Query("发货"))]
    assert lookup(shard_of([over]), Query("发货")) == []


def test_a_shard_with_a_missing_vector_is_searched_by_words() -> None:
    """One entry saved while the model failed would be buried under rivals that have vectors."""
    texts = [text for entry in FAQS for text in texts_of(entry)]
    vectors = missing_vectors(ENGINE, texts[:-1], set())
    shard = Shard.build(Snapshot(1, tuple(FAQS), (), vectors), ENGINE.fingerprint)
    found = search(shard, Query("有发票吗亲"), ENGINE)
    assert (found.mode, found.hits[0].entry.key) == (Mode.LEXICAL, "Q5")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_model_whose_vectors_are_no_numbers_has_failed(value: float) -> None:
    """The agent still gets an answer, and nothing of it is stored."""

    class Overflown(BagEngine):
        def embed(self, texts: Sequence[str]) -> Vectors:
            return np.full((len(texts), self.dim), value, np.float32)

    found = search(shard_of(FAQS), Query("有发票吗亲"), Overflown())
    assert (found.mode, found.hits[0].entry.key) == (Mode.LEXICAL, "Q5")
    with pytest.raises(EngineFailed):
        missing_vectors(Overflown(), ["有发票吗"], set())


@pytest.mark.parametrize("text", ["几时发货", "退换", "怎么弄", "发票运费"])
def test_a_lower_answer_is_never_called_more_probable(text: str) -> None:
    chances = [hit.probability for hit in search(shard_of(FAQS), Query(text, limit=10), ENGINE).hits]
    assert chances == sorted(chances, reverse=True)


def test_the_message_is_masked_before_it_is_embedded() -> None:
    engine = BagEngine()
    search(shard_of(FAQS), Query("我电话13812345678，什么时候发货"), engine)
    search(shard_of(FAQS), Query("13812345678"), engine)
    search(shard_of(FAQS), Query("那怎么办", (Turn(Speaker.BUYER, "打13812345678"), Turn(Speaker.AGENT, "好"))), engine)
    assert engine.embedded == ["我电话 ,什么时候发货", "[手机号]", "户:打 服:好 户:那怎么办"]


@pytest.mark.parametrize(
    "text", ["", "   ", "？？", "\u200b", "😀😀", "\x00", "\ud800", "好" * 10_000, '" OR 1=1 --', "NEAR("]
)
def test_any_message_gets_an_answer_or_silence(text: str) -> None:
    for shard in (shard_of(FAQS), shard_of([]), shard_of(FAQS, vectors=False)):
        found = search(shard, Query(text), ENGINE)
        assert all(0 <= hit.probability <= 1 for hit in found.hits)


def test_a_shop_that_knows_nothing_stays_silent() -> None:
    found = search(shard_of([]), Query("什么时候发货"), ENGINE)
    assert (found.hits, found.products, found.answerable, found.quiet) == ((), (), 0.0, True)


class BrokenEngine(BagEngine):
    def embed(self, texts: Sequence[str]) -> np.ndarray:  # type: ignore[type-arg]
        raise RuntimeError("model file vanished")


@pytest.mark.parametrize("engine", [None, BrokenEngine()])
def test_without_a_model_words_answer_and_say_so(engine: BagEngine | None) -> None:
    found = search(shard_of(FAQS), Query("几时发货呀"), engine)
    assert found.mode is Mode.LEXICAL
    assert found.hits[0].entry.key == "Q1"


def test_a_foreign_engines_vectors_are_not_compared() -> None:
    other = BagEngine()
    other.fingerprint = "another/model"
    assert search(shard_of(FAQS), Query("几时发货"), other).mode is Mode.LEXICAL


NOW = 1_000_000


@pytest.mark.parametrize(
    ("window", "answers"),
    [(Window(), True), (Window(NOW, NOW + 1), True), (Window(None, NOW), False), (Window(NOW + 1, None), False)],
)
def test_validity_is_to_the_second_and_inside_retrieval(window: Window, answers: bool) -> None:
    for entry in (
        replace(FAQS[0], window=window),
        replace(FAQS[0], answers=(replace(FAQS[0].answers[0], window=window),)),
    ):
        assert ("Q1" in keys(shard_of([entry, *FAQS[1:]]), "什么时候发货", now=NOW)) is answers


def test_expired_entries_take_no_places() -> None:
    """With two hundred expired twins in front, the one living answer is still found."""
    expired = [replace(faq(f"X{i}", "什么时候发货呢", "旧"), window=Window(None, NOW)) for i in range(200)]
    assert keys(shard_of([*expired, FAQS[0]]), "什么时候发货呢", now=NOW) == ["Q1"]


def test_the_most_specific_fitting_answer_is_given() -> None:
    general, jd = Answer("g", "通用"), Answer("j", "京东", Condition(platforms=frozenset({"京东"})))
    coat = Answer("c", "大衣", Condition(platforms=frozenset({"京东"}), products=frozenset({"P1"})))
    shard = shard_of([replace(FAQS[0], answers=(general, jd, coat))])

    def said(**more: str) -> str:
        answer = search(shard, Query("什么时候发货", now=1, **more), ENGINE).hits[0].answer  # type: ignore[arg-type]
        assert answer is not None
        return answer.text

    assert (said(), said(platform="京东"), said(platform="京东", product="P1")) == ("通用", "京东", "大衣")
    only_jd = shard_of([replace(FAQS[0], answers=(jd,))])
    assert search(only_jd, Query("什么时候发货", now=1, platform="天猫"), ENGINE).hits == ()


CREAMS = [
    product("A1", "CHANDO/自然堂 雪域精粹纯粹滋润霜50g 补水保湿面霜", brand="自然堂"),
    product("A2", "自然堂 活泉保湿修护精华水135ml 爽肤水", brand="自然堂"),
    product("B1", "XD-C65 65W氮化镓充电器", model="XD-C65"),
]


@pytest.mark.parametrize(
    ("text", "first"),
    [("雪域精粹 50g 多少钱", "A1"), ("自然堂有没有面霜", "A1"), ("xd-c65是快充吗", "B1"), ("爽肤水有吗", "A2")],
)
def test_a_named_product_is_found(text: str, first: str) -> None:
    products = search(shard_of(FAQS, CREAMS), Query(text), ENGINE).products
    assert products[0].product.key == first


@pytest.mark.parametrize("text", ["什么时候发货", "白色的还有吗", "在吗", "可以退货吗"])
def test_a_message_that_names_no_product_shows_none(text: str) -> None:
    assert search(shard_of(FAQS, CREAMS), Query(text), ENGINE).products == ()


def test_the_product_in_focus_comes_first() -> None:
    products = search(shard_of(FAQS, CREAMS), Query("爽肤水有吗", product="B1"), ENGINE).products
    assert [hit.product.key for hit in products] == ["B1", "A2"]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([(Speaker.BUYER, "XD-C65多少钱"), (Speaker.AGENT, "亲，199哦")], ["B1"]),
        ([(Speaker.BUYER, "雪域精粹 50g 多少钱"), (Speaker.BUYER, "XD-C65呢")], ["B1"]),
        ([(Speaker.BUYER, "在吗")], []),
    ],
)
def test_a_product_is_carried_through_the_conversation(turns: list[tuple[Speaker, str]], expected: list[str]) -> None:
    found = search(shard_of(FAQS, CREAMS), asked("那保修多久", *turns), ENGINE)
    assert [hit.product.key for hit in found.products] == expected
    named = search(shard_of(FAQS, CREAMS), asked("爽肤水有吗", *turns), ENGINE)
    assert [hit.product.key for hit in named.products] == ["A2"], "what the message names itself comes first"


@st.composite
def any_head(draw: st.DrawFn) -> Callable[[Mode], Head]:
    """Any weights that a head's file may hold."""
    weights = draw(st.lists(st.floats(0, 30), min_size=len(HYBRID_FEATURES), max_size=len(HYBRID_FEATURES)))
    trust, some = (
        Linear(
            np.array(draw(st.lists(st.floats(0, 5), min_size=len(names), max_size=len(names)))), draw(st.floats(-9, 9))
        )
        for names in (CONFIDENCE_FEATURES, ANSWERABLE_FEATURES)
    )
    none = draw(st.floats(-20, 20))
    reference, direct = sorted([draw(st.floats(0.05, 0.95)), draw(st.floats(0.05, 0.95))])

    def head_of(mode: Mode) -> Head:
        names = HYBRID_FEATURES if mode is Mode.HYBRID else LEXICAL_FEATURES
        return Head(names, np.array(weights[-len(names) :]), none, trust, some, direct, reference, 0.3)

    return head_of


MESSAGES = st.sampled_from(
    ["几时发货", "退货流程", "想换一件", "包邮不", "发票怎么开", "什么时候发货", "怎么换货", "嗯", "？？"]
)


@settings(max_examples=40)
@given(any_head(), MESSAGES, st.sampled_from(["", "我想退货", "好的亲"]), st.booleans(), st.integers(1, 9))
def test_whatever_the_head_has_learned(
    head: Callable[[Mode], Head], text: str, before: str, vectors: bool, limit: int
) -> None:
    """Bounds, bands and order; and what is verbatim or refused is not up to the head."""
    turns = (Turn(Speaker.BUYER, before), Turn(Speaker.AGENT, "亲，在的")) if before else ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.search.load_head", head)
        found = search(shard_of(FAQS, vectors=vectors), Query(text, turns, limit=limit), ENGINE)
    mode = Mode.HYBRID if vectors else Mode.LEXICAL
    assert found.mode is mode and len(found.hits) <= limit
    assert len({hit.entry.key for hit in found.hits}) == len(found.hits)
    chances = [hit.probability for hit in found.hits]
    assert chances == sorted(chances, reverse=True) and all(0 <= chance <= 1 for chance in chances)
    for hit in found.hits:
        edges = [edge for edge in (head(mode).reference, head(mode).direct) if abs(edge - hit.probability) > 1e-4]
        assert len(edges) < 2 or hit.band is head(mode).band(hit.probability)
    assert 0 <= found.answerable <= 1
    if text == "什么时候发货":
        assert (found.hits[0].entry.key, found.hits[0].reasons[0].code) == ("Q1", "verbatim")
        assert found.hits[0].probability == VERBATIM
        assert found.answerable == VERBATIM and not found.quiet
    if text == "怎么换货":
        assert "Q2" not in {hit.entry.key for hit in found.hits} and found.hits[0].entry.key == "Q3"


@pytest.mark.parametrize("text", ["几时发货", "嗯嗯", "今天天气不错", "什么时候发货"])
def test_it_is_quiet_where_too_little_speaks_for_any_answer(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = search(shard_of(FAQS), Query(text), ENGINE)
    assert found.quiet is (found.answerable < plain_head(Mode.HYBRID).silence)
    for silence, quiet in ((0.0, False), (1.0, True)):
        monkeypatch.setattr("kb.search.load_head", lambda mode, s=silence: replace(plain_head(mode), silence=s))
        again = search(shard_of(FAQS), Query(text), ENGINE)
        assert again.quiet is quiet and again.hits == found.hits  # what is found is found all the same


# -- the conversation


def asked(text: str, *turns: tuple[Speaker, str]) -> Query:
    return Query(text, tuple(Turn(speaker, said) for speaker, said in turns), limit=10, now=1)


def test_a_message_that_needs_its_conversation_is_read_in_it() -> None:
    query = asked("要怎么操作呢", (Speaker.BUYER, "我想退货"), (Speaker.AGENT, "亲，可以的"))
    alone, within = (search(shard_of(FAQS), q, ENGINE).hits for q in (replace(query, turns=()), query))
    chance = {hit.entry.key: hit.probability for hit in within}
    assert within[0].entry.key == "Q2"
    assert chance["Q2"] > {hit.entry.key: hit.probability for hit in alone}["Q2"]
    assert ("conversation", "结合了上文") in {(reason.code, reason.text) for reason in within[0].reasons}
    assert all(reason.code != "conversation" for hit in alone for reason in hit.reasons)


def test_a_question_sent_in_pieces_is_one_question() -> None:
    pieces = asked("发货", (Speaker.AGENT, "亲，在的"), (Speaker.BUYER, "你好"), (Speaker.BUYER, "什么时候"))
    assert [h.entry.key for h in search(shard_of(FAQS), pieces, ENGINE).hits[:1]] == ["Q1"]


@pytest.mark.parametrize("text", ["几时能发货", "退货要运费吗"])
def test_greetings_before_a_question_change_nothing(text: str) -> None:
    plain = search(shard_of(FAQS), asked(text), ENGINE)
    greeted = search(shard_of(FAQS), asked(text, (Speaker.BUYER, "在吗"), (Speaker.AGENT, "亲，在的")), ENGINE)
    assert greeted.hits == plain.hits


def test_a_verbatim_question_stays_first_whatever_was_said_before() -> None:
    query = asked(
        "包邮吗", (Speaker.BUYER, "我要退货"), (Speaker.AGENT, "怎么退货请看退货流程"), (Speaker.BUYER, "怎么退货")
    )
    hit = search(shard_of(FAQS), query, ENGINE).hits[0]
    assert (hit.entry.key, hit.reasons[0].code) == ("Q4", "verbatim")


def test_likeness_is_told_with_two_digits() -> None:
    for hit in search(shard_of(FAQS), Query("几时能发货"), ENGINE).hits:
        [said] = [reason.text for reason in hit.reasons if reason.code == "similar"]
        assert -1 <= float(said.removeprefix("语义相近 ")) <= 1
    assert not any(
        r.code == "similar" for hit in search(shard_of(FAQS), Query("几时能发货"), None).hits for r in hit.reasons
    )


@settings(max_examples=25)
@given(MESSAGES)
def test_in_a_small_shop_every_entry_is_measured(text: str) -> None:
    """Exact search: none of fewer than 24 entries is lost before it is measured."""
    free = [entry for entry in FAQS if entry.key != "Q2"]  # without counter-examples
    assert sorted(keys(shard_of(free), text)) == [entry.key for entry in free]


@settings(max_examples=25)
@given(st.permutations(range(len(FAQS))), st.sampled_from(["几时发货", "退货流程", "想换一件", "包邮不", "发票怎么开"]))
def test_the_order_of_storing_does_not_matter(order: list[int], text: str) -> None:
    assert keys(shard_of([FAQS[i] for i in order]), text) == keys(shard_of(FAQS), text)


# -- typed search


def test_typed_search_prefers_the_better_kind_of_match() -> None:
    entries = [
        replace(faq("K1", "怎么联系快递", "找fh快递员"), shortcut=""),
        replace(faq("K2", "其他", "答", "fh是什么"), shortcut=""),
        replace(faq("K3", "fh时间", "48小时"), shortcut=""),
        replace(faq("K4", "发货", "马上"), shortcut="fh01"),
    ]
    found = lookup(shard_of(entries, [product("FH-9", "fh款连衣裙")]), Query("FH"))
    assert [f.match for f in found] == [Match.SHORTCUT, Match.QUESTION, Match.PHRASING, Match.PRODUCT, Match.TEXT]
    assert [f.thing.key for f in found] == ["K4", "K3", "K2", "FH-9", "K1"]


def test_a_mistyped_question_is_still_near() -> None:
    found = lookup(shard_of(FAQS), Query("可已开发票吗"))
    assert (found[0].thing.key, found[0].match) == ("Q5", Match.NEAR)


def test_typed_search_is_bounded_and_silent_on_nothing() -> None:
    many = shard_of([faq(f"M{i}", f"发货问题{i}", "答") for i in range(60)])
    assert len(lookup(many, Query("发货"))) == 25
    assert lookup(many, Query(" ")) == []
