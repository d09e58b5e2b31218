"""File formats become sheets; the only room that knows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.gate import Format, check, display_name
from ingest.readers.parse import parse
from ingest.sandbox import parse_apart
from ingest.sheet import Sheet
from kb.errors import BadFile
from kb.language.mask import mask

_TEXTS = (Format.TABLE, Format.TEXT, Format.MARKDOWN, Format.JSON)
# A text up to this size is read here: Python's own csv, json and re cannot be crashed by it, and a child would cost ten
# times what parsing does. A larger one would hold the interpreter, and with it every suggestion, for a second.
_READ_HERE = 512 * 1024


def read(source: Path | bytes, filename: str = "", *, stopped: Callable[[], bool] | None = None) -> list[Sheet]:
    """The sheets of a file that hold anything, in the order of the file.

    `stopped` is asked while a child process reads; once it says yes, Busy is raised. Raises BadFile or TooLarge; a path
    that cannot be read is a BadFile too.
    """
    if isinstance(source, Path):
        filename = filename or source.name
        source = _bytes_of(source, display_name(filename))
    name = display_name(filename)
    chosen = check(source, filename)
    if chosen in _TEXTS and len(source) <= _READ_HERE:
        return _named(parse(chosen, source, name))
    return _named(parse_apart(chosen, source, name, stopped))


def _named(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets under names without personal data, each its own: a name is stored with every cell read from it."""
    taken: set[str] = set()
    named = []
    for sheet in sheets:
        name = masked = mask(sheet.name)
        if masked != sheet.name:
            numbers = (f"{masked}{number}" for number in range(2, len(sheets) + 2))
            name = next(each for each in (masked, *numbers) if each not in taken)
        taken.add(name)
        named.append(replace(sheet, name=name))
    return named


def _bytes_of(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile(f"文件“{name}”读不到：{error.strerror}。") from error
