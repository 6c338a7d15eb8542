//! Where events, folds and documents meet: import, demo company, documents, questions, maps and SQL.
//!
//! [`Engine`] owns one data folder. Its functions are what the HTTP routes and the CLI call; each answers with
//! warnings and fails only at the edges, with [`EngineError`] whose problems speak Korean and English.

pub mod backup;
pub mod bench;
pub mod demo;
pub mod documents;
pub mod expiry;
pub mod import;
pub mod ingest;
pub mod map;
pub mod person;
pub mod query;
pub mod sql;
pub mod templates;
pub mod verify;

mod open;
mod spreadsheet;

pub use open::{Engine, EngineError};
