"""The pages' files: every module that is named exists, every file is named by some page, and the rooms keep their order.

There is no build step that would say so, and a browser says it only on the page that misses something.
"""

import re
from pathlib import Path

import pytest

BOT = Path(__file__).resolve().parents[2] / "bot"
STATIC = BOT / "static"
PAGES = sorted((BOT / "pages").glob("*.html"))
MODULES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))
_IMPORT = re.compile(r"""(?:^import\s+|\bfrom\s+|\bimport\()"(\.{1,2}/[^"]+)\"""", re.M)
_ADDRESS = re.compile(r"/static/([\w./-]+\.(?:js|css|svg))")
ALONE = {"shared": {"shared"}, "trainer": {"trainer", "shared"}, "record": {"record", "shared"}}


def named_by(module: str) -> set[str]:
    """What a module imports or names, as paths below `static`."""
    text, folder = (STATIC / module).read_text(encoding="utf-8"), (STATIC / module).parent
    imported = {(folder / name).resolve().relative_to(STATIC).as_posix() for name in _IMPORT.findall(text)}
    return imported | set(_ADDRESS.findall(text))


def reached() -> set[str]:
    """Every file that some page loads, directly or through modules."""
    found: set[str] = set()
    waiting = {name for page in PAGES for name in _ADDRESS.findall(page.read_text(encoding="utf-8"))}
    while waiting:
        name = waiting.pop()
        found.add(name)
        if name.endswith(".js"):
            waiting |= named_by(name) - found
    return found


def test_every_named_file_exists_and_every_file_is_named() -> None:
    assert reached() == {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}


@pytest.mark.parametrize("module", MODULES)
def test_rooms_that_others_build_on_import_nothing_of_them(module: str) -> None:
    room = module.partition("/")[0]
    others = {name.partition("/")[0] for name in named_by(module)}
    assert others <= ALONE.get(room, others)
    assert room == "trainer" or "trainer" not in others
