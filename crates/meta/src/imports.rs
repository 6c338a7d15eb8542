//! The ledger of imports: which file, by which mapping, how far, with what result.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{Meta, MetaError, Result, from_db, to_db};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// At work, or interrupted without notice.
    Running,
    /// All lines are in.
    Done,
    /// Stopped by an error; may be resumed at its checkpoint.
    Failed,
    /// Stopped by a person; may be resumed at its checkpoint.
    Cancelled,
}

impl ImportState {
    /// The word stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(word: &str) -> Result<Self> {
        match word {
            "running" => Ok(Self::Running),
            "done" => Ok(Self::Done),
            "failed" => Ok(Self::Failed),
            "cancelled" => Ok(Self::Cancelled),
            _ => Err(MetaError::Unreadable { what: "import state", found: word.to_owned() }),
        }
    }
}

/// An import to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// Key of the mapping, with whatever tells two versions of it apart.
    pub mapping: &'a str,
    /// Name of the file, for people.
    pub file_name: &'a str,
    /// BLAKE3 of the file's bytes, hexadecimal.
    pub file_hash: &'a str,
    /// Size of the file.
    pub size_bytes: u64,
}

/// One row of the ledger. Counts are totals over all attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Id, ascending in time.
    pub id: i64,
    /// Key of the mapping.
    pub mapping: String,
    /// Name of the file.
    pub file_name: String,
    /// BLAKE3 of the file's bytes, hexadecimal.
    pub file_hash: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// Where it stands.
    pub state: ImportState,
    /// Lines read from the file.
    pub n_lines: u64,
    /// Events handed to the store, duplicates included.
    pub n_pushed: u64,
    /// Events the store did not have before.
    pub n_added: u64,
    /// Events the store had already (`n_pushed - n_added` once settled).
    pub n_duplicate: u64,
    /// Lines refused, with a reason in the rejects file.
    pub n_rejected: u64,
    /// Lines up to here are stored for good; a resumed import continues after it.
    pub checkpoint_line: u64,
    /// Start of the first attempt, microseconds UTC.
    pub started_us: i64,
    /// End of the last attempt, microseconds UTC.
    pub finished_us: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// How far an import is; absolute values that replace those of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// Which import.
    pub import_id: i64,
    /// Lines read from the file.
    pub n_lines: u64,
    /// Events handed to the store.
    pub n_pushed: u64,
    /// Lines refused.
    pub n_rejected: u64,
    /// Lines up to here are stored for good once this is committed.
    pub checkpoint_line: u64,
}

/// What counting the store after an import gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportOutcome {
    /// Which import.
    pub import_id: i64,
    /// Events added since the last count, on top of those of the ledger.
    pub n_added: u64,
    /// Set when the import is over: the time, microseconds UTC.
    pub done_us: Option<i64>,
}

fn read(row: &SqliteRow) -> Result<Import> {
    let state: String = row.try_get("state")?;
    let count = |name: &str| -> Result<u64> { Ok(from_db(row.try_get(name)?)) };
    Ok(Import {
        id: row.try_get("id")?,
        mapping: row.try_get("mapping")?,
        file_name: row.try_get("file_name")?,
        file_hash: row.try_get("file_hash")?,
        size_bytes: count("size_bytes")?,
        state: ImportState::parse(&state)?,
        n_lines: count("n_lines")?,
        n_pushed: count("n_pushed")?,
        n_added: count("n_added")?,
        n_duplicate: count("n_duplicate")?,
        n_rejected: count("n_rejected")?,
        checkpoint_line: count("checkpoint_line")?,
        started_us: row.try_get("started_us")?,
        finished_us: row.try_get("finished_us")?,
        error: row.try_get("error")?,
    })
}

impl Meta {
    /// Writes a new row of the ledger, in state running.
    pub async fn begin_import(&self, import: NewImport<'_>, now_us: i64) -> Result<Import> {
        let mut tx = self.begin_write().await?;
        let row = sqlx::query(
            "INSERT INTO imports (mapping, file_name, file_hash, size_bytes, state, started_us)
             VALUES (?, ?, ?, ?, 'running', ?) RETURNING *",
        )
        .bind(import.mapping)
        .bind(import.file_name)
        .bind(import.file_hash)
        .bind(to_db(import.size_bytes))
        .bind(now_us)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        read(&row)
    }

    /// Puts an interrupted import back to running and returns it with its checkpoint.
    ///
    /// Errors: [`MetaError::NotFound`] if there is none of this id that is not done.
    pub async fn resume_import(&self, id: i64) -> Result<Import> {
        let mut tx = self.begin_write().await?;
        let row = sqlx::query(
            "UPDATE imports SET state = 'running', finished_us = NULL, error = NULL
             WHERE id = ? AND state <> 'done' RETURNING *",
        )
        .bind(id)
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.as_ref().map_or_else(|| Err(MetaError::NotFound(format!("unfinished import {id}"))), read)
    }

    /// Ends an import as failed (with the reason) or cancelled (without). What its checkpoints stored stays.
    pub async fn stop_import(&self, id: i64, error: Option<&str>, now_us: i64) -> Result<()> {
        let state = if error.is_some() { ImportState::Failed } else { ImportState::Cancelled };
        let mut tx = self.begin_write().await?;
        sqlx::query(
            "UPDATE imports SET state = ?, error = ?, finished_us = ? WHERE id = ? AND state = 'running'",
        )
        .bind(state.as_str())
        .bind(error)
        .bind(now_us)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Marks imports still running as failed; called when a process starts, so none can be running.
    /// Returns how many.
    pub async fn stop_running_imports(&self, error: &str, now_us: i64) -> Result<u64> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query(
            "UPDATE imports SET state = 'failed', error = ?, finished_us = ? WHERE state = 'running'",
        )
        .bind(error)
        .bind(now_us)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// One import.
    pub async fn import(&self, id: i64) -> Result<Option<Import>> {
        let row =
            sqlx::query("SELECT * FROM imports WHERE id = ?").bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// The newest import of this very file by this mapping, whatever its state.
    pub async fn find_import(&self, mapping: &str, file_hash: &str) -> Result<Option<Import>> {
        let row =
            sqlx::query("SELECT * FROM imports WHERE mapping = ? AND file_hash = ? ORDER BY id DESC LIMIT 1")
                .bind(mapping)
                .bind(file_hash)
                .fetch_optional(&self.pool)
                .await?;
        row.as_ref().map(read).transpose()
    }

    /// Imports, newest first, at most `limit`.
    pub async fn imports(&self, limit: u32) -> Result<Vec<Import>> {
        let rows = sqlx::query("SELECT * FROM imports ORDER BY id DESC LIMIT ?")
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }
}
