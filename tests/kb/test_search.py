"""Search: the laws that hold for any shop, checked against brute force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from kb.dense import DenseIndex
from kb.errors import EngineFailed
from kb.lexical import LexicalIndex
from kb.lookup import Match, lookup
from kb.model import Answer, Band, Condition, Entry, Mode, Product, Query, Status, Window
from kb.search import search
from kb.shard import Shard
from kb.shelf import Shelf
from kb.store.folder import DataFolder
from kb.store.merchant import Change, MerchantStore, Snapshot
from kb.text import fold
from kb.vectorise import missing_vectors, texts_of
from making import BagEngine, faq, product

ENGINE = BagEngine()

FAQS = [
    faq("Q1", "什么时候发货", "付款后48小时内发货", "几时能发出", "今天拍今天发吗"),
    faq("Q2", "怎么退货", "7天无理由退货", "不想要了能退吗", negative=["怎么换货"]),
    faq("Q3", "怎么换货", "联系客服换货", "尺码不合适想换"),
    faq("Q4", "包邮吗", "满99包邮", "要运费吗"),
    faq("Q5", "可以开发票吗", "可以开电子发票", "有发票吗"),
]


def shard_of(entries: Sequence[Entry], products: Sequence[Product] = (), *, vectors: bool = True) -> Shard:
    texts = [text for entry in entries for text in texts_of(entry)]
    found = missing_vectors(ENGINE, texts, set()) if vectors else {}
    return Shard.build(Snapshot(1, tuple(entries), tuple(products), found), ENGINE.fingerprint)


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
    assert all(hit.probability < 0.9 for hit in search(shard, Query("！！！"), ENGINE).hits)


def test_one_entrys_phrasings_do_not_take_all_the_places() -> None:
    many = faq("BIG", "怎么发货", "答", *[f"怎么发货{i}" for i in range(300)])
    assert len(keys(shard_of([many, *FAQS]), "怎么发货啊请说说")) == len(FAQS) + 1


@pytest.mark.parametrize("seed", range(4))
def test_ties_are_not_cut_by_the_order_of_storing(seed: int) -> None:
    twins = [
        faq(f"T{i:02}", f"{c}怎么洗", "答")
        for i, c in enumerate("衣裤裙帽鞋袜巾被枕褥毯帘垫套包绒棉麻丝毛皮革纱绸缎呢布" * 3)
    ]
    twins = [replace(t, question=f"{t.question}{i:02}") for i, t in enumerate(twins)]
    order = np.random.default_rng(seed).permutation(len(twins))
    assert keys(shard_of([twins[i] for i in order]), "怎么洗呢") == keys(shard_of(twins), "怎么洗呢")


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


@pytest.mark.parametrize("text", ["几时发货", "退换", "怎么弄", "发票运费"])
def test_a_lower_answer_is_never_called_more_probable(text: str) -> None:
    chances = [hit.probability for hit in search(shard_of(FAQS), Query(text, limit=10), ENGINE).hits]
    assert chances == sorted(chances, reverse=True)


def test_the_message_is_masked_before_it_is_embedded() -> None:
    engine = BagEngine()
    search(shard_of(FAQS), Query("我电话13812345678，什么时候发货"), engine)
    assert engine.embedded == ["我电话[手机号],什么时候发货"]


@pytest.mark.parametrize(
    "text", ["", "   ", "？？", "\u200b", "😀😀", "\x00", "\ud800", "好" * 10_000, '" OR 1=1 --', "NEAR("]
)
def test_any_message_gets_an_answer_or_silence(text: str) -> None:
    for shard in (shard_of(FAQS), shard_of([]), shard_of(FAQS, vectors=False)):
        found = search(shard, Query(text), ENGINE)
        assert all(0 <= hit.probability <= 1 for hit in found.hits)


def test_a_shop_that_knows_nothing_stays_silent() -> None:
    found = search(shard_of([]), Query("什么时候发货"), ENGINE)
    assert (found.hits, found.products) == ((), ())


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


# -- the indexes against brute force


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_nearest_is_brute_force(count: int, k: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows = generator.standard_normal((count, 8)).astype(np.float16).astype(np.float32)  # what an index can hold
    query = generator.standard_normal(8).astype(np.float32)
    allowed = generator.random(count) < 0.6
    index = DenseIndex(rows)
    scores = np.where(allowed, rows @ query, -np.inf)
    best = [int(i) for i in np.argsort(-scores, kind="stable")[:k] if allowed[i]]
    assert index.nearest(query, k, allowed).tolist() == best
    assert np.allclose(index.similarities(query, np.arange(count)), rows @ query, atol=1e-5)


WORDS = st.lists(st.sampled_from("发货 退货 换货 包邮 发票 尺码 运费 赠品".split()), min_size=1, max_size=8)


@given(st.lists(WORDS, min_size=2, max_size=12), WORDS)
def test_bm25_ranks_as_the_reference_does(documents: list[list[str]], query: list[str]) -> None:
    """rank-bm25's Okapi shares the term-frequency part; with its idf replaced by Lucene's the scores are equal."""
    oracle = BM25Okapi(documents, k1=1.5, b=0.75)
    counts = {w: sum(w in d for d in documents) for d in documents for w in d}
    oracle.idf = {w: np.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for w, n in counts.items()}
    expected = oracle.get_scores(query) / (1.5 + 1)  # Lucene drops the constant (k1 + 1)
    assert np.allclose(LexicalIndex(documents).scores(query), expected, atol=1e-4)


@given(st.lists(st.lists(st.sampled_from(["pp", "灰", "发货", "#发货", "a", "b"]), max_size=6), max_size=9))
def test_bm25_is_that_of_bm25s(documents: list[list[str]]) -> None:
    """Lines without tokens among them, too. (Python's hash of "pp" is that of "灰": they once shared their postings.)"""
    ours = LexicalIndex(documents)
    assert len(ours) == len(documents)
    assert ours.known(["pp", "灰", "c"]) == [t for t in ("pp", "灰") if any(t in d for d in documents)]
    if any(documents):
        oracle = bm25s.BM25()
        oracle.index(documents, show_progress=False)
        for tokens in (["pp"], ["灰", "灰", "a"], ["发货", "#发货", "b", "c"]):
            known = [token for token in tokens if token in oracle.vocab_dict]
            expected = oracle.get_scores(known) if known else np.zeros(len(documents))
            assert np.allclose(ours.scores(tokens), expected, atol=1e-5)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_a_shard_made_from_its_predecessor_is_one_made_anew(before: list[int], after: list[int]) -> None:
    """Whatever was added, changed, moved or dropped between two generations; vectors come from the earlier shard."""
    texts = ["包邮吗", "什么时候发货", "可以退吗", "有货吗"]

    def snapshot(generation: int, versions: list[int], known: Collection[tuple[str, int]] = ()) -> Snapshot:
        entries = [
            replace(faq(f"N{i}", texts[v] + str(i), "好的", texts[v - 1], negative=[texts[v - 2]]), version=v)
            for i, v in enumerate(versions)
        ]
        entries = entries[::-1] if generation == 2 else entries
        fresh = [t for e in entries if (e.id, e.version) not in known for t in texts_of(e)]
        return Snapshot(generation, tuple(entries), (), missing_vectors(ENGINE, fresh, set()))

    first = Shard.build(snapshot(1, before), ENGINE.fingerprint)
    held = {(entry.id, entry.version) for entry in first.entries}
    grown = Shard.build(snapshot(2, after, held), ENGINE.fingerprint, first)
    anew = Shard.build(snapshot(2, after), ENGINE.fingerprint)
    assert grown.dense is not None and anew.dense is not None
    assert (grown.lines, grown.exact, grown.refused) == (anew.lines, anew.exact, anew.refused)
    assert np.array_equal(grown.dense.rows, anew.dense.rows)
    assert np.array_equal(grown.lexical.scores(["包邮", "#发货"]), anew.lexical.scores(["包邮", "#发货"]))


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


# -- the shelf


def test_an_edit_is_live_when_refresh_returns(folder: DataFolder, store: MerchantStore) -> None:
    shelf = Shelf(folder, ENGINE)
    before = shelf.shard("shop-a")
    store.apply(Change(entries=[FAQS[0]]))
    after = shelf.refresh("shop-a")
    assert (before.generation, after.generation) == (0, 1)
    assert shelf.shard("shop-a") is after is shelf.refresh("shop-a")
    [stored] = store.entries()
    store.apply(Change(entries=[replace(stored, status=Status.RETIRED)]))
    assert search(shelf.refresh("shop-a"), Query("什么时候发货"), ENGINE).hits == ()
    assert search(after, Query("什么时候发货"), ENGINE).hits != ()  # a reader that holds the old shard keeps it whole


def test_vectors_that_are_missing_are_filled_in(folder: DataFolder, store: MerchantStore) -> None:
    store.apply(Change(entries=[FAQS[0]]))
    shelf = Shelf(folder, ENGINE)
    assert shelf.shard("shop-a").dense is None
    assert shelf.fill_vectors("shop-a") == 3
    assert shelf.fill_vectors("shop-a") == 0
    dense = shelf.shard("shop-a").dense
    assert dense is not None and len(dense) == 3
    assert Shelf(folder, None).fill_vectors("shop-a") == 0


class Dying(BagEngine):
    def embed(self, texts: Sequence[str]) -> np.ndarray:  # type: ignore[type-arg]
        if len(self.embedded) >= 300:
            raise RuntimeError("out of memory")
        return super().embed(texts)


def test_filling_goes_on_where_it_broke_off(folder: DataFolder, store: MerchantStore) -> None:
    store.apply(Change(entries=[faq(f"F{i}", f"问题{i}", "答") for i in range(400)]))
    with pytest.raises(EngineFailed):
        Shelf(folder, Dying()).fill_vectors("shop-a")
    assert len(store.known_hashes(Dying.fingerprint)) == 256
    shelf = Shelf(folder, BagEngine())
    assert not shelf.shard("shop-a").complete
    assert shelf.fill_vectors("shop-a", stopped=lambda: True) == 0
    assert shelf.fill_vectors("shop-a") == 144
    assert shelf.shard("shop-a").complete


def test_a_vector_is_not_kept_for_a_text_that_went_away(store: MerchantStore) -> None:
    store.save_vectors(ENGINE.fingerprint, missing_vectors(ENGINE, ["已经删掉的话"], set()))
    assert store.known_hashes(ENGINE.fingerprint) == set()


def test_the_dictionary_follows_the_products() -> None:
    shard = shard_of(FAQS, CREAMS)
    assert "xd-c65" in shard.analyzer.words_of("XD-C65多少钱")
    same = Shard.build(Snapshot(2, tuple(FAQS), tuple(CREAMS), {}), ENGINE.fingerprint, shard)
    assert (same.catalog, same.analyzer) == (shard.catalog, shard.analyzer)
    assert same.tokens[fold("包邮吗")] is shard.tokens[fold("包邮吗")]
    renamed = (replace(CREAMS[2], name="XD-C65 小方充", version=1), *CREAMS[:2])
    other = Shard.build(Snapshot(3, tuple(FAQS), renamed, {}), ENGINE.fingerprint, same)
    assert "小方充" in other.analyzer.words_of("小方充多少钱")
    assert search(other, Query("小方充多少钱"), ENGINE).products[0].product.name == "XD-C65 小方充"
