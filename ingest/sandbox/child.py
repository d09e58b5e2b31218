"""Inside the sandbox: give up what parsing does not need, parse, write the rows, end.

Runs as a process of its own (see `ingest.sandbox`); nothing here is imported by the service.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import BinaryIO

from ingest.gate import Format
from ingest.sandbox import wire
from kb.errors import HuashuError

OUT_OF_MEMORY = 70
FAILED = 71
_OPEN_FILES = 32


def main() -> None:
    """Read one request from standard input, answer on standard output, and leave without any tidying up."""
    code = FAILED
    try:
        request = json.loads(sys.stdin.buffer.readline())
        restrain(request["memory"], request["cpu_s"])
        answer(request, sys.stdin.buffer.read(), sys.stdout.buffer)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:  # a Rust parser's panic is no Exception; whatever it was, the exit code says enough
        os._exit(code)


def answer(request: Mapping[str, str], data: bytes, out: BinaryIO) -> None:
    """Write the sheets of the file, or the line that refuses it."""
    # openpyxl would load numpy (and its threads). And it would parse through defusedxml, in Python, at half the speed: no
    # part with a declaration gets past `refuse_declarations`, and without one there is no entity to expand.
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
    os.environ.update(OPENPYXL_LXML="False", OPENPYXL_DEFUSEDXML="False")
    from ingest.readers.parse import parse

    try:
        out.writelines(wire.encode(parse(Format(request["format"]), data, request["name"])))
    except HuashuError as error:
        out.write(wire.encode_refusal(error))
    out.flush()


def restrain(memory: int, cpu_s: int) -> None:
    """Take away memory, time, files and children, for good. Windows has no such limits; there the clock alone acts."""
    try:
        import resource
    except ImportError:
        return
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
    }
    for limit, value in limits.items():
        try:
            # Processor time ends with a signal of its own only while the hard limit is still ahead.
            resource.setrlimit(limit, (value, value + (limit == resource.RLIMIT_CPU)))
        except (ValueError, OSError):
            continue  # macOS refuses some of them; the others still hold
