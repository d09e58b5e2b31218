"""`huashu eval` and `huashu bench` as a maintainer uses them; figures and formulas are held in tests/eval."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cli.places import DEMO, DESK, HEARD, PAIRS, TALK, TONE
from eval.cases import read_faq, read_queries
from terminal import ended


def lines(path: Path, *values: object) -> Path:
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("eval", "hitrate", "--engine", "none"), "--shop"),
        (("eval", "hitrate", "--faq", "only.jsonl", "--engine", "none"), "--queries"),
        (("eval", "scene", "--engine", "none"), "--shop"),
        (("eval", "tone", "no-such.jsonl"), "no-such.jsonl"),
        (("eval", "pairs", "no-such.jsonl", "--engine", "none"), "no-such.jsonl"),
        (("eval", "fit", f"demo={DEMO}", "--engine", "none"), "语义模型"),
        (("eval", "fit", "x=no-such-folder"), "存在的数据文件夹"),
        (("eval", "fit-tone", "no-such.jsonl"), "no-such.jsonl"),
        (("bench", "--engine", "none"), "语义模型"),
        (("bench", "peers", "anything", "--engine", "none"), "语义模型"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_mistakes_are_two_lines_and_exit_code_two(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ended(*arguments) == 2
    printed = capsys.readouterr()
    assert said in printed.err and "错误" in printed.err and printed.out == ""
    assert list(tmp_path.iterdir()) == []


def test_what_comes_with_the_project_is_there() -> None:
    assert all(path.is_file() for path in (PAIRS, TONE, DEMO / "shops.toml"))
    known = {line.id for line in read_faq(DESK / "faq.jsonl")}
    assert all(case.gold <= known for case in read_queries(DESK / "queries.jsonl"))


def test_tone_and_scene_are_told_as_a_table_or_as_one_object(tmp_path: Path, capsys: Any) -> None:
    moods = lines(tmp_path / "m.jsonl", {"text": "我要打12315投诉你们", "complaint": True, "escalation": True})
    assert ended("eval", "tone", moods, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"complaint", "escalation"} and told["escalation"]["recall"]["n"] == 1
    faq = lines(tmp_path / "f.jsonl", {"id": "A", "question": "什么时候发货", "answer": "48小时内", "scene": "售中"})
    queries = lines(tmp_path / "q.jsonl", {"qid": "1", "query": "什么时候发货", "gold": ["A"]})
    asked = ("eval", "scene", "--faq", faq, "--queries", queries, "--engine", "none")
    assert ended(*asked, "--json") == 0
    assert list(json.loads(capsys.readouterr().out)) == ["scene"]
    assert ended(*asked) == 0
    assert "指标" in capsys.readouterr().out


@dataclass
class Asked:
    """Stands where the lesson would be: what the command asked of it."""

    steps: int = 0
    arguments: tuple[Any, ...] = ()


@pytest.fixture
def lesson(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The command without torch and the ten minutes: the modules that need them are stood in for."""
    asked = Asked()

    def lesson(steps: int) -> int:
        asked.steps = steps
        return steps

    def tune(*arguments: Any) -> dict[str, object]:
        asked.arguments = arguments
        for bar in arguments[-2:]:
            bar(1, 2)
        return {"shops": ["desk"], "loss": 0.5}

    tuning = {"tune": tune, "tune_listening": tune}
    for name, thing in (("learn", {"Lesson": lesson}), ("listen", {"Listening": lesson}), ("tune", tuning)):
        module = ModuleType(f"eval.tuning.{name}")
        vars(module).update(thing)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return asked


def test_tuning_learns_from_the_desk_and_hides_all_that_is_scored(lesson: Asked, capsys: Any) -> None:
    command = ("eval", "tune", "--labelled", "pairs.jsonl", "--scored", "ant", "--scored", "shop", "--output", "t.npz")
    assert ended(*command, "--steps", "7") == 0
    assert lesson.steps == 7
    shops, labelled, scored, output = lesson.arguments[:4]
    assert shops == [DESK] and labelled == Path("pairs.jsonl") and output == Path("t.npz")
    assert scored == [Path("ant"), Path("shop")]
    assert json.loads(capsys.readouterr().out) == {"shops": ["desk"], "loss": 0.5}


def test_listening_learns_from_our_conversations_and_from_real_ones(lesson: Asked, capsys: Any) -> None:
    command = (
        "eval",
        "listen",
        "--sessions",
        "jd.jsonl",
        "--labelled",
        "pairs.jsonl",
        "--scored",
        "shop",
        "--output",
        "l.npz",
    )
    assert ended(*command, "--steps", "5") == 0
    shops, sessions, heard, labelled, scored, output = lesson.arguments[:6]
    assert lesson.steps == 5 and shops == [DESK, TALK] and (sessions, heard) == (Path("jd.jsonl"), HEARD)
    assert (labelled, scored, output) == (Path("pairs.jsonl"), [Path("shop")], Path("l.npz"))
    assert json.loads(capsys.readouterr().out)["loss"] == 0.5


@pytest.mark.parametrize("command", ["tune", "listen"])
def test_tuning_without_its_extra_says_what_to_install(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("eval.tuning")]:
        monkeypatch.delitem(sys.modules, name)
    assert ended("eval", command, "--output", tmp_path / "t.npz") == 2
    printed = capsys.readouterr().err
    assert "torch" in printed and "huashu[models]" in printed and "Traceback" not in printed
    assert not (tmp_path / "t.npz").exists()


def test_what_is_fitted_is_printed_and_written_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def fit_tone(*asked: Any) -> dict[str, Any]:
        return {"reviews": asked[0].name, "learned_from": asked[1].name, "calm": [path.name for path in asked[2]]}

    monkeypatch.setattr("eval.fitting.tone.fit_tone", fit_tone)
    monkeypatch.setattr("eval.fitting.tone.to_text", json.dumps)
    command = ("eval", "fit-tone", "r.jsonl", "--calm", "a", "--calm", "b")
    assert ended(*command) == 0
    alone = capsys.readouterr().out
    assert json.loads(alone) == {"reviews": "r.jsonl", "learned_from": TONE.name, "calm": ["a", "b"]}
    assert ended(*command, "--output", tmp_path / "tone.json") == 0
    assert capsys.readouterr().out == alone == (tmp_path / "tone.json").read_text("utf-8")
