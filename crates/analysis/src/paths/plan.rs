//! What a path question asks, validated.

use super::count::PathAnswer;
use crate::plan::{Period, PlanError, check_duration};

/// Node of rows that are no step of any path.
pub const HIDDEN: u16 = u16::MAX;
/// Node of everything that [`Shown`] merges.
pub const OTHER: u16 = u16::MAX - 1;
/// Most steps of a path.
pub const MAX_STEPS: usize = 20;

/// Rows that anchor a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// A row with one of these mask bits is an anchor.
    pub bits: u64,
    /// The node it shows as.
    pub node: u16,
}

/// Which rows of a person make a sequence; see the module documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathMode {
    /// Every session.
    Open {
        /// A longer gap between two rows starts the next session.
        gap_us: i64,
    },
    /// From the first anchor on.
    After {
        /// Where it starts.
        anchor: Anchor,
        /// Closed window after the anchor.
        window_us: i64,
    },
    /// Up to the last anchor.
    Before {
        /// Where it ends.
        anchor: Anchor,
        /// Closed window before the anchor.
        window_us: i64,
    },
    /// From the first of one anchor to the last of the other.
    Between {
        /// Where it starts.
        from: Anchor,
        /// Where it ends.
        to: Anchor,
        /// Closed window after the start.
        window_us: i64,
    },
}

/// A path question before validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRules {
    /// How sequences are cut.
    pub mode: PathMode,
    /// Steps counted, 2 to [`MAX_STEPS`].
    pub n_steps: usize,
    /// Whether a node right after the same node is no step.
    pub collapse: bool,
    /// Node by event code; codes beyond the table are hidden.
    pub nodes: Vec<u16>,
    /// Open: rows in here. Anchored: the anchor (of two, the first) in here.
    pub period: Period,
    /// Rows later than this do not exist.
    pub as_of_us: i64,
}

/// A valid path question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPlan {
    pub(super) rules: PathRules,
    pub(super) shown: Option<Shown>,
    /// Node codes are below this; the index of [`OTHER`] in dense tables.
    pub(super) n_nodes: usize,
}

impl PathPlan {
    /// # Errors
    /// [`PlanError`] for a wrong number of steps, a negative duration, a reversed period, or a node
    /// code that is reserved ([`OTHER`], and [`HIDDEN`] for an anchor).
    pub fn new(rules: PathRules) -> Result<Self, PlanError> {
        if !(2..=MAX_STEPS).contains(&rules.n_steps) {
            return Err(PlanError::PathSteps { got: rules.n_steps });
        }
        rules.period.check()?;
        let anchors = match rules.mode {
            PathMode::Open { gap_us } => {
                check_duration("gap", Some(gap_us))?;
                vec![]
            }
            PathMode::After { anchor, window_us } | PathMode::Before { anchor, window_us } => {
                check_duration("window", Some(window_us))?;
                vec![anchor.node]
            }
            PathMode::Between { from, to, window_us } => {
                check_duration("window", Some(window_us))?;
                vec![from.node, to.node]
            }
        };
        if anchors.contains(&HIDDEN) || anchors.contains(&OTHER) || rules.nodes.contains(&OTHER) {
            return Err(PlanError::ReservedNode);
        }
        let codes = rules.nodes.iter().chain(&anchors).filter(|&&node| node != HIDDEN);
        let n_nodes = codes.max().map_or(0, |&node| usize::from(node) + 1);
        Ok(Self { rules, shown: None, n_nodes })
    }

    /// The same question with all but the shown nodes merged.
    #[must_use]
    pub fn with_shown(self, shown: Shown) -> Self {
        Self { shown: Some(shown), ..self }
    }

    /// Steps counted.
    pub fn n_steps(&self) -> usize {
        self.rules.n_steps
    }

    /// The node that `node` shows as at `step`.
    #[inline]
    pub(super) fn shown(&self, step: usize, node: u16) -> u16 {
        match &self.shown {
            None => node,
            Some(shown) => shown.of(step, node),
        }
    }
}

/// The nodes shown at each step; the others are [`OTHER`] there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shown {
    /// By step and node code.
    keeps: Vec<Vec<bool>>,
}

impl Shown {
    /// Of each step the `n` nodes that most people came to, of equal ones those with more sequences,
    /// then the lower code. `answer` must be of a plan without [`Shown`].
    pub fn top(answer: &PathAnswer, n: usize) -> Self {
        let mut keeps: Vec<Vec<bool>> = Vec::new();
        let mut n_kept: Vec<usize> = Vec::new();
        // Nodes come by step, most people first.
        for node in &answer.nodes {
            if keeps.len() <= node.step {
                keeps.resize(node.step + 1, Vec::new());
                n_kept.resize(node.step + 1, 0);
            }
            if n_kept[node.step] < n {
                n_kept[node.step] += 1;
                let code = usize::from(node.node);
                let of_step = &mut keeps[node.step];
                if of_step.len() <= code {
                    of_step.resize(code + 1, false);
                }
                of_step[code] = true;
            }
        }
        Self { keeps }
    }

    #[inline]
    fn of(&self, step: usize, node: u16) -> u16 {
        let of_step = self.keeps.get(step).and_then(|nodes| nodes.get(usize::from(node)));
        if of_step.copied().unwrap_or(false) { node } else { OTHER }
    }
}
