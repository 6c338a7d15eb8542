-- Where events are sent from. A key is shown once, when its source is made; only its hash is kept.
-- A revoked source stays, since stored events carry its name.
CREATE TABLE sources (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    key_hash   TEXT    NOT NULL UNIQUE,
    key_end    TEXT    NOT NULL,
    channel    TEXT    NOT NULL DEFAULT '',
    author     TEXT    NOT NULL,
    created_us INTEGER NOT NULL,
    revoked_us INTEGER
) STRICT;
CREATE UNIQUE INDEX sources_by_name ON sources (name) WHERE revoked_us IS NULL;
