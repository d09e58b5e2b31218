"""The mark of what an import retired because its row was gone from the sheet, so that it comes back with its row.

It stands in the row hash and names the version at which it was set: whoever writes the thing afterwards makes another
version, and so decides instead. Only undo, which is nobody's decision, carries a mark that held over to the version that it
makes; without that, what had come back once and was taken away again would stay retired for ever.
"""

from __future__ import annotations

_MARK = "missing@"


def mark(row_hash: str, version: int) -> str:
    """The row hash of a thing that gets this version by being retired for want of its row."""
    return f"{_MARK}{version}:{plain(row_hash)}"


def holds(row_hash: str, version: int) -> bool:
    """Whether the thing was marked, and nobody has written it since."""
    return row_hash.startswith(f"{_MARK}{version}:")


def plain(row_hash: str) -> str:
    """The hash of the merchant's row itself."""
    return row_hash.rpartition(":")[2]


def carried(row_hash: str, version: int, now: int) -> str:
    """The row hash of a thing that is put back as it was at `version`, under the version `now`."""
    return mark(row_hash, now) if holds(row_hash, version) else row_hash
