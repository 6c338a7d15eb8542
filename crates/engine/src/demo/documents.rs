//! The definitions that come with the demo company.

use model::{DocumentBody, Problems, read_yaml};

/// The files, in the order in which they are applied.
pub(super) const FILES: [(&str, &str); 7] = [
    ("segments.yaml", include_str!("documents/segments.yaml")),
    ("personas.yaml", include_str!("documents/personas.yaml")),
    ("metrics.yaml", include_str!("documents/metrics.yaml")),
    ("journeys.yaml", include_str!("documents/journeys.yaml")),
    ("map-gift-purchase.yaml", include_str!("documents/map-gift-purchase.yaml")),
    ("map-future.yaml", include_str!("documents/map-future.yaml")),
    ("maps.yaml", include_str!("documents/maps.yaml")),
];

/// Journeys, maps, personas, segments and metrics of the demo company.
///
/// # Errors
/// The problems of a file that cannot be read: a bug of ours, which the tests find.
pub fn documents() -> Result<Vec<DocumentBody>, Problems> {
    let mut bodies = Vec::new();
    for (name, text) in FILES {
        bodies.extend(read_yaml(text, Some(name))?);
    }
    Ok(bodies)
}
