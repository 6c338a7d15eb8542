//! A request's body told apart: the events in it as bytes, and what it says of all of them.
//!
//! Only brackets and quotes are looked at, so that an event that is no JSON costs no other event its place.

use super::json::{Cursor, Json};
use std::ops::Range;

/// What a body holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    /// The events as they came, in their order.
    pub(super) events: Vec<&'a [u8]>,
    /// What could not be told apart: from here on the body is broken.
    pub(super) broken: Option<&'a [u8]>,
    /// `sentAt` as JSON.
    pub(super) sent_at: Option<&'a [u8]>,
    /// `context` as JSON: what holds for each event.
    pub(super) context: Option<&'a [u8]>,
    /// `writeKey` as JSON.
    write_key: Option<&'a [u8]>,
    /// More events than were asked for; the rest was not looked at.
    pub(super) too_many: bool,
}

impl<'a> Envelope<'a> {
    /// Tells a body apart. At most `events_max` events are looked for.
    ///
    /// A body is `{"batch": […]}`, an array of events, or one event alone.
    pub(super) fn of(body: &'a [u8], events_max: usize) -> Self {
        let mut envelope = Self::default();
        let start = if body.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let mut scan = Scan { bytes: body, at: start, open: Vec::new() };
        let kept = match scan.peek() {
            Some(b'{') => envelope.object(&mut scan, events_max),
            Some(b'[') => envelope.array(&mut scan, events_max),
            _ => Err(scan.at),
        };
        let broken_from = match kept {
            Ok(()) => Some(scan.at).filter(|_| scan.peek().is_some()),
            Err(from) => Some(from),
        };
        let broken = broken_from.filter(|_| !envelope.too_many).map(|from| &body[from..]);
        envelope.broken = broken.filter(|rest| !rest.is_empty());
        envelope
    }

    /// The write key in the body, for senders that cannot set a header.
    pub(super) fn write_key(&self) -> Option<String> {
        match Cursor::new(std::str::from_utf8(self.write_key?).ok()?).value().ok()? {
            Json::Text(text) => Some(text.text().0.into_owned()),
            _ => None,
        }
    }

    /// Goes over the envelope; the error is where what is whole ends.
    fn object(&mut self, scan: &mut Scan<'a>, events_max: usize) -> Result<(), usize> {
        let from = scan.at;
        let (mut is_event, mut has_batch) = (false, false);
        scan.at += 1;
        while let Some(byte) = scan.peek() {
            match byte {
                b'}' => {
                    scan.at += 1;
                    if is_event && !has_batch {
                        // One event alone: what it says, it says of itself.
                        *self = Self { events: vec![&scan.bytes[from..scan.at]], ..Self::default() };
                    } else if !has_batch {
                        return Err(from);
                    }
                    return Ok(());
                }
                b',' => {
                    scan.at += 1;
                    continue;
                }
                b'"' => {}
                _ => break,
            }
            let member = scan.at;
            let key = scan.skip().ok_or(member)?;
            if scan.peek() != Some(b':') {
                break;
            }
            scan.at += 1;
            let key = &scan.bytes[key];
            match (key, scan.peek()) {
                (b"\"batch\"", Some(b'[')) => {
                    has_batch = true;
                    self.array(scan, events_max)?;
                    if self.too_many {
                        return Ok(());
                    }
                }
                (_, Some(_)) => {
                    let value = scan.skip().ok_or(if has_batch { member } else { from })?;
                    let value = &scan.bytes[value];
                    match key {
                        b"\"sentAt\"" => self.sent_at = Some(value),
                        b"\"context\"" => self.context = Some(value),
                        b"\"writeKey\"" => self.write_key = Some(value),
                        b"\"type\"" => is_event = true,
                        _ => {}
                    }
                }
                (_, None) => break,
            }
        }
        // Not an object to its end: what was told apart stays, the rest is kept as a whole.
        Err(if has_batch { scan.at } else { from })
    }

    fn array(&mut self, scan: &mut Scan<'a>, events_max: usize) -> Result<(), usize> {
        let start = scan.at;
        scan.at += 1;
        loop {
            match scan.peek() {
                Some(b']') => {
                    scan.at += 1;
                    return Ok(());
                }
                Some(b',') => scan.at += 1,
                Some(_) => {
                    if self.events.len() == events_max {
                        self.too_many = true;
                        return Ok(());
                    }
                    let from = scan.at;
                    let event = scan.skip().ok_or(from)?;
                    self.events.push(&scan.bytes[event]);
                }
                // The end is missing. If nothing came behind the bracket, the bracket is what is kept.
                None => return Err(if scan.at == start + 1 { start } else { scan.at }),
            }
        }
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Brackets that are open within the value being skipped.
    open: Vec<u8>,
}

impl Scan<'_> {
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Goes over a value by its quotes and brackets; `None` if it does not end.
    fn skip(&mut self) -> Option<Range<usize>> {
        let from = self.at;
        self.open.clear();
        loop {
            let byte = *self.bytes.get(self.at)?;
            match byte {
                b'"' => self.skip_quoted()?,
                b'{' | b'[' => {
                    self.open.push(byte);
                    self.at += 1;
                }
                b'}' | b']' => {
                    let opened = if byte == b'}' { b'{' } else { b'[' };
                    // A bracket that was forgotten is closed by the next one around it.
                    let Some(depth) = self.open.iter().rposition(|open| *open == opened) else {
                        if self.open.is_empty() {
                            return (self.at > from).then_some(from..self.at);
                        }
                        self.at += 1;
                        continue;
                    };
                    self.open.truncate(depth);
                    self.at += 1;
                }
                b',' | b' ' | b'\n' | b'\t' | b'\r' if self.open.is_empty() => {
                    return (self.at > from).then_some(from..self.at);
                }
                _ => self.at += 1,
            }
            let ended = self.open.is_empty() && matches!(byte, b'"' | b'}' | b']');
            if ended {
                return Some(from..self.at);
            }
        }
    }

    #[inline]
    fn skip_quoted(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }
}
