//! Uploads, previews, imports in the background, rejects.

use crate::app::{EVENTS, TestApp, mapping};
use serde_json::{Value, json};
use server::app::Settings;

#[tokio::test]
async fn a_file_becomes_events() {
    let app = TestApp::signed_in().await;
    let mut over = app.import("shop.csv", EVENTS, &mapping()).await;
    let id = over["id"].take();
    let id = id.as_str().unwrap();
    insta::assert_json_snapshot!(over, @r#"
    {
      "id": null,
      "file": "shop.csv",
      "mapping": "shop",
      "state": "done",
      "bytes_total": 467,
      "bytes_read": 467,
      "n_rows": 11,
      "n_added": 9,
      "n_duplicates": 0,
      "n_rejected": 2,
      "n_skipped": 0,
      "started_us": 1772409600000000,
      "ended_us": 1772409600000000,
      "has_rejects": true,
      "warnings": [],
      "problem": null
    }
    "#);

    let rejects = app.get(&format!("imports/{id}/rejects.csv")).await.expect(200);
    assert!(rejects.header("content-disposition").starts_with("attachment"));
    let text = rejects.text();
    assert!(text.contains("yesterday") && text.lines().count() == 3, "{text}");

    // The same file again adds nothing, and the list tells of both.
    let again = app.import("shop.csv", EVENTS, &mapping()).await;
    assert_eq!((&again["state"], &again["n_added"]), (&json!("done"), &json!(0)));
    assert_eq!(app.get("imports").await.expect(200).json().as_array().unwrap().len(), 2);
    assert_eq!(app.get("events").await.json().as_array().unwrap().len(), 3);

    // An imported upload is gone from the disk.
    assert!(app.app.engine.meta.uploads().await.unwrap().is_empty());
    assert_eq!(std::fs::read_dir(app.app.engine.dir.join("uploads")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_preview_guesses_and_stores_nothing() {
    let app = TestApp::signed_in().await;
    let upload = app.upload("shop.csv", EVENTS).await;
    let guess = app.post("imports/preview", &json!({ "upload": upload })).await.expect(200).json();
    let names: Vec<&Value> =
        guess["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(names, ["who", "when", "what", "where", "krw"]);
    let told = json!({ "upload": upload, "mapping": mapping() });
    let preview = app.post("imports/preview", &told).await.expect(200).json();
    assert_eq!(preview["events"][0]["user_id"], "ann");
    assert_eq!(app.app.engine.store.snapshot().n_events(), 0);
}

#[tokio::test]
async fn upload_names_cannot_leave_their_folder() {
    let app = TestApp::signed_in().await;
    let uploads = app.app.engine.dir.join("uploads");
    for (name, file) in [
        ("..%2F..%2Fgilmok.db", "gilmok.db"),
        ("%2Fetc%2Fpasswd", "passwd"),
        ("..%5C..%5Cboot.ini", "boot.ini"),
        ("..", "upload"),
        ("%EC%A3%BC%EB%AC%B8.csv", "주문.csv"),
    ] {
        let path = format!("uploads?name={name}");
        let reply = app.post_text(&path, "application/octet-stream", "a\n1\n").await.expect(200).json();
        assert_eq!(reply["file"], file);
        let lies = uploads.join(reply["upload"].as_str().unwrap()).join(file);
        assert_eq!(std::fs::read_to_string(&lies).unwrap(), "a\n1\n", "{name}");
    }
    // Names of uploads are no paths either.
    let outside = json!({ "upload": "../gilmok.db", "mapping": mapping() });
    assert_eq!(app.post("imports", &outside).await.expect(404).code(), "upload.unknown");
}

#[tokio::test]
async fn lookups_reach_uploads_and_nothing_else() {
    let app = TestApp::signed_in().await;
    let mut mapping = mapping();
    mapping["events"]["properties"] = json!({ "city": { "column": "city", "lookup": "people" } });
    for file in ["../../gilmok.db", "/etc/passwd", "people.csv"] {
        mapping["lookups"] = json!({ "people": { "file": file, "key": "who" } });
        let upload = app.upload("shop.csv", EVENTS).await;
        let refused = app.post("imports", &json!({ "upload": upload, "mapping": mapping })).await.expect(422);
        assert_eq!(refused.code(), "mapping.lookup_missing", "{file}");
    }
    app.upload("people.csv", "who,city\nann,서울\nbom,부산\n").await;
    let over = app.import("shop.csv", EVENTS, &mapping).await;
    assert_eq!((&over["state"], &over["n_added"]), (&json!("done"), &json!(9)), "{over}");
    let query = json!({ "query": "SELECT DISTINCT city FROM events WHERE city IS NOT NULL ORDER BY city" });
    let cities = app.post("sql", &query).await.expect(200).json();
    assert_eq!(cities["rows"], json!([["부산"], ["서울"]]));
}

#[tokio::test]
async fn files_beyond_the_limit_are_refused() {
    let mut app = TestApp::with(Settings { upload_bytes_max: 1_000, ..Settings::local() }).await;
    let reply = app.post("auth/setup", &crate::app::set_up()).await.expect(200);
    app.keep_cookie(&reply);
    app.upload("small.csv", &"x".repeat(1_000)).await;
    let path = "uploads?name=large.csv";
    let said = TestApp::request("POST", path).header("content-length", "1001").body("x".into()).unwrap();
    assert_eq!(app.send(said).await.expect(413).code(), "request.too_large");
    // A sender who does not say how much will come is cut off, and nothing of it stays.
    let chunks = (0..4).map(|_| Ok::<_, std::io::Error>("y".repeat(300)));
    let unsaid = axum::body::Body::from_stream(futures::stream::iter(chunks));
    assert_eq!(
        app.post_text(path, "application/octet-stream", unsaid).await.expect(413).code(),
        "request.too_large"
    );
    let broken = vec![Ok("y".repeat(300)), Err(std::io::Error::other("the line went dead"))];
    let broken = axum::body::Body::from_stream(futures::stream::iter(broken));
    assert_eq!(
        app.post_text(path, "application/octet-stream", broken).await.expect(400).code(),
        "upload.broken_off"
    );
    assert_eq!(std::fs::read_dir(app.app.engine.dir.join("uploads")).unwrap().count(), 1);
}

#[tokio::test]
async fn failures_are_told_and_uploads_kept() {
    let app = TestApp::signed_in().await;
    let mut wrong = mapping();
    wrong["events"]["event"] = json!("no such column");
    let upload = app.upload("shop.csv", EVENTS).await;
    let body = json!({ "upload": upload, "mapping": wrong });
    let started = app.post("imports", &body).await.expect(202).json();
    let over = app.over(started["id"].as_str().unwrap()).await;
    assert_eq!(over["state"], "failed", "{over}");
    assert!(over["problem"]["message"]["ko"].as_str().unwrap().contains("no such column"), "{over}");
    assert_eq!(app.app.engine.store.snapshot().n_events(), 0);

    // Mended, the same upload goes in.
    let body = json!({ "upload": upload, "mapping": mapping() });
    let started = app.post("imports", &body).await.expect(202).json();
    assert_eq!(app.over(started["id"].as_str().unwrap()).await["n_added"], 9);

    for path in ["imports/none", "imports/none/rejects.csv"] {
        assert_eq!(app.get(path).await.expect(404).code(), "import.unknown");
    }
    assert_eq!(app.post("imports/none/cancel", &json!({})).await.expect(404).code(), "import.unknown");
}

#[tokio::test]
async fn an_import_can_be_cancelled() {
    let app = TestApp::signed_in().await;
    let mut rows = String::from("who,when,what,where,krw\n");
    for row in 0..200_000 {
        rows.push_str(&format!("p{row},2026-01-05T10:00:00Z,visit,web,\n"));
    }
    // One import waits behind another, so that it is still at work when it is cancelled.
    let (first, second) =
        (app.upload("a.csv", &rows).await, app.upload("b.csv", &rows.replace('p', "q")).await);
    let start = async |upload: &str| {
        let started =
            app.post("imports", &json!({ "upload": upload, "mapping": mapping() })).await.expect(202);
        started.json()["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (start(&first).await, start(&second).await);
    app.post(&format!("imports/{second}/cancel"), &json!({})).await.expect(204);
    assert_eq!(app.over(&second).await["state"], "cancelled");
    assert_eq!(app.over(&first).await["n_added"], 200_000);
    assert_eq!(app.app.engine.store.snapshot().n_events(), 200_000);
    app.post(&format!("imports/{second}/cancel"), &json!({})).await.expect(204); // Over already.
}

#[tokio::test]
async fn uploads_are_thrown_away() {
    let app = TestApp::signed_in().await;
    let upload = app.upload("shop.csv", EVENTS).await;
    app.delete(&format!("uploads/{upload}")).await.expect(204);
    assert_eq!(app.delete(&format!("uploads/{upload}")).await.expect(404).code(), "upload.unknown");
    app.upload("old.csv", EVENTS).await;
    app.pass(6 * 24 * 3600);
    server::uploads::sweep(&app.app).await.unwrap();
    assert_eq!(app.app.engine.meta.uploads().await.unwrap().len(), 1);
    app.pass(2 * 24 * 3600);
    server::uploads::sweep(&app.app).await.unwrap();
    assert!(app.app.engine.meta.uploads().await.unwrap().is_empty());
}
