"""Which texts of an entry get a vector, and making only the vectors that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set

from kb.embed import Engine
from kb.errors import EngineFailed
from kb.language.text import text_hash
from kb.model import Entry
from kb.store.vectors import Vector

_BATCH = 8  # texts per call: a longer one would hold up the suggestions that need the model meanwhile

Progress = Callable[[int, int], None]


def texts_of(entry: Entry) -> Iterator[str]:
    """The question and every phrasing, negative ones too; for an entry without a question, its answers.

    Answers of a question are never embedded: the answer's words spoiling the match with the question is the
    loudest complaint about every peer (FastGPT #2917, ragflow #13602).
    """
    if entry.question:
        yield entry.question
    yield from (phrasing.text for phrasing in entry.phrasings)
    if not entry.askable():
        yield from (answer.text for answer in entry.answers)


def missing_vectors(
    engine: Engine, texts: Iterable[str], known: Set[str], progress: Progress | None = None
) -> dict[str, Vector]:
    """Vectors by text hash for the texts whose hash is not in `known`; shape (dim,) each.

    `progress` is called with (done, total) while the work goes on, at least once when there is any. Raises
    EngineFailed when the model fails.
    """
    wanted = {text_hash(text): text for text in texts}
    todo = [(key, text) for key, text in wanted.items() if key not in known]
    found: dict[str, Vector] = {}
    for start in range(0, len(todo), _BATCH):
        batch = todo[start : start + _BATCH]
        try:
            rows = engine.embed([text for _, text in batch])
        except Exception as error:  # a model can fail in any way; callers go on by words
            raise EngineFailed(f"语义模型出错：{error}") from error
        found.update((key, row) for (key, _), row in zip(batch, rows, strict=True))
        if progress:
            progress(len(found), len(todo))
    return found
