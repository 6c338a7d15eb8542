//! Rows that become a day's value of a series.

use super::{
    batch::Row,
    decimal::Decimal,
    flaw::Flaw,
    plan::read_time,
    source::{Source, Tables},
    time::TimeReader,
};
use jiff::civil::{Date, date};
use meta::SeriesPoint;
use model::time::Calendar;
use std::collections::BTreeMap;

/// Different points of one file; a series has one a day for each channel and campaign.
const POINTS_MAX: usize = 2_000_000;

/// Name, day, channel and campaign.
type PointKey = (String, i32, String, String);

/// How rows become points, and the points so far: lines of the same day, channel and campaign are summed.
#[derive(Debug)]
pub(super) struct SeriesPlan {
    name: Source,
    time: (Source, TimeReader, Calendar),
    value: Source,
    channel: Option<Source>,
    campaign: Option<Source>,
    points: BTreeMap<PointKey, Decimal>,
}

impl SeriesPlan {
    pub(super) fn new(
        name: Source,
        time: (Source, TimeReader, Calendar),
        value: Source,
        channel: Option<Source>,
        campaign: Option<Source>,
    ) -> Self {
        Self { name, time, value, channel, campaign, points: BTreeMap::new() }
    }

    /// Adds a row and returns its time.
    pub(super) fn add(&mut self, row: Row<'_>, tables: &Tables) -> Result<i64, Flaw> {
        let (time, reader, calendar) = &mut self.time;
        let time_us = read_time(time, reader, row, tables)?;
        let number = self.value.number(row, tables)?;
        let number = number.ok_or_else(|| Flaw::SeriesMissing(self.value.label.clone()))?;
        let name = self.name.cell(row, tables)?.map(|cell| cell.text.to_owned());
        let name = name.ok_or_else(|| Flaw::SeriesMissing(self.name.label.clone()))?;
        let text = |source: &mut Option<Source>| -> Result<String, Flaw> {
            let Some(source) = source else { return Ok(String::new()) };
            Ok(source.cell(row, tables)?.map_or_else(String::new, |cell| cell.text.to_owned()))
        };
        let key =
            (name, day_number(calendar.day_of(time_us)), text(&mut self.channel)?, text(&mut self.campaign)?);
        if self.points.len() >= POINTS_MAX && !self.points.contains_key(&key) {
            return Err(Flaw::TooManyNames("series".to_owned()));
        }
        let sum = self.points.entry(key).or_default();
        *sum = sum.add(number).ok_or_else(|| Flaw::NumberOutOfRange { field: self.value.label.clone() })?;
        Ok(time_us)
    }

    /// The points, for the workspace.
    pub(super) fn points(&self) -> Vec<SeriesPoint> {
        let point = |((name, day, channel, campaign), sum): (&PointKey, &Decimal)| SeriesPoint {
            name: name.clone(),
            day: *day,
            channel: channel.clone(),
            campaign: campaign.clone(),
            value: sum.to_f64(),
        };
        self.points.iter().map(point).collect()
    }
}

/// Days since 1970-01-01.
fn day_number(day: Date) -> i32 {
    date(1970, 1, 1).until(day).map_or(0, |span| span.get_days())
}
