//! What all tables have in common: a scan reads bucket after bucket, on as many threads as the engine has, and holds
//! one bucket per thread.

use super::prune::{Prunable, Prune};
use crate::EngineError;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::{StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;
use store::Cancel;

/// Rows per batch: what DataFusion works with at a time.
const BATCH_ROWS: usize = 8192;

/// Reads the rows of one bucket: the columns that were wanted, in order. Blocks on the disk.
pub(super) type ReadBucket = Arc<dyn Fn(usize) -> Result<RecordBatch, EngineError> + Send + Sync>;

/// Where a table's rows come from.
#[async_trait]
pub(super) trait Source: Send + Sync + 'static {
    /// Conditions that spare reading.
    const PRUNABLE: Prunable;

    /// All columns.
    fn schema(&self) -> SchemaRef;

    /// Readies a scan of the columns with these indices, in this order: the buckets to read, and how.
    async fn open(&self, wanted: &[usize], prune: Prune) -> Result<(Vec<usize>, ReadBucket), EngineError>;
}

/// A table of one snapshot.
pub(super) struct Table<S> {
    pub source: S,
    pub name: &'static str,
    /// Buckets read at once.
    pub threads: usize,
    pub cancel: Cancel,
}

impl<S> fmt::Debug for Table<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.name)
    }
}

#[async_trait]
impl<S: Source> TableProvider for Table<S> {
    fn schema(&self) -> SchemaRef {
        self.source.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match Prune::understands(filter, S::PRUNABLE) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.schema().fields().len()).collect();
        let wanted = projection.unwrap_or(&all);
        let schema = Arc::new(self.schema().project(wanted)?);
        let opened = self.source.open(wanted, Prune::new(filters, S::PRUNABLE)).await;
        let (buckets, read) = opened.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let n_streams = self.threads.min(buckets.len()).max(1);
        let stream = |first: usize| -> Arc<dyn PartitionStream> {
            let buckets = buckets.iter().copied().skip(first).step_by(n_streams).collect();
            let (schema, read, cancel) = (schema.clone(), read.clone(), self.cancel.clone());
            Arc::new(Buckets { name: self.name, schema, buckets, read, cancel })
        };
        let streams = (0..n_streams).map(stream).collect();
        let plan = StreamingTableExec::try_new(schema.clone(), streams, None, None, false, limit)?;
        Ok(Arc::new(plan))
    }
}

/// Some buckets, one after the other, each read when the rows before it have been taken.
struct Buckets {
    name: &'static str,
    schema: SchemaRef,
    buckets: Vec<usize>,
    read: ReadBucket,
    cancel: Cancel,
}

impl fmt::Debug for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} buckets of {}", self.buckets.len(), self.name)
    }
}

impl PartitionStream for Buckets {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (read, cancel) = (self.read.clone(), self.cancel.clone());
        cancel.plan(self.buckets.len());
        let read_one = move |bucket: usize| {
            let (read, cancel) = (read.clone(), cancel.clone());
            async move {
                if cancel.is_cancelled() {
                    return Err(DataFusionError::External(Box::new(EngineError::Cancelled)));
                }
                // Reading a bucket holds a core and the disk: not on a runtime thread.
                let read = tokio::task::spawn_blocking(move || read(bucket)).await;
                let read = read.map_err(|error| DataFusionError::External(Box::new(error)))?;
                let rows = read.map_err(|error| DataFusionError::External(Box::new(error)))?;
                cancel.step();
                Ok(rows)
            }
        };
        let cancel = self.cancel.clone();
        let slice = move |whole: RecordBatch| {
            let cancel = cancel.clone();
            let starts = (0..whole.num_rows()).step_by(BATCH_ROWS);
            stream::iter(starts.collect::<Vec<_>>()).map(move |start| match cancel.is_cancelled() {
                true => Err(DataFusionError::External(Box::new(EngineError::Cancelled))),
                false => Ok(whole.slice(start, BATCH_ROWS.min(whole.num_rows() - start))),
            })
        };
        let batches = stream::iter(self.buckets.clone()).then(read_one).map_ok(slice).try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), batches))
    }
}
