"""What can be downloaded, and as what."""

from __future__ import annotations

from typing import ClassVar, Literal

from fastapi import Response

TemplateKind = Literal["product", "faq", "phrase", "notice", "handover", "order", "chat"]
ExportKind = Literal["product", "faq", "phrase", "notice", "handover"]


class Workbook(Response):
    """An xlsx file."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    schema: ClassVar[dict[str, str]] = {"type": "string", "format": "binary"}
