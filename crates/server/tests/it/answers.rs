//! From imported rows to answers: maps, questions, people, SQL. The same people everywhere.

use crate::app::TestApp;
use serde_json::{Value, json};

fn stage<'a>(view: &'a Value, key: &str) -> &'a Value {
    view["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == key).unwrap()
}

#[tokio::test]
async fn the_map_counts_the_people_of_the_file() {
    let app = TestApp::furnished().await;
    let map = app.get("maps/buy").await.expect(200).json();
    let entered: Vec<f64> = ["aware", "consider", "order"]
        .map(|key| stage(&map, key)["entered"]["value"].as_f64().unwrap())
        .to_vec();
    assert_eq!(entered, [4.0, 3.0, 2.0]);
    assert_eq!(map["lanes"][1]["cells"][1]["cards"][0]["text"], "배송비가 얼마인가요?");

    // Only those who used the app; only a week; against the week before.
    let of_app = app.get("maps/buy?segment=app").await.expect(200).json();
    assert_eq!(stage(&of_app, "aware")["entered"]["value"], 3.0);
    let week = "maps/buy?from=2026-01-05&to=2026-01-07&compare=previous";
    let week = app.get(week).await.expect(200).json();
    assert_eq!(week["scope"]["period"], json!({ "from": "2026-01-05", "to": "2026-01-07" }));
    assert_eq!(week["compare"]["period"], json!({ "from": "2026-01-02", "to": "2026-01-04" }));
    let other = "maps/buy?compare=custom&compare_segment=app";
    assert_eq!(app.get(other).await.expect(200).json()["compare"]["segment"], "app");

    assert_eq!(app.get("maps/none").await.expect(404).code(), "not_found");
    assert_eq!(app.get("maps/buy?segment=none").await.expect(404).code(), "not_found");
    for bad in ["maps/buy?segmnt=app", "maps/buy?from=yesterday", "maps/buy?compare=best"] {
        assert_eq!(app.get(bad).await.expect(400).code(), "request.query", "{bad}");
    }
    assert_eq!(
        app.get("maps/buy?compare=custom&compare_from=2026-01-01").await.expect(422).code(),
        "period.half"
    );
}

#[tokio::test]
async fn a_map_leaves_as_a_file() {
    let app = TestApp::furnished().await;
    for (format, kind, begins) in [
        ("svg", "image/svg+xml", b"<svg".as_slice()),
        ("png", "image/png", b"\x89PNG"),
        ("pdf", "application/pdf", b"%PDF"),
        ("json", "application/json", b"{"),
        ("yaml", "application/yaml; charset=utf-8", b"kind: journey"),
    ] {
        let file = app.get(&format!("maps/buy/export?format={format}&lang=en&paper=a4")).await.expect(200);
        assert_eq!(file.header("content-type"), kind);
        assert!(file.body.starts_with(begins), "{format}: {:?}", &file.body[..file.body.len().min(40)]);
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"buy."), "{format}");
        assert!(file.header("content-security-policy").contains("sandbox"), "{format}");
    }
    // What was exported can be applied: nothing changes.
    let yaml = app.get("maps/buy/export?format=yaml").await.text();
    let applied = app.post_text("documents/apply", "application/yaml", yaml).await.expect(200).json();
    assert!(applied.as_array().unwrap().iter().all(|one| one["change"] == "unchanged"), "{applied}");
    app.get("maps/none/export?format=pdf").await.expect(404);
    assert_eq!(app.get("maps/buy/export?format=gif").await.expect(400).code(), "request.query");
}

#[tokio::test]
async fn people_behind_a_number_leave_as_a_file_and_stay_as_a_segment() {
    let app = TestApp::furnished().await;
    let of = json!({ "select": "journey", "journey": "buy", "outcome": "entered", "stage": "order" });
    let people = json!({ "of": of, "sort": "entered", "oldest_first": true, "limit": 1 });
    let file = app.post("people/export", &people).await.expect(200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"people.csv\""));
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "\u{feff}person,user_id,anonymous_id,last_seen,entered");

    let segment = json!({ "key": "ordered", "kind": "segment", "name": "주문한 사람",
        "rule": { "selected": { "of": of } } });
    let body = json!({ "body": segment, "base_version": null });
    app.put("documents/segment/ordered", &body).await.expect(200);
    let groups = app.get("groups").await.expect(200).json();
    let ordered = groups.as_array().unwrap().iter().find(|group| group["key"] == "ordered").unwrap();
    assert_eq!(ordered["n_people"], 2);
    let map = app.get("maps/buy?segment=ordered").await.expect(200).json();
    assert_eq!(stage(&map, "aware")["entered"]["value"], 2.0);
    assert_eq!(app.get("maps/buy?last=2h").await.expect(422).code(), "scope.last_not_days");
}

#[tokio::test]
async fn all_ways_to_ask_agree() {
    let app = TestApp::furnished().await;
    let map = app.get("maps/buy").await.expect(200).json();
    let stages = app.post("ask", &json!({ "ask": "stages", "journey": "buy" })).await.expect(200).json();
    assert_eq!(stages["question"]["journey"], "buy");
    let funnel = json!({ "ask": "funnel", "window": "30d",
        "steps": [{ "event": "visit" }, { "event": "cart" }, { "event": "order" }] });
    let funnel = app.post("ask", &funnel).await.expect(200).json();
    assert_eq!(funnel["answer"]["lines"][0]["reached"], json!([4, 3, 2]));
    for (at, key) in ["aware", "consider", "order"].into_iter().enumerate() {
        let entered = &stage(&map, key)["entered"]["value"];
        assert_eq!(entered, &stage(&stages["answer"], key)["entered"]["value"]);
        let people = json!({ "ask": "people",
            "of": { "select": "journey", "journey": "buy", "outcome": "entered", "stage": key } });
        let people = app.post("ask", &people).await.expect(200).json();
        assert_eq!(people["answer"]["n_people"].as_f64(), entered.as_f64());
        assert_eq!(funnel["answer"]["lines"][0]["reached"][at].as_f64(), entered.as_f64());
    }
    let sql = json!({ "query": "SELECT event, count(DISTINCT person) AS n FROM events GROUP BY event ORDER BY n DESC" });
    let sql = app.post("sql", &sql).await.expect(200).json();
    assert_eq!(sql["rows"], json!([["visit", 4], ["cart", 3], ["order", 2]]));
    assert_eq!(sql["truncated"], false);

    let journeys = app.get("journeys").await.expect(200).json();
    assert_eq!((&journeys[0]["key"], &journeys[0]["people"]["value"]), (&json!("buy"), &json!(4.0)));
    let groups = app.get("groups").await.expect(200).json();
    assert_eq!((&groups[0]["key"], &groups[0]["n_people"]), (&json!("app"), &json!(3)));
    let buyers = "kind: segment\nkey: buyers\nname: Buyers\nrule: {did: {when: {event: order}}}\n";
    app.post_text("documents/apply", "application/yaml", buyers).await.expect(200);
    for group in app.get("groups").await.expect(200).json().as_array().unwrap() {
        let key = group["key"].as_str().unwrap();
        let scope = if group["kind"] == "persona" { "persona" } else { "segment" };
        let question = json!({ "ask": "people", "of": { "select": "everybody" }, "scope": { scope: key } });
        let people = app.post("ask", &question).await.expect(200).json();
        assert_eq!(group["n_people"], people["answer"]["n_people"], "{key}");
    }
}

#[tokio::test]
async fn people_and_their_timelines() {
    let app = TestApp::furnished().await;
    let all = app.get("people").await.expect(200).json();
    assert_eq!((&all["n_people"], all["people"].as_array().unwrap().len()), (&json!(4), 4));
    let page = app.get("people?limit=1&offset=1").await.expect(200).json();
    assert_eq!((&page["n_people"], &page["people"][0]["user_id"]), (&json!(4), &all["people"][1]["user_id"]));
    assert_eq!(app.get("people?segment=app").await.expect(200).json()["n_people"], 3);

    let found = app.get("people?search=AN").await.expect(200).json();
    let names: Vec<&Value> = found["people"].as_array().unwrap().iter().map(|one| &one["user_id"]).collect();
    assert!(
        names.contains(&&json!("ann")) && names.contains(&&json!("dan")) && names.len() == 2,
        "{names:?}"
    );
    let ann = found["people"].as_array().unwrap().iter().find(|one| one["user_id"] == "ann").unwrap();
    let timeline =
        app.get(&format!("people/{}/timeline", ann["person"].as_str().unwrap())).await.expect(200).json();
    let told = timeline["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| json!([event["event"], event["channel"], event["amount"], event["time_us"]]));
    // Newest first, in whole won, 10:00 in Seoul being 01:00 UTC.
    assert_eq!(
        told.collect::<Vec<Value>>(),
        [
            json!(["order", "app", 35000.0, 1_767_657_600_000_000_i64]),
            json!(["cart", "web", null, 1_767_575_400_000_000_i64]),
            json!(["visit", "web", null, 1_767_574_800_000_000_i64]),
        ]
    );
    let first = timeline["events"][2]["time_us"].as_i64().unwrap();
    let before =
        format!("people/{}/timeline?before_us={}&limit=1", ann["person"].as_str().unwrap(), first + 1);
    assert_eq!(app.get(&before).await.expect(200).json()["events"].as_array().unwrap().len(), 1);
    for unknown in ["people/0000000000000000/timeline", "people/ann/timeline"] {
        assert_eq!(app.get(unknown).await.expect(404).code(), "not_found", "{unknown}");
    }
}

#[tokio::test]
async fn the_catalogue_of_events() {
    let app = TestApp::furnished().await;
    let events = app.get("events").await.expect(200).json();
    assert_eq!(
        (&events[0]["name"], &events[0]["n_events"], &events[0]["n_people"]),
        (&json!("visit"), &json!(4), &json!(4))
    );
    let found = app.get("events?search=ORD").await.expect(200).json();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["name"]), (1, &json!("order")));
    assert!(TestApp::signed_in().await.get("events").await.expect(200).json().as_array().unwrap().is_empty());
}

#[tokio::test]
async fn sql_reads_and_does_nothing_else() {
    let app = TestApp::furnished().await;
    for query in [
        "DROP TABLE events",
        "INSERT INTO events SELECT * FROM events",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "COPY events TO '/tmp/stolen.csv'",
        "SELECT * FROM '/etc/passwd'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT nothing FROM events",
        "SELEC 1",
    ] {
        let refused = app.post("sql", &json!({ "query": query })).await.expect(422);
        assert_eq!(refused.code(), "sql.failed", "{query}");
    }
    let cut =
        app.post("sql", &json!({ "query": "SELECT * FROM events", "limit": 2 })).await.expect(200).json();
    assert_eq!((cut["rows"].as_array().unwrap().len(), &cut["truncated"]), (2, &json!(true)));
}

#[tokio::test]
async fn questions_about_nothing_are_refused() {
    let app = TestApp::furnished().await;
    for (question, status) in [
        (json!({ "ask": "map", "map": "none" }), 404),
        (json!({ "ask": "stages", "journey": "none" }), 404),
        (json!({ "ask": "funnel", "window": "7d", "steps": [] }), 422),
        (
            json!({ "ask": "funnel", "window": "0d", "steps": [{ "event": "visit" }, { "event": "cart" }] }),
            422,
        ),
    ] {
        app.post("ask", &question).await.expect(status).code();
    }
}
