//! Backups: taken while events come in, brought back, refused when altered.

use crate::app::{EVENTS, TestApp, mapping};
use crate::cli::gilmok;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::{Batch, NewEvent, When};

const EVERYTHING: &str = "SELECT * FROM events ORDER BY person, time, event_id";

/// Files below a folder, by path.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn answers(data: &Path) -> Vec<String> {
    let asked: [&[&str]; 3] = [
        &["sql", "--format", "csv", EVERYTHING],
        &["map", "buy", "--format", "json"],
        &["map", "buy", "--format", "yaml"],
    ];
    let answer = |args: &[&str]| {
        let ended = gilmok(data, args);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        ended.out
    };
    asked.iter().map(|args| answer(args)).collect()
}

/// A file of ten events of its own.
fn batch(n: usize) -> String {
    let rows = (0..10).map(|row| {
        let (day, hour) = (1 + n % 28, row);
        format!("p{},2026-01-{day:02}T{hour:02}:00:00+09:00,visit,web,{n}\n", (n * 7 + row) % 50)
    });
    format!("who,when,what,where,krw\n{}", rows.collect::<String>())
}

/// Backups by another process while imports come in: each is one moment, with all that was acknowledged before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_one_moment() {
    let app = TestApp::furnished().await;
    let data = app.app.engine.dir.clone();
    let out = tempfile::tempdir().unwrap();
    let n_acknowledged = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(9));
    let counted = n_acknowledged.clone();
    let taken = {
        let (data, out) = (data.clone(), out.path().to_owned());
        tokio::task::spawn_blocking(move || {
            let mut taken = Vec::new();
            for n in 0..6 {
                let before = counted.load(std::sync::atomic::Ordering::SeqCst);
                let path = out.join(format!("{n}"));
                let ended = gilmok(&data, &["--json", "backup", path.to_str().unwrap()]);
                assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
                taken.push((path, before));
            }
            taken
        })
    };
    let mut n = 0;
    while !taken.is_finished() || n < 10 {
        let over = app.import(&format!("batch-{n}.csv"), &batch(n), &mapping()).await;
        assert_eq!((&over["state"], &over["n_added"]), (&json!("done"), &json!(10)), "{over}");
        n_acknowledged.fetch_add(10, std::sync::atomic::Ordering::SeqCst);
        n += 1;
    }
    for (path, n_before) in taken.await.unwrap() {
        let back = path.with_extension("back");
        let ended = gilmok(&back, &["restore", path.to_str().unwrap()]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        assert_eq!(gilmok(&back, &["verify"]).code, 0);
        let counted = gilmok(&back, &["--json", "sql", "SELECT count(*), sum(amount) FROM events"]);
        let counted: Value = serde_json::from_str(&counted.out).unwrap();
        let n_events = counted["rows"][0][0].as_u64().unwrap();
        assert!(n_events >= n_before, "{n_events} of {n_before} acknowledged");
        assert_eq!(n_events % 10, 9, "an import is in it whole or not at all");
        let n_batches = (n_events - 9) / 10;
        let krw: u64 = 35_000 + 12_000 + (0..n_batches).map(|n| 10 * n).sum::<u64>();
        let sum = counted["rows"][0][1].to_string();
        assert!(sum.trim_matches('"').starts_with(&krw.to_string()), "{sum} is not {krw}");
    }
}

/// What was acknowledged a moment ago is in the log and in no part yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_what_is_only_in_the_log() {
    let app = TestApp::furnished().await;
    let mut batch = Batch::new("shop", app.app.engine.clock.now_us());
    for id in 0..5 {
        batch.event(&NewEvent {
            user_id: Some("just-now"),
            anonymous_id: None,
            when: When::At(1_768_000_000_000_000),
            id,
            event: "visit",
            channel: "",
            amount: None,
            properties: &[],
        });
    }
    app.app.engine.store.append(batch).await.unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("backup");
    assert_eq!(gilmok(&app.app.engine.dir, &["backup", path.to_str().unwrap()]).code, 0);
    let back = out.path().join("back");
    assert_eq!(gilmok(&back, &["restore", path.to_str().unwrap()]).code, 0);
    let counted = gilmok(&back, &["--json", "sql", "SELECT count(*) FROM events"]);
    let counted: Value = serde_json::from_str(&counted.out).unwrap();
    assert_eq!(counted["rows"][0][0], 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_folder_answers_the_same() {
    let app = TestApp::furnished().await;
    app.upload("waiting.csv", EVENTS).await;
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("backup");
    let ended = gilmok(&app.app.engine.dir, &["backup", path.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let back = out.path().join("back");
    assert_eq!(gilmok(&back, &["restore", path.to_str().unwrap()]).code, 0);
    let data = app.app.engine.dir.clone();
    app.app.engine.meta.close().await;
    let whole = out.path().join("whole");
    copy_tree(&data, &whole);
    assert_eq!(answers(&back), answers(&whole));
    assert_eq!(std::fs::read_dir(back.join("uploads")).unwrap().count(), 1);
    // The backup itself is not in the way of another, and holds no lock, note or log of SQLite.
    let names: Vec<String> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.contains(&"manifest".to_owned()) && !names.contains(&"lock".to_owned()), "{names:?}");
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_backup_is_refused() {
    let app = TestApp::furnished().await;
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("backup");
    assert_eq!(gilmok(&app.app.engine.dir, &["backup", path.to_str().unwrap()]).code, 0);
    let back = out.path().join("back");
    let refused = |what: &str, code: i32, problem: &str| {
        let ended = gilmok(&back, &["--json", "restore", path.to_str().unwrap()]);
        assert_eq!((ended.code, ended.problem().as_str()), (code, problem), "{what}");
        assert!(!back.exists() && !out.path().join("back.unfinished").exists(), "{what}");
    };
    for file in files(&path) {
        let original = std::fs::read(&file).unwrap();
        if original.is_empty() {
            continue;
        }
        let mut bytes = original.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::remove_file(&file).unwrap(); // It may be a link to the original.
        std::fs::write(&file, &bytes).unwrap();
        refused(&format!("a bit of {}", file.display()), 5, "backup.altered");
        std::fs::write(&file, &original[..original.len() - 1]).unwrap();
        refused(&format!("the end of {}", file.display()), 5, "backup.altered");
        std::fs::remove_file(&file).unwrap();
        let is_manifest = file.file_name().is_some_and(|name| name == "manifest");
        let (code, problem) = if is_manifest { (1, "backup.none") } else { (5, "backup.altered") };
        refused(&format!("no {}", file.display()), code, problem);
        std::fs::write(&file, &original).unwrap();
    }
    // Whole again it comes back, but never over something.
    assert_eq!(gilmok(&back, &["restore", path.to_str().unwrap()]).code, 0);
    let ended = gilmok(&back, &["--json", "restore", path.to_str().unwrap()]);
    assert_eq!((ended.code, ended.problem().as_str()), (1, "folder.not_empty"));
    let ended = gilmok(&back, &["--json", "backup", path.to_str().unwrap()]);
    assert_eq!((ended.code, ended.problem().as_str()), (1, "folder.not_empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_folder_is_not_backed_up_as_sound() {
    let app = TestApp::furnished().await;
    let part = files(&app.app.engine.dir.join("parts")).pop().unwrap();
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("backup");
    let ended = gilmok(&app.app.engine.dir, &["--json", "backup", path.to_str().unwrap()]);
    assert_eq!((ended.code, ended.problem().as_str()), (5, "store.corrupt"));
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_backs_itself_up() {
    let app = TestApp::furnished().await;
    assert_eq!(app.get("backups").await.expect(200).json(), json!([]));
    let name = app.post("backups", &json!({})).await.expect(202).json()["id"].as_str().unwrap().to_owned();
    let view = loop {
        let views = app.get("backups").await.expect(200).json();
        if views[0]["state"] != "running" {
            break views[0].clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (&view["state"], &view["name"], &view["problem"]),
        (&json!("done"), &json!(name), &Value::Null)
    );
    assert!(view["n_files"].as_u64().unwrap() > 3 && view["size_bytes"].as_u64().unwrap() > 1000, "{view}");
    // A second one in the same second has a name of its own, and the first is not in it.
    let second = app.post("backups", &json!({})).await.expect(202).json()["id"].as_str().unwrap().to_owned();
    assert_ne!(name, second);
    let backups = app.app.engine.dir.join("backups");
    while !backups.join(&second).exists() {
        tokio::task::yield_now().await;
    }
    assert!(!backups.join(&second).join("backups").exists());
    let out = tempfile::tempdir().unwrap();
    let back = out.path().join("back");
    assert_eq!(gilmok(&back, &["restore", backups.join(&second).to_str().unwrap()]).code, 0);
    assert_eq!(gilmok(&back, &["verify"]).code, 0);
    assert_eq!(gilmok(&back, &["map", "buy", "--format", "yaml"]).code, 0);
}
