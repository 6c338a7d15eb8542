//! The door: what sources send becomes events in the store's log.
//!
//! body → [`envelope`](self) told apart → each event read in one pass → a verdict each → [`store::Batch`] →
//! [`store::Store::append`]. When [`Engine::ingest`](crate::Engine::ingest) returns, every event of the request is
//! on disk: accepted as an event, or refused as a dead letter that can be read, mended and replayed.
//!
//! * Nothing that comes can make it panic, recurse or take more memory than the body a few times over.
//! * One bad event costs no other event of its request anything.
//! * Imported and sent events agree: names, times, amounts and values are read by the same code.

mod dead_letters;
mod decode;
mod door;
mod envelope;
mod event;
mod flatten;
mod json;
mod refusal;
mod sources;
mod stats;
mod time;
pub mod unpack;

pub use dead_letters::{DeadLetterList, DeadLetterView, DeadLetterWhole, Replay};
pub use door::{Door, Receipt};
pub use refusal::Verdict;
pub use sources::{SourceMade, SourceView};
pub use stats::{IngestView, LogState, LogView, MinuteView, SourceActivity};

#[cfg(test)]
mod tests;

use decode::Defaults;

/// The write key in a body, for senders that cannot set a header.
#[must_use]
pub fn write_key(body: &[u8]) -> Option<String> {
    envelope::Envelope::of(body, BATCH_EVENTS_MAX).write_key()
}

/// Bytes of a request's body, decompressed.
pub const BODY_BYTES_MAX: usize = 16 << 20;
/// Events of one request.
pub const BATCH_EVENTS_MAX: usize = 20_000;
/// Verdicts told of one request; what was refused beyond them is in the dead letters all the same.
pub const VERDICTS_MAX: usize = 200;
/// Bytes of one event, with what its batch says of all events.
pub const EVENT_BYTES_MAX: usize = 1 << 20;
/// Bytes kept of what was refused.
pub const RAW_BYTES_MAX: usize = 64 << 10;
