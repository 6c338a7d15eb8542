//! NDJSON: one JSON object a line. Only the wanted keys are read, and none becomes a `String` of its own.

use super::{
    batch::{Batch, Cell, CellKind},
    csv::SHOWN_BYTES,
    encoding::TextBlocks,
    flaw::Flaw,
};
use model::limits::LINE_BYTES_MAX;
use std::{borrow::Cow, io, ops::Range};

const BLOCK_BYTES: usize = 512 << 10;

/// Reads the wanted keys of each line's object, a block at a time.
pub(super) struct JsonRows {
    blocks: TextBlocks,
    carry: Vec<u8>,
    columns: Vec<Path>,
    line: u64,
    at_end: bool,
}

/// A column: a key of the object, or keys with dots between them for objects within.
struct Path {
    whole: String,
    parts: Vec<String>,
}

impl JsonRows {
    /// Rows with these columns as cells; `user.id` reads the key `user.id`, else `id` within `user`.
    pub(super) fn new(blocks: TextBlocks, columns: &[String]) -> Self {
        let path = |column: &String| Path {
            whole: column.clone(),
            parts: column.split('.').map(str::to_owned).collect(),
        };
        let columns = columns.iter().map(path).collect();
        Self { blocks, carry: Vec::new(), columns, line: 1, at_end: false }
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
        self.at_end = self.blocks.fill(&mut batch.raw, BLOCK_BYTES)?;
        let mut n_used = self.whole_lines(&batch.raw);
        if n_used == 0 && !self.at_end {
            self.at_end = self.blocks.fill(&mut batch.raw, LINE_BYTES_MAX + 1)?;
            n_used = self.whole_lines(&batch.raw);
        }
        if n_used == 0 && !self.at_end {
            self.skip_long_line(batch)?;
            return Ok(true);
        }
        self.carry.clear();
        self.carry.extend_from_slice(&batch.raw[n_used..]);
        let raw = std::mem::take(&mut batch.raw);
        let mut start = 0;
        while start < n_used {
            let n_bytes = memchr::memchr(b'\n', &raw[start..n_used]).unwrap_or(n_used - start);
            self.read_line(batch, &raw, start..start + n_bytes);
            self.line += 1;
            start += n_bytes + 1;
        }
        batch.raw = raw;
        Ok(true)
    }

    fn whole_lines(&self, raw: &[u8]) -> usize {
        if self.at_end { raw.len() } else { memchr::memrchr(b'\n', raw).map_or(0, |at| at + 1) }
    }

    fn read_line(&self, batch: &mut Batch, raw: &[u8], place: Range<usize>) {
        let line = raw[place.clone()].trim_ascii();
        if line.is_empty() {
            return;
        }
        let shown = place.start..place.end.min(place.start + SHOWN_BYTES);
        if line.len() > LINE_BYTES_MAX {
            return batch.push_flaw(self.line, shown, Flaw::LineTooLong);
        }
        let text = std::str::from_utf8(line).unwrap_or("\u{FFFD}");
        if memchr::memmem::find(text.as_bytes(), "\u{FFFD}".as_bytes()).is_some()
            && (!self.blocks.passes_bytes() || text.len() == 3)
        {
            return batch.push_flaw(self.line, shown, Flaw::Encoding);
        }
        let mut cells = vec![None; self.columns.len()];
        match read_object(text, &self.columns, &mut cells) {
            Ok(()) => {
                let cells = cells
                    .into_iter()
                    .map(|raw| raw.map_or((Cow::Borrowed(""), CellKind::Missing), cell_text));
                let cells: Vec<_> = cells.collect();
                let cells = cells.iter().map(|(text, kind)| Cell { text, kind: *kind });
                batch.push_row(self.line, place, cells);
            }
            Err(error) => batch.push_flaw(self.line, shown, Flaw::Json(error.to_string())),
        }
    }

    fn skip_long_line(&mut self, batch: &mut Batch) -> io::Result<()> {
        let mut block = Vec::new();
        let rest = loop {
            block.clear();
            self.at_end = self.blocks.fill(&mut block, BLOCK_BYTES)?;
            match memchr::memchr(b'\n', &block) {
                Some(at) => break &block[at + 1..],
                None if self.at_end => break &[],
                None => {}
            }
        };
        batch.raw.truncate(SHOWN_BYTES);
        batch.push_flaw(self.line, 0..batch.raw.len(), Flaw::LineTooLong);
        self.line += 1;
        self.carry.clear();
        self.carry.extend_from_slice(rest);
        self.at_end = self.at_end && self.carry.is_empty();
        Ok(())
    }
}

/// Puts the raw JSON of each wanted column into `cells`.
fn read_object<'a>(
    text: &'a str,
    columns: &[Path],
    cells: &mut [Option<&'a str>],
) -> Result<(), serde_json::Error> {
    // Checked as a whole first: what follows may then trust every quote and bracket.
    if !text.starts_with('{') {
        return Err(serde::de::Error::custom("the line does not start with {"));
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text)?;
    let mut inner = Vec::new();
    for (key, raw) in Members(&text[1..]) {
        let key = if key.contains('\\') { cell_text(key).0 } else { Cow::Borrowed(&key[1..key.len() - 1]) };
        for (index, column) in columns.iter().enumerate() {
            if column.whole == key {
                cells[index] = Some(raw);
            } else if column.parts.len() > 1 && column.parts[0] == key && raw.starts_with('{') {
                inner.push((index, raw));
            }
        }
    }
    for (index, raw) in inner {
        if let (None, Some(raw)) = (cells[index], read_inner(raw, &columns[index].parts[1..])) {
            cells[index] = Some(raw);
        }
    }
    Ok(())
}

/// Follows `parts` into objects that were checked; `None` where there is no such key.
fn read_inner<'a>(mut raw: &'a str, parts: &[String]) -> Option<&'a str> {
    for part in parts {
        let members = raw.strip_prefix('{').map(Members)?;
        let mut found = members.filter(|(key, _)| cell_text(key).0 == part.as_str());
        raw = found.next()?.1;
    }
    Some(raw)
}

/// The raw keys and values of an object that is known to be well-formed, from behind its `{`.
struct Members<'a>(&'a str);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_ascii_start();
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim_ascii_start();
        if !rest.starts_with('"') {
            return None;
        }
        let (key, rest) = rest.split_at(value_end(rest.as_bytes()));
        let rest = rest.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
        let (value, rest) = rest.split_at(value_end(rest.as_bytes()));
        self.0 = rest;
        Some((key, value))
    }
}

/// Where the well-formed JSON value at the start of `text` ends.
fn value_end(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0usize);
    while at < text.len() {
        match text[at] {
            b'"' => {
                at += 1;
                while at < text.len() && text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
                if depth == 0 {
                    return at.min(text.len());
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' => return at + depth,
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// A raw JSON value as a cell.
fn cell_text(raw: &str) -> (Cow<'_, str>, CellKind) {
    match raw.as_bytes().first() {
        Some(b'"') if !raw.contains('\\') => (Cow::Borrowed(&raw[1..raw.len() - 1]), CellKind::Text),
        Some(b'"') => (Cow::Owned(serde_json::from_str(raw).unwrap_or_default()), CellKind::Text),
        Some(b't' | b'f') => (Cow::Borrowed(raw), CellKind::Bool),
        Some(b'{' | b'[') => (Cow::Borrowed(raw), CellKind::Json),
        Some(b'n') | None => (Cow::Borrowed(""), CellKind::Missing),
        Some(_) => (Cow::Borrowed(raw), CellKind::Number),
    }
}

/// The keys of the objects of a text's lines, in the order in which they first appear.
pub(super) fn keys(text: &[u8], n_lines_max: usize) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for line in text.split(|byte| *byte == b'\n').take(n_lines_max) {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(line).unwrap_or_default();
        for (key, _) in object {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let blocks = TextBlocks::new(Box::new(io::Cursor::new(text.as_bytes().to_vec())), None);
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        let mut rows = JsonRows::new(blocks, &columns);
        let mut batch = Batch::default();
        let mut found = Vec::new();
        while rows.next(&mut batch).unwrap() {
            for row in batch.iter() {
                let flaw = row.flaw().map(|flaw| flaw.code().to_owned());
                let cells = (0..row.n_cells()).map(|column| {
                    row.cell(column).map_or("-".to_owned(), |cell| format!("{} {:?}", cell.text, cell.kind))
                });
                let line = std::iter::once(row.line().to_string());
                found.push(line.chain(flaw).chain(cells).collect());
            }
        }
        found
    }

    #[test]
    fn objects_become_cells() {
        let text = r#"{"a": "x\"y", "b": {"c": [1, {"d": "}"}], "e": null}, "f": -1.5e3, "g": true}

{"f":"12","b":{"c":"s"},"b.c":"whole"}
[1, 2]
{"a": 1
{"\u0061": "escaped key", "é": 1}"#
            .replace("\\\\", "\\");
        assert_eq!(
            rows(&text, &["a", "b", "b.c", "f", "g"]),
            [
                vec![
                    "1",
                    "x\"y Text",
                    r#"{"c": [1, {"d": "}"}], "e": null} Json"#,
                    r#"[1, {"d": "}"}] Json"#,
                    "-1.5e3 Number",
                    "true Bool"
                ],
                vec!["3", "-", r#"{"c":"s"} Json"#, "whole Text", "12 Text", "-"],
                vec!["4", "json"],
                vec!["5", "json"],
                vec!["6", "escaped key Text", "-", "-", "-", "-"],
            ]
        );
    }
}
