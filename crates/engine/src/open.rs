//! The engine: one data folder with its store, documents, clock and cache of answers.

use crate::ingest::Door;
use crate::query::Cache;
use crate::sql::TraitsFound;
use meta::{Meta, MetaError};
use model::{Clock, Kind, Problem, Problems, workspace::Workspace};
use std::{path::Path, path::PathBuf, sync::Arc};
use store::{Store, StoreError};

/// One data folder. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine {
    /// The events.
    pub store: Store,
    /// The documents and everything else that is no event.
    pub meta: Meta,
    /// The time.
    pub clock: Clock,
    /// Threads of one scan.
    pub threads: usize,
    /// The data folder.
    pub dir: PathBuf,
    pub(crate) cache: Arc<Cache>,
    pub(crate) door: Arc<Door>,
    pub(crate) traits_found: Arc<TraitsFound>,
}

/// What an engine function could not do; one variant per thing the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The input is wrong: show the problems.
    #[error("{0}")]
    Problems(#[from] Problems),
    /// No such document, person or import.
    #[error("{kind} `{key}` does not exist")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Its key.
        key: String,
    },
    /// Somebody changed the document meanwhile.
    #[error("the document is at version {current} by now")]
    Conflict {
        /// Version in force.
        current: i64,
    },
    /// It is there already: show the problem.
    #[error("{problem}")]
    Exists {
        /// What is there, and what to do.
        problem: Problem,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// What is stored is not what was written: show the problems, restore a backup.
    #[error("{0}")]
    Corrupt(Problems),
    /// The event store failed.
    #[error(transparent)]
    Store(StoreError),
    /// The document database failed.
    #[error(transparent)]
    Meta(MetaError),
    /// SQL could not be run: the query is wrong or beyond its limits.
    #[error("{0}")]
    Sql(String),
    /// A bug of ours: a background task died.
    #[error("an internal task failed: {0}")]
    Internal(String),
}

impl From<Problem> for EngineError {
    fn from(problem: Problem) -> Self {
        Self::Problems(problem.into())
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cancelled => Self::Cancelled,
            error => Self::Store(error),
        }
    }
}

impl From<MetaError> for EngineError {
    fn from(error: MetaError) -> Self {
        match error {
            MetaError::Conflict { current } => Self::Conflict { current: current.cast_signed() },
            error => Self::Meta(error),
        }
    }
}

impl EngineError {
    /// What to tell people, in Korean and English.
    pub fn problems(&self) -> Problems {
        match self {
            Self::Problems(problems) | Self::Corrupt(problems) => problems.clone(),
            Self::NotFound { kind, key } => not_found(kind, key).into(),
            Self::Conflict { current } => Problem::error(
                "document.conflict",
                (
                    format!("다른 사람이 먼저 바꾸었습니다. 지금은 버전 {current}입니다."),
                    format!("Somebody else changed it first: it is at version {current} now."),
                ),
                ("새 버전을 불러온 뒤 다시 고치세요.", "Load the new version and make your change again."),
            )
            .into(),
            Self::Exists { problem } => problem.clone().into(),
            Self::Cancelled => Problem::error(
                "cancelled",
                ("작업을 취소했습니다.", "The work was cancelled."),
                ("필요하면 다시 시작하세요.", "Start it again if you need it."),
            )
            .into(),
            Self::Store(StoreError::Locked { dir }) => locked(dir).into(),
            Self::Store(error @ StoreError::Corrupt { .. }) => Problem::error(
                "store.corrupt",
                (
                    format!("저장된 파일이 손상되었습니다: {}.", chain(error)),
                    format!("A stored file is damaged: {}.", chain(error)),
                ),
                (
                    "`gilmok verify`로 범위를 확인하고 백업에서 되돌리거나 다시 가져오세요.",
                    "Run `gilmok verify` to see how far it goes, then restore a backup or import again.",
                ),
            )
            .into(),
            Self::Store(StoreError::Full) => disk_full().into(),
            Self::Store(StoreError::Overloaded) => overloaded().into(),
            Self::Store(StoreError::Stopped) => stopped().into(),
            Self::Store(error) => failed("store.failed", &chain(error)).into(),
            Self::Meta(MetaError::Newer { found, known }) => newer(*found, *known).into(),
            Self::Meta(MetaError::Damaged(damage)) => Problems(damage.iter().map(damaged).collect()),
            Self::Meta(error) => failed("meta.failed", &chain(error)).into(),
            Self::Sql(reason) => Problem::error(
                "sql.failed",
                (format!("SQL을 실행할 수 없습니다: {reason}"), format!("The SQL cannot be run: {reason}")),
                (
                    "표와 열의 이름은 `SELECT * FROM information_schema.columns`로 볼 수 있습니다.",
                    "`SELECT * FROM information_schema.columns` lists the tables and columns.",
                ),
            )
            .into(),
            Self::Internal(reason) => failed("internal", reason).into(),
        }
    }
}

fn not_found(kind: &str, key: &str) -> Problem {
    Problem::error(
        "not_found",
        (format!("{kind} `{key}`이(가) 없습니다."), format!("There is no {kind} `{key}`.")),
        ("목록에서 이름을 확인하세요.", "Check its name in the list."),
    )
}

fn locked(dir: &Path) -> Problem {
    Problem::error(
        "folder.locked",
        (
            format!("다른 Gilmok이 데이터 폴더 {}을(를) 쓰고 있습니다.", dir.display()),
            format!("Another Gilmok is using the data folder {}.", dir.display()),
        ),
        (
            "그 프로그램(`gilmok serve`)을 멈추거나 `--data`로 다른 폴더를 고르세요.",
            "Stop that program (`gilmok serve`) or choose another folder with `--data`.",
        ),
    )
}

fn disk_full() -> Problem {
    Problem::error(
        "store.full",
        (
            "디스크가 가득 차 저장하지 못했습니다. 아무것도 받지 않았습니다.",
            "The disk is full and nothing was stored. Nothing of the request was taken.",
        ),
        (
            "공간을 비우면 저절로 다시 받습니다. 같은 요청을 나중에 다시 보내세요.",
            "Free some space; Gilmok goes on by itself. Send the same request again later.",
        ),
    )
}

fn overloaded() -> Problem {
    Problem::error(
        "store.overloaded",
        (
            "정리할 수 있는 것보다 많은 이벤트가 들어와 받지 않았습니다.",
            "More events come than can be put in order, so these were not taken.",
        ),
        ("잠시 뒤에 같은 요청을 다시 보내세요.", "Send the same request again in a moment."),
    )
}

fn stopped() -> Problem {
    Problem::error(
        "store.stopped",
        (
            "기록이 디스크에 닿았는지 알 수 없어 서버를 멈춥니다. 이미 받았다고 답한 것은 그대로 있습니다.",
            "A write may not have reached the disk, so the server stops. What was acknowledged is kept.",
        ),
        (
            "디스크와 시스템 로그를 확인하고 서버를 다시 시작하세요.",
            "Check the disk and the system log, then start the server again.",
        ),
    )
}

fn newer(found: i64, known: i64) -> Problem {
    Problem::error(
        "folder.newer",
        (
            format!(
                "이 데이터 폴더는 더 새로운 Gilmok이 쓴 것입니다(형식 {found}, 이 프로그램은 {known}까지 압니다). 아무것도 바꾸지 않았습니다."
            ),
            format!(
                "A newer Gilmok wrote this data folder (format {found}, this program knows up to {known}). Nothing was changed."
            ),
        ),
        (
            "그 버전 이상의 Gilmok으로 여세요. 옛 버전으로 돌아가려면 올리기 전에 만든 백업을 되돌리세요.",
            "Open it with that version of Gilmok or a later one. To go back, restore the backup made before the upgrade.",
        ),
    )
}

/// What of the database is not as it was written.
pub(crate) fn damaged(damage: &meta::Damage) -> Problem {
    Problem::error(
        "meta.damaged",
        (
            format!("데이터베이스가 저장할 때와 다릅니다: {damage}."),
            format!("The database is not what was written: {damage}."),
        ),
        (
            "`gilmok verify`로 범위를 확인하고 백업에서 되돌리세요(`gilmok restore`).",
            "Run `gilmok verify` to see how far it goes, then restore a backup (`gilmok restore`).",
        ),
    )
    .in_file("gilmok.db")
}

fn failed(code: &str, reason: &str) -> Problem {
    Problem::error(
        code,
        (format!("처리하지 못했습니다: {reason}."), format!("This failed: {reason}.")),
        (
            "디스크 공간과 권한을 확인하고 다시 시도하세요. 계속되면 로그와 함께 알려 주세요.",
            "Check disk space and permissions and try again. If it persists, report it with the log.",
        ),
    )
}

/// An error with all its sources on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}

const WORKSPACE: &str = "workspace";

impl Engine {
    /// Opens a data folder, making it if absent. Only one process may have it open.
    pub async fn open(dir: &Path, clock: Clock, threads: usize) -> Result<Self, EngineError> {
        Self::open_with(dir, clock, threads, store::Options::default()).await
    }

    /// As [`Engine::open`], with other limits of the tail of events that are not in parts yet.
    pub async fn open_with(
        dir: &Path,
        clock: Clock,
        threads: usize,
        tail: store::Options,
    ) -> Result<Self, EngineError> {
        std::fs::create_dir_all(dir).map_err(|error| {
            Problem::error(
                "folder.unusable",
                (
                    format!("데이터 폴더 {}을(를) 만들 수 없습니다: {error}.", dir.display()),
                    format!("The data folder {} cannot be made: {error}.", dir.display()),
                ),
                (
                    "경로와 권한을 확인하거나 `--data`로 다른 폴더를 고르세요.",
                    "Check the path and its permissions, or choose another folder with `--data`.",
                ),
            )
        })?;
        if let Some(problem) = crate::verify::has_lost_its_database(dir) {
            return Err(EngineError::Corrupt(problem.into()));
        }
        // An older program may be at work here: its database is not brought up to date under its feet.
        let lock = store::lock_folder(dir)?;
        let meta = Meta::open(&dir.join("gilmok.db")).await?;
        let store = Store::open_with(lock, meta.clone(), tail).await?;
        let door = Arc::new(Door::new(clock.now_us()));
        let cache = Arc::new(Cache::default());
        Ok(Self {
            store,
            meta,
            clock,
            threads: threads.max(1),
            dir: dir.to_owned(),
            cache,
            door,
            traits_found: Arc::default(),
        })
    }

    /// The workspace's settings; the defaults until they are set.
    pub async fn workspace(&self) -> Result<Workspace, EngineError> {
        let text = self.meta.setting(WORKSPACE).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Checks and keeps the workspace's settings.
    pub async fn set_workspace(&self, workspace: &Workspace) -> Result<(), EngineError> {
        if model::time::Calendar::new(&workspace.zone, workspace.week_start).is_none() {
            return Err(Problem::error(
                "workspace.unknown_zone",
                (
                    format!("시간대 `{}`을(를) 모릅니다.", workspace.zone),
                    format!("The time zone `{}` is unknown.", workspace.zone),
                ),
                ("`Asia/Seoul`처럼 IANA 이름을 쓰세요.", "Use an IANA name such as `Asia/Seoul`."),
            )
            .at("zone")
            .into());
        }
        let currency = &workspace.currency;
        if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(Problem::error(
                "workspace.unknown_currency",
                (
                    format!("통화 `{currency}`은(는) ISO 4217 코드가 아닙니다."),
                    format!("The currency `{currency}` is no ISO 4217 code."),
                ),
                ("`KRW`, `USD`처럼 대문자 세 자로 쓰세요.", "Use three capitals such as `KRW` or `USD`."),
            )
            .at("currency")
            .into());
        }
        let text = serde_json::to_string(workspace).map_err(|e| EngineError::Internal(e.to_string()))?;
        self.meta.put_setting(WORKSPACE, &text).await?;
        self.cache.definitions_changed();
        Ok(())
    }

    pub(crate) fn missing(kind: Kind, key: &model::Key) -> EngineError {
        EngineError::NotFound { kind: kind.as_str(), key: key.to_string() }
    }
}
