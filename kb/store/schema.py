"""Numbered migrations of the two kinds of file. A released migration is never edited; a new one is appended."""

from __future__ import annotations

import secrets

from sqlite_utils import Database, Migrations

from kb.store.codec import each_statement

merchant = Migrations("merchant")
hub = Migrations("hub")


@merchant()
def m001_foundation(db: Database) -> None:
    """Knowledge, vectors beside the text they embed, events, and the record of imports."""
    each_statement(db, _MERCHANT_FOUNDATION)


_MERCHANT_FOUNDATION = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO meta VALUES ('generation', '0');
CREATE TABLE entries (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, question TEXT NOT NULL, question_hash TEXT NOT NULL,
    scene TEXT NOT NULL, category TEXT NOT NULL, shortcut TEXT NOT NULL, status TEXT NOT NULL,
    valid_from INTEGER, valid_to INTEGER, must_read INTEGER NOT NULL, origin TEXT NOT NULL, source TEXT,
    row_hash TEXT NOT NULL, version INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (kind, key)
) STRICT;
CREATE INDEX entries_status ON entries (status);
CREATE TABLE phrasings (
    id TEXT PRIMARY KEY, entry_id TEXT NOT NULL REFERENCES entries ON DELETE CASCADE, position INTEGER NOT NULL,
    text TEXT NOT NULL, text_hash TEXT NOT NULL, polarity TEXT NOT NULL, origin TEXT NOT NULL
) STRICT;
CREATE INDEX phrasings_entry ON phrasings (entry_id);
CREATE INDEX phrasings_hash ON phrasings (text_hash);
CREATE INDEX entries_hash ON entries (question_hash);
CREATE TABLE answers (
    id TEXT PRIMARY KEY, entry_id TEXT NOT NULL REFERENCES entries ON DELETE CASCADE, position INTEGER NOT NULL,
    text TEXT NOT NULL, text_hash TEXT NOT NULL, platforms TEXT NOT NULL, products TEXT NOT NULL,
    valid_from INTEGER, valid_to INTEGER
) STRICT;
CREATE INDEX answers_entry ON answers (entry_id);
CREATE INDEX answers_hash ON answers (text_hash);
CREATE TABLE products (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, brand TEXT NOT NULL, category TEXT NOT NULL,
    model TEXT NOT NULL, status TEXT NOT NULL, source TEXT, row_hash TEXT NOT NULL, version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE skus (
    id TEXT PRIMARY KEY, product_id TEXT NOT NULL REFERENCES products ON DELETE CASCADE, position INTEGER NOT NULL,
    key TEXT NOT NULL, name TEXT NOT NULL
) STRICT;
CREATE INDEX skus_product ON skus (product_id);
CREATE TABLE facts (
    product_id TEXT NOT NULL REFERENCES products ON DELETE CASCADE,
    sku_id TEXT REFERENCES skus ON DELETE CASCADE, position INTEGER NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, source TEXT
) STRICT;
CREATE INDEX facts_product ON facts (product_id);
CREATE INDEX facts_sku ON facts (sku_id);
CREATE TABLE vectors (
    engine TEXT NOT NULL, text_hash TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (engine, text_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, suggestion TEXT NOT NULL,
    entry TEXT NOT NULL, rank INTEGER NOT NULL, probability REAL NOT NULL, generation INTEGER NOT NULL,
    text TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, received_at INTEGER NOT NULL, actor TEXT NOT NULL
) STRICT;
CREATE INDEX events_suggestion ON events (suggestion);
CREATE TABLE imports (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, file TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,
    added INTEGER NOT NULL, changed INTEGER NOT NULL, unchanged INTEGER NOT NULL, problems INTEGER NOT NULL,
    actor TEXT NOT NULL
) STRICT
"""


@merchant()
def m002_learning(db: Database) -> None:
    """What was asked when an agent decided, the messages that judge a lesson, and what became of each proposal."""
    each_statement(db, _MERCHANT_LEARNING)


_MERCHANT_LEARNING = """
ALTER TABLE events ADD COLUMN asked TEXT NOT NULL DEFAULT '';
CREATE INDEX events_asked ON events (sequence) WHERE asked != '';
CREATE TABLE gold (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, text TEXT NOT NULL, turns TEXT NOT NULL, keys TEXT NOT NULL
) STRICT;
CREATE TABLE decisions (
    id TEXT PRIMARY KEY, entry TEXT NOT NULL, polarity TEXT NOT NULL, text TEXT NOT NULL, support INTEGER NOT NULL,
    against INTEGER NOT NULL, agents INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    accepted INTEGER NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL
) STRICT
"""


@merchant()
def m003_ingest(db: Database) -> None:
    """The shop's own facts, baskets, leads from chat logs, remembered columns, vectors ahead of their texts, and what an
    import has to restore when it is undone."""
    each_statement(db, _MERCHANT_INGEST)


_MERCHANT_INGEST = """
CREATE TABLE profile (
    name TEXT PRIMARY KEY, value TEXT NOT NULL, unit TEXT NOT NULL, source TEXT
) STRICT;
CREATE TABLE baskets (id TEXT PRIMARY KEY, at INTEGER NOT NULL, items TEXT NOT NULL) STRICT;
CREATE TABLE leads (
    id TEXT PRIMARY KEY, entry TEXT NOT NULL, text TEXT NOT NULL, support INTEGER NOT NULL
) STRICT;
CREATE TABLE mappings (
    kind TEXT NOT NULL, header TEXT NOT NULL, field TEXT NOT NULL, PRIMARY KEY (kind, header)
) STRICT, WITHOUT ROWID;
CREATE TABLE staged_vectors (
    engine TEXT NOT NULL, text_hash TEXT NOT NULL, vector BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (engine, text_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE journal (
    batch TEXT NOT NULL, thing TEXT NOT NULL, id TEXT NOT NULL, before TEXT, stamp TEXT NOT NULL,
    PRIMARY KEY (batch, thing, id)
) STRICT, WITHOUT ROWID;
ALTER TABLE imports ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN undone_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN undone_by TEXT NOT NULL DEFAULT ''
"""


@merchant()
def m004_orders_and_conditions(db: Database) -> None:
    """A salt for the digests of order numbers, and who stated an answer's condition: until now only people could."""
    db.conn.execute("INSERT INTO meta VALUES ('order_salt', ?)", [secrets.token_hex(32)])
    db.conn.execute("ALTER TABLE answers ADD COLUMN origin TEXT NOT NULL DEFAULT 'merchant'")
    db.conn.execute(
        "UPDATE answers SET origin = 'trainer'"
        " WHERE platforms != '[]' OR products != '[]' OR valid_from IS NOT NULL OR valid_to IS NOT NULL"
    )


@merchant()
def m005_order_states(db: Database) -> None:
    """In which states of the order an answer is the right one."""
    db.conn.execute("ALTER TABLE answers ADD COLUMN states TEXT NOT NULL DEFAULT '[]'")


@merchant()
def m006_ends_and_outcomes(db: Database) -> None:
    """Which chat an event belongs to and what was changed in an answer; orders, payments and refunds after chats."""
    each_statement(db, _MERCHANT_ENDS)


_MERCHANT_ENDS = """
ALTER TABLE events ADD COLUMN conversation TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN diff TEXT NOT NULL DEFAULT '';
CREATE INDEX events_shown ON events (conversation, at, suggestion) WHERE kind = 'shown';
CREATE INDEX events_received ON events (received_at);
INSERT INTO meta VALUES ('events_ended', '0');
CREATE TABLE outcomes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, conversation TEXT NOT NULL,
    amount INTEGER NOT NULL, at INTEGER NOT NULL, order_digest TEXT NOT NULL, received_at INTEGER NOT NULL,
    actor TEXT NOT NULL
) STRICT;
CREATE INDEX outcomes_conversation ON outcomes (conversation)
"""


@merchant()
def m007_exposures(db: Database) -> None:
    """Which conversations experiments have touched, and those that met both arms."""
    db.conn.execute(_MERCHANT_EXPOSURES)


_MERCHANT_EXPOSURES = """
CREATE TABLE exposures (
    experiment TEXT NOT NULL, conversation TEXT NOT NULL, arm TEXT NOT NULL, unit TEXT NOT NULL, agent TEXT NOT NULL,
    at INTEGER NOT NULL, mixed_at INTEGER, mixed_by TEXT NOT NULL, PRIMARY KEY (experiment, conversation)
) STRICT, WITHOUT ROWID
"""


@merchant()
def m008_offers(db: Database) -> None:
    """What the merchant wants offered beside what, and a number that moves with the baskets."""
    db.conn.execute("CREATE TABLE offers (id TEXT PRIMARY KEY, rule TEXT NOT NULL, source TEXT) STRICT")
    db.conn.execute("INSERT INTO meta VALUES ('baskets_version', '0')")


@merchant()
def m009_vectors_in_a_row(db: Database) -> None:
    """Vectors in the order in which they came. By hash they lay scattered, each with a page of its own for what a page of
    an index has no room for: those of 1,000 entries that the system did not hold in memory took .2 to .4 s to read, one
    small piece after another, and now take .01."""
    each_statement(db, _MERCHANT_VECTORS)


_MERCHANT_VECTORS = """
ALTER TABLE vectors RENAME TO scattered;
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY, engine TEXT NOT NULL, text_hash TEXT NOT NULL, vector BLOB NOT NULL, UNIQUE (engine, text_hash)
) STRICT;
INSERT INTO vectors (engine, text_hash, vector) SELECT engine, text_hash, vector FROM scattered;
DROP TABLE scattered
"""


@hub()
def h001_foundation(db: Database) -> None:
    """Merchants, the keys that name them, and browser sessions."""
    each_statement(db, _HUB_FOUNDATION)


_HUB_FOUNDATION = """
CREATE TABLE merchants (
    slug TEXT PRIMARY KEY, name TEXT NOT NULL, platform TEXT NOT NULL, color TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE keys (
    id TEXT PRIMARY KEY, label TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
) STRICT;
CREATE TABLE key_merchants (
    key_id TEXT NOT NULL REFERENCES keys ON DELETE CASCADE, slug TEXT NOT NULL REFERENCES merchants ON DELETE CASCADE,
    PRIMARY KEY (key_id, slug)
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES keys ON DELETE CASCADE,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""


@hub()
def h002_check_salt(db: Database) -> None:
    """The vendor's salt: under it what gives a shop away is compared with what is about to be sent from another."""
    db.conn.execute("CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    db.conn.execute("INSERT INTO secrets VALUES ('check_salt', ?)", [secrets.token_hex(32)])


@hub()
def h_hooks(db: Database) -> None:
    """Where hosts' servers tell of messages, and which of their inboxes is which shop."""
    each_statement(db, _HUB_HOOKS)


_HUB_HOOKS = """
CREATE TABLE hooks (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, secret TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE hook_inboxes (
    hook TEXT NOT NULL REFERENCES hooks ON DELETE CASCADE, inbox TEXT NOT NULL,
    slug TEXT NOT NULL REFERENCES merchants ON DELETE CASCADE, PRIMARY KEY (hook, inbox)
) STRICT
"""


@hub()
def h003_people_and_audit(db: Database) -> None:
    """People with passwords, keys for all shops and for parts of the API, and the audit trail, which only ever grows."""
    each_statement(db, _HUB_PEOPLE, ";;")


_HUB_PEOPLE = """
CREATE TABLE people (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, password TEXT NOT NULL,
    everywhere INTEGER NOT NULL, created_at INTEGER NOT NULL, password_at INTEGER NOT NULL, disabled_at INTEGER
) STRICT;;
CREATE TABLE person_roles (
    person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE, role TEXT NOT NULL, PRIMARY KEY (person_id, role)
) STRICT, WITHOUT ROWID;;
CREATE TABLE person_merchants (
    person_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
    slug TEXT NOT NULL REFERENCES merchants ON DELETE CASCADE, PRIMARY KEY (person_id, slug)
) STRICT, WITHOUT ROWID;;
ALTER TABLE keys ADD COLUMN everywhere INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE keys ADD COLUMN scopes TEXT;;
CREATE TABLE sessions_of_all (
    digest TEXT PRIMARY KEY, key_id TEXT REFERENCES keys ON DELETE CASCADE,
    person_id TEXT REFERENCES people ON DELETE CASCADE, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    CHECK ((key_id IS NULL) != (person_id IS NULL))
) STRICT, WITHOUT ROWID;;
INSERT INTO sessions_of_all SELECT digest, key_id, NULL, created_at, expires_at FROM sessions;;
DROP TABLE sessions;;
ALTER TABLE sessions_of_all RENAME TO sessions;;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL, action TEXT NOT NULL,
    shop TEXT NOT NULL, subject TEXT NOT NULL, summary TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    seal TEXT NOT NULL
) STRICT;;
CREATE INDEX audit_shop ON audit (shop, number);;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;;
CREATE TABLE stamp (changes INTEGER NOT NULL) STRICT;;
INSERT INTO stamp VALUES (0)
"""


@hub()
def h004_experiments(db: Database) -> None:
    """Experiments, and what share of their units was to be treated since when."""
    each_statement(db, _HUB_EXPERIMENTS)


_HUB_EXPERIMENTS = """
CREATE TABLE experiments (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, treatment TEXT NOT NULL, unit TEXT NOT NULL, shops TEXT NOT NULL,
    salt TEXT NOT NULL, shifts TEXT NOT NULL, stage TEXT NOT NULL, created_at INTEGER NOT NULL,
    started_at INTEGER, stopped_at INTEGER
) STRICT;
CREATE TABLE ramps (experiment TEXT NOT NULL REFERENCES experiments, at INTEGER NOT NULL, share REAL NOT NULL) STRICT
"""
