"""A measurement from files to report: read the cases, build the throw-away shop, ask."""

from __future__ import annotations

from pathlib import Path

from eval.cases import check_gold, read_faq, read_queries, read_refuse
from eval.hitrate import hitrate
from eval.report import HitrateReport
from eval.shop import shop_from_folder, shop_from_lines
from kb.embed import Engine
from kb.vectorise import Progress


def on_files(
    faq: Path, queries: Path, refuse: Path | None, engine: Engine | None, embedding: Progress, asking: Progress
) -> HitrateReport:
    """The contract: three files of JSON lines. Raises BadFile naming file and line when one is not as agreed."""
    lines = read_faq(faq)
    cases = (*read_queries(queries), *(read_refuse(refuse) if refuse else ()))
    check_gold(cases, {line.id for line in lines})
    with shop_from_lines(lines, engine, embedding) as shard:
        return hitrate(shard, engine, cases, progress=asking)


def on_shop(folder: Path, engine: Engine | None, embedding: Progress, asking: Progress) -> HitrateReport:
    """A merchant's folder as it would be imported, with its gold.jsonl and refuse.jsonl; ids are the sheets' own."""
    cases = (*read_queries(folder / "gold.jsonl"), *read_refuse(folder / "refuse.jsonl"))
    with shop_from_folder(folder, engine, embedding) as shard:
        check_gold(cases, {entry.key for entry in shard.entries})
        return hitrate(shard, engine, cases, about={"shop": folder.name}, progress=asking)
