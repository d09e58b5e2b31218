"""BM25 against two other implementations."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from kb import lexical
from kb.lexical import LexicalIndex

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


@given(st.lists(st.lists(st.sampled_from(["发货", "退货", "灰", "a", "b"]), max_size=4), max_size=9), st.integers(1, 9))
def test_documents_taken_in_blocks_are_indexed_as_if_at_once(documents: list[list[str]], block: int) -> None:
    whole = LexicalIndex(documents)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexical, "_BLOCK", block)
        parts = LexicalIndex(documents)
    assert all(np.array_equal(vars(parts)[name], vars(whole)[name]) for name in vars(whole))
