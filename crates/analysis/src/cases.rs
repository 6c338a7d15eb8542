//! Cases: the whole sequences of nodes that process mining looks at.

use std::ops::Range;

use crate::paths::HIDDEN;
use crate::plan::{Period, PlanError, check_duration};
use crate::rows::Rows;
use crate::stages::{StagePlan, Walker};

/// What one case is.
#[derive(Debug, Clone)]
pub enum CaseOf {
    /// All rows of a person in the period.
    Person,
    /// A session of those rows.
    Session {
        /// A longer gap between two rows, hidden or not, starts the next session.
        gap_us: i64,
    },
    /// The rows from the first to the last touch of the person's counted trip in a journey (which decides
    /// about the period and reads the mask).
    Trip(Box<StagePlan>),
}

/// How rows become cases. Nodes as in [`crate::paths`].
#[derive(Debug, Clone)]
pub struct CaseRules {
    /// What one case is.
    pub of: CaseOf,
    /// Whether a node right after the same node counts once.
    pub collapse: bool,
    /// Node by event code; codes beyond the table, and [`HIDDEN`], are no part of a case.
    pub nodes: Vec<u16>,
    /// Rows in here count.
    pub period: Period,
}

/// Valid [`CaseRules`].
#[derive(Debug, Clone)]
pub struct CasePlan(CaseRules);

impl CasePlan {
    /// # Errors
    /// [`PlanError`] for a negative gap or a reversed period.
    pub fn new(rules: CaseRules) -> Result<Self, PlanError> {
        if let CaseOf::Session { gap_us } = rules.of {
            check_duration("gap", Some(gap_us))?;
        }
        rules.period.check()?;
        Ok(Self(rules))
    }

    pub(crate) fn reads_mask(&self) -> bool {
        matches!(self.0.of, CaseOf::Trip(_))
    }
}

/// One case: nodes, one or more, with the time of its first and last one.
pub(crate) struct Case<'a> {
    pub nodes: &'a [u16],
    pub start_us: i64,
    pub end_us: i64,
}

/// Cuts persons into cases; its buffers live on, so that a case costs no allocation.
pub(crate) struct Cutter<'p> {
    plan: &'p CasePlan,
    trips: Option<Walker<'p>>,
    nodes: Vec<u16>,
}

impl<'p> Cutter<'p> {
    pub fn new(plan: &'p CasePlan) -> Self {
        let trips = match &plan.0.of {
            CaseOf::Trip(stages) => Some(Walker::new(stages)),
            _ => None,
        };
        Self { plan, trips, nodes: Vec::new() }
    }

    /// Hands every case of the person whose rows are `own` to `each`, in order of time.
    pub fn cases(&mut self, rows: &Rows<'_>, own: Range<usize>, mut each: impl FnMut(Case<'_>)) {
        let (own, gap_us, period) = match (&self.plan.0.of, self.trips.as_mut()) {
            (CaseOf::Trip(_), Some(walker)) => {
                let Some(trip) = walker.walk(rows, &[], own) else { return };
                let (Some(first), Some(last)) = (trip.touches.first(), trip.touches.last()) else { return };
                (first.row..last.row + 1, i64::MAX, Period::ALL)
            }
            (CaseOf::Session { gap_us }, _) => (own, *gap_us, self.plan.0.period),
            _ => (own, i64::MAX, self.plan.0.period),
        };
        let (nodes, table, collapse) = (&mut self.nodes, &self.plan.0.nodes[..], self.plan.0.collapse);
        nodes.clear();
        let (mut start_us, mut end_us, mut latest_us) = (0, 0, i64::MAX);
        for (&time_us, &event) in rows.time_us[own.clone()].iter().zip(&rows.event[own]) {
            if !period.contains(time_us) {
                continue;
            }
            if time_us > latest_us {
                if !nodes.is_empty() {
                    each(Case { nodes, start_us, end_us });
                }
                nodes.clear();
            }
            latest_us = time_us.saturating_add(gap_us);
            let node = table.get(usize::from(event)).copied().unwrap_or(HIDDEN);
            if node == HIDDEN {
                continue;
            }
            if nodes.is_empty() {
                start_us = time_us;
            }
            end_us = time_us;
            if !(collapse && nodes.last() == Some(&node)) {
                nodes.push(node);
            }
        }
        if !nodes.is_empty() {
            each(Case { nodes, start_us, end_us });
        }
    }
}
