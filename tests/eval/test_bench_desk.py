"""The benchmark of the live service counts what is missing, and measures the real thing at a size that takes seconds."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aside import run_aside
from eval.bench.desk import Plan, Run, script, tally
from eval.bench.hollow import _event
from eval.bench.post import Sent
from eval.bench.streams import Heard, Line
from kb.embed import Engine
from kb.errors import HuashuError

ROOT = Path(__file__).resolve().parents[2]


def run_of(heard: Heard, sent: Sent, served: dict[str, list[str]]) -> Run:
    return Run((), sent, heard, served, 0, 0.0, 1.0)


@given(st.integers(0, 2**32))
def test_what_is_missing_is_counted(seed: int) -> None:
    draw = random.Random(seed)
    shops = [f"s{n}" for n in range(4)]
    served = {f"k{n}": draw.sample(shops, draw.randint(1, 3)) for n in range(6)}
    where = {f"m{n}": draw.choice(shops) for n in range(10)}
    heard, sent = Heard(), Sent({id: draw.random() for id in where}, {})
    lost, late, silent = 0, [], 0
    for id, shop in where.items():
        wanted = [n for n, key in enumerate(served) if shop in served[key]]
        got = [n for n in wanted if draw.random() < 0.7]
        for n in got:
            delay = draw.random()
            heard.at["message"][id][n] = sent.due[id] + delay
            late.append(delay * 1000)
        if not got and wanted:
            silent += 1
        else:
            lost += len(wanted) - len(got)
    told = tally(run_of(heard, sent, served), "message", list(where), where)
    assert (told.lost, told.unheard) == (lost, silent)
    assert told.due == lost + len(late)
    assert np.allclose(sorted(told.late_ms), sorted(late))


@given(st.lists(st.sampled_from([b": \n\n", b"retry: 1000\n\n", _event("conversation", 300, ""), b"id: 1-9\nevent: message\n"
       b'data: {"shop":"s","conversation":"c","message":{"id":"m1","text":"\xe5\x9c\xa8"}}\n\n',
       b'id: 1-8\nevent: suggestion\ndata: {"shop":"s","conversation":"c","after":"m2","suggestion":{}}\n\n',
       _event("message", 250, "m3"), _event("suggestion", 400, "m4")]), max_size=12), st.data())  # fmt: skip
def test_events_are_counted_however_they_are_cut(events: list[bytes], data: st.DataObject) -> None:
    stream = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + b"".join(events)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=8)))
    heard = Heard()
    line = Line(5, b"", heard)
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        line.data_received(stream[start:end])
    named = Counter(
        event.partition(b"event: ")[2].partition(b"\n")[0].decode() for event in events if b"event: " in event
    )
    assert heard.count == named
    said = {id for id in ("m1", "m3") if any(f'"{id}"'.encode() in event for event in events)}
    answered = {id for id in ("m2", "m4") if any(f'"{id}"'.encode() in event for event in events)}
    assert (set(heard.at["message"]), set(heard.at["suggestion"])) == (said, answered)
    assert all(list(streams) == [5] for kind in heard.at.values() for streams in kind.values())


def test_the_hollow_events_are_as_large_as_the_real_ones() -> None:
    assert [len(_event("suggestion", size, "m1")) for size in (200, 3000)] == [200, 3000]


def test_a_refused_stream_is_no_figure() -> None:
    with pytest.raises(HuashuError, match="401"):
        Line(0, b"", Heard()).data_received(b"HTTP/1.1 401 Unauthorized\r\n\r\n")


def test_the_script_is_a_steady_rate_of_buyers_and_replies() -> None:
    plan = Plan(Path(), per_second=40, seconds=50, shops=7)
    posts = script(plan, iter(f"问题{n}" for n in range(10_000)))
    assert abs(len(posts) - 60 * 50) < 5 * (60 * 50) ** 0.5
    assert [post.due_s for post in posts] == sorted(post.due_s for post in posts)
    assert len({post.id for post in posts}) == len(posts)
    chats: dict[str, list[str]] = {}
    for post in posts:
        chats.setdefault(post.conversation, []).append(post.speaker)
    assert all("".join(s[0] for s in speakers) in "bba" * 9 for speakers in chats.values())
    assert {post.shop for post in posts} == {f"shop-{n:03d}" for n in range(7)}
    assert len({(post.conversation, post.shop) for post in posts}) == len(chats)


@pytest.mark.slow
def test_it_runs_against_the_real_service(real_engine: Engine, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(f"第{n}种面料的外套怎么选" for n in range(30)), "utf-8")
    sizes = ("--shops", "3", "--entries", "5", "--streams", "8", "--per-second", "6", "--seconds", "4")
    command = [
        sys.executable,
        "-m",
        "huashu",
        "bench",
        "desk",
        "--folder",
        tmp_path / "bench",
        "--texts",
        texts,
        *sizes,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "bench" / "desk.json").read_text("utf-8"))
    figures = {figure["what"]: figure for figure in report["figures"]}
    # Whatever the machine does: nothing is lost, every buyer gets a suggestion, and doing nothing is quicker than doing it.
    for name in ("丢失的消息推送", "丢失的推荐推送", "没有推荐的买家消息", "断开的连接、要求重取"):
        assert figures[name]["value"] == 0 and figures[name]["met"], name
    assert figures["打开的推送连接"]["value"] == 8
    assert figures["丢失的推荐推送"]["n"] == figures["消息到期 → 推荐到达每个连接 p50"]["n"] > 0
    assert 0 < figures["空壳服务，同样的客户端 p50"]["value"] < figures["消息到期 → 推荐到达每个连接 p50"]["value"]
    assert "推荐到达" in done.stdout


def test_a_service_that_goes_away_is_an_error_and_no_figure() -> None:
    from eval.bench.streams import open_streams

    async def go() -> None:
        async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with await asyncio.start_server(leave, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()[:2]
            await open_streams(f"{host}:{port}", ["a", "b"], Heard())

    with pytest.raises(HuashuError, match="0 / 2"):
        run_aside(go())
