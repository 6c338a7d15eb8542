//! Events that were refused, kept as they came: to be read, mended and sent again.
//! The store moves them here from its log; see `CatalogueChange`.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::{Meta, Result, from_db};

/// An event that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Id; later ones have greater ids.
    pub id: i64,
    /// When it came, microseconds UTC.
    pub received_us: i64,
    /// Name of the source that sent it.
    pub source: String,
    /// Why it was refused, such as `event.no_person`.
    pub code: String,
    /// What came. Empty in lists.
    pub raw: Vec<u8>,
    /// Bytes of `raw`.
    pub size_bytes: u64,
    /// True if more came than was kept.
    pub cut: bool,
    /// When it was replayed.
    pub replayed_us: Option<i64>,
}

/// Which dead letters.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadLetterFilter<'a> {
    /// Only with this code.
    pub code: Option<&'a str>,
    /// Only of this source.
    pub source: Option<&'a str>,
    /// Those that were replayed too.
    pub replayed: bool,
}

/// How many dead letters of a source have a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterCount {
    /// Why they were refused.
    pub code: String,
    /// Who sent them.
    pub source: String,
    /// How many are waiting.
    pub n_waiting: u64,
    /// How many were replayed.
    pub n_replayed: u64,
    /// When the last of them came, microseconds UTC.
    pub last_us: i64,
}

fn read(row: &SqliteRow) -> Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.try_get("id")?,
        received_us: row.try_get("received_us")?,
        source: row.try_get("source")?,
        code: row.try_get("code")?,
        raw: row.try_get("raw")?,
        size_bytes: from_db(row.try_get("size_bytes")?),
        cut: row.try_get("cut")?,
        replayed_us: row.try_get("replayed_us")?,
    })
}

impl DeadLetterFilter<'_> {
    fn push(&self, query: &mut QueryBuilder<Sqlite>) {
        if let Some(code) = self.code {
            query.push(" AND code = ").push_bind(code.to_owned());
        }
        if let Some(source) = self.source {
            query.push(" AND source = ").push_bind(source.to_owned());
        }
        if !self.replayed {
            query.push(" AND replayed_us IS NULL");
        }
    }
}

impl Meta {
    /// Dead letters without what came, newest first, only those with an id below `before`.
    pub async fn dead_letters(
        &self,
        filter: DeadLetterFilter<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<DeadLetter>> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT id, received_us, source, code, X'' AS raw, length(raw) AS size_bytes, cut, replayed_us
             FROM dead_letters WHERE id < ",
        );
        query.push_bind(before.unwrap_or(i64::MAX));
        filter.push(&mut query);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        query.build().fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// Dead letters with what came, oldest first, only those with an id above `after`.
    pub async fn whole_dead_letters(
        &self,
        filter: DeadLetterFilter<'_>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<DeadLetter>> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT id, received_us, source, code, raw, length(raw) AS size_bytes, cut, replayed_us
             FROM dead_letters WHERE id > ",
        );
        query.push_bind(after);
        filter.push(&mut query);
        query.push(" ORDER BY id LIMIT ").push_bind(limit);
        query.build().fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// One dead letter.
    pub async fn dead_letter(&self, id: i64) -> Result<Option<DeadLetter>> {
        let filter = DeadLetterFilter { replayed: true, ..DeadLetterFilter::default() };
        let found = self.whole_dead_letters(filter, id.saturating_sub(1), 1).await?;
        Ok(found.into_iter().find(|letter| letter.id == id))
    }

    /// Dead letters counted by code and source, most frequent first.
    pub async fn dead_letter_counts(&self) -> Result<Vec<DeadLetterCount>> {
        let rows = sqlx::query(
            "SELECT code, source, sum(replayed_us IS NULL) AS n_waiting,
                    sum(replayed_us IS NOT NULL) AS n_replayed, max(received_us) AS last_us
             FROM dead_letters GROUP BY code, source ORDER BY n_waiting DESC, code, source",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(DeadLetterCount {
                    code: row.try_get("code")?,
                    source: row.try_get("source")?,
                    n_waiting: from_db(row.try_get("n_waiting")?),
                    n_replayed: from_db(row.try_get("n_replayed")?),
                    last_us: row.try_get("last_us")?,
                })
            })
            .collect()
    }

    /// Removes a dead letter. True if it was there.
    pub async fn delete_dead_letter(&self, id: i64) -> Result<bool> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query("DELETE FROM dead_letters WHERE id = ?").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}
