//! The HTTP API under `/api/v1`: each route is declared once, with its documentation.

pub mod ask;
pub mod auth;
pub mod documents;
pub mod health;
pub mod imports;
pub mod maps;
pub mod people;
pub mod templates;
pub mod uploads;
pub mod workspace;

use crate::app::App;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Name of the session cookie's security scheme in the OpenAPI document.
const SESSION: &str = "session";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gilmok",
        description = "Customer journeys on measured data. Every answer that is not 2xx is a `ProblemList`: \
                       what happened and what to do, in Korean and English.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact()
    ),
    security(("session" = [])),
    components(schemas(
        crate::api::ProblemList,
        crate::api::CompareWith,
        crate::api::ExportFormat,
        crate::api::Sheet,
        model::DocumentBody,
        model::workspace::Workspace,
        model::view::Answer,
    ))
)]
struct Document;

/// All routes under `/api/v1`, and the document about them. `routes_open` need no session; all others do.
pub fn api() -> (OpenApiRouter<App>, OpenApiRouter<App>) {
    let open = OpenApiRouter::new()
        .routes(routes!(auth::auth_state))
        .routes(routes!(auth::set_up))
        .routes(routes!(auth::log_in))
        .routes(routes!(auth::log_out))
        .routes(routes!(health::openapi));
    let closed = OpenApiRouter::new()
        .routes(routes!(workspace::workspace, workspace::put_workspace))
        .routes(routes!(documents::documents))
        .routes(routes!(documents::apply_documents))
        .routes(routes!(documents::document, documents::put_document, documents::delete_document))
        .routes(routes!(documents::document_history))
        .routes(routes!(templates::templates))
        .routes(routes!(templates::use_template))
        .routes(routes!(ask::ask))
        .routes(routes!(ask::journeys))
        .routes(routes!(ask::sql))
        .routes(routes!(maps::map))
        .routes(routes!(maps::export_map))
        .routes(routes!(uploads::upload))
        .routes(routes!(uploads::delete_upload))
        .routes(routes!(imports::preview_import))
        .routes(routes!(imports::imports, imports::start_import))
        .routes(routes!(imports::import))
        .routes(routes!(imports::cancel_import))
        .routes(routes!(imports::import_rejects))
        .routes(routes!(people::events))
        .routes(routes!(people::people))
        .routes(routes!(people::timeline))
        .routes(routes!(people::groups));
    (open, closed)
}

/// The OpenAPI document of the whole API.
pub fn document() -> utoipa::openapi::OpenApi {
    let (open, closed) = api();
    let mut document = Document::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let (_, paths) =
        OpenApiRouter::with_openapi(document).nest("/api/v1", open.merge(closed)).split_for_parts();
    let mut document = paths;
    let cookie = ApiKeyValue::with_description(
        crate::auth::session::COOKIE,
        "Set by auth/login and auth/setup. `__Host-` stands before the name when the server is public over https.",
    );
    if let Some(components) = document.components.as_mut() {
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
    document
}
