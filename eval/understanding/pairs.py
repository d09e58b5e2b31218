"""Minimal pairs: standard questions one decisive point apart, and a buyer's message that means exactly one of them.

    {"id", "kind", "entries": [question, question, …], "message", "gold": 0-based place of the entry that is meant}

A vector holds the entries of a pair to be nearly the same; a search that cannot tell them apart is right half the time.
The entries of one kind make a throw-away shop, which is asked through the service's own search. A case is won when the
meant entry stands above all its rivals; not finding it is losing. The cosine alone is measured beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.table import Table
from rich.text import Text

from eval import interval
from eval.cases import FaqLine, Row, rows
from eval.report import Figure
from eval.shop import shop_from_lines
from kb.embed import Engine
from kb.errors import BadFile
from kb.language.conversation import prepared
from kb.model import Query
from kb.search import search
from kb.shard import Shard
from kb.vectorise import Progress

FEWEST_ENTRIES = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """One case; `gold` is the place of the meant entry among `entries`."""

    id: str
    kind: str
    entries: tuple[str, ...]
    message: str
    gold: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one case: the entry the search put first among its own (none: ""), and who won."""

    pair: Pair
    chosen: str
    won: bool
    cosine_won: bool | None  # None without a model


@dataclass(frozen=True, slots=True)
class PairsReport:
    """The verdicts, kind by kind."""

    judged: tuple[Judged, ...]
    about: dict[str, str | int] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, list[Judged]]:
        found: dict[str, list[Judged]] = {}
        for one in self.judged:
            found.setdefault(one.pair.kind, []).append(one)
        return found

    @property
    def lost(self) -> list[Judged]:
        return [one for one in self.judged if not one.won]

    def to_json(self) -> dict[str, object]:
        """One object, ready for json.dumps."""
        kinds = {kind: _json(part) for kind, part in self.kinds.items()}
        lost = [{"id": j.pair.id, "message": j.pair.message, "meant": meant(j), "chosen": j.chosen} for j in self.lost]
        return {**_json(self.judged), "kinds": kinds, "lost": lost, "about": dict(self.about)}


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """The cases of a file; BadFile names the line that is not as agreed."""
    pairs = tuple(_pair(row) for row in rows(path))
    if not pairs:
        raise BadFile(f"{path.name}：里面没有用例", remedy="格式见 docs/evaluation.md。")
    return pairs


def measure(pairs: Sequence[Pair], engine: Engine | None, progress: Progress | None = None) -> PairsReport:
    """Ask every message in the shop of its kind."""
    by_kind: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_kind.setdefault(pair.kind, []).append(pair)
    judged: list[Judged] = []
    for part in by_kind.values():
        texts = dict.fromkeys(text for pair in part for text in pair.entries)
        with shop_from_lines([FaqLine(text, text) for text in texts], engine) as shard:
            for pair in part:
                judged.append(_judge(shard, engine, pair))
                if progress:
                    progress(len(judged), len(pairs))
    return PairsReport(tuple(judged), {"engine": engine.fingerprint if engine else "none", "kinds": len(by_kind)})


def to_table(report: PairsReport) -> Table:
    """A row for each kind, the worst first, and one for all."""
    table = Table("类别 kind", "检索 search", "仅余弦 cosine")
    worst_first = sorted(report.kinds.items(), key=lambda item: sum(one.won for one in item[1]) / len(item[1]))
    for name, part in [*worst_first, ("全部 all", list(report.judged))]:
        # Text, not str: rich would read "[…]" as markup.
        table.add_row(Text(name), *(Text(str(figure)) for figure in _figures(part).values()))
    return table


def meant(one: Judged) -> str:
    return one.pair.entries[one.pair.gold]


def _judge(shard: Shard, engine: Engine | None, pair: Pair) -> Judged:
    found = search(shard, Query(pair.message, limit=len(shard.entries)), engine)
    ours = [hit.entry.question for hit in found.hits if hit.entry.question in pair.entries]
    chosen = ours[0] if ours else ""
    return Judged(pair, chosen, chosen == pair.entries[pair.gold], _cosine(shard, engine, pair))


def _cosine(shard: Shard, engine: Engine | None, pair: Pair) -> bool | None:
    """Whether the meant entry is strictly the nearest of the case's."""
    if engine is None or shard.dense is None:
        return None
    place = {line.text: number for number, line in enumerate(shard.lines)}
    vector = np.asarray(engine.embed([prepared(pair.message)])[0], np.float32)
    near = shard.dense.similarities(vector, np.array([place[text] for text in pair.entries]))
    return bool((near[pair.gold] > np.delete(near, pair.gold)).all())


def _pair(row: Row) -> Pair:
    entries, gold = row.texts("entries"), row.values.get("gold")
    if len(set(entries)) < max(len(entries), FEWEST_ENTRIES) or not all(text.strip() for text in entries):
        raise row.wrong("“entries”应是两条以上互不相同的标准问题")
    if not isinstance(gold, int) or isinstance(gold, bool) or not 0 <= gold < len(entries):
        raise row.wrong("“gold”应是“entries”里的序号，从 0 开始")
    return Pair(row.name("id"), row.name("kind"), entries, row.name("message"), gold)


def _figure(verdicts: Iterable[bool | None]) -> Figure:
    known = [verdict for verdict in verdicts if verdict is not None]
    value = sum(known) / len(known) if known else None
    return Figure(value, len(known), *interval.proportion(sum(known), len(known)))


def _figures(part: Sequence[Judged]) -> dict[str, Figure]:
    return {"accuracy": _figure(one.won for one in part), "cosine": _figure(one.cosine_won for one in part)}


def _json(part: Sequence[Judged]) -> dict[str, object]:
    return {name: figure.to_json() for name, figure in _figures(part).items()}
