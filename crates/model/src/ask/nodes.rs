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
    /// Events told apart by one of their properties, such as pages by their address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub split: Vec<NodeSplit>,
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

/// Events told apart by a property: each value is a node of its own, `page · /pricing`.
///
/// The 1,000 values with most events are; the rest stay one node under the event's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeSplit {
    /// Names of the events; `page_*` means all that start so.
    pub event: OneOrMany<String>,
    /// The property; `channel` is the event's channel.
    pub property: String,
    /// Whether the values are addresses of pages, of which only the path counts, with ids left out.
    #[serde(default)]
    pub url: bool,
}

/// The path of an address, as people name a page: without scheme, host, query, fragment and final slash,
/// with `:id` in place of segments that are ids (numbers, UUIDs, long runs of letters and digits).
pub fn clean_url(address: &str) -> String {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let address = &address[..end];
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => address,
    };
    let mut cleaned = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        cleaned.push('/');
        cleaned.push_str(if is_id(segment) { ":id" } else { segment });
    }
    if cleaned.is_empty() { "/".to_owned() } else { cleaned }
}

/// Numbers, and runs of 16 or more letters, digits, `-` and `_` with a digit among them: names of pages are
/// words, ids are not. A year such as 2025 is a number too.
fn is_id(segment: &str) -> bool {
    let has_digit = segment.bytes().any(|byte| byte.is_ascii_digit());
    let is_number = segment.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let long = segment.len() >= 16 && has_digit && segment.bytes().all(is_code);
    // Words of a title are joined by hyphens: only those that spell a UUID or a hash are ids.
    let titled = segment.contains('-') && !segment.bytes().all(is_hex);
    is_number || (long && !titled)
}

/// Whether `name` is `pattern`, or starts with what stands before its final `*`.
pub fn name_matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}
