"""A trainer's edit of one entry: checked, embedded, written in one transaction."""

from __future__ import annotations

from dataclasses import replace

from kb.embed import Engine
from kb.errors import EngineFailed, Invalid
from kb.model import Entry, EntryKind, Origin, Status
from kb.store.merchant import Change, MerchantStore
from kb.text import clean, fold
from kb.vectorise import missing_vectors, texts_of


def save_entry(store: MerchantStore, engine: Engine | None, entry: Entry) -> Entry:
    """Store an entry (version 0: a new one) as the trainer's; returns it as stored.

    Raises Invalid when it could not be found or answered with, Conflict when somebody saved it meanwhile. A
    failing engine does not stop the edit: the entry is found by words until its vectors are filled in.
    """
    _check(entry)
    entry = replace(entry, origin=Origin.TRAINER)
    name, vectors = "", {}
    if engine is not None:
        try:
            vectors = missing_vectors(engine, texts_of(entry), store.known_hashes(engine.fingerprint))
            name = engine.fingerprint
        except EngineFailed:
            pass
    store.apply(Change(entries=[entry], engine=name, vectors=vectors))
    return store.entry(entry.id)


def set_status(store: MerchantStore, entry: Entry, status: Status) -> Entry:
    """Publish, retire or take back to draft, without touching the texts."""
    changed = replace(entry, status=status)
    if status is Status.PUBLISHED:
        _check(changed)
    store.apply(Change(entries=[changed]))
    return store.entry(entry.id)


def _check(entry: Entry) -> None:
    if entry.kind is EntryKind.FAQ and not fold(entry.question):
        raise Invalid("问答类知识要有标准问题。")
    if entry.status is Status.PUBLISHED and not entry.answers:
        raise Invalid("没有话术的知识不能发布。", remedy="请先写至少一条话术，或存为草稿。")
    if any(not clean(answer.text) for answer in entry.answers):
        raise Invalid("话术里没有看得见的文字。")
    for window in (entry.window, *(answer.window for answer in entry.answers)):
        if window.start is not None and window.end is not None and window.start >= window.end:
            raise Invalid("失效时间要晚于生效时间。")
