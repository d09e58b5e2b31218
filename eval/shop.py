"""A throw-away merchant built from faq lines, through the same store and shelf as the service."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eval.cases import FaqLine
from ingest.folder import import_folder
from kb.embed import Engine
from kb.errors import BadFile, HuashuError
from kb.model import Answer, Entry, EntryKind, Phrasing, Product
from kb.shard import Shard
from kb.shelf import Shelf
from kb.store.change import Change
from kb.store.codec import new_id
from kb.store.folder import DataFolder
from kb.vectorise import Progress, missing_vectors, texts_of

SLUG = "throwaway"
_SHEETS = (
    ".xlsx",
    ".csv",
    ".tsv",
)  # must be readable; what else lies in the folder (cases, notes) need not be knowledge
_NO_ANSWER = "（这一条没有给出答复）"  # an entry without an answer is never suggested; ranking needs one


def entry_of(line: FaqLine) -> Entry:
    """The entry a faq line states; its key is the line's id."""
    return Entry(
        id=new_id("e"),
        key=line.id,
        kind=EntryKind.FAQ,
        question=line.question,
        phrasings=tuple(Phrasing(new_id("p"), text) for text in line.phrasings),
        answers=(Answer(new_id("a"), line.answer or _NO_ANSWER),),
        scene=line.scene,
        version=0,
    )


@contextmanager
def shop_from_lines(
    lines: Sequence[FaqLine],
    engine: Engine | None,
    progress: Progress | None = None,
    products: Sequence[Product] = (),
) -> Iterator[Shard]:
    """The shard of a merchant that knows exactly these lines and products; gone when the block ends."""
    with folder_from_lines(lines, engine, progress, products) as folder:
        yield Shelf(folder, engine).shard(SLUG)


@contextmanager
def shop_from_folder(path: Path, engine: Engine | None, progress: Progress | None = None) -> Iterator[Shard]:
    """The shard of a merchant whose files were imported as a trainer would import them."""
    with folder_from_files(path, engine, progress) as folder:
        yield Shelf(folder, engine).shard(SLUG)


@contextmanager
def folder_from_lines(
    lines: Sequence[FaqLine],
    engine: Engine | None,
    progress: Progress | None = None,
    products: Sequence[Product] = (),
) -> Iterator[DataFolder]:
    """A data folder with that merchant, called `SLUG`, in it."""
    entries = [entry_of(line) for line in lines]
    texts = [text for entry in entries for text in texts_of(entry)]
    vectors = missing_vectors(engine, texts, set(), progress) if engine else {}
    name = engine.fingerprint if engine else ""
    with _empty_shop() as folder:
        folder.merchant(SLUG).apply(Change(entries=entries, products=list(products), engine=name, vectors=vectors))
        yield folder


@contextmanager
def folder_from_files(path: Path, engine: Engine | None, progress: Progress | None = None) -> Iterator[DataFolder]:
    """A data folder with the merchant whose files were imported, called `SLUG`. Raises BadFile where a sheet was not."""
    with _empty_shop() as folder:
        for name, outcome in import_folder(folder.merchant(SLUG), engine, path, progress):
            if isinstance(outcome, HuashuError) and name.lower().endswith(_SHEETS):
                raise BadFile(f"评测店铺的文件“{name}”没有导入：{outcome.message}") from outcome
        yield folder


@contextmanager
def _empty_shop() -> Iterator[DataFolder]:
    with tempfile.TemporaryDirectory(prefix="huashu-eval-") as root, DataFolder(Path(root)) as folder:
        folder.hub.add_merchant(SLUG, "评测店铺")
        yield folder
