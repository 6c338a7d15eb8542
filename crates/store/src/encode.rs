//! Columns → Vortex arrays, with encodings chosen by one look at each column: no sampling, no trials.
//!
//! | column | encoding |
//! |---|---|
//! | person | run-end (rows are sorted by it) |
//! | time, event, channel, amount | constant, or frame of reference + bit packing |
//! | ids | as they are: hashes do not compress |
//! | texts | dictionary: bit-packed codes, values with FSST where there is much of them |
//! | numbers | dictionary where values repeat or are mostly missing, else as they are |
//! | flags | bits |
//!
//! A missing text or number is a null, as any other reader of Vortex expects. In dictionaries value 0 is
//! the null, so that a code fits `code + 1` with [`NO_CODE`] wrapping to 0, and no validity mask is needed.

use hashbrown::HashMap;
use num_traits::{PrimInt, WrappingSub};
use vortex::array::arrays::{BoolArray, ConstantArray, DictArray, PrimitiveArray, StructArray, VarBinArray};
use vortex::array::validity::Validity;
use vortex::array::{ArrayRef, ExecutionCtx, IntoArray};
use vortex::buffer::{BitBuffer, Buffer};
use vortex::dtype::{DType, FieldNames, NativePType, Nullability, PType};
use vortex::encodings::fastlanes::{BitPacked, FoR};
use vortex::encodings::fsst::{fsst_compress, fsst_train_compressor};
use vortex::encodings::runend::RunEnd;
use vortex::error::VortexResult;
use vortex::scalar::{PValue, Scalar};

use crate::rows::{Block, NO_AMOUNT, StrColumn};
use crate::{Property, PropertyColumn, PropertyKind};

/// Rows per chunk of a plain column. Sized for the second-level cache, and so that keys can be read in
/// slices of bounded memory.
pub(crate) const CHUNK_ROWS: usize = 65_536;

/// Texts are compressed with FSST from this size on; below it the symbol table costs more than it saves.
const FSST_MIN_BYTES: usize = 64 * 1024;

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
    ctx: &mut ExecutionCtx,
) -> VortexResult<Vec<EncodedColumn>> {
    let rows = &block.rows;
    let mut columns = vec![
        column("person", vec![person(&rows.person, &rows.person_starts, ctx)?]),
        column("time", in_chunks(&rows.time_us, |chunk| integers(chunk, Validity::NonNullable, ctx))?),
        column("id", in_chunks(&rows.id, |chunk| Ok(plain(chunk)))?),
        column("event", in_chunks(&rows.event, |chunk| integers(chunk, Validity::NonNullable, ctx))?),
        column("channel", in_chunks(&rows.channel, |chunk| integers(chunk, Validity::NonNullable, ctx))?),
        column("amount", in_chunks(&rows.amount, |chunk| amounts(chunk, ctx))?),
        column("user_id", vec![texts(&rows.user_id, ctx)?]),
        column("anonymous_id", vec![texts(&rows.anonymous_id, ctx)?]),
        column("source", vec![texts(&rows.source, ctx)?]),
    ];
    for (property, values) in properties.iter().zip(&rows.properties) {
        let array = match values {
            PropertyColumn::Str(values) => texts(values, ctx)?,
            PropertyColumn::Num(values) => numbers(values, ctx)?,
            PropertyColumn::Bool(values) => flags(values),
        };
        columns.push(column(&property_column(property), vec![array]));
    }
    Ok(columns)
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
    encode: impl FnMut(&[T]) -> VortexResult<ArrayRef>,
) -> VortexResult<Vec<ArrayRef>> {
    values.chunks(CHUNK_ROWS).map(encode).collect()
}

fn plain<T: NativePType>(values: &[T]) -> ArrayRef {
    PrimitiveArray::new(Buffer::copy_from(values), Validity::NonNullable).into_array()
}

fn person(values: &[u64], starts: &[usize], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let ends: Vec<u32> = starts[1..].iter().map(|&end| end as u32).collect();
    let firsts: Vec<u64> = starts[..starts.len() - 1].iter().map(|&start| values[start]).collect();
    Ok(RunEnd::try_new(plain(&ends), plain(&firsts), ctx)?.into_array())
}

/// Integers as a constant, or relative to their minimum in as few bits as they need.
fn integers<T>(values: &[T], validity: Validity, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef>
where
    T: NativePType + PrimInt + WrappingSub + Into<PValue>,
    Scalar: From<T>,
{
    let min = values.iter().copied().fold(T::max_value(), T::min);
    let max = values.iter().copied().fold(T::min_value(), T::max);
    let nullability = validity.nullability();
    if min == max && !matches!(validity, Validity::Array(_)) {
        return Ok(ConstantArray::new(Scalar::primitive(min, nullability), values.len()).into_array());
    }
    let range = max.wrapping_sub(&min);
    let width = T::PTYPE.bit_width() as u32 - range.leading_zeros();
    // One bit must stay free: packed values must not look negative.
    if width as usize + 1 >= T::PTYPE.bit_width() {
        return Ok(PrimitiveArray::new(Buffer::copy_from(values), validity).into_array());
    }
    let relative: Buffer<T> = values.iter().map(|value| value.wrapping_sub(&min)).collect();
    let relative = PrimitiveArray::new(relative, validity).into_array();
    let packed = BitPacked::encode(&relative, (width as u8).max(1), ctx)?.into_array();
    if min.is_zero() {
        return Ok(packed);
    }
    Ok(FoR::try_new(packed, Scalar::primitive(min, nullability))?.into_array())
}

fn amounts(values: &[i64], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let dtype = DType::Primitive(PType::I64, Nullability::Nullable);
    let Some(&any) = values.iter().find(|&&value| value != NO_AMOUNT) else {
        return Ok(ConstantArray::new(Scalar::null(dtype), values.len()).into_array());
    };
    if values.iter().all(|&value| value != NO_AMOUNT) {
        return integers(values, Validity::AllValid, ctx);
    }
    let present = BitBuffer::from_iter(values.iter().map(|&value| value != NO_AMOUNT));
    let filled: Vec<i64> = values.iter().map(|&value| if value == NO_AMOUNT { any } else { value }).collect();
    integers(&filled, Validity::from(present), ctx)
}

fn texts(column: &StrColumn, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let dtype = DType::Utf8(Nullability::Nullable);
    if column.values.is_empty() {
        return Ok(ConstantArray::new(Scalar::null(dtype), column.codes.len()).into_array());
    }
    let codes: Vec<u32> = column.codes.iter().map(|&code| code.wrapping_add(1)).collect();
    let values = std::iter::once(None).chain(column.values.iter().map(|value| Some(value.as_str())));
    let values = VarBinArray::from_iter(values, dtype).into_array();
    let n_bytes: usize = column.values.iter().map(String::len).sum();
    let values = if n_bytes >= FSST_MIN_BYTES {
        let compressor = fsst_train_compressor(&values, ctx)?;
        fsst_compress(&values, &compressor, ctx)?.into_array()
    } else {
        values
    };
    Ok(DictArray::try_new(integers(&codes, Validity::NonNullable, ctx)?, values)?.into_array())
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
            return Ok(plain_numbers(values));
        }
    }
    let validity: Validity = (0..distinct.len()).map(|code| code > 0).collect();
    let distinct = PrimitiveArray::new(Buffer::from(distinct), validity).into_array();
    Ok(DictArray::try_new(integers(&codes, Validity::NonNullable, ctx)?, distinct)?.into_array())
}

fn plain_numbers(values: &[f64]) -> ArrayRef {
    let present = BitBuffer::from_iter(values.iter().map(|value| !value.is_nan()));
    PrimitiveArray::new(Buffer::copy_from(values), Validity::from(present)).into_array()
}

fn flags(values: &[u8]) -> ArrayRef {
    let set = BitBuffer::from_iter(values.iter().map(|&value| value == 1));
    let present = BitBuffer::from_iter(values.iter().map(|&value| value != 2));
    BoolArray::new(set, Validity::from(present)).into_array()
}
