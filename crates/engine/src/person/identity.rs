//! Who is the same person as whom, said by people.

use super::ExportedLink;
use crate::{Engine, EngineError};
use model::Problem;
use store::{Identifier, StoreError};

impl Engine {
    /// Makes `from` the same person as `into`, for all of history; `by` is kept with the link, whose id is returned.
    ///
    /// Errors: problem `identity.linked` if `from` is linked to somebody already, or both are one person.
    pub async fn merge(&self, from: &Identifier, into: &Identifier, by: &str) -> Result<i64, EngineError> {
        let merged = self.store.merge(from, into, by, self.clock.now_us()).await;
        merged.map_err(|error| match error {
            StoreError::Linked { id } => Problem::error(
                "identity.linked",
                (
                    format!("`{id}`은(는) 이미 누군가에게 연결되어 있거나, 둘이 이미 같은 사람입니다."),
                    format!("`{id}` is linked to somebody already, or the two are one person already."),
                ),
                (
                    "`/identity/links`로 연결을 확인하고, 틀린 연결을 먼저 푸세요.",
                    "See its links with `/identity/links` and take the wrong one back first.",
                ),
            )
            .into(),
            error => error.into(),
        })
    }

    /// Takes a link back, for all of history; `by` is kept with it.
    ///
    /// Errors: [`EngineError::NotFound`] if no such link is in force.
    pub async fn unmerge(&self, link: i64, by: &str) -> Result<(), EngineError> {
        let undone = self.store.unmerge(link, by, self.clock.now_us()).await;
        undone.map_err(|error| match error {
            StoreError::Meta(meta::MetaError::NotFound(_)) => {
                EngineError::NotFound { kind: "link", key: link.to_string() }
            }
            error => error.into(),
        })
    }

    /// Links from or to an identifier, oldest first. Those in events of the last moments are there once these are
    /// sealed, which this does.
    pub async fn links(&self, id: &str) -> Result<Vec<ExportedLink>, EngineError> {
        self.store.seal().await?;
        Ok(self.meta.links_of(id).await?.into_iter().map(ExportedLink::from).collect())
    }
}
