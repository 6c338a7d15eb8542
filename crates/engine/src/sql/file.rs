//! The answer to a query as a file, made while it is read.

use super::{SqlLimits, SqlStream, run};
use crate::spreadsheet::csv_text;
use crate::{Engine, EngineError};
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::io::Write;
use store::Cancel;
use store::parquet::ParquetEncoder;
use tokio::sync::mpsc;

/// Bytes of CSV gathered before they are handed on.
const CHUNK_BYTES: usize = 64 << 10;

/// The formats of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SqlFormat {
    /// Comma-separated values in UTF-8 with a head; nothing is an empty cell, an empty text is `""`. A text that a
    /// spreadsheet would take for a formula gets an apostrophe before it.
    Csv,
    /// Apache Parquet with Zstandard.
    Parquet,
}

impl SqlFormat {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// A file in the making. Dropping it ends the query.
pub struct SqlFile {
    first: Option<Vec<u8>>,
    chunks: mpsc::Receiver<Result<Vec<u8>, EngineError>>,
}

impl SqlFile {
    /// The next bytes; `None` after the last. An error means that the file is not whole.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, EngineError>> {
        match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => self.chunks.recv().await,
        }
    }
}

impl Engine {
    /// Runs one read-only query into a file. Returns when the first bytes are there, so that most errors come before
    /// anything was handed on. Memory: a few batches; for Parquet a row group of 65,536 rows.
    pub async fn sql_file(
        &self,
        query: &str,
        format: SqlFormat,
        limits: SqlLimits,
        cancel: &Cancel,
    ) -> Result<SqlFile, EngineError> {
        let stream = self.sql_stream(query, limits, cancel).await?;
        let (sender, mut chunks) = mpsc::channel(2);
        run::runtime(self.threads)?.spawn(work(stream, format, limits.rows_max, sender));
        let first = chunks.recv().await.transpose()?;
        Ok(SqlFile { first, chunks })
    }
}

// Boxed, as the opening of a query is: compiled here.
fn work(
    stream: SqlStream,
    format: SqlFormat,
    rows_max: usize,
    sender: mpsc::Sender<Result<Vec<u8>, EngineError>>,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if let Err(error) = encode(stream, format, rows_max, &sender).await {
            // Nobody waits for it any more: then nobody misses it.
            drop(sender.send(Err(error)).await);
        }
    })
}

enum Encoder {
    Csv(Vec<u8>),
    Parquet(Box<ParquetEncoder>),
}

async fn encode(
    mut stream: SqlStream,
    format: SqlFormat,
    rows_max: usize,
    sender: &mpsc::Sender<Result<Vec<u8>, EngineError>>,
) -> Result<(), EngineError> {
    let mut encoder = match format {
        SqlFormat::Csv => Encoder::Csv(csv_head(stream.schema())),
        SqlFormat::Parquet => Encoder::Parquet(Box::new(ParquetEncoder::new(stream.schema().clone())?)),
    };
    let mut n_rows_left = rows_max;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let batch = batch.slice(0, batch.num_rows().min(n_rows_left));
        n_rows_left -= batch.num_rows();
        let bytes = match &mut encoder {
            Encoder::Csv(bytes) => {
                csv_rows(&batch, bytes)?;
                if bytes.len() >= CHUNK_BYTES { std::mem::take(bytes) } else { Vec::new() }
            }
            Encoder::Parquet(encoder) => encoder.write(&batch)?,
        };
        if !bytes.is_empty() && sender.send(Ok(bytes)).await.is_err() {
            return Ok(());
        }
    }
    let last = match encoder {
        Encoder::Csv(bytes) => bytes,
        Encoder::Parquet(encoder) => encoder.finish()?,
    };
    drop(sender.send(Ok(last)).await);
    Ok(())
}

fn csv_head(schema: &SchemaRef) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, field) in schema.fields().iter().enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        csv_text(field.name(), &mut bytes);
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn csv_rows(batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), EngineError> {
    let failed = |error: arrow::error::ArrowError| EngineError::Internal(error.to_string());
    let options = FormatOptions::default();
    let columns = batch.columns().iter().map(|column| {
        let is_plain = column.data_type().is_numeric()
            || matches!(column.data_type(), DataType::Boolean | DataType::Timestamp(..) | DataType::Date32);
        Ok((column, is_plain, ArrayFormatter::try_new(column, &options)?))
    });
    let columns = columns.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    for row in 0..batch.num_rows() {
        for (at, (column, is_plain, formatter)) in columns.iter().enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            // A column of the type of `NULL` has no mask to ask.
            if column.is_null(row) || *column.data_type() == DataType::Null {
                continue;
            }
            let cell = formatter.value(row);
            if *is_plain {
                write!(bytes, "{cell}").map_err(|error| EngineError::Internal(error.to_string()))?;
            } else {
                csv_text(&cell.to_string(), bytes);
            }
        }
        bytes.extend_from_slice(b"\r\n");
    }
    Ok(())
}
