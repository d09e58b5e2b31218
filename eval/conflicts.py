"""How many planted contradictions an import finds, and how many it sees where there are none.

``eval/sets/conflicts.jsonl`` holds templates written by hand: two ways to ask, two answers with a slot each, and pairs
of values; `same` marks those that only look like a contradiction (48小时 and 2天, one that says more, another question).
Batch 1 was looked at while the rules were written, 2 and 3 were written afterwards and each measured before anybody
looked at it (docs/ingest.md has those figures too). Batches 4 to 6 are short answers of many trades as merchants write
them, written at one time and before the method that reads an answer by what its question wants; 4 was worked on, 5
measured once and then worked on, 6 measured once and left as it was. `kind` is what differs, or why nothing does.

`plant` makes contradictions out of a shop's own answers instead: the answer again with one number, or one yes or no,
exchanged, whatever it is about. Nobody chose those.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.compare.changeset import compare, known
from ingest.draft import Draft
from ingest.importer import read_file
from ingest.review import review
from kb.model import Entry, EntryKind

SET = Path(__file__).parent / "sets" / "conflicts.jsonl"
_CODE = "conflict_"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_YES_NO = [
    ("可以", "不可以"), ("支持", "不支持"), ("有", "没有"), ("能", "不能"), ("会", "不会"), ("需要", "不需要"), ("要", "不用"),
    ("包邮", "不包邮"), ("可以", "无法"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planted:
    """Two rows of a question sheet, as (question, answer), and whether they contradict each other."""

    id: str
    batch: int
    one: tuple[str, str]
    other: tuple[str, str]
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Planted contradictions and those found; pairs without one and those flagged all the same."""

    planted: int
    found: int
    innocent: int
    flagged: int
    missed: tuple[str, ...]

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0

    @property
    def false_alarms(self) -> float:
        return self.flagged / self.innocent if self.innocent else 0.0


def planted(path: Path = SET) -> Iterator[Planted]:
    """Every template with every pair of its values."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for i, values in enumerate(row["values"]):
            texts = [_filled(row["one"], values[0]), _filled(row["other"], values[-1])]
            (ask, again), (one, other) = row["asks"], texts
            yield Planted(f"{row['id']}.{i}", row["batch"], (ask, one), (again, other), not row["same"])


def plant(entries: Sequence[Entry], seed: int = 7) -> Iterator[Planted]:
    """Each question of a shop asked again (…呀), its answer with one number changed, and with one yes or no turned over."""
    chance = random.Random(seed)  # noqa: S311 - a plan for tests, no secret
    for entry in entries:
        if entry.kind is not EntryKind.FAQ or not entry.question or len(entry.answers) != 1:
            continue
        answer = " ".join(entry.answers[0].text.split())
        changed = {"number": list(_other_numbers(answer, chance)), "yes_no": list(_turned_over(answer))}
        for what, answers in changed.items():
            if answers:
                again = (f"{entry.question}呀", chance.choice(answers))
                yield Planted(f"{entry.key}.{what}", 0, (entry.question, answer), again, True)


def _other_numbers(answer: str, chance: random.Random) -> Iterator[str]:
    for match in _NUMBER.finditer(answer):
        more = f"{float(match[0]) + 1.5:.1f}" if "." in match[0] else str(int(match[0]) + chance.choice([1, 2, 5, 10]))
        yield answer[: match.start()] + more + answer[match.end() :]


def _turned_over(answer: str) -> Iterator[str]:
    for yes, no in _YES_NO:
        if no in answer:
            yield answer.replace(no, yes, 1)
        elif yes in answer and not re.search(f"[不没无未别]{yes}", answer):
            yield answer.replace(yes, no, 1)


def _filled(template: str, value: str) -> str:
    return template.replace("{}", value)


def measure(pairs: Iterable[Planted]) -> Outcome:
    """Import each pair as a sheet of its own and count what is told."""
    all_pairs = list(pairs)
    told = {pair.id: contradiction_told(pair) for pair in all_pairs}
    bad = [pair for pair in all_pairs if pair.contradicts]
    good = [pair for pair in all_pairs if not pair.contradicts]
    return Outcome(
        planted=len(bad),
        found=sum(told[pair.id] for pair in bad),
        innocent=len(good),
        flagged=sum(told[pair.id] for pair in good),
        missed=tuple(pair.id for pair in all_pairs if told[pair.id] is not pair.contradicts),
    )


def contradiction_told(pair: Planted) -> bool:
    draft = _draft(pair)
    nothing = known([], [])
    reviewed = review(draft, [compare(sheet, nothing) for sheet in draft.sheets], nothing)
    return any(problem.code.startswith(_CODE) for change in reviewed if change for problem in change.problems)


def _draft(pair: Planted) -> Draft:
    rows = [("编号", "问题", "答案"), ("1", *pair.one), ("2", *pair.other)]
    return read_file("\n".join("\t".join(row) for row in rows).encode(), "问答.tsv")
