//! The server as its users meet it: the real router on a real folder, and the real binary.

mod answers;
mod app;
mod auth;
mod cli;
mod documents;
mod guard;
mod imports;
mod ingest;
mod load;
mod published;
mod serving;
