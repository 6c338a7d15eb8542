//! A server in a temporary folder with a clock that the test moves.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use engine::Engine;
use http_body_util::BodyExt;
use model::Clock;
use serde_json::{Value, json};
use server::app::{App, Settings};
use server::http::router;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

/// 2026-03-02 00:00 UTC.
pub const NOW_US: i64 = 1_772_409_600_000_000;
pub const EMAIL: &str = "min@gilmok.kr";
pub const PASSWORD: &str = "바다가 보이는 언덕 위";

pub struct TestApp {
    pub app: App,
    router: Router,
    now_us: Arc<AtomicI64>,
    /// Sent with every request.
    pub cookie: Option<String>,
    _dir: TempDir,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the first problem; every failure has one, with words in both languages.
    pub fn code(&self) -> String {
        let answer = self.json();
        let problem = &answer["problems"][0];
        for part in ["message", "remedy"] {
            for lang in ["ko", "en"] {
                assert!(!problem[part][lang].as_str().unwrap_or_default().is_empty(), "{answer}");
            }
        }
        problem["code"].as_str().unwrap().to_owned()
    }

    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(Settings::local()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now_us = Arc::new(AtomicI64::new(NOW_US));
        let read = now_us.clone();
        let clock = Clock::new(move || read.load(Ordering::Relaxed));
        let engine = Engine::open(dir.path(), clock, 2).await.unwrap();
        let app = App::new(engine, settings);
        Self { router: router(app.clone()), app, now_us, cookie: None, _dir: dir }
    }

    /// A server whose owner is signed in.
    pub async fn signed_in() -> Self {
        let mut app = Self::new().await;
        let reply = app.post("auth/setup", &set_up()).await.expect(200);
        app.keep_cookie(&reply);
        app
    }

    pub fn pass(&self, seconds: i64) {
        self.now_us.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// Takes over the session cookie a reply sets.
    pub fn keep_cookie(&mut self, reply: &Reply) {
        let set = reply.header("set-cookie");
        self.cookie = Some(set.split(';').next().unwrap().to_owned());
    }

    pub async fn send(&self, mut request: Request<Body>) -> Reply {
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert("localhost:7070".parse().unwrap());
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.parse().unwrap());
        }
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            let here: SocketAddr = "127.0.0.1:50000".parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(here));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub fn request(method: &str, path: &str) -> axum::http::request::Builder {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") };
        Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Self::request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Self::request("DELETE", path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.with_json("POST", path, body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.with_json("PUT", path, body).await
    }

    async fn with_json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let request = Self::request(method, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn post_text(&self, path: &str, kind: &str, text: impl Into<Body>) -> Reply {
        let request = Self::request("POST", path).header(header::CONTENT_TYPE, kind);
        self.send(request.body(text.into()).unwrap()).await
    }

    /// Uploads and imports a file, and waits until it is over.
    pub async fn import(&self, name: &str, content: &str, mapping: &Value) -> Value {
        let upload = self.upload(name, content).await;
        let started =
            self.post("imports", &json!({ "upload": upload, "mapping": mapping })).await.expect(202);
        self.over(started.json()["id"].as_str().unwrap()).await
    }

    pub async fn upload(&self, name: &str, content: &str) -> String {
        let path = format!("uploads?name={name}");
        let reply = self.post_text(&path, "application/octet-stream", content.to_owned()).await.expect(200);
        reply.json()["upload"].as_str().unwrap().to_owned()
    }

    /// The import, once it no longer runs.
    pub async fn over(&self, id: &str) -> Value {
        loop {
            let view = self.get(&format!("imports/{id}")).await.expect(200).json();
            if view["state"] != "running" {
                return view;
            }
            tokio::task::yield_now().await;
        }
    }
}

pub fn set_up() -> Value {
    json!({ "name": "민", "email": EMAIL, "password": PASSWORD, "workspace": "길목상점", "zone": "Asia/Seoul", "lang": "ko" })
}

/// Four people: two buy, one leaves a cart, one only visits. A fifth row cannot be read, a sixth names nobody.
pub const EVENTS: &str = "who,when,what,where,krw
ann,2026-01-05T10:00:00+09:00,visit,web,
ann,2026-01-05T10:10:00+09:00,cart,web,
ann,2026-01-06T09:00:00+09:00,order,app,35000
bom,2026-01-07T12:00:00+09:00,visit,app,
bom,2026-01-07T12:30:00+09:00,cart,app,
bom,2026-01-09T08:00:00+09:00,order,store,12000
choi,2026-01-10T20:00:00+09:00,visit,web,
choi,2026-01-10T20:05:00+09:00,cart,web,
dan,2026-01-11T07:00:00+09:00,visit,app,
ann,yesterday,visit,web,
,2026-01-12T07:00:00+09:00,visit,web,
";

pub fn mapping() -> Value {
    json!({
        "key": "shop",
        "events": {
            "person": { "user_id": "who" },
            "time": { "column": "when" },
            "event": "what",
            "channel": "where",
            "amount": "krw",
        },
    })
}

pub const DEFINITIONS: &str = "kind: journey
key: buy
name: {ko: 구매, en: Purchase}
window: 30d
stages:
  - key: aware
    name: 인지
    touchpoints: [{key: visit, name: 방문, when: {event: visit}}]
  - key: consider
    name: 고려
    touchpoints: [{key: cart, name: 장바구니, when: {event: cart}}]
  - key: order
    name: 주문
    touchpoints: [{key: order, name: 주문, when: {event: order}}]
---
kind: map
key: buy
journey: buy
segments: [app]
lanes:
  - {key: touch, kind: touchpoints}
  - key: doubts
    kind: questions
    cards: [{id: c1, stage: consider, text: 배송비가 얼마인가요?}]
  - {key: volumes, kind: volumes}
---
kind: segment
key: app
name: 앱을 쓴 사람
rule: {did: {when: {event: [visit, cart, order], channel: app}}}
";

impl TestApp {
    /// A signed-in server with the events and definitions above.
    pub async fn furnished() -> Self {
        let app = Self::signed_in().await;
        let over = app.import("shop.csv", EVENTS, &mapping()).await;
        assert_eq!(over["state"], "done", "{over}");
        app.post_text("documents/apply", "application/yaml", DEFINITIONS).await.expect(200);
        app
    }
}
