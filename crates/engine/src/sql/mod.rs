//! SQL over the tables of [`tables`]: DataFusion in the process, read-only, with limits on time, memory and rows.
//!
//! A query runs on threads of its own, so that a heavy one does not hold up ingestion or other answers, and it ends
//! when its reader goes away.

mod file;
mod run;
mod tables;
mod wire;

pub use file::{SqlFile, SqlFormat};
pub use run::SqlStream;
pub(crate) use tables::TraitsFound;
pub use wire::{Wire, WireCommand, WireShape, WireStatement};

/// Values of the parameters of a prepared statement.
pub use datafusion::common::ParamValues as WireParameters;

use crate::{Engine, EngineError};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::Serialize;
use std::time::Duration;
use store::Cancel;

/// How much one query may take.
#[derive(Debug, Clone, Copy)]
pub struct SqlLimits {
    /// Rows answered.
    pub rows_max: usize,
    /// Further rows are cut and said so; otherwise they are an error, so that no file is silently short.
    pub cut: bool,
    /// Memory of sorts, joins and groups.
    pub memory_bytes_max: usize,
    /// Time until the query is given up, reading the answer included.
    pub time_max: Duration,
}

impl Default for SqlLimits {
    fn default() -> Self {
        Self {
            rows_max: 10_000,
            cut: true,
            memory_bytes_max: 512 << 20,
            time_max: Duration::from_secs(60),
        }
    }
}

impl SqlLimits {
    /// Limits of a file: ten million rows, ten minutes.
    pub fn of_file() -> Self {
        let time_max = Duration::from_secs(600);
        Self { rows_max: 10_000_000, cut: false, time_max, ..Self::default() }
    }
}

/// A column of a SQL answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its Arrow type.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SqlAnswer {
    /// Columns in order.
    pub columns: Vec<SqlColumn>,
    /// Rows: numbers and booleans as JSON, integers beyond 2⁵³ and everything else as text, nothing as null.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether rows were cut.
    pub truncated: bool,
    /// Version of the data that was read.
    pub data_version: u64,
}

impl Engine {
    /// Runs one read-only query and collects its answer. `information_schema` describes the tables.
    ///
    /// Errors: [`EngineError::Sql`] with DataFusion's reason; [`EngineError::Problems`] for a limit;
    /// [`EngineError::Cancelled`].
    pub async fn sql(
        &self,
        query: &str,
        limits: SqlLimits,
        cancel: &Cancel,
    ) -> Result<SqlAnswer, EngineError> {
        let mut stream = self.sql_stream(query, limits, cancel).await?;
        let column = |field: &std::sync::Arc<arrow::datatypes::Field>| SqlColumn {
            name: field.name().clone(),
            data_type: field.data_type().to_string(),
        };
        let columns = stream.schema().fields().iter().map(column).collect();
        let mut rows = Vec::new();
        while let Some(batch) = stream.next().await {
            rows.extend(json_rows(&batch?)?);
        }
        let truncated = rows.len() > limits.rows_max;
        rows.truncate(limits.rows_max);
        Ok(SqlAnswer { columns, rows, truncated, data_version: stream.data_version() })
    }
}

fn json_rows(batch: &RecordBatch) -> Result<Vec<Vec<serde_json::Value>>, EngineError> {
    let columns: Vec<Vec<serde_json::Value>> =
        batch.columns().iter().map(json_column).collect::<Result<_, _>>()?;
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    let row = |_| columns.iter_mut().filter_map(Iterator::next).collect();
    Ok((0..batch.num_rows()).map(row).collect())
}

/// A column as JSON values.
fn json_column(column: &ArrayRef) -> Result<Vec<serde_json::Value>, EngineError> {
    use serde_json::Value;
    let failed = |error: arrow::error::ArrowError| EngineError::Internal(error.to_string());
    let by_row = |cell: &dyn Fn(usize) -> Value| -> Vec<Value> {
        (0..column.len()).map(|row| if column.is_null(row) { Value::Null } else { cell(row) }).collect()
    };
    Ok(match column.data_type() {
        DataType::Boolean => {
            let flags = column.as_boolean();
            by_row(&|row| Value::Bool(flags.value(row)))
        }
        kind if kind.is_floating() => {
            let numbers = arrow::compute::cast(column, &DataType::Float64).map_err(failed)?;
            let numbers = numbers.as_primitive::<Float64Type>();
            by_row(&|row| serde_json::Number::from_f64(numbers.value(row)).map_or(Value::Null, Value::Number))
        }
        // Integers beyond 2⁵³ lose digits in JavaScript: text.
        kind if kind.is_integer() && *kind != DataType::UInt64 => {
            let numbers = arrow::compute::cast(column, &DataType::Int64).map_err(failed)?;
            let numbers = numbers.as_primitive::<Int64Type>();
            by_row(&|row| match numbers.value(row) {
                exact if exact.unsigned_abs() <= 1 << 53 => Value::from(exact),
                large => Value::String(large.to_string()),
            })
        }
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column, &options).map_err(failed)?;
            by_row(&|row| Value::String(formatter.value(row).to_string()))
        }
    })
}
