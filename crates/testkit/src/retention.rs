//! Oracle of retention: every clock and every cell asked by quantifiers.

use std::collections::{BTreeMap, BTreeSet};

use crate::timeline::{Row, by_person};

/// How cells are cut.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Offsets in intervals.
    Calendar(Vec<usize>),
    /// Offsets in microseconds.
    Rolling(Vec<i64>),
}

/// Which returns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// In the cell.
    On,
    /// In it or later.
    OnOrAfter,
    /// In it and all before.
    Streak,
}

/// The rules; bit 0 of a mask is a start, bit 1 a return.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether any row is a start.
    pub any_start: bool,
    /// Whether any row is a return.
    pub any_return: bool,
    /// Boundaries of intervals.
    pub bounds_us: Vec<i64>,
    /// Intervals that are cohorts.
    pub n_cohorts: usize,
    /// Cells.
    pub cells: Cells,
    /// What counts.
    pub measure: Measure,
    /// Only the first start ever.
    pub first_time: bool,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
}

/// People of one cohort and cell by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Returned.
    pub people: BTreeSet<u64>,
    /// Have had it.
    pub had: BTreeSet<u64>,
    /// Returned by a clock that has had it.
    pub people_had: BTreeSet<u64>,
}

/// Members of each cohort, and the cells within the boundaries.
pub type Table = (BTreeMap<usize, BTreeSet<u64>>, BTreeMap<(usize, usize), Cell>);

impl Plan {
    /// Where cell `cell` of a start lies, absent beyond the boundaries.
    fn span(&self, cohort: usize, start_us: i64, cell: usize) -> Option<(i64, i64)> {
        match &self.cells {
            Cells::Rolling(edges_us) => Some((start_us + edges_us[cell], start_us + edges_us[cell + 1])),
            Cells::Calendar(edges) => {
                let bound = |edge: usize| self.bounds_us.get(cohort + edge).copied();
                Some((bound(edges[cell])?, bound(edges[cell + 1])?))
            }
        }
    }

    fn n_cells(&self) -> usize {
        match &self.cells {
            Cells::Rolling(edges_us) => edges_us.len() - 1,
            Cells::Calendar(edges) => edges.len() - 1,
        }
    }

    /// Whether a start has a return that counts for the cell.
    fn counts(&self, known: &[&Row], start: usize, cohort: usize, cell: usize) -> bool {
        let returns = || known[start..].iter().filter(|row| self.any_return || row.has(1));
        let inside = |cell: usize| {
            let span = self.span(cohort, known[start].time_us, cell);
            span.is_some_and(|(from, to)| returns().any(|row| (from..to).contains(&row.time_us)))
        };
        match self.measure {
            Measure::On => inside(cell),
            Measure::Streak => (0..=cell).all(inside),
            Measure::OnOrAfter => {
                let from = self.span(cohort, known[start].time_us, cell).map(|(from, _)| from);
                let last = *self.bounds_us.last().expect("boundaries");
                let calendar = matches!(self.cells, Cells::Calendar(_));
                from.is_some_and(|from| {
                    returns().any(|row| row.time_us >= from && (!calendar || row.time_us < last))
                })
            }
        }
    }
}

/// Everything.
pub fn table(plan: &Plan, rows: &[Row]) -> Table {
    let mut table = Table::default();
    for own in by_person(rows) {
        let known: Vec<&Row> = own.iter().filter(|row| row.time_us <= plan.as_of_us).collect();
        let starts: Vec<usize> = (0..known.len()).filter(|&i| plan.any_start || known[i].has(0)).collect();
        for cohort in 0..plan.n_cohorts {
            let inside =
                |&i: &usize| (plan.bounds_us[cohort]..plan.bounds_us[cohort + 1]).contains(&known[i].time_us);
            let mut clocks: Vec<usize> = if plan.first_time {
                starts.first().copied().filter(|i| inside(i)).into_iter().collect()
            } else {
                starts.iter().copied().filter(|i| inside(i)).collect()
            };
            if matches!(plan.cells, Cells::Calendar(_)) {
                clocks.truncate(1);
            }
            let Some(&first) = clocks.first() else { continue };
            table.0.entry(cohort).or_default().insert(own[0].person);
            for cell in 0..plan.n_cells() {
                let over = |start: usize| {
                    let span = plan.span(cohort, known[start].time_us, cell);
                    span.is_some_and(|(_, to)| to <= plan.as_of_us)
                };
                if plan.span(cohort, known[first].time_us, cell).is_none() {
                    continue;
                }
                let counts = |&start: &usize| plan.counts(&known, start, cohort, cell);
                let at = table.1.entry((cohort, cell)).or_default();
                if clocks.iter().any(counts) {
                    at.people.insert(own[0].person);
                }
                if over(first) {
                    at.had.insert(own[0].person);
                }
                if clocks.iter().any(|start| over(*start) && counts(start)) {
                    at.people_had.insert(own[0].person);
                }
            }
        }
    }
    table
}
