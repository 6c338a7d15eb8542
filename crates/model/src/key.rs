//! Keys: the short names by which documents, stages and touchpoints refer to each other.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A key: 1 to 64 characters of lowercase letters, digits, `-` and `_`, starting with a letter or digit.
///
/// Letters of any script are allowed (Korean keys work in URLs after percent-encoding); upper case is
/// refused so that two keys never differ by case alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "gift-purchase")]
pub struct Key(String);

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a key: use 1 to 64 lowercase letters, digits, - and _, starting with a letter or digit"
)]
pub struct BadKey(String);

impl Key {
    /// Checks and wraps a key.
    pub fn new(text: impl Into<String>) -> Result<Self, BadKey> {
        let text = text.into();
        let fits = (1..=64).contains(&text.chars().count())
            && text.starts_with(char::is_alphanumeric)
            && text.chars().all(|c| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_');
        if fits { Ok(Self(text)) } else { Err(BadKey(text)) }
    }

    /// Makes a key of any name: what cannot stand in a key becomes `-`.
    pub fn from_name(name: &str) -> Self {
        let mut slug = String::new();
        for c in name.trim().to_lowercase().chars().take(60) {
            if c.is_alphanumeric() && !c.is_uppercase() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "untitled".to_owned() } else { slug.to_owned() })
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Key {
    type Error = BadKey;
    fn try_from(text: String) -> Result<Self, BadKey> {
        Self::new(text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_rules() {
        for good in ["a", "gift-purchase", "구매", "2024_q1"] {
            assert!(Key::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Gift", "a b", "a/b", "..", &"x".repeat(65)] {
            assert!(Key::new(bad).is_err(), "{bad}");
        }
        assert_eq!(Key::from_name("  Gift: 선물 Purchase! ").as_str(), "gift-선물-purchase");
        assert_eq!(Key::from_name("!!!").as_str(), "untitled");
    }
}
