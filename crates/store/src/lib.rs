//! The event store: immutable columnar parts, sorted by (person, time, id) and spread over buckets of
//! persons, with their catalogue in `meta`.
//!
//! * A scan gives whole persons in time order, exact duplicates taken out; so every analysis is a fold.
//! * An import becomes visible and durable all at once; a crash leaves its last checkpoint or nothing.
//! * Every byte read is checked against a checksum: a damaged file is an error, never a wrong answer.
//! * A person is known by the XXH3 of the identifier. Some two of n persons share a key, and then a
//!   history, with a probability of about n² / 2⁶⁵: 3 in a million at 10⁷ persons.

mod chunk;
mod decode;
mod encode;
mod error;
mod merge;
mod names;
pub mod parquet;
mod part;
mod rows;
mod settle;
mod snapshot;
mod spread;
mod sql;
mod store;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use arrow;
pub use chunk::PropertyValue;
pub use error::{Result, StoreError};
pub use names::{Names, Properties, Property, PropertyId, PropertyKind};
pub use rows::{Columns, NO_AMOUNT, NO_CODE, PropertyColumn, Rows, StrColumn};
pub use snapshot::{Cancel, EventStats, Snapshot};
pub use store::{Store, Verification};
pub use verify::{FileCheck, FolderLock, lock_folder, verify_files};
pub use writer::{EventRef, Progress, Summary, Writer};
