"""R5, R7: a missing model or a damaged file costs what it must, and nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import inside, run, until
from world import World, build, canary, faq_csv

from bot.settings import Settings
from bot.shapes.assist import SuggestIn
from cli import service
from kb.check.context import Context
from kb.embed import Vectors
from kb.errors import EngineFailed
from kb.store.folder import open_hub
from making import BagEngine
from terminal import ended

MODEL = "/nonexistent/model"


def ask(http: httpx.Client, text: str) -> dict[str, Any]:
    reply = http.post("/v1/suggest", json={"text": text})
    assert reply.status_code == 200, reply.text
    return reply.json()


class BrokenEngine:
    """A model that loaded well and fails at every text: out of memory, say."""

    fingerprint = "none"  # that of the shelf's shards, so that it is asked at all
    dim = 8

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise EngineFailed("out of memory")


# -- the model


@pytest.mark.parametrize("engine", [MODEL, "no-such-model-name"])
def test_without_its_model_the_service_starts_and_says_so(
    engine: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # where sentence-transformers is installed, it must not ask the hub
    with inside(Settings(data=world.data, engine=engine)) as server, server.client(world.keys["agent-a"]) as http:
        health = http.get("/healthz")
        assert health.status_code == 200
        told = health.json()
        assert (told["status"], told["mode"], told["engine"]) == ("degraded", "lexical", "none")
        assert told["trouble"] and MODEL not in told["trouble"]  # anybody may read this page: no paths
        assert http.get("/readyz").status_code == 200
        answer = ask(http, f"{canary('a')}什么时候发货")
        assert answer["mode"] == "lexical"
        assert [warning["code"] for warning in answer["warnings"]] == ["lexical_mode"]
        assert answer["hits"][0]["band"] == "direct"


@pytest.mark.slow
def test_without_its_model_the_service_still_learns(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine=MODEL)) as server, server.client(world.keys["trainer-a"]) as http:
        body = {"question": "羽绒服可以机洗吗", "answers": [{"text": "不可以"}], "status": "published"}
        assert http.post("/v1/entries", json=body).status_code == 201
        assert ask(http, "羽绒服能机洗吗")["hits"][0]["answer"]["text"] == "不可以"
    # Back with the model: what was learnt without it is embedded before anybody asks for it.
    with inside(Settings(data=world.data)) as server, server.client(world.keys["agent-a"]) as http:
        until(lambda: ask(http, "在吗")["mode"] == "hybrid", "the vectors")
        assert http.get("/healthz").json()["status"] == "ok"
        answer = ask(http, "羽绒的衣服可不可以放洗衣机")
        assert (answer["mode"], answer["warnings"]) == ("hybrid", [])
        assert answer["hits"][0]["answer"]["text"] == "不可以"


def test_a_model_that_fails_while_it_runs_costs_no_answer_and_no_edit(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none")) as server, server.client(world.keys["trainer-a"]) as http:
        server.service.shelf.engine = BrokenEngine()
        answer = ask(http, f"{canary('a')}什么时候发货")
        assert answer["mode"] == "lexical" and answer["hits"] and answer["warnings"]
        body = {"question": "可以开发票吗", "answers": [{"text": "可以"}], "status": "published"}
        assert http.post("/v1/entries", json=body).status_code == 201
        assert ask(http, "可以开发票吗")["hits"][0]["answer"]["text"] == "可以"


def test_a_question_that_fails_at_the_start_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def failing(shop: object, message: SuggestIn) -> None:
        asked.append(message.text)
        raise RuntimeError("out of memory")

    monkeypatch.setattr("bot.rehearsal.suggest", failing)
    with inside(Settings(data=world.data, engine="none")) as server, server.client(world.keys["agent-a"]) as http:
        until(lambda: http.get("/readyz").status_code == 200, "readiness")
        assert asked and ask(http, f"{canary('a')}什么时候发货")["hits"]


@pytest.mark.parametrize("trouble", [EngineFailed("no such file"), MemoryError()])
def test_a_check_that_cannot_load_its_network_goes_by_words_and_delays_nobody(
    trouble: Exception, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def failing() -> Context:
        asked.append(1)
        raise trouble

    monkeypatch.setattr("bot.service.load_engine", lambda name: BagEngine())
    monkeypatch.setattr("bot.service.load_context", failing)
    with inside(Settings(data=world.data)) as server, server.client(world.keys["agent-a"]) as http:
        until(lambda: http.get("/readyz").status_code == 200, "readiness")
        assert http.post("/v1/check", json={"text": "加V聊"}).json()["blocked"] and len(asked) == 1


def test_without_the_table_of_pinyin_texts_still_get_their_vectors(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing() -> None:
        raise OSError("no such file")

    monkeypatch.setattr("bot.service.pinyin", failing)
    monkeypatch.setattr("bot.service.load_engine", lambda name: BagEngine())
    with inside(Settings(data=world.data)) as server, server.client(world.keys["agent-a"]) as http:
        question = f"{canary('a')}什么时候发货"
        until(lambda: http.post("/v1/suggest", json={"text": question}).json()["mode"] == "hybrid", "vectors")


# -- the files


@pytest.fixture
def damaged(tmp_path: Path) -> World:
    """A world whose shop b has been overwritten from the start."""
    world = build(tmp_path / "data")
    path = world.data / "merchants" / "b" / "kb.db"
    path.write_bytes(b"\x00broken disk\x00" * 4096)
    for rest in path.parent.glob("kb.db-*"):
        rest.unlink()
    return world


def test_one_damaged_shop_does_not_stop_the_others(damaged: World) -> None:
    with inside(Settings(data=damaged.data, engine="none")) as server:
        with server.client(damaged.keys["trainer-a"]) as http:
            assert ask(http, f"{canary('a')}什么时候发货")["hits"]
            body = {"question": "新问题", "answers": [{"text": "答"}], "status": "published"}
            assert http.post("/v1/entries", json=body).status_code == 201
            health = http.get("/healthz").json()
            assert health["status"] == "degraded" and "1 家店铺" in health["trouble"]
            assert http.get("/readyz").status_code == 200
        with server.client(damaged.keys["agent-b"]) as http:
            for reply in (
                http.post("/v1/suggest", json={"text": "在吗"}),
                http.get("/v1/search", params={"q": "发货"}),
            ):
                assert (reply.status_code, reply.json()["code"]) == (507, "HS-507")
                assert str(damaged.data) not in reply.text


def test_whoever_works_for_a_damaged_shop_and_a_sound_one_can_log_in(damaged: World) -> None:
    # The list of shops was built from every shop's index: the damaged one made the login itself fail.
    with inside(Settings(data=damaged.data, engine="none")) as server, server.client() as http:
        told = http.post("/v1/session", json={"key": damaged.keys["agent-ab"]})
        assert told.status_code == 200
        assert [(shop["slug"], shop["entries"] > 0) for shop in told.json()["shops"]] == [("a", True), ("b", False)]
        assert http.post("/v1/suggest?shop=a", json={"text": "发货"}).status_code == 200
        assert http.post("/v1/suggest?shop=b", json={"text": "发货"}).status_code == 507


def test_a_shop_whose_pages_are_damaged_is_told_from_a_shop_without_entries(tmp_path: Path) -> None:
    # A good header and bad pages: the file opens, and the damage shows when it is read.
    world = build(tmp_path / "data")
    path = world.data / "merchants" / "b" / "kb.db"
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\xa5" * (len(raw) - 4096)
    path.write_bytes(raw)
    with inside(Settings(data=world.data, engine="none")) as server:
        with server.client(world.keys["agent-a"]) as http:
            assert ask(http, f"{canary('a')}什么时候发货")["hits"]
        with server.client(world.keys["agent-b"]) as http:
            assert http.post("/v1/suggest", json={"text": "在吗"}).status_code == 507


def test_a_damaged_hub_is_told_in_two_lines(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hub.db").write_bytes(b"no database" * 1000)
    done = run("serve", "--port", "0", "--engine", "none", "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "HS-507" in done.stdout and "hub.db" in done.stdout and "Traceback" not in done.stdout


# -- the command line

FAILING = [
    (("serve", "--data", "{file}", "--port", "0", "--engine", "none"), "/file"),
    (("serve", "--data", "{data}", "--host", "no.such.host.invalid"), "打不开"),
    (("serve", "--data", "{data}", "--port", "70000"), "port"),
    (("shop", "add", "Big Name", "--name", "x", "--data", "{data}"), "代号"),
    (("key", "issue", "x", "--shop", "nowhere", "--data", "{data}"), "nowhere"),
    (("key", "issue", "x", "--shop", "a", "--role", "[/]", "--data", "{data}"), "[/]"),
    # Zero was read as "no end": a key meant to be useless lived for ever.
    (("key", "issue", "x", "--shop", "a", "--days", "0", "--data", "{data}"), "--days"),
    (("import", "nowhere", "{file}", "--data", "{data}", "--engine", "none"), "nowhere"),
    # Square brackets in a name were read as rich's markup: the message about the error was itself an error.
    (("import", "a", "[/b].csv", "--data", "{data}", "--engine", "none"), "[/b].csv"),
]


@pytest.mark.parametrize(("arguments", "said"), FAILING, ids=lambda v: " ".join(v[:4]) if isinstance(v, tuple) else "")
def test_a_command_that_fails_says_why_without_a_traceback(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("no folder")
    open_hub(tmp_path / "data").close()
    filled = [part.format(file=tmp_path / "file", data=tmp_path / "data") for part in arguments]
    assert ended(*filled) == 2
    printed = "".join(capsys.readouterr())
    assert said in printed and "Traceback" not in printed


def test_a_port_in_use_is_told_with_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert ended("serve", "--data", str(tmp_path), "--port", port) == 2
    printed = capsys.readouterr().err
    assert port in printed and "--port" in printed


def test_an_import_that_writes_nothing_ends_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A nightly script must notice; 2 is for what could not even be tried.
    sheet = tmp_path / "问[1].csv"
    sheet.write_bytes(faq_csv([("1", "能退吗", "", "能"), ("2", "能换吗", "", "")]))
    data = ("--data", str(tmp_path / "data"))
    ended("shop", "add", "a", "--name", "甲", *data)
    command = ("import", "a", str(sheet), "--engine", "none", *data)
    assert [ended(*command, *more) for more in ((), ("--preview",), ("--partial",))] == [1, 0, 0]
    assert capsys.readouterr().out.count("问[1].csv：") == 3


def test_a_shop_may_have_any_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended("shop", "add", "ok", "--name", "[/b][x]", "--data", str(tmp_path))
    ended("shop", "list", "--data", str(tmp_path))
    assert capsys.readouterr().out.count("[/b][x]") == 2
