//! The mark: a file beside the database that knows how many transactions were committed.
//!
//! SQLite takes a damaged write-ahead log for one that was cut by a crash and goes on with the state before it. The
//! mark, written after each commit, tells the two apart: a crash loses no transaction that was marked.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use crate::{MetaError, Result};

/// Bytes of the mark: the number, and its XXH3.
const MARK_BYTES: usize = 16;

/// The mark of one database.
#[derive(Debug)]
pub(crate) struct Mark {
    path: PathBuf,
    /// The number written last. Held while writing, so that a smaller number never follows a larger one.
    written: Mutex<u64>,
}

impl Mark {
    /// The mark of the database at `path`; nothing is read or made yet.
    pub(crate) fn of(path: &Path) -> Arc<Self> {
        Arc::new(Self { path: path.with_extension("mark"), written: Mutex::new(0) })
    }

    /// The number as stored; `None` where there is no mark or it is damaged. A damaged mark loses nothing by itself:
    /// the next commit writes it anew.
    pub(crate) fn read(&self) -> Option<u64> {
        let bytes = std::fs::read(&self.path).ok()?;
        let bytes: [u8; MARK_BYTES] = bytes.try_into().ok()?;
        let (number, sum) = bytes.split_at(8);
        let is_whole = xxh3_64(number).to_le_bytes() == sum;
        is_whole.then(|| u64::from_le_bytes(number.try_into().unwrap_or_default()))
    }

    /// Takes the mark away, before the sums of the database are.
    pub(crate) fn remove(&self) -> Result<()> {
        let failed = |source| MetaError::Mark { path: self.path.clone(), source };
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// Notes that `commits` transactions are on disk. When it returns the mark is too.
    pub(crate) async fn raise(self: &Arc<Self>, commits: u64) -> Result<()> {
        let own = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || own.write(commits)).await;
        written.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    fn write(&self, commits: u64) -> Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *written >= commits {
            return Ok(());
        }
        let failed = |source| MetaError::Mark { path: self.path.clone(), source };
        let number = commits.to_le_bytes();
        let bytes = [number, xxh3_64(&number).to_le_bytes()].concat();
        let file =
            File::options().create(true).truncate(false).write(true).open(&self.path).map_err(failed)?;
        file.write_all_at(&bytes, 0).and_then(|()| file.sync_data()).map_err(failed)?;
        *written = commits;
        Ok(())
    }
}
