"""Vectors beside the text they embed, keyed by engine fingerprint and text hash (llm's content-hash idea)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

Vector = NDArray[np.float32]


def put_vectors(db: Database, engine: str, vectors: Mapping[str, Vector]) -> None:
    """Store vectors by text hash; little-endian float32."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO vectors (engine, text_hash, vector) VALUES (?, ?, ?)",
        ((engine, text_hash, vector.astype("<f4").tobytes()) for text_hash, vector in vectors.items()),
    )


def vectors_of(db: Database, engine: str) -> dict[str, Vector]:
    """All vectors of one engine, by text hash; shape (dim,) each."""
    rows = db.conn.execute("SELECT text_hash, vector FROM vectors WHERE engine = ?", [engine])
    return {text_hash: np.frombuffer(blob, "<f4") for text_hash, blob in rows}


def known_hashes(db: Database, engine: str) -> set[str]:
    """The text hashes that need no embedding."""
    return {row[0] for row in db.conn.execute("SELECT text_hash FROM vectors WHERE engine = ?", [engine])}


def forget_unused(db: Database) -> None:
    """Drop vectors whose text no entry holds any more: a deleted text must not survive as numbers."""
    db.conn.execute(
        "DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM phrasings p WHERE p.text_hash = vectors.text_hash)"
        " AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.question_hash = vectors.text_hash)"
        " AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.text_hash = vectors.text_hash)"
    )
