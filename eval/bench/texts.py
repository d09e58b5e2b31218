"""The sentences of a benchmark: some that shops know, others that buyers ask. Same seed, same sentences."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from eval.cases import read_queries, read_refuse
from ingest.folder import read_shops
from kb.errors import BadFile
from kb.language.text import bare

_ASKED_SHARE = 5  # one sentence in five is asked, the others are known
_FEWEST = 20
_OPENINGS = ("请问", "想问下", "那", "如果", "我买的", "你们家的")


@dataclass(frozen=True, slots=True)
class Texts:
    """Distinct sentences: what shops know, and what is asked (never word for word what is known)."""

    known: tuple[str, ...]
    asked: tuple[str, ...]
    origin: str

    def questions(self, seed: int) -> Iterator[str]:
        """Questions without end, no two alike: first those of the file, then two of them in one breath."""
        yield from self.asked
        draw = random.Random(seed)  # noqa: S311 (a benchmark's choice, no secret)
        for number in count(1):
            first, second = draw.choice(self.asked), draw.choice(self.asked)
            yield f"{first}，{second}{number}"


def read_texts(path: Path | None, demo: Path, seed: int) -> Texts:
    """One sentence a line from `path`; without one, what the demo shops' buyers and sheets say. Raises BadFile."""
    lines = _lines(path) if path is not None else _demo_lines(demo)
    unique = list({bare(line): line for line in lines if bare(line)}.values())
    if len(unique) < _FEWEST:
        raise BadFile(f"{path or demo}：句子太少，至少要 {_FEWEST} 句不同的。", remedy="每行写一句买家的话。")
    random.Random(seed).shuffle(unique)  # noqa: S311
    cut = max(len(unique) // _ASKED_SHARE, 1)
    return Texts(tuple(unique[cut:]), tuple(unique[:cut]), path.name if path is not None else "demo")


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines()]
    except OSError as error:
        raise BadFile(f"{path.name}：打不开（{error.strerror}）", remedy="请检查路径和读取权限。") from error


def _demo_lines(demo: Path) -> list[str]:
    """The buyers' messages of the demo shops, each also with the openings people use: a few thousand sentences."""
    folders = [shop.folder for shop in read_shops(demo)]
    cases = [case for folder in folders for case in read_queries(folder / "gold.jsonl")]
    cases += [case for folder in folders for case in read_refuse(folder / "refuse.jsonl")]
    return [opening + case.query for opening in ("", *_OPENINGS) for case in cases]
