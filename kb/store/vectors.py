"""Vectors beside the text they embed, keyed by engine fingerprint and text hash (llm's content-hash idea)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from kb.store.codec import chunks, marks

Vector = NDArray[np.float32]

_BLOCK = 500  # rows at once
_STAGED_S = 7 * 24 * 3600  # how long a broken import may be taken up again


def put_vectors(db: Database, engine: str, vectors: Mapping[str, Vector]) -> None:
    """Store vectors by text hash; little-endian float32."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO vectors (engine, text_hash, vector) VALUES (?, ?, ?)",
        ((engine, text_hash, vector.astype("<f4").tobytes()) for text_hash, vector in vectors.items()),
    )


def vectors_of(db: Database, engine: str) -> dict[str, Vector]:
    """All vectors of one engine, by text hash; shape (dim,) each. As they lie in the file: by the index, reading what the
    system does not hold in memory would be a jump for each."""
    return _read(db, "SELECT text_hash, vector FROM vectors NOT INDEXED WHERE engine = ?", [engine])


def vectors_of_entries(db: Database, engine: str, ids: Sequence[str]) -> dict[str, Vector]:
    """The vectors of the texts of these entries only."""
    found: dict[str, Vector] = {}
    for chunk in chunks(ids):
        these = marks(chunk)
        texts = (
            f"SELECT question_hash FROM entries WHERE id IN ({these})"
            f" UNION SELECT text_hash FROM phrasings WHERE entry_id IN ({these})"
            f" UNION SELECT text_hash FROM answers WHERE entry_id IN ({these})"
        )
        query = f"SELECT text_hash, vector FROM vectors WHERE engine = ? AND text_hash IN ({texts})"
        found |= _read(db, query, [engine, *chunk, *chunk, *chunk])
    return found


def _read(db: Database, query: str, values: list[str]) -> dict[str, Vector]:
    """A block at a time, as rows of one array: 200,000 arrays of their own would leave the heap in pieces."""
    found: dict[str, Vector] = {}
    cursor = db.conn.execute(query, values)
    while block := cursor.fetchmany(_BLOCK):
        hashes, blobs = zip(*block, strict=True)
        found.update(zip(hashes, np.frombuffer(b"".join(blobs), "<f4").reshape(len(block), -1), strict=True))
    return found


def engines(db: Database) -> list[str]:
    """Fingerprints of the engines that stored vectors are of, the one of most vectors first."""
    query = "SELECT engine FROM vectors GROUP BY engine ORDER BY count(*) DESC, engine"
    return [str(row[0]) for row in db.conn.execute(query)]


def known_hashes(db: Database, engine: str) -> set[str]:
    """The text hashes that need no embedding: stored texts, and those of an import under way or broken off."""
    query = "SELECT text_hash FROM vectors WHERE engine = ? UNION SELECT text_hash FROM staged_vectors WHERE engine = ?"
    return {row[0] for row in db.conn.execute(query, [engine, engine])}


def stage_vectors(db: Database, engine: str, vectors: Mapping[str, Vector], *, at: int) -> None:
    """Keep vectors of texts that an import is about to store, so that a broken one goes on where it stopped."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO staged_vectors (engine, text_hash, vector, at) VALUES (?, ?, ?, ?)",
        ((engine, text_hash, vector.astype("<f4").tobytes(), at) for text_hash, vector in vectors.items()),
    )


def adopt_staged(db: Database, *, now: int) -> None:
    """Staged vectors whose texts are stored now join the others; those that nobody came for are dropped in time."""
    db.conn.execute(
        "INSERT OR IGNORE INTO vectors (engine, text_hash, vector) SELECT engine, text_hash, vector FROM staged_vectors s"
        " WHERE EXISTS (SELECT 1 FROM phrasings p WHERE p.text_hash = s.text_hash)"
        " OR EXISTS (SELECT 1 FROM entries e WHERE e.question_hash = s.text_hash)"
        " OR EXISTS (SELECT 1 FROM answers a WHERE a.text_hash = s.text_hash)"
    )
    db.conn.execute(
        "DELETE FROM staged_vectors WHERE at < ? OR EXISTS (SELECT 1 FROM vectors v"
        " WHERE v.engine = staged_vectors.engine AND v.text_hash = staged_vectors.text_hash)",
        [now - _STAGED_S],
    )


def forget_unused(db: Database) -> None:
    """Drop vectors whose text no entry holds any more: a deleted text must not survive as numbers."""
    db.conn.execute(
        "DELETE FROM vectors WHERE id IN (SELECT id FROM vectors v"  # by the index, which holds no vectors
        " WHERE NOT EXISTS (SELECT 1 FROM phrasings p WHERE p.text_hash = v.text_hash)"
        " AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.question_hash = v.text_hash)"
        " AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.text_hash = v.text_hash))"
    )
