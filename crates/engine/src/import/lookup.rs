//! Other files whose columns are looked up by a key: read once, whole, with only the columns in use.

use super::{
    batch::{Batch, Cell, CellKind, Row},
    inspect::{self, Layout},
    problems,
    progress::Progress,
};
use model::Problem;
use rustc_hash::FxHashMap;
use std::path::Path;

/// Bytes a lookup may take in memory.
const TABLE_BYTES_MAX: usize = 128 << 20;

/// The columns in use of a lookup file, by key.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// Column of the imported file with the keys.
    pub(super) by: usize,
    /// Columns in use.
    pub(super) columns: Vec<String>,
    /// All columns of the file, for messages.
    pub(super) all_columns: Vec<String>,
    rows: FxHashMap<Box<str>, u32>,
    /// `rows × columns` cells; `None` is missing.
    cells: Vec<Option<(Box<str>, CellKind)>>,
    /// Keys that stood there more than once; the first row counts.
    pub(super) n_repeated: u64,
}

/// A table file that was looked at, before its rows are read.
pub(super) struct TableFile<'a> {
    pub(super) path: &'a Path,
    pub(super) name: &'a str,
    pub(super) layout: &'a Layout,
}

impl Table {
    /// Reads the rows. `key` and `used` are indices of the file's columns.
    pub(super) fn read(
        file: &TableFile<'_>,
        name: &str,
        by: usize,
        key: usize,
        used: &[usize],
    ) -> Result<Self, Problem> {
        let mut table = Self {
            name: name.to_owned(),
            by,
            columns: used.iter().map(|column| file.layout.columns[*column].clone()).collect(),
            all_columns: file.layout.columns.clone(),
            rows: FxHashMap::default(),
            cells: Vec::new(),
            n_repeated: 0,
        };
        let mut rows = inspect::rows(file.path, file.name, file.layout, &Progress::default())?;
        let (mut batch, mut size_bytes) = (Batch::default(), 0);
        while rows.next(&mut batch).map_err(|error| problems::broken_file(file.name, &error, None))? {
            for row in batch.iter().filter(|row| row.flaw().is_none()) {
                let Some(key) = row.cell(key) else { continue };
                size_bytes += table.add(key.text, row, used);
            }
            if size_bytes > TABLE_BYTES_MAX {
                return Err(problems::lookup_too_large(file.name, TABLE_BYTES_MAX));
            }
        }
        Ok(table)
    }

    fn add(&mut self, key: &str, row: Row<'_>, used: &[usize]) -> usize {
        if self.rows.contains_key(key) {
            self.n_repeated += 1;
            return 0;
        }
        self.rows.insert(key.into(), self.rows.len() as u32);
        let mut size_bytes = key.len() + 48;
        for column in used {
            let cell = row.cell(*column).map(|cell| (Box::from(cell.text), cell.kind));
            size_bytes += 24 + cell.as_ref().map_or(0, |(text, _): &(Box<str>, CellKind)| text.len());
            self.cells.push(cell);
        }
        size_bytes
    }

    /// The cell of a used column in the row of `key`.
    pub(super) fn cell(&self, key: &str, column: usize) -> Option<Cell<'_>> {
        let row = *self.rows.get(key)? as usize;
        let (text, kind) = self.cells[row * self.columns.len() + column].as_ref()?;
        Some(Cell { text, kind: *kind })
    }
}
