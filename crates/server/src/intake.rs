//! What stands before the door for events: how much may be in memory at once, how fast a source may send, and the
//! signal that the log has stopped.

use crate::failure::{Class, Failure, Result};
use axum::body::Body;
use engine::ingest::BODY_BYTES_MAX;
use engine::ingest::unpack::{Packing, Unpackable};
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Bodies in memory at once, all requests together.
const BODIES_BYTES_MAX: usize = 256 << 20;
/// Memory is counted in pieces of this size.
const PIECE_BYTES: usize = 4 << 10;
/// Bodies unpacked at once: each may take 32 MiB whatever it was packed into.
const UNPACKING_MAX: usize = 4;
/// Seconds of its rate that a source may save up.
const BURST_S: f64 = 2.0;

/// The intake of a server.
pub struct Intake {
    room: Arc<Semaphore>,
    unpacking: Arc<Semaphore>,
    rates: Mutex<HashMap<i64, Bucket>>,
    stopped: Notify,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(BODIES_BYTES_MAX / PIECE_BYTES)),
            unpacking: Arc::new(Semaphore::new(UNPACKING_MAX)),
            rates: Mutex::default(),
            stopped: Notify::new(),
        }
    }
}

/// A body in memory, and the room it takes there.
pub struct Held {
    /// The body.
    pub bytes: Vec<u8>,
    _room: Vec<OwnedSemaphorePermit>,
}

/// Events a source may send at the moment.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    n_events: f64,
    at_us: i64,
}

impl Intake {
    /// Reads a body and unpacks it, both within [`BODY_BYTES_MAX`].
    pub async fn read(&self, mut body: Body, packing: Packing) -> Result<Held> {
        let (mut bytes, mut room) = (Vec::new(), Vec::new());
        let mut n_pieces = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(broken_off()) };
            let Ok(chunk) = frame.into_data() else { continue };
            if bytes.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(too_large());
            }
            let needed = (bytes.len() + chunk.len()).div_ceil(PIECE_BYTES);
            if needed > n_pieces {
                room.push(self.room(needed - n_pieces)?);
                n_pieces = needed;
            }
            bytes.extend_from_slice(&chunk);
        }
        if packing == Packing::Plain {
            return Ok(Held { bytes, _room: room });
        }
        let unpacking = self.unpacking.clone().acquire_owned().await.map_err(Failure::internal)?;
        // However small it is, it may unpack to the limit, which takes milliseconds.
        let unpacked = tokio::task::spawn_blocking(move || packing.unpack(bytes, BODY_BYTES_MAX)).await;
        let bytes = unpacked.map_err(Failure::internal)?.map_err(|error| match error {
            Unpackable::TooLarge => too_large(),
            Unpackable::Broken => unpackable(),
        })?;
        room.clear();
        room.push(self.room(bytes.len().div_ceil(PIECE_BYTES))?);
        drop(unpacking);
        Ok(Held { bytes, _room: room })
    }

    fn room(&self, n_pieces: usize) -> Result<OwnedSemaphorePermit> {
        let n_pieces = u32::try_from(n_pieces).unwrap_or(u32::MAX);
        self.room.clone().try_acquire_many_owned(n_pieces).map_err(|_| crowded())
    }

    /// Whether a source that may send `per_s` events a second has to wait.
    pub fn may_send(&self, source: i64, per_s: Option<u32>, now_us: i64) -> Result<()> {
        let Some(per_s) = per_s.map(f64::from) else { return Ok(()) };
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = rates.entry(source).or_insert(Bucket { n_events: per_s * BURST_S, at_us: now_us });
        let elapsed_s = (now_us - bucket.at_us).max(0) as f64 / 1e6;
        bucket.n_events = (bucket.n_events + elapsed_s * per_s).min(per_s * BURST_S);
        bucket.at_us = now_us;
        if bucket.n_events > 0.0 {
            return Ok(());
        }
        Err(too_fast(((-bucket.n_events / per_s).ceil() as u64).max(1)))
    }

    /// Counts what a source sent.
    pub fn sent(&self, source: i64, n_events: u64) {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = rates.get_mut(&source) {
            bucket.n_events -= n_events as f64;
        }
    }

    /// Says that the log has stopped: the server has to end.
    pub fn stop(&self) {
        self.stopped.notify_one();
    }

    /// Done when the log has stopped.
    pub async fn stopped(&self) {
        self.stopped.notified().await;
    }
}

/// A body beyond the limit.
pub fn too_large() -> Failure {
    let mib = BODY_BYTES_MAX >> 20;
    Failure::say(
        Class::TooLarge,
        "batch.too_large",
        (
            format!("본문이 풀어서 {mib} MiB보다 큽니다. 아무것도 받지 않았습니다."),
            format!("The body is larger than {mib} MiB unpacked. Nothing of it was taken."),
        ),
        ("나누어 보내세요.", "Send it in several batches."),
    )
}

fn broken_off() -> Failure {
    Failure::say(
        Class::Malformed,
        "batch.broken_off",
        (
            "본문이 중간에 끊겼습니다. 아무것도 받지 않았습니다.",
            "The body broke off. Nothing of it was taken.",
        ),
        ("같은 요청을 다시 보내세요.", "Send the same request again."),
    )
}

fn unpackable() -> Failure {
    Failure::say(
        Class::Malformed,
        "batch.unpackable",
        (
            "본문이 `Content-Encoding`에 적힌 대로 압축되어 있지 않거나 끊겼습니다.",
            "The body is not compressed as `Content-Encoding` says, or it is incomplete.",
        ),
        ("머리글을 본문에 맞추세요.", "Make the header say what the body is."),
    )
}

fn crowded() -> Failure {
    Failure::say(
        Class::Busy,
        "batch.crowded",
        (
            "한꺼번에 너무 많은 요청이 들어와 받지 않았습니다.",
            "Too many requests come at once; this one was not taken.",
        ),
        ("잠시 뒤에 같은 요청을 다시 보내세요.", "Send the same request again in a moment."),
    )
    .retry_after(1)
}

fn too_fast(wait_s: u64) -> Failure {
    Failure::say(
        Class::TooMany,
        "batch.too_fast",
        (
            "이 소스가 정해진 속도보다 빠르게 보내 받지 않았습니다.",
            "The source sends faster than it may; this request was not taken.",
        ),
        (
            format!("{wait_s}초 뒤에 같은 요청을 다시 보내세요."),
            format!("Send the same request again in {wait_s} s."),
        ),
    )
    .retry_after(wait_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_send_at_their_rate() {
        let intake = Intake::default();
        let wait = |now_s: i64| {
            let refused = intake.may_send(1, Some(100), now_s * 1_000_000).err();
            refused.map(|failure| failure.problems()[0].remedy.get(model::Lang::En).to_owned())
        };
        assert_eq!(wait(0), None);
        intake.sent(1, 1_200); // A large batch is taken as a whole, and paid for afterwards.
        assert_eq!(wait(0).unwrap(), "Send the same request again in 10 s.");
        assert!(wait(9).is_some());
        assert_eq!(wait(11), None);
        assert!(intake.may_send(2, Some(100), 0).is_ok()); // Another source has its own.
        assert!(intake.may_send(1, None, 0).is_ok());
    }
}
