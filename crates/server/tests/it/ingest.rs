//! The door over HTTP: keys, packed bodies, limits, verdicts, other sites, dead letters, figures.

use crate::app::{NOW_US, Reply, TestApp, set_up};
use axum::body::Body;
use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use server::app::Settings;
use std::io::Write;

const GOOD: &str = r#"{"type":"track","userId":"ann","event":"Cart Viewed","messageId":"m1"}"#;

struct Sender {
    app: TestApp,
    key: String,
}

impl Sender {
    async fn new() -> Self {
        Self::with(Settings::local()).await
    }

    /// A signed-in server with a source.
    async fn with(settings: Settings) -> Self {
        let mut app = TestApp::with(settings).await;
        let reply = app.post("auth/setup", &set_up()).await.expect(200);
        app.keep_cookie(&reply);
        let made =
            app.post("sources", &json!({ "name": "web", "channel": "online" })).await.expect(201).json();
        Self { key: made["key"].as_str().unwrap().to_owned(), app }
    }

    async fn send(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        let mut request = TestApp::request("POST", "/v1/batch");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.app.send(request.body(body.into()).unwrap()).await
    }

    async fn batch(&self, body: impl Into<Body>) -> Reply {
        self.send(&[("authorization", &format!("Bearer {}", self.key))], body).await
    }

    async fn n_events(&self) -> Value {
        self.app.app.engine.store.seal().await.unwrap();
        let query = json!({ "query": "SELECT count(*) FROM events" });
        self.app.post("sql", &query).await.expect(200).json()["rows"][0][0].clone()
    }

    /// Dead letters that wait.
    async fn letters(&self) -> Value {
        self.app.pass(60);
        self.app.get("dead-letters").await.expect(200).json()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_gets_its_verdict() {
    let sender = Sender::new().await;
    let body = format!(
        r#"{{"batch":[{GOOD},{{"type":"page"}},{{"type":"page","userId":"bom"}},NaN],"sentAt":null}}"#
    );
    let receipt = sender.batch(body.clone()).await.expect(200).json();
    insta::assert_json_snapshot!(receipt, @r#"
    {
      "success": true,
      "accepted": 2,
      "rejected": 2,
      "cut": 0,
      "verdicts": [
        {
          "index": 1,
          "code": "event.no_person",
          "message": {
            "ko": "누구의 이벤트인지 없습니다: `userId`도 `anonymousId`도 비어 있습니다.",
            "en": "It says nobody: both `userId` and `anonymousId` are missing or empty."
          },
          "remedy": {
            "ko": "둘 가운데 하나를 넣으세요.",
            "en": "Set one of the two."
          },
          "where": {
            "path": "batch[1].userId"
          }
        },
        {
          "index": 3,
          "code": "event.json",
          "message": {
            "ko": "이벤트가 올바른 JSON이 아닙니다: 0번째 바이트에서 값이 아닙니다.",
            "en": "The event is no JSON: at byte 0 this is no value."
          },
          "remedy": {
            "ko": "글을 이어 붙이지 말고 JSON 라이브러리로 만드세요. NaN과 Infinity는 JSON에 없습니다.",
            "en": "Make it with a JSON library instead of joining texts. JSON has no NaN and no Infinity."
          },
          "where": {
            "path": "batch[3]"
          }
        }
      ]
    }
    "#);
    // Sent again, what was accepted is there once.
    sender.batch(body).await.expect(200);
    assert_eq!(sender.n_events().await, 2);

    let view = sender.app.get("ingest").await.expect(200).json();
    assert_eq!((&view["n_received"], &view["n_rejected"]), (&json!(8), &json!(4)));
    assert_eq!(view["sources"][0]["name"], "web");
    assert_eq!(view["minutes"].as_array().unwrap().len(), 60);
    assert_eq!((&view["minutes"][59]["n_accepted"], &view["log"]["state"]), (&json!(4), &json!("ok")));
    assert_eq!(view["since_us"], NOW_US);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_key_in_force_opens_the_door() {
    let sender = Sender::new().await;
    let body = format!(r#"{{"batch":[{GOOD}]}}"#);
    let (key, basic) = (&sender.key, |pair: &str| format!("Basic {}", STANDARD.encode(pair)));
    let headers =
        [basic(&format!("{key}:")), basic(&format!("{key}:x")), basic(key), format!("bearer {key}")];
    for header in &headers {
        sender.send(&[("authorization", header)], body.clone()).await.expect(200);
    }
    // The session's cookie is sent with each of these, and opens nothing.
    let wrong = [
        basic("gk_wrong:"),
        "Bearer ".to_owned(),
        format!("Bearer {key}x"),
        format!("Digest {key}"),
        "Basic ???".to_owned(),
    ];
    for header in &wrong {
        let refused = sender.send(&[("authorization", header)], body.clone()).await.expect(401);
        assert_eq!(
            (refused.code().as_str(), refused.header("www-authenticate")),
            ("ingest.key", "Bearer"),
            "{header}"
        );
    }
    assert_eq!(sender.send(&[], body.clone()).await.expect(401).code(), "ingest.key");
    // A beacon has no headers: its key stands in the body.
    let beacon = format!(r#"{{"batch":[{GOOD}],"writeKey":"{key}"}}"#);
    sender.send(&[("content-type", "text/plain")], beacon).await.expect(200);
    sender
        .send(&[("content-type", "text/plain")], format!(r#"{{"batch":[{GOOD}],"writeKey":"x"}}"#))
        .await
        .expect(401);
    // The door is also where the rest of the API is.
    let other = TestApp::request("POST", "batch").header("authorization", &headers[0]);
    sender.app.send(other.body(body.clone().into()).unwrap()).await.expect(200);

    let sources = sender.app.get("sources").await.expect(200);
    assert!(!sources.text().contains(key.as_str()));
    let id = sources.json()[0]["id"].as_i64().unwrap();
    sender.app.delete(&format!("sources/{id}")).await.expect(204);
    assert_eq!(sender.send(&[("authorization", &headers[0])], body).await.expect(401).code(), "ingest.key");
    assert_eq!(sender.n_events().await, 1);
    sender.app.delete(&format!("sources/{id}")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_made_once() {
    let sender = Sender::new().await;
    let again = sender.app.post("sources", &json!({ "name": "web" })).await.expect(409);
    assert_eq!(again.code(), "source.exists");
    assert_eq!(
        sender.app.post("sources", &json!({ "name": "" })).await.expect(422).code(),
        "source.bad_name"
    );
    let list = sender.app.get("sources").await.expect(200).json();
    let source = &list[0];
    assert_eq!(
        (&source["name"], &source["channel"], &source["author"]),
        (&json!("web"), &json!("online"), &json!("min@gilmok.kr"))
    );
    assert!(sender.key.starts_with("gk_") && sender.key.len() == 46);
    assert!(sender.key.ends_with(source["key_end"].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_bodies_have_the_limit_of_what_they_hold() {
    let sender = Sender::new().await;
    let bearer = format!("Bearer {}", sender.key);
    let packed =
        |packing: &'static str| [("authorization", bearer.clone()), ("content-encoding", packing.to_owned())];
    let send = async |packing: &'static str, body: Vec<u8>| {
        let headers = packed(packing);
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        sender.send(&headers, body).await
    };
    let body = format!(r#"{{"batch":[{GOOD}]}}"#);
    send("gzip", gzip(body.as_bytes())).await.expect(200);
    send("GZIP", gzip(body.as_bytes())).await.expect(200);
    // Five bytes as the brotli program packs them: what they are is said of what was unpacked.
    send("br", vec![0x0b, 0x02, 0x80, b'{', b'"', b'a', b'"', b'}', 0x03]).await.expect(200);
    assert_eq!(send("gzip", body.clone().into_bytes()).await.expect(400).code(), "batch.unpackable");
    let half = gzip(body.as_bytes());
    assert_eq!(send("gzip", half[..half.len() / 2].to_vec()).await.expect(400).code(), "batch.unpackable");
    assert_eq!(send("lzma", body.clone().into_bytes()).await.expect(415).code(), "batch.encoding");
    // 20 MiB in 20 KiB, and 256 MiB in 256 KiB.
    for n_mib in [20, 256] {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(b"{\"batch\":[").unwrap();
        (0..n_mib).for_each(|_| packer.write_all(&[b' '; 1 << 20]).unwrap());
        let bomb = packer.finish().unwrap();
        assert!(bomb.len() < 2 << 20);
        assert_eq!(send("gzip", bomb).await.expect(413).code(), "batch.too_large");
    }
    // Said or not, more than the limit is not read.
    let large = " ".repeat((16 << 20) + 1);
    assert_eq!(sender.batch(large).await.expect(413).code(), "batch.too_large");
    let said = [("authorization", bearer.as_str()), ("content-length", "999999999")];
    assert_eq!(sender.send(&said, "").await.expect(413).code(), "batch.too_large");
    let within = format!("{body}{}", " ".repeat((16 << 20) - body.len()));
    sender.batch(within).await.expect(200);
    let many = format!("[{}]", vec!["{}"; 20_001].join(","));
    assert_eq!(sender.batch(many).await.expect(413).code(), "batch.too_many");
    assert_eq!(sender.batch("").await.expect(400).code(), "batch.empty");
    let chunks = vec![Ok(body.clone()), Err(std::io::Error::other("the line went dead"))];
    let broken = Body::from_stream(futures::stream::iter(chunks));
    assert_eq!(sender.batch(broken).await.expect(400).code(), "batch.broken_off");
    assert_eq!(sender.n_events().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_site_may_send() {
    let sender = Sender::new().await;
    let there = ("origin", "https://shop.example");
    let request = TestApp::request("OPTIONS", "/v1/batch").header(there.0, there.1);
    let request =
        request.header("access-control-request-method", "POST").header(header::HOST, "in.shop.example");
    let asked = sender.app.send(request.body(Body::empty()).unwrap()).await.expect(204);
    assert_eq!(asked.header("access-control-allow-origin"), "*");
    assert_eq!(asked.header("access-control-allow-methods"), "POST");
    for name in ["authorization", "content-type", "content-encoding"] {
        assert!(asked.header("access-control-allow-headers").contains(name));
    }
    assert_eq!(asked.header("access-control-allow-credentials"), ""); // Cookies count for nothing here.
    let bearer = format!("Bearer {}", sender.key);
    let body = format!(r#"{{"batch":[{GOOD}]}}"#);
    let headers = [there, ("sec-fetch-site", "cross-site"), ("authorization", bearer.as_str())];
    let taken = sender.send(&headers, body.clone()).await.expect(200);
    assert_eq!(taken.header("access-control-allow-origin"), "*");
    // A page can read why it was refused, too.
    let refused = sender.send(&[there], body).await.expect(401);
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    // Nothing else is open to it.
    let request = TestApp::request("POST", "sources")
        .header(there.0, there.1)
        .header("content-type", "application/json");
    let refused = sender.app.send(request.body(r#"{"name":"x"}"#.into()).unwrap()).await.expect(403);
    assert_eq!(refused.header("access-control-allow-origin"), "");
    let other = sender.app.send(TestApp::request("GET", "/v1/batch").body(Body::empty()).unwrap()).await;
    assert_eq!(other.expect(405).code(), "request.method");
}

#[tokio::test(flavor = "multi_thread")]
async fn fast_sources_are_asked_to_wait() {
    let sender = Sender::with(Settings { source_rate_max: Some(10), ..Settings::local() }).await;
    let body = format!("[{}]", vec![GOOD; 50].join(","));
    sender.batch(body.clone()).await.expect(200);
    let refused = sender.batch(body.clone()).await.expect(429);
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("batch.too_fast", "3"));
    sender.app.pass(2);
    sender.batch(body.clone()).await.expect(429);
    sender.app.pass(2);
    sender.batch(body).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_mended_over_the_api() {
    let sender = Sender::new().await;
    sender
        .batch(r#"[{"type":"page","messageId":"1"},{"type":"page","messageId":"2"},{"type":"poem"}]"#)
        .await
        .expect(200);
    let list = sender.letters().await;
    let ids: Vec<i64> =
        list["letters"].as_array().unwrap().iter().map(|letter| letter["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(
        list["counts"][0],
        json!({ "code": "event.no_person", "source": "web", "n_waiting": 2, "n_replayed": 0, "last_us": NOW_US })
    );
    let of_code = sender.app.get("dead-letters?code=event.unknown_type&limit=5").await.expect(200).json();
    assert_eq!(of_code["letters"].as_array().unwrap().len(), 1);

    let path = format!("dead-letters/{}", ids[1]);
    let whole = sender.app.get(&path).await.expect(200).json();
    assert_eq!(
        (&whole["raw"], &whole["verdicts"][0]["code"]),
        (&json!(r#"{"type":"page","messageId":"2"}"#), &json!("event.no_person"))
    );
    let replay = format!("{path}/replay");
    let refused =
        sender.app.send(TestApp::request("POST", &replay).body(Body::empty()).unwrap()).await.expect(422);
    assert_eq!(refused.code(), "event.no_person");
    let mended = json!({ "type": "page", "messageId": "2", "userId": "ann" });
    assert_eq!(sender.app.post(&replay, &mended).await.expect(200).json()["n_events"], 1);
    assert_eq!(sender.app.post(&replay, &mended).await.expect(409).code(), "dead_letter.replayed");
    assert_eq!(sender.n_events().await, 1);

    let all = sender.app.post("dead-letters/replay", &json!({})).await.expect(200).json();
    assert_eq!(
        all,
        json!({ "n_replayed": 0, "n_events": 0, "n_refused": 2, "reasons": { "event.no_person": 1, "event.unknown_type": 1 } })
    );
    sender.app.delete(&format!("dead-letters/{}", ids[0])).await.expect(204);
    assert_eq!(sender.letters().await["letters"].as_array().unwrap().len(), 1);
    for path in ["dead-letters/999", "dead-letters/x"] {
        sender.app.get(path).await.expect(404);
    }
}
