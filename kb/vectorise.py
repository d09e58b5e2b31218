"""Which texts of an entry get a vector, and making only the vectors that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

from kb.embed import Engine, sound
from kb.errors import EngineFailed
from kb.language.text import text_hash
from kb.model import Entry
from kb.store.vectors import Vector

_BATCH = 8  # texts per call: a longer one would hold up the suggestions that need the model meanwhile

Progress = Callable[[int, int], None]  # (done, total)
Stopped = Callable[[], bool]


def never() -> bool:
    """Nobody stops this."""
    return False


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
    todo = wanting(texts, known)
    found: dict[str, Vector] = {}
    for batch in batches(engine, todo, _BATCH):
        found |= batch
        if progress:
            progress(len(found), len(todo))
    return found


def wanting(texts: Iterable[str], known: Set[str]) -> dict[str, str]:
    """The texts whose hash is not in `known`, by hash: the same text twice is one."""
    wanted = {text_hash(text): text for text in texts}
    return {key: text for key, text in wanted.items() if key not in known}


def batches(
    engine: Engine, todo: Mapping[str, str], size: int, stopped: Stopped = never
) -> Iterator[dict[str, Vector]]:
    """The vectors of texts by hash, `size` at a time; `stopped` is asked every few texts, and then what is made so far
    comes out as the last batch. Raises EngineFailed when the model fails."""
    found: dict[str, Vector] = {}
    keys = list(todo)
    for start in range(0, len(keys), _BATCH):
        if stopped():
            break
        call = keys[start : start + _BATCH]
        found.update(zip(call, _embed(engine, [todo[key] for key in call]), strict=True))
        if len(found) >= size:
            yield found
            found = {}
    if found:
        yield found


def _embed(engine: Engine, texts: Sequence[str]) -> Sequence[Vector]:
    try:
        return list(sound(engine.embed(texts)))
    except Exception as error:  # a model can fail in any way; callers go on by words
        raise EngineFailed(f"语义模型出错：{error}") from error
