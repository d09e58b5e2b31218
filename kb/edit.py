"""Edits of entries: a trainer's, checked, and lessons learned from feedback. Embedded, written in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kb.embed import Engine
from kb.errors import EngineFailed, Invalid
from kb.language.text import clean, fold
from kb.model import Decision, Entry, EntryKind, Origin, Phrasing, Proposal, Status
from kb.store.change import Change, ImportRecord
from kb.store.codec import new_id
from kb.store.merchant import MerchantStore
from kb.store.vectors import Vector
from kb.vectorise import missing_vectors, texts_of


def save_draft(store: MerchantStore, engine: Engine | None, entry: Entry) -> Entry:
    """Store an entry that nobody has read over yet, with its own origin; it is never searched before a trainer publishes it.

    Raises as `save_entry`.
    """
    return _save(store, engine, replace(entry, status=Status.DRAFT))


def save_entry(store: MerchantStore, engine: Engine | None, entry: Entry) -> Entry:
    """Store an entry (version 0: a new one) as the trainer's; returns it as stored.

    Raises Invalid when it could not be found or answered with, Conflict when somebody saved it meanwhile. A
    failing engine does not stop the edit: the entry is found by words until its vectors are filled in.
    """
    return _save(store, engine, replace(entry, origin=Origin.TRAINER))


def _save(store: MerchantStore, engine: Engine | None, entry: Entry) -> Entry:
    _check(entry)
    name, vectors = _embedded(store, engine, texts_of(entry))
    store.apply(Change(entries=[entry], engine=name, vectors=vectors))
    return store.entry(entry.id)


def set_status(store: MerchantStore, entry: Entry, status: Status) -> Entry:
    """Publish, retire or take back to draft, without touching the texts."""
    changed = replace(entry, status=status)
    if status is Status.PUBLISHED:
        _check(changed)
    store.apply(Change(entries=[changed]))
    return store.entry(entry.id)


def taught(entries: Iterable[Entry], proposals: Sequence[Proposal]) -> list[Entry]:
    """Those of the entries that the proposals are about, with what they would learn; nothing is written."""
    return [
        replace(entry, phrasings=(*entry.phrasings, *new))
        for entry in entries
        if (new := [_phrasing(p) for p in proposals if p.entry == entry.id])
    ]


def save_taught(
    store: MerchantStore, engine: Engine | None, entries: Sequence[Entry], proposals: Sequence[Proposal], actor: str
) -> int:
    """Write what `taught` made of entries, that it was decided, and a record of it; returns the new generation.

    Raises Conflict when an entry was changed meanwhile or somebody dismissed a proposal; then nothing was written.
    """
    name, vectors = _embedded(store, engine, [p.text for p in proposals])
    record = ImportRecord("客服反馈", "learn", "", len(proposals), len(entries), 0, 0, actor)
    decisions = [Decision(proposal, True, actor) for proposal in proposals]
    return store.apply(Change(entries=entries, engine=name, vectors=vectors, record=[record], decisions=decisions))


def _phrasing(proposal: Proposal) -> Phrasing:
    return Phrasing(new_id("p"), proposal.text, proposal.polarity, Origin.FEEDBACK)


def _embedded(store: MerchantStore, engine: Engine | None, texts: Iterable[str]) -> tuple[str, Mapping[str, Vector]]:
    """The engine's name and the vectors that are missing; nothing when it fails, so that the background fills in."""
    if engine is None:
        return "", {}
    try:
        return engine.fingerprint, missing_vectors(engine, texts, store.known_hashes(engine.fingerprint))
    except EngineFailed:
        return "", {}


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
