//! Whatever is written comes back: random rows through random quoting, delimiters, line ends, encodings, compression.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Style {
    delimiter: char,
    crlf: bool,
    quote_all: bool,
    encoding: u8,
    compression: u8,
    end: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let delimiter = prop::sample::select(vec![',', ';', '\t', '|']);
    (delimiter, any::<bool>(), any::<bool>(), 0u8..4, 0u8..3, any::<bool>()).prop_map(
        |(delimiter, crlf, quote_all, encoding, compression, end)| Style {
            delimiter,
            crlf,
            quote_all,
            encoding,
            compression,
            end,
        },
    )
}

fn quoted(cell: &str, style: &Style) -> String {
    let must = cell.contains([style.delimiter, '"', '\n', '\r']);
    if style.quote_all || must { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn written(rows: &[Vec<String>], style: &Style) -> Vec<u8> {
    let line_end = if style.crlf { "\r\n" } else { "\n" };
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell, style)).collect();
        cells.join(&style.delimiter.to_string())
    };
    let mut text = rows.iter().map(line).collect::<Vec<_>>().join(line_end);
    if style.end {
        text.push_str(line_end);
    }
    let bytes = match style.encoding {
        0 => text.into_bytes(),
        1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        2 => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
        _ => encoding_rs::EUC_KR.encode(&text).0.into_owned(),
    };
    match style.compression {
        0 => bytes,
        1 => gzip(&bytes),
        _ => zstd::encode_all(bytes.as_slice(), 1).unwrap(),
    }
}

fn cell() -> impl Strategy<Value = String> {
    // Letters of CP949, and all that CSV must quote.
    prop::string::string_regex("[a-z가나다한글뷁,;|\t\"\n\r x]{0,12}").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_come_back(notes in prop::collection::vec((0u32..5, cell()), 1..40), style in style()) {
        let header = ["who", "at", "what", "note"].map(str::to_owned).to_vec();
        let mut rows = vec![header];
        // Korean enough for its encoding to show.
        rows.push(["u9", "2024-03-01 00:00:00", "view", "한글로 쓴 메모입니다 가나다라"].map(str::to_owned).to_vec());
        for (index, (who, note)) in notes.iter().enumerate() {
            let at = format!("2024-03-05 10:{:02}:00", index % 60);
            rows.push(vec![format!("u{who}"), at, "view".to_owned(), note.clone()]);
        }
        let bench = Bench::new();
        let mapping = PLAIN.replace("{note: note}", "{note: {column: note, type: text}}");
        let report = bench.import(&bench.write("any", written(&rows, &style)), &mapping).unwrap();
        prop_assert_eq!(report.n_rejected, 0, "{:?}", bench.rejected());
        let mut expected: Vec<String> = rows[1..]
            .iter()
            .map(|row| {
                let note = if row[3].trim().is_empty() { String::new() } else { format!(" note={:?}", row[3]) };
                format!("{}Z {} view{note}", row[1].replace(' ', "T"), row[0])
            })
            .collect();
        expected.sort();
        prop_assert_eq!(bench.events(), expected);
    }
}
