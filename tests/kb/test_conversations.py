"""What is kept of a chat: once, masked, for as long as it was said, and nothing of it afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import Conflict, NotFound
from kb.model import KeyFacts, Logistics, Order, Speaker
from kb.store import chats
from kb.store.conversations import ConversationStore, Heard, Who
from kb.store.folder import DataFolder

T = 1_795_000_000_000  # unix ms of the first message
ANNA, BERT = Who("k_anna", "安娜"), Who("k_bert", "贝特")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    opened = ConversationStore(tmp_path / "conversations.db")
    yield opened
    opened.close()


def buyer(key: str, text: str = "在吗", **more: object) -> Heard:
    return Heard(key, Speaker.BUYER, text, **more)  # type: ignore[arg-type]


def agent(key: str, text: str = "在的", **more: object) -> Heard:
    return Heard(key, Speaker.AGENT, text, **more)  # type: ignore[arg-type]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


# -- messages


def test_a_message_that_comes_again_is_the_one_that_was_kept(store: ConversationStore) -> None:
    first, kept, new = store.take("c", buyer("m", "第一次"), now_ms=T)
    again, same, second = store.take("c", buyer("m", "第一次", at_ms=T - 9, product="SP1"), now_ms=T + 5)
    assert (new, second, same) == (True, False, kept)
    assert again == first


@pytest.mark.parametrize("other", [Heard("m", Speaker.BUYER, "改过的"), Heard("m", Speaker.AGENT, "我电话13812345678")])
def test_an_id_with_other_words_is_refused_and_overwrites_nothing(other: Heard, store: ConversationStore) -> None:
    first = store.take("c", buyer("m", "我电话13812345678"), now_ms=T)[0]
    with pytest.raises(Conflict):
        store.take("c", other, now_ms=T + 5)
    assert store.chat("c") == first
    assert not store.take("c", buyer("m", "我电话13812345678"), now_ms=T + 6)[2]  # compared as it is kept, masked


def test_a_conversation_without_end_is_read_from_its_latest_messages(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "LATEST", 3)
    for number in range(7):
        kept, _, _ = store.take("c", buyer(f"m{number}", str(number)), now_ms=T + number)
    assert [one.turn.text for one in kept.conversation.messages] == ["4", "5", "6"]
    again, first, new = store.take("c", buyer("m0", "0"), now_ms=T + 9)  # known, though no longer read
    assert (again, first.turn.text, new) == (kept, "0", False)


def test_the_same_id_in_another_conversation_is_another_message(store: ConversationStore) -> None:
    assert store.take("c", buyer("1"), now_ms=T)[2] and store.take("d", buyer("1"), now_ms=T)[2]


def test_what_a_host_delivers_late_stands_where_it_was_said(store: ConversationStore) -> None:
    store.take("c", buyer("2", at_ms=T + 2_000), now_ms=T + 3_000)
    kept, _, _ = store.take("c", buyer("1", at_ms=T + 1_000), now_ms=T + 3_001)
    assert [message.id for message in kept.conversation.messages] == ["1", "2"]


def test_what_a_host_does_not_say_stays_as_it_was(store: ConversationStore) -> None:
    order = Order("8899", "SP1", "颜色:白", logistics=Logistics.SHIPPED)
    store.take("c", buyer("1", platform="天猫", product="SP1", order=order, tags=["老客"]), now_ms=T)
    kept = store.take("c", buyer("2"), now_ms=T)[0].conversation
    assert (kept.platform, kept.product, kept.order, kept.tags) == ("天猫", "SP1", order, ("老客",))
    kept = store.take("c", buyer("3", product="SP2", tags=[]), now_ms=T)[0].conversation
    assert (kept.platform, kept.product, kept.tags) == ("天猫", "SP2", ())


def test_nothing_personal_reaches_the_disk(store: ConversationStore, tmp_path: Path) -> None:
    order = Order("2026110022334455", "13812345678", "刻字13812345678")
    told = buyer("1", "我电话13812345678", buyer="tb_user_wang", order=order, tags=["电话13812345678"])
    kept = store.take("c", told, now_ms=T)[0]
    store.ask_help("c", "h", "他的手机是13812345678", by=ANNA, due_ms=T, now_ms=T)
    store.answer_help("h", "请打13812345678", by=BERT, now_ms=T)
    facts = KeyFacts(
        "电话13812345678", "外套13812345678", "2026110022334455", "13812345678", "急", ("13812345678",), "打13812345678"
    )
    store.confirm("c", facts, version=None, now_ms=T)
    assert kept.conversation.order is not None and kept.conversation.order.tail == "4455"
    store.close()
    kept_bytes = everything_in(tmp_path)
    for personal in ("13812345678", "tb_user_wang", "20261100", "223344"):
        assert personal.encode() not in kept_bytes, personal
    assert "我电话[手机号]".encode() in kept_bytes  # the test looks where texts are


def test_a_buyer_is_the_same_within_a_shop_and_nobody_outside(tmp_path: Path) -> None:
    digests = {}
    for shop in ("a", "b"):
        store = ConversationStore(tmp_path / shop / "conversations.db")
        digests[shop] = [store.take(c, buyer("1", buyer="王先生"), now_ms=T)[0].conversation.buyer for c in ("c", "d")]
        store.close()
    assert len(set(digests["a"])) == len(set(digests["b"])) == 1
    assert digests["a"] != digests["b"]


# -- who serves, open and closed


def test_of_many_who_claim_at_once_one_wins_and_the_others_are_told_by_whom(store: ConversationStore) -> None:
    store.take("c", buyer("1"), now_ms=T)
    barrier = threading.Barrier(8)

    def claim(number: int) -> str:
        barrier.wait()
        try:
            return store.claim("c", Who(f"k{number}", f"客服{number}"), instead=False, now_ms=T).conversation.agent
        except Conflict as error:
            return error.message

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(claim, range(8)))
    winner = store.chat("c").conversation.agent
    assert told.count(winner) == 1
    assert {one for one in told if one != winner} == {f"客服{winner[1:]} 已经在接待这个会话。"}


def test_a_lead_may_give_a_conversation_to_somebody_else_and_back(store: ConversationStore) -> None:
    store.take("c", buyer("1"), now_ms=T)
    store.claim("c", ANNA, instead=False, now_ms=T)
    kept = store.claim("c", BERT, instead=True, now_ms=T)
    assert (kept.conversation.agent, kept.names) == ("k_bert", {"k_bert": "贝特"})
    assert store.claim("c", None, instead=True, now_ms=T).conversation.agent == ""


def test_a_buyer_opens_a_closed_conversation_again_and_it_is_anybodys(store: ConversationStore) -> None:
    store.take("c", buyer("1"), now_ms=T)
    store.claim("c", ANNA, instead=False, now_ms=T)
    store.confirm("c", KeyFacts("发货"), version=None, now_ms=T)
    assert not store.shut("c", instead=True, now_ms=T + 1).conversation.open
    assert not store.take("c", agent("2"), now_ms=T + 2)[0].conversation.open  # a late goodbye opens nothing
    kept = store.take("c", buyer("3", at_ms=T), now_ms=T + 3)[0]
    assert (kept.conversation.open, kept.conversation.agent, kept.conversation.confirmed) == (True, "", False)
    assert [message.id for message in kept.unanswered] == ["3"]  # also where its host says that it was said before


def test_closing_twice_closes_once(store: ConversationStore) -> None:
    store.take("c", buyer("1"), now_ms=T)
    assert store.shut("c", instead=True, now_ms=T + 1) == store.shut("c", instead=True, now_ms=T + 2)


def test_who_confirms_an_older_version_is_told(store: ConversationStore) -> None:
    seen = store.take("c", buyer("1"), now_ms=T)[0]
    store.take("c", buyer("2"), now_ms=T)
    with pytest.raises(Conflict):
        store.confirm("c", KeyFacts("发货"), version=seen.version, now_ms=T)
    assert not store.chat("c").conversation.confirmed


def test_what_is_not_there_is_not_found(store: ConversationStore) -> None:
    for ask in (
        lambda: store.chat("x"),
        lambda: store.claim("x", ANNA, instead=False, now_ms=T),
        lambda: store.reopen("x", instead=True, now_ms=T),
        lambda: store.answer_help("x", "答", by=BERT, now_ms=T),
    ):
        with pytest.raises(NotFound):
            ask()
    assert store.opened() == []  # and nothing was made of the attempt


# -- help


def test_a_conversation_has_one_open_request_and_a_retry_is_the_same(store: ConversationStore) -> None:
    store.take("c", buyer("1"), now_ms=T)
    first = store.ask_help("c", "h1", "怎么办", by=ANNA, due_ms=T + 30_000, now_ms=T)
    assert store.ask_help("c", "h1", "别的话", by=ANNA, due_ms=T + 99_000, now_ms=T + 1) == first
    with pytest.raises(Conflict):
        store.ask_help("c", "h2", "再问", by=BERT, due_ms=T, now_ms=T)
    store.answer_help("h1", "这样办", by=BERT, now_ms=T + 2)
    assert len(store.ask_help("c", "h2", "再问", by=BERT, due_ms=T, now_ms=T).helps) == 2


@settings(max_examples=25)
@given(steps=st.lists(st.tuples(st.sampled_from("chr"), st.integers(-3, 3)), max_size=10))
def test_of_a_chat_that_is_closed_nobody_waits_for_help(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the clock does: closing ends what was asked before it, and never what is asked after."""
    store = ConversationStore(tmp_path_factory.mktemp("help") / "conversations.db")
    try:
        kept = store.take("c", buyer("1"), now_ms=T)[0]
        for number, (what, ours) in enumerate(steps):
            if what == "c":
                kept = store.shut("c", instead=True, now_ms=T + ours)
            elif what == "r":
                kept = store.reopen("c", instead=True, now_ms=T + ours)
            elif not kept.conversation.open or any(map(kept.waits, kept.helps)):
                with pytest.raises(Conflict):
                    store.ask_help("c", f"h{number}", "", by=ANNA, due_ms=T, now_ms=T + ours)
            else:
                kept = store.ask_help("c", f"h{number}", "", by=ANNA, due_ms=T + ours + 9, now_ms=T + ours)
                assert kept.waits(kept.helps[-1]) and kept.helps[-1].due_ms - kept.helps[-1].asked_ms == 9
            assert kept.conversation.open or not any(map(kept.waits, kept.helps))
    finally:
        store.close()


def test_the_first_answer_stands(store: ConversationStore) -> None:
    store.take("c", buyer("1"), now_ms=T)
    store.ask_help("c", "h", "怎么办", by=ANNA, due_ms=T, now_ms=T)
    answered = store.answer_help("h", "这样办", by=BERT, now_ms=T + 2)
    assert store.answer_help("h", "这样办", by=BERT, now_ms=T + 9) == answered
    with pytest.raises(Conflict):
        store.answer_help("h", "那样办", by=ANNA, now_ms=T + 3)
    assert store.chat("c").helps[0].answer == "这样办"
    assert store.chat("c").names == {"k_anna": "安娜", "k_bert": "贝特"}


# -- what goes


def test_idle_conversations_close_and_closed_ones_are_deleted_without_a_trace(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("a", "甲店")
        store = folder.conversations("a")
        store.take("old", buyer("1", "旧会话里说的话"), now_ms=T)
        store.ask_help("old", "h", "旧会话里的求助", by=ANNA, due_ms=T, now_ms=T)
        store.take("new", buyer("1", "新会话里说的话"), now_ms=T + 1_000)
        assert [kept.id for kept in store.close_idle(T + 500, now_ms=T + 2_000)] == ["old"]
        assert store.forget(T + 1_999) == 0  # what was closed is kept from its closing on
        assert store.forget(T + 2_001) == 1
        kept = everything_in(tmp_path / "data" / "merchants" / "a")  # while it is open: the log too
        assert "旧会话里".encode() not in kept and "新会话里".encode() in kept
        with pytest.raises(NotFound):
            store.chat("old")
        assert [kept.id for kept in store.opened()] == ["new"]


def test_the_file_is_made_when_something_is_said(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("a", "甲店")
        assert not folder.has_conversations("a")
        folder.conversations("a")
        assert folder.has_conversations("a")
        with pytest.raises(NotFound):
            folder.conversations("nowhere")


@given(
    at=st.lists(st.tuples(st.sampled_from("bac"), st.integers(-5_000, 5_000), st.integers(-5_000, 5_000)), max_size=8)
)
def test_within_a_conversation_time_never_runs_backwards(
    at: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the host's clock and ours do, closings and confirmations lie after what was said by then."""
    store = ConversationStore(tmp_path_factory.mktemp("time") / "conversations.db")
    try:
        store.take("c", buyer("first"), now_ms=T)
        for number, (what, ours, hosts) in enumerate(at):
            before = store.chat("c")
            said = max(message.at_ms for message in before.conversation.messages)
            if what == "b":
                kept = store.take("c", buyer(str(number), at_ms=T + hosts), now_ms=T + ours)[0]
                assert (
                    max(message.at_ms for message in kept.conversation.messages)
                    <= max(said, T + ours, *kept.closings, T) + 1
                )
            elif what == "a":
                kept, message, _ = store.take("c", agent(str(number)), now_ms=T + ours)
                assert message.at_ms >= said and kept.last == message
            else:
                kept = store.shut("c", instead=True, now_ms=T + ours)
                assert not kept.closings or kept.closings[-1] >= said or not before.conversation.open
            assert list(kept.closings) == sorted(kept.closings)
    finally:
        store.close()
