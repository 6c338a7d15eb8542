//! Where made events go: the store, the first rows of a preview, or nowhere while an interrupted import catches up.

use super::flaw::Flaw;
use store::{EventRef, PropertyId, PropertyKind, StoreError};

/// Why a row could not be taken.
#[derive(Debug)]
pub(super) enum RowError {
    /// The row is at fault: it is rejected and the import goes on.
    Flaw(Flaw),
    /// The store is at fault: the import ends.
    Store(StoreError),
}

impl From<Flaw> for RowError {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<StoreError> for RowError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Nobody => Self::Flaw(Flaw::PersonMissing),
            StoreError::TooMany { what, .. } => Self::Flaw(Flaw::TooManyNames(what.to_owned())),
            error => Self::Store(error),
        }
    }
}

/// Takes events.
pub(super) trait Sink {
    /// The code of an event name.
    fn event_code(&mut self, name: &str) -> Result<u16, RowError>;
    /// The code of a channel name.
    fn channel_code(&mut self, name: &str) -> Result<u16, RowError>;
    /// The id of a property; a key beyond the limit of properties is refused.
    fn property(&mut self, key: &str, kind: PropertyKind) -> Result<PropertyId, RowError>;
    /// Takes an event.
    fn push(&mut self, event: EventRef<'_>) -> Result<(), RowError>;
}
