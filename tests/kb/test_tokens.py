"""What was cut is kept beside a shop's file and read by whoever cuts alike; missing, old or damaged, it costs the work again and
no answer."""

from __future__ import annotations

import errno
import logging
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.language import edition
from kb.language.text import Analyzer, fold
from kb.model import Entry, Status
from kb.shard import Shard
from kb.shelf import Shelf
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore
from kb.store.tokens import read_tokens, write_tokens
from making import faq, product

ANALYZER = Analyzer(["羊毛大衣", "Pro Max"])
STRANGE = ["羊毛大衣多少钱", "pro max 15.6寸\t256g", "包邮吗\u2028\x85?", "7天\n无理由", "\ud800", " "]
ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # written anew by each example


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.txt"


# -- the file


@ONE_FILE
@given(texts=st.lists(st.text() | st.sampled_from(STRANGE)))
def test_what_was_cut_is_read_as_it_was_by_who_cuts_alike(texts: list[str], path: Path) -> None:
    tokens = {fold(text): tuple(ANALYZER.tokens(text)) for text in texts if fold(text)}
    write_tokens(path, ANALYZER.fingerprint, tokens)
    assert read_tokens(path, ANALYZER.fingerprint) == tokens
    assert read_tokens(path, Analyzer(["羊毛"]).fingerprint) == {}
    assert not path.exists()  # of no use to anybody, and it may hold what the shop has no more


@ONE_FILE
@given(data=st.data())
def test_a_damaged_file_says_nothing_and_goes(data: st.DataObject, path: Path) -> None:
    tokens = {text: tuple(ANALYZER.tokens(text)) for text in ("羊毛大衣多少钱", "包邮吗", "几天到")}
    write_tokens(path, ANALYZER.fingerprint, tokens)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    torn = data.draw(st.sampled_from([whole[:place], whole[place + 1 :], whole + b"\n", b""]))
    flipped = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    for damaged in (torn, flipped):
        path.write_bytes(damaged)
        assert read_tokens(path, ANALYZER.fingerprint) == {} and not path.exists()


def test_a_disk_that_refuses_costs_no_answer_and_is_left_with_nothing_old(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_tokens(path, "") == {} and not caplog.records  # there is none yet: nothing to tell
    write_tokens(path, "", {"几天到": ("几天", "到")})

    def half(file: Path, data: bytes) -> int:
        with file.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full, caplog.at_level(logging.WARNING):
        full.setattr(Path, "write_bytes", half)
        write_tokens(path, "", {"包邮吗": ("包邮", "吗")})
    assert [*path.parent.iterdir()] == [] and "No space left" in caplog.text
    path.mkdir()
    with caplog.at_level(logging.WARNING):
        assert read_tokens(path, "") == {}
    assert len(caplog.records) == 2 and str(path) in caplog.text


def test_what_cuts_otherwise_is_another_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = shutil.copytree(Path(edition.__file__).parent, tmp_path / "language")
    assert edition.edition_of(copy) == edition.EDITION
    for source in copy.glob("*.py"):
        before = edition.edition_of(copy)
        source.write_text(source.read_text("utf-8") + "\n", "utf-8")
        assert edition.edition_of(copy) != before
    nowhere = tmp_path / "nowhere"
    assert edition.edition_of(nowhere) != edition.edition_of(nowhere)  # nothing that is kept can be trusted
    monkeypatch.setattr(edition, "_LIBRARIES", ("no-such-library",))
    assert edition.edition_of(copy) != edition.edition_of(copy)


# -- the shop


@pytest.fixture
def shop(store: MerchantStore) -> MerchantStore:
    entries = [faq(f"N{i}", f"第{i}号羊毛大衣怎么洗", "手洗", f"{i}号大衣能机洗吗") for i in range(9)]
    store.apply(Change(entries=entries))
    return store


def served(folder: DataFolder) -> Shard:
    """The shard of a service that starts on the folder, once it has kept what it keeps."""
    shelf = Shelf(folder, None)
    shard = shelf.shard("shop-a")
    shelf.keep("shop-a")
    return shard


def retire(shop: MerchantStore, key: str) -> Entry:
    [entry] = [entry for entry in shop.entries() if entry.key == key]
    shop.apply(Change(entries=[replace(entry, status=Status.RETIRED)]))
    return entry


def test_what_was_kept_is_not_cut_again_and_finds_the_same(
    folder: DataFolder, shop: MerchantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = served(folder)
    asked = first.analyzer.tokens("大衣怎么洗")

    def refuse(analyzer: Analyzer, folded: str) -> list[str]:
        raise AssertionError(f"{folded} was cut before")

    monkeypatch.setattr(Analyzer, "tokens_of", refuse)
    again = served(folder)
    assert (first.recut, again.recut, again.tokens) == (True, False, first.tokens)
    assert np.array_equal(again.lexical.scores(asked), first.lexical.scores(asked))


def test_what_did_not_change_is_not_written_again(folder: DataFolder, shop: MerchantStore) -> None:
    served(folder)
    kept = folder.tokens("shop-a")
    kept.touch()
    written = kept.stat().st_mtime_ns
    shelf = Shelf(folder, None)
    shelf.shard("shop-a")
    [entry] = [entry for entry in shop.entries() if entry.key == "N1"]
    shop.apply(Change(entries=[replace(entry, answers=(replace(entry.answers[0], text="干洗"),))]))
    assert shelf.refresh("shop-a").generation == 2
    shelf.keep("shop-a")
    assert kept.stat().st_mtime_ns == written


@pytest.mark.parametrize("loaded_before", [True, False])
def test_a_text_that_is_gone_is_gone_from_what_is_kept(
    loaded_before: bool, folder: DataFolder, shop: MerchantStore
) -> None:
    served(folder)
    shelf = Shelf(folder, None)
    if loaded_before:
        shelf.shard("shop-a")
    gone = retire(shop, "N7")
    shelf.refresh("shop-a")
    shop.apply(Change(entries=[faq("N10", "可以开发票吗", "可以")]))  # before anybody had time to keep the first change
    shelf.refresh("shop-a")
    shelf.keep("shop-a")
    kept = folder.tokens("shop-a").read_text("utf-8")
    assert gone.question not in kept and gone.phrasings[0].text not in kept
    assert "第8号羊毛大衣怎么洗" in kept and "可以开发票吗" in kept
    assert not served(folder).recut


def test_in_an_emptied_shop_nothing_is_left(folder: DataFolder, shop: MerchantStore) -> None:
    shop.apply(Change(products=[product("P1", "号羊毛")]))
    served(folder)
    [goods] = shop.products()
    shop.apply(Change(products=[replace(goods, status=Status.RETIRED)]))
    for number in range(9):
        retire(shop, f"N{number}")
    served(folder)  # with another dictionary: what was kept cannot be read
    assert not folder.tokens("shop-a").exists() or "大衣" not in folder.tokens("shop-a").read_text("utf-8")


def test_a_new_word_of_the_shop_has_all_texts_cut_and_kept_anew(folder: DataFolder, shop: MerchantStore) -> None:
    before = served(folder)
    shop.apply(Change(products=[product("P1", "号羊毛")]))
    after = served(folder)
    assert after.recut and after.tokens.keys() == before.tokens.keys() and after.tokens != before.tokens
    assert not served(folder).recut
