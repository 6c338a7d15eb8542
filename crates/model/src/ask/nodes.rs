//! What paths, variants and designs see of an event: nodes.

use crate::rule::OneOrMany;
use serde::{Deserialize, Serialize};

/// Events seen as nodes: each by its own name, those of a group by the group's, hidden ones not at all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    /// Several events seen as one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<NodeGroup>,
    /// Names of events that are noise here; `page_*` hides all that start so. They never cut a session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hide: Vec<String>,
    /// Whether a node right after itself counts again; it does not when absent.
    #[serde(default)]
    pub repeats: bool,
}

/// Events seen as one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeGroup {
    /// Name of the node. An event of the same name belongs to it too.
    pub name: String,
    /// Names of its events; `page_*` means all that start so.
    pub event: OneOrMany<String>,
}

/// Whether `name` is `pattern`, or starts with what stands before its final `*`.
pub fn name_matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}
