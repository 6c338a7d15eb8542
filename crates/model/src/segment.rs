//! Segments and personas: groups of people.

use crate::{
    Key, Text, Value,
    ask::{Scope, Select},
    rule::{EventRule, Filter},
    time::{Duration, Period},
};
use serde::{Deserialize, Serialize};

/// A group of people, told by a rule on their traits and what they did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Who belongs to it.
    pub rule: PersonRule,
}

/// A rule on a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonRule {
    /// Every one of these holds.
    #[schema(no_recursion)]
    All(Vec<PersonRule>),
    /// At least one of these holds.
    #[schema(no_recursion)]
    Any(Vec<PersonRule>),
    /// This does not hold.
    #[schema(no_recursion)]
    Not(Box<PersonRule>),
    /// The person's latest value of a trait passes the test.
    Trait(Filter),
    /// The person did this often enough.
    Did(Did),
    /// The person stands behind a number of an answer, worked out anew with the data.
    Selected(Box<Selected>),
}

impl PersonRule {
    /// Every number of an answer the rule takes people from.
    pub fn selected(&self) -> Vec<&Selected> {
        match self {
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::selected).collect(),
            Self::Not(rule) => rule.selected(),
            Self::Selected(selected) => vec![selected],
            Self::Trait(_) | Self::Did(_) => Vec::new(),
        }
    }
}

/// The people behind a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Selected {
    /// Which number.
    pub of: Select,
    /// Who and when; absent: the scope of the question.
    #[serde(default)]
    pub scope: Scope,
}

/// How often a person did something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Did {
    /// What.
    pub when: EventRule,
    /// At least so often (1 when absent).
    #[serde(default = "one")]
    pub at_least: u32,
    /// At most so often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// Only in this period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Only in this long before the newest event of the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Duration>,
}

fn one() -> u32 {
    1
}

/// A persona: a portrait of a kind of customer, with a segment so that it has a size and numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Its key.
    pub key: Key,
    /// Name and age, as one would introduce somebody.
    pub name: Text,
    /// A line under the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagline: Option<Text>,
    /// What they might say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Text>,
    /// What they want.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Text>,
    /// What drives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub motivations: Vec<Text>,
    /// What stands in their way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub challenges: Vec<Text>,
    /// The segment that measures them.
    pub segment: Key,
}

impl Filter {
    /// A filter `property is value`.
    pub fn is(property: &str, value: Value) -> Self {
        Self {
            property: property.to_owned(),
            op: crate::rule::Op::Is,
            value: Some(crate::rule::OneOrMany::One(value)),
        }
    }
}
