//! CSV and TSV: RFC 4180 with any delimiter, any line end, quoted cells over several lines, and exact line numbers.
//!
//! The state machine is `csv-core`'s. Around it: blocks, rows that are too long, and quotes that are never closed.

use super::{
    batch::{Batch, RowMark},
    encoding::TextBlocks,
    flaw::Flaw,
};
use csv_core::ReadRecordResult;
use model::limits::{COLUMNS_MAX, LINE_BYTES_MAX};
use std::io;

/// Bytes of a block; small enough that a few of them stay in the cache on their way through the threads.
const BLOCK_BYTES: usize = 512 << 10;
/// Bytes of a rejected row that are kept for the rejects file.
pub(super) const SHOWN_BYTES: usize = 4 << 10;

/// Reads rows of cells, a block at a time.
pub(super) struct CsvRows {
    blocks: TextBlocks,
    csv: csv_core::Reader,
    delimiter: u8,
    /// The bytes of a row that the last block cut.
    carry: Vec<u8>,
    cells_text: Vec<u8>,
    cell_ends: Vec<usize>,
    /// Cells that each row must have, unless 0.
    n_columns: usize,
    /// Rows still to be left out: the header.
    n_skip: usize,
    at_end: bool,
}

/// What a step of the state machine found.
enum Step {
    /// A row of so many cells.
    Row { n_bytes: usize, n_cells: usize, text_bytes: usize },
    /// The block ends within a row.
    Cut,
    /// The file ends.
    End,
}

impl CsvRows {
    /// Rows of `n_columns` cells (any number if 0), after leaving out `n_skip` rows.
    pub(super) fn new(blocks: TextBlocks, delimiter: u8, n_columns: usize, n_skip: usize) -> Self {
        Self {
            blocks,
            csv: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            carry: Vec::new(),
            cells_text: Vec::new(),
            cell_ends: vec![0; COLUMNS_MAX + 1],
            n_columns,
            n_skip,
            at_end: false,
        }
    }

    /// The reader of text underneath.
    pub(super) fn blocks(&self) -> &TextBlocks {
        &self.blocks
    }

    /// Fills `batch` with the next rows; `false` when there are none left.
    pub(super) fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        batch.clear();
        if self.at_end {
            return Ok(false);
        }
        std::mem::swap(&mut batch.raw, &mut self.carry);
        let mut target_bytes = BLOCK_BYTES;
        loop {
            self.at_end = self.blocks.fill(&mut batch.raw, target_bytes)?;
            let n_used = self.split(batch);
            if n_used == 0 && !self.at_end && batch.raw.len() <= LINE_BYTES_MAX {
                target_bytes = LINE_BYTES_MAX + 1;
                continue;
            }
            if n_used == 0 && !self.at_end {
                self.skip_long_line(batch)?;
                return Ok(true);
            }
            self.carry.clear();
            self.carry.extend_from_slice(&batch.raw[n_used..]);
            let text = std::mem::take(&mut self.cells_text);
            self.settle_text(batch, text);
            return Ok(true);
        }
    }

    /// Splits the block into rows and returns how many bytes they took.
    fn split(&mut self, batch: &mut Batch) -> usize {
        let raw = std::mem::take(&mut batch.raw);
        self.cells_text.clear();
        self.cells_text.resize(raw.len(), 0);
        let (mut at, mut text_at) = (0, 0);
        loop {
            let n_lead = raw[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let lead_lines = raw[at..at + n_lead].iter().filter(|byte| **byte == b'\n').count() as u64;
            let line_before = self.csv.line();
            let first_end = batch.ends.len();
            match self.step(&raw[at..], text_at, &mut batch.ends) {
                Step::Row { n_bytes, n_cells, text_bytes } => {
                    let line = line_before + lead_lines;
                    let row = without_line_end(&raw, at + n_lead, at + n_bytes);
                    if row.len() > LINE_BYTES_MAX || has_stray_quote(&raw[row.clone()], self.delimiter) {
                        batch.ends.truncate(first_end);
                        at += self.give_up_line(batch, &raw, at, line);
                        continue;
                    }
                    let blank =
                        n_cells == 1 && self.n_columns != 1 && raw[row.clone()].trim_ascii().is_empty();
                    if self.n_skip > 0 || blank {
                        self.n_skip -= usize::from(!blank);
                        batch.ends.truncate(first_end);
                    } else {
                        let wrong = self.n_columns > 0 && n_cells != self.n_columns || n_cells > COLUMNS_MAX;
                        let flaw = wrong.then_some(Flaw::Cells { expected: self.n_columns, found: n_cells });
                        let cells = first_end as u32..batch.ends.len() as u32;
                        batch.rows.push(RowMark { line, raw: row, cells, text_start: text_at as u32, flaw });
                    }
                    text_at += text_bytes;
                    at += n_bytes;
                }
                Step::Cut if self.at_end || at > 0 || raw.len() <= LINE_BYTES_MAX => {
                    batch.ends.truncate(first_end);
                    self.restart(line_before);
                    break;
                }
                Step::Cut => {
                    batch.ends.truncate(first_end);
                    match self.give_up_line(batch, &raw, at, line_before + lead_lines) {
                        0 => {
                            self.restart(line_before);
                            break;
                        }
                        n_bytes => at += n_bytes,
                    }
                }
                Step::End => {
                    at = raw.len();
                    break;
                }
            }
        }
        self.cells_text.truncate(text_at);
        batch.raw = raw;
        at
    }

    /// One row of the state machine, its cells' ends appended as offsets of the batch's text.
    fn step(&mut self, mut input: &[u8], text_at: usize, ends: &mut Vec<u32>) -> Step {
        let (mut n_bytes, mut n_cells, mut text_bytes) = (0, 0, 0);
        loop {
            let output = &mut self.cells_text[text_at + text_bytes..];
            let (result, n_in, n_out, n_ends) = self.csv.read_record(input, output, &mut self.cell_ends);
            n_bytes += n_in;
            text_bytes += n_out;
            input = &input[n_in..];
            let room = (COLUMNS_MAX + 1).saturating_sub(n_cells).min(n_ends);
            ends.extend(self.cell_ends[..room].iter().map(|end| (text_at + end) as u32));
            n_cells += n_ends;
            match result {
                ReadRecordResult::Record => return Step::Row { n_bytes, n_cells, text_bytes },
                ReadRecordResult::End => return Step::End,
                ReadRecordResult::InputEmpty if !self.at_end => return Step::Cut,
                // At the end of the file an empty input closes the last row; a row of too many cells goes on,
                // and the output is never full since cells are no longer than what they were read from.
                _ => {}
            }
        }
    }

    /// Rejects the line at `at` alone, so that a stray quote does not swallow what follows. Returns its
    /// bytes, or 0 when its end is not in the block.
    fn give_up_line(&mut self, batch: &mut Batch, raw: &[u8], at: usize, line: u64) -> usize {
        let n_lead = raw[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = at + n_lead;
        let end = match memchr::memchr(b'\n', &raw[start..]) {
            Some(n_bytes) => start + n_bytes,
            None if self.at_end => raw.len(),
            None => return 0,
        };
        let flaw = if end - start > LINE_BYTES_MAX { Flaw::LineTooLong } else { Flaw::QuoteOpen };
        batch.push_flaw(line, start..end.min(start + SHOWN_BYTES), flaw);
        self.n_skip = 0;
        // The state machine starts anew after the line end, if there is one.
        let next = (end + 1).min(raw.len());
        self.restart(line + u64::from(next > end));
        next - at
    }

    /// Drops the bytes of a line that no memory should hold, up to its end.
    fn skip_long_line(&mut self, batch: &mut Batch) -> io::Result<()> {
        let mut line = self.csv.line();
        let n_lead = batch.raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += batch.raw[..n_lead].iter().filter(|byte| **byte == b'\n').count() as u64;
        let mut block = Vec::new();
        let rest = loop {
            block.clear();
            self.at_end = self.blocks.fill(&mut block, BLOCK_BYTES)?;
            match memchr::memchr(b'\n', &block) {
                Some(at) => break Some(at + 1),
                None if self.at_end => break None,
                None => {}
            }
        };
        batch.ends.clear();
        batch.raw.truncate(n_lead + SHOWN_BYTES);
        batch.push_flaw(line, n_lead..batch.raw.len(), Flaw::LineTooLong);
        self.n_skip = 0;
        self.carry.clear();
        self.carry.extend_from_slice(rest.map_or(&[], |at| &block[at..]));
        // What was carried over must still be split, even if the file has ended.
        self.at_end = self.at_end && self.carry.is_empty();
        self.restart(line + u64::from(rest.is_some()));
        Ok(())
    }

    fn restart(&mut self, line: u64) {
        self.csv.reset();
        self.csv.set_line(line);
    }

    /// Checks the text of all cells at once; only if some bytes are bad are the rows looked at one by one.
    fn settle_text(&mut self, batch: &mut Batch, text: Vec<u8>) {
        if self.blocks.passes_bytes() {
            match String::from_utf8(text) {
                Ok(text) => batch.text = text,
                Err(error) => reject_bad_rows(batch, error.into_bytes()),
            }
            return;
        }
        batch.text = String::from_utf8(text).unwrap_or_default();
        // The decoder writes U+FFFD for what it cannot read; a file that holds one itself is as broken.
        if batch.text.contains('\u{FFFD}') {
            for index in 0..batch.rows.len() {
                let Batch { raw, rows, .. } = batch;
                let row = &mut rows[index];
                if row.flaw.is_none()
                    && memchr::memmem::find(&raw[row.raw.clone()], "\u{FFFD}".as_bytes()).is_some()
                {
                    row.flaw = Some(Flaw::Encoding);
                }
            }
        }
    }
}

/// Marks the rows whose bytes are bad and blanks them, so that the rest can be read.
pub(super) fn reject_bad_rows(batch: &mut Batch, mut text: Vec<u8>) {
    for row in &mut batch.rows {
        let cells = row.cells.start as usize..row.cells.end as usize;
        let start = row.text_start as usize;
        let end = batch.ends[cells].last().map_or(start, |end| *end as usize);
        if std::str::from_utf8(&text[start..end]).is_err() {
            text[start..end].iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
            row.flaw.get_or_insert(Flaw::Encoding);
        }
    }
    // Bytes between the rows (a header left out) belong to nobody.
    if std::str::from_utf8(&text).is_err() {
        text.iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
    }
    batch.text = String::from_utf8(text).unwrap_or_default();
}

fn without_line_end(raw: &[u8], start: usize, end: usize) -> std::ops::Range<usize> {
    let n_end = raw[start..end.max(start)].iter().rev().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    start..end.max(start) - n_end
}

/// Whether a row of several lines is one only by mistake: a quote in it is never closed, or closed within a cell.
fn has_stray_quote(row: &[u8], delimiter: u8) -> bool {
    if memchr::memchr(b'\n', row).is_none() {
        return false;
    }
    let mut at = 0;
    while at < row.len() {
        if row[at] != b'"' {
            match memchr::memchr(delimiter, &row[at..]) {
                Some(n_bytes) => at += n_bytes + 1,
                None => return false,
            }
            continue;
        }
        at += 1;
        loop {
            let Some(n_bytes) = memchr::memchr(b'"', &row[at..]) else { return true };
            at += n_bytes + 1;
            match row.get(at) {
                Some(b'"') => at += 1,
                None => return false,
                Some(byte) if *byte == delimiter => break,
                Some(_) => return true,
            }
        }
        at += 1;
    }
    false
}
