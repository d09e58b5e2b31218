"""hitrate: ask every message of a set through the service's own search and see how often the right entry comes first."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from eval.cases import Case
from eval.hit.outcome import Outcome, Run, Shown
from eval.hit.slices import slices_of
from eval.hit.why import why
from eval.report import Asked
from eval.version import version as version_of
from kb.embed import Engine
from kb.model import Entry, Found, Hit, Mode, Query
from kb.search import search
from kb.shard import Shard
from kb.vectorise import Progress

DEPTH = 10  # answers looked at, for mrr@10
SEED = 20261121
_SHOWN = 3


def hitrate(
    shard: Shard,
    engine: Engine | None,
    cases: Sequence[Case],
    *,
    about: Mapping[str, str | int | float] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Ask all cases. Times are milliseconds around `kb.search.search`, the embedding included.

    One unmeasured question first: the very first search of a process pays for loading the head and warming caches.
    """
    search(shard, Query("预热", limit=DEPTH), engine)
    known = {entry.key: entry for entry in shard.entries}
    shop = str((about or {}).get("shop", ""))
    outcomes, modes = [], set()
    for position, case in enumerate(cases, start=1):
        asked, found = _ask(shard, engine, case)
        outcomes.append(_outcome(shard, engine, asked, found, known, shop))
        modes.add(str(found.mode))
        if progress:
            progress(position, len(cases))
    measured: dict[str, str | int | float] = {
        "mode": "+".join(sorted(modes)),  # what the searches said, not what was configured
        "engine": engine.fingerprint if engine else "none",
        "entries": len(shard.entries),
        "lines": len(shard.lines),
        "products": len(shard.catalog.products),
        "version": version(shard),
        "seed": SEED,
    }
    return Run(tuple(outcomes), {**measured, **(about or {})})


def version(shard: Shard) -> str:
    """Twelve hexadecimal digits that stand for what the shop knows: the same entries and products, the same digits."""
    return version_of(shard.entries, shard.catalog.products)


def ask(shard: Shard, engine: Engine | None, case: Case) -> tuple[Asked, Mode]:
    """One case, timed, and how it was searched."""
    asked, found = _ask(shard, engine, case)
    return asked, found.mode


def _ask(shard: Shard, engine: Engine | None, case: Case) -> tuple[Asked, Found]:
    query = Query(case.query, case.turns, limit=DEPTH)
    started = time.perf_counter()
    found = search(shard, query, engine)
    elapsed = (time.perf_counter() - started) * 1000
    ranked = tuple(dict.fromkeys(hit.entry.key for hit in found.hits))
    top = found.hits[0].probability if found.hits else 0.0
    return Asked(case, ranked, top, elapsed, case.answerable, found.answerable), found


def _outcome(
    shard: Shard, engine: Engine | None, asked: Asked, found: Found, known: Mapping[str, Entry], shop: str
) -> Outcome:
    case = asked.case
    gold = [known[key] for key in sorted(case.gold) if key in known]
    right = bool(asked.ranked) and asked.ranked[0] in case.gold
    return Outcome(
        asked,
        tuple(_shown(hit) for hit in found.hits[:_SHOWN]),
        found.quiet,
        slices_of(case, shard, gold, shop),
        tuple(entry.question for entry in gold),
        None if right or not case.answerable else why(shard, engine, case, found),
    )


def _shown(hit: Hit) -> Shown:
    reasons = tuple(reason.text for reason in hit.reasons)
    return Shown(hit.entry.key, hit.entry.question, hit.phrasing, hit.probability, hit.band, reasons)
