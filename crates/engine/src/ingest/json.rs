//! JSON read in place: one pass, no recursion, no tree. Well-formed text is never copied unless it has escapes.

use std::borrow::Cow;

/// Objects and arrays within each other; nobody honest nests deeper.
pub(super) const DEPTH_MAX: u32 = 64;

/// Why a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not well-formed.
    Syntax {
        /// Byte of the text at which it goes wrong.
        at: usize,
        /// What stands there or is missing.
        what: What,
    },
    /// Nested deeper than [`DEPTH_MAX`].
    TooDeep,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// It ends too early.
    End,
    /// A key in quotes is missing.
    Key,
    /// A colon is missing.
    Colon,
    /// A comma or a closing bracket is missing.
    Comma,
    /// What stands there is no value.
    Value,
    /// A number that is none, such as `01` or `1.`.
    Number,
    /// An escape that is none.
    Escape,
    /// A control character that has to be escaped.
    Control,
    /// Something stands behind the end.
    Behind,
}

/// A text between quotes, escapes not yet resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Quoted<'a> {
    /// The text, and whether a lone half of a surrogate pair in it became U+FFFD.
    pub(super) fn text(self) -> (Cow<'a, str>, bool) {
        if !self.escaped {
            return (Cow::Borrowed(self.raw), false);
        }
        let (text, lossy) = unescaped(self.raw);
        (Cow::Owned(text), lossy)
    }
}

/// A value; objects and arrays as their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Json<'a> {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number as written.
    Number(&'a str),
    /// A text.
    Text(Quoted<'a>),
    /// An object as written.
    Object(&'a str),
    /// An array as written.
    Array(&'a str),
}

type Result<T, E = Fault> = std::result::Result<T, E>;

/// A place in a text that is read from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// Bytes that end a run of plain characters inside quotes.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        stops[byte] = true;
        byte += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};

impl<'a> Cursor<'a> {
    /// The start of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault<T>(&self, what: What) -> Result<T> {
        let what = if self.at >= self.text.len() { What::End } else { what };
        Err(Fault::Syntax { at: self.at, what })
    }

    #[inline]
    fn spaces(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The byte a value begins with.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.spaces();
        self.byte()
    }

    /// Nothing but spaces may follow.
    pub(super) fn end(&mut self) -> Result<()> {
        self.spaces();
        if self.at == self.text.len() { Ok(()) } else { self.fault(What::Behind) }
    }

    /// Goes into an object: the value must begin with `{`.
    pub(super) fn enter(&mut self) -> Result<()> {
        self.spaces();
        if self.eat(b'{') { Ok(()) } else { self.fault(What::Value) }
    }

    /// The next key of the object that was entered, the place then being before its value; `None` behind its end.
    #[inline]
    pub(super) fn key(&mut self, first: bool) -> Result<Option<Quoted<'a>>> {
        self.spaces();
        if self.eat(b'}') {
            return Ok(None);
        }
        if !first {
            if !self.eat(b',') {
                return self.fault(What::Comma);
            }
            self.spaces();
        }
        self.key_and_colon().map(Some)
    }

    fn key_and_colon(&mut self) -> Result<Quoted<'a>> {
        if self.byte() != Some(b'"') {
            return self.fault(What::Key);
        }
        let key = self.quoted()?;
        self.spaces();
        if self.eat(b':') { Ok(key) } else { self.fault(What::Colon) }
    }

    /// The next value as a whole.
    #[inline]
    pub(super) fn value(&mut self) -> Result<Json<'a>> {
        match self.peek() {
            Some(b'"') => self.quoted().map(Json::Text),
            Some(b'{') => self.nested().map(Json::Object),
            Some(b'[') => self.nested().map(Json::Array),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Result<Json<'a>> {
        let rest = &self.text.as_bytes()[self.at..];
        let (value, n_bytes) = match rest {
            [b't', b'r', b'u', b'e', ..] => (Json::Bool(true), 4),
            [b'f', b'a', b'l', b's', b'e', ..] => (Json::Bool(false), 5),
            [b'n', b'u', b'l', b'l', ..] => (Json::Null, 4),
            [b'-' | b'0'..=b'9', ..] => return self.number().map(Json::Number),
            _ => return self.fault(What::Value),
        };
        self.at += n_bytes;
        Ok(value)
    }

    fn digits(&mut self) -> bool {
        let from = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > from
    }

    fn number(&mut self) -> Result<&'a str> {
        let from = self.at;
        self.eat(b'-');
        if (!self.eat(b'0') && !self.digits()) || self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fault(What::Number);
        }
        if self.eat(b'.') && !self.digits() {
            return self.fault(What::Number);
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            if !self.digits() {
                return self.fault(What::Number);
            }
        }
        Ok(&self.text[from..self.at])
    }

    #[inline]
    fn quoted(&mut self) -> Result<Quoted<'a>> {
        self.at += 1;
        let (from, mut escaped) = (self.at, false);
        let bytes = self.text.as_bytes();
        loop {
            while self.at < bytes.len() && !STOPS[usize::from(bytes[self.at])] {
                self.at += 1;
            }
            match bytes.get(self.at) {
                Some(b'"') => {
                    // Between ASCII bytes of a `str`: both are boundaries of characters.
                    let raw = &self.text[from..self.at];
                    self.at += 1;
                    return Ok(Quoted { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.fault(What::Control),
                None => return self.fault(What::End),
            }
        }
    }

    fn escape(&mut self) -> Result<()> {
        let bytes = &self.text.as_bytes()[self.at + 1..];
        let n_bytes = match bytes.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if bytes.len() >= 5 && bytes[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            None => return self.fault(What::End),
            Some(_) => return self.fault(What::Escape),
        };
        self.at += n_bytes;
        Ok(())
    }

    /// Goes over an object or array, checking every byte of it.
    fn nested(&mut self) -> Result<&'a str> {
        let from = self.at;
        // A bit for each open bracket, the innermost lowest: 1 is an object.
        let (mut open, mut depth) = (0u64, 0);
        loop {
            match self.peek() {
                Some(byte @ (b'{' | b'[')) => {
                    if depth == DEPTH_MAX {
                        return Err(Fault::TooDeep);
                    }
                    self.at += 1;
                    self.spaces();
                    let is_object = byte == b'{';
                    if !self.eat(if is_object { b'}' } else { b']' }) {
                        open = open << 1 | u64::from(is_object);
                        depth += 1;
                        if is_object {
                            self.key_and_colon()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => {
                    self.quoted()?;
                }
                _ => {
                    self.scalar()?;
                }
            }
            // Behind a value.
            loop {
                if depth == 0 {
                    return Ok(&self.text[from..self.at]);
                }
                let in_object = open & 1 == 1;
                self.spaces();
                if self.eat(b',') {
                    if in_object {
                        self.spaces();
                        self.key_and_colon()?;
                    }
                    break;
                }
                if !self.eat(if in_object { b'}' } else { b']' }) {
                    return self.fault(What::Comma);
                }
                open >>= 1;
                depth -= 1;
            }
        }
    }
}

/// Resolves the escapes of a text that was checked.
fn unescaped(raw: &str) -> (String, bool) {
    let (mut text, mut lossy, mut rest) = (String::with_capacity(raw.len()), false, raw);
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or_default();
        text.push(match escape {
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (unit, behind) = utf16_unit(rest);
                rest = behind;
                let low = rest.strip_prefix("\\u").map(utf16_unit);
                match (unit, low) {
                    (0xD800..0xDC00, Some((low @ 0xDC00..0xE000, behind))) => {
                        rest = behind;
                        let code = 0x1_0000 + ((u32::from(unit) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    _ => char::from_u32(u32::from(unit)).unwrap_or_else(|| {
                        lossy = true;
                        char::REPLACEMENT_CHARACTER
                    }),
                }
            }
            other => char::from(other),
        });
    }
    text.push_str(rest);
    (text, lossy)
}

/// The four hexadecimal digits at the start, and what follows.
fn utf16_unit(text: &str) -> (u16, &str) {
    let (digits, rest) = text.split_at_checked(4).unwrap_or((text, ""));
    (u16::from_str_radix(digits, 16).unwrap_or(0xFFFD), rest)
}
