//! Nested objects to properties with dotted keys.
//!
//! `{"cart": {"id": 7, "items": [1, 2]}}` becomes `cart.id` = 7 and `cart.items` = the text `[1, 2]`. Objects
//! further in than [`LEVELS`] and arrays stay JSON as texts; `null` is no value.

use super::json::{Cursor, Json, Quoted};
use super::refusal::Refusal;
use crate::import::value;
use model::limits::{NAME_CHARS_MAX, VALUE_CHARS_MAX};
use std::borrow::Cow;
use std::ops::Range;
use store::PropertyValue;

/// Objects within `properties`, `traits` or `context` whose fields become properties of their own.
const LEVELS: usize = 2;

/// What a property without a name is called.
const NAMELESS: &str = "_";

/// Where properties come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// `properties`.
    Properties,
    /// `traits`.
    Traits,
    /// `context`; its keys begin with `context.`.
    Context,
    /// Fields of the call itself.
    Call,
}

/// A key: of the text that came, or made of several.
#[derive(Debug, Clone)]
enum Key<'a> {
    Own(Cow<'a, str>),
    /// In [`Flat::made`].
    Made(Range<usize>),
}

#[derive(Debug)]
struct Slot<'a> {
    group: Group,
    level: usize,
    key: Key<'a>,
    raw: Json<'a>,
    value: Kept<'a>,
}

/// A value as it is stored.
#[derive(Debug)]
enum Kept<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    Bool(bool),
    /// It became the event's amount or channel.
    Taken,
}

/// Properties of one call, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Flat<'a> {
    slots: Vec<Slot<'a>>,
    made: String,
    /// Places of `revenue`, `total` and `value` among the properties.
    money: [Option<usize>; 3],
    medium: Option<usize>,
    /// Texts cut to [`VALUE_CHARS_MAX`].
    pub(super) n_cut: u64,
}

const MONEY: [&str; 3] = ["revenue", "total", "value"];

impl<'a> Flat<'a> {
    /// Reads an object, the cursor being before it.
    pub(super) fn object(&mut self, cursor: &mut Cursor<'a>, group: Group) -> Result<(), Refusal> {
        self.slots.reserve(16);
        let prefix = if group == Group::Context { self.made_key("context", &(0..0), ".")? } else { 0..0 };
        self.level(cursor, group, &prefix, 0)
    }

    /// Adds a field of the call itself.
    pub(super) fn field(&mut self, key: &str, value: Json<'a>) -> Result<(), Refusal> {
        let key = Key::Made(self.made_key(key, &(0..0), "")?);
        self.push(Group::Call, 0, key, value);
        Ok(())
    }

    /// One level; calls itself for the next, which is at most [`LEVELS`] deep.
    fn level(
        &mut self,
        cursor: &mut Cursor<'a>,
        group: Group,
        prefix: &Range<usize>,
        level: usize,
    ) -> Result<(), Refusal> {
        cursor.enter()?;
        let mut first = true;
        while let Some(key) = cursor.key(first)? {
            first = false;
            let (key, _) = key.text();
            if level < LEVELS && cursor.peek() == Some(b'{') {
                let inner = self.made_key(&key, prefix, ".")?;
                self.level(cursor, group, &inner, level + 1)?;
                continue;
            }
            let key = if prefix.is_empty() && !key.is_empty() {
                self.check(&key, prefix)?;
                Key::Own(key)
            } else {
                Key::Made(self.made_key(&key, prefix, "")?)
            };
            let value = cursor.value()?;
            self.push(group, level, key, value);
        }
        Ok(())
    }

    fn check(&self, key: &str, prefix: &Range<usize>) -> Result<(), Refusal> {
        let whole = || self.made[prefix.clone()].chars().chain(key.chars());
        if prefix.len() + key.len() > NAME_CHARS_MAX && whole().count() > NAME_CHARS_MAX {
            return Err(Refusal::KeyTooLong { key: whole().take(60).chain(['…']).collect() });
        }
        Ok(())
    }

    /// A key with those of the objects around it before it.
    fn made_key(&mut self, key: &str, prefix: &Range<usize>, behind: &str) -> Result<Range<usize>, Refusal> {
        let key = if key.is_empty() { NAMELESS } else { key };
        self.check(key, prefix)?;
        let from = self.made.len();
        self.made.extend_from_within(prefix.clone());
        self.made.push_str(key);
        self.made.push_str(behind);
        Ok(from..self.made.len())
    }

    fn push(&mut self, group: Group, level: usize, key: Key<'a>, raw: Json<'a>) {
        let value = match raw {
            Json::Null => return,
            Json::Bool(flag) => Kept::Bool(flag),
            Json::Number(text) => match value::number(text) {
                Some(number) => Kept::Number(number),
                None => self.text(Cow::Borrowed(text)),
            },
            Json::Text(text) => self.text(text.text().0),
            Json::Object(text) | Json::Array(text) => self.text(Cow::Borrowed(text)),
        };
        let place = self.slots.len();
        if group == Group::Properties && level == 0 {
            if let Some(which) = MONEY.iter().position(|money| self.key_text(&key) == *money) {
                self.money[which] = Some(place);
            }
        } else if group == Group::Context && level == 1 && self.key_text(&key) == "context.campaign.medium" {
            self.medium = Some(place);
        }
        self.slots.push(Slot { group, level, key, raw, value });
    }

    fn text(&mut self, text: Cow<'a, str>) -> Kept<'a> {
        if text.len() <= VALUE_CHARS_MAX {
            return Kept::Text(text);
        }
        let Some((end, _)) = text.char_indices().nth(VALUE_CHARS_MAX) else { return Kept::Text(text) };
        self.n_cut += 1;
        Kept::Text(match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        })
    }

    fn key_text<'b>(&'b self, key: &'b Key<'a>) -> &'b str {
        match key {
            Key::Own(text) => text,
            Key::Made(range) => &self.made[range.clone()],
        }
    }

    /// The place of one of the properties that may be an amount.
    pub(super) fn money(&self, key: &str) -> Option<usize> {
        let which = MONEY.iter().position(|money| *money == key)?;
        self.money[which]
    }

    /// The value at a place, as it came.
    pub(super) fn raw(&self, place: usize) -> Json<'a> {
        self.slots[place].raw
    }

    /// The value at a place, for a message.
    pub(super) fn shown(&self, place: usize) -> String {
        match &self.slots[place].value {
            Kept::Text(text) => text.to_string(),
            Kept::Number(number) => number.to_string(),
            Kept::Bool(flag) => flag.to_string(),
            Kept::Taken => String::new(),
        }
    }

    /// Takes out the value at a place.
    pub(super) fn remove(&mut self, place: usize) {
        self.slots[place].value = Kept::Taken;
    }

    /// Takes out the last text with this key right within a group, unless it is blank.
    pub(super) fn take_text(&mut self, group: Group, key: &str) -> Option<Quoted<'a>> {
        let is_it = |slot: &Slot<'a>| {
            let own = self.key_text(&slot.key);
            let own = if group == Group::Context { own.strip_prefix("context.").unwrap_or(own) } else { own };
            slot.group == group && slot.level == 0 && own == key
        };
        let place = self.slots.iter().rposition(is_it)?;
        let Json::Text(text) = self.slots[place].raw else { return None };
        if text.text().0.trim().is_empty() {
            return None;
        }
        self.remove(place);
        Some(text)
    }

    /// `context.campaign.medium`, unless it is blank.
    pub(super) fn medium(&self) -> Option<Quoted<'a>> {
        let Json::Text(text) = self.slots[self.medium?].raw else { return None };
        (!text.text().0.trim().is_empty()).then_some(text)
    }

    /// Keys and values, in the order they came. A key may come more than once; its last value counts.
    pub(super) fn properties(&self) -> Vec<(&str, PropertyValue<'_>)> {
        let mut properties = Vec::with_capacity(self.slots.len());
        for slot in &self.slots {
            let value = match &slot.value {
                Kept::Text(text) => PropertyValue::Str(text),
                Kept::Number(number) => PropertyValue::Num(*number),
                Kept::Bool(flag) => PropertyValue::Bool(*flag),
                Kept::Taken => continue,
            };
            properties.push((self.key_text(&slot.key), value));
        }
        properties
    }
}
