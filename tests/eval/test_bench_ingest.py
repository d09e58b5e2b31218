"""The benchmark of imports measures the real thing, at a size that takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.bench.ingest import FILE, sheet_of
from eval.bench.texts import read_texts
from ingest.importer import read_file
from kb.embed import Engine

ROOT = Path(__file__).resolve().parents[2]
TEXTS = read_texts(None, ROOT / "demo", seed=1)


def test_a_sheet_is_the_same_for_the_same_seed_and_a_merchants_own() -> None:
    def content(seed: int) -> list[tuple[str, str]]:
        draft = read_file(sheet_of(TEXTS, 50, seed), FILE)
        assert draft.problems == []
        [sheet] = draft.sheets
        return [(each.entry.key, each.entry.question) for each in sheet.entries]

    assert content(7) == content(7) != content(8)
    assert len({question for _, question in content(7)}) == 50


@pytest.mark.slow
def test_it_runs_against_the_real_service(real_engine: Engine, tmp_path: Path) -> None:
    sizes = ("--rows", "40", "--sample", "20", "--calm", "5", "--rounds", "2")
    command = [sys.executable, "-m", "huashu", "bench", "ingest", "--folder", str(tmp_path / "bench"), *sizes]
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(f"第{n}种面料的外套怎么选" for n in range(30)), "utf-8")
    command += ["--texts", str(texts)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "bench" / "ingest.json").read_text("utf-8"))
    figures = {figure["what"]: figure for figure in report["figures"]}
    assert figures["读取 40 行的 xlsx"]["n"] == 40 and len(figures["读取 40 行的 xlsx"]["values"]) == 2
    # Whatever the machine does: an import cannot embed much faster than the engine, and the same file embeds nothing.
    assert 0 < figures["导入时生成向量 ÷ 引擎单独"]["value"] < 1.5
    assert figures["整个导入（含读取、比对、写入）÷ 引擎单独"]["value"] < figures["导入时生成向量 ÷ 引擎单独"]["value"]
    assert figures["再导入时生成的向量"]["values"] == [0, 0]
    assert figures["没有导入时 suggest p50"]["n"] == 5 and figures["导入 40 行时 suggest p99"]["n"] >= 1
    goals = [name for name, figure in figures.items() if figure["met"] is not None]
    assert len(goals) == 5 and "suggest p99" in done.stdout
