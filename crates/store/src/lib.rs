//! The event store: immutable columnar parts, sorted by (person, time, id) and spread over buckets of
//! persons, with their catalogue in `meta`.
//!
//! * A scan gives whole persons in time order, exact duplicates taken out; so every analysis is a fold.
//! * An import becomes visible and durable all at once; a crash leaves its last checkpoint or nothing.
//! * Every byte read is checked against a checksum: a damaged file is an error, never a wrong answer.
//! * A person is known by the XXH3 of the identifier. Some two of n persons share a key, and then a
//!   history, with a probability of about n² / 2⁶⁵: 3 in a million at 10⁷ persons.

mod cache;
mod cancel;
mod chunk;
mod codes;
mod committed;
mod decode;
mod encode;
mod error;
mod identity;
mod ids;
mod live;
mod log;
mod merge;
mod merged;
mod names;
mod pack;
mod parallel;
pub mod parquet;
mod part;
mod people;
mod reader;
mod rest;
mod rows;
mod scan;
mod seal;
mod settle;
mod snapshot;
mod spread;
mod steps;
mod store;
mod tail;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_format;
mod verify;
mod writer;

pub use arrow;
pub use cancel::Cancel;
pub use chunk::PropertyValue;
pub use codes::Codes;
pub use error::{Result, StoreError};
pub use log::{Batch, Damage, LogState, NewDeadLetter, NewEvent, When};
pub use merged::Contents;
pub use names::{Names, Properties, Property, PropertyId, PropertyKind};
pub use people::{Identifier, Removed};
pub use rows::{Columns, NO_CODE, PropertyColumn, StrColumn};
pub use scan::{Amounts, Rows};
pub use snapshot::{EventStats, Snapshot};
pub use store::{IngestStats, NoImport, Options, Store, Verification, check_log};
pub use verify::{FileCheck, FolderLock, lock_folder, verify_files};
pub use writer::{EventRef, Progress, Summary, Writer};
