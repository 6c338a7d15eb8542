//! Identity links: which identifier is the same person as which other. Of claims by events the first one
//! wins; people may merge and un-merge. Every link is kept with its time and source, refused and undone too.

use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};

use crate::{Meta, MetaError, Result, from_db, to_db};

/// What kind of identifier it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// Known after login.
    User,
    /// A cookie, a device, a receipt.
    Anonymous,
}

impl IdKind {
    /// The word stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Anonymous => "anonymous",
        }
    }
}

/// Whether a link counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// It counts.
    InForce,
    /// Another link of the identifier was there first: kept for the audit, without effect.
    Refused,
    /// Someone took it back; events do not bring it again.
    Undone,
}

impl LinkState {
    /// The word stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Refused => "refused",
            Self::Undone => "undone",
        }
    }
}

/// A link: `from` is the same person as `into`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// Id in the database; 0 until it is there.
    pub id: i64,
    /// Kind of `from_id`.
    pub from_kind: IdKind,
    /// The identifier that is linked.
    pub from_id: String,
    /// Kind of `into_id`.
    pub into_kind: IdKind,
    /// The identifier it is linked to.
    pub into_id: String,
    /// Person key of `from_id` alone.
    pub from_key: u64,
    /// Person key of `into_id` alone.
    pub into_key: u64,
    /// Time of the event that carried both, or of the merge, microseconds UTC.
    pub time_us: i64,
    /// Source of that event, or who merged.
    pub source: String,
    /// Whether it counts.
    pub state: LinkState,
}

/// A link in keys only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkKeys {
    /// Person key of the linked identifier alone.
    pub from_key: u64,
    /// Person key of what it is linked to, alone.
    pub into_key: u64,
    /// Whether it counts.
    pub state: LinkState,
}

/// Rows of a person that may belong to another by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reroute {
    /// The person the rows are stored under.
    pub key: u64,
    /// In parts with an id below this.
    pub below: u64,
}

/// Rows per statement, far below SQLite's limit of 32,766 variables.
const BATCH_ROWS: usize = 1000;

/// Writes links; one that is known already is left as it is, unless it was refused and counts now.
pub(crate) async fn insert(connection: &mut SqliteConnection, links: &[LinkRow]) -> Result<()> {
    for batch in links.chunks(BATCH_ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO links (from_kind, from_id, into_kind, into_id, from_key, into_key, time_us, source, state) ",
        );
        insert.push_values(batch, |mut row, link| {
            row.push_bind(link.from_kind.as_str())
                .push_bind(&link.from_id)
                .push_bind(link.into_kind.as_str())
                .push_bind(&link.into_id)
                .push_bind(to_db(link.from_key))
                .push_bind(to_db(link.into_key))
                .push_bind(link.time_us)
                .push_bind(&link.source)
                .push_bind(link.state.as_str());
        });
        // A claim that was refused before may count once the link that stood in its way is undone.
        insert.push(
            " ON CONFLICT (from_key, into_key) DO UPDATE SET state = excluded.state, time_us = excluded.time_us
              WHERE links.state = 'refused' AND excluded.state = 'in_force'",
        );
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// Writes reroutes; known ones are left as they are.
pub(crate) async fn insert_reroutes(connection: &mut SqliteConnection, reroutes: &[Reroute]) -> Result<()> {
    for batch in reroutes.chunks(BATCH_ROWS) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO reroutes (key, below) ");
        insert.push_values(batch, |mut row, reroute| {
            row.push_bind(to_db(reroute.key)).push_bind(to_db(reroute.below));
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

fn kind(word: &str) -> Result<IdKind> {
    match word {
        "user" => Ok(IdKind::User),
        "anonymous" => Ok(IdKind::Anonymous),
        _ => Err(MetaError::Unreadable { what: "kind of identifier", found: word.to_owned() }),
    }
}

fn state(word: &str) -> Result<LinkState> {
    match word {
        "in_force" => Ok(LinkState::InForce),
        "refused" => Ok(LinkState::Refused),
        "undone" => Ok(LinkState::Undone),
        _ => Err(MetaError::Unreadable { what: "state of a link", found: word.to_owned() }),
    }
}

fn read(row: &SqliteRow) -> Result<LinkRow> {
    Ok(LinkRow {
        id: row.try_get("id")?,
        from_kind: kind(row.try_get("from_kind")?)?,
        from_id: row.try_get("from_id")?,
        into_kind: kind(row.try_get("into_kind")?)?,
        into_id: row.try_get("into_id")?,
        from_key: from_db(row.try_get("from_key")?),
        into_key: from_db(row.try_get("into_key")?),
        time_us: row.try_get("time_us")?,
        source: row.try_get("source")?,
        state: state(row.try_get("state")?)?,
    })
}

impl Meta {
    /// All links that count and all that were undone, in keys; what the store needs to route events.
    pub async fn link_keys(&self) -> Result<Vec<LinkKeys>> {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT from_key, into_key, state FROM links WHERE state <> 'refused'")
                .fetch_all(&self.pool)
                .await?;
        let keys = |(from_key, into_key, word): (i64, i64, String)| {
            Ok(LinkKeys { from_key: from_db(from_key), into_key: from_db(into_key), state: state(&word)? })
        };
        rows.into_iter().map(keys).collect()
    }

    /// All reroutes that parts may still need.
    pub async fn reroutes(&self) -> Result<Vec<Reroute>> {
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT key, below FROM reroutes").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(key, below)| Reroute { key: from_db(key), below: from_db(below) }).collect())
    }

    /// The link with this id.
    pub async fn link(&self, id: i64) -> Result<LinkRow> {
        let row = sqlx::query("SELECT * FROM links WHERE id = ?").bind(id).fetch_optional(&self.pool).await?;
        read(&row.ok_or_else(|| MetaError::NotFound(format!("link {id}")))?)
    }

    /// All links from or to an identifier, the refused and undone ones too, oldest first.
    pub async fn links_of(&self, id: &str) -> Result<Vec<LinkRow>> {
        let rows = sqlx::query("SELECT * FROM links WHERE from_id = ?1 OR into_id = ?1 ORDER BY time_us, id")
            .bind(id)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many links are in force and how many claims were refused.
    pub async fn count_links(&self) -> Result<(u64, u64)> {
        let (in_force, refused): (i64, i64) = sqlx::query_as(
            "SELECT coalesce(sum(state = 'in_force'), 0), coalesce(sum(state = 'refused'), 0) FROM links",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((from_db(in_force), from_db(refused)))
    }

    /// Makes a link by hand, with what must be re-routed, and returns its id. One that was undone or refused
    /// comes into force again.
    ///
    /// Errors: [`MetaError::Exists`] if another link of the identifier is in force.
    pub async fn make_link(&self, link: &LinkRow, reroute: Reroute) -> Result<i64> {
        let mut tx = self.begin_write().await?;
        let taken: Option<i64> =
            sqlx::query_scalar("SELECT id FROM links WHERE from_key = ? AND state = 'in_force'")
                .bind(to_db(link.from_key))
                .fetch_optional(&mut *tx)
                .await?;
        if taken.is_some() {
            return Err(MetaError::Exists(format!("a link of {}", link.from_id)));
        }
        insert(&mut tx, std::slice::from_ref(link)).await?;
        let id = sqlx::query_scalar(
            "UPDATE links SET state = 'in_force', time_us = ?, source = ?, undone_us = NULL, undone_by = NULL
             WHERE from_key = ? AND into_key = ? RETURNING id",
        )
        .bind(link.time_us)
        .bind(&link.source)
        .bind(to_db(link.from_key))
        .bind(to_db(link.into_key))
        .fetch_one(&mut *tx)
        .await?;
        insert_reroutes(&mut tx, &[reroute]).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes a link back, with what must be re-routed.
    ///
    /// Errors: [`MetaError::NotFound`] if no such link is in force.
    pub async fn undo_link(&self, id: i64, by: &str, now_us: i64, reroute: Reroute) -> Result<()> {
        let mut tx = self.begin_write().await?;
        let done = sqlx::query(
            "UPDATE links SET state = 'undone', undone_us = ?, undone_by = ? WHERE id = ? AND state = 'in_force'",
        )
        .bind(now_us)
        .bind(by)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(MetaError::NotFound(format!("link {id} in force")));
        }
        insert_reroutes(&mut tx, &[reroute]).await?;
        tx.commit().await?;
        Ok(())
    }
}
