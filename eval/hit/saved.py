"""A run as a file: the first line says what it is and what it was measured with, each further one is an outcome.

    {"form": "huashu-run/1", "about": {…}}
    {"qid", "query", "gold", "needs_context", "none", "ranked", "probability", "answerable", "told_answerable",
     "latency_ms", "quiet", "slices", "wanted", "shown": [{"key", "question", "phrasing", "probability", "band", "reasons"}],
     "miss": null | {"why", "features": [[name, number], …]}}

Messages are masked, and the conversation before them is not kept: comparing needs neither.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.cases import Case, rows
from eval.hit.outcome import Miss, Outcome, Run, Shown
from eval.report import Asked
from kb.errors import BadFile
from kb.language.mask import mask
from kb.model import Band

FORM = "huashu-run/1"
_REMEDY = "请给出 huashu eval hitrate --save 写出的文件。"


def write_run(run: Run, path: Path) -> None:
    """The same run gives the same bytes, but for the times it took."""
    lines: list[object] = [{"form": FORM, "about": dict(run.about)}, *(_line(one) for one in run.outcomes)]
    path.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8", newline="\n"
    )


def read_run(path: Path) -> Run:
    """Raises BadFile, naming file and line, for anything but such a file."""
    found = list(rows(path))
    if not found or found[0].values.get("form") != FORM:
        raise BadFile(f"{path.name}：不是保存的评测结果", remedy=_REMEDY)
    outcomes = []
    seen: dict[str, str] = {}
    for row in found[1:]:
        try:
            one = _outcome(row.values)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadFile(f"{row.where}：内容不完整（{error}）", remedy=_REMEDY) from error
        if (first := seen.setdefault(one.qid, row.where)) != row.where:
            raise BadFile(f"{row.where}：“qid”{one.qid} 重复了，前面已出现在 {first}", remedy=_REMEDY)
        outcomes.append(one)
    about = found[0].values.get("about")
    return Run(tuple(outcomes), about if isinstance(about, dict) else {})


def _line(one: Outcome) -> dict[str, object]:
    asked, case = one.asked, one.asked.case
    return {
        "qid": one.qid,
        "query": mask(case.query),
        "gold": sorted(case.gold),
        "needs_context": case.needs_context,
        "none": case.none,
        "ranked": list(asked.ranked),
        "probability": asked.top_probability,
        "answerable": asked.answerable,
        "told_answerable": asked.told_answerable,
        "latency_ms": round(asked.latency_ms, 3),
        "quiet": one.quiet,
        "slices": dict(one.slices),
        "wanted": list(one.wanted),
        "shown": [
            {"key": hit.key, "question": hit.question, "phrasing": hit.phrasing, "probability": hit.probability,
             "band": str(hit.band), "reasons": list(hit.reasons)}
            for hit in one.shown
        ],
        "miss": None if one.miss is None else {"why": one.miss.why, "features": [list(pair) for pair in one.miss.features]},
    }  # fmt: skip


def _outcome(values: Mapping[str, Any]) -> Outcome:
    case = Case(
        str(values["qid"]),
        str(values["query"]),
        gold=frozenset(map(str, values["gold"])),
        needs_context=values["needs_context"],
        none=str(values["none"]),
    )
    told = values["told_answerable"]
    asked = Asked(
        case,
        tuple(map(str, values["ranked"])),
        float(values["probability"]),
        float(values["latency_ms"]),
        bool(values["answerable"]),
        None if told is None else float(told),
    )
    slices = {str(sort): str(name) for sort, name in values["slices"].items()}
    shown = tuple(_shown(hit) for hit in values["shown"])
    return Outcome(
        asked, shown, bool(values["quiet"]), slices, tuple(map(str, values["wanted"])), _miss(values["miss"])
    )


def _shown(values: Mapping[str, Any]) -> Shown:
    reasons = tuple(map(str, values["reasons"]))
    band = Band(values["band"])
    return Shown(values["key"], values["question"], values["phrasing"], float(values["probability"]), band, reasons)


def _miss(values: Mapping[str, Any] | None) -> Miss | None:
    if values is None:
        return None
    return Miss(str(values["why"]), tuple((str(name), float(number)) for name, number in values["features"]))
