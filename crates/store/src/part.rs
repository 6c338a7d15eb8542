//! A part: one immutable Vortex file with events of one bucket, sorted by (person, time, id).
//!
//! The file is an ordinary Vortex file (any Vortex reader opens it) that we lay out by hand: a struct of
//! columns, plain columns in chunks of [`CHUNK_ROWS`] rows, one segment per chunk. Reading is therefore a
//! few positioned reads and no task scheduling, and every segment has its own checksum in the catalogue:
//! what is read is checked, always, and only what is asked for is read.

use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use meta::PartRow;
use vortex::VortexSessionDefault;
use vortex::array::serde::{SerializeOptions, SerializedArray};
use vortex::array::{ArrayContext, ArrayRef, VortexSessionExecute};
use vortex::buffer::{ByteBuffer, ByteBufferMut};
use vortex::editions::{ComponentKind, EditionSessionExt};
use vortex::error::{VortexResult, vortex_err};
use vortex::file::{DeserializeStep, Footer, MAGIC_BYTES, SegmentSpec};
use vortex::layout::layouts::chunked::{Chunked, ChunkedLayout};
use vortex::layout::layouts::flat::{Flat, FlatLayout};
use vortex::layout::layouts::struct_::{Struct, StructLayout};
use vortex::layout::segments::SegmentId;
use vortex::layout::{LayoutRef, layout_children};
use vortex::session::VortexSession;
use vortex::session::registry::ReadContext;
use xxhash_rust::xxh3::xxh3_64;

use crate::encode::{CHUNK_ROWS, encode, property_column, schema};
use crate::rows::{Block, NO_CODE, StrColumn};
use crate::spread::bucket_of;
use crate::{Columns, Properties, Property, PropertyColumn, PropertyKind, Result, Rows, StoreError, decode};

static SESSION: LazyLock<VortexSession> = LazyLock::new(<VortexSession as VortexSessionDefault>::default);

/// A stored file of events. Dropping the last handle of a part that is not (or no longer) in the catalogue
/// removes its file, so a snapshot keeps what it may still read.
#[derive(Debug)]
pub(crate) struct Part {
    pub row: PartRow,
    path: PathBuf,
    checks: Checks,
    footer: OnceLock<Arc<PartFooter>>,
    stored: AtomicBool,
}

#[derive(Debug)]
struct PartFooter {
    columns: hashbrown::HashMap<String, LayoutRef>,
    segments: Arc<[SegmentSpec]>,
}

/// Checksums (XXH3) of a part's footer and segments; a list of little-endian words in the catalogue.
#[derive(Debug, Default, PartialEq, Eq)]
struct Checks {
    footer_offset: u64,
    footer: u64,
    segments: Vec<u64>,
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

    /// Writes a block as a new file and makes it durable. The part belongs to no catalogue yet.
    pub(crate) fn write(dir: &Path, id: u64, block: &Block, properties: &Properties) -> Result<Self> {
        let rows = &block.rows;
        let own: Vec<Property> =
            block.property_ids.iter().filter_map(|&id| properties.get(id)).cloned().collect();
        let (bytes, checks) = to_bytes(block, &own)?;
        let file = format!("parts/{:03}/{id:010}.vortex", rows.bucket);
        let path = dir.join(&file);
        create_durably(&path, &bytes).inspect_err(|_| {
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

    /// Says whether the catalogue holds the part; if not, its file goes with the last handle.
    pub(crate) fn set_stored(&self, stored: bool) {
        self.stored.store(stored, Ordering::Release);
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.row.n_rows as usize
    }

    /// Reads `columns` of all rows.
    pub(crate) fn read(&self, columns: &Columns, properties: &Properties) -> Result<Rows> {
        Reader::open(self)?.rows(columns, properties)
    }

    /// Reads all columns.
    pub(crate) fn read_block(&self, properties: &Properties) -> Result<Block> {
        let reader = Reader::open(self)?;
        let stored = |property: &&Property| reader.footer.columns.contains_key(&property_column(property));
        let property_ids: Vec<_> =
            properties.all().iter().filter(stored).map(|property| property.id).collect();
        let columns = Columns {
            id: true,
            user_id: true,
            anonymous_id: true,
            amount: true,
            channel: true,
            source: true,
            properties: property_ids.clone(),
        };
        Ok(Block { rows: reader.rows(&columns, properties)?, property_ids })
    }

    /// Reads all columns of some ranges of rows, ascending and apart.
    pub(crate) fn read_ranges(&self, ranges: &[Range<usize>], properties: &Properties) -> Result<Block> {
        let order: Vec<u32> = ranges.iter().flat_map(|range| range.start as u32..range.end as u32).collect();
        Ok(self.read_block(properties)?.gather(self.row.bucket as usize, &order))
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
        Reader::open(self)?.person_runs()
    }

    /// Time and id of a range of rows, by chunk: memory is bounded by the range.
    pub(crate) fn read_keys(&self, range: Range<usize>) -> Result<(Vec<i64>, Vec<u64>)> {
        let reader = Reader::open(self)?;
        Ok((reader.slice("time", &range)?, reader.slice("id", &range)?))
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

    fn corrupt(&self, reason: String) -> StoreError {
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

fn create_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut out = File::create(path).map_err(StoreError::io("create", path))?;
    out.write_all(bytes).map_err(StoreError::io("write", path))?;
    out.sync_all().map_err(StoreError::io("flush", path))
}

/// Serialises a block into a Vortex file, column after column.
fn to_bytes(block: &Block, properties: &[Property]) -> Result<(Vec<u8>, Checks)> {
    let n_rows = block.rows.n_rows() as u64;
    let array_ids = SESSION.enabled_component_ids(ComponentKind::Array);
    let array_ctx = ArrayContext::new(array_ids.clone()).with_allowed_ids(array_ids.into_iter().collect());
    let columns = encode(block, properties, &mut SESSION.create_execution_ctx())?;
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

/// An open part file.
struct Reader<'a> {
    part: &'a Part,
    file: File,
    footer: Arc<PartFooter>,
}

impl<'a> Reader<'a> {
    fn open(part: &'a Part) -> Result<Self> {
        let file = File::open(&part.path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => part.corrupt("the file is missing".to_owned()),
            _ => StoreError::Io { action: "open", path: part.path.clone(), source: error },
        })?;
        let footer = match part.footer.get() {
            Some(footer) => Arc::clone(footer),
            None => {
                let read = Arc::new(read_footer(part, &file)?);
                Arc::clone(part.footer.get_or_init(|| read))
            }
        };
        Ok(Self { part, file, footer })
    }

    /// Reads a segment, checks it and makes it an array again; nothing is decoded yet.
    fn flat(&self, layout: &vortex::layout::Layout<Flat>) -> Result<ArrayRef> {
        let id = layout.segment_id();
        let (spec, check) = self
            .footer
            .segments
            .get(*id as usize)
            .zip(self.part.checks.segments.get(*id as usize))
            .ok_or_else(|| self.part.corrupt(format!("there is no segment {id}")))?;
        let mut buffer = ByteBufferMut::zeroed_aligned(spec.length as usize, spec.alignment);
        self.file
            .read_exact_at(buffer.as_mut_slice(), spec.offset)
            .map_err(|error| self.part.corrupt(format!("segment {id}: {error}")))?;
        if xxh3_64(buffer.as_slice()) != *check {
            return Err(self.part.corrupt(format!("the checksum of segment {id} does not fit")));
        }
        let serialized = SerializedArray::try_from(buffer.freeze())?;
        let n_rows = layout.row_count() as usize;
        Ok(serialized.decode(layout.dtype(), n_rows, layout.array_ctx(), &SESSION)?)
    }

    fn column(&self, name: &str) -> Result<LayoutRef> {
        let missing = || self.part.corrupt(format!("the column {name} is missing"));
        self.footer.columns.get(name).cloned().ok_or_else(missing)
    }

    /// All chunks of a column.
    fn chunks(&self, layout: &LayoutRef) -> Result<Vec<ArrayRef>> {
        if let Some(flat) = layout.as_opt::<Flat>() {
            return Ok(vec![self.flat(flat)?]);
        }
        if layout.as_opt::<Chunked>().is_some() {
            let mut arrays = Vec::new();
            for child in layout.children()? {
                arrays.extend(self.chunks(&child)?);
            }
            return Ok(arrays);
        }
        Err(self.part.corrupt("a column has an unknown layout".to_owned()))
    }

    fn whole(&self, name: &str) -> Result<ArrayRef> {
        Ok(decode::single(self.chunks(&self.column(name)?)?)?)
    }

    fn person_runs(&self) -> Result<(Vec<u64>, Vec<usize>)> {
        let (persons, starts) =
            decode::person_runs(self.whole("person")?, &mut SESSION.create_execution_ctx())?;
        if starts.last() != Some(&self.part.n_rows()) {
            return Err(self.part.corrupt("the number of rows does not fit".to_owned()));
        }
        Ok((persons, starts))
    }

    fn integers<T: vortex::dtype::NativePType>(&self, name: &str) -> Result<Vec<T>> {
        let mut out = Vec::with_capacity(self.part.n_rows());
        let mut ctx = SESSION.create_execution_ctx();
        for chunk in self.chunks(&self.column(name)?)? {
            decode::integers(chunk, &mut ctx, &mut out)?;
        }
        Ok(out)
    }

    /// The values of a range of rows; chunks outside it are not read.
    fn slice<T: vortex::dtype::NativePType>(&self, name: &str, range: &Range<usize>) -> Result<Vec<T>> {
        let layout = self.column(name)?;
        let chunks = match layout.as_opt::<Chunked>() {
            Some(_) => layout.children()?,
            None => vec![layout],
        };
        let mut out: Vec<T> = Vec::with_capacity(range.len() + 2 * CHUNK_ROWS);
        let mut ctx = SESSION.create_execution_ctx();
        let (mut row, mut skip) = (0, 0);
        for chunk in chunks {
            let end = row + chunk.row_count() as usize;
            if end > range.start && row < range.end {
                if out.is_empty() {
                    skip = range.start.saturating_sub(row);
                }
                for array in self.chunks(&chunk)? {
                    decode::integers(array, &mut ctx, &mut out)?;
                }
            }
            row = end;
        }
        out.drain(..skip.min(out.len()));
        out.truncate(range.len());
        Ok(out)
    }

    fn amounts(&self) -> Result<Vec<i64>> {
        let mut out = Vec::with_capacity(self.part.n_rows());
        let mut ctx = SESSION.create_execution_ctx();
        for chunk in self.chunks(&self.column("amount")?)? {
            decode::amounts(chunk, &mut ctx, &mut out)?;
        }
        Ok(out)
    }

    fn texts(&self, name: &str) -> Result<StrColumn> {
        Ok(decode::texts(self.whole(name)?, &mut SESSION.create_execution_ctx())?)
    }

    fn property(&self, property: &Property) -> Result<PropertyColumn> {
        let name = property_column(property);
        let n_rows = self.part.n_rows();
        if !self.footer.columns.contains_key(&name) {
            return Ok(missing_property(property.kind, n_rows));
        }
        let array = self.whole(&name)?;
        let ctx = &mut SESSION.create_execution_ctx();
        Ok(match property.kind {
            PropertyKind::String => PropertyColumn::Str(decode::texts(array, ctx)?),
            PropertyKind::Number => PropertyColumn::Num(decode::numbers(array, ctx)?),
            PropertyKind::Bool => PropertyColumn::Bool(decode::flags(array, ctx)?),
        })
    }

    fn rows(&self, columns: &Columns, properties: &Properties) -> Result<Rows> {
        let (persons, starts) = self.person_runs()?;
        let mut person = Vec::with_capacity(self.part.n_rows());
        for (&key, run) in persons.iter().zip(starts.windows(2)) {
            person.resize(run[1], key);
        }
        let mut rows = Rows {
            bucket: self.part.row.bucket as usize,
            person,
            person_starts: starts,
            time_us: self.integers("time")?,
            event: self.integers("event")?,
            ..Rows::default()
        };
        if columns.id {
            rows.id = self.integers("id")?;
        }
        if columns.channel {
            rows.channel = self.integers("channel")?;
        }
        if columns.amount {
            rows.amount = self.amounts()?;
        }
        if columns.user_id {
            rows.user_id = self.texts("user_id")?;
        }
        if columns.anonymous_id {
            rows.anonymous_id = self.texts("anonymous_id")?;
        }
        if columns.source {
            rows.source = self.texts("source")?;
        }
        for &id in &columns.properties {
            rows.properties.push(match properties.get(id) {
                Some(property) => self.property(property)?,
                None => missing_property(PropertyKind::String, self.part.n_rows()),
            });
        }
        Ok(rows)
    }
}

/// A column in which every row misses its value.
pub(crate) fn missing_property(kind: PropertyKind, n_rows: usize) -> PropertyColumn {
    match kind {
        PropertyKind::String => {
            PropertyColumn::Str(StrColumn { codes: vec![NO_CODE; n_rows], values: Vec::new() })
        }
        PropertyKind::Number => PropertyColumn::Num(vec![f64::NAN; n_rows]),
        PropertyKind::Bool => PropertyColumn::Bool(vec![2; n_rows]),
    }
}

/// Reads and checks the tail of a part file.
fn read_footer(part: &Part, file: &File) -> Result<PartFooter> {
    let size = file.metadata().map_err(StoreError::io("read", &part.path))?.len();
    let n_bytes = size.checked_sub(part.checks.footer_offset).filter(|_| size == part.row.size_bytes);
    let n_bytes =
        n_bytes.ok_or_else(|| part.corrupt(format!("{size} bytes, expected {}", part.row.size_bytes)))?;
    let mut tail = ByteBufferMut::zeroed(n_bytes as usize);
    file.read_exact_at(tail.as_mut_slice(), part.checks.footer_offset)
        .map_err(|error| part.corrupt(error.to_string()))?;
    if xxh3_64(tail.as_slice()) != part.checks.footer {
        return Err(part.corrupt("the checksum of the footer does not fit".to_owned()));
    }
    let mut reader = Footer::deserializer(tail.freeze(), SESSION.clone()).with_size(size);
    let DeserializeStep::Done(footer) = reader.deserialize()? else {
        return Err(part.corrupt("the footer is incomplete".to_owned()));
    };
    let root = footer.layout();
    if root.as_opt::<Struct>().is_none() {
        return Err(part.corrupt("the file does not hold columns".to_owned()));
    }
    let fields = root.dtype().as_struct_fields_opt().ok_or_else(|| vortex_err!("not a struct"))?;
    let names = fields.names().iter().map(|name| name.to_string());
    let columns = names.zip(root.children()?).collect();
    Ok(PartFooter { columns, segments: Arc::clone(footer.segment_map()) })
}
