"""Which code and data cut a text into tokens. What another edition has cut is not to be read."""

from __future__ import annotations

import hashlib
import secrets
import sys
import unicodedata
from importlib import metadata
from pathlib import Path

from kb.once import once

_LIBRARIES = ("jieba", "opencc")  # jieba's dictionary, OpenCC's simplified characters


@once
def edition() -> str:
    """A digest of this package's source, the libraries that it cuts with, Python's patterns and its Unicode tables.

    Not a number that somebody raises by hand: forgotten once, texts would be found by words that nobody cuts any more. Where the
    source is not there (a zip, compiled files alone) each process has an edition of its own.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    if not sources:
        return secrets.token_hex(8)
    versions = (sys.version, unicodedata.unidata_version, *map(metadata.version, _LIBRARIES))
    digest = hashlib.blake2b("\n".join(versions).encode(), digest_size=8)
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()
