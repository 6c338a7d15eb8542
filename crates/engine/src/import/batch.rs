//! Rows on their way from a file to events: many at a time, with no allocation per cell.

use super::flaw::Flaw;
use std::ops::Range;

/// What a cell is by its file. Cells of CSV are only ever text whose meaning must be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    /// Text that may mean anything, as all cells of CSV.
    Guess,
    /// Text, and never a number even if it looks like one.
    Text,
    /// A number.
    Number,
    /// true or false.
    Bool,
    /// An object or an array, as JSON text.
    Json,
    /// An instant or a local time in ISO 8601.
    Time,
    /// The file says that there is nothing here.
    Missing,
}

/// A cell: its text without quotes, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: &'a str,
    pub(super) kind: CellKind,
}

impl<'a> Cell<'a> {
    /// A text that may mean anything.
    pub(super) fn guess(text: &'a str) -> Self {
        Self { text, kind: CellKind::Guess }
    }
}

/// Rows of one block of a file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The block as it was read, in UTF-8 where it could be understood.
    pub(super) raw: Vec<u8>,
    /// The cells' texts, one after another.
    pub(super) text: String,
    /// Where each cell ends in `text`.
    pub(super) ends: Vec<u32>,
    /// What each cell is; empty when all are [`CellKind::Guess`].
    pub(super) kinds: Vec<CellKind>,
    /// The rows.
    pub(super) rows: Vec<RowMark>,
}

/// Where a row stands in its batch.
#[derive(Debug, Clone)]
pub(super) struct RowMark {
    /// 1-based line of the file where the row starts.
    pub(super) line: u64,
    /// Its bytes in `raw`, without the line end.
    pub(super) raw: Range<usize>,
    /// Its cells, as indices of `ends`.
    pub(super) cells: Range<u32>,
    /// Where its first cell starts in `text`.
    pub(super) text_start: u32,
    /// Why it cannot be read, if so.
    pub(super) flaw: Option<Flaw>,
}

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    batch: &'a Batch,
    mark: &'a RowMark,
}

impl Batch {
    /// Empties all buffers and keeps their memory.
    pub(super) fn clear(&mut self) {
        self.raw.clear();
        self.text.clear();
        self.ends.clear();
        self.kinds.clear();
        self.rows.clear();
    }

    /// The rows in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|mark| Row { batch: self, mark })
    }

    /// Appends a row whose cells are given.
    pub(super) fn push_row<'c>(
        &mut self,
        line: u64,
        raw: Range<usize>,
        cells: impl Iterator<Item = Cell<'c>>,
    ) {
        let (first, text_start) = (self.ends.len() as u32, self.text.len() as u32);
        for cell in cells {
            self.text.push_str(cell.text);
            self.ends.push(self.text.len() as u32);
            self.kinds.push(cell.kind);
        }
        self.rows.push(RowMark { line, raw, cells: first..self.ends.len() as u32, text_start, flaw: None });
    }

    /// Appends a row that could not be read.
    pub(super) fn push_flaw(&mut self, line: u64, raw: Range<usize>, flaw: Flaw) {
        let (at, text_start) = (self.ends.len() as u32, self.text.len() as u32);
        self.rows.push(RowMark { line, raw, cells: at..at, text_start, flaw: Some(flaw) });
    }
}

impl<'a> Row<'a> {
    /// 1-based line of the file where the row starts.
    pub(super) fn line(self) -> u64 {
        self.mark.line
    }

    /// Why the row cannot be read, if so.
    pub(super) fn flaw(self) -> Option<&'a Flaw> {
        self.mark.flaw.as_ref()
    }

    /// The row as it was written, without its line end.
    pub(super) fn raw(self) -> &'a [u8] {
        &self.batch.raw[self.mark.raw.clone()]
    }

    /// What tells the row from others of its line number: its bytes, or its cells where it has none.
    pub(super) fn content(self) -> &'a [u8] {
        if !self.mark.raw.is_empty() {
            return self.raw();
        }
        let last = self.mark.cells.clone().next_back();
        let end = last.map_or(self.mark.text_start, |cell| self.batch.ends[cell as usize]);
        &self.batch.text.as_bytes()[self.mark.text_start as usize..end as usize]
    }

    /// Number of cells.
    pub(super) fn n_cells(self) -> usize {
        self.mark.cells.len()
    }

    /// The cell of a column, unless it is empty, blank or beyond the row.
    #[inline]
    pub(super) fn cell(self, column: usize) -> Option<Cell<'a>> {
        let index = self.mark.cells.start as usize + column;
        if index >= self.mark.cells.end as usize {
            return None;
        }
        let start = if column == 0 { self.mark.text_start } else { self.batch.ends[index - 1] };
        let text = &self.batch.text[start as usize..self.batch.ends[index] as usize];
        let kind = self.batch.kinds.get(index).copied().unwrap_or(CellKind::Guess);
        // Only a text that starts with white space can be blank; most cells answer after one byte.
        let blank = match text.as_bytes().first() {
            None => true,
            Some(first) => (*first <= b' ' || *first >= 0x80) && text.trim().is_empty(),
        };
        (!blank && kind != CellKind::Missing).then_some(Cell { text, kind })
    }
}
