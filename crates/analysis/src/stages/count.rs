//! Trips → counts that merge → the answer.

use super::plan::{StagePlan, bits_32, bits_64};
use super::walk::{Outcome, Trip, Walker};
use crate::interval::{Mean, Moments};
use crate::plan::bucket_of;
use crate::rows::{Column, Rows};
use crate::spread::{Durations, Spread};

/// How many people, and how often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Distinct people.
    pub people: u64,
    /// Events.
    pub events: u64,
}

/// Started and converted people of one bucket of start times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrendRow {
    /// People whose counted trip starts in the bucket.
    pub started: u64,
    /// Those of them who converted, whenever they did.
    pub converted: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct StageCounts {
    entered: u64,
    started_here: u64,
    moved_on: u64,
    here: u64,
    ended: u64,
    back: u64,
    went_further: u64,
    fell_silent: u64,
    skipped: u64,
    went_back: u64,
    touches: u64,
    amount: i128,
    people_with_amount: u64,
    amount_after: i128,
    /// By channel code.
    channels: Vec<Reach>,
    score: Moments,
    time_in_stage: Durations,
    time_to_go_further: Durations,
}

/// Mergeable counts of a stage flow: exact integers, the empty state is neutral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageState {
    people: u64,
    converted: u64,
    open_window: u64,
    stages: Vec<StageCounts>,
    touchpoints: Vec<Reach>,
    /// `from * n_stages + to`.
    transitions: Vec<u64>,
    trend: Vec<TrendRow>,
    time_to_convert: Durations,
    holds_us: i64,
}

/// What [`StageState::finish`] says. Times are microseconds, amounts hundredths of the currency.
#[derive(Debug, Clone, PartialEq)]
pub struct StageAnswer {
    /// People with a counted trip.
    pub people: u64,
    /// Those who entered the conversion stage.
    pub converted: u64,
    /// Not converted, the trip still open, and start + window later than `as_of`: they may yet
    /// convert, so the conversion of recent starters is not final.
    pub open_window: u64,
    /// From start to conversion.
    pub time_to_convert: Option<Spread>,
    /// In the order of the journey.
    pub stages: Vec<StageRow>,
    /// In the order of the plan.
    pub touchpoints: Vec<Reach>,
    /// `transitions[from][to]`: people who entered `to` next after `from`, `from != to`.
    pub transitions: Vec<Vec<u64>>,
    /// One row per bucket.
    pub trend: Vec<TrendRow>,
}

/// One stage of the answer; counts are distinct people unless said otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRow {
    /// Entered the stage.
    pub entered: u64,
    /// Whose trip began in this stage.
    pub started_here: u64,
    /// Entered a later stage afterwards and stand or ended elsewhere.
    pub moved_on: u64,
    /// Stand here at `as_of`.
    pub here: u64,
    /// Ended here; always 0 in the last stage.
    pub dropped: u64,
    /// Ended here, in the last stage; 0 elsewhere.
    pub finished: u64,
    /// Stand or ended in an earlier stage without having entered a later one.
    pub back: u64,
    /// Ever entered a later stage by a touch after this one: the numerator of the stage's conversion.
    pub went_further: u64,
    /// Those of `moved_on` whose later stages were all entered by silence.
    pub fell_silent: u64,
    /// Entered a later stage by a touch without having entered this one before. Always 0 for a stage
    /// of silence. Not part of `entered`.
    pub skipped: u64,
    /// Having entered this stage, entered an earlier one afterwards.
    pub went_back: u64,
    /// Touches (events) that belong to the stage, entering or not.
    pub touches: u64,
    /// Sum of the amounts of those touches.
    pub amount: i128,
    /// People with at least one amount among those touches.
    pub people_with_amount: u64,
    /// Sum of the amounts of all touches from the one on by which people went further.
    pub amount_after: i128,
    /// `amount_after / went_further`: what a person who goes further is worth from then on.
    pub amount_after_per_person: Option<f64>,
    /// Channels of the stage's touches that occur, by code.
    pub channels: Vec<ChannelCount>,
    /// First entry of this stage to first entry of any later one, silence included.
    pub time_in_stage: Option<Spread>,
    /// First entry of this stage to first entry of any later one by a touch; `n` is `went_further`.
    pub time_to_go_further: Option<Spread>,
    /// Mean score in thousandths with its 95 % Student-t interval.
    pub score: Option<Mean>,
}

/// One channel within a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelCount {
    /// Channel code, 0 = none.
    pub channel: u16,
    /// People and events.
    pub reach: Reach,
}

/// Counts the trips of whole persons.
///
/// * Needs mask; counts channels and amounts if their columns are there. Rows of no touchpoint and no
///   exit may be left out.
/// * Cost: one pass, O(rows), no allocation per person but the growth of the kept durations.
pub fn fold(rows: Rows<'_>, plan: &StagePlan) -> StageState {
    fold_with_scores(rows, &[], plan)
}

/// [`fold`] that also averages scores by stage.
///
/// `scores` is parallel to the rows: thousandths of the −2…+2 scale, [`crate::NO_SCORE`] where absent. A
/// score on a touch counts for the touch's stage, any other one during the trip for the stage the
/// person is in. Rows with a score must not be left out.
pub fn fold_with_scores(rows: Rows<'_>, scores: &[i32], plan: &StagePlan) -> StageState {
    rows.check(&[Column::Mask]);
    assert!(scores.is_empty() || scores.len() == rows.n_rows(), "one score per row");
    let mut state = StageState::empty(plan);
    let mut stamps = vec![Vec::new(); plan.n_stages()];
    let mut walker = Walker::new(plan);
    for (who, own) in rows.persons() {
        if let Some(trip) = walker.walk(&rows, scores, own) {
            state.add_trip(trip, plan);
            state.add_touches(trip, &rows, who as u32 + 1, &mut stamps);
        }
        if let Some(changes_us) = walker.changes_us() {
            state.holds_us = state.holds_us.min(changes_us.saturating_sub(plan.rules.as_of_us));
        }
    }
    state
}

impl Trip {
    /// Not converted, open, and its window outlasts `as_of`.
    pub(super) fn is_censored(&self, plan: &StagePlan) -> bool {
        let rules = &plan.rules;
        let unconverted = self.first_entry_us(rules.conversion_stage).is_none();
        unconverted && self.end.is_none() && self.start_us.saturating_add(rules.window_us) > rules.as_of_us
    }
}

impl StageState {
    /// The state of nobody; neutral in [`StageState::merge`].
    pub fn empty(plan: &StagePlan) -> Self {
        let n_stages = plan.n_stages();
        Self {
            people: 0,
            converted: 0,
            open_window: 0,
            stages: vec![StageCounts::default(); n_stages],
            touchpoints: vec![Reach::default(); plan.n_touchpoints()],
            transitions: vec![0; n_stages * n_stages],
            trend: vec![TrendRow::default(); plan.rules.bounds_us.len().saturating_sub(1)],
            time_to_convert: Durations::default(),
            holds_us: i64::MAX,
        }
    }

    fn add_trip(&mut self, trip: &Trip, plan: &StagePlan) {
        self.people += 1;
        self.open_window += u64::from(trip.is_censored(plan));
        let converted_us = trip.first_entry_us(plan.rules.conversion_stage);
        if let Some(time_us) = converted_us {
            self.converted += 1;
            self.time_to_convert.push(time_us - trip.start_us);
        }
        if let Some(bucket) = bucket_of(&plan.rules.bounds_us, trip.start_us) {
            self.trend[bucket].started += 1;
            self.trend[bucket].converted += u64::from(converted_us.is_some());
        }
        self.stages[usize::from(trip.entries[0].stage)].started_here += 1;
        for k in bits_32(trip.entered) {
            let (counts, stage) = (&mut self.stages[k], k as u8);
            counts.entered += 1;
            match trip.outcome(stage).expect("the stage was entered") {
                Outcome::Here => counts.here += 1,
                Outcome::Dropped => counts.ended += 1,
                Outcome::MovedOn => counts.moved_on += 1,
                Outcome::Back => counts.back += 1,
            }
            counts.fell_silent += u64::from(trip.fell_silent(stage));
            if let Some(time_us) = trip.time_to_go_further_us(stage) {
                counts.went_further += 1;
                counts.time_to_go_further.push(time_us);
            }
            // Without silences both times are the same; keeping one halves the memory.
            if !plan.silences.is_empty() {
                counts.time_in_stage.extend(trip.time_in_stage_us(stage));
            }
        }
        for k in bits_32(trip.skipped) {
            self.stages[k].skipped += 1;
        }
        for k in bits_32(trip.went_back) {
            self.stages[k].went_back += 1;
        }
        self.add_transitions(trip);
        for &(stage, score) in &trip.scores {
            self.stages[usize::from(stage)].score.push(score);
        }
    }

    /// Each pair of stages once per person.
    fn add_transitions(&mut self, trip: &Trip) {
        let n_stages = self.stages.len();
        let mut seen = [0u32; 32];
        for hop in trip.entries.windows(2) {
            let (from, to) = (usize::from(hop[0].stage), usize::from(hop[1].stage));
            if from != to && seen[from] >> to & 1 == 0 {
                seen[from] |= 1 << to;
                self.transitions[from * n_stages + to] += 1;
            }
        }
    }

    /// `stamp` is unique per person; `stamps[stage][channel]` remembers the last one counted there.
    fn add_touches(&mut self, trip: &Trip, rows: &Rows<'_>, stamp: u32, stamps: &mut [Vec<u32>]) {
        let (mut touched, mut with_amount) = (0u64, 0u32);
        for touch in &trip.touches {
            let stage = usize::from(touch.stage);
            self.stages[stage].touches += 1;
            touched |= touch.touchpoints;
            for i in bits_64(touch.touchpoints) {
                self.touchpoints[i].events += 1;
            }
            if let Some(&channel) = rows.channel.get(touch.row) {
                let channel = usize::from(channel);
                let (channels, stamps) = (&mut self.stages[stage].channels, &mut stamps[stage]);
                if channels.len() <= channel {
                    channels.resize(channel + 1, Reach::default());
                    stamps.resize(channel + 1, 0);
                }
                channels[channel].events += 1;
                channels[channel].people += u64::from(stamps[channel] != stamp);
                stamps[channel] = stamp;
            }
            if let Some(amount) = rows.amount_at(touch.row) {
                self.stages[stage].amount += i128::from(amount);
                with_amount |= 1 << stage;
                for k in bits_32(touch.gone_further) {
                    self.stages[k].amount_after += i128::from(amount);
                }
            }
        }
        for i in bits_64(touched) {
            self.touchpoints[i].people += 1;
        }
        for k in bits_32(with_amount) {
            self.stages[k].people_with_amount += 1;
        }
    }

    /// Joins the counts of two disjoint sets of persons. Panics if the plans' shapes differ.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        assert_eq!(self.stages.len(), other.stages.len(), "states of one plan");
        assert_eq!(self.touchpoints.len(), other.touchpoints.len(), "states of one plan");
        assert_eq!(self.trend.len(), other.trend.len(), "states of one plan");
        Self {
            people: self.people + other.people,
            converted: self.converted + other.converted,
            open_window: self.open_window + other.open_window,
            stages: zip_with(self.stages, other.stages, StageCounts::merge),
            touchpoints: zip_with(self.touchpoints, other.touchpoints, Reach::merge),
            transitions: zip_with(self.transitions, other.transitions, |a, b| a + b),
            trend: zip_with(self.trend, other.trend, |a, b| TrendRow {
                started: a.started + b.started,
                converted: a.converted + b.converted,
            }),
            time_to_convert: self.time_to_convert.merge(other.time_to_convert),
            holds_us: self.holds_us.min(other.holds_us),
        }
    }

    /// How long the counts are right if no row comes: at any `as_of` less than this after the plan's a fold gives the same.
    /// At least 1.
    pub fn holds_us(&self) -> i64 {
        self.holds_us
    }

    /// About what the state takes in memory.
    pub fn size_bytes(&self) -> usize {
        let stage = |counts: &StageCounts| {
            let n_durations = counts.time_in_stage.len() + counts.time_to_go_further.len();
            size_of::<StageCounts>()
                + counts.channels.len() * size_of::<Reach>()
                + n_durations * size_of::<i64>()
        };
        self.stages.iter().map(stage).sum::<usize>()
            + self.touchpoints.len() * size_of::<Reach>()
            + self.transitions.len() * size_of::<u64>()
            + self.trend.len() * size_of::<TrendRow>()
            + self.time_to_convert.len() * size_of::<i64>()
    }

    /// The answer: percentiles, means and names for the counts. O(people).
    pub fn finish(self, plan: &StagePlan) -> StageAnswer {
        let n_stages = plan.n_stages();
        let has_silences = !plan.silences.is_empty();
        let rows = self.stages.into_iter().enumerate();
        StageAnswer {
            people: self.people,
            converted: self.converted,
            open_window: self.open_window,
            time_to_convert: self.time_to_convert.spread(),
            stages: rows.map(|(k, counts)| counts.finish(k + 1 == n_stages, has_silences)).collect(),
            touchpoints: self.touchpoints,
            transitions: self.transitions.chunks(n_stages).map(<[u64]>::to_vec).collect(),
            trend: self.trend,
        }
    }
}

impl StageCounts {
    fn merge(self, other: Self) -> Self {
        Self {
            entered: self.entered + other.entered,
            started_here: self.started_here + other.started_here,
            moved_on: self.moved_on + other.moved_on,
            here: self.here + other.here,
            ended: self.ended + other.ended,
            back: self.back + other.back,
            went_further: self.went_further + other.went_further,
            fell_silent: self.fell_silent + other.fell_silent,
            skipped: self.skipped + other.skipped,
            went_back: self.went_back + other.went_back,
            touches: self.touches + other.touches,
            amount: self.amount + other.amount,
            people_with_amount: self.people_with_amount + other.people_with_amount,
            amount_after: self.amount_after + other.amount_after,
            channels: merge_channels(self.channels, other.channels),
            score: self.score.merge(other.score),
            time_in_stage: self.time_in_stage.merge(other.time_in_stage),
            time_to_go_further: self.time_to_go_further.merge(other.time_to_go_further),
        }
    }

    fn finish(self, is_last: bool, has_silences: bool) -> StageRow {
        let time_to_go_further = self.time_to_go_further.spread();
        let per_person = self.amount_after as f64 / self.went_further as f64;
        let by_code = (0u16..=u16::MAX).zip(self.channels);
        StageRow {
            entered: self.entered,
            started_here: self.started_here,
            moved_on: self.moved_on,
            here: self.here,
            dropped: if is_last { 0 } else { self.ended },
            finished: if is_last { self.ended } else { 0 },
            back: self.back,
            went_further: self.went_further,
            fell_silent: self.fell_silent,
            skipped: self.skipped,
            went_back: self.went_back,
            touches: self.touches,
            amount: self.amount,
            people_with_amount: self.people_with_amount,
            amount_after: self.amount_after,
            amount_after_per_person: (self.went_further > 0).then_some(per_person),
            channels: by_code
                .filter(|(_, reach)| reach.events > 0)
                .map(|(channel, reach)| ChannelCount { channel, reach })
                .collect(),
            time_in_stage: if has_silences { self.time_in_stage.spread() } else { time_to_go_further },
            time_to_go_further,
            score: self.score.mean(),
        }
    }
}

impl Reach {
    pub(crate) fn merge(self, other: Self) -> Self {
        Self { people: self.people + other.people, events: self.events + other.events }
    }
}

fn merge_channels(mut longer: Vec<Reach>, mut shorter: Vec<Reach>) -> Vec<Reach> {
    if longer.len() < shorter.len() {
        std::mem::swap(&mut longer, &mut shorter);
    }
    for (into, from) in longer.iter_mut().zip(shorter) {
        *into = into.merge(from);
    }
    longer
}

fn zip_with<T>(a: Vec<T>, b: Vec<T>, join: impl Fn(T, T) -> T) -> Vec<T> {
    a.into_iter().zip(b).map(|(a, b)| join(a, b)).collect()
}
