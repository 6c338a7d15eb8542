//! Stored events as Arrow record batches, for SQL.
//!
//! | column | type |
//! |---|---|
//! | `person` | unsigned 64-bit integer (the person key) |
//! | `time` | timestamp, microseconds, UTC |
//! | `event`, `source` | text |
//! | `channel`, `user_id`, `anonymous_id` | text, may be null |
//! | `amount` | decimal with 2 places, may be null |
//! | `event_id` | unsigned 64-bit integer |
//! | each property under its own key | text, 64-bit floating point or boolean, may be null |
//!
//! A property whose key is taken (by a column above, or by the same key with another kind) is named
//! `key_string`, `key_number` or `key_bool`; if that is taken too, `_2`, `_3` … is added.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, RecordBatch, RecordBatchOptions, StringViewArray,
    TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::{
    Columns, NO_AMOUNT, NO_CODE, Properties, Property, PropertyColumn, PropertyKind, Result, Rows, Snapshot,
    StrColumn,
};

/// Rows per batch: what DataFusion works with at a time.
const BATCH_ROWS: usize = 8192;

/// Columns every event has, before its properties.
const FIXED: [(&str, Fixed); 9] = [
    ("person", Fixed::Person),
    ("time", Fixed::Time),
    ("event", Fixed::Event),
    ("channel", Fixed::Channel),
    ("amount", Fixed::Amount),
    ("user_id", Fixed::UserId),
    ("anonymous_id", Fixed::AnonymousId),
    ("source", Fixed::Source),
    ("event_id", Fixed::EventId),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fixed {
    Person,
    Time,
    Event,
    Channel,
    Amount,
    UserId,
    AnonymousId,
    Source,
    EventId,
}

impl Fixed {
    fn field(self, name: &str) -> Field {
        let (data_type, nullable) = match self {
            Self::Person | Self::EventId => (DataType::UInt64, false),
            Self::Time => (DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false),
            Self::Event => (DataType::Utf8View, false),
            Self::Amount => (DataType::Decimal128(18, 2), true),
            Self::Channel | Self::UserId | Self::AnonymousId | Self::Source => (DataType::Utf8View, true),
        };
        Field::new(name, data_type, nullable)
    }
}

impl Snapshot {
    /// The schema of the event table; see the module's table.
    #[must_use]
    pub fn arrow_schema(&self) -> SchemaRef {
        let mut fields: Vec<Field> = FIXED.iter().map(|(name, column)| column.field(name)).collect();
        let names = column_names(self.properties());
        for (property, name) in self.properties().all().iter().zip(names) {
            let data_type = match property.kind {
                PropertyKind::String => DataType::Utf8View,
                PropertyKind::Number => DataType::Float64,
                PropertyKind::Bool => DataType::Boolean,
            };
            fields.push(Field::new(name, data_type, true));
        }
        Arc::new(Schema::new(fields))
    }

    /// The events of a bucket, sorted by (person, time, id), as batches of up to 8192 rows. `projection`
    /// names columns by index into [`Snapshot::arrow_schema`], in the order wanted; without it all come.
    /// Only the columns named are read. Blocks on the disk.
    pub fn arrow_batches(&self, bucket: usize, projection: Option<&[usize]>) -> Result<Vec<RecordBatch>> {
        let all: Vec<usize> = (0..FIXED.len() + self.properties().all().len()).collect();
        let projection = projection.unwrap_or(&all);
        let schema = Arc::new(self.arrow_schema().project(projection)?);
        let wanted = |column: Fixed| projection.iter().any(|&i| FIXED.get(i).is_some_and(|f| f.1 == column));
        let properties = projection.iter().filter_map(|i| i.checked_sub(FIXED.len()));
        let columns = Columns {
            id: wanted(Fixed::EventId),
            user_id: wanted(Fixed::UserId),
            anonymous_id: wanted(Fixed::AnonymousId),
            amount: wanted(Fixed::Amount),
            channel: wanted(Fixed::Channel),
            source: wanted(Fixed::Source),
            properties: properties.map(|i| self.properties().all()[i].id).collect(),
        };
        let rows = self.scan(bucket, &columns)?;
        let mut next_property = rows.properties.iter();
        let mut arrays = Vec::with_capacity(projection.len());
        for &index in projection {
            arrays.push(match FIXED.get(index) {
                Some((_, column)) => self.fixed(*column, &rows)?,
                // The scan gives one column per property asked for, in this order.
                None => property(next_property.next(), rows.n_rows())?,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.n_rows()));
        let whole = RecordBatch::try_new_with_options(schema, arrays, &options)?;
        let starts = (0..rows.n_rows()).step_by(BATCH_ROWS);
        Ok(starts.map(|start| whole.slice(start, BATCH_ROWS.min(rows.n_rows() - start))).collect())
    }

    fn fixed(&self, column: Fixed, rows: &Rows) -> Result<ArrayRef> {
        Ok(match column {
            Fixed::Person => Arc::new(UInt64Array::from(rows.person.clone())),
            Fixed::EventId => Arc::new(UInt64Array::from(rows.id.clone())),
            Fixed::Time => {
                Arc::new(TimestampMicrosecondArray::from(rows.time_us.clone()).with_timezone("UTC"))
            }
            Fixed::Event => named(self.names().events(), rows.event.iter().map(|&code| Some(code)))?,
            Fixed::Channel => {
                let codes = rows.channel.iter().map(|&code| (code != 0).then_some(u32::from(code)));
                named(self.names().channels(), codes)?
            }
            Fixed::Amount => {
                let amounts = rows.amount.iter().map(|&a| (a != NO_AMOUNT).then_some(i128::from(a)));
                Arc::new(amounts.collect::<Decimal128Array>().with_precision_and_scale(18, 2)?)
            }
            Fixed::UserId => texts(&rows.user_id)?,
            Fixed::AnonymousId => texts(&rows.anonymous_id)?,
            Fixed::Source => texts(&rows.source)?,
        })
    }
}

fn property(column: Option<&PropertyColumn>, n_rows: usize) -> Result<ArrayRef> {
    Ok(match column {
        Some(PropertyColumn::Str(column)) => texts(column)?,
        Some(PropertyColumn::Num(column)) => {
            Arc::new(column.iter().map(|&n| (!n.is_nan()).then_some(n)).collect::<Float64Array>())
        }
        Some(PropertyColumn::Bool(column)) => {
            Arc::new(column.iter().map(|&flag| (flag != 2).then_some(flag == 1)).collect::<BooleanArray>())
        }
        None => Arc::new(StringViewArray::new_null(n_rows)),
    })
}

fn texts(column: &StrColumn) -> Result<ArrayRef> {
    named(&column.values, column.codes.iter().map(|&code| (code != NO_CODE).then_some(code)))
}

/// Texts by code. Short texts are copied as 16-byte views, long ones are shared: no work per character.
fn named(values: &[String], codes: impl Iterator<Item = Option<u32>>) -> Result<ArrayRef> {
    let values = StringViewArray::from_iter_values(values);
    Ok(take(&values, &codes.collect::<UInt32Array>(), None)?)
}

/// Column names of all properties, in order of their ids. Compared without case, as SQL does.
fn column_names(properties: &Properties) -> Vec<String> {
    let mut taken: hashbrown::HashSet<String> = FIXED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let name = |property: &Property| {
        let plain = property.key.clone();
        let with_kind = format!("{}_{}", property.key, property.kind.as_str());
        let numbered = (2..).map(|n| format!("{with_kind}_{n}"));
        [plain, with_kind.clone()].into_iter().chain(numbered).find(|name| taken.insert(name.to_lowercase()))
    };
    properties.all().iter().filter_map(name).collect()
}
