"""The shelf: what an edit changes is live at once, and a shard made from its predecessor is one made anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import EngineFailed
from kb.language.text import fold
from kb.model import Query, Status
from kb.precedence import Precedence
from kb.search import search
from kb.shard import Shard
from kb.shelf import Shelf
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore, Snapshot
from kb.vectorise import missing_vectors, texts_of
from making import BagEngine, faq, plain_head, product, shard_of

ENGINE = BagEngine()
SENDING = faq("Q1", "什么时候发货", "付款后48小时内发货", "几时能发出", "今天拍今天发吗")


@pytest.fixture(autouse=True)
def head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.search.load_head", plain_head)


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


def test_an_edit_is_live_when_refresh_returns(folder: DataFolder, store: MerchantStore) -> None:
    shelf = Shelf(folder, ENGINE)
    before = shelf.shard("shop-a")
    store.apply(Change(entries=[SENDING]))
    after = shelf.refresh("shop-a")
    assert (before.generation, after.generation) == (0, 1)
    assert shelf.shard("shop-a") is after is shelf.refresh("shop-a")
    [stored] = store.entries()
    store.apply(Change(entries=[replace(stored, status=Status.RETIRED)]))
    assert search(shelf.refresh("shop-a"), Query("什么时候发货"), ENGINE).hits == ()
    assert search(after, Query("什么时候发货"), ENGINE).hits != ()  # a reader that holds the old shard keeps it whole


def test_what_is_built_ahead_of_need_stands_aside_while_somebody_waits(
    folder: DataFolder, store: MerchantStore
) -> None:
    store.apply(Change(entries=[SENDING]))
    shelf = Shelf(folder, None)
    shelf._precedence = Precedence(patience_s=60)
    with ThreadPoolExecutor(2) as pool:
        with shelf._precedence.awaiting("shop-b"):
            ahead = pool.submit(shelf.prepare, "shop-a")
            with pytest.raises(TimeoutError):
                ahead.result(0.2)
            asked = pool.submit(shelf.shard, "shop-a").result(10)  # whoever waits for this very one is served at once
        assert ahead.result(10) is asked
        assert shelf.prepare("shop-a") is shelf.shard("shop-a")


def test_many_who_ask_and_one_who_prepares_all_get_there(folder: DataFolder) -> None:
    slugs = [f"shop-{n}" for n in range(8)]
    for slug in slugs:
        folder.hub.add_merchant(slug, slug)
        folder.merchant(slug).apply(Change(entries=[SENDING]))
    placed: list[int] = []
    shelf = Shelf(folder, None, lambda: placed.append(1))
    with ThreadPoolExecutor(5) as pool:
        ahead = [pool.submit(shelf.prepare, slug) for slug in slugs]
        asked = [pool.submit(shelf.shard, slug) for slug in slugs[::-1] * 3]
        assert {id(one.result(20)) for one in ahead + asked} == {id(shelf.shard(slug)) for slug in slugs}
    assert len(placed) == len(slugs)  # each is built once, whoever asks how often


def test_vectors_that_are_missing_are_filled_in(folder: DataFolder, store: MerchantStore) -> None:
    store.apply(Change(entries=[SENDING]))
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
    entries = (SENDING, faq("Q4", "包邮吗", "满99包邮"))
    charger = product("B1", "XD-C65 65W氮化镓充电器", model="XD-C65")
    shard = shard_of(entries, [charger])
    assert "xd-c65" in shard.analyzer.words_of("XD-C65多少钱")
    same = Shard.build(Snapshot(2, entries, (charger,), {}), ENGINE.fingerprint, shard)
    assert (same.catalog, same.analyzer) == (shard.catalog, shard.analyzer)
    assert same.tokens[fold("包邮吗")] is shard.tokens[fold("包邮吗")]
    renamed = replace(charger, name="XD-C65 小方充", version=1)
    other = Shard.build(Snapshot(3, entries, (renamed,), {}), ENGINE.fingerprint, same)
    assert "小方充" in other.analyzer.words_of("小方充多少钱")
    assert search(other, Query("小方充多少钱"), ENGINE).products[0].product.name == "XD-C65 小方充"
