//! Which channel works at which stage.
//!
//! # Semantics
//!
//! A person *touched* channel `c` at stage `s` with the first row in the period that matches a touchpoint of the stage and
//! came by the channel. It *worked* if a conversion follows strictly later, at most `window_us` (closed) after that first
//! touch; the conversion may lie beyond the period, not beyond `as_of_us`. Who did not convert though the window is not
//! over yet is *open*. Per stage there is one more row for all channels together, with the first touch by any of them:
//! what a channel is measured against. A person who touched two channels counts in both rows: this compares, it does
//! not attribute.

use std::collections::BTreeMap;

use crate::interval::{Interval, wilson};
use crate::plan::{Period, PlanError, check_duration};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectPlan {
    stages: Vec<u64>,
    conversion: u64,
    window_us: i64,
    period: Period,
    as_of_us: i64,
}

impl EffectPlan {
    /// `stages`: mask bits of the touchpoints of each of 1 to 32 stages; `conversion`: mask bits.
    ///
    /// # Errors
    /// [`PlanError`] for a wrong number of stages, a negative window or a reversed period.
    pub fn new(
        stages: Vec<u64>,
        conversion: u64,
        window_us: i64,
        period: Period,
        as_of_us: i64,
    ) -> Result<Self, PlanError> {
        if !(1..=32).contains(&stages.len()) {
            return Err(PlanError::StageCount { got: stages.len() });
        }
        check_duration("window", Some(window_us))?;
        period.check()?;
        Ok(Self { stages, conversion, window_us, period, as_of_us })
    }
}

/// People who touched, and what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffectCounts {
    /// Touched.
    pub people: u64,
    /// Converted within the window.
    pub converted: u64,
    /// Did not, but still may.
    pub open: u64,
}

impl EffectCounts {
    /// Share that converted, with its Wilson interval; `None` of nobody.
    pub fn rate(&self) -> Option<(f64, Interval)> {
        wilson(self.converted, self.people)
            .map(|interval| (self.converted as f64 / self.people as f64, interval))
    }

    fn merge(self, other: Self) -> Self {
        Self {
            people: self.people + other.people,
            converted: self.converted + other.converted,
            open: self.open + other.open,
        }
    }
}

/// Mergeable counts by stage and channel; channel `None` = all together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EffectState {
    cells: BTreeMap<(u8, Option<u16>), EffectCounts>,
}

/// One cell of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectRow {
    /// 0-based stage.
    pub stage: u8,
    /// Channel code, 0 = touches without one; `None` = the whole stage.
    pub channel: Option<u16>,
    /// The counts.
    pub counts: EffectCounts,
    /// Rate of the cell over that of its stage; `None` if nobody of the stage converted.
    pub lift: Option<f64>,
}

/// A first touch and what came of it.
#[derive(Debug, Clone, Copy)]
struct Touch {
    stage: u8,
    channel: Option<u16>,
    /// Dense index of stage and channel.
    cell: usize,
    time_us: i64,
    converted_us: Option<i64>,
}

/// Counts whole persons. Needs mask and channel. O(rows × stages), conversions × cells touched by the person.
pub fn fold_effect(rows: Rows<'_>, plan: &EffectPlan) -> EffectState {
    let mut cells: Vec<EffectCounts> = Vec::new();
    let width = walk(&rows, plan, |_, touches| {
        for touch in touches {
            if cells.len() <= touch.cell {
                cells.resize(touch.cell + 1, EffectCounts::default());
            }
            let counts = &mut cells[touch.cell];
            counts.people += 1;
            counts.converted += u64::from(touch.converted_us.is_some());
            let ends_us = touch.time_us.saturating_add(plan.window_us);
            counts.open += u64::from(touch.converted_us.is_none() && ends_us > plan.as_of_us);
        }
    });
    let key = |cell: usize| ((cell / width) as u8, (cell % width).checked_sub(1).map(|code| code as u16));
    let counted = cells.into_iter().enumerate().filter(|(_, counts)| counts.people > 0);
    EffectState { cells: counted.map(|(cell, counts)| (key(cell), counts)).collect() }
}

impl EffectState {
    /// Joins the counts of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (cell, counts) in other.cells {
            let own = self.cells.entry(cell).or_default();
            *own = own.merge(counts);
        }
        self
    }

    /// By stage; the whole stage first, then its channels, most converting rate first, then by code.
    pub fn finish(self) -> Vec<EffectRow> {
        let rate = |counts: &EffectCounts| counts.rate().map_or(0.0, |(rate, _)| rate);
        let whole = |stage| self.cells.get(&(stage, None)).map_or(0.0, rate);
        let row = |(&(stage, channel), counts): (&(u8, Option<u16>), &EffectCounts)| {
            let (of_stage, own) = (whole(stage), rate(counts));
            EffectRow { stage, channel, counts: *counts, lift: (of_stage > 0.0).then(|| own / of_stage) }
        };
        let mut rows: Vec<EffectRow> = self.cells.iter().map(row).collect();
        rows.sort_by(|a, b| {
            let head = |row: &EffectRow| (row.stage, row.channel.is_some());
            head(a).cmp(&head(b)).then_with(|| rate(&b.counts).total_cmp(&rate(&a.counts)))
        });
        rows
    }
}

/// One person of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Person key.
    pub person: u64,
    /// First touch.
    pub touched_us: i64,
    /// First conversion within the window.
    pub converted_us: Option<i64>,
}

/// The people of a cell, or those of them who converted, in row order. Needs person besides.
pub fn select_effect(
    rows: Rows<'_>,
    plan: &EffectPlan,
    (stage, channel): (u8, Option<u16>),
    converted: bool,
) -> Vec<Touched> {
    rows.check(&[Column::Person]);
    let mut selected = Vec::new();
    walk(&rows, plan, |who, touches| {
        let own = touches.iter().find(|touch| (touch.stage, touch.channel) == (stage, channel));
        if let Some(touch) = own.filter(|touch| !converted || touch.converted_us.is_some()) {
            let (touched_us, converted_us) = (touch.time_us, touch.converted_us);
            selected.push(Touched { person: rows.persons[who], touched_us, converted_us });
        }
    });
    selected
}

/// Calls `person` with the first touches of everybody who has one; answers the number of cells of a stage: one for all
/// channels together, then one for each code.
fn walk(rows: &Rows<'_>, plan: &EffectPlan, mut person: impl FnMut(usize, &[Touch])) -> usize {
    rows.check(&[Column::Mask, Column::Channel]);
    let width = rows.channel.iter().max().map_or(1, |&largest| usize::from(largest) + 2);
    // The last person who touched each cell, plus 1.
    let mut last: Vec<u32> = vec![0; width * plan.stages.len()];
    let any_stage = plan.stages.iter().fold(0, |all, bits| all | bits);
    let mut touches: Vec<Touch> = Vec::new();
    for (who, own) in rows.persons() {
        touches.clear();
        for row in own {
            let (mask, time_us) = (rows.mask[row], rows.time_us[row]);
            if mask & (any_stage | plan.conversion) == 0 {
                continue;
            }
            if time_us > plan.as_of_us {
                break;
            }
            if mask & plan.conversion != 0 {
                for touch in touches.iter_mut().filter(|touch| touch.converted_us.is_none()) {
                    let in_window = time_us <= touch.time_us.saturating_add(plan.window_us);
                    if touch.time_us < time_us && in_window {
                        touch.converted_us = Some(time_us);
                    }
                }
            }
            if mask & any_stage == 0 || !plan.period.contains(time_us) {
                continue;
            }
            for (stage, _) in (0u8..).zip(&plan.stages).filter(|(_, bits)| mask & **bits != 0) {
                for channel in [None, Some(rows.channel[row])] {
                    let within = channel.map_or(0, |code| usize::from(code) + 1);
                    let cell = usize::from(stage) * width + within;
                    if last[cell] != who as u32 + 1 {
                        last[cell] = who as u32 + 1;
                        touches.push(Touch { stage, channel, cell, time_us, converted_us: None });
                    }
                }
            }
        }
        if !touches.is_empty() {
            person(who, &touches);
        }
    }
    width
}
