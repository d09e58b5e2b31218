"""Undo and long imports under fire: killed at any moment, all of it or nothing. Real processes, real files."""

from __future__ import annotations

import random
import shutil
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest
from running import run, start
from sqlite_utils.utils import sqlite3
from world import faq_csv

from ingest import importer
from kb.store.folder import DataFolder

SEED = 20261122
ROWS, KILLS = 1_000, 3
State = tuple[list[tuple[str, ...]], int]


def prepared(root: Path) -> tuple[Path, str]:
    """A shop whose second import changed everything and added as much; the second import's id."""
    with DataFolder(root) as folder:
        folder.hub.add_merchant("a", "甲店")
        store = folder.merchant("a")
        for turn in (1, 2):
            rows = [(f"Q{i}", f"第{i}个问题", f"{i}号{turn}|{i}号", f"{turn}：好的") for i in range(turn * ROWS)]
            importer.commit(store, None, faq_csv(rows), "问.csv")
        return root, store.imports()[0].id


def state(root: Path) -> State:
    """Every entry with its answer, and how many imports are marked as undone; read by SQLite alone."""
    with closing(sqlite3.connect(root / "merchants" / "a" / "kb.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        query = (
            "SELECT key, a.text, p.text FROM entries e JOIN answers a ON a.entry_id = e.id"
            " JOIN phrasings p ON p.entry_id = e.id ORDER BY key, p.position"
        )
        return db.execute(query).fetchall(), db.execute("SELECT count(*) FROM imports WHERE undone_at").fetchone()[0]


def test_an_undo_that_is_killed_has_happened_or_not(tmp_path: Path) -> None:
    template, name = prepared(tmp_path / "template")
    before = state(template)
    done = shutil.copytree(template, tmp_path / "done")
    listed = run("undo", "a", "--data", done).stdout.splitlines()
    assert listed[0].startswith(name) and [line.rstrip().endswith("可撤销") for line in listed] == [True, True]
    began = time.monotonic()
    told = run("undo", "a", name, "--data", done)
    took = time.monotonic() - began
    assert told.returncode == 0 and "已撤销：问.csv" in told.stdout
    after = state(done)
    assert (len(before[0]), len(after[0]), before[1], after[1]) == (4 * ROWS, 2 * ROWS, 0, 1)
    chance, seen = random.Random(SEED), []
    for number in range(3 * KILLS):
        root = shutil.copytree(template, tmp_path / f"killed{number}")
        wal, aim = root / "merchants" / "a" / "kb.db-wal", chance.randrange(1_000_000)
        process = start("undo", "a", name, "--data", root, output=tmp_path / "output")
        ends = time.monotonic() + 2 * took
        while process.poll() is None and time.monotonic() < ends:
            if wal.exists() and wal.stat().st_size > aim:
                break  # in the middle of its transaction
        if process.poll() is None:
            process.kill()
            seen.append(root)
        process.wait()
        assert state(root) in (before, after)
        if len(seen) == KILLS:
            break
    assert len(seen) == KILLS  # a kill that misses the living proves nothing
    for root in seen[:1]:  # what did not happen can be done
        if state(root) == before:
            assert run("undo", "a", name, "--data", root).returncode == 0
        assert state(root) == after


@pytest.mark.slow
def test_ctrl_c_ends_an_import_cleanly_and_the_same_command_goes_on(tmp_path: Path) -> None:
    root, rows = tmp_path / "data", 600
    with DataFolder(root) as folder:
        folder.hub.add_merchant("a", "甲店")
        folder.merchant("a")
    file = tmp_path / "问.csv"
    file.write_bytes(faq_csv([(f"Q{i}", f"第{i}个问题怎么办", "", "好的") for i in range(rows)]))
    output, path = tmp_path / "output", root / "merchants" / "a" / "kb.db"
    process = start("import", "a", file, "--data", root, output=output)
    staged = "SELECT count(*) FROM staged_vectors"
    ends = time.monotonic() + 40
    with closing(sqlite3.connect(path)) as db:
        while db.execute(staged).fetchone()[0] == 0:
            assert process.poll() is None and time.monotonic() < ends
            time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 2
    said = output.read_text("utf-8")
    assert "HS-499" in said and "已取消" in said and "接着上次" in said and "Traceback" not in said
    with closing(sqlite3.connect(path)) as db:
        [done] = db.execute(staged).fetchone()
        assert db.execute("SELECT count(*) FROM entries").fetchone() == (0,) and 256 <= done < rows
    with DataFolder(root) as folder:
        assert len(folder.merchant("a").known_hashes(_fingerprint(path))) == done
    finished = run("import", "a", file, "--data", root)
    assert finished.returncode == 0 and f"新增 {rows} 条" in finished.stdout
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM vectors").fetchone() == (rows,)
        assert db.execute(staged).fetchone() == (0,)


def _fingerprint(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("SELECT engine FROM staged_vectors LIMIT 1").fetchone()[0])
