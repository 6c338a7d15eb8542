//! The catalogue of the event store: its parts, names, properties and counts. Every change of it is one
//! transaction, which also moves the ledger of the import and writes the links it found: a crash leaves
//! either all of it or nothing.

use sqlx::{Row, SqliteConnection};

use crate::{
    DeadLetterRow, ErasedRow, ImportOutcome, ImportProgress, LinkRow, Meta, MetaError, Replayed, Reroute,
    Result, UntimedRow, from_db, ingest, links, to_db,
};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// Name of an event.
    Event,
    /// Name of a channel; code 0 means none and is never stored.
    Channel,
}

impl NameKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Channel => "channel",
        }
    }
}

/// A name and its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// What it stands for.
    pub kind: NameKind,
    /// Code in the stored rows; never changes, never used again.
    pub code: u32,
    /// The name.
    pub name: String,
}

/// A property: one key with one kind of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyRow {
    /// Id; never changes.
    pub id: u32,
    /// Key as in the data.
    pub key: String,
    /// `string`, `number` or `bool`.
    pub kind: String,
}

/// A stored file of events of one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRow {
    /// Id, ascending in time of writing.
    pub id: u64,
    /// Bucket of its persons.
    pub bucket: u32,
    /// Path relative to the store's folder.
    pub file: String,
    /// Size on disk.
    pub size_bytes: u64,
    /// About what its rows take in memory with all columns.
    pub decoded_bytes: u64,
    /// BLAKE3 of the file, hexadecimal.
    pub blake3: String,
    /// Checksums of its segments and footer, in the store's own form.
    pub checks: Vec<u8>,
    /// Rows in it.
    pub n_rows: u64,
    /// Earliest time in it.
    pub min_time_us: i64,
    /// Latest time in it.
    pub max_time_us: i64,
}

/// Exact counts of one bucket, duplicates taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketRow {
    /// Which bucket.
    pub bucket: u32,
    /// Distinct events.
    pub n_events: u64,
    /// Distinct persons.
    pub n_persons: u64,
}

/// All of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Grows by one with each change.
    pub version: u64,
    /// Buckets persons are spread over; fixed when the store is made.
    pub n_buckets: u32,
    /// True while stored rows wait to be counted and re-routed.
    pub unsettled: bool,
    /// The import those rows came from, if it has a row in the ledger.
    pub unsettled_import: Option<i64>,
    /// All names.
    pub names: Vec<NameRow>,
    /// All properties.
    pub properties: Vec<PropertyRow>,
    /// All parts, by bucket and id.
    pub parts: Vec<PartRow>,
    /// Counts of the buckets that hold anything.
    pub buckets: Vec<BucketRow>,
    /// Records of the log with a smaller sequence number are in parts.
    pub log_sequence: u64,
}

/// One change of the catalogue. Empty fields change nothing.
#[derive(Clone, Debug, Default)]
pub struct CatalogueChange {
    /// New names.
    pub names: Vec<NameRow>,
    /// New properties.
    pub properties: Vec<PropertyRow>,
    /// New links.
    pub links: Vec<LinkRow>,
    /// Persons whose rows in some parts must be re-routed.
    pub reroutes: Vec<Reroute>,
    /// How far the log is in parts after this change.
    pub log_sequence: Option<u64>,
    /// New dead letters.
    pub dead_letters: Vec<DeadLetterRow>,
    /// Dead letters that were accepted when sent again.
    pub replayed: Vec<Replayed>,
    /// Times given to events that came without one.
    pub untimed: Vec<UntimedRow>,
    /// Persons to forget; their links go too.
    pub erased: Vec<ErasedRow>,
    /// Parts to add; their files are on disk.
    pub add: Vec<PartRow>,
    /// Parts to take out, by id; every one must exist.
    pub remove: Vec<u64>,
    /// Counts that replace those of their buckets.
    pub buckets: Vec<BucketRow>,
    /// Whether rows wait to be counted and re-routed after this change.
    pub unsettled: bool,
    /// The import at work.
    pub import_id: Option<i64>,
    /// How far it is.
    pub progress: Option<ImportProgress>,
    /// What counting gave.
    pub outcome: Option<ImportOutcome>,
}

impl Meta {
    /// The catalogue, made with `n_buckets` if there is none yet.
    pub async fn catalogue(&self, n_buckets: u32) -> Result<Catalogue> {
        let mut tx = self.begin_write().await?;
        sqlx::query(
            "INSERT INTO catalogue (one, version, n_buckets) VALUES (1, 0, ?) ON CONFLICT DO NOTHING",
        )
        .bind(n_buckets)
        .execute(&mut *tx)
        .await?;
        let head = sqlx::query("SELECT version, n_buckets, unsettled, unsettled_import, log_sequence FROM catalogue")
            .fetch_one(&mut *tx)
            .await?;
        let catalogue = Catalogue {
            version: from_db(head.try_get("version")?),
            n_buckets: head.try_get("n_buckets")?,
            unsettled: head.try_get("unsettled")?,
            unsettled_import: head.try_get("unsettled_import")?,
            names: read_names(&mut tx).await?,
            properties: read_properties(&mut tx).await?,
            parts: read_parts(&mut tx).await?,
            buckets: read_buckets(&mut tx).await?,
            log_sequence: from_db(head.try_get("log_sequence")?),
        };
        tx.commit().await?;
        Ok(catalogue)
    }

    /// Applies a change and returns the new version. All or nothing.
    pub async fn change_catalogue(&self, change: &CatalogueChange) -> Result<u64> {
        let mut tx = self.begin_write().await?;
        for name in &change.names {
            sqlx::query("INSERT INTO names (kind, code, name) VALUES (?, ?, ?)")
                .bind(name.kind.as_str())
                .bind(name.code)
                .bind(&name.name)
                .execute(&mut *tx)
                .await?;
        }
        for property in &change.properties {
            sqlx::query("INSERT INTO properties (id, key, kind) VALUES (?, ?, ?)")
                .bind(property.id)
                .bind(&property.key)
                .bind(&property.kind)
                .execute(&mut *tx)
                .await?;
        }
        links::insert(&mut tx, &change.links).await?;
        links::insert_reroutes(&mut tx, &change.reroutes).await?;
        ingest::write(&mut tx, change).await?;
        swap_parts(&mut tx, change).await?;
        for bucket in &change.buckets {
            sqlx::query("INSERT OR REPLACE INTO buckets (bucket, n_events, n_persons) VALUES (?, ?, ?)")
                .bind(bucket.bucket)
                .bind(to_db(bucket.n_events))
                .bind(to_db(bucket.n_persons))
                .execute(&mut *tx)
                .await?;
        }
        write_ledger(&mut tx, change).await?;
        let version: i64 = sqlx::query_scalar(
            "UPDATE catalogue SET version = version + 1, unsettled = ?, unsettled_import = ?,
             log_sequence = max(log_sequence, ?) RETURNING version",
        )
        .bind(change.unsettled)
        .bind(change.import_id.filter(|_| change.unsettled))
        .bind(to_db(change.log_sequence.unwrap_or(0)))
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(from_db(version))
    }
}

async fn swap_parts(connection: &mut SqliteConnection, change: &CatalogueChange) -> Result<()> {
    for &id in &change.remove {
        let done =
            sqlx::query("DELETE FROM parts WHERE id = ?").bind(to_db(id)).execute(&mut *connection).await?;
        if done.rows_affected() != 1 {
            return Err(MetaError::NotFound(format!("part {id}")));
        }
    }
    for part in &change.add {
        sqlx::query(
            "INSERT INTO parts (id, bucket, file, size_bytes, decoded_bytes, blake3, checks, n_rows,
             min_time_us, max_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(to_db(part.id))
        .bind(part.bucket)
        .bind(&part.file)
        .bind(to_db(part.size_bytes))
        .bind(to_db(part.decoded_bytes))
        .bind(&part.blake3)
        .bind(&part.checks)
        .bind(to_db(part.n_rows))
        .bind(part.min_time_us)
        .bind(part.max_time_us)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn write_ledger(connection: &mut SqliteConnection, change: &CatalogueChange) -> Result<()> {
    if let Some(progress) = &change.progress {
        let done = sqlx::query(
            "UPDATE imports SET n_lines = ?, n_pushed = ?, n_rejected = ?, checkpoint_line = ? WHERE id = ?",
        )
        .bind(to_db(progress.n_lines))
        .bind(to_db(progress.n_pushed))
        .bind(to_db(progress.n_rejected))
        .bind(to_db(progress.checkpoint_line))
        .bind(progress.import_id)
        .execute(&mut *connection)
        .await?;
        if done.rows_affected() != 1 {
            return Err(MetaError::NotFound(format!("import {}", progress.import_id)));
        }
    }
    if let Some(outcome) = &change.outcome {
        sqlx::query(
            "UPDATE imports SET n_added = n_added + ?1, n_duplicate = n_pushed - n_added - ?1 WHERE id = ?2",
        )
        .bind(to_db(outcome.n_added))
        .bind(outcome.import_id)
        .execute(&mut *connection)
        .await?;
        if let Some(done_us) = outcome.done_us {
            sqlx::query("UPDATE imports SET state = 'done', finished_us = ?, error = NULL WHERE id = ?")
                .bind(done_us)
                .bind(outcome.import_id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

async fn read_names(connection: &mut SqliteConnection) -> Result<Vec<NameRow>> {
    let rows: Vec<(String, u32, String)> =
        sqlx::query_as("SELECT kind, code, name FROM names ORDER BY kind, code")
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(kind, code, name)| match kind.as_str() {
            "event" => Ok(NameRow { kind: NameKind::Event, code, name }),
            "channel" => Ok(NameRow { kind: NameKind::Channel, code, name }),
            _ => Err(MetaError::Unreadable { what: "kind of name", found: kind }),
        })
        .collect()
}

async fn read_properties(connection: &mut SqliteConnection) -> Result<Vec<PropertyRow>> {
    let rows: Vec<(u32, String, String)> =
        sqlx::query_as("SELECT id, key, kind FROM properties ORDER BY id").fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(id, key, kind)| PropertyRow { id, key, kind }).collect())
}

async fn read_parts(connection: &mut SqliteConnection) -> Result<Vec<PartRow>> {
    let rows = sqlx::query("SELECT * FROM parts ORDER BY bucket, id").fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(PartRow {
                id: from_db(row.try_get("id")?),
                bucket: row.try_get("bucket")?,
                file: row.try_get("file")?,
                size_bytes: from_db(row.try_get("size_bytes")?),
                decoded_bytes: from_db(row.try_get("decoded_bytes")?),
                blake3: row.try_get("blake3")?,
                checks: row.try_get("checks")?,
                n_rows: from_db(row.try_get("n_rows")?),
                min_time_us: row.try_get("min_time_us")?,
                max_time_us: row.try_get("max_time_us")?,
            })
        })
        .collect()
}

async fn read_buckets(connection: &mut SqliteConnection) -> Result<Vec<BucketRow>> {
    let rows: Vec<(u32, i64, i64)> =
        sqlx::query_as("SELECT bucket, n_events, n_persons FROM buckets ORDER BY bucket")
            .fetch_all(connection)
            .await?;
    let bucket = |(bucket, n_events, n_persons)| BucketRow {
        bucket,
        n_events: from_db(n_events),
        n_persons: from_db(n_persons),
    };
    Ok(rows.into_iter().map(bucket).collect())
}
