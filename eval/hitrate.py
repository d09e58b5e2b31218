"""hitrate: ask every message of a set through the service's own search and see how often the right entry comes first."""

from __future__ import annotations

import time
from collections.abc import Sequence

from eval.cases import Case
from eval.report import Asked, HitrateReport, build
from kb.embed import Engine
from kb.model import Mode, Query
from kb.search import search
from kb.shard import Shard
from kb.vectorise import Progress

DEPTH = 10  # answers looked at, for mrr@10
SEED = 20261121


def hitrate(
    shard: Shard,
    engine: Engine | None,
    cases: Sequence[Case],
    *,
    about: dict[str, str | int | float] | None = None,
    progress: Progress | None = None,
) -> HitrateReport:
    """Ask all cases and report. Times are milliseconds around `kb.search.search`, the embedding included.

    One unmeasured question first: the very first search of a process pays for loading the head and warming caches.
    """
    search(shard, Query("预热", limit=DEPTH), engine)
    asked, modes = [], set()
    for position, case in enumerate(cases, start=1):
        answer, mode = ask(shard, engine, case)
        asked.append(answer)
        modes.add(str(mode))
        if progress:
            progress(position, len(cases))
    known: dict[str, str | int | float] = {
        "mode": "+".join(sorted(modes)),  # what the searches said, not what was configured
        "engine": engine.fingerprint if engine else "none",
        "entries": len(shard.entries),
        "lines": len(shard.lines),
        "products": len(shard.catalog.products),
    }
    return build(asked, seed=SEED, about={**known, **(about or {})})


def ask(shard: Shard, engine: Engine | None, case: Case) -> tuple[Asked, Mode]:
    """One case, timed, and how it was searched."""
    query = Query(case.query, case.turns, limit=DEPTH)
    started = time.perf_counter()
    found = search(shard, query, engine)
    elapsed = (time.perf_counter() - started) * 1000
    ranked = tuple(dict.fromkeys(hit.entry.key for hit in found.hits))
    top = found.hits[0].probability if found.hits else 0.0
    return Asked(case, ranked, top, elapsed, case.answerable, found.answerable), found.mode
