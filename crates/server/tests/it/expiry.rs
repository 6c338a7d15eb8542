//! How long data is kept: what is older is told, taken out without a trace, and again as time passes.

use crate::app::{NOW_US, TestApp};
use crate::cli::gilmok;
use crate::person::traces;
use serde_json::json;
use store::{Batch, NewDeadLetter, NewEvent, PropertyValue, When};

const DAY_S: i64 = 86_400;

/// Two events of everybody, the first of them older; those of `canary` both old. A dead letter that came just now.
async fn furnish(app: &TestApp) {
    let engine = &app.app.engine;
    let mut batch = Batch::new("shop", NOW_US);
    let told = [("canary", 20), ("canary", 15), ("ann", 20), ("ann", 1), ("bom", 9), ("bom", 0)];
    for (id, (user, days_ago)) in (0..).zip(told) {
        let note = if days_ago > 10 { "Canary note" } else { "plain" };
        batch.event(&NewEvent {
            user_id: Some(user),
            anonymous_id: None,
            when: When::At(NOW_US - days_ago * DAY_S * 1_000_000),
            id,
            event: "view",
            channel: "",
            amount: None,
            properties: &[("note", PropertyValue::Str(note))],
        });
    }
    let letter = br#"{"userId": "a canary", "event": null}"#;
    batch.dead_letter(&NewDeadLetter { code: "event.no_name", raw: letter, cut: false });
    engine.store.append(batch).await.unwrap();
    engine.store.seal().await.unwrap();
}

async fn n_events(app: &TestApp) -> serde_json::Value {
    let counted = app.post("sql", &json!({ "query": "SELECT count(*) FROM events" })).await.expect(200);
    counted.json()["rows"][0][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_is_taken_out_without_a_trace() {
    let app = TestApp::signed_in().await;
    furnish(&app).await;
    let engine = &app.app.engine;
    let kept = app.get("expiry").await.expect(200).json();
    assert_eq!(kept, json!({ "keep_days": null, "due": null, "last": null }));
    assert_eq!(app.post("expiry/run", &json!({})).await.expect(200).json(), json!(null), "nothing is set");

    let due = app.get("expiry?keep_days=10").await.expect(200).json()["due"].clone();
    assert_eq!(
        (&due["n_events"], &due["n_people"], &due["n_dead_letters"]),
        (&json!(3), &json!(1), &json!(0))
    );
    for days in [json!(0), json!(36_501)] {
        let refused = app.put("expiry", &json!({ "keep_days": days })).await.expect(422);
        assert_eq!(refused.code(), "expiry.keep_days");
    }
    let kept = app.put("expiry", &json!({ "keep_days": 10 })).await.expect(200).json();
    assert_eq!((&kept["keep_days"], &kept["due"]["n_events"]), (&json!(10), &json!(3)));
    assert_eq!(n_events(&app).await, 6, "setting takes nothing out");

    assert!(!traces(&app).await.is_empty());
    let expired = engine.expire_when_due().await.unwrap().expect("it was never done");
    assert_eq!((expired.n_rows, expired.n_dead_letters), (3, 0));
    let left = traces(&app).await;
    assert!(left.iter().all(|place| place.contains("gilmok.db")), "{left:?}: but for the dead letter");
    assert_eq!(n_events(&app).await, 3);
    assert_eq!(engine.expire_when_due().await.unwrap(), None, "it was just done");

    // Time passes: ten days after it came the dead letter is old too, and of ann and bom nothing is left.
    app.pass(7 * DAY_S);
    assert_eq!(engine.expire_when_due().await.unwrap().map(|expired| expired.n_rows), Some(1));
    app.pass(4 * DAY_S);
    let due = app.get("expiry").await.expect(200).json()["due"].clone();
    assert_eq!(
        (&due["n_events"], &due["n_people"], &due["n_dead_letters"]),
        (&json!(2), &json!(2), &json!(1))
    );
    let expired = app.post("expiry/run", &json!({})).await.expect(200).json();
    assert_eq!((&expired["n_rows"], &expired["n_dead_letters"]), (&json!(2), &json!(1)));
    assert_eq!(traces(&app).await, Vec::<String>::new());
    assert!(engine.store.verify().unwrap().damaged.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_says_sets_and_takes_out() {
    let app = TestApp::signed_in().await;
    furnish(&app).await;
    let (data, copy) = (app.app.engine.dir.clone(), tempfile::tempdir().unwrap());
    let (backup, own) = (copy.path().join("backup"), copy.path().join("own"));
    assert_eq!(gilmok(&data, &["backup", backup.to_str().unwrap()]).code, 0);
    assert_eq!(gilmok(&own, &["restore", backup.to_str().unwrap()]).code, 0);
    assert!(gilmok(&own, &["expire", "--yes"]).out.contains("for good"));
    assert_eq!(gilmok(&own, &["expire", "--keep-days", "0"]).code, 1);
    assert_eq!(gilmok(&own, &["expire", "--keep-days", "9", "--keep-for-good"]).code, 2);
    // The clock of the command is the machine's, and all of the data is old by it.
    let said = gilmok(&own, &["expire", "--keep-days", "1"]).out;
    assert!(said.contains("6 events") && said.contains("3 people"), "{said}");
    let said = gilmok(&own, &["expire", "--yes"]).out;
    assert!(said.contains("Took out 6 events") && said.contains("1 dead letters"), "{said}");
    assert!(gilmok(&own, &["expire", "--keep-for-good"]).out.contains("for good"));
    assert_eq!(gilmok(&own, &["verify"]).code, 0);
}
