"""Downloads: a template and an export are real workbooks, for the trainer of that shop alone, named in Chinese."""

from __future__ import annotations

import io
from urllib.parse import unquote

import openpyxl
import pytest
from running import Inside
from world import World, canary

from bot.shapes.exports import ExportKind, Workbook
from ingest.export import EXPORTED


def test_the_kinds_of_the_api_are_those_of_the_export() -> None:
    assert set(ExportKind.__args__) == set(EXPORTED)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/v1/templates/faq", "/v1/export/faq", "/v1/export/product", "/v1/export/handover"])
def test_a_download_is_a_workbook_with_a_name(path: str, server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-a"]) as http:
        reply = http.get(path)
        again = http.get(path)
    assert reply.headers["content-type"] == Workbook.media_type
    assert reply.content == again.content
    name = unquote(reply.headers["content-disposition"].partition("UTF-8''")[2])
    assert name.endswith(".xlsx") and "/" not in name
    assert openpyxl.load_workbook(io.BytesIO(reply.content)).sheetnames[-1] == "填写说明"


def test_an_export_holds_the_shops_own_knowledge_and_no_other(server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-ab"]) as http:
        texts = {shop: _texts(http.get("/v1/export/faq", params={"shop": shop}).content) for shop in ("a", "b")}
    assert canary("a") in texts["a"] and canary("b") not in texts["a"]
    assert canary("b") in texts["b"] and canary("a") not in texts["b"]


def test_what_was_edited_is_what_is_exported(server: Inside, world: World) -> None:
    edit = {
        "kind": "faq",
        "question": f"{canary('a')}能开发票吗",
        "answers": [{"text": "=可以开", "platforms": ["天猫"]}],
    }
    with server.client(world.keys["trainer-a"]) as http:
        assert http.post("/v1/entries", json=edit).status_code == 201
        text = _texts(http.get("/v1/export/faq").content)
    assert "'=可以开" in text and "天猫" in text and "草稿" in text


@pytest.mark.parametrize("kind", ["order", "chat", "x"])
def test_what_is_not_stored_is_not_exported(kind: str, server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-a"]) as http:
        assert http.get(f"/v1/export/{kind}").status_code == 422


def _texts(data: bytes) -> str:
    sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    return "\n".join(str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)
