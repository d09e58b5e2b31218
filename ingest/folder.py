"""A whole folder of a merchant's files, imported in the order in which they explain each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest import importer
from ingest.columns.fields import SheetKind
from ingest.draft import Draft
from ingest.importer import Parsed
from ingest.report import Report
from kb.embed import Engine
from kb.errors import BadFile, HuashuError
from kb.store.merchant import MerchantStore
from kb.vectorise import Progress

GOLD = ("gold.jsonl", "refuse.jsonl")  # messages that judge a shop, not knowledge (`eval.gold`)
# Products first: their names make the dictionary that every later text is cut with. Chat logs last: what they say is
# held against what the merchant has written.
_ORDER = (
    SheetKind.PRODUCT,
    SheetKind.HANDOVER,
    SheetKind.FAQ,
    SheetKind.PHRASE,
    SheetKind.NOTICE,
    SheetKind.OFFER,
    SheetKind.ORDER,
    SheetKind.CHAT,
)


@dataclass(frozen=True, slots=True)
class ShopFolder:
    """A shop that comes as files: what ``shops.toml`` says of it, and where its files are."""

    slug: str
    name: str
    platform: str
    color: str
    folder: Path


def read_shops(root: Path) -> list[ShopFolder]:
    """The shops listed in ``root/shops.toml``. Raises BadFile when the list is missing or unreadable."""
    try:
        listed = tomllib.loads((root / "shops.toml").read_text(encoding="utf-8"))["shop"]
        return [ShopFolder(s["slug"], s["name"], s["platform"], s["color"], root / s["slug"]) for s in listed]
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"演示目录 {root} 里的 shops.toml 读不出来：{error}") from error


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file of a folder, looked at: what was parsed and its draft, or why it cannot be read."""

    path: Path
    parsed: Parsed | None = None
    draft: Draft | None = None
    trouble: HuashuError | None = None

    @property
    def kinds(self) -> tuple[SheetKind, ...]:
        """The kinds of its sheets, each once, in the order of the file."""
        kinds = (sheet.kind for sheet in self.draft.sheets) if self.draft else ()
        return tuple(dict.fromkeys(kind for kind in kinds if kind))

    @property
    def place(self) -> tuple[int, bool, str]:
        """Where it stands in the order of import: size tables after the products that they name."""
        kind = min((_ORDER.index(kind) for kind in self.kinds), default=len(_ORDER))
        return kind, not self._brings_products, self.path.name

    @property
    def _brings_products(self) -> bool:
        return self.draft is not None and any(sheet.products for sheet in self.draft.sheets)


def files_of(folder: Path) -> list[Path]:
    """What a merchant may have handed over: all but hidden files, the locks of open workbooks, and gold messages."""
    try:
        files = [path for path in folder.iterdir() if path.is_file()]
    except OSError as error:
        raise BadFile(f"文件夹 {folder} 打不开：{error.strerror}。") from error
    return sorted(path for path in files if not path.name.startswith((".", "~$")) and path.name not in GOLD)


def recognise(folder: Path) -> list[Recognised]:
    """Every file of a folder, read, in the order in which to import them."""
    return sorted(map(_recognise, files_of(folder)), key=lambda each: each.place)


def import_folder(
    store: MerchantStore, engine: Engine | None, folder: Path, progress: Progress | None = None
) -> Iterator[tuple[str, Report | HuashuError]]:
    """Import every file of a folder, one transaction each, good rows of doubtful files included.

    Yields (file name, report) as each is done; a file that cannot be imported yields its error and the next goes on.
    """
    for file in recognise(folder):
        yield file.path.name, import_file(store, engine, file, progress)


def import_file(
    store: MerchantStore, engine: Engine | None, file: Recognised, progress: Progress | None = None
) -> Report | HuashuError:
    """Import what was recognised; its error where it cannot be."""
    if file.draft is None:
        return file.trouble or BadFile(f"文件“{file.path.name}”读不出来。")
    try:
        return importer.commit(
            store, engine, file.path.read_bytes(), file.path.name,
            partial=True, actor="导入文件夹", progress=progress, parsed=file.parsed,
        )  # fmt: skip
    except HuashuError as error:
        return error


def _recognise(path: Path) -> Recognised:
    try:
        data = path.read_bytes()
        parsed = importer.parse_file(data, path.name)
        return Recognised(path, parsed, importer.read_file(data, path.name, parsed=parsed))
    except OSError as error:
        return Recognised(path, trouble=BadFile(f"文件“{path.name}”读不到：{error.strerror}。"))
    except HuashuError as error:
        return Recognised(path, trouble=error)
