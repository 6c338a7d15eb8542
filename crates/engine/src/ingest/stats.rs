//! What comes through the door, counted since the process started.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use store::IngestStats;

/// Minutes that are remembered.
const MINUTES: i64 = 60;
const MINUTE_US: i64 = 60_000_000;
/// Sources told apart; further ones are counted together only.
const SOURCES_MAX: usize = 1_000;

/// What came in, and how the log is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IngestView {
    /// Counted since then, microseconds: when the server started.
    pub since_us: i64,
    /// Events received: accepted or rejected, each exactly once.
    pub n_received: u64,
    /// Events accepted.
    pub n_accepted: u64,
    /// Events rejected; they are dead letters.
    pub n_rejected: u64,
    /// Texts cut to their limit.
    pub n_cut: u64,
    /// The last 60 minutes, oldest first.
    pub minutes: Vec<MinuteView>,
    /// What each source sent, by name.
    pub sources: Vec<SourceActivity>,
    /// The durable log.
    pub log: LogView,
}

/// One minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MinuteView {
    /// Its start, microseconds.
    pub minute_us: i64,
    /// Events accepted.
    pub n_accepted: u64,
    /// Events rejected.
    pub n_rejected: u64,
}

/// What one source sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceActivity {
    /// Its name.
    pub name: String,
    /// Events accepted.
    pub n_accepted: u64,
    /// Events rejected.
    pub n_rejected: u64,
    /// When it last sent something, microseconds.
    pub last_received_us: i64,
    /// Time of its newest event that has one.
    pub last_event_us: Option<i64>,
}

/// The durable log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogView {
    /// Whether it takes events.
    pub state: LogState,
    /// Its size on disk.
    pub size_bytes: u64,
    /// Events in it that are not yet in parts.
    pub tail_rows: u64,
    /// Memory they take.
    pub tail_bytes: u64,
    /// When something was last appended, microseconds.
    pub last_append_us: Option<i64>,
}

/// Whether the log takes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogState {
    /// It does.
    Ok,
    /// The disk is full; it goes on by itself when there is space.
    Full,
    /// More comes than can be put in order; senders are asked to wait.
    Overloaded,
    /// A flush failed; the server ends.
    Stopped,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Stats {
    since_us: i64,
    n_accepted: u64,
    n_rejected: u64,
    n_cut: u64,
    /// Minutes in which something came, oldest first.
    minutes: VecDeque<MinuteView>,
    sources: BTreeMap<String, SourceActivity>,
}

/// What one request brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came<'a> {
    pub(super) source: &'a str,
    pub(super) now_us: i64,
    pub(super) n_accepted: u64,
    pub(super) n_rejected: u64,
    pub(super) n_cut: u64,
    pub(super) last_us: Option<i64>,
}

impl Stats {
    /// Nothing so far.
    pub(super) fn new(now_us: i64) -> Self {
        Self { since_us: now_us, ..Self::default() }
    }

    /// Counts a request.
    pub(super) fn add(&mut self, came: Came<'_>) {
        self.n_accepted += came.n_accepted;
        self.n_rejected += came.n_rejected;
        self.n_cut += came.n_cut;
        let minute_us = came.now_us - came.now_us.rem_euclid(MINUTE_US);
        let at = match self.minutes.binary_search_by_key(&minute_us, |minute| minute.minute_us) {
            Ok(at) => at,
            Err(at) => {
                self.minutes.insert(at, MinuteView { minute_us, n_accepted: 0, n_rejected: 0 });
                at
            }
        };
        self.minutes[at].n_accepted += came.n_accepted;
        self.minutes[at].n_rejected += came.n_rejected;
        while self.minutes.len() > MINUTES as usize {
            self.minutes.pop_front();
        }
        if !self.sources.contains_key(came.source) {
            if self.sources.len() >= SOURCES_MAX {
                return;
            }
            let new = SourceActivity {
                name: came.source.to_owned(),
                n_accepted: 0,
                n_rejected: 0,
                last_received_us: came.now_us,
                last_event_us: None,
            };
            self.sources.insert(came.source.to_owned(), new);
        }
        let Some(source) = self.sources.get_mut(came.source) else { return };
        source.n_accepted += came.n_accepted;
        source.n_rejected += came.n_rejected;
        source.last_received_us = came.now_us;
        source.last_event_us = source.last_event_us.max(came.last_us);
    }

    /// The counters, with each of the last 60 minutes.
    pub(super) fn view(&self, now_us: i64, log: LogView) -> IngestView {
        let this_us = now_us - now_us.rem_euclid(MINUTE_US);
        let minute = |back: i64| {
            let minute_us = this_us - back * MINUTE_US;
            let found = self.minutes.binary_search_by_key(&minute_us, |minute| minute.minute_us);
            let empty = MinuteView { minute_us, n_accepted: 0, n_rejected: 0 };
            found.map_or(empty, |at| self.minutes[at].clone())
        };
        IngestView {
            since_us: self.since_us,
            n_received: self.n_accepted + self.n_rejected,
            n_accepted: self.n_accepted,
            n_rejected: self.n_rejected,
            n_cut: self.n_cut,
            minutes: (0..MINUTES).rev().map(minute).collect(),
            sources: self.sources.values().cloned().collect(),
            log,
        }
    }
}

/// The log's part of the view.
pub(super) fn of_log(stats: &IngestStats, overloaded: bool) -> LogView {
    let state = match stats.state {
        store::LogState::Ok if overloaded => LogState::Overloaded,
        store::LogState::Ok => LogState::Ok,
        store::LogState::Full => LogState::Full,
        store::LogState::Stopped => LogState::Stopped,
    };
    LogView {
        state,
        tail_rows: stats.tail_rows,
        tail_bytes: stats.tail_bytes,
        size_bytes: stats.log_bytes,
        last_append_us: Some(stats.last_us).filter(|us| *us != 0),
    }
}
