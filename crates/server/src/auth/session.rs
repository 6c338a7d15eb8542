//! Session tokens and their cookie.

/// Name of the session cookie over plain HTTP.
pub const COOKIE: &str = "gilmok_session";
