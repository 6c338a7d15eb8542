//! Vortex arrays → columns. Takes any encoding, and is quick with those `encode` writes: they are decoded
//! straight into the column, without an array in between.

use std::mem::MaybeUninit;
use std::ops::Range;

use num_traits::WrappingAdd;
use vortex::array::arrays::chunked::ChunkedArrayExt;
use vortex::array::arrays::dict::DictArraySlotsExt;
use vortex::array::arrays::{BoolArray, Chunked, Dict, Primitive, PrimitiveArray, VarBinViewArray};
use vortex::array::patches::Patches;
use vortex::array::validity::Validity;
use vortex::array::{ArrayRef, ArrayView, ExecutionCtx, IntoArray};
use vortex::buffer::BitBuffer;
use vortex::dtype::{NativePType, PType, PhysicalPType};
use vortex::encodings::fastlanes::unpack_iter::{BitPacked as Packable, BitPackingStrategy, UnpackedChunks};
use vortex::encodings::fastlanes::{
    BitPacked, BitPackedArrayExt, FoR, FoRArrayExt, FoRArraySlotsExt, FoRReferences,
};
use vortex::encodings::runend::{RunEnd, RunEndArrayExt, RunEndArraySlotsExt};
use vortex::encodings::sparse::{Sparse, SparseExt};
use vortex::error::{VortexResult, vortex_ensure, vortex_err};
use vortex::mask::Mask;

use crate::rows::{NO_AMOUNT, NO_CODE, StrColumn};
use crate::scan::Amounts;

/// Values a bit-packed block unpacks to.
const BLOCK_ROWS: usize = 1024;

/// Rows written at once for a run.
const SHORT_RUN: usize = 16;

/// Integers that are decoded without an array in between.
pub(crate) trait Int: NativePType + Packable + WrappingAdd {}
impl<T: NativePType + Packable + WrappingAdd> Int for T {}

/// Appends the values of a column of integers without missing ones. One narrower than `T` is widened.
pub(crate) fn integers<T: Int + TryFrom<u64>>(
    array: &ArrayRef,
    ctx: &mut ExecutionCtx,
    out: &mut Vec<T>,
) -> VortexResult<()> {
    let stored = array.dtype().as_ptype();
    if stored == T::PTYPE {
        return same(array, ctx, out);
    }
    match stored {
        PType::U8 => widened::<u8, T>(array, ctx, out),
        PType::U16 => widened::<u16, T>(array, ctx, out),
        PType::U32 => widened::<u32, T>(array, ctx, out),
        PType::U64 => widened::<u64, T>(array, ctx, out),
        _ => Err(vortex_err!("a column of {stored} where {} is expected", T::PTYPE)),
    }
}

fn widened<S: Int + Into<u64>, T: Int + TryFrom<u64>>(
    array: &ArrayRef,
    ctx: &mut ExecutionCtx,
    out: &mut Vec<T>,
) -> VortexResult<()> {
    let mut values: Vec<S> = Vec::with_capacity(array.len());
    same(array, ctx, &mut values)?;
    // What does not fit is counted, not stopped at: the loop stays free of branches.
    let mut n_outside = 0;
    out.extend(values.iter().map(|&value| {
        T::try_from(value.into()).unwrap_or_else(|_| {
            n_outside += 1;
            T::default()
        })
    }));
    vortex_ensure!(n_outside == 0, "a value does not fit {}", T::PTYPE);
    Ok(())
}

/// Appends values of the type they are stored in.
fn same<T: Int>(array: &ArrayRef, ctx: &mut ExecutionCtx, out: &mut Vec<T>) -> VortexResult<()> {
    if let Some(chunked) = array.as_opt::<Chunked>() {
        return chunked.iter_chunks().try_for_each(|chunk| same(chunk, ctx, out));
    }
    if let Some(values) = array.as_typed::<Primitive>() {
        out.extend_from_slice(values.as_slice::<T>());
        return Ok(());
    }
    if let Some(value) = array.as_constant().and_then(|scalar| scalar.as_primitive_opt()?.typed_value::<T>())
    {
        out.resize(out.len() + array.len(), value);
        return Ok(());
    }
    if let Some(packed) = array.as_typed::<BitPacked>()
        && unpack(packed, T::default(), out)?
    {
        return Ok(());
    }
    if let Some(relative) = array.as_typed::<FoR>()
        && let FoRReferences::Global(base) = relative.references()
        && let Some(base) = base.as_primitive_opt().and_then(|base| base.typed_value::<T>())
        && let Some(packed) = relative.encoded().as_typed::<BitPacked>()
        && unpack(packed, base, out)?
    {
        return Ok(());
    }
    if let Some(runs) = array.as_typed::<RunEnd>()
        && runs.offset() == 0
        && runs.ends().dtype().as_ptype() == PType::U32
        && !array.dtype().is_nullable()
    {
        return run_ends(runs.ends(), runs.values(), array.len(), ctx, out);
    }
    if let Some(sparse) = array.as_typed::<Sparse>()
        && let Some(fill) = sparse.fill_scalar().as_primitive_opt().and_then(|fill| fill.typed_value::<T>())
        && !array.dtype().is_nullable()
    {
        let start = out.len();
        out.resize(start + array.len(), fill);
        return place(&placed(&sparse.patches(), ctx)?, &mut out[start..]);
    }
    let values = array.clone().execute::<PrimitiveArray>(ctx)?;
    out.extend_from_slice(values.as_slice::<T>());
    Ok(())
}

/// Unpacks and adds `base` in one pass; `false`, and nothing done, if the array is not of the plain kind.
fn unpack<T: Int>(array: ArrayView<'_, BitPacked>, base: T, out: &mut Vec<T>) -> VortexResult<bool> {
    let n_blocks = array.len().div_ceil(BLOCK_ROWS);
    let plain = array.bit_widths().is_global()
        && BitPackedArrayExt::offset(&array) == 0
        && array.patches().is_none()
        && matches!(BitPackedArrayExt::validity(&array), Validity::NonNullable | Validity::AllValid);
    let packed = array.packed_slice::<<T as PhysicalPType>::Physical>();
    if !plain || n_blocks == 0 || packed.len() < n_blocks {
        return Ok(false);
    }
    let words = packed.len() / n_blocks;
    let width = words * size_of::<T>() / (BLOCK_ROWS / 8);
    let mut scratch = [MaybeUninit::<T>::uninit(); BLOCK_ROWS];
    let mut n_left = array.len();
    for block in packed.chunks_exact(words) {
        let n_rows = n_left.min(BLOCK_ROWS);
        n_left -= n_rows;
        let strategy = BitPackingStrategy;
        let mut unpacked =
            UnpackedChunks::<T, _>::try_new_with_strategy(strategy, block, width, 0, n_rows, &mut scratch)?;
        let values = unpacked.initial().ok_or_else(|| vortex_err!("a packed block is empty"))?;
        out.extend(values.iter().map(|value| value.wrapping_add(&base)));
    }
    Ok(true)
}

fn run_ends<T: Int>(
    ends: &ArrayRef,
    values: &ArrayRef,
    n_rows: usize,
    ctx: &mut ExecutionCtx,
    out: &mut Vec<T>,
) -> VortexResult<()> {
    let mut run_ends: Vec<u32> = Vec::with_capacity(ends.len());
    same(ends, ctx, &mut run_ends)?;
    let mut firsts: Vec<T> = Vec::with_capacity(values.len());
    same(values, ctx, &mut firsts)?;
    let start = out.len();
    out.resize(start + n_rows + SHORT_RUN, T::default());
    let (rows, mut at) = (&mut out[start..], 0);
    for (&end, &first) in run_ends.iter().zip(&firsts) {
        let end = (end as usize).min(n_rows);
        vortex_ensure!(end >= at, "the ends of runs do not ascend");
        // Most runs are short: one store of fixed width, of which the next run overwrites what is too much.
        rows[at..at + SHORT_RUN].fill(first);
        if end - at > SHORT_RUN {
            rows[at + SHORT_RUN..end].fill(first);
        }
        at = end;
    }
    vortex_ensure!(at == n_rows, "the runs do not cover their rows");
    out.truncate(start + n_rows);
    Ok(())
}

/// Where the values of `patches` belong, and the values.
fn placed<T: Int>(patches: &Patches, ctx: &mut ExecutionCtx) -> VortexResult<(Vec<u64>, Vec<T>)> {
    let (mut places, mut values): (Vec<u64>, Vec<T>) = (Vec::new(), Vec::new());
    integers(patches.indices(), ctx, &mut places)?;
    same(patches.values(), ctx, &mut values)?;
    // A place before the offset is no place: it wraps around and is found to be outside.
    let offset = patches.offset() as u64;
    places.iter_mut().for_each(|place| *place = place.wrapping_sub(offset));
    Ok((places, values))
}

/// The values of a column that is missing everywhere else, if it is stored so: none where it is missing throughout.
fn sparse<T: Int>(array: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<Option<(Vec<u64>, Vec<T>)>> {
    if array.as_constant().is_some_and(|scalar| scalar.is_null()) {
        return Ok(Some((Vec::new(), Vec::new())));
    }
    match array.as_typed::<Sparse>() {
        Some(few) if few.fill_scalar().is_null() && all_present(few.patches().values(), ctx)? => {
            placed(&few.patches(), ctx).map(Some)
        }
        _ => Ok(None),
    }
}

/// Writes values where they belong.
fn place<T: Int>((places, values): &(Vec<u64>, Vec<T>), out: &mut [T]) -> VortexResult<()> {
    for (&place, &value) in places.iter().zip(values) {
        let row = out.get_mut(usize::try_from(place).unwrap_or(usize::MAX));
        *row.ok_or_else(|| vortex_err!("a value stands outside of its column"))? = value;
    }
    Ok(())
}

/// The first values of a column that is filled up with zeros, `n_wanted` at least if there are as many.
pub(crate) fn leading<T: Int>(
    array: &ArrayRef,
    n_wanted: usize,
    ctx: &mut ExecutionCtx,
    out: &mut Vec<T>,
) -> VortexResult<()> {
    let Some(chunked) = array.as_opt::<Chunked>() else { return same(array, ctx, out) };
    for chunk in chunked.iter_chunks() {
        if out.len() >= n_wanted {
            break;
        }
        same(chunk, ctx, out)?;
    }
    Ok(())
}

/// A column of bits without missing ones.
pub(crate) fn bits(array: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<BitBuffer> {
    Ok(array.clone().execute::<BoolArray>(ctx)?.into_bit_buffer())
}

/// Appends amounts; missing ones become [`NO_AMOUNT`].
pub(crate) fn amounts(array: &ArrayRef, ctx: &mut ExecutionCtx, out: &mut Vec<i64>) -> VortexResult<()> {
    nullable(array, NO_AMOUNT, ctx, out)
}

/// Appends amounts as they are kept in memory. Costs nothing for rows without one, if few have.
pub(crate) fn few_amounts(array: &ArrayRef, ctx: &mut ExecutionCtx, out: &mut Amounts) -> VortexResult<()> {
    if let Some((places, values)) = sparse(array, ctx)? {
        return out.extend_sparse(array.len(), &places, &values);
    }
    let mut all = Vec::with_capacity(array.len());
    amounts(array, ctx, &mut all)?;
    all.into_iter().for_each(|amount| out.push(amount));
    Ok(())
}

/// Appends integers; missing ones become `filler`.
pub(crate) fn nullable<T: Int>(
    array: &ArrayRef,
    filler: T,
    ctx: &mut ExecutionCtx,
    out: &mut Vec<T>,
) -> VortexResult<()> {
    let start = out.len();
    if let Some(few) = sparse(array, ctx)? {
        out.resize(start + array.len(), filler);
        return place(&few, &mut out[start..]);
    }
    if all_present(array, ctx)? {
        return same(array, ctx, out);
    }
    let values = array.clone().execute::<PrimitiveArray>(ctx)?;
    out.extend_from_slice(values.as_slice::<T>());
    fill_missing(&values, ctx, &mut out[start..], filler)
}

fn all_present(array: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<bool> {
    Ok(match array.validity()? {
        Validity::NonNullable | Validity::AllValid => true,
        Validity::AllInvalid => array.is_empty(),
        validity => matches!(validity.execute_mask(array.len(), ctx)?, Mask::AllTrue(_)),
    })
}

/// Overwrites the entries that are missing in `values`.
fn fill_missing<T: Copy>(
    values: &PrimitiveArray,
    ctx: &mut ExecutionCtx,
    out: &mut [T],
    filler: T,
) -> VortexResult<()> {
    match values.validity()?.execute_mask(values.len(), ctx)? {
        Mask::AllTrue(_) => {}
        Mask::AllFalse(_) => out.fill(filler),
        Mask::Values(mask) => {
            for (value, present) in out.iter_mut().zip(mask.bit_buffer().iter()) {
                if !present {
                    *value = filler;
                }
            }
        }
    }
    Ok(())
}

/// The persons and where each of them starts: `starts` has one more entry, the number of rows.
pub(crate) fn person_runs(array: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<(Vec<u64>, Vec<usize>)> {
    let mut starts = vec![0];
    let mut persons = Vec::new();
    if let Some(runs) = array.as_opt::<RunEnd>() {
        let mut ends: Vec<u32> = Vec::new();
        integers(runs.ends(), ctx, &mut ends)?;
        integers(runs.values(), ctx, &mut persons)?;
        starts.extend(ends.iter().map(|&end| end as usize));
        return Ok((persons, starts));
    }
    let mut all: Vec<u64> = Vec::new();
    integers(array, ctx, &mut all)?;
    for own in all.chunk_by(|a, b| a == b) {
        persons.push(own[0]);
        starts.push(starts[persons.len() - 1] + own.len());
    }
    Ok((persons, starts))
}

/// Rows of a column of texts. A dictionary is taken as it is; another encoding is turned into one.
/// Of the values only those are decoded that `rows` need, if they are few.
pub(crate) fn texts(array: &ArrayRef, rows: &Select<'_>, ctx: &mut ExecutionCtx) -> VortexResult<StrColumn> {
    if array.as_constant().is_some_and(|scalar| scalar.is_null()) {
        return Ok(StrColumn { codes: vec![NO_CODE; rows.n_rows(array.len())].into(), values: Vec::new() });
    }
    let Some(dict) = array.as_opt::<Dict>() else {
        let values = rows.pick(strings(array.clone(), ctx)?);
        return Ok(intern(values.iter().map(Option::as_deref)));
    };
    let mut codes: Vec<u32> = Vec::with_capacity(array.len());
    integers(dict.codes(), ctx, &mut codes)?;
    let mut codes = rows.pick(codes);
    let stored = dict.values();
    vortex_ensure!(codes.iter().all(|&code| (code as usize) < stored.len()), "a code without a text");
    if codes.len() < stored.len() / 16 {
        let mut used = codes.clone();
        used.sort_unstable();
        used.dedup();
        let mut values = Vec::with_capacity(used.len());
        for &code in &used {
            values.extend(strings(stored.slice(code as usize..code as usize + 1)?, ctx)?);
        }
        let value = |code: &u32| used.binary_search(code).ok().and_then(|at| values[at].as_deref());
        return Ok(intern(codes.iter().map(value)));
    }
    let values = strings(stored.clone(), ctx)?;
    // Only `encode` writes this shape: the first value is the null, no other is.
    if values.first() == Some(&None) && values[1..].iter().all(Option::is_some) {
        codes.iter_mut().for_each(|code| *code = code.wrapping_sub(1));
        return Ok(StrColumn { codes: codes.into(), values: values.into_iter().flatten().collect() });
    }
    Ok(intern(codes.iter().map(|&code| values[code as usize].as_deref())))
}

fn strings(array: ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<Vec<Option<String>>> {
    let views = array.execute::<VarBinViewArray>(ctx)?;
    let present = views.validity()?.execute_mask(views.len(), ctx)?;
    (0..views.len())
        .map(|row| {
            if !present.value(row) {
                return Ok(None);
            }
            let bytes = views.bytes_at(row);
            let text = std::str::from_utf8(&bytes).map_err(|error| vortex_err!("not UTF-8: {error}"))?;
            Ok(Some(text.to_owned()))
        })
        .collect()
}

fn intern<'a>(values: impl Iterator<Item = Option<&'a str>>) -> StrColumn {
    let mut column = StrColumn::default();
    let mut codes: hashbrown::HashMap<&str, u32> = hashbrown::HashMap::new();
    for value in values {
        let code = value.map_or(NO_CODE, |value| {
            *codes.entry(value).or_insert_with(|| {
                column.values.push(value.to_owned());
                column.values.len() as u32 - 1
            })
        });
        column.codes.push(code);
    }
    column
}

/// A column of numbers; missing ones become NaN.
pub(crate) fn numbers(array: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<Vec<f64>> {
    if let Some(dict) = array.as_opt::<Dict>() {
        let mut codes: Vec<u32> = Vec::new();
        integers(dict.codes(), ctx, &mut codes)?;
        let values = numbers(dict.values(), ctx)?;
        vortex_ensure!(codes.iter().all(|&code| (code as usize) < values.len()), "a code without a number");
        return Ok(codes.iter().map(|&code| values[code as usize]).collect());
    }
    let values = array.clone().execute::<PrimitiveArray>(ctx)?;
    let mut out = values.as_slice::<f64>().to_vec();
    fill_missing(&values, ctx, &mut out, f64::NAN)?;
    Ok(out)
}

/// A column of flags; missing ones become 2.
pub(crate) fn flags(array: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<Vec<u8>> {
    let values = array.clone().execute::<BoolArray>(ctx)?;
    let present = values.validity()?.execute_mask(values.len(), ctx)?;
    let bits = values.into_bit_buffer();
    Ok(bits.iter().enumerate().map(|(row, set)| if present.value(row) { u8::from(set) } else { 2 }).collect())
}

/// Which rows of a part to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Select<'a> {
    /// All.
    All,
    /// These, in order; they ascend and do not overlap.
    Ranges(&'a [Range<usize>]),
}

impl Select<'_> {
    /// How many rows are selected of a part with `n_rows`.
    pub(crate) fn n_rows(&self, n_rows: usize) -> usize {
        match self {
            Self::All => n_rows,
            Self::Ranges(ranges) => ranges.iter().map(|range| range.len()).sum(),
        }
    }

    /// The selected ones of all values.
    pub(crate) fn pick<T: Clone>(&self, values: Vec<T>) -> Vec<T> {
        match self {
            Self::All => values,
            Self::Ranges(ranges) => {
                ranges.iter().flat_map(|range| values[range.clone()].iter().cloned()).collect()
            }
        }
    }

    /// What of the rows `from .. to` is selected, relative to `from`; `None` is all of it.
    pub(crate) fn within(&self, from: usize, to: usize) -> Option<Vec<Range<usize>>> {
        let Self::Ranges(ranges) = self else { return None };
        let cut = ranges.iter().map(|range| range.start.max(from)..range.end.min(to));
        Some(cut.filter(|cut| cut.start < cut.end).map(|cut| cut.start - from..cut.end - from).collect())
    }
}

/// Joins the chunks of a column that is read as a whole; written by us there is one.
pub(crate) fn single(mut chunks: Vec<ArrayRef>) -> VortexResult<ArrayRef> {
    if chunks.len() == 1
        && let Some(chunk) = chunks.pop()
    {
        return Ok(chunk);
    }
    let dtype = chunks.first().ok_or_else(|| vortex_err!("a column without chunks"))?.dtype().clone();
    Ok(vortex::array::arrays::ChunkedArray::try_new(chunks, dtype)?.into_array())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{flat, sparse_at};
    use crate::part::SESSION;
    use vortex::array::VortexSessionExecute;
    use vortex::dtype::{DType, Nullability};
    use vortex::scalar::Scalar;

    #[test]
    fn a_slice_of_few_values_keeps_their_places() {
        let mut ctx = SESSION.create_execution_ctx();
        let values = flat(&[10_i64, 20, 30], Validity::AllValid, &mut ctx).unwrap();
        let missing = Scalar::null(DType::Primitive(PType::I64, Nullability::Nullable));
        let all = sparse_at(&[1, 5, 9], values, 12, missing, &mut ctx).unwrap();
        for (rows, wanted) in [
            (0..12, vec![0, 10, 0, 0, 0, 20, 0, 0, 0, 30, 0, 0]),
            (4..10, vec![0, 20, 0, 0, 0, 30]),
            (6..9, vec![0, 0, 0]),
        ] {
            let cut = all.slice(rows.clone()).unwrap();
            let mut read: Vec<i64> = Vec::new();
            nullable(&cut, 0, &mut ctx, &mut read).unwrap();
            assert_eq!(read, wanted, "{rows:?}");
            let mut few = Amounts::default();
            few_amounts(&cut, &mut ctx, &mut few).unwrap();
            let few: Vec<i64> = (0..rows.len()).map(|row| few.get(row).unwrap_or(0)).collect();
            assert_eq!(few, wanted, "{rows:?}");
        }
    }
}
