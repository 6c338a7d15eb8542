//! `gilmok verify`: every stored file against its checksum.

use super::open::Folder;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
use engine::EngineError;
use model::{Problem, Problems};
use serde::Serialize;

/// What was found, as JSON.
#[derive(Serialize)]
struct Report {
    n_files: u64,
    n_rows: u64,
    size_bytes: u64,
    problems: Vec<Problem>,
}

/// Verifies the folder; ends with exit code 5 when anything is damaged.
pub async fn verify(folder: &Folder, terminal: Terminal) -> Result<()> {
    let engine = folder.open().await?;
    let store = engine.store.clone();
    let found = tokio::task::spawn_blocking(move || store.verify()).await.map_err(Failure::internal)?;
    let found = found.map_err(EngineError::from)?;
    let damaged = found.damaged.iter().map(|(file, reason)| {
        Problem::error(
            "store.corrupt",
            (format!("저장할 때와 다릅니다: {reason}."), format!("This is not what was written: {reason}.")),
            (
                "백업에서 되돌리거나 원본을 다시 가져오세요.",
                "Restore it from a backup, or import the source again.",
            ),
        )
        .in_file(file.display().to_string())
    });
    let report = Report {
        n_files: found.n_parts,
        n_rows: found.n_rows,
        size_bytes: found.size_bytes,
        problems: damaged.collect(),
    };
    if !report.problems.is_empty() {
        return Err(Failure::many(Class::Corrupt, Problems(report.problems)));
    }
    if terminal.json {
        return terminal.print_json(&report);
    }
    let (n_files, n_rows, size_bytes) = (report.n_files, report.n_rows, report.size_bytes);
    terminal.print(&terminal.choose(
        format!("이상 없습니다: 파일 {n_files}개, {n_rows}행, {size_bytes}바이트.\n"),
        format!("All is well: {n_files} files, {n_rows} rows, {size_bytes} bytes.\n"),
    ))
}
