//! A flood of hostile events against the real engine: received = stored + duplicate + dead-lettered, exactly.

use super::real::Bench;
use meta::DeadLetterFilter;
use model::Rng;
use std::collections::HashSet;

/// What a sender may expect of an event it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stored,
    Dead,
}

struct Flood {
    rng: Rng,
    n: u64,
    /// Message ids of what has to be stored, with person and time the same for each.
    ids: HashSet<u64>,
    n_duplicates: u64,
    n_dead: u64,
}

impl Flood {
    fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), n: 0, ids: HashSet::new(), n_duplicates: 0, n_dead: 0 }
    }

    /// One event, and what becomes of it.
    fn event(&mut self) -> Vec<u8> {
        // One in eight was sent before.
        let again = !self.ids.is_empty() && self.rng.below(8) == 0;
        let id = if again { self.rng.below(self.n) } else { self.n };
        self.n += u64::from(!again);
        let (bytes, fate) = made(id);
        match fate {
            Fate::Dead => self.n_dead += 1,
            Fate::Stored => self.n_duplicates += u64::from(!self.ids.insert(id)),
        }
        bytes
    }

    fn batch(&mut self, n_events: u64) -> Vec<u8> {
        let mut body = b"{\"batch\":[".to_vec();
        for n in 0..n_events {
            if n > 0 {
                body.push(b',');
            }
            body.extend(self.event());
        }
        body.extend_from_slice(b"]}");
        body
    }
}

/// The event of an id: always the same bytes.
fn made(id: u64) -> (Vec<u8>, Fate) {
    let mut rng = Rng::new(id);
    let person = rng.below(5_000);
    let good = |rest: &str| {
        format!(r#"{{"type":"track","messageId":"m{id}","userId":"u{person}","event":"e{}"{rest}}}"#, id % 50)
    };
    let time = format!(r#","timestamp":"2026-0{}-1{}T0{}:00:00Z""#, 1 + id % 3, id % 10, id / 7 % 10);
    let stored = |text: String| (text.into_bytes(), Fate::Stored);
    let dead = |text: String| (text.into_bytes(), Fate::Dead);
    let brackets = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    match rng.below(40) {
        // Half is what honest senders send, with and without a time.
        0..14 => {
            stored(good(&format!(r#"{time},"properties":{{"price":{},"name":"머그 {person}"}}"#, id % 900)))
        }
        14..18 => stored(good("")),
        18 => stored(good(&format!(
            r#"{time},"properties":{{"half":"\ud83d","pair":"\ud83d\ude00","nul":"\u0000"}}"#
        ))),
        19 => stored(good(&format!(
            r#","timestamp":"2100-12-31T23:59:59Z","properties":{{"n":1e999,"m":{}}}"#,
            "9".repeat(400)
        ))),
        20 => {
            stored(good(&format!(r#"{time},"userId":"v{person}","properties":{{"a":1,"a":"two","a":null}}"#)))
        }
        21 => stored(good(&format!(r#"{time},"properties":{{"deep":{}}}"#, brackets(60)))),
        22 => stored(good(&format!(r#"{time},"properties":{{{}}}"#, many_keys(rng.below(40))))),
        23 => stored(good(
            r#","timestamp":"1901-01-01T00:00:00Z","context":{"ip":"::1","traits":{"a":{"b":{"c":{}}}}}"#,
        )),
        24 => {
            // Bytes that are no UTF-8, within quotes.
            let mut bytes = good(r#","properties":{"a":""#).into_bytes();
            bytes.truncate(bytes.len() - 1);
            bytes.extend_from_slice(b"\xC3\x28\xFF\"}}");
            (bytes, Fate::Dead)
        }
        25 => dead(good(r#","properties":{"a":NaN}"#)),
        26 => dead(good(r#","properties":{"a":-Infinity}"#)),
        27 => dead(good(&format!(
            r#","properties":{{"deep":{}}}"#,
            brackets(if id % 50 == 0 { 100_000 } else { 100 })
        ))),
        28 => dead(good(r#","timestamp":"0001-01-01T00:00:00Z""#)),
        29 => dead(good(r#","timestamp":"2200-01-01T00:00:00Z""#)),
        30 => dead(format!(r#"{{"type":"track","messageId":"m{id}","event":"e"}}"#)),
        31 => dead(format!(r#"{{"type":"track","messageId":"m{id}","userId":"\udc00","event":"e"}}"#)),
        32 => dead(format!(r#"{{"type":"track","messageId":"m{id}","userId":["u"],"event":"e"}}"#)),
        33 => dead(format!(r#"{{"type":"order","messageId":"m{id}","userId":"u"}}"#)),
        34 => dead(format!(
            r#"{{"type":"track","messageId":"m{id}","userId":"u","event":"{}"}}"#,
            "x".repeat(300)
        )),
        35 => dead(format!("{id}")),
        36 => dead(format!(r#""{id}""#)),
        37 => dead(good(r#","timestamp":"soon""#)),
        38 => dead(format!(r#"{{"type":"track","userId":"u{id}","event":"e","properties":[{id}]}}"#)),
        _ if id % 2_000 == 39 => dead(good(&format!(r#","properties":{{"a":"{}"}}"#, "x".repeat(10 << 20)))),
        _ => dead(format!(r#"{{"type":"track" "messageId":"m{id}"}}"#)),
    }
}

fn many_keys(n: u64) -> String {
    (0..n).map(|k| format!(r#""k{k}":{k}"#)).collect::<Vec<_>>().join(",")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_events_are_accounted_for() {
    let long = std::env::var_os("GILMOK_LONG").is_some();
    let n_batches = if long { 10_000 } else { 200 };
    let (bench, mut flood) = (Bench::new().await, Flood::new(7));
    let (mut n_received, mut n_accepted, mut n_rejected) = (0, 0, 0);
    for batch in 0..n_batches {
        let body = flood.batch(100);
        let source = bench.engine.source_of_key("gk_key-of-the-web").await.unwrap().unwrap();
        let receipt = bench.engine.ingest(&source, body).await.unwrap();
        assert_eq!(receipt.accepted + receipt.rejected, 100, "batch {batch}");
        n_received += 100;
        n_accepted += receipt.accepted;
        n_rejected += receipt.rejected;
    }
    assert_eq!((n_rejected, n_accepted), (flood.n_dead, flood.ids.len() as u64 + flood.n_duplicates));
    let n_stored = bench.one("SELECT count(*) FROM events").await.as_u64().unwrap();
    assert_eq!(n_stored, flood.ids.len() as u64);
    let n_dead: u64 = counts(&bench).await.iter().map(|(_, n_waiting)| n_waiting).sum();
    assert_eq!(n_dead, flood.n_dead);
    assert_eq!(n_received, n_stored + flood.n_duplicates + n_dead);

    // Nothing was mended, so all are refused again; those without a person, mended, become events.
    let replay = bench.engine.replay_all(DeadLetterFilter::default()).await.unwrap();
    assert_eq!((replay.n_replayed, replay.n_refused), (0, flood.n_dead));
    let filter = DeadLetterFilter { code: Some("event.no_person"), ..DeadLetterFilter::default() };
    let letters = bench.engine.meta.whole_dead_letters(filter, -1, 20).await.unwrap();
    let mut ids = HashSet::new();
    for letter in letters {
        let raw = String::from_utf8(letter.raw).unwrap();
        ids.insert(raw.clone());
        let mended = raw.replace("\"event\"", "\"userId\":\"mended\",\"timestamp\":\"2026-01-01\",\"event\"");
        assert_eq!(bench.engine.replay(letter.id, Some(mended.into_bytes())).await.unwrap().n_events, 1);
    }
    let n_mended = bench.one("SELECT count(*) FROM events WHERE user_id = 'mended'").await;
    assert_eq!(n_mended, ids.len() as u64);
}

/// Dead letters that wait, by code.
async fn counts(bench: &Bench) -> Vec<(String, u64)> {
    let counts = bench.engine.meta.dead_letter_counts().await.unwrap();
    counts.into_iter().map(|count| (count.code, count.n_waiting)).collect()
}
