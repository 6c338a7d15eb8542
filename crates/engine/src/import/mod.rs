//! Import: files become events, traits or series by a mapping.
//!
//! A file runs through two threads: one decompresses, decodes and splits it into batches of rows, the other maps the
//! rows and pushes events to the store. Memory is bounded whatever the size of the file or of a line.
//!
//! * Every row of the file is counted in the [`Tally`]: as an event, or with the reason why it is none.
//! * What cannot be understood is a reject line or a [`model::Problem`] that says how to mend it, never a guess.
//! * An import is resumable and repeatable: events have ids made of the mapping, the line and the row (or of columns
//!   that the mapping names), so that the store drops what it has.

mod batch;
mod compile;
mod csv;
pub(crate) mod decimal;
mod encoding;
mod feed;
mod flaw;
mod group;
mod input;
mod inspect;
mod keep;
mod lookup;
mod ndjson;
mod parquet;
mod plan;
mod preview;
mod problems;
mod progress;
mod rejects;
mod run;
mod series;
mod sink;
mod source;
mod suggest;
pub(crate) mod time;
pub(crate) mod value;

pub use feed::Tally;
pub use flaw::Flaw;
pub use input::Compression;
pub use preview::{Preview, PreviewColumn, PreviewEvent, preview};
pub use progress::Progress;
pub use rejects::Reason;
pub use run::{ImportReport, ImportRequest, run};

#[cfg(test)]
mod tests;
