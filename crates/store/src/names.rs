//! Names of events and channels, and properties, with their codes.

use hashbrown::HashMap;
use meta::{NameKind, NameRow, PropertyRow};

/// Never given out: the code of an event whose name came after all codes were given out.
pub(crate) const NO_EVENT: u16 = u16::MAX;

/// All names of events and channels known to a snapshot. Codes never change and are never used again.
#[derive(Clone, Debug, Default)]
pub struct Names {
    events: Vec<String>,
    event_codes: HashMap<String, u16>,
    /// Index 0 is the empty name, which stands for no channel.
    channels: Vec<String>,
    channel_codes: HashMap<String, u16>,
}

impl Names {
    pub(crate) fn from_rows(rows: &[NameRow]) -> Self {
        let mut names = Self { channels: vec![String::new()], ..Self::default() };
        for row in rows {
            // Codes are given out densely, in order, and rows come ordered by code.
            match row.kind {
                NameKind::Event => {
                    names.event_codes.insert(row.name.clone(), row.code as u16);
                    names.events.push(row.name.clone());
                }
                NameKind::Channel => {
                    names.channel_codes.insert(row.name.clone(), row.code as u16);
                    names.channels.push(row.name.clone());
                }
            }
        }
        names
    }

    /// Code of an event name, if any stored event has it.
    #[must_use]
    pub fn event_code(&self, name: &str) -> Option<u16> {
        self.event_codes.get(name).copied()
    }

    /// Name of an event; empty for a code never given out.
    #[must_use]
    pub fn event_name(&self, code: u16) -> &str {
        self.events.get(usize::from(code)).map_or("", String::as_str)
    }

    /// Code of a channel name, if any stored event has it; the empty name is code 0.
    #[must_use]
    pub fn channel_code(&self, name: &str) -> Option<u16> {
        if name.is_empty() { Some(0) } else { self.channel_codes.get(name).copied() }
    }

    /// Name of a channel; empty for code 0 and for a code never given out.
    #[must_use]
    pub fn channel_name(&self, code: u16) -> &str {
        self.channels.get(usize::from(code)).map_or("", String::as_str)
    }

    /// All event names; the index is the code.
    #[must_use]
    pub fn events(&self) -> &[String] {
        &self.events
    }

    /// All channel names; the index is the code, index 0 is empty and means none.
    #[must_use]
    pub fn channels(&self) -> &[String] {
        &self.channels
    }

    /// Code of an event name, given out now if new; `None` past 65,535 names.
    pub(crate) fn add_event(&mut self, name: &str) -> Option<u16> {
        if let Some(code) = self.event_code(name) {
            return Some(code);
        }
        let code = u16::try_from(self.events.len()).ok().filter(|&code| code < NO_EVENT)?;
        self.events.push(name.to_owned());
        self.event_codes.insert(name.to_owned(), code);
        Some(code)
    }

    /// Code of a channel name, given out now if new; `None` past 65,535 channels.
    pub(crate) fn add_channel(&mut self, name: &str) -> Option<u16> {
        if let Some(code) = self.channel_code(name) {
            return Some(code);
        }
        let code = u16::try_from(self.channels.len()).ok()?;
        self.channels.push(name.to_owned());
        self.channel_codes.insert(name.to_owned(), code);
        Some(code)
    }

    /// Rows of the catalogue for the names given out after the first `n_events` and `n_channels`.
    pub(crate) fn rows_after(&self, n_events: usize, n_channels: usize) -> Vec<NameRow> {
        let row = |kind: NameKind| {
            move |(code, name): (usize, &String)| NameRow { kind, code: code as u32, name: name.clone() }
        };
        let events = self.events.iter().enumerate().skip(n_events).map(row(NameKind::Event));
        // Channel 0, none, has no row.
        let channels = self.channels.iter().enumerate().skip(n_channels.max(1)).map(row(NameKind::Channel));
        events.chain(channels).collect()
    }
}

/// Kind of a property's values. The same key with two kinds is two properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PropertyKind {
    /// Text.
    String,
    /// A 64-bit floating-point number; NaN counts as missing.
    Number,
    /// True or false.
    Bool,
}

impl PropertyKind {
    /// The word stored and sent: `string`, `number`, `bool`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Bool => "bool",
        }
    }

    fn parse(word: &str) -> Self {
        match word {
            "number" => Self::Number,
            "bool" => Self::Bool,
            // The schema admits three words only.
            _ => Self::String,
        }
    }
}

/// Id of a property; dense, ascending in time of first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PropertyId(pub u32);

/// A property known to a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its id.
    pub id: PropertyId,
    /// Its key, as in the data.
    pub key: String,
    /// Kind of its values.
    pub kind: PropertyKind,
}

/// All properties known to a snapshot; the index is the id.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    all: Vec<Property>,
    ids: HashMap<(String, PropertyKind), PropertyId>,
}

impl Properties {
    pub(crate) fn from_rows(rows: &[PropertyRow]) -> Self {
        let mut properties = Self::default();
        for row in rows {
            properties.insert(&row.key, PropertyKind::parse(&row.kind));
        }
        properties
    }

    fn insert(&mut self, key: &str, kind: PropertyKind) -> PropertyId {
        let id = PropertyId(self.all.len() as u32);
        self.all.push(Property { id, key: key.to_owned(), kind });
        self.ids.insert((key.to_owned(), kind), id);
        id
    }

    /// Id of a property, given out now if new.
    pub(crate) fn add(&mut self, key: &str, kind: PropertyKind) -> PropertyId {
        self.find(key, kind).unwrap_or_else(|| self.insert(key, kind))
    }

    /// Rows of the catalogue for the properties after the first `n`.
    pub(crate) fn rows_after(&self, n: usize) -> Vec<PropertyRow> {
        let row = |property: &Property| PropertyRow {
            id: property.id.0,
            key: property.key.clone(),
            kind: property.kind.as_str().to_owned(),
        };
        self.all[n..].iter().map(row).collect()
    }

    /// All properties; the index is the id.
    #[must_use]
    pub fn all(&self) -> &[Property] {
        &self.all
    }

    /// The property of this id.
    #[must_use]
    pub fn get(&self, id: PropertyId) -> Option<&Property> {
        self.all.get(id.0 as usize)
    }

    /// Id of the property with this key and kind.
    #[must_use]
    pub fn find(&self, key: &str, kind: PropertyKind) -> Option<PropertyId> {
        self.ids.get(&(key.to_owned(), kind)).copied()
    }

    /// All properties with this key, one per kind in use.
    pub fn by_key<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Property> {
        self.all.iter().filter(move |property| property.key == key)
    }
}
