//! What can go wrong in the store; one variant per thing the caller can do about it.

use std::path::{Path, PathBuf};

use vortex::error::VortexError;

/// An error of the event store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process (or another `Store`) works on this folder. Close it, or use another folder.
    #[error("the folder {} is in use by another process", dir.display())]
    Locked {
        /// The store's folder.
        dir: PathBuf,
    },
    /// A stored file is not what was written. Restore it from a backup or import again; no answer is
    /// given from it.
    #[error("the stored file {} is damaged: {reason}", file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The event names nobody: both identifiers are missing or empty. Reject the line.
    #[error("the event has neither a user nor an anonymous identifier")]
    Nobody,
    /// A limit of the format is reached.
    #[error("more than {limit} different {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is possible.
        limit: u64,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The disk is full: nothing was stored. Send it again later; it is taken once there is space.
    #[error("the disk is full")]
    Full,
    /// More came than can be put in order: nothing was stored. Send it again in a moment.
    #[error("too many events wait to be stored")]
    Overloaded,
    /// What was written could not be flushed, so that nobody knows what is on disk. End the process; what
    /// was acknowledged is there when it starts again.
    #[error("the event log has stopped after a failed flush")]
    Stopped,
    /// The identifier belongs to somebody already. Undo that link first.
    #[error("the identifier {id} is linked already")]
    Linked {
        /// The identifier.
        id: String,
    },
    /// The operating system refused: disk full, no permission.
    #[error("could not {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The catalogue failed.
    #[error("the catalogue of the event store failed")]
    Meta(#[from] meta::MetaError),
    /// Columns could not be encoded or decoded: a bug, or a file from a newer program.
    #[error("could not encode or decode stored columns")]
    Format(#[from] VortexError),
    /// Record batches could not be built.
    #[error("could not build record batches")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A Parquet file could not be read or written.
    #[error("could not read or write the Parquet file {}", file.display())]
    Parquet {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: parquet::errors::ParquetError,
    },
}

/// Short form used throughout.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// Turns an I/O error into one that says what was tried on which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
