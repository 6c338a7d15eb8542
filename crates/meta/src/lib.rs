//! Everything of a workspace that is not an event, in one SQLite file: versioned documents, the
//! catalogue of the event store, the ledger of imports, identity links, users and sessions.
//!
//! * Time and randomness are passed in (`now_us`, ids, tokens), never read here.
//! * Every method is one transaction. What returned `Ok` is on disk: WAL with `synchronous = FULL`.
//! * Migrations are embedded and applied by [`Meta::open`]; a file from a newer version is refused.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

mod catalogue;
mod dead_letters;
mod documents;
mod imports;
mod ingest;
mod links;
mod series;
mod settings;
mod sources;
mod users;

pub use catalogue::{BucketRow, Catalogue, CatalogueChange, NameKind, NameRow, PartRow, PropertyRow};
pub use dead_letters::{DeadLetter, DeadLetterCount, DeadLetterFilter};
pub use documents::{Document, Expect};
pub use imports::{Import, ImportOutcome, ImportProgress, ImportState, NewImport};
pub use ingest::{DeadLetterRow, ErasedRow, Replayed, UntimedRow};
pub use links::{IdKind, LinkKeys, LinkRow, LinkState, Reroute};
pub use series::SeriesPoint;
pub use settings::Upload;
pub use sources::{NewSource, Source};
pub use users::{NewUser, Role, User};

/// What can go wrong; one variant per thing the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum MetaError {
    /// Someone else wrote first. Read the current version, decide, try again.
    #[error("the document is at version {current} by now")]
    Conflict {
        /// Version in force; 0 if the document does not exist or is deleted.
        current: u64,
    },
    /// The thing named does not exist.
    #[error("{0} does not exist")]
    NotFound(String),
    /// The thing named exists already.
    #[error("{0} exists already")]
    Exists(String),
    /// The file is from a newer program, or its schema was changed by hand.
    #[error("the workspace database cannot be brought to this program's version")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// What is stored cannot be understood.
    #[error("the workspace database holds an unreadable {what}: {found}")]
    Unreadable {
        /// Kind of the value.
        what: &'static str,
        /// The value as stored.
        found: String,
    },
    /// The database failed: disk full, file locked by another program, file damaged.
    #[error("the workspace database failed")]
    Database(#[from] sqlx::Error),
}

/// Short form used throughout.
pub type Result<T, E = MetaError> = std::result::Result<T, E>;

/// The workspace database. Cheap to clone; clones share one pool.
#[derive(Clone, Debug)]
pub struct Meta {
    pool: SqlitePool,
}

impl Meta {
    /// Opens the database at `path`, making it if absent, and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool })
    }

    /// Closes all connections; the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that holds the write lock from its start, so that what it reads stays true.
    async fn begin_write(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Counts are `u64` in Rust and `INTEGER` in SQLite: same bits, and far from the sign in practice.
fn to_db(n: u64) -> i64 {
    n.cast_signed()
}

fn from_db(n: i64) -> u64 {
    n.cast_unsigned()
}
