//! Sources and their write keys. A key may only write, and only until it is revoked.

use super::door::Door;
use crate::{Engine, EngineError};
use meta::{NewSource, Source};
use model::Problem;
use model::limits::NAME_CHARS_MAX;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Characters of a key by which people tell keys apart.
const KEY_END_CHARS: usize = 4;

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceView {
    /// Id.
    pub id: i64,
    /// Name, as its events carry it.
    pub name: String,
    /// Channel of events that name none; empty for none.
    pub channel: String,
    /// The last characters of its key.
    pub key_end: String,
    /// Who made it.
    pub author: String,
    /// When it was made, microseconds.
    pub created_us: i64,
    /// When its key was revoked.
    pub revoked_us: Option<i64>,
}

/// A source that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceMade {
    /// The source.
    #[serde(flatten)]
    pub source: SourceView,
    /// Its key. It is shown now and never again.
    pub key: String,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        Self {
            id: source.id,
            name: source.name,
            channel: source.channel,
            key_end: source.key_end,
            author: source.author,
            created_us: source.created_us,
            revoked_us: source.revoked_us,
        }
    }
}

/// What is stored of a key: 256 random bits need no slow hash.
fn key_hash(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex().to_string()
}

/// The sources whose keys count, by the hash of the key.
pub(super) type Keys = HashMap<String, Arc<Source>>;

impl Engine {
    /// All sources, revoked ones too.
    pub async fn sources(&self) -> Result<Vec<SourceView>, EngineError> {
        Ok(self.meta.sources().await?.into_iter().map(SourceView::from).collect())
    }

    /// Makes a source. `key` comes from who has randomness: at least 256 bits of it as text.
    ///
    /// Errors: a name that is missing, too long or taken.
    pub async fn create_source(
        &self,
        name: &str,
        channel: &str,
        author: &str,
        key: String,
    ) -> Result<SourceMade, EngineError> {
        let (name, channel) = (name.trim(), channel.trim());
        for (text, field) in [(name, "name"), (channel, "channel")] {
            if (text.is_empty() && field == "name") || text.chars().count() > NAME_CHARS_MAX {
                return Err(bad_name(field).into());
            }
        }
        let ending: Vec<char> = key.chars().rev().take(KEY_END_CHARS).collect();
        let key_end: String = ending.into_iter().rev().collect();
        let new = NewSource { name, key_hash: &key_hash(&key), key_end: &key_end, channel, author };
        let made = match self.meta.create_source(new, self.clock.now_us()).await {
            Err(meta::MetaError::Exists(_)) => return Err(EngineError::Exists { problem: name_taken(name) }),
            other => other?,
        };
        self.door.forget_keys().await;
        Ok(SourceMade { source: made.into(), key })
    }

    /// Revokes a source's key: from now on nothing more comes in by it.
    pub async fn revoke_source(&self, id: i64) -> Result<(), EngineError> {
        let revoked = self.meta.revoke_source(id, self.clock.now_us()).await?;
        self.door.forget_keys().await;
        if revoked { Ok(()) } else { Err(EngineError::NotFound { kind: "source", key: id.to_string() }) }
    }

    /// The source a key belongs to, if it counts.
    pub async fn source_of_key(&self, key: &str) -> Result<Option<Arc<Source>>, EngineError> {
        let hash = key_hash(key);
        if let Some(keys) = &*self.door.keys.read().await {
            return Ok(keys.get(&hash).cloned());
        }
        let mut kept = self.door.keys.write().await;
        // Read while the lock is held: a key that is revoked meanwhile is forgotten after this.
        let sources = self.meta.sources().await?.into_iter().filter(|source| source.revoked_us.is_none());
        let keys: Keys = sources.map(|source| (source.key_hash.clone(), Arc::new(source))).collect();
        let found = keys.get(&hash).cloned();
        *kept = Some(keys);
        Ok(found)
    }
}

impl Door {
    /// The keys in memory no longer hold.
    async fn forget_keys(&self) {
        *self.keys.write().await = None;
    }
}

fn bad_name(field: &str) -> Problem {
    Problem::error(
        "source.bad_name",
        (
            format!("소스의 `{field}`은(는) 1~{NAME_CHARS_MAX}자여야 합니다."),
            format!("The source's `{field}` has to have 1 to {NAME_CHARS_MAX} characters."),
        ),
        ("`web`, `pos`처럼 짧은 이름을 쓰세요.", "Use a short name such as `web` or `pos`."),
    )
    .at(field)
}

fn name_taken(name: &str) -> Problem {
    Problem::error(
        "source.exists",
        (format!("소스 `{name}`이(가) 이미 있습니다."), format!("There is a source `{name}` already.")),
        (
            "다른 이름을 쓰거나, 그 소스의 키를 먼저 폐기하세요.",
            "Use another name, or revoke the key of that source first.",
        ),
    )
    .at("name")
}
