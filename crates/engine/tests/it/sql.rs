//! The tables of SQL: what their rows are, what a query may not do, and how it ends.

use crate::{Bench, DAY_US, HOUR_US, Is, MONDAY_US, Told};
use engine::EngineError;
use engine::sql::{SqlAnswer, SqlFormat, SqlLimits};
use model::ask::Ask;
use model::read_json;
use model::view::Answer;
use serde_json::{Value, json};
use std::time::Duration;
use store::{Batch, Cancel, EventRef, NewEvent, Progress, PropertyValue, When};

const SHOP: &[Told] = &[
    ("ann", 0, "identify", "", None, &[("age", Is::Number(29.0)), ("region", Is::Text("busan"))]),
    ("ann", 1, "visit", "web", None, &[("device", Is::Text("mobile"))]),
    ("ann", 2, "view_item", "web", None, &[]),
    ("ann", 5, "purchase", "web", Some(30), &[("gift", Is::Flag(true))]),
    ("ann", 6, "identify", "", None, &[("region", Is::Text("seoul"))]),
    ("ann", 30, "survey", "survey", None, &[("score", Is::Number(10.0)), ("kind", Is::Text("nps"))]),
    ("bob", 1, "visit", "app", None, &[("device", Is::Text("mobile"))]),
    ("bob", 9, "view_item", "app", None, &[]),
    ("bob", 50, "review", "review", None, &[("rating", Is::Number(2.0)), ("text", Is::Text("late, =again"))]),
    ("cat", 3, "visit", "", None, &[]),
    ("cat", 4, "ticket", "chat", None, &[("text", Is::Text("where is it?"))]),
    ("cat", 5, "ticket", "chat", None, &[("text", Is::Text("   "))]), // Blank: no opinion.
    ("dan", 7, "purchase", "store", Some(12), &[]),
    ("dan", 8, "refund", "store", Some(-12), &[]),
];

const DEFINITIONS: &str = "kind: journey
key: shop
name: Shop
start: any_stage
conversion: buy
window: 2d
exits: [{event: refund}]
stages:
  - {key: aware, name: Aware, touchpoints: [{key: visit, name: Visit, when: {event: visit}}]}
  - {key: look, name: Look, touchpoints: [{key: view, name: View, when: {event: view_item}}]}
  - {key: buy, name: Buy, touchpoints: [{key: purchase, name: Purchase, when: {event: purchase}}]}
---
kind: map
key: shop
journey: shop
lanes: [{key: t, kind: touchpoints}]
---
{kind: segment, key: seoul, name: Seoul, rule: {trait: {property: region, value: seoul}}}
---
kind: journey
key: seoul
name: Seoul
population: seoul
stages:
  - {key: start, name: Start, touchpoints: [{key: visit, name: Visit, when: {event: visit}}]}
";

async fn shop() -> Bench {
    let bench = Bench::new(SHOP).await;
    bench.apply(DEFINITIONS).await;
    bench
}

async fn sql(bench: &Bench, query: &str) -> SqlAnswer {
    let answer = bench.engine.sql(query, SqlLimits::default(), &Cancel::default()).await;
    answer.unwrap_or_else(|error| panic!("{query}: {error}"))
}

async fn rows(bench: &Bench, query: &str) -> Value {
    json!(sql(bench, query).await.rows)
}

async fn error(bench: &Bench, query: &str, limits: SqlLimits) -> EngineError {
    match bench.engine.sql(query, limits, &Cancel::default()).await {
        Err(error) => error,
        Ok(answer) => panic!("{query} was answered: {:?}", answer.rows),
    }
}

fn code(error: &EngineError) -> String {
    error.problems().0[0].code.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_have_their_latest_traits() {
    let bench = shop().await;
    let columns = sql(&bench, "SELECT * FROM persons").await.columns;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let fixed = ["person", "user_id", "n_anonymous_ids", "first_at", "last_at", "n_events", "amount"];
    assert_eq!(names, [&fixed[..], &["age", "region"]].concat()); // Not what only other events carry.
    assert_eq!(
        rows(
            &bench,
            "SELECT user_id, n_anonymous_ids, n_events, amount, age, region FROM persons ORDER BY user_id"
        )
        .await,
        json!([
            ["ann", 0, 6, "30.00", 29.0, "seoul"],
            ["bob", 0, 3, "0.00", null, null],
            ["cat", 0, 3, "0.00", null, null],
            ["dan", 0, 2, "0.00", null, null],
        ])
    );
    // Keys are the same text in all tables.
    let joined =
        "SELECT count(*) FROM persons p JOIN events e ON e.person = p.person WHERE length(e.person) = 16";
    assert_eq!(rows(&bench, joined).await, json!([[14]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_trait_is_a_new_column() {
    let bench = shop().await;
    sql(&bench, "SELECT region FROM persons").await;
    bench.push(&[("eve", 1, "identify", "", None, &[("tier", Is::Text("gold"))])]).await;
    assert_eq!(rows(&bench, "SELECT user_id FROM persons WHERE tier = 'gold'").await, json!([["eve"]]));
}

/// Pushes events of one person at moments.
async fn push_at(bench: &Bench, told: &[(i64, &str)]) {
    let mut writer = bench.engine.store.writer("test").await.unwrap();
    for (index, (time_us, name)) in told.iter().enumerate() {
        let event = writer.event_code(name).unwrap();
        let event = EventRef {
            user_id: Some("eve"),
            anonymous_id: None,
            time_us: *time_us,
            id: Some(1000 + index as u64),
            event,
            channel: 0,
            amount: None,
            properties: &[],
        };
        writer.push(event).unwrap();
    }
    writer.finish(Progress::default(), MONDAY_US).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_of_half_an_hour_is_in_the_session() {
    let bench = Bench::new(&[]).await;
    let half = HOUR_US / 2;
    push_at(
        &bench,
        &[
            (MONDAY_US - HOUR_US, "identify"), // No visit.
            (MONDAY_US, "a"),
            (MONDAY_US + half, "b"), // Exactly half an hour later: the same session.
            (MONDAY_US + half + half / 2, "identify"), // Does not prolong it.
            (MONDAY_US + 2 * half + 1, "c"), // A microsecond more: a new one.
            (MONDAY_US + 2 * half + 1, "d"),
        ],
    )
    .await;
    let query =
        "SELECT session, n_events, entry_event, exit_event, date_part('epoch', ended_at - started_at) AS s
        FROM sessions ORDER BY session";
    assert_eq!(rows(&bench, query).await, json!([[1, 2, "a", "b", 1800.0], [2, 2, "c", "d", 0.0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_a_score_or_words() {
    let bench = shop().await;
    assert_eq!(
        rows(&bench, "SELECT event, channel, kind, score, text FROM feedback ORDER BY time").await,
        json!([
            ["ticket", "chat", "text", null, "where is it?"],
            ["survey", "survey", "nps", 10.0, null],
            ["review", "review", "rating", 2.0, "late, =again"],
        ])
    );
    assert_eq!(rows(&bench, "SELECT count(*) FROM feedback WHERE event = 'survey'").await, json!([[1]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_the_series() {
    let bench = Bench::new(&[]).await;
    let point = |name: &str, channel: &str, value| meta::SeriesPoint {
        name: name.to_owned(),
        day: 20_514,
        channel: channel.to_owned(),
        campaign: String::new(),
        value,
    };
    bench.engine.meta.put_series(&[point("cost", "search", 80.0), point("clicks", "", 5.0)]).await.unwrap();
    assert_eq!(
        rows(&bench, "SELECT * FROM costs ORDER BY name").await,
        json!([["clicks", "2026-03-02", null, null, 5.0], ["cost", "2026-03-02", "search", null, 80.0]])
    );
    assert_eq!(rows(&bench, "SELECT sum(value) FROM costs WHERE name = 'cost'").await, json!([[80.0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn journeys_count_what_the_map_counts() {
    let bench = shop().await;
    assert_eq!(
        rows(
            &bench,
            "SELECT p.user_id, stage, furthest_stage, outcome, ended_by, n_touches, converted_at IS NOT NULL AS bought
             FROM journeys j JOIN persons p USING (person) WHERE journey = 'shop' ORDER BY 1"
        )
        .await,
        json!([
            ["ann", "buy", "buy", "converted", "window", 3, true],
            ["bob", "look", "look", "dropped", "window", 2, false],
            ["cat", "aware", "aware", "open", null, 1, false],
            ["dan", "buy", "buy", "converted", "exit", 1, true],
        ])
    );
    let ask: Ask = read_json(r#"{"ask":"map","map":"shop","scope":{}}"#, None).unwrap();
    let answer = bench.engine.ask(&ask, &Cancel::default()).await.unwrap();
    let Answer::Map(map) = &*answer else { panic!("{answer:?}") };
    for stage in &map.stages {
        let key = stage.key.as_str();
        let query = format!(
            "SELECT count(*) FILTER (WHERE array_has(stages, '{key}')),
               count(*) FILTER (WHERE stage = '{key}' AND ended_by IS NULL),
               count(*) FILTER (WHERE stage = '{key}' AND ended_by IS NOT NULL) FROM journeys WHERE journey = 'shop'"
        );
        let figures =
            [&stage.entered, &stage.here, &stage.dropped].map(|figure| figure.value.unwrap() as u64);
        assert_eq!(rows(&bench, &query).await, json!([figures]), "{key}");
    }
    // A journey of a population holds only its people.
    let people = "SELECT user_id FROM journeys JOIN persons USING (person) WHERE journey = 'seoul'";
    assert_eq!(rows(&bench, people).await, json!([["ann"]]));
    assert_eq!(rows(&bench, "SELECT count(*) FROM journeys WHERE journey = 'none'").await, json!([[0]]));
    assert_eq!(rows(&bench, "SELECT count(DISTINCT journey) FROM journeys").await, json!([[2]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_down_loses_nothing() {
    let bench = shop().await;
    let at = |hours: i64| format!("TIMESTAMPTZ '2026-03-02T{hours:02}:00:00Z'");
    // A limit hides a condition from the table: the same rows must come both ways.
    for condition in [
        format!("time >= {}", at(5)),
        format!("time > {}", at(5)),
        format!("time <= {}", at(5)),
        format!("time < {}", at(5)),
        format!("time = {}", at(5)),
        format!("time <> {}", at(5)),
        format!("time BETWEEN {} AND {}", at(2), at(7)),
        format!("time >= {} AND time < {} AND event = 'visit'", at(1), at(3)),
        format!("NOT (time >= {})", at(5)),
        "event = 'visit'".to_owned(),
        "event IN ('visit', 'purchase')".to_owned(),
        "event IN ('visit', 'purchase', 'survey', 'review', 'none')".to_owned(),
        "event = 'visit' OR channel = 'store'".to_owned(),
        "event NOT IN ('visit', 'purchase', 'survey', 'review')".to_owned(),
        "event = 'never'".to_owned(),
        "event LIKE 'v%'".to_owned(),
        "person = (SELECT person FROM persons WHERE user_id = 'ann')".to_owned(),
        "person = 'ann'".to_owned(),
        "person IN (SELECT person FROM feedback) AND event = 'visit'".to_owned(),
    ] {
        let pushed = format!("SELECT event_id, device FROM events WHERE {condition} ORDER BY 1");
        let hidden = format!(
            "SELECT event_id, device FROM (SELECT * FROM events ORDER BY event_id LIMIT 1000000) AS events \
             WHERE {condition} ORDER BY 1"
        );
        assert_eq!(rows(&bench, &pushed).await, rows(&bench, &hidden).await, "{condition}");
    }
    let ann = rows(&bench, "SELECT person FROM persons WHERE user_id = 'ann'").await;
    let ann = ann[0][0].as_str().unwrap();
    for (table, n) in [("events", 6), ("persons", 1), ("sessions", 4), ("journeys", 2), ("feedback", 1)] {
        let query = format!("SELECT count(*) FROM {table} WHERE person = '{ann}'");
        assert_eq!(rows(&bench, &query).await, json!([[n]]), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_columns_asked_for_are_read() {
    let bench = shop().await;
    let plan = |query: &'static str| {
        let bench = &bench;
        async move {
            let plan = rows(bench, query).await.to_string();
            plan[plan.find("StreamingTableExec").expect("a scan")..].to_owned()
        }
    };
    let count = plan("EXPLAIN SELECT count(*) FROM events").await;
    assert!(!count.contains("projection="), "{count}"); // None at all.
    let two = plan("EXPLAIN SELECT event, count(*) FROM events WHERE channel = 'web' GROUP BY 1").await;
    assert!(two.contains("projection=[event, channel]"), "{two}");
    assert_eq!(rows(&bench, "SELECT count(*), count(DISTINCT person) FROM events").await, json!([[14, 4]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_described() {
    let bench = shop().await;
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1";
    let names = ["costs", "events", "feedback", "journeys", "persons", "sessions"].map(|name| [name]);
    assert_eq!(rows(&bench, tables).await, json!(names));
    let columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'costs' ORDER BY ordinal_position";
    assert_eq!(rows(&bench, columns).await, json!([["name"], ["day"], ["channel"], ["campaign"], ["value"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_reading_our_tables() {
    let bench = shop().await;
    let stolen = bench.engine.dir.join("stolen.csv");
    let copy = format!("COPY events TO '{}'", stolen.display());
    for query in [
        "DROP TABLE events",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION 'https://example.com/x.parquet'",
        "INSERT INTO events SELECT * FROM events",
        "DELETE FROM events",
        "UPDATE events SET event = 'x'",
        "TRUNCATE TABLE events",
        copy.as_str(),
        "SET datafusion.execution.batch_size = 1",
        "SET datafusion.catalog.information_schema = false",
        "EXPLAIN ANALYZE COPY events TO '/tmp/stolen.csv'",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM 'https://example.com/x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT 1; SELECT 2",
        "PREPARE x AS SELECT 1",
        "BEGIN",
    ] {
        let error = error(&bench, query, SqlLimits::default()).await;
        assert_eq!(code(&error), "sql.failed", "{query}: {error}");
    }
    assert!(!stolen.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_what_and_where() {
    let bench = shop().await;
    for (query, what, place) in [
        ("SELECT event,\n  nothing FROM events", "nothing", "line 2, column 3"),
        ("SELECT * FROM nowhere", "nowhere", "line 1, column 15"),
        ("SELEC 1", "SELEC", "Line: 1, Column: 1"),
        ("SELECT sum(event) FROM events", "sum", ""),
    ] {
        let text = error(&bench, query, SqlLimits::default()).await.to_string();
        assert!(text.contains(what) && text.contains(place), "{query}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold() {
    let bench = shop().await;
    let cut = SqlLimits { rows_max: 3, ..SqlLimits::default() };
    let answer = bench.engine.sql("SELECT * FROM events", cut, &Cancel::default()).await.unwrap();
    assert_eq!((answer.rows.len(), answer.truncated), (3, true));
    let answer = bench.engine.sql("SELECT * FROM costs", cut, &Cancel::default()).await.unwrap();
    assert_eq!((answer.rows.len(), answer.truncated), (0, false));
    let short = SqlLimits { time_max: Duration::from_millis(300), ..SqlLimits::default() };
    let long = "SELECT count(*) FROM events a, events b, events c, events d, events e, events f, events g, events h, events i
        WHERE a.time + (b.time - c.time) > d.time + (e.time - f.time) + (g.time - h.time)";
    assert_eq!(code(&error(&bench, long, short).await), "sql.too_long");
    let small = SqlLimits { memory_bytes_max: 1 << 20, ..SqlLimits::default() };
    let wide = "SELECT a.value, count(*) FROM generate_series(1, 2000000) a GROUP BY 1 ORDER BY 1 DESC";
    assert_eq!(code(&error(&bench, wide, small).await), "sql.too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_stops_the_work() {
    let bench = shop().await;
    let long = "SELECT count(*) FROM generate_series(1, 1000000000000)";
    let cancel = Cancel::default();
    let asked = cancel.clone();
    let unlimited = SqlLimits { time_max: Duration::from_secs(3600), ..SqlLimits::default() };
    let (engine, query) = (bench.engine.clone(), long.to_owned());
    let running = tokio::spawn(async move { engine.sql(&query, unlimited, &asked).await });
    cancel.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends").unwrap();
    assert!(matches!(ended, Err(EngineError::Cancelled)), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_says_what_it_has_read() {
    let bench = shop().await;
    let n_buckets = bench.engine.store.snapshot().n_buckets();
    let read = async |query: &str| {
        let cancel = Cancel::default();
        bench.engine.sql(query, SqlLimits::default(), &cancel).await.unwrap();
        assert!(!cancel.is_cancelled(), "what ended was not stopped");
        cancel.buckets()
    };
    let person = rows(&bench, "SELECT person FROM events WHERE user_id = 'ann' LIMIT 1").await;
    let one = format!("SELECT count(*) FROM events WHERE person = '{}'", person[0][0].as_str().unwrap());
    assert_eq!(read("SELECT count(*) FROM events WHERE amount > 0").await, (n_buckets, n_buckets));
    assert_eq!(read(&one).await, (1, 1));
    let joined = "SELECT count(*) FROM events a JOIN events b ON a.person = b.person AND a.time < b.time";
    assert_eq!(read(joined).await, (2 * n_buckets, 2 * n_buckets));
    assert_eq!(read("EXPLAIN SELECT count(*) FROM events").await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_hold_the_answer() {
    let bench = shop().await;
    let query = "SELECT user_id, event, time, amount, gift, text FROM events WHERE user_id IN ('bob', 'dan') ORDER BY time, event_id";
    let csv = file(&bench, query, SqlFormat::Csv, SqlLimits::of_file()).await.unwrap();
    assert_eq!(
        String::from_utf8(csv).unwrap(),
        "user_id,event,time,amount,gift,text\r\n\
         bob,visit,2026-03-02T01:00:00Z,,,\r\n\
         dan,purchase,2026-03-02T07:00:00Z,12.00,,\r\n\
         dan,refund,2026-03-02T08:00:00Z,-12.00,,\r\n\
         bob,view_item,2026-03-02T09:00:00Z,,,\r\n\
         bob,review,2026-03-04T02:00:00Z,,,\"late, =again\"\r\n"
    );
    let formula = "SELECT '=1+1' AS \"=head\", '-5' AS number, '' AS empty, NULL AS nothing";
    let csv = file(&bench, formula, SqlFormat::Csv, SqlLimits::of_file()).await.unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), "'=head,number,empty,nothing\r\n'=1+1,-5,\"\",\r\n");
    let none =
        file(&bench, "SELECT event FROM events WHERE event = 'never'", SqlFormat::Csv, SqlLimits::of_file())
            .await;
    assert_eq!(none.unwrap(), b"event\r\n");
    let parquet =
        file(&bench, "SELECT * FROM events", SqlFormat::Parquet, SqlLimits::of_file()).await.unwrap();
    let path = bench.engine.dir.join("events.parquet");
    std::fs::write(&path, parquet).unwrap();
    let reader = store::parquet::ParquetReader::open(&path).unwrap();
    assert_eq!(reader.n_rows(), 14);
    let few = SqlLimits { rows_max: 5, ..SqlLimits::of_file() };
    let short = file(&bench, "SELECT * FROM events", SqlFormat::Csv, few).await.expect_err("too many rows");
    assert_eq!(code(&short), "sql.too_many_rows");
    let wrong = file(&bench, "SELECT nothing FROM events", SqlFormat::Parquet, few)
        .await
        .expect_err("no such column");
    assert_eq!(code(&wrong), "sql.failed");
}

async fn file(
    bench: &Bench,
    query: &str,
    format: SqlFormat,
    limits: SqlLimits,
) -> Result<Vec<u8>, EngineError> {
    let mut file = bench.engine.sql_file(query, format, limits, &Cancel::default()).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = file.next().await {
        bytes.extend(chunk?);
    }
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_reads_one_state_of_the_data() {
    let bench = shop().await;
    let before = sql(&bench, "SELECT count(*) FROM events").await;
    bench.push(&[("zoe", 1, "visit", "web", None, &[])]).await;
    let after = sql(&bench, "SELECT count(*) FROM events").await;
    assert_eq!((before.rows[0][0].as_i64(), after.rows[0][0].as_i64()), (Some(14), Some(15)));
    assert!(after.data_version > before.data_version);
    let day =
        format!("SELECT count(*) FROM events WHERE time >= to_timestamp_micros({})", MONDAY_US + DAY_US);
    assert_eq!(rows(&bench, &day).await, json!([[2]]));
}

/// Waits until new snapshots hold so many events; the log's reader puts them there.
async fn until_seen(bench: &Bench, n_events: i64) {
    let seen = async {
        while rows(bench, "SELECT count(*) FROM events").await != json!([[n_events]]) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.expect("the events become visible");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_yet_in_files_is_read_too() {
    let bench = shop().await;
    let mut batch = Batch::new("door", MONDAY_US);
    for (hours, event, score) in [(60, "visit", None), (61, "purchase", None), (62, "survey", Some(4.0))] {
        let score = score.map(|score| ("score", PropertyValue::Num(score)));
        batch.event(&NewEvent {
            user_id: Some("eve"),
            anonymous_id: None,
            when: When::At(MONDAY_US + hours * HOUR_US),
            id: 9_000 + hours as u64,
            event,
            channel: "app",
            amount: (event == "purchase").then_some(4_200),
            properties: score.as_slice(),
        });
    }
    bench.engine.store.append(batch).await.unwrap();
    until_seen(&bench, 17).await;
    let queries = [
        ("SELECT count(*), sum(amount) FROM events WHERE user_id = 'eve'", json!([[3, "42.00"]])),
        ("SELECT n_events, amount FROM persons WHERE user_id = 'eve'", json!([[3, "42.00"]])),
        ("SELECT count(*) FROM sessions JOIN persons USING (person) WHERE user_id = 'eve'", json!([[3]])),
        (
            "SELECT outcome, stage FROM journeys JOIN persons USING (person) WHERE user_id = 'eve'",
            json!([["converted", "buy"]]),
        ),
        ("SELECT event, score FROM feedback WHERE channel = 'app'", json!([["survey", 4.0]])),
        ("SELECT event FROM events WHERE time >= TIMESTAMPTZ '2026-03-04T14:00:00Z'", json!([["survey"]])),
    ];
    for (query, expected) in &queries {
        assert_eq!(rows(&bench, query).await, *expected, "{query}");
    }
    bench.engine.store.seal().await.unwrap();
    for (query, expected) in &queries {
        assert_eq!(rows(&bench, query).await, *expected, "sealed: {query}");
    }
}
