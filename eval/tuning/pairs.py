"""What the model learns from: pairs of texts that ask the same, each with the names of what it asks."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.cases import read_faq, read_queries, rows
from kb.language.conversation import prepared, understand
from kb.language.text import clean


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that ask the same; `about` holds what, so that its twins in a batch are not taken for rivals."""

    left: str
    right: str
    about: frozenset[str]


def from_shop(folder: Path, chance: random.Random) -> list[Pair]:
    """Of a shop's faq.jsonl and queries.jsonl: phrasings beside each other, messages beside phrasings of their entry.

    A message that needs its conversation is only shown within it, the others both ways.
    """
    lines = {
        line.id: [clean(text) for text in (line.question, *line.phrasings)] for line in read_faq(folder / "faq.jsonl")
    }
    pairs = []
    for name, texts in lines.items():
        rest = [*texts[1:], texts[0]]
        pairs += [
            Pair(left, right, frozenset([name])) for left, right in zip(texts, rest, strict=True) if left != right
        ]
    for case in read_queries(folder / "queries.jsonl"):
        said = understand(prepared(case.query), case.turns)
        views = [said.talk] if case.needs_context else [*dict.fromkeys((said.own, said.talk))]
        for name in sorted(case.gold):
            # Two phrasings for each message, whether it has one view or two.
            texts = chance.sample(lines[name], min(2, len(lines[name])))
            pairs += [Pair(views[i % len(views)], text, case.gold) for i, text in enumerate(texts)]
    return pairs


def from_labelled(file: Path, unseen: Collection[str], chance: random.Random, most: int) -> list[Pair]:
    """Of lines {"q1", "q2", "label"}: those labelled 1 of which neither text is to stay `unseen`; at most `most`."""
    pairs = []
    for row in rows(file):
        left, right = clean(row.text("q1")), clean(row.text("q2"))
        if row.values.get("label") not in (0, 1):
            raise row.wrong("“label”应是 0 或 1")
        if row.values["label"] == 1 and left not in unseen and right not in unseen:
            pairs.append(Pair(left, right, frozenset([left, right])))
    chance.shuffle(pairs)
    return pairs[:most]


def texts_of(folder: Path) -> set[str]:
    """Every question, phrasing and message of a set: what must stay unseen where the set is to be scored."""
    faq = {clean(text) for line in read_faq(folder / "faq.jsonl") for text in (line.question, *line.phrasings)}
    cases = [*read_queries(folder / "queries.jsonl")]
    return faq | {clean(case.query) for case in cases} | {understand(prepared(case.query)).own for case in cases}


def lines_of(folder: Path) -> Sequence[str]:
    """The questions and phrasings of a set, clean, in its order."""
    return [clean(text) for line in read_faq(folder / "faq.jsonl") for text in (line.question, *line.phrasings)]
