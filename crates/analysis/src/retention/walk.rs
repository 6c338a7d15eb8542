//! One person → the clocks that run for them and the cells in which they returned.

use std::ops::Range;

use super::plan::{Intervals, Measure, RetentionPlan};
use crate::plan::bucket_of;
use crate::rows::Rows;

/// One cohort of a person with what they did in it.
#[derive(Debug, Default)]
pub(super) struct Membership {
    pub cohort: usize,
    /// Time of the first start in the cohort.
    pub start_us: i64,
    /// Cells the first start has had: no other of the cohort has had more.
    pub n_had: usize,
    /// Cells returned in, ascending.
    pub returned: Vec<u32>,
    /// Those of them that the clock which counted them has had, ascending.
    pub returned_had: Vec<u32>,
}

/// Scratch of the walk: nothing is allocated per person.
#[derive(Default)]
pub(super) struct Walker {
    membership: Membership,
    /// Calendar: interval, first row of a start in it (`usize::MAX` without), last row of a return.
    active: Vec<(usize, usize, usize)>,
    /// Rolling: the starts of the cohort at hand.
    starts: Vec<usize>,
    flags: Vec<(bool, bool)>,
}

#[inline]
fn hit(rows: &Rows<'_>, row: usize, bits: Option<u64>) -> bool {
    bits.is_none_or(|bits| rows.mask[row] & bits != 0)
}

impl Walker {
    /// Hands every cohort of the person whose rows are `own` to `each`, in the order of the starts.
    pub fn memberships(
        &mut self,
        rows: &Rows<'_>,
        own: Range<usize>,
        plan: &RetentionPlan,
        each: impl FnMut(&Membership),
    ) {
        let own = own.start..end_of(rows, own, plan.rules.as_of_us);
        match &plan.rules.intervals {
            Intervals::Calendar { .. } => self.calendar(rows, own, plan, each),
            Intervals::Rolling { edges_us } => self.rolling(rows, own, plan, edges_us, each),
        }
    }

    fn calendar(
        &mut self,
        rows: &Rows<'_>,
        own: Range<usize>,
        plan: &RetentionPlan,
        mut each: impl FnMut(&Membership),
    ) {
        if !self.intervals(rows, own, plan) {
            return;
        }
        for (at, &(cohort, start_row, _)) in self.active.iter().enumerate() {
            if cohort >= plan.rules.n_cohorts {
                break;
            }
            if start_row == usize::MAX {
                continue;
            }
            let membership = &mut self.membership;
            membership.returned.clear();
            for &(interval, _, return_row) in &self.active[at..] {
                // The last return of an interval is after the start if any is.
                let returned = return_row != usize::MAX && return_row >= start_row;
                if let Some(&cell) = plan.cell_of.get(interval - cohort)
                    && returned
                    && cell != u32::MAX
                    && membership.returned.last() != Some(&cell)
                {
                    membership.returned.push(cell);
                }
            }
            let start_us = rows.time_us[start_row];
            (membership.cohort, membership.start_us) = (cohort, start_us);
            membership.n_had = plan.n_had(cohort, start_us);
            // A return after the last cell within the boundaries counts for "on or after".
            let known = plan.n_known(cohort);
            let last_return = self.active.iter().rev().find(|active| active.2 != usize::MAX);
            let offset = last_return.and_then(|&(interval, ..)| interval.checked_sub(cohort));
            let beyond = offset.is_some_and(|offset| match plan.cell_of.get(offset) {
                None => true,
                Some(&cell) => cell != u32::MAX && cell as usize >= known,
            });
            membership.returned.retain(|&cell| (cell as usize) < known);
            membership.measured(plan.rules.measure, if beyond { known } else { 0 });
            each(membership);
            if plan.rules.first_time {
                break;
            }
        }
    }

    /// Lists the intervals in which the person started or returned; whether a cohort is among them.
    fn intervals(&mut self, rows: &Rows<'_>, own: Range<usize>, plan: &RetentionPlan) -> bool {
        let (rules, bounds_us) = (&plan.rules, &plan.rules.bounds_us[..]);
        self.active.clear();
        let mut row = own.start;
        if rules.first_time {
            // Returns before the first start do not count, so that is where to begin.
            let Some(first) = own.clone().find(|&row| hit(rows, row, rules.starts)) else { return false };
            if !plan.period().contains(rows.time_us[first]) {
                return false;
            }
            row = first;
        }
        let first_row = row;
        let mut interval = usize::MAX;
        let mut end_us = i64::MIN;
        while row < own.end {
            let time_us = rows.time_us[row];
            if time_us >= end_us {
                let later = match interval {
                    usize::MAX => bucket_of(bounds_us, time_us),
                    at => bounds_us[at + 1..].iter().position(|&bound| time_us < bound).map(|n| at + n),
                };
                match later {
                    Some(at) => (interval, end_us) = (at, bounds_us[at + 1]),
                    None if time_us < bounds_us[0] => {
                        row += 1;
                        continue;
                    }
                    None => break,
                }
                self.active.push((interval, usize::MAX, usize::MAX));
            }
            if let Some(active) = self.active.last_mut() {
                let starts = if rules.first_time { row == first_row } else { hit(rows, row, rules.starts) };
                if starts && active.1 == usize::MAX {
                    active.1 = row;
                }
                if hit(rows, row, rules.returns) {
                    active.2 = row;
                }
            }
            row += 1;
        }
        self.active.first().is_some_and(|active| active.0 < rules.n_cohorts)
    }

    fn rolling(
        &mut self,
        rows: &Rows<'_>,
        own: Range<usize>,
        plan: &RetentionPlan,
        edges_us: &[i64],
        mut each: impl FnMut(&Membership),
    ) {
        let rules = &plan.rules;
        let mut row = own.start;
        while let Some(first) = (row..own.end).find(|&row| hit(rows, row, rules.starts)) {
            row = first + 1;
            let start_us = rows.time_us[first];
            let in_cohorts = bucket_of(&rules.bounds_us, start_us).filter(|&cohort| cohort < rules.n_cohorts);
            if let Some(cohort) = in_cohorts {
                let end_us = rules.bounds_us[cohort + 1];
                self.starts.clear();
                self.starts.push(first);
                if !rules.first_time {
                    let same = (row..own.end).take_while(|&row| rows.time_us[row] < end_us);
                    self.starts.extend(same.filter(|&row| hit(rows, row, rules.starts)));
                    row = self.starts[self.starts.len() - 1] + 1;
                }
                self.membership.cohort = cohort;
                self.membership.start_us = start_us;
                self.membership.n_had = plan.n_had(cohort, start_us);
                self.clocks(rows, own.end, plan, edges_us);
                each(&self.membership);
            }
            if rules.first_time {
                break;
            }
        }
    }

    /// What the clocks of `self.starts` counted. O(rows × starts) at worst, O(rows) for one start.
    fn clocks(&mut self, rows: &Rows<'_>, end: usize, plan: &RetentionPlan, edges_us: &[i64]) {
        let n_cells = plan.n_cells;
        self.flags.clear();
        self.flags.resize(n_cells, (false, false));
        let one = &mut Membership::default();
        for &start in &self.starts {
            let start_us = rows.time_us[start];
            let n_had = plan.n_had(self.membership.cohort, start_us);
            one.n_had = n_had;
            one.returned.clear();
            let (mut cell, mut beyond) = (0, false);
            let mut row = start;
            while row < end {
                let after_us = rows.time_us[row] - start_us;
                while cell < n_cells && after_us >= edges_us[cell + 1] {
                    cell += 1;
                }
                if hit(rows, row, plan.rules.returns) {
                    if cell == n_cells {
                        beyond = true;
                        break;
                    }
                    if after_us >= edges_us[cell] {
                        one.returned.push(cell as u32);
                        // The rest of the cell says nothing new.
                        let next_us = start_us.saturating_add(edges_us[cell + 1]);
                        row += rows.time_us[row..end].partition_point(|&time_us| time_us < next_us);
                        continue;
                    }
                }
                row += 1;
            }
            one.measured(plan.rules.measure, if beyond { n_cells } else { 0 });
            for &cell in &one.returned {
                let flags = &mut self.flags[cell as usize];
                flags.0 = true;
                flags.1 |= (cell as usize) < n_had;
            }
        }
        let of = |wanted: fn(&(bool, bool)) -> bool| {
            let cells = self.flags.iter().enumerate().filter(move |(_, flags)| wanted(flags));
            cells.map(|(cell, _)| cell as u32)
        };
        self.membership.returned.clear();
        self.membership.returned.extend(of(|flags| flags.0));
        self.membership.returned_had.clear();
        self.membership.returned_had.extend(of(|flags| flags.1));
    }
}

impl Membership {
    /// Turns the cells with a return into those that count. `n_later`: cells before which a return beyond
    /// the last cell lies.
    fn measured(&mut self, measure: Measure, n_later: usize) {
        match measure {
            Measure::On => {}
            Measure::OnOrAfter => {
                let n = self.returned.last().map_or(0, |&cell| cell as usize + 1).max(n_later);
                self.returned.clear();
                self.returned.extend(0..n as u32);
            }
            Measure::Streak => {
                let n = self.returned.iter().zip(0u32..).take_while(|(cell, at)| *cell == at).count();
                self.returned.truncate(n);
            }
        }
        self.returned_had.clear();
        let n_had = self.n_had;
        self.returned_had.extend(self.returned.iter().copied().filter(|&cell| (cell as usize) < n_had));
    }
}

/// End of the rows not later than `as_of_us`.
fn end_of(rows: &Rows<'_>, own: Range<usize>, as_of_us: i64) -> usize {
    if rows.time_us[own.end - 1] <= as_of_us {
        return own.end;
    }
    own.start + rows.time_us[own].partition_point(|&time_us| time_us <= as_of_us)
}
