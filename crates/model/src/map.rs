//! Maps: what a team wrote on a journey. The numbers are measured when the map is read.

use crate::{Key, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A map of one journey: lanes of cards, and what the team assumes people feel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Its key.
    pub key: Key,
    /// Its name; the journey's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// The journey it shows.
    pub journey: Key,
    /// Now, or as it should become.
    #[serde(default)]
    pub state: MapState,
    /// Personas offered in the map's head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub personas: Vec<Key>,
    /// Segments offered in the map's head.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Key>,
    /// The feeling the team assumes in each stage, −2 … +2.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub assumed_emotion: BTreeMap<Key, f64>,
    /// The lanes from top to bottom.
    pub lanes: Vec<Lane>,
}

/// Whether a map shows today or a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MapState {
    /// As it is.
    #[default]
    Current,
    /// As it should become.
    Future,
}

/// A lane: a row of the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Its key, unique in the map.
    pub key: Key,
    /// What kind of row.
    pub kind: LaneKind,
    /// Its title; the kind's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// The cards of a text lane.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
}

/// Kinds of lanes. `touchpoints`, `emotion`, `kpi` and `volumes` fill themselves; the others hold cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// What the business wants (cards; the journey's own goal stands first).
    BusinessGoal,
    /// What the customer wants.
    CustomerGoal,
    /// What the customer does.
    Actions,
    /// Touchpoints and channels, measured.
    Touchpoints,
    /// What moves them.
    Motivations,
    /// What they ask.
    Questions,
    /// Where it hurts.
    Friction,
    /// What they think.
    Thoughts,
    /// The emotion curve, assumed and measured.
    Emotion,
    /// What they expect.
    Expectations,
    /// People and systems behind the scenes.
    Backstage,
    /// What could be better.
    Opportunities,
    /// Who looks after it.
    Owner,
    /// Metrics, measured.
    Kpi,
    /// Moved on, skipped, went back, dropped: measured.
    Volumes,
}

impl LaneKind {
    /// Whether the lane fills itself with measured numbers.
    pub fn is_measured(self) -> bool {
        matches!(self, Self::Touchpoints | Self::Emotion | Self::Kpi | Self::Volumes)
    }
}

/// A card in a text lane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Its id, unique in the map.
    pub id: Key,
    /// The stage it stands in.
    pub stage: Key,
    /// Its text.
    pub text: Text,
    /// Its colour.
    #[serde(default)]
    pub tone: Tone,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where we know it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Text>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is worth, in whole currency units: the team's estimate, shown as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// Colours of cards, by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// None.
    #[default]
    Plain,
    /// Good.
    Good,
    /// Bad.
    Bad,
    /// A question or an assumption.
    Open,
}
