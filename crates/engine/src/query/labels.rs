//! What events are told apart by: their channel, their name or a property, as one narrow code each.

use super::answers::text_of;
use super::compile::Compiler;
use super::kept::Counts;
use super::matched::Matched;
use super::scope::{Ground, Resolved};
use crate::{Engine, EngineError};
use analysis::pick;
use model::ask::TouchLabel;
use model::rule::EventRule;
use std::collections::HashMap;
use store::{Cancel, Names, PropertyColumn, Rows};

/// Distinct values of a property that are told apart; rarer ones are one honest “other”.
const VALUES_MAX: usize = 1_000;

/// Text of the values beyond [`VALUES_MAX`].
const OTHER: &str = "(other)";

/// Codes for the labels of one question, the same in every bucket.
pub(crate) struct Labels {
    kind: Kind,
    /// Texts that belong to no event but have to have a code, such as the channel of a cost.
    extra: Vec<String>,
}

enum Kind {
    Channel,
    Event,
    Property { slots: Vec<usize>, texts: Vec<String>, codes: HashMap<String, u16> },
}

impl Engine {
    /// Reads what labels need before the fold. A property's values are looked for in the rows that match `events`: the most
    /// frequent of all buckets get codes, so that codes mean the same everywhere.
    pub(crate) async fn labels(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        (by, events): (&TouchLabel, &[EventRule]),
        cancel: &Cancel,
    ) -> Result<Labels, EngineError> {
        let kind = match by {
            TouchLabel::Channel => {
                compiler.columns.channel = true;
                Kind::Channel
            }
            TouchLabel::Event => Kind::Event,
            TouchLabel::Property(key) if key == "channel" => {
                compiler.columns.channel = true;
                Kind::Channel
            }
            TouchLabel::Property(key) => {
                let slots = compiler.property(key);
                if slots.is_empty() {
                    compiler.unknown_properties.insert(key.clone());
                }
                let (reading, wanted) = (slots.clone(), compiler.rules(&[events]));
                let fold = move |rows: &Rows| values(rows, &Matched::new(&[&wanted], rows), &reading);
                let columns = compiler.columns.clone();
                let key = self.fold_key(("values", &(by, events)), ground, main);
                let buckets = self.fold_again(key, ground, columns, cancel, fold).await?;
                let all = buckets.into_iter().fold(Counts::default(), Counts::merge);
                let mut texts = all.most_frequent(VALUES_MAX);
                texts.sort_unstable();
                let codes = texts.iter().cloned().zip(0u16..).collect();
                Kind::Property { slots, texts, codes }
            }
        };
        Ok(Labels { kind, extra: Vec::new() })
    }
}

/// Values of a property among the matched rows with how often each occurs.
fn values(rows: &Rows, matched: &Matched, slots: &[usize]) -> Counts {
    let mut counts = Counts::default();
    let mut by_code: HashMap<(usize, u32), u64> = HashMap::new();
    for row in matched.rows.iter().map(|row| *row as usize) {
        let Some(slot) = slots.iter().find(|slot| rows.properties[**slot].has(row)) else { continue };
        match &*rows.properties[*slot] {
            // Texts are counted by code first: they are many, their distinct values few.
            PropertyColumn::Str(texts) => *by_code.entry((*slot, texts.codes.get(row))).or_default() += 1,
            column => {
                if let Some(text) = text_of(column, row) {
                    counts.add(&text, 1);
                }
            }
        }
    }
    for ((slot, code), n) in by_code {
        if let PropertyColumn::Str(texts) = &*rows.properties[slot]
            && let Some(text) = texts.values.get(code as usize)
        {
            counts.add(text, n);
        }
    }
    counts
}

impl Labels {
    /// One code for each of the rows `at`.
    pub fn codes(&self, rows: &Rows, at: &[u32]) -> Vec<u16> {
        match &self.kind {
            Kind::Channel => pick::codes(&rows.channel, at),
            Kind::Event => pick::codes(&rows.event, at),
            Kind::Property { slots, texts, codes } => {
                let (other, missing) = (texts.len() as u16, texts.len() as u16 + 1);
                // Each distinct text of the bucket is looked up once.
                let known: Vec<Vec<u16>> = slots
                    .iter()
                    .map(|slot| match &*rows.properties[*slot] {
                        PropertyColumn::Str(column) => {
                            let code = |text: &String| codes.get(text).copied().unwrap_or(other);
                            column.values.iter().map(code).collect()
                        }
                        _ => Vec::new(),
                    })
                    .collect();
                let code = |row: usize| {
                    let Some(which) = slots.iter().position(|slot| rows.properties[*slot].has(row)) else {
                        return missing;
                    };
                    match &*rows.properties[slots[which]] {
                        PropertyColumn::Str(column) => known[which][column.codes.get(row) as usize],
                        column => {
                            text_of(column, row).and_then(|text| codes.get(&text).copied()).unwrap_or(other)
                        }
                    }
                };
                at.iter().map(|row| code(*row as usize)).collect()
            }
        }
    }

    /// The values that have codes, where these follow from all of the data.
    pub fn texts(&self) -> &[String] {
        match &self.kind {
            Kind::Property { texts, .. } => texts,
            Kind::Channel | Kind::Event => &[],
        }
    }

    /// The text of a code; empty for events without a channel or property.
    pub fn text<'a>(&'a self, code: u16, names: &'a Names) -> &'a str {
        let own = self.n_own(names);
        match (&self.kind, usize::from(code)) {
            (_, at) if at >= own => self.extra.get(at - own).map_or("", String::as_str),
            (Kind::Channel, _) => names.channel_name(code),
            (Kind::Event, _) => names.event_name(code),
            (Kind::Property { texts, .. }, at) if at < texts.len() => &texts[at],
            (Kind::Property { texts, .. }, at) if at == texts.len() => OTHER,
            (Kind::Property { .. }, _) => "",
        }
    }

    /// The code of a text; `None` of a text no event has.
    pub fn code(&self, text: &str, names: &Names) -> Option<u16> {
        let own = self.n_own(names);
        let known = match &self.kind {
            Kind::Channel if text.is_empty() => Some(0),
            Kind::Channel => names.channel_code(text),
            Kind::Event => names.event_code(text),
            Kind::Property { texts, .. } if text.is_empty() => Some(texts.len() as u16 + 1),
            Kind::Property { texts, .. } if text == OTHER => Some(texts.len() as u16),
            Kind::Property { codes, .. } => codes.get(text).copied(),
        };
        known.or_else(|| self.extra.iter().position(|extra| extra == text).map(|at| (own + at) as u16))
    }

    /// The code of a text, a new one if no event has it. `None` when there are no more codes.
    pub fn code_or_new(&mut self, text: &str, names: &Names) -> Option<u16> {
        if let Some(code) = self.code(text, names) {
            return Some(code);
        }
        let code = u16::try_from(self.n_own(names) + self.extra.len()).ok()?;
        self.extra.push(text.to_owned());
        Some(code)
    }

    fn n_own(&self, names: &Names) -> usize {
        match &self.kind {
            Kind::Channel => names.channels().len().max(1),
            Kind::Event => names.events().len(),
            Kind::Property { texts, .. } => texts.len() + 2,
        }
    }
}
