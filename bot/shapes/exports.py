"""What can be downloaded, and as what."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self
from urllib.parse import quote

from fastapi import Response

ExportKind = Literal["product", "faq", "phrase", "notice", "handover", "offer"]


class Workbook(Response):
    """An xlsx file."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    schema: ClassVar[dict[str, str]] = {"type": "string", "format": "binary"}

    @classmethod
    def attached(cls, content: bytes, name: str) -> Self:
        """The file under this name. Both forms of RFC 6266: a plain name for what reads no other, the real one in UTF-8."""
        disposition = f"attachment; filename=\"huashu.xlsx\"; filename*=UTF-8''{quote(name, safe='')}"
        return cls(content, headers={"Content-Disposition": disposition})


WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "xlsx 文件", "content": {Workbook.media_type: {"schema": Workbook.schema}}}
}
