//! Parquet files as a way in and out.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::cast::AsArray;
use arrow::array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::{Result, StoreError};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8192;

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Null.
    Missing,
    /// Text; also what has no kind of its own here (decimals, times of day, lists), in Arrow's notation.
    Str(&'a str),
    /// An integer of any width; unsigned ones beyond 2⁶³ − 1 come as text.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A timestamp or a date, microseconds UTC; of a timestamp without zone, as if it were UTC.
    TimeUs(i64),
}

/// Reads a Parquet file row by row, a batch in memory at a time.
pub struct ParquetReader {
    path: PathBuf,
    columns: Vec<String>,
    n_rows: u64,
    reader: ParquetRecordBatchReader,
    batch: Vec<Column>,
    row: usize,
    n_batch_rows: usize,
}

/// One row; valid until the next is read.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    batch: &'a [Column],
    row: usize,
}

/// A column of a batch, with its type known: a cell then is an index and nothing else.
enum Column {
    Str(StringArray),
    Int(Int64Array),
    Float(Float64Array),
    Bool(BooleanArray),
    Time(TimestampMicrosecondArray),
}

impl ParquetReader {
    /// Opens a file. Errors: [`StoreError::Io`], or [`StoreError::Parquet`] if it is not a Parquet file.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(StoreError::io("open", path))?;
        let wrong = |source: ParquetError| StoreError::Parquet { file: path.to_owned(), source };
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(wrong)?;
        let columns = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let n_rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(wrong)?;
        Ok(Self {
            path: path.to_owned(),
            columns,
            n_rows,
            reader,
            batch: Vec::new(),
            row: 0,
            n_batch_rows: 0,
        })
    }

    /// Names of the columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Rows in the file, as its footer says.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// The next row, or `None` after the last.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>> {
        if self.row == self.n_batch_rows {
            let Some(batch) = self.reader.next() else {
                return Ok(None);
            };
            let wrong = |error: arrow::error::ArrowError| StoreError::Parquet {
                file: self.path.clone(),
                source: ParquetError::from(error),
            };
            let batch = batch.map_err(wrong)?;
            self.batch = batch.columns().iter().map(Column::of).collect::<Result<_, _>>().map_err(wrong)?;
            (self.row, self.n_batch_rows) = (0, batch.num_rows());
            if self.n_batch_rows == 0 {
                return Ok(None);
            }
        }
        self.row += 1;
        Ok(Some(Row { batch: &self.batch, row: self.row - 1 }))
    }
}

impl<'a> Row<'a> {
    /// The value in a column, by index. Panics if there is no such column.
    #[must_use]
    pub fn cell(&self, column: usize) -> Cell<'a> {
        self.batch[column].cell(self.row)
    }

    /// All values in order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        let row = self.row;
        self.batch.iter().map(move |column| column.cell(row))
    }
}

impl Column {
    /// Casts a column to the widest type of its kind, once per batch.
    fn of(array: &ArrayRef) -> Result<Self, arrow::error::ArrowError> {
        let text = || Ok(Self::Str(cast(array, &DataType::Utf8)?.as_string().clone()));
        let integers = || Ok(Self::Int(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone()));
        let times = |array: &ArrayRef| {
            let times = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
            Ok(Self::Time(times.as_primitive::<TimestampMicrosecondType>().clone()))
        };
        match array.data_type() {
            DataType::Boolean => Ok(Self::Bool(array.as_boolean().clone())),
            DataType::Timestamp(unit, Some(_)) => {
                // The zone is for display only: the stored instant is UTC.
                times(&cast(array, &DataType::Timestamp(*unit, Some("UTC".into())))?)
            }
            DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => times(array),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                Ok(Self::Float(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone()))
            }
            DataType::UInt64 => {
                let fits = array.as_primitive::<arrow::datatypes::UInt64Type>();
                let all_fit = fits.iter().flatten().all(|value| i64::try_from(value).is_ok());
                if all_fit { integers() } else { text() }
            }
            kind if kind.is_integer() => integers(),
            _ => text(),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        fn present<A: Array>(array: &A, row: usize) -> Option<&A> {
            (!array.is_null(row)).then_some(array)
        }
        match self {
            Self::Str(array) => present(array, row).map(|array| Cell::Str(array.value(row))),
            Self::Int(array) => present(array, row).map(|array| Cell::Int(array.value(row))),
            Self::Float(array) => present(array, row).map(|array| Cell::Float(array.value(row))),
            Self::Bool(array) => present(array, row).map(|array| Cell::Bool(array.value(row))),
            Self::Time(array) => present(array, row).map(|array| Cell::TimeUs(array.value(row))),
        }
        .unwrap_or(Cell::Missing)
    }
}

/// Writes record batches to a Parquet file, compressed with Zstandard.
pub struct ParquetWriter {
    path: PathBuf,
    writer: ArrowWriter<File>,
}

impl ParquetWriter {
    /// Makes the file, replacing one that exists.
    pub fn create(path: &Path, schema: SchemaRef) -> Result<Self> {
        let file = File::create(path).map_err(StoreError::io("create", path))?;
        let properties =
            WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties))
            .map_err(|source| StoreError::Parquet { file: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), writer })
    }

    /// Adds a batch; its schema must be that of the file.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let path = &self.path;
        self.writer.write(batch).map_err(|source| StoreError::Parquet { file: path.clone(), source })
    }

    /// Writes the footer and makes the file durable.
    pub fn close(self) -> Result<()> {
        let Self { path, writer } = self;
        let file =
            writer.into_inner().map_err(|source| StoreError::Parquet { file: path.clone(), source })?;
        file.sync_all().map_err(StoreError::io("flush", &path))
    }
}

/// Encodes record batches as a Parquet file piece by piece, compressed with Zstandard.
pub struct ParquetEncoder {
    writer: ArrowWriter<Vec<u8>>,
}

/// Rows of a group while encoding: what has to be in memory.
const GROUP_ROWS: usize = 65_536;

impl ParquetEncoder {
    /// Begins a file.
    pub fn new(schema: SchemaRef) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(encoding)?;
        Ok(Self { writer })
    }

    /// Adds a batch of the file's schema. Returns the bytes that are ready: none until a group is full.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>> {
        self.writer.write(batch).map_err(encoding)?;
        self.writer.sync().map_err(|source| encoding(source.into()))?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }

    /// The rest of the file, with its footer.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.writer.into_inner().map_err(encoding)
    }
}

fn encoding(source: ParquetError) -> StoreError {
    StoreError::Parquet { file: PathBuf::from("(answer)"), source }
}
