//! `gilmok verify`: every stored byte against its checksum.

use super::open::Folder;
use super::terminal::Terminal;
use crate::failure::{Class, Failure, Result};
use engine::verify;
use model::{Problem, Problems};
use serde::Serialize;

/// What was found, as JSON.
#[derive(Serialize)]
struct Report {
    n_files: u64,
    n_rows: u64,
    size_bytes: u64,
    format: i64,
    rows_have_checksums: bool,
    problems: Vec<Problem>,
}

/// Verifies the folder; ends with exit code 5 when anything is damaged.
pub async fn verify(folder: &Folder, terminal: Terminal) -> Result<()> {
    folder.must_exist()?;
    let found = verify::verify(&folder.dir).await.map_err(|error| folder.explain(error.into()))?;
    let report = Report {
        n_files: found.n_files,
        n_rows: found.n_rows,
        size_bytes: found.size_bytes,
        format: found.step,
        rows_have_checksums: found.has_sums,
        problems: found.problems,
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
    ))?;
    if !report.rows_have_checksums {
        terminal.say(
            "데이터베이스의 행에는 아직 체크섬이 없습니다. 이 버전으로 한 번 열면 생깁니다.",
            "Rows of the database have no checksums yet: opening the folder once with this version makes them.",
        );
    }
    Ok(())
}
