//! One person's data: shown, exported, erased without a trace; identities merged and taken apart.

use crate::app::{TestApp, mapping};
use crate::cli::gilmok;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use store::{Batch, NewDeadLetter, NewEvent, PropertyValue, When};

/// In everything that belongs to a person to erase, and in nothing else.
const CANARY: &[u8] = b"canary";
const N_CANARIES: usize = 200;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn has_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window.eq_ignore_ascii_case(CANARY))
}

/// Files of the folder that hold a canary: as they lie there, and parts decoded.
pub async fn traces(app: &TestApp) -> Vec<String> {
    let dir = &app.app.engine.dir;
    let mut traces: Vec<String> = Vec::new();
    let named: BTreeSet<PathBuf> = meta::parts_of(&dir.join("gilmok.db"))
        .await
        .unwrap()
        .into_iter()
        .map(|part| dir.join(part.file))
        .collect();
    for path in files(dir) {
        if path.extension().is_some_and(|ending| ending == "vortex") && !named.contains(&path) {
            traces.push(format!("{} is in no catalogue", path.display()));
        }
        if has_canary(&std::fs::read(&path).unwrap()) {
            traces.push(path.display().to_string());
        }
    }
    let rows =
        app.post("sql", &json!({ "query": "SELECT * FROM events", "limit": 100_000 })).await.expect(200);
    if has_canary(&rows.body) {
        traces.push("a stored event".to_owned());
    }
    traces
}

fn who(n: usize) -> (String, String, String) {
    (format!("canary-user-{n:03}"), format!("canary-cookie-{n:03}"), format!("canary value {n:03}"))
}

/// Events, dead letters, uploads and refused rows of 200 persons, and of twenty others.
async fn furnish(app: &TestApp) {
    let mut csv = "who,cookie,when,what,where,krw,note\n".to_owned();
    for n in 0..N_CANARIES {
        let (user, cookie, value) = who(n);
        let _ = writeln!(csv, ",{cookie},2026-01-05T10:00:00+09:00,visit,web,,{value}");
        let _ = writeln!(csv, "{user},{cookie},2026-01-06T10:00:00+09:00,order,app,1000,{value}");
    }
    for n in 0..20 {
        let _ = writeln!(csv, "other-{n},,2026-01-06T10:00:00+09:00,order,app,500,plain");
    }
    let _ = writeln!(csv, "{},,yesterday,visit,web,,{}", who(7).0, who(7).2);
    let mut shop = mapping();
    shop["events"]["person"]["anonymous_id"] = json!("cookie");
    shop["events"]["properties"] = json!({ "note": "note" });
    let over = app.import("shop.csv", &csv, &shop).await;
    assert_eq!((&over["state"], &over["n_rejected"]), (&json!("done"), &json!(1)), "{over}");
    app.upload("plain.csv", &csv).await;
    let mut packed = flate(csv.as_bytes());
    packed.shrink_to_fit();
    app.post_text("uploads?name=packed.csv.gz", "application/octet-stream", packed).await.expect(200);

    let mut batch = Batch::new("shop", app.app.engine.clock.now_us());
    for n in 0..N_CANARIES {
        let (user, cookie, value) = who(n);
        for (time_us, id) in [(1_768_000_000_000_000, 1), (4_000_000_000_000_000, 2)] {
            batch.event(&NewEvent {
                user_id: (n % 2 == 0).then_some(user.as_str()),
                anonymous_id: Some(&cookie),
                when: When::At(time_us), // The second one lies in the year 2096.
                id,
                event: "view",
                channel: "",
                amount: None,
                properties: &[("note", PropertyValue::Str(&value))],
            });
        }
        let letter = json!({ "userId": user, "event": null, "properties": { "note": value } }).to_string();
        batch.dead_letter(&NewDeadLetter { code: "event.no_name", raw: letter.as_bytes(), cut: false });
    }
    let letter = br#"{"userId": "other-1", "event": null}"#;
    batch.dead_letter(&NewDeadLetter { code: "event.no_name", raw: letter, cut: false });
    app.app.engine.store.append(batch).await.unwrap();
}

/// gzip with stored blocks only would leave the text readable: this one compresses.
fn flate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut child = std::process::Command::new("gzip")
        .arg("-c")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap().stdout
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_person_leaves_no_byte() {
    let app = TestApp::signed_in().await;
    furnish(&app).await;
    assert!(traces(&app).await.len() > 5, "the canaries are in many places");

    let engine = &app.app.engine;
    let person = engine.person_named(&who(0).0).await.unwrap();
    let export = app.get(&format!("people/{person}/export")).await.expect(200);
    assert!(export.header("content-disposition").starts_with("attachment"));
    let export = export.json();
    assert_eq!(export["user_ids"], json!([who(0).0]));
    assert_eq!(export["anonymous_ids"], json!([who(0).1]));
    let events: Vec<&str> =
        export["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["visit", "order", "view", "view"]);
    assert_eq!(export["events"][0]["properties"]["note"], json!(who(0).2));
    assert_eq!(
        (&export["events"][0]["user_id"], &export["events"][0]["anonymous_id"]),
        (&Value::Null, &json!(who(0).1))
    );
    assert_eq!(export["links"].as_array().unwrap().len(), 1);
    assert_eq!(export["dead_letters"].as_array().unwrap().len(), 1);
    assert_eq!(export["files"].as_array().unwrap().len(), 2, "{}", export["files"]);

    let by_cookie = engine.person_named(&who(1).1).await.unwrap(); // Seen by one of its identifiers only.
    for n in 0..N_CANARIES {
        let person = if n == 1 { by_cookie.clone() } else { engine.person_named(&who(n).0).await.unwrap() };
        let erased = app.post(&format!("people/{person}/erase"), &json!({})).await.expect(200).json();
        assert_eq!((&erased["n_rows"], &erased["n_dead_letters"]), (&json!(4), &json!(1)), "{n}: {erased}");
        assert_eq!((&erased["log_emptied"], &erased["remaining"]), (&json!(true), &json!([])), "{erased}");
        assert_eq!(app.get(&format!("people/{person}/export")).await.expect(404).code(), "not_found");
    }
    assert_eq!(traces(&app).await, Vec::<String>::new());

    // All others are as they were.
    let counted =
        app.post("sql", &json!({ "query": "SELECT count(*), sum(amount) FROM events" })).await.json();
    assert_eq!(counted["rows"][0][0], json!(20), "{counted}");
    assert_eq!(engine.meta.dead_letters_about(|_| true).await.unwrap().len(), 1);

    // What is sent again is dropped, by either identifier; what happens later is a new person's.
    let mut batch = Batch::new("shop", engine.clock.now_us());
    let (user, cookie, _) = who(3);
    for (user, cookie) in [(Some(user.as_str()), None), (None, Some(cookie.as_str()))] {
        let when = When::At(1_768_000_000_000_000);
        let (event, channel, amount, properties) = ("view", "", None, &[][..]);
        batch.event(&NewEvent {
            user_id: user,
            anonymous_id: cookie,
            when,
            id: 9,
            event,
            channel,
            amount,
            properties,
        });
    }
    engine.store.append(batch).await.unwrap();
    engine.store.seal().await.unwrap();
    let again = format!(
        "who,cookie,when,what,where,krw\n{},{},2026-01-06T10:00:00+09:00,order,app,1000\n",
        who(5).0,
        who(5).1
    );
    let over = app.import("again.csv", &again, &mapping()).await;
    assert_eq!((&over["state"], &over["n_added"]), (&json!("done"), &json!(0)), "{over}");
    assert_eq!(over["warnings"][0]["code"], "import.erased_people", "{over}");
    let counted = app.post("sql", &json!({ "query": "SELECT count(*) FROM events" })).await.json();
    assert_eq!(counted["rows"][0][0], json!(20), "{counted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_for_people_is_told() {
    let app = TestApp::furnished().await;
    let segment = "kind: segment\nkey: vip\nname: ann and friends\nrule: {did: {when: {event: visit}}}\n";
    app.post_text("documents/apply", "application/yaml", segment).await.expect(200);
    app.post("backups", &json!({})).await.expect(202);
    while app.get("backups").await.expect(200).json()[0]["state"] == "running" {
        tokio::task::yield_now().await;
    }
    let person = app.app.engine.person_named("ann").await.unwrap();
    let erased = app.post(&format!("people/{person}/erase"), &json!({})).await.expect(200).json();
    assert_eq!(erased["remaining"], json!([{ "kind": "documents", "key": "segment/vip/1" }]));
    assert_eq!(erased["backups"].as_array().unwrap().len(), 1);
    assert_eq!(erased["n_rows"], 3);
    let nobody = app.post("people/0000000000000001/erase", &json!({})).await.expect(404);
    assert_eq!(nobody.code(), "not_found");
    app.post("people/ann/erase", &json!({})).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_asks_before_it_erases() {
    let app = TestApp::furnished().await;
    let data = app.app.engine.dir.clone();
    let copy = tempfile::tempdir().unwrap();
    let (backup, own) = (copy.path().join("backup"), copy.path().join("own"));
    assert_eq!(gilmok(&data, &["backup", backup.to_str().unwrap()]).code, 0);
    assert_eq!(gilmok(&own, &["restore", backup.to_str().unwrap()]).code, 0);
    let shown = gilmok(&own, &["person", "show", "ann"]);
    assert!(shown.code == 0 && shown.out.contains("events") && shown.out.contains('3'), "{}", shown.out);
    let export: Value = serde_json::from_str(&gilmok(&own, &["person", "export", "ann"]).out).unwrap();
    assert_eq!(export["events"].as_array().unwrap().len(), 3);
    let asked = gilmok(&own, &["person", "erase", "ann"]);
    assert!(asked.code == 1 && asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(gilmok(&own, &["person", "show", "ann"]).code, 0);
    assert_eq!(gilmok(&own, &["person", "erase", "ann", "--yes"]).code, 0);
    assert_eq!(gilmok(&own, &["person", "show", "ann"]).code, 3);
    assert_eq!(gilmok(&own, &["verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn identities_are_merged_and_taken_apart() {
    let app = TestApp::furnished().await;
    let people = async || {
        let query = json!({ "query": "SELECT count(DISTINCT person), count(*) FROM events" });
        app.post("sql", &query).await.expect(200).json()["rows"][0].clone()
    };
    assert_eq!(people().await, json!([4, 9]));
    let body = json!({ "from": { "user_id": "bom" }, "into": { "user_id": "ann" } });
    let link = app.post("identity/merge", &body).await.expect(200).json()["link"].clone();
    assert_eq!(people().await, json!([3, 9]));
    let again = app.post("identity/merge", &body).await.expect(422);
    assert_eq!(again.code(), "identity.linked");
    let links = app.get("identity/links?id=bom").await.expect(200).json();
    assert_eq!((&links[0]["into_id"], &links[0]["state"]), (&json!("ann"), &json!("in_force")));
    assert_eq!(links[0]["source"], crate::app::EMAIL); // Who said so.

    app.post("identity/unmerge", &json!({ "link": link })).await.expect(204);
    assert_eq!(people().await, json!([4, 9]));
    let links = app.get("identity/links?id=ann").await.expect(200).json();
    assert_eq!(links[0]["state"], "undone");
    assert_eq!(app.post("identity/unmerge", &json!({ "link": link })).await.expect(404).code(), "not_found");
    for bad in [json!({}), json!({ "user_id": "a", "anonymous_id": "b" }), json!({ "user_id": "" })] {
        let body = json!({ "from": bad, "into": { "user_id": "ann" } });
        assert_eq!(app.post("identity/merge", &body).await.expect(422).code(), "identity.one_id");
    }
}
