//! Events in memory, column by column.

use std::ops::Range;

use crate::part::missing_property;
use crate::{Codes, Properties, PropertyId, PropertyKind};

/// Amount of an event that has none.
pub(crate) const NO_AMOUNT: i64 = i64::MIN;

/// Code of a missing text.
pub const NO_CODE: u32 = u32::MAX;

/// Which columns a scan reads. Person, time and event always are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Event ids.
    pub id: bool,
    /// User identifiers as in the data.
    pub user_id: bool,
    /// Anonymous identifiers as in the data.
    pub anonymous_id: bool,
    /// Amounts.
    pub amount: bool,
    /// Channels.
    pub channel: bool,
    /// Sources.
    pub source: bool,
    /// Properties, in the order wanted.
    pub properties: Vec<PropertyId>,
}

impl Columns {
    /// All columns, the properties in the order of their ids.
    #[must_use]
    pub fn all(properties: &Properties) -> Self {
        Self {
            id: true,
            user_id: true,
            anonymous_id: true,
            amount: true,
            channel: true,
            source: true,
            properties: properties.all().iter().map(|property| property.id).collect(),
        }
    }
}

/// Texts by code. Values are distinct within one table, and codes mean nothing beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrColumn {
    /// One per row: index into `values`, or [`NO_CODE`].
    pub codes: Codes,
    /// The distinct texts.
    pub values: Vec<String>,
}

impl StrColumn {
    /// The text of a row, if it has one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.values.get(self.codes.get(row) as usize).map(String::as_str)
    }

    fn size_bytes(&self) -> usize {
        self.codes.size_bytes() + self.values.iter().map(|value| value.len() + 24).sum::<usize>()
    }

    /// Rows with these codes, keeping only the values they use, in the order of their first use.
    pub(crate) fn with_codes(&self, codes: impl Iterator<Item = u32>) -> Self {
        let mut new_codes = vec![NO_CODE; self.values.len()];
        let mut values = Vec::new();
        let new_code = |code: u32| {
            let Some(new_code) = new_codes.get_mut(code as usize) else { return NO_CODE };
            if *new_code == NO_CODE {
                *new_code = values.len() as u32;
                values.push(self.values[code as usize].clone());
            }
            *new_code
        };
        Self { codes: codes.map(new_code).collect(), values }
    }

    /// The same in less memory.
    pub(crate) fn narrowed(self) -> Self {
        Self { codes: self.codes.narrowed(self.values.len()), values: self.values }
    }
}

/// Values of one property, one per row.
#[derive(Clone, Debug)]
pub enum PropertyColumn {
    /// Texts.
    Str(StrColumn),
    /// Numbers; NaN is missing.
    Num(Vec<f64>),
    /// 0 false, 1 true, 2 missing.
    Bool(Vec<u8>),
}

impl PropertyColumn {
    /// Whether the row has a value.
    #[must_use]
    pub fn has(&self, row: usize) -> bool {
        match self {
            Self::Str(column) => column.codes.get(row) != NO_CODE,
            Self::Num(column) => !column[row].is_nan(),
            Self::Bool(column) => column[row] != 2,
        }
    }

    /// The same in less memory.
    pub(crate) fn narrowed(self) -> Self {
        match self {
            Self::Str(column) => Self::Str(column.narrowed()),
            column => column,
        }
    }

    /// Some rows, with the texts they have.
    pub(crate) fn cut(&self, rows: &Range<usize>) -> Self {
        match self {
            Self::Str(column) => Self::Str(column.with_codes(rows.clone().map(|row| column.codes.get(row)))),
            Self::Num(column) => Self::Num(column[rows.clone()].to_vec()),
            Self::Bool(column) => Self::Bool(column[rows.clone()].to_vec()),
        }
    }

    /// About what the column takes in memory.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::Str(column) => column.size_bytes(),
            Self::Num(column) => column.len() * 8,
            Self::Bool(column) => column.len(),
        }
    }
}

/// Events row by row while they are gathered, sorted, merged and written. Columns not asked for are empty; all others
/// have one entry per row. Readers get [`crate::Rows`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// The bucket these persons belong to.
    pub bucket: usize,
    /// Person keys.
    pub person: Vec<u64>,
    /// Microseconds since the Unix epoch, UTC. Ties are ordered by event id.
    pub time_us: Vec<i64>,
    /// Event codes.
    pub event: Vec<u16>,
    /// Channel codes; 0 is none.
    pub channel: Vec<u16>,
    /// Hundredths of the workspace's currency; [`NO_AMOUNT`] is none, negative is a refund.
    pub amount: Vec<i64>,
    /// Event ids.
    pub id: Vec<u64>,
    /// User identifiers.
    pub user_id: StrColumn,
    /// Anonymous identifiers.
    pub anonymous_id: StrColumn,
    /// Sources.
    pub source: StrColumn,
    /// Properties, in the order of [`Columns::properties`].
    pub properties: Vec<PropertyColumn>,
    /// First row of each person, and the number of rows at the end: `n_persons + 1` entries.
    pub person_starts: Vec<usize>,
}

impl Table {
    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.person.len()
    }

    /// Number of persons.
    #[must_use]
    pub fn n_persons(&self) -> usize {
        self.person_starts.len().saturating_sub(1)
    }

    /// Rows of one person, empty if the person is not here. Binary search.
    #[must_use]
    pub fn rows_of(&self, person: u64) -> Range<usize> {
        let start = self.person.partition_point(|&p| p < person);
        start..start + self.person[start..].partition_point(|&p| p == person)
    }

    /// Recomputes `person_starts` from `person`.
    pub(crate) fn mark_persons(&mut self) {
        self.person_starts.clear();
        self.person_starts.push(0);
        let mut row = 0;
        for own in self.person.chunk_by(|a, b| a == b) {
            row += own.len();
            self.person_starts.push(row);
        }
    }

    /// The key rows are sorted by.
    pub(crate) fn key(&self, row: usize) -> (u64, i64, u64) {
        (self.person[row], self.time_us[row], self.id[row])
    }
}

/// Rows with all their columns, as parts are made of; `properties[i]` is the column of `property_ids[i]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub rows: Table,
    pub property_ids: Vec<PropertyId>,
}

impl Block {
    /// The persons, in order.
    pub(crate) fn persons(&self) -> impl Iterator<Item = u64> {
        let starts = &self.rows.person_starts;
        starts[..self.rows.n_persons()].iter().map(|&start| self.rows.person[start])
    }

    /// A copy of the columns asked for, as a scan gives them.
    pub(crate) fn select(&self, columns: &Columns, properties: &Properties) -> Table {
        let from = &self.rows;
        let n_rows = from.n_rows();
        let property = |id: &PropertyId| {
            let own =
                self.property_ids.iter().position(|own| own == id).map(|at| from.properties[at].clone());
            own.unwrap_or_else(|| {
                let kind = properties.get(*id).map_or(PropertyKind::String, |property| property.kind);
                missing_property(kind, n_rows)
            })
        };
        fn when<T: Clone + Default>(asked: bool, column: &T) -> T {
            if asked { column.clone() } else { T::default() }
        }
        Table {
            bucket: from.bucket,
            person: from.person.clone(),
            time_us: from.time_us.clone(),
            event: from.event.clone(),
            channel: when(columns.channel, &from.channel),
            amount: when(columns.amount, &from.amount),
            id: when(columns.id, &from.id),
            user_id: when(columns.user_id, &from.user_id),
            anonymous_id: when(columns.anonymous_id, &from.anonymous_id),
            source: when(columns.source, &from.source),
            properties: columns.properties.iter().map(property).collect(),
            person_starts: from.person_starts.clone(),
        }
    }

    /// The rows named by `order`, in that order. Columns of properties none of them has are left out.
    pub(crate) fn gather(&self, bucket: usize, order: &[u32]) -> Self {
        let from = &self.rows;
        let mut rows = Table {
            bucket,
            person: pick(&from.person, order),
            time_us: pick(&from.time_us, order),
            event: pick(&from.event, order),
            channel: pick(&from.channel, order),
            amount: pick(&from.amount, order),
            id: pick(&from.id, order),
            user_id: pick_str(&from.user_id, order),
            anonymous_id: pick_str(&from.anonymous_id, order),
            source: pick_str(&from.source, order),
            ..Table::default()
        };
        let mut property_ids = Vec::new();
        for (&id, column) in self.property_ids.iter().zip(&from.properties) {
            let (column, empty) = match column {
                PropertyColumn::Str(texts) => {
                    let texts = pick_str(texts, order);
                    let empty = texts.values.is_empty();
                    (PropertyColumn::Str(texts), empty)
                }
                PropertyColumn::Num(numbers) => {
                    let numbers = pick(numbers, order);
                    let empty = numbers.iter().all(|number| number.is_nan());
                    (PropertyColumn::Num(numbers), empty)
                }
                PropertyColumn::Bool(flags) => {
                    let flags = pick(flags, order);
                    let empty = flags.iter().all(|&flag| flag == 2);
                    (PropertyColumn::Bool(flags), empty)
                }
            };
            if !empty {
                property_ids.push(id);
                rows.properties.push(column);
            }
        }
        rows.mark_persons();
        Self { rows, property_ids }
    }

    /// About what the block takes in memory.
    pub(crate) fn size_bytes(&self) -> usize {
        let rows = &self.rows;
        let texts = [&rows.user_id, &rows.anonymous_id, &rows.source];
        rows.n_rows() * 36
            + texts.into_iter().map(StrColumn::size_bytes).sum::<usize>()
            + rows.properties.iter().map(PropertyColumn::size_bytes).sum::<usize>()
    }
}

fn pick<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|&row| column[row as usize]).collect()
}

fn pick_str(column: &StrColumn, order: &[u32]) -> StrColumn {
    column.with_codes(order.iter().map(|&row| column.codes.get(row as usize)))
}
