//! A block: the batches of one group commit, framed.
//!
//! ```text
//! head     magic "GLMKLOG2" · size of content u32 · records u32 · first sequence u64 ·
//!          sequence numbers skipped before u64 · XXH3 of content u64 · XXH3 of the head so far u64
//! content  per batch: source · received_us · records u32 · events u32 · bytes
//! ```
//! All numbers are little-endian; texts and bytes have their length before them.

use xxhash_rust::xxh3::xxh3_64;

use super::record::{Batch, Reader, put_bytes};

const MAGIC: [u8; 8] = *b"GLMKLOG2";

/// Bytes of a head.
pub(crate) const HEAD_BYTES: usize = 48;

/// The head of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub content_bytes: u32,
    pub n_records: u32,
    pub first: u64,
    pub skipped: u64,
    content_hash: u64,
}

impl Head {
    /// Sequence number after the block's last record.
    pub(crate) fn end(&self) -> u64 {
        self.first + u64::from(self.n_records)
    }

    fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&self.content_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.n_records.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.skipped.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.content_hash.to_le_bytes());
        let hash = xxh3_64(&bytes[..40]);
        bytes[40..].copy_from_slice(&hash.to_le_bytes());
        bytes
    }

    /// Reads a head; `None` if these bytes are not one as it was written.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<HEAD_BYTES>()?;
        let mut reader = Reader { left: &bytes[8..] };
        let sizes = reader.word()?;
        let head = Self {
            content_bytes: sizes as u32,
            n_records: (sizes >> 32) as u32,
            first: reader.word()?,
            skipped: reader.word()?,
            content_hash: reader.word()?,
        };
        (bytes[..8] == MAGIC && reader.word()? == xxh3_64(&bytes[..40])).then_some(head)
    }

    /// Whether this is the content that was written.
    pub(crate) fn fits(&self, content: &[u8]) -> bool {
        xxh3_64(content) == self.content_hash
    }
}

/// Appends a block of batches to `out`.
pub(crate) fn put(out: &mut Vec<u8>, batches: &[Batch], first: u64, skipped: u64) {
    let start = out.len();
    out.resize(start + HEAD_BYTES, 0);
    let mut n_records = 0;
    for batch in batches {
        n_records += batch.n_records;
        put_bytes(out, batch.source.as_bytes());
        out.extend_from_slice(&batch.received_us.to_le_bytes());
        out.extend_from_slice(&batch.n_records.to_le_bytes());
        out.extend_from_slice(&batch.n_events.to_le_bytes());
        put_bytes(out, &batch.bytes);
    }
    let content = &out[start + HEAD_BYTES..];
    let head = Head {
        content_bytes: content.len() as u32,
        n_records,
        first,
        skipped,
        content_hash: xxh3_64(content),
    };
    out[start..start + HEAD_BYTES].copy_from_slice(&head.to_bytes());
}

/// The batches of a block's content; `None` if they are not what was written.
pub(crate) fn batches(content: &[u8]) -> Option<Vec<Batch>> {
    let mut reader = Reader { left: content };
    let mut batches = Vec::new();
    while !reader.left.is_empty() {
        let source = reader.text()?.to_owned();
        let received_us = reader.word()?.cast_signed();
        let counts = reader.word()?;
        let (n_records, n_events) = (counts as u32, (counts >> 32) as u32);
        batches.push(Batch { source, received_us, n_records, n_events, bytes: reader.bytes()?.to_vec() });
    }
    Some(batches)
}
