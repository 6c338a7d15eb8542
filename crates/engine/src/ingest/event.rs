//! One call of the Segment spec, as it came, to one event.
//!
//! | call | event name | properties from |
//! |---|---|---|
//! | `track` | `event` | `properties` |
//! | `page`, `screen` | `page`, `screen` | `properties`, `name`, `category` |
//! | `identify` | `identify` | `traits` |
//! | `group` | `group` | `traits`, `groupId` |
//! | `alias` | `alias` | `userId` and `previousId` become one person |
//!
//! `context` becomes properties `context.…` of every event.

use super::flatten::{Flat, Group};
use super::json::{Cursor, Json, Quoted};
use super::refusal::{Refusal, Wanted};
use super::time::{self, Sent};
use super::{Defaults, EVENT_BYTES_MAX};
use crate::import::decimal::Decimal;
use model::event::IDENTIFY;
use model::limits::{IDENTIFIER_CHARS_MAX, NAME_CHARS_MAX};
use std::borrow::Cow;
use store::{NewEvent, PropertyValue, When};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The calls of the Segment spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
}

impl Call {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "track" => Self::Track,
            "identify" => Self::Identify,
            "page" => Self::Page,
            "screen" => Self::Screen,
            "group" => Self::Group,
            "alias" => Self::Alias,
            _ => return None,
        })
    }

    /// The name of its events; a `track` call brings its own.
    fn event_name(self) -> &'static str {
        match self {
            Self::Track => "",
            Self::Identify => IDENTIFY,
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Group => "group",
            Self::Alias => "alias",
        }
    }
}

/// The fields of a call that are no properties. Of a field that comes twice the last counts, as in JavaScript.
#[derive(Debug, Default)]
struct Fields<'a> {
    call: Option<Json<'a>>,
    event: Option<Json<'a>>,
    user_id: Option<Json<'a>>,
    anonymous_id: Option<Json<'a>>,
    previous_id: Option<Json<'a>>,
    message_id: Option<Json<'a>>,
    channel: Option<Json<'a>>,
    timestamp: Option<Json<'a>>,
    original_timestamp: Option<Json<'a>>,
    sent_at: Option<Json<'a>>,
    received_at: Option<Json<'a>>,
}

/// A call that was understood.
#[derive(Debug)]
pub(super) struct Event<'a> {
    user_id: Option<Cow<'a, str>>,
    anonymous_id: Option<Cow<'a, str>>,
    when: When,
    id: u64,
    name: Cow<'a, str>,
    channel: Cow<'a, str>,
    amount: Option<i64>,
    flat: Flat<'a>,
}

/// Reads one call. `defaults` says what holds for all calls of the request.
pub(super) fn read<'a>(raw: &'a [u8], defaults: &Defaults<'a>) -> Result<Event<'a>, Refusal> {
    let n_bytes = raw.len() + defaults.context.map_or(0, str::len);
    if n_bytes > EVENT_BYTES_MAX {
        return Err(Refusal::TooLarge { n_bytes });
    }
    let text = std::str::from_utf8(raw).map_err(|error| Refusal::Encoding { at: error.valid_up_to() })?;
    let mut flat = Flat::default();
    if let Some(context) = defaults.context {
        flat.object(&mut Cursor::new(context), Group::Context)?;
    }
    let fields = read_fields(text, &mut flat)?;
    let call = call(&fields)?;
    let name = name(&fields, call)?;
    let user_id = identifier(fields.user_id, "userId")?;
    let anonymous_id = match call {
        Call::Alias => Some(identifier(fields.previous_id, "previousId")?.ok_or(Refusal::NoPreviousId)?),
        _ => identifier(fields.anonymous_id, "anonymousId")?,
    };
    if user_id.is_none() && (anonymous_id.is_none() || call == Call::Alias) {
        return Err(Refusal::NoPerson);
    }
    let times = time::Times {
        timestamp: fields.timestamp,
        original_timestamp: fields.original_timestamp,
        sent_at: fields.sent_at,
        received_at: fields.received_at,
    };
    let own = time::own(&times)?;
    let sent = Sent { at: time::sent(&times).or(defaults.sent_at_us), received_us: defaults.received_us };
    let when = match time::when(own, sent)? {
        When::Arrival if defaults.is_replay => When::At(defaults.received_us),
        when => when,
    };
    let amount = amount(&mut flat)?;
    let channel = channel(&fields, &mut flat, defaults.channel)?;
    let mut event = Event { user_id, anonymous_id, when, id: 0, name, channel, amount, flat };
    event.id = match message_id(fields.message_id)? {
        Some(id) => xxh3_64(id.as_bytes()),
        None => event.content_hash(own.map(|own| own.time_us)),
    };
    Ok(event)
}

fn read_fields<'a>(text: &'a str, flat: &mut Flat<'a>) -> Result<Fields<'a>, Refusal> {
    let mut cursor = Cursor::new(text);
    if cursor.peek() != Some(b'{') {
        // Whether it is JSON at all is said first.
        cursor.value()?;
        cursor.end()?;
        return Err(Refusal::NotObject);
    }
    cursor.enter()?;
    let mut fields = Fields::default();
    let mut first = true;
    while let Some(key) = cursor.key(first)? {
        first = false;
        let key = key.text().0;
        let slot = match &*key {
            "properties" => {
                group(&mut cursor, flat, Group::Properties, "properties")?;
                continue;
            }
            "traits" => {
                group(&mut cursor, flat, Group::Traits, "traits")?;
                continue;
            }
            "context" => {
                group(&mut cursor, flat, Group::Context, "context")?;
                continue;
            }
            "name" | "category" | "groupId" => {
                flat.field(&key, cursor.value()?)?;
                continue;
            }
            "type" => &mut fields.call,
            "event" => &mut fields.event,
            "userId" => &mut fields.user_id,
            "anonymousId" => &mut fields.anonymous_id,
            "previousId" => &mut fields.previous_id,
            "messageId" => &mut fields.message_id,
            "channel" => &mut fields.channel,
            "timestamp" => &mut fields.timestamp,
            "originalTimestamp" => &mut fields.original_timestamp,
            "sentAt" => &mut fields.sent_at,
            "receivedAt" => &mut fields.received_at,
            _ => {
                cursor.value()?;
                continue;
            }
        };
        *slot = Some(cursor.value()?);
    }
    cursor.end()?;
    Ok(fields)
}

fn group<'a>(
    cursor: &mut Cursor<'a>,
    flat: &mut Flat<'a>,
    group: Group,
    field: &'static str,
) -> Result<(), Refusal> {
    if cursor.peek() == Some(b'{') {
        return flat.object(cursor, group);
    }
    match cursor.value()? {
        Json::Null => Ok(()),
        _ => Err(Refusal::FieldType { field, wanted: Wanted::Object }),
    }
}

fn call(fields: &Fields<'_>) -> Result<Call, Refusal> {
    let word = match fields.call {
        None | Some(Json::Null) => return Err(Refusal::NoType),
        Some(Json::Text(word)) => word.text().0,
        Some(_) => return Err(Refusal::FieldType { field: "type", wanted: Wanted::Text }),
    };
    Call::of(&word).ok_or_else(|| Refusal::UnknownType(shown(&word)))
}

fn name<'a>(fields: &Fields<'a>, call: Call) -> Result<Cow<'a, str>, Refusal> {
    if call != Call::Track {
        return Ok(Cow::Borrowed(call.event_name()));
    }
    match fields.event {
        None | Some(Json::Null) => Err(Refusal::NoName),
        Some(Json::Text(name)) => {
            let name = whole(name, "event")?;
            if name.is_empty() {
                return Err(Refusal::NoName);
            }
            short(name, "event")
        }
        Some(_) => Err(Refusal::FieldType { field: "event", wanted: Wanted::Text }),
    }
}

/// A text without spaces around it, in which nothing was lost.
fn whole<'a>(text: Quoted<'a>, field: &'static str) -> Result<Cow<'a, str>, Refusal> {
    match text.text() {
        (_, true) => Err(Refusal::HalfCharacter { field }),
        (Cow::Borrowed(text), _) => Ok(Cow::Borrowed(text.trim())),
        (Cow::Owned(text), _) if text.trim().len() == text.len() => Ok(Cow::Owned(text)),
        (Cow::Owned(text), _) => Ok(Cow::Owned(text.trim().to_owned())),
    }
}

fn is_longer(text: &str, n_chars: usize) -> bool {
    text.len() > n_chars && text.chars().count() > n_chars
}

fn short<'a>(name: Cow<'a, str>, field: &'static str) -> Result<Cow<'a, str>, Refusal> {
    if is_longer(&name, NAME_CHARS_MAX) { Err(Refusal::NameTooLong { field }) } else { Ok(name) }
}

/// An identifier; whole numbers are taken as they are written.
fn identifier<'a>(value: Option<Json<'a>>, field: &'static str) -> Result<Option<Cow<'a, str>>, Refusal> {
    let id = match value {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Text(text)) => whole(text, field)?,
        Some(Json::Number(number)) if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
            Cow::Borrowed(number)
        }
        Some(_) => return Err(Refusal::FieldType { field, wanted: Wanted::TextOrNumber }),
    };
    if is_longer(&id, IDENTIFIER_CHARS_MAX) {
        return Err(Refusal::IdTooLong { field });
    }
    Ok(Some(id).filter(|id| !id.is_empty()))
}

/// The id the sender gave; of any length, since only its hash is kept.
fn message_id(value: Option<Json<'_>>) -> Result<Option<Cow<'_, str>>, Refusal> {
    let field = "messageId";
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) => match text.text() {
            (_, true) => Err(Refusal::HalfCharacter { field }),
            (id, _) => Ok(Some(id).filter(|id| !id.is_empty())),
        },
        Some(Json::Number(number)) => Ok(Some(Cow::Borrowed(number))),
        Some(_) => Err(Refusal::FieldType { field, wanted: Wanted::TextOrNumber }),
    }
}

/// The amount: `properties.revenue`, else a number in `properties.total`, else one in `properties.value`.
/// The property it is taken from is not kept a second time.
fn amount(flat: &mut Flat<'_>) -> Result<Option<i64>, Refusal> {
    for (key, field) in
        [("revenue", "properties.revenue"), ("total", "properties.total"), ("value", "properties.value")]
    {
        let Some(slot) = flat.money(key) else { continue };
        let text = match flat.raw(slot) {
            Json::Number(number) => Cow::Borrowed(number),
            Json::Text(text) if key == "revenue" => text.text().0,
            _ if key == "revenue" => return Err(Refusal::Amount { found: shown(&flat.shown(slot)) }),
            _ => continue,
        };
        let Some(number) = Decimal::parse(&text) else {
            if key == "revenue" {
                return Err(Refusal::Amount { found: shown(&text) });
            }
            continue;
        };
        let hundredths = number.hundredths().ok_or(Refusal::AmountRange { field })?;
        flat.remove(slot);
        return Ok(Some(hundredths));
    }
    Ok(None)
}

/// The channel: `properties.channel`, else `context.channel`, else `channel`, else `context.campaign.medium`, else
/// that of the source. Where it is taken from the first two, the property is not kept a second time.
fn channel<'a>(fields: &Fields<'a>, flat: &mut Flat<'a>, default: &'a str) -> Result<Cow<'a, str>, Refusal> {
    let own = flat.take_text(Group::Properties, "channel").map(|text| (text, "properties.channel"));
    let own = own.or_else(|| flat.take_text(Group::Context, "channel").map(|text| (text, "context.channel")));
    let own = own.or_else(|| match fields.channel {
        Some(Json::Text(text)) if !text.text().0.trim().is_empty() => Some((text, "channel")),
        _ => None,
    });
    let own = own.or_else(|| flat.medium().map(|text| (text, "context.campaign.medium")));
    match own {
        Some((text, field)) => short(whole(text, field)?, field),
        None => Ok(Cow::Borrowed(default)),
    }
}

/// The beginning of a value for a message.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Event<'_> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its channel; empty for none.
    pub(super) fn channel(&self) -> &str {
        &self.channel
    }

    /// Its time, or `None` for the time of arrival.
    pub(super) fn time_us(&self) -> Option<i64> {
        match self.when {
            When::At(time_us) | When::Corrected(time_us) => Some(time_us),
            When::Arrival => None,
        }
    }

    /// Texts that were cut to the limit.
    pub(super) fn n_cut(&self) -> u64 {
        self.flat.n_cut
    }

    /// Hands it over in the store's form.
    pub(super) fn with<T>(&self, take: impl FnOnce(&NewEvent<'_>) -> T) -> T {
        let properties = self.flat.properties();
        take(&NewEvent {
            user_id: self.user_id.as_deref(),
            anonymous_id: self.anonymous_id.as_deref(),
            when: self.when,
            id: self.id,
            event: &self.name,
            channel: &self.channel,
            amount: self.amount,
            properties: &properties,
        })
    }

    /// The id of a call without one: the same content, in any order of keys and however it was sent, is the same call.
    fn content_hash(&self, own_us: Option<i64>) -> u64 {
        let mut hash = Xxh3::new();
        let mut text = |text: &str| {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        for part in [&self.name, &self.channel] {
            text(part);
        }
        for id in [&self.user_id, &self.anonymous_id] {
            text(id.as_deref().unwrap_or_default());
        }
        let mut properties = self.flat.properties();
        properties.sort_by_key(|property| property.0);
        for (key, value) in &properties {
            text(key);
            match value {
                PropertyValue::Str(value) => {
                    text("s");
                    text(value);
                }
                PropertyValue::Num(value) => text(&format!("n{value}")),
                PropertyValue::Bool(value) => text(if *value { "t" } else { "f" }),
            }
        }
        for number in [own_us, self.amount] {
            hash.update(&number.unwrap_or(i64::MIN).to_le_bytes());
        }
        hash.digest()
    }
}
