"""A whole folder of a merchant's files, imported in the order in which they explain each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest import importer
from ingest.report import Report
from kb.embed import Engine
from kb.errors import BadFile, HuashuError
from kb.store.merchant import MerchantStore
from kb.vectorise import Progress

SUFFIXES = (".xlsx", ".csv", ".tsv")
# Products first: their names make the dictionary that every later text is cut with.
_ORDER = ("商品", "交接", "问题", "快捷", "通知", "订单")


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


def files_of(folder: Path) -> list[Path]:
    """The spreadsheets of a folder, in order of import."""

    def place(path: Path) -> tuple[int, str]:
        return next((i for i, word in enumerate(_ORDER) if word in path.name), len(_ORDER)), path.name

    return sorted((path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES), key=place)


def import_folder(
    store: MerchantStore, engine: Engine | None, folder: Path, progress: Progress | None = None
) -> Iterator[tuple[str, Report | HuashuError]]:
    """Import every file of a folder, one transaction each, good rows of doubtful files included.

    Yields (file name, report) as each is done; a file that cannot be imported yields its error and the next goes on.
    """
    for path in files_of(folder):
        try:
            data = path.read_bytes()
            yield (
                path.name,
                importer.commit(store, engine, data, path.name, partial=True, actor="导入文件夹", progress=progress),
            )
        except HuashuError as error:
            yield path.name, error
