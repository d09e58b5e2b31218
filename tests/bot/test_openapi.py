"""T3: the document that is committed is the one that is served, and the service keeps what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from calls import ANYBODY, CALLS
from running import ROOT, Inside, run
from world import World

from kb.store.grant import Role

COMMITTED = ROOT / "docs" / "openapi.json"
CONFIG = """
[checks]  # 413 is a refusal like the others
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""


def test_the_committed_document_is_the_one_of_this_code(server: Inside) -> None:
    # Made anew by: python -m huashu openapi > docs/openapi.json
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == server.app.openapi()


def test_the_command_writes_the_same_bytes_every_time(tmp_path: Path) -> None:
    # Whatever the settings of the machine are: a document that differs by machine would never stop changing.
    written = run("openapi", PYTHONHASHSEED="1", HUASHU_ENGINE="none", HUASHU_DATA=str(tmp_path))
    assert written.stdout == COMMITTED.read_text(encoding="utf-8")


def test_the_served_document_is_the_same(server: Inside) -> None:
    with server.client() as http:
        assert http.get("/v1/openapi.json").json() == server.app.openapi()


def test_the_document_says_for_every_operation_who_may_and_how_it_fails(server: Inside) -> None:
    paths = server.app.openapi()["paths"]
    for call in CALLS:
        operation = paths[call.path][call.method.lower()]
        assert ("security" in operation) == (call.needs != ANYBODY), call.name
        assert operation["summary"] and operation["tags"], call.name
        problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/ProblemOut"}
        assert "422" not in operation["responses"], call.name  # FastAPI's own shape, which this service never sends


def test_every_reference_in_the_document_leads_somewhere(server: Inside) -> None:
    document = server.app.openapi()
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])


# Every operation's examples and every boundary of every field: the same 2,600 requests each time. What chance adds to
# them is a tenth as many and costs as much again.
FEW, MORE = (
    pytest.param("examples,coverage"),
    pytest.param("fuzzing", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
)
OFFICE = "^/v1/(people|keys|audit|experiments)"  # where an admin gets further than a trainer


@pytest.mark.parametrize("phases", [FEW, MORE])
@pytest.mark.parametrize("who", ["trainer", "admin"])
def test_thousands_of_generated_requests_get_what_the_document_says(
    who: str, phases: str, server: Inside, world: World, tmp_path: Path
) -> None:
    pytest.importorskip("schemathesis")
    key = world.keys["trainer-a"] if who == "trainer" else server.service.folder.hub.issue_key("管理", Role.ADMIN)
    chosen = ["--exclude-path-regex" if who == "trainer" else "--include-path-regex", OFFICE]
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{server.address}/v1/openapi.json",
        "--header", f"Authorization: Bearer {key}", *chosen,
        "--phases", phases, "--max-examples", "20", "--seed", "20260830", "--no-shrink",
        "--continue-on-failure", "--warnings", "off", "--checks", "all",
        # What no schema can say is refused too: a question without a question, an import of an empty file.
        "--exclude-checks", "positive_data_acceptance",
        "--exclude-path", "/v1/stream",  # its reply has no end
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=590, check=False)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    reached = [call for call in CALLS if bool(re.search(OFFICE, call.path)) == (who == "admin") and not call.endless]
    assert f"{len(reached)} selected / {len(CALLS)} total" in done.stdout
