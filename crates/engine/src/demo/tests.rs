//! The truths of `docs/demo.md`, measured on the events themselves.
