//! Channel mix, and hand-overs between channels.
//!
//! # Semantics
//!
//! The mix counts every row in the period, channel 0 (none) too. A *hand-over* is two rows of a person
//! with different channels, both not 0, with no other row that has a channel between them; rows
//! without a channel are passed over. Either within sessions ([`fold`]: both rows in the period, at most
//! `gap_us` apart, closed), or within trips ([`fold_trips`]: both are touches of the counted trip).

mod breaks;
mod effect;

use rustc_hash::FxHashMap;

use crate::plan::{Period, PlanError, check_duration};
use crate::rows::{Column, Rows};
use crate::stages::{Reach, StagePlan, Walker};

pub use breaks::{BreakPlan, BreakState, End, Selected, StayCounts, fold_breaks, select_breaks};
pub use effect::{EffectCounts, EffectPlan, EffectRow, EffectState, Touched, fold_effect, select_effect};

/// A valid plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelPlan {
    gap_us: i64,
    period: Period,
    include: Option<u64>,
}

impl ChannelPlan {
    /// `include`: only rows with one of these mask bits; `None` = every row, the mask is not read.
    ///
    /// # Errors
    /// [`PlanError`] for a negative gap or a reversed period.
    pub fn new(gap_us: i64, period: Period, include: Option<u64>) -> Result<Self, PlanError> {
        check_duration("gap", Some(gap_us))?;
        period.check()?;
        Ok(Self { gap_us, period, include })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ChannelCounts {
    reach: Reach,
    amount: i128,
    people_with_amount: u64,
}

/// Mergeable counts per channel and pair of channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelState {
    channels: FxHashMap<u16, ChannelCounts>,
    handovers: FxHashMap<(u16, u16), Reach>,
}

/// One channel of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelRow {
    /// Channel code, 0 = none.
    pub channel: u16,
    /// People and events.
    pub reach: Reach,
    /// Sum of amounts, hundredths of the currency.
    pub amount: i128,
    /// People with at least one amount there.
    pub people_with_amount: u64,
}

/// One hand-over of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handover {
    /// Channel left.
    pub from: u16,
    /// Channel taken up.
    pub to: u16,
    /// How often, and for how many people.
    pub reach: Reach,
}

/// The answer: channels by events, hand-overs by events, most first, then by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelAnswer {
    /// Channels that occur.
    pub channels: Vec<ChannelRow>,
    /// Hand-overs that occur.
    pub handovers: Vec<Handover>,
}

/// Counts while one person after the other goes by; stamps make people distinct.
#[derive(Default)]
struct Counter {
    channels: FxHashMap<u16, (ChannelCounts, Stamp, Stamp)>,
    handovers: FxHashMap<(u16, u16), (Reach, Stamp)>,
    who: usize,
    previous: Option<(u16, i64)>,
}

#[derive(Default)]
struct Stamp(Option<usize>);

impl Stamp {
    /// Whether `who` comes here for the first time.
    fn is_new(&mut self, who: usize) -> bool {
        self.0.replace(who) != Some(who)
    }
}

impl Counter {
    fn next_person(&mut self, who: usize) {
        (self.who, self.previous) = (who, None);
    }

    fn add(&mut self, rows: &Rows<'_>, row: usize, gap_us: i64) {
        let (channel, time_us) = (rows.channel[row], rows.time_us[row]);
        let (counts, seen, paid) = self.channels.entry(channel).or_default();
        counts.reach.events += 1;
        counts.reach.people += u64::from(seen.is_new(self.who));
        if let Some(amount) = rows.amount_at(row) {
            counts.amount += i128::from(amount);
            counts.people_with_amount += u64::from(paid.is_new(self.who));
        }
        if channel == 0 {
            return;
        }
        let Some((from, from_us)) = self.previous.replace((channel, time_us)) else { return };
        if from != channel && time_us <= from_us.saturating_add(gap_us) {
            let (reach, seen) = self.handovers.entry((from, channel)).or_default();
            reach.events += 1;
            reach.people += u64::from(seen.is_new(self.who));
        }
    }

    fn into_state(self) -> ChannelState {
        ChannelState {
            channels: self.channels.into_iter().map(|(code, (counts, ..))| (code, counts)).collect(),
            handovers: self.handovers.into_iter().map(|(pair, (reach, _))| (pair, reach)).collect(),
        }
    }
}

/// Mix and hand-overs of all rows of whole persons.
///
/// Needs channel, and mask if the plan includes by mask; sums amounts if the column is there. O(rows).
pub fn fold(rows: Rows<'_>, plan: &ChannelPlan) -> ChannelState {
    rows.check(if plan.include.is_some() { &[Column::Channel, Column::Mask] } else { &[Column::Channel] });
    let mut counter = Counter::default();
    for (who, own) in rows.persons() {
        counter.next_person(who);
        for row in own {
            let included = plan.include.is_none_or(|bits| rows.mask[row] & bits != 0);
            if included && plan.period.contains(rows.time_us[row]) {
                counter.add(&rows, row, plan.gap_us);
            }
        }
    }
    counter.into_state()
}

/// Mix and hand-overs of the touches of the counted trips of a journey. Needs mask and channel.
pub fn fold_trips(rows: Rows<'_>, plan: &StagePlan) -> ChannelState {
    rows.check(&[Column::Channel, Column::Mask]);
    let mut counter = Counter::default();
    let mut walker = Walker::new(plan);
    for (who, own) in rows.persons() {
        counter.next_person(who);
        let Some(trip) = walker.walk(&rows, &[], own) else { continue };
        for touch in &trip.touches {
            counter.add(&rows, touch.row, i64::MAX);
        }
    }
    counter.into_state()
}

impl ChannelState {
    /// About how much memory it takes.
    pub fn size_bytes(&self) -> usize {
        self.channels.len() * size_of::<(u16, ChannelCounts)>()
            + self.handovers.len() * size_of::<((u16, u16), Reach)>()
    }

    /// Joins the counts of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (channel, counts) in other.channels {
            let own = self.channels.entry(channel).or_default();
            own.reach = own.reach.merge(counts.reach);
            own.amount += counts.amount;
            own.people_with_amount += counts.people_with_amount;
        }
        for (pair, reach) in other.handovers {
            let own = self.handovers.entry(pair).or_default();
            *own = own.merge(reach);
        }
        self
    }

    /// The answer, sorted.
    pub fn finish(self) -> ChannelAnswer {
        let mut channels: Vec<_> = self
            .channels
            .into_iter()
            .map(|(channel, c)| ChannelRow {
                channel,
                reach: c.reach,
                amount: c.amount,
                people_with_amount: c.people_with_amount,
            })
            .collect();
        channels.sort_unstable_by_key(|row| (std::cmp::Reverse(row.reach.events), row.channel));
        let pairs = self.handovers.into_iter();
        let mut handovers: Vec<_> = pairs.map(|((from, to), reach)| Handover { from, to, reach }).collect();
        handovers.sort_unstable_by_key(|h| (std::cmp::Reverse(h.reach.events), h.from, h.to));
        ChannelAnswer { channels, handovers }
    }
}

#[cfg(test)]
mod tests;
