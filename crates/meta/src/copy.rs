//! Copies of the database while others write it.

use std::path::Path;

use sqlx::{ConnectOptions, Connection};

use crate::open::read_only;
use crate::{Result, from_db};

/// A stored file that a copied catalogue names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedPart {
    /// Path relative to the data folder.
    pub file: String,
    /// Size on disk.
    pub size_bytes: u64,
    /// BLAKE3 of the file, hexadecimal.
    pub blake3: String,
    /// Rows in it.
    pub n_rows: u64,
}

/// Writes a consistent copy of the database at `from` to `to`, which must not exist. Others may read and write
/// meanwhile. The copy is one file; flushing it is the caller's part.
pub async fn copy_database(from: &Path, to: &Path) -> Result<()> {
    let mut connection = read_only(from).connect().await?;
    let copied = sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy()).execute(&mut connection).await;
    connection.close().await?;
    copied?;
    Ok(())
}

/// The stored files that the catalogue of a database names. Nothing is changed.
pub async fn parts_of(database: &Path) -> Result<Vec<CopiedPart>> {
    let mut connection = read_only(database).connect().await?;
    let rows = sqlx::query_as("SELECT file, size_bytes, blake3, n_rows FROM parts ORDER BY id")
        .fetch_all(&mut connection)
        .await;
    connection.close().await?;
    let rows: Vec<(String, i64, String, i64)> = rows?;
    let part = |(file, size_bytes, blake3, n_rows)| CopiedPart {
        file,
        size_bytes: from_db(size_bytes),
        blake3,
        n_rows: from_db(n_rows),
    };
    Ok(rows.into_iter().map(part).collect())
}
