-- SQLite has no checksums of its own: every row of every table is counted and summed here, in the transaction that
-- writes it (src/checks.rs). `grp` is a hash of the row's primary key, `sum` the sum of the XXH3 of the rows.
CREATE TABLE row_sums (
    tbl TEXT    NOT NULL,
    grp INTEGER NOT NULL,
    n   INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (tbl, grp)
) STRICT, WITHOUT ROWID;

-- One row once the sums are made. `commits` counts transactions; the file beside the database knows it too, so that
-- a transaction lost with a damaged write-ahead log is missed. `sealed` is the XXH3 of the other columns.
CREATE TABLE row_sums_state (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    commits     INTEGER NOT NULL,
    schema_hash INTEGER NOT NULL,
    sealed      INTEGER NOT NULL
) STRICT;
