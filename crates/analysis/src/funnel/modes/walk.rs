//! Rows of one unit → its attempts.
//!
//! Attempts at one level may take the same next steps (in any order they even hold the same steps: both
//! took whatever came, and the later start holds part of what the earlier one does), so of two at one
//! level the later start has more window left and replaces the other. At most one attempt per level
//! lives: O(rows × steps).

use std::ops::Range;

use super::attempt::Attempt;
use super::plan::{Entry, ExclusionMode, MAX_STEPS, ModePlan, Order, Unit};
use crate::rows::Rows;

/// A row without the held property.
pub(super) const NO_VALUE: u32 = u32::MAX;

/// Attempts alive, by level.
pub(super) struct Walker<'a> {
    rows: Rows<'a>,
    hold: &'a [u32],
    plan: &'a ModePlan,
    slots: [Option<Attempt>; MAX_STEPS],
    live: u32,
    /// Whether exclusions that remove taint attempts, or end them as the others do.
    taints: bool,
    /// Grouping by held value.
    grouped: Vec<(u32, usize)>,
}

impl<'a> Walker<'a> {
    pub fn new(rows: Rows<'a>, hold: &'a [u32], plan: &'a ModePlan) -> Self {
        Self { rows, hold, plan, slots: [None; MAX_STEPS], live: 0, taints: true, grouped: Vec::new() }
    }

    /// Hands the attempts that count for the person whose rows are `own` to `each`, by start.
    pub fn attempts(&mut self, own: Range<usize>, mut each: impl FnMut(&Attempt)) {
        match self.plan.rules.unit {
            Unit::Attempt => self.totals(own, &mut each),
            Unit::Person => {
                if let Some(attempt) = self.unit(own) {
                    each(&attempt);
                }
            }
            Unit::Session { gap_us } => {
                let mut start = own.start;
                for row in own.clone() {
                    let is_last = row + 1 == own.end;
                    if is_last || self.rows.time_us[row + 1] > self.rows.time_us[row].saturating_add(gap_us) {
                        if let Some(attempt) = self.unit(start..row + 1) {
                            each(&attempt);
                        }
                        start = row + 1;
                    }
                }
            }
        }
    }

    /// The attempt that counts for the rows of one person or session.
    fn unit(&mut self, own: Range<usize>) -> Option<Attempt> {
        let by_value = !self.hold.is_empty()
            && self.plan.rules.entry == Entry::Any
            && !matches!(self.plan.rules.order, Order::Strict { .. });
        if !by_value {
            return self.decided(own.start, own);
        }
        // Attempts of different values do not see each other: one walk each.
        let mut grouped = std::mem::take(&mut self.grouped);
        grouped.clear();
        let wanted = self.plan.steps | self.plan.exclusion_bits;
        let rows = own.clone().filter(|&row| self.rows.mask[row] & wanted != 0);
        grouped.extend(rows.map(|row| (self.hold[row], row)));
        grouped.sort_unstable();
        let mut best: Option<Attempt> = None;
        for group in grouped.chunk_by(|a, b| a.0 == b.0) {
            let Some(attempt) = self.decided(own.start, group.iter().map(|(_, row)| *row)) else { continue };
            let rank = |attempt: &Attempt| {
                (std::cmp::Reverse(attempt.level), attempt.last_row(), std::cmp::Reverse(attempt.start_row()))
            };
            if best.is_none_or(|best| rank(&attempt) < rank(&best)) {
                best = Some(attempt);
            }
        }
        self.grouped = grouped;
        best
    }

    /// The attempt of `rows` that counts.
    ///
    /// A tainted attempt may overtake a clean one, so whether a clean one converts is asked by itself.
    fn decided(&mut self, base: usize, rows: impl Iterator<Item = usize> + Clone) -> Option<Attempt> {
        if !self.plan.removes {
            return self.best(base, rows);
        }
        self.taints = false;
        let clean = self.best(base, rows.clone());
        self.taints = true;
        match clean {
            Some(attempt) if attempt.level + 1 == self.plan.rules.n_steps => Some(attempt),
            _ => self.best(base, rows),
        }
    }

    fn best(&mut self, base: usize, rows: impl Iterator<Item = usize>) -> Option<Attempt> {
        let (n_steps, removes) = (self.plan.rules.n_steps, self.plan.removes && self.taints);
        let mut best: Option<Attempt> = None;
        let mut started = false;
        self.live = 0;
        for row in rows {
            if self.rows.time_us[row] > self.plan.rules.as_of_us {
                break;
            }
            if !self.exists(row) {
                continue;
            }
            self.exclude(row, &mut best);
            let mut reached = self.advance(row);
            if (self.plan.rules.entry == Entry::Any || !started)
                && let Some(attempt) = self.start(base, row)
            {
                started = true;
                self.put(attempt);
                reached = reached.or(Some(attempt));
            }
            let Some(attempt) = reached else { continue };
            // To remove a person, the latest start at the furthest level decides; otherwise the first there.
            let further = best.is_none_or(|best| {
                attempt.level > best.level
                    || (attempt.level == best.level && (removes || best.last_row() == row))
            });
            if further {
                best = Some(attempt);
            }
            if attempt.level + 1 == n_steps && !attempt.tainted {
                break;
            }
            if self.live == 0 && started && self.plan.rules.entry == Entry::First {
                break;
            }
        }
        best.filter(|best| !best.tainted)
    }

    /// One attempt after the other.
    fn totals(&mut self, own: Range<usize>, each: &mut impl FnMut(&Attempt)) {
        let base = own.start;
        let mut current: Option<Attempt> = None;
        self.live = 0;
        for row in own {
            if self.rows.time_us[row] > self.plan.rules.as_of_us {
                break;
            }
            if !self.exists(row) {
                continue;
            }
            self.exclude(row, &mut current);
            let reached = self.advance(row);
            current = reached.or(current);
            if let Some(attempt) = current
                && attempt.level + 1 == self.plan.rules.n_steps
            {
                self.live = 0;
            }
            if self.live != 0 {
                continue;
            }
            // Converted, timed out, excluded or broken: it is over.
            if let Some(attempt) = current.take().filter(|attempt| !attempt.tainted) {
                each(&attempt);
            }
            // A row belongs to one attempt.
            if reached.is_none()
                && let Some(attempt) = self.start(base, row)
            {
                self.put(attempt);
                current = Some(attempt);
            }
        }
        if let Some(attempt) = current.filter(|attempt| !attempt.tainted) {
            each(&attempt);
        }
    }

    /// Whether the row is any of the funnel's business.
    #[inline]
    fn exists(&self, row: usize) -> bool {
        let mask = self.rows.mask[row];
        let named = mask & (self.plan.steps | self.plan.exclusion_bits) != 0;
        match self.plan.rules.order {
            Order::Strict { universe, .. } => universe.is_none_or(|bits| mask & bits != 0),
            _ => named,
        }
    }

    fn start(&self, base: usize, row: usize) -> Option<Attempt> {
        let steps = self.rows.mask[row] as u32 & self.plan.first;
        let has_value = self.hold.is_empty() || self.hold[row] != NO_VALUE;
        let starts = steps != 0 && has_value && self.plan.rules.period.contains(self.rows.time_us[row]);
        starts.then(|| Attempt::new(base, row, steps.trailing_zeros()))
    }

    fn put(&mut self, attempt: Attempt) {
        self.live |= 1 << attempt.level;
        self.slots[attempt.level] = Some(attempt);
    }

    fn in_window(&self, attempt: &Attempt, row: usize) -> bool {
        let start_us = self.rows.time_us[attempt.start_row()];
        self.rows.time_us[row] <= start_us.saturating_add(self.plan.rules.window_us)
    }

    fn same_value(&self, attempt: &Attempt, row: usize) -> bool {
        self.hold.is_empty() || self.hold[row] == self.hold[attempt.start_row()]
    }

    /// Ends or taints what the row excludes; `counted` is the attempt that counts so far.
    fn exclude(&mut self, row: usize, counted: &mut Option<Attempt>) {
        if self.rows.mask[row] & self.plan.exclusion_bits == 0 {
            return;
        }
        let any_order = matches!(self.plan.rules.order, Order::AnyOrder { .. });
        for exclusion in &self.plan.rules.exclusions {
            if self.rows.mask[row] >> exclusion.bit & 1 == 0 {
                continue;
            }
            for level in 0..self.plan.rules.n_steps - 1 {
                let inside = any_order || (exclusion.from..exclusion.to).contains(&level);
                let Some(mut attempt) = self.slots[level].filter(|_| inside && self.live >> level & 1 == 1)
                else {
                    continue;
                };
                if !self.in_window(&attempt, row) || !self.same_value(&attempt, row) {
                    continue;
                }
                match exclusion.mode {
                    ExclusionMode::RemovesPerson if self.taints => {
                        attempt.tainted = true;
                        self.slots[level] = Some(attempt);
                        if let Some(counted) = counted.as_mut()
                            && (counted.start_row(), counted.level) == (attempt.start_row(), level)
                        {
                            counted.tainted = true;
                        }
                        if self.plan.rules.unit == Unit::Attempt {
                            self.live &= !(1 << level);
                        }
                    }
                    _ => self.live &= !(1 << level),
                }
            }
        }
    }

    /// Moves every attempt on that can take the row; the furthest that did, of equal ones the latest start.
    fn advance(&mut self, row: usize) -> Option<Attempt> {
        let matched = (self.rows.mask[row] & self.plan.steps) as u32;
        let (strict, repeats) = match self.plan.rules.order {
            Order::Strict { repeats, .. } => (true, repeats),
            _ => (false, false),
        };
        let any_order = matches!(self.plan.rules.order, Order::AnyOrder { .. });
        let mut reached: Option<Attempt> = None;
        let mut left = self.live;
        // Highest level first, so that a row moves an attempt once.
        while left != 0 {
            let level = 31 - left.leading_zeros() as usize;
            left &= !(1 << level);
            let Some(mut attempt) = self.slots[level] else { continue };
            if !self.in_window(&attempt, row) {
                self.live &= !(1 << level);
                continue;
            }
            let same = self.same_value(&attempt, row);
            let mut steps = matched & self.plan.next[level];
            if any_order {
                steps &= !attempt.done;
            }
            if !same || steps == 0 {
                let stays = !strict || (same && repeats && matched >> level & 1 == 1);
                if !stays {
                    self.live &= !(1 << level);
                }
                continue;
            }
            self.live &= !(1 << level);
            if any_order {
                attempt.take(level + 1, steps.trailing_zeros(), row);
            } else {
                let step = 31 - steps.leading_zeros();
                attempt.take(step as usize, step, row);
            }
            self.put(attempt);
            if reached.is_none_or(|reached| attempt.level >= reached.level) {
                reached = Some(attempt);
            }
        }
        reached
    }
}
