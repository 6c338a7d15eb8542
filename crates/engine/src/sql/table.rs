//! The `events` table: one partition per bucket, only the columns a query names are read.

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::{StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;
use store::Snapshot;

/// The events of one snapshot.
pub(super) struct Events {
    snapshot: Snapshot,
    schema: SchemaRef,
}

impl Events {
    pub fn new(snapshot: Snapshot) -> Self {
        let schema = snapshot.arrow_schema();
        Self { snapshot, schema }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Events(version {})", self.snapshot.version())
    }
}

#[async_trait]
impl TableProvider for Events {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => self.schema.clone(),
        };
        let partition = |bucket| -> Arc<dyn PartitionStream> {
            let snapshot = self.snapshot.clone();
            Arc::new(Bucket { snapshot, bucket, schema: schema.clone(), projection: projection.cloned() })
        };
        let partitions = (0..self.snapshot.n_buckets()).map(partition).collect();
        let plan = StreamingTableExec::try_new(schema.clone(), partitions, None, None, false, limit)?;
        Ok(Arc::new(plan))
    }
}

/// One bucket, read when it is asked for.
struct Bucket {
    snapshot: Snapshot,
    bucket: usize,
    schema: SchemaRef,
    projection: Option<Vec<usize>>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({})", self.bucket)
    }
}

impl PartitionStream for Bucket {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (snapshot, bucket, projection) = (self.snapshot.clone(), self.bucket, self.projection.clone());
        let read = async move {
            // Reading a bucket holds a core and the disk: not on a runtime thread.
            let batches =
                tokio::task::spawn_blocking(move || snapshot.arrow_batches(bucket, projection.as_deref()));
            let batches = batches.await.map_err(|error| DataFusionError::External(Box::new(error)))?;
            batches.map_err(|error| DataFusionError::External(Box::new(error)))
        };
        let batches = stream::once(read).map_ok(|batches| stream::iter(batches).map(Ok)).try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), batches))
    }
}
