"""Cases of an evaluation as a shop's own gold messages, which judge what it may learn (`kb.learning.trial`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eval.cases import Case, check_gold, read_cases
from kb.errors import BadFile
from kb.language.mask import mask
from kb.model import Gold, Turn
from kb.store.merchant import MerchantStore


def import_gold(store: MerchantStore, files: Sequence[Path]) -> tuple[int, int]:
    """Make the messages of these files, masked, the shop's gold set, in place of the one it had.

    Returns how many have an answer and how many must be refused. Raises BadFile when a line is not as agreed, names an
    entry that the shop does not have, or repeats a qid; then nothing was changed.
    """
    cases = [case for file in files for case in read_cases(file)]
    seen: dict[str, str] = {}
    for case in cases:
        if (first := seen.setdefault(case.qid, case.where)) != case.where:
            raise BadFile(f"{case.where}：“qid”{case.qid} 重复了，前面已出现在 {first}")
    check_gold(cases, {entry.key for entry in store.entries()})
    store.replace_gold([_gold(case) for case in cases])
    answerable = sum(case.answerable for case in cases)
    return answerable, len(cases) - answerable


def _gold(case: Case) -> Gold:
    turns = tuple(Turn(turn.speaker, mask(turn.text)) for turn in case.turns)
    return Gold(case.qid, mask(case.query), turns, case.gold)
