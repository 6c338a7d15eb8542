//! Everything of a workspace that is not an event, in one SQLite file: versioned documents, the
//! catalogue of the event store, the ledger of imports, identity links, users and sessions.
//!
//! * Time and randomness are passed in (`now_us`, ids, tokens), never read here.
//! * Every method is one transaction. What returned `Ok` is on disk: WAL with `synchronous = FULL`.
//! * Migrations are embedded and applied by [`Meta::open`]; a file from a newer version is refused.
//! * Every row is summed where it is written; [`Meta::open`] compares all of them, so that a damaged row is an
//!   error and never a wrong answer.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::SqlitePool;

mod catalogue;
mod dead_letters;
mod checks;
mod copy;
mod documents;
mod imports;
mod ingest;
mod links;
mod mark;
mod open;
mod series;
mod settings;
mod sources;
mod users;

pub use catalogue::{BucketRow, Catalogue, CatalogueChange, NameKind, NameRow, PartRow, PropertyRow};
pub use checks::Damage;
pub use copy::{CopiedPart, copy_database, parts_of};
pub use dead_letters::{DeadLetter, DeadLetterCount, DeadLetterFilter};
pub use documents::{Document, Expect};
pub use imports::{Import, ImportOutcome, ImportProgress, ImportState, NewImport};
pub use ingest::{DeadLetterRow, ErasedRow, Replayed, UntimedRow};
pub use links::{IdKind, LinkKeys, LinkRow, LinkState, Reroute};
pub use open::{Inspection, inspect};
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
    /// The file is of a newer program. Use that program; nothing was changed.
    #[error("the workspace database is of a newer program (step {found}, this one knows {known})")]
    Newer {
        /// The newest step of the schema in the file.
        found: i64,
        /// The newest step this program knows.
        known: i64,
    },
    /// What is stored is not what was written. Restore a backup; no answer is given from it.
    #[error("the workspace database is damaged: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Damaged(Vec<Damage>),
    /// The mark beside the database could not be written; what was committed is on disk.
    #[error("could not write {}", path.display())]
    Mark {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
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

impl MetaError {
    /// Whether what is stored is not what was written, or cannot be understood.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        match self {
            Self::Damaged(_) | Self::Unreadable { .. } | Self::Migrate(_) => true,
            Self::Database(error) => open::is_corrupt(error),
            _ => false,
        }
    }
}

/// Short form used throughout.
pub type Result<T, E = MetaError> = std::result::Result<T, E>;

/// The workspace database. Cheap to clone; clones share one pool.
#[derive(Clone, Debug)]
pub struct Meta {
    pool: SqlitePool,
    tables: Arc<Vec<checks::Table>>,
    mark: Arc<mark::Mark>,
    damage: Arc<Vec<Damage>>,
}

impl Meta {
    /// What was found damaged when the database was opened: documents at most, since anything else is not opened.
    /// Reading such a document is an error; everything else can be trusted.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Closes all connections; the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that holds the write lock from its start, so that what it reads stays true. Nothing can be
    /// written in any other way: its commit sums the rows.
    async fn begin_write(&self) -> Result<checks::Write> {
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        checks::Write::begin(tx, Arc::clone(&self.tables), Arc::clone(&self.mark)).await
    }
}

/// Counts are `u64` in Rust and `INTEGER` in SQLite: same bits, and far from the sign in practice.
fn to_db(n: u64) -> i64 {
    n.cast_signed()
}

fn from_db(n: i64) -> u64 {
    n.cast_unsigned()
}
