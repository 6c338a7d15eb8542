//! Files against their checksums, without opening the store: also of a folder that cannot be opened.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::parallel::in_parallel;
use crate::{Result, StoreError};

/// A file and what it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCheck {
    /// Where.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// Its BLAKE3, hexadecimal.
    pub blake3: String,
}

/// The folder is this process's until the lock is dropped.
#[derive(Debug)]
pub struct FolderLock {
    dir: PathBuf,
    file: File,
}

impl FolderLock {
    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing would not do: a process that is just being started holds a copy of the file until it is.
        let _ = self.file.unlock();
    }
}

/// Takes a folder that exists.
///
/// Errors: [`StoreError::Locked`] if it is open already, here or in another process.
pub fn lock_folder(dir: &Path) -> Result<FolderLock> {
    let path = dir.join("lock");
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(StoreError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock { dir: dir.to_owned(), file }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StoreError::Io { action: "lock", path, source }),
    }
}

/// Reads every file, on all processors, and returns those that are not what they have to be, with the reason.
/// Blocks on the disk; takes a few megabytes of memory.
pub fn verify_files(files: &[FileCheck]) -> Result<Vec<(PathBuf, String)>> {
    let found = in_parallel(files.len(), |index| {
        let file = &files[index];
        Ok(check(file).err().map(|reason| (file.path.clone(), reason)))
    })?;
    Ok(found.into_iter().flatten().collect())
}

fn check(file: &FileCheck) -> std::result::Result<(), String> {
    let mut hash = blake3::Hasher::new();
    let size_bytes = match File::open(&file.path).and_then(|mut open| std::io::copy(&mut open, &mut hash)) {
        Ok(size_bytes) => size_bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("the file is missing".to_owned());
        }
        Err(error) => return Err(error.to_string()),
    };
    if size_bytes != file.size_bytes {
        return Err(format!("{size_bytes} bytes, expected {}", file.size_bytes));
    }
    if hash.finalize().to_hex().as_str() != file.blake3 {
        return Err("the BLAKE3 checksum does not fit".to_owned());
    }
    Ok(())
}
