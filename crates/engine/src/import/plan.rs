//! A compiled mapping at work: one row becomes an event, an `identify` event, both, or a reason why not.

use super::{
    batch::{Cell, Row},
    flaw::Flaw,
    sink::{RowError, Sink},
    source::{Source, Tables},
    time::TimeReader,
    value,
};
use model::{
    event::{IDENTIFY, ValueKind},
    limits::{IDENTIFIER_CHARS_MAX, NAME_CHARS_MAX},
};
use rustc_hash::FxHashMap;
use std::fmt::Write;
use store::{EventRef, PropertyId, PropertyKind, PropertyValue};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// People whose traits are remembered at once; beyond it a trait may be told again, which changes nothing.
const SEEN_MAX: usize = 2_000_000;

/// How rows become events.
#[derive(Debug)]
pub(super) struct EventPlan {
    pub(super) user_id: Option<Source>,
    pub(super) anonymous_id: Option<Source>,
    /// Whether a row without a person becomes one of its own.
    pub(super) keep_nobody: bool,
    pub(super) time: Source,
    pub(super) time_reader: TimeReader,
    pub(super) event: NameSource,
    pub(super) channel: Option<NameSource>,
    pub(super) id: Vec<Source>,
    pub(super) amount: Option<Source>,
    pub(super) properties: Vec<PropertyPlan>,
    pub(super) traits: Vec<PropertyPlan>,
    pub(super) mapping_key: String,
    pub(super) memory: Memory,
}

/// What is remembered from row to row.
#[derive(Debug, Default)]
pub(super) struct Memory {
    id_bytes: Vec<u8>,
    nobody: String,
    identify: Option<u16>,
    /// Person → hash of the traits last told.
    seen: FxHashMap<u64, u64>,
    /// Values that were cut to the limit.
    pub(super) n_cut: u64,
}

/// What a row made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// An event, and perhaps an `identify` event beside it.
    Event { time_us: i64, identified: bool },
    /// Only an `identify` event.
    Identified { time_us: i64 },
    /// Traits that were told before.
    Unchanged,
}

/// The source of a name with the codes given out so far.
#[derive(Debug)]
pub(super) struct NameSource {
    source: Source,
    codes: FxHashMap<Box<str>, u16>,
    last: (String, u16),
}

impl NameSource {
    pub(super) fn new(source: Source) -> Self {
        Self { source, codes: FxHashMap::default(), last: (String::new(), 0) }
    }

    /// Whether every row has this name.
    pub(super) fn is_always(&self, name: &str) -> bool {
        self.source.constant() == Some(name)
    }

    /// The code of a row's name; rows tend to repeat the name before.
    fn code(
        &mut self,
        row: Row<'_>,
        tables: &Tables,
        give: impl FnOnce(&str) -> Result<u16, RowError>,
    ) -> Result<Option<u16>, RowError> {
        let Some(cell) = self.source.cell(row, tables)? else { return Ok(None) };
        let name = cell.text;
        if self.last.0 == name {
            return Ok(Some(self.last.1));
        }
        let code = match self.codes.get(name) {
            Some(code) => *code,
            None => {
                if name.chars().count() > NAME_CHARS_MAX {
                    return Err(Flaw::NameTooLong(name.chars().take(40).chain(['…']).collect()).into());
                }
                let code = give(name)?;
                self.codes.insert(name.into(), code);
                code
            }
        };
        self.last.0.clear();
        self.last.0.push_str(name);
        self.last.1 = code;
        Ok(Some(code))
    }
}

/// A property or trait of each row.
#[derive(Debug)]
pub(super) struct PropertyPlan {
    pub(super) key: String,
    pub(super) source: Source,
    /// Its type; decided by the first value when still unknown.
    pub(super) kind: Option<ValueKind>,
    /// Ids for text, number and bool, as they come up.
    pub(super) ids: [Option<PropertyId>; 3],
}

impl PropertyPlan {
    fn read<'a>(
        &'a mut self,
        row: Row<'a>,
        tables: &'a Tables,
        sink: &mut impl Sink,
        n_cut: &mut u64,
    ) -> Result<Option<(PropertyId, PropertyValue<'a>)>, RowError> {
        let Some(cell) = self.source.cell(row, tables)? else { return Ok(None) };
        let wanted = *self.kind.get_or_insert_with(|| value::kind_of(cell));
        let (kind, value, cut) = value::value(cell, wanted);
        *n_cut += u64::from(cut);
        let slot = match kind {
            PropertyKind::String => 0,
            PropertyKind::Number => 1,
            PropertyKind::Bool => 2,
        };
        let id = match self.ids[slot] {
            Some(id) => id,
            None => *self.ids[slot].insert(sink.property(&self.key, kind)?),
        };
        Ok(Some((id, value)))
    }
}

type Values<'a> = Vec<(PropertyId, PropertyValue<'a>)>;

fn read_all<'a>(
    plans: &'a mut [PropertyPlan],
    row: Row<'a>,
    tables: &'a Tables,
    sink: &mut impl Sink,
    n_cut: &mut u64,
) -> Result<Values<'a>, RowError> {
    let mut values = Vec::with_capacity(plans.len());
    for plan in plans {
        values.extend(plan.read(row, tables, sink, n_cut)?);
    }
    Ok(values)
}

impl EventPlan {
    /// Makes the events of one row and pushes them.
    pub(super) fn make(
        &mut self,
        row: Row<'_>,
        tables: &Tables,
        sink: &mut impl Sink,
    ) -> Result<Made, RowError> {
        let time_us = read_time(&mut self.time, &mut self.time_reader, row, tables)?;
        let id = read_id(&mut self.id, &self.mapping_key, &mut self.memory.id_bytes, row, tables)?;
        let user_id = identifier(self.user_id.as_mut(), row, tables)?;
        let mut anonymous_id = identifier(self.anonymous_id.as_mut(), row, tables)?;
        if user_id.is_none() && anonymous_id.is_none() {
            if !self.keep_nobody {
                return Err(Flaw::PersonMissing.into());
            }
            self.memory.nobody.clear();
            // Writing to a `String` cannot fail.
            let _ = write!(self.memory.nobody, "{}-{id:016x}", self.mapping_key);
            anonymous_id = Some(&self.memory.nobody);
        }
        let event = self.event.code(row, tables, |name| sink.event_code(name))?.ok_or(Flaw::EventMissing)?;
        let channel = match &mut self.channel {
            Some(channel) => channel.code(row, tables, |name| sink.channel_code(name))?,
            None => None,
        };
        let amount = match &mut self.amount {
            Some(amount) => read_amount(amount, row, tables)?,
            None => None,
        };
        let (identify_only, has_traits) = (self.event.is_always(IDENTIFY), !self.traits.is_empty());
        let n_cut = &mut self.memory.n_cut;
        let mut properties = read_all(&mut self.properties, row, tables, sink, n_cut)?;
        let traits = read_all(&mut self.traits, row, tables, sink, n_cut)?;
        let base = EventRef {
            user_id,
            anonymous_id,
            time_us,
            id: Some(id),
            event,
            channel: channel.unwrap_or_default(),
            amount,
            properties: &[],
        };
        let person = model::person_key(user_id, anonymous_id).ok_or(Flaw::PersonMissing)?;
        let changed = !traits.is_empty() && news(&mut self.memory.seen, person, &traits);
        if identify_only {
            if !changed && has_traits {
                return Ok(Made::Unchanged);
            }
            properties.extend(traits);
            sink.push(EventRef { properties: &properties, ..base })?;
            return Ok(Made::Identified { time_us });
        }
        sink.push(EventRef { properties: &properties, ..base })?;
        if changed {
            let event = match self.memory.identify {
                Some(code) => code,
                None => *self.memory.identify.insert(sink.event_code(IDENTIFY)?),
            };
            let id = xxh3_64_with_seed(IDENTIFY.as_bytes(), id);
            sink.push(EventRef { event, id: Some(id), amount: None, properties: &traits, ..base })?;
        }
        Ok(Made::Event { time_us, identified: changed })
    }
}

/// Whether these traits differ from those last told of the person.
fn news(seen: &mut FxHashMap<u64, u64>, person: u64, traits: &Values<'_>) -> bool {
    let hash = traits.iter().fold(0u64, |hash, (id, value)| {
        let value = match value {
            PropertyValue::Str(text) => xxh3_64(text.as_bytes()),
            PropertyValue::Num(number) => number.to_bits(),
            PropertyValue::Bool(flag) => u64::from(*flag),
        };
        xxh3_64_with_seed(&value.to_le_bytes(), hash ^ u64::from(id.0))
    });
    if seen.len() >= SEEN_MAX {
        seen.clear();
    }
    seen.insert(person, hash) != Some(hash)
}

/// A row's time.
pub(super) fn read_time(
    source: &mut Source,
    reader: &mut TimeReader,
    row: Row<'_>,
    tables: &Tables,
) -> Result<i64, Flaw> {
    match source.cell(row, tables)? {
        Some(cell) => reader.read(cell),
        None => Err(Flaw::TimeMissing(source.label.clone())),
    }
}

fn read_amount(source: &mut Source, row: Row<'_>, tables: &Tables) -> Result<Option<i64>, Flaw> {
    let Some(number) = source.number(row, tables)? else { return Ok(None) };
    let hundredths = number.hundredths();
    hundredths.map(Some).ok_or_else(|| Flaw::NumberOutOfRange { field: source.label.clone() })
}

/// The id by its columns, or by the mapping, the line and the row's content.
fn read_id(
    sources: &mut [Source],
    mapping_key: &str,
    bytes: &mut Vec<u8>,
    row: Row<'_>,
    tables: &Tables,
) -> Result<u64, Flaw> {
    let seed = xxh3_64(mapping_key.as_bytes());
    if sources.is_empty() {
        // The line leads: events of a person at one time are told in the order of their ids, so they keep the file's.
        return Ok(row.line() << 32 | xxh3_64_with_seed(row.content(), seed) >> 32);
    }
    bytes.clear();
    let mut n_present = 0;
    for source in sources.iter_mut() {
        if let Some(cell) = source.cell(row, tables)? {
            bytes.extend_from_slice(cell.text.as_bytes());
            n_present += 1;
        }
        bytes.push(0x1F);
    }
    if n_present == 0 {
        return Err(Flaw::IdMissing(sources[0].label.clone()));
    }
    Ok(xxh3_64_with_seed(bytes, seed))
}

fn identifier<'a>(
    source: Option<&'a mut Source>,
    row: Row<'a>,
    tables: &'a Tables,
) -> Result<Option<&'a str>, Flaw> {
    let Some(source) = source else { return Ok(None) };
    let Some(Cell { text, .. }) = source.cell(row, tables)? else { return Ok(None) };
    if text.len() > IDENTIFIER_CHARS_MAX && text.chars().count() > IDENTIFIER_CHARS_MAX {
        return Err(Flaw::PersonTooLong);
    }
    Ok(Some(text))
}
