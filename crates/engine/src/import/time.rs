//! Times as people write them, to microseconds UTC.
//!
//! One hand-made reader covers every form that starts with a four-digit year; it is what makes imports fast.
//! Everything else goes through `strptime` patterns. What could mean two days is not guessed.

use super::{
    batch::{Cell, CellKind},
    flaw::Flaw,
};
use jiff::{Timestamp, civil, fmt::strtime::BrokenDownTime, tz::TimeZone};

/// Microseconds of 1900-01-01 and 2200-01-01 UTC: a time outside is a mistake, not an event.
pub(crate) const RANGE_US: std::ops::Range<i64> = -2_208_988_800_000_000..7_258_118_400_000_000;
const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;

/// How times are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeFormat {
    /// Year, month and day with `-`, `/`, `.` or nothing between them, then perhaps a time and an offset.
    YearFirst,
    /// A number of units of this many microseconds since 1970.
    Epoch { unit_us: i64 },
    /// A `strptime` pattern.
    Pattern(String),
}

/// Why a column's times cannot be told by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unclear {
    /// Both of these patterns fit every sample.
    Ambiguous(&'static str, &'static str),
    /// No known format fits this sample.
    Unknown(String),
}

/// Patterns tried when a column is not year first. Those of one line differ only in the order of day and month.
const PATTERNS: [&[&str]; 13] = [
    &["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"],
    &["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"],
    &["%d/%m/%Y", "%m/%d/%Y"],
    &["%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p"],
    &["%m/%d/%Y %I:%M %p", "%d/%m/%Y %I:%M %p"],
    &["%d.%m.%Y %H:%M:%S", "%m.%d.%Y %H:%M:%S"],
    &["%d.%m.%Y %H:%M", "%m.%d.%Y %H:%M"],
    &["%d.%m.%Y", "%m.%d.%Y"],
    &["%d-%m-%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S"],
    &["%d-%m-%Y", "%m-%d-%Y"],
    &["%a, %d %b %Y %H:%M:%S %z"],
    &["%d-%b-%Y"],
    &["%b %d, %Y"],
];

impl TimeFormat {
    /// A format as a mapping states it.
    pub(super) fn stated(format: &str) -> Option<Self> {
        Some(match format {
            "iso" => Self::YearFirst,
            "epoch_s" => Self::Epoch { unit_us: SECOND_US },
            "epoch_ms" => Self::Epoch { unit_us: 1_000 },
            "epoch_us" => Self::Epoch { unit_us: 1 },
            // The two patterns that nearly everybody means by a pattern are read the fast way.
            "%Y-%m-%d %H:%M:%S" | "%Y-%m-%d" => Self::YearFirst,
            pattern if pattern.contains('%') && pattern_works(pattern) => Self::Pattern(pattern.to_owned()),
            _ => return None,
        })
    }

    /// As a mapping states it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::YearFirst => "iso",
            Self::Epoch { unit_us: SECOND_US } => "epoch_s",
            Self::Epoch { unit_us: 1_000 } => "epoch_ms",
            Self::Epoch { .. } => "epoch_us",
            Self::Pattern(pattern) => pattern,
        }
    }

    /// The format that fits the samples, but for one in four at most: those will be rejected.
    pub(super) fn detect<'a>(samples: impl Iterator<Item = Cell<'a>> + Clone) -> Result<Self, Unclear> {
        let Some(first) = samples.clone().next() else { return Ok(Self::YearFirst) };
        let n_samples = samples.clone().count();
        let enough = |n_fitting: usize| n_fitting > 0 && (n_samples - n_fitting) * 4 <= n_samples;
        let is_year_first =
            |cell: &Cell<'_>| cell.kind == CellKind::Time || year_first(cell.text.trim()).is_some();
        if enough(samples.clone().filter(is_year_first).count()) {
            return Ok(Self::YearFirst);
        }
        // Numbers between 2000 and 2100 in their unit.
        for unit_us in [SECOND_US, 1_000, 1] {
            let range = 946_684_800 * SECOND_US..4_102_444_800 * SECOND_US;
            let fits = |cell: &Cell<'_>| epoch(cell.text, unit_us).is_some_and(|us| range.contains(&us));
            if enough(samples.clone().filter(fits).count()) {
                return Ok(Self::Epoch { unit_us });
            }
        }
        for patterns in PATTERNS {
            let fitting =
                |pattern: &str| samples.clone().filter(|cell| parse(pattern, cell.text).is_some()).count();
            let mut fits: Vec<(usize, &'static str)> = patterns
                .iter()
                .map(|pattern| (fitting(pattern), *pattern))
                .filter(|(n, _)| enough(*n))
                .collect();
            fits.sort_by_key(|(n_fitting, _)| std::cmp::Reverse(*n_fitting));
            match fits[..] {
                [] => {}
                // As many days as months fit: no sample shows which is which.
                [(n, one), (other_n, other), ..] if n == other_n => {
                    return Err(Unclear::Ambiguous(one, other));
                }
                [(_, best), ..] => return Ok(Self::Pattern(best.to_owned())),
            }
        }
        let odd = samples.clone().find(|cell| !is_year_first(cell)).map_or(first.text, |cell| cell.text);
        Err(Unclear::Unknown(odd.to_owned()))
    }
}

/// Whether a pattern can be used at all: something it writes can be read back with it.
fn pattern_works(pattern: &str) -> bool {
    let noon = civil::date(2001, 2, 3).at(14, 5, 6, 0).to_zoned(TimeZone::UTC);
    let Ok(noon) = noon else { return false };
    let text = jiff::fmt::strtime::format(pattern, &noon);
    text.is_ok_and(|text| parse(pattern, &text).is_some())
}

/// A local time, and the seconds of its offset where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    /// Microseconds of the same clock reading in UTC.
    local_us: i64,
    offset_s: Option<i64>,
}

/// Reads the times of one column.
#[derive(Debug)]
pub(super) struct TimeReader {
    format: TimeFormat,
    zone: TimeZone,
    /// The stretch of local clock readings around the last one for which the offset is `known_offset_us`.
    known: std::ops::Range<i64>,
    known_offset_us: i64,
}

impl TimeReader {
    /// Reads `format`, in `zone` where no offset is written.
    pub(super) fn new(format: TimeFormat, zone: TimeZone) -> Self {
        Self { format, zone, known: 0..0, known_offset_us: 0 }
    }

    /// Microseconds UTC. A reading that the clocks skipped is taken as that much later, one that came twice as
    /// the first (RFC 5545).
    pub(super) fn read(&mut self, cell: Cell<'_>) -> Result<i64, Flaw> {
        let text = cell.text.trim();
        let time_us = match &self.format {
            _ if cell.kind == CellKind::Time => year_first(text).map(|written| self.instant(written)),
            TimeFormat::YearFirst => year_first(text).map(|written| self.instant(written)),
            TimeFormat::Epoch { unit_us } => epoch(text, *unit_us),
            TimeFormat::Pattern(pattern) => parse(pattern, text).map(|written| self.instant(written)),
        };
        match time_us {
            Some(time_us) if RANGE_US.contains(&time_us) => Ok(time_us),
            Some(_) => Err(Flaw::TimeOutOfRange(text.chars().take(60).collect())),
            None => Err(Flaw::TimeUnreadable {
                found: text.chars().take(60).collect(),
                format: self.format.name().to_owned(),
            }),
        }
    }

    #[inline]
    fn instant(&mut self, written: Written) -> i64 {
        let Written { local_us, offset_s } = written;
        if let Some(offset_s) = offset_s {
            return local_us - offset_s * SECOND_US;
        }
        if !self.known.contains(&local_us) {
            self.learn(local_us);
        }
        if self.known.contains(&local_us) {
            return local_us - self.known_offset_us;
        }
        self.zoned(local_us)
    }

    /// Finds the stretch with one offset around a local time, less two days at each side, where clocks change.
    fn learn(&mut self, local_us: i64) {
        let Ok(near) = Timestamp::from_microsecond(local_us) else { return };
        let offset_us = i64::from(self.zone.to_offset(near).seconds()) * SECOND_US;
        let before = self
            .zone
            .preceding(near)
            .next()
            .map_or(i64::MIN / 2, |change| change.timestamp().as_microsecond());
        let after = self
            .zone
            .following(near)
            .next()
            .map_or(i64::MAX / 2, |change| change.timestamp().as_microsecond());
        self.known_offset_us = offset_us;
        self.known = before + 2 * DAY_US..after - 2 * DAY_US;
    }

    fn zoned(&self, local_us: i64) -> i64 {
        // The clock reading as a civil time: the UTC time of the same numbers.
        let civil = Timestamp::from_microsecond(local_us).map(|at| TimeZone::UTC.to_datetime(at));
        let instant = civil.and_then(|civil| self.zone.to_ambiguous_timestamp(civil).compatible());
        instant.map_or(local_us, |at| at.as_microsecond())
    }
}

fn epoch(text: &str, unit_us: i64) -> Option<i64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let units: i64 = whole.parse().ok()?;
    let mut time_us = units.checked_mul(unit_us)?;
    let mut digit_us = unit_us / 10;
    for byte in fraction.bytes() {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
        time_us += digit * digit_us * if whole.starts_with('-') { -1 } else { 1 };
        digit_us /= 10;
    }
    Some(time_us)
}

fn parse(pattern: &str, text: &str) -> Option<Written> {
    let broken = BrokenDownTime::parse(pattern, text.trim()).ok()?;
    let written = |local: civil::DateTime, offset_s| {
        let local_us = local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond();
        Some(Written { local_us, offset_s })
    };
    if let Ok(at) = broken.to_timestamp() {
        return Some(Written { local_us: at.as_microsecond(), offset_s: Some(0) });
    }
    if let Ok(local) = broken.to_datetime() {
        return written(local, None);
    }
    written(broken.to_date().ok()?.at(0, 0, 0, 0), None)
}

/// A time that starts with a year, in microseconds UTC; without an offset it is UTC.
pub(crate) fn instant_utc(text: &str) -> Option<i64> {
    let Written { local_us, offset_s } = year_first(text.trim())?;
    Some(local_us - offset_s.unwrap_or_default() * SECOND_US)
}

/// Whether a text is a time that starts with a year: `20240305` alone may be a number as well.
pub(super) fn is_year_first(text: &str) -> bool {
    year_first(text).is_some()
}

/// Days from 1970-01-01 to a civil day (Howard Hinnant's `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A place in a text that is read from left to right.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    /// One to `n_max` digits.
    #[inline]
    fn number(&mut self, n_min: usize, n_max: usize) -> Option<i64> {
        let n_digits = self.0.iter().take(n_max).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(n_digits);
        self.0 = rest;
        (n_digits >= n_min).then(|| digits.iter().fold(0, |n, digit| n * 10 + i64::from(digit - b'0')))
    }

    #[inline]
    fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.0.starts_with(text);
        if found {
            self.0 = &self.0[text.len()..];
        }
        found
    }

    fn spaces(&mut self) {
        while self.eat(b" ") {}
    }
}

/// `2024-03-05`, `2024/3/5 9:07`, `2024.03.05 14:05:06.789`, `20240305140506`, `2024-03-05T14:05:06+09:00`,
/// `2024-03-05 오후 2:05:06`, `2024-03-05 2:05 PM`, `2024년 3월 5일 14시 5분`.
fn year_first(text: &str) -> Option<Written> {
    let mut scan = Scan(text.as_bytes());
    let year = scan.number(4, 4)?;
    let (month, day) = match scan.0.first()? {
        b'-' | b'/' | b'.' => {
            let separator = [scan.0[0]];
            scan.eat(&separator);
            scan.spaces();
            let month = scan.number(1, 2)?;
            let again = scan.eat(&separator);
            scan.spaces();
            (month, scan.number(1, 2).filter(|_| again)?)
        }
        byte if byte.is_ascii_digit() => (scan.number(2, 2)?, scan.number(2, 2)?),
        _ => korean_day(&mut scan)?,
    };
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let day_us = days_from_civil(year, month, day) * DAY_US;
    // `2024. 3. 5.` is how Korean spreadsheets write a day.
    scan.eat(b".");
    if scan.0.is_empty() {
        return Some(Written { local_us: day_us, offset_s: None });
    }
    let time_us = time_of_day(&mut scan)?;
    let offset_s = offset(&mut scan)?;
    scan.0.is_empty().then_some(Written { local_us: day_us + time_us, offset_s })
}

fn korean_day(scan: &mut Scan<'_>) -> Option<(i64, i64)> {
    let ended = |scan: &mut Scan<'_>, unit: &str| {
        let found = scan.eat(unit.as_bytes());
        scan.spaces();
        found.then_some(())
    };
    ended(scan, "년")?;
    let month = scan.number(1, 2)?;
    ended(scan, "월")?;
    let day = scan.number(1, 2)?;
    scan.eat("일".as_bytes()).then_some((month, day))
}

/// Microseconds since midnight.
fn time_of_day(scan: &mut Scan<'_>) -> Option<i64> {
    if !scan.eat(b"T") && !scan.eat(b" ") && !scan.eat(b"t") && scan.0.len() != 4 && scan.0.len() != 6 {
        return None;
    }
    scan.spaces();
    let mut half = half_day(scan);
    scan.spaces();
    let mut hour = scan.number(1, 2)?;
    let (minute, second, us) = if scan.0.first().is_some_and(u8::is_ascii_digit) {
        let minute = scan.number(2, 2)?;
        (minute, scan.number(2, 2).unwrap_or(0), 0)
    } else {
        clock(scan)?
    };
    if half.is_none() && !scan.0.is_empty() && !matches!(scan.0[0], b'+' | b'-' | b'Z') {
        let rest = scan.0;
        scan.spaces();
        half = half_day(scan);
        if half.is_none() {
            scan.0 = rest;
        }
    }
    if let Some(pm) = half {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if pm { 12 } else { 0 };
    }
    // A leap second is the last moment of its minute; 24:00 is not a time of the same day.
    let second = if second == 60 { 59 } else { second };
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then_some(((hour * 60 + minute) * 60 + second) * SECOND_US + us)
}

/// Minutes, seconds and microseconds after the hour.
fn clock(scan: &mut Scan<'_>) -> Option<(i64, i64, i64)> {
    if scan.eat("시".as_bytes()) {
        scan.spaces();
        let Some(minute) = scan.number(1, 2) else { return Some((0, 0, 0)) };
        let named = scan.eat("분".as_bytes());
        scan.spaces();
        let second = scan.number(1, 2);
        let ended = second.is_none() || scan.eat("초".as_bytes());
        return (named && ended).then_some((minute, second.unwrap_or(0), 0));
    }
    let minute = scan.eat(b":").then(|| scan.number(2, 2))??;
    if !scan.eat(b":") {
        return Some((minute, 0, 0));
    }
    let second = scan.number(2, 2)?;
    let (mut us, mut digit_us) = (0, SECOND_US / 10);
    if scan.eat(b".") || scan.eat(b",") {
        scan.0.first().filter(|byte| byte.is_ascii_digit())?;
        while let Some(digit) = scan.number(1, 1) {
            us += digit * digit_us;
            digit_us /= 10; // Beyond microseconds nothing is kept.
        }
    }
    Some((minute, second, us))
}

/// Whether it is the second half of the day, if it says so.
fn half_day(scan: &mut Scan<'_>) -> Option<bool> {
    let words = [("오전", false), ("오후", true), ("AM", false), ("PM", true), ("am", false), ("pm", true)];
    words.into_iter().find(|(word, _)| scan.eat(word.as_bytes())).map(|(_, pm)| pm)
}

/// Seconds east of UTC; the inner `None` when nothing is written.
fn offset(scan: &mut Scan<'_>) -> Option<Option<i64>> {
    scan.spaces();
    if scan.0.is_empty() {
        return Some(None);
    }
    if scan.eat(b"Z") || scan.eat(b"z") || scan.eat(b"UTC") || scan.eat(b"GMT") {
        return Some(Some(0));
    }
    let sign = if scan.eat(b"+") { 1 } else { scan.eat(b"-").then_some(-1)? };
    let hours = scan.number(2, 2)?;
    scan.eat(b":");
    let minutes = scan.number(2, 2).unwrap_or(0);
    (hours <= 18 && minutes < 60).then_some(Some(sign * (hours * 60 + minutes) * 60))
}

#[cfg(test)]
mod tests;
