//! The way from a body to the log, and what is remembered from request to request.

use super::decode::{Decoded, Origin, decode};
use super::event::Event;
use super::refusal::{Refusal, Verdict};
use super::sources::Keys;
use super::stats::{Came, IngestView, Stats};
use crate::{Engine, EngineError};
use meta::Source;
use model::limits::{CHANNELS_MAX, EVENT_NAMES_MAX};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Names, StoreError};
use tokio::sync::RwLock;

/// Bodies from here on are decoded beside the threads that serve requests: they take milliseconds.
const LARGE_BYTES: usize = 1 << 20;

/// Dead letters become readable this often.
const SHOW_EVERY_US: i64 = 10_000_000;

/// The log counts as overloaded for this long after it had to refuse events.
const OVERLOADED_US: i64 = 5_000_000;

/// What became of a request: everything it brought is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    /// Always true: send none of it again.
    pub success: bool,
    /// Events accepted.
    pub accepted: u64,
    /// Events rejected: kept as dead letters.
    pub rejected: u64,
    /// Texts of accepted events that were longer than allowed and were cut.
    pub cut: u64,
    /// Why events were rejected, the first 200 of them; accepted ones are not listed.
    pub verdicts: Vec<Verdict>,
}

/// What the door remembers. Made once for each engine.
#[derive(Debug)]
pub struct Door {
    pub(super) keys: RwLock<Option<Keys>>,
    known: Mutex<Known>,
    stats: Mutex<Stats>,
    /// Dead letters replayed since the start, and when; the log tells the database of them later.
    pub(super) replayed: Mutex<HashMap<i64, i64>>,
    unsealed: Mutex<Unsealed>,
    /// When events were last refused because too many came.
    overloaded_us: Mutex<Option<i64>>,
}

/// Dead letters that are in the log and not yet where they can be listed.
#[derive(Debug)]
struct Unsealed {
    any: bool,
    sealed_us: Option<i64>,
}

impl Default for Unsealed {
    fn default() -> Self {
        Self { any: true, sealed_us: None } // Some may be in the log from before.
    }
}

/// Names let in so far.
#[derive(Debug, Default)]
struct Known {
    events: FxHashSet<Box<str>>,
    channels: FxHashSet<Box<str>>,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Known {
    /// Whether an event may use its names. New ones are remembered.
    fn admit(&mut self, event: &Event<'_>, names: &Names) -> Result<(), Refusal> {
        if self.events.is_empty() || self.events.len() < names.events().len() {
            self.events.extend(names.events().iter().map(|name| Box::from(name.as_str())));
            self.channels.extend(names.channels().iter().map(|name| Box::from(name.as_str())));
        }
        if !self.channels.contains(event.channel()) {
            if self.channels.len() >= CHANNELS_MAX && names.channel_code(event.channel()).is_none() {
                return Err(Refusal::TooManyChannels);
            }
            self.channels.insert(event.channel().into());
        }
        if !self.events.contains(event.name()) {
            if self.events.len() >= EVENT_NAMES_MAX && names.event_code(event.name()).is_none() {
                return Err(Refusal::TooManyNames);
            }
            self.events.insert(event.name().into());
        }
        Ok(())
    }
}

impl Door {
    /// A door that counts from now on.
    pub(crate) fn new(now_us: i64) -> Self {
        Self {
            keys: RwLock::default(),
            known: Mutex::default(),
            stats: Mutex::new(Stats::new(now_us)),
            replayed: Mutex::default(),
            unsealed: Mutex::default(),
            overloaded_us: Mutex::default(),
        }
    }

    /// Decodes a body; names that are new are let in while there is room.
    pub(super) fn decode(
        &self,
        body: &[u8],
        origin: Origin<'_>,
        names: &Names,
    ) -> Result<Decoded, model::Problem> {
        let mut last: (String, String) = Default::default();
        decode(body, origin, |event| {
            // Events of one request tend to repeat few names.
            if last.0 == event.name() && last.1 == event.channel() {
                return Ok(());
            }
            locked(&self.known).admit(event, names)?;
            last = (event.name().to_owned(), event.channel().to_owned());
            Ok(())
        })
    }
}

impl Engine {
    /// Takes a request of a source. When it returns, all of it is on disk.
    ///
    /// Errors: problems if there is nothing or too much in it; [`store::StoreError::Full`], `Overloaded` and `Stopped`
    /// if it could not be stored. Then nothing of it counts as received.
    pub async fn ingest(&self, source: &Source, body: Vec<u8>) -> Result<Receipt, EngineError> {
        let received_us = self.clock.now_us();
        let names = self.store.names();
        let decoded = if body.len() < LARGE_BYTES {
            self.door.decode(&body, origin(source, received_us), &names)?
        } else {
            let (door, source) = (self.door.clone(), source.clone());
            let work = move || door.decode(&body, origin(&source, received_us), &names);
            let done = tokio::task::spawn_blocking(work).await;
            done.map_err(|panic| EngineError::Internal(panic.to_string()))??
        };
        let Decoded { batch, verdicts, n_rejected, n_accepted, n_cut, last_us } = decoded;
        if n_accepted + n_rejected > 0 {
            let appended = self.store.append(batch).await;
            if matches!(appended, Err(StoreError::Overloaded)) {
                *locked(&self.door.overloaded_us) = Some(received_us);
            }
            appended?;
        }
        locked(&self.door.unsealed).any |= n_rejected > 0;
        let now_us = received_us;
        locked(&self.door.stats).add(Came {
            source: &source.name,
            now_us,
            n_accepted,
            n_rejected,
            n_cut,
            last_us,
        });
        Ok(Receipt { success: true, accepted: n_accepted, rejected: n_rejected, cut: n_cut, verdicts })
    }

    /// Makes the dead letters of the log readable, at most every ten seconds.
    pub(super) async fn show_dead_letters(&self) {
        let now_us = self.clock.now_us();
        {
            let mut unsealed = locked(&self.door.unsealed);
            let is_soon = unsealed.sealed_us.is_some_and(|us| (0..SHOW_EVERY_US).contains(&(now_us - us)));
            if !unsealed.any || is_soon {
                return;
            }
            *unsealed = Unsealed { any: false, sealed_us: Some(now_us) };
        }
        if let Err(error) = self.store.seal().await {
            tracing::warn!(%error, "the newest dead letters cannot be shown yet");
            locked(&self.door.unsealed).any = true;
        }
    }

    /// What came in since the start, and how the log is.
    pub fn ingest_view(&self) -> IngestView {
        let now_us = self.clock.now_us();
        let refused_us = *locked(&self.door.overloaded_us);
        let overloaded = refused_us.is_some_and(|us| now_us - us < OVERLOADED_US);
        let log = super::stats::of_log(&self.store.ingest_stats(), overloaded);
        locked(&self.door.stats).view(now_us, log)
    }
}

fn origin(source: &Source, received_us: i64) -> Origin<'_> {
    Origin { source: &source.name, channel: &source.channel, received_us, replayed_us: None }
}
