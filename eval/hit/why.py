"""Why a right entry did not stand first, from what the search itself measured.

absent     the shop's knowledge does not have the entry
unseen     neither words nor vector brought it among the candidates
barred     a counter-example, or a condition, keeps it from this message
outranked  the other one scored higher; the features that said so, by weight × difference
set_aside  it scored higher but was set aside: another product, or a state of the order that nobody told
"""

from __future__ import annotations

import numpy as np

from eval.cases import Case
from eval.hit.outcome import Miss
from kb.embed import Engine
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.language.conversation import prepared, understand
from kb.model import Found, Query
from kb.search import Ranking, embed
from kb.shard import Shard

_FEATURES = 3  # told of a miss
_LEAST = 0.005  # a feature that speaks no louder says nothing


def why(shard: Shard, engine: Engine | None, case: Case, found: Found) -> Miss:
    """Why none of the case's right entries is the first hit. The message is read once more, exactly as the search reads it."""
    known = {entry.key for entry in shard.entries}
    if not case.gold & known:
        return Miss("absent")
    text = prepared(case.query)
    said = understand(text, case.turns)
    vector = embed(shard, said, engine) if text else None
    ranking = Ranking(shard, Query(case.query, case.turns, now=1), text, said, vector)
    candidates = ranking.candidates() if text and shard.lines else None
    keys = [] if candidates is None else [shard.entries[position].key for position in candidates.entries]
    places = [i for i, key in enumerate(keys) if key in case.gold]
    if candidates is None or not places:
        return Miss("unseen")
    open_ = [i for i in places if candidates.verbatim[i] or not candidates.measured.negative_wins[i]]
    if not open_:
        return Miss("barred")
    values = candidates.measured.values
    relevance = ranking.head.relevance(values)
    best = max(open_, key=lambda i: relevance[i])
    rival = keys.index(found.hits[0].entry.key) if found.hits and found.hits[0].entry.key in keys else None
    if rival is None:
        return Miss("outranked")
    gaps = ranking.head.weights * (values[rival] - values[best])
    names = LEXICAL_FEATURES if vector is None else HYBRID_FEATURES
    loudest = [int(i) for i in np.argsort(-gaps, kind="stable")[:_FEATURES] if gaps[i] > _LEAST]
    told = tuple((names[i], round(float(gaps[i]), 3)) for i in loudest)
    return Miss("outranked" if relevance[rival] >= relevance[best] else "set_aside", told)
