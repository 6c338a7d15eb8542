//! Paths.

use super::{Nodes, Scope};
use crate::rule::EventRule;
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// What people do step by step: in every session, or after, before or between events.
///
/// With neither `after` nor `before` each session is a sequence. `after` starts one at its first event in
/// the period, `before` ends one at its last and counts steps backwards; both together lead from the one
/// to the other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPaths {
    /// Where a path starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EventRule>,
    /// Where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<EventRule>,
    /// How far from the start (or before the end) an event may lie, closed; 7 days when absent. Not of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// A longer gap between two events starts the next session; 30 minutes when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Duration>,
    /// Steps, 2 to 20; 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Nodes shown at each step, 1 to 50, the others as one; 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
    /// Whole paths to answer, 1,000 at most; 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What is seen of events.
    #[serde(default)]
    pub nodes: Nodes,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// A number of a paths answer. Steps count from 0; a node without name is all those merged at its step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "point", rename_all = "snake_case")]
pub enum PathPoint {
    /// Everybody with a path.
    All,
    /// Who came to a node.
    Node {
        /// Step.
        step: usize,
        /// Its name.
        node: Option<String>,
    },
    /// Who went from a node to the next.
    Edge {
        /// Step of `node`.
        step: usize,
        /// Its name.
        node: Option<String>,
        /// Name of the node one step further.
        next: Option<String>,
    },
    /// Whose path has no further node.
    Ended {
        /// Step.
        step: usize,
        /// Name of the last node.
        node: Option<String>,
    },
    /// Whose whole path this is.
    Path {
        /// Names by step.
        nodes: Vec<String>,
    },
    /// Whose path starts so.
    Prefix {
        /// Names by step.
        nodes: Vec<String>,
    },
}
