//! The server as its users meet it: the real router on a real folder, and the real binary.

mod answers;
mod app;
mod auth;
mod backups;
mod cli;
mod compat;
mod documents;
mod expiry;
mod guard;
mod imports;
mod ingest;
mod load;
mod person;
mod published;
mod serving;
mod sql;
mod wire;
