"""Which code and data cut a text into tokens. What another edition has cut is not to be read."""

from __future__ import annotations

import hashlib
import secrets
import sys
import unicodedata
from importlib import metadata
from pathlib import Path

_LIBRARIES = ("jieba", "opencc")  # jieba's dictionary, OpenCC's simplified characters


def edition_of(package: Path) -> str:
    """A digest of a package's source, the libraries that it cuts with, Python's patterns and its Unicode tables.

    Not a number that somebody raises by hand: forgotten once, texts would be found by words that nobody cuts any more. Where
    source or versions are not to be had (a frozen program), it is another one each time: nothing that is kept can be trusted.
    """
    sources = sorted(package.glob("*.py"))
    try:
        versions = (sys.version, unicodedata.unidata_version, *map(metadata.version, _LIBRARIES))
    except metadata.PackageNotFoundError:
        sources = []
    if not sources:
        return secrets.token_hex(8)
    digest = hashlib.blake2b("\n".join(versions).encode(), digest_size=8)
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()


# When the code is loaded: an upgrade may lie in its place before a text is cut.
EDITION = edition_of(Path(__file__).parent)
