//! Where journeys across channels break.
//!
//! # Semantics
//!
//! A *stay* is a run of rows of one channel of a person in the period, each at most `gap_us` (closed) after the one
//! before; rows without a channel are passed over. A stay ends in exactly one way:
//!
//! * *handed over*: the next row with a channel comes by another one, within the gap;
//! * otherwise the session ends with it: *finished* if the session held a goal row (of any channel or none, within the
//!   gap of the row before it), *broken* if not;
//! * *open*: the gap reaches beyond the data or the period, so that nobody knows yet (a goal makes it finished all the same).
//!
//! `stays = handed over + finished + broken + open` for every channel, and the stays handed over from a channel are its
//! hand-overs in [`super::fold`] with the same plan.

use std::collections::BTreeMap;

use super::ChannelPlan;
use crate::interval::{Interval, wilson};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakPlan {
    channels: ChannelPlan,
    /// Mask bits of the goal; 0 = none.
    goal: u64,
    /// First instant nobody knows of.
    horizon_us: i64,
}

impl BreakPlan {
    /// The gap, period and rows of `channels`; `goal` are mask bits; rows later than `as_of_us` are not known.
    /// Always valid, as the plan of the channels is.
    pub fn new(channels: ChannelPlan, goal: u64, as_of_us: i64) -> Self {
        let horizon_us = as_of_us.saturating_add(1).min(channels.period.to_us);
        Self { channels, goal, horizon_us }
    }
}

/// How a stay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// By a row of another channel.
    HandedOver {
        /// That channel.
        to: u16,
    },
    /// With a session that reached the goal.
    Finished,
    /// With a session that did not.
    Broken,
    /// Not known yet.
    Open,
}

/// Stays of one channel by their end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StayCounts {
    /// Handed over to another channel.
    pub handed_over: u64,
    /// Ended with the goal reached in the session.
    pub finished: u64,
    /// Ended without.
    pub broken: u64,
    /// Perhaps not over.
    pub open: u64,
    /// Distinct people with a broken stay.
    pub people_broken: u64,
}

impl StayCounts {
    /// All stays.
    pub fn stays(&self) -> u64 {
        self.handed_over + self.finished + self.broken + self.open
    }

    /// Share of the stays whose end is known that broke, with its Wilson interval; `None` without any.
    pub fn break_rate(&self) -> Option<(f64, Interval)> {
        let known = self.stays() - self.open;
        wilson(self.broken, known).map(|interval| (self.broken as f64 / known as f64, interval))
    }

    fn merge(self, other: Self) -> Self {
        Self {
            handed_over: self.handed_over + other.handed_over,
            finished: self.finished + other.finished,
            broken: self.broken + other.broken,
            open: self.open + other.open,
            people_broken: self.people_broken + other.people_broken,
        }
    }
}

/// Mergeable counts by channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BreakState {
    by_channel: BTreeMap<u16, StayCounts>,
}

/// Counts the stays of whole persons. Needs channel, and mask if the plan includes by mask or has a goal. O(rows).
pub fn fold_breaks(rows: Rows<'_>, plan: &BreakPlan) -> BreakState {
    let mut counts: Vec<(StayCounts, u32)> = Vec::new();
    walk(&rows, plan, |who, channel, end, _| {
        let at = usize::from(channel);
        if counts.len() <= at {
            counts.resize(at + 1, Default::default());
        }
        let (own, last) = &mut counts[at];
        match end {
            End::HandedOver { .. } => own.handed_over += 1,
            End::Finished => own.finished += 1,
            End::Open => own.open += 1,
            End::Broken => {
                own.broken += 1;
                own.people_broken += u64::from(*last != who as u32 + 1);
                *last = who as u32 + 1;
            }
        }
    });
    let counted = counts.into_iter().enumerate().filter(|(_, (own, _))| own.stays() > 0);
    BreakState { by_channel: counted.map(|(channel, (own, _))| (channel as u16, own)).collect() }
}

impl BreakState {
    /// Joins the counts of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (channel, counts) in other.by_channel {
            let own = self.by_channel.entry(channel).or_default();
            *own = own.merge(counts);
        }
        self
    }

    /// Channels with stays, most broken first, then by code.
    pub fn finish(self) -> Vec<(u16, StayCounts)> {
        let mut all: Vec<_> = self.by_channel.into_iter().collect();
        all.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.broken));
        all
    }
}

/// One person with a stay that ended as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Last row of the first such stay.
    pub first_us: i64,
    /// Of the last one.
    pub last_us: i64,
    /// How many.
    pub stays: u64,
}

/// The people with a stay in `channel` that ended in one of these ways, in row order. Needs person besides.
pub fn select_breaks(
    rows: Rows<'_>,
    plan: &BreakPlan,
    channel: u16,
    wanted: impl Fn(End) -> bool,
) -> Vec<Selected> {
    rows.check(&[Column::Person]);
    let mut selected: Vec<Selected> = Vec::new();
    walk(&rows, plan, |who, own, ended, time_us| {
        if own != channel || !wanted(ended) {
            return;
        }
        let person = rows.persons[who];
        match selected.last_mut().filter(|last| last.person == person) {
            Some(last) => (last.last_us, last.stays) = (time_us, last.stays + 1),
            None => selected.push(Selected { person, first_us: time_us, last_us: time_us, stays: 1 }),
        }
    });
    selected
}

/// The stay a person is in.
struct Stay {
    channel: u16,
    last_us: i64,
    /// Whether the session reached the goal.
    finished: bool,
}

/// Calls `ended(person, channel, how, time of its last row)` with every stay.
fn walk(rows: &Rows<'_>, plan: &BreakPlan, mut ended: impl FnMut(usize, u16, End, i64)) {
    let ChannelPlan { gap_us, period, include } = plan.channels;
    let needs_mask = include.is_some() || plan.goal != 0;
    rows.check(if needs_mask { &[Column::Channel, Column::Mask] } else { &[Column::Channel] });
    let finish = |finished: bool| if finished { End::Finished } else { End::Broken };
    for (who, own) in rows.persons() {
        let mut stay: Option<Stay> = None;
        for row in own {
            let (channel, time_us) = (rows.channel[row], rows.time_us[row]);
            if !period.contains(time_us) || time_us >= plan.horizon_us {
                continue;
            }
            let mask = if needs_mask { rows.mask[row] } else { 0 };
            let is_goal = mask & plan.goal != 0;
            let is_touch = channel != 0 && include.is_none_or(|bits| mask & bits != 0);
            let in_reach = stay.as_ref().is_some_and(|stay| time_us <= stay.last_us.saturating_add(gap_us));
            if let Some(stay) = stay.as_mut().filter(|_| in_reach && is_goal) {
                stay.finished = true;
            }
            if !is_touch {
                continue;
            }
            let mut finished = is_goal;
            if let Some(before) = stay.take() {
                if !in_reach {
                    ended(who, before.channel, finish(before.finished), before.last_us);
                } else {
                    finished = before.finished;
                    if before.channel != channel {
                        ended(who, before.channel, End::HandedOver { to: channel }, before.last_us);
                    }
                }
            }
            stay = Some(Stay { channel, last_us: time_us, finished });
        }
        if let Some(stay) = stay {
            let is_open = stay.last_us.saturating_add(gap_us) >= plan.horizon_us;
            let end = if is_open && !stay.finished { End::Open } else { finish(stay.finished) };
            ended(who, stay.channel, end, stay.last_us);
        }
    }
}
