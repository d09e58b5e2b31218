"""The sandbox: a file is parsed in a child process that can be lost.

A legal workbook of 1.4 KB aborts one parser (calamine #693), another needs half a minute for 655 KB, and a C or Rust
parser that crashes takes its process along. So parsers of binary formats never run in the service: a child gets the
bytes on its standard input, gives rows as lines of JSON on its output, and owns nothing: no environment, no files to
write, bounded memory, processor time and wall clock. However it ends, the caller gets sheets or a `kb.errors` error.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ingest.gate import Format
from ingest.sandbox import wire
from ingest.sheet import Sheet
from kb.errors import BadFile, Busy, HuashuError, TooLarge

# 512 MB: 100,000 rows of 10 columns take about 300 while they are parsed, the interpreter and its libraries 60.
MEMORY = 512 * 1024 * 1024
CPU_S = 30  # a full workbook (100,000 rows of 10 columns, 1,000,000 cells) takes 8 to 14
WALL_S = 90  # three times the processor time: on a busy machine a child waits more than it works
MAX_OUTPUT = 64 * 1024 * 1024
# Files that are read, and imports that go on, at once: more children would take more than a gigabyte, more imports the
# processor and the worker threads from the agents.
AT_ONCE = 2
_QUEUE_S = 120
_POLL_S = 0.05

_OUT_OF_MEMORY = 70  # child.OUT_OF_MEMORY, which only a child may import
_KILLED = {-int(getattr(signal, word, 0)) for word in ("SIGXCPU", "SIGKILL")} - {0}
_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = "import sys,json;sys.path[:]=json.loads(sys.argv[1]);from ingest.sandbox.child import main;main()"
_SPLIT = "请删除多余的工作表、图片和空行空列，或拆成几份后再导入。"

Stopped = Callable[[], bool]
_places = threading.BoundedSemaphore(AT_ONCE)


def parse_apart(chosen: Format, data: bytes, name: str, stopped: Stopped | None = None) -> list[Sheet]:
    """The sheets of a file that passed the gate, parsed in a child process.

    `stopped` is asked twenty times a second; once it says yes the child is killed. Raises BadFile or TooLarge for the
    file, Busy when stopped or when too many files are being read.
    """
    with _place(name, stopped), _child() as process:
        talk = _Talk(process, _request(chosen, name), data)
        _watch(talk, name, stopped)
        return talk.result(name)


@contextmanager
def _place(name: str, stopped: Stopped | None) -> Iterator[None]:
    deadline = time.monotonic() + _QUEUE_S
    while not _places.acquire(timeout=_POLL_S):
        _refuse_if_stopped(name, stopped)
        if time.monotonic() > deadline:
            raise Busy(f"正在读取的文件太多，文件“{name}”还没有轮到。")
    try:
        yield
    finally:
        _places.release()


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    """A fresh interpreter that knows where our modules are and nothing else; killed at the end, whatever happened."""
    try:
        process = _started()
    except OSError as error:
        raise Busy("这台电脑现在开不了读取文件的进程。") from error
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _BOOT, json.dumps(_search_path())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote the file
        cwd=Path(sys.executable).anchor,
        env={key: os.environ[key] for key in ("SYSTEMROOT",) if key in os.environ},  # Windows starts nothing without
        start_new_session=True,
    )


def _search_path() -> list[str]:
    """Where this process found its modules; its working directory is no such place unless we lie in it."""
    places = [place for place in sys.path if place and Path(place).is_absolute()]
    return places if _ROOT in places else [_ROOT, *places]


def _request(chosen: Format, name: str) -> bytes:
    request = {"format": chosen, "name": name, "memory": MEMORY, "cpu_s": CPU_S}
    return json.dumps(request).encode() + b"\n"


class _Talk:
    """What is said to the child and what it answers, each on a thread: pipes hold 64 KB, files are larger."""

    def __init__(self, process: subprocess.Popen[bytes], request: bytes, data: bytes) -> None:
        self._process = process
        self._sheets: list[Sheet] | None = None
        self._error: HuashuError | None = None
        self.overflowed = False
        self._feeder = threading.Thread(target=self._feed, args=(process.stdin, request, data), daemon=True)
        self._listener = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        self._feeder.start()
        self._listener.start()

    def over(self, wait_s: float) -> bool:
        self._listener.join(wait_s)
        return not self._listener.is_alive()

    def result(self, name: str) -> list[Sheet]:
        """The sheets, or the reason why there are none. Call it once the child is over or dead."""
        self._listener.join()
        self._feeder.join()
        if self._error:
            raise self._error
        if self._sheets is None:
            raise self._lost(name)
        return self._sheets

    def _feed(self, stdin: IO[bytes], request: bytes, data: bytes) -> None:
        try:
            with stdin:
                stdin.write(request)
                stdin.write(data)
        except OSError:
            return  # it has died; the listener notices

    def _listen(self, stdout: IO[bytes]) -> None:
        try:
            with stdout:
                self._sheets = wire.decode(self._lines(stdout))
        except wire.Garbled:
            return
        except HuashuError as error:
            self._error = error

    def _lines(self, stdout: IO[bytes]) -> Iterator[bytes]:
        left = MAX_OUTPUT
        while line := stdout.readline(left + 1):
            left -= len(line)
            if left < 0:
                self.overflowed = True
                return
            yield line

    def _lost(self, name: str) -> HuashuError:
        if self.overflowed:
            return TooLarge(f"文件“{name}”里的文字太多。")
        match self._exit_code():
            case code if code == _OUT_OF_MEMORY:
                return TooLarge(f"打开文件“{name}”需要的内存太多，为安全起见没有读完。", remedy=_SPLIT)
            case code if code in _KILLED:
                return TooLarge(f"读取文件“{name}”要算太久，已经停下。", remedy=_SPLIT)
            case _:
                return BadFile(f"文件“{name}”打不开，可能已损坏，或者内容大得异常。")

    def _exit_code(self) -> int:
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:  # it closed its output and lives on
            self._process.kill()
            return self._process.wait()


def _watch(talk: _Talk, name: str, stopped: Stopped | None) -> None:
    """Wait for the answer. Raises TooLarge when the child takes too long, Busy when stopped."""
    deadline = time.monotonic() + WALL_S
    while not talk.over(_POLL_S):
        _refuse_if_stopped(name, stopped)
        if time.monotonic() > deadline:
            raise TooLarge(f"读取文件“{name}”用了太长时间，已经停下。", remedy=_SPLIT)


def _refuse_if_stopped(name: str, stopped: Stopped | None) -> None:
    if stopped and stopped():
        raise Busy(f"已经停止读取文件“{name}”。")
