"""Imports that go on by themselves: queued, watched, cancelled, each shop's in turn; and undo over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Inside, inside, until
from world import World, build, canary, faq_csv

from bot.jobs import KEPT, WAITING, WAITING_BYTES, Job, Jobs, State
from bot.settings import Settings
from ingest.sandbox import AT_ONCE
from kb.embed import Vectors
from kb.errors import Busy, Cancelled, NotFound
from making import BagEngine

ROWS = 600


class Gate(BagEngine):
    """An engine that waits before a text of a sheet until it is let through."""

    def __init__(self, waits_at: int = 0) -> None:
        super().__init__()
        self.waits_at = waits_at
        self.waiting, self.open = threading.Event(), threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        # What the service asks it ahead of need (a first question, rehearsed) is not of the sheet.
        of_sheet = sum("怎么办" in text for text in self.embedded)
        if of_sheet >= self.waits_at and any("怎么办" in text for text in texts) and not self.open.is_set():
            self.waiting.set()
            assert self.open.wait(20)
        return super().embed(texts)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Inside, World]]:
    """A service of the test's own, going by words until the test gives it an engine."""
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none")) as running:
        yield running, world


def sheet(rows: int = ROWS, word: str = "问题") -> bytes:
    return faq_csv([(f"Q{i}", f"第{i}个{word}怎么办", "", f"{i}号答复") for i in range(rows)])


def start(http: httpx.Client, data: bytes, name: str = "问.csv", **query: Any) -> httpx.Response:
    return http.post("/v1/imports/jobs", params={"mode": "commit", **query}, files={"file": (name, data)})


def ended(http: httpx.Client, job_id: str) -> dict[str, Any]:
    def state() -> dict[str, Any]:
        told: dict[str, Any] = http.get(f"/v1/imports/jobs/{job_id}").json()
        return told

    until(lambda: state()["ended_at"] is not None, "the end of the job")
    return state()


# -- over HTTP


def test_a_job_does_what_an_import_does_and_says_the_same(own: tuple[Inside, World]) -> None:
    server, world = own
    server.service.shelf.engine = BagEngine()
    http = {slug: server.client(world.keys[f"trainer-{slug}"]) for slug in "ab"}
    reply = start(http["a"], sheet())
    assert (reply.status_code, reply.json()["file"], reply.json()["by"]) == (202, "问.csv", "trainer-a")
    told = ended(http["a"], reply.json()["id"])
    same = http["b"].post("/v1/imports", params={"mode": "commit"}, files={"file": ("问.csv", sheet())}).json()
    assert (told["state"], told["stage"], told["done"], told["total"]) == ("done", "writing", ROWS, ROWS)
    assert told["rate"] > 0 and told["eta_s"] == 0 and told["problem"] is None
    assert {**told["report"], "elapsed_ms": 0} == {**same, "elapsed_ms": 0}
    assert told["queued_at"] <= told["started_at"] <= told["ended_at"]
    # It is live when it says that it is done.
    [best, *_] = http["a"].post("/v1/suggest", json={"text": "第7个问题怎么办"}).json()["hits"]
    assert best["answer"]["text"] == "7号答复"
    [record, *_] = http["a"].get("/v1/imports").json()["imports"]
    assert (record["by"], record["added"], record["undoable"]) == ("trainer-a", ROWS, True)


def test_a_cancelled_job_wrote_nothing_and_the_same_file_goes_on_where_it_stopped(own: tuple[Inside, World]) -> None:
    server, world = own
    http = server.client(world.keys["trainer-a"])
    before = http.get("/v1/entries").json(), http.get("/v1/imports").json()
    gate = Gate(waits_at=400)
    server.service.shelf.engine = gate
    job_id = start(http, sheet()).json()["id"]
    assert gate.waiting.wait(20)
    told = http.get(f"/v1/imports/jobs/{job_id}").json()
    assert (told["state"], told["stage"], told["done"], told["total"]) == ("running", "embedding", 256, ROWS)
    assert http.delete(f"/v1/imports/jobs/{job_id}").json()["state"] == "running"  # until it has noticed
    gate.open.set()
    told = ended(http, job_id)
    assert (told["state"], told["problem"]["code"], told["report"]) == ("cancelled", "HS-499", None)
    assert "接着上次" in told["problem"]["remedy"]
    assert (http.get("/v1/entries").json(), http.get("/v1/imports").json()) == before
    assert http.delete(f"/v1/imports/jobs/{job_id}").json() == told  # once more is no harm
    report = ended(http, start(http, sheet()).json()["id"])["report"]
    assert report["committed"] and report["embedded"] == ROWS - 408


def test_a_job_that_fails_says_why_like_a_problem_document(own: tuple[Inside, World]) -> None:
    server, world = own
    http = server.client(world.keys["trainer-a"])
    refused = http.post("/v1/imports", files={"file": ("图.png", b"x")}).json()
    told = ended(http, start(http, b"x", "图.png").json()["id"])
    assert (told["state"], told["report"]) == ("failed", None)
    assert told["problem"] == {name: refused[name] for name in ("code", "title", "detail", "remedy")}
    # A sheet with errors is no failure: its report says what to mend.
    bad = ended(http, start(http, faq_csv([("1", "问", "", "")])).json()["id"])
    assert bad["state"] == "done" and not bad["report"]["committed"] and bad["report"]["errors_total"] == 1


def test_a_preview_as_a_job_writes_nothing(own: tuple[Inside, World]) -> None:
    server, world = own
    http = server.client(world.keys["trainer-a"])
    before = http.get("/v1/imports").json()
    told = ended(http, http.post("/v1/imports/jobs", files={"file": ("问.csv", sheet(3))}).json()["id"])
    assert (told["report"]["mode"], told["report"]["committed"]) == ("preview", False)
    assert http.get("/v1/imports").json() == before


def test_a_job_is_its_shops_alone(own: tuple[Inside, World]) -> None:
    server, world = own
    http = {slug: server.client(world.keys[f"trainer-{slug}"]) for slug in "ab"}
    mark = canary("b")
    job_id = start(http["b"], faq_csv([("1", f"{mark}问", "", "答")]), f"{mark}.csv").json()["id"]
    ended(http["b"], job_id)
    assert [job["id"] for job in http["b"].get("/v1/imports/jobs").json()["jobs"]] == [job_id]
    assert http["a"].get("/v1/imports/jobs").json() == {"jobs": []}
    for method in ("GET", "DELETE"):
        foreign, missing = (http["a"].request(method, f"/v1/imports/jobs/{name}") for name in (job_id, "j_nothing"))
        assert foreign.status_code == missing.status_code == 404
        assert {**foreign.json(), "instance": ""} == {**missing.json(), "instance": ""}
        assert mark not in foreign.text
    [record, *_] = http["b"].get("/v1/imports").json()["imports"]
    assert http["a"].post(f"/v1/imports/{record['id']}/undo").status_code == 404
    assert http["b"].get("/v1/imports").json()["imports"][0]["undone_at"] is None


def test_a_service_that_stops_ends_its_jobs_and_the_next_one_says_where_they_went(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    gate = Gate(waits_at=256)
    with inside(Settings(data=world.data, engine="none")) as server:
        http = server.client(world.keys["trainer-a"])
        server.service.shelf.engine = gate
        running, waiting = (start(http, sheet(word=word)).json()["id"] for word in ("问题", "难题"))
        assert gate.waiting.wait(20)
        ends = [server.service.jobs.of("a").named(job_id) for job_id in (running, waiting)]
        threading.Timer(0.2, gate.open.set).start()
    assert [job.state for job in ends] == [State.CANCELLED, State.CANCELLED]
    assert all(job.work is None for job in ends)  # the files are out of memory
    with inside(Settings(data=world.data, engine="none")) as server:
        http = server.client(world.keys["trainer-a"])
        gone = http.get(f"/v1/imports/jobs/{running}")
        assert gone.status_code == 404 and "接着上次" in gone.json()["remedy"]
        server.service.shelf.engine = BagEngine()
        assert ended(http, start(http, sheet()).json()["id"])["report"]["embedded"] == ROWS - 256 - 8


def test_a_file_that_waits_is_not_on_the_disk(own: tuple[Inside, World]) -> None:
    server, world = own
    http, gate = server.client(world.keys["trainer-a"]), Gate()
    server.service.shelf.engine = gate
    secret = "hunter2hunter2"
    start(http, sheet(20))
    job_id = start(http, f"问题,答复,密码\n包邮吗,包,{secret}\n".encode()).json()["id"]
    assert gate.waiting.wait(20)
    assert http.get(f"/v1/imports/jobs/{job_id}").json()["state"] == "queued"
    gate.open.set()
    assert ended(http, job_id)["state"] == "done"
    files = [path for path in world.data.rglob("*") if path.is_file()]
    assert files and not [path for path in files if secret.encode() in path.read_bytes()]


# -- the queue


class Work:
    """What a job does here: say that it runs, and wait."""

    def __init__(self) -> None:
        self.runs, self.go = threading.Event(), threading.Event()

    def __call__(self, job: Job) -> dict[str, Any]:
        self.runs.set()
        while not self.go.wait(0.005):
            if job.stopping.is_set():
                raise Cancelled("已取消")
        return {"file": job.file}


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close(20)


def test_a_shops_files_go_in_one_after_the_other_and_two_shops_at_once(jobs: Jobs) -> None:
    works = {name: Work() for name in ("a1", "a2", "b1", "c1")}
    made = {name: jobs.of(name[0]).start(name, "", 1, work) for name, work in works.items()}
    for name in ("a1", "b1"):
        assert works[name].runs.wait(5)
    assert AT_ONCE == 2 and [made[n].state for n in ("a2", "c1")] == [State.QUEUED, State.QUEUED]
    works["b1"].go.set()
    assert works["c1"].runs.wait(5)  # not a2, whose shop is busy still
    assert made["a2"].state is State.QUEUED and not works["a2"].runs.is_set()
    works["a1"].go.set()
    assert works["a2"].runs.wait(5)
    for work in works.values():
        work.go.set()
    until(lambda: all(job.state is State.DONE for job in made.values()), "the end of all jobs")
    assert [job.file for job in jobs.of("a").latest()] == ["a2", "a1"]


def test_a_full_queue_says_so_and_one_shop_cannot_fill_it(jobs: Jobs) -> None:
    blocker = Work()
    running = [jobs.of(slug).start("跑", "", 1, blocker) for slug in ("x", "y")]
    until(lambda: all(job.state is State.RUNNING for job in running), "two jobs, so that all the others wait")
    for _ in range(WAITING // 2):
        jobs.of("a").start("问.csv", "", 1, blocker)
    with pytest.raises(Busy):
        jobs.of("a").start("问.csv", "", 1, blocker)
    with pytest.raises(Busy):
        jobs.of("b").start("大.xlsx", "", WAITING_BYTES, blocker)
    for _ in range(WAITING - WAITING // 2):
        last = jobs.of("b").start("问.csv", "", 1, blocker)
    with pytest.raises(Busy):
        jobs.of("c").start("问.csv", "", 1, blocker)
    assert jobs.of("b").cancel(last.id).state is State.CANCELLED  # one that waits is gone at once
    jobs.of("c").start("问.csv", "", 1, blocker)


def test_a_worker_survives_whatever_a_job_does_and_tells_nothing_of_it(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def bursts(job: Job) -> dict[str, Any]:
        raise ZeroDivisionError("13800138000")

    for _ in range(2 * AT_ONCE):
        job = jobs.of("a").start("问.csv", "", 1, bursts)
        until(lambda job=job: job.ended, "the end of the job")  # type: ignore[misc]
        assert job.state is State.FAILED and job.error is not None
        assert (job.error.code, job.id in job.error.message) == ("HS-500", True)
        assert "138" not in job.error.message.replace(job.id, "")  # one in 300 has these digits
    assert "ZeroDivisionError" in caplog.text


def test_only_the_latest_jobs_are_remembered(jobs: Jobs) -> None:
    done: Callable[[Job], dict[str, Any]] = lambda job: {}  # noqa: E731
    for _ in range(KEPT + 5):
        last = jobs.of("a").start("问.csv", "", 1, done)
        until(lambda last=last: last.ended, "the end of the job")  # type: ignore[misc]
    assert len(jobs.of("a").latest()) <= KEPT + 1
    assert jobs.of("a").named(last.id) is last
    with pytest.raises(NotFound):
        jobs.of("b").named(last.id)


def test_after_the_close_nothing_is_taken(jobs: Jobs) -> None:
    work = Work()
    job = jobs.of("a").start("问.csv", "", 1, work)
    assert work.runs.wait(5)
    jobs.close(5)
    assert job.state is State.CANCELLED
    with pytest.raises(Busy):
        jobs.of("a").start("问.csv", "", 1, work)


# -- undo


def test_an_undo_is_live_when_its_reply_arrives(own: tuple[Inside, World]) -> None:
    server, world = own
    server.service.shelf.engine = BagEngine()
    http = server.client(world.keys["trainer-a"])

    def answer() -> str:
        hits = http.post("/v1/suggest", json={"text": "羽绒服能机洗吗"}).json()["hits"]
        return hits[0]["answer"]["text"] if hits else ""

    def bring(text: str) -> str:
        file = faq_csv([("N1", "羽绒服能机洗吗", "", text)])
        assert http.post("/v1/imports", params={"mode": "commit"}, files={"file": ("洗.csv", file)}).json()["committed"]
        record: dict[str, Any] = http.get("/v1/imports").json()["imports"][0]
        return str(record["id"])

    bring("可以机洗")
    second = bring("请干洗")
    assert answer() == "请干洗"
    told = http.post(f"/v1/imports/{second}/undo").json()
    assert answer() == "可以机洗"
    [undone] = told["undone"]
    assert (undone["id"], undone["undone_by"], undone["undoable"]) == (second, "trainer-a", False)
    assert undone["undone_at"] and told["generation"] == http.get("/v1/shops").json()["shops"][0]["generation"]
    again = http.post(f"/v1/imports/{second}/undo")
    assert (again.status_code, again.json()["code"], "已经撤销过" in again.json()["detail"]) == (409, "HS-409", True)


def test_an_undo_is_refused_where_a_trainer_has_worked_since(own: tuple[Inside, World]) -> None:
    server, world = own
    http = server.client(world.keys["trainer-a"])
    assert http.post("/v1/imports", params={"mode": "commit"}, files={"file": ("问.csv", sheet(3))}).status_code == 200
    [record, *_] = http.get("/v1/imports").json()["imports"]
    [entry] = http.get("/v1/entries", params={"q": "第1个问题"}).json()["entries"]
    body = {"status": "retired", "version": entry["version"]}
    assert http.post(f"/v1/entries/{entry['id']}/status", json=body).status_code == 200
    before = http.get("/v1/entries").json()
    refused = http.post(f"/v1/imports/{record['id']}/undo")
    assert refused.status_code == 409 and "1 条后来又改过" in refused.json()["detail"]
    assert http.get("/v1/entries").json() == before
