"""Quick-phrase sheets (快捷短语): answers under a short code, without any question."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ingest.columns.table import Table
from ingest.draft import EntryDraft
from ingest.kinds.rowhash import entry_hash
from ingest.kinds.texts import warn_of_personal_data
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.mask import mask
from kb.model import Answer, Entry, EntryKind

NO_GROUP = "未分组"


def draft_phrases(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[EntryDraft], int]:
    """The scripts of a sheet without their ids, and how many rows were left out."""
    shared = _shared_codes(table, rows)
    drafts: dict[str, EntryDraft] = {}
    skipped = 0
    for row in rows:
        text, code = table.text(row, "phrase"), table.text(row, "key")
        key = _key(code, text, shared)
        if not text:
            problems.warn("phrase_missing", "没有短语内容，已跳过", row=row.number, column=table.letter("phrase"))
        elif key in drafts:
            problems.warn("phrase_repeated", "和前面的短语完全相同，已跳过", row=row.number, value=text)
        else:
            _warn(table, row, problems, shared)
            drafts[key] = _draft(table, row, key)
            continue
        skipped += 1
    return list(drafts.values()), skipped


def _shared_codes(table: Table, rows: Sequence[Row]) -> set[str]:
    """Codes that stand before several texts; none of these may own the code as its identity."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if text := table.text(row, "phrase"):
            texts[table.text(row, "key")].add(text)
    return {code for code, found in texts.items() if len(found) > 1}


def _key(code: str, text: str, shared: set[str]) -> str:
    """The code where it names one phrase; else the phrase itself, so that a moved row stays the same phrase."""
    if code and code not in shared:
        return code
    return text_key(code, text)


def text_key(code: str, text: str) -> str:
    """The identity of a phrase that has no code of its own."""
    identity = f"{code}\n{text}" if code else text
    return "h:" + hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()


def _warn(table: Table, row: Row, problems: Problems, shared: set[str]) -> None:
    code, text = table.text(row, "key"), table.text(row, "phrase")
    if code and code in shared:
        problems.warn(
            "code_shared",
            f"编码“{code}”下有几条不同的短语，都已收下；要分清，请各用一个编码",
            row=row.number,
            column=table.letter("key"),
            value=code,
        )
    warn_of_personal_data(text, problems, row=row.number, column=table.letter("phrase"))


def _draft(table: Table, row: Row, key: str) -> EntryDraft:
    entry = Entry(
        id="",
        key=key,
        kind=EntryKind.SCRIPT,
        question="",
        answers=(Answer("", table.text(row, "phrase")),),
        category=mask(table.text(row, "group")) or NO_GROUP,
        shortcut=table.text(row, "key"),
        source=table.source(row.number, table.letter("phrase")),
        version=0,
    )
    return EntryDraft(replace(entry, row_hash=entry_hash(entry)))
