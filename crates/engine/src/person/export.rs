//! All that is stored about one person.

use super::Known;
use super::files::Place;
use crate::query::person_properties;
use crate::{Engine, EngineError};
use model::Value;
use model::event::person_text;
use serde::Serialize;
use std::collections::BTreeMap;
use store::Columns;
use utoipa::ToSchema;

/// Everything stored about a person, as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonExport {
    /// 16 hexadecimal digits.
    pub person: String,
    /// Identifiers known after login.
    pub user_ids: Vec<String>,
    /// Cookies, devices, receipts.
    pub anonymous_ids: Vec<String>,
    /// All events, oldest first.
    pub events: Vec<ExportedEvent>,
    /// Links of the identifiers, those that were refused or undone too.
    pub links: Vec<ExportedLink>,
    /// What came in, names the person and could not be accepted.
    pub dead_letters: Vec<ExportedLetter>,
    /// Files waiting to be imported, and files of refused rows, that name the person.
    pub files: Vec<Place>,
    /// Rows of the database, such as definitions, that name the person.
    pub mentions: Vec<Place>,
}

/// An event with all its properties.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedEvent {
    /// 16 hexadecimal digits.
    pub id: String,
    /// Microseconds UTC.
    pub time_us: i64,
    /// Name.
    pub event: String,
    /// Channel.
    pub channel: Option<String>,
    /// In whole units of the currency.
    pub amount: Option<f64>,
    /// The identifier it came with.
    pub user_id: Option<String>,
    /// The identifier it came with.
    pub anonymous_id: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// Its properties.
    pub properties: BTreeMap<String, Value>,
}

/// A link between two identifiers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedLink {
    /// Its id.
    pub id: i64,
    /// `user` or `anonymous`.
    pub from_kind: String,
    /// The identifier that is linked.
    pub from_id: String,
    /// `user` or `anonymous`.
    pub into_kind: String,
    /// What it is linked to.
    pub into_id: String,
    /// Time of the event that carried both, or of the merge, microseconds UTC.
    pub time_us: i64,
    /// Source of that event, or who merged.
    pub source: String,
    /// `in_force`, `refused` or `undone`.
    pub state: String,
}

impl From<meta::LinkRow> for ExportedLink {
    fn from(link: meta::LinkRow) -> Self {
        Self {
            id: link.id,
            from_kind: link.from_kind.as_str().to_owned(),
            from_id: link.from_id,
            into_kind: link.into_kind.as_str().to_owned(),
            into_id: link.into_id,
            time_us: link.time_us,
            source: link.source,
            state: link.state.as_str().to_owned(),
        }
    }
}

/// Something that could not be accepted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedLetter {
    /// Its id.
    pub id: u64,
    /// When it came, microseconds UTC.
    pub received_us: i64,
    /// Where from.
    pub source: String,
    /// Why it was not accepted.
    pub code: String,
    /// What came; bytes that are no UTF-8 are replaced.
    pub content: String,
}

impl Engine {
    /// Everything stored about a person (16 hexadecimal digits).
    ///
    /// Cost: reads the person's bucket with all columns, all dead letters, waiting files and the database.
    /// Errors: [`EngineError::NotFound`] if nothing is stored about them.
    pub async fn export_person(&self, person: &str) -> Result<PersonExport, EngineError> {
        let key = Self::person_key(person)?;
        // What was acknowledged a moment ago is in it too.
        self.store.seal().await?;
        let known = self.identifiers(key).await?;
        let events = self.events_of(key).await?;
        if events.is_empty() && known.user_ids.is_empty() && known.anonymous_ids.is_empty() {
            return Err(EngineError::NotFound { kind: "person", key: person.to_owned() });
        }
        let needles = known.needles();
        let mut links: BTreeMap<i64, ExportedLink> = BTreeMap::new();
        for id in known.user_ids.iter().chain(&known.anonymous_ids) {
            let own = self.meta.links_of(id).await?.into_iter();
            links.extend(own.map(|link| (link.id, link.into())));
        }
        let letters = self.meta.dead_letters_about(|raw| needles.in_letter(raw)).await?;
        let letters = letters.into_iter().map(|letter| ExportedLetter {
            id: letter.id,
            received_us: letter.received_us,
            source: letter.source,
            code: letter.code,
            content: String::from_utf8_lossy(&letter.raw).into_owned(),
        });
        let Known { user_ids, anonymous_ids, .. } = known;
        Ok(PersonExport {
            person: person_text(key),
            user_ids: user_ids.into_iter().collect(),
            anonymous_ids: anonymous_ids.into_iter().collect(),
            events,
            links: links.into_values().collect(),
            dead_letters: letters.collect(),
            files: self.files_about(&needles).await?.into_iter().map(|file| file.place).collect(),
            mentions: self.mentions(&needles).await?,
        })
    }

    async fn events_of(&self, person: u64) -> Result<Vec<ExportedEvent>, EngineError> {
        let snapshot = self.store.snapshot();
        let read = tokio::task::spawn_blocking(move || {
            let columns = Columns::all(snapshot.properties());
            let rows = snapshot.person(person)?;
            let names = snapshot.names();
            let events = rows.rows_of(person).map(|row| {
                let channel = names.channel_name(rows.channel[row]);
                ExportedEvent {
                    id: format!("{:016x}", rows.id[row]),
                    time_us: rows.time_us[row],
                    event: names.event_name(rows.event[row]).to_owned(),
                    channel: (!channel.is_empty()).then(|| channel.to_owned()),
                    amount: rows.amount.get(row).map(|hundredths| hundredths as f64 / 100.0),
                    user_id: rows.user_id.get(row).map(str::to_owned),
                    anonymous_id: rows.anonymous_id.get(row).map(str::to_owned),
                    source: rows.source.get(row).map(str::to_owned),
                    properties: person_properties(&snapshot, &rows, &columns, row),
                }
            });
            Ok::<_, EngineError>(events.collect())
        });
        read.await.map_err(|error| EngineError::Internal(error.to_string()))?
    }
}
