//! A part: one immutable Vortex file with events of one bucket, sorted by (person, time, id).
//!
//! The file is an ordinary Vortex file (any Vortex reader opens it) that we lay out by hand: a struct of
//! columns, plain columns in chunks of `CHUNK_ROWS` rows, one segment per chunk. Reading is therefore a
//! few positioned reads and no task scheduling, and every segment has its own checksum in the catalogue:
//! what is read is checked, always, and only what is asked for is read.

use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use meta::PartRow;
use vortex::VortexSessionDefault;
use vortex::array::serde::SerializeOptions;
use vortex::array::{ArrayContext, ArrayRef, VortexSessionExecute};
use vortex::buffer::ByteBuffer;
use vortex::editions::{ComponentKind, EditionSessionExt};
use vortex::error::VortexResult;
use vortex::file::{Footer, MAGIC_BYTES, SegmentSpec};
use vortex::layout::layout_children;
use vortex::layout::layouts::chunked::ChunkedLayout;
use vortex::layout::layouts::flat::FlatLayout;
use vortex::layout::layouts::struct_::StructLayout;
use vortex::layout::segments::SegmentId;
use vortex::session::VortexSession;
use vortex::session::registry::ReadContext;
use xxhash_rust::xxh3::xxh3_64;

use crate::decode::Select;
use crate::encode::{Stay, encode, schema};
use crate::reader::{PartFooter, Reader};
use crate::rows::{Block, NO_CODE, StrColumn, Table};
use crate::spread::bucket_of;
use crate::{Columns, Properties, Property, PropertyColumn, PropertyKind, Result, StoreError};

pub(crate) static SESSION: LazyLock<VortexSession> =
    LazyLock::new(<VortexSession as VortexSessionDefault>::default);

/// How the names of scratch parts end.
const SCRATCH: &str = ".scratch.vortex";

/// A stored file of events. Dropping the last handle of a part that is not (or no longer) in the catalogue
/// removes its file, so a snapshot keeps what it may still read.
#[derive(Debug)]
pub(crate) struct Part {
    pub row: PartRow,
    pub path: PathBuf,
    pub checks: Checks,
    pub footer: OnceLock<Arc<PartFooter>>,
    stored: AtomicBool,
}

/// Checksums (XXH3) of a part's footer and segments; a list of little-endian words in the catalogue.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checks {
    pub footer_offset: u64,
    pub footer: u64,
    pub segments: Vec<u64>,
}

impl Checks {
    fn to_bytes(&self) -> Vec<u8> {
        let words = [self.footer_offset, self.footer].into_iter().chain(self.segments.iter().copied());
        words.flat_map(u64::to_le_bytes).collect()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        Self {
            footer_offset: words.next().unwrap_or_default(),
            footer: words.next().unwrap_or_default(),
            segments: words.collect(),
        }
    }
}

impl Part {
    /// A part of the catalogue.
    pub(crate) fn stored(dir: &Path, row: PartRow) -> Self {
        let (path, checks) = (dir.join(&row.file), Checks::from_bytes(&row.checks));
        Self { row, path, checks, footer: OnceLock::new(), stored: AtomicBool::new(true) }
    }

    /// Writes a block as a new file. The part belongs to no catalogue yet, and is not durable before
    /// [`Part::sync`]: one that is merged with others before it comes into the catalogue never needs to be.
    pub(crate) fn write(
        dir: &Path,
        id: u64,
        block: &Block,
        properties: &Properties,
        stay: Stay,
    ) -> Result<Self> {
        let rows = &block.rows;
        let own: Vec<Property> =
            block.property_ids.iter().filter_map(|&id| properties.get(id)).cloned().collect();
        let (bytes, checks) = to_bytes(block, &own, stay)?;
        let suffix = if stay == Stay::Scratch { SCRATCH } else { ".vortex" };
        let file = format!("parts/{:03}/{id:010}{suffix}", rows.bucket);
        let path = dir.join(&file);
        create(&path, &bytes).inspect_err(|_| {
            // Half a file on a full disk helps nobody.
            let _ = std::fs::remove_file(&path);
        })?;
        let row = PartRow {
            id,
            bucket: rows.bucket as u32,
            file,
            size_bytes: bytes.len() as u64,
            decoded_bytes: block.size_bytes() as u64,
            blake3: blake3::hash(&bytes).to_hex().to_string(),
            checks: checks.to_bytes(),
            n_rows: rows.n_rows() as u64,
            min_time_us: rows.time_us.iter().copied().min().unwrap_or(0),
            max_time_us: rows.time_us.iter().copied().max().unwrap_or(0),
        };
        Ok(Self { row, path, checks, footer: OnceLock::new(), stored: AtomicBool::new(false) })
    }

    /// Makes what the file holds durable; its name is once its folder is flushed too.
    pub(crate) fn sync(&self) -> Result<()> {
        let file = File::open(&self.path).map_err(StoreError::io("open", &self.path))?;
        file.sync_all().map_err(StoreError::io("flush", &self.path))
    }

    /// Says whether the catalogue holds the part; if not, its file goes with the last handle.
    pub(crate) fn set_stored(&self, stored: bool) {
        self.stored.store(stored, Ordering::Release);
    }

    /// Whether the part is to be merged away before readers see it. Its name says so: an import may be resumed by
    /// another process.
    pub(crate) fn is_scratch(&self) -> bool {
        self.row.file.ends_with(SCRATCH)
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.row.n_rows as usize
    }

    /// Reads `columns` of all rows.
    #[cfg(test)]
    pub(crate) fn read(&self, columns: &Columns, properties: &Properties) -> Result<Table> {
        Reader::open(self)?.rows(&Select::All, columns, properties)
    }

    /// Reads `columns` of some rows: those of `ranges`, which ascend and do not overlap. A person whose
    /// rows are cut has the rest of them.
    ///
    /// Cost: of the columns of times, events, channels and amounts only the chunks that hold the rows are
    /// read and decoded; of texts the codes of the part, and as many texts as the rows have.
    pub(crate) fn read_rows(
        &self,
        ranges: &[Range<usize>],
        columns: &Columns,
        properties: &Properties,
    ) -> Result<Table> {
        Reader::open(self)?.rows(&Select::Ranges(ranges), columns, properties)
    }

    /// The ids of some rows, in order; see [`Part::read_rows`].
    pub(crate) fn read_ids(&self, ranges: &[Range<usize>], properties: &Properties) -> Result<Vec<u64>> {
        let columns = Columns { id: true, ..Columns::default() };
        Ok(self.read_rows(ranges, &columns, properties)?.id)
    }

    /// Reads all columns.
    pub(crate) fn read_block(&self, properties: &Properties) -> Result<Block> {
        self.block(&Select::All, properties)
    }

    /// Reads all columns of some ranges of rows, ascending and apart.
    pub(crate) fn read_ranges(&self, ranges: &[Range<usize>], properties: &Properties) -> Result<Block> {
        self.block(&Select::Ranges(ranges), properties)
    }

    fn block(&self, select: &Select<'_>, properties: &Properties) -> Result<Block> {
        let reader = Reader::open(self)?;
        let property_ids = reader.properties(properties)?;
        let columns = Columns {
            id: true,
            user_id: true,
            anonymous_id: true,
            amount: true,
            channel: true,
            source: true,
            properties: property_ids.clone(),
        };
        let rows = reader.rows(select, &columns, properties)?;
        Ok(Block { rows, property_ids })
    }

    /// Whether the part holds rows of any of these persons.
    pub(crate) fn has_any(&self, persons: &hashbrown::HashSet<u64>, n_buckets: usize) -> Result<bool> {
        let own = |person: &&u64| bucket_of(**person, n_buckets) == self.row.bucket as usize;
        let sought: Vec<u64> = persons.iter().filter(own).copied().collect();
        if sought.is_empty() {
            return Ok(false);
        }
        let (stored, _) = self.person_runs()?;
        Ok(sought.iter().any(|person| stored.binary_search(person).is_ok()))
    }

    /// The distinct persons in order, and the row each starts at (one more entry: the number of rows).
    pub(crate) fn person_runs(&self) -> Result<(Vec<u64>, Vec<usize>)> {
        Reader::open(self)?.into_person_runs()
    }

    /// Times of a range of rows, by chunk: memory is bounded by the range.
    pub(crate) fn read_times(&self, range: &Range<usize>) -> Result<Vec<i64>> {
        Reader::open(self)?.times_of(range)
    }

    /// Bytes of each column on disk, in order.
    pub(crate) fn column_sizes(&self) -> Result<Vec<(String, u64)>> {
        Reader::open(self)?.column_sizes()
    }

    /// Reads the whole file and compares it with the catalogue.
    pub(crate) fn verify(&self) -> Result<()> {
        let bytes = std::fs::read(&self.path).map_err(|error| self.corrupt(error.to_string()))?;
        if bytes.len() as u64 != self.row.size_bytes {
            return Err(self.corrupt(format!("{} bytes, expected {}", bytes.len(), self.row.size_bytes)));
        }
        if blake3::hash(&bytes).to_hex().as_str() != self.row.blake3 {
            return Err(self.corrupt("the BLAKE3 checksum does not fit".to_owned()));
        }
        Ok(())
    }

    pub(crate) fn corrupt(&self, reason: String) -> StoreError {
        StoreError::Corrupt { file: self.path.clone(), reason }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.stored.load(Ordering::Acquire) {
            // If this fails the file stays as an orphan, which the next `Store::open` removes.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut out = File::create(path).map_err(StoreError::io("create", path))?;
    out.write_all(bytes).map_err(StoreError::io("write", path))
}

/// Serialises a block into a Vortex file, column after column.
fn to_bytes(block: &Block, properties: &[Property], stay: Stay) -> Result<(Vec<u8>, Checks)> {
    let n_rows = block.rows.n_rows() as u64;
    let array_ids = SESSION.enabled_component_ids(ComponentKind::Array);
    let array_ctx = ArrayContext::new(array_ids.clone()).with_allowed_ids(array_ids.into_iter().collect());
    let columns = encode(block, properties, stay, &mut SESSION.create_execution_ctx())?;
    let mut bytes = Vec::with_capacity(block.size_bytes() / 2);
    bytes.extend_from_slice(&MAGIC_BYTES);
    let mut checks = Checks::default();
    let mut segments = Vec::new();
    let mut layouts = Vec::with_capacity(columns.len());
    let read_ctx = ReadContext::new(array_ctx.to_ids());
    for column in &columns {
        let mut chunks = Vec::with_capacity(column.chunks.len());
        for chunk in &column.chunks {
            let spec = append(&mut bytes, chunk, &array_ctx)?;
            checks.segments.push(xxh3_64(&bytes[spec.offset as usize..]));
            let segment = SegmentId::try_from(segments.len())?;
            segments.push(spec);
            let dtype = column.dtype.clone();
            chunks.push(FlatLayout::new(chunk.len() as u64, dtype, segment, read_ctx.clone()).into_layout());
        }
        let layout = match chunks.len() {
            1 => chunks.remove(0),
            _ => ChunkedLayout::new(n_rows, column.dtype.clone(), layout_children(chunks)).into_layout(),
        };
        layouts.push(layout);
    }
    let root = StructLayout::new(n_rows, schema(&columns)?, layouts).into_layout();
    let footer = Footer::new(root, segments.into(), None, ReadContext::new(array_ctx.to_ids()));
    checks.footer_offset = bytes.len() as u64;
    for buffer in footer.into_serializer().with_offset(checks.footer_offset).serialize()? {
        bytes.extend_from_slice(&buffer);
    }
    checks.footer = xxh3_64(&bytes[checks.footer_offset as usize..]);
    Ok((bytes, checks))
}

/// Appends one array as a segment, padded to its alignment.
fn append(bytes: &mut Vec<u8>, array: &ArrayRef, ctx: &ArrayContext) -> VortexResult<SegmentSpec> {
    let options = SerializeOptions { offset: 0, include_padding: true };
    let buffers = array.serialize(ctx, &SESSION, &options)?;
    let alignment = buffers.first().map_or_else(vortex::buffer::Alignment::none, ByteBuffer::alignment);
    bytes.resize(bytes.len().next_multiple_of(alignment.as_usize()), 0);
    let offset = bytes.len() as u64;
    for buffer in &buffers {
        bytes.extend_from_slice(buffer);
    }
    let length = u32::try_from(bytes.len() as u64 - offset)?;
    Ok(SegmentSpec { offset, length, alignment })
}

/// A column in which every row misses its value.
pub(crate) fn missing_property(kind: PropertyKind, n_rows: usize) -> PropertyColumn {
    match kind {
        PropertyKind::String => {
            PropertyColumn::Str(StrColumn { codes: vec![NO_CODE; n_rows].into(), values: Vec::new() })
        }
        PropertyKind::Number => PropertyColumn::Num(vec![f64::NAN; n_rows]),
        PropertyKind::Bool => PropertyColumn::Bool(vec![2; n_rows]),
    }
}
