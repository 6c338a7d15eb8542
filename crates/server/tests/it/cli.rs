//! The binary's commands: what they print and the codes they end with.

use crate::app::{DEFINITIONS, EVENTS, mapping};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The code of the first problem printed by `--json`.
    pub fn problem(&self) -> String {
        let answer: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err));
        answer["problems"][0]["code"].as_str().unwrap().to_owned()
    }
}

/// Runs the binary on a folder, in English unless told otherwise.
pub fn gilmok(data: &Path, args: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_gilmok"))
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "en_US.UTF-8")
        .arg("--data")
        .arg(data)
        .args(args)
        .output()
        .unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with the events and definitions of the other tests, put there by the binary.
fn furnished() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(&dir, "shop.csv", EVENTS);
    let mut body = mapping();
    body["kind"] = json!("mapping");
    write(&dir, "mapping.json", &body.to_string());
    write(&dir, "defs/all.yaml", DEFINITIONS);
    let (shop, rejects) = (at(&dir, "shop.csv"), at(&dir, "rejects.csv"));
    let imported = gilmok(
        &dir.path().join("data"),
        &["import", "-m", &at(&dir, "mapping.json"), &shop, "--rejects", &rejects],
    );
    assert_eq!(imported.code, 0, "{}", imported.err);
    let (first, reasons) = imported.out.split_once('\n').unwrap();
    assert_eq!(first, "shop.csv: 11 rows, 9 new events, 0 known already, 2 refused");
    assert_eq!(reasons.lines().filter(|line| line.starts_with("  1 refused: ")).count(), 2, "{reasons}");
    let applied = gilmok(&dir.path().join("data"), &["apply", "-f", &at(&dir, "defs")]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    dir
}

fn write(dir: &TempDir, name: &str, text: &str) {
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn at(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn commands_answer() {
    let dir = furnished();
    let data = dir.path().join("data");
    let sql = gilmok(&data, &["sql", "SELECT event, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC"]);
    insta::assert_snapshot!(sql.out, @"
    event  n
    ─────  ─
    visit  4
    cart   3
    order  2
    ");
    let csv = gilmok(&data, &["sql", "--format", "csv", "SELECT event FROM events ORDER BY time LIMIT 1"]);
    assert_eq!(csv.out, "event\r\nvisit\r\n");

    write(
        &dir,
        "question.json",
        r#"{"ask": "funnel", "window": "7d", "steps": [{"event": "visit"}, {"event": "order"}]}"#,
    );
    let asked = gilmok(&data, &["ask", &at(&dir, "question.json")]);
    let asked: Value = serde_json::from_str(&asked.out).unwrap();
    assert_eq!(asked["answer"]["lines"][0]["reached"], json!([4, 2]));

    for (format, begins) in [("svg", "<svg"), ("pdf", "%PDF"), ("json", "{"), ("yaml", "kind: journey")] {
        let file = at(&dir, &format!("map.{format}"));
        let map = gilmok(
            &data,
            &["map", "buy", "--format", format, "-o", &file, "--paper", "a4", "--compare", "previous"],
        );
        assert_eq!(map.code, 0, "{format}: {}", map.err);
        assert!(std::fs::read(&file).unwrap().starts_with(begins.as_bytes()), "{format}");
    }
    let verified = gilmok(&data, &["--json", "verify"]);
    let verified: Value = serde_json::from_str(&verified.out).unwrap();
    assert_eq!(verified["n_rows"], 9);
}

#[test]
fn applying_again_changes_nothing() {
    let dir = furnished();
    let again = gilmok(&dir.path().join("data"), &["apply", "-f", &at(&dir, "defs")]);
    insta::assert_snapshot!(again.out, @"
    kind     key  version  result
    ───────  ───  ───────  ─────────
    journey  buy        1  unchanged
    map      buy        1  unchanged
    segment  app        1  unchanged
    ");
}

#[test]
fn importing_again_adds_nothing() {
    let dir = furnished();
    let data = dir.path().join("data");
    assert!(std::fs::read_to_string(dir.path().join("rejects.csv")).unwrap().contains("yesterday"));
    let again = gilmok(&data, &["--json", "import", "-m", &at(&dir, "mapping.json"), &at(&dir, "shop.csv")]);
    let again: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((&again[0]["already"], &again[0]["n_added"]), (&json!(true), &json!(0)));
    // A mapping that was applied goes by its key.
    assert_eq!(gilmok(&data, &["apply", "-f", &at(&dir, "mapping.json")]).code, 0);
    assert_eq!(gilmok(&data, &["import", "-m", "shop", &at(&dir, "shop.csv")]).code, 0);
}

#[test]
fn exit_codes() {
    let dir = furnished();
    let data = dir.path().join("data");
    let empty = dir.path().join("empty");
    write(&dir, "bad.yaml", "kind: journey\nkey: x\nname: X\nwindw: 3d\nstages: []\n");
    write(&dir, "unseen.yaml", &DEFINITIONS.replace("{event: order}", "{event: ordr}"));
    write(&dir, "question.json", r#"{"ask": "map", "map": "none"}"#);
    write(&dir, "no-question.json", r#"{"ask": "nothing"}"#);
    let (bad, unseen) = (at(&dir, "bad.yaml"), at(&dir, "unseen.yaml"));
    let (question, nothing, shop) =
        (at(&dir, "question.json"), at(&dir, "no-question.json"), at(&dir, "shop.csv"));
    let cases: &[(&Path, &[&str], i32)] = &[
        (&data, &["version"], 0),
        (&data, &["--help"], 0),
        (&data, &["apply", "-f", &bad], 1),
        (&data, &["apply", "-f", &unseen], 1),
        (&data, &["apply", "-f", &unseen, "--allow-unknown-events"], 0),
        (&data, &["ask", &nothing], 1),
        (&data, &["sql", "SELECT nothing FROM events"], 1),
        (&data, &["import", "-m", &bad, &shop], 1),
        (&data, &[], 2),
        (&data, &["fly"], 2),
        (&data, &["map", "buy", "--from", "2026-01-01"], 2),
        (&data, &["map", "UPPER"], 2),
        (&data, &["--lang", "fr", "version"], 2),
        (&data, &["--log", "a=b=c", "version"], 2),
        (&data, &["map", "none"], 3),
        (&data, &["ask", &question], 3),
        (&data, &["ask", "missing.json"], 3),
        (&data, &["import", "-m", "none", &shop], 3),
        (&data, &["import", "-m", &bad, "missing.csv"], 3),
        (&empty, &["verify"], 3),
        (&empty, &["sql", "SELECT 1"], 3),
        (&data, &["demo", "--no-serve", "--size", "0.001"], 4),
    ];
    for (folder, args, code) in cases {
        let ended = gilmok(folder, args);
        assert_eq!(ended.code, *code, "{args:?}\n{}{}", ended.out, ended.err);
        assert!(ended.code == 0 || !ended.err.is_empty(), "{args:?} says nothing");
    }
    assert!(!empty.exists(), "a question makes no folder");
}

#[test]
fn damage_ends_with_five() {
    let dir = furnished();
    let data = dir.path().join("data");
    let part = largest_file(&data, "vortex").expect("a stored part");
    let mut bytes = std::fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let found = gilmok(&data, &["--json", "verify"]);
    assert_eq!((found.code, found.problem().as_str()), (5, "store.corrupt"));
    assert_eq!(gilmok(&data, &["verify"]).code, 5);
}

/// Without its database a folder is not empty: nothing may take it for a new one and tidy it.
#[test]
fn a_folder_without_its_database_is_left_alone() {
    let dir = furnished();
    let data = dir.path().join("data");
    std::fs::remove_file(data.join("gilmok.db")).unwrap();
    let part = largest_file(&data, "vortex").expect("a stored part");
    let (shop, mapping) = (at(&dir, "shop.csv"), at(&dir, "mapping.json"));
    for without_mark in [false, true] {
        if without_mark {
            std::fs::remove_file(data.join("gilmok.mark")).unwrap();
        }
        for args in [
            &["verify"][..],
            &["sql", "SELECT 1"],
            &["import", "-m", &mapping, &shop],
            &["demo", "--no-serve"],
        ] {
            let ended = gilmok(&data, &[&["--json"], args].concat());
            assert_eq!((ended.code, ended.problem().as_str()), (5, "meta.damaged"), "{args:?}");
        }
    }
    assert!(part.exists() && !data.join("gilmok.db").exists());
}

#[test]
fn damage_of_the_database_is_told_and_can_be_accepted() {
    let dir = furnished();
    let data = dir.path().join("data");
    let path = data.join("gilmok.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // The name of an event, where it is stored and in no other form.
    let places: Vec<usize> =
        (0..bytes.len() - 5).filter(|&at| bytes[at..].starts_with(b"eventvisit")).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + 5..at + 10].copy_from_slice(b"vizit");
    }
    std::fs::write(&path, &bytes).unwrap();
    for args in [&["verify"][..], &["sql", "SELECT 1"], &["map", "buy"]] {
        let ended = gilmok(&data, &[&["--json"], args].concat());
        assert_eq!((ended.code, ended.problem().as_str()), (5, "meta.damaged"), "{args:?}");
        assert!(ended.out.contains("names"), "{}", ended.out);
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let accepted = gilmok(&data, &["verify", "--accept-loss"]);
    assert!(accepted.code == 0 && accepted.err.contains("names"), "{}{}", accepted.out, accepted.err);
    assert_eq!(gilmok(&data, &["verify"]).code, 0);
    assert!(gilmok(&data, &["sql", "SELECT DISTINCT event FROM events"]).out.contains("vizit"));
}

fn largest_file(dir: &Path, ending: &str) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter_map(|path| {
        if path.is_dir() {
            largest_file(&path, ending)
        } else {
            Some(path).filter(|path| path.extension().is_some_and(|e| e == ending))
        }
    });
    files.max_by_key(|path| path.metadata().unwrap().len())
}

#[test]
fn messages_speak_the_readers_language() {
    let dir = furnished();
    let data = dir.path().join("data");
    write(&dir, "bad.yaml", "kind: journey\nkey: x\nname: X\nwindw: 3d\nstages: []\n");
    let bad = at(&dir, "bad.yaml");
    let ko = gilmok(&data, &["--lang", "ko", "apply", "-f", &bad]).err;
    let en = gilmok(&data, &["--lang", "en", "apply", "-f", &bad]).err;
    assert!(ko.contains("bad.yaml:4") && ko.contains("읽을 수 없습니다"), "{ko}");
    assert!(en.contains("bad.yaml:4") && en.contains("cannot be read"), "{en}");
    let json = gilmok(&data, &["--json", "apply", "-f", &bad]);
    assert_eq!((json.problem().as_str(), json.err.as_str()), ("document.unreadable", ""));
}

#[test]
fn published_documents_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(gilmok(dir.path(), &["openapi"]).out, server::http::health::openapi_text());
    assert_eq!(gilmok(dir.path(), &["schema"]).out, server::schema::text());
    let version: Value = serde_json::from_str(&gilmok(dir.path(), &["--json", "version"]).out).unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}
