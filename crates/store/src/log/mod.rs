//! The durable log: what came through the door, in order, on disk before anyone is told so.
//!
//! * Requests that come while the disk is busy share the next block and its one `fdatasync` (group commit).
//! * Each block has a checksum for its head and one for its content; each record has a sequence number.
//! * Whatever is in parts is deleted from the log; see [`crate::Store::seal`].
//! * A block that did not fit (disk full) is cut off again and refused; a flush that failed stops the log for
//!   good, because nobody can know what reached the disk: the process must end and read the log anew.

mod block;
mod record;
mod segments;
mod writer;

pub use record::{Batch, NewDeadLetter, NewEvent, When};
pub(crate) use record::{LoggedEvent, Record};
pub use segments::Damage;
pub(crate) use segments::{check, recover};
pub use writer::LogState;
pub(crate) use writer::{Figures, Log, Sequenced};
