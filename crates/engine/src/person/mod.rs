//! One person, everywhere: who they are, all that is stored about them, and taking it out for good.

mod erase;
mod export;
mod files;
mod identity;
mod needle;

pub use erase::{Erasure, RemovedFile};
pub use export::{ExportedEvent, ExportedLetter, ExportedLink, PersonExport};
pub use files::Place;

use crate::{Engine, EngineError};
use model::event::{person_from_text, person_text};
use needle::Needles;
use std::collections::BTreeSet;
use store::Identifier;

/// A person's key and all identifiers that lead to it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The person, and the keys of the identifiers by themselves.
    pub keys: BTreeSet<u64>,
    /// Known after login.
    pub user_ids: BTreeSet<String>,
    /// Cookies, devices, receipts.
    pub anonymous_ids: BTreeSet<String>,
}

impl Known {
    pub fn needles(&self) -> Needles {
        Needles::new(self.user_ids.iter().chain(&self.anonymous_ids))
    }

    fn add(&mut self, id: Identifier) -> bool {
        self.keys.insert(id.key());
        match id {
            Identifier::User(id) => self.user_ids.insert(id),
            Identifier::Anonymous(id) => self.anonymous_ids.insert(id),
        }
    }
}

impl Engine {
    /// The key, as 16 hexadecimal digits, of the person with this user id, or else with this anonymous id.
    ///
    /// Errors: [`EngineError::NotFound`] if nothing stored has it.
    pub async fn person_named(&self, id: &str) -> Result<String, EngineError> {
        let candidates = [Identifier::User(id.to_owned()), Identifier::Anonymous(id.to_owned())];
        for candidate in candidates {
            let person = self.store.person_of(&candidate);
            let known = self.identifiers(person).await?;
            if !known.user_ids.is_empty() || !known.anonymous_ids.is_empty() {
                return Ok(person_text(person));
            }
        }
        Err(EngineError::NotFound { kind: "person", key: id.to_owned() })
    }

    /// The key behind 16 hexadecimal digits.
    pub(crate) fn person_key(person: &str) -> Result<u64, EngineError> {
        person_from_text(person)
            .ok_or_else(|| EngineError::NotFound { kind: "person", key: person.to_owned() })
    }

    /// All identifiers of a person: those of the events, and those linked to them in force.
    pub(crate) async fn identifiers(&self, person: u64) -> Result<Known, EngineError> {
        let snapshot = self.store.snapshot();
        let read = tokio::task::spawn_blocking(move || snapshot.person(person));
        let rows = read.await.map_err(|error| EngineError::Internal(error.to_string()))??;
        let mut known = Known {
            keys: BTreeSet::from([person]),
            user_ids: BTreeSet::new(),
            anonymous_ids: BTreeSet::new(),
        };
        for row in rows.rows_of(person) {
            if let Some(id) = rows.user_id.get(row) {
                known.add(Identifier::User(id.to_owned()));
            }
            if let Some(id) = rows.anonymous_id.get(row) {
                let id = Identifier::Anonymous(id.to_owned());
                // A shared device stands in the events of all who used it, and belongs to one of them at most.
                if self.store.person_of(&id) == person {
                    known.add(id);
                }
            }
        }
        self.follow_links(person, &mut known).await?;
        Ok(known)
    }

    /// Adds what is linked to an identifier and belongs to the person, until there is nothing new.
    async fn follow_links(&self, person: u64, known: &mut Known) -> Result<(), EngineError> {
        let mut next: Vec<String> = known.user_ids.iter().chain(&known.anonymous_ids).cloned().collect();
        while let Some(id) = next.pop() {
            for link in self.meta.links_of(&id).await? {
                if link.state != meta::LinkState::InForce {
                    continue;
                }
                for (kind, id) in [(link.from_kind, link.from_id), (link.into_kind, link.into_id)] {
                    let id = match kind {
                        meta::IdKind::User => Identifier::User(id),
                        meta::IdKind::Anonymous => Identifier::Anonymous(id),
                    };
                    let text = match &id {
                        Identifier::User(id) | Identifier::Anonymous(id) => id.clone(),
                    };
                    if self.store.person_of(&id) == person && known.add(id) {
                        next.push(text);
                    }
                }
            }
        }
        Ok(())
    }
}
