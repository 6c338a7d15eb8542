//! The files of the log: named after their first sequence number, read once when the store is opened.

use std::path::{Path, PathBuf};

use super::block::{self, HEAD_BYTES, Head};
use super::writer::Sequenced;
use crate::{Result, StoreError};

/// A file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub path: PathBuf,
    /// Sequence number after its last record.
    pub end: u64,
    pub size_bytes: u64,
    /// Something in it is not what was written: it is kept aside instead of being deleted.
    pub damaged: bool,
}

/// Something in the log that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub offset: u64,
    /// How many bytes cannot be read.
    pub n_bytes: u64,
    /// How many records are lost, where that can be told.
    pub n_records: Option<u64>,
    /// True for the end of a file that stops in the middle of a block, as after a crash: what it held was
    /// never acknowledged, unless the file was cut by something else.
    pub unfinished: bool,
}

/// What the log held.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// Batches with records that are not in parts yet, in order.
    pub batches: Vec<Sequenced>,
    /// Sequence number for the next record.
    pub next: u64,
    pub segments: Vec<Segment>,
    pub damage: Vec<Damage>,
}

/// The name of the segment that begins with a sequence number.
pub(crate) fn name(first: u64) -> String {
    format!("{first:020}.log")
}

/// Files of the log in order.
fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(StoreError::io("list", dir))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(StoreError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads everything from sequence number `from` on. Damage is reported and stepped over, never guessed at.
pub(crate) fn recover(dir: &Path, from: u64) -> Result<Recovered> {
    let mut found = Recovered { next: from, ..Recovered::default() };
    let mut expected = None;
    for path in list(dir)? {
        read_segment(path, from, &mut expected, &mut found)?;
    }
    Ok(found)
}

/// Reads every file of the log, for what is damaged in it.
pub(crate) fn check(dir: &Path) -> Result<Vec<Damage>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    // Nothing is kept: all records lie below this number.
    Ok(recover(dir, u64::MAX)?.damage)
}

fn read_segment(path: PathBuf, from: u64, expected: &mut Option<u64>, found: &mut Recovered) -> Result<()> {
    let bytes = std::fs::read(&path).map_err(StoreError::io("read", &path))?;
    let first = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
    let mut segment =
        Segment { path, end: first.unwrap_or(0), size_bytes: bytes.len() as u64, damaged: false };
    let mut at = 0;
    while at < bytes.len() {
        match block_at(&bytes[at..]) {
            Some((head, content)) => {
                note_gap(&segment, at, &head, *expected, found);
                *expected = Some(head.end());
                segment.end = head.end();
                keep(&head, content, from, found);
                at += HEAD_BYTES + content.len();
            }
            None => {
                let damage = damage_at(&segment.path, &bytes, at);
                at += damage.n_bytes as usize;
                // The numbers of lost records are accounted for here, not once more as a gap.
                *expected = None;
                segment.damaged |= !damage.unfinished;
                found.damage.push(damage);
            }
        }
    }
    found.next = found.next.max(if from == u64::MAX { 0 } else { segment.end });
    found.segments.push(segment);
    Ok(())
}

/// The block at the start of these bytes, if it is whole and as it was written.
fn block_at(bytes: &[u8]) -> Option<(Head, &[u8])> {
    let head = Head::read(bytes)?;
    let content = bytes[HEAD_BYTES..].get(..head.content_bytes as usize)?;
    head.fits(content).then_some((head, content))
}

/// Numbers that are missing between two blocks belonged to a file that is gone.
fn note_gap(segment: &Segment, at: usize, head: &Head, expected: Option<u64>, found: &mut Recovered) {
    let Some(expected) = expected else { return };
    let missing = head.first.saturating_sub(head.skipped).saturating_sub(expected);
    if missing > 0 {
        found.damage.push(Damage {
            file: segment.path.clone(),
            offset: at as u64,
            n_bytes: 0,
            n_records: Some(missing),
            unfinished: false,
        });
    }
}

fn keep(head: &Head, content: &[u8], from: u64, found: &mut Recovered) {
    if head.end() <= from {
        return;
    }
    let mut first = head.first;
    // The checksum fits, so the content is what was written.
    for batch in block::batches(content).unwrap_or_default() {
        let n_records = u64::from(batch.n_records);
        if first >= from {
            found.batches.push(Sequenced { first, batch });
        }
        first += n_records;
    }
}

/// Describes what cannot be read at `at`: up to the next block that can, or to the end.
fn damage_at(path: &Path, bytes: &[u8], at: usize) -> Damage {
    let left = &bytes[at..];
    let head = Head::read(left);
    let next = (1..left.len()).find(|&skip| Head::read(&left[skip..]).is_some());
    let n_bytes = next.unwrap_or(left.len());
    let whole = |head: Head| left.len() >= HEAD_BYTES + head.content_bytes as usize;
    // A file that ends inside a block, or in zeros a file system put there, was being written.
    let cut_short = left.len() < HEAD_BYTES || head.is_some_and(|head| !whole(head));
    let zeros = left.iter().all(|&byte| byte == 0);
    Damage {
        file: path.to_owned(),
        offset: at as u64,
        n_bytes: n_bytes as u64,
        n_records: head.map(|head| u64::from(head.n_records)),
        unfinished: next.is_none() && (cut_short || zeros),
    }
}
