//! People behind numbers: as many as the number says, in the order asked for, as a file, and as a segment.

use crate::{Bench, MONDAY_US, Told};
use model::ask::{Ask, AskPeople};
use model::read_json;
use serde_json::{Value, json};
use store::{Cancel, EventRef, Progress};

const SHOP: &[Told] = &[
    ("kim", 0, "visit", "web", None, &[]),
    ("kim", 1, "view", "web", None, &[]),
    ("kim", 2, "cart", "app", None, &[]),
    ("kim", 3, "buy", "web", Some(100), &[]),
    ("lee", 0, "visit", "app", None, &[]),
    ("lee", 1, "view", "email", None, &[]),
    ("lee", 90, "cart", "app", None, &[]),
    ("pak", 24, "visit", "email", None, &[]),
    ("pak", 25, "cart", "app", None, &[]),
    ("pak", 26, "buy", "app", Some(50), &[]),
    ("=cho", 200, "visit", "", None, &[]),
];

const JOURNEY: &str = "
kind: journey
key: shop
name: Shop
window: 30d
stages:
  - key: look
    name: Look
    touchpoints: [{ key: visit, name: Visit, when: { event: [visit, view] } }]
  - key: buy
    name: Buy
    touchpoints: [{ key: cart, name: Cart, when: { event: cart } }]
";

async fn answer(bench: &Bench, ask: &Value) -> Value {
    let read: Ask = read_json(&ask.to_string(), None).unwrap_or_else(|problems| panic!("{ask}: {problems}"));
    let answer = bench.engine.ask(&read, &Cancel::default()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{ask}: {}", error.problems()));
    serde_json::to_value(&*answer).unwrap()
}

async fn people(bench: &Bench, of: Value) -> Vec<String> {
    names(&answer(bench, &json!({ "ask": "people", "of": of })).await)
}

fn names(answer: &Value) -> Vec<String> {
    let people = answer["people"].as_array().unwrap();
    assert_eq!(answer["n_people"], people.len());
    people.iter().map(|person| person["user_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_hand_overs_pairs_and_drivers_has_its_people() {
    let bench = Bench::new(SHOP).await;
    bench.apply(JOURNEY).await;
    let question = json!({ "gap": "2h", "goal": { "event": "buy" }, "journey": "shop" });
    let mut ask = question.clone();
    ask["ask"] = json!("handovers");
    let view = answer(&bench, &ask).await;
    let count = async |at: Value| {
        people(&bench, json!({ "select": "handovers", "handovers": question, "at": at })).await.len()
    };
    let handovers = view["handovers"].as_array().unwrap();
    assert_eq!(handovers.len(), 4, "{view:#}");
    for row in handovers {
        let n = count(json!({ "handover": { "from": row["from"], "to": row["to"] } })).await;
        assert_eq!(row["n_people"], n, "{row}");
    }
    for row in view["channels"].as_array().unwrap() {
        let stay = async |end: Option<&str>| {
            count(json!({ "stay": { "channel": row["channel"], "end": end } })).await
        };
        // Nobody here stays twice in one way, so that people are as many as stays.
        for end in ["handed_over", "finished", "broken", "open"] {
            assert_eq!(row[end], stay(Some(end)).await, "{end} of {row}");
        }
        assert!(stay(None).await > 0);
    }
    for row in view["effects"].as_array().unwrap() {
        let effect = |converted: bool| json!({ "effect": { "stage": row["stage"], "channel": row["channel"], "converted": converted } });
        assert_eq!(row["n_people"], count(effect(false)).await, "{row}");
        let rate = row["rate"]["value"].as_f64().unwrap() * row["n_people"].as_f64().unwrap();
        assert_eq!(rate.round() as usize, count(effect(true)).await, "{row}");
    }

    let pairs = json!({ "items": [{ "event": ["visit", "view", "cart"] }], "least": 1 });
    let mut ask = pairs.clone();
    ask["ask"] = json!("cross_sell");
    let rows = answer(&bench, &ask).await["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 6);
    for row in rows.as_array().unwrap() {
        let pair = json!({ "select": "cross_sell", "cross_sell": pairs, "item": row["item"], "other": row["other"] });
        assert_eq!(row["n_people"], people(&bench, pair).await.len(), "{row}");
    }

    let drivers = json!({ "conversion": { "event": "buy" } });
    let who = async |more: Value| {
        let mut of = json!({ "select": "drivers", "drivers": drivers });
        of.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        people(&bench, of).await
    };
    assert_eq!(who(json!({ "succeeded": true })).await, ["pak", "kim"]);
    assert_eq!(who(json!({ "succeeded": false })).await, ["=cho", "lee"]);
    assert_eq!(who(json!({ "event": "view", "succeeded": true })).await, ["kim"]);
    let unknown = json!({ "ask": "people", "of": { "select": "handovers", "handovers": {}, "at": { "stay": { "channel": "fax" } } } });
    let unknown: Ask = read_json(&unknown.to_string(), None).unwrap();
    let error = bench.engine.ask(&unknown, &Cancel::default()).await.unwrap_err();
    assert_eq!(error.problems().0[0].code, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_sorted_and_taken_along() {
    let bench = Bench::new(SHOP).await;
    let sorted = async |sort: &str, oldest_first: bool| {
        let of = json!({ "select": "did", "when": { "event": ["visit", "cart"] } });
        let ask = json!({ "ask": "people", "of": of, "sort": sort, "oldest_first": oldest_first });
        names(&answer(&bench, &ask).await).join(" ")
    };
    assert_eq!(sorted("last_seen", false).await, "=cho lee pak kim");
    assert_eq!(sorted("last_seen", true).await, "kim pak lee =cho");
    // Kim and lee entered at once: then by key, whichever that is.
    assert!(sorted("entered", false).await.starts_with("=cho pak "));
    assert!(sorted("entered", true).await.ends_with(" pak =cho"));

    let ask = json!({ "of": { "select": "everybody" }, "limit": 1, "offset": 3 });
    let ask: AskPeople = read_json(&ask.to_string(), None).unwrap();
    let file = bench.engine.export_people(&ask, &Cancel::default()).await.unwrap();
    let text = String::from_utf8(file).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "person,user_id,anonymous_id,last_seen,entered");
    let told: Vec<String> =
        lines[1..].iter().map(|line| line.split(',').skip(1).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(told.len(), 4, "all of them, whatever the page");
    assert_eq!(told[0], "'=cho,,2026-03-10T08:00:00Z,", "nothing a spreadsheet would run");
    assert_eq!(told[1], "lee,,2026-03-05T18:00:00Z,");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_kept_as_a_segment_follows_the_data() {
    let bench = Bench::new(SHOP).await;
    let kept = "
kind: segment
key: stopped
name: Stopped before the cart
rule:
  all:
    - selected:
        of: { select: funnel, funnel: { window: 7d, steps: [{ event: view }, { event: buy }] }, at: { step: 1, stopped: true } }
    - not: { did: { when: { event: gone } } }
";
    let bodies = model::read_yaml(kept, None).unwrap();
    let options = engine::documents::ApplyOptions { allow_unknown_events: true, ..Default::default() };
    bench.engine.apply(&bodies, "tester", options).await.unwrap();
    let of = json!({ "select": "segment", "segment": "stopped" });
    assert_eq!(people(&bench, of.clone()).await, ["lee"]);
    let trend = json!({ "ask": "channels", "scope": { "segment": "stopped" } });
    assert_eq!(answer(&bench, &trend).await["about"]["n_people"], 1);
    bench.push(&[("new", 30, "view", "web", None, &[])]).await;
    let mut both = people(&bench, of).await;
    both.sort();
    assert_eq!(both, ["lee", "new"]);

    // Of a segment that takes people from within itself nobody could say who is in it.
    let again = "
kind: segment
key: stopped
name: Within itself
rule: { selected: { of: { select: everybody }, scope: { segment: other } } }
---
kind: segment
key: other
name: Other
rule: { selected: { of: { select: segment, segment: stopped } } }
";
    assert_eq!(bench.refused(again).await, ["segment.cycle rule", "segment.cycle rule"]);
    let unknown = "{ kind: segment, key: x, name: X, rule: { selected: { of: { select: segment, segment: nobody } } } }";
    assert_eq!(bench.refused(unknown).await, ["segment.unknown_segment rule.selected"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_not_kept_has_its_people() {
    let bench = Bench::new(SHOP).await;
    let of = |rule: Value| json!({ "select": "rule", "rule": rule });
    let bought = json!({ "did": { "when": { "event": "buy" } } });
    let mut people_of = people(&bench, of(bought.clone())).await;
    people_of.sort();
    assert_eq!(people_of, ["kim", "pak"]);
    // Nobody needs an event in a period to belong, unless one is asked for.
    let both = json!({ "all": [bought, { "selected": { "of": { "select": "did", "when": { "event": "view" } } } }] });
    assert_eq!(people(&bench, of(both)).await, ["kim"]);
    let scope = json!({ "period": { "from": "2026-03-03", "to": "2026-03-03" } });
    let ask = json!({ "ask": "people", "of": of(json!({ "did": { "when": { "event": "visit" } } })), "scope": scope });
    assert_eq!(names(&answer(&bench, &ask).await), ["pak"]);
    let hidden = "
kind: segment
key: self
name: Within itself
rule: { selected: { of: { select: rule, rule: { selected: { of: { select: segment, segment: self } } } } } }
";
    assert_eq!(bench.refused(hidden).await, ["segment.cycle rule"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_behind_a_number_may_change_with_events_of_others() {
    let told = |names: &'static [&'static str], event| {
        names.iter().map(move |name| (*name, 0, event, "web", None, &[][..]))
    };
    let mut events: Vec<Told> =
        told(&["visitor 1", "visitor 2"], "visit").chain(told(&["searcher"], "search")).collect();
    events.push(("last", 100, "visit", "web", None, &[]));
    let bench = Bench::new(&events).await;
    // Of the first events the most frequent has a node of its own, the others share one.
    let kept = "
kind: segment
key: rare
name: Began with what is rare
rule: { selected: { of: { select: paths, paths: { steps: 2, top: 1 }, at: { point: node, step: 0 } } } }
";
    bench.apply(kept).await;
    let asks = [
        json!({ "ask": "channels", "scope": { "segment": "rare" } }),
        json!({ "ask": "trend", "scope": { "segment": "rare" } }),
        json!({ "ask": "transitions", "scope": { "segment": "rare" } }),
        json!({ "ask": "funnel", "window": "7d", "steps": [{ "event": ["visit", "search"] }, { "event": "search" }], "scope": { "segment": "rare" } }),
    ];
    for ask in &asks {
        assert_eq!(answer(&bench, ask).await["about"]["n_people"], 1, "{ask}");
    }
    let others = ["a", "b", "c", "d", "e", "f"].map(|name| (name, 1, "search", "web", None, &[][..]));
    bench.push(&others).await;
    for ask in &asks {
        assert_eq!(answer(&bench, ask).await["about"]["n_people"], 3, "{ask}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_days_are_those_of_the_data() {
    let bench = Bench::new(SHOP).await;
    let count = async |scope: Value| {
        answer(&bench, &json!({ "ask": "people", "of": { "select": "everybody" }, "scope": scope })).await["n_people"].clone()
    };
    // The newest event is of the tenth of March, 8:00.
    assert_eq!(count(json!({ "last": "1d" })).await, 1);
    assert_eq!(count(json!({ "last": "6d" })).await, 2);
    assert_eq!(count(json!({ "last": "90d" })).await, 4);
    for (scope, code) in [
        (json!({ "last": "36h" }), "scope.last_not_days"),
        (
            json!({ "last": "1d", "period": { "from": "2026-03-02", "to": "2026-03-03" } }),
            "scope.two_periods",
        ),
    ] {
        let ask = json!({ "ask": "people", "of": { "select": "everybody" }, "scope": scope });
        let ask: Ask = read_json(&ask.to_string(), None).unwrap();
        let error = bench.engine.ask(&ask, &Cancel::default()).await.unwrap_err();
        assert_eq!(error.problems().0[0].code, code);
    }
}

/// What an import still at work brings of somebody who is being erased goes too, links included.
#[tokio::test(flavor = "multi_thread")]
async fn erasing_waits_for_an_import_before_it_looks() {
    let bench = Bench::new(&[("kim", 0, "view", "web", None, &[])]).await;
    let kim = model::event::person_text(model::person_key(Some("kim"), None).unwrap());
    let mut writer = bench.engine.store.writer("test").await.unwrap();
    let importing = async {
        tokio::task::yield_now().await;
        let told = EventRef {
            user_id: Some("kim"),
            anonymous_id: Some("c9"),
            time_us: MONDAY_US,
            id: Some(9),
            event: writer.event_code("view").unwrap(),
            channel: writer.channel_code("web").unwrap(),
            amount: None,
            properties: &[],
        };
        writer.push(told).unwrap();
        writer.finish(Progress::default(), 1).await.unwrap()
    };
    let (erased, _) = tokio::join!(bench.engine.erase_person(&kim), importing);
    let erased = erased.unwrap();
    assert_eq!((erased.n_rows, erased.n_links), (2, 1), "{erased:?}");
}
