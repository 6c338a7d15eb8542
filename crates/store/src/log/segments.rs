//! The files of the log: named after their first sequence number, read once when the store is opened.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::block::{self, HEAD_BYTES, Head};
use super::writer::Sequenced;
use crate::store::sync_dir;
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

/// Holds the name of the newest file of the log. A gap between two files tells that one is lost; of the last one only
/// this file can.
const NEWEST: &str = "newest";

/// The file that [`NEWEST`] names, if there is one.
pub(crate) fn newest(dir: &Path) -> Option<PathBuf> {
    let name = std::fs::read_to_string(dir.join(NEWEST)).ok()?;
    let is_ours = name.len() == self::name(0).len() && name.ends_with(".log") && !name.contains('/');
    is_ours.then(|| dir.join(name))
}

/// Notes which file is the newest: durable when this returns, and before anything in that file is acknowledged.
pub(crate) fn note_newest(dir: &Path, name: &str) -> std::io::Result<()> {
    use std::io::Write;
    let (path, begun) = (dir.join(NEWEST), dir.join("newest.begun"));
    let mut file = File::create(&begun)?;
    file.write_all(name.as_bytes())?;
    file.sync_data()?;
    std::fs::rename(&begun, &path)?;
    sync_dir(dir).map_err(std::io::Error::other)
}

/// Forgets which file is the newest, before that file goes: it holds nothing that is not in parts.
pub(crate) fn forget_newest(dir: &Path) -> Result<()> {
    let path = dir.join(NEWEST);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", &path)(error))
        }
        _ => sync_dir(dir),
    }
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

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Reads everything from sequence number `from` on. Damage is reported and stepped over, never guessed at. When
/// this returns, what was read is on disk: a process that was killed may not have flushed its last block.
pub(crate) fn recover(dir: &Path, from: u64) -> Result<Recovered> {
    let found = read(dir, from)?;
    for segment in &found.segments {
        let flushed = File::open(&segment.path).and_then(|file| file.sync_data());
        flushed.map_err(StoreError::io("flush", &segment.path))?;
    }
    Ok(found)
}

/// Reads every file of the log, for what is damaged in it or missing from sequence number `from` on.
pub(crate) fn check(dir: &Path, from: u64) -> Result<Vec<Damage>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    Ok(read(dir, from)?.damage)
}

fn read(dir: &Path, from: u64) -> Result<Recovered> {
    let mut found = Recovered { next: from, ..Recovered::default() };
    // Whatever is not in parts was not deleted: the first block holds `from`, or there is none.
    let mut expected = Some(from);
    for path in list(dir)? {
        read_segment(path, from, &mut expected, &mut found)?;
    }
    if let Some(file) = newest(dir).filter(|file| !file.exists()) {
        found.damage.push(Damage { file, offset: 0, n_bytes: 0, n_records: None, unfinished: false });
    }
    Ok(found)
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
                // The numbers of lost records are accounted for here, not once more as a gap. Those of a block
                // that was never finished are used again; if they are not, it was finished after all.
                *expected = expected.filter(|_| damage.unfinished);
                segment.damaged |= !damage.unfinished;
                found.damage.push(damage);
            }
        }
    }
    found.next = found.next.max(segment.end);
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

/// The sectors of a file from an offset on; the first and the last may be parts of one.
fn sectors(bytes: &[u8], at: usize) -> impl Iterator<Item = &[u8]> {
    let (first, rest) = bytes[at..].split_at((SECTOR_BYTES - at % SECTOR_BYTES).min(bytes.len() - at));
    std::iter::once(first).chain(rest.chunks(SECTOR_BYTES))
}

/// Describes what cannot be read at `at`: up to the next block that can, or to the end.
fn damage_at(path: &Path, bytes: &[u8], at: usize) -> Damage {
    let left = &bytes[at..];
    let head = Head::read(left);
    let next = (1..left.len()).find(|&skip| Head::read(&left[skip..]).is_some());
    let n_bytes = next.unwrap_or(left.len());
    let whole = |head: Head| left.len() >= HEAD_BYTES + head.content_bytes as usize;
    // A file that ends inside a block was being written; one that ends in a block with a sector of zeros, too:
    // that sector never reached the disk before the power went.
    let cut_short = left.len() < HEAD_BYTES || head.is_some_and(|head| !whole(head));
    let zeros = sectors(bytes, at).any(|sector| sector.iter().all(|&byte| byte == 0));
    Damage {
        file: path.to_owned(),
        offset: at as u64,
        n_bytes: n_bytes as u64,
        n_records: head.map(|head| u64::from(head.n_records)),
        unfinished: next.is_none() && (cut_short || zeros),
    }
}
