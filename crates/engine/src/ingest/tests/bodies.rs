//! Bodies told apart: one bad event spoils no other.

use super::{ORIGIN, codes, decoded};
use crate::ingest::envelope::Envelope;
use crate::ingest::json::{Cursor, Json};
use crate::ingest::{BATCH_EVENTS_MAX, decode, write_key};
use proptest::prelude::*;
use serde_json::Value;

const GOOD: &str = r#"{"type":"page","userId":"u"}"#;

/// Accepted events, then index and code of each verdict.
fn check(body: &str, n_accepted: u64, verdicts: &[(usize, &str)]) {
    let found = decoded(body.as_bytes());
    let told: Vec<_> = found.verdicts.iter().map(|verdict| (verdict.index, verdict.code.as_str())).collect();
    assert_eq!((found.n_accepted, &told[..]), (n_accepted, verdicts), "{body}");
    assert_eq!(found.batch.n_events() as u64, n_accepted);
    assert_eq!(found.n_rejected, verdicts.len() as u64);
    assert_eq!(found.batch.n_records() as u64, n_accepted + found.n_rejected);
}

#[test]
fn bad_events_stand_alone() {
    check(&format!(r#"{{"batch":[{GOOD},{GOOD}],"sentAt":"2026-03-02T00:00:00Z"}}"#), 2, &[]);
    check(&format!("\u{FEFF} {{ \"sentAt\" : null , \"batch\" : [ {GOOD} ] }} \n"), 1, &[]);
    check(&format!("[{GOOD},{GOOD}]"), 2, &[]); // An array alone, and an event alone, are understood.
    check(GOOD, 1, &[]);
    check(r#"{"batch":[]}"#, 0, &[]);
    check(&format!(r#"{{"batch":[{GOOD},NaN,{GOOD}]}}"#), 2, &[(1, "event.json")]);
    check(
        &format!(r#"{{"batch":[7,{GOOD},{{}},{GOOD},null]}}"#),
        2,
        &[(0, "event.not_object"), (2, "event.no_type"), (4, "event.not_object")],
    );
    // A bracket too few or too many costs the event it stands in.
    check(&format!(r#"{{"batch":[{{"type":"page","a":[1,2}},{GOOD}]}}"#), 1, &[(0, "event.json")]);
    check(&format!(r#"{{"batch":[{{"type":"page","a":1]}},{GOOD}]}}"#), 1, &[(0, "event.json")]);
    check(&format!(r#"{{"batch":[{{"a":"}}]"}},{GOOD}]}}"#), 1, &[(0, "event.no_type")]);
    // The array comes twice: nothing of it is lost.
    check(&format!(r#"{{"batch":[{GOOD}],"batch":[{GOOD}]}}"#), 2, &[]);
}

#[test]
fn what_cannot_be_told_apart_is_kept_as_a_whole() {
    check(&format!(r#"{{"batch":[{GOOD},{{"type":"page","userId":"u"#), 1, &[(1, "batch.json")]);
    check(&format!(r#"{{"batch":[{GOOD},{GOOD}"#), 2, &[]); // Only the end of the body is missing.
    check(&format!(r#"{{"batch":[{GOOD}]}} and more"#), 1, &[(1, "batch.json")]);
    check(&format!(r#"{{"batch":[{GOOD}],"sentAt":"x"#), 1, &[(1, "batch.json")]);
    check("no JSON at all", 0, &[(0, "batch.json")]);
    check("{", 0, &[(0, "batch.json")]);
    check(r#"{"events":[]}"#, 0, &[(0, "batch.no_events")]);
    check(r#"{"batch":{"type":"page"}}"#, 0, &[(0, "batch.no_events")]);
    check("7", 0, &[(0, "batch.no_events")]);
    check(&"[".repeat(100_000), 0, &[(0, "batch.json")]);
    check(&"{\"a\":".repeat(100_000), 0, &[(0, "batch.json")]);
    assert_eq!(codes(b"\xff\xfe\x00"), [(0, "batch.json".to_owned())]);
    let deep = format!(
        r#"{{"batch":[{{"type":"page","userId":"u","properties":{}1{}}},{GOOD}]}}"#,
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    check(&deep, 1, &[(0, "event.too_deep")]);
}

#[test]
fn requests_have_limits() {
    let refused = |body: &str| decode::decode(body.as_bytes(), ORIGIN, |_| Ok(())).unwrap_err().code;
    assert_eq!(refused(" \n"), "batch.empty");
    let many = vec![GOOD; BATCH_EVENTS_MAX + 1].join(",");
    assert_eq!(refused(&format!(r#"{{"batch":[{many}]}}"#)), "batch.too_many");
    check(
        &format!(r#"{{"batch":[{}]}}"#, vec![GOOD; BATCH_EVENTS_MAX].join(",")),
        BATCH_EVENTS_MAX as u64,
        &[],
    );
}

#[test]
fn small_bodies_cause_little_work() {
    // Many refusals are counted and kept, but not all told.
    let found = decoded(format!("[{}]", vec!["{}"; 5_000].join(",")).as_bytes());
    assert_eq!((found.n_rejected, found.verdicts.len(), found.batch.n_records()), (5_000, 200, 5_000));
    // What holds for all events is not repeated without end, neither read nor kept.
    let body = |n_context: usize, n_events: usize| {
        let context = format!(r#"{{"a":"{}"}}"#, "x".repeat(n_context));
        format!(r#"{{"context":{context},"batch":[{}]}}"#, vec!["{}"; n_events].join(","))
    };
    let refused = decode::decode(body(100_000, 1_000).as_bytes(), ORIGIN, |_| Ok(())).unwrap_err();
    assert_eq!(refused.code, "batch.large_context");
    assert!(decoded(body(1_000, 20_000).as_bytes()).batch.size_bytes() < 2 << 20);
    assert!(decoded(body(1_000, 100).as_bytes()).batch.size_bytes() > 100_000);
    let spaces = format!(
        r#"{{"sentAt":"2026-03-02{}","batch":[{}]}}"#,
        " ".repeat(100_000),
        vec!["{}"; 1_000].join(",")
    );
    assert!(decoded(spaces.as_bytes()).batch.size_bytes() < 1 << 20);
}

#[test]
fn write_keys_may_stand_in_the_body() {
    let key = |body: &str| write_key(body.as_bytes());
    assert_eq!(key(r#"{"batch":[{"writeKey":"no"}],"writeKey":"gk_\u0031"}"#).as_deref(), Some("gk_1"));
    assert_eq!(key(r#"{"batch":[],"writeKey":7}"#), None);
    assert_eq!(key("{}"), None);
}

/// Any JSON, nested but not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Bytes that look like a body here and there.
fn nearly_a_body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(GOOD.as_bytes().to_vec()),
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u",
            "\\ud800",
            "\"batch\"",
            "\"type\"",
            "\"track\"",
            "\"userId\"",
            "\"properties\"",
            "\"context\"",
            "\"event\"",
            "null",
            "NaN",
            "1e999",
            "0",
            "-",
            " ",
            "{\"batch\":[",
            "]}",
            "\u{FEFF}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_bytes_are_accounted_for(body in nearly_a_body()) {
        let envelope = Envelope::of(&body, BATCH_EVENTS_MAX);
        let n_received = envelope.events.len() + usize::from(envelope.broken.is_some());
        match decode::decode(&body, ORIGIN, |_| Ok(())) {
            Ok(found) => {
                prop_assert_eq!(found.n_accepted + found.n_rejected, n_received as u64);
                prop_assert_eq!(found.batch.n_events() as u64, found.n_accepted);
                prop_assert_eq!(found.batch.n_records(), n_received);
            }
            Err(problem) => prop_assert_eq!(problem.code, "batch.empty"),
        }
    }

    /// What serde_json takes we take, with the same bounds; what it refuses we refuse.
    #[test]
    fn json_is_json(value in any_json(), flip in any::<(prop::sample::Index, u8)>(), flips in any::<bool>()) {
        let mut bytes = value.to_string().into_bytes();
        if flips {
            let at = flip.0.index(bytes.len());
            bytes[at] = flip.1;
        }
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(()) };
        let mut cursor = Cursor::new(text);
        let ours = cursor.value().and_then(|value| cursor.end().map(|()| value));
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => prop_assert!(ours.is_ok(), "{:?}: {}", ours, text),
            Err(_) => prop_assert!(ours.is_err(), "{:?}: {}", ours, text),
        }
        if let (Ok(Json::Text(ours)), Ok(theirs)) = (ours, serde_json::from_str::<String>(text)) {
            prop_assert_eq!(ours.text().0, theirs);
        }
    }

    /// Well-formed events are told apart exactly, wherever they stand.
    #[test]
    fn events_keep_their_places(events in prop::collection::vec(any_json(), 0..12)) {
        let body = serde_json::json!({ "before": events.first(), "batch": events, "sentAt": "x" }).to_string();
        let envelope = Envelope::of(body.as_bytes(), BATCH_EVENTS_MAX);
        let found: Vec<String> = envelope.events.iter().map(|raw| String::from_utf8(raw.to_vec()).unwrap()).collect();
        prop_assert!(envelope.broken.is_none());
        prop_assert_eq!(found, events.iter().map(Value::to_string).collect::<Vec<_>>());
    }
}
