//! Time: a clock that is passed in, fixed durations, and the one calendar that everything uses.

use crate::workspace::WeekStart;
use jiff::{ToSpan, Unit, Zoned, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Microseconds in a day of 24 hours.
pub const DAY_US: i64 = 86_400_000_000;

/// A gap strictly longer than this, between two events of a person, starts the next session where a question names no
/// gap; as in most web analytics.
pub const SESSION_GAP_US: i64 = 30 * 60 * 1_000_000;

/// How far what is credited may lie before what it is credited with, where a question names no time.
pub const LOOKBACK_US: i64 = 30 * DAY_US;

/// Tells the time. The server has the only one that reads the wall clock.
#[derive(Clone)]
pub struct Clock(std::sync::Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks `now_us` (microseconds since the epoch, UTC) each time.
    pub fn new(now_us: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(std::sync::Arc::new(now_us))
    }

    /// A clock that stands still.
    pub fn fixed(now_us: i64) -> Self {
        Self::new(move || now_us)
    }

    /// Microseconds since the epoch, UTC.
    pub fn now_us(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now_us())
    }
}

/// A fixed length of time, written `P90D`, `PT36H`, `90d`, `36h`, `30m`, `45s`, `2w`.
///
/// A month is 31 days and a year 366, as in the funnel windows of the field: windows do not depend on the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration {
    /// Microseconds, above zero.
    pub us: i64,
}

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration above zero: write 90d, 36h, 30m, 45s, 2w or ISO 8601 such as P90D, PT36H")]
pub struct BadDuration(String);

impl utoipa::PartialSchema for Duration {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        text.description(Some("A fixed length of time: 90d, 36h, 30m, 45s, 2w or ISO 8601.")).into()
    }
}

impl utoipa::ToSchema for Duration {}

impl Duration {
    /// A number of days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self { us: days * DAY_US }
    }
}

impl FromStr for Duration {
    type Err = BadDuration;

    fn from_str(text: &str) -> Result<Self, BadDuration> {
        let bad = || BadDuration(text.to_owned());
        let upper = text.trim().to_uppercase();
        let iso = upper.strip_prefix('P');
        let (mut us, mut number, mut in_time, mut seen) = (0i64, String::new(), iso.is_none(), false);
        for c in iso.unwrap_or(&upper).chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            if c == 'T' && iso.is_some() && number.is_empty() {
                in_time = true;
                continue;
            }
            let unit_us = match c {
                'Y' => 366 * DAY_US,
                'M' if !in_time => 31 * DAY_US,
                'W' => 7 * DAY_US,
                'D' => DAY_US,
                'H' => 3_600_000_000,
                'M' => 60_000_000,
                'S' => 1_000_000,
                _ => return Err(bad()),
            };
            let count: i64 = number.parse().map_err(|_| bad())?;
            us = count.checked_mul(unit_us).and_then(|part| us.checked_add(part)).ok_or_else(bad)?;
            number.clear();
            seen = true;
        }
        if seen && number.is_empty() && us > 0 { Ok(Self { us }) } else { Err(bad()) }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit_us, name) in [(DAY_US, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s")] {
            if self.us % unit_us == 0 {
                return write!(f, "{}{name}", self.us / unit_us);
            }
        }
        write!(f, "{}s", self.us / 1_000_000)
    }
}

impl TryFrom<String> for Duration {
    type Error = BadDuration;
    fn try_from(text: String) -> Result<Self, BadDuration> {
        text.parse()
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.to_string()
    }
}

/// A period of whole days in the workspace's zone, both ends included: `{from: 2025-10-01, to: 2025-10-31}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Period {
    /// First day.
    #[schema(value_type = String, format = Date)]
    pub from: civil::Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub to: civil::Date,
}

impl Period {
    /// The period of the same length that ends the day before this one starts.
    pub fn previous(&self) -> Self {
        let n_days = self.n_days();
        Self { from: self.from.saturating_sub(n_days.days()), to: self.from.saturating_sub(1.day()) }
    }

    /// Days in the period, at least 1 for a valid one.
    pub fn n_days(&self) -> i64 {
        self.from.until(self.to).map_or(0, |span| i64::from(span.get_days())) + 1
    }
}

/// The size of a bucket on a time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// Calendar days.
    Day,
    /// Calendar weeks by the workspace's week start.
    #[default]
    Week,
    /// Calendar months.
    Month,
}

impl Grain {
    /// The grain that cuts `n_days` into a readable number of buckets.
    pub fn for_days(n_days: i64) -> Self {
        match n_days {
            ..=31 => Self::Day,
            32..=200 => Self::Week,
            _ => Self::Month,
        }
    }
}

/// The workspace's calendar: the only place where days, weeks and months are cut.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    week_start: WeekStart,
}

impl Calendar {
    /// A calendar of an IANA zone such as `Asia/Seoul`; `None` when the zone is unknown.
    pub fn new(zone: &str, week_start: WeekStart) -> Option<Self> {
        Some(Self { zone: TimeZone::get(zone).ok()?, week_start })
    }

    /// UTC with weeks from Monday.
    pub fn utc() -> Self {
        Self { zone: TimeZone::UTC, week_start: WeekStart::Monday }
    }

    /// The instant at which a day starts. On a day whose midnight does not exist it starts when the clocks have moved.
    pub fn start_of_day_us(&self, day: civil::Date) -> i64 {
        let zoned = day.to_zoned(self.zone.clone()).and_then(|zoned| zoned.start_of_day());
        zoned.map_or(if day.year() < 1970 { i64::MIN } else { i64::MAX }, |z| z.timestamp().as_microsecond())
    }

    /// `[from, to)` of a period in microseconds.
    pub fn bounds_us(&self, period: Period) -> (i64, i64) {
        (self.start_of_day_us(period.from), self.start_of_day_us(period.to.saturating_add(1.day())))
    }

    /// The day an instant falls on.
    pub fn day_of(&self, time_us: i64) -> civil::Date {
        self.zoned(time_us).date()
    }

    /// The instant in this zone; instants beyond the calendar are clamped to it.
    pub fn zoned(&self, time_us: i64) -> Zoned {
        let stamp = jiff::Timestamp::from_microsecond(time_us).unwrap_or(if time_us < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        stamp.to_zoned(self.zone.clone())
    }

    /// The start instants of the buckets that cover `period`, and one more: the end. The first bucket starts
    /// with the period even when its week or month began earlier.
    pub fn boundaries_us(&self, period: Period, grain: Grain) -> Vec<i64> {
        let mut starts = vec![period.from];
        let mut next = self.next_bucket(period.from, grain);
        while next <= period.to && starts.len() < 4_000 {
            starts.push(next);
            next = self.next_bucket(next, grain);
        }
        let mut bounds: Vec<i64> = starts.into_iter().map(|day| self.start_of_day_us(day)).collect();
        bounds.push(self.bounds_us(period).1);
        bounds
    }

    fn next_bucket(&self, day: civil::Date, grain: Grain) -> civil::Date {
        match grain {
            Grain::Day => day.saturating_add(1.day()),
            Grain::Week => {
                let into_week = match self.week_start {
                    WeekStart::Monday => day.weekday().to_monday_zero_offset(),
                    WeekStart::Sunday => day.weekday().to_sunday_zero_offset(),
                };
                day.saturating_add(i64::from(7 - into_week).days())
            }
            Grain::Month => day.first_of_month().saturating_add(1.month()),
        }
    }

    /// The local time as RFC 3339 with offset, to the second.
    pub fn format(&self, time_us: i64) -> String {
        let zoned = self.zoned(time_us);
        let zoned = zoned.round(Unit::Second).unwrap_or(zoned);
        format!("{}{}", zoned.datetime(), offset_text(zoned.offset().seconds()))
    }
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn duration_rules() {
        for (text, us) in [
            ("90d", 90 * DAY_US),
            ("P90D", 90 * DAY_US),
            ("PT36H", 36 * 3_600_000_000),
            ("P1DT12H", 36 * 3_600_000_000),
            ("30m", 1_800_000_000),   // Minutes when not ISO,
            ("P1M", 31 * DAY_US),     // a fixed month in ISO's date part,
            ("PT30M", 1_800_000_000), // minutes in its time part.
            ("2w", 14 * DAY_US),
        ] {
            assert_eq!(text.parse::<Duration>().map(|d| d.us), Ok(us), "{text}");
        }
        for bad in ["", "d", "90", "0d", "-3d", "P", "1x", "99999999999999d"] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
        assert_eq!(Duration::days(60).to_string(), "60d");
    }

    #[test]
    fn days_follow_the_zone() {
        let seoul = Calendar::new("Asia/Seoul", WeekStart::Monday).unwrap();
        let (from, to) = seoul.bounds_us(Period { from: date(2025, 10, 1), to: date(2025, 10, 1) });
        assert_eq!(to - from, DAY_US);
        assert_eq!(seoul.format(from), "2025-10-01T00:00:00+09:00");
        // New York springs forward on 2025-03-09: that day has 23 hours, and the autumn one 25.
        let york = Calendar::new("America/New_York", WeekStart::Sunday).unwrap();
        for (day, hours) in [(date(2025, 3, 9), 23), (date(2025, 11, 2), 25)] {
            let (from, to) = york.bounds_us(Period { from: day, to: day });
            assert_eq!((to - from) / 3_600_000_000, hours);
        }
        assert!(Calendar::new("Mars/Olympus", WeekStart::Monday).is_none());
    }

    #[test]
    fn buckets_cover_the_period() {
        let calendar = Calendar::utc();
        let period = Period { from: date(2025, 1, 29), to: date(2025, 2, 12) }; // A Wednesday to a Wednesday.
        let days = |grain| -> Vec<String> {
            let bounds = calendar.boundaries_us(period, grain);
            bounds.iter().map(|b| calendar.day_of(*b).to_string()).collect()
        };
        assert_eq!(days(Grain::Week), ["2025-01-29", "2025-02-03", "2025-02-10", "2025-02-13"]);
        assert_eq!(days(Grain::Month), ["2025-01-29", "2025-02-01", "2025-02-13"]);
        assert_eq!(days(Grain::Day).len(), 16);
        assert_eq!(period.previous(), Period { from: date(2025, 1, 14), to: date(2025, 1, 28) });
    }
}
