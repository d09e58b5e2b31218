"""Makers that tests of every room share."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kb.embed import Vectors
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.head import ANSWERABLE_FEATURES, CONFIDENCE_FEATURES, Head, head_from
from kb.language.text import clean
from kb.model import Answer, Entry, EntryKind, Mode, Phrasing, Polarity, Product
from kb.shard import Shard
from kb.store.merchant import MerchantStore, Snapshot
from kb.vectorise import missing_vectors, texts_of

# Of a test that takes seconds with each demo shop: one always, the others when there is time.
ONE_SHOP = ["baicao", *(pytest.param(shop, marks=pytest.mark.slow) for shop in ("qingluo", "xingdian"))]


class BagEngine:
    """A deterministic stand-in for a model: hashed character bigrams, so that texts that look alike lie near."""

    fingerprint = "bag-of-bigrams/test"
    dim = 64

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            for i in range(max(len(text) - 1, 1)):
                digest = hashlib.blake2b(text[i : i + 2].encode(), digest_size=4).digest()
                row[int.from_bytes(digest) % self.dim] += 1.0
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def hear(self, texts: Sequence[str]) -> Vectors:
        return self.embed(texts)


def faq(number: str, question: str, answer: str, *phrasings: str, negative: Sequence[str] = ()) -> Entry:
    """A new FAQ entry (version 0), ids derived from its number."""
    texts = [Phrasing(f"p{number}{i}", text) for i, text in enumerate(phrasings)]
    texts += [Phrasing(f"n{number}{i}", text, Polarity.NEGATIVE) for i, text in enumerate(negative)]
    return Entry(
        id=f"e{number}",
        key=number,
        kind=EntryKind.FAQ,
        question=question,
        phrasings=tuple(texts),
        answers=(Answer(f"a{number}", answer),) if answer else (),
        version=0,
    )


def product(key: str, name: str, **more: str) -> Product:
    return Product(id=f"p_{key}", key=key, name=name, version=0, **more)  # type: ignore[arg-type]


def shard_of(entries: Sequence[Entry], products: Sequence[Product] = (), *, vectors: bool = True) -> Shard:
    """The index of a shop that knows these, with BagEngine's vectors or none."""
    engine = BagEngine()
    texts = [text for entry in entries for text in texts_of(entry)] if vectors else []
    found = missing_vectors(engine, texts, set())
    return Shard.build(Snapshot(1, tuple(entries), tuple(products), found), engine.fingerprint)


def plain_head(mode: Mode) -> Head:
    """A head by hand, for laws that hold whatever the shipped one has learned: likeness counts, so do decisive marks,
    and a probability is the candidate's share."""
    names = HYBRID_FEATURES if mode is Mode.HYBRID else LEXICAL_FEATURES
    data = {
        "weights": {name: 4.0 if name.startswith(("alone", "talk")) else 1.0 for name in names},
        "none": 4.0,
        "confidence": {"weights": {**dict.fromkeys(CONFIDENCE_FEATURES, 0.0), "share": 1.0}, "bias": 0.0},
        "answerable": {"weights": {**dict.fromkeys(ANSWERABLE_FEATURES, 0.0), "some": 1.0}, "bias": 0.0},
        "direct": 0.7,
        "reference": 0.4,
        "silence": 0.2,
    }
    return head_from(data, names)


TOPICS = "发货 退货 换货 发票 包邮 尺码 洗涤 赠品 正品 改地址".split()


def write_lines(path: Path, rows: Iterable[object]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_set(folder: Path, topics: Sequence[str] = TOPICS) -> Path:
    """A small set to measure on: an entry for each topic, three messages for each (one within its conversation), four to refuse."""
    folder.mkdir(parents=True)
    faq = [{"id": t, "question": f"{t}怎么办", "phrasings": [f"想问一下{t}的事", f"{t}流程"]} for t in topics]
    queries: list[dict[str, object]] = [
        {"qid": f"{t}{i}", "query": query, "gold": [t]}
        for t in topics
        for i, query in enumerate((f"{t}咋弄", f"我要{t}"))
    ]
    queries += [
        {
            "qid": f"{t}2",
            "query": "怎么操作",
            "gold": [t],
            "needs_context": True,
            "context": [f"客户: 我想{t}", "客服: 可以的"],
        }
        for t in topics
    ]
    refuse = [{"query": query, "gold": []} for query in ("哈哈", "好的谢谢", "你是机器人吗", "天气不错")]
    for name, rows in (("faq", faq), ("queries", queries), ("refuse", refuse)):
        write_lines(folder / f"{name}.jsonl", rows)
    return folder


def write_demo(folder: Path) -> Path:
    """A small demo shop: a sheet to import, gold and must-refuse messages."""
    folder.mkdir(parents=True)
    rows = [f"Q{i},{t}怎么办,{t}要多久,亲，{t}请联系客服" for i, t in enumerate(TOPICS)]
    (folder / "常见问题.csv").write_text("\n".join(["编号,标准问题,相似问法,答案", *rows]), encoding="utf-8")
    write_lines(
        folder / "gold.jsonl", [{"qid": t, "query": f"想{t}呢", "gold": [f"Q{i}"]} for i, t in enumerate(TOPICS)]
    )
    write_lines(folder / "refuse.jsonl", [{"query": "嗯嗯", "gold": []}])
    return folder


@contextmanager
def empty_shop() -> Iterator[MerchantStore]:
    """A shop for one example of a law; a fixture would be the same one for all."""
    with tempfile.TemporaryDirectory() as folder:
        store = MerchantStore(Path(folder) / "kb.db", "shop")
        try:
            yield store
        finally:
            store.close()
