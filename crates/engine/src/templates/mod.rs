//! The usual journeys to start from: each one journey with touchpoints and one map with starter cards, in Korean
//! and English, to be renamed, re-ruled and overwritten.
//!
//! The event names in them are common ones (`visit`, `add_to_cart`, `purchase` …); a workspace that calls them
//! otherwise changes the rules, not its data.

use crate::EngineError;
use model::{DocumentBody, Key, Text, read_yaml};
use serde::{Deserialize, Serialize};

/// Key and documents of every template, in the order in which they are offered.
const FILES: [(&str, &str); 9] = [
    ("five-stage-retention", include_str!("five-stage-retention.yaml")),
    ("five-stage-decision", include_str!("five-stage-decision.yaml")),
    ("five-stage-loyalty", include_str!("five-stage-loyalty.yaml")),
    ("e-commerce", include_str!("e-commerce.yaml")),
    ("subscription", include_str!("subscription.yaml")),
    ("saas-b2b", include_str!("saas-b2b.yaml")),
    ("app", include_str!("app.yaml")),
    ("appointment", include_str!("appointment.yaml")),
    ("portal", include_str!("portal.yaml")),
];

/// A journey to start from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Template {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// When to use it.
    pub description: Text,
    /// Names of its stages.
    pub stages: Vec<Text>,
}

/// All templates, the general ones first.
pub fn all() -> Vec<Template> {
    FILES.iter().filter_map(|(_, text)| describe(text)).collect()
}

/// The journey of a template and its map, both under `key`.
///
/// The journey is called `name`, or as the template is where `name` is blank; the map takes the journey's name.
/// All other texts stay in both languages.
///
/// # Errors
/// [`EngineError::NotFound`] where there is no such template.
pub fn make(template: &str, key: &Key, name: &str) -> Result<Vec<DocumentBody>, EngineError> {
    let not_found = || EngineError::NotFound { kind: "template", key: template.to_owned() };
    let (_, text) = FILES.iter().find(|file| file.0 == template).ok_or_else(not_found)?;
    let mut bodies = read_yaml(text, Some(template))?;
    for body in &mut bodies {
        match body {
            DocumentBody::Journey(journey) => {
                journey.key = key.clone();
                if !name.trim().is_empty() {
                    journey.name = Text::Plain(name.trim().to_owned());
                }
            }
            DocumentBody::Map(map) => {
                map.key = key.clone();
                map.journey = key.clone();
                map.name = None;
            }
            _ => {}
        }
    }
    Ok(bodies)
}

/// What the journey of a template says about itself.
fn describe(text: &str) -> Option<Template> {
    read_yaml(text, None).ok()?.into_iter().find_map(|body| match body {
        DocumentBody::Journey(journey) => Some(Template {
            key: journey.key,
            name: journey.name,
            description: journey.description.unwrap_or_default(),
            stages: journey.stages.into_iter().map(|stage| stage.name).collect(),
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
