"""A shop's texts as they were cut, in ``tokens.txt`` beside its file: cutting 2,000 of them is half of what the first answer of a shop
waits for after a start (docs/benchmarks.md).

Nothing but work remembered: the file may be missing, old, damaged or deleted at any time, which costs the work again. Its first line
names the analyzer that cut and the digest of the rest; each other line is a folded text and its tokens, between tabs, of which neither
has any.
"""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_log = logging.getLogger(__name__)

Tokens = Mapping[str, Sequence[str]]


def read_tokens(path: Path, analyzer: str) -> dict[str, tuple[str, ...]]:
    """What the analyzer of this fingerprint has cut, by folded text, words interned; nothing where another one did, or where the
    file is not as it was written."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return {}
    except OSError as error:
        _log.warning("%s cannot be read (%s): its texts are cut again", path, error.strerror)
        return {}
    if head != _head(analyzer, body) or not body:
        return {}
    rows = (line.split("\t") for line in body.decode().split("\n"))
    return {folded: tuple(map(sys.intern, tokens)) for folded, *tokens in rows}


def write_tokens(path: Path, analyzer: str, tokens: Tokens) -> None:
    """Keep what this analyzer has cut; whoever reads meanwhile gets all of the old file or all of the new one. A disk that
    refuses is noted: it costs time at the next start and nothing else."""
    body = "\n".join("\t".join((folded, *words)) for folded, words in tokens.items()).encode()
    new = path.with_suffix(".new")
    try:
        new.write_bytes(_head(analyzer, body) + b"\n" + body)
        new.replace(path)
    except OSError as error:
        _log.warning("%s cannot be written (%s): its texts will be cut again", path, error.strerror)


def _head(analyzer: str, body: bytes) -> bytes:
    return f"{analyzer} {hashlib.blake2b(body, digest_size=16).hexdigest()}".encode()
