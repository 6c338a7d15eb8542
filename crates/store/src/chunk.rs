//! Events of an import in memory, in the order they come, until there are enough to sort and write.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use crate::rows::{Block, NO_AMOUNT, NO_CODE, StrColumn, Table};
use crate::{PropertyColumn, PropertyId, PropertyKind, ids};

/// Distinct texts and their codes. A text seen before costs one hash and one comparison.
#[derive(Default)]
pub(crate) struct Interner {
    text: String,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    table: HashTable<u32>,
}

impl Interner {
    /// The code of a text, and whether it is new.
    pub(crate) fn intern(&mut self, value: &str) -> (u32, bool) {
        let hash = xxh3_64(value.as_bytes());
        let (text, ends) = (&self.text, &self.ends);
        if let Some(&code) = self.table.find(hash, |&code| slice(text, ends, code) == value) {
            return (code, false);
        }
        let code = self.ends.len() as u32;
        self.text.push_str(value);
        self.ends.push(self.text.len());
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.table.insert_unique(hash, code, |&code| hashes[code as usize]);
        (code, true)
    }

    /// What one more text of this length takes, about.
    fn cost_bytes(value: &str) -> usize {
        // End, hash, table slot with slack, and the `String` it becomes.
        value.len() * 2 + 16 + 8 + 24
    }

    /// Number of distinct texts.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn into_values(self) -> Vec<String> {
        let (text, ends) = (&self.text, &self.ends);
        (0..ends.len() as u32).map(|code| slice(text, ends, code).to_owned()).collect()
    }

    pub(crate) fn get(&self, code: u32) -> &str {
        slice(&self.text, &self.ends, code)
    }
}

fn slice<'a>(text: &'a str, ends: &[usize], code: u32) -> &'a str {
    let code = code as usize;
    let start = if code == 0 { 0 } else { ends[code - 1] };
    &text[start..ends[code]]
}

/// A property's values so far; shorter than the chunk if the last rows lack it.
enum Column {
    Str(Interner, Vec<u32>),
    Num(Vec<f64>),
    Bool(Vec<u8>),
}

/// A value of a property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PropertyValue<'a> {
    /// A text; the property must be of kind string.
    Str(&'a str),
    /// A number; the property must be of kind number. NaN counts as missing.
    Num(f64),
    /// A flag; the property must be of kind bool.
    Bool(bool),
}

/// The numeric part of one event.
#[derive(Clone, Copy)]
pub(crate) struct Cells {
    pub user: u32,
    pub anonymous: u32,
    pub time_us: i64,
    /// `None`: that of its content.
    pub id: Option<u64>,
    pub event: u16,
    pub channel: u16,
    pub amount: Option<i64>,
    pub source: u32,
}

/// The buffer.
#[derive(Default)]
pub(crate) struct Chunk {
    pub users: Interner,
    pub anonymous: Interner,
    user: Vec<u32>,
    anonymous_code: Vec<u32>,
    time_us: Vec<i64>,
    id: Vec<Option<u64>>,
    event: Vec<u16>,
    channel: Vec<u16>,
    amount: Vec<i64>,
    sources: Interner,
    source: Vec<u32>,
    columns: Vec<Option<Column>>,
    text_bytes: usize,
}

/// Bytes of a row without properties, with its share of what sorting takes.
const ROW_BYTES: usize = 50 + 32;

impl Chunk {
    pub(crate) fn n_rows(&self) -> usize {
        self.time_us.len()
    }

    /// About what the chunk takes in memory until it is written.
    pub(crate) fn size_bytes(&self) -> usize {
        self.n_rows() * ROW_BYTES + self.text_bytes
    }

    /// The code of a user identifier, and whether it is new to the chunk.
    pub(crate) fn user(&mut self, value: &str) -> (u32, bool) {
        let (code, new) = self.users.intern(value);
        self.text_bytes += if new { Interner::cost_bytes(value) } else { 0 };
        (code, new)
    }

    /// The code of an anonymous identifier, and whether it is new to the chunk.
    pub(crate) fn anonymous(&mut self, value: &str) -> (u32, bool) {
        let (code, new) = self.anonymous.intern(value);
        self.text_bytes += if new { Interner::cost_bytes(value) } else { 0 };
        (code, new)
    }

    /// The code of a source.
    pub(crate) fn source(&mut self, value: &str) -> u32 {
        self.sources.intern(value).0
    }

    /// Adds a row; its properties follow with [`Chunk::set`].
    pub(crate) fn push(&mut self, cells: Cells) {
        self.user.push(cells.user);
        self.anonymous_code.push(cells.anonymous);
        self.time_us.push(cells.time_us);
        self.id.push(cells.id);
        self.event.push(cells.event);
        self.channel.push(cells.channel);
        self.amount.push(cells.amount.unwrap_or(NO_AMOUNT));
        self.source.push(cells.source);
    }

    /// Sets a property of the last row. Set twice, the last value counts. A value of another kind than the
    /// property's is not stored: kinds are fixed when the property is declared.
    pub(crate) fn set(&mut self, id: PropertyId, kind: PropertyKind, value: PropertyValue<'_>) {
        let row = self.n_rows() - 1;
        let index = id.0 as usize;
        if index >= self.columns.len() {
            self.columns.resize_with(index + 1, || None);
        }
        let column = self.columns[index].get_or_insert_with(|| match kind {
            PropertyKind::String => Column::Str(Interner::default(), Vec::new()),
            PropertyKind::Number => Column::Num(Vec::new()),
            PropertyKind::Bool => Column::Bool(Vec::new()),
        });
        match (column, value) {
            (Column::Str(texts, codes), PropertyValue::Str(value)) => {
                let (code, new) = texts.intern(value);
                let pad = put(codes, row, code, NO_CODE);
                self.text_bytes += pad * 4 + if new { Interner::cost_bytes(value) } else { 0 };
            }
            (Column::Num(values), PropertyValue::Num(value)) => {
                self.text_bytes += put(values, row, value, f64::NAN) * 8;
            }
            (Column::Bool(values), PropertyValue::Bool(value)) => {
                self.text_bytes += put(values, row, u8::from(value), 2);
            }
            _ => debug_assert!(false, "a property value of the wrong kind"),
        }
    }

    /// The chunk as a block in the order pushed. `person` is the key of each row.
    pub(crate) fn into_block(mut self, person: Vec<u64>) -> Block {
        let n_rows = self.n_rows();
        let mut property_ids = Vec::new();
        let mut properties = Vec::new();
        for (index, column) in self.columns.into_iter().enumerate() {
            let Some(column) = column else { continue };
            property_ids.push(PropertyId(index as u32));
            properties.push(match column {
                Column::Str(texts, mut codes) => {
                    codes.resize(n_rows, NO_CODE);
                    PropertyColumn::Str(StrColumn { codes: codes.into(), values: texts.into_values() })
                }
                Column::Num(mut values) => {
                    values.resize(n_rows, f64::NAN);
                    PropertyColumn::Num(values)
                }
                Column::Bool(mut values) => {
                    values.resize(n_rows, 2);
                    PropertyColumn::Bool(values)
                }
            });
        }
        let own_ids = std::mem::take(&mut self.id);
        let rows = Table {
            bucket: 0,
            person,
            time_us: self.time_us,
            event: self.event,
            channel: self.channel,
            amount: self.amount,
            id: Vec::new(),
            user_id: StrColumn { codes: self.user.into(), values: self.users.into_values() },
            anonymous_id: StrColumn {
                codes: self.anonymous_code.into(),
                values: self.anonymous.into_values(),
            },
            source: StrColumn { codes: self.source.into(), values: self.sources.into_values() },
            properties,
            person_starts: Vec::new(),
        };
        let mut block = Block { rows, property_ids };
        // Made together, since then there is one hash per distinct text.
        block.rows.id = if own_ids.iter().all(Option::is_some) {
            own_ids.into_iter().flatten().collect()
        } else {
            let derived = ids::of_block(&block);
            own_ids.into_iter().zip(derived).map(|(own, derived)| own.unwrap_or(derived)).collect()
        };
        block
    }

    /// The person of each row, given the keys by user code and by anonymous code.
    pub(crate) fn persons(&self, by_user: &[u64], by_anonymous: &[u64]) -> Vec<u64> {
        let codes = self.user.iter().zip(&self.anonymous_code);
        codes
            .map(|(&user, &anonymous)| match by_user.get(user as usize) {
                Some(&key) => key,
                None => by_anonymous[anonymous as usize],
            })
            .collect()
    }
}

/// Writes `value` at `row`, filling the gap before it; returns by how many entries the column grew.
fn put<T: Copy>(column: &mut Vec<T>, row: usize, value: T, filler: T) -> usize {
    let grown = (row + 1).saturating_sub(column.len());
    if column.len() <= row {
        column.resize(row, filler);
        column.push(value);
    } else {
        column[row] = value;
    }
    grown
}
