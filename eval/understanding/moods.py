"""Messages whose mood is known, read: what a person called a complaint, a threat, urgent — and what is calm.

    moods  {"text", "complaint" | "negative": true/false/1/0, "escalation"?: bool, "urgent"?: bool, "cat"?: str}
    calm   any of question, phrasings, query, q1, q2; or {"turns": [{"role": "customer", "messages": [str]}]}

One JSON object a line, other keys ignored. `negative` is what the review sets call it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.cases import Row, rows

_CALM_KEYS = ("question", "query", "q1", "q2")


@dataclass(frozen=True, slots=True)
class Mood:
    """One text and what a person heard in it; None where the file does not say."""

    text: str
    complaint: bool
    escalation: bool | None = None
    urgent: bool | None = None
    about: str = ""  # the sort of goods


def read_moods(path: Path) -> tuple[Mood, ...]:
    """Every labelled text of a file. Raises BadFile naming the line that is not as agreed."""
    return tuple(_mood(row) for row in rows(path))


def read_calm(path: Path) -> tuple[str, ...]:
    """Every different text of a file of service questions or conversations, in file order."""
    return tuple(dict.fromkeys(text for row in rows(path) for text in _calm(row) if text.strip()))


def _mood(row: Row) -> Mood:
    key = "complaint" if "complaint" in row.values else "negative"
    told = row.values.get(key)
    if told not in (0, 1):  # True and False are 1 and 0
        raise row.wrong("“complaint”（或“negative”）应是 true 或 false")
    return Mood(row.text("text"), bool(told), row.flag("escalation"), row.flag("urgent"), row.text("cat", ""))


def _calm(row: Row) -> Iterator[str]:
    yield from (row.text(key) for key in _CALM_KEYS if key in row.values)
    yield from row.texts("phrasings")
    turns = row.values.get("turns")
    for turn in turns if isinstance(turns, list) else []:
        if isinstance(turn, dict) and turn.get("role") == "customer":
            yield " ".join(row.string("messages", message) for message in turn.get("messages", []))
