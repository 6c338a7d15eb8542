//! Data that expires: events and dead letters older than the workspace keeps them are taken out for good.

use crate::{Engine, EngineError};
use model::Problem;
use model::time::DAY_US;
use serde::{Deserialize, Serialize};
use store::{Cancel, Columns, Rows};
use utoipa::ToSchema;

/// Key of the setting.
const EXPIRY: &str = "expiry";

/// Expired data is taken out so often: every part that holds some is written anew.
const EVERY_US: i64 = 7 * DAY_US;

/// Days events can be kept at most: a century.
const KEEP_DAYS_MAX: u32 = 36_500;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Setting {
    keep_days: Option<u32>,
    last: Option<Expired>,
}

/// How long data is kept, and what that takes out.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Expiry {
    /// Days an event is kept after it happened, and a dead letter after it came; absent: for good.
    pub keep_days: Option<u32>,
    /// What has expired and is still there; absent if nothing ever expires.
    pub due: Option<Due>,
    /// What was taken out last.
    pub last: Option<Expired>,
}

/// What has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Due {
    /// Everything before this has. Microseconds UTC.
    pub before_us: i64,
    /// Events.
    pub n_events: u64,
    /// People of whom no event would be left.
    pub n_people: u64,
    /// Dead letters.
    pub n_dead_letters: u64,
}

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Expired {
    /// When. Microseconds UTC.
    pub at_us: i64,
    /// Everything before this. Microseconds UTC.
    pub before_us: i64,
    /// Rows taken out of the stored files, duplicates included.
    pub n_rows: u64,
    /// Files of events written anew or removed.
    pub n_parts: u64,
    /// Dead letters taken out.
    pub n_dead_letters: u64,
}

impl Engine {
    /// How long data is kept; with `keep_days`, what would be due if it were kept that long.
    ///
    /// Cost: a scan of the times.
    pub async fn expiry(&self, keep_days: Option<u32>, cancel: &Cancel) -> Result<Expiry, EngineError> {
        let setting = self.expiry_setting().await?;
        let due = match keep_days.or(setting.keep_days) {
            Some(days) => Some(self.due(self.expires_before(days)?, cancel).await?),
            None => None,
        };
        Ok(Expiry { keep_days: setting.keep_days, due, last: setting.last })
    }

    /// Keeps data this many days from now on, or for good. Takes nothing out yet.
    pub async fn set_expiry(&self, keep_days: Option<u32>) -> Result<(), EngineError> {
        if let Some(days) = keep_days {
            self.expires_before(days)?;
        }
        self.put_expiry(&Setting { keep_days, ..self.expiry_setting().await? }).await
    }

    /// Takes out what has expired; `None` if nothing ever does. When it returns no file of the folder holds those
    /// events, but for backups. Waits until no import is at work.
    ///
    /// Cost: writes every part anew that holds some of it.
    pub async fn expire(&self) -> Result<Option<Expired>, EngineError> {
        let Some(days) = self.expiry_setting().await?.keep_days else { return Ok(None) };
        let before_us = self.expires_before(days)?;
        let quiet = self.store.no_import().await?;
        let removed = self.store.retain(&quiet, before_us).await?;
        let n_dead_letters = self.meta.expire_dead_letters(before_us).await?;
        self.cache.clear();
        self.meta.scrub().await?;
        let (n_rows, n_parts, at_us) = (removed.n_rows, removed.n_parts, self.clock.now_us());
        let expired = Expired { at_us, before_us, n_rows, n_parts, n_dead_letters };
        self.put_expiry(&Setting { last: Some(expired), ..self.expiry_setting().await? }).await?;
        Ok(Some(expired))
    }

    /// As [`Engine::expire`], unless it was done within the last seven days.
    pub async fn expire_when_due(&self) -> Result<Option<Expired>, EngineError> {
        let last = self.expiry_setting().await?.last;
        if last.is_some_and(|last| self.clock.now_us() < last.at_us.saturating_add(EVERY_US)) {
            return Ok(None);
        }
        self.expire().await
    }

    async fn due(&self, before_us: i64, cancel: &Cancel) -> Result<Due, EngineError> {
        let n_dead_letters = self.meta.count_dead_letters_before(before_us).await?;
        let nothing = Due { before_us, n_events: 0, n_people: 0, n_dead_letters };
        let snapshot = self.store.snapshot();
        if snapshot.time_range().is_none_or(|(first_us, _)| first_us >= before_us) {
            return Ok(nothing);
        }
        let older = move |rows: &Rows| {
            // Of each person the older events come first.
            let n_older = |own: std::ops::Range<usize>| {
                (rows.time_us[own.clone()].partition_point(|&time_us| time_us < before_us), own.len())
            };
            rows.persons().map(n_older).fold((0, 0), |(n_events, n_people), (n_older, n_rows)| {
                (n_events + n_older as u64, n_people + u64::from(n_older == n_rows))
            })
        };
        let buckets = self.fold(&snapshot, Columns::default(), cancel, older).await?;
        Ok(buckets.into_iter().fold(nothing, |due, (n_events, n_people)| Due {
            n_events: due.n_events + n_events,
            n_people: due.n_people + n_people,
            ..due
        }))
    }

    fn expires_before(&self, keep_days: u32) -> Result<i64, EngineError> {
        if (1..=KEEP_DAYS_MAX).contains(&keep_days) {
            return Ok(self.clock.now_us().saturating_sub(i64::from(keep_days) * DAY_US));
        }
        Err(Problem::error(
            "expiry.keep_days",
            (
                format!("보관 기간 {keep_days}일은 쓸 수 없습니다."),
                format!("Data cannot be kept for {keep_days} days."),
            ),
            ("1일에서 36,500일 사이로 적으세요.", "Write 1 to 36,500 days."),
        )
        .at("keep_days")
        .into())
    }

    async fn expiry_setting(&self) -> Result<Setting, EngineError> {
        let text = self.meta.setting(EXPIRY).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    async fn put_expiry(&self, setting: &Setting) -> Result<(), EngineError> {
        let text =
            serde_json::to_string(setting).map_err(|error| EngineError::Internal(error.to_string()))?;
        Ok(self.meta.put_setting(EXPIRY, &text).await?)
    }
}
