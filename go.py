#!/usr/bin/env python3
"""The two commands of the README, on a machine with nothing but Python, git and a compiler.

    python3 go.py demo    set up, import the demo shops, start the service, print its address
    python3 go.py test    set up, check style, types and architecture, run the tests
    python3 go.py setup   set up only
    python3 go.py lock    write lock/*.txt anew from pyproject.toml (needs the network; for maintainers)

Only the standard library is used here. Versions and hashes come from lock/; torch (the extra [models], for the
tests only) is installed first and by its exact version, because a plain ``torch`` brings gigabytes of CUDA.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "lock"
TORCH = "torch==2.13.0"
MINIMUM = (3, 11)
# worksteal leaves a module's tests with one worker, so that what they share is made once
ON_BOTH_CORES = ("-n", "2", "--dist", "worksteal")
KEPT = {"PYTHONDONTWRITEBYTECODE": ""}  # what was compiled is kept, wherever that is not usual
STOP_S = 20
RED = 1  # pytest's code for tests that failed, or too few lines reached
# Lines are counted where knowledge is made and held, by the tests of those rooms: counted, they take half as long again
COUNTED = ("--cov", "--cov-fail-under=95", "tests/kb", "tests/ingest")
OTHERS = ("--ignore=tests/kb", "--ignore=tests/ingest")
ROOMS = ("kb", "ingest", "bot", "eval", "cli", "huashu.py")


def say(text: str) -> None:
    print(f"\033[1m▸ {text}\033[0m" if sys.stdout.isatty() else f"▸ {text}", flush=True)


def run(*command: str | Path, check: bool = True, **environment: str) -> int:
    with subprocess.Popen([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # Ctrl+C is the command's, too: it stops by itself, and says so
            code = stopped(process)
    if check and code:
        sys.exit(code)
    return code


def stopped(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:  # only we were told to stop
        process.terminate()
        return process.wait()


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(*locks: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in [*locks]:
        digest.update((LOCK / name).read_bytes())
    digest.update((ROOT / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def environment(name: str, *locks: str, torch: bool = False) -> Path:
    """An environment with exactly what the lock files say; made anew when they change."""
    folder = ROOT / name
    python = python_of(folder)
    stamp = folder / "huashu.stamp"
    wanted = fingerprint(*locks)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    say(f"准备环境 {name} · setting up {name}")
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-input")
    if torch:
        torch = install_torch(pip)
    # --no-deps: the lock is complete; nothing that is not in it may slip in.
    for name in locks:
        if name != "models.txt" or torch:
            run(*pip, "--no-deps", "--require-hashes", "-r", LOCK / name)
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp.write_text(wanted)
    return python


def install_torch(pip: tuple[Path | str, ...]) -> bool:
    if run(*pip, TORCH, check=False):
        say(
            f"!!! {TORCH} 装不上，跳过模型测试 · {TORCH} could not be installed: tests of the extra [models] are SKIPPED"
        )
        return False
    return True


def find_browser() -> str:
    """Debian's chromium: the one on the machine, or installed where we may; empty (and loud) where we may not."""
    known = ("chromium", "chromium-browser", "google-chrome")
    for attempt in range(2):
        for name in known:
            if path := shutil.which(name):
                return path
        if attempt or os.name == "nt" or os.geteuid() or not shutil.which("apt-get"):
            break
        say("安装 chromium（浏览器测试用） · installing chromium for the browser tests")
        run("apt-get", "update", "-qq", check=False)
        run(
            "apt-get",
            "install",
            "-y",
            "-qq",
            "chromium",
            "fonts-noto-cjk",
            check=False,
            DEBIAN_FRONTEND="noninteractive",
        )
    say("!!! 没有 chromium，跳过浏览器测试 · no chromium here: the browser tests are SKIPPED")
    return ""


def smoke() -> None:
    """The README's first command with its own dependencies only, up to the first answer.

    The test environment has more packages than a user's; sqlite-utils 4.2 once shipped without one it needed.
    """
    say("第一条命令，干净环境 · the first command in a clean environment")
    python = environment(".venv", "run.txt")
    with tempfile.TemporaryDirectory() as data:
        command = [str(python), "-m", "huashu", "demo", "--port", "0", "--data", data]
        began = time.monotonic()
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as service:
            try:
                answer = first_answer(service)
            finally:
                service.terminate()
    if not answer:
        sys.exit("演示没有给出答案 · the demo gave no answer")
    say(f"{time.monotonic() - began:.0f} s 后的第一条答案 · first answer: {answer[:40]}")


def first_answer(service: subprocess.Popen[str]) -> str:
    """Ask the demo that is starting a buyer's question; its output holds the link with the key."""
    for line in service.stdout or ():
        if link := re.search(r"(http://[\w.:]+)/login#key=([\w-]+)", line):
            body = json.dumps({"text": "羊毛大衣可以机洗吗"}).encode()
            headers = {"Authorization": f"Bearer {link[2]}", "Content-Type": "application/json"}
            request = urllib.request.Request(f"{link[1]}/v1/suggest?shop=qingluo", body, headers)  # noqa: S310
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
                hits = json.load(reply)["hits"]
            return str(hits[0]["answer"]["text"]) if hits else ""
    return ""


def demo(rest: list[str]) -> int:
    python = environment(".venv", "run.txt")
    return run(python, "-m", "huashu", "demo", *rest, check=False)


def test(rest: list[str]) -> int:
    began = time.monotonic()
    browser = find_browser()
    python = environment(".venv-test", "run.txt", "test.txt", "models.txt", torch=True)
    say("风格、类型、架构 · style, types, architecture")
    with nullcontext() if rest else compiling(python):
        run(python, "-m", "ruff", "check", ".")
        run(python, "-m", "ruff", "format", "--check", ".")
        run(python, "-m", "mypy")
        run(python.with_name("lint-imports"))
    # Hundreds of processes start; the sandbox's may write nothing, so that each of them would compile what it imports.
    run(python, "-m", "compileall", "-q", *ROOMS, check=False)
    code = tested(python, browser, [rest] if rest else [(*ON_BOTH_CORES, *part) for part in (COUNTED, OTHERS)])
    if not rest and not code:
        smoke()
    say(f"{time.monotonic() - began:.0f} s")
    return code


def tested(python: Path, browser: str, parts: Sequence[Sequence[str]]) -> int:
    """The first part that is not green says how it ends; red tests do not keep the next part back, whatever else ends one does."""
    ends = 0
    for number, part in enumerate(parts, 1):
        say(f"测试 · tests{f' {number}/{len(parts)}' if len(parts) > 1 else ''}")
        code = run(python, "-m", "pytest", *part, check=False, CHROMIUM=browser, **KEPT)
        ends = ends or code
        if code not in (0, RED):
            break
    return ends


def compiling(python: Path) -> subprocess.Popen[bytes]:
    """pytest rewrites the tests' asserts and keeps them beside the tests: once here, on the other core, not in each worker."""
    command = [str(python), "-m", "pytest", "--collect-only", "-qq"]
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | KEPT, stdout=nowhere, stderr=nowhere)


def lock(_: list[str]) -> int:
    """Resolve with uv for every platform; hashes in, registry addresses out."""
    folder = ROOT / ".venv-lock"
    venv.create(folder, with_pip=True)
    python = python_of(folder)
    run(python, "-m", "pip", "install", "--quiet", "uv")
    compile_ = (python, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--universal", "--no-header",
                "--python-version", "3.11", "--no-emit-index-url", "--no-annotate", "pyproject.toml")  # fmt: skip
    LOCK.mkdir(exist_ok=True)
    run(*compile_, "--extra", "build", "-o", LOCK / "run.txt")
    run(*compile_, "--extra", "test", "-c", LOCK / "run.txt", "-o", LOCK / "test.txt")
    # torch itself and the CUDA packages its Linux wheel asks for stay out: see install_torch.
    left_out = [flag for name in cuda_packages(python) for flag in ("--no-emit-package", name)]
    run(*compile_, "--extra", "models", "-c", LOCK / "test.txt", *left_out, "-o", LOCK / "models.txt")
    return 0


def cuda_packages(python: Path) -> list[str]:
    listed = subprocess.run(
        [python, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header",
         "--no-annotate", "--extra", "models", "pyproject.toml"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [line.split("==")[0].split("[")[0].strip() for line in listed.stdout.splitlines() if "==" in line]
    return [name for name in names if name in {"torch", "triton"} or name.startswith(("nvidia-", "cuda-"))]


def setup(_: list[str]) -> int:
    environment(".venv", "run.txt")
    return 0


def main() -> int:
    if sys.version_info < MINIMUM:
        say(f"需要 Python {'.'.join(map(str, MINIMUM))} 以上 · Python 3.11 or newer is needed")
        return 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = {"demo": demo, "test": test, "setup": setup, "lock": lock}
    parser.add_argument("verb", choices=verbs)
    known, rest = parser.parse_known_args()
    return verbs[known.verb](rest)


if __name__ == "__main__":
    sys.exit(main())
