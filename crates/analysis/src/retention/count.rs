//! The table of cohorts and cells, and the people of a cell.

use super::plan::{Intervals, Measure, RetentionPlan};
use super::walk::{Membership, Walker};
use crate::grid::Grid;
use crate::interval::{Interval, wilson};
use crate::plan::bucket_of;
use crate::rows::{Column, Rows};

/// One cell of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionCell {
    /// People of the cohort who returned, whether or not the cell is over for them.
    pub people: u64,
    /// People of the cohort for whom the cell is over.
    pub n_had: u64,
    /// Those of them who returned: the share is `people_had / n_had`.
    pub people_had: u64,
}

/// Mergeable table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetentionState {
    /// People per cohort.
    cohorts: Vec<u64>,
    /// By cohort, then cell. `n_had` holds only the people who have had this cell and none after it.
    cells: Vec<RetentionCell>,
}

/// One cohort of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRow {
    /// People.
    pub people: u64,
    /// Cells within the boundaries, in order.
    pub cells: Vec<RetentionCell>,
}

/// All cohorts together in one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetentionAverage {
    /// People who have had the cell, summed over cohorts.
    pub n_had: u64,
    /// Those who returned.
    pub people_had: u64,
    /// Share with its 95 % interval; `None` where nobody has had the cell.
    pub share: Option<(f64, Interval)>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct RetentionAnswer {
    /// By cohort.
    pub cohorts: Vec<RetentionRow>,
    /// By cell: weighted by people, over what is complete only.
    pub averages: Vec<RetentionAverage>,
}

impl RetentionRow {
    /// Whether everybody of the cohort has had the cell.
    pub fn is_complete(&self, cell: usize) -> bool {
        self.cells.get(cell).is_some_and(|cell| cell.n_had == self.people)
    }
}

/// Counts whole persons with their whole history.
///
/// Needs mask if a rule has bits. O(rows + cells a person returned in); recurring cohorts cost
/// O(active intervals²) per person in a calendar and O(rows × starts) rolling. Memory O(cohorts × cells).
pub fn fold(rows: Rows<'_>, plan: &RetentionPlan) -> RetentionState {
    check(&rows, plan);
    let n_cells = plan.n_cells;
    let mut state = RetentionState::empty(plan);
    let plain = plan.rules.starts.is_none() && plan.rules.returns.is_none() && plan.rules.first_time;
    if let Intervals::Calendar { edges } = &plan.rules.intervals
        && plain
        && plan.rules.measure == Measure::On
        && edges.iter().enumerate().all(|(i, &edge)| i == edge)
    {
        fold_any(&rows, plan, &mut state);
        return state;
    }
    let mut walker = Walker::default();
    for (_, own) in rows.persons() {
        walker.memberships(&rows, own, plan, |membership: &Membership| {
            state.cohorts[membership.cohort] += 1;
            let cells = &mut state.cells[membership.cohort * n_cells..][..n_cells];
            if membership.n_had > 0 {
                cells[membership.n_had - 1].n_had += 1;
            }
            membership.returned.iter().for_each(|&cell| cells[cell as usize].people += 1);
            membership.returned_had.iter().for_each(|&cell| cells[cell as usize].people_had += 1);
        });
    }
    state
}

/// First event × any event by calendar.
///
/// What a person was active in is noted in a row of flags, without a branch, and added to the cells of
/// the cohort once. Whether a cell is over is the same for the whole cohort.
fn fold_any(rows: &Rows<'_>, plan: &RetentionPlan, state: &mut RetentionState) {
    let (bounds_us, n_cells, n_cohorts) = (&plan.rules.bounds_us[..], plan.n_cells, plan.rules.n_cohorts);
    let grid = Grid::new(bounds_us);
    let mut flags = vec![0_u8; bounds_us.len()];
    for (_, own) in rows.persons() {
        let times_us = &rows.time_us[own];
        let start_us = times_us[0];
        let Some(cohort) = bucket_of(&bounds_us[..=n_cohorts], start_us) else { continue };
        if start_us > plan.rules.as_of_us {
            continue;
        }
        // Rows beyond the last cell, or not known yet.
        let last = (cohort + n_cells).min(bounds_us.len() - 1);
        let stop_us = bounds_us[last].min(plan.rules.as_of_us.saturating_add(1));
        let n_rows = match times_us[times_us.len() - 1] < stop_us {
            true => times_us.len(),
            false => times_us.partition_point(|&time_us| time_us < stop_us),
        };
        let mut furthest = cohort;
        match &grid {
            Some(grid) => {
                for &time_us in &times_us[..n_rows] {
                    furthest = grid.interval(bounds_us, time_us);
                    flags[furthest] = 1;
                }
            }
            None => {
                for &time_us in &times_us[..n_rows] {
                    while bounds_us[furthest + 1] <= time_us {
                        furthest += 1;
                    }
                    flags[furthest] = 1;
                }
            }
        }
        state.cohorts[cohort] += 1;
        let cells = &mut state.cells[cohort * n_cells..][..=furthest - cohort];
        for (cell, flag) in cells.iter_mut().zip(&mut flags[cohort..=furthest]) {
            cell.people += u64::from(std::mem::take(flag));
        }
    }
    for (cohort, cells) in state.cells.chunks_exact_mut(n_cells).enumerate() {
        let n_had = plan.n_had(cohort, bounds_us[cohort]);
        cells[..n_had].iter_mut().for_each(|cell| cell.people_had = cell.people);
        if let Some(last) = n_had.checked_sub(1) {
            cells[last].n_had = state.cohorts[cohort];
        }
    }
}

fn check(rows: &Rows<'_>, plan: &RetentionPlan) {
    let needs_mask = plan.rules.starts.is_some() || plan.rules.returns.is_some();
    rows.check(if needs_mask { &[Column::Mask] } else { &[] });
}

impl RetentionState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        self.cohorts.len() * size_of::<u64>() + self.cells.len() * size_of::<RetentionCell>()
    }

    /// The table of nobody; neutral in [`RetentionState::merge`].
    pub fn empty(plan: &RetentionPlan) -> Self {
        let n_cohorts = plan.rules.n_cohorts;
        Self { cohorts: vec![0; n_cohorts], cells: vec![RetentionCell::default(); n_cohorts * plan.n_cells] }
    }

    /// Joins the counts of two disjoint sets of persons. Panics if the plans' shapes differ.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        assert_eq!(self.cells.len(), other.cells.len(), "states of one plan");
        self.cohorts.iter_mut().zip(other.cohorts).for_each(|(own, people)| *own += people);
        for (own, cell) in self.cells.iter_mut().zip(other.cells) {
            own.people += cell.people;
            own.n_had += cell.n_had;
            own.people_had += cell.people_had;
        }
        self
    }

    /// The answer.
    pub fn finish(mut self, plan: &RetentionPlan) -> RetentionAnswer {
        let mut averages = vec![(0, 0); plan.n_cells];
        let mut cohorts = Vec::with_capacity(self.cohorts.len());
        for (cohort, (&people, cells)) in
            self.cohorts.iter().zip(self.cells.chunks_exact_mut(plan.n_cells)).enumerate()
        {
            // Who has had a cell has had all before it.
            let mut n_had = 0;
            for cell in cells.iter_mut().rev() {
                n_had += cell.n_had;
                cell.n_had = n_had;
            }
            for (sum, cell) in averages.iter_mut().zip(cells.iter()) {
                *sum = (sum.0 + cell.n_had, sum.1 + cell.people_had);
            }
            cohorts.push(RetentionRow { people, cells: cells[..plan.n_known(cohort)].to_vec() });
        }
        let average = |(n_had, people_had)| RetentionAverage {
            n_had,
            people_had,
            share: wilson(people_had, n_had).map(|interval| (people_had as f64 / n_had as f64, interval)),
        };
        RetentionAnswer { cohorts, averages: averages.into_iter().map(average).collect() }
    }
}

/// Whom to select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Everybody of a cohort.
    Cohort(usize),
    /// `people` of a cell.
    Returned {
        /// Which cohort.
        cohort: usize,
        /// Which cell.
        cell: usize,
    },
    /// Those who have had the cell and did not return: `n_had - people_had`.
    Lost {
        /// Which cohort.
        cohort: usize,
        /// Which cell.
        cell: usize,
    },
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Their first start in the cohort.
    pub start_us: i64,
    /// Cells of the cohort in which they count.
    pub n_cells: usize,
}

/// The people of one number, in row order; as many as [`fold`] counts. Needs person and what counting
/// needs.
pub fn select(rows: Rows<'_>, plan: &RetentionPlan, selector: Selector) -> Vec<Selected> {
    check(&rows, plan);
    rows.check(&[Column::Person]);
    let mut selected = Vec::new();
    let mut walker = Walker::default();
    for (who, own) in rows.persons() {
        walker.memberships(&rows, own, plan, |membership: &Membership| {
            let in_cell = |cells: &[u32], cell: usize| cells.contains(&(cell as u32));
            let wanted = match selector {
                Selector::Cohort(cohort) => membership.cohort == cohort,
                Selector::Returned { cohort, cell } => {
                    membership.cohort == cohort && in_cell(&membership.returned, cell)
                }
                Selector::Lost { cohort, cell } => {
                    let had = membership.cohort == cohort && cell < membership.n_had;
                    had && !in_cell(&membership.returned_had, cell)
                }
            };
            if wanted {
                let (start_us, n_cells) = (membership.start_us, membership.returned.len());
                selected.push(Selected { person: rows.persons[who], start_us, n_cells });
            }
        });
    }
    selected
}
