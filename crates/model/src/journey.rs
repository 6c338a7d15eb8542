//! Journeys: the way customers are meant to go, as rules on what they really do.

use crate::{
    Key, Text,
    rule::{EventRule, OneOrMany},
    time::Duration,
};
use serde::{Deserialize, Serialize};

/// A journey: ordered stages with touchpoints, measured on one trip per person.
///
/// A *trip* starts at the first touchpoint of the start, and ends by time-out, exit or the end of the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// What the business and the customer want of it.
    #[serde(default, skip_serializing_if = "Goal::is_empty")]
    pub goal: Goal,
    /// Key of the segment whose people it is about; absent: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Key>,
    /// Where a trip may start.
    #[serde(default)]
    pub start: Start,
    /// Longest time from the start of a trip to a touch that still counts, closed.
    #[serde(default = "ninety_days")]
    pub window: Duration,
    /// A silence strictly longer than this ends the trip; absent: only the window does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The stage whose entry is the conversion; the last one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversion: Option<Key>,
    /// Events that end a trip, such as unsubscribing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<EventRule>,
    /// What people feel, measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emotion: Vec<EmotionSource>,
    /// The stages in their designed order.
    pub stages: Vec<Stage>,
}

fn ninety_days() -> Duration {
    Duration::days(90)
}

/// What is wanted of a journey or a stage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// By the business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<Text>,
    /// By the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Text>,
}

impl Goal {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.business.is_none() && self.customer.is_none()
    }
}

/// Where a trip may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At a touchpoint of the first stage.
    #[default]
    FirstStage,
    /// At any touchpoint that enters a stage.
    AnyStage,
}

/// A stage of a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its key, unique in the journey.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What is wanted of it.
    #[serde(default, skip_serializing_if = "Goal::is_empty")]
    pub goal: Goal,
    /// Entered by silence: no touch for this long (such as “lapsed after 60 days”). Such a stage needs no touchpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_silence: Option<Duration>,
    /// A journey that this stage opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Key>,
    /// What people touch here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touchpoints: Vec<Touchpoint>,
    /// Keys of the metrics shown in this stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kpis: Vec<Key>,
}

/// A touchpoint: a moment in which a customer meets us, told by rules on events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Touchpoint {
    /// Its key, unique in the journey.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// The channel it is drawn in; absent: the one its events come by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Which events; any of the rules.
    pub when: OneOrMany<EventRule>,
    /// Whether touching it enters the stage (true when absent).
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enters: bool,
    /// Counts only after a touch in this stage or a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Key>,
    /// Counts only this long (closed) after the last such touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

/// Where feeling is read from: a number on an event, stretched to −2 … +2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmotionSource {
    /// Which events carry it.
    pub when: EventRule,
    /// The property with the number.
    pub property: String,
    /// The number that means −2.
    pub worst: f64,
    /// The number that means +2.
    pub best: f64,
}

impl Journey {
    /// All touchpoints with the index of their stage, in order. The position is the touchpoint's bit.
    pub fn touchpoints(&self) -> impl Iterator<Item = (usize, &Touchpoint)> {
        let stages = self.stages.iter().enumerate();
        stages.flat_map(|(index, stage)| stage.touchpoints.iter().map(move |touchpoint| (index, touchpoint)))
    }

    /// The index of a stage.
    pub fn stage_index(&self, key: &Key) -> Option<usize> {
        self.stages.iter().position(|stage| stage.key == *key)
    }

    /// The index of the conversion stage.
    pub fn conversion_index(&self) -> usize {
        let named = self.conversion.as_ref().and_then(|key| self.stage_index(key));
        named.unwrap_or(self.stages.len().saturating_sub(1))
    }
}
