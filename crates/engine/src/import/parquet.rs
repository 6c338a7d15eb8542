//! Parquet files as rows of cells. Their lines are their rows, counted from 1.

use super::{
    Progress,
    batch::{Batch, Cell, CellKind},
    problems,
};
use jiff::{Timestamp, tz::TimeZone};
use model::Problem;
use std::{fmt::Write, io, path::Path};
use store::parquet::{Cell as Value, ParquetReader};

/// Rows handed on at once.
const BATCH_ROWS: usize = 4_096;

/// Reads all columns of a Parquet file, a batch at a time.
pub(super) struct ParquetRows {
    reader: ParquetReader,
    columns: Vec<usize>,
    line: u64,
    /// Bytes of the file that a row stands for, for the progress bar.
    row_bytes: f64,
    progress: Progress,
    at_end: bool,
}

impl ParquetRows {
    /// The names of a file's columns.
    pub(super) fn columns(path: &Path, name: &str) -> Result<Vec<String>, Problem> {
        let reader =
            ParquetReader::open(path).map_err(|error| problems::broken_file(name, &other(&error), None))?;
        Ok(reader.columns().to_vec())
    }

    /// Opens a file to read these columns.
    pub(super) fn open(
        path: &Path,
        name: &str,
        columns: &[String],
        progress: &Progress,
    ) -> Result<Self, Problem> {
        let reader =
            ParquetReader::open(path).map_err(|error| problems::broken_file(name, &other(&error), None))?;
        let all = reader.columns();
        let place = |column: &String| {
            let found = all.iter().position(|one| one == column);
            found.ok_or_else(|| problems::unknown_column(name, column, all).at("file.columns"))
        };
        let columns = columns.iter().map(place).collect::<Result<_, _>>()?;
        let size_bytes = std::fs::metadata(path).map_or(0, |found| found.len());
        let row_bytes = size_bytes as f64 / reader.n_rows().max(1) as f64;
        Ok(Self { reader, columns, line: 1, row_bytes, progress: progress.clone(), at_end: false })
    }

    /// Fills `batch` with the next rows; `false` when there are none left.
    pub(super) fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        batch.clear();
        if self.at_end {
            return Ok(false);
        }
        let mut texts: Vec<String> = vec![String::new(); self.columns.len()];
        for _ in 0..BATCH_ROWS {
            let Some(row) = self.reader.next_row().map_err(|error| other(&error))? else {
                self.at_end = true;
                break;
            };
            let columns = self.columns.iter().zip(&mut texts);
            let cells: Vec<Cell<'_>> = columns.map(|(column, text)| cell(row.cell(*column), text)).collect();
            batch.push_row(self.line, 0..0, cells.into_iter());
            self.line += 1;
        }
        self.progress.add_bytes((self.row_bytes * batch.rows.len() as f64) as u64);
        Ok(true)
    }
}

/// A value as a cell; what is no text is written into `text`.
fn cell<'a>(value: Value<'a>, text: &'a mut String) -> Cell<'a> {
    text.clear();
    // Writing to a `String` cannot fail.
    let kind = match value {
        Value::Missing => CellKind::Missing,
        Value::Str(text) => return Cell { text, kind: CellKind::Text },
        Value::Int(number) => {
            let _ = write!(text, "{number}");
            CellKind::Number
        }
        Value::Float(number) if number.is_finite() => {
            let _ = write!(text, "{number}");
            CellKind::Number
        }
        Value::Float(_) => CellKind::Missing,
        Value::Bool(flag) => {
            let _ = write!(text, "{flag}");
            CellKind::Bool
        }
        Value::TimeUs(time_us) => match Timestamp::from_microsecond(time_us) {
            Ok(at) => {
                // Without an offset, as the file has it: the mapping's zone says what it means.
                let _ = write!(text, "{}", TimeZone::UTC.to_datetime(at));
                CellKind::Time
            }
            Err(_) => {
                let _ = write!(text, "{time_us}");
                CellKind::Number
            }
        },
    };
    Cell { text, kind }
}

fn other(error: &store::StoreError) -> io::Error {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    io::Error::other(text)
}
