"""Which conversations an experiment has touched, once each. Ids only: nothing here says anything of a person or a text."""

from __future__ import annotations

from sqlite_utils import Database

from kb.experiment.experiment import Arm
from kb.experiment.exposure import Exposure

_COLUMNS = ", ".join(Exposure.__slots__)
_PUT = f"""
INSERT INTO exposures ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, NULL, '')
ON CONFLICT (experiment, conversation) DO UPDATE SET mixed_at = excluded.at, mixed_by = excluded.unit
WHERE exposures.mixed_at IS NULL AND exposures.arm != excluded.arm
"""


def known(db: Database, one: Exposure) -> bool:
    """Whether storing it would change nothing: the usual case, and one that need not wait for the disk."""
    query = "SELECT arm, mixed_at FROM exposures WHERE experiment = ? AND conversation = ?"
    row = db.conn.execute(query, [one.experiment, one.conversation]).fetchone()
    return row is not None and (row[0] == one.arm or row[1] is not None)


def put_exposure(db: Database, one: Exposure) -> bool:
    """Store it, or note on the first one that the conversation has met the other arm; whether anything was written."""
    values = [one.experiment, one.conversation, str(one.arm), one.unit, one.agent, one.at]
    return bool(db.conn.execute(_PUT, values).rowcount)


def all_exposures(db: Database, experiment: str) -> list[Exposure]:
    """Every exposure of an experiment in this shop, oldest first."""
    query = f"SELECT {_COLUMNS} FROM exposures WHERE experiment = ? ORDER BY at, conversation"
    return [_exposure(row) for row in db.conn.execute(query, [experiment])]


def counts(db: Database, experiment: str) -> dict[Arm, tuple[int, int]]:
    """Conversations exposed, and those of them that met the other arm as well, by arm."""
    query = "SELECT arm, count(*), count(mixed_at) FROM exposures WHERE experiment = ? GROUP BY arm"
    found = {Arm(name): (n, mixed) for name, n, mixed in db.conn.execute(query, [experiment])}
    return {one: found.get(one, (0, 0)) for one in Arm}


def _exposure(row: tuple[str, str, str, str, str, int, int | None, str]) -> Exposure:
    experiment, conversation, name, unit, agent, at, mixed_at, mixed_by = row
    return Exposure(experiment, conversation, Arm(name), unit, agent, at, mixed_at, mixed_by)
