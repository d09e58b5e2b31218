"""An import of many rows: how long each part takes, and what agents feel of it while it goes on.

The sheet is made of the benchmark's sentences, the same for the same seed; the model, the service and the import are the
real ones. Engine and import embed the same texts in turn, on one thread each.
"""

from __future__ import annotations

import io
import json
import random
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.bench import bench
from eval.bench.ask import Client
from eval.bench.child import Child, serving
from eval.bench.figures import Figure, one, percentile
from eval.bench.texts import Texts
from eval.bench.town import slug_of
from ingest import importer
from ingest.pace import Stage
from kb.errors import HuashuError
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.store.merchant import MerchantStore
from kb.vectorise import Progress

FILE = "常见问题.xlsx"
_SHOP = "importing"
_HEADER = ("编号", "标准问题", "答复")
_CALL = 8  # texts a call, as an import makes them
_WARM_UP = 10  # questions that are not counted


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; the defaults are the issue's, tests scale down."""

    folder: Path
    rows: int = 20_000
    sample: int = 1_000  # rows of the comparison with the engine
    entries: int = 1_000  # of the shop whose agent asks meanwhile
    rounds: int = 5
    per_second: float = 5.0  # questions of that agent
    calm: int = 300  # questions before the import begins
    seed: int = 20261122


def sheet_of(texts: Texts, rows: int, seed: int) -> bytes:
    """A question sheet of so many rows, no question twice, as the xlsx that spreadsheets write (shared strings)."""
    import openpyxl

    draw = random.Random(seed)  # noqa: S311 (a benchmark's choice, no secret)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "问答"
    sheet.append(_HEADER)
    for number in range(rows):
        first, second = draw.choice(texts.known), draw.choice(texts.known)
        sheet.append(
            (f"Q{number:06d}", f"{first}，{second}{number}", f"亲，{first}的事我们会在48小时内处理，请放心哦～")
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(slots=True)
class Bench(bench.Bench[Plan]):
    """A sheet, the model, and a service of its own."""

    def run(self) -> list[Figure]:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        sheet = sheet_of(self.texts, self.plan.rows, self.plan.seed)
        figures = self._reading(sheet) + self._embedding()
        with TemporaryDirectory(dir=self.plan.folder) as folder:
            return figures + self._beside_agents(Path(folder), sheet) + self._again(Path(folder), sheet)

    def _reading(self, sheet: bytes) -> list[Figure]:
        took = []
        report = self.say("读取")
        for number in range(self.plan.rounds):
            began = time.perf_counter()
            importer.read_file(sheet, FILE)
            took.append(time.perf_counter() - began)
            report(number + 1, self.plan.rounds)
        return [Figure(f"读取 {self.plan.rows:,} 行的 xlsx", tuple(took), "秒", self.plan.rows, most=5)]

    def _embedding(self) -> list[Figure]:
        """Texts a second, each side on one thread; who begins changes from round to round."""
        alone, inside, ratios, wholes = [], [], [], []
        report = self.say("引擎与导入")
        for number in range(self.plan.rounds):
            sheet = sheet_of(self.texts, self.plan.sample, self.plan.seed + 1 + number)
            questions = [each.entry.question for each in importer.read_file(sheet, FILE).sheets[0].entries]
            if number % 2:
                embedding, whole = self._import(sheet)
                engine = self._engine_alone(questions)
            else:
                engine = self._engine_alone(questions)
                embedding, whole = self._import(sheet)
            alone.append(len(questions) / engine)
            inside.append(len(questions) / embedding)
            ratios.append(engine / embedding)
            wholes.append(engine / whole)
            report(number + 1, self.plan.rounds)
        n = self.plan.sample
        return [
            Figure("引擎单独，1 线程", tuple(alone), "条/秒", n),
            Figure("导入时生成向量，1 线程", tuple(inside), "条/秒", n),
            Figure("导入时生成向量 ÷ 引擎单独", tuple(ratios), "", n, least=0.8),
            Figure("整个导入（含读取、比对、写入）÷ 引擎单独", tuple(wholes), "", n),
        ]

    def _engine_alone(self, questions: Sequence[str]) -> float:
        """Seconds to embed these and do nothing else."""
        began = time.perf_counter()
        for start in range(0, len(questions), _CALL):
            self.engine.embed(questions[start : start + _CALL])
        return time.perf_counter() - began

    def _import(self, sheet: bytes) -> tuple[float, float]:
        """Seconds of (the stage that embeds, with what it writes; the whole import) into a shop of its own."""
        entered: dict[Stage, float] = {}

        def enter(stage: Stage) -> None:
            entered[stage] = time.perf_counter()

        with TemporaryDirectory(dir=self.plan.folder) as name, closing(_empty(Path(name))) as store:
            importer.commit(store, self.engine, sheet, FILE, at=enter)
            ended = time.perf_counter()
        return entered[Stage.WRITING] - entered[Stage.EMBEDDING], ended - entered[Stage.READING]

    def _beside_agents(self, folder: Path, sheet: bytes) -> list[Figure]:
        """An agent of another shop asks before and during the import of the whole sheet as a job."""
        key, jobs_key = self._shops(folder / "data")
        questions = self.texts.questions(self.plan.seed)
        with serving(folder / "data", self.engine_name, self.plan.folder / "ingest.log") as child:
            child.ready_s()
            self._ask(child, key, islice(questions, _WARM_UP), None)
            calm = self._ask(child, key, islice(questions, self.plan.calm), self.say("提问"))
            began = time.perf_counter()
            job = _Remote(child.host, jobs_key, _start(child.host, jobs_key, sheet))
            busy = self._ask(child, key, self._while_running(job, questions), None)
            took = time.perf_counter() - began
            self._check(job.state())
        n, rows = len(busy), f"{self.plan.rows:,} 行"
        return [
            one("没有导入时 suggest p50", percentile(calm, 50), "毫秒", len(calm)),
            one("没有导入时 suggest p99", percentile(calm, 99), "毫秒", len(calm)),
            one(f"导入 {rows}时 suggest p50", percentile(busy, 50), "毫秒", n),
            one(f"导入 {rows}时 suggest p99", percentile(busy, 99), "毫秒", n, most=100),
            one(f"导入 {rows}时 suggest 最慢", percentile(busy, 100), "毫秒", n),
            one(f"导入 {rows}，从上传到生效", took, "秒", self.plan.rows),
        ]

    def _shops(self, data: Path) -> tuple[str, str]:
        """A shop of known questions and an empty one; keys to the first and to the second."""
        key = self.town(data, self.vectors(1), 1, self.plan.entries)
        with DataFolder(data) as folder:
            folder.hub.add_merchant(_SHOP, "正在导入的店")
            return key, folder.hub.issue_key("基准导入", Role.TRAINER, [_SHOP])

    def _ask(self, child: Child, key: str, questions: Iterator[str], report: Progress | None) -> NDArray[np.float64]:
        """Milliseconds of each answer, asked at the agent's pace whatever the answers take."""
        took: list[float] = []
        with Client(child.host, key) as client:
            due = time.perf_counter()
            for number, question in enumerate(questions, 1):
                time.sleep(max(due - time.perf_counter(), 0))
                began = time.perf_counter()
                client.suggest(slug_of(0), question)
                took.append((time.perf_counter() - began) * 1000)
                due = max(due + 1 / self.plan.per_second, began)
                if report:
                    report(number, self.plan.calm)
        return np.array(took)

    def _while_running(self, job: _Remote, questions: Iterator[str]) -> Iterator[str]:
        report, running = self.say("导入"), True
        while running:
            yield next(questions)
            state = job.state()
            report(state["done"], state["total"] or self.plan.rows)
            running = not state["ended_at"]

    def _check(self, state: dict[str, Any]) -> None:
        if state["state"] != "done" or state["report"]["embedded"] != self.plan.rows:
            raise HuashuError(f"导入没有成功：{json.dumps(state, ensure_ascii=False)[:300]}")

    def _again(self, folder: Path, sheet: bytes) -> list[Figure]:
        took, embedded = [], []
        report = self.say("再次导入")
        with DataFolder(folder / "data") as data:
            store = data.merchant(_SHOP)
            for number in range(self.plan.rounds):
                began = time.perf_counter()
                embedded.append(importer.commit(store, self.engine, sheet, FILE).embedded)
                took.append(time.perf_counter() - began)
                report(number + 1, self.plan.rounds)
        return [
            Figure(f"同一份 {self.plan.rows:,} 行再导入", tuple(took), "秒", self.plan.rows, most=3),
            Figure("再导入时生成的向量", tuple(map(float, embedded)), "条", self.plan.rows, most=0),
        ]


@dataclass(frozen=True, slots=True)
class _Remote:
    """A job on the service under test."""

    host: str
    key: str
    id: str

    def state(self) -> dict[str, Any]:
        return _call(self.host, self.key, "GET", f"/v1/imports/jobs/{self.id}")


def _empty(folder: Path) -> MerchantStore:
    return MerchantStore(folder / "kb.db", _SHOP)


def _start(host: str, key: str, sheet: bytes) -> str:
    """Upload the sheet as a job; its id."""
    mark = secrets.token_hex(16)
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{FILE}"\r\n\r\n'
    body = head.encode() + sheet + f"\r\n--{mark}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return str(_call(host, key, "POST", "/v1/imports/jobs?mode=commit", body, kind)["id"])


def _call(
    host: str, key: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    with closing(HTTPConnection(host, timeout=60)) as connection:
        connection.request(method, path, body, {"Authorization": f"Bearer {key}", **(headers or {})})
        reply = connection.getresponse()
        told: dict[str, Any] = json.loads(reply.read())
    if reply.status >= 300:
        raise HuashuError(f"被测的服务没有接受：{told.get('detail', reply.status)}")
    return told
