"""Sentences whose breaches were marked by hand, held against the rule packs.

    {"id", "text", "platform", "category", "findings": [{"kind", "text"}], "half": "seen" | "held"}

A marked breach is found when a finding of its kind overlaps it; a finding is right when it overlaps a marked breach of its kind.
Several findings on one breach count once. Rules may be mended on the half that was seen; the other half judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import interval
from eval.cases import Row, rows
from eval.report import Figure
from kb.check.context import Context
from kb.check.finding import Concern, Finding, in_order
from kb.check.pack import shipped
from kb.check.view import View
from kb.check.weigh import objections

KINDS = (Concern.CONTACT, Concern.ABSOLUTE, Concern.PROMISE, Concern.MEDICAL)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One labelled sentence; `breaches` are (kind, start, end) in code points."""

    id: str
    text: str
    platform: str
    category: str
    breaches: tuple[tuple[Concern, int, int], ...]
    half: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules made of one sentence: the breaches they missed, and what they found for nothing."""

    sentence: Sentence
    found: tuple[Finding, ...]
    missed: tuple[tuple[Concern, int, int], ...]
    false: tuple[Finding, ...]


def read_sentences(path: Path, half: str = "") -> tuple[Sentence, ...]:
    """The sentences of a file, of one half where it is named; BadFile names the line that is not as agreed."""
    found = tuple(_sentence(row) for row in rows(path))
    return tuple(one for one in found if not half or one.half == half)


def judge(sentences: Iterable[Sentence], context: Context | None = None) -> tuple[Verdict, ...]:
    """Hold each sentence against the packs that are shipped and what was learned; without `context` by words alone."""
    return tuple(_judge(one, context) for one in sentences)


def figures(verdicts: Sequence[Verdict]) -> dict[str, dict[str, Figure]]:
    """Recall and precision by kind and for all kinds, with 95 % intervals; and of sentences, whatever was found in them."""
    return {str(kind): _of_kind(verdicts, (kind,)) for kind in KINDS} | {
        "all": _of_kind(verdicts, KINDS),
        "sentences": _of_sentences(verdicts),
    }


def _judge(one: Sentence, context: Context | None) -> Verdict:
    found = in_order(objections(View(one.text), shipped(), one.platform, one.category, context))
    missed = tuple(b for b in one.breaches if not any(_meets(f, b) for f in found))
    false = tuple(f for f in found if not any(_meets(f, b) for b in one.breaches))
    return Verdict(one, found, missed, false)


def _meets(found: Finding, marked: tuple[Concern, int, int]) -> bool:
    kind, start, end = marked
    return found.concern is kind and found.start < end and start < found.end


def _of_kind(verdicts: Sequence[Verdict], kinds: Sequence[Concern]) -> dict[str, Figure]:
    marked, missed, false = Counter[str](), Counter[str](), Counter[str]()
    for one in verdicts:
        marked["n"] += sum(b[0] in kinds for b in one.sentence.breaches)
        missed["n"] += sum(b[0] in kinds for b in one.missed)
        false["n"] += sum(f.concern in kinds for f in one.false)
    caught = marked["n"] - missed["n"]
    return {"recall": _share(caught, marked["n"]), "precision": _share(caught, caught + false["n"])}


def _of_sentences(verdicts: Sequence[Verdict]) -> dict[str, Figure]:
    bad = [one for one in verdicts if one.sentence.breaches]
    flagged = [one for one in verdicts if one.found]
    both = sum(bool(one.found) for one in bad)
    return {"recall": _share(both, len(bad)), "precision": _share(both, len(flagged))}


def _share(part: int, whole: int) -> Figure:
    return Figure(part / whole if whole else None, whole, *interval.proportion(part, whole))


def _sentence(row: Row) -> Sentence:
    text, marks = row.values.get("text"), row.values.get("findings")
    if not isinstance(text, str) or not isinstance(marks, list):
        raise row.wrong("要有“text”和“findings”")
    found = []
    for mark in marks:
        kind, part = mark.get("kind"), mark.get("text")
        if kind not in set(KINDS) or not isinstance(part, str) or part not in text:
            raise row.wrong("“findings”里的“kind”不认识，或“text”不在句子里")
        start = text.index(part)
        found.append((Concern(kind), start, start + len(part)))
    half, platform, category = (str(row.values.get(name) or "") for name in ("half", "platform", "category"))
    return Sentence(row.name("id"), text, platform, category, tuple(found), half)
