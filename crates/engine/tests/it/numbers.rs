//! Numbers: rules, segments, journeys, metrics and SQL agree on the same events.

use crate::{Bench, Is, Told};
use model::ask::{Ask, AskPeople, Outcome, PeopleSort, Scope, Select};
use model::view::{Answer, MapView, StageView};
use model::{Key, read_json};
use std::sync::Arc;
use store::Cancel;

const SHOP: &[Told] = &[
    ("ann", 0, "identify", "", None, &[("age", Is::Number(29.0)), ("region", Is::Text("seoul"))]),
    ("ann", 1, "visit", "web", None, &[("device", Is::Text("mobile"))]),
    ("ann", 2, "view_item", "web", None, &[("price", Is::Number(30.0))]),
    ("ann", 5, "purchase", "web", Some(30), &[("gift", Is::Flag(true))]),
    ("ann", 30, "survey", "survey", None, &[("score", Is::Number(10.0))]),
    ("bob", 0, "identify", "", None, &[("age", Is::Number(41.0)), ("region", Is::Text("busan"))]),
    ("bob", 1, "visit", "app", None, &[("device", Is::Text("mobile"))]),
    ("bob", 9, "view_item", "app", None, &[("price", Is::Text("about 20"))]),
    ("bob", 50, "survey", "survey", None, &[("score", Is::Number(3.0))]),
    ("cat", 3, "visit", "web", None, &[("device", Is::Text("desktop"))]),
    ("cat", 4, "identify", "", None, &[("region", Is::Text("busan"))]),
    ("cat", 6, "identify", "", None, &[("region", Is::Text("seoul"))]), // The later one holds.
    ("dan", 7, "purchase", "store", Some(12), &[]),                     // Came without visiting.
];

const DEFINITIONS: &str = "kind: journey
key: shop
name: Shop
start: any_stage
conversion: buy
emotion: [{when: {event: survey}, property: score, worst: 0, best: 10}]
stages:
  - {key: aware, name: Aware, kpis: [visitors, cart], touchpoints: [{key: visit, name: Visit, when: {event: visit}}]}
  - {key: look, name: Look, touchpoints: [{key: view, name: View, when: {event: view_item}}]}
  - {key: buy, name: Buy, kpis: [revenue, order, nps, cpo], touchpoints: [{key: purchase, name: Purchase, when: {event: purchase}}]}
---
kind: map
key: shop
journey: shop
segments: [seoul]
assumed_emotion: {buy: 1.5}
lanes:
  - {key: t, kind: touchpoints}
  - {key: e, kind: emotion}
  - {key: k, kind: kpi}
  - {key: q, kind: questions, cards: [{id: q1, stage: look, text: Is it real?}]}
---
{kind: segment, key: seoul, name: Seoul, rule: {trait: {property: region, value: seoul}}}
---
{kind: segment, key: mobile-buyers, name: Mobile, rule: {all: [{did: {when: {event: visit, where: [{property: device, value: mobile}]}}}, {did: {when: {event: purchase}}}]}}
---
{kind: segment, key: not-seoul, name: Elsewhere, rule: {trait: {property: region, op: is_not, value: seoul}}}
---
{kind: segment, key: adults, name: Adults, rule: {trait: {property: age, op: gte, value: 40}}}
---
{kind: segment, key: never-bought, name: Lookers, rule: {not: {did: {when: {event: purchase}}}}}
---
{kind: metric, key: visitors, name: Visitors, unit: people, formula: {people: {event: visit}}}
---
{kind: metric, key: cart, name: Look rate, unit: share, formula: {ratio: {of: {people: {event: view_item}}, to: {people: {event: visit}}}}}
---
{kind: metric, key: revenue, name: Revenue, unit: money, formula: {sum: {when: {event: purchase}}}}
---
{kind: metric, key: order, name: Order value, unit: money, formula: {mean: {when: {event: purchase}}}}
---
{kind: metric, key: nps, name: NPS, unit: points, formula: {nps: {when: {event: survey}, property: score}}}
---
{kind: metric, key: cpo, name: Cost per order, unit: money, formula: {ratio: {of: {cost: {series: ads}}, to: {count: {event: purchase}}}}}
";

async fn shop() -> Bench {
    let bench = Bench::new(SHOP).await;
    bench.apply(DEFINITIONS).await;
    let day = 20_514; // 2026-03-02, a day of the period;
    let point = |day, value| meta::SeriesPoint {
        name: "ads".to_owned(),
        day,
        channel: "search".to_owned(),
        campaign: String::new(),
        value,
    };
    // the week before is outside.
    bench
        .engine
        .meta
        .put_series(&[point(day, 80.0), point(day + 1, 20.0), point(day - 7, 999.0)])
        .await
        .unwrap();
    bench
}

async fn ask(bench: &Bench, text: &str) -> Arc<Answer> {
    let ask: Ask = read_json(text, None).unwrap();
    bench.engine.ask(&ask, &Cancel::default()).await.unwrap()
}

async fn map(bench: &Bench, scope: &str) -> MapView {
    let answer = ask(bench, &format!(r#"{{"ask":"map","map":"shop","scope":{scope}}}"#)).await;
    match &*answer {
        Answer::Map(view) => (**view).clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_count_what_they_say() {
    let bench = shop().await;
    let cases = [
        (r#"{"event":"visit"}"#, 3),
        (r#"{"event":["visit","purchase"]}"#, 5),
        (r#"{"event":"visit","channel":"web"}"#, 2),
        (r#"{"event":"visit","where":[{"property":"device","value":"mobile"}]}"#, 2),
        (r#"{"event":"visit","where":[{"property":"device","value":["mobile","desktop"]}]}"#, 3),
        (r#"{"event":"visit","where":[{"property":"device","op":"is_not","value":"mobile"}]}"#, 1),
        (r#"{"event":"visit","where":[{"property":"device","op":"contains","value":"esk"}]}"#, 1),
        (r#"{"event":"visit","where":[{"property":"device","op":"starts_with","value":"mob"}]}"#, 2),
        (r#"{"event":"purchase","where":[{"property":"amount","op":"gt","value":12}]}"#, 1),
        (r#"{"event":"purchase","where":[{"property":"amount","op":"gte","value":12}]}"#, 2),
        (r#"{"event":"purchase","where":[{"property":"channel","value":"store"}]}"#, 1),
        (r#"{"event":"purchase","where":[{"property":"gift","value":true}]}"#, 1),
        (r#"{"event":"purchase","where":[{"property":"gift","op":"missing"}]}"#, 1),
        (r#"{"event":"purchase","where":[{"property":"gift","op":"exists"}]}"#, 1),
        // A property with two types is both of them.
        (r#"{"event":"view_item","where":[{"property":"price","op":"exists"}]}"#, 2),
        (r#"{"event":"view_item","where":[{"property":"price","op":"lt","value":40}]}"#, 1),
        (r#"{"event":"view_item","where":[{"property":"price","op":"contains","value":"about"}]}"#, 1),
        // Both filters of one rule, and a property nobody has.
        (r#"{"event":"visit","channel":"web","where":[{"property":"device","value":"mobile"}]}"#, 1),
        (r#"{"event":"visit","where":[{"property":"gone","value":"x"}]}"#, 0),
    ];
    for (rule, n_events) in cases {
        let answer = ask(&bench, &format!(r#"{{"ask":"trend","when":{rule}}}"#)).await;
        let Answer::Trend(trend) = &*answer else { panic!("a trend was asked for") };
        assert_eq!(trend.lines[0].n_events.iter().sum::<u64>(), n_events, "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_hold_their_people() {
    let bench = shop().await;
    let cases: [(&str, &[&str]); 5] = [
        ("seoul", &["ann", "cat"]),     // Cat moved: the latest trait decides.
        ("not-seoul", &["bob", "dan"]), // Dan never said where.
        ("adults", &["bob"]),
        ("mobile-buyers", &["ann"]),
        ("never-bought", &["bob", "cat"]),
    ];
    for (segment, people) in cases {
        let of = Select::Segment { segment: Key::new(segment).unwrap() };
        assert_eq!(names(&bench, of, Scope::default()).await, people, "{segment}");
    }
}

async fn names(bench: &Bench, of: Select, scope: Scope) -> Vec<String> {
    let ask = Ask::People(AskPeople {
        of,
        scope,
        sort: PeopleSort::default(),
        oldest_first: false,
        offset: 0,
        limit: None,
    });
    let answer = bench.engine.ask(&ask, &Cancel::default()).await.unwrap();
    let Answer::People(page) = &*answer else { panic!("people were asked for") };
    assert_eq!(page.n_people as usize, page.people.len());
    let mut names: Vec<String> = page.people.iter().filter_map(|person| person.user_id.clone()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_tells_the_shop() {
    let bench = shop().await;
    let view = map(&bench, "{}").await;
    let row = |stage: &StageView| {
        let n = |figure: &model::view::Figure| figure.value.unwrap_or(-1.0);
        let [entered, moved_on, here, dropped, skipped] =
            [&stage.entered, &stage.moved_on, &stage.here, &stage.dropped, &stage.skipped].map(n);
        format!("{} {entered} {moved_on} {here} {dropped} {skipped}", stage.key)
    };
    insta::assert_snapshot!(view.stages.iter().map(row).collect::<Vec<_>>().join("\n"), @r"
    aware 3 2 1 0 1
    look 2 1 1 0 1
    buy 2 0 2 0 0
    ");
    let fact = |key: &str| view.facts.iter().find(|fact| fact.key == key).and_then(|fact| fact.figure.value);
    assert_eq!(fact("people"), Some(4.0));
    assert_eq!(fact("conversion"), Some(0.5));
    assert_eq!(view.segments[0].n_people, 2);
    let lane = |kind| view.lanes.iter().find(|lane| lane.kind == kind).unwrap();
    use model::map::LaneKind::{Emotion, Kpi, Questions, Touchpoints};
    // Ann's 10 came while she stood in buy, Bob's 3 while he stood in look: (3/10)·4 − 2 = −0.8.
    let emotion = |stage: usize| lane(Emotion).cells[stage].emotion.clone().unwrap();
    assert_eq!((emotion(2).measured.value, emotion(2).assumed), (Some(2.0), Some(1.5)));
    assert_eq!((emotion(1).measured.value, emotion(0).measured.value), (Some(-0.8), None));
    assert_eq!(lane(Questions).cells[1].cards.len(), 1);
    assert_eq!(lane(Touchpoints).cells[0].touchpoints[0].people.value, Some(3.0));
    let metric = |stage: usize, at: usize| lane(Kpi).cells[stage].metrics[at].figure.value;
    assert_eq!([metric(0, 0), metric(0, 1)], [Some(3.0), Some(2.0 / 3.0)]);
    // 42 sold in 2 orders; one promoter, one detractor; 100 spent within the days of the data.
    assert_eq!([metric(2, 0), metric(2, 1), metric(2, 2)], [Some(42.0), Some(21.0), Some(0.0)]);
    assert_eq!(metric(2, 3), Some(50.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_opens_as_many_people_as_it_counts() {
    let bench = shop().await;
    let view = map(&bench, "{}").await;
    let mut n_checked = 0;
    for stage in &view.stages {
        let figures = [
            &stage.entered,
            &stage.here,
            &stage.moved_on,
            &stage.passed,
            &stage.dropped,
            &stage.back,
            &stage.skipped,
            &stage.went_back,
        ];
        for figure in figures {
            let of = figure.people.clone().unwrap();
            let people = names(&bench, of.clone(), Scope::default()).await;
            assert_eq!(Some(people.len() as f64), figure.value, "{of:?}");
            n_checked += 1;
        }
        let n = |figure: &model::view::Figure| figure.value.unwrap();
        let outcomes = n(&stage.passed) + n(&stage.here) + n(&stage.dropped) + n(&stage.back);
        assert_eq!(n(&stage.entered), outcomes, "{}", stage.key);
    }
    assert_eq!(n_checked, 24);
    let journey = Key::new("shop").unwrap();
    let converted = Select::Journey { journey, outcome: Outcome::Converted };
    assert_eq!(names(&bench, converted, Scope::default()).await, ["ann", "dan"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn scope_cuts_people_and_days() {
    let bench = shop().await;
    let people = |view: &MapView| view.facts[0].figure.value;
    assert_eq!(people(&map(&bench, r#"{"segment":"seoul"}"#).await), Some(2.0));
    let first_day = r#"{"period":{"from":"2026-03-02","to":"2026-03-02"}}"#;
    assert_eq!(people(&map(&bench, first_day).await), Some(4.0));
    let later = r#"{"period":{"from":"2026-03-03","to":"2026-03-09"}}"#;
    assert_eq!(people(&map(&bench, later).await), Some(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_definition_and_new_data_change_the_answer() {
    let bench = shop().await;
    assert_eq!(map(&bench, "{}").await.facts[0].figure.value, Some(4.0));
    bench.apply(&DEFINITIONS.replace("start: any_stage", "start: first_stage")).await;
    assert_eq!(map(&bench, "{}").await.facts[0].figure.value, Some(3.0)); // Dan never visited.
    bench.push(&[("eve", 8, "visit", "web", None, &[])]).await;
    assert_eq!(map(&bench, "{}").await.facts[0].figure.value, Some(4.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_reads_the_same_events_and_writes_none() {
    let bench = shop().await;
    let limits = engine::sql::SqlLimits { rows_max: 3, ..Default::default() };
    let run = async |query: &str| bench.engine.sql(query, limits, &Cancel::default()).await;
    let answer = run("SELECT count(*) n, count(DISTINCT person) p, sum(amount) a FROM events").await.unwrap();
    let rows = serde_json::to_string(&answer.rows).unwrap();
    assert_eq!(rows, r#"[[13,4,"42.00"]]"#);
    let map = map(&bench, "{}").await;
    let visited = run("SELECT count(DISTINCT person) FROM events WHERE event = 'visit'").await.unwrap();
    assert_eq!(visited.rows[0][0].as_f64(), map.stages[0].entered.value);
    let device = run("SELECT device FROM events WHERE device IS NOT NULL ORDER BY time").await.unwrap();
    assert_eq!(device.rows.len(), 3);
    assert!(!device.truncated);
    assert!(run("SELECT event FROM events").await.unwrap().truncated);
    for query in [
        "DELETE FROM events",
        "CREATE TABLE t AS SELECT 1",
        "COPY events TO 'x.csv'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT * FROM 'Cargo.toml'",
        "SELECT nonsense",
    ] {
        assert!(matches!(run(query).await, Err(engine::EngineError::Sql(_))), "{query}");
    }
}
