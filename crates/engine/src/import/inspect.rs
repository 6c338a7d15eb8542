//! What a file is: format, encoding, delimiter, header, columns, by its first rows. Cheap on a file of any size.

use super::{
    Compression, Progress,
    batch::Batch,
    csv::CsvRows,
    encoding::TextBlocks,
    input,
    ndjson::{self, JsonRows},
    parquet::ParquetRows,
    problems, time, value,
};
use encoding_rs::Encoding;
use model::{
    Problem, limits,
    mapping::{FileFormat, Format},
};
use std::{io, path::Path};

/// How a file is written, after detection: all that is needed to read its rows.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) format: Format,
    pub(super) compression: Compression,
    /// As stated by the mapping; else it is detected while reading.
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) delimiter: u8,
    /// Rows before the first with values.
    pub(super) n_header: usize,
    pub(super) columns: Vec<String>,
}

/// A file's layout and its first rows.
#[derive(Debug)]
pub(super) struct Inspection {
    pub(super) layout: Layout,
    /// The rows of the first block.
    pub(super) sample: Batch,
    /// The encoding found in it; `None` when all is ASCII or the format has none.
    pub(super) encoding: Option<&'static Encoding>,
    pub(super) size_bytes: u64,
}

/// The rows of a file, a block at a time.
pub(super) enum Rows {
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
    Parquet(Box<ParquetRows>),
}

impl Rows {
    /// Fills `batch` with the next rows; `false` when there are none left.
    pub(super) fn next(&mut self, batch: &mut Batch) -> io::Result<bool> {
        match self {
            Self::Csv(rows) => rows.next(batch),
            Self::Json(rows) => rows.next(batch),
            Self::Parquet(rows) => rows.next(batch),
        }
    }

    /// The encoding in use, once something was read that shows it.
    pub(super) fn encoding(&self) -> Option<&'static Encoding> {
        match self {
            Self::Csv(rows) => rows.blocks().encoding(),
            Self::Json(rows) => rows.blocks().encoding(),
            Self::Parquet(_) => None,
        }
    }
}

/// Opens the rows of a file whose layout is known.
pub(super) fn rows(path: &Path, name: &str, layout: &Layout, progress: &Progress) -> Result<Rows, Problem> {
    if layout.format == Format::Parquet {
        return Ok(Rows::Parquet(Box::new(ParquetRows::open(path, name, &layout.columns, progress)?)));
    }
    let (bytes, _) = input::open(path, name, progress)?;
    let blocks = TextBlocks::new(bytes, layout.encoding);
    Ok(text_rows(blocks, layout))
}

/// The rows of text of a known layout.
pub(super) fn text_rows(blocks: TextBlocks, layout: &Layout) -> Rows {
    if layout.format == Format::Ndjson {
        return Rows::Json(Box::new(JsonRows::new(blocks, &layout.columns)));
    }
    let csv = CsvRows::new(blocks, layout.delimiter, layout.columns.len(), layout.n_header);
    Rows::Csv(Box::new(csv))
}

/// Looks at the first block of a file.
pub(super) fn inspect(path: &Path, name: &str, stated: &FileFormat) -> Result<Inspection, Problem> {
    let size = std::fs::metadata(path).map_err(|error| problems::unreadable_file(name, &error))?;
    let mut layout = Layout {
        format: stated.format.unwrap_or(Format::Csv),
        compression: Compression::None,
        encoding: stated_encoding(stated, name)?,
        delimiter: b',',
        n_header: 0,
        columns: stated.columns.clone(),
    };
    let mut encoding = None;
    if stated.format == Some(Format::Parquet) || (stated.format.is_none() && is_parquet(path)) {
        layout.format = Format::Parquet;
        layout.columns = ParquetRows::columns(path, name)?;
    } else {
        let broken = |error: io::Error| problems::broken_file(name, &error, None);
        let (bytes, compression) = input::open(path, name, &Progress::default())?;
        let mut blocks = TextBlocks::new(bytes, layout.encoding);
        let mut text = Vec::new();
        blocks.fill(&mut text, limits::LINE_BYTES_MAX).map_err(broken)?;
        encoding = blocks.encoding();
        layout.compression = compression;
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(problems::empty_file(name));
        }
        layout.format = stated.format.unwrap_or_else(|| text_format(&text));
        describe_text(&mut layout, &text, stated, name)?;
    }
    if layout.columns.len() > limits::COLUMNS_MAX {
        return Err(problems::too_many_columns(name, layout.columns.len()));
    }
    let sample = sample(path, name, &layout)?;
    Ok(Inspection { layout, sample, encoding, size_bytes: size.len() })
}

/// The first rows, as they will be read.
pub(super) fn sample(path: &Path, name: &str, layout: &Layout) -> Result<Batch, Problem> {
    let broken = |error: io::Error| problems::broken_file(name, &error, None);
    let mut sample = Batch::default();
    rows(path, name, layout, &Progress::default())?.next(&mut sample).map_err(broken)?;
    Ok(sample)
}

fn is_parquet(path: &Path) -> bool {
    let mut magic = [0u8; 4];
    let file = std::fs::File::open(path);
    file.is_ok_and(|mut file| input::read_up_to(&mut file, &mut magic).is_ok()) && magic == *b"PAR1"
}

fn stated_encoding(stated: &FileFormat, name: &str) -> Result<Option<&'static Encoding>, Problem> {
    let Some(label) = &stated.encoding else { return Ok(None) };
    // The label of Windows' Korean code page is not among those of the web, which calls it EUC-KR.
    let known = Encoding::for_label(label.as_bytes());
    let known = known.or_else(|| label.eq_ignore_ascii_case("cp949").then_some(encoding_rs::EUC_KR));
    known.map(Some).ok_or_else(|| problems::unknown_encoding(name, label))
}

fn text_format(text: &[u8]) -> Format {
    match text.trim_ascii_start() {
        [b'{', ..] => Format::Ndjson,
        _ => Format::Csv,
    }
}

fn describe_text(layout: &mut Layout, text: &[u8], stated: &FileFormat, name: &str) -> Result<(), Problem> {
    if text.trim_ascii_start().starts_with(b"[{")
        && stated.format.is_none_or(|format| format == Format::Ndjson)
    {
        return Err(problems::json_array(name));
    }
    if layout.format == Format::Ndjson {
        if layout.columns.is_empty() {
            layout.columns = ndjson::keys(text, 1_000);
        }
        return Ok(());
    }
    let delimiter = match (stated.delimiter, layout.format) {
        (Some(delimiter), _) => u8::try_from(delimiter)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| problems::bad_delimiter(name, delimiter))?,
        (None, Format::Tsv) => b'\t',
        _ => detect_delimiter(text),
    };
    layout.delimiter = delimiter;
    if delimiter == b'\t' {
        layout.format = Format::Tsv;
    }
    let first = first_rows(text, delimiter, 20);
    let Some(head) = first.first() else { return Err(problems::empty_file(name)) };
    if layout.columns.is_empty() {
        let header = is_header(&first);
        layout.n_header = usize::from(header);
        let named = head.iter().enumerate().map(|(index, cell)| match cell.trim() {
            name if header && !name.is_empty() => name.to_owned(),
            _ => format!("column_{}", index + 1),
        });
        layout.columns = named.collect();
    } else if head.iter().map(|cell| cell.trim()).eq(layout.columns.iter().map(String::as_str)) {
        // Names are stated and the file has them as well.
        layout.n_header = 1;
    }
    Ok(())
}

/// The cells of the first rows of a text, for guessing.
fn first_rows(text: &[u8], delimiter: u8, n_rows: usize) -> Vec<Vec<String>> {
    let blocks = TextBlocks::new(Box::new(io::Cursor::new(text.to_vec())), Some(encoding_rs::UTF_8));
    let mut rows = CsvRows::new(blocks, delimiter, 0, 0);
    let mut batch = Batch::default();
    // Reading from memory cannot fail.
    let _ = rows.next(&mut batch);
    let cells = |row: super::batch::Row<'_>| {
        (0..row.n_cells())
            .map(|column| row.cell(column).map_or(String::new(), |cell| cell.text.to_owned()))
            .collect()
    };
    batch.iter().filter(|row| row.n_cells() > 0).take(n_rows).map(cells).collect()
}

/// The delimiter that gives the most rows the same number of cells, above one.
fn detect_delimiter(text: &[u8]) -> u8 {
    let text = &text[..text.len().min(64 << 10)];
    let score = |delimiter: &u8| {
        let rows = first_rows(text, *delimiter, 100);
        let Some(n_cells) = rows.first().map(Vec::len).filter(|n_cells| *n_cells > 1) else { return (0, 0) };
        // The last row may be cut, hence one less.
        let n_same = rows.iter().filter(|row| row.len() == n_cells).count();
        (n_same * 100 / rows.len(), n_cells)
    };
    let delimiters = [b',', b'\t', b';', b'|'];
    delimiters.into_iter().rev().max_by_key(score).filter(|best| score(best) > (0, 0)).unwrap_or(b',')
}

/// Whether the first row names the columns: all its cells are words, or it differs in kind from what follows.
fn is_header(rows: &[Vec<String>]) -> bool {
    let looks_like_value = |cell: &str| {
        let cell = cell.trim();
        value::number(cell).is_some() || value::boolean(cell).is_some() || time::is_year_first(cell)
    };
    !rows[0].iter().any(|cell| looks_like_value(cell)) && rows[0].iter().any(|cell| !cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(text: &str) -> (char, usize, Vec<String>) {
        let mut layout = Layout {
            format: text_format(text.as_bytes()),
            compression: Compression::None,
            encoding: None,
            delimiter: b',',
            n_header: 0,
            columns: Vec::new(),
        };
        describe_text(&mut layout, text.as_bytes(), &FileFormat::default(), "f").unwrap();
        (layout.delimiter as char, layout.n_header, layout.columns)
    }

    #[test]
    fn layouts_are_detected() {
        let names = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(describe("a,b\n1,2\n"), (',', 1, names("a b")));
        assert_eq!(describe("a\tb\n1,5\t2,5\n"), ('\t', 1, names("a b")));
        assert_eq!(describe("\"a\";\"b\"\n\"x;y\";2\n"), (';', 1, names("a b")));
        assert_eq!(describe("a|b\n1|2\n"), ('|', 1, names("a b")));
        assert_eq!(describe("1,2017-01-01\n2,2017-01-02\n"), (',', 0, names("column_1 column_2"))); // No header.
        assert_eq!(describe("a,,b\n1,2,3\n"), (',', 1, names("a column_2 b")));
        assert_eq!(describe("only\n1\n2\n"), (',', 1, names("only")));
        assert_eq!(describe("고객,금액\n가,1\n"), (',', 1, names("고객 금액")));
        assert_eq!(describe("{\"a\": 1}\n{\"b\": 2, \"a\": 3}\n").2, names("a b"));
    }
}
