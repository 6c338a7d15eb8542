//! What is published must be what is served.

use serde_json::Value;
use std::path::Path;

#[test]
fn the_openapi_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == server::http::health::openapi_text(),
        "docs/openapi.json is stale: cargo run -p gilmok -- openapi > docs/openapi.json"
    );
}

/// Every `$ref` of a document, and whether it leads somewhere.
fn check_references(document: &Value, part: &Value, n_references: &mut usize) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let pointer = reference.strip_prefix('#').expect("a reference into the document");
                assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                *n_references += 1;
            }
            fields.values().for_each(|field| check_references(document, field, n_references));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(document, item, n_references)),
        _ => {}
    }
}

#[test]
fn references_lead_somewhere() {
    for text in [server::http::health::openapi_text(), server::schema::text()] {
        let document: Value = serde_json::from_str(&text).unwrap();
        let mut n_references = 0;
        check_references(&document, &document, &mut n_references);
        assert!(n_references > 50, "{n_references}");
        assert!(!text.contains("crate::"), "Rust paths mean nothing to readers");
    }
}

#[test]
fn the_schema_holds_every_kind() {
    let schema: Value = serde_json::from_str(&server::schema::text()).unwrap();
    for name in ["Journey", "Map", "Metric", "Segment", "Persona", "Mapping", "Ask", "Workspace"] {
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
}
