//! The workspace: whose data this is, and by which calendar and currency it is read.

use crate::{Lang, time::Calendar};
use serde::{Deserialize, Serialize};

/// The first day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeekStart {
    /// ISO 8601.
    #[default]
    Monday,
    /// As printed on most Korean and American calendars.
    Sunday,
}

/// The settings every number is read by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Workspace {
    /// The company or team.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// First day of the week.
    #[serde(default)]
    pub week_start: WeekStart,
    /// ISO 4217 currency of all amounts.
    pub currency: String,
    /// Language of mails and reports.
    #[serde(default)]
    pub lang: Lang,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            name: "Gilmok".to_owned(),
            zone: "Asia/Seoul".to_owned(),
            week_start: WeekStart::Monday,
            currency: "KRW".to_owned(),
            lang: Lang::Ko,
        }
    }
}

impl Workspace {
    /// The calendar; UTC when the zone has become unknown (it is checked when it is set).
    pub fn calendar(&self) -> Calendar {
        Calendar::new(&self.zone, self.week_start).unwrap_or_else(Calendar::utc)
    }
}
