"""The measure of key facts counts what it says, and the rules reach what was measured when they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.places import KEYFACTS
from eval.understanding.keyfacts import draft_all, figures, read_noted
from kb.errors import BadFile
from making import write_lines


def said(*texts: str, agent: str = "") -> list[dict[str, str]]:
    turns = [{"speaker": "buyer", "text": text} for text in texts]
    return [*turns, {"speaker": "agent", "text": agent}] if agent else turns


def test_counts_by_hand(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "half": "held", "turns": said("我要退货", agent="今天给您退款"), "topic": "售后·退货", "wish": "退货",
         "promises": ["给您退款"]},
        {"id": "2", "half": "held", "turns": said("我要退货"), "topic": "售后·退货", "wish": "换货", "promises": ["明天回电"]},
        {"id": "3", "half": "held", "turns": said("在吗"), "topic": "其他", "wish": ""},
        {"id": "4", "half": "seen", "turns": said("在吗"), "topic": "其他", "wish": ""},
    ]  # fmt: skip
    drafted = draft_all(read_noted(write_lines(tmp_path / "k.jsonl", rows), "held"))
    found = figures(drafted)
    assert {name: (row["precision"].value, row["precision"].n) for name, row in found.items()} == {
        "topic": (1.0, 2), "wish": (0.5, 2), "mood": (None, 0), "order": (None, 0), "promises": (1.0, 1),
    }  # fmt: skip
    assert (found["promises"]["recall"].value, found["promises"]["recall"].n) == (0.5, 2)
    assert [len(list(one.wrong())) for one in drafted] == [0, 2, 0]


@pytest.mark.parametrize("turns", [[], "退货", [{"speaker": "robot", "text": "x"}], [{"speaker": "buyer"}]])
def test_a_line_that_is_not_as_agreed_is_named(tmp_path: Path, turns: object) -> None:
    with pytest.raises(BadFile, match=r"k\.jsonl"):
        read_noted(write_lines(tmp_path / "k.jsonl", [{"id": "1", "half": "held", "turns": turns, "topic": "其他"}]))


def test_the_set_is_as_large_as_agreed_and_the_rules_hold_on_both_halves() -> None:
    halves = {half: read_noted(KEYFACTS, half) for half in ("seen", "held")}
    assert sum(map(len, halves.values())) >= 120 and min(map(len, halves.values())) >= 60
    assert len({noted.id for half in halves.values() for noted in half}) == sum(map(len, halves.values()))
    for noted in halves.values():
        found = figures(draft_all(noted))
        for name in ("topic", "wish", "promises"):
            assert min(figure.value or 0 for figure in found[name].values()) > 0.9, name
