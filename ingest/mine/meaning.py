"""Groups that say the same in other words, by a model: 取消了就无法恢复 and 订单一旦取消无法挽回.

Only what nothing tells apart is joined (`ingest.mine.alike`), and only far above chance: cosines are taken around the
centre of all statements, since those of one shop are alike to begin with (`kb.dense`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from ingest.mine.alike import apart, saying
from ingest.mine.group import Group
from kb.embed import Engine

_log = logging.getLogger(__name__)

SAME_MEANING = 0.75  # centred cosine
_MOST = 2_000  # groups compared, the best supported: all pairs of them are four million


def joined(groups: Sequence[Group], engine: Engine) -> list[Group]:
    """The groups with those of one meaning made one, best supported first; as they are where the model fails."""
    compared = list(groups[:_MOST])
    if len(compared) < 2:
        return list(groups)
    sayings = [saying(each.exchanges[0].statement) for each in compared]
    try:
        rows = engine.embed([said.words for said in sayings])
    except Exception:  # a model can fail in any way; words have grouped already
        _log.exception("engine %s failed; groups by words", engine.fingerprint)
        return list(groups)
    rows = rows - rows.mean(axis=0)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    home = list(range(len(compared)))
    for number in range(1, len(compared)):
        near = np.flatnonzero(rows[:number] @ rows[number] >= SAME_MEANING)
        leaders = (int(at) for at in near if home[at] == at and not apart(sayings[at], sayings[number]))
        home[number] = next(leaders, number)
    together = [[each for each, at in zip(compared, home, strict=True) if at == leader] for leader in sorted(set(home))]
    found = [_joined(parts) for parts in together] + list(groups[_MOST:])
    return sorted(found, key=lambda each: (-each.support, each.exchanges[0].statement))


def _joined(parts: Sequence[Group]) -> Group:
    exchanges = tuple(each for part in parts for each in part.exchanges)
    return Group(exchanges, frozenset(each.talk for each in exchanges))
