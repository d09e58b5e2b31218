"""A shop's conversations: what is said comes and goes in a file of its own, while knowledge stays (kb.store.merchant).

Texts are masked on the way in, whoever calls; a buyer is known by a digest under the shop's salt, an order by its last
four characters. Every write returns once it is on disk, with the whole conversation as it is now. Within one
conversation time never runs backwards, whatever the clocks of hosts and of this computer do: clocks are made of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlite_utils import Database

from kb.errors import Conflict, NotFound
from kb.language.mask import mask
from kb.language.tail import cut, tail_of
from kb.model import Conversation, Help, KeyFacts, Message, Order, Speaker, Turn
from kb.store import chats
from kb.store.chats import Chat
from kb.store.file import StoreFile


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who does something: the id of their credential, and what they are called."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as a host tells it, and what it knows of the chat. None and "": not said, what was known stays."""

    id: str
    speaker: Speaker
    text: str
    at_ms: int | None = None  # by the host's clock
    buyer: str = ""  # any reference to the person; only its digest is kept
    platform: str = ""
    product: str = ""
    order: Order | None = None
    tags: Sequence[str] | None = None


class ConversationStore:
    """One shop's conversations."""

    def __init__(self, path: Path, *, reading: bool = False) -> None:
        self._file = StoreFile(path, chats.conversations, reading=reading)
        with self._file.read() as db:
            self._salt = chats.salt(db)

    def close(self) -> None:
        self._file.close()

    # -- reading

    def opened(self) -> list[Chat]:
        with self._file.read() as db:
            return chats.chats(db, "WHERE open = 1")

    def closed(self, limit: int) -> list[Chat]:
        """The latest that were closed."""
        with self._file.read() as db:
            return chats.chats(db, "WHERE open = 0 ORDER BY active_ms DESC, id LIMIT ?", [limit])

    def chat(self, conversation: str) -> Chat:
        """Raises NotFound."""
        with self._file.read() as db:
            return chats.chat(db, conversation)

    def serving(self, conversation: str) -> str:
        """Id of who serves a conversation; "" where nobody does, or there is none."""
        with self._file.read() as db:
            return chats.serving(db, conversation)

    def each(self, since_ms: int, progress: Callable[[int, int], None]) -> Iterator[tuple[Chat, str]]:
        """The conversations in which anything was said since then, one after another, as they stand at one moment; with each the
        digest of its buyer, "" where the host never named one. `progress` is told how many of how many are done."""
        with self._file.read() as db:
            ids = chats.said_since(db, since_ms)
            for number, conversation in enumerate(ids, start=1):
                kept = chats.chat(db, conversation)
                buyer = kept.conversation.buyer
                yield kept, "" if buyer == self._digest(kept.id) else buyer
                progress(number, len(ids))

    def requested(self, limit: int) -> list[Chat]:
        """The conversations in which help was asked for last."""
        query = "WHERE id IN (SELECT conversation FROM helps ORDER BY rowid DESC LIMIT ?)"
        with self._file.read() as db:
            return chats.chats(db, query, [limit])

    # -- writing: each returns once its change is on disk

    def take(self, conversation: str, heard: Heard, *, now_ms: int) -> tuple[Chat, Message, bool]:
        """Store a message; the conversation, the message as it is stored, and whether it is new (by its id).

        A buyer's message opens a conversation, again if it was closed. Raises Conflict where the id is that of another
        message: nobody's words are overwritten, and none are taken for said that were not kept.
        """
        heard = replace(heard, text=mask(heard.text))  # here, not on the writer's thread, which all wait for
        return self._file.write(lambda db: self._take(db, conversation, heard, now_ms))

    def claim(self, conversation: str, agent: Who | None, *, by: str = "", instead: bool, now_ms: int) -> Chat:
        """Let an agent serve it; None: nobody, which whoever serves it may say of oneself (`by`). `instead` of whoever does;
        else raises Conflict where somebody does."""

        def change(db: Database, kept: Chat) -> Chat:
            if _colleagues(kept, by if agent is None else agent.id) and not instead:
                raise Conflict(f"{_server(kept)} 已经在接待这个会话。", remedy="需要换人接待时请找组长。")
            if agent is not None:
                chats.name(db, agent.id, agent.name)
            return replace(kept, conversation=replace(kept.conversation, agent=agent.id if agent else ""))

        return self._change(conversation, change, now_ms)

    def shut(self, conversation: str, *, by: str = "", instead: bool, now_ms: int) -> Chat:
        """Close it. Where somebody else serves it, that is no way to take it (unless `instead` of whoever does): it stays
        theirs if the buyer comes back."""
        return self._change(
            conversation,
            lambda _, kept: _opened(kept, False, now_ms, held=_colleagues(kept, by) and not instead),
            now_ms,
        )

    def reopen(self, conversation: str, *, by: str = "", instead: bool, now_ms: int) -> Chat:
        """Open it by hand: it stays whose it was. Raises Conflict where that is somebody else, as `claim` does."""

        def change(_: Database, kept: Chat) -> Chat:
            if not kept.conversation.open and _colleagues(kept, by) and not instead:
                raise Conflict(f"这个会话是 {_server(kept)} 接待的。", remedy="需要换人接待时请找组长。")
            return _opened(kept, True, now_ms, held=True)

        return self._change(conversation, change, now_ms)

    def confirm(self, conversation: str, facts: KeyFacts, *, version: int | None, now_ms: int) -> Chat:
        """Keep the key facts as an agent confirms them. Raises Conflict where the conversation is past `version`."""
        facts = _masked(facts)

        def change(_: Database, kept: Chat) -> Chat:
            if version is not None and kept.version != version:
                raise Conflict("这个会话在您打开之后有了变化，关键信息没有保存。")
            told = replace(kept.conversation, key_facts=facts, confirmed=True)
            return replace(kept, conversation=told, confirmations=(*kept.confirmations, _after(kept, now_ms)))

        return self._change(conversation, change, now_ms)

    def ask_help(self, conversation: str, request: str, note: str, *, by: Who, due_ms: int, now_ms: int) -> Chat:
        """Ask the lead, once by the request's id. Raises Conflict while another one of the conversation waits, or where it is
        closed: nobody would look for the answer."""
        asked = Help(request, conversation, by.id, mask(note), now_ms, due_ms)

        def change(db: Database) -> Chat:
            kept = chats.chat(db, conversation)
            if any(one.id == asked.id for one in kept.helps):
                return kept
            if not kept.conversation.open:
                raise Conflict("这个会话已经结束，没有求助。", remedy="要继续处理，请先重新打开会话。")
            if kept.helping is not None and kept.waits(kept.helping):
                raise Conflict("这个会话已经有一条求助在等回复。", remedy="请等组长回复后再求助。")
            if db.conn.execute("SELECT 1 FROM helps WHERE id = ?", [asked.id]).fetchone():
                raise Conflict("这个求助编号已经用在别的会话里。", remedy="请换一个编号。")
            late = max((0, *(closed + 1 - now_ms for closed in kept.closings[-1:])))
            chats.put_help(db, replace(asked, asked_ms=now_ms + late, due_ms=due_ms + late))  # after the last closing
            chats.name(db, by.id, by.name)
            return chats.put(db, replace(kept, active_ms=now_ms))

        return self._file.write(change)

    def answer_help(self, request: str, text: str, *, by: Who, now_ms: int) -> Chat:
        """The lead's answer, masked; the same again changes nothing, another raises Conflict."""
        text = mask(text)

        def change(db: Database) -> Chat:
            kept = _of_help(db, request)
            one = next(one for one in kept.helps if one.id == request)
            if one.answered_ms is not None:
                if one.answer != text:
                    raise Conflict("这条求助已经有人回复过了。", remedy="请看已有的回复。")
                return kept
            chats.put_help(db, replace(one, answer=text, answered_by=by.id, answered_ms=max(now_ms, one.asked_ms)))
            chats.name(db, by.id, by.name)
            return chats.put(db, replace(kept, active_ms=now_ms))

        return self._file.write(change)

    def drafted(self, request: str, entry: str) -> Chat:
        """Remember the entry that was made of an answer."""

        def change(db: Database) -> Chat:
            kept = _of_help(db, request)
            one = next(one for one in kept.helps if one.id == request)
            chats.put_help(db, replace(one, entry=entry))
            return chats.put(db, kept)

        return self._file.write(change)

    def close_idle(self, before_ms: int, *, now_ms: int) -> list[Chat]:
        """Close what nobody has touched since; returns it."""

        def change(db: Database) -> list[Chat]:
            idle = chats.chats(db, "WHERE open = 1 AND active_ms < ?", [before_ms])
            return [chats.put(db, replace(_opened(kept, False, now_ms), active_ms=now_ms)) for kept in idle]

        return self._file.write(change)

    def forget(self, before_ms: int) -> int:
        """Delete closed conversations that nobody has touched since, from the file and from its log; how many."""

        def change(db: Database) -> int:
            return db.conn.execute("DELETE FROM conversations WHERE open = 0 AND active_ms < ?", [before_ms]).rowcount

        gone = self._file.write(change)
        if gone:
            self._file.empty_log()
        return gone

    # -- steps of a write, on the writer's thread

    def _take(self, db: Database, conversation: str, heard: Heard, now_ms: int) -> tuple[Chat, Message, bool]:
        try:
            kept = chats.chat(db, conversation)
        except NotFound:
            kept = Chat(Conversation(conversation, self._digest(heard.buyer or conversation), open=False), now_ms)
            kept = chats.put(db, replace(kept, conversation=replace(kept.conversation, open=True)))
        if known := chats.message(db, conversation, heard.id):
            if known.turn != Turn(heard.speaker, heard.text):
                raise Conflict(
                    "这个消息编号已经用过，内容却不一样；先收到的保留，这一条没有记下。",
                    remedy="每条消息请用自己的编号；重发时原样发，不要改文字。",
                )
            return kept, known, False
        message = Message(heard.id, Turn(heard.speaker, heard.text), _said_at(kept, heard, now_ms))
        chats.add_message(db, conversation, message)
        told = replace(kept, conversation=self._told(kept.conversation, heard), active_ms=now_ms)
        opened = _opened(told, True, now_ms, held=kept.held) if heard.speaker is Speaker.BUYER else told
        return chats.put(db, opened), message, True

    def _told(self, known: Conversation, heard: Heard) -> Conversation:
        """The conversation with what the host says of it now."""
        return replace(
            known,
            buyer=self._digest(heard.buyer) if heard.buyer else known.buyer,
            platform=mask(heard.platform) or known.platform,
            product=mask(heard.product) or known.product,
            order=_order(heard.order) if heard.order else known.order,
            tags=known.tags if heard.tags is None else tuple(dict.fromkeys(map(mask, heard.tags))),
        )

    def _digest(self, reference: str) -> str:
        """Sixteen hexadecimal digits that stand for a buyer in this shop and nowhere else."""
        return hashlib.blake2b(reference.encode(), digest_size=8, key=self._salt).hexdigest()

    def _change(self, conversation: str, change: Callable[[Database, Chat], Chat], now_ms: int) -> Chat:
        def write(db: Database) -> Chat:
            kept = chats.chat(db, conversation)
            changed = change(db, kept)
            return kept if changed == kept else chats.put(db, replace(changed, active_ms=now_ms))

        return self._file.write(write)


def _of_help(db: Database, request: str) -> Chat:
    row = db.conn.execute("SELECT conversation FROM helps WHERE id = ?", [request]).fetchone()
    if row is None:
        raise NotFound("这家店没有这条求助。")
    return chats.chat(db, row[0])


def _said_at(kept: Chat, heard: Heard, now_ms: int) -> int:
    """When a message was said: by the host's clock, where that is not ahead of ours; and never before the conversation
    was last closed, which it opens again."""
    at = _after(kept, now_ms) if heard.at_ms is None else min(heard.at_ms, now_ms)
    reopens = heard.speaker is Speaker.BUYER and not kept.conversation.open and kept.closings
    return max(at, kept.closings[-1] + 1) if reopens else at


def _after(kept: Chat, now_ms: int) -> int:
    """Now, but not before what has happened: a clock that was set back must not turn an answer into a wait."""
    said = (message.at_ms for message in kept.conversation.messages[-1:])
    return max((now_ms, *said, *kept.closings[-1:], *(one.asked_ms for one in kept.helps[-1:])))


def _colleagues(kept: Chat, who: str) -> bool:
    """Whether somebody else serves it, or did when it was closed."""
    return kept.conversation.agent not in ("", who)


def _server(kept: Chat) -> str:
    return kept.names.get(kept.conversation.agent, "别的客服")


def _opened(kept: Chat, wanted: bool, now_ms: int, *, held: bool = False) -> Chat:
    """Opened, or closed (`held`: by a colleague). Opened again it is anybody's unless `held`, for who served it may have gone
    home, and what was confirmed is of the matter before."""
    one = kept.conversation
    if one.open == wanted:
        return kept
    if wanted:
        return replace(
            kept, conversation=replace(one, open=True, agent=one.agent if held else "", confirmed=False), held=False
        )
    closings = (*kept.closings, _after(kept, now_ms))
    return replace(kept, conversation=replace(one, open=False), closings=closings, held=held)


def _order(told: Order) -> Order:
    return replace(told, tail=tail_of(told.tail), product=mask(told.product), sku=mask(told.sku))


def _masked(facts: KeyFacts) -> KeyFacts:
    return KeyFacts(
        mask(facts.topic),
        mask(facts.product),
        cut(facts.order),
        mask(facts.wish),
        mask(facts.mood),
        tuple(map(mask, facts.promises)),
        mask(facts.next_step),
    )
