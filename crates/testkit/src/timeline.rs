//! Generated events of a few people.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any};

/// One event with everything a fold may read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Person key.
    pub person: u64,
    /// Microseconds.
    pub time_us: i64,
    /// Matching bits.
    pub mask: u64,
    /// Event code.
    pub event: u16,
    /// Channel code, 0 = none.
    pub channel: u16,
    /// Hundredths.
    pub amount: Option<i64>,
    /// Breakdown value.
    pub label: u32,
    /// Thousandths.
    pub score: Option<i32>,
}

impl Row {
    /// Whether bit `bit` of the mask is set.
    pub fn has(&self, bit: usize) -> bool {
        self.mask >> bit & 1 == 1
    }
}

/// The same events as columns, the way folds read them.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Offsets of the persons, with the number of rows at the end.
    pub person_starts: Vec<usize>,
    /// Key of each person.
    pub persons: Vec<u64>,
    /// Time of each row.
    pub time_us: Vec<i64>,
    /// Mask of each row.
    pub mask: Vec<u64>,
    /// Event code of each row.
    pub event: Vec<u16>,
    /// Channel code of each row.
    pub channel: Vec<u16>,
    /// Amount of each row, `i64::MIN` where absent.
    pub amount: Vec<i64>,
    /// Label of each row.
    pub label: Vec<u32>,
    /// Score of each row, `i32::MIN` where absent.
    pub score: Vec<i32>,
}

impl Columns {
    /// Columns of rows that are sorted by person already.
    pub fn new(rows: &[Row]) -> Self {
        let mut columns = Self::default();
        for (i, row) in rows.iter().enumerate() {
            if i == 0 || rows[i - 1].person != row.person {
                columns.person_starts.push(i);
                columns.persons.push(row.person);
            }
            columns.time_us.push(row.time_us);
            columns.mask.push(row.mask);
            columns.event.push(row.event);
            columns.channel.push(row.channel);
            columns.amount.push(row.amount.unwrap_or(i64::MIN));
            columns.label.push(row.label);
            columns.score.push(row.score.unwrap_or(i32::MIN));
        }
        columns.person_starts.push(rows.len());
        columns
    }
}

/// Up to `max_rows` events of up to `n_people` people at times `0..=max_us`, sorted by person and time.
/// Times are few, so that ties and exact edges come often; masks use the bits of `bits`.
pub fn rows(n_people: u64, max_rows: usize, max_us: i64, bits: u64) -> impl Strategy<Value = Vec<Row>> {
    let amount = option::of(-9i64..20);
    let score = option::weighted(0.3, -2000i32..=2000);
    let row = (0..n_people, 0..=max_us, any::<(u64, u64)>(), 0u16..4, 0u16..4, amount, 0u32..3, score);
    let row = row.prop_map(move |(person, time_us, (a, b), event, channel, amount, label, score)| {
        // Two random words thin the mask out: a quarter of the bits is set.
        Row { person: person * 7 + 3, time_us, mask: a & b & bits, event, channel, amount, label, score }
    });
    vec(row, 0..=max_rows).prop_map(|mut rows| {
        rows.sort_by_key(|row| (row.person, row.time_us));
        rows
    })
}

/// The rows of each person, in order.
pub fn by_person(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.person == b.person)
}
