//! Vortex arrays → columns. Takes any encoding, and is quick with those `encode` writes.

use vortex::array::arrays::dict::DictArraySlotsExt;
use vortex::array::arrays::{BoolArray, Dict, PrimitiveArray, VarBinViewArray};
use vortex::array::{ArrayRef, ExecutionCtx, IntoArray};
use vortex::dtype::NativePType;
use vortex::encodings::runend::{RunEnd, RunEndArraySlotsExt};
use vortex::error::{VortexResult, vortex_err};
use vortex::mask::Mask;

use crate::rows::{NO_AMOUNT, NO_CODE, StrColumn};

/// Appends the values of a column without missing ones.
pub(crate) fn integers<T: NativePType>(
    array: ArrayRef,
    ctx: &mut ExecutionCtx,
    out: &mut Vec<T>,
) -> VortexResult<()> {
    let values = array.execute::<PrimitiveArray>(ctx)?;
    out.extend_from_slice(values.as_slice::<T>());
    Ok(())
}

/// Appends amounts; missing ones become [`NO_AMOUNT`].
pub(crate) fn amounts(array: ArrayRef, ctx: &mut ExecutionCtx, out: &mut Vec<i64>) -> VortexResult<()> {
    let values = array.execute::<PrimitiveArray>(ctx)?;
    let start = out.len();
    out.extend_from_slice(values.as_slice::<i64>());
    fill_missing(&values, ctx, &mut out[start..], NO_AMOUNT)
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
pub(crate) fn person_runs(array: ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<(Vec<u64>, Vec<usize>)> {
    let mut starts = vec![0];
    let mut persons = Vec::new();
    if let Some(runs) = array.as_opt::<RunEnd>() {
        let mut ends: Vec<u32> = Vec::new();
        integers(runs.ends().clone(), ctx, &mut ends)?;
        integers(runs.values().clone(), ctx, &mut persons)?;
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

/// A column of texts. A dictionary is taken as it is; another encoding is turned into one.
pub(crate) fn texts(array: ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<StrColumn> {
    if let Some(dict) = array.as_opt::<Dict>() {
        let mut codes: Vec<u32> = Vec::new();
        integers(dict.codes().clone(), ctx, &mut codes)?;
        let values = strings(dict.values().clone(), ctx)?;
        // Only `encode` writes this shape: the first value is the null, no other is.
        if values.first() == Some(&None) && values[1..].iter().all(Option::is_some) {
            codes.iter_mut().for_each(|code| *code = code.wrapping_sub(1));
            return Ok(StrColumn { codes, values: values.into_iter().flatten().collect() });
        }
        return Ok(intern(codes.iter().map(|&code| values[code as usize].as_deref())));
    }
    if let Some(constant) = array.as_constant()
        && constant.is_null()
    {
        return Ok(StrColumn { codes: vec![NO_CODE; array.len()], values: Vec::new() });
    }
    let values = strings(array, ctx)?;
    Ok(intern(values.iter().map(Option::as_deref)))
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
pub(crate) fn numbers(array: ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<Vec<f64>> {
    if let Some(dict) = array.as_opt::<Dict>() {
        let mut codes: Vec<u32> = Vec::new();
        integers(dict.codes().clone(), ctx, &mut codes)?;
        let values = numbers(dict.values().clone(), ctx)?;
        return Ok(codes.iter().map(|&code| values[code as usize]).collect());
    }
    let values = array.execute::<PrimitiveArray>(ctx)?;
    let mut out = values.as_slice::<f64>().to_vec();
    fill_missing(&values, ctx, &mut out, f64::NAN)?;
    Ok(out)
}

/// A column of flags; missing ones become 2.
pub(crate) fn flags(array: ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<Vec<u8>> {
    let values = array.execute::<BoolArray>(ctx)?;
    let present = values.validity()?.execute_mask(values.len(), ctx)?;
    let bits = values.into_bit_buffer();
    Ok(bits.iter().enumerate().map(|(row, set)| if present.value(row) { u8::from(set) } else { 2 }).collect())
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
