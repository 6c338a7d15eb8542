//! One person's events while they are being made, and how they are handed out.

use super::event::{Channel, DemoEvent, DemoValue, Name, Property};
use super::season::Season;
use model::{Rng, time::DAY_US};
use std::{borrow::Cow, ops::Range};

/// Share of events that are sent twice.
const DUPLICATE_SHARE: f64 = 0.004;
/// Share of app and store events that come days later.
const LATE_SHARE: f64 = 0.006;

/// By which identifiers an event is sent.
#[derive(Debug, Clone, Copy)]
pub struct Who {
    /// With the member number.
    pub known: bool,
    /// With the identifier of a device, by its position in [`Timeline::devices`].
    pub device: Option<u8>,
}

#[derive(Debug)]
enum Cell {
    Text(Cow<'static, str>),
    Number(f64),
    Bool(bool),
}

#[derive(Debug)]
struct Row {
    time_us: i64,
    number: u32,
    event: Name,
    channel: Option<Channel>,
    amount: Option<i64>,
    who: Who,
    cells: Range<usize>,
}

/// The buffers of one person's events, used again for the next one.
#[derive(Debug, Default)]
pub struct Timeline {
    /// Member number.
    pub user_id: String,
    /// Identifiers of browsers, apps and cards.
    pub devices: Vec<String>,
    rows: Vec<Row>,
    cells: Vec<(Property, Cell)>,
}

/// An event that was just added, to be completed with its properties.
#[derive(Debug)]
pub struct Added<'t>(&'t mut Timeline);

impl Timeline {
    /// Forgets the person before.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.cells.clear();
        self.devices.clear();
        self.user_id.clear();
    }

    /// Adds an event. They may be added in any order.
    pub fn add(&mut self, time_us: i64, event: Name, channel: Channel, who: Who) -> Added<'_> {
        let cells = self.cells.len()..self.cells.len();
        let number = self.rows.len() as u32;
        self.rows.push(Row { time_us, number, event, channel: Some(channel), amount: None, who, cells });
        Added(self)
    }

    /// Hands the events out in the order of time, those beyond the year dropped, some of them twice; late ones are
    /// handed out at the end. Returns how many distinct ones there were.
    ///
    /// # Errors
    /// Whatever `give` answers.
    pub fn hand_out<E>(
        &mut self,
        season: &Season,
        rng: &mut Rng,
        id_seed: u64,
        give: &mut impl FnMut(DemoEvent<'_>) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.rows.retain(|row| (season.start_us..season.end_us).contains(&row.time_us));
        self.rows.sort_unstable_by_key(|row| (row.time_us, row.number));
        let mut late = Vec::new();
        let mut properties = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let can_be_late = matches!(row.channel, Some(Channel::App | Channel::Store));
            if can_be_late && rng.chance(LATE_SHARE) && row.time_us + 6 * DAY_US < season.end_us {
                late.push((index, 1.0 + rng.below(5) as f64));
                continue;
            }
            let times = if rng.chance(DUPLICATE_SHARE) { 2 } else { 1 };
            self.fill(row, None, &mut properties);
            for _ in 0..times {
                give(self.event(row, id_seed, &properties))?;
            }
        }
        for (index, late_days) in late {
            let row = &self.rows[index];
            self.fill(row, Some(late_days), &mut properties);
            give(self.event(row, id_seed, &properties))?;
        }
        Ok(self.rows.len() as u64)
    }

    fn fill<'t>(
        &'t self,
        row: &Row,
        late_days: Option<f64>,
        properties: &mut Vec<(Property, DemoValue<'t>)>,
    ) {
        properties.clear();
        for (key, cell) in &self.cells[row.cells.clone()] {
            let value = match cell {
                Cell::Text(text) => DemoValue::Text(text),
                Cell::Number(number) => DemoValue::Number(*number),
                Cell::Bool(flag) => DemoValue::Bool(*flag),
            };
            properties.push((*key, value));
        }
        if let Some(days) = late_days {
            properties.push((Property::LateDays, DemoValue::Number(days)));
        }
    }

    fn event<'t>(
        &'t self,
        row: &Row,
        id_seed: u64,
        properties: &'t [(Property, DemoValue<'t>)],
    ) -> DemoEvent<'t> {
        DemoEvent {
            user_id: row.who.known.then_some(self.user_id.as_str()),
            anonymous_id: row.who.device.map(|device| self.devices[usize::from(device)].as_str()),
            time_us: row.time_us,
            id: Rng::new(id_seed).fork(u64::from(row.number) + 1).next_u64(),
            event: row.event,
            channel: row.channel,
            amount: row.amount,
            properties,
        }
    }
}

impl Added<'_> {
    /// With a text.
    pub fn text(self, key: Property, text: impl Into<Cow<'static, str>>) -> Self {
        self.cell(key, Cell::Text(text.into()))
    }

    /// With a number.
    pub fn number(self, key: Property, number: f64) -> Self {
        self.cell(key, Cell::Number(number))
    }

    /// With true or false.
    pub fn flag(self, key: Property, flag: bool) -> Self {
        self.cell(key, Cell::Bool(flag))
    }

    /// With an amount in won.
    pub fn won(self, won: f64) -> Self {
        if let Some(row) = self.0.rows.last_mut() {
            row.amount = Some(won.round() as i64 * 100);
        }
        self
    }

    /// As sent by a system of ours: by no channel.
    pub fn without_channel(self) -> Self {
        if let Some(row) = self.0.rows.last_mut() {
            row.channel = None;
        }
        self
    }

    fn cell(self, key: Property, cell: Cell) -> Self {
        self.0.cells.push((key, cell));
        if let Some(row) = self.0.rows.last_mut() {
            row.cells.end = self.0.cells.len();
        }
        self
    }
}
