//! Files that are not what they should be: each a reject line or a clear problem, and nothing half-applied.

use super::*;
use crate::import::Tally;

#[test]
fn bad_rows_are_rejected_with_their_lines() {
    let bench = Bench::new();
    let mut text = b"who,at,what,note\r\n".to_vec();
    text.extend_from_slice(b"a,2024-03-05 10:00:00,buy,\"two\r\nlines, one \"\"cell\"\"\"\r\n"); // Lines 2 and 3.
    text.extend_from_slice(b"a,2024-03-05 10:00:00,buy\r\n"); // 4: three cells.
    text.extend_from_slice(b"a,2024-03-05 10:00:00,buy,x,y\r\n\r\n"); // 5: five, then an empty line.
    text.extend_from_slice(b",2024-03-05 10:00:00,buy,x\r\n"); // 7: nobody.
    text.extend_from_slice(b"a,,buy,x\r\n"); // 8: no time.
    text.extend_from_slice(b"a,yesterday,buy,x\r\n"); // 9
    text.extend_from_slice(b"a,1815-06-18 12:00:00,buy,x\r\n"); // 10
    text.extend_from_slice(b"a,2024-03-05 10:00:01,,x\r\n"); // 11: no event.
    text.extend_from_slice(b"a,2024-03-05 10:00:02,buy,\xFF\xFE\r\n"); // 12: no UTF-8.
    text.extend_from_slice(format!("{},2024-03-05 10:00:03,buy,x\r\n", "i".repeat(513)).as_bytes()); // 13
    text.extend_from_slice(format!("a,2024-03-05 10:00:03,{},x\r\n", "n".repeat(201)).as_bytes()); // 14
    text.extend_from_slice("b,2024-03-05 10:00:04,buy,한글\r\n".repeat(12).as_bytes());
    let report = bench.import(&bench.write("bad.csv", &text), PLAIN).unwrap();
    assert_eq!((report.n_rows, report.n_added, report.n_rejected), (23, 13, 10));
    let rejected = bench.rejected();
    let heads: Vec<String> =
        rejected.lines().map(|line| line.split(',').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        heads,
        [
            "line code",
            "4 cells",
            "5 cells",
            "7 person_missing",
            "8 time_missing",
            "9 time_unreadable",
            "10 time_out_of_range",
            "11 event_missing",
            "12 encoding",
            "13 person_too_long",
            "14 name_too_long",
        ]
        .iter()
        .map(|head| (*head).to_owned())
        .collect::<Vec<_>>()
    );
    assert_eq!(bench.events()[0], "2024-03-05T10:00:00Z a buy note=\"two\\r\\nlines, one \\\"cell\\\"\"");
}

#[test]
fn rejects_read_well() {
    let bench = Bench::new();
    let text = "who,at,what,note\na,yesterday,buy,\"x, \"\"y\"\"\"\n";
    bench
        .import(
            &bench.write("bad.csv", format!("{text}b,2024-03-05,buy,\n")),
            &PLAIN.replace("zone: UTC", "zone: UTC, format: iso"),
        )
        .unwrap();
    insta::assert_snapshot!(bench.rejected(), @r#"
    line,code,reason,row
    2,time_unreadable,시각 `yesterday`을(를) `iso` 형식으로 읽을 수 없습니다,"a,yesterday,buy,""x, """"y"""""""
    "#);
}

#[test]
fn a_stray_quote_costs_one_line() {
    let bench = Bench::new();
    let good = |n: usize| (0..n).map(|i| format!("p{i},2024-03-05 10:00:00,buy,x\n")).collect::<String>();
    // In the middle of a file of several megabytes, and on the last lines of it.
    let middle = format!("who,at,what,note\n{}q,2024-03-05 10:00:00,buy,\"oops\n{}", good(10), good(60_000));
    let report = bench.import(&bench.write("middle.csv", middle), PLAIN).unwrap();
    assert_eq!((report.n_rows, report.n_rejected), (60_011, 1));
    assert_eq!((report.reasons[0].code.as_str(), report.reasons[0].first_line), ("quote_open", 12));
    let end = format!("who,at,what,note\n{}q,2024-03-05 10:00:00,buy,\"oops\n{}", good(3), good(2));
    let report =
        bench.import(&bench.write("end.csv", end), &PLAIN.replace("key: plain", "key: end")).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.n_added), (6, 1, 5));
    // Two stray quotes must not swallow the rows between them.
    let pair = "who,at,what,note\na,2024-03-05,buy,\"x\nb,2024-03-05,buy,\"y\nc,2024-03-05,buy,z\n";
    let report =
        bench.import(&bench.write("pair.csv", pair), &PLAIN.replace("key: plain", "key: pair")).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.n_added), (3, 2, 1));
}

#[test]
fn long_lines_are_rejected_and_the_rest_is_kept() {
    let bench = Bench::new();
    let row = |who: &str, note: &str| format!("{who},2024-03-05 10:00:00,buy,{note}\n");
    let long = "x".repeat(3 << 20);
    let text = format!("who,at,what,note\n{}{}{}", row("a", "1"), row("b", &long), row("c", "3"));
    let report = bench.import(&bench.write("long.csv", gzip(text.as_bytes())), PLAIN).unwrap();
    assert_eq!((report.n_rows, report.n_added, report.n_rejected), (3, 2, 1));
    assert_eq!((report.reasons[0].code.as_str(), report.reasons[0].first_line), ("line_too_long", 3));
    let lines = format!(
        "{{\"who\":\"a\",\"at\":\"2024-03-05\",\"what\":\"x\"}}\n{{\"who\":\"{long}\"}}\n{{\"who\":\"b\",\"at\":\"2024-03-05\",\"what\":\"x\"}}"
    );
    let report =
        bench.import(&bench.write("long.ndjson", lines), &PLAIN.replace("key: plain", "key: json")).unwrap();
    assert_eq!((report.n_rows, report.n_added, report.n_rejected), (3, 2, 1));
    assert_eq!((report.reasons[0].code.as_str(), report.reasons[0].first_line), ("line_too_long", 2));
}

#[test]
fn values_are_cut_and_counted() {
    let bench = Bench::new();
    let text = format!("who,at,what,note\na,2024-03-05,buy,{}\n", "가".repeat(9_000));
    let report = bench.import(&bench.write("cut.csv", text), PLAIN).unwrap();
    assert_eq!((report.n_added, report.tally.cut_values), (1, 1));
    assert_eq!(report.warnings[0].code, "import.cut_values");
}

#[test]
fn files_that_cannot_be_read() {
    let bench = Bench::new();
    let text = "who,at,what,note\na,2024-03-05 10:00:00,buy,x\n".repeat(2_000);
    let whole = gzip(text.as_bytes());
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (name, bytes, code) in [
        ("cut.csv.gz", &whole[..whole.len() / 2], "import.truncated_file"),
        ("cut.csv.zst", &zstd[..zstd.len() - 9], "import.truncated_file"),
        ("empty.csv", b"", "import.empty_file"),
        ("blank.csv", b"\n \n", "import.empty_file"),
        ("book.xlsx", b"PK\x03\x04....", "import.foreign_format"),
        ("array.json", b"[{\"who\": 1}]", "import.json_array"),
        ("broken.parquet", b"PAR1....", "import.damaged_file"),
    ] {
        assert_eq!(codes(bench.import(&bench.write(name, bytes), PLAIN)), [code], "{name}");
    }
    assert_eq!(codes(bench.import(Path::new("/nowhere/x.csv"), PLAIN)), ["import.unreadable_file"]);
    assert_eq!(bench.events(), Vec::<String>::new());
}

/// A reader of a line of `n_bytes` that exists nowhere.
struct Endless {
    n_bytes: u64,
    head: &'static [u8],
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !self.head.is_empty() {
            let n_bytes = self.head.len().min(buffer.len());
            buffer[..n_bytes].copy_from_slice(&self.head[..n_bytes]);
            self.head = &self.head[n_bytes..];
            return Ok(n_bytes);
        }
        let n_bytes = self.n_bytes.min(buffer.len() as u64) as usize;
        buffer[..n_bytes].fill(b'x');
        self.n_bytes -= n_bytes as u64;
        if n_bytes > 0 && self.n_bytes == 0 {
            buffer[n_bytes - 1] = b'\n';
        }
        Ok(n_bytes)
    }
}

#[test]
fn a_line_of_two_gigabytes_takes_no_memory() {
    use crate::import::{batch::Batch, csv::CsvRows, encoding::TextBlocks, ndjson::JsonRows};
    for (head, is_json) in [(&b"a,b\n\"x"[..], false), (b"a,b\n1,", false), (b"{\"a\":\"", true)] {
        let blocks = TextBlocks::new(Box::new(Endless { n_bytes: 2 << 30, head }), None);
        let mut batch = Batch::default();
        let (mut n_rejected, mut n_held_max) = (0, 0);
        let mut count = |batch: &Batch| {
            n_rejected += batch.iter().filter(|row| row.flaw().is_some()).count();
            n_held_max = n_held_max.max(batch.raw.capacity() + batch.text.capacity());
        };
        if is_json {
            let mut rows = JsonRows::new(blocks, &["a".to_owned()]);
            while rows.next(&mut batch).unwrap() {
                count(&batch);
            }
        } else {
            let mut rows = CsvRows::new(blocks, b',', 2, 1);
            while rows.next(&mut batch).unwrap() {
                count(&batch);
            }
        }
        assert_eq!(n_rejected, 1);
        assert!(n_held_max < 8 << 20, "{n_held_max} bytes held");
    }
}

#[test]
fn every_row_is_counted() {
    let bench = Bench::new();
    let mapping = "
kind: mapping
key: counted
keep: [{column: what, op: is_not, value: spam}]
events:
  person: {user_id: who}
  time: {column: at, zone: UTC}
  event: {constant: identify}
  traits: {plan: note}
";
    let text = "who,at,what,note
a,2024-03-01,x,free
a,2024-03-02,x,free
a,2024-03-03,x,pro
a,2024-03-04,spam,pro
,2024-03-05,x,pro
b,2024-03-06,x,free
";
    let report = bench.import(&bench.write("counted.csv", text), mapping).unwrap();
    let expected = Tally {
        lines: 6,
        identified: 3,
        unchanged: 1,
        skipped: 1,
        rejected: 1,
        first_us: Some(1_709_251_200_000_000),
        last_us: Some(1_709_683_200_000_000),
        ..Tally::default()
    };
    assert_eq!(report.tally, expected);
    assert_eq!(report.n_added, 3);
}
