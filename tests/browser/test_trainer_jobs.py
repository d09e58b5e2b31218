"""Imports go on by themselves: watched, cancelled, found again after a reload; several files stand in line."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import httpx
from playwright.sync_api import Error, Route, expect

from browser.conftest import Keys
from browser.driving import People, Visit, csv_file, until

HEADER = ("编号", "标准问题", "答复")
_ONE_JOB = re.compile(r"/v1/imports/jobs/j")


def _open(people: People, keys: Keys) -> Visit:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    with trainer.page.expect_response(re.compile(r"/v1/imports/jobs\?")):
        trainer["#tab-import"].click()
    return trainer


def _start(trainer: Visit, name: str, question: str) -> None:
    trainer["#import-file"].set_input_files(csv_file(name, [HEADER, (name, question, "好的")]))
    trainer["#import-commit"].click()


def _held(trainer: Visit, **told: object) -> None:
    """The service says of every job that it is at this point, as long as nobody asks it to stop."""

    def answer(route: Route) -> None:
        if route.request.method == "DELETE":
            route.continue_()
            return
        with suppress(Error):  # the page is gone, or the server
            job = route.fetch().json()
            route.fulfill(body=json.dumps({**job, "state": "running", "ended_at": None, "report": None, **told}))

    trainer.page.route(_ONE_JOB, answer)


def test_progress_is_told_in_words_and_ends_by_itself(people: People, keys: Keys) -> None:
    trainer = _open(people, keys)
    _held(trainer, stage="embedding", done=320, total=1200, rate=25.0, eta_s=35.2)
    _start(trainer, "进度.csv", "进度要看得见吗")
    job = trainer["#jobs .job"]
    expect(job).to_contain_text("第 3 步，共 4 步：生成向量 320 / 1,200 条 · 每秒 25 条 · 大约还要 35 秒")
    expect(job.locator("progress")).to_have_attribute("max", "1200")
    expect(trainer["#job-live"]).to_contain_text("生成向量")
    trainer.page.unroute_all(behavior="ignoreErrors")
    expect(trainer["#import-say"]).to_contain_text("已导入")
    expect(job).to_have_count(0)


def test_a_waiting_job_is_cancelled_and_writes_nothing(people: People, keys: Keys, api: httpx.Client) -> None:
    trainer = _open(people, keys)
    before = api.get("/v1/imports", params={"shop": "leer"}).json()["imports"]
    many = csv_file("很多.csv", [HEADER, *((f"M{i}", f"第{i}号鱼食怎么喂", f"每天{i}克") for i in range(4000))])
    ahead = []
    for _ in range(2):  # the page's job waits behind these: a shop's files go in one after the other
        reply = api.post(
            "/v1/imports/jobs",
            params={"shop": "leer", "mode": "preview"},
            files={"file": (many["name"], many["buffer"])},
        )
        assert reply.status_code == 202, reply.text
        ahead.append(reply.json()["id"])
    _start(trainer, "取消.csv", "可以取消吗")
    mine = trainer["#jobs .job"].filter(has_text="取消.csv")
    mine.get_by_role("button").press("Enter")
    expect(trainer["#import-say"]).to_contain_text("已取消，没有写入任何内容")
    expect(trainer["#import-commit"]).to_be_enabled()  # the file is still there, to be imported after all
    for job in ahead:
        api.delete(f"/v1/imports/jobs/{job}", params={"shop": "leer"})
    until(lambda: not _running(api), "the jobs ahead to stop")
    after = api.get("/v1/imports", params={"shop": "leer"}).json()["imports"]
    assert [one["file"] for one in after] == [one["file"] for one in before]


def _running(api: httpx.Client) -> list[str]:
    jobs = api.get("/v1/imports/jobs", params={"shop": "leer"}).json()["jobs"]
    return [job["id"] for job in jobs if job["ended_at"] is None]


def test_a_reload_finds_the_job_and_tells_its_end(people: People, keys: Keys) -> None:
    trainer = _open(people, keys)
    _held(trainer, stage="comparing")
    _start(trainer, "重来.csv", "刷新以后还在吗")
    expect(trainer["#jobs .job"]).to_contain_text("比对")
    trainer.page.route(re.compile(r"/v1/imports/jobs\?"), _running_still)
    trainer.page.reload()
    trainer["#tab-import"].click()
    expect(trainer["#jobs .job"]).to_contain_text("《重来.csv》")
    trainer.page.unroute_all(behavior="ignoreErrors")
    expect(trainer["#import-say"]).to_contain_text("已导入")


def _running_still(route: Route) -> None:
    reply = route.fetch().json()
    reply["jobs"] = [{**reply["jobs"][0], "state": "running", "ended_at": None, "report": None}]
    route.fulfill(body=json.dumps(reply))


def test_a_job_lost_by_a_restart_says_how_to_go_on(people: People, keys: Keys) -> None:
    trainer = _open(people, keys)
    trainer.expect_complaint("404")
    _held(trainer, stage="embedding", done=1, total=9)
    _start(trainer, "断电.csv", "断电了怎么办")
    expect(trainer["#jobs .job"]).to_contain_text("生成向量")
    trainer.page.route(  # goes before the other route: in between, one look at the truth would end the job
        _ONE_JOB, lambda route: route.continue_(url=re.sub(r"/jobs/j\w+", "/jobs/jgone", route.request.url))
    )
    expect(trainer["#import-say"]).to_contain_text("接着上次的进度")
    expect(trainer["#import-commit"]).to_be_enabled()


def test_several_files_go_in_one_after_the_other(people: People, keys: Keys, api: httpx.Client) -> None:
    trainer = _open(people, keys)
    trainer.expect_complaint("415")
    files = [
        csv_file("甲.csv", [HEADER, ("F1", "甲问", "甲答")]),
        {"name": "坏.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04 nothing"},
        csv_file("乙.csv", [HEADER, ("F2", "乙问", "乙答")]),
        csv_file("丙.csv", [HEADER, ("F3", "丙问", "丙答")]),
    ]
    trainer["#import-file"].set_input_files(files)
    rows = trainer["#file-list li"]
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("请看预览")
    expect(rows.nth(2)).to_contain_text("等着")
    trainer["#import-commit"].click()
    expect(rows.nth(0)).to_contain_text("已导入")
    expect(rows.nth(1)).to_contain_text("没有导入")
    expect(rows.nth(2)).to_contain_text("请看预览")
    trainer["#import-cancel"].click()
    expect(rows.nth(2)).to_contain_text("没有导入")
    expect(rows.nth(3)).to_contain_text("请看预览")
    trainer["#import-commit"].click()
    expect(trainer["#files-title"]).to_contain_text("已导入 2 个")
    found = api.get("/v1/entries", params={"shop": "leer", "limit": 200}).json()["entries"]
    assert {"甲问", "丙问"} <= {entry["question"] for entry in found}
    assert "乙问" not in {entry["question"] for entry in found}
