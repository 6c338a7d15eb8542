//! Identity links: which user an anonymous identifier turned out to be. First link wins; every claim
//! is kept with its time and source, refused ones too.

use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{Meta, Result, from_db, to_db};

/// A claim of a user on an anonymous identifier, as seen in an event that carried both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The anonymous identifier.
    pub anonymous_id: String,
    /// The user.
    pub user_id: String,
    /// Person key of the anonymous identifier alone.
    pub anonymous_key: u64,
    /// Person key of the user.
    pub person_key: u64,
    /// Time of the event that carried both, microseconds UTC.
    pub time_us: i64,
    /// Source of that event.
    pub source: String,
    /// True if another user had claimed the identifier before: kept for the audit, without effect.
    pub refused: bool,
}

/// A claim in force, in keys only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkClaim {
    /// Person key of the anonymous identifier alone.
    pub anonymous_key: u64,
    /// Person key of the user it belongs to.
    pub person_key: u64,
}

/// Rows per statement: seven columns each, far below SQLite's limit of 32,766 variables.
const BATCH_ROWS: usize = 1000;

/// Writes claims; a claim known already is left as it is.
pub(crate) async fn insert(connection: &mut SqliteConnection, links: &[LinkRow]) -> Result<()> {
    for batch in links.chunks(BATCH_ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO identity_links
             (anonymous_id, user_id, anonymous_key, person_key, time_us, source, refused) ",
        );
        insert.push_values(batch, |mut row, link| {
            row.push_bind(&link.anonymous_id)
                .push_bind(&link.user_id)
                .push_bind(to_db(link.anonymous_key))
                .push_bind(to_db(link.person_key))
                .push_bind(link.time_us)
                .push_bind(&link.source)
                .push_bind(link.refused);
        });
        insert.push(" ON CONFLICT (anonymous_id, user_id) DO NOTHING");
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

impl Meta {
    /// All links in force, in keys; what the store needs to route events.
    pub async fn link_claims(&self) -> Result<Vec<LinkClaim>> {
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT anonymous_key, person_key FROM identity_links WHERE refused = 0")
                .fetch_all(&self.pool)
                .await?;
        let claim = |(anonymous_key, person_key)| LinkClaim {
            anonymous_key: from_db(anonymous_key),
            person_key: from_db(person_key),
        };
        Ok(rows.into_iter().map(claim).collect())
    }

    /// All claims on an anonymous identifier or by a user, the refused ones too, oldest first.
    pub async fn links_of(&self, id: &str) -> Result<Vec<LinkRow>> {
        let rows = sqlx::query(
            "SELECT * FROM identity_links WHERE anonymous_id = ?1 OR user_id = ?1 ORDER BY time_us, user_id",
        )
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(LinkRow {
                    anonymous_id: row.try_get("anonymous_id")?,
                    user_id: row.try_get("user_id")?,
                    anonymous_key: from_db(row.try_get("anonymous_key")?),
                    person_key: from_db(row.try_get("person_key")?),
                    time_us: row.try_get("time_us")?,
                    source: row.try_get("source")?,
                    refused: row.try_get("refused")?,
                })
            })
            .collect()
    }

    /// How many links are in force and how many claims were refused.
    pub async fn count_links(&self) -> Result<(u64, u64)> {
        let (in_force, refused): (i64, i64) = sqlx::query_as(
            "SELECT coalesce(sum(refused = 0), 0), coalesce(sum(refused), 0) FROM identity_links",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((from_db(in_force), from_db(refused)))
    }
}
