-- Everything of a workspace that is not an event: small, transactional, one file.
-- Hash keys (64 bits) are kept as signed integers with the same bits.

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Every version is kept; the newest one counts; a deleted document ends in a tombstone version.
CREATE TABLE documents (
    kind       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),
    deleted    INTEGER NOT NULL DEFAULT 0,
    body       TEXT    NOT NULL,
    author     TEXT    NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (kind, key, version)
) STRICT, WITHOUT ROWID;

-- One row, made when the event store is created.
CREATE TABLE catalogue (
    one              INTEGER PRIMARY KEY CHECK (one = 1),
    version          INTEGER NOT NULL,
    n_buckets        INTEGER NOT NULL,
    -- The import whose stored rows are not yet counted and re-routed; NULL when all is settled.
    unsettled_import INTEGER,
    unsettled        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE names (
    kind TEXT    NOT NULL CHECK (kind IN ('event', 'channel')),
    code INTEGER NOT NULL,
    name TEXT    NOT NULL,
    PRIMARY KEY (kind, code),
    UNIQUE (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE properties (
    id   INTEGER PRIMARY KEY,
    key  TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('string', 'number', 'bool')),
    UNIQUE (key, kind)
) STRICT;

CREATE TABLE parts (
    id            INTEGER PRIMARY KEY,
    bucket        INTEGER NOT NULL,
    file          TEXT    NOT NULL UNIQUE,
    size_bytes    INTEGER NOT NULL,
    decoded_bytes INTEGER NOT NULL,
    blake3        TEXT    NOT NULL,
    checks        BLOB    NOT NULL,
    n_rows        INTEGER NOT NULL,
    min_time_us   INTEGER NOT NULL,
    max_time_us   INTEGER NOT NULL
) STRICT;
CREATE INDEX parts_by_bucket ON parts (bucket, id);

CREATE TABLE buckets (
    bucket    INTEGER PRIMARY KEY,
    n_events  INTEGER NOT NULL,
    n_persons INTEGER NOT NULL
) STRICT;

CREATE TABLE imports (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    mapping         TEXT    NOT NULL,
    file_name       TEXT    NOT NULL,
    file_hash       TEXT    NOT NULL,
    size_bytes      INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    n_lines         INTEGER NOT NULL DEFAULT 0,
    n_pushed        INTEGER NOT NULL DEFAULT 0,
    n_added         INTEGER NOT NULL DEFAULT 0,
    n_duplicate     INTEGER NOT NULL DEFAULT 0,
    n_rejected      INTEGER NOT NULL DEFAULT 0,
    checkpoint_line INTEGER NOT NULL DEFAULT 0,
    started_us      INTEGER NOT NULL,
    finished_us     INTEGER,
    error           TEXT
) STRICT;
CREATE INDEX imports_by_file ON imports (mapping, file_hash);

-- Every claim of a user on an anonymous identifier. At most one is in force; refused ones are kept for the audit.
CREATE TABLE identity_links (
    anonymous_id  TEXT    NOT NULL,
    user_id       TEXT    NOT NULL,
    anonymous_key INTEGER NOT NULL,
    person_key    INTEGER NOT NULL,
    time_us       INTEGER NOT NULL,
    source        TEXT    NOT NULL,
    refused       INTEGER NOT NULL,
    PRIMARY KEY (anonymous_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_links_in_force ON identity_links (anonymous_id) WHERE refused = 0;

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    login         TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    password_hash TEXT    NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_us    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT    PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_us);

CREATE TABLE uploads (
    id         TEXT    PRIMARY KEY,
    file_name  TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    size_bytes INTEGER NOT NULL,
    author     TEXT    NOT NULL,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Numbers that belong to nobody: costs, impressions, reach. `day` counts days since 1970-01-01.
CREATE TABLE series (
    name     TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    channel  TEXT    NOT NULL DEFAULT '',
    campaign TEXT    NOT NULL DEFAULT '',
    value    REAL    NOT NULL,
    PRIMARY KEY (name, day, channel, campaign)
) STRICT, WITHOUT ROWID;
