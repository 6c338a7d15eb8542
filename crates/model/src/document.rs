//! Documents: every definition is one versioned document with a kind and a key.

use crate::segment::{Persona, Segment};
use crate::{Key, Text, insight::Insight, journey::Journey, map::Map, mapping::Mapping, metric::Metric};
use serde::{Deserialize, Serialize};

/// What a document defines.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// [`Journey`].
    Journey,
    /// [`Map`].
    Map,
    /// [`Metric`].
    Metric,
    /// [`Segment`].
    Segment,
    /// [`Persona`].
    Persona,
    /// [`Mapping`].
    Mapping,
    /// [`Insight`].
    Insight,
}

impl Kind {
    /// All kinds, in the order in which documents of one set are applied.
    pub const ALL: [Self; 7] =
        [Self::Segment, Self::Persona, Self::Metric, Self::Journey, Self::Map, Self::Mapping, Self::Insight];

    /// As written in YAML and URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Journey => "journey",
            Self::Map => "map",
            Self::Metric => "metric",
            Self::Segment => "segment",
            Self::Persona => "persona",
            Self::Mapping => "mapping",
            Self::Insight => "insight",
        }
    }

    /// Reads [`Kind::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A document: `kind` beside the fields of the definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum DocumentBody {
    /// A journey.
    Journey(Journey),
    /// A map.
    Map(Map),
    /// A metric.
    Metric(Metric),
    /// A segment.
    Segment(Segment),
    /// A persona.
    Persona(Persona),
    /// An import mapping.
    Mapping(Mapping),
    /// A question kept under a name.
    Insight(Insight),
}

impl DocumentBody {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Journey(_) => Kind::Journey,
            Self::Map(_) => Kind::Map,
            Self::Metric(_) => Kind::Metric,
            Self::Segment(_) => Kind::Segment,
            Self::Persona(_) => Kind::Persona,
            Self::Mapping(_) => Kind::Mapping,
            Self::Insight(_) => Kind::Insight,
        }
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        match self {
            Self::Journey(body) => &body.key,
            Self::Map(body) => &body.key,
            Self::Metric(body) => &body.key,
            Self::Segment(body) => &body.key,
            Self::Persona(body) => &body.key,
            Self::Mapping(body) => &body.key,
            Self::Insight(body) => &body.key,
        }
    }

    /// Its name, or its key.
    pub fn name(&self) -> Text {
        match self {
            Self::Journey(body) => body.name.clone(),
            Self::Map(body) => body.name.clone().unwrap_or_else(|| body.key.as_str().into()),
            Self::Metric(body) => body.name.clone(),
            Self::Segment(body) => body.name.clone(),
            Self::Persona(body) => body.name.clone(),
            Self::Mapping(body) => body.name.clone().unwrap_or_else(|| body.key.as_str().into()),
            Self::Insight(body) => body.name.clone(),
        }
    }
}

/// One stored version of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Document {
    /// 1 for the first, growing by one with every change.
    pub version: i64,
    /// Who made this version.
    pub author: String,
    /// When, microseconds since the epoch, UTC.
    pub created_us: i64,
    /// The definition.
    pub body: DocumentBody,
}
