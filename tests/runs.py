"""Runs made by hand, for the tests of what is done with them."""

from __future__ import annotations

from collections.abc import Sequence

from eval.cases import Case
from eval.hit.outcome import Miss, Outcome, Run, Shown
from eval.report import Asked
from kb.model import Band

GOLD = frozenset({"gold"})


def outcome(
    qid: str,
    rank: int | None,
    probability: float = 0.8,
    *,
    band: Band = Band.DIRECT,
    answerable: bool = True,
    quiet: bool = False,
    slices: dict[str, str] | None = None,
    query: str = "几天发货",
) -> Outcome:
    """A case whose right entry came at `rank` of ten; None: nowhere."""
    ranked = [f"other{place}" for place in range(10)]
    if rank is not None:
        ranked[rank - 1] = "gold"
    case = Case(qid, query, gold=GOLD if answerable else frozenset(), none="" if answerable else "chitchat")
    asked = Asked(case, tuple(ranked), probability, 5.0, answerable, probability)
    shown = (Shown(ranked[0], f"问题 {ranked[0]}", "问法", probability, band, ("语义相近 0.90",)),)
    miss = None if rank == 1 or not answerable else Miss("outranked", (("alone_cosine", 1.25),))
    return Outcome(asked, shown, quiet, slices or {}, ("几天能到",) if answerable else (), miss)


def run_of(ranks: Sequence[int | None], **about: str) -> Run:
    """A run of answerable cases q0, q1, … with these ranks, halved into two scenes."""
    halves = ({"scene": "售后", "needs_context": "alone"}, {"scene": "售前", "needs_context": "alone"})
    outcomes = [outcome(f"q{i}", rank, slices=halves[i % 2]) for i, rank in enumerate(ranks)]
    return Run(tuple(outcomes), {"engine": "none", "seed": 7, "shop": "青罗", **about})
