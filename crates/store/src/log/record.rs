//! What the log holds: events as they came through the door, what could not be accepted, and which of that
//! was accepted later. A compact binary form, read back without copying.

use crate::PropertyValue;

/// When an event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At its own time, corrected for the sender's clock, microseconds UTC.
    At(i64),
    /// It came without a time: the time of arrival counts. The same event sent again within the last million
    /// of such events keeps the time it was given first, and so stays a duplicate.
    Arrival,
}

/// An event to append.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    /// Who, as known after login. Empty counts as missing; one of the two identifiers must be there.
    pub user_id: Option<&'a str>,
    /// Who, as known before.
    pub anonymous_id: Option<&'a str>,
    /// When.
    pub when: When,
    /// Tells events of one person at one time apart; a second one with the same id is a duplicate.
    pub id: u64,
    /// Name of the event.
    pub event: &'a str,
    /// Name of the channel; empty for none.
    pub channel: &'a str,
    /// Hundredths of the workspace's currency.
    pub amount: Option<i64>,
    /// Properties by key. Of a key that comes twice the last value counts.
    pub properties: &'a [(&'a str, PropertyValue<'a>)],
}

/// Something that came and could not be accepted.
#[derive(Clone, Copy, Debug)]
pub struct NewDeadLetter<'a> {
    /// Why, as the code of a problem.
    pub code: &'a str,
    /// What came, or its beginning.
    pub raw: &'a [u8],
    /// Whether `raw` is only the beginning.
    pub cut: bool,
}

/// What one request brought from one source, in the form it is logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub(crate) source: String,
    pub(crate) received_us: i64,
    pub(crate) n_records: u32,
    pub(crate) n_events: u32,
    pub(crate) bytes: Vec<u8>,
}

const EVENT: u8 = 1;
const DEAD_LETTER: u8 = 2;
const REPLAYED: u8 = 3;

const HAS_USER: u8 = 1;
const HAS_ANONYMOUS: u8 = 2;
const HAS_TIME: u8 = 4;
const HAS_AMOUNT: u8 = 8;

const TEXT: u8 = 0;
const NUMBER: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;

impl Batch {
    /// An empty batch of a source, come at `received_us` (microseconds UTC).
    #[must_use]
    pub fn new(source: &str, received_us: i64) -> Self {
        Self { source: source.to_owned(), received_us, ..Self::default() }
    }

    /// Adds an event.
    pub fn event(&mut self, event: &NewEvent<'_>) {
        let user = event.user_id.filter(|id| !id.is_empty());
        let anonymous = event.anonymous_id.filter(|id| !id.is_empty());
        debug_assert!(user.is_some() || anonymous.is_some(), "an event of nobody");
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let out = &mut self.bytes;
        out.push(EVENT);
        out.push(
            flag(user.is_some(), HAS_USER)
                | flag(anonymous.is_some(), HAS_ANONYMOUS)
                | flag(matches!(event.when, When::At(_)), HAS_TIME)
                | flag(event.amount.is_some(), HAS_AMOUNT),
        );
        for id in [user, anonymous].into_iter().flatten() {
            put_bytes(out, id.as_bytes());
        }
        if let When::At(time_us) = event.when {
            out.extend_from_slice(&time_us.to_le_bytes());
        }
        out.extend_from_slice(&event.id.to_le_bytes());
        put_bytes(out, event.event.as_bytes());
        put_bytes(out, event.channel.as_bytes());
        if let Some(amount) = event.amount {
            out.extend_from_slice(&amount.to_le_bytes());
        }
        put_count(out, event.properties.len() as u64);
        for (key, value) in event.properties {
            put_bytes(out, key.as_bytes());
            match value {
                PropertyValue::Str(text) => {
                    out.push(TEXT);
                    put_bytes(out, text.as_bytes());
                }
                PropertyValue::Num(number) => {
                    out.push(NUMBER);
                    out.extend_from_slice(&number.to_le_bytes());
                }
                PropertyValue::Bool(set) => out.push(if *set { TRUE } else { FALSE }),
            }
        }
        self.n_records += 1;
        self.n_events += 1;
    }

    /// Adds something that could not be accepted.
    pub fn dead_letter(&mut self, letter: &NewDeadLetter<'_>) {
        self.bytes.push(DEAD_LETTER);
        self.bytes.push(u8::from(letter.cut));
        put_bytes(&mut self.bytes, letter.code.as_bytes());
        put_bytes(&mut self.bytes, letter.raw);
        self.n_records += 1;
    }

    /// Notes that a dead letter is accepted with this batch.
    pub fn replayed(&mut self, dead_letter: u64) {
        self.bytes.push(REPLAYED);
        self.bytes.extend_from_slice(&dead_letter.to_le_bytes());
        self.n_records += 1;
    }

    /// Events in it.
    #[must_use]
    pub fn n_events(&self) -> usize {
        self.n_events as usize
    }

    /// Dead letters and marks in it, besides the events.
    #[must_use]
    pub fn n_records(&self) -> usize {
        self.n_records as usize
    }

    /// Size in the log, about.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.len() + self.source.len() + 32
    }

    /// The records in order; ends early with `None` if the bytes are not what was written.
    pub(crate) fn records(&self) -> impl Iterator<Item = Option<Record<'_>>> {
        let mut reader = Reader { left: &self.bytes };
        (0..self.n_records).map(move |_| reader.record())
    }
}

/// A logged event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoggedEvent<'a> {
    pub user_id: Option<&'a str>,
    pub anonymous_id: Option<&'a str>,
    pub time_us: Option<i64>,
    pub id: u64,
    pub event: &'a str,
    pub channel: &'a str,
    pub amount: Option<i64>,
    pub properties: Vec<(&'a str, PropertyValue<'a>)>,
}

/// One record of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record<'a> {
    Event(LoggedEvent<'a>),
    DeadLetter { code: &'a str, raw: &'a [u8], cut: bool },
    Replayed(u64),
}

/// Reads what `put_*` wrote; `None` where the bytes end too early or make no sense.
pub(crate) struct Reader<'a> {
    pub left: &'a [u8],
}

impl<'a> Reader<'a> {
    fn record(&mut self) -> Option<Record<'a>> {
        match self.byte()? {
            EVENT => self.event().map(Record::Event),
            DEAD_LETTER => {
                let cut = self.byte()? != 0;
                Some(Record::DeadLetter { code: self.text()?, raw: self.bytes()?, cut })
            }
            REPLAYED => self.word().map(Record::Replayed),
            _ => None,
        }
    }

    fn event(&mut self) -> Option<LoggedEvent<'a>> {
        let flags = self.byte()?;
        let has = |bit: u8| flags & bit != 0;
        let user_id = if has(HAS_USER) { Some(self.text()?) } else { None };
        let anonymous_id = if has(HAS_ANONYMOUS) { Some(self.text()?) } else { None };
        let time_us = if has(HAS_TIME) { Some(self.word()?.cast_signed()) } else { None };
        let id = self.word()?;
        let (event, channel) = (self.text()?, self.text()?);
        let amount = if has(HAS_AMOUNT) { Some(self.word()?.cast_signed()) } else { None };
        let n_properties = self.count()?;
        // A damaged count must not reserve memory: every property takes two bytes at least.
        let mut properties = Vec::with_capacity((n_properties as usize).min(self.left.len() / 2));
        for _ in 0..n_properties {
            let key = self.text()?;
            let value = match self.byte()? {
                TEXT => PropertyValue::Str(self.text()?),
                NUMBER => PropertyValue::Num(f64::from_bits(self.word()?)),
                FALSE => PropertyValue::Bool(false),
                TRUE => PropertyValue::Bool(true),
                _ => return None,
            };
            properties.push((key, value));
        }
        Some(LoggedEvent { user_id, anonymous_id, time_us, id, event, channel, amount, properties })
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, left) = self.left.split_first()?;
        self.left = left;
        Some(first)
    }

    pub(crate) fn word(&mut self) -> Option<u64> {
        let (word, left) = self.left.split_first_chunk::<8>()?;
        self.left = left;
        Some(u64::from_le_bytes(*word))
    }

    pub(crate) fn count(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let n_bytes = usize::try_from(self.count()?).ok()?;
        let (bytes, left) = self.left.split_at_checked(n_bytes)?;
        self.left = left;
        Some(bytes)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

pub(crate) fn put_count(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
