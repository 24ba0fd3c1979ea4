"""The tables that one node keeps of its officers: who they are, and what proves it."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS office_officers (
    name TEXT PRIMARY KEY,
    roles TEXT NOT NULL,
    handle BLOB NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_passwords (
    officer TEXT PRIMARY KEY,
    salt BLOB NOT NULL,
    cost_n INTEGER NOT NULL,
    cost_r INTEGER NOT NULL,
    cost_p INTEGER NOT NULL,
    hash BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_tokens (
    officer TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    may TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_enrolments (
    officer TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    ends_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_passkeys (
    id BLOB PRIMARY KEY,
    officer TEXT NOT NULL,
    public_key BLOB NOT NULL,
    count INTEGER NOT NULL,
    model TEXT NOT NULL,
    label TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_passkeys_officer ON office_passkeys(officer);
CREATE TABLE IF NOT EXISTS office_vouched (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    officer TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS office_vouched_officer ON office_vouched(officer);
CREATE TABLE IF NOT EXISTS office_used_challenges (
    challenge BLOB PRIMARY KEY,
    ends_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_sessions (
    hash BLOB PRIMARY KEY,
    officer TEXT NOT NULL,
    method TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    verified_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_sign_in_failures (
    name TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_certifications (
    officer TEXT NOT NULL,
    register TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (officer, register)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_grants (
    officer TEXT NOT NULL, binding BLOB NOT NULL, serial BLOB NOT NULL UNIQUE, roles TEXT NOT NULL,
    body BLOB NOT NULL, ends_ms INTEGER NOT NULL, PRIMARY KEY (officer, binding)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_ended_grants (
    node TEXT NOT NULL, serial BLOB NOT NULL, ended_ms INTEGER NOT NULL, PRIMARY KEY (node, serial))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS office_emergencies (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    officer TEXT NOT NULL,
    binding BLOB NOT NULL,
    register TEXT NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    ended_by TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    verdict TEXT NOT NULL,
    review TEXT NOT NULL,
    reviewed_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS office_emergencies_binding ON office_emergencies(binding);
CREATE TABLE IF NOT EXISTS office_sign_in_pepper (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pepper BLOB NOT NULL
);
"""

OF_ONE_OFFICER = (
    "office_passwords",
    "office_tokens",
    "office_enrolments",
    "office_passkeys",
    "office_vouched",
    "office_sessions",
    "office_certifications",
)
"""What goes with an officer who is removed; each has a column ``officer``."""
