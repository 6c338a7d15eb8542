//! Events and the people they belong to.

use serde::{Deserialize, Serialize};

/// Identifies one person: a hash of the kind and text of the identifier.
///
/// 64 bits of XXH3. With ten million people the chance that any two share a key is below 3 in a million
/// (birthday bound n²/2⁶⁵).
pub type PersonKey = u64;

/// The key of a person known by `user_id`, or else by `anonymous_id`.
///
/// Returns `None` when both are missing or blank: such an event belongs to nobody.
#[inline]
pub fn person_key(user_id: Option<&str>, anonymous_id: Option<&str>) -> Option<PersonKey> {
    let (prefix, id) = match (user_id, anonymous_id) {
        (Some(id), _) if !id.is_empty() => (b'u', id),
        (_, Some(id)) if !id.is_empty() => (b'a', id),
        _ => return None,
    };
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    hasher.update(&[prefix, b':']);
    hasher.update(id.as_bytes());
    Some(hasher.digest())
}

/// The text form of a person key in URLs and answers: 16 hexadecimal digits (JSON numbers lose bits).
pub fn person_text(person: PersonKey) -> String {
    format!("{person:016x}")
}

/// Reads [`person_text`] back.
pub fn person_from_text(text: &str) -> Option<PersonKey> {
    (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// A property's value: what JSON has, without nesting (nested input is kept as JSON text).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Value {
    /// true or false.
    Bool(bool),
    /// Any finite number.
    Number(f64),
    /// Text.
    Text(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The type of a property's values. A property that comes with two types is kept as two.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// Text.
    Text,
    /// Number.
    Number,
    /// true or false.
    Bool,
}

/// The name of the event that carries a person's traits as its properties (the Segment spec's `identify`).
pub const IDENTIFY: &str = "identify";
