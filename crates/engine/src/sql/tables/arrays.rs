//! Columns of the store as Arrow arrays, for the rows that were picked.

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringViewArray,
    TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, TimeUnit};
use arrow::error::ArrowError;
use model::event::person_text;
use store::{Amounts, NO_CODE, Properties, Property, PropertyColumn, PropertyKind, Rows, StrColumn};

/// Digits of a sum of amounts: as many as Arrow has, so that no sum overflows.
const SUM_DIGITS: u8 = 38;

/// Rows of a bucket that are wanted, in order.
pub(super) enum Picked {
    /// The first so many, that is all.
    All(usize),
    /// These.
    Some(Vec<u32>),
}

impl Picked {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::All(n_rows) => *n_rows,
            Self::Some(rows) => rows.len(),
        }
    }

    /// Their indices.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(|at| match self {
            Self::All(_) => at,
            Self::Some(rows) => rows[at] as usize,
        })
    }
}

/// A column of text.
pub(super) fn text_field(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8View, nullable)
}

/// A column of moments, microseconds UTC.
pub(super) fn time_field(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), nullable)
}

/// A column of counts.
pub(super) fn count_field(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

/// A column of summed amounts.
pub(super) fn sum_field(name: &str) -> Field {
    Field::new(name, DataType::Decimal128(SUM_DIGITS, 2), false)
}

/// Texts by code. Long texts are shared, short ones copied as 16-byte views: no work per character.
pub(super) fn named<T: AsRef<str>>(
    values: &[T],
    codes: impl Iterator<Item = Option<u32>>,
) -> Result<ArrayRef, ArrowError> {
    let values = StringViewArray::from_iter_values(values.iter().map(AsRef::as_ref));
    take(&values, &codes.collect::<UInt32Array>(), None)
}

/// A text column of the store.
pub(super) fn texts(column: &StrColumn, picked: &Picked) -> Result<ArrayRef, ArrowError> {
    let code = |row: usize| Some(column.codes.get(row)).filter(|code| *code != NO_CODE);
    named(&column.values, picked.rows().map(code))
}

/// Person keys as text; each person is written once.
pub(super) fn persons(persons: impl Iterator<Item = u64>) -> Result<ArrayRef, ArrowError> {
    let (mut keys, mut last, mut codes) = (Vec::new(), None, Vec::new());
    for person in persons {
        if last != Some(person) {
            last = Some(person);
            keys.push(person_text(person));
        }
        codes.push(Some(keys.len() as u32 - 1));
    }
    named(&keys, codes.into_iter())
}

/// Person keys of picked rows.
pub(super) fn persons_of(rows: &Rows, picked: &Picked) -> Result<ArrayRef, ArrowError> {
    // Rows are picked in order, so that the person of the next is not far.
    let (mut who, starts) = (0, &rows.person_starts);
    persons(picked.rows().map(|row| {
        while starts[who + 1] <= row {
            who += 1;
        }
        rows.person_keys[who]
    }))
}

/// Names of events.
pub(super) fn events_of(names: &[String], rows: &Rows, picked: &Picked) -> Result<ArrayRef, ArrowError> {
    named(names, picked.rows().map(|row| Some(u32::from(rows.event[row]))))
}

/// Names of channels; none is null.
pub(super) fn channels(names: &[String], codes: impl Iterator<Item = u16>) -> Result<ArrayRef, ArrowError> {
    named(names, codes.map(|code| (code != 0).then_some(u32::from(code))))
}

/// Moments.
pub(super) fn times(times_us: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    std::sync::Arc::new(times_us.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

/// Counts.
pub(super) fn counts(counts: impl Iterator<Item = i64>) -> ArrayRef {
    std::sync::Arc::new(counts.map(Some).collect::<Int64Array>())
}

/// Amounts of picked rows.
pub(super) fn amounts(amounts: &Amounts, picked: &Picked) -> Result<ArrayRef, ArrowError> {
    let amounts: Decimal128Array = picked.rows().map(|row| amounts.get(row).map(i128::from)).collect();
    Ok(std::sync::Arc::new(amounts.with_precision_and_scale(18, 2)?))
}

/// Sums of amounts.
pub(super) fn sums(sums: impl Iterator<Item = i128>) -> Result<ArrayRef, ArrowError> {
    let sums: Decimal128Array = sums.map(Some).collect();
    Ok(std::sync::Arc::new(sums.with_precision_and_scale(SUM_DIGITS, 2)?))
}

/// One property at certain rows; a row may be named twice or be `None`, which is null.
pub(super) fn property(
    column: &PropertyColumn,
    rows: impl Iterator<Item = Option<usize>>,
) -> Result<ArrayRef, ArrowError> {
    Ok(match column {
        PropertyColumn::Str(texts) => {
            let code = |row: usize| Some(texts.codes.get(row)).filter(|code| *code != NO_CODE);
            named(&texts.values, rows.map(|row| row.and_then(code)))?
        }
        PropertyColumn::Num(numbers) => {
            let number = |row: usize| Some(numbers[row]).filter(|number| !number.is_nan());
            std::sync::Arc::new(rows.map(|row| row.and_then(number)).collect::<Float64Array>())
        }
        PropertyColumn::Bool(flags) => {
            let flag = |row: usize| Some(flags[row]).filter(|flag| *flag != 2).map(|flag| flag == 1);
            std::sync::Arc::new(rows.map(|row| row.and_then(flag)).collect::<BooleanArray>())
        }
    })
}

/// Columns of properties beside `fixed` ones. A property whose key is taken (by a fixed column, or by the same key
/// with another kind; without case, as SQL compares) is named `key_string`, `key_number` or `key_bool`, and if that
/// is taken too, `_2`, `_3` … is added.
pub(super) fn property_fields<'a>(
    fixed: &[Field],
    properties: &'a Properties,
    wanted: impl Fn(&Property) -> bool,
) -> Vec<(Field, &'a Property)> {
    let mut taken: std::collections::HashSet<String> =
        fixed.iter().map(|field| field.name().to_lowercase()).collect();
    let mut fields = Vec::new();
    for property in properties.all().iter().filter(|property| wanted(property)) {
        let with_kind = format!("{}_{}", property.key, property.kind.as_str());
        let numbered = (2..).map(|n| format!("{with_kind}_{n}"));
        let mut names = [property.key.clone(), with_kind.clone()].into_iter().chain(numbered);
        let Some(name) = names.find(|name| taken.insert(name.to_lowercase())) else { continue };
        let data_type = match property.kind {
            PropertyKind::String => DataType::Utf8View,
            PropertyKind::Number => DataType::Float64,
            PropertyKind::Bool => DataType::Boolean,
        };
        fields.push((Field::new(name, data_type, true), property));
    }
    fields
}
