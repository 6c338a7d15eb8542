//! Where a value comes from, compiled against the columns of one file.

use super::{
    batch::{Cell, CellKind, Row},
    decimal::Decimal,
    flaw::Flaw,
    lookup::Table,
};
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// What all sources of a mapping share.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) tables: Vec<Table>,
    /// Cells that mean nothing, besides empty ones.
    pub(super) missing: Vec<String>,
}

impl Tables {
    /// The cell of a column, unless it means nothing.
    #[inline]
    pub(super) fn cell<'a>(&self, row: Row<'a>, column: usize) -> Option<Cell<'a>> {
        let cell = row.cell(column)?;
        let means_nothing =
            !self.missing.is_empty() && self.missing.iter().any(|text| text == cell.text.trim());
        (!means_nothing).then_some(cell)
    }

    fn get<'a>(&'a self, row: Row<'a>, place: Place) -> Option<Cell<'a>> {
        match place {
            Place::File(column) => self.cell(row, column),
            Place::Table { table, column } => {
                let table = &self.tables[table];
                let key = self.cell(row, table.by)?;
                table.cell(key.text, column)
            }
        }
    }
}

/// A column of the file or of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    File(usize),
    Table { table: usize, column: usize },
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Cell(Place),
}

/// Where from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    Cell(Place),
    Constant(String),
    Template(Vec<Piece>),
    Product(Vec<Place>),
}

/// A compiled source with the buffer its made texts live in.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) from: From,
    replace: FxHashMap<String, String>,
    /// How messages call it: the column, or what the mapping says.
    pub(super) label: String,
    buffer: String,
}

impl Source {
    pub(super) fn new(
        from: From,
        replace: &std::collections::BTreeMap<String, String>,
        label: String,
    ) -> Self {
        let replace = replace.iter().map(|(from, to)| (from.clone(), to.clone())).collect();
        Self { from, replace, label, buffer: String::new() }
    }

    /// The value of a row, replaced where the mapping says so. A template with a missing cell is missing.
    pub(super) fn cell<'a>(&'a mut self, row: Row<'a>, tables: &'a Tables) -> Result<Option<Cell<'a>>, Flaw> {
        let made = |text| Some(Cell { text, kind: CellKind::Guess });
        let cell = match &self.from {
            From::Cell(place) => tables.get(row, *place),
            From::Constant(text) => made(text.as_str()),
            From::Template(pieces) => {
                self.buffer.clear();
                let mut whole = true;
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => self.buffer.push_str(text),
                        Piece::Cell(place) => match tables.get(row, *place) {
                            Some(cell) => self.buffer.push_str(cell.text),
                            None => whole = false,
                        },
                    }
                }
                if whole { made(self.buffer.as_str()) } else { None }
            }
            From::Product(places) => match product(places, row, tables, &self.label)? {
                Some(number) => {
                    self.buffer.clear();
                    // Writing to a `String` cannot fail.
                    let _ = write!(self.buffer, "{number}");
                    made(self.buffer.as_str())
                }
                None => None,
            },
        };
        if self.replace.is_empty() {
            return Ok(cell);
        }
        // An empty cell is replaced by what stands for the empty text.
        let replaced = self.replace.get(cell.map_or("", |cell| cell.text));
        Ok(replaced.map(|text| Cell { text, kind: CellKind::Guess }).or(cell))
    }

    /// The value as an exact number.
    pub(super) fn number(&mut self, row: Row<'_>, tables: &Tables) -> Result<Option<Decimal>, Flaw> {
        if let From::Product(places) = &self.from {
            return product(places, row, tables, &self.label);
        }
        let number = match self.cell(row, tables)? {
            None => return Ok(None),
            Some(cell) => Decimal::parse(cell.text).ok_or_else(|| cell.text.chars().take(60).collect()),
        };
        number.map(Some).map_err(|found: String| Flaw::NumberUnreadable { field: self.label.clone(), found })
    }

    /// The text when it is the same for every row.
    pub(super) fn constant(&self) -> Option<&str> {
        match &self.from {
            From::Constant(text) => Some(text),
            _ => None,
        }
    }
}

/// The product of numeric cells; missing when one of them is.
pub(super) fn product(
    places: &[Place],
    row: Row<'_>,
    tables: &Tables,
    label: &str,
) -> Result<Option<Decimal>, Flaw> {
    let mut result = Decimal::whole(1);
    for place in places {
        let Some(cell) = tables.get(row, *place) else { return Ok(None) };
        let Some(factor) = Decimal::parse(cell.text) else {
            let found = cell.text.chars().take(60).collect();
            return Err(Flaw::NumberUnreadable { field: label.to_owned(), found });
        };
        let Some(next) = result.multiply(factor) else {
            return Err(Flaw::NumberOutOfRange { field: label.to_owned() });
        };
        result = next;
    }
    Ok(Some(result))
}
