//! Documents: writing, versions, conflicts, templates.

use crate::app::{DEFINITIONS, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn sets_are_applied_whole_or_not_at_all() {
    let app = TestApp::furnished().await;
    let again = app.post_text("documents/apply", "application/yaml", DEFINITIONS).await.expect(200);
    insta::assert_json_snapshot!(again.json(), @r#"
    [
      {
        "kind": "journey",
        "key": "buy",
        "version": 1,
        "change": "unchanged"
      },
      {
        "kind": "map",
        "key": "buy",
        "version": 1,
        "change": "unchanged"
      },
      {
        "kind": "segment",
        "key": "app",
        "version": 1,
        "change": "unchanged"
      }
    ]
    "#);
    let half = format!("{DEFINITIONS}---\nkind: map\nkey: lost\njourney: nowhere\nlanes: []\n");
    let half = half.replace("앱을 쓴 사람", "새 이름");
    app.post_text("documents/apply", "application/yaml", half).await.expect(422);
    let segment = app.get("documents/segment/app").await.expect(200).json();
    assert_eq!((&segment["version"], &segment["body"]["name"]), (&json!(1), &json!("앱을 쓴 사람")));

    let renamed = DEFINITIONS.replace("앱을 쓴 사람", "새 이름");
    let dry = app.post_text("documents/apply?dry_run=true", "application/yaml", renamed.clone()).await;
    dry.expect(200);
    assert_eq!(app.get("documents/segment/app").await.json()["version"], 1);
    app.post_text("documents/apply", "application/yaml", renamed).await.expect(200);
    assert_eq!(app.get("documents/segment/app").await.json()["version"], 2);

    let kinds: Vec<Value> = app.get("documents").await.expect(200).json().as_array().unwrap().clone();
    assert_eq!(kinds.len(), 3);
    assert_eq!(app.get("documents?kind=map").await.json().as_array().unwrap().len(), 1);
    assert_eq!(app.get("documents?kind=poem").await.expect(400).code(), "request.query");
}

#[tokio::test]
async fn json_is_applied_too() {
    let app = TestApp::furnished().await;
    let body = app.get("documents/segment/app").await.json()["body"].clone();
    for text in [body.to_string(), json!([body]).to_string()] {
        let applied = app.post_text("documents/apply", "application/json", text).await.expect(200).json();
        assert_eq!(applied[0]["change"], "unchanged");
    }
}

#[tokio::test]
async fn the_slower_of_two_writers_is_told() {
    let app = TestApp::furnished().await;
    let mut map = app.get("documents/map/buy").await.expect(200).json()["body"].clone();
    let put = |body: &Value, base: Value| json!({ "body": body, "base_version": base });

    map["lanes"][1]["cards"][0]["text"] = json!("언제 도착하나요?");
    let first = app.put("documents/map/buy", &put(&map, json!(1))).await.expect(200).json();
    assert_eq!((&first["version"], &first["author"]), (&json!(2), &json!(crate::app::EMAIL)));

    map["lanes"][1]["cards"][0]["text"] = json!("반품할 수 있나요?");
    for base in [json!(1), Value::Null] {
        let late = app.put("documents/map/buy", &put(&map, base)).await.expect(409);
        assert_eq!((late.code().as_str(), &late.json()["current_version"]), ("document.conflict", &json!(2)));
    }
    app.put("documents/map/buy", &put(&map, json!(2))).await.expect(200);

    let history = app.get("documents/map/buy/history").await.expect(200).json();
    let texts: Vec<&Value> =
        history.as_array().unwrap().iter().map(|one| &one["body"]["lanes"][1]["cards"][0]["text"]).collect();
    assert_eq!(texts, ["반품할 수 있나요?", "언제 도착하나요?", "배송비가 얼마인가요?"]);
}

#[tokio::test]
async fn documents_come_and_go() {
    let app = TestApp::furnished().await;
    assert_eq!(app.get("documents/map/none").await.expect(404).code(), "not_found");
    assert_eq!(app.get("documents/map/none/history").await.expect(404).code(), "not_found");
    assert_eq!(app.delete("documents/map/none").await.expect(404).code(), "not_found");

    let map = app.get("documents/map/buy").await.json()["body"].clone();
    let mut other = map.clone();
    other["key"] = json!("other");
    let put = json!({ "body": other, "base_version": null });
    assert_eq!(app.put("documents/map/buy", &put).await.expect(422).code(), "document.other_address");
    assert_eq!(app.put("documents/map/other", &put).await.expect(200).json()["version"], 1);
    app.delete("documents/map/other").await.expect(204);
    app.get("documents/map/other").await.expect(404);

    // A journey that a map shows is still needed.
    assert_eq!(app.delete("documents/journey/buy").await.expect(422).code(), "document.in_use");
}

#[tokio::test]
async fn templates_start_a_journey() {
    let app = TestApp::signed_in().await;
    let templates = app.get("templates").await.expect(200).json();
    let templates = templates.as_array().unwrap();
    assert!(templates.len() >= 3);
    let path = format!("templates/{}/use", templates[0]["key"].as_str().unwrap());
    let made = app.post(&path, &json!({ "name": "선물 구매" })).await.expect(200).json();
    assert_eq!(made["journey"], "선물-구매");
    let map = app.get(&format!("documents/map/{}", percent(made["map"].as_str().unwrap()))).await.expect(200);
    assert_eq!(map.json()["body"]["journey"], made["journey"]);

    assert_eq!(app.post(&path, &json!({ "name": "선물 구매" })).await.expect(409).code(), "document.exists");
    app.post(&path, &json!({ "name": "선물 구매", "key": "gift" })).await.expect(200);
    assert_eq!(app.post("templates/none/use", &json!({ "name": "x" })).await.expect(404).code(), "not_found");
}

#[tokio::test]
async fn the_workspace_is_set() {
    let app = TestApp::signed_in().await;
    let mut workspace = app.get("workspace").await.expect(200).json();
    insta::assert_json_snapshot!(workspace, @r#"
    {
      "name": "길목상점",
      "zone": "Asia/Seoul",
      "week_start": "monday",
      "currency": "KRW",
      "lang": "ko"
    }
    "#);
    workspace["week_start"] = json!("sunday");
    app.put("workspace", &workspace).await.expect(200);
    assert_eq!(app.get("workspace").await.json()["week_start"], "sunday");
    workspace["currency"] = json!("won");
    assert_eq!(app.put("workspace", &workspace).await.expect(422).code(), "workspace.unknown_currency");
}

fn percent(key: &str) -> String {
    key.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
