//! Sources that send events, with the hashes of their write keys.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{Meta, MetaError, Result};

/// A source to make.
#[derive(Clone, Copy, Debug)]
pub struct NewSource<'a> {
    /// Name, as its events will carry it.
    pub name: &'a str,
    /// Hash of its key.
    pub key_hash: &'a str,
    /// Last characters of its key, by which people tell keys apart.
    pub key_end: &'a str,
    /// Channel of events that name none; empty for none.
    pub channel: &'a str,
    /// Who made it.
    pub author: &'a str,
}

/// A source that sends events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Id.
    pub id: i64,
    /// Name, as its events carry it.
    pub name: String,
    /// Hash of its key.
    pub key_hash: String,
    /// Last characters of its key.
    pub key_end: String,
    /// Channel of events that name none; empty for none.
    pub channel: String,
    /// Who made it.
    pub author: String,
    /// When it was made, microseconds UTC.
    pub created_us: i64,
    /// When its key was revoked.
    pub revoked_us: Option<i64>,
}

fn read(row: &SqliteRow) -> Result<Source> {
    Ok(Source {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        key_hash: row.try_get("key_hash")?,
        key_end: row.try_get("key_end")?,
        channel: row.try_get("channel")?,
        author: row.try_get("author")?,
        created_us: row.try_get("created_us")?,
        revoked_us: row.try_get("revoked_us")?,
    })
}

impl Meta {
    /// Makes a source. Errors: [`MetaError::Exists`] if one of this name is not revoked.
    pub async fn create_source(&self, source: NewSource<'_>, now_us: i64) -> Result<Source> {
        let mut tx = self.begin_write().await?;
        let inserted = sqlx::query(
            "INSERT INTO sources (name, key_hash, key_end, channel, author, created_us)
             VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
        )
        .bind(source.name)
        .bind(source.key_hash)
        .bind(source.key_end)
        .bind(source.channel)
        .bind(source.author)
        .bind(now_us)
        .fetch_one(&mut *tx)
        .await;
        let made = match inserted {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(MetaError::Exists(format!("the source {}", source.name)));
            }
            other => read(&other?)?,
        };
        tx.commit().await?;
        Ok(made)
    }

    /// All sources, revoked ones too, ordered by name and age.
    pub async fn sources(&self) -> Result<Vec<Source>> {
        let rows = sqlx::query("SELECT * FROM sources ORDER BY name, id").fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Revokes a source's key. False if there is no such source, or it was revoked before.
    pub async fn revoke_source(&self, id: i64, now_us: i64) -> Result<bool> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query("UPDATE sources SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL")
            .bind(now_us)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
