"""The text layer of a PDF as questions and answers. Tables in a PDF are only lines of text and are not put together."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from ingest.readers.block import Block
from ingest.readers.limits import MAX_ROWS
from ingest.readers.notices import stated_time
from ingest.readers.prose import document_sheets
from ingest.readers.questions import begins_something
from ingest.sheet import Sheet, tidy
from kb.errors import BadFile, HuashuError, TooLarge

_MAX_PAGES = 500
_FULL_LINE = 0.85  # of the longest line; a shorter one ends where its writer ended it
_SHORTEST_FULL = 20  # characters; no page is narrower
_ENDS = re.compile(r"[。！？!?；;：:]$")
_WORDY = re.compile(r"[A-Za-z0-9]")
_UNLOCK = "请打开后去掉密码，另存一份再导入。"
_COPY_OUT = "请把其中的内容复制到 Word 或 Excel，另存为 docx 或 xlsx 后再导入。"


def read_pages(data: bytes, name: str) -> list[Sheet]:
    """The questions of all pages. Raises BadFile for a locked, broken or scanned PDF, TooLarge over a bound."""
    try:
        lines = _lines(data, name)
    except (HuashuError, MemoryError):
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise BadFile(f"文件“{name}”加了密码。", remedy=_UNLOCK) from error
    except Exception as error:  # pypdf meets broken files with any of a dozen types
        raise BadFile(f"文件“{name}”打不开，可能已损坏。", remedy=_COPY_OUT) from error
    if not lines:
        raise BadFile(
            f"文件“{name}”里没有文字，像是扫描件或图片做成的 PDF。",
            remedy="请向商家要文字版（Word 或 Excel），或者先用识别软件转成文字再导入。",
        )
    return document_sheets(_unwrapped(lines), [], name)


def _lines(data: bytes, name: str) -> list[str]:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise BadFile(f"文件“{name}”加了密码。", remedy=_UNLOCK)
    if len(reader.pages) > _MAX_PAGES:
        raise TooLarge(f"文件“{name}”有 {len(reader.pages)} 页，上限是 {_MAX_PAGES} 页。")
    lines: list[str] = []
    for page in reader.pages:
        lines += [tidy(line) for line in page.extract_text().splitlines() if tidy(line)]
        if len(lines) > MAX_ROWS:
            raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 行。")
    return lines


def _unwrapped(lines: list[str]) -> list[Block]:
    """Lines that the page broke, put together again: a PDF knows no paragraphs."""
    full = max(_FULL_LINE * max(map(len, lines)), _SHORTEST_FULL)
    blocks: list[Block] = []
    broken = False  # whether the line before ran to the edge of the page
    for number, line in enumerate(lines, start=1):
        if broken and not begins_something(line) and stated_time(line) is None:
            last = blocks[-1]
            space = " " if _WORDY.match(last.text[-1]) and _WORDY.match(line) else ""
            blocks[-1] = Block(last.number, last.text + space + line, gap=True)
        else:
            blocks.append(Block(number, line, gap=True))
        broken = len(line) >= full and not _ENDS.search(line) and stated_time(line) is None
    return blocks
