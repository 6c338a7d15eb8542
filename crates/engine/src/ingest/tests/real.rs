//! The door of a real data folder: sources, dead letters, figures.

use super::{HOUR_US, NOW_US};
use crate::ingest::{LogState, Replay};
use crate::sql::SqlLimits;
use crate::{Engine, EngineError};
use meta::DeadLetterFilter;
use model::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::Cancel;

const KEY: &str = "gk_key-of-the-web";

pub(super) struct Bench {
    pub(super) engine: Engine,
    now_us: Arc<AtomicI64>,
    dir: tempfile::TempDir,
}

impl Bench {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now_us = Arc::new(AtomicI64::new(NOW_US));
        let engine = open(dir.path(), &now_us).await;
        engine.create_source("web", "online", "min", KEY.to_owned()).await.unwrap();
        Self { engine, now_us, dir }
    }

    pub(super) async fn send(&self, body: &str) -> crate::ingest::Receipt {
        let source = self.engine.source_of_key(KEY).await.unwrap().unwrap();
        self.engine.ingest(&source, body.as_bytes().to_vec()).await.unwrap()
    }

    fn pass(&self, us: i64) {
        self.now_us.fetch_add(us, Ordering::Relaxed);
    }

    /// Opens the folder again, as after a restart.
    async fn again(self) -> Self {
        let Self { engine, now_us, dir } = self;
        drop(engine);
        let engine = open(dir.path(), &now_us).await;
        Self { engine, now_us, dir }
    }

    /// One cell of an answer in SQL, over everything that was acknowledged.
    pub(super) async fn one(&self, query: &str) -> serde_json::Value {
        self.engine.store.seal().await.unwrap();
        let answer = self.engine.sql(query, SqlLimits::default(), &Cancel::default()).await.unwrap();
        serde_json::to_value(answer).unwrap()["rows"][0][0].clone()
    }

    /// Ids and codes of the dead letters that wait, newest first.
    async fn letters(&self) -> Vec<(i64, String)> {
        self.pass(HOUR_US);
        let list = self.engine.dead_letters(DeadLetterFilter::default(), None, 100).await.unwrap();
        list.letters.into_iter().map(|letter| (letter.id, letter.code)).collect()
    }
}

async fn open(dir: &std::path::Path, now_us: &Arc<AtomicI64>) -> Engine {
    let now_us = now_us.clone();
    Engine::open(dir, Clock::new(move || now_us.load(Ordering::Relaxed)), 2).await.unwrap()
}

fn code(error: &EngineError) -> String {
    error.problems().0[0].code.clone()
}

const MIXED: &str = r#"{"batch":[
    {"type":"track","userId":"ann","event":"Order Completed","messageId":"1","timestamp":"2026-03-01T12:00:00Z","properties":{"revenue":12.5}},
    {"type":"track","event":"Product Viewed","messageId":"2","timestamp":"2026-03-01T11:00:00Z"},
    {"type":"page","userId":"bob","messageId":"3"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_is_stored_once() {
    let bench = Bench::new().await;
    let receipt = bench.send(MIXED).await;
    assert_eq!((receipt.accepted, receipt.rejected, receipt.verdicts[0].index), (2, 1, 1));
    bench.pass(60_000_000);
    bench.send(MIXED).await; // Sent again a minute later, also what came without a time is a duplicate.
    assert_eq!(bench.one("SELECT count(*) FROM events").await, 2);
    assert_eq!(bench.one("SELECT amount FROM events WHERE event = 'Order Completed'").await, "12.50");
    assert_eq!(bench.one("SELECT channel FROM events WHERE user_id = 'bob'").await, "online");
    assert_eq!(bench.one("SELECT source FROM events WHERE user_id = 'bob'").await, "web");
    assert_eq!(bench.letters().await.len(), 2); // Both refusals are kept.

    let bench = bench.again().await;
    assert_eq!(bench.one("SELECT count(*) FROM events").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_count_until_they_are_revoked() {
    let bench = Bench::new().await;
    let engine = &bench.engine;
    assert!(engine.source_of_key("gk_other").await.unwrap().is_none());
    assert!(engine.source_of_key("").await.unwrap().is_none());
    let source = engine.source_of_key(KEY).await.unwrap().unwrap();
    assert_eq!((source.name.as_str(), source.key_end.as_str()), ("web", "-web"));
    assert!(!format!("{:?}", engine.meta.sources().await.unwrap()).contains(KEY)); // Only a hash is kept.

    for (name, expected) in
        [("web", "source.exists"), (" ", "source.bad_name"), (&*"x".repeat(201), "source.bad_name")]
    {
        let refused = engine.create_source(name, "", "min", "gk_2".to_owned()).await.unwrap_err();
        assert_eq!(code(&refused), expected, "{name}");
    }
    engine.revoke_source(source.id).await.unwrap();
    assert!(engine.source_of_key(KEY).await.unwrap().is_none()); // At once.
    assert_eq!(code(&engine.revoke_source(source.id).await.unwrap_err()), "not_found");
    // The name is free for a new key; the old source stays in the list.
    engine.create_source("web", "", "min", "gk_2".to_owned()).await.unwrap();
    assert!(engine.source_of_key("gk_2").await.unwrap().is_some());
    assert_eq!(engine.sources().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_read_mended_and_replayed() {
    let bench = Bench::new().await;
    // An event without time and person, in a batch from a clock that is a day fast.
    let body = r#"{"batch":[{"type":"track","event":"a"},{"type":"track","event":"b","timestamp":"2026-03-02T23:59:00Z"},{"type":"poem"}],
        "sentAt":"2026-03-03T00:00:00Z","context":{"locale":"ko"}}"#;
    assert_eq!(bench.send(body).await.rejected, 3);
    let received_us = NOW_US;
    let letters = bench.letters().await;
    let codes: Vec<&str> = letters.iter().map(|letter| letter.1.as_str()).collect();
    assert_eq!(codes, ["event.unknown_type", "event.no_person", "event.no_person"]);
    let (second, first) = (letters[1].0, letters[2].0);

    let whole = bench.engine.dead_letter(second).await.unwrap();
    assert_eq!(
        whole.raw,
        r#"{"sentAt":"2026-03-03T00:00:00Z","context":{"locale":"ko"},"batch":[{"type":"track","event":"b","timestamp":"2026-03-02T23:59:00Z"}]}"#
    );
    assert!(whole.exact && whole.verdicts[0].code == "event.no_person");
    // As it is it is refused again, and nothing changes.
    assert_eq!(code(&bench.engine.replay(second, None).await.unwrap_err()), "event.no_person");
    assert_eq!(bench.letters().await.len(), 3);
    // Mended it is an event at the time it would have had, however late.
    let mended = whole.raw.replace("\"event\"", "\"userId\":\"ann\",\"event\"");
    let replay = bench.engine.replay(second, Some(mended.into_bytes())).await.unwrap();
    assert_eq!((replay.n_replayed, replay.n_events), (1, 1));
    let time = "SELECT count(*) FROM events WHERE event = 'b' AND time = timestamp '2026-03-01T23:59:00Z'";
    assert_eq!(bench.one(time).await, 1);
    let mended = br#"{"type":"track","event":"a","userId":"ann"}"#;
    bench.engine.replay(first, Some(mended.to_vec())).await.unwrap();
    let at = jiff::Timestamp::from_microsecond(received_us).unwrap();
    assert_eq!(
        bench
            .one(&format!("SELECT count(*) FROM events WHERE event = 'a' AND time = timestamp '{at}'"))
            .await,
        1
    );
    // Once is enough.
    let again = bench.engine.replay(first, Some(mended.to_vec())).await.unwrap_err();
    assert_eq!(code(&again), "dead_letter.replayed");
    assert_eq!(bench.letters().await.len(), 1);
    assert_eq!(bench.one("SELECT count(*) FROM events").await, 2);

    // Also after a restart; what is thrown away is gone.
    let bench = bench.again().await;
    let again = bench.engine.replay(second, Some(mended.to_vec())).await.unwrap_err();
    assert_eq!(code(&again), "dead_letter.replayed");
    let all = DeadLetterFilter { replayed: true, ..DeadLetterFilter::default() };
    assert_eq!(bench.engine.dead_letters(all, None, 100).await.unwrap().letters.len(), 3);
    bench.engine.delete_dead_letter(second).await.unwrap();
    assert_eq!(code(&bench.engine.delete_dead_letter(second).await.unwrap_err()), "not_found");
    assert_eq!(code(&bench.engine.dead_letter(second).await.unwrap_err()), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cut_has_to_be_mended() {
    let bench = Bench::new().await;
    let body = format!(r#"[{{"type":"track","event":"e","properties":{{"a":"{}"}}}}]"#, "x".repeat(70_000));
    assert_eq!(bench.send(&body).await.rejected, 1);
    let id = bench.letters().await[0].0;
    let whole = bench.engine.dead_letter(id).await.unwrap();
    assert!(whole.letter.cut && !whole.exact && whole.raw.len() == 64 << 10);
    assert_eq!(code(&bench.engine.replay(id, None).await.unwrap_err()), "dead_letter.cut");
    let mended = br#"{"type":"track","event":"e","userId":"ann"}"#.to_vec();
    assert_eq!(bench.engine.replay(id, Some(mended)).await.unwrap().n_events, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_a_code_are_replayed() {
    let bench = Bench::new().await;
    // 600 names too many for an instant: as they were refused before a limit was raised.
    let source = bench.engine.source_of_key(KEY).await.unwrap().unwrap();
    let mut batch = store::Batch::new(&source.name, NOW_US);
    for n in 0..600 {
        let raw = format!(r#"{{"type":"track","userId":"u{n}","event":"e{n}"}}"#);
        batch.dead_letter(&store::NewDeadLetter {
            code: "event.too_many_names",
            raw: raw.as_bytes(),
            cut: false,
        });
    }
    for raw in [r#"{"type":"track","event":"e"}"#, r#"{"type":"track","userId":"u","event":"other"}"#] {
        let (code, raw) = ("event.too_many_names", raw.as_bytes());
        batch.dead_letter(&store::NewDeadLetter { code, raw, cut: raw.len() > 30 });
    }
    bench.engine.store.append(batch).await.unwrap();
    bench.send(r#"[{"type":"track","event":"e"}]"#).await;
    let filter = DeadLetterFilter { code: Some("event.too_many_names"), ..DeadLetterFilter::default() };
    let replay = bench.engine.replay_all(filter).await.unwrap();
    let expected = Replay {
        n_replayed: 600,
        n_events: 600,
        n_refused: 2,
        reasons: [("event.no_person".to_owned(), 1), ("dead_letter.cut".to_owned(), 1)].into(),
    };
    assert_eq!(replay, expected);
    assert_eq!(bench.one("SELECT count(*) FROM events").await, 600);
    let replay = bench.engine.replay_all(filter).await.unwrap();
    assert_eq!((replay.n_replayed, replay.n_refused), (0, 2));
    let list = bench.engine.dead_letters(DeadLetterFilter::default(), None, 100).await.unwrap();
    assert_eq!(list.counts[0].n_replayed + list.counts[1].n_replayed, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_come_in_pages() {
    let bench = Bench::new().await;
    bench.send(&format!("[{}]", vec!["{}"; 25].join(","))).await;
    bench.send(r#"[{"type":"page"}]"#).await;
    bench.pass(HOUR_US);
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let filter = DeadLetterFilter { code: Some("event.no_type"), source: Some("web"), replayed: false };
        let list = bench.engine.dead_letters(filter, before, 10).await.unwrap();
        seen.extend(list.letters.iter().map(|letter| letter.id));
        before = list.next_before;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let filter = DeadLetterFilter { source: Some("app"), ..DeadLetterFilter::default() };
    assert!(bench.engine.dead_letters(filter, None, 10).await.unwrap().letters.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_tell_the_last_hour() {
    let bench = Bench::new().await;
    bench.send(MIXED).await;
    bench.pass(60_000_000);
    bench.send(MIXED).await;
    let view = bench.engine.ingest_view();
    assert_eq!((view.n_received, view.n_accepted, view.n_rejected), (6, 4, 2));
    assert_eq!(view.minutes.len(), 60);
    let last: Vec<(u64, u64)> =
        view.minutes.iter().map(|minute| (minute.n_accepted, minute.n_rejected)).collect();
    assert_eq!(last[57..], [(0, 0), (2, 1), (2, 1)]);
    assert_eq!(view.minutes[59].minute_us, NOW_US + 60_000_000);
    let web = &view.sources[0];
    assert_eq!((web.name.as_str(), web.n_accepted, web.last_received_us), ("web", 4, NOW_US + 60_000_000));
    assert_eq!(web.last_event_us, Some(NOW_US - 12 * HOUR_US));
    assert_eq!(view.log.state, LogState::Ok);
    assert!(view.log.size_bytes > 0 && view.log.last_append_us == Some(NOW_US + 60_000_000));
    bench.pass(2 * HOUR_US);
    let view = bench.engine.ingest_view();
    assert!(view.minutes.iter().all(|minute| minute.n_accepted == 0) && view.n_received == 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_beyond_the_limit_are_refused() {
    let bench = Bench::new().await;
    let event = |n: usize, channel: usize| {
        format!(r#"{{"type":"track","userId":"u","event":"e{n}","channel":"c{channel}","messageId":"{n}"}}"#)
    };
    // Channels: 998 more, with the empty one and that of the source.
    let body: Vec<String> = (0..1_100).map(|n| event(0, n)).collect();
    let receipt = bench.send(&format!("[{}]", body.join(","))).await;
    assert_eq!(receipt.verdicts[0].code, "event.too_many_channels");
    let n_channels = receipt.accepted;
    assert!((998..=1_000).contains(&n_channels), "{n_channels}");
    for from in (0..65_536).step_by(16_384) {
        let body: Vec<String> = (from..from + 16_384).map(|n| event(n, 0)).collect();
        let receipt = bench.send(&format!("[{}]", body.join(","))).await;
        let n_refused = u64::from(from + 16_384 == 65_536);
        assert_eq!(receipt.rejected, n_refused, "{from}");
        if n_refused == 1 {
            assert_eq!(
                (receipt.verdicts[0].index, receipt.verdicts[0].code.as_str()),
                (16_383, "event.too_many_names")
            );
        }
    }
    // Known names go on.
    assert_eq!(bench.send(&format!("[{}]", event(7, 0))).await.accepted, 1);
}
