//! A data folder against its checksums, without opening it: nothing is repaired, removed or brought up to date.

use crate::EngineError;
use crate::open::damaged;
use meta::CopiedPart;
use model::Problem;
use std::path::{Path, PathBuf};
use store::FileCheck;

/// The database inside a data folder.
pub const DATABASE: &str = "gilmok.db";

/// What verifying a folder found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files of events read.
    pub n_files: u64,
    /// Rows in them, duplicates included.
    pub n_rows: u64,
    /// Bytes read, the database's included.
    pub size_bytes: u64,
    /// The newest step of the database's schema.
    pub step: i64,
    /// Whether the database's rows have checksums; not before a program that writes them has opened the folder.
    pub has_sums: bool,
    /// What is not what was written.
    pub problems: Vec<Problem>,
}

/// Reads everything: the structure and every row of the database, every file of events.
///
/// Errors: the folder is open in another process, or of a newer program, or the disk fails.
pub async fn verify(dir: &Path) -> Result<Verified, EngineError> {
    let lock = store::lock_folder(dir)?;
    let database = dir.join(DATABASE);
    let found = meta::inspect(&database).await?;
    let size_bytes = database.metadata().map_or(0, |file| file.len());
    let mut verified =
        Verified { size_bytes, step: found.step, has_sums: found.has_sums, ..Verified::default() };
    verified.problems.extend(found.damage.iter().map(damaged));
    match meta::parts_of(&database).await {
        Ok(parts) => verify_parts(dir, &parts, &mut verified).await?,
        // The catalogue cannot be read; that is told already.
        Err(_) if !verified.problems.is_empty() => {}
        Err(error) => return Err(error.into()),
    }
    drop(lock);
    Ok(verified)
}

async fn verify_parts(dir: &Path, parts: &[CopiedPart], verified: &mut Verified) -> Result<(), EngineError> {
    let files: Vec<FileCheck> = parts.iter().map(|part| file_check(dir, part)).collect();
    verified.n_files = parts.len() as u64;
    verified.n_rows = parts.iter().map(|part| part.n_rows).sum();
    verified.size_bytes += parts.iter().map(|part| part.size_bytes).sum::<u64>();
    let read = tokio::task::spawn_blocking(move || store::verify_files(&files));
    let found = read.await.map_err(|error| EngineError::Internal(error.to_string()))??;
    verified.problems.extend(found.iter().map(|(file, reason)| altered(file, reason)));
    Ok(())
}

pub(crate) fn file_check(dir: &Path, part: &CopiedPart) -> FileCheck {
    FileCheck { path: dir.join(&part.file), size_bytes: part.size_bytes, blake3: part.blake3.clone() }
}

/// A file that is not what was written.
pub(crate) fn altered(file: &Path, reason: &str) -> Problem {
    Problem::error(
        "store.corrupt",
        (format!("저장할 때와 다릅니다: {reason}."), format!("This is not what was written: {reason}.")),
        (
            "백업에서 되돌리거나 원본을 다시 가져오세요.",
            "Restore it from a backup, or import the source again.",
        ),
    )
    .in_file(PathBuf::from(file).display().to_string())
}
