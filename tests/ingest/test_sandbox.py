"""The sandbox: however a child ends, the service goes on and says why."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import sandbox
from ingest.gate import Format
from ingest.sandbox import child, parse_apart, wire
from ingest.sheet import Row, Sheet
from kb.errors import BadFile, Busy, HuashuError, TooLarge

Make = Callable[..., bytes]
RESTRAIN = "from ingest.sandbox.child import restrain; restrain(512 * 1024 * 1024, 1);"


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = threading.active_count()  # other tests of the process keep threads of their own
    yield
    assert threading.active_count() <= before + 2
    assert sandbox._places._value == sandbox.AT_ONCE


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A child that does something else."""
    boot = "import sys,json;sys.path[:]=json.loads(sys.argv[1]);" + code
    monkeypatch.setattr(sandbox, "_BOOT", boot)


def refused(data: bytes = b"a,b") -> HuashuError:
    with pytest.raises(HuashuError) as caught:
        parse_apart(Format.TABLE, data, "表.csv")
    assert "表.csv" in caught.value.message
    return caught.value


def test_a_child_gives_what_the_parser_gives() -> None:
    (sheet,) = parse_apart(Format.TABLE, "问题,答案\n怎么退,可以\n".encode(), "表.csv")
    assert sheet == Sheet("Sheet1", (Row(1, ("问题", "答案")), Row(2, ("怎么退", "可以"))))
    assert parse_apart(Format.TABLE, b"\n", "空白.csv") == []


def test_a_refusal_comes_across_word_for_word() -> None:
    error = refused(b",".join([b"x"] * 201))
    assert isinstance(error, TooLarge)
    assert "201 列" in error.message
    with pytest.raises(BadFile) as caught:
        parse_apart(Format.TEXT, "今天天气很好，适合出门。".encode(), "日记.txt")
    assert "问：" in caught.value.advice


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        "import os; os.kill(os.getpid(), 11)",
        "raise SystemExit(3)",
        "import nothing_of_that_name",
        "print('{\"sheet\"')",
        'print(\'["sheet","a"]\\n["rows",[[1,[2]]]]\\n["end"]\')',
        'print(\'["rows",[]]\\n["end"]\')',
        'print(\'["sheet","a"]\\n["rows",[[1,["x"]]]]\')',
        'print(\'["refused","SystemExit","x","y"]\')',
        "print('[' * 100000)",
        "sys.stdout.close(); sys.stdin.close()",
    ],
)
def test_a_child_that_dies_or_lies_is_a_bad_file(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    instead(monkeypatch, code)
    assert isinstance(refused(b"x" * 300_000), BadFile)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MEMORY", 100 * 1024 * 1024)
    error = parse_error(b"[" + b"{}," * 1_500_000 + b"{}]")
    assert isinstance(error, TooLarge)
    assert "内存" in error.message


def parse_error(data: bytes) -> HuashuError:
    with pytest.raises(HuashuError) as caught:
        parse_apart(Format.JSON, data, "表.json")
    return caught.value


def test_processor_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, RESTRAIN + "any(iter(int, 1))")
    started = time.perf_counter()
    error = refused()
    assert isinstance(error, TooLarge)
    assert "太久" in error.message
    assert time.perf_counter() - started < 20


def test_the_clock_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(sandbox, "WALL_S", 0.2)
    error = refused()
    assert isinstance(error, TooLarge)
    assert "太长时间" in error.message


def test_output_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(
        monkeypatch,
        'print(\'["sheet","a"]\', flush=True)\nwhile True: print(\'["rows",[[1,["xxxxxxxxxxxxxxxxxxxx"]]]]\')',
    )
    monkeypatch.setattr(sandbox, "MAX_OUTPUT", 100_000)
    error = refused()
    assert isinstance(error, TooLarge)
    assert "太多" in error.message
    instead(monkeypatch, "print('x' * 1000000)")
    assert isinstance(refused(), TooLarge)


def test_a_child_is_stopped_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import time; time.sleep(60)")
    others = children() if sys.platform == "linux" else set()  # services that other tests have started
    started = time.perf_counter()
    with pytest.raises(Busy, match="停止"):
        parse_apart(Format.TABLE, b"a", "表.csv", lambda: time.perf_counter() - started > 0.2)
    assert time.perf_counter() - started < 10
    if sys.platform == "linux":
        assert children() <= others


def test_files_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_QUEUE_S", 0.1)
    held = [sandbox._places.acquire() for _ in range(sandbox.AT_ONCE)]
    try:
        with pytest.raises(Busy, match="太多"):
            parse_apart(Format.TABLE, b"a", "表.csv")
        with pytest.raises(Busy, match="停止"):
            parse_apart(Format.TABLE, b"a", "表.csv", lambda: True)
    finally:
        for _ in held:
            sandbox._places.release()


def test_a_machine_without_processes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Busy):
        parse_apart(Format.TABLE, b"a", "表.csv")


@pytest.mark.skipif(sys.platform != "linux", reason="limits are those of Linux")
def test_a_child_owns_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("HUASHU_SECRET", "x")
    probe = (
        "import os, json, resource as r\n"
        + RESTRAIN.replace("1);", "5)")
        + "\n"
        + "def tried(act):\n try: act(); return 'done'\n except OSError as e: return type(e).__name__\n"
        + f"path = {str(tmp_path)!r} + '/x'\n"
        + "def write():\n with open(path, 'w') as f: f.write('x')\n"
        + "got = [','.join(os.environ), os.getcwd(), str(r.getrlimit(r.RLIMIT_CORE)), tried(write), str(r.getrlimit(r.RLIMIT_NPROC))]\n"
        + "print(json.dumps(['sheet', 'x'])); print(json.dumps(['rows', [[1, got]]])); print('[\"end\"]')"
    )
    instead(monkeypatch, probe)
    (sheet,) = parse_apart(Format.TABLE, b"a", "表.csv")
    environment, folder, core, written, processes = sheet.rows[0].cells
    assert "HUASHU_SECRET" not in environment
    assert "PYTHONPATH" not in environment
    assert (folder, core, written, processes) == ("/", "(0, 0)", "OSError", "(0, 0)")


def test_a_child_finds_the_package_from_anywhere(tmp_path: object) -> None:
    """As installed: neither the working directory nor PYTHONPATH is what it lives on."""
    root = str(sandbox._ROOT)
    code = (
        f"import sys; sys.path.insert(0, {root!r}); from ingest.readers import read\n"
        "print(read(b'a,b\\n1,2\\n' * 40_000 + (b'x' * 90 + b'\\n') * 9_000, 'a.csv')[0].rows[1].cells)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=str(tmp_path), capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "('1', '2')", done.stderr


def test_the_child_starts_quickly() -> None:
    def once() -> float:
        started = time.perf_counter()
        parse_apart(Format.TABLE, b"a,b\n", "表.csv")
        return time.perf_counter() - started

    assert min(once() for _ in range(3)) < 1  # 0.06 s on an idle core


# -- the parts of the child, in this process


def test_an_answer_is_sheets_or_a_refusal(make_xlsx: Make) -> None:
    out = io.BytesIO()
    child.answer({"format": "xlsx", "name": "表.xlsx"}, make_xlsx({"表": [["a"]]}), out)
    assert wire.decode(out.getvalue().splitlines(keepends=True)) == [Sheet("表", (Row(1, ("a",)),))]
    out = io.BytesIO()
    child.answer({"format": "xlsx", "name": "表.xlsx"}, b"PK", out)
    with pytest.raises(BadFile, match=r"表\.xlsx"):
        wire.decode(out.getvalue().splitlines(keepends=True))


CELL = st.text(st.characters(codec="utf-8"), max_size=20)
SHEETS = st.lists(
    st.builds(
        Sheet,
        CELL,
        st.lists(st.builds(Row, st.integers(0, 10**6), st.lists(CELL, max_size=5).map(tuple)), max_size=5).map(tuple),
    ),
    max_size=4,
)


@given(SHEETS)
def test_sheets_survive_the_wire(sheets: list[Sheet]) -> None:
    assert wire.decode(wire.encode(sheets)) == sheets


def test_long_sheets_go_in_pieces() -> None:
    sheet = Sheet("长", tuple(Row(i, ("x",) * 10) for i in range(1, 1001)))
    lines = list(wire.encode([sheet]))
    assert (len(lines), max(map(len, lines)) < 20_000, wire.decode(lines)) == (7, True, [sheet])


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=8).map(lambda x: json.dumps(x).encode())
)
def test_any_other_line_is_garbled(line: bytes) -> None:
    with pytest.raises((wire.Garbled, BadFile, TooLarge)):
        wire.decode([line])


def test_without_limits_the_clock_alone_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    child.restrain(1, 1)  # or this very process would be dead
    assert os.getpid()
