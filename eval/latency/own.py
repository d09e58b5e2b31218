"""What is asked, and a service to ask where none is named: the demo shops, imported as merchants send them."""

from __future__ import annotations

from pathlib import Path

from eval.cases import read_queries
from eval.latency.load import Asked
from ingest.folder import import_folder, read_shops
from kb.embed import Engine
from kb.errors import BadFile, Invalid
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.vectorise import Progress


def demo_questions(demo: Path) -> list[Asked]:
    """The messages of the demo shops, each to its own shop, in turn."""
    shops = [(shop.slug, read_queries(shop.folder / "gold.jsonl")) for shop in read_shops(demo)]
    longest = max(len(cases) for _, cases in shops)
    return [(slug, cases[place % len(cases)].query) for place in range(longest) for slug, cases in shops]


def questions(path: Path, shops: list[str]) -> list[Asked]:
    """One question a line, asked of the shops in turn. Raises BadFile."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(
            f"{path.name}：打不开或不是 UTF-8 文本。", remedy="请每行写一句买家的话，用 UTF-8 保存。"
        ) from error
    asked = [line for line in lines if line]
    if not asked or not shops:
        raise Invalid("没有可以问的话，或没有写明问哪家店。", remedy="问题文件每行一句；用 --shop 写明店铺。")
    return [(shops[place % len(shops)], text) for place, text in enumerate(asked)]


def demo_service(root: Path, demo: Path, engine: Engine | None, progress: Progress) -> str:
    """A data folder of the demo shops; returns an agent's key to all of them."""
    shops = read_shops(demo)
    with DataFolder(root) as folder:
        for number, shop in enumerate(shops):
            folder.hub.add_merchant(shop.slug, shop.name, platform=shop.platform, color=shop.color)
            for _ in import_folder(folder.merchant(shop.slug), engine, shop.folder):
                pass
            progress(number + 1, len(shops))
        return folder.hub.issue_key("压测", Role("agent"), [shop.slug for shop in shops])
