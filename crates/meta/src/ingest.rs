//! What the log leaves behind when it is sealed into parts: dead letters, times given to events that came
//! without one, persons to forget.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::{CatalogueChange, Meta, Result, from_db, to_db};

/// Something that came in and could not be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterRow {
    /// Its sequence number in the log.
    pub id: u64,
    /// When it came, microseconds UTC.
    pub received_us: i64,
    /// Where from.
    pub source: String,
    /// Why it was not accepted, as the code of a problem.
    pub code: String,
    /// What came, or its beginning.
    pub raw: Vec<u8>,
    /// Whether `raw` is only the beginning.
    pub cut: bool,
    /// When it was accepted after all, microseconds UTC.
    pub replayed_us: Option<i64>,
}

/// A dead letter that was accepted when sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Its id.
    pub id: u64,
    /// When, microseconds UTC.
    pub replayed_us: i64,
}

/// The time given to an event that came without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UntimedRow {
    /// Its sequence number in the log.
    pub sequence: u64,
    /// Hash of its person and id.
    pub key: u64,
    /// The time it was given, microseconds UTC.
    pub time_us: i64,
}

/// A person to forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasedRow {
    /// Person key.
    pub key: u64,
    /// Events up to this time are dropped, microseconds UTC.
    pub erased_us: i64,
}

/// Times of untimed events are remembered for this many of them.
const UNTIMED_MAX: i64 = 1_000_000;

const BATCH_ROWS: usize = 1000;

/// Writes what a sealed stretch of the log leaves behind. Doing it again changes nothing.
pub(crate) async fn write(connection: &mut SqliteConnection, change: &CatalogueChange) -> Result<()> {
    for batch in change.dead_letters.chunks(BATCH_ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT OR IGNORE INTO dead_letters (id, received_us, source, code, raw, cut, replayed_us) ",
        );
        insert.push_values(batch, |mut row, letter| {
            row.push_bind(to_db(letter.id))
                .push_bind(letter.received_us)
                .push_bind(&letter.source)
                .push_bind(&letter.code)
                .push_bind(&letter.raw)
                .push_bind(letter.cut)
                .push_bind(letter.replayed_us);
        });
        insert.build().execute(&mut *connection).await?;
    }
    for replayed in &change.replayed {
        sqlx::query("UPDATE dead_letters SET replayed_us = ? WHERE id = ?")
            .bind(replayed.replayed_us)
            .bind(to_db(replayed.id))
            .execute(&mut *connection)
            .await?;
    }
    for batch in change.untimed.chunks(BATCH_ROWS) {
        let mut insert =
            QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO untimed (sequence, key, time_us) ");
        insert.push_values(batch, |mut row, untimed| {
            row.push_bind(to_db(untimed.sequence)).push_bind(to_db(untimed.key)).push_bind(untimed.time_us);
        });
        insert.build().execute(&mut *connection).await?;
    }
    if !change.untimed.is_empty() {
        sqlx::query(
            "DELETE FROM untimed WHERE sequence <=
             (SELECT sequence FROM untimed ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
        )
        .bind(UNTIMED_MAX)
        .execute(&mut *connection)
        .await?;
    }
    forget(connection, &change.erased).await
}

/// Notes that persons are forgotten and removes their links.
async fn forget(connection: &mut SqliteConnection, erased: &[ErasedRow]) -> Result<()> {
    for row in erased {
        sqlx::query(
            "INSERT INTO erased (key, erased_us) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET erased_us = max(erased_us, ?2)",
        )
        .bind(to_db(row.key))
        .bind(row.erased_us)
        .execute(&mut *connection)
        .await?;
        sqlx::query("DELETE FROM links WHERE from_key = ?1 OR into_key = ?1")
            .bind(to_db(row.key))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Meta {
    /// Times given to events without one, oldest first.
    pub async fn untimed(&self) -> Result<Vec<UntimedRow>> {
        let rows: Vec<(i64, i64, i64)> =
            sqlx::query_as("SELECT sequence, key, time_us FROM untimed ORDER BY sequence")
                .fetch_all(&self.pool)
                .await?;
        let row = |(sequence, key, time_us)| UntimedRow {
            sequence: from_db(sequence),
            key: from_db(key),
            time_us,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Persons that were forgotten.
    pub async fn erased(&self) -> Result<Vec<ErasedRow>> {
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT key, erased_us FROM erased").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(key, erased_us)| ErasedRow { key: from_db(key), erased_us }).collect())
    }
}
