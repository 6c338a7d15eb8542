//! The format of parts: any block comes back as it was written, whatever shapes its columns take; a changed
//! byte is found; files of earlier versions are read.

use std::path::Path;

use meta::{PartRow, PropertyRow};
use proptest::prelude::*;

use crate::chunk::{Cells, Chunk};
use crate::encode::Stay;
use crate::merge::merge_tables;
use crate::merged::{Source, merge_once};
use crate::part::Part;
use crate::rows::{Block, NO_AMOUNT, Table};
use crate::scan::Rows;
use crate::{
    Columns, NO_CODE, Properties, PropertyColumn, PropertyId, PropertyKind, PropertyValue, StoreError,
    StrColumn, ids,
};

/// Enough properties that some go to the rest: a third of each kind.
const N_PROPERTIES: u32 = 48;

fn properties() -> Properties {
    let kinds = ["string", "number", "bool"];
    let row = |id: u32| PropertyRow {
        id,
        key: format!("열쇠 \"{id}\""),
        kind: kinds[id as usize % kinds.len()].to_owned(),
    };
    Properties::from_rows(&(0..N_PROPERTIES).map(row).collect::<Vec<_>>())
}

/// A generator of numbers from a seed: blocks are large, and shrink by their parameters.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (u128::from(self.0 ^ (self.0 >> 29)) * u128::from(sides) >> 64) as u64
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.roll(n) == 0
    }

    fn extreme(&mut self) -> i64 {
        [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX][self.roll(7) as usize]
    }
}

/// What a block is like.
#[derive(Clone, Debug)]
struct Like {
    seed: u64,
    n_rows: usize,
    /// Rows of a person, about.
    history: u64,
    /// Rows between two visits, microseconds within one, units of times.
    visit: u64,
    step_us: u64,
    unit_us: i64,
    wild_times: bool,
    n_events: u64,
    /// One row in so many has an amount, a channel of its own, an id of its own.
    spacing: [u64; 3],
    n_properties: u32,
    property_spacing: u64,
}

fn like() -> impl Strategy<Value = Like> {
    let n_rows = prop_oneof![0_usize..4, 60_usize..70, 1000_usize..1100, Just(65_536), 65_530_usize..70_000];
    let units = prop::sample::select(vec![1, 7, 1_000, 1_000_000, 60_000_000, 86_400_000_000]);
    (
        (
            any::<u64>(),
            n_rows,
            1_u64..60,
            1_u64..12,
            prop::sample::select(vec![1_u64, 100, 90_000_000, 1 << 40]),
        ),
        (units, prop::bool::weighted(0.2), prop::sample::select(vec![1_u64, 2, 24, 256, 257, 70_000])),
        (prop::array::uniform3(1_u64..400), 0..=N_PROPERTIES, 1_u64..2000),
    )
        .prop_map(|(a, b, c)| Like {
            seed: a.0,
            n_rows: a.1,
            history: a.2,
            visit: a.3,
            step_us: a.4,
            unit_us: b.0,
            wild_times: b.1,
            n_events: b.2,
            spacing: c.0,
            n_properties: c.1,
            property_spacing: c.2,
        })
}

fn block(like: &Like) -> Block {
    let mut dice = Dice(like.seed);
    let mut keys: Vec<(u64, i64)> = Vec::new();
    let (mut person, mut time) = (1_u64, 0_i64);
    for _ in 0..like.n_rows {
        if dice.one_in(like.history) {
            person += 1 + dice.roll(1 << 40);
            time = 1_767_225_600_000_000 / like.unit_us;
        }
        let step = if dice.one_in(like.visit) { dice.roll(1 << 42) } else { dice.roll(like.step_us) };
        time += (step as i64 / like.unit_us).min(1 << 45);
        keys.push((person, if like.wild_times { dice.extreme() } else { time * like.unit_us }));
    }
    keys.sort_unstable();
    let n_rows = keys.len();
    let cookie = |dice: &mut Dice| -> u32 { if dice.one_in(3) { NO_CODE } else { dice.roll(5) as u32 } };
    let values = |name: &str, n: usize| (0..n).map(|i| format!("{name} {i}")).collect::<Vec<_>>();
    let mut rows = Table {
        bucket: 1,
        person: keys.iter().map(|key| key.0).collect(),
        time_us: keys.iter().map(|key| key.1).collect(),
        event: (0..n_rows).map(|_| dice.roll(like.n_events) as u16).collect(),
        amount: (0..n_rows)
            .map(|_| if dice.one_in(like.spacing[0]) { dice.roll(90_000) as i64 } else { NO_AMOUNT })
            .collect(),
        anonymous_id: StrColumn {
            codes: (0..n_rows).map(|_| cookie(&mut dice)).collect(),
            values: values("a", 5),
        },
        source: StrColumn { codes: vec![0; n_rows].into(), values: values("쇼핑몰", 1) },
        ..Table::default()
    };
    let mut channel = 0;
    for _ in 0..n_rows {
        channel = if dice.one_in(like.spacing[1]) { dice.roll(400) as u16 } else { channel };
        rows.channel.push(channel);
    }
    rows.mark_persons();
    let persons: Vec<_> = rows.person_starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    for own in persons {
        let code = rows.user_id.values.len() as u32;
        own.for_each(|_| rows.user_id.codes.push(code));
        rows.user_id.values.push(format!("user-{code}"));
    }
    let mut block = Block { rows, property_ids: (0..like.n_properties).map(PropertyId).collect() };
    for id in 0..like.n_properties {
        let spacing = like.property_spacing * (1 + u64::from(id) / 12);
        block.rows.properties.push(property(id, spacing, n_rows, &mut dice));
    }
    block.rows.id = ids::of_block(&block);
    for row in 0..n_rows {
        if dice.one_in(like.spacing[2]) {
            block.rows.id[row] = if dice.one_in(4) { dice.extreme() as u64 } else { dice.roll(u64::MAX) };
        }
    }
    block
}

fn property(id: u32, spacing: u64, n_rows: usize, dice: &mut Dice) -> PropertyColumn {
    let numbers = [0.1, -0.0, f64::INFINITY, f64::MIN_POSITIVE, 1e300, 12.5, 2.0_f64.sqrt() * 1e-7];
    match id % 3 {
        0 => {
            let code = |dice: &mut Dice| if dice.one_in(spacing) { dice.roll(3) as u32 } else { NO_CODE };
            let values = ["", "\"따옴표\\", "보통"].map(str::to_owned).to_vec();
            PropertyColumn::Str(StrColumn { codes: (0..n_rows).map(|_| code(dice)).collect(), values })
        }
        1 => {
            let value = |dice: &mut Dice| match dice.one_in(spacing) {
                true => numbers[dice.roll(7) as usize] * dice.roll(if id == 1 { u64::MAX } else { 3 }) as f64,
                false => f64::NAN,
            };
            PropertyColumn::Num((0..n_rows).map(|_| value(dice)).collect())
        }
        _ => {
            let flag = |dice: &mut Dice| if dice.one_in(spacing) { dice.roll(2) as u8 } else { 2 };
            PropertyColumn::Bool((0..n_rows).map(|_| flag(dice)).collect())
        }
    }
}

fn write(dir: &Path, id: u64, block: &Block) -> Part {
    std::fs::create_dir_all(dir.join("parts/001")).unwrap();
    Part::write(dir, id, block, &properties(), Stay::Kept).unwrap()
}

fn every_column() -> Columns {
    Columns {
        id: true,
        user_id: true,
        anonymous_id: true,
        amount: true,
        channel: true,
        source: true,
        properties: (0..N_PROPERTIES).map(PropertyId).collect(),
    }
}

/// Everything about a row, comparable; numbers by their bits.
fn row_of(rows: &Table, property_ids: &[PropertyId], row: usize) -> impl PartialEq + std::fmt::Debug {
    let texts =
        [&rows.user_id, &rows.anonymous_id, &rows.source].map(|column| column.get(row).map(str::to_owned));
    let properties: Vec<String> = property_ids
        .iter()
        .zip(&rows.properties)
        .filter(|(_, column)| column.has(row))
        .map(|(id, column)| match column {
            PropertyColumn::Str(texts) => format!("{id:?} {:?}", texts.get(row)),
            PropertyColumn::Num(numbers) => format!("{id:?} {:x}", numbers[row].to_bits()),
            PropertyColumn::Bool(flags) => format!("{id:?} {}", flags[row]),
        })
        .collect();
    (
        rows.person[row],
        rows.time_us[row],
        rows.event[row],
        rows.channel[row],
        rows.amount[row],
        rows.id[row],
        texts,
        properties,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        like in like(),
        cuts in prop::collection::vec(0_usize..70_000, 0..8),
        stay in prop_oneof![Just(Stay::Kept), Just(Stay::Scratch)],
    ) {
        let (dir, block) = (tempfile::tempdir().unwrap(), block(&like));
        std::fs::create_dir_all(dir.path().join("parts/001")).unwrap();
        let part = Part::write(dir.path(), 1, &block, &properties(), stay).unwrap();
        prop_assert_eq!(part.is_scratch(), stay == Stay::Scratch);
        let (columns, properties) = (every_column(), properties());
        let read = part.read(&columns, &properties).unwrap();
        prop_assert_eq!(&read.person_starts, &block.rows.person_starts);
        prop_assert_eq!(read.n_rows(), block.rows.n_rows());
        for row in 0..read.n_rows() {
            prop_assert_eq!(
                row_of(&read, &columns.properties, row),
                row_of(&block.rows, &block.property_ids, row)
            );
        }
        let again = part.read_block(&properties).unwrap();
        prop_assert!(again.property_ids.iter().all(|id| block.property_ids.contains(id)));
        // A few columns.
        let few = part.read(&Columns::default(), &properties).unwrap();
        prop_assert_eq!((&few.time_us, &few.event), (&block.rows.time_us, &block.rows.event));
        prop_assert!(few.id.is_empty() && few.amount.is_empty() && few.properties.is_empty());
        // Some rows of it.
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (like.n_rows + 1)).collect();
        cuts.sort_unstable();
        let ranges: Vec<_> = cuts.chunks_exact(2).map(|cut| cut[0]..cut[1]).collect();
        let some = part.read_rows(&ranges, &columns, &properties).unwrap();
        let wanted: Vec<usize> = ranges.iter().cloned().flatten().collect();
        prop_assert_eq!(some.n_rows(), wanted.len());
        prop_assert_eq!(some.person_starts.last(), Some(&wanted.len()));
        for (row, from) in wanted.into_iter().enumerate() {
            prop_assert_eq!(
                row_of(&some, &columns.properties, row),
                row_of(&block.rows, &block.property_ids, from)
            );
        }
        prop_assert_eq!(part.read_ids(&ranges, &properties).unwrap(), some.id);
    }

    /// Merging parts whose ids are read only where times are equal is merging with all ids at hand.
    #[test]
    fn merging_reads_few_ids(seed: u64, n_parts in 2_usize..5, n_times in 1_u64..40) {
        let mut dice = Dice(seed);
        let part = |dice: &mut Dice| {
            let n_rows = dice.roll(300);
            let key = |dice: &mut Dice| (dice.roll(9), dice.roll(n_times) as i64, dice.roll(4));
            let mut keys: Vec<_> = (0..n_rows).map(|_| key(dice)).collect();
            keys.sort_unstable();
            keys.dedup();
            let mut rows = Table {
                person: keys.iter().map(|key| key.0).collect(),
                time_us: keys.iter().map(|key| key.1).collect(),
                id: keys.iter().map(|key| key.2).collect(),
                event: (0..keys.len()).map(|_| dice.roll(1000) as u16).collect(),
                ..Table::default()
            };
            rows.mark_persons();
            rows
        };
        let parts: Vec<Table> = (0..n_parts).map(|_| part(&mut dice)).collect();
        let mut wanted: Vec<((u64, i64, u64), u16)> = Vec::new();
        for rows in &parts {
            for row in 0..rows.n_rows() {
                if wanted.iter().all(|(key, _)| *key != rows.key(row)) {
                    wanted.push((rows.key(row), rows.event[row]));
                }
            }
        }
        wanted.sort_unstable_by_key(|(key, _)| *key);
        let kept = merge_tables(parts.clone());
        prop_assert_eq!(&kept.id, &wanted.iter().map(|(key, _)| key.2).collect::<Vec<_>>());
        // As a scan merges, with one person left out.
        let hidden = [wanted.first().map_or(0, |(key, _)| key.0)];
        let rows: Vec<Rows> = parts.iter().map(|rows| Rows::from_table(rows.clone())).collect();
        let sources: Vec<Source<'_>> =
            rows.iter().map(|rows| Source { rows: rows.clone(), hidden: &hidden, part: None }).collect();
        let columns = Columns { id: true, ..Columns::default() };
        let merged = merge_once(&sources, &columns, &Properties::default()).unwrap();
        let told: Vec<_> = wanted.iter().filter(|(key, _)| key.0 != hidden[0]).copied().collect();
        let read: Vec<_> = (0..merged.n_rows())
            .map(|row| ((merged.person_of(row), merged.time_us[row], merged.id[row]), merged.event[row]))
            .collect();
        prop_assert_eq!(read, told);
        prop_assert_eq!(merged.person_starts.len(), merged.n_persons() + 1);
    }
}

/// The id that an event without one is given.
fn id_of(properties: &[(PropertyId, PropertyValue<'_>)]) -> u64 {
    let mut chunk = Chunk::default();
    let user = chunk.user("kim").0;
    let (time_us, anonymous, source) = (5, NO_CODE, chunk.source("shop"));
    chunk.push(Cells { user, anonymous, time_us, id: None, event: 3, channel: 2, amount: Some(-7), source });
    for &(id, value) in properties {
        let kind = match value {
            PropertyValue::Str(_) => PropertyKind::String,
            PropertyValue::Num(_) => PropertyKind::Number,
            PropertyValue::Bool(_) => PropertyKind::Bool,
        };
        chunk.set(id, kind, value);
    }
    chunk.into_block(vec![1]).rows.id[0]
}

#[test]
fn the_id_of_a_content_is_the_same_before_and_after() {
    let texts = StrColumn { codes: vec![0].into(), values: vec!["홈".to_owned()] };
    let rows = Table {
        person: vec![1],
        time_us: vec![5],
        event: vec![3],
        channel: vec![2],
        amount: vec![-7],
        properties: vec![
            PropertyColumn::Str(texts),
            PropertyColumn::Num(vec![1.5]),
            PropertyColumn::Bool(vec![2]),
        ],
        ..Table::default()
    };
    let block = Block { rows, property_ids: vec![PropertyId(0), PropertyId(1), PropertyId(2)] };
    let (page, price) = ((PropertyId(0), PropertyValue::Str("홈")), (PropertyId(1), PropertyValue::Num(1.5)));
    let id = ids::of_block(&block)[0];
    assert_eq!(id_of(&[page, price]), id);
    assert_eq!(id_of(&[price, page]), id); // The order does not matter,
    let early = (PropertyId(1), PropertyValue::Num(9.0));
    assert_eq!(id_of(&[early, page, price]), id); // the last of one property counts,
    let nothing = (PropertyId(4), PropertyValue::Num(f64::NAN));
    assert_eq!(id_of(&[nothing, page, price]), id); // and what is missing is not there.
    let others: [&[_]; 4] =
        [&[page], &[price], &[page, early], &[(PropertyId(2), PropertyValue::Bool(false)), page, price]];
    for other in others {
        assert_ne!(id_of(other), id);
    }
    // The same bits as another property, or as another kind, are another content.
    let swapped = [(PropertyId(1), PropertyValue::Str("홈")), (PropertyId(0), PropertyValue::Num(1.5))];
    assert_ne!(id_of(&swapped), id);
    let bits = |value| id_of(&[(PropertyId(3), value)]);
    assert_ne!(bits(PropertyValue::Bool(true)), bits(PropertyValue::Num(f64::from_bits(1))));
}

fn usual(n_rows: usize) -> Like {
    Like {
        seed: 7,
        n_rows,
        history: 30,
        visit: 6,
        step_us: 90_000_000,
        unit_us: 1,
        wild_times: false,
        n_events: 24,
        spacing: [40, 7, u64::MAX],
        n_properties: N_PROPERTIES,
        property_spacing: 90,
    }
}

#[test]
fn columns_take_the_space_they_should() {
    let dir = tempfile::tempdir().unwrap();
    let n_rows = 65_000_u64;
    let block = block(&usual(n_rows as usize));
    let part = write(dir.path(), 1, &block);
    let sizes: std::collections::HashMap<String, u64> = part.column_sizes().unwrap().into_iter().collect();
    let bits = |names: &[&str]| names.iter().map(|name| sizes[*name] * 8).sum::<u64>() / n_rows;
    assert!(sizes["id"] < 1000, "{sizes:?}"); // Contents give them.
    assert!(bits(&["time:break", "time:base", "time:step", "time:unit"]) < 34, "{sizes:?}");
    assert!(bits(&["channel"]) < 3, "{sizes:?}");
    assert!(bits(&["amount"]) < 2, "{sizes:?}");
    assert!(bits(&["user_id"]) < 4, "{sizes:?}");
    // The properties with the fewest values share a column, the 32 with the most never do.
    let own =
        sizes.keys().filter(|name| ["s:", "n:", "b:"].iter().any(|kind| name.starts_with(kind))).count();
    assert!(sizes.contains_key("rest") && own >= 32 && own < N_PROPERTIES as usize, "{sizes:?}");
    // Times in whole seconds cost less.
    let mut seconds = block;
    seconds.rows.time_us.iter_mut().for_each(|time_us| *time_us -= *time_us % 1_000_000);
    let part = write(dir.path(), 2, &seconds);
    assert_eq!(part.read(&Columns::default(), &properties()).unwrap().time_us, seconds.rows.time_us);
    let sizes: std::collections::HashMap<String, u64> = part.column_sizes().unwrap().into_iter().collect();
    assert!((sizes["time:step"] + sizes["time:base"] + sizes["time:break"]) * 8 / n_rows < 14, "{sizes:?}");
}

#[test]
fn a_flipped_bit_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let block = block(&usual(3000));
    let part = write(dir.path(), 1, &block);
    let (columns, properties) = (every_column(), properties());
    // As after a start: nothing is remembered of the file.
    let reopened = || Part::stored(dir.path(), part.row.clone());
    let sound = reopened().read(&columns, &properties).unwrap();
    let path = dir.path().join(&part.row.file);
    let bytes = std::fs::read(&path).unwrap();
    let mut dice = Dice(1);
    let mut n_found = 0;
    for _ in 0..300 {
        let mut broken = bytes.clone();
        let bit = dice.roll(broken.len() as u64 * 8) as usize;
        broken[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &broken).unwrap();
        // Both a handle that has read the file before and a new one.
        for part in [&part, &reopened()] {
            match part.read(&columns, &properties) {
                Err(StoreError::Corrupt { .. }) => n_found += 1,
                Err(other) => panic!("{other}"),
                // Bits between the segments are no data.
                Ok(read) => assert_eq!((&read.time_us, &read.id), (&sound.time_us, &sound.id)),
            }
        }
        assert!(part.verify().is_err());
    }
    assert!(n_found > 500, "{n_found}");
    std::fs::write(&path, &bytes).unwrap();
    part.verify().unwrap();
}

/// A part as version 0.1 wrote it: plain times, 32-bit event codes, an id for every row.
#[test]
fn parts_of_the_first_format_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat");
    std::fs::create_dir_all(dir.path().join("parts/000")).unwrap();
    let file = "parts/000/0000000001.vortex";
    std::fs::copy(from.join("part-1.vortex"), dir.path().join(file)).unwrap();
    let row = PartRow {
        id: 1,
        bucket: 0,
        file: file.to_owned(),
        size_bytes: 13_720,
        decoded_bytes: 2646,
        blake3: "585ab5aa7093c87e735479e65a26cfad7e35a24e61ae9f353838191882078285".to_owned(),
        checks: std::fs::read(from.join("part-1.checks")).unwrap(),
        n_rows: 40,
        min_time_us: 1_767_225_600_000_000,
        max_time_us: 1_768_910_400_000_000,
    };
    let part = Part::stored(dir.path(), row);
    part.verify().unwrap();
    let property =
        |id: u32, key: &str, kind: &str| PropertyRow { id, key: key.to_owned(), kind: kind.to_owned() };
    let properties = Properties::from_rows(&[property(0, "page", "string"), property(1, "price", "number")]);
    let block = part.read_block(&properties).unwrap();
    let rows = &block.rows;
    assert_eq!((rows.n_rows(), rows.n_persons()), (40, 1));
    let (PropertyColumn::Str(pages), PropertyColumn::Num(prices)) =
        (&rows.properties[0], &rows.properties[1])
    else {
        panic!("{:?}", rows.properties)
    };
    for row in 0..40 {
        assert_eq!(rows.time_us[row], 1_767_225_600_000_000 + row as i64 * 43_200_000_000);
        assert_eq!((rows.event[row], rows.channel[row]), (row as u16 % 3, [1, 2, 0][row % 3]));
        let amount = if row % 5 == 0 { row as i64 * 1000 + row as i64 } else { NO_AMOUNT };
        assert_eq!((rows.amount[row], rows.user_id.get(row)), (amount, Some("kim")));
        let page = (row % 7 != 0).then(|| format!("/p/{}", row % 4));
        assert_eq!(pages.get(row), page.as_deref());
        assert!(if row % 2 == 1 { prices[row] == row as f64 * 0.25 } else { prices[row].is_nan() });
    }
    let ids: std::collections::HashSet<u64> = rows.id.iter().copied().collect();
    assert_eq!(ids.len(), 40);
    // Written again in today's format nothing of it changes, and one row is read as all are.
    std::fs::create_dir_all(dir.path().join("parts/001")).unwrap();
    let new = Part::write(dir.path(), 2, &block, &properties, Stay::Kept).unwrap();
    let again = new.read_block(&properties).unwrap();
    assert_eq!((&again.rows.id, &again.rows.time_us), (&rows.id, &rows.time_us));
    assert_eq!(part.read_ids(&[7..8], &properties).unwrap(), rows.id[7..8]);
}
