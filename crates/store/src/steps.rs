//! Times as steps: near the least size that times of sorted rows can have, and decoded as fast as they are
//! unpacked.
//!
//! Rows are sorted by person and time, so a time is mostly a short step after the one before. Where it is
//! not (a new person, the next visit), a new base begins. Four columns say so, all in units of `time:unit`
//! microseconds:
//!
//! | column | entries |
//! |---|---|
//! | `time:break` | one per row: whether a base begins here |
//! | `time:base` | per chunk of rows: the times of its breaks in order, then zeros |
//! | `time:step` | per chunk of rows: the steps of its other rows in order, then zeros |
//! | `time:unit` | one number for the part: 1, or what all its times are multiples of |
//!
//! So every column has an entry per row, as in any other file of columns, and the zeros cost nothing. A part
//! whose times need hardly less space this way has a plain column `time` instead.

use vortex::array::arrays::{BoolArray, ChunkedArray, ConstantArray};
use vortex::array::validity::Validity;
use vortex::array::{ArrayRef, ExecutionCtx, IntoArray};
use vortex::buffer::BitBuffer;
use vortex::dtype::Nullability;
use vortex::error::{VortexResult, vortex_ensure};
use vortex::scalar::Scalar;

use crate::encode::CHUNK_ROWS;
use crate::pack;

pub(crate) const BREAK: &str = "time:break";
pub(crate) const BASE: &str = "time:base";
pub(crate) const STEP: &str = "time:step";
pub(crate) const UNIT: &str = "time:unit";

/// Units looked for: a day, an hour, a minute, a second, a millisecond.
const UNITS_US: [i64; 5] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000];

/// Steps of this many bits and more begin a base.
const STEP_BITS_MAX: usize = 31;

/// A chunk of times in the four columns; `unit` is that of the part.
pub(crate) struct Chunk {
    pub breaks: ArrayRef,
    pub bases: ArrayRef,
    pub steps: ArrayRef,
    pub unit: ArrayRef,
}

/// Times of a part as steps, chunk by chunk; `None` if a plain column is about as small.
pub(crate) fn encode(times_us: &[i64], ctx: &mut ExecutionCtx) -> VortexResult<Option<Vec<Chunk>>> {
    let unit_us = unit_us(times_us);
    let times: Vec<i64> = times_us.iter().map(|time_us| time_us / unit_us).collect();
    let plans: Vec<Plan> = times.chunks(CHUNK_ROWS).map(Plan::of).collect();
    let plain_bits: usize = times_us.chunks(CHUNK_ROWS).map(plain_bits).sum();
    let step_bits: usize = plans.iter().map(|plan| plan.bits).sum();
    if plans.is_empty() || step_bits > plain_bits / 8 * 7 {
        return Ok(None);
    }
    let chunks = times.chunks(CHUNK_ROWS).zip(&plans);
    chunks
        .map(|(times, plan)| encode_chunk(times, plan.width, unit_us, ctx))
        .collect::<VortexResult<_>>()
        .map(Some)
}

/// The largest unit that all times are multiples of.
fn unit_us(times_us: &[i64]) -> i64 {
    UNITS_US.into_iter().find(|unit| times_us.iter().all(|time_us| time_us % unit == 0)).unwrap_or(1)
}

fn plain_bits(times_us: &[i64]) -> usize {
    let min = times_us.iter().copied().min().unwrap_or(0);
    let max = times_us.iter().copied().max().unwrap_or(0);
    times_us.len() * pack::width(min, max)
}

/// How wide the steps of a chunk are, and what the chunk then takes.
struct Plan {
    width: usize,
    bits: usize,
}

impl Plan {
    fn of(times: &[i64]) -> Self {
        let mut by_width = [0; STEP_BITS_MAX];
        for pair in times.windows(2) {
            if let Some(count) = step(pair[0], pair[1]).and_then(|step| by_width.get_mut(bits(step))) {
                *count += 1;
            }
        }
        let base_bits = plain_bits(times) / times.len().max(1);
        let mut n_steps = 0;
        let widths = by_width.iter().enumerate().map(|(width, count)| {
            n_steps += count;
            let n_bases = times.len() - n_steps;
            // Tables and descriptions of the three arrays are another 4 kbit.
            Self { width, bits: times.len() + n_steps * width + n_bases * base_bits + 4096 }
        });
        widths.min_by_key(|plan| plan.bits).unwrap_or(Self { width: 0, bits: usize::MAX / 2 })
    }
}

/// The step from one time to the next, if it is forward and fits.
fn step(from: i64, to: i64) -> Option<u32> {
    to.checked_sub(from).and_then(|step| u32::try_from(step).ok())
}

fn bits(step: u32) -> usize {
    (u32::BITS - step.leading_zeros()) as usize
}

fn encode_chunk(times: &[i64], width: usize, unit_us: i64, ctx: &mut ExecutionCtx) -> VortexResult<Chunk> {
    let (mut breaks, mut bases, mut steps) = (Vec::with_capacity(times.len()), Vec::new(), Vec::new());
    let mut before = None;
    for &time in times {
        let step = before.and_then(|before| step(before, time)).filter(|&step| bits(step) <= width);
        breaks.push(step.is_none());
        match step {
            Some(step) => steps.push(step),
            None => bases.push(time),
        }
        before = Some(time);
    }
    Ok(Chunk {
        bases: padded(pack::flat(&bases, Validity::NonNullable, ctx)?, times.len())?,
        steps: padded(pack::flat(&steps, Validity::NonNullable, ctx)?, times.len())?,
        breaks: BoolArray::new(BitBuffer::from_iter(breaks), Validity::NonNullable).into_array(),
        unit: ConstantArray::new(Scalar::primitive(unit_us, Nullability::NonNullable), times.len())
            .into_array(),
    })
}

/// Zeros after the values, up to `n_rows` entries.
fn padded(values: ArrayRef, n_rows: usize) -> VortexResult<ArrayRef> {
    let n_zeros = n_rows - values.len();
    if n_zeros == 0 {
        return Ok(values);
    }
    let dtype = values.dtype().clone();
    let zeros = ConstantArray::new(Scalar::zero_value(&dtype), n_zeros).into_array();
    if values.is_empty() {
        return Ok(zeros);
    }
    Ok(ChunkedArray::try_new([values, zeros], dtype)?.into_array())
}

/// Appends a chunk's times. `steps` and `bases` are its entries, zeros after them or not.
///
/// Errors if there are fewer than `breaks` calls for. Cost: some 4 cycles a row, whatever the breaks.
pub(crate) fn decode(
    breaks: &BitBuffer,
    bases: &mut Vec<i64>,
    steps: &mut Vec<u32>,
    unit_us: i64,
    out: &mut Vec<i64>,
) -> VortexResult<()> {
    let (n_rows, n_bases) = (breaks.len(), breaks.true_count());
    vortex_ensure!(n_rows == 0 || breaks.value(0), "the first time of a chunk has no base");
    vortex_ensure!(bases.len() >= n_bases && steps.len() >= n_rows - n_bases, "times are missing");
    // So that every block of 64 rows finds 64 of each, used or not.
    bases.resize(bases.len() + 64, 0);
    steps.resize(steps.len() + 64, 0);
    out.reserve(n_rows);
    let (mut base, mut time, mut times) = (0, 0, [0_i64; 64]);
    for (block, word) in breaks.chunks().iter_padded().enumerate().take(n_rows.div_ceil(64)) {
        let step = block * 64 - base;
        let (Some(own_bases), Some(own_steps)) =
            (bases[base..].first_chunk::<64>(), steps[step..].first_chunk::<64>())
        else {
            break;
        };
        time = decode_block(word, own_bases, own_steps, time, &mut times);
        base += word.count_ones() as usize;
        if unit_us != 1 {
            times.iter_mut().for_each(|time| *time = time.wrapping_mul(unit_us));
        }
        out.extend_from_slice(&times[..(n_rows - block * 64).min(64)]);
    }
    Ok(())
}

/// Fills 64 times, the last ones for nothing at the end of a chunk; `time` is the one before, the last is returned. Free
/// of branches: breaks come at random, and each would be guessed wrong.
fn decode_block(word: u64, bases: &[i64; 64], steps: &[u32; 64], mut time: i64, out: &mut [i64; 64]) -> i64 {
    if word == 0 {
        for (out, &step) in out.iter_mut().zip(steps) {
            time = time.wrapping_add(i64::from(step));
            *out = time;
        }
        return time;
    }
    let (mut base, mut rest) = (0_usize, word);
    for (row, out) in out.iter_mut().enumerate() {
        let is_break = rest & 1;
        rest >>= 1;
        let stepped = time.wrapping_add(i64::from(steps[row.wrapping_sub(base) & 63]));
        let mask = 0_i64.wrapping_sub(is_break as i64);
        time = (bases[base & 63] & mask) | (stepped & !mask);
        *out = time;
        base = base.wrapping_add(is_break as usize);
    }
    time
}
