//! What every handler shares: the engine, the settings of this server, and what lives in memory only.

use crate::asking::Asking;
use crate::auth::guess::Guesses;
use crate::auth::links::Links;
use crate::auth::password::Passwords;
use crate::backups::Backups;
use crate::failure::{Class, Failure};
use crate::intake::Intake;
use crate::jobs::Jobs;
use engine::{Engine, EngineError};
use std::sync::Arc;
use std::time::Duration;
use store::{Cancel, StoreError};

/// The state of the server. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// What the clones share.
pub struct Shared {
    /// The data folder.
    pub engine: Engine,
    /// How this server runs.
    pub settings: Settings,
    /// Hashing of passwords.
    pub passwords: Passwords,
    /// Wrong tries at signing in.
    pub guesses: Guesses,
    /// One-time sign-in links.
    pub links: Links,
    /// Questions that are being answered.
    pub asking: Asking,
    /// Imports in the background.
    pub jobs: Jobs,
    /// What stands before the door for events.
    pub intake: Intake,
    /// Backups in the background.
    pub backups: Backups,
}

/// How a server runs; fixed when it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Only this machine can reach the server.
    pub loopback: bool,
    /// Where people reach it from outside, such as `https://journeys.example.com`.
    pub public_url: Option<PublicUrl>,
    /// Who may make the first account.
    pub setup: Setup,
    /// Largest file that may be uploaded.
    pub upload_bytes_max: u64,
    /// Longest time an answer may take.
    pub answer_timeout: Duration,
    /// Events a second that one source may send; any number when absent.
    pub source_rate_max: Option<u32>,
    /// Where `/` leads instead of the list of journeys.
    pub home: Option<String>,
}

/// Who may make the first account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setup {
    /// Whoever reaches the server: only this machine can.
    Open,
    /// Whoever knows the code printed at the start; its hash.
    Code(String),
}

/// An origin: scheme and authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    authority: String,
}

impl std::str::FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (https, authority) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err("it starts with https:// or http://".to_owned()),
        };
        let authority = authority.trim_end_matches('/').to_lowercase();
        let parsed: Result<axum::http::uri::Authority, _> = authority.parse();
        match parsed {
            Ok(parsed) if !parsed.host().is_empty() && !authority.contains('@') => {
                Ok(Self { https, authority })
            }
            _ => Err("write scheme and host only, such as https://journeys.example.com".to_owned()),
        }
    }
}

impl PublicUrl {
    /// Scheme and authority, as in the `Origin` header.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }

    /// Host and port, as in the `Host` header.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl Settings {
    /// Settings of a server on this machine alone.
    pub fn local() -> Self {
        Self {
            loopback: true,
            public_url: None,
            setup: Setup::Open,
            upload_bytes_max: 4 << 30,
            answer_timeout: Duration::from_secs(60),
            source_rate_max: None,
            home: None,
        }
    }

    /// Whether browsers come by https, so that cookies may be bound to it.
    pub fn secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.https)
    }
}

impl App {
    /// A server on an open data folder.
    pub fn new(engine: Engine, settings: Settings) -> Self {
        Self(Arc::new(Shared {
            asking: Asking::default(),
            jobs: Jobs::default(),
            intake: Intake::default(),
            backups: Backups::default(),
            engine,
            settings,
            passwords: Passwords::default(),
            guesses: Guesses::default(),
            links: Links::default(),
        }))
    }
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Stops the scan of a request whose client has gone away: the handler's future is dropped, and this with it.
#[derive(Default)]
pub struct CancelOnDrop(Cancel);

impl std::ops::Deref for CancelOnDrop {
    type Target = Cancel;

    fn deref(&self) -> &Cancel {
        &self.0
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let class = match &error {
            EngineError::Problems(_) | EngineError::Sql(_) => Class::Invalid,
            EngineError::Corrupt(_) => Class::Corrupt,
            EngineError::NotFound { .. } => Class::NotFound,
            EngineError::Conflict { .. } | EngineError::Exists { .. } => Class::Conflict,
            EngineError::Cancelled => Class::Cancelled,
            EngineError::Store(StoreError::Locked { .. }) => Class::Locked,
            EngineError::Store(StoreError::Corrupt { .. }) => Class::Corrupt,
            EngineError::Store(StoreError::Io { source, .. }) if is_full(source) => Class::Busy,
            EngineError::Store(StoreError::Full | StoreError::Overloaded | StoreError::Stopped) => {
                Class::Busy
            }
            EngineError::Meta(error) if error.is_corrupt() => Class::Corrupt,
            EngineError::Meta(meta::MetaError::Newer { .. }) => Class::Conflict,
            EngineError::Meta(meta::MetaError::NotFound(_)) => Class::NotFound,
            EngineError::Meta(meta::MetaError::Exists(_)) => Class::Conflict,
            EngineError::Store(_) | EngineError::Meta(_) | EngineError::Internal(_) => Class::Internal,
        };
        if matches!(class, Class::Internal | Class::Corrupt) {
            tracing::error!(%error, "the engine failed");
        }
        let failure = Self::many(class, error.problems());
        match error {
            EngineError::Conflict { current } => failure.with_current_version(current),
            EngineError::Store(StoreError::Overloaded) => failure.retry_after(1),
            EngineError::Store(StoreError::Io { .. } | StoreError::Full | StoreError::Stopped)
                if class == Class::Busy =>
            {
                failure.retry_after(30)
            }
            _ => failure,
        }
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

/// A failure of the document database.
pub fn meta_failure(error: meta::MetaError) -> Failure {
    EngineError::from(error).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls() {
        for (text, origin) in [
            ("https://journeys.example.com", "https://journeys.example.com"),
            ("https://Journeys.example.com/", "https://journeys.example.com"),
            ("http://10.0.0.7:7070", "http://10.0.0.7:7070"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().origin(), origin);
        }
        for bad in ["journeys.example.com", "ftp://a", "https://", "https://a/b", "https://me@a"] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }
}
