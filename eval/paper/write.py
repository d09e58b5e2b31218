"""A report written in the forms that were asked for."""

from __future__ import annotations

import json
from pathlib import Path

from eval.paper.html import to_html
from eval.paper.json_ import to_json
from eval.paper.paper import Paper
from eval.paper.xlsx import write_xlsx


def write(
    paper: Paper, *, html: Path | None = None, xlsx: Path | None = None, json_file: Path | None = None, lang: str = "zh"
) -> tuple[Path, ...]:
    """Write each form whose path is given, and say which. Raises OSError where a file cannot be written."""
    if html:
        html.write_text(to_html(paper, lang), encoding="utf-8", newline="\n")
    if xlsx:
        write_xlsx(paper, xlsx, lang)
    if json_file:
        text = json.dumps(to_json(paper), ensure_ascii=False, indent=1, allow_nan=False)
        json_file.write_text(text + "\n", encoding="utf-8", newline="\n")
    return tuple(path for path in (html, xlsx, json_file) if path)
