//! A data folder against its checksums, without opening it: nothing is repaired, removed or brought up to date.

use crate::EngineError;
use crate::open::damaged;
use meta::CopiedPart;
use model::Problem;
use std::path::{Path, PathBuf};
use store::FileCheck;

/// The database inside a data folder.
pub const DATABASE: &str = "gilmok.db";

/// Whether a folder holds a workspace, or what is left of one.
pub fn holds_data(dir: &Path) -> bool {
    let database = dir.join(DATABASE);
    database.exists()
        || meta::was_at(&database)
        || has_files(&dir.join("parts"))
        || has_files(&dir.join("log"))
}

/// Whether a folder or one in it holds a file.
fn has_files(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| if path.is_dir() { has_files(&path) } else { true })
}

/// Refuses a folder with events and no database: made anew, it would know of none of them, and remove their files.
pub(crate) fn has_lost_its_database(dir: &Path) -> Option<Problem> {
    let is_lost = !dir.join(DATABASE).exists() && holds_data(dir);
    is_lost.then(|| {
        Problem::error(
            "meta.damaged",
            (
                "데이터베이스 파일이 없습니다. 이벤트 파일은 그대로 두었습니다.",
                "The database file is missing. The files of events were left alone.",
            ),
            (
                "백업에서 되돌리세요(`gilmok restore`). 새로 시작하려면 빈 폴더를 고르세요.",
                "Restore a backup (`gilmok restore`). To begin anew, choose an empty folder.",
            ),
        )
        .in_file(DATABASE)
    })
}

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
    /// What is not what was written; as a warning, the end of the log that a crash left unfinished.
    pub problems: Vec<Problem>,
}

/// Reads everything: the structure and every row of the database, every file of events, the log.
///
/// Errors: the folder is open in another process, or of a newer program, or the disk fails.
pub async fn verify(dir: &Path) -> Result<Verified, EngineError> {
    let lock = store::lock_folder(dir)?;
    let database = dir.join(DATABASE);
    if let Some(problem) = has_lost_its_database(dir) {
        return Ok(Verified { problems: vec![problem], ..Verified::default() });
    }
    let found = meta::inspect(&database).await?;
    let size_bytes = database.metadata().map_or(0, |file| file.len());
    let mut verified =
        Verified { size_bytes, step: found.step, has_sums: found.has_sums, ..Verified::default() };
    verified.problems.extend(found.damage.iter().map(damaged));
    let catalogue = async { Ok((meta::parts_of(&database).await?, meta::log_sequence_of(&database).await?)) };
    match catalogue.await {
        Ok((parts, log_sequence)) => {
            verify_parts(dir, &parts, &mut verified).await?;
            verified.problems.extend(verify_log(dir, log_sequence).await?);
        }
        // The catalogue cannot be read; that is told already.
        Err(_) if !verified.problems.is_empty() => {}
        Err::<_, meta::MetaError>(error) => return Err(error.into()),
    }
    drop(lock);
    Ok(verified)
}

/// Takes a folder whose database lost something, or was altered, as it is from now on; returns what was accepted.
///
/// Errors: the folder is open elsewhere; the database is broken beyond that.
pub async fn accept(dir: &Path) -> Result<Vec<Problem>, EngineError> {
    let lock = store::lock_folder(dir)?;
    let accepted = meta::accept(&dir.join(DATABASE)).await?;
    drop(lock);
    Ok(accepted.iter().map(|damage| damaged(damage).warning()).collect())
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

async fn verify_log(dir: &Path, log_sequence: u64) -> Result<Vec<Problem>, EngineError> {
    let dir = dir.to_owned();
    let read = tokio::task::spawn_blocking(move || store::check_log(&dir, log_sequence));
    let found = read.await.map_err(|error| EngineError::Internal(error.to_string()))??;
    Ok(found.iter().map(log_damage).collect())
}

/// What of the log is not as it was written, and what that means for its events.
pub(crate) fn log_damage(damage: &store::Damage) -> Problem {
    let store::Damage { offset, n_bytes, .. } = damage;
    let file = damage.file.display().to_string();
    if damage.unfinished {
        let message = (
            format!("기록이 {offset}번째 바이트에서 끝나지 않은 채 멈추었습니다({n_bytes}바이트)."),
            format!("The log stops in the middle of a block at byte {offset} ({n_bytes} bytes)."),
        );
        let remedy = (
            "정전이나 강제 종료 뒤라면 정상입니다. 받았다고 답하지 않은 것이라 보낸 쪽이 다시 보냅니다. 그런 일이 없었다면 디스크를 확인하세요.",
            "After a power cut or a kill this is as it should be: it was never acknowledged, and its sender sends it again. If there was none, check the disk.",
        );
        return Problem::error("log.unfinished", message, remedy).warning().in_file(file);
    }
    let (ko, en) = match damage.n_records {
        Some(n) => (format!("이벤트 {n}개"), format!("{n} events or dead letters")),
        None => (
            "몇 개인지 알 수 없는 이벤트".to_owned(),
            "an unknown number of events or dead letters".to_owned(),
        ),
    };
    let message = (
        format!("기록의 {offset}번째 바이트부터 {n_bytes}바이트가 쓴 것과 다릅니다. {ko}를 잃었습니다."),
        format!("{n_bytes} bytes of the log from byte {offset} on are not what was written: {en} are lost."),
    );
    let remedy = (
        "나머지는 그대로 쓸 수 있습니다. 백업에서 되돌리거나, 이 시각의 이벤트를 보낸 쪽에서 다시 보내세요. 두 번 보내도 한 번만 저장됩니다.",
        "The rest can be used. Restore a backup, or have the events of that time sent again; what is there already is not stored twice.",
    );
    Problem::error("log.corrupt", message, remedy).in_file(file)
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
