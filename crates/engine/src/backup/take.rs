//! Taking a backup.

use super::manifest::{Entry, Manifest, NAME};
use super::{Moved, copy, disk, finish, is_free, taken, unfinished};
use crate::EngineError;
use crate::import::Progress;
use crate::verify::{DATABASE, altered, file_check};
use meta::CopiedPart;
use model::{Problem, Problems};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use store::FileCheck;

/// How often a backup begins anew because files were merged away under it. Each time it keeps what it has.
const TRIES: usize = 50;
/// What is in a data folder and not in its backup, or gets there in another way.
const LEFT_OUT: [&str; 8] =
    ["lock", "serving", "gilmok.db", "gilmok.db-wal", "gilmok.db-shm", "gilmok.mark", "parts", "backups"];
/// Folder of the log: its files grow while they are copied, and go away when they are sealed.
const LOG: &str = "log";

/// Writes a backup of the data folder `dir` to `out`, which must not exist or be empty. `dir` may be in use.
///
/// Cost: the database is copied; files of events are linked where the disk allows it, and read once.
/// Errors: the folder holds no data; `out` is taken; a file is damaged (a backup of it would be worthless).
pub async fn backup(dir: &Path, out: &Path, now_us: i64, progress: &Progress) -> Result<Moved, EngineError> {
    if !dir.join(DATABASE).exists() {
        return Err(EngineError::NotFound { kind: "data folder", key: dir.display().to_string() });
    }
    if !is_free(out)? {
        return Err(taken(out));
    }
    let staged = unfinished(out);
    remove(&staged)?;
    std::fs::create_dir_all(&staged).map_err(|error| disk(&staged, &error))?;
    let taken = take(dir, &staged, now_us, progress).await;
    match taken.and_then(|manifest| finish(&staged, out).map(|()| manifest)) {
        Ok(manifest) => Ok(Moved {
            path: out.to_owned(),
            n_files: manifest.files.len() as u64,
            size_bytes: manifest.size_bytes(),
            made_us: now_us,
        }),
        Err(error) => {
            let _ = std::fs::remove_dir_all(&staged);
            Err(error)
        }
    }
}

fn remove(staged: &Path) -> Result<(), EngineError> {
    match std::fs::remove_dir_all(staged) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(disk(staged, &error)),
        _ => Ok(()),
    }
}

async fn take(dir: &Path, staged: &Path, now_us: i64, progress: &Progress) -> Result<Manifest, EngineError> {
    let mut linked = HashSet::new();
    let mut n_tries = 0;
    let (parts, logs) = loop {
        n_tries += 1;
        // What the log holds now is not sealed yet in what is copied next, or it is: never neither.
        let mut logs = open_logs(dir)?;
        let parts = copy_catalogue(dir, staged).await?;
        let missing = link_parts(dir, staged, &parts, &mut linked)?;
        logs.extend(open_logs(dir)?);
        match missing {
            None => break (parts, logs),
            Some(file) if n_tries == TRIES => {
                return Err(EngineError::Corrupt(altered(&dir.join(file), "the file is missing").into()));
            }
            Some(_) if progress.cancel.is_cancelled() => return Err(EngineError::Cancelled),
            Some(_) => {}
        }
    };
    let (dir, staged, progress) = (dir.to_owned(), staged.to_owned(), progress.clone());
    let work = move || gather(&dir, &staged, &parts, logs, &linked, now_us, &progress);
    tokio::task::spawn_blocking(work).await.map_err(|error| EngineError::Internal(error.to_string()))?
}

/// The files of the log by name, open, so that they can be read even after they are sealed and removed.
fn open_logs(dir: &Path) -> Result<BTreeMap<String, File>, EngineError> {
    let folder = dir.join(LOG);
    let mut logs = BTreeMap::new();
    // Which of them is the newest is noted beside them, and not copied: a copy may have begun before that file.
    let is_log = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "log");
    for path in list(&folder)?.into_iter().filter(is_log) {
        match File::open(&path) {
            Ok(file) => {
                logs.insert(name_of(&path), file);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(disk(&path, &error)),
        }
    }
    Ok(logs)
}

async fn copy_catalogue(dir: &Path, staged: &Path) -> Result<Vec<CopiedPart>, EngineError> {
    let copied = staged.join(DATABASE);
    match std::fs::remove_file(&copied) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(disk(&copied, &error)),
        _ => {}
    }
    meta::copy_database(&dir.join(DATABASE), &copied).await?;
    Ok(meta::parts_of(&copied).await?)
}

/// Brings the files that the copied catalogue names; the first one that was merged away meanwhile ends it.
fn link_parts(
    dir: &Path,
    staged: &Path,
    parts: &[CopiedPart],
    linked: &mut HashSet<String>,
) -> Result<Option<String>, EngineError> {
    for part in parts.iter().map(|part| &part.file) {
        if linked.contains(part) {
            continue;
        }
        let (from, to) = (dir.join(part), staged.join(part));
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).map_err(|error| disk(folder, &error))?;
        }
        // Another disk, or one without hard links.
        let brought = std::fs::hard_link(&from, &to).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Err(error),
            _ => std::fs::copy(&from, &to).map(|_| ()),
        });
        match brought {
            Ok(()) => linked.insert(part.clone()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(part.clone())),
            Err(error) => return Err(disk(&from, &error)),
        };
    }
    Ok(None)
}

/// Copies the log and everything else, reads and sums every file, and writes the manifest.
fn gather(
    dir: &Path,
    staged: &Path,
    parts: &[CopiedPart],
    logs: BTreeMap<String, File>,
    linked: &HashSet<String>,
    now_us: i64,
    progress: &Progress,
) -> Result<Manifest, EngineError> {
    let named: HashSet<&String> = parts.iter().map(|part| &part.file).collect();
    for merged_away in linked.iter().filter(|file| !named.contains(file)) {
        let path = staged.join(merged_away);
        std::fs::remove_file(&path).map_err(|error| disk(&path, &error))?;
    }
    progress.start_bytes(parts.iter().map(|part| part.size_bytes).sum());
    let mut files = Vec::new();
    for chunk in parts.chunks(64) {
        if progress.cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let checks: Vec<FileCheck> = chunk.iter().map(|part| file_check(staged, part)).collect();
        let damaged = store::verify_files(&checks)?;
        if !damaged.is_empty() {
            let problems = damaged
                .iter()
                .map(|(file, reason)| altered(&dir.join(file.strip_prefix(staged).unwrap_or(file)), reason));
            return Err(EngineError::Corrupt(Problems(problems.collect())));
        }
        progress.add_bytes(chunk.iter().map(|part| part.size_bytes).sum());
    }
    files.extend(parts.iter().map(|part| Entry {
        path: part.file.clone(),
        size_bytes: part.size_bytes,
        blake3: part.blake3.clone(),
    }));
    if !logs.is_empty() {
        let folder = staged.join(LOG);
        std::fs::create_dir_all(&folder).map_err(|error| disk(&folder, &error))?;
    }
    for (name, file) in logs {
        let to = staged.join(LOG).join(&name);
        files.push(entry(format!("{LOG}/{name}"), copy(file, &to).map_err(|error| disk(&to, &error))?));
    }
    let database = staged.join(DATABASE);
    files.push(entry(DATABASE.to_owned(), sum(&database).map_err(|error| disk(&database, &error))?));
    for path in list(dir)? {
        let name = name_of(&path);
        if name != LOG && !LEFT_OUT.contains(&name.as_str()) && !name.ends_with(".unfinished") {
            copy_tree(&path, &name, staged, &mut files)?;
        }
    }
    files.sort();
    let manifest = Manifest { made_us: now_us, program: env!("CARGO_PKG_VERSION").to_owned(), files };
    let path = staged.join(NAME);
    std::fs::write(&path, manifest.to_text()).map_err(|error| disk(&path, &error))?;
    Ok(manifest)
}

fn sum(path: &Path) -> std::io::Result<(u64, String)> {
    let mut hash = blake3::Hasher::new();
    let size_bytes = std::io::copy(&mut File::open(path)?, &mut hash)?;
    Ok((size_bytes, hash.finalize().to_hex().to_string()))
}

fn entry(path: String, (size_bytes, blake3): (u64, String)) -> Entry {
    Entry { path, size_bytes, blake3 }
}

/// Copies a file or a folder; what goes away meanwhile (an upload that was imported) is left out.
fn copy_tree(from: &Path, name: &str, staged: &Path, files: &mut Vec<Entry>) -> Result<(), EngineError> {
    let to = staged.join(name);
    if from.is_dir() {
        std::fs::create_dir_all(&to).map_err(|error| disk(&to, &error))?;
        for path in list(from)? {
            copy_tree(&path, &format!("{name}/{}", name_of(&path)), staged, files)?;
        }
        return Ok(());
    }
    match File::open(from).and_then(|file| copy(file, &to)) {
        Ok(copied) => files.push(entry(name.to_owned(), copied)),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(disk(from, &error)),
    }
    Ok(())
}

/// What is in a folder, by name; nothing where there is none. A name that is no UTF-8 or has a line break is no file
/// of ours and cannot be listed.
fn list(folder: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(disk(folder, &error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| disk(folder, &error))?.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if !name.contains('\n') => paths.push(path),
            _ => return Err(strange(&path)),
        }
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn strange(path: &Path) -> EngineError {
    Problem::error(
        "backup.name",
        (
            format!("`{}`은(는) 백업할 수 없는 이름입니다.", path.display()),
            format!("`{}` has a name that cannot be backed up.", path.display()),
        ),
        (
            "Gilmok의 파일이 아닙니다. 데이터 폴더 밖으로 옮기세요.",
            "It is no file of Gilmok: move it out of the data folder.",
        ),
    )
    .into()
}
