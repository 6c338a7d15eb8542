//! Parts from the inside: every encoding, every chunk boundary, every slice.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use meta::PropertyRow;

use crate::cache::ColumnCache;
use crate::encode::{CHUNK_ROWS, Stay};
use crate::merged::Bucket;
use crate::part::Part;
use crate::rows::{Block, NO_AMOUNT, Table};
use crate::settle::{Overlays, count_events};
use crate::{Columns, NO_CODE, Properties, PropertyColumn, PropertyId, StrColumn};

fn properties() -> Properties {
    let row = |id: u32, key: &str, kind: &str| PropertyRow { id, key: key.to_owned(), kind: kind.to_owned() };
    Properties::from_rows(&[row(0, "text", "string"), row(1, "number", "number"), row(2, "flag", "bool")])
}

/// Rows of persons with ten events each; `time_us`, `amount` and the rest may be set afterwards.
fn block(n_rows: usize) -> Block {
    let missing = StrColumn { codes: vec![NO_CODE; n_rows].into(), values: Vec::new() };
    let mut rows = Table {
        bucket: 1,
        person: (0..n_rows).map(|row| (row as u64 / 10 + 1).wrapping_mul(0x0100_0000_0000_0007)).collect(),
        time_us: (0..n_rows as i64).collect(),
        event: vec![0; n_rows],
        channel: vec![0; n_rows],
        amount: vec![NO_AMOUNT; n_rows],
        id: (0..n_rows as u64).collect(),
        user_id: missing.clone(),
        anonymous_id: missing.clone(),
        source: missing,
        ..Table::default()
    };
    rows.person.sort_unstable();
    rows.mark_persons();
    Block { rows, property_ids: Vec::new() }
}

fn write(dir: &Path, id: u64, block: &Block) -> Arc<Part> {
    std::fs::create_dir_all(dir.join("parts/001")).unwrap();
    Arc::new(Part::write(dir, id, block, &properties(), Stay::Kept).unwrap())
}

fn text(column: &StrColumn) -> Vec<Option<&str>> {
    (0..column.codes.len()).map(|row| column.get(row)).collect()
}

/// Writes a block either way, reads it back and compares all of it.
fn check(block: &Block) {
    let dir = tempfile::tempdir().unwrap();
    compare(&write(dir.path(), 1, block), block);
    compare(&Part::write(dir.path(), 2, block, &properties(), Stay::Scratch).unwrap(), block);
}

fn compare(part: &Part, block: &Block) {
    let read = part.read_block(&properties()).unwrap();
    let (a, b) = (&read.rows, &block.rows);
    assert_eq!((&a.person, &a.person_starts), (&b.person, &b.person_starts));
    assert_eq!((&a.time_us, &a.id, &a.event), (&b.time_us, &b.id, &b.event));
    assert_eq!((&a.channel, &a.amount), (&b.channel, &b.amount));
    assert_eq!((text(&a.user_id), text(&a.anonymous_id)), (text(&b.user_id), text(&b.anonymous_id)));
    assert_eq!(read.property_ids, block.property_ids);
    for (a, b) in a.properties.iter().zip(&b.properties) {
        match (a, b) {
            (PropertyColumn::Str(a), PropertyColumn::Str(b)) => assert_eq!(text(a), text(b)),
            (PropertyColumn::Num(a), PropertyColumn::Num(b)) => {
                // NaN of any kind is missing; everything else comes back bit by bit.
                let bits = |n: &f64| if n.is_nan() { None } else { Some(n.to_bits()) };
                assert_eq!(a.iter().map(bits).collect::<Vec<_>>(), b.iter().map(bits).collect::<Vec<_>>());
            }
            (PropertyColumn::Bool(a), PropertyColumn::Bool(b)) => assert_eq!(a, b),
            _ => panic!("the kind of a property changed"),
        }
    }
}

#[test]
fn sizes_around_a_chunk() {
    for n_rows in [1, 2, 1023, 1024, 1025, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 5] {
        check(&block(n_rows));
    }
}

#[test]
fn a_bucket_is_merged_once_until_a_source_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut later = block(50);
    later.rows.time_us.iter_mut().for_each(|time_us| *time_us += 1000);
    let parts = [write(dir.path(), 1, &block(50)), write(dir.path(), 2, &later)];
    let (cache, overlays, properties) = (ColumnCache::new(1 << 20), Overlays::default(), properties());
    let scan = |parts: &[Arc<Part>], blocks: &[Arc<Block>]| {
        let bucket =
            Bucket { number: 1, parts, overlays: &overlays, blocks, properties: &properties, cache: &cache };
        bucket.rows(&Columns { channel: true, ..Columns::default() }).unwrap()
    };
    let first = scan(&parts, &[]);
    let again = scan(&parts, &[]);
    assert_eq!((first.n_rows(), first.n_persons()), (100, 5));
    assert!(Arc::ptr_eq(&first.time_us, &again.time_us) && Arc::ptr_eq(&first.channel, &again.channel));
    // A person's rows go on where the other part has later ones.
    assert_eq!((first.time_us[9], first.time_us[10], first.time_us[20]), (9, 1000, 10));
    // Rows in memory, all of them in the first part already, and one that is new.
    let mut block = block(8);
    block.rows.time_us[7] = 5000;
    let more = scan(&parts, &[Arc::new(block)]);
    assert_eq!((more.n_rows(), more.time_us[20]), (101, 5000));
    assert_eq!(scan(&parts, &[]).n_rows(), 100);
    let alone = scan(&parts[..1], &[]);
    assert_eq!(alone.n_rows(), 50);
}

#[test]
fn integers_of_every_width() {
    let set = |values: [i64; 4]| {
        let mut block = block(4);
        block.rows.time_us = values.to_vec();
        block.rows.amount = values.iter().map(|&value| value.max(NO_AMOUNT + 1)).collect();
        check(&block);
        block.rows.amount[2] = NO_AMOUNT; // With a missing one too.
        check(&block);
    };
    set([0, 0, 0, 0]);
    set([-5, -5, -5, -4]);
    set([i64::MIN, i64::MAX, 0, -1]);
    set([i64::MAX - 1, i64::MAX, i64::MAX, i64::MAX]);
    for width in 1..63 {
        set([-3, (1 << width) - 4, 0, (1 << width) - 3]);
    }
    let mut block = block(4);
    for channel in [[1, 1, 1, 1], [0, 1, 2, 3], [0, 16_383, 16_384, 32_767], [0, 32_768, 65_535, 9]] {
        block.rows.channel = channel.to_vec();
        check(&block);
    }
    for event in [[0, u16::MAX, 1, 2], [7, 8, 7, 8], [1 << 14, 0, 1 << 15, 5]] {
        block.rows.event = event.to_vec();
        check(&block);
    }
    block.rows.id = vec![0, 1, u64::MAX - 1, u64::MAX];
    check(&block);
}

#[test]
fn properties_of_every_shape() {
    let n_rows = 40_000;
    let set = |id: u32, column: PropertyColumn| {
        let mut block = block(n_rows);
        block.property_ids = vec![PropertyId(id)];
        block.rows.properties = vec![column];
        check(&block);
    };
    let texts = |value: &dyn Fn(usize) -> Option<String>| {
        let mut column = StrColumn::default();
        let mut codes = hashbrown::HashMap::new();
        for row in 0..n_rows {
            column.codes.push(value(row).map_or(NO_CODE, |value| {
                *codes.entry(value.clone()).or_insert_with(|| {
                    column.values.push(value);
                    column.values.len() as u32 - 1
                })
            }));
        }
        set(0, PropertyColumn::Str(column));
    };
    texts(&|_| Some("one".to_owned()));
    texts(&|row| (row == 7).then(String::new)); // The empty text is not a missing one.
    texts(&|row| (row % 3 > 0).then(|| format!("값 {}", row % 5)));
    texts(&|row| Some(format!("각각 다른 길이의 문장 {}", "가나다 ".repeat(row % 9)) + &row.to_string())); // FSST.
    let numbers =
        |value: &dyn Fn(usize) -> f64| set(1, PropertyColumn::Num((0..n_rows).map(value).collect()));
    numbers(&|_| 1.5);
    numbers(&|row| if row == 9 { -0.0 } else { f64::NAN });
    numbers(&|row| [0.0, -0.0, f64::INFINITY, f64::MIN_POSITIVE][row % 4]);
    numbers(&|row| (row as f64).sqrt()); // Every value new: no dictionary.
    numbers(&|row| if row % 2 == 0 { (row as f64).sqrt() } else { f64::NAN });
    for flags in [[0, 0], [1, 1], [0, 1], [2, 1], [2, 0]] {
        set(2, PropertyColumn::Bool((0..n_rows).map(|row| flags[row % 2]).collect()));
    }
}

#[test]
fn keys_are_read_by_range() {
    let n_rows = 2 * CHUNK_ROWS + 100;
    let (dir, block) = (tempfile::tempdir().unwrap(), block(n_rows));
    let part = write(dir.path(), 1, &block);
    let check = |range: Range<usize>| {
        let properties = properties();
        let id = part.read_ids(std::slice::from_ref(&range), &properties).unwrap();
        assert_eq!(part.read_times(&range).unwrap(), block.rows.time_us[range.clone()], "{range:?}");
        assert_eq!(id, block.rows.id[range.clone()], "{range:?}");
    };
    check(0..0);
    check(0..n_rows);
    check(5..17);
    check(CHUNK_ROWS - 1..CHUNK_ROWS + 1);
    check(CHUNK_ROWS..CHUNK_ROWS);
    check(CHUNK_ROWS..2 * CHUNK_ROWS);
    check(CHUNK_ROWS + 3..n_rows);
    check(n_rows - 1..n_rows);
    check(n_rows..n_rows);
}

#[test]
fn counting_by_slices_is_counting() {
    let dir = tempfile::tempdir().unwrap();
    let mut parts = Vec::new();
    for id in 0..3u64 {
        let mut block = block(1000);
        // A third of the rows is in all parts, the rest is the part's own.
        let own = |row: usize| if row.is_multiple_of(3) { 0 } else { id + 1 };
        block.rows.id = (0..1000).map(|row| own(row) * 10_000 + row as u64).collect();
        parts.push(write(dir.path(), id, &block));
    }
    let runs: Vec<_> = parts.iter().map(|part| part.person_runs().unwrap()).collect();
    for slice_rows in [1, 7, 100, 2999, 3000, 1_000_000] {
        assert_eq!(
            count_events(&parts, &runs, &[0, 1, 2], slice_rows, &properties()).unwrap(),
            334 + 3 * 666
        );
        assert_eq!(count_events(&parts, &runs, &[0, 2], slice_rows, &properties()).unwrap(), 334 + 2 * 666);
    }
}
