"""A changeset reviewed: what is gone, what disagrees, what is asked twice, each told at its row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ingest.compare.changeset import Changeset, Known
from ingest.draft import Draft
from ingest.problem import Problem
from ingest.review.conflict import find_conflicts
from ingest.review.known import items
from ingest.review.removed import Retire, mark_removed


def review(
    draft: Draft,
    changes: Sequence[Changeset | None],
    stored: Known,
    *,
    retire: Retire = Retire.NOTHING,
    everything: bool = False,
) -> list[Changeset | None]:
    """The changesets of a file's sheets with their findings added.

    Only pairs with a new or changed row are looked at: an unchanged one was reviewed when it came, and importing an
    unchanged file again must cost nothing. `everything` looks at all rows of the file, for a copy to hand back.
    """
    reviewed = mark_removed(draft, changes, stored, retire=retire)
    if not everything and not any(change and change.entries for change in reviewed):
        return reviewed
    told: defaultdict[int, list[Problem]] = defaultdict(list)
    for sheet, problem in find_conflicts(items(draft, reviewed, stored), everything=everything):
        told[sheet].append(problem)
    return [
        replace(change, problems=(*change.problems, *told[i])) if change and told[i] else change
        for i, change in enumerate(reviewed)
    ]
