"""What is made of the encoder can be made again: the same bytes, only from what it may see; and the network learns as it should."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval.fitting import mlp
from eval.fitting.context import Floats, fit_context, parts, to_text
from eval.fitting.mlp import Plan, learn
from kb.check.context import Head
from kb.check.view import Read

ROOT = Path(__file__).resolve().parents[3]


class Letters:
    """Stands for the encoder: a few numbers that a character always has."""

    def __init__(self) -> None:
        self.texts = list[str]()

    def __call__(self, read: Read) -> Floats:
        self.texts.append(read.text)
        return np.stack([np.random.default_rng(ord(c)).normal(size=8) for c in read.text]).astype(np.float32)


def write(path: Path, half: str, texts: list[tuple[str, str]], extra: str = "") -> Path:
    rows = [
        {"id": f"{half}{n}", "text": text, "platform": "", "category": "", "half": half}
        | {"findings": [{"kind": "contact", "text": part}] if part else []}
        for n, (text, part) in enumerate(texts)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows) + extra, "utf-8")
    return path


def test_the_same_sentences_make_the_same_bytes_and_the_half_that_judges_is_not_read(tmp_path: Path) -> None:
    texts = [(f"{a}加薇信{b}", "加薇信") for a in "甲乙丙" for b in "东南西"] + [
        (f"{a}加购{b}", "") for a in "丁戊己" for b in "上中下"
    ]
    held = json.dumps(
        {"id": "h", "text": "天机不可泄露", "platform": "", "category": "", "half": "held", "findings": []}
    )
    seen = write(tmp_path / "seen.jsonl", "seen", texts, held + "\n")
    taught = write(tmp_path / "taught.jsonl", "taught", [(f"亲{text}", part) for text, part in texts])
    letters = Letters()
    data, about = fit_context(seen, taught, states=lambda: letters)
    again, once_more = fit_context(seen, taught, states=Letters)
    assert data == again and to_text(about) == to_text(once_more)
    assert len(letters.texts) == 2 * len(texts) and not any("泄露" in text for text in letters.texts)


def test_near_copies_are_never_on_both_sides() -> None:
    texts = [f"{subject}加我微信领优惠券{n}" for subject in ("衬衫", "奶粉") for n in range(4)] + list(
        "甲乙丙丁戊己庚辛"
    )
    found = parts(texts)
    assert len(set(found[:8].tolist())) == 1
    assert sorted(set(found.tolist())) == [0, 1, 2, 3, 4]


def test_slopes_are_those_of_the_loss() -> None:
    chance = np.random.default_rng(3)
    values, right = chance.normal(size=(7, 5)), chance.random((7, 2)) > 0.5
    parts_ = [chance.normal(size=shape) for shape in ((5, 4), (4,), (4, 2), (2,))]
    kept = np.array([[1.25, 0, 1.25, 1.25]])

    def loss() -> float:
        odds = np.maximum(values @ parts_[0] + parts_[1], 0) * kept @ parts_[2] + parts_[3]
        return float((np.logaddexp(0, odds) - right * odds).mean())

    slopes = mlp._slopes(values, right, parts_, kept)  # type: ignore[arg-type]
    for part, slope in zip(parts_, slopes, strict=True):
        for at in np.ndindex(part.shape):
            part[at] += 1e-5
            above = loss()
            part[at] -= 2e-5
            below = loss()
            part[at] += 1e-5
            assert slope[at] == pytest.approx((above - below) / 2e-5, abs=2e-5)


def test_it_learns_what_no_line_divides() -> None:
    values = np.random.default_rng(1).normal(size=(2000, 2)).astype(np.float32)
    right = (values[:, :1] * values[:, 1:]) > 0
    inner, low, outer, high = learn(values, right, Plan(hidden=32, epochs=30, unseen=0.0, dropped=0.0, rate=1e-2))
    unit = np.ones(2, np.float32)
    assert ((Head(0 * unit, unit, inner, low, outer, high).scores(values) > 0) == right).mean() > 0.95


def test_what_is_shipped_is_small_and_says_where_it_comes_from() -> None:
    folder = ROOT / "kb" / "check"
    about = json.loads((folder / "context.json").read_text("utf-8"))
    assert (folder / "context.npz").stat().st_size < 400_000
    assert about["provenance"]["fitted_by"] == "huashu eval fit-context"
    assert about["provenance"]["sentences"] > 5_000
