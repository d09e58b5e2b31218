"""What every page of ours begins with: it needs nothing beside it, runs nothing, and lets no text be markup.

The page's own policy forbids all that is not in it: no script, no address outside, only the one style by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path

from ingest.sheet import safe


def page(title: str, style: Path, body: str, lang: str) -> str:
    """The whole file. `style`: the page's one sheet; `body`: markup, its texts escaped already (`escaped`)."""
    rules = _read(style)
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(rules)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="generator" content="huashu">\n'
        f"<title>{escaped(title)}</title>\n<style>{rules}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def escaped(text: str) -> str:
    """A text as markup shows it: nothing in it is a tag, a line's end breaks the line."""
    return escape(safe(text)).replace("\n", "<br>")


@cache
def _read(style: Path) -> str:
    return style.read_text(encoding="utf-8")


def _policy(rules: str) -> str:
    digest = base64.b64encode(hashlib.sha256(rules.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
