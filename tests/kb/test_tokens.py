"""What was cut is kept beside a shop's file and read by whoever cuts alike; missing, old or damaged, it costs the work again and
no answer."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.language import edition as editions
from kb.language.text import Analyzer, fold
from kb.model import Status
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


@ONE_FILE
@given(data=st.data())
def test_a_damaged_file_says_nothing(data: st.DataObject, path: Path) -> None:
    tokens = {text: tuple(ANALYZER.tokens(text)) for text in ("羊毛大衣多少钱", "包邮吗", "几天到")}
    write_tokens(path, ANALYZER.fingerprint, tokens)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    torn = data.draw(st.sampled_from([whole[:place], whole[place + 1 :], whole + b"\n", b""]))
    flipped = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    for damaged in (torn, flipped):
        path.write_bytes(damaged)
        assert read_tokens(path, ANALYZER.fingerprint) == {}


def test_a_disk_that_refuses_costs_no_answer(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_tokens(path, "") == {} and not caplog.records  # there is none yet: nothing to tell
    path.mkdir()
    (path / "full").touch()
    with caplog.at_level(logging.WARNING):
        write_tokens(path, "", {"包邮吗": ("包邮", "吗")})
        assert read_tokens(path, "") == {}
    assert len(caplog.records) == 2 and str(path) in caplog.text


def test_what_cuts_otherwise_is_another_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = editions.edition.__wrapped__.__wrapped__  # type: ignore[attr-defined]  # as asked for the first time
    copy = shutil.copytree(Path(editions.__file__).parent, tmp_path / "language")
    monkeypatch.setattr(editions, "__file__", str(copy / "edition.py"))
    assert make() == editions.edition()
    for source in copy.glob("*.py"):
        before = make()
        source.write_text(source.read_text("utf-8") + "\n", "utf-8")
        assert make() != before
    monkeypatch.setattr(editions, "__file__", str(tmp_path / "nowhere" / "edition.py"))
    assert make() != make()  # where no source is, nothing that is kept can be trusted


# -- the shop


@pytest.fixture
def large(store: MerchantStore) -> MerchantStore:
    entries = [faq(f"N{i}", f"第{i}号羊毛大衣怎么洗", "手洗", f"{i}号大衣能机洗吗") for i in range(60)]
    store.apply(Change(entries=entries))
    return store


def test_what_was_prepared_is_not_cut_again_and_finds_the_same(folder: DataFolder, large: MerchantStore) -> None:
    first = Shelf(folder, None).prepare("shop-a")
    again = Shelf(folder, None).shard("shop-a")
    assert (first.newly_cut, again.newly_cut) == (120, 0)
    assert again.tokens == first.tokens
    asked = again.analyzer.tokens("大衣怎么洗")
    assert np.array_equal(again.lexical.scores(asked), first.lexical.scores(asked))


def test_whoever_waits_for_a_shop_waits_for_no_file_to_be_written(folder: DataFolder, large: MerchantStore) -> None:
    shelf = Shelf(folder, None)
    shelf.shard("shop-a")
    assert not folder.tokens("shop-a").exists()
    shelf.prepare("shop-a")
    assert folder.tokens("shop-a").exists()


def test_few_new_texts_are_cut_again_rather_than_all_written(folder: DataFolder, large: MerchantStore) -> None:
    Shelf(folder, None).prepare("shop-a")
    written = folder.tokens("shop-a").stat().st_mtime_ns
    large.apply(Change(entries=[faq("N60", "可以开发票吗", "可以")]))
    shard = Shelf(folder, None).prepare("shop-a")
    assert (shard.newly_cut, len(shard.tokens)) == (1, 121)
    assert folder.tokens("shop-a").stat().st_mtime_ns == written


def test_a_text_that_is_gone_is_gone_from_what_is_kept_with_the_next_start(
    folder: DataFolder, large: MerchantStore
) -> None:
    Shelf(folder, None).prepare("shop-a")
    [entry] = [entry for entry in large.entries() if entry.key == "N7"]
    large.apply(Change(entries=[replace(entry, status=Status.RETIRED)]))
    kept = folder.tokens("shop-a")
    assert entry.question in kept.read_text("utf-8")
    shard = Shelf(folder, None).prepare("shop-a")
    assert (shard.newly_cut, shard.cut_in_vain) == (0, 2)
    assert entry.question not in kept.read_text("utf-8") and "第8号羊毛大衣怎么洗" in kept.read_text("utf-8")
    assert Shelf(folder, None).prepare("shop-a").cut_in_vain == 0


def test_a_new_word_of_the_shop_has_all_texts_cut_and_kept_anew(folder: DataFolder, large: MerchantStore) -> None:
    before = Shelf(folder, None).prepare("shop-a")
    large.apply(Change(products=[product("P1", "号羊毛")]))
    after = Shelf(folder, None).prepare("shop-a")
    assert after.newly_cut == 120 and after.tokens != before.tokens
    assert Shelf(folder, None).shard("shop-a").newly_cut == 0
