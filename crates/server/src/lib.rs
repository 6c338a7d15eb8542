//! The binary `gilmok`: command line, HTTP API, accounts, embedded UI.
//!
//! A library so that the integration tests drive the real router; `main.rs` only starts [`cli::run`].

pub mod api;
pub mod app;
pub mod asking;
pub mod auth;
pub mod backups;
pub mod cli;
pub mod embed;
pub mod export;
pub mod extract;
pub mod failure;
pub mod guard;
pub mod http;
pub mod intake;
pub mod jobs;
pub mod listen;
pub mod pg;
pub mod schema;
pub mod system;
pub mod uploads;
