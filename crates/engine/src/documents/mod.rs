//! Documents: reading, checking and applying definitions. One code path gives every kind its history.

mod check;

use crate::{Engine, EngineError};
use model::{Document, DocumentBody, Key, Kind, Problem, Problems};
use serde::Serialize;

/// How definitions are applied.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplyOptions {
    /// Only check.
    pub dry_run: bool,
    /// Accept event names that were never seen, for definitions that come before their data.
    pub allow_unknown_events: bool,
}

/// What applying did to one document.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Applied {
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
    /// Its version in force.
    pub version: i64,
    /// What happened.
    pub change: AppliedChange,
}

/// What happened to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppliedChange {
    /// It is new.
    Created,
    /// It has a new version.
    Changed,
    /// It was so already.
    Unchanged,
}

impl Engine {
    /// All documents of a kind in force, by key.
    pub async fn documents(&self, kind: Kind) -> Result<Vec<Document>, EngineError> {
        self.meta.documents(kind.as_str()).await?.into_iter().map(read).collect()
    }

    /// One document in force.
    pub async fn document(&self, kind: Kind, key: &Key) -> Result<Document, EngineError> {
        let stored = self.meta.document(kind.as_str(), key.as_str()).await?;
        stored.map(read).transpose()?.ok_or_else(|| Self::missing(kind, key))
    }

    /// All versions of a document, newest first, at most 200.
    pub async fn history(&self, kind: Kind, key: &Key) -> Result<Vec<Document>, EngineError> {
        let stored = self.meta.document_history(kind.as_str(), key.as_str(), 200).await?;
        if stored.is_empty() {
            return Err(Self::missing(kind, key));
        }
        stored.into_iter().map(read).collect()
    }

    /// Checks the documents together with what is stored and writes them: all of them or none.
    pub async fn apply(
        &self,
        bodies: &[DocumentBody],
        author: &str,
        options: ApplyOptions,
    ) -> Result<Vec<Applied>, EngineError> {
        let problems = self.check(bodies, options).await?;
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
        let mut before = Vec::with_capacity(bodies.len());
        for body in bodies {
            let stored = self.meta.document(body.kind().as_str(), body.key().as_str()).await?;
            before.push(stored.map_or(0, |document| document.version.cast_signed()));
        }
        let versions: Vec<i64> = if options.dry_run {
            before.clone()
        } else {
            let rows: Vec<_> = bodies
                .iter()
                .map(|body| (body.kind().as_str(), body.key().as_str(), definition(body)))
                .collect();
            let written = self.meta.put_documents(&rows, author, self.clock.now_us()).await?;
            self.cache.definitions_changed();
            written.into_iter().map(|document| document.version.cast_signed()).collect()
        };
        let applied = bodies.iter().zip(before).zip(versions).map(|((body, before), version)| Applied {
            kind: body.kind(),
            key: body.key().clone(),
            version,
            change: match (before, version == before) {
                (0, _) => AppliedChange::Created,
                (_, true) => AppliedChange::Unchanged,
                (_, false) => AppliedChange::Changed,
            },
        });
        Ok(applied.collect())
    }

    /// Checks and writes one document. With `base_version` only if that is still the version in force (0: none).
    pub async fn put(
        &self,
        body: &DocumentBody,
        base_version: Option<i64>,
        author: &str,
    ) -> Result<Document, EngineError> {
        let options = ApplyOptions { dry_run: false, allow_unknown_events: true };
        let problems = self.check(std::slice::from_ref(body), options).await?;
        if !problems.is_empty() {
            return Err(Problems(problems).into());
        }
        let expect = match base_version {
            None => meta::Expect::Any,
            Some(0) => meta::Expect::Absent,
            Some(version) => meta::Expect::Version(version.cast_unsigned()),
        };
        let (kind, key) = (body.kind().as_str(), body.key().as_str());
        let now_us = self.clock.now_us();
        let written = self.meta.put_document(kind, key, &definition(body), author, expect, now_us).await?;
        self.cache.definitions_changed();
        read(written)
    }

    /// Ends a document; its history stays. Refused while another document needs it.
    pub async fn delete(&self, kind: Kind, key: &Key, author: &str) -> Result<(), EngineError> {
        self.document(kind, key).await?;
        if let Some(user) = self.user_of(kind, key).await? {
            return Err(Problem::error(
                "document.in_use",
                (
                    format!("{} `{}`이(가) 이것을 쓰고 있습니다.", user.0.as_str(), user.1),
                    format!("{} `{}` uses it.", user.0.as_str(), user.1),
                ),
                ("먼저 그 문서에서 빼세요.", "Take it out of that document first."),
            )
            .into());
        }
        let now_us = self.clock.now_us();
        self.meta.delete_document(kind.as_str(), key.as_str(), author, meta::Expect::Any, now_us).await?;
        self.cache.definitions_changed();
        Ok(())
    }
}

/// The stored form: the definition with its kind.
fn definition(body: &DocumentBody) -> serde_json::Value {
    // Plain structs with string keys always have a JSON form.
    serde_json::to_value(body).unwrap_or_default()
}

fn read(stored: meta::Document) -> Result<Document, EngineError> {
    let body = serde_json::from_value(stored.body).map_err(|error| {
        Problem::error(
            "document.unreadable",
            (
                format!("저장된 {} `{}`을(를) 읽을 수 없습니다: {error}.", stored.kind, stored.key),
                format!("The stored {} `{}` cannot be read: {error}.", stored.kind, stored.key),
            ),
            ("이 버전의 Gilmok으로 다시 적용하세요.", "Apply it again with this version of Gilmok."),
        )
    })?;
    Ok(Document {
        version: stored.version.cast_signed(),
        author: stored.author,
        created_us: stored.created_us,
        body,
    })
}
