//! SQL over HTTP: answers to show, and files.

use crate::app::TestApp;
use axum::body::Body;
use serde_json::{Value, json};
use std::io::Read as _;

#[tokio::test]
async fn every_table_answers() {
    let app = TestApp::furnished().await;
    for (table, n) in
        [("events", 9), ("persons", 4), ("sessions", 6), ("journeys", 4), ("feedback", 0), ("costs", 0)]
    {
        let query = json!({ "query": format!("SELECT count(*) FROM {table}") });
        let answer = app.post("sql", &query).await.expect(200).json();
        assert_eq!(answer["rows"], json!([[n]]), "{table}");
    }
    let query = json!({ "query": "SELECT outcome, count(*) FROM journeys WHERE journey = 'buy' GROUP BY 1 ORDER BY 1" });
    let answer = app.post("sql", &query).await.expect(200).json();
    assert_eq!(answer["rows"], json!([["converted", 2], ["open", 2]]));
    // The key is the one of the timeline's URL.
    let who =
        app.post("sql", &json!({ "query": "SELECT person FROM persons LIMIT 1" })).await.expect(200).json();
    app.get(&format!("people/{}/timeline", who["rows"][0][0].as_str().unwrap())).await.expect(200);
}

#[tokio::test]
async fn answers_are_files_too() {
    let app = TestApp::furnished().await;
    let ask = |query: &str, format: &str| json!({ "query": query, "format": format });
    let query = "SELECT user_id, event, time, amount FROM events WHERE event = 'order' ORDER BY time";
    let csv = app.post("sql/download", &ask(query, "csv")).await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"gilmok.csv\"");
    assert_eq!(csv.header("cache-control"), "no-store");
    assert_eq!(
        csv.text(),
        "user_id,event,time,amount\r\n\
         ann,order,2026-01-06T00:00:00Z,35000.00\r\n\
         bom,order,2026-01-08T23:00:00Z,12000.00\r\n"
    );
    let parquet = app.post("sql/download", &ask("SELECT * FROM sessions", "parquet")).await.expect(200);
    assert_eq!(parquet.header("content-type"), "application/vnd.apache.parquet");
    assert!(parquet.body.starts_with(b"PAR1") && parquet.body.ends_with(b"PAR1"));
    for (query, code) in [
        ("SELECT nothing FROM events", "sql.failed"),
        ("DROP TABLE events", "sql.failed"),
        ("COPY events TO '/tmp/stolen.csv'", "sql.failed"),
        ("SELECT 1 / 0", "sql.failed"), // Fails while running, but before a byte was sent.
    ] {
        let refused = app.post("sql/download", &ask(query, "csv")).await.expect(422);
        assert_eq!(refused.code(), code, "{query}");
    }
    app.post("sql/download", &ask("SELECT 1", "xlsx")).await.expect(422).code();
    let mut stranger = TestApp::new().await;
    stranger.cookie = None;
    stranger.post("sql/download", &ask("SELECT 1", "csv")).await.expect(401).code();
}

/// As a browser asks for it.
#[tokio::test]
async fn a_file_is_sent_compressed() {
    let app = TestApp::furnished().await;
    for format in ["csv", "parquet"] {
        let body = json!({ "query": "SELECT count(*) AS n FROM events", "format": format });
        let request = TestApp::request("POST", "sql/download")
            .header("content-type", "application/json")
            .header("accept-encoding", "gzip, deflate, br")
            .body(Body::from(body.to_string()))
            .unwrap();
        let reply = app.send(request).await.expect(200);
        assert_eq!(reply.header("content-encoding"), "gzip");
        let mut file = Vec::new();
        flate2::read::GzDecoder::new(reply.body.as_slice()).read_to_end(&mut file).unwrap();
        if format == "csv" {
            assert_eq!(String::from_utf8(file).unwrap(), "n\r\n9\r\n");
        } else {
            assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
        }
    }
}

#[tokio::test]
async fn a_large_file_is_whole() {
    let app = TestApp::furnished().await;
    let query =
        "SELECT e.person, n.value AS n, '=' || n.value AS text FROM events e, generate_series(1, 20000) n";
    let reply = app.post("sql/download", &json!({ "query": query, "format": "csv" })).await.expect(200);
    let text = reply.text();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 9 * 20_000);
    assert!(lines[1..].iter().all(|line| line.split(',').nth(2).is_some_and(|cell| cell.starts_with("'="))));
}

#[tokio::test]
async fn limits_say_what_to_do() {
    let app = TestApp::furnished().await;
    // Groups and sorts would spill to disk; one long text has to be in memory.
    let large = "SELECT length(string_agg(repeat('x', 100), ',')) FROM generate_series(1, 20000000)";
    let refused = app.post("sql", &json!({ "query": large })).await.expect(422);
    assert_eq!(refused.code(), "sql.too_large");
    let wrong: Value =
        app.post("sql", &json!({ "query": "SELECT event,\n nothing FROM events" })).await.expect(422).json();
    let told = wrong["problems"][0]["message"]["en"].as_str().unwrap().to_owned();
    assert!(told.contains("nothing") && told.contains("line 2, column 2"), "{told}");
}
