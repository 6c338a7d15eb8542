//! Insights: questions kept under a name, so that the answer is found again and stands where it belongs on a map.

use crate::{Key, Text, ask::Ask};
use serde::{Deserialize, Serialize};

/// A question kept under a name. Its answer is measured anew whenever it is opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Insight {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What was found, in the team's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// The question.
    pub question: Ask,
    /// Where it stands on maps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
}

/// A place on a map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The map.
    pub map: Key,
    /// A stage of its journey.
    pub stage: Key,
}
