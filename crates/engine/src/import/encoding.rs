//! Text of any encoding as UTF-8, block by block.
//!
//! A byte order mark decides at once. Without one a file stays undecided as long as it is pure ASCII, since that
//! reads the same in UTF-8 and in EUC-KR/CP949; the first block with other bytes decides for the rest.

use super::input::{Bytes, read_up_to};
use encoding_rs::{CoderResult, Decoder, EUC_KR, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io;

/// Bytes looked at, from the first that is not ASCII, before an encoding is decided.
const EVIDENCE_BYTES: usize = 64 << 10;
/// Bytes taken from the reader at once.
const CHUNK_BYTES: usize = 128 << 10;

enum State {
    /// Nothing was read yet.
    Start,
    /// All was ASCII so far.
    Ascii,
    /// UTF-8: bytes pass as they are, and bad ones are found row by row.
    Utf8,
    /// Anything else.
    Decode(Box<Decoder>),
}

/// A reader of UTF-8 blocks.
pub(super) struct TextBlocks {
    bytes: Bytes,
    state: State,
    stated: Option<&'static Encoding>,
    found: Option<&'static Encoding>,
    chunk: Vec<u8>,
    at_end: bool,
}

impl TextBlocks {
    /// Reads `bytes` in a stated encoding, or in the one they show.
    pub(super) fn new(bytes: Bytes, stated: Option<&'static Encoding>) -> Self {
        Self { bytes, state: State::Start, stated, found: None, chunk: Vec::new(), at_end: false }
    }

    /// The encoding in use; `None` as long as all is ASCII.
    pub(super) fn encoding(&self) -> Option<&'static Encoding> {
        self.found
    }

    /// Whether bytes pass undecoded, so that they may be bad UTF-8; else a bad byte is a U+FFFD.
    pub(super) fn passes_bytes(&self) -> bool {
        !matches!(self.state, State::Decode(_))
    }

    /// Appends to `block` until it holds `target_bytes` or the file ends. Returns whether it ended.
    pub(super) fn fill(&mut self, block: &mut Vec<u8>, target_bytes: usize) -> io::Result<bool> {
        while block.len() < target_bytes && !self.at_end {
            self.read_chunk(CHUNK_BYTES)?;
            if matches!(self.state, State::Start) {
                self.start();
            }
            if matches!(self.state, State::Ascii) {
                self.decide()?;
            }
            match &mut self.state {
                State::Decode(decoder) => decode(decoder, &self.chunk, self.at_end, block),
                _ => block.extend_from_slice(&self.chunk),
            }
            self.chunk.clear();
        }
        Ok(self.at_end)
    }

    fn read_chunk(&mut self, n_bytes: usize) -> io::Result<()> {
        let start = self.chunk.len();
        self.chunk.resize(start + n_bytes, 0);
        let n_read = read_up_to(&mut self.bytes, &mut self.chunk[start..])?;
        self.chunk.truncate(start + n_read);
        self.at_end = n_read < n_bytes;
        Ok(())
    }

    fn start(&mut self) {
        let encoding = match Encoding::for_bom(&self.chunk) {
            Some((encoding, n_bytes)) => {
                self.chunk.drain(..n_bytes);
                Some(encoding)
            }
            None => self.stated.or_else(|| bare_utf16(&self.chunk)),
        };
        self.state = State::Ascii;
        if let Some(encoding) = encoding {
            self.settle(encoding);
        }
    }

    fn settle(&mut self, encoding: &'static Encoding) {
        self.found = Some(encoding);
        self.state = if encoding == UTF_8 {
            State::Utf8
        } else {
            State::Decode(Box::new(encoding.new_decoder_without_bom_handling()))
        };
    }

    fn decide(&mut self) -> io::Result<()> {
        let Some(first) = self.chunk.iter().position(|byte| !byte.is_ascii()) else { return Ok(()) };
        while !self.at_end && self.chunk.len() - first < EVIDENCE_BYTES {
            self.read_chunk(CHUNK_BYTES)?;
        }
        self.settle(guess(&self.chunk[first..], self.at_end));
        Ok(())
    }
}

/// UTF-16 without a mark: ASCII text in it has a zero in every second byte.
fn bare_utf16(chunk: &[u8]) -> Option<&'static Encoding> {
    let sample = &chunk[..chunk.len().min(4096) & !1];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = sample.len() / 2;
    match (zeros(0), zeros(1)) {
        (_, odd) if half > 0 && odd * 10 > half * 4 => Some(UTF_16LE),
        (even, _) if half > 0 && even * 10 > half * 4 => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding of bytes that are not all ASCII.
fn guess(sample: &[u8], whole: bool) -> &'static Encoding {
    let (n_good, n_bad) = utf8_sequences(sample, whole);
    // One bad byte does not make a Korean UTF-8 file anything else: the row with it is rejected.
    if n_bad == 0 || n_good > 10 * n_bad {
        return UTF_8;
    }
    if EUC_KR.decode_without_bom_handling_and_without_replacement(cut_pair(sample)).is_some() {
        return EUC_KR;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, whole);
    detector.guess(Some(b"kr"), chardetng::Utf8Detection::Allow)
}

/// The sample without a half character at its end.
fn cut_pair(sample: &[u8]) -> &[u8] {
    let tail = sample.iter().rev().take_while(|byte| !byte.is_ascii()).count();
    &sample[..sample.len() - tail % 2]
}

/// How many characters beyond ASCII are good UTF-8, and how many bad sequences there are.
fn utf8_sequences(mut sample: &[u8], whole: bool) -> (usize, usize) {
    let (mut n_good, mut n_bad) = (0, 0);
    loop {
        let (good, rest) = match std::str::from_utf8(sample) {
            Ok(text) => (text, None),
            Err(error) => {
                let (good, bad) = sample.split_at(error.valid_up_to());
                let good = std::str::from_utf8(good).unwrap_or_default();
                // A sequence cut by the end of the sample is not bad.
                n_bad += usize::from(error.error_len().is_some() || whole);
                (good, error.error_len().map(|n_bytes| &bad[n_bytes..]))
            }
        };
        n_good += good.chars().filter(|c| !c.is_ascii()).count();
        match rest {
            Some(rest) => sample = rest,
            None => return (n_good, n_bad),
        }
    }
}

fn decode(decoder: &mut Decoder, mut chunk: &[u8], last: bool, block: &mut Vec<u8>) {
    loop {
        let room = decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(chunk.len() * 3 + 16);
        let start = block.len();
        block.resize(start + room, 0);
        let (result, n_read, n_written, _) = decoder.decode_to_utf8(chunk, &mut block[start..], last);
        block.truncate(start + n_written);
        chunk = &chunk[n_read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, Option<&'static str>) {
        let mut blocks = TextBlocks::new(Box::new(io::Cursor::new(bytes.to_vec())), None);
        let mut block = Vec::new();
        while !blocks.fill(&mut block, usize::MAX).unwrap() {}
        (String::from_utf8_lossy(&block).into_owned(), blocks.encoding().map(Encoding::name))
    }

    fn encode(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn encoding_rules() {
        let korean = "고객번호,주문일시,금액\n뷁,한글,€\n";
        assert_eq!(read(b"a,b\n"), ("a,b\n".to_owned(), None)); // ASCII needs no decision.
        assert_eq!(read(korean.as_bytes()), (korean.to_owned(), Some("UTF-8")));
        assert_eq!(read(b"\xEF\xBB\xBFa"), ("a".to_owned(), Some("UTF-8"))); // The mark is no text.
        let cp949 = "고객번호,주문일시\n뷁,똠방각하\n"; // 뷁 and 똠 stand in CP949 only.
        assert_eq!(read(&encode(EUC_KR, cp949)), (cp949.to_owned(), Some("EUC-KR")));
        let utf16: Vec<u8> = korean.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xFF, 0xFE][..], &utf16].concat();
        assert_eq!(read(&marked), (korean.to_owned(), Some("UTF-16LE")));
        let ascii16: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&ascii16), ("a,b\n1,2\n".to_owned(), Some("UTF-16BE")));
        let mut one_bad = "가나다라마바사아자차카타파하".as_bytes().to_vec();
        one_bad.push(0xFF);
        assert_eq!(read(&one_bad).1, Some("UTF-8"));
    }

    #[test]
    fn korean_may_come_late_and_cut() {
        let ascii = "0123456789\n".repeat(50_000); // Several chunks of ASCII first.
        for shift in 0..3 {
            let text = format!("{}{ascii}한글 이름\n{ascii}", "x".repeat(shift));
            assert_eq!(read(&encode(EUC_KR, &text)), (text.clone(), Some("EUC-KR")));
            assert_eq!(read(text.as_bytes()), (text, Some("UTF-8")));
        }
    }
}
