//! What stands before every route, and what stands on every answer.

use crate::app::{TestApp, set_up};
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};
use server::app::Settings;
use std::time::Duration;

/// Every operation of the published document, with something in the place of its variables.
fn operations() -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(&server::http::health::openapi_text()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        // The door for events has a key of its own and is open to other sites; see `ingest`.
        if path == "/v1/batch" {
            continue;
        }
        for (method, operation) in methods.as_object().unwrap() {
            let path = path.replace("{kind}", "map").replace("{person}", "0000000000000000");
            let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
            let is_open = operation["security"] == json!([{}]);
            operations.push((method.to_uppercase(), path.collect::<Vec<_>>().join("/"), is_open));
        }
    }
    operations
}

#[tokio::test]
async fn every_route_wants_a_session_unless_it_is_open() {
    let app = TestApp::new().await;
    let mut n_closed = 0;
    for (method, path, is_open) in operations() {
        let reply = app.send(TestApp::request(&method, &path).body(Body::empty()).unwrap()).await;
        if is_open {
            assert_ne!(reply.status, 401, "{method} {path}");
        } else {
            assert_eq!(reply.expect(401).code(), "auth.sign_in", "{method} {path}");
            n_closed += 1;
        }
    }
    assert!(n_closed >= 25, "{n_closed}");
}

#[tokio::test]
async fn nothing_is_changed_for_another_site() {
    let app = TestApp::signed_in().await;
    for (method, path, _) in operations() {
        if method == "GET" {
            continue;
        }
        let request = TestApp::request(&method, &path).header(header::ORIGIN, "https://evil.example");
        let reply = app.send(request.body(Body::empty()).unwrap()).await.expect(403);
        assert_eq!(reply.code(), "request.foreign_origin", "{method} {path}");
    }
    app.get("workspace").await.expect(200); // The forged sign-out did not sign out.
    let own = TestApp::request("POST", "auth/logout").header(header::ORIGIN, "http://localhost:7070");
    app.send(own.body(Body::empty()).unwrap()).await.expect(204);
}

#[tokio::test]
async fn foreign_names_of_this_machine_are_refused() {
    let app = TestApp::new().await;
    for (path, status) in [("auth/state", 403), ("/", 403), ("/healthz", 200), ("/readyz", 200)] {
        let request = TestApp::request("GET", path).header(header::HOST, "evil.example:7070");
        app.send(request.body(Body::empty()).unwrap()).await.expect(status);
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let app = TestApp::new().await;
    for path in ["/", "/journeys", "auth/state", "workspace", "nothing", "/healthz"] {
        let reply = app.get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'self'; script-src 'self'; style-src 'self' 'nonce-"),
            "{policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("script-src 'self' 'unsafe"),
            "{policy}"
        );
    }
    assert_eq!(app.get("auth/state").await.header("cache-control"), "no-store");
    let (one, two) = (app.get("/").await, app.get("/").await);
    assert_ne!(one.header("content-security-policy"), two.header("content-security-policy"));
}

#[tokio::test]
async fn the_api_never_answers_with_a_page() {
    let app = TestApp::signed_in().await;
    for path in ["nothing", "maps", "/api", "/api/v2/journeys"] {
        assert_eq!(app.get(path).await.expect(404).code(), "request.path", "{path}");
    }
    assert_eq!(app.delete("journeys").await.expect(405).code(), "request.method");
    // Any other address is one of the UI's, but a missing file is missing.
    for path in ["/", "/journeys", "/maps/gift-선물"] {
        let page = app.get(&path.replace("선물", "%EC%84%A0%EB%AC%BC")).await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
    }
    app.get("/assets/missing.js").await.expect(404);
    app.get("/../../Cargo.toml").await.expect(404);
}

#[tokio::test]
async fn unreadable_requests_are_told_what_is_wrong() {
    let app = TestApp::signed_in().await;
    let json_type = "application/json";
    for (path, kind, body, status, code) in [
        ("ask", "text/plain", "{}", 415, "request.type"),
        ("ask", json_type, "{", 400, "request.body"),
        ("ask", json_type, r#"{"ask": "everything"}"#, 422, "request.body"),
        ("ask", json_type, r#"{"ask": "channels", "scope": {"segmnt": "x"}}"#, 422, "request.body"),
        ("documents/apply", "application/yaml", "kind: journey\nkey: UPPER", 422, "document.unreadable"),
        ("documents/apply?dry=1", "application/yaml", "", 400, "request.query"),
        ("documents/apply", "application/yaml", "# nothing", 422, "document.none"),
    ] {
        assert_eq!(app.post_text(path, kind, body).await.expect(status).code(), code, "{path} {body}");
    }
    let bytes = app.post_text("documents/apply", "application/yaml", b"kind: \xff".to_vec()).await;
    assert_eq!(bytes.expect(400).code(), "document.encoding");
    let long = "x".repeat(3 << 20);
    assert_eq!(app.post_text("ask", json_type, long).await.expect(413).code(), "request.too_large");
    assert_eq!(app.get("journeys?from=2026-01-01").await.expect(422).code(), "period.half");
    assert_eq!(app.get("journeys?from=2026-02-01&to=2026-01-01").await.expect(422).code(), "period.reversed");
    assert_eq!(app.get("documents/poem/x").await.expect(404).code(), "request.path");
    assert_eq!(app.get("documents/map/UPPER").await.expect(404).code(), "request.path");
}

#[tokio::test]
async fn slow_answers_are_given_up() {
    let settings = Settings { answer_timeout: Duration::ZERO, ..Settings::local() };
    let app = TestApp::with(settings).await;
    let late = app.post("auth/setup", &set_up()).await.expect(503); // Hashing takes longer than no time.
    assert_eq!((late.code().as_str(), late.header("retry-after")), ("request.timeout", "10"));
}

#[tokio::test]
async fn https_binds_the_cookie() {
    let public_url = Some("https://journeys.example.com".parse().unwrap());
    let app = TestApp::with(Settings { public_url, ..Settings::local() }).await;
    let cookie = app.post("auth/setup", &set_up()).await.expect(200).header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-gilmok_session=") && cookie.ends_with("; Secure"), "{cookie}");
    let named = TestApp::request("GET", "auth/state").header(header::HOST, "journeys.example.com");
    app.send(named.body(Body::empty()).unwrap()).await.expect(200);
}
