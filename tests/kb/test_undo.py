"""Undoing an import: everything as it was, or nothing at all. The oracle is a stack of writers for each thing, and for each
column a pile of what imports have said that it means, from which any may be taken out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from kb.edit import save_entry, set_status
from kb.errors import Conflict, NotFound
from kb.model import Basket, Fact, Lead, Phrasing, Sku, Source, Status
from kb.shelf import Shelf
from kb.store import journal, missing, schema
from kb.store.change import Change, ImportRecord, Seen
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore
from making import BagEngine, faq, product

# table → the column that says whose row it is
TABLES = {
    "entries": "id", "phrasings": "entry_id", "answers": "entry_id", "products": "id", "skus": "product_id",
    "facts": "product_id", "profile": "name", "baskets": "id", "leads": "id",
}  # fmt: skip
Thing = str
Rows = dict[Thing, list[tuple[Any, ...]]]


def record(name: str = "表.csv") -> ImportRecord:
    return ImportRecord(name, "faq", "digest", 1, 0, 0, 0, "训练师")


def dump(store: MerchantStore, *, versions: bool = True) -> Rows:
    """Every row of knowledge, by thing; all columns, in the order in which they are read."""
    found: Rows = {}
    with store._file.read() as db:
        for table, owner in TABLES.items():
            for row in db.query(f"SELECT rowid AS number, * FROM {table} ORDER BY {owner}, rowid"):
                if owner.endswith("_id"):
                    del row["number"]  # parts are put back as new rows: `position` is their order
                if not versions and "version" in row:
                    gone = missing.holds(row["row_hash"], row.pop("version"))  # a mark that holds names the version
                    row["row_hash"] = ("gone " if gone else "") + missing.plain(row["row_hash"])
                found.setdefault(row[owner], []).append((table, *row.items()))
    return found


@contextmanager
def shop(path: Path) -> Iterator[MerchantStore]:
    with closing(MerchantStore(path / "kb.db", "shop")) as store:
        yield store


def imported(store: MerchantStore, change: Change) -> str:
    """The id of the import that wrote this."""
    store.apply(replace(change, record=[record()]))
    return store.imports()[0].id


# -- the law


@dataclass
class World:
    """The store, and what should be true of it: who wrote each thing last, and what stood there before."""

    store: MerchantStore
    writers: dict[Thing, list[str]] = field(default_factory=dict)
    before: dict[str, Rows] = field(default_factory=dict)  # by import
    wrote: dict[str, set[Thing]] = field(default_factory=dict)
    columns: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)  # column → (import, field)s
    gone: set[Thing] = field(default_factory=set)  # what an import retired for want of its row, untouched since
    gone_before: dict[str, set[Thing]] = field(default_factory=dict)  # by import
    undone: set[str] = field(default_factory=set)
    refused: int = 0

    def bring(self, change: Change, *, retires: bool = False) -> None:
        before = dump(self.store, versions=False)
        name = imported(self.store, change)
        self.before[name], self.gone_before[name] = before, set(self.gone)
        after = dump(self.store, versions=False)
        versioned = {thing.id for thing in (*change.entries, *change.products)}
        written = {key for keys in change.things.values() for key in keys}
        # What has no version and is said again as it was has not been written by anybody.
        self.wrote[name] = {thing for thing in written if thing in versioned or before.get(thing) != after.get(thing)}
        for thing in self.wrote[name]:
            self.writers.setdefault(thing, []).append(name)
        self.gone = self.gone | versioned if retires else self.gone - versioned
        for column, said in change.mappings.items():
            self.columns.setdefault(column, []).append((name, said))

    def miss(self, numbers: list[int]) -> None:
        """An import that retires what its sheet no longer has."""
        here = [
            e for e in self.store.entries() if e.key in {f"Q{n}" for n in numbers} and e.status is not Status.RETIRED
        ]
        marked = [replace(e, status=Status.RETIRED, row_hash=missing.mark(e.row_hash, e.version + 1)) for e in here]
        self.bring(Change(entries=marked), retires=True)

    def set_status(self, number: int, status: Status) -> None:
        entries = self.store.entries()
        if entries:
            entry = entries[number % len(entries)]
            set_status(self.store, entry, status)
            self.writers[entry.id].append("训练师")
            self.gone.discard(entry.id)

    def check(self) -> None:
        """What is remembered besides the rows."""
        things = (*self.store.entries(), *self.store.products())
        assert {t.id for t in things if missing.holds(t.row_hash, t.version)} == self.gone
        assert self.store.mappings() == {column: said[-1][1] for column, said in self.columns.items() if said}
        assert self.store.undone() == len(self.undone)

    def edit(self, number: int) -> None:
        entries = self.store.entries()
        if entries:
            entry = entries[number % len(entries)]
            save_entry(self.store, None, replace(entry, scene=f"场景{number}", phrasings=entry.phrasings[1:]))
            self.writers[entry.id].append("训练师")
            self.gone.discard(entry.id)

    def undo(self, number: int) -> None:
        names = list(self.before)
        if names:
            self._undo(names[number % len(names)])

    def _undo(self, name: str) -> None:
        now = dump(self.store)
        free = all(self.writers[thing][-1:] == [name] for thing in self.wrote[name])
        taught = any(name == who for said in self.columns.values() for who, _ in said)
        if name in self.undone or not (self.wrote[name] or taught) or not free:
            with pytest.raises(Conflict):
                self.store.undo(name, actor="训练师")
            self.refused += 1
            assert dump(self.store) == now
            return
        generation = self.store.generation()
        assert self.store.undo(name, actor="训练师") == generation + 1
        self.undone.add(name)
        self.columns = {column: [each for each in said if each[0] != name] for column, said in self.columns.items()}
        self.gone = (self.gone - self.wrote[name]) | (self.gone_before[name] & self.wrote[name])
        after, plain = dump(self.store), dump(self.store, versions=False)
        for thing in now.keys() | after.keys():
            if thing in self.wrote[name]:
                assert plain.get(thing) == self.before[name].get(thing)
                self.writers[thing].pop()
            else:
                assert after.get(thing) == now.get(thing)


NUMBERS = st.integers(0, 4)
ENTRIES = st.lists(st.tuples(NUMBERS, st.integers(0, 3), st.booleans()), max_size=4, unique_by=lambda row: row[0])
OTHERS = st.lists(NUMBERS, max_size=2, unique=True)
COLUMNS = st.dictionaries(
    st.sampled_from([("faq", "答 案"), ("faq", "备注"), ("notice", "备注")]),
    st.sampled_from(["answer", "", "question"]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("import"), ENTRIES, OTHERS, OTHERS, st.integers(0, 3), COLUMNS),
        st.tuples(st.just("miss"), st.lists(NUMBERS, min_size=1, max_size=3)),
        st.tuples(st.just("edit"), NUMBERS),
        st.tuples(st.just("status"), NUMBERS, st.sampled_from([Status.RETIRED, Status.PUBLISHED])),
        st.tuples(st.just("undo"), st.integers(0, 9)),
        st.tuples(st.just("reopen")),
    ),
    max_size=14,
)


def change_of(
    store: MerchantStore, rows: Any, others: list[int], more: list[int], text: int, columns: Any = ()
) -> Change:
    """A sheet's change: rows are new, or written over what is stored; the other things too."""
    known = {entry.key: entry for entry in store.entries()}
    goods = {thing.key: thing for thing in store.products()}
    entries = []
    for number, variant, long in rows:
        made = faq(f"Q{number}", f"问题{number}", f"答{variant}", *(["几时", "啥时候"] if long else []))
        old = known.get(made.key)
        entries.append(replace(made, version=old.version if old else 0, id=old.id if old else made.id))
    products = []
    for number in others:
        made_product = replace(
            product(f"K{number}", f"商品{number}"),
            facts=(Fact("材质", f"棉{text}", "", Source("表.csv", "表", number, "C")),),
            skus=tuple(Sku(f"s{number}{i}", f"K{number}-{i}", "", (Fact("尺码", str(i)),)) for i in range(text)),
        )
        old_product = goods.get(made_product.key)
        products.append(replace(made_product, version=old_product.version if old_product else 0))
    return Change(
        entries=entries,
        products=products,
        profile=[Fact(f"名{number}", f"值{text}") for number in more],
        baskets=[Basket(f"单{number}", (f"K{text}",), text) for number in more],
        leads=[Lead("eQ1", f"线索{number}", text) for number in more],
        mappings=dict(columns),
    )


@settings(max_examples=60)
@given(STEPS)
@example(
    [("import", [(1, 0, False)], [], [], 0, {}), ("miss", [1]), ("import", [(1, 0, False)], [], [], 0, {}), ("undo", 2)]
)
@example([("import", [], [], [1], 2, {}), ("import", [(2, 0, False)], [], [1], 2, {}), ("undo", 0)])
def test_an_undo_puts_back_everything_or_nothing(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        world = World(MerchantStore(path / "kb.db", "shop"))
        try:
            for name, *rest in steps:
                if name == "import":
                    world.bring(change_of(world.store, *rest))
                elif name == "miss":
                    world.miss(rest[0])
                elif name == "edit":
                    world.edit(rest[0])
                elif name == "status":
                    world.set_status(*rest)
                elif name == "undo":
                    world.undo(rest[0])
                else:  # a restart forgets nothing
                    world.store.close()
                    world.store = MerchantStore(path / "kb.db", "shop")
                world.check()
            for name in reversed(list(world.before)):  # at the end all that nobody else has touched comes off
                world._undo(name)
                world.check()
        finally:
            world.store.close()


def test_imports_come_off_one_by_one_down_to_nothing(tmp_path: Path) -> None:
    # The version of a thing goes on counting with every undo; an earlier import must know its rows again all the same.
    with shop(tmp_path) as store:
        empty = dump(store)
        names = [
            imported(store, change_of(store, [(1, n, n % 2 == 0), (2, 0, False)], [1], [n], n)) for n in range(1, 4)
        ]
        with pytest.raises(Conflict, match="后来又改过"):
            store.undo(names[0], actor="训练师")
        for name in reversed(names):
            store.undo(name, actor="训练师")
        assert dump(store) == empty
        told = store.imports()
        assert all(row.undone_at and row.undone_by == "训练师" for row in told) and not store.undoable()


# -- what else is promised


def test_an_undo_is_refused_twice_unknown_empty_and_too_old(tmp_path: Path) -> None:
    with shop(tmp_path) as store:
        name = imported(store, Change(entries=[faq("Q", "问", "答")]))
        store.undo(name, actor="训练师")
        with pytest.raises(Conflict, match="已经撤销过"):
            store.undo(name, actor="训练师")
        with pytest.raises(NotFound):
            store.undo("i_nothing", actor="训练师")
        with pytest.raises(Conflict, match="没有改动"):
            store.apply(Change(record=[replace(record(), added=0)]))
            store.undo(store.imports()[0].id, actor="训练师")
        first, *others = [imported(store, Change(entries=[faq(f"Q{i}", "问", "答")])) for i in range(journal.KEPT + 1)]
        store.apply(Change(record=[replace(record(), added=0)]))  # changes nothing, and takes nobody's place
        with pytest.raises(Conflict, match="只有最近 20 次"):
            store.undo(first, actor="训练师")
        for name in others:
            store.undo(name, actor="训练师")
        assert [entry.key for entry in store.entries()] == ["Q0"]


def test_all_records_of_a_file_are_undone_together(tmp_path: Path) -> None:
    with shop(tmp_path) as store:
        change = Change(entries=[faq("Q", "问", "答")], products=[product("K", "名")])
        store.apply(replace(change, record=[record(), replace(record(), kind="product")]))
        assert len({row.batch for row in store.imports()}) == 1
        store.undo(store.imports()[1].id, actor="训练师")
        assert all(row.undone_at for row in store.imports()) and dump(store) == {}


def test_the_vectors_of_texts_that_went_are_gone_and_those_that_came_back_are_made_again(folder: DataFolder) -> None:
    folder.hub.add_merchant("a", "甲店")
    store, engine = folder.merchant("a"), BagEngine()
    shelf = Shelf(folder, engine)
    imported(store, Change(entries=[faq("Q", "怎么退货", "答", "能退吗")]))
    shelf.fill_vectors("a")
    before = store.known_hashes(engine.fingerprint)
    [old] = store.entries()
    name = imported(store, Change(entries=[replace(old, question="怎么换货", phrasings=(Phrasing("p", "换一件"),))]))
    shelf.fill_vectors("a")
    assert len(store.known_hashes(engine.fingerprint) & before) == 0
    store.undo(name, actor="训练师")
    assert store.known_hashes(engine.fingerprint) == set()  # nobody keeps vectors of texts that are not stored
    assert not shelf.refresh("a").complete
    assert shelf.fill_vectors("a") == 2
    assert store.known_hashes(engine.fingerprint) == before and shelf.shard("a").complete


def test_a_shop_of_the_version_before_is_brought_up_and_its_imports_stay_as_they_are(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "kb.db")) as conn:
        db = Database(conn, execute_plugins=False)
        schema.merchant.apply(db, stop_before="m003_ingest")
        conn.execute("INSERT INTO imports VALUES ('i_old', 1, '表.csv', 'faq', 'd', 1, 0, 0, 0, '训练师')")
        conn.commit()
        assert "journal" not in db.table_names()
    with shop(tmp_path) as store:
        [old] = store.imports()
        assert (old.id, old.batch, old.retired, old.undone_at) == ("i_old", "", 0, 0)
        with pytest.raises(Conflict, match="只有最近"):
            store.undo("i_old", actor="训练师")
        name = imported(store, Change(entries=[faq("Q", "问", "答")]))
        assert store.undo(name, actor="训练师") == 2 and store.entries() == []


def test_many_rows_come_and_go_with_few_statements(tmp_path: Path) -> None:
    # 2,000 rows once took 2,000 questions to the file each way.
    with shop(tmp_path) as store:
        said: list[str] = []
        store._file._db.conn.set_trace_callback(said.append)
        name = imported(store, Change(entries=[faq(f"Q{i}", f"问{i}", "答") for i in range(2_000)]))
        store.undo(name, actor="训练师")
        store._file._db.conn.set_trace_callback(None)
        selects = [line for line in said if line.startswith("SELECT")]
        assert len(selects) < 100 and store.entries() == []


# -- what a writer had seen


def test_what_was_seen_and_left_must_still_stand(tmp_path: Path) -> None:
    with shop(tmp_path) as store:
        name = imported(store, Change(entries=[faq("Q", "问", "答")], products=[product("K", "名")]))
        looked = Seen(store.undone(), store.entries(), store.products())
        said = Change(profile=[Fact("发货地", "杭州")], seen=looked)
        store.apply(said)
        [entry] = store.entries()
        set_status(store, entry, Status.RETIRED)
        with pytest.raises(Conflict):
            store.apply(said)
        set_status(store, store.entries()[0], Status.PUBLISHED)
        with pytest.raises(Conflict):  # it is as it was, but the writer cannot know that
            store.apply(said)
        assert name not in {record.id for record in store.imports() if record.undone_at}


def test_what_has_no_version_is_seen_anew_after_any_undo(tmp_path: Path) -> None:
    with shop(tmp_path) as store:
        name = imported(store, Change(profile=[Fact("发货地", "杭州")], baskets=[Basket("单", ("K",))]))
        seen = Seen(store.undone())
        store.undo(name, actor="训练师")
        with pytest.raises(Conflict, match="撤销"):
            store.apply(Change(record=[record()], seen=seen))
        store.apply(Change(record=[record()], seen=Seen(store.undone())))


def test_columns_come_off_in_any_order_and_what_was_learned_again_stays(tmp_path: Path) -> None:
    with shop(tmp_path) as store:
        column = ("faq", "说法")

        def learned(meaning: str) -> str:
            return imported(store, Change(mappings={column: meaning}))

        first, second, third = learned("answer"), learned("question"), learned("answer")
        store.undo(second, actor="训练师")
        assert store.mappings() == {column: "answer"}
        store.undo(third, actor="训练师")
        assert store.mappings() == {column: "answer"}  # as the first has said; the second never came
        store.undo(first, actor="训练师")
        assert store.mappings() == {}


def test_a_lead_that_two_logs_say_alike_goes_with_the_first(tmp_path: Path) -> None:
    # The second log wrote it as it stood; it could not be undone after the first, because the row was not as it had left it.
    with shop(tmp_path) as store:
        lead = Change(entries=[faq("Q", "问", "答")], leads=[Lead("eQ", "几时", 3)])
        first = imported(store, lead)
        second = imported(store, Change(entries=[faq("R", "问二", "答")], leads=[Lead("eQ", "几时", 3)]))
        store.undo(first, actor="训练师")
        store.undo(second, actor="训练师")
        assert dump(store) == {}
