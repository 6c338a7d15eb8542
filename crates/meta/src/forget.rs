//! What concerns one person beside their events: found, listed, taken out without a trace on the disk.

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};

use crate::{DeadLetterRow, Meta, Result, from_db};

/// A row that names somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The table.
    pub table: String,
    /// The row's primary key.
    pub key: String,
}

impl Meta {
    /// Dead letters whose content passes a test, oldest first. Reads all of them.
    pub async fn dead_letters_about(&self, concerns: impl Fn(&[u8]) -> bool) -> Result<Vec<DeadLetterRow>> {
        let mut found = Vec::new();
        let mut rows = sqlx::query("SELECT * FROM dead_letters ORDER BY id").fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            if !concerns(row.try_get("raw")?) {
                continue;
            }
            found.push(DeadLetterRow {
                id: from_db(row.try_get("id")?),
                received_us: row.try_get("received_us")?,
                source: row.try_get("source")?,
                code: row.try_get("code")?,
                raw: row.try_get("raw")?,
                cut: row.try_get("cut")?,
                replayed_us: row.try_get("replayed_us")?,
            });
        }
        Ok(found)
    }

    /// Removes the dead letters whose content passes a test; returns how many. All or nothing.
    pub async fn purge_dead_letters(&self, concerns: impl Fn(&[u8]) -> bool) -> Result<u64> {
        let mut tx = self.begin_write().await?;
        let mut ids: Vec<i64> = Vec::new();
        {
            let mut rows = sqlx::query("SELECT id, raw FROM dead_letters").fetch(&mut *tx);
            while let Some(row) = rows.try_next().await? {
                if concerns(row.try_get("raw")?) {
                    ids.push(row.try_get("id")?);
                }
            }
        }
        for id in &ids {
            sqlx::query("DELETE FROM dead_letters WHERE id = ?").bind(id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(ids.len() as u64)
    }

    /// Removes the dead letters that came before a time; returns how many.
    pub async fn expire_dead_letters(&self, before_us: i64) -> Result<u64> {
        let mut tx = self.begin_write().await?;
        let gone = sqlx::query("DELETE FROM dead_letters WHERE received_us < ?").bind(before_us);
        let n_gone = gone.execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        Ok(n_gone)
    }

    /// How many dead letters came before a time.
    pub async fn count_dead_letters_before(&self, before_us: i64) -> Result<u64> {
        let counted = sqlx::query_scalar("SELECT COUNT(*) FROM dead_letters WHERE received_us < ?");
        Ok(from_db(counted.bind(before_us).fetch_one(&self.pool).await?))
    }

    /// Every row of every table with a text or bytes that pass a test, at most `limit`.
    ///
    /// Cost: reads the whole database.
    pub async fn mentions(&self, names: impl Fn(&[u8]) -> bool, limit: usize) -> Result<Vec<Mention>> {
        let mut found = Vec::new();
        for table in self.tables.iter() {
            let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(&self.pool);
            while let Some(row) = rows.try_next().await? {
                if found.len() < limit && table.has(&row, &names)? {
                    found.push(Mention { table: table.name().to_owned(), key: table.key_text(&row)? });
                }
            }
        }
        Ok(found)
    }

    /// Leaves no byte of what was deleted on the disk: folds the write-ahead log into the file and empties it.
    /// (Deleted rows are overwritten in the file itself whenever they are deleted.)
    ///
    /// Returns false if a reader was in the way for ten seconds; the log is then emptied by a later call or at the end.
    pub async fn scrub(&self) -> Result<bool> {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.pool).await?;
        let busy: i64 = row.try_get(0)?;
        Ok(busy == 0)
    }
}
