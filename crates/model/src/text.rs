//! Names and texts that may stand in one language or in two.

use serde::{Deserialize, Serialize};

/// The languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

/// A text in one language for everybody, or in Korean and English.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Text {
    /// The same for every reader.
    Plain(String),
    /// One for each language.
    Both {
        /// Korean.
        ko: String,
        /// English.
        en: String,
    },
}

impl Text {
    /// The text for a reader of `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match (self, lang) {
            (Self::Plain(text), _) => text,
            (Self::Both { ko, .. }, Lang::Ko) => ko,
            (Self::Both { en, .. }, Lang::En) => en,
        }
    }

    /// A text in both languages.
    pub fn both(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Both { ko: ko.into(), en: en.into() }
    }

    /// Whether no reader would see anything.
    pub fn is_blank(&self) -> bool {
        self.get(Lang::Ko).trim().is_empty() && self.get(Lang::En).trim().is_empty()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}
