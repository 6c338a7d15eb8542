//! The shapes of requests and answers that belong to the HTTP API alone; all others are of `model`.

use crate::failure::Result;
use model::ask::{Compare, Scope};
use model::document::DocumentBody;
use model::mapping::Mapping;
use model::time::{Duration, Period};
use model::workspace::Workspace;
use model::{Key, Lang, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Every answer that is not 2xx.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProblemList {
    /// What went wrong, at least one.
    pub problems: Vec<Problem>,
    /// With `document.conflict`: the version that is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
}

/// Who is asking, and what they may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthState {
    /// Nobody has an account yet: make the owner's with `auth/setup`.
    pub setup_needed: bool,
    /// `auth/setup` wants the code that the server printed when it started.
    pub setup_code_needed: bool,
    /// The signed-in person.
    pub user: Option<Account>,
    /// Calendar, currency and name; the defaults until the owner has set them or signed in.
    pub workspace: Workspace,
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Name to show.
    pub name: String,
    /// E-mail address they sign in with.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

/// What an account may do; each role may do what the next one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Read.
    Viewer,
    /// Write documents, import.
    Editor,
    /// Everything, the workspace's settings included.
    Owner,
}

/// The first account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// Name to show.
    pub name: String,
    /// E-mail address to sign in with.
    pub email: String,
    /// At least 10 characters.
    pub password: String,
    /// Name of the company or team.
    pub workspace: String,
    /// IANA zone; `Asia/Seoul` when absent.
    #[serde(default)]
    pub zone: Option<String>,
    /// ISO 4217; `KRW` when absent.
    #[serde(default)]
    pub currency: Option<String>,
    /// Language of mails and reports.
    #[serde(default)]
    pub lang: Lang,
    /// The code the server printed, when `setup_code_needed`.
    #[serde(default)]
    pub code: Option<String>,
}

/// Who signs in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
}

/// Which links.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LinksQuery {
    /// An identifier; links from it and to it.
    pub id: String,
}

/// What to look at of how long data is kept.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ExpiryQuery {
    /// Say what would be due if data were kept this many days.
    pub keep_days: Option<u32>,
}

/// Which documents.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DocumentsQuery {
    /// Only of this kind.
    pub kind: Option<model::Kind>,
}

/// A document to write.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDocument {
    /// The definition; its kind and key must be those of the path.
    pub body: DocumentBody,
    /// The version this change was made on; null to make a new document. When another version is in force
    /// the answer is 409 with `document.conflict`.
    pub base_version: Option<i64>,
}

/// How to apply.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ApplyQuery {
    /// Check and tell what would change; write nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// Accept event names that no data has yet.
    #[serde(default)]
    pub allow_unknown_events: bool,
}

/// A journey and map to make of a template.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseTemplate {
    /// Key of the new journey and map; made of the name when absent.
    #[serde(default)]
    pub key: Option<Key>,
    /// Name of the new journey.
    pub name: String,
}

/// What a template made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MadeFromTemplate {
    /// Key of the journey.
    pub journey: Key,
    /// Key of its map.
    pub map: Key,
}

/// Who and when, as a query string.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ScopeQuery {
    /// First day, `YYYY-MM-DD`; with `to`.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<jiff::civil::Date>,
    /// Last day.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<jiff::civil::Date>,
    /// The last so many days in place of a period: `30d`.
    #[param(value_type = Option<String>)]
    pub last: Option<Duration>,
    /// Key of a segment.
    pub segment: Option<Key>,
    /// Key of a persona.
    pub persona: Option<Key>,
}

/// How a map is read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct MapQuery {
    /// First day, `YYYY-MM-DD`; with `to`.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<jiff::civil::Date>,
    /// Last day.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<jiff::civil::Date>,
    /// The last so many days in place of a period: `30d`.
    #[param(value_type = Option<String>)]
    pub last: Option<Duration>,
    /// Key of a segment.
    pub segment: Option<Key>,
    /// Key of a persona.
    pub persona: Option<Key>,
    /// Against what; nothing when absent.
    #[serde(default)]
    pub compare: CompareWith,
    /// First day of a custom comparison.
    #[param(value_type = Option<String>, format = Date)]
    pub compare_from: Option<jiff::civil::Date>,
    /// Last day of a custom comparison.
    #[param(value_type = Option<String>, format = Date)]
    pub compare_to: Option<jiff::civil::Date>,
    /// Segment of a custom comparison.
    pub compare_segment: Option<Key>,
    /// Persona of a custom comparison.
    pub compare_persona: Option<Key>,
}

/// What the numbers are compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CompareWith {
    /// Nothing.
    #[default]
    None,
    /// The period of the same length just before.
    Previous,
    /// What `compare_from`, `compare_to`, `compare_segment`, `compare_persona` say.
    Custom,
}

/// How a map is written to a file; the rest as in reading it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// Kind of file.
    #[serde(default)]
    pub format: ExportFormat,
    /// Language of labels; the workspace's when absent.
    pub lang: Option<Lang>,
    /// Sheet of SVG, PNG and PDF.
    #[serde(default)]
    pub paper: Sheet,
    /// First day, `YYYY-MM-DD`; with `to`.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<jiff::civil::Date>,
    /// Last day.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<jiff::civil::Date>,
    /// The last so many days in place of a period: `30d`.
    #[param(value_type = Option<String>)]
    pub last: Option<Duration>,
    /// Key of a segment.
    pub segment: Option<Key>,
    /// Key of a persona.
    pub persona: Option<Key>,
    /// Against what; nothing when absent.
    #[serde(default)]
    pub compare: CompareWith,
    /// First day of a custom comparison.
    #[param(value_type = Option<String>, format = Date)]
    pub compare_from: Option<jiff::civil::Date>,
    /// Last day of a custom comparison.
    #[param(value_type = Option<String>, format = Date)]
    pub compare_to: Option<jiff::civil::Date>,
    /// Segment of a custom comparison.
    pub compare_segment: Option<Key>,
    /// Persona of a custom comparison.
    pub compare_persona: Option<Key>,
}

impl ExportQuery {
    /// The part that says what is on the map.
    pub fn map(&self) -> MapQuery {
        let this = self.clone();
        MapQuery {
            from: this.from,
            to: this.to,
            last: this.last,
            segment: this.segment,
            persona: this.persona,
            compare: this.compare,
            compare_from: this.compare_from,
            compare_to: this.compare_to,
            compare_segment: this.compare_segment,
            compare_persona: this.compare_persona,
        }
    }
}

/// Kinds of files a map is written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Vector picture.
    #[default]
    Svg,
    /// Picture.
    Png,
    /// Document to print.
    Pdf,
    /// The map with its numbers.
    Json,
    /// The definitions of the map and its journey, as `gilmok apply` reads them.
    Yaml,
}

/// The sheet a map is laid out for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Sheet {
    /// ISO A4 on its side.
    A4,
    /// ISO A3 on its side.
    #[default]
    A3,
    /// One sheet as large as the map needs.
    Poster,
}

/// A file that comes in.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// Its name on the sender's machine.
    pub name: String,
}

/// A file that came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Uploaded {
    /// Name it goes by from now on.
    pub upload: String,
    /// Its file name, made safe.
    pub file: String,
    /// Size.
    pub bytes: u64,
}

/// A file to look into.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The upload.
    pub upload: String,
    /// How to read it; guessed when absent.
    #[serde(default)]
    pub mapping: Option<Mapping>,
}

/// A file to import.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartImport {
    /// The upload.
    pub upload: String,
    /// How to read it.
    pub mapping: Mapping,
}

/// An import that began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Started {
    /// Its id.
    pub id: String,
}

/// An import, at work or over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// Its id.
    pub id: String,
    /// Name of the file.
    pub file: String,
    /// Key of the mapping.
    pub mapping: String,
    /// Where it stands.
    pub state: ImportState,
    /// Size of the file.
    pub bytes_total: u64,
    /// Read so far.
    pub bytes_read: u64,
    /// Rows read.
    pub n_rows: u64,
    /// Events that were not there before.
    pub n_added: u64,
    /// Events that were there already.
    pub n_duplicates: u64,
    /// Rows refused; their reasons are in `rejects.csv`.
    pub n_rejected: u64,
    /// Rows left out by the mapping's choice.
    pub n_skipped: u64,
    /// When it began, microseconds.
    pub started_us: i64,
    /// When it ended.
    pub ended_us: Option<i64>,
    /// Whether `rejects.csv` can be fetched.
    pub has_rejects: bool,
    /// What to know before trusting it; as long as the server runs.
    pub warnings: Vec<Problem>,
    /// Why it failed.
    pub problem: Option<Problem>,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportState {
    /// At work, or waiting for the one before it.
    Running,
    /// All rows are in.
    Done,
    /// Stopped by an error.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

/// Which events.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// Only names that contain this.
    pub search: Option<String>,
}

/// Which people.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// Part of an identifier.
    pub search: Option<String>,
    /// Key of a segment.
    pub segment: Option<Key>,
    /// Key of a persona.
    pub persona: Option<Key>,
    /// First day, `YYYY-MM-DD`; with `to`: only people with an event in the period.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<jiff::civil::Date>,
    /// Last day.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<jiff::civil::Date>,
    /// The last so many days in place of a period: `30d`.
    #[param(value_type = Option<String>)]
    pub last: Option<Duration>,
    /// Rows to skip.
    #[serde(default)]
    pub offset: usize,
    /// Rows to answer; 50 when absent, 1,000 at most.
    pub limit: Option<usize>,
}

/// Which part of a timeline.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// Events to answer; 100 when absent, 1,000 at most.
    pub limit: Option<usize>,
    /// Only events before this instant, microseconds.
    pub before_us: Option<i64>,
}

/// How far questions are that are being answered. Scans read one bucket of people after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskProgress {
    /// Questions being answered; with none, nothing else is told.
    pub n_questions: usize,
    /// Buckets that have to be read, as far as is known by now: it grows where a question reads a second time.
    pub n_buckets: usize,
    /// Of these, buckets read.
    pub n_done: usize,
}

/// A question in SQL.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// One `SELECT` over the tables that `information_schema.tables` lists.
    pub query: String,
    /// Rows to answer; 1,000 when absent, 10,000 at most.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// A source to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeSource {
    /// Its name, which its events will carry.
    pub name: String,
    /// Channel of events that name none.
    #[serde(default)]
    pub channel: String,
}

/// Which dead letters.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DeadLettersQuery {
    /// Only with this code.
    pub code: Option<String>,
    /// Only of this source.
    pub source: Option<String>,
    /// Those that were replayed too.
    #[serde(default)]
    pub replayed: bool,
    /// Only with an id below this one: the last answer's `next_before`.
    pub before: Option<i64>,
    /// How many to answer; 50 when absent, 1,000 at most.
    pub limit: Option<u32>,
}

/// Which dead letters to replay; all that wait when nothing is said.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayAll {
    /// Only with this code.
    #[serde(default)]
    pub code: Option<String>,
    /// Only of this source.
    #[serde(default)]
    pub source: Option<String>,
}

/// A question in SQL whose answer is a file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlDownload {
    /// One `SELECT` over the tables that `information_schema.tables` lists.
    pub query: String,
    /// The format of the file.
    pub format: engine::sql::SqlFormat,
}

/// Whether the server can answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: String,
    /// Version of the program.
    pub version: String,
}

impl ScopeQuery {
    /// The scope it says.
    pub fn scope(&self) -> Result<Scope> {
        let period = period_of(self.from, self.to, "from", "to")?;
        Ok(Scope { period, last: self.last, segment: self.segment.clone(), persona: self.persona.clone() })
    }
}

impl PeopleQuery {
    /// The scope it says.
    pub fn scope(&self) -> Result<Scope> {
        let period = period_of(self.from, self.to, "from", "to")?;
        Ok(Scope { period, last: self.last, segment: self.segment.clone(), persona: self.persona.clone() })
    }
}

impl MapQuery {
    /// The scope it says.
    pub fn scope(&self) -> Result<Scope> {
        let period = period_of(self.from, self.to, "from", "to")?;
        Ok(Scope { period, last: self.last, segment: self.segment.clone(), persona: self.persona.clone() })
    }

    /// The comparison it says.
    pub fn comparison(&self) -> Result<Compare> {
        Ok(match self.compare {
            CompareWith::None => Compare::Nothing,
            CompareWith::Previous => Compare::Previous,
            CompareWith::Custom => Compare::Scope(Scope {
                period: period_of(self.compare_from, self.compare_to, "compare_from", "compare_to")?,
                last: None,
                segment: self.compare_segment.clone(),
                persona: self.compare_persona.clone(),
            }),
        })
    }
}

/// A period of two days, or none; one day alone or a period that ends before it starts is a problem.
fn period_of(
    from: Option<jiff::civil::Date>,
    to: Option<jiff::civil::Date>,
    from_name: &str,
    to_name: &str,
) -> Result<Option<Period>> {
    match (from, to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from <= to => Ok(Some(Period { from, to })),
        (Some(from), Some(to)) => Err(Problem::error(
            "period.reversed",
            (
                format!("기간이 거꾸로입니다: {from} ~ {to}."),
                format!("The period ends before it starts: {from} to {to}."),
            ),
            ("첫날과 마지막 날을 바꾸세요.", "Swap the first and the last day."),
        )
        .at(from_name)
        .into()),
        _ => Err(Problem::error(
            "period.half",
            (
                format!("`{from_name}`와 `{to_name}` 가운데 하나만 있습니다."),
                format!("Only one of `{from_name}` and `{to_name}` is given."),
            ),
            ("둘 다 쓰거나 둘 다 빼세요.", "Give both or neither."),
        )
        .at(from_name)
        .into()),
    }
}
