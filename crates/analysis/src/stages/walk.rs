//! One person's rows → the trip that counts. Counting and selecting both read this, nothing else.

use std::ops::Range;

use super::plan::{StagePlan, bits_32, bits_64};
use crate::rows::{Column, NO_SCORE, Rows};

/// What became of a person in a stage they entered. See the module's semantics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Stands in the stage now.
    Here,
    /// The trip ended in this stage; in the last stage: finished.
    Dropped,
    /// Entered a later stage, and stands or ended elsewhere.
    MovedOn,
    /// Stands or ended in an earlier stage without having entered a later one.
    Back,
}

/// Why a trip ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// By an exit row.
    Exit,
    /// By a gap longer than the time-out.
    Timeout,
    /// By the end of the window.
    Window,
}

/// One entry into a stage. Entering the stage one is in already is an entry too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// 0-based stage.
    pub stage: u8,
    /// When.
    pub time_us: i64,
    /// By a touch, or else by silence.
    pub by_touch: bool,
}

/// One touch of the trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// Index of the row.
    pub row: usize,
    /// When.
    pub time_us: i64,
    /// The one stage it belongs to.
    pub stage: u8,
    /// The touchpoints it matches, condition included.
    pub touchpoints: u64,
    /// Stages from which the person has gone further by a touch, this one included.
    pub(super) gone_further: u32,
}

/// The counted trip of one person.
#[derive(Debug, Clone, Default)]
pub struct Trip {
    /// Time of the first touch.
    pub start_us: i64,
    /// Never empty, in time order.
    pub entries: Vec<Entry>,
    /// Never empty, in row order.
    pub touches: Vec<Touch>,
    /// `None` while the trip is open at `as_of`.
    pub end: Option<End>,
    /// Scores given during the trip, thousandths, with the stage each belongs to.
    pub scores: Vec<(u8, i32)>,
    /// Bit `k`: stage `k` was entered.
    pub entered: u32,
    /// Bit `k`: a later stage was entered after `k` was first entered.
    pub reached_later: u32,
    /// Bit `k`: likewise, by a touch.
    pub went_further: u32,
    /// Bit `k`: a later stage was entered by a touch while `k` had not been entered.
    pub skipped: u32,
    /// Bit `k`: an earlier stage was entered after `k` was first entered.
    pub went_back: u32,
    first_entry_us: [i64; 32],
    left_us: [i64; 32],
    left_by_touch_us: [i64; 32],
}

impl Trip {
    /// The stage last entered.
    pub fn position(&self) -> u8 {
        self.entries.last().expect("a trip starts with an entry").stage
    }

    /// Time of the last touch.
    pub fn last_touch_us(&self) -> i64 {
        self.touches.last().expect("a trip starts with a touch").time_us
    }

    /// First entry into a stage.
    pub fn first_entry_us(&self, stage: u8) -> Option<i64> {
        has(self.entered, stage).then(|| self.first_entry_us[usize::from(stage)])
    }

    /// From the first entry into a stage to the first entry into any later one.
    pub fn time_in_stage_us(&self, stage: u8) -> Option<i64> {
        let k = usize::from(stage);
        has(self.reached_later, stage).then(|| self.left_us[k] - self.first_entry_us[k])
    }

    /// From the first entry into a stage to the first entry into any later one by a touch.
    pub fn time_to_go_further_us(&self, stage: u8) -> Option<i64> {
        let k = usize::from(stage);
        has(self.went_further, stage).then(|| self.left_by_touch_us[k] - self.first_entry_us[k])
    }

    /// What became of the person in a stage; `None` if it was never entered.
    pub fn outcome(&self, stage: u8) -> Option<Outcome> {
        if !has(self.entered, stage) {
            None
        } else if self.position() == stage {
            Some(if self.end.is_none() { Outcome::Here } else { Outcome::Dropped })
        } else if has(self.reached_later, stage) {
            Some(Outcome::MovedOn)
        } else {
            Some(Outcome::Back)
        }
    }

    /// Moved on, but only ever by silence.
    pub fn fell_silent(&self, stage: u8) -> bool {
        self.outcome(stage) == Some(Outcome::MovedOn) && !has(self.went_further, stage)
    }

    fn enter(&mut self, entry: Entry, silence_stages: u32) {
        let bit = 1u32 << entry.stage;
        let (below, above) = (bit - 1, !(bit - 1) & !bit);
        let left = self.entered & below;
        for k in bits_32(left & !self.reached_later) {
            self.left_us[k] = entry.time_us;
        }
        self.reached_later |= left;
        if entry.by_touch {
            for k in bits_32(left & !self.went_further) {
                self.left_by_touch_us[k] = entry.time_us;
            }
            self.went_further |= left;
            // Nobody skips a silence.
            self.skipped |= below & !self.entered & !silence_stages;
        }
        self.went_back |= self.entered & above;
        if self.entered & bit == 0 {
            self.first_entry_us[usize::from(entry.stage)] = entry.time_us;
            self.entered |= bit;
        }
        self.entries.push(entry);
    }

    fn clear(&mut self, start_us: i64) {
        self.start_us = start_us;
        self.entries.clear();
        self.touches.clear();
        self.scores.clear();
        self.end = None;
        (self.entered, self.reached_later, self.went_further) = (0, 0, 0);
        (self.skipped, self.went_back) = (0, 0);
    }
}

/// Whether the stage's bit is set; false for stages that cannot exist.
pub(super) fn has(bits: u32, stage: u8) -> bool {
    stage < 32 && bits >> stage & 1 == 1
}

/// The counted trip of the person whose rows are `own`; `None` if none starts in the period.
///
/// Needs the mask column. Panics on columns that do not fit. O(rows of the person).
pub fn walk(rows: Rows<'_>, own: Range<usize>, plan: &StagePlan) -> Option<Trip> {
    rows.check(&[Column::Mask]);
    let mut walker = Walker::new(plan);
    walker.walk(&rows, &[], own)?;
    Some(walker.trip)
}

/// [`walk`] for many persons: its buffers live on, so that a person costs no allocation.
#[derive(Debug)]
pub struct Walker<'p> {
    plan: &'p StagePlan,
    trip: Trip,
    open: bool,
    /// The open trip starts in the period.
    counted: bool,
    window_end_us: i64,
    last_touch_us: i64,
    /// Silences entered since the last touch.
    n_silences: usize,
    /// Bit `a`: some row of the trip entered stage `a` or a later one.
    reached: u32,
    /// Time of the last such row.
    last_at_or_after_us: [i64; 32],
    /// When, no row having come, the person may be counted otherwise: an `as_of` later than the plan's.
    changes_us: i64,
}

impl<'p> Walker<'p> {
    /// A walker for one plan.
    pub fn new(plan: &'p StagePlan) -> Self {
        Self {
            plan,
            trip: Trip::default(),
            open: false,
            counted: false,
            window_end_us: 0,
            last_touch_us: 0,
            n_silences: 0,
            reached: 0,
            last_at_or_after_us: [0; 32],
            changes_us: i64::MAX,
        }
    }

    /// The first `as_of` after the plan's at which the person walked last may be counted otherwise though no row came; `None`
    /// if there is none.
    pub fn changes_us(&self) -> Option<i64> {
        Some(self.changes_us).filter(|changes_us| *changes_us < i64::MAX)
    }

    /// The counted trip of the person whose rows are `own`, until the next call. Needs the mask column;
    /// `scores` is empty or parallel to the rows.
    pub fn walk(&mut self, rows: &Rows<'_>, scores: &[i32], own: Range<usize>) -> Option<&Trip> {
        let rules = &self.plan.rules;
        let wanted = self.plan.touch_bits | rules.exits;
        self.open = false;
        self.changes_us = i64::MAX;
        for row in own {
            let (time_us, mask) = (rows.time_us[row], rows.mask[row]);
            let score = scores.get(row).copied().filter(|&score| score != NO_SCORE);
            if mask & wanted == 0 && (score.is_none() || !self.open) {
                continue;
            }
            if time_us > rules.as_of_us {
                self.changes_us = time_us;
                break;
            }
            if self.open && self.is_over(time_us) {
                if self.counted {
                    break;
                }
                self.open = false;
            }
            let exits = mask & rules.exits != 0;
            if !self.open {
                // A later trip starts even later.
                if time_us >= rules.period.to_us {
                    return None;
                }
                if !exits && mask & self.plan.start_bits != 0 {
                    self.start(row, time_us, mask, score);
                }
                continue;
            }
            self.step(row, time_us, mask, score);
            if exits {
                self.open = false;
                if self.counted {
                    self.trip.end = Some(End::Exit);
                    return Some(&self.trip);
                }
            }
        }
        if !self.open || !self.counted {
            return None;
        }
        self.close();
        Some(&self.trip)
    }

    fn is_over(&self, time_us: i64) -> bool {
        time_us > self.window_end_us || time_us > self.last_touch_us.saturating_add(self.plan.timeout_us)
    }

    fn start(&mut self, row: usize, time_us: i64, mask: u64, score: Option<i32>) {
        let rules = &self.plan.rules;
        self.open = true;
        self.counted = rules.period.contains(time_us);
        self.window_end_us = time_us.saturating_add(rules.window_us);
        self.reached = 0;
        self.trip.clear(time_us);
        let touchpoints = mask & self.plan.touch_bits & !self.plan.conditional_bits;
        self.touch(row, time_us, touchpoints, score);
    }

    /// One row inside the open trip: touch, exit, or only a score.
    fn step(&mut self, row: usize, time_us: i64, mask: u64, score: Option<i32>) {
        let exits = mask & self.plan.rules.exits != 0;
        let touchpoints = if exits { 0 } else { self.matching(mask & self.plan.touch_bits, time_us) };
        if touchpoints == 0 && !exits && score.is_none() {
            return;
        }
        self.enter_silences(time_us);
        if touchpoints != 0 {
            self.touch(row, time_us, touchpoints, score);
        } else if let Some(score) = score {
            self.trip.scores.push((self.trip.position(), score));
        }
    }

    /// Those of the touchpoints whose condition holds now.
    fn matching(&self, touchpoints: u64, time_us: i64) -> u64 {
        let mut holding = touchpoints;
        for i in bits_64(touchpoints & self.plan.conditional_bits) {
            let touchpoint = &self.plan.rules.touchpoints[i];
            let after = touchpoint.after.unwrap_or(0);
            let within_us = touchpoint.within_us.unwrap_or(i64::MAX);
            let last_us = self.last_at_or_after_us[usize::from(after)];
            if !has(self.reached, after) || time_us > last_us.saturating_add(within_us) {
                holding &= !(1 << i);
            }
        }
        holding
    }

    fn touch(&mut self, row: usize, time_us: i64, touchpoints: u64, score: Option<i32>) {
        let (stage, enters) = self.plan.stage_of(touchpoints);
        if enters {
            self.trip.enter(Entry { stage, time_us, by_touch: true }, self.plan.silence_stages);
            if self.plan.conditional_bits != 0 {
                let n_reached = usize::from(stage) + 1;
                self.last_at_or_after_us[..n_reached].fill(time_us);
                self.reached |= u32::MAX >> (32 - n_reached);
            }
        }
        let gone_further = self.trip.went_further;
        self.trip.touches.push(Touch { row, time_us, stage, touchpoints, gone_further });
        if let Some(score) = score {
            self.trip.scores.push((stage, score));
        }
        self.last_touch_us = time_us;
        self.n_silences = 0;
    }

    /// Enters the silence stages that fell due strictly before `now_us`.
    fn enter_silences(&mut self, now_us: i64) {
        while let Some(&(silence_us, stage)) = self.plan.silences.get(self.n_silences) {
            let due_us = self.last_touch_us.saturating_add(silence_us);
            if now_us <= due_us || due_us > self.window_end_us || silence_us > self.plan.timeout_us {
                break;
            }
            self.trip.enter(Entry { stage, time_us: due_us, by_touch: false }, self.plan.silence_stages);
            self.n_silences += 1;
        }
    }

    /// Ends the rows: what time alone did until `as_of`. Had a row found the trip over, the same
    /// limits passed before `as_of`, so this is right for it too.
    fn close(&mut self) {
        let as_of_us = self.plan.rules.as_of_us;
        self.enter_silences(as_of_us);
        if self.is_over(as_of_us) {
            let timeout_end_us = self.last_touch_us.saturating_add(self.plan.timeout_us);
            let timed_out = timeout_end_us < self.window_end_us;
            self.trip.end = Some(if timed_out { End::Timeout } else { End::Window });
            return;
        }
        // What time alone does next: the next silence, the end of the trip, the end of its window.
        let end_us = self.window_end_us.min(self.last_touch_us.saturating_add(self.plan.timeout_us));
        self.changes_us = self.changes_us.min(end_us.saturating_add(1));
        if let Some(&(silence_us, _)) = self.plan.silences.get(self.n_silences) {
            let due_us = self.last_touch_us.saturating_add(silence_us);
            self.changes_us = self.changes_us.min(due_us.saturating_add(1));
        }
        if self.window_end_us > as_of_us {
            self.changes_us = self.changes_us.min(self.window_end_us);
        }
    }
}
