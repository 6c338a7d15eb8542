//! Properties with few values, all in one column of JSON texts, so that a part with hundreds of them is not
//! hundreds of columns.
//!
//! An entry is an object: column name of the property (`s:key`, `n:key`, `b:key`) → value; rows without any
//! have none. Which properties stand here is decided anew whenever a part is written, by how many values they
//! have in it: a property that comes into use gets its own column with the next merge, and loses it again.

use serde_json::{Map, Number, Value};

use crate::encode::property_column;
use crate::part::missing_property;
use crate::rows::{Block, NO_CODE, StrColumn};
use crate::{Property, PropertyColumn, PropertyKind};

/// Name of the column.
pub(crate) const REST: &str = "rest";

/// So many of the most frequent properties always have their own column.
const N_OWN_MIN: usize = 32;

/// A property beyond those has its own column if one row in so many has a value.
const ROWS_PER_VALUE_MAX: usize = 256;

/// For each property of a block whether it goes to the rest.
pub(crate) fn choose(block: &Block) -> Vec<bool> {
    let n_rows = block.rows.n_rows();
    let columns = &block.rows.properties;
    let mut in_rest = vec![false; columns.len()];
    if columns.len() <= N_OWN_MIN {
        return in_rest;
    }
    let n_values: Vec<usize> =
        columns.iter().map(|column| (0..n_rows).filter(|&row| column.has(row)).count()).collect();
    let mut by_use: Vec<usize> = (0..columns.len()).collect();
    by_use.sort_by_key(|&index| std::cmp::Reverse(n_values[index]));
    for &index in &by_use[N_OWN_MIN..] {
        in_rest[index] = n_values[index] * ROWS_PER_VALUE_MAX < n_rows;
    }
    in_rest
}

/// The texts of the chosen properties.
pub(crate) fn encode(block: &Block, properties: &[Property], in_rest: &[bool]) -> StrColumn {
    let mut by_row: Vec<Map<String, Value>> = Vec::new();
    let mut codes = vec![NO_CODE; block.rows.n_rows()];
    let chosen = properties.iter().zip(&block.rows.properties).zip(in_rest).filter(|(_, chosen)| **chosen);
    for ((property, column), _) in chosen {
        let name = property_column(property);
        for (row, code) in codes.iter_mut().enumerate().filter(|(row, _)| column.has(*row)) {
            let value = match column {
                PropertyColumn::Str(texts) => Value::from(texts.get(row).unwrap_or_default()),
                PropertyColumn::Num(numbers) => number(numbers[row]),
                PropertyColumn::Bool(flags) => Value::from(flags[row] == 1),
            };
            if *code == NO_CODE {
                *code = by_row.len() as u32;
                by_row.push(Map::new());
            }
            by_row[*code as usize].insert(name.clone(), value);
        }
    }
    intern(&codes, &by_row)
}

/// Rows may have equal texts: values of a column are distinct.
fn intern(codes: &[u32], objects: &[Map<String, Value>]) -> StrColumn {
    let mut column = StrColumn::default();
    let mut known = hashbrown::HashMap::new();
    for &code in codes {
        let text = objects.get(code as usize).map(|object| Value::Object(object.clone()).to_string());
        column.codes.push(text.map_or(NO_CODE, |text| {
            *known.entry(text).or_insert_with_key(|text| {
                column.values.push(text.clone());
                column.values.len() as u32 - 1
            })
        }));
    }
    column
}

/// A number as JSON, if it comes back from that bit by bit; else its bits.
fn number(number: f64) -> Value {
    let value = Number::from_f64(number).map(Value::Number);
    let comes_back = |value: &Value| {
        let read = serde_json::from_str::<f64>(&value.to_string());
        read.is_ok_and(|read| read.to_bits() == number.to_bits())
    };
    value.filter(comes_back).unwrap_or_else(|| Value::from(format!("{:#018x}", number.to_bits())))
}

fn read_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(bits) => u64::from_str_radix(bits.strip_prefix("0x")?, 16).ok().map(f64::from_bits),
        _ => None,
    }
}

/// The column as read.
#[derive(Debug)]
pub(crate) struct Rest {
    codes: Vec<u32>,
    objects: Vec<Map<String, Value>>,
}

impl Rest {
    /// Parses the texts; `None` if one is not an object.
    pub(crate) fn parse(texts: StrColumn) -> Option<Self> {
        let objects = texts.values.iter().map(|text| serde_json::from_str(text).ok());
        Some(Self { objects: objects.collect::<Option<_>>()?, codes: texts.codes.into_wide() })
    }

    /// Whether some row has the property.
    pub(crate) fn has(&self, property: &Property) -> bool {
        let name = property_column(property);
        self.objects.iter().any(|object| object.contains_key(&name))
    }

    /// A property's values, as its own column would have them; `None` if a value has another kind.
    pub(crate) fn column(&self, property: &Property) -> Option<PropertyColumn> {
        let name = property_column(property);
        let mut column = missing_property(property.kind, self.codes.len());
        let n_texts = if property.kind == PropertyKind::String { self.codes.len() } else { 0 };
        let (mut known, mut codes) = (hashbrown::HashMap::new(), vec![NO_CODE; n_texts]);
        for (row, &code) in self.codes.iter().enumerate() {
            let Some(value) = self.objects.get(code as usize).and_then(|object| object.get(&name)) else {
                continue;
            };
            match &mut column {
                PropertyColumn::Str(texts) => {
                    let text = value.as_str()?;
                    codes[row] = *known.entry(text).or_insert_with(|| {
                        texts.values.push(text.to_owned());
                        texts.values.len() as u32 - 1
                    });
                }
                PropertyColumn::Num(numbers) => numbers[row] = read_number(value)?,
                PropertyColumn::Bool(flags) => flags[row] = u8::from(value.as_bool()?),
            }
        }
        if let PropertyColumn::Str(texts) = &mut column {
            texts.codes = codes.into();
        }
        debug_assert!(matches!(
            (&column, property.kind),
            (PropertyColumn::Str(_), PropertyKind::String)
                | (PropertyColumn::Num(_), PropertyKind::Number)
                | (PropertyColumn::Bool(_), PropertyKind::Bool)
        ));
        Some(column)
    }
}
