//! SQL over the events: DataFusion in the process, read-only, with limits on time, memory and rows.

mod table;

use crate::{Engine, EngineError};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use serde::Serialize;
use std::sync::Arc;
use store::{Cancel, Snapshot};

/// How much one query may take.
#[derive(Debug, Clone, Copy)]
pub struct SqlLimits {
    /// Rows answered; more are cut and said so.
    pub rows_max: usize,
    /// Memory of sorts, joins and groups.
    pub memory_bytes_max: usize,
    /// Time until the query is given up.
    pub time_max: std::time::Duration,
}

impl Default for SqlLimits {
    fn default() -> Self {
        Self { rows_max: 10_000, memory_bytes_max: 512 << 20, time_max: std::time::Duration::from_secs(60) }
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
    /// Runs one read-only query. The table is `events`; `information_schema` describes it.
    ///
    /// Errors: [`EngineError::Sql`] with DataFusion's reason; [`EngineError::Cancelled`].
    pub async fn sql(
        &self,
        query: &str,
        limits: SqlLimits,
        cancel: &Cancel,
    ) -> Result<SqlAnswer, EngineError> {
        let snapshot = self.store.snapshot();
        let data_version = snapshot.version();
        let context = self.context(&snapshot, limits)?;
        let options =
            SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let run = async {
            let frame = context.sql_with_options(query, options).await.map_err(sql_error)?;
            let mut stream = frame.execute_stream().await.map_err(sql_error)?;
            let (schema, mut batches, mut n_rows) = (stream.schema(), Vec::new(), 0);
            while let Some(batch) = stream.next().await {
                if cancel.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                let batch = batch.map_err(sql_error)?;
                n_rows += batch.num_rows();
                batches.push(batch);
                if n_rows > limits.rows_max {
                    break;
                }
            }
            Ok((schema, batches))
        };
        let too_long = |_| EngineError::Sql(format!("it ran longer than {} s", limits.time_max.as_secs()));
        let (schema, batches) = tokio::time::timeout(limits.time_max, run).await.map_err(too_long)??;
        answer(&schema, &batches, limits.rows_max, data_version)
    }

    fn context(&self, snapshot: &Snapshot, limits: SqlLimits) -> Result<SessionContext, EngineError> {
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(limits.memory_bytes_max, 1.0);
        let runtime = runtime.build_arc().map_err(sql_error)?;
        let config = SessionConfig::new()
            .with_information_schema(true)
            .with_target_partitions(self.threads)
            .with_default_catalog_and_schema("gilmok", "public");
        let context = SessionContext::new_with_config_rt(config, runtime);
        let events = Arc::new(table::Events::new(snapshot.clone()));
        context.register_table("events", events).map_err(sql_error)?;
        Ok(context)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "passed to map_err")]
fn sql_error(error: datafusion::error::DataFusionError) -> EngineError {
    EngineError::Sql(error.strip_backtrace())
}

fn answer(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    rows_max: usize,
    data_version: u64,
) -> Result<SqlAnswer, EngineError> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| SqlColumn { name: field.name().clone(), data_type: field.data_type().to_string() });
    let mut rows = Vec::new();
    for batch in batches {
        let cells: Vec<Vec<serde_json::Value>> =
            batch.columns().iter().map(cells).collect::<Result<_, _>>()?;
        let row = |at: usize| cells.iter().map(|column| column[at].clone()).collect();
        rows.extend((0..batch.num_rows()).map(row));
    }
    let truncated = rows.len() > rows_max;
    rows.truncate(rows_max);
    Ok(SqlAnswer { columns: columns.collect(), rows, truncated, data_version })
}

/// A column as JSON values.
fn cells(column: &ArrayRef) -> Result<Vec<serde_json::Value>, EngineError> {
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
        // Person keys and event ids use all 64 bits, which JSON numbers in JavaScript lose: text.
        kind if kind.is_integer() && *kind != DataType::UInt64 => {
            let numbers = arrow::compute::cast(column, &DataType::Int64).map_err(failed)?;
            let numbers = numbers.as_primitive::<Int64Type>();
            by_row(&|row| Value::from(numbers.value(row)))
        }
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column, &options).map_err(failed)?;
            by_row(&|row| Value::String(formatter.value(row).to_string()))
        }
    })
}
