//! Rejected rows: counted by reason, and written to a CSV file that a spreadsheet opens and the import reads again.

use super::{batch::Row, flaw::Flaw, problems};
use model::{Lang, Problem, Text};
use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// How many lines were rejected for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// Stable, such as `time_unreadable`.
    pub code: String,
    /// What was wrong with the first of them.
    pub example: Text,
    /// Where the first of them stands, 1-based.
    pub first_line: u64,
    /// Lines.
    pub n_lines: u64,
}

/// The rejected rows of an import.
pub(super) struct Rejects {
    pub(super) reasons: Vec<Reason>,
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
    lang: Lang,
}

impl Rejects {
    /// Counts only, or writes to `path` as well, once there is something to write. What lies there is removed first:
    /// an old file must not be taken for this import's.
    pub(super) fn new(path: Option<&Path>, lang: Lang) -> Result<Self, Problem> {
        match path.map(std::fs::remove_file) {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                return Err(problems::disk(&error));
            }
            _ => {}
        }
        Ok(Self { reasons: Vec::new(), path: path.map(Path::to_owned), file: None, lang })
    }

    /// Counts and writes a row that stands for `n_lines` lines.
    pub(super) fn add(&mut self, row: Row<'_>, flaw: &Flaw, n_lines: u64) -> Result<(), Problem> {
        let (code, line) = (flaw.code(), row.line());
        match self.reasons.iter_mut().find(|reason| reason.code == code) {
            Some(reason) => {
                reason.n_lines += n_lines;
                if line < reason.first_line {
                    reason.first_line = line;
                    reason.example = Text::both(flaw.reason(Lang::Ko), flaw.reason(Lang::En));
                }
            }
            None => self.reasons.push(Reason {
                code: code.to_owned(),
                example: Text::both(flaw.reason(Lang::Ko), flaw.reason(Lang::En)),
                first_line: line,
                n_lines,
            }),
        }
        let Some(path) = &self.path else { return Ok(()) };
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(path).map_err(|error| problems::disk(&error))?),
        };
        let reason = flaw.reason(self.lang);
        let reason = match (n_lines, self.lang) {
            (1, _) => reason,
            (n_lines, Lang::Ko) => format!("{reason} (묶음 {n_lines}줄)"),
            (n_lines, Lang::En) => format!("{reason} (a group of {n_lines} lines)"),
        };
        write_row(file, line, code, &reason, row).map_err(|error| problems::disk(&error))
    }

    /// Ends the file and answers where it is, if anything was rejected.
    pub(super) fn finish(mut self) -> Result<(Vec<Reason>, Option<PathBuf>), Problem> {
        if let Some(file) = &mut self.file {
            file.flush().map_err(|error| problems::disk(&error))?;
        }
        self.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.n_lines));
        Ok((self.reasons, self.path.filter(|_| self.file.is_some())))
    }
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let mut file = BufWriter::new(File::create(path)?);
    // With the mark, Korean spreadsheets read UTF-8.
    file.write_all("\u{FEFF}line,code,reason,row\r\n".as_bytes())?;
    Ok(file)
}

fn write_row(file: &mut impl Write, line: u64, code: &str, reason: &str, row: Row<'_>) -> io::Result<()> {
    write!(file, "{line},{code},")?;
    write_cell(file, reason)?;
    file.write_all(b",")?;
    if row.raw().is_empty() {
        let cells: Vec<&str> =
            (0..row.n_cells()).map(|column| row.cell(column).map_or("", |cell| cell.text)).collect();
        write_cell(file, &cells.join(","))?;
    } else {
        let shown = &row.raw()[..row.raw().len().min(super::csv::SHOWN_BYTES)];
        write_cell(file, &String::from_utf8_lossy(shown))?;
    }
    file.write_all(b"\r\n")
}

fn write_cell(file: &mut impl Write, text: &str) -> io::Result<()> {
    if text.contains(['"', ',', '\n', '\r']) {
        write!(file, "\"{}\"", text.replace('"', "\"\""))
    } else {
        file.write_all(text.as_bytes())
    }
}
