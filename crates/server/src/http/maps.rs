//! Maps with their numbers, on the screen and as files.

use crate::api::{ExportFormat, ExportQuery, MapQuery, ProblemList};
use crate::app::{App, CancelOnDrop};
use crate::auth::caller::Caller;
use crate::export;
use crate::extract::{Path, Query};
use crate::failure::{Failure, Result};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::Key;
use model::view::MapView;

/// A map with its numbers.
#[utoipa::path(get, path = "/maps/{key}", tag = "maps", params(("key" = String, Path), MapQuery), responses(
    (status = 200, body = MapView),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long: ask for a shorter period.", body = ProblemList),
))]
pub async fn map(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<Key>,
    Query(query): Query<MapQuery>,
) -> Result<axum::Json<MapView>> {
    let view = export::map_view(&app.engine, key, &query, &app.asking.begin(&caller)).await?;
    Ok(axum::Json(view))
}

/// A map as a file to keep, print or send.
#[utoipa::path(get, path = "/maps/{key}/export", tag = "maps",
    params(("key" = String, Path), ExportQuery),
    responses(
        (status = 200, description = "The file, as an attachment.", content(
            (String = "image/svg+xml"),
            (String = "image/png"),
            (String = "application/pdf"),
            (MapView = "application/json"),
            (String = "application/yaml"),
        )),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn export_map(
    State(app): State<App>,
    Path(key): Path<Key>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let bytes = export::map_file(&app.engine, key.clone(), &query, &CancelOnDrop::default()).await?;
    let (kind, ending) = match query.format {
        ExportFormat::Svg => ("image/svg+xml", "svg"),
        ExportFormat::Png => ("image/png", "png"),
        ExportFormat::Pdf => ("application/pdf", "pdf"),
        ExportFormat::Json => ("application/json", "json"),
        ExportFormat::Yaml => ("application/yaml; charset=utf-8", "yaml"),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, attachment(&key, ending)?);
    // Opened by itself, a picture may draw with its own styles and fonts, and do nothing else.
    let alone = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(alone));
    Ok(response)
}

/// A file name for the browser: ASCII for old ones, and the key as it is (RFC 6266).
fn attachment(key: &Key, ending: &str) -> Result<HeaderValue> {
    let plain: String = key.as_str().chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in key.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    let text = format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}.{ending}");
    HeaderValue::from_str(&text).map_err(Failure::internal)
}
