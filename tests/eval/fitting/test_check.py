"""What the check has learned can be learned again: the same bytes, and only from what it may see."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from eval.fitting.check import fit_check, to_text
from kb.check.scorer import CONCERNS, from_json, learned
from kb.check.view import View

SETS = Path(__file__).resolve().parents[3] / "eval" / "sets"
NEARLY = 88


def line(number: int, text: str, half: str, kind: str = "") -> str:
    found = [{"kind": kind, "text": text}] if kind else []
    row = {"id": f"x{number}", "text": text, "platform": "", "category": "", "findings": found, "half": half}
    return json.dumps(row, ensure_ascii=False) + "\n"


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    bad, fine = "加薇信领券", "加购领券"
    texts = [(f"{bad}{n}", "contact") for n in "甲乙丙丁戊己"] + [(f"{fine}{n}", "") for n in "甲乙丙丁戊己"]
    seen, taught = tmp_path / "seen.jsonl", tmp_path / "taught.jsonl"
    rows = [line(n, text, "seen", kind) for n, (text, kind) in enumerate(texts)]
    seen.write_text("".join(rows) + line(99, "天机不可泄露", "held", "contact"), "utf-8")
    taught.write_text("".join(line(n, f"亲{text}", "taught", kind) for n, (text, kind) in enumerate(texts)), "utf-8")
    return seen, taught


def test_the_same_sentences_make_the_same_bytes_and_tell_bad_from_fine(small: tuple[Path, Path]) -> None:
    data = fit_check(*small)
    assert to_text(data) == to_text(fit_check(*small))
    scorer = from_json(json.loads(to_text(data)))
    column = CONCERNS.index(CONCERNS[0])
    bad, fine = (scorer.scores(View(text).tight)[:, column].max() for text in ("加薇信", "加购"))
    assert bad > fine


def test_the_half_that_judges_is_not_looked_at(small: tuple[Path, Path]) -> None:
    assert "泄露" not in to_text(fit_check(*small))


def test_what_is_shipped_is_small_and_says_where_it_comes_from() -> None:
    path = Path(__file__).resolve().parents[3] / "kb" / "check" / "learned.json"
    data = json.loads(path.read_text("utf-8"))
    taught = (SETS / "compliance_taught.jsonl").read_text("utf-8").splitlines()
    assert path.stat().st_size < 300_000
    assert data["provenance"]["sentences"]["compliance_taught"] == len(taught)
    assert set(learned().bars) == set(CONCERNS)


def bare(name: str, *halves: str) -> list[str]:
    found = (json.loads(row) for row in (SETS / name).read_text("utf-8").splitlines())
    return [re.sub(r"\W", "", row["text"]).lower() for row in found if row["half"] in halves]


def test_no_sentence_that_judges_is_nearly_among_those_that_teach() -> None:
    """Told as a number only: what judges is not to be read."""
    taught, judging = bare("compliance_taught.jsonl", "taught"), bare("compliance.jsonl", "held")
    alike = process.cdist(taught, judging, scorer=fuzz.ratio, score_cutoff=NEARLY, dtype=np.uint8)
    assert int((alike > 0).sum()) == 0
    assert len(set(taught) & set(bare("compliance_fresh.jsonl", "fresh"))) == 0
