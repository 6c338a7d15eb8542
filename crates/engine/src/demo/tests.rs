//! The truths of `docs/demo.md`, measured on the events themselves.

mod causes;
mod documents;
mod install;
mod shape;

use super::{DemoMade, DemoSize, DemoValue, Name, Property, generate};
use std::collections::HashMap;
use std::sync::LazyLock;

/// An event with its person, as the store would know them.
pub(super) struct Seen {
    pub person: u64,
    pub time_us: i64,
    pub id: u64,
    pub event: Name,
    pub amount: Option<i64>,
    cells: std::ops::Range<usize>,
}

/// A value as seen; texts are numbered.
#[derive(Clone, Copy)]
enum Cell {
    Text(usize),
    Number(f64),
    Bool(bool),
}

/// A whole year: distinct events, people resolved by the first link of each anonymous identifier.
pub(super) struct Year {
    pub made: DemoMade,
    pub rows: Vec<Seen>,
    pub n_given: u64,
    cells: Vec<(Property, Cell)>,
    texts: Vec<String>,
}

/// The whole company, made once for all tests.
pub(super) static YEAR: LazyLock<Year> = LazyLock::new(|| Year::new(&DemoSize::default()));

impl Year {
    pub fn new(size: &DemoSize) -> Self {
        let (mut rows, mut cells, mut n_given) = (Vec::new(), Vec::new(), 0);
        let mut texts: Vec<String> = Vec::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut links: HashMap<u64, u64> = HashMap::new();
        let mut ids = std::collections::HashSet::new();
        let made = generate::<()>(size, |event| {
            n_given += 1;
            let user = event.user_id.and_then(|id| model::person_key(Some(id), None));
            let anonymous = event.anonymous_id.and_then(|id| model::person_key(None, Some(id)));
            if let (Some(user), Some(anonymous)) = (user, anonymous) {
                links.entry(anonymous).or_insert(user);
            }
            if !ids.insert(event.id) {
                return Ok(());
            }
            let start = cells.len();
            for &(key, value) in event.properties {
                let cell = match value {
                    DemoValue::Text(text) => Cell::Text(numbers.get(text).copied().unwrap_or_else(|| {
                        texts.push(text.to_owned());
                        numbers.insert(text.to_owned(), texts.len() - 1);
                        texts.len() - 1
                    })),
                    DemoValue::Number(number) => Cell::Number(number),
                    DemoValue::Bool(flag) => Cell::Bool(flag),
                };
                cells.push((key, cell));
            }
            let person = user.or(anonymous).expect("an event belongs to somebody");
            let (time_us, amount) = (event.time_us, event.amount);
            let cells = start..cells.len();
            rows.push(Seen { person, time_us, id: event.id, event: event.event, amount, cells });
            Ok(())
        });
        let made = made.expect("the callback never fails");
        for row in &mut rows {
            row.person = links.get(&row.person).copied().unwrap_or(row.person);
        }
        rows.sort_unstable_by_key(|row| (row.person, row.time_us, row.id));
        Self { made, rows, n_given, cells, texts }
    }

    fn cell(&self, row: &Seen, key: Property) -> Option<Cell> {
        self.cells[row.cells.clone()].iter().find(|(own, _)| *own == key).map(|(_, cell)| *cell)
    }

    pub fn number(&self, row: &Seen, key: Property) -> Option<f64> {
        match self.cell(row, key)? {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn text(&self, row: &Seen, key: Property) -> Option<&str> {
        match self.cell(row, key)? {
            Cell::Text(text) => Some(&self.texts[text]),
            _ => None,
        }
    }

    pub fn flag(&self, row: &Seen, key: Property) -> Option<bool> {
        match self.cell(row, key)? {
            Cell::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// All events of one name.
    pub fn all(&self, event: Name) -> impl Iterator<Item = &Seen> {
        self.rows.iter().filter(move |row| row.event == event)
    }

    /// The rows of each person, in the order of time.
    pub fn people(&self) -> impl Iterator<Item = &[Seen]> {
        self.rows.chunk_by(|a, b| a.person == b.person)
    }
}

/// A share with what it is a share of.
#[derive(Default, Clone, Copy)]
pub(super) struct Share {
    pub yes: f64,
    pub n: f64,
}

impl Share {
    pub fn add(&mut self, yes: bool) {
        self.yes += f64::from(u8::from(yes));
        self.n += 1.0;
    }

    pub fn value(self) -> f64 {
        self.yes / self.n
    }

    /// Asserts that the share is `truth`, but for four standard errors of chance.
    #[track_caller]
    pub fn is(self, truth: f64) {
        let error = (truth * (1.0 - truth) / self.n).sqrt();
        let off = (self.value() - truth).abs();
        assert!(self.n > 30.0 && off < 4.0 * error, "{:.4} of {} is not {truth}", self.value(), self.n);
    }
}

/// A mean of numbers.
#[derive(Default, Clone, Copy)]
pub(super) struct Mean {
    pub sum: f64,
    pub n: f64,
}

impl Mean {
    pub fn add(&mut self, number: f64) {
        self.sum += number;
        self.n += 1.0;
    }

    pub fn value(self) -> f64 {
        self.sum / self.n
    }
}
