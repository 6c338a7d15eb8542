//! Daily numbers that belong to nobody: costs, impressions, reach.

use sqlx::{QueryBuilder, Row, Sqlite};

use crate::{Meta, Result};

/// One number of one day.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPoint {
    /// Name of the series, such as `cost`.
    pub name: String,
    /// Days since 1970-01-01 in the workspace's calendar.
    pub day: i32,
    /// Channel, or empty.
    pub channel: String,
    /// Campaign, or empty.
    pub campaign: String,
    /// The number.
    pub value: f64,
}

/// Rows per statement: five columns each, far below SQLite's limit of 32,766 variables.
const BATCH_ROWS: usize = 1000;

impl Meta {
    /// Writes points in one transaction. A point with the same name, day, channel and campaign replaces
    /// the old one, so that importing a file twice changes nothing. Returns how many were new.
    pub async fn put_series(&self, points: &[SeriesPoint]) -> Result<u64> {
        let mut tx = self.begin_write().await?;
        let before: i64 = sqlx::query_scalar("SELECT count(*) FROM series").fetch_one(&mut *tx).await?;
        for batch in points.chunks(BATCH_ROWS) {
            let mut insert =
                QueryBuilder::<Sqlite>::new("INSERT INTO series (name, day, channel, campaign, value) ");
            insert.push_values(batch, |mut row, point| {
                row.push_bind(&point.name)
                    .push_bind(point.day)
                    .push_bind(&point.channel)
                    .push_bind(&point.campaign)
                    .push_bind(point.value);
            });
            insert.push(" ON CONFLICT (name, day, channel, campaign) DO UPDATE SET value = excluded.value");
            insert.build().execute(&mut *tx).await?;
        }
        let after: i64 = sqlx::query_scalar("SELECT count(*) FROM series").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok((after - before).unsigned_abs())
    }

    /// The points of a series within the days `from ..= to`, ordered by day, channel, campaign.
    pub async fn series(&self, name: &str, from: i32, to: i32) -> Result<Vec<SeriesPoint>> {
        let rows = sqlx::query(
            "SELECT name, day, channel, campaign, value FROM series
             WHERE name = ? AND day BETWEEN ? AND ? ORDER BY day, channel, campaign",
        )
        .bind(name)
        .bind(from)
        .bind(to)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SeriesPoint {
                    name: row.try_get("name")?,
                    day: row.try_get("day")?,
                    channel: row.try_get("channel")?,
                    campaign: row.try_get("campaign")?,
                    value: row.try_get("value")?,
                })
            })
            .collect()
    }

    /// Names of all series with their number of points and first and last day.
    pub async fn series_names(&self) -> Result<Vec<(String, u64, i32, i32)>> {
        let rows: Vec<(String, i64, i32, i32)> = sqlx::query_as(
            "SELECT name, count(*), min(day), max(day) FROM series GROUP BY name ORDER BY name",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(name, n, from, to)| (name, n.unsigned_abs(), from, to)).collect())
    }
}
