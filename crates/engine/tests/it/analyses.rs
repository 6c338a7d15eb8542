//! The analyses through the engine: every question answers on the same few events, and the people behind a number
//! are as many as it says.

use crate::{Bench, Is, Told};
use model::ask::Ask;
use model::read_json;
use serde_json::{Value, json};
use store::Cancel;

const SHOP: &[Told] = &[
    ("kim", 0, "visit", "web", None, &[]),
    ("kim", 1, "view", "web", None, &[]),
    ("kim", 2, "cart", "web", None, &[]),
    ("kim", 3, "buy", "web", Some(100), &[]),
    ("kim", 200, "visit", "email", None, &[]),
    ("lee", 0, "visit", "app", None, &[]),
    ("lee", 5, "view", "app", None, &[]),
    ("lee", 30, "visit", "email", None, &[]),
    ("lee", 31, "cart", "app", None, &[]),
    ("pak", 24, "visit", "email", None, &[]),
    ("pak", 25, "buy", "app", Some(50), &[]),
];

const STEPS: &str = r#"[{"event": "visit"}, {"event": "view"}, {"event": "buy"}]"#;

async fn answer(bench: &Bench, ask: &str) -> Value {
    let ask: Ask = read_json(ask, None).unwrap_or_else(|problems| panic!("{ask}: {problems}"));
    let answer = bench.engine.ask(&ask, &Cancel::default()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{ask:?}: {}", error.problems()));
    serde_json::to_value(&*answer).expect("an answer is JSON")
}

/// Asks, and expects values at JSON pointers.
async fn check(bench: &Bench, ask: &str, wanted: &[(&str, Value)]) {
    let answer = answer(bench, ask).await;
    for (pointer, wanted) in wanted {
        assert_eq!(answer.pointer(pointer), Some(wanted), "{pointer} of {ask}: {answer:#}");
    }
}

async fn n_people(bench: &Bench, of: &str) -> Value {
    answer(bench, &format!(r#"{{"ask": "people", "of": {of}}}"#)).await["n_people"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn funnels() {
    let bench = Bench::new(SHOP).await;
    let funnel = |more: &str| format!(r#"{{"ask": "funnel", "window": "7d", "steps": {STEPS}{more}}}"#);
    check(
        &bench,
        &funnel(""),
        &[("/lines/0/reached", json!([3, 2, 1])), ("/lines/0/step_times/1/value", json!(3600.0))],
    )
    .await;
    check(&bench, &funnel(r#", "order": "strict""#), &[("/lines/0/reached", json!([3, 2, 0]))]).await;
    check(&bench, &funnel(r#", "order": "any""#), &[("/lines/0/reached", json!([3, 3, 1]))]).await;
    check(&bench, &funnel(r#", "optional": [2]"#), &[("/lines/0/reached/2", json!(2))]).await;
    check(&bench, &funnel(r#", "entry": "first""#), &[("/lines/0/reached", json!([3, 2, 1]))]).await;
    let excluded = r#", "exclusions": [{"when": {"event": "cart"}, "from": 2, "to": 3}]"#;
    check(&bench, &funnel(excluded), &[("/lines/0/reached/2", json!(0))]).await;
    // Lee's attempt that got furthest began in the app; so did the first.
    for at in ["first", "entry"] {
        let ask = funnel(&format!(r#", "breakdown": "channel", "breakdown_at": "{at}""#));
        let broken = answer(&bench, &ask).await;
        let mut labels: Vec<_> = broken["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .skip(1)
            .map(|line| format!("{} {}", line["label"].as_str().unwrap_or("-"), line["reached"]))
            .collect();
        labels.sort();
        assert_eq!(labels, ["app [1,1,0]", "email [1,0,0]", "web [1,1,1]"], "{at}");
    }
    let people = |at: &str| {
        format!(r#"{{"select": "funnel", "funnel": {{"window": "7d", "steps": {STEPS}}}, "at": {at}}}"#)
    };
    assert_eq!(n_people(&bench, &people(r#"{"step": 2}"#)).await, 2);
    assert_eq!(n_people(&bench, &people(r#"{"step": 1, "stopped": true}"#)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_variants() {
    let bench = Bench::new(SHOP).await;
    let after = r#""after": {"event": "visit"}, "window": "7d", "steps": 3"#;
    let wanted =
        [("/n_people", json!(3)), ("/nodes/0/node", json!("visit")), ("/nodes/0/n_people", json!(3))];
    check(&bench, &format!(r#"{{"ask": "paths", {after}}}"#), &wanted).await;
    let edge = r#"{"point": "edge", "step": 0, "node": "visit", "next": "view"}"#;
    let of = format!(r#"{{"select": "paths", "paths": {{{after}}}, "at": {edge}}}"#);
    assert_eq!(n_people(&bench, &of).await, 2);
    check(&bench, r#"{"ask": "paths", "gap": "3h"}"#, &[("/n_sequences", json!(6)), ("/n_people", json!(3))])
        .await;
    let wanted = [("/n_cases", json!(3)), ("/n_variants", json!(3))];
    check(&bench, r#"{"ask": "variants"}"#, &wanted).await;
    let of = r#"{"select": "variants", "variants": {}, "nodes": ["visit", "buy"]}"#;
    assert_eq!(n_people(&bench, of).await, 1);
    let design = r#""design": [{"name": "visit", "event": "visit"}, {"name": "buy", "event": "buy"}], "hide": ["view", "cart"]"#;
    let conformance = answer(&bench, &format!(r#"{{"ask": "conformance", {design}}}"#)).await;
    assert_eq!(conformance["fit"]["n"], 3, "{conformance:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back() {
    let bench = Bench::new(SHOP).await;
    let retention = r#"{"ask": "retention", "grain": "day", "intervals": 9}"#;
    let wanted = [
        ("/cohorts/0/n_people", json!(2)),
        ("/cohorts/0/cells/1/n_people", json!(1)), // Lee came on the second day,
        ("/cohorts/0/cells/8/n_people", json!(1)), // Kim on the ninth,
        ("/cohorts/1/n_people", json!(1)),         // Pak began on the second.
    ];
    check(&bench, retention, &wanted).await;
    let of =
        r#"{"select": "retention", "retention": {"grain": "day", "intervals": 9}, "cohort": 0, "cell": 8}"#;
    assert_eq!(n_people(&bench, of).await, 1);
    let wanted = [
        ("/points/0/new", json!(2)),
        ("/points/1/new", json!(1)),
        ("/points/1/returning", json!(1)),
        ("/points/1/dormant", json!(1)),
        ("/points/8/resurrecting", json!(1)),
    ];
    check(&bench, r#"{"ask": "lifecycle", "grain": "day"}"#, &wanted).await;
    let of =
        r#"{"select": "lifecycle", "lifecycle": {"grain": "day"}, "bucket": 8, "phase": "resurrecting"}"#;
    assert_eq!(n_people(&bench, of).await, 1);
    let wanted = [("/spans/0/n_people", json!(3))];
    check(&bench, r#"{"ask": "stickiness", "grain": "day", "span": "week"}"#, &wanted).await;
    let cohorts = answer(&bench, r#"{"ask": "cohorts", "grain": "day"}"#).await;
    assert_eq!(cohorts["cohorts"][0]["n_people"], 2, "{cohorts:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_and_relations() {
    let bench = Bench::new(SHOP).await;
    let ask = r#"{"ask": "attribution", "conversion": {"event": "buy"}, "touches": [{"event": "visit"}], "replicates": 0,
        "models": [{"model": "first"}, {"model": "last"}, {"model": "linear"}, {"model": "u"}, {"model": "time_decay"},
        {"model": "markov"}, {"model": "shapley"}]}"#;
    let credit = answer(&bench, ask).await;
    assert_eq!((&credit["n_conversions"], &credit["amount"]), (&json!(2), &json!(150.0)));
    for model in credit["models"].as_array().expect("models") {
        let rows = model["rows"].as_array().expect("rows");
        let sum: f64 = rows.iter().filter_map(|row| row["conversions"]["value"].as_f64()).sum();
        let amount: f64 = rows.iter().filter_map(|row| row["amount"]["value"].as_f64()).sum();
        assert!((sum - 2.0).abs() < 1e-9 && (amount - 150.0).abs() < 1e-9, "{model:#}");
    }
    let last = &credit["models"][1]["rows"];
    assert_eq!(
        (&last[0]["conversions"]["value"], &last[1]["conversions"]["value"]),
        (&json!(1.0), &json!(1.0))
    );
    let of = r#"{"select": "attribution", "of": {"conversion": {"event": "buy"}, "touches": [{"event": "visit"}],
        "models": [{"model": "last"}]}, "model": 0, "label": "email"}"#;
    assert_eq!(n_people(&bench, of).await, 1);
    let handovers = answer(&bench, r#"{"ask": "handovers", "gap": "3h", "goal": {"event": "buy"}}"#).await;
    assert!(handovers["handovers"].as_array().is_some_and(|rows| !rows.is_empty()), "{handovers:#}");
    let pairs =
        answer(&bench, r#"{"ask": "cross_sell", "items": [{"event": ["view", "cart", "buy"]}], "least": 1}"#)
            .await;
    assert!(pairs["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "{pairs:#}");
    answer(&bench, r#"{"ask": "drivers", "conversion": {"event": "buy"}}"#).await;
    let trend = r#"{"ask": "trend", "grain": "day", "series": [{"when": {"event": "buy"}, "measure": "people"},
        {"when": {"event": "visit"}, "measure": "people"}], "formulas": [{"formula": "A / B * 100"}]}"#;
    let trend = answer(&bench, trend).await;
    let lines = trend["series"].as_array().expect("series");
    assert_eq!(lines.len(), 3, "{trend:#}");
    assert_eq!(lines[2]["values"][0], 50.0, "{trend:#}");
    assert_eq!(lines[2]["values"][3], Value::Null, "nothing is divided by nothing: {trend:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trend_reads_what_its_segment_needs() {
    let bench = Bench::new(SHOP).await;
    bench
        .apply("kind: segment\nkey: mail\nname: Mail\nrule: {did: {when: {event: visit, channel: email}}}\n")
        .await;
    check(
        &bench,
        r#"{"ask": "trend", "grain": "day", "scope": {"segment": "mail"}}"#,
        &[("/lines/0/n_events/0", json!(6))],
    )
    .await;
}

/// Who somebody is, is nothing they did: it follows nothing, brings nobody back and makes no day active.
#[tokio::test(flavor = "multi_thread")]
async fn identify_is_nothing_people_do() {
    const EVENTS: &[Told] = &[
        ("kim", 0, "visit", "web", None, &[]),
        ("kim", 0, "identify", "web", None, &[]),
        ("kim", 0, "view", "web", None, &[]),
        ("kim", 30, "identify", "web", None, &[]),
        ("lee", 0, "visit", "web", None, &[]),
        ("lee", 30, "visit", "web", None, &[]),
    ];
    let bench = Bench::new(EVENTS).await;
    let transitions = answer(&bench, r#"{"ask": "transitions", "gap": "48h"}"#).await;
    let rows = transitions["rows"].as_array().expect("rows").iter();
    let mut pairs: Vec<String> =
        rows.map(|row| format!("{} {} {}", row["event"], row["next"], row["count"])).collect();
    pairs.sort();
    assert_eq!(pairs, [r#""visit" "view" 1"#, r#""visit" "visit" 1"#]);
    let retention = answer(&bench, r#"{"ask": "retention", "grain": "day", "intervals": 2}"#).await;
    assert_eq!(retention["cohorts"][0]["cells"][1]["n_people"], 1, "{retention:#}");
    let sticky = answer(&bench, r#"{"ask": "lifecycle", "grain": "day"}"#).await;
    assert_eq!(sticky["points"][1]["returning"], 1, "{sticky:#}");
}

/// Questions whose states are kept by bucket, over days that are given, so that a state may be taken as "now" moves on.
fn kept_questions() -> Vec<String> {
    let scope = r#""scope": {"period": {"from": "2026-03-02", "to": "2026-03-08"}}"#;
    let attribution =
        r#""ask": "attribution", "conversion": {"event": "buy"}, "touches": [{"event": ["visit", "view"]}]"#;
    let models =
        r#""models": [{"model": "linear"}, {"model": "markov"}, {"model": "shapley"}], "replicates": 20"#;
    [
        format!(r#""ask": "funnel", "window": "7d", "steps": {STEPS}"#),
        format!(r#""ask": "funnel", "window": "7d", "steps": {STEPS}, "breakdown": "page""#),
        r#""ask": "retention", "grain": "day", "intervals": 4"#.to_owned(),
        r#""ask": "retention", "grain": "day", "intervals": 4, "clock": "rolling", "measure": "on_or_after""#.to_owned(),
        r#""ask": "retention", "grain": "day", "brackets": [0, 1, 3, 9], "recurring": true"#.to_owned(),
        r#""ask": "lifecycle", "grain": "day""#.to_owned(),
        r#""ask": "stickiness", "grain": "day", "span": "week""#.to_owned(),
        r#""ask": "cohorts", "grain": "day""#.to_owned(),
        r#""ask": "paths", "gap": "3h", "top": 1"#.to_owned(),
        r#""ask": "paths", "after": {"event": "visit"}, "window": "7d", "top": 1"#.to_owned(),
        r#""ask": "paths", "gap": "3h", "top": 2, "nodes": {"split": [{"event": "view", "property": "page"}]}"#.to_owned(),
        format!(r#"{attribution}, {models}"#),
        format!(r#"{attribution}, {models}, "by": {{"property": "page"}}"#),
        r#""ask": "cross_sell", "items": [{"event": ["view", "cart", "buy"]}], "least": 1"#.to_owned(),
        r#""ask": "cross_sell", "items": [{"event": "view"}], "by": {"property": "page"}, "least": 1"#.to_owned(),
        r#""ask": "transitions""#.to_owned(),
        r#""ask": "channels""#.to_owned(),
        r#""ask": "trend", "grain": "day", "when": {"event": "visit"}, "breakdown": "channel""#.to_owned(),
        r#""ask": "stages", "journey": "trip""#.to_owned(),
        r#""ask": "stages", "journey": "trip", "compare": {"scope": {"segment": "lately"}}"#.to_owned(),
        r#""ask": "map", "map": "trip", "compare": "previous""#.to_owned(),
        r#""ask": "metric", "metric": "looks""#.to_owned(),
    ]
    .map(|ask| format!("{{{ask}, {scope}}}"))
    .into()
}

/// A journey that time alone moves on, and segments that people leave by doing nothing.
const MOVING: &str = "kind: journey
key: trip
name: Trip
start: any_stage
conversion: buy
window: 3d
timeout: 2d
stages:
  - {key: look, name: Look, kpis: [looks], touchpoints: [{key: view, name: View, when: {event: [visit, view]}}]}
  - {key: buy, name: Buy, touchpoints: [{key: buy, name: Buy, when: {event: buy}}]}
  - {key: gone, name: Gone, after_silence: 20h}
---
kind: map
key: trip
journey: trip
segments: [lately, stood]
lanes: [{key: t, kind: touchpoints}]
---
{kind: metric, key: looks, name: Looks, unit: people, formula: {people: {event: view}}}
---
{kind: segment, key: lately, name: Lately, rule: {did: {when: {event: [visit, view]}, last: 1d}}}
---
{kind: segment, key: stood, name: Stood, rule: {selected: {of: {select: journey, journey: trip, outcome: here, stage: look}}}}
";

/// An answer made of states that were kept is that of an engine which has kept nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_says_what_a_new_look_says() {
    // Each batch moves "now" on (the last lies in the future), brings a name or a value, changes which node is the most
    // frequent, or comes late.
    const BATCHES: &[&[Told]] = &[
        &[
            ("ahn", 32, "visit", "web", None, &[]),
            ("ahn", 33, "view", "web", None, &[("page", Is::Text("home"))]),
        ],
        &[
            ("bae", 36, "visit", "app", None, &[]),
            ("bae", 37, "view", "app", None, &[("page", Is::Text("a"))]),
        ],
        &[("bae", 50, "buy", "app", Some(7), &[])],
        &[("ahn", 3, "view", "mail", None, &[("page", Is::Text("b"))])],
        &[
            ("choi", 75, "call", "phone", None, &[]),
            ("jeon", 76, "call", "phone", None, &[]),
            ("shin", 77, "call", "phone", None, &[]),
            ("yoon", 78, "call", "phone", None, &[]),
            ("heo", 79, "call", "kiosk", None, &[]),
            ("nam", 80, "call", "kiosk", None, &[]),
        ],
        &[("choi", 101, "buy", "kiosk", Some(9), &[])],
        &[("yoon", 170, "visit", "web", None, &[])],
        &[("kim", 210, "view", "web", None, &[("page", Is::Text("a"))])],
        &[("lee", 260, "visit", "app", None, &[])],
    ];
    // Of the shop what happened on the first two days, so that days are still to come.
    let mut told: Vec<Told> = SHOP.iter().filter(|told| told.1 < 48).copied().collect();
    let kept = Bench::new(&told).await;
    kept.apply(MOVING).await;
    for batch in std::iter::once(&[][..]).chain(BATCHES.iter().copied()) {
        if !batch.is_empty() {
            kept.push(batch).await;
            told.extend_from_slice(batch);
        }
        let fresh = Bench::new(&told).await;
        fresh.apply(MOVING).await;
        for ask in kept_questions() {
            let (mut own, mut wanted) = (answer(&kept, &ask).await, answer(&fresh, &ask).await);
            for answer in [&mut own, &mut wanted] {
                // Which version the folder has come to depends on how it came there.
                answer["about"]["data_version"] = Value::Null;
            }
            assert_eq!(own, wanted, "after {batch:?}: {ask}");
        }
    }
}
