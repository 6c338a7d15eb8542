//! The first account, signing in and out, guessing, roles.

use crate::app::{EMAIL, PASSWORD, TestApp, set_up};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};
use server::app::{Settings, Setup};
use server::auth::session::token_hash;
use std::net::SocketAddr;

fn login(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

#[tokio::test]
async fn the_first_account_is_made_once() {
    let mut app = TestApp::new().await;
    let state = app.get("auth/state").await.expect(200).json();
    assert_eq!((&state["setup_needed"], &state["user"]), (&json!(true), &Value::Null));

    let reply = app.post("auth/setup", &set_up()).await.expect(200);
    let cookie = reply.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    insta::assert_json_snapshot!(reply.json(), @r#"
    {
      "setup_needed": false,
      "setup_code_needed": false,
      "user": {
        "name": "민",
        "email": "min@gilmok.kr",
        "role": "owner"
      },
      "workspace": {
        "name": "길목상점",
        "zone": "Asia/Seoul",
        "week_start": "monday",
        "currency": "KRW",
        "lang": "ko"
      }
    }
    "#);

    // Nobody becomes owner a second time, signed in or not.
    assert_eq!(app.post("auth/setup", &set_up()).await.expect(409).code(), "auth.set_up_already");
    app.keep_cookie(&reply);
    assert_eq!(app.get("auth/state").await.expect(200).json()["user"]["email"], EMAIL);
}

#[tokio::test]
async fn a_hundred_claims_make_one_owner() {
    let app = TestApp::new().await;
    let claims = (0..20).map(|claim| {
        let mut body = set_up();
        body["email"] = json!(format!("{claim}@gilmok.kr"));
        let app = &app;
        async move { app.post("auth/setup", &body).await.status.as_u16() }
    });
    let mut answers = futures::future::join_all(claims).await;
    answers.sort_unstable();
    assert_eq!(answers[0], 200);
    assert!(answers[1..].iter().all(|status| *status == 409), "{answers:?}");
    assert_eq!(app.app.engine.meta.users().await.unwrap().len(), 1);
}

#[tokio::test]
async fn bad_first_accounts_are_refused() {
    let app = TestApp::new().await;
    for (field, value, code) in [
        ("email", json!("nobody"), "account.bad_email"),
        ("email", json!("a@b@c"), "account.bad_email"),
        ("password", json!("short"), "account.weak_password"),
        ("password", json!("1234567890"), "account.weak_password"),
        ("zone", json!("Mars/Olympus"), "workspace.unknown_zone"),
        ("colour", json!("red"), "request.body"),
    ] {
        let mut body = set_up();
        body[field] = value;
        assert_eq!(app.post("auth/setup", &body).await.expect(422).code(), code, "{field}");
    }
    assert!(app.app.engine.meta.users().await.unwrap().is_empty());
}

#[tokio::test]
async fn beyond_this_machine_setup_needs_the_code() {
    let setup = Setup::Code(token_hash("the printed code"));
    let app = TestApp::with(Settings { loopback: false, setup, ..Settings::local() }).await;
    assert_eq!(app.get("auth/state").await.json()["setup_code_needed"], true);
    assert_eq!(app.post("auth/setup", &set_up()).await.expect(403).code(), "auth.setup_code");
    let mut body = set_up();
    body["code"] = json!("a wrong code");
    app.post("auth/setup", &body).await.expect(403);
    body["code"] = json!("the printed code");
    app.post("auth/setup", &body).await.expect(200);
}

#[tokio::test]
async fn sessions_begin_and_end() {
    let mut app = TestApp::signed_in().await;
    let old = app.cookie.clone();
    app.get("workspace").await.expect(200);

    // Signing in again makes a new token and ends the old one.
    let reply = app.post("auth/login", &login(&EMAIL.to_uppercase(), PASSWORD)).await.expect(200);
    app.keep_cookie(&reply);
    assert_ne!(app.cookie, old);
    let new = std::mem::replace(&mut app.cookie, old);
    assert_eq!(app.get("workspace").await.expect(401).code(), "auth.sign_in");
    app.cookie = new;
    app.get("workspace").await.expect(200);

    // After signing out the token is worth nothing, even to who kept it.
    let out = app.post("auth/logout", &json!({})).await.expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    app.get("workspace").await.expect(401);
    app.post("auth/logout", &json!({})).await.expect(204);
}

#[tokio::test]
async fn sessions_expire_and_end_with_the_password() {
    let mut app = TestApp::signed_in().await;
    app.pass(29 * 24 * 3600);
    app.get("workspace").await.expect(200);
    app.pass(2 * 24 * 3600);
    app.get("workspace").await.expect(401);

    let reply = app.post("auth/login", &login(EMAIL, PASSWORD)).await.expect(200);
    app.keep_cookie(&reply);
    let meta = &app.app.engine.meta;
    let user = meta.user_by_login(EMAIL).await.unwrap().unwrap();
    meta.set_password(user.id, &user.password_hash).await.unwrap();
    app.get("workspace").await.expect(401);

    meta.set_user_disabled(user.id, true).await.unwrap();
    assert_eq!(app.post("auth/login", &login(EMAIL, PASSWORD)).await.expect(401).code(), "auth.wrong");
}

#[tokio::test]
async fn guessing_slows_down() {
    let mut app = TestApp::signed_in().await;
    app.cookie = None;
    for _ in 0..5 {
        // An unknown account and a wrong password look the same.
        let wrong = app.post("auth/login", &login(EMAIL, "not the password")).await.expect(401);
        let unknown = app.post("auth/login", &login("nobody@gilmok.kr", "not the password")).await;
        assert_eq!(wrong.text(), unknown.expect(401).text());
    }
    let refused = app.post("auth/login", &login(EMAIL, PASSWORD)).await.expect(429);
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("auth.too_many", "1"));

    // Somebody elsewhere is not locked out.
    let there: SocketAddr = "10.0.0.7:40000".parse().unwrap();
    let request: Request<Body> = TestApp::request("POST", "auth/login")
        .header("content-type", "application/json")
        .extension(ConnectInfo(there))
        .body(Body::from(login(EMAIL, PASSWORD).to_string()))
        .unwrap();
    app.send(request).await.expect(200);

    app.pass(1);
    app.post("auth/login", &login(EMAIL, PASSWORD)).await.expect(200);
}

#[tokio::test]
async fn roles_bound_what_one_may_do() {
    let mut app = TestApp::furnished().await;
    let hash = app.app.passwords.hash(PASSWORD).await.unwrap();
    for (login, role) in [("edit@gilmok.kr", meta::Role::Editor), ("view@gilmok.kr", meta::Role::Viewer)] {
        let user = meta::NewUser { login, name: login, role, password_hash: &hash };
        app.app.engine.meta.create_user(user, 0).await.unwrap();
    }
    let workspace = app.get("workspace").await.json();
    let sql = json!({ "query": "SELECT 1" });
    for (email, may_write) in [("edit@gilmok.kr", true), ("view@gilmok.kr", false)] {
        let reply = app.post("auth/login", &login(email, PASSWORD)).await.expect(200);
        app.keep_cookie(&reply);
        app.get("documents").await.expect(200);
        app.post("sql", &sql).await.expect(200);
        app.put("workspace", &workspace).await.expect(403);
        let writes = [
            app.post_text("documents/apply?dry_run=true", "application/yaml", crate::app::DEFINITIONS).await,
            app.post_text("uploads?name=a.csv", "application/octet-stream", "a\n").await,
        ];
        for reply in writes {
            reply.expect(if may_write { 200 } else { 403 });
        }
        if !may_write {
            let body = json!({ "upload": "x", "mapping": crate::app::mapping() });
            for reply in [
                app.put("documents/map/buy", &json!({ "body": { "kind": "map", "key": "buy", "journey": "buy", "lanes": [] }, "base_version": 1 })).await,
                app.delete("documents/map/buy").await,
                app.post("imports", &body).await,
                app.post("imports/preview", &json!({ "upload": "x" })).await,
                app.post("imports/x/cancel", &json!({})).await,
                app.delete("uploads/x").await,
                app.post("templates/x/use", &json!({ "name": "x" })).await,
            ] {
                assert_eq!(reply.expect(403).code(), "auth.role");
            }
        }
    }
}

#[tokio::test]
async fn a_printed_link_signs_in_once() {
    let home = Some("/maps/buy".to_owned());
    let mut app = TestApp::with(Settings { home, ..Settings::local() }).await;
    app.post("auth/setup", &set_up()).await.expect(200);
    let user = app.app.engine.meta.user_by_login(EMAIL).await.unwrap().unwrap();
    let token = app.app.links.make(user.id, app.app.engine.clock.now_us());

    let opened = app.get(&format!("/open/{token}")).await.expect(303);
    assert_eq!(opened.header("location"), "/maps/buy");
    app.keep_cookie(&opened);
    app.get("workspace").await.expect(200);

    app.cookie = None;
    let again = app.get(&format!("/open/{token}")).await.expect(303);
    assert_eq!(again.header("set-cookie"), "");
    assert_eq!(app.get("/").await.expect(307).header("location"), "/maps/buy");
}
