//! Applying definitions: checked together, written all or none.

use crate::{Bench, Told};
use engine::EngineError;
use engine::documents::{AppliedChange, ApplyOptions};
use model::{DocumentBody, Key, Kind, read_yaml};

const EVENTS: &[Told] = &[("a", 0, "visit", "web", None, &[]), ("a", 1, "purchase", "web", Some(10), &[])];

const JOURNEY: &str = "kind: journey
key: gift
name: Gift
stages:
  - key: aware
    name: Aware
    touchpoints: [{key: visit, name: Visit, when: {event: visit}}]
  - key: buy
    name: Buy
    touchpoints: [{key: purchase, name: Purchase, when: {event: purchase}}]
";

#[tokio::test(flavor = "multi_thread")]
async fn same_document_twice_leaves_no_trace() {
    let bench = Bench::new(EVENTS).await;
    let change = |applied: Vec<engine::documents::Applied>| (applied[0].change, applied[0].version);
    assert_eq!(change(bench.apply(JOURNEY).await), (AppliedChange::Created, 1));
    assert_eq!(change(bench.apply(JOURNEY).await), (AppliedChange::Unchanged, 1));
    let changed = JOURNEY.replace("Gift", "Present");
    assert_eq!(change(bench.apply(&changed).await), (AppliedChange::Changed, 2));
    let key = Key::new("gift").unwrap();
    let history = bench.engine.history(Kind::Journey, &key).await.unwrap();
    assert_eq!(history.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_document_stops_all() {
    let bench = Bench::new(EVENTS).await;
    let map = "kind: map\nkey: gift\njourney: nowhere\nlanes: []\n";
    let problems = bench.refused(&format!("{JOURNEY}---\n{map}")).await;
    assert_eq!(problems, ["map.unknown_journey journey"]);
    assert!(bench.engine.documents(Kind::Journey).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_journeys_are_refused_with_their_place() {
    let bench = Bench::new(EVENTS).await;
    let cases = [
        // A touchpoint may not wait for a later stage,
        (
            JOURNEY.replace("when: {event: visit}", "after: buy, when: {event: visit}"),
            vec!["journey.no_start stages[0].touchpoints", "journey.cycle stages[0].touchpoints[0].after"],
        ),
        // nor for one that is not there.
        (
            JOURNEY.replace("when: {event: purchase}", "after: gone, when: {event: purchase}"),
            vec!["journey.unknown_stage stages[1].touchpoints[0].after"],
        ),
        (
            JOURNEY.replace("when: {event: purchase}", "within: 3d, when: {event: purchase}"),
            vec!["journey.within_without_after stages[1].touchpoints[0].within"],
        ),
        // Nor may it go without a name.
        (JOURNEY.replacen("name: Gift", "name: ' '", 1), vec!["document.no_name name"]),
        // An event nobody ever sent is most likely misspelt.
        (
            JOURNEY.replace("event: visit", "event: vist"),
            vec!["rule.unknown_event stages[0].touchpoints[0].when.event"],
        ),
        // A rule within groups is found by the way it is written.
        (
            "kind: segment\nkey: odd\nname: Odd\nrule: {all: [{did: {when: {event: visit}}}, \
             {any: [{not: {did: {when: {event: vist}}}}]}]}\n"
                .to_owned(),
            vec!["rule.unknown_event rule.all[1].any[0].not.did.when.event"],
        ),
        (JOURNEY.replace("key: buy", "key: aware"), vec!["journey.key_twice stages"]),
        (format!("{JOURNEY}conversion: gone\n"), vec!["journey.unknown_stage conversion"]),
        (format!("{JOURNEY}population: gone\n"), vec!["journey.unknown_segment population"]),
        // A journey may open another, but not itself.
        (JOURNEY.replace("key: buy\n", "key: buy\n    opens: gift\n"), vec!["journey.cycle stages"]),
    ];
    for (yaml, problems) in cases {
        assert_eq!(bench.refused(&yaml).await, problems, "{yaml}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_may_come_before_their_data() {
    let bench = Bench::new(&[]).await;
    let early = JOURNEY.replace("event: visit", "event: not_yet");
    bench.apply(&early).await; // Nothing is known yet, so nothing is unknown.
    let bench = Bench::new(EVENTS).await;
    let bodies = read_yaml(&early, None).unwrap();
    let options = ApplyOptions { allow_unknown_events: true, ..ApplyOptions::default() };
    assert!(bench.engine.apply(&bodies, "tester", options).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_editors_do_not_overwrite_each_other() {
    let bench = Bench::new(EVENTS).await;
    bench.apply(JOURNEY).await;
    let body = |name: &str| read_yaml(&JOURNEY.replace("name: Gift", name), None).unwrap().remove(0);
    let first = bench.engine.put(&body("name: Mine"), Some(1), "me").await.unwrap();
    assert_eq!(first.version, 2);
    let late = bench.engine.put(&body("name: Yours"), Some(1), "you").await;
    assert!(matches!(late, Err(EngineError::Conflict { current: 2 })), "{late:?}");
    let key = Key::new("gift").unwrap();
    let DocumentBody::Journey(journey) = bench.engine.document(Kind::Journey, &key).await.unwrap().body
    else {
        panic!("a journey was stored");
    };
    assert_eq!(journey.name, model::Text::from("Mine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_cannot_be_deleted() {
    let bench = Bench::new(EVENTS).await;
    bench.apply(&format!("{JOURNEY}---\nkind: map\nkey: gift\njourney: gift\nlanes: []\n")).await;
    let key = Key::new("gift").unwrap();
    let refused = bench.engine.delete(Kind::Journey, &key, "tester").await.unwrap_err();
    assert_eq!(refused.problems().0[0].code, "document.in_use");
    bench.engine.delete(Kind::Map, &key, "tester").await.unwrap();
    bench.engine.delete(Kind::Journey, &key, "tester").await.unwrap();
    assert!(matches!(bench.engine.document(Kind::Journey, &key).await, Err(EngineError::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_kept_with_its_pins_and_holds_its_segment() {
    const SEGMENT: &str =
        "kind: segment\nkey: callers\nname: Callers\nrule: {did: {when: {event: visit}, at_least: 1}}\n";
    const INSIGHT: &str = "kind: insight\nkey: gifts\nname: {ko: 선물, en: Gifts}\nnote: Half stop here.\n\
        question:\n  ask: funnel\n  window: 7d\n  scope: {segment: callers}\n  steps: [{event: visit}, {event: purchase}]\n\
        pins: [{map: gift, stage: buy}]\n";
    let bench = Bench::new(EVENTS).await;
    assert_eq!(
        bench.refused(INSIGHT).await,
        ["insight.unknown_segment question.segment", "insight.unknown_map pins[0].map"]
    );
    let map = format!("{JOURNEY}---\nkind: map\nkey: gift\njourney: gift\nlanes: []\n");
    bench.apply(&format!("{map}---\n{SEGMENT}---\n{INSIGHT}")).await;
    let key = Key::new("gifts").unwrap();
    let stored = bench.engine.document(Kind::Insight, &key).await.unwrap().body;
    assert_eq!(read_yaml(&model::write_yaml(&stored), None).unwrap(), [stored.clone()]);
    let DocumentBody::Insight(insight) = stored else { panic!("an insight was stored") };
    assert_eq!(insight.pins[0].stage.as_str(), "buy");
    // The question is one that can be asked as it is.
    assert!(bench.engine.ask(&insight.question, &store::Cancel::default()).await.is_ok());
    let segment = Key::new("callers").unwrap();
    let refused = bench.engine.delete(Kind::Segment, &segment, "tester").await.unwrap_err();
    assert_eq!(refused.problems().0[0].code, "document.in_use");
    bench.engine.delete(Kind::Insight, &key, "tester").await.unwrap();
    bench.engine.delete(Kind::Segment, &segment, "tester").await.unwrap();
}
