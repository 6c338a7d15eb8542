//! Opening the database: is it ours, is it whole, is it up to date.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::mark::Mark;
use crate::{Damage, Meta, MetaError, Result, checks};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// What a look at a database found; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The newest step of the schema in the file.
    pub step: i64,
    /// What is not as it was written.
    pub damage: Vec<Damage>,
    /// Whether every row has a checksum: not before a program that writes them has opened the file.
    pub has_sums: bool,
}

/// Reads the whole database at `path`, which nobody else may be writing, and changes nothing.
///
/// Errors: [`MetaError::Newer`]; [`MetaError::Database`] if the file cannot be opened.
pub async fn inspect(path: &Path) -> Result<Inspection> {
    let mut connection = read_only(path).connect().await?;
    let looked = look(&mut connection, &Mark::of(path)).await;
    connection.close().await?;
    looked
}

/// Options that let nothing be changed.
pub(crate) fn read_only(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(10))
}

async fn look(connection: &mut SqliteConnection, mark: &Mark) -> Result<Inspection> {
    let step = match step(connection).await {
        Ok(step) => step,
        Err(error) => return broken(error),
    };
    let known = known_step();
    if step > known {
        return Err(MetaError::Newer { found: step, known });
    }
    let looked = async {
        let damage = checks::compare(connection, mark).await?;
        Ok(Inspection { step, damage, has_sums: checks::commits(connection).await?.is_some() })
    };
    match looked.await {
        Err(error) => broken(error),
        looked => looked,
    }
}

/// SQLite's word that the file is no database, or a broken one, is a finding and no failure.
fn broken(error: MetaError) -> Result<Inspection> {
    match error {
        MetaError::Database(error) if is_corrupt(&error) => {
            let words =
                error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
            Ok(Inspection { step: 0, damage: vec![Damage::Structure(words)], has_sums: false })
        }
        error => Err(error),
    }
}

/// Whether SQLite calls the file damaged: `SQLITE_CORRUPT` or `SQLITE_NOTADB`, or values that no row of ours has.
pub(crate) fn is_corrupt(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<u32>().ok());
            code.is_some_and(|code| matches!(code & 0xff, 11 | 26))
        }
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => true,
        _ => false,
    }
}

fn known_step() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// The newest step of the schema; 0 for a file without any.
async fn step(connection: &mut SqliteConnection) -> Result<i64> {
    let there: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if there == 0 {
        return Ok(0);
    }
    let step: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await?;
    Ok(step.unwrap_or(0))
}

impl Meta {
    /// Opens the database at `path`, making it if absent, and brings its schema up to date. Reads all of it once.
    ///
    /// Errors: [`MetaError::Newer`] for a file of a newer program; [`MetaError::Damaged`] if anything but single
    /// documents is not what was written (those are in [`Meta::damage`], and reading them fails). Nothing was
    /// changed then.
    pub async fn open(path: &Path) -> Result<Self> {
        let mark = Mark::of(path);
        let is_there = path.metadata().is_ok_and(|file| file.len() > 0);
        let found = if is_there { inspect(path).await? } else { Inspection::new() };
        let is_current = found.has_sums && found.step == known_step();
        if !found.damage.is_empty() && !(is_current && found.damage.iter().all(is_contained)) {
            return Err(MetaError::Damaged(found.damage));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What was deleted is overwritten, so that an erased person leaves no bytes on a free page.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10));
        let mut first = options.connect().await?;
        if !is_current {
            upgrade(&mut first, &mark).await?;
        }
        let tables = checks::tables(&mut first).await?;
        if let Some(commits) = checks::commits(&mut first).await? {
            mark.raise(commits).await?;
        }
        let triggers: Arc<str> = checks::triggers(&tables).into();
        let pool = SqlitePoolOptions::new().max_connections(4).after_connect(move |connection, _| {
            let triggers = triggers.to_string();
            Box::pin(async move {
                sqlx::raw_sql(AssertSqlSafe(triggers)).execute(connection).await?;
                Ok(())
            })
        });
        let pool = pool.connect_with(options).await?;
        first.close().await?;
        Ok(Self { pool, tables: Arc::new(tables), mark, damage: Arc::new(found.damage) })
    }
}

impl Inspection {
    fn new() -> Self {
        Self { step: 0, damage: Vec::new(), has_sums: false }
    }
}

/// Damage that concerns nothing but itself: a version of a document, known by its key.
fn is_contained(damage: &Damage) -> bool {
    matches!(damage, Damage::Rows { table, keys } if table == "documents" && (1..20).contains(&keys.len()))
}

/// Brings the schema up to date and sums everything. A crash in between leaves a file without sums, which the next
/// open takes as it is: migrations are transactions of their own.
async fn upgrade(connection: &mut SqliteConnection, mark: &Mark) -> Result<()> {
    let commits = checks::commits(connection).await?;
    if commits.is_some() {
        mark.remove()?;
        checks::unseal(connection).await?;
    }
    MIGRATIONS.run(&mut *connection).await?;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    checks::seal_all(&mut tx, commits.unwrap_or(0) + 1).await?;
    tx.commit().await?;
    // Rows that were deleted before deleting overwrote them may still stand on free pages.
    sqlx::raw_sql("VACUUM").execute(connection).await?;
    Ok(())
}
