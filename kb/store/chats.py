"""The tables of a shop's conversations, and their rows as nouns. A released migration is never edited."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlite_utils import Database, Migrations

from kb.errors import NotFound
from kb.model import Conversation, Help, KeyFacts, Logistics, Message, Order, Payment, Refund, Speaker, Turn
from kb.store.codec import each_statement, marks

conversations = Migrations("conversations")
LATEST = (
    500  # messages of a conversation that are read; a host that never changes its id must not make every one dearer
)


@conversations()
def c001_foundation(db: Database) -> None:
    """Conversations with their messages and requests for help, and the salt of what stands for a buyer."""
    each_statement(db, _FOUNDATION)
    db.conn.execute("INSERT INTO meta VALUES ('salt', ?)", [secrets.token_hex(32)])


@conversations()
def c002_held(db: Database) -> None:
    """Whether a colleague closed it: then it stays its agent's when the buyer comes back."""
    db.conn.execute("ALTER TABLE conversations ADD COLUMN held INTEGER NOT NULL DEFAULT 0")


_FOUNDATION = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE names (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, buyer TEXT NOT NULL, agent TEXT NOT NULL, platform TEXT NOT NULL, product TEXT NOT NULL,
    customer_order TEXT, tags TEXT NOT NULL, key_facts TEXT NOT NULL, confirmed INTEGER NOT NULL, open INTEGER NOT NULL,
    active_ms INTEGER NOT NULL, closings TEXT NOT NULL, confirmations TEXT NOT NULL, version INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_open ON conversations (open, active_ms);
CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    id TEXT NOT NULL, speaker TEXT NOT NULL, text TEXT NOT NULL, at_ms INTEGER NOT NULL, UNIQUE (conversation, id)
) STRICT;
CREATE INDEX messages_said ON messages (conversation, at_ms, sequence);
CREATE TABLE helps (
    id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    asked_by TEXT NOT NULL, note TEXT NOT NULL, asked_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,
    answer TEXT NOT NULL, answered_by TEXT NOT NULL, answered_ms INTEGER, entry TEXT NOT NULL
) STRICT;
CREATE INDEX helps_conversation ON helps (conversation)
"""


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as it is stored: the noun without clocks, and the moments (unix ms) that clocks are made of.

    Closings and confirmations never lie before the last message that was known when they were made.
    """

    conversation: Conversation
    active_ms: int  # when it last changed, by the service's clock
    closings: tuple[int, ...] = ()
    confirmations: tuple[int, ...] = ()
    helps: tuple[Help, ...] = ()  # oldest first
    names: Mapping[str, str] = field(default_factory=dict)  # of who serves, asked and answered, by id
    held: bool = False  # closed by a colleague of who serves it, who keeps it

    @property
    def id(self) -> str:
        return self.conversation.id

    @property
    def version(self) -> int:
        return self.conversation.version

    @property
    def last(self) -> Message | None:
        return self.conversation.messages[-1] if self.conversation.messages else None

    @property
    def unanswered(self) -> tuple[Message, ...]:
        """What the buyer has said since somebody last replied or closed."""
        settled = self.closings[-1] if self.closings else -1
        waiting: list[Message] = []
        for message in reversed(self.conversation.messages):
            if message.turn.speaker is not Speaker.BUYER or message.at_ms <= settled:
                break
            waiting.append(message)
        return tuple(reversed(waiting))

    def given_up_ms(self, one: Help) -> int | None:
        """When the conversation was closed over a request that nobody had answered: then nobody waits for it any more."""
        closed = next((at for at in self.closings if at >= one.asked_ms), None)
        return closed if closed is not None and (one.answered_ms is None or one.answered_ms > closed) else None

    def waits(self, one: Help) -> bool:
        """Whether an agent still waits for the answer to a request."""
        return one.answered_ms is None and self.given_up_ms(one) is None

    @property
    def helping(self) -> Help | None:
        """The request that waits for its answer, else the latest one."""
        return next((one for one in self.helps if self.waits(one)), self.helps[-1] if self.helps else None)


def salt(db: Database) -> bytes:
    return bytes.fromhex(db.conn.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()[0])


def chat(db: Database, conversation: str) -> Chat:
    """One conversation whole. Raises NotFound."""
    found = chats(db, "WHERE id = ?", [conversation])
    if not found:
        raise NotFound("这家店没有这个会话。")
    return found[0]


def said_since(db: Database, since_ms: int) -> list[str]:
    """Ids of the conversations with a message since then."""
    found = db.conn.execute("SELECT DISTINCT conversation FROM messages WHERE at_ms >= ?", [since_ms])
    return [conversation for (conversation,) in found]


def serving(db: Database, conversation: str) -> str:
    row = db.conn.execute("SELECT agent FROM conversations WHERE id = ?", [conversation]).fetchone()
    return str(row[0]) if row else ""


def chats(db: Database, where: str, values: Sequence[object] = ()) -> list[Chat]:
    """Conversations whole, chosen by what follows FROM."""
    rows = db.query(f"SELECT * FROM conversations {where}", list(values))
    return [_chat(db, row) for row in rows]


def put(db: Database, kept: Chat) -> Chat:
    """Store all of a conversation but its messages and helps, as the next version; returns it whole, read back."""
    one = kept.conversation
    row = {
        "id": one.id,
        "buyer": one.buyer,
        "agent": one.agent,
        "platform": one.platform,
        "product": one.product,
        "customer_order": _json(asdict(one.order)) if one.order else None,
        "tags": _json(one.tags),
        "key_facts": _json(asdict(one.key_facts)),
        "confirmed": int(one.confirmed),
        "open": int(one.open),
        "active_ms": kept.active_ms,
        "closings": _json(kept.closings),
        "confirmations": _json(kept.confirmations),
        "version": one.version + 1,
        "held": int(kept.held),
    }
    _upsert(db, "conversations", row)
    return chat(db, one.id)


def add_message(db: Database, conversation: str, message: Message) -> None:
    db.conn.execute(
        "INSERT INTO messages (conversation, id, speaker, text, at_ms) VALUES (?, ?, ?, ?, ?)",
        [conversation, message.id, str(message.turn.speaker), message.turn.text, message.at_ms],
    )


def helps(db: Database, conversation: str) -> tuple[Help, ...]:
    query = "SELECT * FROM helps WHERE conversation = :id ORDER BY rowid"
    return tuple(Help(**row) for row in db.query(query, {"id": conversation}))


def put_help(db: Database, one: Help) -> None:
    _upsert(db, "helps", {name: getattr(one, name) for name in Help.__slots__})


def _upsert(db: Database, table: str, row: Mapping[str, object]) -> None:
    """Insert a row, or put its values in the place of those of the row with its id. sqlite_utils' own looks the table's columns
    up each time, a quarter of what it costs to store a message."""
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    db.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {changes}", row)


def message(db: Database, conversation: str, id: str) -> Message | None:
    """A message of a conversation by the host's id, however long ago."""
    where = "conversation = ? AND id = ?"
    row = db.conn.execute(f"SELECT id, speaker, text, at_ms FROM messages WHERE {where}", [conversation, id]).fetchone()
    return _message(row) if row else None


def _messages(db: Database, conversation: str) -> tuple[Message, ...]:
    """The latest, in the order in which they were said: hosts deliver late, and twice at once."""
    latest = "SELECT id, speaker, text, at_ms FROM messages WHERE conversation = ? ORDER BY at_ms DESC, sequence DESC LIMIT ?"
    rows = db.conn.execute(latest, [conversation, LATEST]).fetchall()
    return tuple(map(_message, reversed(rows)))


def _message(row: tuple[str, str, str, int]) -> Message:
    key, speaker, text, at_ms = row
    return Message(key, Turn(Speaker(speaker), text), at_ms)


def _chat(db: Database, row: dict[str, Any]) -> Chat:
    facts = json.loads(row["key_facts"])
    requests = helps(db, row["id"])
    found = Conversation(
        id=row["id"],
        buyer=row["buyer"],
        agent=row["agent"],
        platform=row["platform"],
        product=row["product"],
        order=_order(row["customer_order"]),
        tags=tuple(json.loads(row["tags"])),
        messages=_messages(db, row["id"]),
        key_facts=KeyFacts(**{**facts, "promises": tuple(facts["promises"])}),
        confirmed=bool(row["confirmed"]),
        open=bool(row["open"]),
        version=row["version"],
    )
    return Chat(
        found,
        row["active_ms"],
        tuple(json.loads(row["closings"])),
        tuple(json.loads(row["confirmations"])),
        requests,
        _names(db, {found.agent, *(who for one in requests for who in (one.asked_by, one.answered_by))} - {""}),
        bool(row.get("held")),  # a file that is only read may be of before
    )


def name(db: Database, person: str, called: str) -> None:
    """Remember what somebody who did something here is called, also when their key is long gone."""
    db.table("names").upsert({"id": person, "name": called}, pk="id")


def _names(db: Database, ids: set[str]) -> dict[str, str]:
    return dict(db.conn.execute(f"SELECT id, name FROM names WHERE id IN ({marks(tuple(ids))})", tuple(ids)).fetchall())


def _order(text: str | None) -> Order | None:
    if text is None:
        return None
    row = json.loads(text)
    return Order(
        row["tail"],
        row["product"],
        row["sku"],
        Payment(row["payment"]) if row["payment"] else None,
        Logistics(row["logistics"]) if row["logistics"] else None,
        Refund(row["refund"]) if row["refund"] else None,
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
