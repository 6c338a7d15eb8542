//! The HTTP API under `/api/v1`: each route is declared once, with its documentation.

pub mod ask;
pub mod auth;
pub mod backups;
pub mod batch;
pub mod documents;
pub mod expiry;
pub mod health;
pub mod imports;
pub mod ingest;
pub mod maps;
pub mod people;
pub mod person;
pub mod sql;
pub mod templates;
pub mod uploads;
pub mod workspace;

use crate::app::App;
use crate::auth::caller;
use crate::failure::{Class, Failure};
use crate::{embed, guard};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

/// Bytes of a request's body, but for uploads and sets of documents.
const BODY_BYTES_MAX: usize = 2 * model::limits::DOCUMENT_BYTES_MAX;
/// Bytes of a set of documents.
const SET_BYTES_MAX: usize = 8 * model::limits::DOCUMENT_BYTES_MAX;

/// What a write key is, in the OpenAPI document.
const KEY: &str = "A source's write key: the user name with an empty password, or the token.";

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
        .routes(routes!(expiry::expiry, expiry::put_expiry))
        .routes(routes!(expiry::expire))
        .routes(routes!(documents::documents))
        .routes(routes!(documents::apply_documents).layer(DefaultBodyLimit::max(SET_BYTES_MAX)))
        .routes(routes!(documents::document, documents::put_document, documents::delete_document))
        .routes(routes!(documents::document_history))
        .routes(routes!(templates::templates))
        .routes(routes!(templates::use_template))
        .routes(routes!(ask::ask))
        .routes(routes!(ask::ask_progress))
        .routes(routes!(ask::journeys))
        .routes(routes!(sql::sql))
        .routes(routes!(sql::sql_download))
        .routes(routes!(maps::map))
        .routes(routes!(maps::export_map))
        .routes(routes!(uploads::upload))
        .routes(routes!(uploads::delete_upload))
        .routes(routes!(imports::preview_import))
        .routes(routes!(imports::imports, imports::start_import))
        .routes(routes!(imports::import))
        .routes(routes!(imports::cancel_import))
        .routes(routes!(imports::import_rejects))
        .routes(routes!(backups::backups, backups::start_backup))
        .routes(routes!(people::events))
        .routes(routes!(people::people))
        .routes(routes!(people::export_people))
        .routes(routes!(people::timeline))
        .routes(routes!(people::groups))
        .routes(routes!(person::export_person))
        .routes(routes!(person::erase_person))
        .routes(routes!(person::merge))
        .routes(routes!(person::unmerge))
        .routes(routes!(person::links))
        .routes(routes!(ingest::ingest))
        .routes(routes!(ingest::sources, ingest::make_source))
        .routes(routes!(ingest::revoke_source))
        .routes(routes!(ingest::dead_letters))
        .routes(routes!(ingest::replay_dead_letters))
        .routes(routes!(ingest::dead_letter, ingest::delete_dead_letter))
        .routes(
            routes!(ingest::replay_dead_letter).layer(DefaultBodyLimit::max(engine::ingest::BODY_BYTES_MAX)),
        );
    (open, closed)
}

/// The route for events: its own key instead of a session, and open to pages of other sites.
pub fn intake() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(batch::send_batch))
}

/// The whole server: API, health, UI, and the guards before them.
pub fn router(app: App) -> Router {
    let (open, closed) = api();
    let (open, closed): (Router<App>, Router<App>) = (open.into(), closed.into());
    let closed = closed.route_layer(from_fn_with_state(app.clone(), caller::require_session));
    let intake: Router<App> = intake().into();
    // Some senders are given the address of the API and add `/batch` themselves.
    let intake = intake
        .route("/api/v1/batch", post(batch::send_batch))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), guard::in_time))
        .layer(from_fn(batch::any_site));
    let guarded = Router::new()
        .nest("/api/v1", open.merge(closed))
        .route("/open/{token}", get(auth::open_link))
        .fallback(embed::ui)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), guard::in_time))
        .layer(from_fn_with_state(app.clone(), guard::own_site));
    let shrinks = DefaultPredicate::new().and(NotForContentType::new("font/"));
    // A load balancer asks for health by address, so no name is asked of it.
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .merge(intake)
        .merge(guarded)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn(guard::headers))
        // Answers are made for one reader: what is sent sooner counts, not the last byte. The UI's files are packed already.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(shrinks))
        .with_state(app)
}

async fn wrong_method(method: Method, uri: Uri) -> Failure {
    Failure::say(
        Class::WrongMethod,
        "request.method",
        (
            format!("`{}`에는 {method} 요청을 할 수 없습니다.", uri.path()),
            format!("`{}` does not take {method}.", uri.path()),
        ),
        (
            "`/api/v1/openapi.json`에서 쓸 수 있는 메서드를 확인하세요.",
            "See `/api/v1/openapi.json` for the methods it takes.",
        ),
    )
}

/// The OpenAPI document of the whole API.
pub fn document() -> utoipa::openapi::OpenApi {
    let (open, closed) = api();
    let mut document = Document::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let (_, paths) = OpenApiRouter::with_openapi(document)
        .nest("/api/v1", open.merge(closed))
        .merge(intake())
        .split_for_parts();
    let mut document = paths;
    let cookie = ApiKeyValue::with_description(
        crate::auth::session::COOKIE,
        "Set by auth/login and auth/setup. `__Host-` stands before the name when the server is public over https.",
    );
    if let Some(components) = document.components.as_mut() {
        components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let key =
            |scheme| SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(KEY)).build());
        components.add_security_scheme("write_key", key(HttpAuthScheme::Basic));
        components.add_security_scheme("write_key_bearer", key(HttpAuthScheme::Bearer));
    }
    document
}
