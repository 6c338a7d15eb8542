//! Reading parts: which segments hold what is asked for, each checked before anything is decoded from it.

use std::cell::OnceCell;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use vortex::array::serde::SerializedArray;
use vortex::array::{ArrayRef, ExecutionCtx, VortexSessionExecute};
use vortex::buffer::ByteBufferMut;
use vortex::error::{VortexResult, vortex_err};
use vortex::file::{DeserializeStep, Footer, SegmentSpec};
use vortex::layout::LayoutRef;
use vortex::layout::layouts::chunked::Chunked;
use vortex::layout::layouts::flat::Flat;
use vortex::layout::layouts::struct_::Struct;
use xxhash_rust::xxh3::xxh3_64;

use crate::chunk::Interner;
use crate::decode::Select;
use crate::encode::property_column;
use crate::part::{Part, SESSION, missing_property};
use crate::rest::{REST, Rest};
use crate::rows::{NO_CODE, StrColumn, Table};
use crate::scan::{Amounts, Rows};
use crate::{
    Codes, Columns, Properties, Property, PropertyColumn, PropertyId, PropertyKind, Result, StoreError,
    decode, ids, steps,
};

/// Two stand-ins for a null among ids while they are read: an id may be one of them, but not both.
const NO_ID: [u64; 2] = [u64::MAX, 0];

/// Where the columns of a part file are.
#[derive(Debug)]
pub(crate) struct PartFooter {
    columns: hashbrown::HashMap<String, LayoutRef>,
    segments: Arc<[SegmentSpec]>,
}

/// Persons in order, and the row each starts at (one more entry: the number of rows).
pub(crate) type PersonRuns = (Vec<u64>, Vec<usize>);

/// An open part file.
pub(crate) struct Reader<'a> {
    part: &'a Part,
    file: File,
    footer: Arc<PartFooter>,
    runs: OnceCell<PersonRuns>,
    rest: OnceCell<Option<Rest>>,
}

/// A chunk of a column: the rows it has of the part, not yet read.
struct Piece {
    rows: Range<usize>,
    layout: LayoutRef,
}

impl<'a> Reader<'a> {
    pub(crate) fn open(part: &'a Part) -> Result<Self> {
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
        Ok(Self { part, file, footer, runs: OnceCell::new(), rest: OnceCell::new() })
    }

    /// Reads a segment, checks it and makes it an array again; nothing is decoded yet.
    fn flat(&self, layout: &LayoutRef) -> Result<ArrayRef> {
        let unknown = || self.part.corrupt("a column has an unknown layout".to_owned());
        let layout = layout.as_opt::<Flat>().ok_or_else(unknown)?;
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

    fn has(&self, name: &str) -> bool {
        self.footer.columns.contains_key(name)
    }

    pub(crate) fn column_sizes(&self) -> Result<Vec<(String, u64)>> {
        let mut sizes = Vec::new();
        for name in self.footer.columns.keys() {
            let mut n_bytes = 0;
            for piece in self.pieces(name)? {
                let segment = piece.layout.as_opt::<Flat>().map(|flat| *flat.segment_id() as usize);
                let spec = segment.and_then(|segment| self.footer.segments.get(segment));
                n_bytes += spec.map_or(0, |spec| u64::from(spec.length));
            }
            sizes.push((name.clone(), n_bytes));
        }
        sizes.sort();
        Ok(sizes)
    }

    /// The chunks of a column, in order.
    fn pieces(&self, name: &str) -> Result<Vec<Piece>> {
        let missing = || self.part.corrupt(format!("the column {name} is missing"));
        let layout = self.footer.columns.get(name).ok_or_else(missing)?;
        let mut chunks = Vec::new();
        collect_chunks(layout, &mut chunks)?;
        let mut row = 0;
        let piece = |layout: LayoutRef| {
            let start = row;
            row += layout.row_count() as usize;
            Piece { rows: start..row, layout }
        };
        Ok(chunks.into_iter().map(piece).collect())
    }

    /// Decodes the chunks of a column that have selected rows, and appends those rows.
    fn chunked<T: Copy>(
        &self,
        name: &str,
        select: &Select<'_>,
        out: &mut Vec<T>,
        decode: impl Fn(&ArrayRef, &mut ExecutionCtx, &mut Vec<T>) -> VortexResult<()>,
    ) -> Result<()> {
        let mut ctx = SESSION.create_execution_ctx();
        let mut chunk = Vec::new();
        for piece in self.pieces(name)? {
            match select.within(piece.rows.start, piece.rows.end) {
                None => decode(&self.flat(&piece.layout)?, &mut ctx, out)?,
                Some(ranges) if ranges.is_empty() => {}
                Some(ranges) => {
                    chunk.clear();
                    decode(&self.flat(&piece.layout)?, &mut ctx, &mut chunk)?;
                    ranges.into_iter().for_each(|range| out.extend_from_slice(&chunk[range]));
                }
            }
        }
        Ok(())
    }

    fn whole(&self, name: &str) -> Result<ArrayRef> {
        let arrays =
            self.pieces(name)?.iter().map(|piece| self.flat(&piece.layout)).collect::<Result<_>>()?;
        Ok(decode::single(arrays)?)
    }

    /// The distinct persons, and the row each starts at (one more entry: the number of rows).
    pub(crate) fn person_runs(&self) -> Result<&PersonRuns> {
        if let Some(known) = self.runs.get() {
            return Ok(known);
        }
        let (persons, starts) =
            decode::person_runs(&self.whole("person")?, &mut SESSION.create_execution_ctx())?;
        let ascend = starts.is_sorted() && starts.len() == persons.len() + 1;
        if !ascend || starts.last() != Some(&self.part.n_rows()) {
            return Err(self.part.corrupt("the number of rows does not fit".to_owned()));
        }
        Ok(self.runs.get_or_init(|| (persons, starts)))
    }

    pub(crate) fn into_person_runs(self) -> Result<PersonRuns> {
        self.person_runs()?;
        Ok(self.runs.into_inner().unwrap_or_default())
    }

    fn times(&self, select: &Select<'_>, out: &mut Vec<i64>) -> Result<()> {
        if self.has("time") {
            return self.chunked("time", select, out, decode::integers);
        }
        let mut ctx = SESSION.create_execution_ctx();
        let mut unit_us: Vec<i64> = Vec::new();
        let units = self.pieces(steps::UNIT)?;
        let first =
            units.first().ok_or_else(|| self.part.corrupt("the unit of times is missing".to_owned()))?;
        decode::leading(&self.flat(&first.layout)?, 1, &mut ctx, &mut unit_us)?;
        let mut decoder = steps::Decoder::new(unit_us[0]);
        let mut chunk = Vec::new();
        let columns = self
            .pieces(steps::BREAK)?
            .into_iter()
            .zip(self.pieces(steps::BASE)?)
            .zip(self.pieces(steps::STEP)?);
        for ((breaks, base), step) in columns {
            let ranges = select.within(breaks.rows.start, breaks.rows.end);
            if ranges.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let breaks = decode::bits(&self.flat(&breaks.layout)?, &mut ctx)?;
            let n_bases = breaks.true_count();
            decoder.bases.clear();
            decoder.steps.clear();
            decode::leading(&self.flat(&base.layout)?, n_bases, &mut ctx, &mut decoder.bases)?;
            decode::leading(&self.flat(&step.layout)?, breaks.len() - n_bases, &mut ctx, &mut decoder.steps)?;
            let Some(ranges) = ranges else {
                decoder.decode(&breaks, out)?;
                continue;
            };
            chunk.clear();
            decoder.decode(&breaks, &mut chunk)?;
            ranges.into_iter().for_each(|range| out.extend_from_slice(&chunk[range]));
        }
        Ok(())
    }

    /// Times of a range of rows.
    pub(crate) fn times_of(&self, range: &Range<usize>) -> Result<Vec<i64>> {
        let mut times_us = Vec::with_capacity(range.len());
        self.times(&Select::Ranges(std::slice::from_ref(range)), &mut times_us)?;
        Ok(times_us)
    }

    fn texts(&self, name: &str, select: &Select<'_>) -> Result<StrColumn> {
        let mut ctx = SESSION.create_execution_ctx();
        let pieces = self.pieces(name)?;
        if let [whole] = pieces.as_slice() {
            return Ok(decode::texts(&self.flat(&whole.layout)?, select, &mut ctx)?);
        }
        // Every chunk has its own dictionary.
        let (mut known, mut codes) = (Interner::default(), Codes::narrow(select.n_rows(self.part.n_rows())));
        for piece in pieces {
            let ranges = select.within(piece.rows.start, piece.rows.end);
            let select = match &ranges {
                Some(ranges) if ranges.is_empty() => continue,
                Some(ranges) => Select::Ranges(ranges),
                None => Select::All,
            };
            let texts = decode::texts(&self.flat(&piece.layout)?, &select, &mut ctx)?;
            let new: Vec<u32> = texts.values.iter().map(|text| known.intern(text).0).collect();
            let known_code = |code: u32| new.get(code as usize).copied().unwrap_or(NO_CODE);
            codes.extend(texts.codes.iter().map(known_code), known.len());
        }
        Ok(StrColumn { codes, values: known.into_values() })
    }

    /// The properties that some row of the part has, in order of their ids.
    pub(crate) fn properties(&self, properties: &Properties) -> Result<Vec<PropertyId>> {
        let mut stored = Vec::new();
        for property in properties.all() {
            if self.has(&property_column(property)) || self.rest()?.is_some_and(|rest| rest.has(property)) {
                stored.push(property.id);
            }
        }
        Ok(stored)
    }

    /// The column of properties with few values, if the part has one.
    fn rest(&self) -> Result<Option<&Rest>> {
        if let Some(known) = self.rest.get() {
            return Ok(known.as_ref());
        }
        let mut rest = None;
        if self.has(REST) {
            let parsed = Rest::parse(self.texts(REST, &Select::All)?);
            rest = Some(parsed.ok_or_else(|| self.part.corrupt("the column rest is no JSON".to_owned()))?);
        }
        Ok(self.rest.get_or_init(|| rest).as_ref())
    }

    fn property(&self, property: &Property, select: &Select<'_>) -> Result<PropertyColumn> {
        let name = property_column(property);
        let n_rows = self.part.n_rows();
        if !self.has(&name) {
            let Some(rest) = self.rest()?.filter(|rest| rest.has(property)) else {
                return Ok(missing_property(property.kind, select.n_rows(n_rows)));
            };
            let wrong = || self.part.corrupt(format!("a value of {name} has another kind"));
            return Ok(picked(rest.column(property).ok_or_else(wrong)?, select));
        }
        if property.kind == PropertyKind::String {
            return Ok(PropertyColumn::Str(self.texts(&name, select)?));
        }
        if property.kind == PropertyKind::Number {
            let mut numbers = Vec::with_capacity(select.n_rows(n_rows));
            self.chunked(&name, select, &mut numbers, |array, ctx, out| {
                out.extend(decode::numbers(array, ctx)?);
                Ok(())
            })?;
            return Ok(PropertyColumn::Num(numbers));
        }
        let mut flags = Vec::with_capacity(select.n_rows(n_rows));
        self.chunked(&name, select, &mut flags, |array, ctx, out| {
            out.extend(decode::flags(array, ctx)?);
            Ok(())
        })?;
        Ok(PropertyColumn::Bool(flags))
    }

    /// The times of all rows.
    pub(crate) fn all_times(&self) -> Result<Vec<i64>> {
        let mut times_us = Vec::with_capacity(self.part.n_rows());
        self.times(&Select::All, &mut times_us)?;
        self.checked(times_us)
    }

    /// A column of codes, of all rows.
    pub(crate) fn codes(&self, name: &str) -> Result<Vec<u16>> {
        let mut codes = Vec::with_capacity(self.part.n_rows());
        self.chunked(name, &Select::All, &mut codes, decode::integers)?;
        self.checked(codes)
    }

    /// The amounts of all rows.
    pub(crate) fn amounts(&self) -> Result<Amounts> {
        let mut amounts = Amounts::default();
        let mut ctx = SESSION.create_execution_ctx();
        for piece in self.pieces("amount")? {
            decode::few_amounts(&self.flat(&piece.layout)?, &mut ctx, &mut amounts)?;
        }
        Ok(amounts)
    }

    /// A property of all rows.
    pub(crate) fn whole_property(&self, id: PropertyId, properties: &Properties) -> Result<PropertyColumn> {
        match properties.get(id) {
            Some(property) => self.property(property, &Select::All),
            None => Ok(missing_property(PropertyKind::String, self.part.n_rows())),
        }
    }

    /// Fills in the columns that say whose and which an event is, of all rows.
    pub(crate) fn identifiers(
        &self,
        columns: &Columns,
        properties: &Properties,
        rows: &mut Rows,
    ) -> Result<()> {
        let texts = |asked: bool, name: &str| {
            let texts = if asked { self.texts(name, &Select::All)? } else { StrColumn::default() };
            Ok::<_, StoreError>(Arc::new(texts))
        };
        rows.user_id = texts(columns.user_id, "user_id")?;
        rows.anonymous_id = texts(columns.anonymous_id, "anonymous_id")?;
        rows.source = texts(columns.source, "source")?;
        if columns.id {
            let ids = Columns { id: true, ..Columns::default() };
            rows.id = Arc::new(self.rows(&Select::All, &ids, properties)?.id);
        }
        Ok(())
    }

    fn checked<T>(&self, column: Vec<T>) -> Result<Vec<T>> {
        if column.len() == self.part.n_rows() {
            return Ok(column);
        }
        Err(self.part.corrupt("columns are of different lengths".to_owned()))
    }

    /// Reads columns of some rows.
    pub(crate) fn rows(
        &self,
        select: &Select<'_>,
        columns: &Columns,
        properties: &Properties,
    ) -> Result<Table> {
        let mut rows = Table { bucket: self.part.row.bucket as usize, ..Table::default() };
        let n_rows = select.n_rows(self.part.n_rows());
        self.persons(select, &mut rows)?;
        rows.time_us.reserve(n_rows);
        self.times(select, &mut rows.time_us)?;
        rows.event.reserve(n_rows);
        self.chunked("event", select, &mut rows.event, decode::integers)?;
        if columns.channel {
            self.chunked("channel", select, &mut rows.channel, decode::integers)?;
        }
        if columns.amount {
            self.chunked("amount", select, &mut rows.amount, decode::amounts)?;
        }
        if columns.user_id {
            rows.user_id = self.texts("user_id", select)?;
        }
        if columns.anonymous_id {
            rows.anonymous_id = self.texts("anonymous_id", select)?;
        }
        if columns.source {
            rows.source = self.texts("source", select)?;
        }
        for &id in &columns.properties {
            rows.properties.push(match properties.get(id) {
                Some(property) => self.property(property, select)?,
                None => missing_property(PropertyKind::String, n_rows),
            });
        }
        if columns.id {
            rows.id = self.ids(select, columns, properties, &rows)?;
        }
        let lengths = [rows.person.len(), rows.time_us.len(), rows.event.len()];
        if lengths != [n_rows; 3] {
            return Err(self.part.corrupt("columns are of different lengths".to_owned()));
        }
        Ok(rows)
    }

    /// Person keys of the selected rows, and where each person starts.
    fn persons(&self, select: &Select<'_>, rows: &mut Table) -> Result<()> {
        let (persons, starts) = self.person_runs()?;
        match select {
            Select::All => {
                rows.person.reserve(self.part.n_rows());
                for (&key, run) in persons.iter().zip(starts.windows(2)) {
                    rows.person.resize(run[1], key);
                }
                rows.person_starts.clone_from(starts);
            }
            Select::Ranges(ranges) => {
                for range in *ranges {
                    let mut row = range.start;
                    while row < range.end {
                        let at = starts.partition_point(|&start| start <= row) - 1;
                        let end = starts[at + 1].min(range.end);
                        rows.person.resize(rows.person.len() + end - row, persons[at]);
                        row = end;
                    }
                }
                rows.mark_persons();
            }
        }
        Ok(())
    }

    /// Ids, those of contents made anew: that takes all columns of what the content is.
    /// Those of `rows`, read with `columns`, are used if they are all.
    fn ids(
        &self,
        select: &Select<'_>,
        columns: &Columns,
        properties: &Properties,
        rows: &Table,
    ) -> Result<Vec<u64>> {
        let read = |null: u64| -> Result<Vec<u64>> {
            let mut ids = Vec::with_capacity(select.n_rows(self.part.n_rows()));
            self.chunked("id", select, &mut ids, |array, ctx, out| decode::nullable(array, null, ctx, out))?;
            Ok(ids)
        };
        let mut ids = read(NO_ID[0])?;
        if !ids.contains(&NO_ID[0]) {
            return Ok(ids);
        }
        let again = read(NO_ID[1])?;
        let property_ids = self.properties(properties)?;
        let derived = if columns.amount
            && columns.channel
            && property_ids.iter().all(|id| columns.properties.contains(id))
        {
            ids::of_rows(rows, &columns.properties)
        } else {
            let columns =
                Columns { amount: true, channel: true, properties: property_ids, ..Columns::default() };
            ids::of_rows(&self.rows(select, &columns, properties)?, &columns.properties)
        };
        for ((id, again), derived) in ids.iter_mut().zip(again).zip(derived) {
            if [*id, again] == NO_ID {
                *id = derived;
            }
        }
        Ok(ids)
    }
}

fn picked(column: PropertyColumn, select: &Select<'_>) -> PropertyColumn {
    match column {
        PropertyColumn::Str(texts) => PropertyColumn::Str(StrColumn {
            codes: select.pick(texts.codes.into_wide()).into(),
            values: texts.values,
        }),
        PropertyColumn::Num(numbers) => PropertyColumn::Num(select.pick(numbers)),
        PropertyColumn::Bool(flags) => PropertyColumn::Bool(select.pick(flags)),
    }
}

fn collect_chunks(layout: &LayoutRef, chunks: &mut Vec<LayoutRef>) -> VortexResult<()> {
    if layout.as_opt::<Chunked>().is_none() {
        chunks.push(layout.clone());
        return Ok(());
    }
    layout.children()?.iter().try_for_each(|child| collect_chunks(child, chunks))
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
    // Not by `Display`, which quotes names with special characters.
    let names = fields.names().iter().map(|name| AsRef::<str>::as_ref(name).to_owned());
    let columns = names.zip(root.children()?).collect();
    Ok(PartFooter { columns, segments: Arc::clone(footer.segment_map()) })
}
