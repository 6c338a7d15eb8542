//! Rows of a file, one batch after another, through a compiled mapping into a sink, every row counted.

use super::{
    batch::{Batch, Row},
    compile::{Compiled, Plan},
    flaw::Flaw,
    group::Groups,
    plan::Made,
    rejects::Rejects,
    sink::{RowError, Sink},
};
use crate::EngineError;
use serde::Serialize;

/// What became of the rows: `lines = events + identified + unchanged + points + skipped + grouped + rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tally {
    /// Rows of the file.
    pub lines: u64,
    /// Rows that made an event (a group's lines count once).
    pub events: u64,
    /// Rows that made an `identify` event and nothing else.
    pub identified: u64,
    /// `identify` events made beside another event.
    pub identified_beside: u64,
    /// Rows whose traits were told before.
    pub unchanged: u64,
    /// Rows that went into a series.
    pub points: u64,
    /// Rows that the mapping's `keep` left out.
    pub skipped: u64,
    /// Further lines of events made of several lines.
    pub grouped: u64,
    /// Rows that were rejected.
    pub rejected: u64,
    /// Property values that were cut to the limit.
    pub cut_values: u64,
    /// Earliest time, microseconds UTC.
    pub first_us: Option<i64>,
    /// Latest time, microseconds UTC.
    pub last_us: Option<i64>,
}

impl Tally {
    fn saw(&mut self, time_us: i64) {
        self.first_us = Some(self.first_us.map_or(time_us, |first| first.min(time_us)));
        self.last_us = Some(self.last_us.map_or(time_us, |last| last.max(time_us)));
    }
}

/// A compiled mapping at work on a file.
pub(super) struct Feed {
    pub(super) compiled: Compiled,
    pub(super) tally: Tally,
    pub(super) rejects: Rejects,
    groups: Option<Groups>,
}

impl Feed {
    pub(super) fn new(compiled: Compiled, rejects: Rejects, groups: Option<Groups>) -> Self {
        let groups = groups.filter(|_| compiled.group.is_some());
        Self { compiled, tally: Tally::default(), rejects, groups }
    }

    /// Takes one row of the file.
    pub(super) fn row(&mut self, row: Row<'_>, sink: &mut impl Sink) -> Result<(), EngineError> {
        self.tally.lines += 1;
        if let Some(flaw) = row.flaw() {
            return self.reject(row, flaw, 1);
        }
        let Compiled { keep, tables, group, .. } = &self.compiled;
        if !keep.iter().all(|test| test.holds(row, tables)) {
            self.tally.skipped += 1;
            return Ok(());
        }
        if let (Some(groups), Some(group)) = (&mut self.groups, group) {
            return match groups.add(row, group, tables)? {
                Some(flaw) => self.reject(row, &flaw, 1),
                None => Ok(()),
            };
        }
        self.make(row, 1, sink)
    }

    /// Hands on the groups, after the last row.
    pub(super) fn finish(&mut self, sink: &mut impl Sink) -> Result<(), EngineError> {
        let Some(groups) = self.groups.take() else { return self.end() };
        let Some(group) = self.compiled.group.take() else { return self.end() };
        groups.finish(&group, &mut |batch: &Batch, n_lines: &[u64]| -> Result<(), EngineError> {
            for (row, n_lines) in batch.iter().zip(n_lines) {
                match row.flaw() {
                    Some(flaw) => self.reject(row, flaw, *n_lines)?,
                    None => self.make(row, *n_lines, sink)?,
                }
            }
            Ok(())
        })?;
        self.end()
    }

    fn end(&mut self) -> Result<(), EngineError> {
        if let Plan::Events(plan) = &self.compiled.plan {
            self.tally.cut_values = plan.memory.n_cut;
        }
        Ok(())
    }

    /// Makes what a row, or a group of `n_lines`, becomes.
    fn make(&mut self, row: Row<'_>, n_lines: u64, sink: &mut impl Sink) -> Result<(), EngineError> {
        let Compiled { tables, plan, .. } = &mut self.compiled;
        let made = match plan {
            Plan::Events(plan) => plan.make(row, tables, sink),
            Plan::Series(plan) => match plan.add(row, tables) {
                Ok(time_us) => {
                    self.tally.saw(time_us);
                    self.tally.points += 1;
                    self.tally.grouped += n_lines - 1;
                    return Ok(());
                }
                Err(flaw) => Err(RowError::Flaw(flaw)),
            },
        };
        match made {
            Ok(Made::Event { time_us, identified }) => {
                self.tally.saw(time_us);
                self.tally.events += 1;
                self.tally.identified_beside += u64::from(identified);
            }
            Ok(Made::Identified { time_us }) => {
                self.tally.saw(time_us);
                self.tally.identified += 1;
            }
            Ok(Made::Unchanged) => self.tally.unchanged += 1,
            Err(RowError::Flaw(flaw)) => return self.reject(row, &flaw, n_lines),
            Err(RowError::Store(error)) => return Err(error.into()),
        }
        self.tally.grouped += n_lines - 1;
        Ok(())
    }

    fn reject(&mut self, row: Row<'_>, flaw: &Flaw, n_lines: u64) -> Result<(), EngineError> {
        self.tally.rejected += n_lines;
        Ok(self.rejects.add(row, flaw, n_lines)?)
    }
}
