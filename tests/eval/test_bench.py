"""The benchmark measures the real thing: a service in its own process, at a size that takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval.bench.figures import Figure, machine, to_table
from eval.bench.peers import Answered
from eval.bench.texts import read_texts
from eval.bench.town import build_town, embed_pool, left_behind, slug_of, unserved
from eval.cases import Case
from kb.embed import Engine
from kb.errors import BadFile
from kb.language.text import bare
from kb.shelf import Shelf
from kb.store.folder import DataFolder
from making import BagEngine

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo"


def quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.mark.slow
def test_it_runs_against_the_real_service(real_engine: Engine, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(f"第{n}种面料的{what}怎么选" for n in range(12) for what in ("外套", "裙子")), "utf-8")
    sizes = ("--merchants", "2", "--entries", "5", "--big", "12", "--rounds", "2", "--block", "10")
    command = [sys.executable, "-m", "huashu", "bench", "--folder", tmp_path / "bench", "--texts", texts, *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "bench" / "speed.json").read_text("utf-8"))
    figures = {figure["what"]: figure for figure in report["figures"]}
    assert report["machine"]["cores"] >= 1
    assert figures["suggest p50"]["n"] == 20 and len(figures["suggest p50"]["values"]) == 2
    # Whatever the machine does: an answer costs more than its embedding, and a remembered question less than a new one.
    assert figures["suggest：服务用的处理器时间，每问"]["value"] > 0
    assert figures["重复的问题 p50"]["value"] < figures["suggest p50"]["value"]
    assert 0 < figures["suggest ÷ 引擎"]["value"] < 1.2
    memory = [figure for name, figure in figures.items() if name.startswith("内存")]
    assert len(memory) == (2 if sys.platform == "linux" else 0)
    assert "suggest p50" in done.stdout


def test_without_sentences_of_your_own_the_demo_shops_speak() -> None:
    texts = read_texts(None, DEMO, seed=7)
    assert len(texts.known) > 4 * len(texts.asked) - 5 > 0
    assert read_texts(None, DEMO, seed=7) == texts != read_texts(None, DEMO, seed=8)


def test_no_question_is_asked_twice_or_known_word_for_word(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join([f"问题{n}" for n in range(40)] + ["请问问题3呀", "", "问题4"]), "utf-8")
    texts = read_texts(file, DEMO, seed=1)
    assert len(texts.known) + len(texts.asked) == 40
    stream = texts.questions(seed=1)
    asked = [next(stream) for _ in range(500)]
    assert len(set(asked)) == 500
    assert not {bare(q) for q in asked} & {bare(t) for t in texts.known}


def test_too_few_sentences_and_no_file_are_our_errors(tmp_path: Path) -> None:
    (tmp_path / "few.txt").write_text("包邮吗\n", "utf-8")
    for name in ("few.txt", "none.txt"):
        with pytest.raises(BadFile):
            read_texts(tmp_path / name, DEMO, seed=1)


def test_a_town_is_whole_and_made_once(tmp_path: Path) -> None:
    engine, texts = BagEngine(), read_texts(None, DEMO, seed=3)
    vectors = embed_pool(texts.known, engine, tmp_path, 2, quiet)
    assert np.array_equal(vectors, engine.embed(texts.known))
    spent = len(engine.embedded)
    assert np.array_equal(embed_pool(texts.known, engine, tmp_path, 2, quiet), vectors)
    assert len(engine.embedded) == spent  # the second time they come from the file
    keys = {
        build_town(tmp_path / "town", texts, vectors, engine, merchants=3, entries=9, seed=3, progress=quiet)
        for _ in range(2)
    }
    with DataFolder(tmp_path / "town") as folder:
        [key] = keys
        assert folder.hub.grant_of_key(key).shops == tuple(map(slug_of, range(3)))
        shelf = Shelf(folder, engine)
        for shard in (shelf.shard(slug_of(n)) for n in range(3)):
            assert shard.complete and (len(shard.entries), len(shard.lines)) == (9, 18)
        shelf.keep(slug_of(1))
    assert left_behind(tmp_path / "town") == [slug_of(0), slug_of(2)]
    unserved(tmp_path / "town")
    assert left_behind(tmp_path / "town") == [slug_of(0), slug_of(1), slug_of(2)]


def test_a_small_pool_serves_a_large_shop(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(f"问题{n}" for n in range(25)), "utf-8")
    engine, texts = BagEngine(), read_texts(file, DEMO, seed=1)
    vectors = engine.embed(texts.known)
    build_town(tmp_path / "town", texts, vectors, engine, merchants=1, entries=50, seed=1, progress=quiet)
    with DataFolder(tmp_path / "town") as folder:
        assert len(Shelf(folder, engine).shard(slug_of(0)).exact) == 100


def test_figures_say_whether_their_goal_is_met() -> None:
    slow = Figure("延迟", (9.0, 1.0, 2.0), "毫秒", 3, most=4.0)
    assert (slow.value, slow.met, slow.to_json()["values"]) == (2.0, True, (9.0, 1.0, 2.0))
    assert Figure("吞吐", (0.7,), "", 1, least=0.8).met is False
    assert Figure("内存", (0.7,), "MB", 1).met is None
    assert to_table("表", [slow]).row_count == 1
    assert machine()["cores"] >= 1


def test_a_hit_is_a_gold_entry_among_the_first() -> None:
    cases = [Case("1", "a", gold=frozenset("x")), Case("2", "b", gold=frozenset("yz"))]
    found = Answered([["w", "x"], ["z"]], (1.0,), (2.0,))
    assert (found.hit(cases, 1), found.hit(cases, 2)) == (0.5, 1.0)
