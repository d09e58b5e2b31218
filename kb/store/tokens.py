"""A shop's texts as they were cut, in ``tokens.txt`` beside its file: cutting 2,000 of them is half of what the first answer of a shop
waits for after a start (docs/benchmarks.md).

Nothing but work remembered: the file may be missing, old, damaged or deleted at any time, which costs the work again. Its first line
names the analyzer that cut and the digest of the rest; each other line is a folded text and its tokens, between tabs, of which neither
has any. One thread at a time: the shelf holds the shop's lock.
"""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)

Tokens = Mapping[str, Sequence[str]]


def read_tokens(path: Path, analyzer: str) -> dict[str, tuple[str, ...]]:
    """What the analyzer of this fingerprint has cut, by folded text, words interned. Nothing where another one did, or where the
    file is not as it was written; such a file is deleted, since it may hold texts that the shop has no more."""
    try:
        with path.open("rb") as file:
            head = file.readline().rstrip(b"\n")
            body = file.read() if head.startswith(analyzer.encode()) else b""
    except FileNotFoundError:
        return {}
    except OSError as error:
        _log.warning("%s cannot be read (%s): its texts are cut again", path, error.strerror)
        return {}
    if head != _head(analyzer, body):
        _forget(path)
        return {}
    rows = (line.split("\t") for line in body.decode().split("\n")) if body else ()
    return {folded: tuple(map(sys.intern, tokens)) for folded, *tokens in rows}


def write_tokens(path: Path, analyzer: str, tokens: Tokens) -> None:
    """Keep what this analyzer has cut, in place of what was kept. A disk that refuses is noted, and keeps nothing: it costs time at
    the next start and nothing else."""
    body = "\n".join("\t".join((folded, *words)) for folded, words in tokens.items()).encode()
    new = path.with_suffix(".new")
    try:
        new.write_bytes(_head(analyzer, body) + b"\n" + body)
        new.replace(path)
    except OSError as error:
        _log.warning("%s cannot be written (%s): its texts will be cut again", path, error.strerror)
        _forget(new)
        _forget(path)


def _head(analyzer: str, body: bytes) -> bytes:
    return f"{analyzer} {hashlib.blake2b(body, digest_size=16).hexdigest()}".encode()


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
