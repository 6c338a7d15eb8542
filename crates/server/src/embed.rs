//! The UI inside the binary.

use crate::app::App;
use crate::failure::{Class, Failure};
use crate::guard::Nonce;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use flate2::read::GzDecoder;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::io::Read;

/// The files of `web/dist`: scripts and styles only packed, as `name.br` and `name.gz`.
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
        && let Some(response) = asset(path, &headers)
    {
        return response;
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

/// How files are packed and how their names then end, what is smallest first.
const PACKED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// A file of the UI, packed if the client takes that. One with its hash in its name never changes; the others are asked for
/// again by their tag.
fn asset(path: &str, headers: &HeaderMap) -> Option<Response> {
    if PACKED.iter().any(|(_, suffix)| path.ends_with(suffix)) {
        return None; // Not a name of its own.
    }
    let packed = PACKED.iter().filter(|(coding, _)| takes(headers, coding));
    let packed =
        packed.filter_map(|(coding, suffix)| Some((Ui::get(&format!("{path}{suffix}"))?, *coding))).next();
    let (file, coding) = match packed {
        Some((file, coding)) => (file, Some(coding)),
        None => (Ui::get(path).or_else(|| unpacked(path))?, None),
    };
    let [a, b, c, d, ..] = file.metadata.sha256_hash();
    let tag = format!("\"{a:02x}{b:02x}{c:02x}{d:02x}-{}\"", file.data.len());
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|old| old.as_bytes() == tag.as_bytes());
    let about = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::VARY, "accept-encoding".to_owned()),
    ];
    if same {
        return Some((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    let coding = coding.map(|coding| [(header::CONTENT_ENCODING, coding)]);
    let body = match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let response = (about, [(header::CONTENT_TYPE, kind)], body);
    Some(match coding {
        Some(coding) => (coding, response).into_response(),
        None => response.into_response(),
    })
}

/// Whether the client takes a coding: `gzip, br;q=0` takes gzip only.
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

/// A packed file for who takes it only plain.
fn unpacked(path: &str) -> Option<EmbeddedFile> {
    let packed = Ui::get(&format!("{path}.gz"))?;
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed.data).read_to_end(&mut bytes).ok()?;
    Some(EmbeddedFile { data: Cow::Owned(bytes), metadata: packed.metadata })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_a_client_takes() {
        let takes = |accepted: &'static str, coding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            takes(&headers, coding)
        };
        for (accepted, br, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip;q=1.0, br;q=0", false, true),
            ("GZIP", false, true),
            ("br ; q=0.5", true, false),
            ("identity", false, false),
            ("", false, false),
        ] {
            assert_eq!((takes(accepted, "br"), takes(accepted, "gzip")), (br, gzip), "{accepted}");
        }
        assert!(!super::takes(&HeaderMap::new(), "gzip"));
    }
}
