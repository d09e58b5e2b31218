"""Entries in a merchant's file: rows to nouns and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from sqlite_utils import Database

from kb.language.text import text_hash
from kb.model import (
    Answer,
    Condition,
    Entry,
    EntryKind,
    Origin,
    Phrasing,
    Polarity,
    Status,
    Window,
)
from kb.store.codec import NONE, chunks, marks, pack_set, pack_source, unpack_set, unpack_source, unpack_states

Row = tuple[Any, ...]

# As tuples, not as sqlite_utils' dicts, and names by a look into a table, not by calling their enumeration: a shop is read
# whole before its first answer.
_ENTRY = (
    "id, key, kind, question, scene, category, shortcut, status, valid_from, valid_to, must_read, origin, source, row_hash,"
    " version, updated_at"
)
_PHRASING = "entry_id, id, text, polarity, origin"
_ANSWER = "entry_id, id, text, platforms, products, states, valid_from, valid_to, origin"
_KINDS = {str(kind): kind for kind in EntryKind}
_STATUSES = {str(status): status for status in Status}
_ORIGINS = {str(origin): origin for origin in Origin}
_POLARITIES = {str(polarity): polarity for polarity in Polarity}

# Nearly every entry has these; held once, not once an entry.
_ALWAYS = Window()
_ANYWHERE = Condition()


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a trainer's list shows; empty fields do not filter. `text` matches question, phrasing, answer or key."""

    text: str = ""
    status: str = ""
    kind: str = ""
    scene: str = ""


def put_entries(db: Database, entries: Sequence[Entry]) -> None:
    """Insert or replace whole entries with their phrasings and answers."""
    _delete_children(db, [entry.id for entry in entries])
    db.table("entries").upsert_all((_entry_row(e) for e in entries), pk="id")
    db.table("phrasings").insert_all(_phrasing_row(e.id, i, p) for e in entries for i, p in enumerate(e.phrasings))
    db.table("answers").insert_all(_answer_row(e.id, i, a) for e in entries for i, a in enumerate(e.answers))


def find_entries(db: Database, wanted: EntryFilter, *, offset: int, limit: int) -> tuple[int, list[Entry]]:
    """The matching page, most recently changed first, and how many match in all."""
    where, values = _where(wanted)
    total = next(db.query(f"SELECT count(*) AS n FROM entries WHERE {where}", values))["n"]
    rows = db.conn.execute(
        f"SELECT {_ENTRY} FROM entries WHERE {where} ORDER BY updated_at DESC, rowid LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
    )
    return int(total), _assemble(db, rows.fetchall())


def all_entries(db: Database, status: Status | None = None) -> list[Entry]:
    """Every entry (of one status), in the order they were first stored."""
    where = "1" if status is None else "status = :status"
    values = {"status": str(status)}
    rows = db.conn.execute(f"SELECT {_ENTRY} FROM entries WHERE {where} ORDER BY rowid", values)
    of_these = f"WHERE entry_id IN (SELECT id FROM entries WHERE {where}) ORDER BY position"
    phrased = db.conn.execute(f"SELECT {_PHRASING} FROM phrasings {of_these}", values)
    answered = db.conn.execute(f"SELECT {_ANSWER} FROM answers {of_these}", values)
    return _joined(rows.fetchall(), phrased, answered)


def published_entries(db: Database, held: Iterable[Entry] = ()) -> tuple[list[Entry], list[str]]:
    """Every published entry, in the order they were first stored, and the ids of those that had to be read: an entry
    in `held` whose version is the stored one is given back as it is."""
    known = {(entry.id, entry.version): entry for entry in held}
    if not known:
        found = all_entries(db, Status.PUBLISHED)
        return found, [entry.id for entry in found]
    query = "SELECT id, version FROM entries WHERE status = ? ORDER BY rowid"
    keys = [(row[0], row[1]) for row in db.conn.execute(query, [str(Status.PUBLISHED)])]
    fresh = [key for key, version in keys if (key, version) not in known]
    read = {entry.id: entry for chunk in chunks(fresh) for entry in _entries_of(db, chunk)}
    return [known.get((key, version)) or read[key] for key, version in keys], fresh


def _entries_of(db: Database, ids: Sequence[str]) -> list[Entry]:
    rows = db.conn.execute(f"SELECT {_ENTRY} FROM entries WHERE id IN ({marks(ids)})", ids)
    return _assemble(db, rows.fetchall())


def entry_by_id(db: Database, entry_id: str) -> Entry | None:
    found = _entries_of(db, [entry_id])
    return found[0] if found else None


def scenes(db: Database) -> list[str]:
    """The scenes in use, for a filter."""
    return [row["scene"] for row in db.query("SELECT DISTINCT scene FROM entries WHERE scene != '' ORDER BY scene")]


def _where(wanted: EntryFilter) -> tuple[str, dict[str, str]]:
    """Clauses are fixed text; what the caller typed travels as bound values only."""
    clauses = ["1"]
    values: dict[str, str] = {}
    for column in ("status", "kind", "scene"):
        if value := getattr(wanted, column):
            clauses.append(f"{column} = :{column}")
            values[column] = value
    if wanted.text:
        values["like"] = f"%{_escape_like(wanted.text)}%"
        clauses.append(
            "(question LIKE :like ESCAPE '\\' OR key LIKE :like ESCAPE '\\' OR shortcut LIKE :like ESCAPE '\\'"
            " OR id IN (SELECT entry_id FROM phrasings WHERE text LIKE :like ESCAPE '\\')"
            " OR id IN (SELECT entry_id FROM answers WHERE text LIKE :like ESCAPE '\\'))"
        )
    return " AND ".join(clauses), values


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _delete_children(db: Database, ids: Sequence[str]) -> None:
    for chunk in chunks(ids):
        for table in ("phrasings", "answers"):
            db.conn.execute(f"DELETE FROM {table} WHERE entry_id IN ({marks(chunk)})", chunk)


def _assemble(db: Database, rows: list[Row]) -> list[Entry]:
    ids = [row[0] for row in rows]
    return _joined(
        rows, _children(db, f"{_PHRASING} FROM phrasings", ids), _children(db, f"{_ANSWER} FROM answers", ids)
    )


def _children(db: Database, what: str, ids: Sequence[str]) -> Iterator[Row]:
    for chunk in chunks(ids):
        yield from db.conn.execute(f"SELECT {what} WHERE entry_id IN ({marks(chunk)}) ORDER BY position", chunk)


def _joined(rows: Sequence[Row], phrased: Iterable[Row], answered: Iterable[Row]) -> list[Entry]:
    """Entries of their rows and of their children's, which come by position."""
    phrasings: defaultdict[str, list[Phrasing]] = defaultdict(list)
    answers: defaultdict[str, list[Answer]] = defaultdict(list)
    for entry, phrasing, text, polarity, origin in phrased:
        phrasings[entry].append(Phrasing(phrasing, text, _POLARITIES[polarity], _ORIGINS[origin]))
    for entry, *answer in answered:
        answers[entry].append(_answer(*answer))
    return [_entry(row, tuple(phrasings[row[0]]), tuple(answers[row[0]])) for row in rows]


def _entry(row: Row, phrasings: tuple[Phrasing, ...], answers: tuple[Answer, ...]) -> Entry:
    (
        entry, key, kind, question, scene, category, shortcut, status, start, end, must_read, origin, source, row_hash,
        version, updated_at,
    ) = row  # fmt: skip
    return Entry(
        id=entry,
        key=question if question == key else key,  # one string where they are the same
        kind=_KINDS[kind],
        question=question,
        phrasings=phrasings,
        answers=answers,
        scene=intern(scene),  # as the source: the same few for all entries
        category=intern(category),
        shortcut=shortcut,
        status=_STATUSES[status],
        window=_window(start, end),
        must_read=bool(must_read),
        origin=_ORIGINS[origin],
        source=unpack_source(source),
        row_hash=row_hash,
        version=version,
        updated_at=updated_at,
    )


def _answer(
    answer: str, text: str, platforms: str, products: str, states: str, start: int | None, end: int | None, origin: str
) -> Answer:
    if platforms == products == states == NONE:
        condition = _ANYWHERE
    else:
        condition = Condition(unpack_set(platforms), unpack_set(products), unpack_states(states))
    return Answer(answer, text, condition, _window(start, end), _ORIGINS[origin])


def _window(start: int | None, end: int | None) -> Window:
    return _ALWAYS if start is None and end is None else Window(start, end)


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "key": entry.key,
        "kind": str(entry.kind),
        "question": entry.question,
        "question_hash": text_hash(entry.question),
        "scene": entry.scene,
        "category": entry.category,
        "shortcut": entry.shortcut,
        "status": str(entry.status),
        "valid_from": entry.window.start,
        "valid_to": entry.window.end,
        "must_read": int(entry.must_read),
        "origin": str(entry.origin),
        "source": pack_source(entry.source),
        "row_hash": entry.row_hash,
        "version": entry.version,
        "updated_at": entry.updated_at,
    }


def _phrasing_row(entry_id: str, position: int, phrasing: Phrasing) -> dict[str, Any]:
    return {
        "id": phrasing.id,
        "entry_id": entry_id,
        "position": position,
        "text": phrasing.text,
        "text_hash": text_hash(phrasing.text),
        "polarity": str(phrasing.polarity),
        "origin": str(phrasing.origin),
    }


def _answer_row(entry_id: str, position: int, answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "entry_id": entry_id,
        "position": position,
        "text": answer.text,
        "text_hash": text_hash(answer.text),
        "platforms": pack_set(answer.condition.platforms),
        "products": pack_set(answer.condition.products),
        "states": pack_set(answer.condition.states),
        "valid_from": answer.window.start,
        "valid_to": answer.window.end,
        "origin": str(answer.origin),
    }
