"""A measurement from files to a run: read the cases, build the throw-away shop, ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eval.cases import Case, check_gold, read_faq, read_queries, read_refuse
from eval.hit.hitrate import hitrate
from eval.hit.outcome import Run
from eval.shop import shop_from_folder, shop_from_lines
from kb.embed import Engine
from kb.errors import Invalid
from kb.shard import Shard
from kb.vectorise import Progress


def on_files(
    faq: Path, queries: Path, refuse: Path | None, engine: Engine | None, embedding: Progress, asking: Progress
) -> Run:
    """The contract: three files of JSON lines. Raises BadFile naming file and line when one is not as agreed."""
    lines = read_faq(faq)
    cases = (*read_queries(queries), *(read_refuse(refuse) if refuse else ()))
    check_gold(cases, {line.id for line in lines})
    with shop_from_lines(lines, engine, embedding) as shard:
        return hitrate(shard, engine, cases, about={"knowledge": f"{faq.parent.name}/{faq.name}"}, progress=asking)


def on_shop(folder: Path, engine: Engine | None, embedding: Progress, asking: Progress) -> Run:
    """A merchant's folder as it would be imported, with its gold.jsonl and refuse.jsonl; ids are the sheets' own."""
    cases = cases_of(folder)
    with shop_from_folder(folder, engine, embedding) as shard:
        check_gold(cases, {entry.key for entry in shard.entries})
        return hitrate(shard, engine, cases, about={"shop": folder.name}, progress=asking)


def on_knowledge(
    folder: Path, cases: Sequence[Case], engine: Engine | None, embedding: Progress, asking: Progress
) -> Run:
    """The cases asked of a folder's knowledge, whether it has their right entries or not: a version that has lost one
    answers wrongly.
    """
    with knowledge(folder, engine, embedding) as shard:
        return hitrate(shard, engine, cases, about={"shop": folder.name}, progress=asking)


@contextmanager
def knowledge(folder: Path, engine: Engine | None, embedding: Progress | None = None) -> Iterator[Shard]:
    """What a folder knows: its faq.jsonl, or else its sheets as a trainer would import them."""
    if not folder.is_dir():
        raise Invalid(f"{folder} 不是文件夹。", remedy="请给出店铺资料的文件夹，或含 faq.jsonl 的文件夹。")
    if (faq := folder / "faq.jsonl").exists():
        with shop_from_lines(read_faq(faq), engine, embedding) as shard:
            yield shard
    else:
        with shop_from_folder(folder, engine, embedding) as shard:
            yield shard


def cases_of(folder: Path) -> tuple[Case, ...]:
    """The messages that lie in a folder: queries.jsonl or gold.jsonl, and refuse.jsonl where there is one."""
    queries, refuse = folder / "queries.jsonl", folder / "refuse.jsonl"
    asked = read_queries(queries if queries.exists() else folder / "gold.jsonl")
    return (*asked, *(read_refuse(refuse) if refuse.exists() else ()))
