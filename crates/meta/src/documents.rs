//! Versioned documents: journeys, metrics, personas, maps … One row per version, none ever changed.

use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{Damage, Meta, MetaError, Result, checks, from_db, to_db};

/// One version of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Kind, such as `journey` or `segment`.
    pub kind: String,
    /// Key, unique within the kind.
    pub key: String,
    /// Counts from 1 without gaps.
    pub version: u64,
    /// True for a tombstone: the document does not exist from this version on.
    pub deleted: bool,
    /// The content; of a tombstone, the content it had before.
    pub body: Value,
    /// Who wrote this version.
    pub author: String,
    /// When, microseconds UTC.
    pub created_us: i64,
}

/// What a writer believes to be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Write whatever is there.
    Any,
    /// The document does not exist (or is deleted).
    Absent,
    /// Exactly this version is in force.
    Version(u64),
}

fn read(row: &SqliteRow) -> Result<Document> {
    let body: String = row.try_get("body")?;
    Ok(Document {
        kind: row.try_get("kind")?,
        key: row.try_get("key")?,
        version: from_db(row.try_get("version")?),
        deleted: row.try_get("deleted")?,
        body: serde_json::from_str(&body)
            .map_err(|_| MetaError::Unreadable { what: "document body", found: body })?,
        author: row.try_get("author")?,
        created_us: row.try_get("created_us")?,
    })
}

impl Meta {
    /// Writes a new version and returns it. A body equal to the one in force writes nothing and
    /// returns what is in force, so that applying the same files twice leaves no trace.
    ///
    /// Errors: [`MetaError::Conflict`] if `expect` does not hold; nothing is written then.
    #[expect(clippy::too_many_arguments, reason = "one per column of the row, and the expectation")]
    pub async fn put_document(
        &self,
        kind: &str,
        key: &str,
        body: &Value,
        author: &str,
        expect: Expect,
        now_us: i64,
    ) -> Result<Document> {
        self.write_document(Version { kind, key, body: Some(body), author, expect, now_us }).await
    }

    /// Ends the document with a tombstone; its history stays readable.
    ///
    /// Errors: [`MetaError::NotFound`] if it does not exist, [`MetaError::Conflict`] as in `put_document`.
    pub async fn delete_document(
        &self,
        kind: &str,
        key: &str,
        author: &str,
        expect: Expect,
        now_us: i64,
    ) -> Result<Document> {
        self.write_document(Version { kind, key, body: None, author, expect, now_us }).await
    }

    /// A version, unless it is one of those found damaged.
    fn read_sound(&self, row: &SqliteRow) -> Result<Document> {
        let (kind, key): (&str, &str) = (row.try_get("kind")?, row.try_get("key")?);
        let version: i64 = row.try_get("version")?;
        let own = format!("{kind}/{key}/{version}");
        for damage in self.damage() {
            if matches!(damage, Damage::Rows { table, keys } if table == "documents" && keys.contains(&own)) {
                return Err(MetaError::Damaged(vec![Damage::Rows {
                    table: "documents".to_owned(),
                    keys: vec![own],
                }]));
            }
        }
        read(row)
    }

    async fn write_document(&self, version: Version<'_>) -> Result<Document> {
        let mut tx = self.begin_write().await?;
        let written = write_in(&mut tx, version).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// Writes new versions of several documents in one transaction, whatever is there: all of them or none.
    /// Returns them in the same order; a body equal to the one in force writes nothing.
    pub async fn put_documents(
        &self,
        bodies: &[(&str, &str, Value)],
        author: &str,
        now_us: i64,
    ) -> Result<Vec<Document>> {
        let mut tx = self.begin_write().await?;
        let mut written = Vec::with_capacity(bodies.len());
        for (kind, key, body) in bodies {
            let version = Version { kind, key, body: Some(body), author, expect: Expect::Any, now_us };
            written.push(write_in(&mut tx, version).await?);
        }
        tx.commit().await?;
        Ok(written)
    }

    /// The version in force, or `None` if absent or deleted.
    pub async fn document(&self, kind: &str, key: &str) -> Result<Option<Document>> {
        let newest = self.document_history(kind, key, 1).await?.pop();
        Ok(newest.filter(|document| !document.deleted))
    }

    /// One version, tombstones included.
    pub async fn document_version(&self, kind: &str, key: &str, version: u64) -> Result<Option<Document>> {
        let row = sqlx::query(
            "SELECT kind, key, version, deleted, body, author, created_us FROM documents
             WHERE kind = ? AND key = ? AND version = ?",
        )
        .bind(kind)
        .bind(key)
        .bind(to_db(version))
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(|row| self.read_sound(row)).transpose()
    }

    /// All versions, newest first, at most `limit`.
    pub async fn document_history(&self, kind: &str, key: &str, limit: u32) -> Result<Vec<Document>> {
        let rows = sqlx::query(
            "SELECT kind, key, version, deleted, body, author, created_us FROM documents
             WHERE kind = ? AND key = ? ORDER BY version DESC LIMIT ?",
        )
        .bind(kind)
        .bind(key)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.read_sound(row)).collect()
    }

    /// All documents of a kind that exist, each in the version in force, ordered by key.
    pub async fn documents(&self, kind: &str) -> Result<Vec<Document>> {
        let rows = sqlx::query(
            "SELECT kind, key, version, deleted, body, author, created_us FROM documents AS d
             WHERE kind = ? AND deleted = 0 AND version =
                (SELECT max(version) FROM documents AS n WHERE n.kind = d.kind AND n.key = d.key)
             ORDER BY key",
        )
        .bind(kind)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.read_sound(row)).collect()
    }
}

/// A version to write; without a body, a tombstone.
struct Version<'a> {
    kind: &'a str,
    key: &'a str,
    body: Option<&'a Value>,
    author: &'a str,
    expect: Expect,
    now_us: i64,
}

async fn write_in(tx: &mut checks::Write, version: Version<'_>) -> Result<Document> {
    let Version { kind, key, body, author, expect, now_us } = version;
    let newest = sqlx::query(
        "SELECT kind, key, version, deleted, body, author, created_us FROM documents
         WHERE kind = ? AND key = ? ORDER BY version DESC LIMIT 1",
    )
    .bind(kind)
    .bind(key)
    .fetch_optional(&mut **tx)
    .await?;
    let newest = newest.as_ref().map(read).transpose()?;
    let live = newest.as_ref().filter(|document| !document.deleted);
    let holds = match expect {
        Expect::Any => true,
        Expect::Absent => live.is_none(),
        Expect::Version(version) => live.is_some_and(|document| document.version == version),
    };
    if !holds {
        return Err(MetaError::Conflict { current: live.map_or(0, |document| document.version) });
    }
    let deleted = body.is_none();
    let body = match (body, live) {
        (Some(body), Some(live)) if live.body == *body => return Ok(live.clone()),
        (Some(body), _) => body,
        (None, Some(live)) => &live.body,
        (None, None) => return Err(MetaError::NotFound(format!("{kind} {key}"))),
    };
    let written = Document {
        kind: kind.to_owned(),
        key: key.to_owned(),
        version: newest.as_ref().map_or(1, |document| document.version + 1),
        deleted,
        body: body.clone(),
        author: author.to_owned(),
        created_us: now_us,
    };
    sqlx::query(
        "INSERT INTO documents (kind, key, version, deleted, body, author, created_us)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(kind)
    .bind(key)
    .bind(to_db(written.version))
    .bind(written.deleted)
    .bind(written.body.to_string())
    .bind(author)
    .bind(now_us)
    .execute(&mut **tx)
    .await?;
    Ok(written)
}
