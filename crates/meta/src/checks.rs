//! Checksums of rows: SQLite has none of its own, so that a flipped bit would be a wrong answer.
//!
//! * Triggers of the connection note every row that is written or removed, in whatever table, with its old and its new
//!   values; [`Write::commit`] turns them into sums per table and group of primary keys, in the same transaction.
//!   A new table or column is covered without a word about it.
//! * A write outside of [`Meta::begin_write`] is refused by the same triggers: it could not be summed.
//! * [`compare`] reads everything and names the rows that are not what was written. A changed bit goes unseen with a
//!   chance of 2⁻⁶⁴.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Decode, QueryBuilder, Row, Sqlite, SqliteConnection, Transaction, TypeInfo, ValueRef,
};
use xxhash_rust::xxh3::xxh3_64;

use crate::mark::Mark;
use crate::{Result, from_db, to_db};

/// Groups of a table: the more, the fewer rows share the blame for a damaged one.
const GROUPS: u64 = 4096;
/// Rows per statement: four columns each, far below SQLite's limit of 32,766 variables.
const BATCH_ROWS: usize = 1000;
/// Keys named in a report of damage, for one table.
const KEYS_MAX: usize = 20;

/// A table whose rows are summed: all but those of the sums, of migrations and of SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    name: String,
    columns: Vec<String>,
    /// Columns of the primary key; all of them where there is none.
    key: Vec<usize>,
}

/// What is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// The structure of the file, in SQLite's words: pages, indexes, references.
    Structure(String),
    /// Rows of a table.
    Rows {
        /// The table.
        table: String,
        /// Primary keys of the rows under suspicion, at most twenty; none if they are gone.
        keys: Vec<String>,
    },
    /// Transactions that had been committed are gone: the write-ahead log was cut or damaged.
    Lost {
        /// How many.
        n_commits: u64,
    },
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Structure(words) => write!(f, "{words}"),
            Self::Rows { table, keys } if keys.is_empty() => {
                write!(f, "rows of the table {table} are missing")
            }
            Self::Rows { table, keys } => write!(f, "rows of the table {table}: {}", keys.join("; ")),
            Self::Lost { n_commits } => write!(f, "the last {n_commits} committed transactions are missing"),
        }
    }
}

/// Number and sum of the rows of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    n: i64,
    sum: u64,
}

impl Sum {
    fn add(&mut self, sign: i64, hash: u64) {
        self.n += sign;
        self.sum = if sign > 0 { self.sum.wrapping_add(hash) } else { self.sum.wrapping_sub(hash) };
    }
}

/// Sums of groups, by table and group.
type Sums = HashMap<(usize, u64), Sum>;

/// A transaction that holds the write lock from its start. Dropping it writes nothing.
pub(crate) struct Write {
    tx: Transaction<'static, Sqlite>,
    tables: Arc<Vec<Table>>,
    mark: Arc<Mark>,
}

impl Deref for Write {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.tx
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}

impl Write {
    pub(crate) async fn begin(
        mut tx: Transaction<'static, Sqlite>,
        tables: Arc<Vec<Table>>,
        mark: Arc<Mark>,
    ) -> Result<Self> {
        sqlx::query("INSERT INTO gilmok_writing (on_) VALUES (1)").execute(&mut *tx).await?;
        Ok(Self { tx, tables, mark })
    }

    /// Sums what was written and makes it durable.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let sums = take_changes(&mut self.tx, &self.tables).await?;
        add(&mut self.tx, &self.tables, &sums).await?;
        let (commits, schema_hash): (i64, i64) =
            sqlx::query_as("SELECT commits, schema_hash FROM row_sums_state WHERE one = 1")
                .fetch_one(&mut *self.tx)
                .await?;
        put_state(&mut self.tx, from_db(commits) + 1, from_db(schema_hash)).await?;
        sqlx::query("DELETE FROM gilmok_writing").execute(&mut *self.tx).await?;
        self.tx.commit().await?;
        self.mark.raise(from_db(commits) + 1).await
    }
}

/// The tables to sum, with their columns and keys.
pub(crate) async fn tables(connection: &mut SqliteConnection) -> Result<Vec<Table>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT m.name, c.name, c.pk FROM main.sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND m.name NOT IN ('_sqlx_migrations', 'row_sums', 'row_sums_state')
         ORDER BY m.name, c.cid",
    )
    .fetch_all(connection)
    .await?;
    let mut tables: Vec<Table> = Vec::new();
    for (name, column, pk) in rows {
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Table { name, columns: Vec::new(), key: Vec::new() });
        }
        if let Some(table) = tables.last_mut() {
            if pk > 0 {
                table.key.push(table.columns.len());
            }
            table.columns.push(column);
        }
    }
    for table in tables.iter_mut().filter(|table| table.key.is_empty()) {
        table.key = (0..table.columns.len()).collect();
    }
    Ok(tables)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Table {
    fn list(&self, before: &str) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|column| format!("{before}{}", quoted(column))).collect();
        columns.join(", ")
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A query for all rows, with the columns in their order.
    pub(crate) fn select(&self) -> String {
        format!("SELECT {} FROM main.{}", self.list(""), quoted(&self.name))
    }

    /// Whether a text or bytes of a row pass a test.
    pub(crate) fn has(&self, row: &SqliteRow, test: impl Fn(&[u8]) -> bool) -> Result<bool> {
        for index in 0..self.columns.len() {
            if let Value::Bytes(_, bytes) = value(row, index)?
                && test(bytes)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Group and hash of a row whose values begin at column `at`. `scratch` is overwritten.
    fn hash(&self, row: &SqliteRow, at: usize, scratch: &mut Vec<u8>) -> Result<(u64, u64)> {
        scratch.clear();
        for &index in &self.key {
            value(row, at + index)?.write(scratch);
        }
        let group = xxh3_64(scratch) % GROUPS;
        scratch.clear();
        for index in 0..self.columns.len() {
            value(row, at + index)?.write(scratch);
        }
        Ok((group, xxh3_64(scratch)))
    }

    pub(crate) fn key_text(&self, row: &SqliteRow) -> Result<String> {
        let values = self.key.iter().map(|&index| {
            Ok(match value(row, index)? {
                Value::Integer(number) => number.to_string(),
                Value::Bytes(b't', bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => "…".to_owned(),
            })
        });
        Ok(values.collect::<Result<Vec<_>>>()?.join("/"))
    }
}

/// A value of a row as it is stored.
enum Value<'r> {
    Null,
    Integer(i64),
    Real(f64),
    /// Text (`t`) or bytes (`b`).
    Bytes(u8, &'r [u8]),
}

impl Value<'_> {
    /// Writes the value with its type and length, so that no two rows have the same bytes.
    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Null => to.push(b'n'),
            Self::Integer(number) => {
                to.push(b'i');
                to.extend_from_slice(&number.to_le_bytes());
            }
            Self::Real(number) => {
                to.push(b'r');
                to.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            Self::Bytes(kind, bytes) => {
                to.push(*kind);
                to.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
                to.extend_from_slice(bytes);
            }
        }
    }
}

fn value(row: &SqliteRow, index: usize) -> Result<Value<'_>> {
    enum Kind {
        Integer,
        Real,
        Text,
        Blob,
    }
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = match raw.type_info().name() {
        "INTEGER" => Kind::Integer,
        "REAL" => Kind::Real,
        "TEXT" => Kind::Text,
        _ => Kind::Blob,
    };
    let value = match kind {
        Kind::Integer => <i64 as Decode<Sqlite>>::decode(raw).map(Value::Integer),
        Kind::Real => <f64 as Decode<Sqlite>>::decode(raw).map(Value::Real),
        Kind::Text => <&[u8] as Decode<Sqlite>>::decode(raw).map(|bytes| Value::Bytes(b't', bytes)),
        Kind::Blob => <&[u8] as Decode<Sqlite>>::decode(raw).map(|bytes| Value::Bytes(b'b', bytes)),
    };
    value.map_err(|error| sqlx::Error::Decode(error).into())
}

/// What a new connection runs: a table for changes and, for every table, triggers that note them.
pub(crate) fn triggers(tables: &[Table]) -> String {
    let n_columns = tables.iter().map(|table| table.columns.len()).max().unwrap_or(0);
    let columns: String = (0..n_columns).map(|index| format!(", c{index}")).collect();
    // Without recursive triggers the row that INSERT OR REPLACE removes would go unnoted.
    let mut sql = format!(
        "PRAGMA recursive_triggers = ON;
         CREATE TEMP TABLE gilmok_changes (tbl, sign{columns});
         CREATE TEMP TABLE gilmok_writing (on_);"
    );
    for (index, table) in tables.iter().enumerate() {
        let own: String = (0..table.columns.len()).map(|column| format!(", c{column}")).collect();
        let note = |sign: i64, which: &str| {
            format!(
                "INSERT INTO gilmok_changes (tbl, sign{own}) VALUES ({index}, {sign}, {});",
                table.list(which)
            )
        };
        let guard = "SELECT RAISE(ABORT, 'a write outside of Meta::begin_write')
                     WHERE NOT EXISTS (SELECT 1 FROM gilmok_writing);";
        let (old, new) = (note(-1, "OLD."), note(1, "NEW."));
        for (verb, body) in
            [("INSERT", new.clone()), ("DELETE", old.clone()), ("UPDATE", format!("{old} {new}"))]
        {
            sql.push_str(&format!(
                "CREATE TEMP TRIGGER gilmok_{verb}_{index} AFTER {verb} ON main.{} BEGIN {guard} {body} END;",
                quoted(&table.name)
            ));
        }
    }
    sql
}

/// Sums the noted changes and forgets them.
async fn take_changes(connection: &mut SqliteConnection, tables: &[Table]) -> Result<Sums> {
    let (mut sums, mut scratch) = (Sums::new(), Vec::new());
    {
        let mut rows = sqlx::query("SELECT * FROM gilmok_changes").fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            let (index, sign): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let index = index.unsigned_abs() as usize;
            let (group, hash) = tables[index].hash(&row, 2, &mut scratch)?;
            sums.entry((index, group)).or_default().add(sign, hash);
        }
    }
    sqlx::query("DELETE FROM gilmok_changes").execute(connection).await?;
    sums.retain(|_, sum| *sum != Sum::default());
    Ok(sums)
}

/// Adds sums to those stored. SQLite's addition does not wrap, so the old ones are read first.
async fn add(connection: &mut SqliteConnection, tables: &[Table], sums: &Sums) -> Result<()> {
    let mut touched: Vec<(&(usize, u64), &Sum)> = sums.iter().collect();
    touched.sort_unstable_by_key(|(key, _)| **key);
    for batch in touched.chunks(BATCH_ROWS) {
        let mut read =
            QueryBuilder::<Sqlite>::new("SELECT tbl, grp, n, sum FROM row_sums WHERE (tbl, grp) IN (");
        read.push_values(batch, |mut row, ((index, group), _)| {
            row.push_bind(&tables[*index].name).push_bind(to_db(*group));
        });
        read.push(")");
        let mut old: HashMap<(String, u64), Sum> = HashMap::new();
        for row in read.build().fetch_all(&mut *connection).await? {
            let sum = Sum { n: row.try_get("n")?, sum: from_db(row.try_get("sum")?) };
            old.insert((row.try_get("tbl")?, from_db(row.try_get("grp")?)), sum);
        }
        let mut write = QueryBuilder::<Sqlite>::new("INSERT OR REPLACE INTO row_sums (tbl, grp, n, sum) ");
        write.push_values(batch, |mut row, ((index, group), change)| {
            let name = &tables[*index].name;
            let before = old.get(&(name.clone(), *group)).copied().unwrap_or_default();
            row.push_bind(name)
                .push_bind(to_db(*group))
                .push_bind(before.n + change.n)
                .push_bind(to_db(before.sum.wrapping_add(change.sum)));
        });
        write.build().execute(&mut *connection).await?;
    }
    Ok(())
}

async fn put_state(connection: &mut SqliteConnection, commits: u64, schema_hash: u64) -> Result<()> {
    sqlx::query(
        "INSERT OR REPLACE INTO row_sums_state (one, commits, schema_hash, sealed) VALUES (1, ?, ?, ?)",
    )
    .bind(to_db(commits))
    .bind(to_db(schema_hash))
    .bind(to_db(seal(commits, schema_hash)))
    .execute(connection)
    .await?;
    Ok(())
}

fn seal(commits: u64, schema_hash: u64) -> u64 {
    xxh3_64(&[commits.to_le_bytes(), schema_hash.to_le_bytes()].concat())
}

async fn schema_hash(connection: &mut SqliteConnection) -> Result<u64> {
    let rows: Vec<(String, String, String, Option<String>)> =
        sqlx::query_as("SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY type, name")
            .fetch_all(connection)
            .await?;
    Ok(xxh3_64(format!("{rows:?}").as_bytes()))
}

async fn sum_table(connection: &mut SqliteConnection, table: &Table) -> Result<HashMap<u64, Sum>> {
    let (mut sums, mut scratch): (HashMap<u64, Sum>, _) = (HashMap::new(), Vec::new());
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let (group, hash) = table.hash(&row, 0, &mut scratch)?;
        sums.entry(group).or_default().add(1, hash);
    }
    Ok(sums)
}

/// Number of transactions so far; `None` if the sums are not made yet.
pub(crate) async fn commits(connection: &mut SqliteConnection) -> Result<Option<u64>> {
    let there: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name = 'row_sums_state'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if there == 0 {
        return Ok(None);
    }
    let commits: Option<i64> = sqlx::query_scalar("SELECT commits FROM row_sums_state WHERE one = 1")
        .fetch_optional(connection)
        .await?;
    Ok(commits.map(from_db))
}

/// Says that what is stored now is right: sums everything anew. One transaction of the caller's.
pub(crate) async fn seal_all(connection: &mut SqliteConnection, commits: u64) -> Result<()> {
    let tables = tables(connection).await?;
    sqlx::query("DELETE FROM row_sums").execute(&mut *connection).await?;
    let mut sums = Sums::new();
    for (index, table) in tables.iter().enumerate() {
        let own = sum_table(connection, table).await?;
        sums.extend(own.into_iter().map(|(group, sum)| ((index, group), sum)));
    }
    add(connection, &tables, &sums).await?;
    let schema_hash = schema_hash(connection).await?;
    put_state(connection, commits, schema_hash).await
}

/// Takes the sums away while a migration changes tables: they are made anew after it.
pub(crate) async fn unseal(connection: &mut SqliteConnection) -> Result<()> {
    sqlx::query("DELETE FROM row_sums_state").execute(connection).await?;
    Ok(())
}

/// Reads everything and compares it with its sums. Cost: one pass over the file for its structure, one over all rows.
///
/// Errors: the file cannot be read as a database at all.
pub(crate) async fn compare(connection: &mut SqliteConnection, mark: &Mark) -> Result<Vec<Damage>> {
    let mut damage = structure(connection).await?;
    if !damage.is_empty() {
        return Ok(damage); // What lies in a broken tree cannot be told from what is gone.
    }
    let marked = mark.read();
    let Some(commits) = commits(connection).await? else {
        // A database that never had sums has no mark either: the transaction that made them is lost.
        damage.extend(marked.map(|n_commits| Damage::Lost { n_commits }));
        return Ok(damage);
    };
    let state: (i64, i64) = sqlx::query_as("SELECT schema_hash, sealed FROM row_sums_state WHERE one = 1")
        .fetch_one(&mut *connection)
        .await?;
    if from_db(state.1) != seal(commits, from_db(state.0)) {
        damage.push(Damage::Rows { table: "row_sums_state".to_owned(), keys: vec!["1".to_owned()] });
        return Ok(damage);
    }
    if from_db(state.0) != schema_hash(connection).await? {
        damage.push(Damage::Rows { table: "sqlite_schema".to_owned(), keys: Vec::new() });
        return Ok(damage);
    }
    if let Some(marked) = marked.filter(|marked| *marked > commits) {
        damage.push(Damage::Lost { n_commits: marked - commits });
    }
    for table in tables(connection).await? {
        damage.extend(compare_table(connection, &table).await?);
    }
    damage.extend(unknown_sums(connection).await?);
    Ok(damage)
}

async fn structure(connection: &mut SqliteConnection) -> Result<Vec<Damage>> {
    let words: Vec<String> =
        sqlx::query_scalar("PRAGMA main.integrity_check(20)").fetch_all(&mut *connection).await?;
    let mut damage: Vec<Damage> =
        words.into_iter().filter(|words| words != "ok").map(Damage::Structure).collect();
    let orphans = sqlx::query("PRAGMA main.foreign_key_check").fetch_all(connection).await?;
    for row in orphans {
        let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
        damage.push(Damage::Structure(format!(
            "a row of {table} refers to a row of {parent} that is not there"
        )));
    }
    Ok(damage)
}

async fn compare_table(connection: &mut SqliteConnection, table: &Table) -> Result<Option<Damage>> {
    let mut found = sum_table(connection, table).await?;
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as("SELECT grp, n, sum FROM row_sums WHERE tbl = ?")
        .bind(&table.name)
        .fetch_all(&mut *connection)
        .await?;
    for (group, n, sum) in rows {
        let stored = Sum { n, sum: from_db(sum) };
        let own = found.entry(from_db(group)).or_default();
        *own = if *own == stored { Sum::default() } else { Sum { n: i64::MAX, sum: 0 } };
    }
    found.retain(|_, sum| *sum != Sum::default());
    if found.is_empty() {
        return Ok(None);
    }
    let (mut keys, mut scratch) = (Vec::new(), Vec::new());
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        if keys.len() < KEYS_MAX && found.contains_key(&table.hash(&row, 0, &mut scratch)?.0) {
            keys.push(table.key_text(&row)?);
        }
    }
    Ok(Some(Damage::Rows { table: table.name.clone(), keys }))
}

/// Sums of a table that is not there: its name was altered, or the table is gone.
async fn unknown_sums(connection: &mut SqliteConnection) -> Result<Vec<Damage>> {
    let known = tables(connection).await?;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT tbl FROM row_sums").fetch_all(connection).await?;
    let unknown = names.into_iter().filter(|name| known.iter().all(|table| table.name != *name));
    Ok(unknown.map(|table| Damage::Rows { table, keys: Vec::new() }).collect())
}

#[cfg(test)]
mod tests {
    use crate::Meta;

    /// What cannot be summed is not written.
    #[tokio::test]
    async fn nothing_is_written_past_the_sums() {
        let dir = tempfile::tempdir().unwrap();
        let meta = Meta::open(&dir.path().join("gilmok.db")).await.unwrap();
        let sql = "INSERT INTO settings (key, value) VALUES ('a', 'b')";
        let refused = sqlx::query(sql).execute(&meta.pool).await.unwrap_err();
        assert!(refused.to_string().contains("outside of Meta::begin_write"), "{refused}");
        let mut tx = meta.begin_write().await.unwrap();
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        drop(tx); // Nothing of it stays, neither the row nor the right to write.
        let refused = sqlx::query(sql).execute(&meta.pool).await;
        assert!(refused.is_err());
        assert_eq!(meta.settings().await.unwrap(), []);
        meta.put_setting("a", "c").await.unwrap();
        assert_eq!(meta.setting("a").await.unwrap().as_deref(), Some("c"));
    }
}
