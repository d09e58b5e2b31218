"""A measurement from files to a run: read the cases, build the throw-away shop, ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from eval.cases import Case, check_gold, read_faq, read_queries, read_refuse
from eval.hit.hitrate import hitrate
from eval.hit.outcome import Outcome, Run
from eval.shop import shop_from_folder, shop_from_lines
from kb.embed import Engine
from kb.errors import Invalid
from kb.shard import Shard
from kb.vectorise import Progress

Told: TypeAlias = str | int | float


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


def on_shops(folders: Sequence[Path], engine: Engine | None, embedding: Progress, asking: Progress) -> Run:
    """Each shop asked its own messages, all in one run; of several, a message's qid begins with its shop's name."""
    runs = [on_shop(folder, engine, embedding, asking) for folder in folders]
    if len(runs) == 1:
        return runs[0]
    names = [str(run.about["shop"]) for run in runs]
    if len(set(names)) < len(names):
        raise Invalid("有两个店铺文件夹同名。", remedy="请改名，让每家店的文件夹名各不相同。")
    outcomes = [_of_shop(one, name) for run, name in zip(runs, names, strict=True) for one in run.outcomes]
    return Run(tuple(outcomes), _together([run.about for run in runs]))


def _of_shop(one: Outcome, shop: str) -> Outcome:
    case = replace(one.asked.case, qid=f"{shop}/{one.qid}")
    return replace(one, asked=replace(one.asked, case=case))


def _together(abouts: Sequence[Mapping[str, Told]]) -> dict[str, Told]:
    """What several runs were measured with: sizes added, what differs named one after the other."""
    found: dict[str, Told] = {}
    for key in abouts[0]:
        values = [about[key] for about in abouts]
        sizes = [value for value in values if isinstance(value, int)]
        alike = len(set(values)) == 1 and key not in ("entries", "lines", "products")
        found[key] = values[0] if alike else sum(sizes) if len(sizes) == len(values) else "+".join(map(str, values))
    return found


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
