//! Answers: plain documents that the UI, the CLI and the printed map read alike.

mod attribution;

pub use attribution::{
    AttributionModelView, AttributionRow, AttributionView, CrossSellView, DriverRow, DriversView, EffectRow,
    HandoverRow, HandoversView, PairRow, PathRow, SeriesLine, StayRow,
};

use crate::ask::{Ask, Scope, Select};
use crate::map::{Card, LaneKind, MapState};
use crate::metric::{Direction, Unit};
use crate::{Key, Kind, Problem, Text, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod funnel;
mod paths;
mod retention;
mod variants;

pub use funnel::{ConvertView, DifferenceView, FunnelLine, FunnelView};
pub use paths::{PathEdgeView, PathNodeView, PathsView, StepMatrixView, WholePathView};
pub use retention::{
    CohortCellView, CohortRowView, CohortsView, LifecyclePointView, LifecycleView, RetentionCellView,
    RetentionRowView, RetentionView, StickinessSpanView, StickinessView,
};
pub use variants::{ConformanceView, DeviationView, VariantRow, VariantsView};

/// A number with its doubt, its change and the way to its people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Figure {
    /// The value; absent where it cannot be told (a ratio to nothing).
    pub value: Option<f64>,
    /// How it is written.
    pub unit: Unit,
    /// Which way is good.
    pub good: Direction,
    /// People or events it rests on.
    pub n: u64,
    /// Lower end of the 95 % interval, where it is an estimate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub high: Option<f64>,
    /// The same number of the comparison.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<f64>,
    /// The value to reach.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<f64>,
    /// Its history over [`MapView::buckets`], absent values as null.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub history: Vec<Option<f64>>,
    /// Which people it counts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub people: Option<Select>,
    /// What it means: a code the UI has words for, such as `stage.entered`, or `metric` with the formula below.
    pub define: String,
}

/// What every answer says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct About {
    /// Version of the data the answer was read from.
    pub data_version: u64,
    /// The instant up to which events are known: the newest event, or now when events lie in the future.
    pub as_of_us: i64,
    /// Start of the period asked for (or of all data), microseconds.
    pub from_us: i64,
    /// End of the period, exclusive.
    pub to_us: i64,
    /// Distinct events read.
    pub n_events: u64,
    /// People read.
    pub n_people: u64,
    /// What to know before trusting it.
    pub warnings: Vec<Problem>,
}

/// A map with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MapView {
    /// Key of the map.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// Key of its journey.
    pub journey: Key,
    /// Now or planned.
    pub state: MapState,
    /// Version of the map document.
    pub version: i64,
    /// When it was last changed, microseconds.
    pub changed_us: i64,
    /// The scope as asked.
    pub scope: Scope,
    /// The scope it is compared with, resolved.
    pub compare: Option<Scope>,
    /// Currency of money figures.
    pub currency: String,
    /// Zone of days.
    pub zone: String,
    /// Personas offered, with their size.
    pub personas: Vec<Choice>,
    /// Segments offered, with their size.
    pub segments: Vec<Choice>,
    /// People in, conversion, time to convert, money lost.
    pub facts: Vec<Fact>,
    /// What changed most against the comparison, worst first.
    pub changes: Vec<Change>,
    /// The stages with their numbers.
    pub stages: Vec<StageView>,
    /// The lanes, top to bottom, under the stage heads.
    pub lanes: Vec<LaneView>,
    /// Start of each history bucket, microseconds.
    pub buckets: Vec<i64>,
    /// About the answer.
    pub about: About,
}

/// A segment or persona one may choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Choice {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// People in it, all time.
    pub n_people: u64,
}

/// A number in the head of the map. `key` is one of `people`, `conversion`, `time_to_convert`, `lost`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fact {
    /// Which.
    pub key: String,
    /// The number.
    pub figure: Figure,
}

/// A change against the comparison that is more than chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Stage the change is about.
    pub stage: Key,
    /// The next stage.
    pub next: Key,
    /// Share that moved on before.
    pub before: f64,
    /// Share that moves on now.
    pub now: f64,
    /// Two-sided p-value of the two-proportion z-test.
    pub p: f64,
}

/// A stage with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StageView {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// Whether this is the conversion stage.
    pub is_conversion: bool,
    /// What is wanted of it, by the business.
    pub business_goal: Option<Text>,
    /// And by the customer.
    pub customer_goal: Option<Text>,
    /// People who entered.
    pub entered: Figure,
    /// Of all who started.
    pub share: Figure,
    /// People who are here now.
    pub here: Figure,
    /// People who went on to a later stage by a touch, wherever they are now: what the rate is made of.
    pub moved_on: Figure,
    /// Of those who entered.
    pub moved_on_rate: Figure,
    /// People who entered a later stage and are elsewhere now. `entered = passed + here + dropped + back`.
    pub passed: Figure,
    /// People whose trip ended here; in the last stage those who finished.
    pub dropped: Figure,
    /// People who stand or ended in an earlier stage without having entered a later one.
    pub back: Figure,
    /// People who came past without entering.
    pub skipped: Figure,
    /// People who went back from here at least once.
    pub went_back: Figure,
    /// Median time from entering to moving on.
    pub median_time: Figure,
    /// 90th percentile of it.
    pub p90_time: Figure,
    /// Events at its touchpoints.
    pub touches: Figure,
    /// Money of its events.
    pub amount: Figure,
    /// Money lost here: people dropped × what a person who went further from here was worth from then on.
    pub lost: Figure,
}

/// A lane with its cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LaneView {
    /// Its key.
    pub key: Key,
    /// Its kind.
    pub kind: LaneKind,
    /// Its own title, where the team gave one.
    pub name: Option<Text>,
    /// One for each stage, in order.
    pub cells: Vec<Cell>,
}

/// A cell: what stands of a lane in a stage. Only the part that belongs to the lane's kind is filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cell {
    /// Cards of a text lane.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cards: Vec<Card>,
    /// Touchpoints, most people first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub touchpoints: Vec<TouchpointView>,
    /// Channels of the stage's events, most people first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub channels: Vec<ChannelView>,
    /// The emotion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub emotion: Option<EmotionView>,
    /// The metrics.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub metrics: Vec<MetricView>,
}

/// A touchpoint with its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TouchpointView {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// The channel it is drawn in: its own, or the one most of its events came by.
    pub channel: Option<String>,
    /// People who touched it during their trip.
    pub people: Figure,
    /// Events.
    pub n_events: u64,
}

/// A channel within a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChannelView {
    /// The channel.
    pub channel: String,
    /// People.
    pub n_people: u64,
    /// Events.
    pub n_events: u64,
}

/// What people feel in a stage, −2 … +2.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EmotionView {
    /// What the team assumes.
    pub assumed: Option<f64>,
    /// What was measured: mean, n and interval; `value` absent when nobody answered.
    pub measured: Figure,
}

/// A metric in a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MetricView {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What it means.
    pub description: Option<Text>,
    /// Its value.
    pub figure: Figure,
}

/// A group of people with its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GroupSize {
    /// `segment` or `persona`.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// People in it, all time; absent when it cannot be counted.
    pub n_people: Option<u64>,
    /// Why it cannot be counted.
    pub problems: Vec<Problem>,
}

/// A journey in the list of journeys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JourneyView {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What it covers.
    pub description: Option<Text>,
    /// Its first map, if it has one.
    pub map: Option<Key>,
    /// People in.
    pub people: Figure,
    /// Conversion.
    pub conversion: Figure,
    /// Median time to convert.
    pub time_to_convert: Figure,
    /// Where people stand.
    pub stages: Vec<StandView>,
    /// Start of each history bucket, microseconds.
    pub buckets: Vec<i64>,
    /// When its definition last changed, microseconds.
    pub changed_us: i64,
    /// What is wrong with it, if it cannot be measured.
    pub problems: Vec<Problem>,
}

/// Where people stand in one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StandView {
    /// The stage.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// People who entered.
    pub entered: u64,
    /// People here now.
    pub here: u64,
    /// People whose trip ended here.
    pub dropped: u64,
}

/// One event name of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventView {
    /// Name.
    pub name: String,
    /// Events.
    pub n_events: u64,
    /// People.
    pub n_people: u64,
    /// First seen, microseconds.
    pub first_us: i64,
    /// Last seen.
    pub last_us: i64,
    /// Channels it came by, most events first.
    pub channels: Vec<String>,
    /// Its properties, most used first.
    pub properties: Vec<PropertyView>,
    /// Events per bucket over all time, at most 24 buckets.
    pub history: Vec<u64>,
}

/// A property of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PropertyView {
    /// Key.
    pub key: String,
    /// Type.
    pub kind: crate::event::ValueKind,
    /// Events that have it.
    pub n_events: u64,
    /// Some of its values.
    pub examples: Vec<Value>,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonView {
    /// 16 hexadecimal digits.
    pub person: String,
    /// Known identifier, if any.
    pub user_id: Option<String>,
    /// Anonymous identifiers that lead to this person (at most 5 shown).
    pub anonymous_ids: Vec<String>,
    /// Events.
    pub n_events: u64,
    /// First event, microseconds.
    pub first_us: i64,
    /// Last event.
    pub last_us: i64,
    /// Sum of amounts in whole currency units.
    pub amount: f64,
    /// When they entered what was asked for, if the list is of a journey.
    pub entered_us: Option<i64>,
    /// Their latest traits.
    pub traits: BTreeMap<String, Value>,
}

/// A page of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PeopleView {
    /// All people that match.
    pub n_people: u64,
    /// The page: latest first.
    pub people: Vec<PersonView>,
    /// About the answer.
    pub about: About,
}

/// One event on a person's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimelineEvent {
    /// 16 hexadecimal digits.
    pub id: String,
    /// Event name.
    pub event: String,
    /// When, microseconds.
    pub time_us: i64,
    /// Channel.
    pub channel: Option<String>,
    /// Amount in whole currency units.
    pub amount: Option<f64>,
    /// Source it came by.
    pub source: Option<String>,
    /// Properties.
    pub properties: BTreeMap<String, Value>,
}

/// A person with the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TimelineView {
    /// Who.
    pub person: PersonView,
    /// Newest first, at most the asked number.
    pub events: Vec<TimelineEvent>,
    /// Whether older events exist.
    pub more: bool,
}

/// The answer to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// To [`Ask::Map`].
    Map(Box<MapView>),
    /// To [`Ask::Stages`].
    Stages(StagesView),
    /// To [`Ask::Funnel`].
    Funnel(FunnelView),
    /// To [`Ask::Paths`].
    Paths(PathsView),
    /// To [`Ask::Retention`].
    Retention(RetentionView),
    /// To [`Ask::Lifecycle`].
    Lifecycle(LifecycleView),
    /// To [`Ask::Stickiness`].
    Stickiness(StickinessView),
    /// To [`Ask::Cohorts`].
    Cohorts(CohortsView),
    /// To [`Ask::Variants`].
    Variants(VariantsView),
    /// To [`Ask::Conformance`].
    Conformance(ConformanceView),
    /// To [`Ask::Transitions`].
    Transitions(TransitionsView),
    /// To [`Ask::Channels`].
    Channels(ChannelsView),
    /// To [`Ask::Trend`].
    Trend(TrendView),
    /// To [`Ask::Attribution`].
    Attribution(AttributionView),
    /// To [`Ask::Handovers`].
    Handovers(HandoversView),
    /// To [`Ask::CrossSell`].
    CrossSell(CrossSellView),
    /// To [`Ask::Drivers`].
    Drivers(DriversView),
    /// To [`Ask::Metric`].
    Metric(MetricAnswer),
    /// To [`Ask::People`].
    People(PeopleView),
}

/// The stages of a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StagesView {
    /// Facts as on the map.
    pub facts: Vec<Fact>,
    /// The stages.
    pub stages: Vec<StageView>,
    /// People by (from stage, to stage) of consecutive stage entries.
    pub moves: Vec<MoveView>,
    /// About the answer.
    pub about: About,
}

/// People who went from one stage to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoveView {
    /// From.
    pub from: Key,
    /// To.
    pub to: Key,
    /// People.
    pub n_people: u64,
}

/// Which event follows which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TransitionsView {
    /// Most frequent first.
    pub rows: Vec<TransitionRow>,
    /// Transitions that are not among the rows.
    pub n_other: u64,
    /// About the answer.
    pub about: About,
}

/// One transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TransitionRow {
    /// Event.
    pub event: String,
    /// The next event.
    pub next: String,
    /// How often.
    pub count: u64,
    /// By how many people.
    pub n_people: u64,
}

/// Channels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChannelsView {
    /// Most people first.
    pub rows: Vec<ChannelRow>,
    /// About the answer.
    pub about: About,
}

/// One channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChannelRow {
    /// Channel; absent for events without one.
    pub channel: Option<String>,
    /// Events.
    pub n_events: u64,
    /// People.
    pub n_people: u64,
    /// Amount in whole currency units.
    pub amount: f64,
}

/// A trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrendView {
    /// Start of each bucket, microseconds.
    pub buckets: Vec<i64>,
    /// The lines, most events first; empty if series were asked for.
    pub lines: Vec<TrendLine>,
    /// The series and formulas asked for, each with all together before its labels.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub series: Vec<SeriesLine>,
    /// About the answer.
    pub about: About,
}

/// One line of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrendLine {
    /// What the line is of; absent: all.
    pub label: Option<String>,
    /// Events per bucket.
    pub n_events: Vec<u64>,
    /// Distinct people per bucket.
    pub n_people: Vec<u64>,
    /// Amount per bucket in whole currency units.
    pub amount: Vec<f64>,
}

/// A metric's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MetricAnswer {
    /// The metric.
    pub metric: MetricView,
    /// Start of each history bucket, microseconds.
    pub buckets: Vec<i64>,
    /// About the answer.
    pub about: About,
}

/// A question with its answer, as `gilmok ask` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Asked {
    /// The question.
    pub question: Ask,
    /// The answer.
    pub answer: Answer,
}
