//! What was sent and what was acknowledged, by the client's books; and what is stored, by the server's answers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::process::{self, Ended};

/// Events carry times from here on, a millisecond each. 2026-01-01T00:00:00Z.
const START_US: i64 = 1_767_225_600_000_000;
/// Events of a batch at most, so that their times do not run into those of the next.
pub const EVENTS_MAX: u64 = 1000;
/// People the events belong to.
const PEOPLE: u64 = 499;

/// One request: `n_events` good events, and `n_bad` without a person that belong to the dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    pub number: u64,
    pub n_events: u64,
    pub n_bad: u64,
}

/// All batches of a trial. A number names a batch for ever: sent again, it has the same events.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Sent, and whether it was acknowledged.
    pub batches: BTreeMap<u64, (Batch, bool)>,
    /// Events sent that belong to the dead letters; a batch sent again sends them again.
    pub n_bad_sent: u64,
}

/// Something mixed of a batch's and an event's number.
fn mix(batch: u64, event: u64) -> u64 {
    let mixed = (batch * EVENTS_MAX + event).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed >> 40
}

fn check_of(batch: u64, event: u64) -> u64 {
    mix(batch, event) % 1000
}

fn time_us(batch: u64, event: u64) -> i64 {
    START_US + (batch * EVENTS_MAX + event) as i64 * 1000
}

fn user(batch: u64, event: u64) -> String {
    format!("user-{}", mix(batch, event) % PEOPLE)
}

impl Batch {
    /// The request's body.
    pub fn body(&self) -> String {
        let mut body = String::from(r#"{"batch":["#);
        for event in 0..self.n_events + self.n_bad {
            let is_bad = event >= self.n_events;
            let (batch, time) =
                (self.number, jiff::Timestamp::from_microsecond(time_us(self.number, event)).unwrap());
            let who = if is_bad { String::new() } else { format!(r#""userId":"{}","#, user(batch, event)) };
            let comma = if event > 0 { "," } else { "" };
            write!(
                body,
                r#"{comma}{{"type":"track","event":"trial",{who}"messageId":"trial-{batch}-{event}","timestamp":"{time}","properties":{{"batch":{batch},"n":{event},"check":{},"text":"batch {batch} event {event}"}}}}"#,
                check_of(batch, event),
            )
            .unwrap();
        }
        body + "]}"
    }

    /// The good events as lines of a CSV file: user, time, batch, n, check, text.
    pub fn csv(&self) -> String {
        let mut lines = String::new();
        for event in 0..self.n_events {
            let (batch, time) =
                (self.number, jiff::Timestamp::from_microsecond(time_us(self.number, event)).unwrap());
            let (user, check) = (user(batch, event), check_of(batch, event));
            writeln!(lines, "{user},{time},{batch},{event},{check},batch {batch} event {event}").unwrap();
        }
        lines
    }
}

/// Head of [`Batch::csv`].
pub const CSV_HEAD: &str = "user,time,batch,n,check,text\n";

/// What is stored of one batch: how many, how many distinct, and sums over them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    n: u64,
    n_distinct: u64,
    sum_n: u64,
    sum_check: u64,
    first_us: i64,
    last_us: i64,
    text_bytes: u64,
    wrong_users: u64,
}

impl Stored {
    fn of(batch: &Batch) -> Self {
        let mut all = Self::default();
        for event in 0..batch.n_events {
            all.n += 1;
            all.n_distinct += 1;
            all.sum_n += event;
            all.sum_check += check_of(batch.number, event);
            all.text_bytes += format!("batch {} event {event}", batch.number).len() as u64;
        }
        all.first_us = time_us(batch.number, 0);
        all.last_us = time_us(batch.number, batch.n_events - 1);
        all
    }
}

/// Asks for [`Stored`] of every batch.
pub const QUERY: &str = "SELECT CAST(batch AS BIGINT) AS number, count(*), count(DISTINCT n), CAST(sum(n) AS BIGINT), \
    CAST(sum(\"check\") AS BIGINT), CAST(min(time) AS BIGINT), CAST(max(time) AS BIGINT), \
    CAST(sum(length(text)) AS BIGINT), \
    count(*) FILTER (WHERE user_id IS NULL OR user_id NOT LIKE 'user-%') FROM events WHERE batch IS NOT NULL \
    GROUP BY batch ORDER BY batch";

/// Reads the answer to [`QUERY`].
pub fn stored(rows: &[Value]) -> BTreeMap<u64, Stored> {
    let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("no number: {value}"));
    let row = |row: &Value| {
        let column = |i: usize| number(&row[i]);
        let stored = Stored {
            n: column(1) as u64,
            n_distinct: column(2) as u64,
            sum_n: column(3) as u64,
            sum_check: column(4) as u64,
            first_us: column(5),
            last_us: column(6),
            text_bytes: column(7) as u64,
            wrong_users: column(8) as u64,
        };
        (column(0) as u64, stored)
    };
    rows.iter().map(row).collect()
}

/// What the binary finds stored in a folder. The column of batches is there once the first is.
pub fn stored_in(data: &Path) -> Result<BTreeMap<u64, Stored>, Ended> {
    match process::sql(data, QUERY) {
        Ok(rows) => Ok(stored(&rows)),
        Err(ended)
            if ended.out.contains("No field named")
                && process::sql(data, "SELECT 1 FROM events")?.is_empty() =>
        {
            Ok(BTreeMap::new())
        }
        Err(ended) => Err(ended),
    }
}

impl Ledger {
    /// A new batch, counted as sent.
    pub fn send(&mut self, n_events: u64, n_bad: u64) -> Batch {
        assert!(n_events + n_bad <= EVENTS_MAX);
        let number = self.batches.last_key_value().map_or(1, |(last, _)| last + 1);
        let batch = Batch { number, n_events, n_bad };
        self.batches.insert(number, (batch, false));
        batch
    }

    /// The server said that it has the batch.
    pub fn acknowledge(&mut self, number: u64) {
        self.batches.get_mut(&number).expect("acknowledged batches were sent").1 = true;
    }

    /// Batches nobody knows the fate of.
    pub fn open(&self) -> Vec<Batch> {
        self.batches.values().filter(|(_, acknowledged)| !acknowledged).map(|(batch, _)| *batch).collect()
    }

    /// Compares what is stored with the books: every acknowledged batch is there, nothing is there that was not
    /// sent, each event once and as it was sent, each batch whole or not at all. Says what is wrong.
    pub fn faults(&self, stored: &BTreeMap<u64, Stored>) -> Vec<String> {
        self.faults_if(stored, |number| self.batches[&number].1)
    }

    /// As [`Ledger::faults`], where another says which batches must be there.
    pub fn faults_if(&self, stored: &BTreeMap<u64, Stored>, must: impl Fn(u64) -> bool) -> Vec<String> {
        let mut faults = Vec::new();
        for (number, (batch, _)) in &self.batches {
            match stored.get(number) {
                None if must(*number) => faults.push(format!("batch {number} was acknowledged and is lost")),
                Some(found) if *found != Stored::of(batch) => {
                    faults.push(format!(
                        "batch {number} is stored as {found:?}, sent as {:?}",
                        Stored::of(batch)
                    ));
                }
                _ => {}
            }
        }
        for number in stored.keys().filter(|number| !self.batches.contains_key(number)) {
            faults.push(format!("batch {number} was never sent"));
        }
        faults
    }

    /// Says what is wrong with a number of stored dead letters: each acknowledged one is there, and no more than were
    /// sent. They have no identity, so a batch that was sent again may have left them again.
    pub fn letter_faults(&self, n_letters: u64) -> Vec<String> {
        let acknowledged = self.batches.values().filter(|(_, acknowledged)| *acknowledged);
        let least: u64 = acknowledged.map(|(batch, _)| batch.n_bad).sum();
        let fits = (least..=self.n_bad_sent).contains(&n_letters);
        let told = format!("{n_letters} dead letters, {least} acknowledged, {} sent", self.n_bad_sent);
        if fits { Vec::new() } else { vec![told] }
    }

    /// Good events that were sent.
    pub fn n_sent(&self) -> u64 {
        self.batches.values().map(|(batch, _)| batch.n_events).sum()
    }

    /// Good events that were acknowledged.
    pub fn n_acknowledged(&self) -> u64 {
        self.batches.values().filter(|(_, acknowledged)| *acknowledged).map(|(batch, _)| batch.n_events).sum()
    }
}
