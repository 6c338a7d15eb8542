//! A request's body to a batch for the store's log: every event in it is accepted, or kept with the reason why not.

use super::envelope::Envelope;
use super::event::{self, Event};
use super::flatten::{Flat, Group};
use super::json::{Cursor, Fault};
use super::refusal::{self, Refusal, Verdict};
use super::{BATCH_EVENTS_MAX, RAW_BYTES_MAX, VERDICTS_MAX, time};
use model::Problem;
use store::{Batch, NewDeadLetter};

/// Bytes that all dead letters of a body may repeat of its context; beyond it they are kept without.
const CONTEXT_KEPT_MAX: usize = 4 << 20;
/// Bytes of a body's context times its events: the work that a small body may cause.
const CONTEXT_READ_MAX: usize = 64 << 20;
/// Bytes of a `sentAt` that is kept.
const SENT_AT_KEPT_MAX: usize = 64;

/// Who sent a body, and when it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    /// Name of the source.
    pub(super) source: &'a str,
    /// Channel of events that name none; empty for none.
    pub(super) channel: &'a str,
    /// When it came, microseconds UTC; of what is replayed, when it first came.
    pub(super) received_us: i64,
    /// When it is replayed, if it came before and was kept.
    pub(super) replayed_us: Option<i64>,
}

/// What holds for all events of a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults<'a> {
    pub(super) channel: &'a str,
    pub(super) received_us: i64,
    /// An event without a time happened when it first came.
    pub(super) is_replay: bool,
    pub(super) sent_at_us: Option<i64>,
    pub(super) context: Option<&'a str>,
}

/// What a body was.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Its accepted events and, as dead letters, its refused ones.
    pub(super) batch: Batch,
    /// Why events were refused, in their order: the first [`VERDICTS_MAX`].
    pub(super) verdicts: Vec<Verdict>,
    /// Events refused.
    pub(super) n_rejected: u64,
    /// Events accepted.
    pub(super) n_accepted: u64,
    /// Texts that were cut to their limit.
    pub(super) n_cut: u64,
    /// Time of the newest accepted event that has one.
    pub(super) last_us: Option<i64>,
}

/// Decodes a body. `admit` says whether names may be used.
///
/// Each event of the body is either accepted or refused: `n_accepted + n_rejected` are all of them.
/// Errors: more than [`BATCH_EVENTS_MAX`] events, a context too large for them, or nothing at all; then nothing is
/// decoded.
pub(super) fn decode(
    body: &[u8],
    origin: Origin<'_>,
    mut admit: impl FnMut(&Event<'_>) -> Result<(), Refusal>,
) -> Result<Decoded, Problem> {
    if body.trim_ascii().is_empty() {
        return Err(refusal::empty_body());
    }
    let envelope = Envelope::of(body, BATCH_EVENTS_MAX);
    if envelope.too_many {
        return Err(refusal::too_many_events());
    }
    let n_context = envelope.context.map_or(0, <[u8]>::len);
    if n_context.saturating_mul(envelope.events.len()) > CONTEXT_READ_MAX {
        return Err(refusal::large_context());
    }
    let (defaults, wrap) = defaults(&envelope, origin);
    let mut decoded = Decoded {
        batch: Batch::new(origin.source, origin.replayed_us.unwrap_or(origin.received_us)),
        verdicts: Vec::new(),
        n_rejected: 0,
        n_accepted: 0,
        n_cut: 0,
        last_us: None,
    };
    for (index, raw) in envelope.events.iter().enumerate() {
        let read = event::read(raw, &defaults).and_then(|event| admit(&event).map(|()| event));
        match read {
            Ok(event) => decoded.accept(&event),
            Err(refusal) => decoded.refuse(index, &refusal, raw, &wrap),
        }
    }
    if let Some(rest) = envelope.broken {
        decoded.refuse(envelope.events.len(), &broken(body, rest), rest, &Wrap::default());
    }
    Ok(decoded)
}

impl Decoded {
    fn accept(&mut self, event: &Event<'_>) {
        event.with(|event| self.batch.event(event));
        self.n_accepted += 1;
        self.n_cut += event.n_cut();
        self.last_us = self.last_us.max(event.time_us());
    }

    fn refuse(&mut self, index: usize, refusal: &Refusal, raw: &[u8], wrap: &Wrap) {
        let kept = wrap.around(raw);
        let (raw, cut) = match kept.get(..RAW_BYTES_MAX) {
            Some(start) if kept.len() > RAW_BYTES_MAX => (start, true),
            _ => (&*kept, false),
        };
        self.batch.dead_letter(&NewDeadLetter { code: refusal.code(), raw, cut });
        self.n_rejected += 1;
        if self.verdicts.len() < VERDICTS_MAX {
            self.verdicts.push(refusal.verdict(index));
        }
    }
}

/// What a body says of all its events, kept with each dead letter: sent again it is read as it would have been.
#[derive(Debug, Default)]
struct Wrap {
    head: Vec<u8>,
}

impl Wrap {
    fn around<'a>(&self, raw: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        if self.head.is_empty() {
            return raw.into();
        }
        [&self.head[..], b"\"batch\":[", raw, b"]}"].concat().into()
    }
}

fn defaults<'a>(envelope: &Envelope<'a>, origin: Origin<'a>) -> (Defaults<'a>, Wrap) {
    let whole = |raw: Option<&'a [u8]>| std::str::from_utf8(raw?).ok();
    let sent_at = whole(envelope.sent_at);
    let sent_at_us = sent_at.and_then(|text| time::sent_at(Cursor::new(text).value().ok()?));
    // A context that is none is not the fault of the events.
    let is_context = |text: &&str| Flat::default().object(&mut Cursor::new(text), Group::Context).is_ok();
    let context = whole(envelope.context).filter(is_context);
    let defaults = Defaults {
        channel: origin.channel,
        received_us: origin.received_us,
        is_replay: origin.replayed_us.is_some(),
        sent_at_us,
        context,
    };
    let mut wrap = Wrap::default();
    let kept = [
        ("sentAt", sent_at.filter(|text| sent_at_us.is_some() && text.len() <= SENT_AT_KEPT_MAX)),
        ("context", context.filter(|text| text.len() * envelope.events.len() <= CONTEXT_KEPT_MAX)),
    ];
    for (key, text) in kept {
        let Some(text) = text else { continue };
        if wrap.head.is_empty() {
            wrap.head.push(b'{');
        }
        wrap.head.extend_from_slice(format!("\"{key}\":{text},").as_bytes());
    }
    (defaults, wrap)
}

/// Why the rest of a body was not told apart.
fn broken(body: &[u8], rest: &[u8]) -> Refusal {
    if rest.len() < body.len() {
        return Refusal::Broken(None);
    }
    let Ok(text) = std::str::from_utf8(body) else { return Refusal::Broken(None) };
    let mut cursor = Cursor::new(text.trim_start_matches('\u{FEFF}'));
    match cursor.value().and_then(|_| cursor.end()) {
        Ok(()) => Refusal::NoEvents,
        Err(fault @ Fault::Syntax { .. }) => Refusal::Broken(Some(fault)),
        Err(Fault::TooDeep) => Refusal::Broken(None),
    }
}
