-- The durable log, events kept that could not be read, links that can be undone, persons who asked to be forgotten.

-- Records of the log with a smaller sequence number are in parts.
ALTER TABLE catalogue ADD COLUMN log_sequence INTEGER NOT NULL DEFAULT 0;

-- What came in and could not be accepted; the id is its sequence number in the log.
CREATE TABLE dead_letters (
    id          INTEGER PRIMARY KEY,
    received_us INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    raw         BLOB    NOT NULL,
    cut         INTEGER NOT NULL,
    replayed_us INTEGER
) STRICT;
CREATE INDEX dead_letters_by_code ON dead_letters (code, id);

-- Events that came without a time: the time each was given, so that the same one sent again gets it again.
CREATE TABLE untimed (
    sequence INTEGER PRIMARY KEY,
    key      INTEGER NOT NULL,
    time_us  INTEGER NOT NULL
) STRICT;

-- A link says that one identifier is the same person as another. Claims come with events that carry both;
-- merges are made by people. At most one is in force per identifier; refused and undone ones stay for the audit.
CREATE TABLE links (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    from_kind  TEXT    NOT NULL CHECK (from_kind IN ('user', 'anonymous')),
    from_id    TEXT    NOT NULL,
    into_kind  TEXT    NOT NULL CHECK (into_kind IN ('user', 'anonymous')),
    into_id    TEXT    NOT NULL,
    from_key   INTEGER NOT NULL,
    into_key   INTEGER NOT NULL,
    time_us    INTEGER NOT NULL,
    source     TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('in_force', 'refused', 'undone')),
    undone_us  INTEGER,
    undone_by  TEXT
) STRICT;
INSERT INTO links (from_kind, from_id, into_kind, into_id, from_key, into_key, time_us, source, state)
SELECT 'anonymous', anonymous_id, 'user', user_id, anonymous_key, person_key, time_us, source,
       iif(refused, 'refused', 'in_force')
FROM identity_links ORDER BY time_us, anonymous_id, user_id;
DROP TABLE identity_links;
CREATE UNIQUE INDEX links_by_pair ON links (from_key, into_key);
CREATE UNIQUE INDEX links_in_force ON links (from_key) WHERE state = 'in_force';
CREATE INDEX links_by_from ON links (from_id);
CREATE INDEX links_by_into ON links (into_id);

-- Rows of this person in parts with a smaller id may belong to another person by now.
CREATE TABLE reroutes (
    key       INTEGER NOT NULL,
    below     INTEGER NOT NULL,
    PRIMARY KEY (key, below)
) STRICT, WITHOUT ROWID;

-- Events of these persons up to this time are dropped when they come (again).
CREATE TABLE erased (
    key       INTEGER PRIMARY KEY,
    erased_us INTEGER NOT NULL
) STRICT;
-- Links of an interrupted import are not applied to stored rows yet.
INSERT INTO reroutes (key, below)
SELECT from_key, (SELECT coalesce(max(id), 0) + 1 FROM parts) FROM links
WHERE state = 'in_force' AND (SELECT unsettled FROM catalogue) = 1;
