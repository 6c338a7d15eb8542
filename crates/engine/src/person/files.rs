//! Files beside the events that may name a person: uploads that wait, and refused rows.

use super::needle::Needles;
use crate::import::search;
use crate::{Engine, EngineError};
use serde::Serialize;
use std::path::{Path, PathBuf};
use utoipa::ToSchema;

/// Places listed at most.
const PLACES_MAX: usize = 1000;

/// Where a person is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// A table of the database, or `file`.
    pub kind: String,
    /// Key of the row, or path of the file within the data folder.
    pub key: String,
}

/// A file about a person.
pub(super) struct PersonFile {
    pub place: Place,
    pub path: PathBuf,
    /// The upload it belongs to, if it is one.
    pub upload: Option<String>,
    /// Whether it could be read to its end; one that could not may name anybody.
    pub readable: bool,
}

impl Engine {
    /// Uploads and files of refused rows that name the person, or cannot be searched.
    pub(super) async fn files_about(&self, needles: &Needles) -> Result<Vec<PersonFile>, EngineError> {
        let uploads = self.meta.uploads().await?;
        let (dir, needles) = (self.dir.clone(), needles.clone());
        let search = move || {
            let mut found = Vec::new();
            let mut paths = Vec::new();
            for folder in ["uploads", "rejects"] {
                walk(&dir.join(folder), &mut paths)?;
            }
            for path in paths {
                let hit = search::has(&path, needles.overlap(), |block| needles.in_bytes(block));
                if hit == Some(false) {
                    continue;
                }
                let inside = path.strip_prefix(&dir).unwrap_or(&path).display().to_string();
                let of = |upload: &&meta::Upload| path.starts_with(dir.join("uploads").join(&upload.id));
                found.push(PersonFile {
                    upload: uploads.iter().find(of).map(|upload| upload.id.clone()),
                    place: Place { kind: "file".to_owned(), key: inside },
                    readable: hit.is_some(),
                    path,
                });
            }
            Ok::<_, EngineError>(found)
        };
        tokio::task::spawn_blocking(search).await.map_err(|error| EngineError::Internal(error.to_string()))?
    }

    /// Rows of the database that name the person, but for links and dead letters, which are told of by themselves.
    pub(super) async fn mentions(&self, needles: &Needles) -> Result<Vec<Place>, EngineError> {
        let found = self.meta.mentions(|text| needles.in_bytes(text), PLACES_MAX).await?;
        let beside =
            found.into_iter().filter(|found| found.table != "links" && found.table != "dead_letters");
        Ok(beside.map(|found| Place { kind: found.table, key: found.key }).collect())
    }
}

/// All files below a folder; none where there is no folder.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), EngineError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(crate::backup::disk(folder, &error)),
    };
    for entry in entries {
        let path = entry.map_err(|error| crate::backup::disk(folder, &error))?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
