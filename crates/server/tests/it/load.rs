//! The load generator against the binary, and what it witnesses.

use crate::cli::gilmok;
use crate::serving::Serving;
use serde_json::Value;
use std::collections::HashSet;

#[test]
fn what_is_sent_is_acknowledged_and_stored() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("witness.log"));
    let made = gilmok(&data, &["sources", "add", "load", "--channel", "web"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let key = made.out.trim().to_owned();
    let server = Serving::start(&data, &["serve"]);
    let url = format!("http://{}", server.authority());
    let sent = gilmok(
        &data,
        &[
            "load",
            "--url",
            &url,
            "--key",
            &key,
            "--events",
            "1050",
            "--batch",
            "100",
            "--connections",
            "4",
            "--seed",
            "9",
            "--witness",
            log.to_str().unwrap(),
            "--keep-going",
        ],
    );
    assert_eq!(sent.code, 0, "{}", sent.err);
    let measured: Value = serde_json::from_str(&sent.out).unwrap();
    assert_eq!(
        (&measured["n_accepted"], &measured["n_requests"], &measured["n_rejected"]),
        (&1_050.into(), &11.into(), &0.into())
    );
    assert!(measured["ack_p99_ms"].as_f64().unwrap() > 0.0);
    let text = std::fs::read_to_string(&log).unwrap();
    for what in ["S ", "A "] {
        let ids: HashSet<&str> = text.lines().filter_map(|line| line.strip_prefix(what)).collect();
        assert_eq!(ids.len(), 1_050);
        assert!(ids.contains("load-9-1049"));
    }
    // The same seed sends the same events: they are there once.
    let again = gilmok(&data, &["load", "--url", &url, "--key", &key, "--events", "1050", "--seed", "9"]);
    assert_eq!(again.code, 0, "{}", again.err);
    let wrong = gilmok(&data, &["--json", "load", "--url", &url, "--key", "gk_wrong", "--events", "10"]);
    assert_eq!((wrong.code, wrong.problem().as_str()), (1, "load.refused"));
    assert_eq!(server.terminate(), Some(0));

    let count = gilmok(&data, &["--json", "sql", "SELECT count(*), count(DISTINCT channel) FROM events"]);
    let count: Value = serde_json::from_str(&count.out).unwrap();
    assert_eq!(count["rows"][0][0], 1_050);
    let listed = gilmok(&data, &["--json", "sources", "list"]);
    assert!(!listed.out.contains(&key) && listed.out.contains("\"name\": \"load\""), "{}", listed.out);
    assert_eq!(gilmok(&data, &["sources", "remove", "load"]).code, 0);
    let gone = gilmok(&data, &["--json", "sources", "remove", "load"]);
    assert_eq!((gone.code, gone.problem().as_str()), (3, "source.unknown"));
    let alone = gilmok(&data, &["load", "--url", &url, "--key", &key, "--events", "10"]);
    assert_eq!(alone.code, 70, "{}", alone.err); // Nobody answers.
}

#[test]
fn the_door_can_be_timed_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let timed = gilmok(
        dir.path(),
        &["load", "--in-process", "--events", "2000", "--batch", "500", "--connections", "4"],
    );
    let measured: Value = serde_json::from_str(&timed.out).unwrap();
    assert_eq!((&measured["n_accepted"], &measured["n_requests"]), (&2_000.into(), &4.into()));
    assert!(!dir.path().join("gilmok.db").exists()); // Its events lie in a folder of their own, which is gone.
}

#[test]
fn dead_letters_are_mended_on_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let key = gilmok(&data, &["sources", "add", "web"]).out.trim().to_owned();
    let server = Serving::start(&data, &["serve"]);
    let answer = server.post("/v1/batch", &key, r#"{"batch":[{"type":"page"},{"type":"page","event":"x"}]}"#);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"rejected\":2"), "{answer}");
    assert_eq!(server.terminate(), Some(0));

    let listed = gilmok(&data, &["--json", "dead-letters", "list", "--code", "event.no_person"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let id = listed["letters"][0]["id"].to_string();
    let shown = gilmok(&data, &["dead-letters", "show", &id]);
    assert!(
        shown.out.contains(r#"{"type":"page","event":"x"}"#) && shown.err.contains("[event.no_person]"),
        "{}",
        shown.err
    );
    let refused = gilmok(&data, &["--json", "dead-letters", "replay", &id]);
    assert_eq!((refused.code, refused.problem().as_str()), (1, "event.no_person"));
    let mended = dir.path().join("mended.json");
    std::fs::write(&mended, r#"{"type":"page","userId":"ann"}"#).unwrap();
    let replayed = gilmok(&data, &["dead-letters", "replay", &id, "--with", mended.to_str().unwrap()]);
    assert_eq!(replayed.out, "1 replayed as 1 events, 0 refused again.\n");
    let all = gilmok(&data, &["--json", "dead-letters", "replay", "--code", "event.no_person"]);
    let all: Value = serde_json::from_str(&all.out).unwrap();
    assert_eq!((&all["n_replayed"], &all["n_refused"]), (&0.into(), &1.into()));
    let count = gilmok(&data, &["--json", "sql", "SELECT count(*) FROM events"]);
    assert!(count.out.contains('1'), "{}", count.out);
    assert_eq!(gilmok(&data, &["dead-letters", "delete", &id]).code, 0);
    assert_eq!(gilmok(&data, &["dead-letters", "show", &id]).code, 3);
}
