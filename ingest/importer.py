"""The door: read a merchant's file, show what it would change, change it in one transaction."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ingest.collector import young_collected_only
from ingest.columns.correction import Corrections, Mappings
from ingest.columns.fields import SheetKind
from ingest.compare.changeset import Changeset, Known, Mark, compare
from ingest.compare.once import write_once
from ingest.compare.stock import Held, hold, stock
from ingest.compare.talks import compare_talks
from ingest.draft import Draft
from ingest.drafting import draft_sheets
from ingest.gate import display_name
from ingest.pace import Course, Stage, unwatched
from ingest.readers import read
from ingest.report import Report, SheetReport, message, sheet_report
from ingest.review import review
from ingest.review.removed import Retire
from ingest.settle.charts import place_charts
from ingest.sheet import Sheet
from kb.embed import Engine
from kb.errors import BadFile, Busy, Conflict, EngineFailed, Invalid
from kb.language.mask import mask
from kb.model import Entry, Product
from kb.store.change import Change, ImportRecord, Seen
from kb.store.merchant import MerchantStore
from kb.vectorise import Progress, Stopped, batches, never, texts_of, wanting

AUTO = "auto"
_LEXICAL = "；语义模型暂时不可用，新内容先按关键词推荐"
_STAGED = 256  # texts whose vectors are written at once
_ATTEMPTS = 3  # a trainer saving one of the rows during the import, or an undo, costs one more look, not a failure


@dataclass(frozen=True, slots=True)
class Parsed:
    """The sheets of a file, and the digest of the file that they are of."""

    digest: str
    sheets: Sequence[Sheet]


@dataclass(frozen=True, slots=True)
class _How:
    """What whoever imports has asked for."""

    as_draft: bool = False
    retire: Retire = Retire.NOTHING
    everything: bool = False
    actor: str = ""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a draft beside what the shop has: its changesets, and what was written of them."""

    draft: Draft
    changes: list[Changeset | None]
    generation: int
    committed: bool = False
    embedded: int = 0
    lexical: bool = False


def parse_file(data: bytes, filename: str, *, stopped: Stopped = never) -> Parsed:
    """The sheets of a file; `stopped` is asked meanwhile.

    Raises BadFile or TooLarge for a file that cannot be read, and Busy when it was stopped or too many files are being read.
    """
    return Parsed(hashlib.sha256(data).hexdigest(), read(data, filename, stopped=stopped))


def read_file(
    data: bytes,
    filename: str,
    kind: str = AUTO,
    mappings: Mappings = Mappings(),  # noqa: B008 - frozen and empty
    *,
    stopped: Stopped = never,
    parsed: Parsed | None = None,
) -> Draft:
    """A file as drafts and problems. `kind` is "auto" or a SheetKind; `mappings` are what people say the columns mean;
    `stopped` is asked while the file is parsed. `parsed` is what somebody has made of a file already: of this one, it is
    parsed no second time, which costs a process and half a second.

    Raises what `parse_file` raises, and Invalid for an unknown kind or a correction that cannot be; nothing else.
    """
    wanted = _kind(kind)
    name = mask(display_name(filename))
    if parsed is None or parsed.digest != hashlib.sha256(data).hexdigest():
        parsed = parse_file(data, filename, stopped=stopped)
    if not parsed.sheets:
        raise BadFile(f"文件“{name}”里没有内容。", remedy="请确认表格已经填好并保存，再导入。")
    return Draft(name, parsed.digest, draft_sheets(name, parsed.sheets, wanted, mappings))


@young_collected_only()
def preview(
    store: MerchantStore,
    data: bytes,
    filename: str,
    *,
    kind: str = AUTO,
    mapping: Corrections | None = None,
    engine: Engine | None = None,
    retire: bool = False,
    retire_most: bool = False,
    everything: bool = False,
    at: Callable[[Stage], None] = unwatched,
    stopped: Stopped = never,
) -> Report:
    """What a commit with this engine and these corrections of columns would do; writes and remembers nothing.

    With `everything`, unchanged rows are reviewed again. `at` and `stopped` are as for `commit`, and so are the errors.
    """
    started = time.perf_counter()
    course = Course(at, unwatched, stopped)
    how = _How(retire=_retire(retire, retire_most), everything=everything)
    draft = _read(data, filename, kind, _mappings(store, mapping), course)
    course.enter(Stage.COMPARING)
    placed, changes = _compare(store, draft, engine, hold(store), how)
    return _report(_Outcome(placed, changes, store.generation()), "preview", started)


@young_collected_only()
def commit(
    store: MerchantStore,
    engine: Engine | None,
    data: bytes,
    filename: str,
    *,
    kind: str = AUTO,
    mapping: Corrections | None = None,
    partial: bool = False,
    as_draft: bool = False,
    retire: bool = False,
    retire_most: bool = False,
    actor: str = "",
    at: Callable[[Stage], None] = unwatched,
    progress: Progress | None = None,
    stopped: Stopped = never,
    parsed: Parsed | None = None,
) -> Report:
    """Write the whole file in one transaction, vectors included, and remember the corrections of its columns.

    A file with errors is not written at all unless `partial`; then its good rows are. A failing engine does not
    stop the import: what it brings is found by words until its vectors are filled in. With `retire`, what an earlier
    file of this name brought and this one lacks is retired (下架); where that is most of it, only with `retire_most`.
    `at` is told each stage, `progress` (done, total) texts while they are embedded; `stopped` is asked until the file is
    about to be written; `parsed` is as for `read_file`.

    Raises what `read_file` raises, Conflict or StoreFailed from the store, and Cancelled when it was stopped. Then
    nothing was written but vectors, ahead of their texts: an import of the same texts goes on from there.
    """
    started = time.perf_counter()
    course = Course(at, progress or unwatched, stopped)
    how = _How(as_draft, _retire(retire, retire_most), actor=actor)
    with ThreadPoolExecutor(1) as aside:
        held = aside.submit(hold, store)  # half a second at 20,000 entries, while a child process reads the file
        draft = _read(data, filename, kind, _mappings(store, mapping), course, parsed)
    if draft.importable and (partial or not draft.errors):
        outcome = _write(store, engine, draft, course, held.result(), how)
    else:
        placed, changes = _compare(store, draft, engine, held.result(), how)
        outcome = _Outcome(placed, changes, store.generation())
    return _report(outcome, "commit", started)


def _read(
    data: bytes, filename: str, kind: str, mappings: Mappings, course: Course, parsed: Parsed | None = None
) -> Draft:
    course.enter(Stage.READING)
    try:
        return read_file(data, filename, kind, mappings, stopped=course.stopped, parsed=parsed)
    except Busy:
        course.go_on()
        raise


def _write(
    store: MerchantStore, engine: Engine | None, draft: Draft, course: Course, held: Held, how: _How
) -> _Outcome:
    embedded, usable = 0, engine
    for attempt in range(1, _ATTEMPTS + 1):
        course.enter(Stage.COMPARING)
        held = held if attempt == 1 else hold(store)
        placed, changes = _compare(store, draft, engine, held, how)
        try:
            embedded += _stage_vectors(store, usable, changes, course)
        except EngineFailed:
            usable = None
        course.enter(Stage.WRITING)
        try:
            generation = store.apply(_change(placed, changes, held.undone, how.actor))
        except (Conflict, Invalid):  # Invalid: somebody stored a new entry under one of our keys meanwhile
            if attempt == _ATTEMPTS:
                raise
        else:
            return _Outcome(placed, changes, generation, True, embedded, usable is not engine)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _mappings(store: MerchantStore, mapping: Corrections | None) -> Mappings:
    return Mappings(store.mappings(), mapping or {})


def _compare(
    store: MerchantStore, draft: Draft, engine: Engine | None, held: Held, how: _How
) -> tuple[Draft, list[Changeset | None]]:
    """The draft with its size tables placed among the shop's products, and its changesets, reviewed."""
    stored = stock(store, draft, held)
    if engine and any(sheet.talks for sheet in draft.sheets):
        stored = replace(stored, engine=engine, vectors=store.snapshot(engine.fingerprint).vectors)
    placed = replace(draft, sheets=tuple(place_charts(draft.sheets, stored.products)))
    changes = write_once(_compare_sheets(placed, stored, as_draft=how.as_draft))
    return placed, review(placed, changes, stored, retire=how.retire, everything=how.everything)


def _compare_sheets(draft: Draft, stored: Known, *, as_draft: bool) -> list[Changeset | None]:
    chats = [sheet for sheet in draft.sheets if sheet.kind is SheetKind.CHAT]
    mined = iter(compare_talks(chats, stored) if chats else ())
    return [
        next(mined) if sheet.kind is SheetKind.CHAT else compare(sheet, stored, as_draft=as_draft)
        for sheet in draft.sheets
    ]


def _stage_vectors(store: MerchantStore, engine: Engine | None, changes: list[Changeset | None], course: Course) -> int:
    """Embed what is new, and keep it on disk as it comes: the change that stores the texts finds their vectors there,
    and an import that is broken off need not embed them again. Returns how many were made."""
    texts = [text for c in changes if c for entry in c.entries for text in texts_of(entry)]
    if engine is None or not texts:
        return 0
    todo = wanting(texts, store.known_hashes(engine.fingerprint))
    if not todo:
        return 0
    course.enter(Stage.EMBEDDING)
    course.progress(0, len(todo))
    done = 0
    for found in batches(engine, todo, _STAGED, course.stopped):
        store.stage_vectors(engine.fingerprint, found)
        done += len(found)
        course.progress(done, len(todo))
    return done


def _change(draft: Draft, changes: list[Changeset | None], undone: int, actor: str) -> Change:
    present = [change for change in changes if change]
    left = [thing for change in present for thing in change.left]
    return Change(
        seen=Seen(
            undone,
            [thing for thing in left if isinstance(thing, Entry)],
            [thing for thing in left if isinstance(thing, Product)],
        ),
        entries=[entry for change in present for entry in (*change.entries, *change.retired_entries)],
        products=[product for change in present for product in (*change.products, *change.retired_products)],
        profile=[fact for change in present for fact in change.profile],
        baskets=[basket for change in present for basket in change.baskets],
        leads=[lead for change in present for lead in change.leads],
        offers=list({rule.id: rule for change in present for rule in change.offers}.values()),
        mappings={key: field for sheet in draft.sheets for key, field in sheet.learned.items()},
        record=_records(draft, changes, actor),
    )


def _records(draft: Draft, changes: list[Changeset | None], actor: str) -> list[ImportRecord]:
    """One record for each kind the file holds."""
    records = []
    for kind in dict.fromkeys(change.kind for change in changes if change):
        same = [(s, c) for s, c in zip(draft.sheets, changes, strict=True) if c and c.kind is kind]
        counts = {mark: sum(c.count(mark) for _, c in same) for mark in Mark}
        problems = sum(len(s.problems) + len(c.problems) for s, c in same)
        records.append(
            ImportRecord(
                file=draft.file,
                kind=str(kind),
                digest=draft.digest,
                added=counts[Mark.ADDED],
                changed=counts[Mark.CHANGED],
                unchanged=counts[Mark.UNCHANGED],
                problems=problems,
                actor=actor,
                retired=sum(c.retired for _, c in same),
            )
        )
    return records


def _report(outcome: _Outcome, mode: str, started: float) -> Report:
    draft = outcome.draft
    pairs = zip(draft.sheets, outcome.changes, strict=True)
    places = {sheet.sheet: sheet.begins for sheet in draft.sheets}
    written = outcome.committed
    sheets: list[SheetReport] = [sheet_report(sheet, change, places, written=written) for sheet, change in pairs]
    told = message(draft, sheets, committed=outcome.committed, mode=mode)
    return Report(
        file=draft.file,
        mode=mode,
        committed=outcome.committed,
        generation=outcome.generation,
        sheets=tuple(sheets),
        embedded=outcome.embedded,
        elapsed_ms=round((time.perf_counter() - started) * 1000),
        message=told + _LEXICAL if outcome.lexical else told,
    )


def _retire(retire: bool, retire_most: bool) -> Retire:
    return Retire.MOST if retire_most else Retire.GONE if retire else Retire.NOTHING


def _kind(kind: str) -> SheetKind | None:
    if kind == AUTO:
        return None
    try:
        return SheetKind(kind)
    except ValueError:
        known_kinds = "、".join([AUTO, *SheetKind])
        raise Invalid(f"不认识表的种类“{kind[:40]}”，可以是 {known_kinds}。") from None
