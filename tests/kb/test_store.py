"""The store's promises: acknowledged is on disk, a failed change leaves nothing, one file per merchant."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from kb.errors import Busy, Conflict, Invalid, NotFound, StoreFailed, Unauthorised
from kb.language.text import text_hash
from kb.model import Event, EventKind, Fact, Sku, Source, Status, Window
from kb.store import hub, schema
from kb.store.change import Change
from kb.store.entries import EntryFilter
from kb.store.file import StoreFile
from kb.store.folder import DataFolder
from kb.store.grant import Grant, Role
from kb.store.merchant import MerchantStore
from kb.store.vectors import put_vectors
from kb.vectorise import missing_vectors, texts_of
from making import BagEngine, faq, product


def event(number: int, **more: object) -> Event:
    return Event(id=f"event-{number:06}", kind=EventKind.SHOWN, suggestion="sg", **more)  # type: ignore[arg-type]


def test_what_goes_in_comes_out(store: MerchantStore) -> None:
    source = Source("常见问题.xlsx", "Sheet1", 5, "C")
    entry = replace(
        faq("Q1", "什么时候发货", "48小时内发货\n亲", "几时发货", negative=["什么时候到货"]),
        scene="售中",
        category="物流",
        shortcut="fh",
        window=Window(1, 2**40),
        must_read=True,
        source=source,
        row_hash="abc",
    )
    fact = Fact("价格", "139", "元", source)
    thing = replace(
        product("P1", "雪域精粹霜", brand="自然堂"),
        facts=(fact,),
        skus=(Sku("s1", "P1-50", "50g", (Fact("库存", "3"),)),),
        source=source,
    )
    assert store.apply(Change(entries=[entry], products=[thing])) == 1
    [stored], [stored_product] = store.entries(), store.products()
    assert stored == replace(entry, version=1, updated_at=stored.updated_at)
    assert stored_product == replace(thing, version=1, updated_at=stored_product.updated_at)
    assert str(stored.source) == "常见问题.xlsx › Sheet1 › C5"


def test_a_conflicting_change_leaves_nothing_behind(store: MerchantStore) -> None:
    store.apply(Change(entries=[faq("Q1", "一", "答")]))
    [first] = store.entries()
    store.apply(Change(entries=[replace(first, question="二")]))
    with pytest.raises(Conflict):
        store.apply(
            Change(entries=[faq("Q2", "新", "答"), replace(first, question="三")], products=[product("P", "名")])
        )
    assert [e.question for e in store.entries()] == ["二"]
    assert store.products() == []
    assert store.generation() == 2


def test_one_key_is_one_entry(store: MerchantStore) -> None:
    store.apply(Change(entries=[faq("Q1", "一", "答")]))
    with pytest.raises(Invalid, match="Q1"):
        store.apply(Change(entries=[replace(faq("Q1", "二", "答"), id="other")]))


def test_an_event_sent_twice_is_one_event(store: MerchantStore) -> None:
    assert store.record_events([event(1), event(2)], actor="k") == 2
    assert store.record_events([event(2), event(3)], actor="k") == 1
    assert [e.id for e in store.events()] == ["event-000001", "event-000002", "event-000003"]


def test_concurrent_writers_share_commits_and_lose_nothing(store: MerchantStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda i: store.record_events([event(i)], actor="k"), range(300)))
    assert sum(counts) == 300
    assert len(store.events()) == 300


def test_readers_never_see_half_a_change(store: MerchantStore) -> None:
    done = threading.Event()
    uneven: list[int] = []

    def look() -> None:
        while not done.is_set():
            seen = store.snapshot("none")
            if len(seen.entries) != len(seen.products) or len(seen.entries) != seen.generation:
                uneven.append(seen.generation)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(look)
        for i in range(60):
            store.apply(Change(entries=[faq(f"Q{i}", f"问{i}", "答")], products=[product(f"P{i}", f"名{i}")]))
        done.set()
    assert uneven == []


def test_a_failing_write_spoils_no_neighbour(tmp_path: Path) -> None:
    file = StoreFile(tmp_path / "kb.db", schema.merchant)
    gate = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        blocker = pool.submit(file.write, lambda db: gate.wait(5))
        good = pool.submit(file.write, lambda db: db.conn.execute("INSERT INTO meta VALUES ('a', '1')").rowcount)
        bad = pool.submit(file.write, lambda db: db.conn.execute("INSERT INTO meta VALUES ('generation', '1')"))
        gate.set()
        assert blocker.result() and good.result() == 1
        with pytest.raises(StoreFailed):
            bad.result()
    with file.read() as db:
        assert db.conn.execute("SELECT value FROM meta WHERE key = 'a'").fetchone()[0] == "1"
    file.close()
    file.close()
    with pytest.raises(Busy):
        file.write(lambda db: None)


def test_a_statement_that_cannot_run_fails_alone(tmp_path: Path) -> None:
    """An OperationalError once failed the innocent writes that shared its transaction."""
    file = StoreFile(tmp_path / "kb.db", schema.merchant)
    gate = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        blocker = pool.submit(file.write, lambda db: gate.wait(5))
        bad = pool.submit(file.write, lambda db: db.conn.execute("UPDATE meta SET no_such_column = 1"))
        good = pool.submit(file.write, lambda db: db.conn.execute("INSERT INTO meta VALUES ('b', '1')").rowcount)
        gate.set()
        assert blocker.result() and good.result() == 1
        with pytest.raises(StoreFailed):
            bad.result()
    file.close()


def test_a_write_that_gets_no_thread_fails_and_the_next_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread starts with the first write; one that did not start was taken for one that runs, and later writes waited
    for it without end."""
    file = StoreFile(tmp_path / "kb.db", schema.merchant)

    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError):
            file.write(lambda db: None)
    written: list[int] = []
    later = threading.Thread(target=lambda: written.append(file.write(lambda db: 1)), daemon=True)
    later.start()
    later.join(10)
    assert written == [1]
    file.close()


def test_an_event_that_cannot_be_stored_is_no_duplicate(store: MerchantStore) -> None:
    with pytest.raises(StoreFailed):
        store.record_events([event(1, probability=float("nan"))], actor="k")


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    with DataFolder(tmp_path / "shared") as shared, DataFolder(tmp_path / "new") as new:
        assert (shared.root.stat().st_mode & 0o777, new.root.stat().st_mode & 0o777) == (0o755, 0o700)


def test_settings_that_durability_rests_on(store: MerchantStore) -> None:
    def pragmas(db: object) -> tuple[object, ...]:
        conn = db.conn  # type: ignore[attr-defined]
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return tuple(conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names)

    assert store._file.write(pragmas) == ("wal", 2, 1, 1)  # 2 is FULL: NORMAL loses acknowledged writes on power loss


def test_a_reader_cannot_write(store: MerchantStore) -> None:
    with pytest.raises(StoreFailed), store._file.read() as db:
        db.conn.execute("DELETE FROM meta")


def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "shop" / "kb.db"
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreFailed, match=r"shop/kb\.db"):
        MerchantStore(path, "shop")


def test_a_deleted_text_takes_its_vector_along(store: MerchantStore, engine: BagEngine) -> None:
    entry = faq("Q1", "什么时候发货", "48小时", "几时发")
    vectors = missing_vectors(engine, texts_of(entry), set())
    store.apply(Change(entries=[entry], engine=engine.fingerprint, vectors=vectors))
    [stored] = store.entries()
    store.apply(Change(entries=[replace(stored, phrasings=())]))
    assert store.known_hashes(engine.fingerprint) == {text_hash("什么时候发货")}


def test_only_published_knowledge_is_in_a_snapshot(store: MerchantStore) -> None:
    entries = [replace(faq(f"Q{s}", f"问{s}", "答"), status=s) for s in Status]
    store.apply(Change(entries=entries))
    assert [e.status for e in store.snapshot("none").entries] == [Status.PUBLISHED]


def test_what_a_reader_holds_is_not_read_again(store: MerchantStore, engine: BagEngine) -> None:
    entries = [faq(f"Q{i}", f"第{i}个问题", "答", f"{i}号相似问") for i in range(4)]
    vectors = missing_vectors(engine, [t for e in entries for t in texts_of(e)], set())
    store.apply(Change(entries=entries, engine=engine.fingerprint, vectors=vectors))
    first = store.snapshot(engine.fingerprint)
    changed, retired = (
        replace(first.entries[1], question="改过的问题"),
        replace(first.entries[2], status=Status.RETIRED),
    )
    new = missing_vectors(engine, ["改过的问题", "第9个问题"], set())
    store.apply(
        Change(entries=[changed, retired, faq("Q9", "第9个问题", "答")], engine=engine.fingerprint, vectors=new)
    )
    second = store.snapshot(engine.fingerprint, first.entries)
    assert second.entries == store.snapshot(engine.fingerprint).entries
    assert [e.key for e in second.entries] == ["Q0", "Q1", "Q3", "Q9"]
    assert second.entries[0] is first.entries[0] and second.entries[2] is first.entries[3]
    fresh = {text_hash(text) for text in ("改过的问题", "1号相似问", "第9个问题")}
    assert set(second.vectors) == fresh
    assert all((second.vectors[key] == store.snapshot(engine.fingerprint).vectors[key]).all() for key in fresh)


@given(st.text(max_size=20))
def test_any_typed_text_is_a_literal_filter(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    store = _shared_store(tmp_path_factory)
    literal = text.replace("\x00", "")
    total, found = store.find_entries(EntryFilter(text=literal.encode(errors="ignore").decode()), offset=0, limit=50)
    assert total == len(found) <= 3


_shared: dict[str, MerchantStore] = {}


def test_an_older_files_vectors_are_taken_over_and_replaced_by_key(tmp_path: Path, engine: BagEngine) -> None:
    texts = ["什么时候发货", "包邮吗", "能开发票吗"]
    made = missing_vectors(engine, texts, set())
    old = Database(tmp_path / "kb.db")
    schema.merchant.apply(old, stop_before="m009_vectors_in_a_row")
    put_vectors(old, engine.fingerprint, made)
    put_vectors(old, "another", made)
    old.conn.commit()
    old.close()
    store = MerchantStore(tmp_path / "kb.db", "shop")
    found = store.snapshot(engine.fingerprint).vectors
    assert found.keys() == made.keys() and all((found[key] == made[key]).all() for key in made)
    key, other = map(text_hash, texts[:2])
    store.apply(Change(entries=[faq("Q1", texts[0], "48小时内")]))
    store.save_vectors("another", {key: made[other]})
    again = store.snapshot("another").vectors
    # The others' texts are not stored.
    assert again.keys() == {key} == store.snapshot(engine.fingerprint).vectors.keys()
    assert (again[key] == made[other]).all()
    store.close()


def _shared_store(factory: pytest.TempPathFactory) -> MerchantStore:
    if "store" not in _shared:
        store = MerchantStore(factory.mktemp("shared") / "kb.db", "s")
        store.apply(Change(entries=[faq("Q1", "100%正品吗", "是"), faq("Q2", "a_b\\c", "x"), faq("Q3", "包邮吗", "y")]))
        _shared["store"] = store
    return _shared["store"]


def test_wildcards_are_literal(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = _shared_store(tmp_path_factory)
    for text, keys in (("%", ["Q1"]), ("_", ["Q2"]), ("\\", ["Q2"]), ("包邮", ["Q3"])):
        assert [e.key for e in store.find_entries(EntryFilter(text=text), offset=0, limit=9)[1]] == keys


# -- hub and folder


def test_a_key_names_its_shops_and_nothing_else(folder: DataFolder) -> None:
    hub = folder.hub
    for slug in ("a", "b"):
        hub.add_merchant(slug, slug)
    secret = hub.issue_key("甲", Role.AGENT, ["a"])
    grant = hub.grant_of_key(secret)
    assert (grant.shops, grant.role) == (("a",), Role.AGENT)
    session, _, _ = hub.logins.with_key(secret)
    assert hub.logins.grant(session) == grant
    assert hub.revoke_keys("甲") == 1
    for attempt in (lambda: hub.grant_of_key(secret), lambda: hub.logins.grant(session)):
        with pytest.raises(Exception, match=r"无效|过期"):
            attempt()


def test_an_expired_key_is_no_key(folder: DataFolder) -> None:
    folder.hub.add_merchant("a", "a")
    secret = folder.hub.issue_key("甲", Role.AGENT, ["a"], lifetime_s=-1)
    with pytest.raises(Exception, match="过期"):
        folder.hub.grant_of_key(secret)


def test_a_key_that_was_seen_ends_all_the_same(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is remembered between requests: not past a revocation, an end, or a new shop."""
    ours = folder.hub
    ours.add_merchant("a", "甲")
    brief, secret = (ours.issue_key(name, Role.AGENT, ["a"], lifetime_s=s) for name, s in (("短", 60), ("甲", None)))
    session, grant, _ = ours.logins.with_key(secret)
    for _ in range(2):
        assert ours.grant_of_key(secret) == ours.logins.grant(session) == grant
        assert (ours.grant_of_key(brief).label, ours.merchant("a").name) == ("短", "甲")
    monkeypatch.setattr("time.time", lambda now=time.time: now() + 61)
    with pytest.raises(Unauthorised):
        ours.grant_of_key(brief)
    ours.revoke_keys("甲")
    for ended in (lambda: ours.grant_of_key(secret), lambda: ours.logins.grant(session)):
        with pytest.raises(Unauthorised):
            ended()
    with pytest.raises(NotFound):
        ours.merchant("b")
    ours.add_merchant("b", "乙")
    assert ours.merchant("b").name == "乙"


def test_a_session_that_was_seen_ends_with_its_shift(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.hub.add_merchant("a", "甲")
    session, _, ends = folder.hub.logins.with_key(folder.hub.issue_key("甲", Role.AGENT, ["a"]))
    assert folder.hub.logins.grant(session).label == "甲"
    monkeypatch.setattr("time.time", lambda: float(ends))
    with pytest.raises(Unauthorised):
        folder.hub.logins.grant(session)


def test_a_grant_read_before_a_revocation_is_not_remembered_after_it(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader stands between SQLite's answer and its own memory when the key is revoked."""
    folder.hub.add_merchant("a", "甲")
    secret = folder.hub.issue_key("甲", Role.AGENT, ["a"])

    def slow(*read: Any) -> Grant:
        grant = original(*read)
        monkeypatch.setattr(hub, "grant_of", original)
        folder.hub.revoke_keys("甲")
        return grant

    original = hub.grant_of
    monkeypatch.setattr(hub, "grant_of", slow)
    folder.hub.grant_of_key(secret)
    with pytest.raises(Unauthorised):
        folder.hub.grant_of_key(secret)


def test_no_secret_is_stored(folder: DataFolder) -> None:
    folder.hub.add_merchant("a", "a")
    secret = folder.hub.issue_key("甲", Role.AGENT, ["a"])
    session, _, _ = folder.hub.logins.with_key(secret)
    raw = b"".join(p.read_bytes() for p in folder.root.glob("hub.db*"))
    assert secret.encode() not in raw and session.encode() not in raw


@pytest.mark.parametrize("slug", ["../x", "A", "", "a/b", "a" * 41, "-a", "店"])
def test_a_slug_is_a_safe_folder_name(folder: DataFolder, slug: str) -> None:
    with pytest.raises(Invalid):
        folder.hub.add_merchant(slug, "x")


def test_a_key_for_an_unknown_shop_is_not_made(folder: DataFolder) -> None:
    with pytest.raises(NotFound):
        folder.hub.issue_key("甲", Role.AGENT, ["nowhere"])
    with folder.hub._file.read() as db:
        assert db.conn.execute("SELECT count(*) FROM keys").fetchone()[0] == 0


def test_a_second_process_is_told_to_wait(folder: DataFolder) -> None:
    with pytest.raises(Busy, match="另一个"):
        DataFolder(folder.root)


def test_a_folder_opens_again_as_it_was(tmp_path: Path) -> None:
    with DataFolder(tmp_path) as first:
        first.hub.add_merchant("a", "甲")
        first.merchant("a").apply(Change(entries=[faq("Q1", "问", "答")]))
    with DataFolder(tmp_path) as second:
        assert [e.question for e in second.merchant("a").entries()] == ["问"]
        assert second.merchant("a").generation() == 1
    if sys.platform == "linux":  # pysqlite3: no WAL-reset bug (fixed 3.51.3)
        assert sqlite3.sqlite_version_info >= (3, 51, 3)
