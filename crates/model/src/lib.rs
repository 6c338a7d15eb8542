//! The words of Gilmok: events, people, journeys, maps and the questions asked of them.
//!
//! Plain validated types that serialise to JSON and YAML. No I/O, no async, no wall clock:
//! time comes in through [`Clock`], randomness through [`Rng`].

mod arithmetic;
pub mod ask;
pub mod document;
pub mod event;
pub mod insight;
pub mod journey;
pub mod key;
pub mod limits;
pub mod map;
pub mod mapping;
pub mod metric;
pub mod problem;
pub mod rule;
pub mod segment;
pub mod text;
pub mod time;
pub mod view;
pub mod workspace;

mod random;
mod read;

pub use arithmetic::Arithmetic;
pub use document::{Document, DocumentBody, Kind};
pub use event::{PersonKey, Value, person_key};
pub use key::Key;
pub use problem::{Place, Problem, Problems, Severity};
pub use random::Rng;
pub use read::{read_json, read_yaml, write_yaml};
pub use text::{Lang, Text};
pub use time::{Clock, Duration};
