//! What a retention question asks, validated.

use crate::plan::{Period, PlanError, check_bounds};

/// Cells of a table at most.
const MAX_CELLS: usize = 1 << 20;

/// How time after the start is cut into cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intervals {
    /// By the caller's calendar.
    Calendar {
        /// Offsets in intervals after the cohort's, strictly ascending: `0..=n` makes `n` plain cells,
        /// `[0, 1, 4, 8]` brackets.
        edges: Vec<usize>,
    },
    /// By each start's own clock.
    Rolling {
        /// Offsets in microseconds, strictly ascending, none negative.
        edges_us: Vec<i64>,
    },
}

/// Which returns count for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Inside the cell.
    On,
    /// Inside the cell or later.
    OnOrAfter,
    /// Inside the cell and every cell before it.
    Streak,
}

/// A retention question before validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRules {
    /// Mask bits of starts; `None` = any row.
    pub starts: Option<u64>,
    /// Mask bits of returns; `None` = any row.
    pub returns: Option<u64>,
    /// Boundaries of the calendar's intervals, strictly ascending. Beyond the cohorts they go on as far as
    /// cells are wanted; cells beyond the last boundary are absent.
    pub bounds_us: Vec<i64>,
    /// The first so many intervals are cohorts: starts lie in them.
    pub n_cohorts: usize,
    /// Cells.
    pub intervals: Intervals,
    /// What counts.
    pub measure: Measure,
    /// Whether only the first start ever counts.
    pub first_time: bool,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
}

/// A valid retention question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionPlan {
    pub(super) rules: RetentionRules,
    /// Calendar: the cell of each offset in intervals, `u32::MAX` before the first.
    pub(super) cell_of: Vec<u32>,
    pub(super) n_cells: usize,
}

impl RetentionPlan {
    /// # Errors
    /// [`PlanError::Boundaries`] for intervals or edges that do not ascend or are too few, or cohorts
    /// without an interval; [`PlanError::TableSize`] for more than a million cells.
    pub fn new(rules: RetentionRules) -> Result<Self, PlanError> {
        check_bounds(&rules.bounds_us)?;
        if rules.n_cohorts == 0 || rules.n_cohorts >= rules.bounds_us.len() {
            return Err(PlanError::Boundaries);
        }
        let (n_edges, ascending) = match &rules.intervals {
            Intervals::Calendar { edges } => (edges.len(), edges.windows(2).all(|pair| pair[0] < pair[1])),
            Intervals::Rolling { edges_us } => {
                let positive = edges_us.first().is_none_or(|&edge_us| edge_us >= 0);
                (edges_us.len(), positive && edges_us.windows(2).all(|pair| pair[0] < pair[1]))
            }
        };
        if n_edges < 2 || !ascending {
            return Err(PlanError::Boundaries);
        }
        let n_cells = n_edges - 1;
        if rules.n_cohorts.saturating_mul(n_cells) > MAX_CELLS {
            return Err(PlanError::TableSize { got: rules.n_cohorts.saturating_mul(n_cells) });
        }
        let mut cell_of = Vec::new();
        if let Intervals::Calendar { edges } = &rules.intervals {
            cell_of = vec![u32::MAX; (rules.bounds_us.len() - 1).min(edges[n_cells])];
            for (cell, span) in edges.windows(2).enumerate() {
                let end = span[1].min(cell_of.len());
                cell_of[span[0].min(end)..end].fill(cell as u32);
            }
        }
        Ok(Self { rules, cell_of, n_cells })
    }

    /// Cells per cohort.
    pub fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// Cohorts.
    pub fn n_cohorts(&self) -> usize {
        self.rules.n_cohorts
    }

    /// What states follow from of “now”, but for rows later than it, which do not exist: with calendar intervals the number
    /// of boundaries passed. Equal for two moments, a state of the same rows is the same.
    pub fn moment(&self) -> i64 {
        match &self.rules.intervals {
            Intervals::Rolling { .. } => self.rules.as_of_us,
            Intervals::Calendar { .. } => self.n_passed() as i64,
        }
    }

    /// Boundaries that are over now.
    fn n_passed(&self) -> usize {
        self.rules.bounds_us.partition_point(|&bound_us| bound_us <= self.rules.as_of_us)
    }

    /// When starts count.
    pub fn period(&self) -> Period {
        Period { from_us: self.rules.bounds_us[0], to_us: self.rules.bounds_us[self.rules.n_cohorts] }
    }

    /// Calendar: cells of a cohort that lie within the boundaries.
    pub(super) fn n_known(&self, cohort: usize) -> usize {
        match &self.rules.intervals {
            Intervals::Rolling { .. } => self.n_cells,
            Intervals::Calendar { edges } => {
                let n_intervals = self.rules.bounds_us.len() - 1;
                edges[1..].partition_point(|&edge| cohort + edge <= n_intervals)
            }
        }
    }

    /// How many of its cells a start at `start_us` of `cohort` has had.
    pub(super) fn n_had(&self, cohort: usize, start_us: i64) -> usize {
        match &self.rules.intervals {
            Intervals::Rolling { edges_us } => edges_us[1..]
                .partition_point(|&edge_us| start_us.saturating_add(edge_us) <= self.rules.as_of_us),
            Intervals::Calendar { edges } => {
                let n_passed = self.n_passed();
                edges[1..].partition_point(|&edge| cohort + edge < n_passed)
            }
        }
    }
}
