"""How often the scene of a message is that of an entry which answers it.

Asked through `kb.search.search`, as `eval.hit.hitrate` asks. A message counts when a gold entry has a scene; one of ours
that we do not know (账户) counts as 其他, as `kb.language.scene` takes it. Beside it stands the plain way: the first hit's scene.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval import interval
from eval.cases import Case, check_gold, read_faq, read_queries
from eval.report import Figure
from eval.shop import shop_from_folder, shop_from_lines
from kb.embed import Engine
from kb.language.scene import scene_named
from kb.model import Query, Scene
from kb.search import search
from kb.shard import Shard
from kb.vectorise import Progress


def scenes(shard: Shard, engine: Engine | None, cases: Sequence[Case]) -> dict[str, Figure]:
    """The share of messages whose scene is right (Wilson's interval): `scene`, and `first_hit` beside it."""
    of_entry = {entry.key: entry.scene for entry in shard.entries if entry.scene}
    right, plain, n = 0, 0, 0
    for case in cases:
        true = {scene_named(of_entry[key]) for key in case.gold if key in of_entry}
        if not true:
            continue
        found = search(shard, Query(case.query, turns=case.turns), engine)
        first = scene_named(found.hits[0].entry.scene) if found.hits else Scene.OTHER
        right, plain, n = right + (found.tone.scene in true), plain + (first in true), n + 1
    return {"scene": _share(right, n), "first_hit": _share(plain, n)}


def on_files(faq: Path, queries: Path, engine: Engine | None, embedding: Progress) -> dict[str, Figure]:
    """The files of `huashu eval hitrate`; the knowledge must say its scenes."""
    lines, cases = read_faq(faq), read_queries(queries)
    check_gold(cases, {line.id for line in lines})
    with shop_from_lines(lines, engine, embedding) as shard:
        return scenes(shard, engine, cases)


def on_shop(folder: Path, engine: Engine | None, embedding: Progress) -> dict[str, Figure]:
    """A merchant's folder with its gold.jsonl."""
    with shop_from_folder(folder, engine, embedding) as shard:
        return scenes(shard, engine, read_queries(folder / "gold.jsonl"))


def _share(right: int, n: int) -> Figure:
    return Figure(right / n if n else None, n, *interval.proportion(right, n))
