//! What a scan gives: events of whole persons, in columns that may be shared with other scans.

use std::ops::Range;
use std::sync::Arc;

use vortex::error::{VortexResult, vortex_ensure};

use crate::cache::{Column, ColumnCache, ColumnKey};
use crate::decode::Select;
use crate::encode::CHUNK_ROWS;
use crate::part::{Part, missing_property};
use crate::reader::Reader;
use crate::rows::{NO_AMOUNT, StrColumn, Table};
use crate::{Columns, Properties, PropertyColumn, PropertyId, PropertyKind, Result};

/// Events of whole persons, sorted by (person, time, id), exact duplicates taken out. Columns not asked
/// for are empty; all others have one entry per row. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The bucket these persons belong to.
    pub bucket: usize,
    /// Key of each person, ascending.
    pub person_keys: Arc<Vec<u64>>,
    /// First row of each person, and the number of rows at the end: `n_persons + 1` entries.
    pub person_starts: Arc<Vec<usize>>,
    /// Microseconds since the Unix epoch, UTC. Ties are ordered by event id.
    pub time_us: Arc<Vec<i64>>,
    /// Event codes.
    pub event: Arc<Vec<u16>>,
    /// Channel codes; 0 is none.
    pub channel: Arc<Vec<u16>>,
    /// Amounts.
    pub amount: Arc<Amounts>,
    /// Event ids.
    pub id: Arc<Vec<u64>>,
    /// User identifiers.
    pub user_id: Arc<StrColumn>,
    /// Anonymous identifiers.
    pub anonymous_id: Arc<StrColumn>,
    /// Sources.
    pub source: Arc<StrColumn>,
    /// Properties, in the order of [`Columns::properties`].
    pub properties: Vec<Arc<PropertyColumn>>,
}

impl Rows {
    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.time_us.len()
    }

    /// Number of persons.
    #[must_use]
    pub fn n_persons(&self) -> usize {
        self.person_keys.len()
    }

    /// Row ranges of the persons, in order.
    pub fn persons(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.person_starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// Rows of one person, empty if the person is not here. Binary search.
    #[must_use]
    pub fn rows_of(&self, person: u64) -> Range<usize> {
        match self.person_keys.binary_search(&person) {
            Ok(at) => self.person_starts[at]..self.person_starts[at + 1],
            Err(_) => 0..0,
        }
    }

    /// The key of the person a row belongs to. Binary search.
    #[must_use]
    pub fn person_of(&self, row: usize) -> u64 {
        self.person_keys[self.person_starts.partition_point(|&start| start <= row) - 1]
    }

    /// Sorted rows as they come from memory.
    pub(crate) fn from_table(table: Table) -> Self {
        let firsts = table.person_starts.iter().take(table.n_persons());
        Self {
            bucket: table.bucket,
            person_keys: Arc::new(firsts.map(|&start| table.person[start]).collect()),
            person_starts: Arc::new(table.person_starts),
            time_us: Arc::new(table.time_us),
            event: Arc::new(table.event),
            channel: Arc::new(table.channel),
            amount: Arc::new(Amounts::from_iter(table.amount)),
            id: Arc::new(table.id),
            user_id: Arc::new(table.user_id),
            anonymous_id: Arc::new(table.anonymous_id),
            source: Arc::new(table.source),
            properties: table.properties.into_iter().map(Arc::new).collect(),
        }
    }

    /// No rows.
    pub(crate) fn none(columns: &Columns, properties: &Properties) -> Self {
        let kind = |id| properties.get(id).map_or(PropertyKind::String, |property| property.kind);
        let missing = columns.properties.iter().map(|&id| Arc::new(missing_property(kind(id), 0)));
        Self { person_starts: Arc::new(vec![0]), properties: missing.collect(), ..Self::default() }
    }
}

/// Amounts of rows: only the values that are there, since few events carry one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    n_rows: usize,
    present: Vec<u64>,
    ranks: Vec<u32>,
    values: Vec<i64>,
}

impl Amounts {
    /// The amount of a row in hundredths of the workspace's currency, negative for a refund; `None` if the row has
    /// none or the column was not asked for. O(1).
    #[must_use]
    pub fn get(&self, row: usize) -> Option<i64> {
        let (word, bit) = (*self.present.get(row / 64)?, row % 64);
        let before = (word & ((1 << bit) - 1)).count_ones();
        (word >> bit & 1 == 1).then(|| self.values[(self.ranks[row / 64] + before) as usize])
    }

    /// Of all rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<i64>> + '_ {
        (0..self.n_rows).map(|row| self.get(row))
    }

    /// Whether the column was not asked for, or has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// One bit per row, the number of values before each word of bits, and the values.
    #[must_use]
    pub fn parts(&self) -> (&[u64], &[u32], &[i64]) {
        (&self.present, &self.ranks, &self.values)
    }

    /// Appends a row; [`NO_AMOUNT`] is none.
    pub(crate) fn push(&mut self, amount: i64) {
        let bit = self.n_rows % 64;
        if bit == 0 {
            self.present.push(0);
            self.ranks.push(self.values.len() as u32);
        }
        self.n_rows += 1;
        if amount != NO_AMOUNT
            && let Some(word) = self.present.last_mut()
        {
            *word |= 1 << bit;
            self.values.push(amount);
        }
    }

    /// Appends `n_rows` rows of which those at `places`, which ascend, have `values`.
    ///
    /// Errors if a place is beyond the rows, or does not ascend.
    pub(crate) fn extend_sparse(
        &mut self,
        n_rows: usize,
        places: &[u64],
        values: &[i64],
    ) -> VortexResult<()> {
        vortex_ensure!(places.len() == values.len(), "amounts and their places differ in number");
        let (start, end, n_words) = (self.n_rows, self.n_rows + n_rows, self.present.len());
        self.present.resize(end.div_ceil(64), 0);
        let mut last = None;
        for (&place, &value) in places.iter().zip(values) {
            let ascends = last.is_none_or(|last| last < place) && place < n_rows as u64;
            vortex_ensure!(ascends && value != NO_AMOUNT, "an amount stands outside of its column");
            let row = start + place as usize;
            self.present[row / 64] |= 1 << (row % 64);
            last = Some(place);
        }
        self.values.extend_from_slice(values);
        // The first new word may have begun before.
        let mut rank = match n_words {
            0 => 0,
            n_words => self.ranks[n_words - 1] + self.present[n_words - 1].count_ones(),
        };
        for word in &self.present[n_words..] {
            self.ranks.push(rank);
            rank += word.count_ones();
        }
        self.n_rows = end;
        Ok(())
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.present.len() * 12 + self.values.len() * 8
    }
}

impl FromIterator<i64> for Amounts {
    fn from_iter<I: IntoIterator<Item = i64>>(amounts: I) -> Self {
        let mut all = Self::default();
        amounts.into_iter().for_each(|amount| all.push(amount));
        all
    }
}

/// The persons of a part and where each starts.
#[derive(Clone, Debug)]
pub(crate) struct Persons {
    pub keys: Arc<Vec<u64>>,
    pub starts: Arc<Vec<usize>>,
}

impl Persons {
    pub(crate) fn size_bytes(&self) -> usize {
        (self.keys.len() + self.starts.len()) * 8
    }
}

/// Columns of a part, from memory where they are there already.
pub(crate) struct PartScan<'a> {
    part: &'a Part,
    cache: &'a ColumnCache,
    reader: Option<Reader<'a>>,
}

impl<'a> PartScan<'a> {
    pub(crate) fn new(part: &'a Part, cache: &'a ColumnCache) -> Self {
        Self { part, cache, reader: None }
    }

    fn reader(&mut self) -> Result<&Reader<'a>> {
        if self.reader.is_none() {
            self.reader = Some(Reader::open(self.part)?);
        }
        self.reader.as_ref().ok_or_else(|| self.part.corrupt("the file is not open".to_owned()))
    }

    fn column<C: Column>(
        &mut self,
        key: ColumnKey,
        decode: impl FnOnce(&Reader<'_>) -> Result<C>,
    ) -> Result<C> {
        if let Some(kept) = self.cache.get(self.part.row.id, key) {
            return Ok(kept);
        }
        let column = decode(self.reader()?)?;
        self.cache.put(self.part.row.id, key, column.clone());
        Ok(column)
    }

    pub(crate) fn persons(&mut self) -> Result<Persons> {
        self.column(ColumnKey::Persons, |reader| {
            let (keys, starts) = reader.person_runs()?.clone();
            Ok(Persons { keys: Arc::new(keys), starts: Arc::new(starts) })
        })
    }

    /// The rows of a person, if there are any.
    pub(crate) fn rows_of(&mut self, person: u64) -> Result<Option<Range<usize>>> {
        let Persons { keys, starts } = self.persons()?;
        Ok(keys.binary_search(&person).ok().map(|at| starts[at]..starts[at + 1]))
    }

    /// A column that is in memory. One of a part with a single chunk, which nobody can decode less of, is put there.
    fn at_hand<C: Column>(
        &mut self,
        key: ColumnKey,
        decode: impl FnOnce(&Reader<'_>) -> Result<C>,
    ) -> Result<Option<C>> {
        if self.part.n_rows() <= CHUNK_ROWS {
            return self.column(key, decode).map(Some);
        }
        Ok(self.cache.get(self.part.row.id, key))
    }

    /// The rows of one person: columns that are at hand from memory, of all others what the rows need.
    pub(crate) fn person(
        &mut self,
        person: u64,
        own: Range<usize>,
        columns: &Columns,
        properties: &Properties,
    ) -> Result<Table> {
        let times = self.at_hand(ColumnKey::Time, |reader| Ok(Arc::new(reader.all_times()?)))?;
        let events = self.at_hand(ColumnKey::Event, |reader| Ok(Arc::new(reader.codes("event")?)))?;
        let (mut channels, mut amounts, mut known) = (None, None, Vec::new());
        if columns.channel {
            channels = self.at_hand(ColumnKey::Channel, |reader| Ok(Arc::new(reader.codes("channel")?)))?;
        }
        if columns.amount {
            amounts = self.at_hand(ColumnKey::Amount, |reader| Ok(Arc::new(reader.amounts()?)))?;
        }
        for &id in &columns.properties {
            known.push(self.at_hand(ColumnKey::Property(id), |reader| property(reader, id, properties))?);
        }
        let unknown = columns.properties.iter().zip(&known).filter(|(_, known)| known.is_none());
        let to_read = Columns {
            channel: columns.channel && channels.is_none(),
            amount: columns.amount && amounts.is_none(),
            properties: unknown.map(|(id, _)| *id).collect(),
            ..columns.clone()
        };
        let mut table = if times.is_none() || events.is_none() || to_read != Columns::default() {
            self.reader()?.rows(&Select::Ranges(std::slice::from_ref(&own)), &to_read, properties)?
        } else {
            Table {
                bucket: self.part.row.bucket as usize,
                person: vec![person; own.len()],
                person_starts: vec![0, own.len()],
                ..Table::default()
            }
        };
        if let Some(times) = times {
            table.time_us = times[own.clone()].to_vec();
        }
        if let Some(events) = events {
            table.event = events[own.clone()].to_vec();
        }
        if let Some(channels) = channels {
            table.channel = channels[own.clone()].to_vec();
        }
        if let Some(amounts) = amounts {
            table.amount = own.clone().map(|row| amounts.get(row).unwrap_or(NO_AMOUNT)).collect();
        }
        let mut read = std::mem::take(&mut table.properties).into_iter();
        let column = |known: Option<Arc<PropertyColumn>>| match known {
            Some(known) => Some(known.cut(&own)),
            None => read.next(),
        };
        table.properties = known.into_iter().filter_map(column).collect();
        Ok(table)
    }

    fn codes(&mut self, key: ColumnKey, name: &str) -> Result<Arc<Vec<u16>>> {
        self.column(key, |reader| Ok(Arc::new(reader.codes(name)?)))
    }

    /// All rows of the part.
    pub(crate) fn rows(mut self, columns: &Columns, properties: &Properties) -> Result<Rows> {
        let persons = self.persons()?;
        let mut rows = Rows {
            bucket: self.part.row.bucket as usize,
            person_keys: persons.keys,
            person_starts: persons.starts,
            time_us: self.column(ColumnKey::Time, |reader| Ok(Arc::new(reader.all_times()?)))?,
            event: self.codes(ColumnKey::Event, "event")?,
            ..Rows::default()
        };
        if columns.channel {
            rows.channel = self.codes(ColumnKey::Channel, "channel")?;
        }
        if columns.amount {
            rows.amount = self.column(ColumnKey::Amount, |reader| Ok(Arc::new(reader.amounts()?)))?;
        }
        for &id in &columns.properties {
            let decode = |reader: &Reader<'_>| property(reader, id, properties);
            rows.properties.push(self.column(ColumnKey::Property(id), decode)?);
        }
        if columns.user_id || columns.anonymous_id || columns.source || columns.id {
            self.reader()?.identifiers(columns, properties, &mut rows)?;
        }
        Ok(rows)
    }
}

/// A property of all rows, as it is kept in memory.
fn property(reader: &Reader<'_>, id: PropertyId, properties: &Properties) -> Result<Arc<PropertyColumn>> {
    Ok(Arc::new(reader.whole_property(id, properties)?.narrowed()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn few_amounts_are_as_if_pushed(chunks in prop::collection::vec(prop::collection::vec(0..5_i64, 0..200), 0..5)) {
            let (mut pushed, mut placed) = (Amounts::default(), Amounts::default());
            for chunk in &chunks {
                let amount = |&amount: &i64| if amount < 4 { NO_AMOUNT } else { amount };
                chunk.iter().for_each(|value| pushed.push(amount(value)));
                let places: Vec<u64> = (0..).zip(chunk).filter(|(_, value)| **value == 4).map(|(at, _)| at).collect();
                placed.extend_sparse(chunk.len(), &places, &vec![4; places.len()]).unwrap();
            }
            prop_assert_eq!(&pushed, &placed);
            prop_assert!(placed.clone().extend_sparse(3, &[1, 1], &[4, 4]).is_err());
            prop_assert!(placed.clone().extend_sparse(3, &[3], &[4]).is_err());
            prop_assert!(placed.extend_sparse(3, &[0], &[]).is_err());
        }
    }
}
