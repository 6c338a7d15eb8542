//! The people behind a number of the stage flow.

use super::plan::StagePlan;
use super::walk::{Outcome, Trip, Walker, has};
use crate::rows::{Column, Rows};

/// Whom to select. For each variant the number of people selected equals the number that
/// [`super::fold`] counts for the same rows and plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Everybody with a counted trip: `people`.
    Started,
    /// `entered` of a stage.
    Entered(u8),
    /// `moved_on` of a stage.
    MovedOn(u8),
    /// `here` of a stage.
    Here(u8),
    /// `dropped` of a stage, `finished` of the last.
    Dropped(u8),
    /// `back` of a stage.
    Back(u8),
    /// `went_further` of a stage.
    WentFurther(u8),
    /// `fell_silent` of a stage.
    FellSilent(u8),
    /// `skipped` of a stage.
    Skipped(u8),
    /// `went_back` of a stage.
    WentBack(u8),
    /// `people` of a touchpoint.
    Touched(u8),
    /// `transitions` from one stage to another.
    Transition(u8, u8),
    /// `converted`.
    Converted,
    /// `people - converted`.
    NotConverted,
    /// `open_window`.
    OpenWindow,
    /// `people` of a channel in a stage.
    Channel {
        /// Stage the touch belongs to.
        stage: u8,
        /// Channel code.
        channel: u16,
    },
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Start of the trip.
    pub start_us: i64,
    /// The moment that made the selector true: first entry into the stage named (for `Skipped` into a
    /// later one), first such touch, the conversion; otherwise the start.
    pub entry_us: i64,
    /// Last touch of the trip.
    pub last_touch_us: i64,
}

/// The people of one number, in row order.
///
/// Needs person and mask, and the channel for [`Selector::Channel`]. Cost as the fold's.
pub fn select(rows: Rows<'_>, plan: &StagePlan, selector: Selector) -> Vec<Selected> {
    rows.check(&[Column::Person, Column::Mask]);
    if matches!(selector, Selector::Channel { .. }) {
        rows.check(&[Column::Channel]);
    }
    let mut walker = Walker::new(plan);
    let mut selected = Vec::new();
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        let Some(trip) = walker.walk(&rows, &[], own) else { continue };
        if let Some(entry_us) = moment(trip, &rows, plan, selector) {
            let (start_us, last_touch_us) = (trip.start_us, trip.last_touch_us());
            selected.push(Selected { person, start_us, entry_us, last_touch_us });
        }
    }
    selected
}

/// When the trip made the selector true; `None` if it never did.
fn moment(trip: &Trip, rows: &Rows<'_>, plan: &StagePlan, selector: Selector) -> Option<i64> {
    let of = |stage: u8, outcome: Outcome| {
        let entered_us = trip.first_entry_us(stage);
        entered_us.filter(|_| trip.outcome(stage) == Some(outcome))
    };
    let conversion_us = trip.first_entry_us(plan.rules.conversion_stage);
    match selector {
        Selector::Started => Some(trip.start_us),
        Selector::Entered(k) => trip.first_entry_us(k),
        Selector::MovedOn(k) => of(k, Outcome::MovedOn),
        Selector::Here(k) => of(k, Outcome::Here),
        Selector::Dropped(k) => of(k, Outcome::Dropped),
        Selector::Back(k) => of(k, Outcome::Back),
        Selector::WentFurther(k) => trip.first_entry_us(k).filter(|_| has(trip.went_further, k)),
        Selector::FellSilent(k) => trip.first_entry_us(k).filter(|_| trip.fell_silent(k)),
        Selector::Skipped(k) if has(trip.skipped, k) => {
            trip.entries.iter().find(|entry| entry.by_touch && entry.stage > k).map(|entry| entry.time_us)
        }
        Selector::Skipped(_) => None,
        Selector::WentBack(k) => trip.first_entry_us(k).filter(|_| has(trip.went_back, k)),
        Selector::Touched(i) if i < 64 => {
            trip.touches.iter().find(|touch| touch.touchpoints >> i & 1 == 1).map(|touch| touch.time_us)
        }
        Selector::Touched(_) => None,
        Selector::Transition(from, to) => {
            let mut hops = trip.entries.windows(2);
            let hop = hops.find(|hop| from != to && (hop[0].stage, hop[1].stage) == (from, to));
            hop.map(|hop| hop[1].time_us)
        }
        Selector::Converted => conversion_us,
        Selector::NotConverted => conversion_us.is_none().then_some(trip.start_us),
        Selector::OpenWindow => trip.is_censored(plan).then_some(trip.start_us),
        Selector::Channel { stage, channel } => {
            let mut touches = trip.touches.iter();
            let touch = touches.find(|t| t.stage == stage && rows.channel[t.row] == channel);
            touch.map(|touch| touch.time_us)
        }
    }
}
