//! Variants and conformance.

use super::{Nodes, Scope};
use crate::Key;
use crate::rule::OneOrMany;
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// What is one case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "case", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseUnit {
    /// All of a person's events in the period.
    #[default]
    Person,
    /// A session of them.
    Session {
        /// A longer gap starts the next session; 30 minutes when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gap: Option<Duration>,
    },
    /// The events of a person's trip through a journey.
    Trip {
        /// The journey.
        journey: Key,
    },
}

impl CaseUnit {
    /// The journey it needs.
    pub fn journey(&self) -> Option<&Key> {
        match self {
            Self::Trip { journey } => Some(journey),
            Self::Person | Self::Session { .. } => None,
        }
    }
}

/// Which whole sequences there are, and how many cases follow each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskVariants {
    /// What is one case.
    #[serde(default)]
    pub of: CaseUnit,
    /// What is seen of events.
    #[serde(default)]
    pub nodes: Nodes,
    /// Variants to answer, 1,000 at most; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// Which cases follow a design, and how the others differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskConformance {
    /// The expected sequence, 1 to 64 places.
    pub design: Vec<DesignPlace>,
    /// What is one case.
    #[serde(default)]
    pub of: CaseUnit,
    /// Names of events that are neither expected nor extra; `page_*` means all that start so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hide: Vec<String>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// One place of a design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DesignPlace {
    /// Its name.
    pub name: String,
    /// Names of its events; `page_*` means all that start so. Of two places that name an event the first has it.
    pub event: OneOrMany<String>,
    /// Whether a case may do without.
    #[serde(default)]
    pub optional: bool,
    /// Whether it may come again right after itself.
    #[serde(default)]
    pub repeats: bool,
}

/// How a case stands towards the design. Places count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "standing", rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    /// Every case.
    All,
    /// No deviation so far.
    Fits,
    /// No deviation, and all needed places done.
    FitsFinished,
    /// A place passed by though a later one was done: any, or this one.
    Skipped {
        /// Which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<usize>,
    },
    /// An event that is not in the design: any, or this one.
    Extra {
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<String>,
    },
    /// A place first done after a later one: any, or this one.
    OutOfOrder {
        /// Which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<usize>,
    },
    /// A place done again: any, or this one.
    Looped {
        /// Which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<usize>,
    },
}
