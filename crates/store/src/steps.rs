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

/// Makes times of chunks; what it needs of memory serves all chunks of a part.
#[derive(Default)]
pub(crate) struct Decoder {
    /// What all times are multiples of.
    unit_us: i64,
    /// Entries of `time:base` of the chunk to decode, zeros after them or not.
    pub bases: Vec<i64>,
    /// Entries of `time:step` of the chunk to decode, zeros after them or not.
    pub steps: Vec<u32>,
    /// Sums of all steps before each.
    sums: Vec<i64>,
}

/// Rows of one word of breaks look at so many bases and sums at most, used or not.
const AHEAD: usize = 128;

impl Decoder {
    pub(crate) fn new(unit_us: i64) -> Self {
        Self { unit_us, ..Self::default() }
    }

    /// Appends a chunk's times.
    ///
    /// A time is its base and the steps since: the sum of all steps up to its row, less those before the base. So no
    /// row waits for the one before it, and there is no branch on breaks, which come at random: some 2 cycles a row.
    ///
    /// Errors if there are fewer bases or steps than `breaks` calls for.
    pub(crate) fn decode(&mut self, breaks: &BitBuffer, out: &mut Vec<i64>) -> VortexResult<()> {
        let (n_rows, n_bases) = (breaks.len(), breaks.true_count());
        vortex_ensure!(n_rows == 0 || breaks.value(0), "the first time of a chunk has no base");
        let enough = self.bases.len() >= n_bases && self.steps.len() >= n_rows - n_bases;
        vortex_ensure!(enough, "times are missing");
        self.bases.resize(n_bases + AHEAD, 0);
        self.sum_steps(n_rows - n_bases);
        out.reserve(n_rows);
        let mut n_begun = 0;
        for (block, word) in breaks.chunks().iter_padded().enumerate().take(n_rows.div_ceil(64)) {
            let row = block * 64;
            let times = (row - n_begun, n_begun.saturating_sub(1));
            let shift = usize::from(n_begun == 0);
            n_begun = self.level_bases(row, word, n_begun);
            let (Some(sums), Some(bases)) =
                (self.sums[times.0..].first_chunk::<AHEAD>(), self.bases[times.1..].first_chunk::<AHEAD>())
            else {
                break;
            };
            decode_word(word, (n_rows - row).min(64), bases, shift, sums, out);
        }
        Ok(())
    }

    fn sum_steps(&mut self, n_steps: usize) {
        self.sums.clear();
        self.sums.reserve(n_steps + 1 + AHEAD);
        let mut sum = 0_i64;
        let unit_us = self.unit_us;
        self.sums.push(0);
        self.sums.extend(self.steps[..n_steps].iter().map(|&step| {
            sum = sum.wrapping_add(i64::from(step).wrapping_mul(unit_us));
            sum
        }));
        self.sums.resize(n_steps + 1 + AHEAD, 0);
    }

    /// Takes from the bases of a word's breaks the steps before them; returns how many bases have begun after it.
    fn level_bases(&mut self, row: usize, word: u64, mut n_begun: usize) -> usize {
        let mut rest = word;
        while rest != 0 {
            let at = row + rest.trailing_zeros() as usize;
            let base = self.bases[n_begun].wrapping_mul(self.unit_us);
            self.bases[n_begun] = base.wrapping_sub(self.sums[at - n_begun]);
            n_begun += 1;
            rest &= rest - 1;
        }
        n_begun
    }
}

/// Appends the first `n_rows` times of a word. `bases` begin with the one in force before the word, unless there is none:
/// then `shift` is 1. `sums` begin with that of all steps before the word.
fn decode_word(
    word: u64,
    n_rows: usize,
    bases: &[i64; AHEAD],
    shift: usize,
    sums: &[i64; AHEAD],
    out: &mut Vec<i64>,
) {
    if word == 0 {
        out.extend(sums[1..=n_rows].iter().map(|sum| bases[0].wrapping_add(*sum)));
        return;
    }
    let (mut n_begun, mut rest) = (0_usize, word);
    out.extend((0..n_rows).map(|row| {
        n_begun += (rest & 1) as usize;
        rest >>= 1;
        let base = bases[n_begun.wrapping_sub(shift) % AHEAD];
        base.wrapping_add(sums[(row + 1).wrapping_sub(n_begun) % AHEAD])
    }));
}
