//! When an event happened, with a wrong clock of the sender put right as in the Segment spec.

use super::event::shown;
use super::json::Json;
use super::refusal::Refusal;
use crate::import::time::{RANGE_US, instant_utc};
use store::When;

/// A request takes up to this long from the sender's clock to ours, being repeated meanwhile. Only a difference
/// beyond it is a wrong clock. Within it the event keeps its own time, so that the same request sent again brings
/// the same time again and its events are duplicates.
const TRANSIT_MAX_US: i64 = 5 * 60 * 1_000_000;

/// The times of a call as they came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times<'a> {
    pub(super) timestamp: Option<Json<'a>>,
    pub(super) original_timestamp: Option<Json<'a>>,
    pub(super) sent_at: Option<Json<'a>>,
    pub(super) received_at: Option<Json<'a>>,
}

/// The time a call says it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) time_us: i64,
    /// Another collector has put the clock right before.
    corrected: bool,
    field: &'static str,
}

/// When a request was sent, by the sender's clock, and when it came, by ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) at: Option<i64>,
    pub(super) received_us: i64,
}

/// The call's own time: `originalTimestamp`, else `timestamp`; `None` if it has neither. A call that brings
/// `receivedAt` comes from another collector, whose `timestamp` is corrected already.
pub(super) fn own(times: &Times<'_>) -> Result<Option<Own>, Refusal> {
    let of = |value: Option<Json<'_>>, field: &'static str, corrected: bool| {
        Ok(read(value, field)?.map(|time_us| Own { time_us, corrected, field }))
    };
    let was_received = matches!(times.received_at, Some(Json::Text(_) | Json::Number(_)));
    if was_received && let Some(own) = of(times.timestamp, "timestamp", true)? {
        return Ok(Some(own));
    }
    match of(times.original_timestamp, "originalTimestamp", false)? {
        Some(own) => Ok(Some(own)),
        None => of(times.timestamp, "timestamp", false),
    }
}

/// The call's own `sentAt`. One that cannot be read corrects nothing.
pub(super) fn sent(times: &Times<'_>) -> Option<i64> {
    sent_at(times.sent_at?)
}

/// A `sentAt` in microseconds, if it is a time.
pub(super) fn sent_at(value: Json<'_>) -> Option<i64> {
    read(Some(value), "sentAt").ok().flatten()
}

/// `timestamp = receivedAt − (sentAt − originalTimestamp)`.
pub(super) fn when(own: Option<Own>, sent: Sent) -> Result<When, Refusal> {
    let Some(own) = own else { return Ok(When::Arrival) };
    let skew_us = match sent.at {
        Some(sent_us) if !own.corrected => sent.received_us.saturating_sub(sent_us),
        _ => 0,
    };
    if skew_us.abs() <= TRANSIT_MAX_US {
        return Ok(When::At(own.time_us));
    }
    let time_us = own.time_us.saturating_add(skew_us);
    if !RANGE_US.contains(&time_us) {
        return Err(Refusal::TimeRange { field: own.field, found: time_us.to_string() });
    }
    Ok(When::At(time_us))
}

fn read(value: Option<Json<'_>>, field: &'static str) -> Result<Option<i64>, Refusal> {
    let (time_us, found) = match value {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Text(text)) => {
            let text = text.text().0;
            if text.trim().is_empty() {
                return Ok(None);
            }
            (instant_utc(&text), text.into_owned())
        }
        Some(Json::Number(number)) => (milliseconds(number), number.to_owned()),
        Some(Json::Bool(_) | Json::Object(_) | Json::Array(_)) => (None, "…".to_owned()),
    };
    let found = || shown(&found);
    let time_us = time_us.ok_or_else(|| Refusal::Time { field, found: found() })?;
    if !RANGE_US.contains(&time_us) {
        return Err(Refusal::TimeRange { field, found: found() });
    }
    Ok(Some(time_us))
}

/// Milliseconds since 1970. A number that would be before March 1973 is more likely one of seconds: nobody knows.
fn milliseconds(number: &str) -> Option<i64> {
    let ms: f64 = number.parse().ok()?;
    let is_clear = ms.abs() >= 1e11 && ms.abs() < 1e15;
    is_clear.then_some((ms * 1_000.0) as i64)
}
