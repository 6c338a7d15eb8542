//! Answers about attribution, channels across sessions, pairs and drivers.

use super::{About, Figure};
use crate::{Key, Text, ask::AttributionModel};
use serde::{Deserialize, Serialize};

/// Attribution by each model asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttributionView {
    /// Conversions in the period.
    pub n_conversions: u64,
    /// Their amount in whole currency units.
    pub amount: f64,
    /// Distinct people who converted.
    pub n_people: u64,
    /// In the order asked.
    pub models: Vec<AttributionModelView>,
    /// Most frequent converting paths; filled if a Markov model was asked for.
    pub paths: Vec<PathRow>,
    /// About the answer.
    pub about: About,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttributionModelView {
    /// Which.
    pub model: AttributionModel,
    /// Most conversions first; conversions without a touch come last.
    pub rows: Vec<AttributionRow>,
}

/// One label under one model. All but `participation` add up to the conversions and, to the cent, to their amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AttributionRow {
    /// Channel, campaign or touchpoint; absent: no touch before the conversion.
    pub label: Option<String>,
    /// Conversions credited, with their interval; its people are those with such a conversion.
    pub conversions: Figure,
    /// Of all conversions.
    pub share: Figure,
    /// Amount credited.
    pub amount: Figure,
    /// Its cost in the period, if known.
    pub cost: Option<f64>,
    /// CPA: cost per conversion.
    pub cost_per_conversion: Figure,
    /// ROAS: amount per cost.
    pub return_on_cost: Figure,
    /// Share of conversions lost without it, of Markov models.
    pub removal_effect: Option<f64>,
}

/// One path of labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PathRow {
    /// Labels, first touch first.
    pub labels: Vec<Option<String>>,
    /// Conversions at its end.
    pub n_conversions: u64,
    /// Their amount in whole currency units.
    pub amount: f64,
    /// How often it ended without one.
    pub n_without: u64,
}

/// Channels across sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HandoversView {
    /// Which channel follows which, most frequent first.
    pub handovers: Vec<HandoverRow>,
    /// How stays in each channel end, most broken first.
    pub channels: Vec<StayRow>,
    /// What works at which stage; empty without a journey and a goal.
    pub effects: Vec<EffectRow>,
    /// About the answer.
    pub about: About,
}

/// A hand-over between two channels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HandoverRow {
    /// Channel left.
    pub from: String,
    /// Channel taken up.
    pub to: String,
    /// How often.
    pub count: u64,
    /// By how many people.
    pub n_people: u64,
}

/// Stays in a channel: `n_stays = handed_over + finished + broken + open`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StayRow {
    /// The channel.
    pub channel: String,
    /// Runs of its events.
    pub n_stays: u64,
    /// Followed by another channel.
    pub handed_over: u64,
    /// The session reached the goal.
    pub finished: u64,
    /// It did not.
    pub broken: u64,
    /// Perhaps not over yet.
    pub open: u64,
    /// Of the stays whose end is known, those that broke.
    pub break_rate: Figure,
}

/// A channel at a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EffectRow {
    /// The stage.
    pub stage: Key,
    /// Its name.
    pub name: Text,
    /// The channel, empty for events without one; absent: the whole stage.
    pub channel: Option<String>,
    /// People who touched it there.
    pub n_people: u64,
    /// Those who still may convert.
    pub open: u64,
    /// Share that converted within the time.
    pub rate: Figure,
    /// That share over the share of the whole stage.
    pub lift: Option<f64>,
}

/// Pairs of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CrossSellView {
    /// Surest lift first.
    pub rows: Vec<PairRow>,
    /// People with any item.
    pub n_people: u64,
    /// About the answer.
    pub about: About,
}

/// Who has `item`, has `other`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PairRow {
    /// The first.
    pub item: String,
    /// The second.
    pub other: String,
    /// People with both.
    pub n_people: u64,
    /// People with the first.
    pub n_item: u64,
    /// People with the second.
    pub n_other: u64,
    /// Share of all people with any item.
    pub support: f64,
    /// Share of the people with the first.
    pub confidence: Figure,
    /// Times more often than by chance.
    pub lift: Figure,
}

/// What goes together with converting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DriversView {
    /// People who converted.
    pub n_succeeded: u64,
    /// People who did not.
    pub n_failed: u64,
    /// Events that go with converting, strongest first.
    pub positive: Vec<DriverRow>,
    /// Events that go with not converting, strongest first.
    pub negative: Vec<DriverRow>,
    /// Events of too few people to tell.
    pub n_rare: usize,
    /// About the answer.
    pub about: About,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DriverRow {
    /// The event.
    pub event: String,
    /// People with it who converted.
    pub n_succeeded: u64,
    /// People with it who did not.
    pub n_failed: u64,
    /// Odds of converting with it over the odds without.
    pub odds_ratio: f64,
    /// Correlation, −1 … 1.
    pub phi: f64,
    /// Share of false finds among all with a value as low; below 0.05 is more than chance.
    pub q: f64,
}

/// A line of a trend that was asked for by series or formula.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeriesLine {
    /// Letter of the series, or the formula.
    pub key: String,
    /// Its name, where one was given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<Text>,
    /// Value of the breakdown; absent: all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// One value per bucket; null where there is none (a ratio to nothing).
    pub values: Vec<Option<f64>>,
    /// Over the whole period: people are distinct over all of it, a formula is of the totals.
    pub total: Option<f64>,
    /// The same buckets of the comparison, by their place.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub previous: Vec<Option<f64>>,
    /// The total of the comparison.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous_total: Option<f64>,
}
