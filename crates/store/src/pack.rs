//! Integers → the smallest of a few shapes, chosen by one look at them: no sampling, no trials.
//!
//! | values | shape | bits a row, about |
//! |---|---|---|
//! | all equal | constant | 0 |
//! | long runs | run-end; ends with pco, values by this table's other rows | runs × (width + 7) / rows |
//! | mostly one value | sparse: the others and their places | others × (width + spacing) / rows |
//! | else | bit-packed, relative to the least | width |
//!
//! The shapes that decode slower are taken only where they save a quarter.

use num_traits::{PrimInt, WrappingSub};
use vortex::array::arrays::{ConstantArray, Primitive, PrimitiveArray};
use vortex::array::validity::Validity;
use vortex::array::{ArrayRef, ExecutionCtx, IntoArray};
use vortex::buffer::Buffer;
use vortex::dtype::{NativePType, Nullability};
use vortex::encodings::fastlanes::{BitPacked, FoR};
use vortex::encodings::pco::Pco;
use vortex::encodings::runend::RunEnd;
use vortex::encodings::sparse::Sparse;
use vortex::error::{VortexResult, vortex_err};
use vortex::scalar::{PValue, Scalar};

/// What a shape of several arrays costs more than a plain one: descriptions, and tables of pco.
const OVERHEAD_BITS: usize = 4096;

/// Bits of one end of a run, packed by pco.
const END_BITS: usize = 7;

/// From this many values on pco saves more than its tables cost.
const PCO_MIN_VALUES: usize = 512;

/// Level and page of pco: levels above gain nothing on these columns.
const PCO_LEVEL: usize = 8;
const PCO_PAGE: usize = 0;

/// Integers a part can hold.
pub(crate) trait Int: NativePType + PrimInt + WrappingSub + Into<PValue> {}
impl<T: NativePType + PrimInt + WrappingSub + Into<PValue>> Int for T {}

/// What one look at a column finds.
struct Look<T> {
    min: T,
    max: T,
    n_runs: usize,
    n_first: usize,
}

impl<T: Int> Look<T> {
    fn at(values: &[T], filler: T) -> Self {
        let mut look = Self { min: T::max_value(), max: T::min_value(), n_runs: 0, n_first: 0 };
        let mut last = None;
        for &value in values {
            look.min = look.min.min(value);
            look.max = look.max.max(value);
            look.n_runs += usize::from(last != Some(value));
            look.n_first += usize::from(value == filler);
            last = Some(value);
        }
        look
    }

    fn width(&self) -> usize {
        width(self.min, self.max)
    }
}

/// Bits of the distance between two values.
pub(crate) fn width<T: Int>(min: T, max: T) -> usize {
    T::PTYPE.bit_width() - max.wrapping_sub(&min).leading_zeros() as usize
}

/// Packs integers without missing ones. `filler` is the value likely to be the most frequent.
pub(crate) fn integers<T: Int>(values: &[T], filler: T, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let look = Look::at(values, filler);
    let (n_rows, width) = (values.len(), look.width());
    if n_rows < 2 || width == 0 {
        return flat(values, Validity::NonNullable, ctx);
    }
    let n_others = n_rows - look.n_first;
    let plain = n_rows * width;
    let runs = look.n_runs * (width + END_BITS) + OVERHEAD_BITS;
    let sparse = n_others * (width + place_bits(n_rows, n_others)) + OVERHEAD_BITS;
    if runs.min(sparse) > plain / 4 * 3 {
        return flat(values, Validity::NonNullable, ctx);
    }
    if runs <= sparse {
        return run_ends(values, look.n_runs, ctx);
    }
    let others = || (0..).zip(values).filter(|(_, value)| **value != filler);
    let places: Vec<u32> = others().map(|(row, _)| row).collect();
    let others: Vec<T> = others().map(|(_, &value)| value).collect();
    let others = flat(&others, Validity::NonNullable, ctx)?;
    let fill = Scalar::primitive(filler, Nullability::NonNullable);
    sparse_at(&places, others, n_rows, fill, ctx)
}

/// Bits to say where one of `n_others` values in `n_rows` stands.
pub(crate) fn place_bits(n_rows: usize, n_others: usize) -> usize {
    (n_rows / n_others.max(1)).max(1).ilog2() as usize + 3
}

/// `values` at `places`, `fill` elsewhere.
pub(crate) fn sparse_at(
    places: &[u32],
    values: ArrayRef,
    n_rows: usize,
    fill: Scalar,
    ctx: &mut ExecutionCtx,
) -> VortexResult<ArrayRef> {
    let places = ascending(places, ctx)?;
    Ok(Sparse::try_new(places, values, n_rows, fill, ctx)?.into_array())
}

fn run_ends<T: Int>(values: &[T], n_runs: usize, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let (mut ends, mut firsts) = (Vec::with_capacity(n_runs), Vec::with_capacity(n_runs));
    let mut end = 0;
    for run in values.chunk_by(|a, b| a == b) {
        end += run.len() as u32;
        ends.push(end);
        firsts.push(run[0]);
    }
    let rising = firsts.is_sorted_by(|a, b| a < b);
    let firsts = if rising { ascending(&firsts, ctx)? } else { flat(&firsts, Validity::NonNullable, ctx)? };
    Ok(RunEnd::try_new(ascending(&ends, ctx)?, firsts, ctx)?.into_array())
}

/// Strictly ascending integers.
pub(crate) fn ascending<T: Int>(values: &[T], ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    if values.len() < PCO_MIN_VALUES {
        return flat(values, Validity::NonNullable, ctx);
    }
    pco(&PrimitiveArray::new(Buffer::copy_from(values), Validity::NonNullable).into_array(), ctx)
}

/// Numbers by their distribution: slow to decode (8 ns a value), near the least size possible.
pub(crate) fn pco(values: &ArrayRef, ctx: &mut ExecutionCtx) -> VortexResult<ArrayRef> {
    let values = values.as_typed::<Primitive>().ok_or_else(|| vortex_err!("pco packs plain numbers"))?;
    Ok(Pco::from_primitive(values, PCO_LEVEL, PCO_PAGE, ctx)?.into_array())
}

/// Integers as a constant, or relative to their minimum in as few bits as they need.
pub(crate) fn flat<T: Int>(
    values: &[T],
    validity: Validity,
    ctx: &mut ExecutionCtx,
) -> VortexResult<ArrayRef> {
    let min = values.iter().copied().fold(T::max_value(), T::min);
    let max = values.iter().copied().fold(T::min_value(), T::max);
    let nullability = validity.nullability();
    if min == max && !matches!(validity, Validity::Array(_)) {
        return Ok(ConstantArray::new(Scalar::primitive(min, nullability), values.len()).into_array());
    }
    let width = width(min, max);
    // One bit must stay free: packed values must not look negative.
    if values.is_empty() || width + 1 >= T::PTYPE.bit_width() {
        return Ok(PrimitiveArray::new(Buffer::copy_from(values), validity).into_array());
    }
    let relative: Buffer<T> = values.iter().map(|value| value.wrapping_sub(&min)).collect();
    let relative = PrimitiveArray::new(relative, validity).into_array();
    let packed = BitPacked::encode(&relative, width as u8, ctx)?.into_array();
    if min.is_zero() {
        return Ok(packed);
    }
    Ok(FoR::try_new(packed, Scalar::primitive(min, nullability))?.into_array())
}
