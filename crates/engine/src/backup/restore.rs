//! The way back.

use super::manifest::{Manifest, altered};
use super::{Moved, copy, disk, finish, is_free, taken, unfinished};
use crate::EngineError;
use model::{Problem, Problems};
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

/// Makes the data folder `dir` from a backup. Every byte is compared with the manifest while it is copied: with
/// one that differs there is no folder at all.
///
/// Errors: `backup` is no backup or was altered; `dir` holds something. Blocks on the disk.
pub fn restore(backup: &Path, dir: &Path) -> Result<Moved, EngineError> {
    let manifest = Manifest::read(backup)?;
    if !is_free(dir)? {
        return Err(taken(dir));
    }
    let staged = unfinished(dir);
    match std::fs::remove_dir_all(&staged) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(disk(&staged, &error)),
        _ => {}
    }
    std::fs::create_dir_all(&staged).map_err(|error| disk(&staged, &error))?;
    if let Err(error) = bring(backup, &manifest, &staged).and_then(|()| finish(&staged, dir)) {
        let _ = std::fs::remove_dir_all(&staged);
        return Err(error);
    }
    Ok(Moved {
        path: dir.to_owned(),
        n_files: manifest.files.len() as u64,
        size_bytes: manifest.size_bytes(),
        made_us: manifest.made_us,
    })
}

fn bring(backup: &Path, manifest: &Manifest, staged: &Path) -> Result<(), EngineError> {
    let mut problems: Vec<Problem> = Vec::new();
    for file in &manifest.files {
        let (from, to) = (backup.join(&file.path), staged.join(&file.path));
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).map_err(|error| disk(folder, &error))?;
        }
        match File::open(&from).map(|file| copy(file, &to)) {
            Ok(Ok((size_bytes, blake3))) if size_bytes == file.size_bytes && blake3 == file.blake3 => {}
            Ok(Ok(_)) => {
                problems.push(altered(&from, ("체크섬이 맞지 않습니다", "the checksum does not fit")))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                problems.push(altered(&from, ("파일이 없습니다", "the file is missing")));
            }
            Ok(Err(error)) | Err(error) => return Err(disk(&from, &error)),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(EngineError::Corrupt(Problems(problems))) }
}
