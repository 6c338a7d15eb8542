//! The published JSON Schema: everything one may write, derived from the same types the API is.

use model::DocumentBody;
use model::ask::Ask;
use model::workspace::Workspace;
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The schema as text: a definition of any kind. Questions and the workspace stand in `$defs` beside it.
pub fn text() -> String {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    DocumentBody::schemas(&mut parts);
    Ask::schemas(&mut parts);
    Workspace::schemas(&mut parts);
    parts.push((<DocumentBody as ToSchema>::name().into_owned(), DocumentBody::schema()));
    parts.push((Ask::name().into_owned(), Ask::schema()));
    parts.push((Workspace::name().into_owned(), Workspace::schema()));
    let mut definitions = Map::new();
    for (name, schema) in parts {
        // Plain data: it always has a JSON form.
        definitions.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
    definitions.sort_keys();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Gilmok definitions",
        "description": "A journey, map, metric, segment, persona or mapping, as `gilmok apply` reads it. \
                        A question, as `gilmok ask` reads it, is `$defs/Ask`.",
        "$ref": "#/$defs/DocumentBody",
        "$defs": Value::Object(definitions),
    });
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    let text = text.replace("#/components/schemas/", "#/$defs/").replace("[`", "`").replace("`]", "`");
    text.replace("crate::", "").replace("Self::", "") + "\n"
}
