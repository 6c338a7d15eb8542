//! Columns → Vortex arrays, with encodings chosen by one look at each column: no sampling, no trials. Only
//! encodings of Vortex's frozen `core` editions are used, so any reader of Vortex opens a part.
//!
//! | column | encoding |
//! |---|---|
//! | person | run-end (rows are sorted by it); ends bit-packed |
//! | time | steps (see `steps`), or one plain column |
//! | event, channel, codes of texts | what `pack` finds smallest; event as narrow as its codes |
//! | id | null where it is the content's own (see `ids`), else as it is: hashes do not compress |
//! | amount | sparse, or bit-packed with a mask |
//! | texts | dictionary: packed codes, values with zstd unless there is little of them |
//! | numbers | dictionary where values repeat or are mostly missing, else pco |
//! | flags | sparse, or bits |
//! | properties with few values | together, as JSON (see `rest`) |
//!
//! A missing text or number is a null, as any other reader of Vortex expects. In dictionaries value 0 is
//! the null, so that a code fits `code + 1` with [`NO_CODE`] wrapping to 0, and no validity mask is needed.

use hashbrown::HashMap;
use vortex::array::arrays::{
    BoolArray, ConstantArray, DictArray, PrimitiveArray, StructArray, VarBinArray, VarBinViewArray,
};
use vortex::array::validity::Validity;
use vortex::array::{ArrayRef, ExecutionCtx, IntoArray};
use vortex::buffer::{BitBuffer, Buffer};
use vortex::dtype::{DType, FieldNames, NativePType, Nullability, PType};
use vortex::encodings::runend::RunEnd;
use vortex::encodings::zstd::Zstd;
use vortex::error::VortexResult;
use vortex::scalar::Scalar;

use crate::rows::{Block, NO_AMOUNT, StrColumn};
use crate::{Property, PropertyColumn, PropertyKind, ids, pack, rest, steps};

/// Rows per chunk of a plain column. Sized for the second-level cache, and so that keys can be read in
/// slices of bounded memory.
pub(crate) const CHUNK_ROWS: usize = 65_536;

/// Texts are compressed with zstd from this size on; below it the frame costs more than it saves.
const ZSTD_MIN_BYTES: usize = 1024;
const ZSTD_LEVEL: i32 = 3;

/// Texts per frame: what is decompressed to get one.
const ZSTD_FRAME_VALUES: usize = 4096;

/// Amounts from this many on, and flags up to one in so many rows, are worth a shape of their own.
const PCO_MIN_AMOUNTS: usize = 512;
const ROWS_PER_FLAG_MIN: usize = 8;

/// How long a part is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// Until the import ends, which merges it away: as plain as is written and read again fastest, some 30 bytes a row.
    Scratch,
    /// For good: as small as the table above says.
    Kept,
}

/// A column ready to be written: its chunks have the same type.
pub(crate) struct EncodedColumn {
    pub name: String,
    pub dtype: DType,
    pub chunks: Vec<ArrayRef>,
}

/// Name of a property's column in a part.
pub(crate) fn property_column(property: &Property) -> String {
    let prefix = match property.kind {
        PropertyKind::String => "s",
        PropertyKind::Number => "n",
        PropertyKind::Bool => "b",
    };
    format!("{prefix}:{}", property.key)
}

/// Encodes all columns of a block. `properties` are those of the block, in its order.
pub(crate) fn encode(
    block: &Block,
    properties: &[Property],
    stay: Stay,
    ctx: &mut ExecutionCtx,
) -> VortexResult<Vec<EncodedColumn>> {
    let rows = &block.rows;
    let mut columns = vec![column("person", vec![person(&rows.person, &rows.person_starts, ctx)?])];
    match stay {
        Stay::Scratch => columns.push(column("time", in_chunks(&rows.time_us, |chunk| Ok(plain(chunk)))?)),
        Stay::Kept => times(&rows.time_us, &mut columns, ctx)?,
    }
    columns.extend([
        column("id", own_ids(block, stay, ctx)?),
        column("event", events(&rows.event, stay, ctx)?),
        column("channel", in_chunks(&rows.channel, |chunk| codes(chunk, stay, ctx))?),
        column("amount", in_chunks(&rows.amount, |chunk| amounts(chunk, ctx))?),
        column("user_id", texts(&rows.user_id, stay, ctx)?),
        column("anonymous_id", texts(&rows.anonymous_id, stay, ctx)?),
        column("source", texts(&rows.source, stay, ctx)?),
    ]);
    let in_rest = rest::choose(block);
    for ((property, values), in_rest) in properties.iter().zip(&rows.properties).zip(&in_rest) {
        if *in_rest {
            continue;
        }
        let chunks = match values {
            PropertyColumn::Str(values) => texts(values, stay, ctx)?,
            PropertyColumn::Num(values) if stay == Stay::Scratch => {
                in_chunks(values, |chunk| Ok(floats(chunk)))?
            }
            PropertyColumn::Num(values) => in_chunks(values, |chunk| numbers(chunk, ctx))?,
            PropertyColumn::Bool(values) => in_chunks(values, |chunk| flags(chunk, ctx))?,
        };
        columns.push(column(&property_column(property), chunks));
    }
    if in_rest.contains(&true) {
        columns.push(column(rest::REST, texts(&rest::encode(block, properties, &in_rest), stay, ctx)?));
    }
    Ok(columns)
}

fn times(times_us: &[i64], columns: &mut Vec<EncodedColumn>, ctx: &mut ExecutionCtx) -> VortexResult<()> {
    let Some(chunks) = steps::encode(times_us, ctx)? else {
        let plain = in_chunks(times_us, |chunk| pack::flat(chunk, Validity::NonNullable, ctx))?;
        columns.push(column("time", plain));
        return Ok(());
    };
    let part = |of: fn(&steps::Chunk) -> &ArrayRef| chunks.iter().map(|chunk| of(chunk).clone()).collect();
    columns.push(column(steps::BREAK, part(|chunk| &chunk.breaks)));
    columns.push(column(steps::BASE, part(|chunk| &chunk.bases)));
    columns.push(column(steps::STEP, part(|chunk| &chunk.steps)));
    columns.push(column(steps::UNIT, part(|chunk| &chunk.unit)));
    Ok(())
}

/// Ids, null where the content gives them.
fn own_ids(block: &Block, stay: Stay, ctx: &mut ExecutionCtx) -> VortexResult<Vec<ArrayRef>> {
    let dtype = DType::Primitive(PType::U64, Nullability::Nullable);
    let all = |ids: Buffer<u64>| PrimitiveArray::new(ids, Validity::AllValid).into_array();
    if stay == Stay::Scratch {
        return in_chunks(&block.rows.id, |ids| Ok(all(Buffer::copy_from(ids))));
    }
    let derived = ids::of_block(block);
    let pairs: Vec<(u64, u64)> = block.rows.id.iter().copied().zip(derived).collect();
    in_chunks(&pairs, |own| {
        let others = || (0..).zip(own).filter(|(_, (own, derived))| own != derived);
        let ids: Vec<u64> = others().map(|(_, (id, _))| *id).collect();
        if ids.is_empty() {
            return Ok(ConstantArray::new(Scalar::null(dtype.clone()), own.len()).into_array());
        }
        let n_rows = ids.len();
        let values = all(Buffer::from(ids));
        if n_rows == own.len() {
            return Ok(values);
        }
        let places: Vec<u32> = others().map(|(row, _)| row).collect();
        pack::sparse_at(&places, values, own.len(), Scalar::null(dtype.clone()), ctx)
    })
}

/// Event codes in the narrowest type that holds all of the part.
fn events(events: &[u16], stay: Stay, ctx: &mut ExecutionCtx) -> VortexResult<Vec<ArrayRef>> {
    let max = events.iter().copied().max().unwrap_or(0);
    if max <= u16::from(u8::MAX) {
        let events: Vec<u8> = events.iter().map(|&event| event as u8).collect();
        return in_chunks(&events, |chunk| codes(chunk, stay, ctx));
    }
    in_chunks(events, |chunk| codes(chunk, stay, ctx))
}

/// Codes, of which 0 is likely the most frequent.
fn codes<T: pack::Int>(values: &[T], stay: Stay, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    match stay {
        Stay::Scratch => pack::flat(values, Validity::NonNullable, ctx),
        Stay::Kept => pack::integers(values, T::zero(), ctx),
    }
}

/// Values as they are in memory.
fn plain<T: NativePType>(values: &[T]) -> ArrayRef {
    PrimitiveArray::new(Buffer::copy_from(values), Validity::NonNullable).into_array()
}

/// The schema of the columns as a struct, which is what the file as a whole holds.
pub(crate) fn schema(columns: &[EncodedColumn]) -> VortexResult<DType> {
    let names: FieldNames = columns.iter().map(|column| column.name.as_str()).collect();
    let empty = columns.iter().map(|column| vortex::array::Canonical::empty(&column.dtype).into_array());
    Ok(StructArray::try_new(names, empty.collect::<Vec<_>>(), 0, Validity::NonNullable)?.dtype().clone())
}

fn column(name: &str, chunks: Vec<ArrayRef>) -> EncodedColumn {
    EncodedColumn { name: name.to_owned(), dtype: chunks[0].dtype().clone(), chunks }
}

fn in_chunks<T>(
    values: &[T],
    mut encode: impl FnMut(&[T]) -> VortexResult<ArrayRef>,
) -> VortexResult<Vec<ArrayRef>> {
    if values.is_empty() {
        return Ok(vec![encode(values)?]);
    }
    values.chunks(CHUNK_ROWS).map(encode).collect()
}

fn person(values: &[u64], starts: &[usize], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let ends: Vec<u32> = starts[1..].iter().map(|&end| end as u32).collect();
    let firsts: Vec<u64> = starts[..starts.len() - 1].iter().map(|&start| values[start]).collect();
    // Every scan and every look-up begins here: pco would save a tenth of a byte per event, and cost a
    // third of the time of a scan.
    let ends = pack::flat(&ends, Validity::NonNullable, ctx)?;
    let firsts = pack::flat(&firsts, Validity::NonNullable, ctx)?;
    Ok(RunEnd::try_new(ends, firsts, ctx)?.into_array())
}

fn amounts(values: &[i64], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let dtype = DType::Primitive(PType::I64, Nullability::Nullable);
    let others = || (0..).zip(values).filter(|(_, amount)| **amount != NO_AMOUNT);
    let own: Vec<i64> = others().map(|(_, &amount)| amount).collect();
    let Some(&any) = own.first() else {
        return Ok(ConstantArray::new(Scalar::null(dtype), values.len()).into_array());
    };
    if own.len() == values.len() {
        return pack::flat(values, Validity::AllValid, ctx);
    }
    let min = own.iter().copied().min().unwrap_or(0);
    let width = pack::width(min, own.iter().copied().max().unwrap_or(0));
    let n_rows = values.len();
    if own.len() * (width + pack::place_bits(n_rows, own.len())) < n_rows * (width + 1) / 4 * 3 {
        let places: Vec<u32> = others().map(|(row, _)| row).collect();
        let own = if own.len() < PCO_MIN_AMOUNTS {
            pack::flat(&own, Validity::AllValid, ctx)?
        } else {
            pack::pco(&PrimitiveArray::new(Buffer::from(own), Validity::AllValid).into_array(), ctx)?
        };
        return pack::sparse_at(&places, own, n_rows, Scalar::null(dtype), ctx);
    }
    let present = BitBuffer::from_iter(values.iter().map(|&value| value != NO_AMOUNT));
    let filled: Vec<i64> = values.iter().map(|&value| if value == NO_AMOUNT { any } else { value }).collect();
    pack::flat(&filled, Validity::from(present), ctx)
}

/// Texts with a dictionary per chunk: a few rows are then read without the texts of all others.
fn texts(column: &StrColumn, stay: Stay, ctx: &mut ExecutionCtx) -> VortexResult<Vec<ArrayRef>> {
    if column.codes.len() <= CHUNK_ROWS || stay == Stay::Scratch {
        return Ok(vec![dictionary(column, stay, ctx)?]);
    }
    let chunks = (0..column.codes.len()).step_by(CHUNK_ROWS).map(|start| {
        let rows = start..(start + CHUNK_ROWS).min(column.codes.len());
        dictionary(&column.with_codes(rows.map(|row| column.codes.get(row))), stay, ctx)
    });
    chunks.collect()
}

fn dictionary(column: &StrColumn, stay: Stay, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let dtype = DType::Utf8(Nullability::Nullable);
    if column.values.is_empty() {
        return Ok(ConstantArray::new(Scalar::null(dtype), column.codes.len()).into_array());
    }
    let own: Vec<u32> = column.codes.iter().map(|code| code.wrapping_add(1)).collect();
    let values = std::iter::once(None).chain(column.values.iter().map(|value| Some(value.as_str())));
    let n_bytes: usize = column.values.iter().map(String::len).sum();
    let values = if n_bytes >= ZSTD_MIN_BYTES && stay == Stay::Kept {
        let values = VarBinViewArray::from_iter(values, dtype);
        Zstd::from_var_bin_view_without_dict(&values, ZSTD_LEVEL, ZSTD_FRAME_VALUES, ctx)?.into_array()
    } else {
        VarBinArray::from_iter(values, dtype).into_array()
    };
    Ok(DictArray::try_new(codes(&own, stay, ctx)?, values)?.into_array())
}

fn numbers(values: &[f64], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    // A dictionary costs up to 17 bits a code at this size and a hash per row to build: it pays while at
    // most one row in four brings a new value.
    let limit = values.len() / 4 + 1;
    let mut codes_by_bits: HashMap<u64, u32> = HashMap::new();
    let mut distinct = vec![0.0];
    let mut codes = Vec::with_capacity(values.len());
    for &value in values {
        if value.is_nan() {
            codes.push(0);
            continue;
        }
        let code = *codes_by_bits.entry(value.to_bits()).or_insert_with(|| {
            distinct.push(value);
            distinct.len() as u32 - 1
        });
        codes.push(code);
        if distinct.len() > limit {
            return pack::pco(&floats(values), ctx);
        }
    }
    let validity: Validity = (0..distinct.len()).map(|code| code > 0).collect();
    let distinct = PrimitiveArray::new(Buffer::from(distinct), validity).into_array();
    Ok(DictArray::try_new(pack::integers(&codes, 0, ctx)?, distinct)?.into_array())
}

/// Numbers as they are in memory.
fn floats(values: &[f64]) -> ArrayRef {
    let present = BitBuffer::from_iter(values.iter().map(|value| !value.is_nan()));
    PrimitiveArray::new(Buffer::copy_from(values), Validity::from(present)).into_array()
}

fn flags(values: &[u8], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let own: Vec<u8> = values.iter().copied().filter(|&value| value != 2).collect();
    if !own.is_empty() && own.len() * ROWS_PER_FLAG_MIN < values.len() {
        let places: Vec<u32> =
            (0..).zip(values).filter(|(_, value)| **value != 2).map(|(row, _)| row).collect();
        let set = BitBuffer::from_iter(own.iter().map(|&value| value == 1));
        let own = BoolArray::new(set, Validity::AllValid).into_array();
        let null = Scalar::null(DType::Bool(Nullability::Nullable));
        return pack::sparse_at(&places, own, values.len(), null, ctx);
    }
    let set = BitBuffer::from_iter(values.iter().map(|&value| value == 1));
    let present = BitBuffer::from_iter(values.iter().map(|&value| value != 2));
    Ok(BoolArray::new(set, Validity::from(present)).into_array())
}
