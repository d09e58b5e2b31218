"""A trainer's work on entries: list, open, create, edit, publish, retire. A reply means the edit is live."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query

from bot.access import OneShop, Shop
from bot.shapes.entries import AnswerIn, EntriesOut, EntryEdit, EntryIn, EntryOut, StatusIn
from bot.shapes.products import ProductOut, ProductsOut
from kb.edit import save_entry, set_status
from kb.errors import Conflict
from kb.language.mask import mask
from kb.language.text import fold
from kb.model import Answer, Condition, Entry, EntryKind, Origin, Phrasing, Status, Window
from kb.store.audit import digest
from kb.store.codec import new_id
from kb.store.entries import EntryFilter

router = APIRouter(prefix="/v1", tags=["训练师"])

EntryId = Annotated[str, Path(max_length=64)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/entries", summary="查找知识条目")
def list_entries(
    shop: OneShop,
    q: Annotated[str, Query(max_length=200)] = "",
    status: Status | None = None,
    kind: EntryKind | None = None,
    scene: Annotated[str, Query(max_length=100)] = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> EntriesOut:
    wanted = EntryFilter(q.strip(), status or "", kind or "", scene)
    total, found = shop.store.find_entries(wanted, offset=offset, limit=limit)
    return EntriesOut(total=total, entries=[EntryOut.of(entry) for entry in found], scenes=shop.store.scenes())


@router.post("/entries", status_code=201, summary="新建知识条目")
def create_entry(draft: EntryIn, shop: OneShop) -> EntryOut:
    entry_id = new_id("e")
    # The stored question's key, masked as it is: the key is stored and shown too.
    key = fold(mask(draft.question)) or entry_id
    return _save(shop, _edited(Entry(entry_id, key, draft.kind, "", version=0, origin=Origin.TRAINER), draft))


@router.get("/entries/{entry_id}", summary="打开一条知识")
def open_entry(entry_id: EntryId, shop: OneShop) -> EntryOut:
    return EntryOut.of(shop.store.entry(entry_id))


@router.put("/entries/{entry_id}", summary="保存对一条知识的修改")
def edit_entry(entry_id: EntryId, edit: EntryEdit, shop: OneShop) -> EntryOut:
    entry = _current(shop, entry_id, edit.version)
    return _save(shop, _edited(entry, edit), digest(entry))


@router.post("/entries/{entry_id}/status", summary="发布、下架或退回草稿")
def change_status(entry_id: EntryId, change: StatusIn, shop: OneShop) -> EntryOut:
    entry = _current(shop, entry_id, change.version)
    stored = set_status(shop.store, entry, change.status)
    shop.publish()
    shop.note(stored.id, before=entry.status, after=stored.status)
    return EntryOut.of(stored)


@router.get("/products", summary="查找商品")
def list_products(
    shop: OneShop, q: Annotated[str, Query(max_length=200)] = "", offset: Offset = 0, limit: Limit = 50
) -> ProductsOut:
    total, found = shop.store.find_products(q.strip(), offset=offset, limit=limit)
    return ProductsOut(total=total, products=[ProductOut.of(product) for product in found])


def _current(shop: Shop, entry_id: str, version: int) -> Entry:
    entry = shop.store.entry(entry_id)
    if entry.version != version:
        raise Conflict("这一条在您打开之后被别人改过，您的改动没有写入。")
    return entry


def _save(shop: Shop, entry: Entry, before: str = "") -> EntryOut:
    stored = save_entry(shop.store, shop.engine, entry)
    shop.publish()
    shop.note(stored.id, f"第 {stored.version} 版", before=before, after=digest(stored))
    return EntryOut.of(stored)


def _edited(entry: Entry, edit: EntryIn) -> Entry:
    """The entry with what the trainer typed; a phrasing that was there keeps its id and its origin."""
    known = {(p.text, p.polarity): p for p in entry.phrasings}
    phrasings = [(mask(p.text.strip()), p.polarity) for p in edit.phrasings if p.text.strip()]
    return replace(
        entry,
        kind=edit.kind,
        question=mask(edit.question.strip()),
        scene=mask(edit.scene.strip()),
        category=mask(edit.category.strip()),
        shortcut=mask(edit.shortcut.strip()),
        status=edit.status,
        window=Window(edit.valid_from, edit.valid_to),
        must_read=edit.must_read,
        phrasings=tuple(
            known.get(p) or Phrasing(new_id("p"), p[0], p[1], Origin.TRAINER) for p in dict.fromkeys(phrasings)
        ),
        answers=_answers(edit.answers, entry.answers),
    )


def _answers(edited: Sequence[AnswerIn], stored: Sequence[Answer]) -> tuple[Answer, ...]:
    """An answer whose text was there keeps its id; the same text may stand twice, for two platforms, and an id not.

    A condition that the merchant's sheet stated and the trainer left alone stays the merchant's, to be changed by the sheet.
    """
    ids: defaultdict[str, deque[str]] = defaultdict(deque)
    for known in stored:
        ids[known.text].append(known.id)
    sheets = {(a.text, a.condition, a.window) for a in stored if a.origin is Origin.MERCHANT}
    made = []
    for answer in edited:
        states = frozenset(answer.order_states)
        condition = Condition(frozenset(answer.platforms), frozenset(answer.products), states)
        window = Window(answer.valid_from, answer.valid_to)
        origin = Origin.MERCHANT if (answer.text, condition, window) in sheets else Origin.TRAINER
        key = ids[answer.text].popleft() if ids[answer.text] else new_id("a")
        made.append(Answer(key, answer.text, condition, window, origin))
    return tuple(made)
