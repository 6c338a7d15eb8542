//! The UI inside the binary.

use crate::app::App;
use crate::failure::{Class, Failure};
use crate::guard::Nonce;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Ui;

/// What stands in the place of the UI in a binary that was built without it.
const UNBUILT: &str = include_str!("unbuilt.html");

/// Answers everything that is not the API: the UI's files, and its one page for every address of its own.
pub async fn ui(
    State(app): State<App>,
    Extension(nonce): Extension<Nonce>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_api = path == "api" || path.starts_with("api/");
    if is_api || !matches!(method, Method::GET | Method::HEAD) {
        return nothing_here(uri.path()).into_response();
    }
    if let (true, Some(home)) = (path.is_empty(), &app.settings.home) {
        return Redirect::temporary(home).into_response();
    }
    if path != "index.html"
        && let Some(file) = Ui::get(path)
    {
        return asset(path, file, &headers);
    }
    // A missing picture or script is missing; only an address without an extension is one of the UI's pages.
    if path.rsplit('/').next().is_some_and(|last| last.contains('.')) && path != "index.html" {
        return nothing_here(uri.path()).into_response();
    }
    page(&nonce)
}

fn nothing_here(path: &str) -> Failure {
    Failure::say(
        Class::NotFound,
        "request.path",
        (format!("`{path}`에는 아무것도 없습니다."), format!("There is nothing at `{path}`.")),
        (
            "주소를 확인하세요. API는 `/api/v1/openapi.json`에 있습니다.",
            "Check the address. The API is described in `/api/v1/openapi.json`.",
        ),
    )
}

fn page(nonce: &Nonce) -> Response {
    let Some(index) = Ui::get("index.html") else {
        return (StatusCode::OK, no_cache(), Html(UNBUILT)).into_response();
    };
    // React Aria adds a few styles of its own; it looks for this number to do so under the policy.
    let tag = format!("<meta property=\"csp-nonce\" content=\"{0}\" nonce=\"{0}\"></head>", nonce.0);
    let html = String::from_utf8_lossy(&index.data).replacen("</head>", &tag, 1);
    (no_cache(), Html(html)).into_response()
}

fn no_cache() -> [(header::HeaderName, HeaderValue); 1] {
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))]
}

/// A file with its hash in its name never changes; the others are asked for again by their tag.
fn asset(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let [a, b, c, d, ..] = file.metadata.sha256_hash();
    let tag = format!("\"{a:02x}{b:02x}{c:02x}{d:02x}-{}\"", file.data.len());
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|old| old.as_bytes() == tag.as_bytes());
    let tagged = [(header::ETAG, tag), (header::CACHE_CONTROL, cache.to_owned())];
    if same {
        return (StatusCode::NOT_MODIFIED, tagged).into_response();
    }
    let kind = [(header::CONTENT_TYPE, file.metadata.mimetype().to_owned())];
    (tagged, kind, file.data.into_owned()).into_response()
}
