//! Opening the database: is it ours, is it whole, is it up to date.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlStr, SqliteConnection};

use crate::mark::Mark;
use crate::{Damage, Meta, MetaError, Result, checks};

/// The steps of the schema, oldest first. Listed here and not by `sqlx::migrate!`, whose macro crate builds SQLite a
/// second time, for the compiler.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let steps = [
        ("foundation", include_str!("../migrations/0001_foundation.sql")),
        ("log", include_str!("../migrations/0002_log.sql")),
        ("ingest", include_str!("../migrations/0003_ingest.sql")),
        ("checks", include_str!("../migrations/0004_checks.sql")),
    ];
    let migration = |(version, (name, sql)): (i64, (&'static str, &'static str))| {
        Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations((1..).zip(steps).map(migration).collect())
});

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

/// Reads the whole database at `path`, which nobody else may be writing, and changes nothing; only what a power cut left
/// half done while the file was made is taken back, by SQLite and its rollback journal, without which it cannot be read.
///
/// Errors: [`MetaError::Newer`]; [`MetaError::Database`] if the file cannot be opened.
pub async fn inspect(path: &Path) -> Result<Inspection> {
    let mark = Mark::of(path);
    if path.metadata().map_or(0, |file| file.len()) == 0
        && let Some(n_commits) = mark.read()
    {
        return Ok(Inspection { damage: vec![Damage::Lost { n_commits }], ..Inspection::new() });
    }
    take_back(path).await;
    let mut connection = read_only(path).connect().await?;
    let looked = look(&mut connection, &mark).await;
    connection.close().await?;
    looked
}

/// Has SQLite roll a journal back, if there is one: there is until the file has a write-ahead log, and a reader that may not
/// write refuses the file because of it. What fails here fails again, and is told, when the file is read.
async fn take_back(path: &Path) {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    if Path::new(&journal).metadata().map_or(0, |file| file.len()) == 0 {
        return;
    }
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(10));
    if let Ok(mut connection) = options.connect().await {
        let _ = sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await;
        let _ = connection.close().await;
    }
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
        MetaError::Database(error) if !is_the_systems(&error) => {
            let words =
                error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
            Ok(Inspection { step: 0, damage: vec![Damage::Structure(words)], has_sums: false })
        }
        error => Err(error),
    }
}

/// Whether it is the system that fails: busy, no memory, no permission, no space. All else SQLite says of a question
/// of ours that is known to be right (a column is not there) says that the file is not what it was.
fn is_the_systems(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(1);
            matches!(code & 0xff, 3 | 5..=10 | 13 | 14 | 21..=23)
        }
        error => !is_corrupt(error),
    }
}

/// Takes a damaged database as it is from now on: what is lost is lost, what was altered counts. For those who have no
/// backup; the structure must be whole. Returns the damage that was accepted. Nobody else may have the file open.
///
/// Errors: [`MetaError::Damaged`] if the structure is broken: there is nothing that could be taken.
pub async fn accept(path: &Path) -> Result<Vec<Damage>> {
    let mark = Mark::of(path);
    let found = inspect(path).await?;
    let is_broken = |damage: &Damage| matches!(damage, Damage::Structure(_));
    if !path.exists() || found.damage.iter().any(is_broken) || found.step < known_step() {
        return Err(MetaError::Damaged(found.damage));
    }
    let options = SqliteConnectOptions::new().filename(path).synchronous(SqliteSynchronous::Full);
    let mut connection = options.busy_timeout(Duration::from_secs(10)).connect().await?;
    let commits = mark.read().max(checks::commits(&mut connection).await?).unwrap_or(0) + 1;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    checks::unseal(&mut tx).await?;
    checks::seal_all(&mut tx, commits).await?;
    tx.commit().await?;
    mark.raise(commits).await?;
    connection.close().await?;
    Ok(found.damage)
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
        let is_there = path.metadata().is_ok_and(|file| file.len() > 0) || mark.read().is_some();
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
