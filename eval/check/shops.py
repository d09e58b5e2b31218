"""Several shops of one vendor, known to one watch as the service knows them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.folder import ShopFolder, import_folder
from kb.check.context import Context
from kb.check.told import Told
from kb.check.watch import Watch
from kb.errors import BadFile, HuashuError
from kb.shelf import Shelf
from kb.store.folder import DataFolder

_SHEETS = (".xlsx", ".csv")


@contextmanager
def vendor(shops: Sequence[ShopFolder]) -> Iterator[list[Told]]:
    """What the shops say, imported as a trainer would import their files; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="huashu-eval-") as root, DataFolder(Path(root)) as folder:
        shelf = Shelf(folder, None)
        found = []
        for shop in shops:
            folder.hub.add_merchant(shop.slug, shop.name, platform=shop.platform)
            store = folder.merchant(shop.slug)
            for name, outcome in import_folder(store, None, shop.folder, None):
                if isinstance(outcome, HuashuError) and name.lower().endswith(_SHEETS):
                    raise BadFile(f"评测店铺的文件“{name}”没有导入：{outcome.message}") from outcome
            shard = shelf.shard(shop.slug)
            products = shard.catalog.products
            found.append(Told(shop.slug, shop.name, 1, shard.entries, products, store.profile(), shop.platform))
        yield found


def watch_over(shops: Sequence[Told], context: Context | None = None) -> Watch:
    """A watch that knows all of them."""
    watch = Watch(b"a salt for measuring only", lambda: context)
    for told in shops:
        watch.learn(told)
    return watch
