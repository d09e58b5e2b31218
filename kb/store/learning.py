"""What a shop learns by, in its file: the gold messages, leads from chat logs, and what was decided about each proposal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from kb.errors import Conflict
from kb.language.text import text_hash
from kb.model import Decision, Gold, Lead, Polarity, Proposal, Speaker, Turn
from kb.store.codec import pack_set, unpack_set


def replace_gold(db: Database, gold: Sequence[Gold]) -> None:
    """The gold set is these messages and no others, in this order."""
    db.conn.execute("DELETE FROM gold")
    db.conn.executemany(
        "INSERT INTO gold (id, position, text, turns, keys) VALUES (?, ?, ?, ?, ?)",
        ((case.id, i, case.text, _pack_turns(case.turns), pack_set(case.keys)) for i, case in enumerate(gold)),
    )


def all_gold(db: Database) -> list[Gold]:
    """The gold messages in the order in which they were given."""
    rows = db.query("SELECT * FROM gold ORDER BY position")
    return [Gold(row["id"], row["text"], _unpack_turns(row["turns"]), unpack_set(row["keys"])) for row in rows]


def put_decisions(db: Database, decisions: Sequence[Decision], *, at: int) -> None:
    """Remember decisions; one that was made already stays. Raises Conflict where somebody decided the opposite."""
    for decision in decisions:
        cursor = db.conn.execute(
            "INSERT INTO decisions (id, entry, polarity, text, support, against, agents, last_seen, accepted, actor, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            [*_values(decision.proposal), int(decision.accepted), decision.actor, at],
        )
        if not cursor.rowcount and _accepted(db, decision.proposal.id) is not decision.accepted:
            raise Conflict(f"“{decision.proposal.text}”刚刚被别人处理过，这次没有写入。", remedy="请刷新后再看。")


def all_decisions(db: Database) -> list[Decision]:
    """Every decision, in the order in which they were made."""
    return [_decision(row) for row in db.query("SELECT * FROM decisions ORDER BY rowid")]


def lead_id(lead: Lead) -> str:
    """One for each question and entry, so that the same chat log again says nothing new."""
    return f"{lead.entry} {text_hash(lead.text)}"


def put_leads(db: Database, leads: Sequence[Lead]) -> None:
    """Insert or replace leads by entry and text."""
    db.conn.executemany(
        "INSERT INTO leads (id, entry, text, support) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET text = excluded.text, support = excluded.support",
        ((lead_id(lead), lead.entry, lead.text, lead.support) for lead in leads),
    )


def all_leads(db: Database) -> list[Lead]:
    """Every lead, in the order in which they were first stored."""
    return [Lead(*row) for row in db.conn.execute("SELECT entry, text, support FROM leads ORDER BY rowid")]


def _accepted(db: Database, proposal_id: str) -> bool:
    return bool(db.conn.execute("SELECT accepted FROM decisions WHERE id = ?", [proposal_id]).fetchone()[0])


def _decision(row: dict[str, Any]) -> Decision:
    proposal = Proposal(
        id=row["id"],
        entry=row["entry"],
        text=row["text"],
        polarity=Polarity(row["polarity"]),
        support=row["support"],
        against=row["against"],
        agents=row["agents"],
        last_seen=row["last_seen"],
    )
    return Decision(proposal, bool(row["accepted"]), row["actor"])


def _values(proposal: Proposal) -> list[Any]:
    return [
        proposal.id,
        proposal.entry,
        str(proposal.polarity),
        proposal.text,
        proposal.support,
        proposal.against,
        proposal.agents,
        proposal.last_seen,
    ]


def _pack_turns(turns: Sequence[Turn]) -> str:
    return json.dumps([[turn.speaker, turn.text] for turn in turns], ensure_ascii=False)


def _unpack_turns(text: str) -> tuple[Turn, ...]:
    return tuple(Turn(Speaker(speaker), said) for speaker, said in json.loads(text))
