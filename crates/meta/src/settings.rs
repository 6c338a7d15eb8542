//! Settings (key → text) and uploaded files waiting to be imported.

use sqlx::Row;

use crate::{Meta, Result, from_db, to_db};

/// A file the browser sent, kept until it is imported or thrown away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Unguessable id.
    pub id: String,
    /// Name on the sender's machine.
    pub file_name: String,
    /// Where it lies, relative to the workspace folder.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Who sent it.
    pub author: String,
    /// When, microseconds UTC.
    pub created_us: i64,
}

impl Meta {
    /// The value of a setting.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// All settings, ordered by key.
    pub async fn settings(&self) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as("SELECT key, value FROM settings ORDER BY key").fetch_all(&self.pool).await?)
    }

    /// Writes a setting, replacing what was there.
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<()> {
        let mut tx = self.begin_write().await?;
        sqlx::query(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Notes an uploaded file.
    pub async fn put_upload(&self, upload: &Upload) -> Result<()> {
        let mut tx = self.begin_write().await?;
        sqlx::query(
            "INSERT INTO uploads (id, file_name, path, size_bytes, author, created_us) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&upload.id)
        .bind(&upload.file_name)
        .bind(&upload.path)
        .bind(to_db(upload.size_bytes))
        .bind(&upload.author)
        .bind(upload.created_us)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// One upload.
    pub async fn upload(&self, id: &str) -> Result<Option<Upload>> {
        Ok(self.uploads().await?.into_iter().find(|upload| upload.id == id))
    }

    /// All uploads, newest first.
    pub async fn uploads(&self) -> Result<Vec<Upload>> {
        let rows = sqlx::query(
            "SELECT id, file_name, path, size_bytes, author, created_us FROM uploads ORDER BY created_us DESC, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Upload {
                    id: row.try_get("id")?,
                    file_name: row.try_get("file_name")?,
                    path: row.try_get("path")?,
                    size_bytes: from_db(row.try_get("size_bytes")?),
                    author: row.try_get("author")?,
                    created_us: row.try_get("created_us")?,
                })
            })
            .collect()
    }

    /// Forgets an upload; removing the file is the caller's part. True if it was there.
    pub async fn remove_upload(&self, id: &str) -> Result<bool> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query("DELETE FROM uploads WHERE id = ?").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
