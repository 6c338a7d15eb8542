//! Taking a person out for good.

use super::files::Place;
use crate::{Engine, EngineError};
use model::event::person_text;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use utoipa::ToSchema;

/// What erasing a person did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Erasure {
    /// 16 hexadecimal digits.
    pub person: String,
    /// When; events of the person up to this time are dropped if they come again. Microseconds UTC.
    pub erased_us: i64,
    /// Rows taken out of the stored files.
    pub n_rows: u64,
    /// Files of events written anew.
    pub n_parts: u64,
    /// Links of identifiers taken out.
    pub n_links: u64,
    /// Dead letters taken out.
    pub n_dead_letters: u64,
    /// Uploads and files of refused rows that were removed.
    pub files: Vec<RemovedFile>,
    /// Backups in the data folder, which still hold the person: remove them when they are no longer needed.
    pub backups: Vec<String>,
    /// What still names the person and is for somebody to decide: definitions, accounts, names of imported files.
    pub remaining: Vec<Place>,
    /// Whether the database's log on the disk is empty; if not, a later erasure or the end of the program empties it.
    pub log_emptied: bool,
}

/// A file that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovedFile {
    /// Path within the data folder.
    pub file: String,
    /// False if it could not be searched, and was removed because it might name the person.
    pub searched: bool,
}

impl Engine {
    /// Takes everything about a person (16 hexadecimal digits) out: events in parts, tail and log, links, dead letters,
    /// waiting uploads and refused rows, answers in memory. When it returns, no file of the folder holds their bytes,
    /// but for backups and what is listed in [`Erasure::remaining`]. What stays is the hash of their identifiers with
    /// the time, by which their events are dropped if they come again.
    ///
    /// Cost: rewrites every part that holds one of their rows; reads waiting files and the database.
    /// Errors: [`EngineError::NotFound`] if nothing is stored about them.
    pub async fn erase_person(&self, person: &str) -> Result<Erasure, EngineError> {
        let key = Self::person_key(person)?;
        // An import at work would bring identifiers and files that were not looked for.
        let quiet = self.store.no_import().await?;
        // Whatever was acknowledged is in parts and tables then, where it is found.
        self.store.seal().await?;
        let known = self.identifiers(key).await?;
        if known.user_ids.is_empty() && known.anonymous_ids.is_empty() {
            return Err(EngineError::NotFound { kind: "person", key: person.to_owned() });
        }
        let needles = known.needles();
        let mut links = BTreeSet::new();
        for id in known.user_ids.iter().chain(&known.anonymous_ids) {
            links.extend(self.meta.links_of(id).await?.into_iter().map(|link| link.id));
        }
        let now_us = self.clock.now_us();
        let keys: Vec<u64> = known.keys.iter().copied().collect();
        let removed = self.store.erase(&quiet, &keys, now_us).await?;
        let n_dead_letters = self.meta.purge_dead_letters(|raw| needles.in_letter(raw)).await?;
        let files = self.remove_files(&needles).await?;
        self.cache.clear();
        let log_emptied = self.meta.scrub().await?;
        Ok(Erasure {
            person: person_text(key),
            erased_us: now_us,
            n_rows: removed.n_rows,
            n_parts: removed.n_parts,
            n_links: links.len() as u64,
            n_dead_letters,
            files,
            backups: self.backup_names()?,
            remaining: self.mentions(&needles).await?,
            log_emptied,
        })
    }

    async fn remove_files(&self, needles: &super::needle::Needles) -> Result<Vec<RemovedFile>, EngineError> {
        let mut removed = Vec::new();
        for file in self.files_about(needles).await? {
            let failed = |error: std::io::Error| crate::backup::disk(&file.path, &error);
            match (std::fs::remove_file(&file.path), &file.upload) {
                (Err(error), _) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                (_, Some(upload)) => {
                    // A folder that holds more (a file to look things up in) stays until that is swept.
                    self.meta.remove_upload(upload).await?;
                    let _ = std::fs::remove_dir(self.dir.join("uploads").join(upload));
                }
                _ => {}
            }
            removed.push(RemovedFile { file: file.place.key, searched: file.readable });
        }
        Ok(removed)
    }

    fn backup_names(&self) -> Result<Vec<String>, EngineError> {
        let folder = self.dir.join("backups");
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(crate::backup::disk(&folder, &error)),
        };
        let names = entries.map(|entry| {
            let entry = entry.map_err(|error| crate::backup::disk(&folder, &error))?;
            Ok(entry.file_name().to_string_lossy().into_owned())
        });
        let mut names = names.collect::<Result<Vec<_>, EngineError>>()?;
        names.sort();
        Ok(names)
    }
}
