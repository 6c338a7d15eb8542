//! Backups of a data folder, taken while another process writes it, and their way back.
//!
//! * A backup is a folder like the data folder, with a manifest of every file and its BLAKE3. It appears under its name
//!   only when all of it is on disk.
//! * It is the state of one moment: a copy of the database by SQLite, then the very files that this copy names (hard
//!   links where the disk allows it: parts never change), then the log behind it. Everything that was acknowledged
//!   before the backup began is in it.
//! * Restoring checks every byte against the manifest and never writes into a folder that holds anything.

mod manifest;
mod restore;
mod take;

pub use manifest::{Entry, Manifest};
pub use restore::restore;
pub use take::backup;

use crate::EngineError;
use model::Problem;
use std::path::{Path, PathBuf};

/// What a backup or a way back moved.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Moved {
    /// Where it is now.
    pub path: PathBuf,
    /// Files.
    pub n_files: u64,
    /// Bytes in them.
    pub size_bytes: u64,
    /// When the backup was begun, microseconds UTC.
    pub made_us: i64,
}

/// The disk refused.
fn disk(path: &Path, error: &std::io::Error) -> EngineError {
    Problem::error(
        "file.io",
        (
            format!("`{}`을(를) 읽거나 쓸 수 없습니다: {error}.", path.display()),
            format!("`{}` cannot be read or written: {error}.", path.display()),
        ),
        (
            "경로와 권한, 남은 디스크 공간을 확인하세요.",
            "Check the path, its permissions and the free disk space.",
        ),
    )
    .in_file(path.display().to_string())
    .into()
}

/// The target is there already.
fn taken(path: &Path) -> EngineError {
    Problem::error(
        "folder.not_empty",
        (
            format!("`{}`에는 이미 무언가 있어 쓰지 않았습니다.", path.display()),
            format!("`{}` holds something already; nothing was written.", path.display()),
        ),
        ("없는 폴더나 빈 폴더를 고르세요.", "Choose a folder that does not exist or is empty."),
    )
    .into()
}

/// Whether a folder holds nothing, or is not there.
fn is_free(path: &Path) -> Result<bool, EngineError> {
    match std::fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(disk(path, &error)),
    }
}

/// Beside `path`, under a name that says that it is not done.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    path.with_file_name(name)
}

/// Makes all files of a folder durable, then the names in it, and gives the folder its name.
fn finish(staged: &Path, path: &Path) -> Result<(), EngineError> {
    sync_tree(staged).map_err(|error| disk(staged, &error))?;
    if path.exists() {
        std::fs::remove_dir(path).map_err(|error| disk(path, &error))?;
    }
    std::fs::rename(staged, path).map_err(|error| disk(path, &error))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(|error| disk(parent, &error))
}

fn sync_tree(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            std::fs::File::open(&path)?.sync_all()?;
        }
    }
    std::fs::File::open(dir)?.sync_all()
}

/// Copies what is in `from` now; returns size and BLAKE3 of what was copied.
fn copy(mut from: impl std::io::Read, to: &Path) -> std::io::Result<(u64, String)> {
    use std::io::Write;
    let mut out = std::fs::File::create_new(to)?;
    let (mut hash, mut size_bytes) = (blake3::Hasher::new(), 0u64);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n_bytes = from.read(&mut buffer)?;
        if n_bytes == 0 {
            return Ok((size_bytes, hash.finalize().to_hex().to_string()));
        }
        out.write_all(&buffer[..n_bytes])?;
        hash.update(&buffer[..n_bytes]);
        size_bytes += n_bytes as u64;
    }
}
