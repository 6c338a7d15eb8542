//! Several lines made one event, in any order of lines: exact sums in memory, beyond a limit on disk.
//!
//! When the groups take too much memory they are written, as they are, to partition files by a hash of their key,
//! and counting starts anew. At the end each partition is merged by itself (a Grace hash aggregation); a partition
//! that is too large is partitioned again. Partial groups merge exactly, so nothing depends on when that happened.

use super::{
    batch::{Batch, Cell, CellKind, Row},
    decimal::Decimal,
    flaw::Flaw,
    problems,
    source::{self, Place, Tables},
};
use model::Problem;
use rustc_hash::FxHashMap;
use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Partition files of one level.
const N_PARTITIONS: usize = 64;
/// Levels of partitions: 64³ times the memory limit is more than any disk holds.
const LEVELS_MAX: u64 = 3;
/// Groups handed on at once.
const BATCH_ROWS: usize = 1_024;

/// How lines are grouped, by indices of the file's columns.
#[derive(Debug)]
pub(super) struct GroupPlan {
    pub(super) by: Vec<usize>,
    pub(super) sum: Vec<usize>,
    /// Name of the column with the number of lines.
    pub(super) count: Option<String>,
    /// Products that are summed over the lines, with their labels.
    products: Vec<(Vec<Place>, String)>,
    /// Columns of the file; the count comes after them, then the products.
    n_columns: usize,
    /// Labels of `sum`, for messages.
    sum_labels: Vec<String>,
}

impl GroupPlan {
    pub(super) fn new(by: Vec<usize>, sum: Vec<usize>, count: Option<String>, columns: &[String]) -> Self {
        let sum_labels = sum.iter().map(|column| columns[*column].clone()).collect();
        Self { by, sum, count, products: Vec::new(), n_columns: columns.len(), sum_labels }
    }

    /// The column of the number of lines.
    pub(super) fn count_column(&self) -> usize {
        self.n_columns
    }

    /// The column of a summed product.
    pub(super) fn product(&mut self, places: Vec<Place>, label: &str) -> usize {
        let known = self.products.iter().position(|(other, _)| *other == places);
        let index = known.unwrap_or_else(|| {
            self.products.push((places, label.to_owned()));
            self.products.len() - 1
        });
        self.n_columns + 1 + index
    }
}

/// A sum over lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sum {
    /// No line had a number.
    Missing,
    /// Exact.
    Of(Decimal),
    /// Beyond 38 digits.
    TooLarge,
}

impl Sum {
    fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing, sum) | (sum, Self::Missing) => sum,
            (Self::Of(a), Self::Of(b)) => a.add(b).map_or(Self::TooLarge, Self::Of),
            _ => Self::TooLarge,
        }
    }
}

/// One group so far.
#[derive(Debug, PartialEq, Eq)]
struct Partial {
    /// Line of its first line.
    line: u64,
    n_lines: u64,
    /// The first line's cells, packed.
    first: Box<[u8]>,
    sums: Box<[Sum]>,
}

impl Partial {
    fn merge(&mut self, other: Self) {
        if other.line < self.line {
            (self.line, self.first) = (other.line, other.first);
        }
        self.n_lines += other.n_lines;
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum = sum.add(more);
        }
    }

    fn size_bytes(&self, key: &[u8]) -> usize {
        key.len() + self.first.len() + self.sums.len() * size_of::<Sum>() + 128
    }
}

/// The groups of a file.
pub(super) struct Groups {
    groups: FxHashMap<Box<[u8]>, Partial>,
    size_bytes: usize,
    size_bytes_max: usize,
    /// Where partition files are made; they have no name and vanish with the process.
    dir: PathBuf,
    level: u64,
    partitions: Vec<BufWriter<File>>,
    key: Vec<u8>,
    sums: Vec<Sum>,
}

impl Groups {
    /// Groups that take at most about `size_bytes_max` in memory and go on in `dir`.
    pub(super) fn new(dir: &Path, size_bytes_max: usize) -> Self {
        Self::at_level(dir.to_owned(), size_bytes_max, 0)
    }

    fn at_level(dir: PathBuf, size_bytes_max: usize, level: u64) -> Self {
        Self {
            groups: FxHashMap::default(),
            size_bytes: 0,
            size_bytes_max,
            dir,
            level,
            partitions: Vec::new(),
            key: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Adds a line to its group, or says what is wrong with the line.
    pub(super) fn add(
        &mut self,
        row: Row<'_>,
        plan: &GroupPlan,
        tables: &Tables,
    ) -> Result<Option<Flaw>, Problem> {
        if let Err(flaw) = self.read(row, plan, tables) {
            return Ok(Some(flaw));
        }
        if let Some(partial) = self.groups.get_mut(self.key.as_slice()) {
            partial.n_lines += 1;
            for (sum, more) in partial.sums.iter_mut().zip(&self.sums) {
                *sum = sum.add(*more);
            }
            return Ok(None);
        }
        let first = pack(row, plan.n_columns);
        let partial = Partial { line: row.line(), n_lines: 1, first, sums: self.sums.as_slice().into() };
        let key = self.key.as_slice().into();
        self.insert(key, partial).map(|()| None).map_err(|error| problems::disk(&error))
    }

    /// Reads the line's key and numbers into the buffers.
    fn read(&mut self, row: Row<'_>, plan: &GroupPlan, tables: &Tables) -> Result<(), Flaw> {
        self.key.clear();
        let mut n_present = 0;
        for column in &plan.by {
            if let Some(cell) = tables.cell(row, *column) {
                self.key.extend_from_slice(cell.text.as_bytes());
                n_present += 1;
            }
            self.key.push(0x1F);
        }
        if n_present == 0 {
            return Err(Flaw::GroupMissing);
        }
        self.sums.clear();
        for (column, label) in plan.sum.iter().zip(&plan.sum_labels) {
            let number = source::product(&[Place::File(*column)], row, tables, label)?;
            self.sums.push(number.map_or(Sum::Missing, Sum::Of));
        }
        for (places, label) in &plan.products {
            let number = source::product(places, row, tables, label)?;
            self.sums.push(number.map_or(Sum::Missing, Sum::Of));
        }
        Ok(())
    }

    fn insert(&mut self, key: Box<[u8]>, partial: Partial) -> io::Result<()> {
        if let Some(known) = self.groups.get_mut(&key) {
            known.merge(partial);
            return Ok(());
        }
        self.size_bytes += partial.size_bytes(&key);
        self.groups.insert(key, partial);
        if self.size_bytes > self.size_bytes_max && self.level < LEVELS_MAX { self.spill() } else { Ok(()) }
    }

    /// Writes all groups to their partitions.
    fn spill(&mut self) -> io::Result<()> {
        if self.partitions.is_empty() {
            std::fs::create_dir_all(&self.dir)?;
            let file = || Ok(BufWriter::with_capacity(32 << 10, tempfile::tempfile_in(&self.dir)?));
            self.partitions = (0..N_PARTITIONS).map(|_| file()).collect::<io::Result<_>>()?;
        }
        for (key, partial) in self.groups.drain() {
            let partition = xxh3_64_with_seed(&key, self.level + 1) as usize % N_PARTITIONS;
            write(&mut self.partitions[partition], &key, &partial)?;
        }
        self.size_bytes = 0;
        Ok(())
    }

    /// Hands on every group as a row: the first line's cells with the sums in their places, the number of lines,
    /// the summed products. In memory they come in the order of their first lines, from disk in parts of that.
    pub(super) fn finish<E: From<Problem>>(
        mut self,
        plan: &GroupPlan,
        use_batch: &mut impl FnMut(&Batch, &[u64]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.partitions.is_empty() {
            return emit(self.groups.into_values().collect(), plan, use_batch);
        }
        self.spill().map_err(|error| problems::disk(&error))?;
        for partition in std::mem::take(&mut self.partitions) {
            let groups = self.merged(partition).map_err(|error| problems::disk(&error))?;
            groups.finish(plan, use_batch)?;
        }
        Ok(())
    }

    /// The groups of one partition, the parts of each put together.
    fn merged(&self, partition: BufWriter<File>) -> io::Result<Self> {
        let mut file = partition.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut reader = BufReader::with_capacity(256 << 10, file);
        let mut groups = Self::at_level(self.dir.clone(), self.size_bytes_max, self.level + 1);
        while let Some((key, partial)) = read(&mut reader)? {
            groups.insert(key, partial)?;
        }
        Ok(groups)
    }
}

fn emit<E>(
    mut groups: Vec<Partial>,
    plan: &GroupPlan,
    use_batch: &mut impl FnMut(&Batch, &[u64]) -> Result<(), E>,
) -> Result<(), E> {
    groups.sort_unstable_by_key(|partial| partial.line);
    let (mut batch, mut n_lines) = (Batch::default(), Vec::new());
    for chunk in groups.chunks(BATCH_ROWS) {
        batch.clear();
        n_lines.clear();
        for partial in chunk {
            push(&mut batch, partial, plan);
            n_lines.push(partial.n_lines);
        }
        use_batch(&batch, &n_lines)?;
    }
    Ok(())
}

fn push(batch: &mut Batch, partial: &Partial, plan: &GroupPlan) {
    if let Some(index) = partial.sums.iter().position(|sum| *sum == Sum::TooLarge) {
        let labels = plan.sum_labels.iter().chain(plan.products.iter().map(|(_, label)| label));
        let field = labels.skip(index).next().cloned().unwrap_or_default();
        return batch.push_flaw(partial.line, 0..0, Flaw::NumberOutOfRange { field });
    }
    let sums: Vec<Option<String>> = partial
        .sums
        .iter()
        .map(|sum| match sum {
            Sum::Of(number) => Some(number.to_string()),
            _ => None,
        })
        .collect();
    let count = partial.n_lines.to_string();
    let mut cells = unpack(&partial.first);
    for (column, sum) in plan.sum.iter().zip(&sums) {
        cells[*column] = summed(sum.as_deref());
    }
    cells.push(Cell { text: &count, kind: CellKind::Guess });
    cells.extend(sums[plan.sum.len()..].iter().map(|sum| summed(sum.as_deref())));
    batch.push_row(partial.line, 0..0, cells.into_iter());
}

fn summed(sum: Option<&str>) -> Cell<'_> {
    match sum {
        Some(text) => Cell { text, kind: CellKind::Guess },
        None => Cell { text: "", kind: CellKind::Missing },
    }
}

const KINDS: [CellKind; 7] = [
    CellKind::Guess,
    CellKind::Text,
    CellKind::Number,
    CellKind::Bool,
    CellKind::Json,
    CellKind::Time,
    CellKind::Missing,
];

/// A row's cells in one piece of memory: kind, length, text.
fn pack(row: Row<'_>, n_columns: usize) -> Box<[u8]> {
    let mut packed = Vec::new();
    for column in 0..n_columns {
        let cell = row.cell(column).unwrap_or(Cell { text: "", kind: CellKind::Missing });
        packed.push(KINDS.iter().position(|kind| *kind == cell.kind).unwrap_or(0) as u8);
        packed.extend_from_slice(&(cell.text.len() as u32).to_le_bytes());
        packed.extend_from_slice(cell.text.as_bytes());
    }
    packed.into_boxed_slice()
}

fn unpack(mut packed: &[u8]) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    while let [kind, a, b, c, d, rest @ ..] = packed {
        let n_bytes = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let (text, rest) = rest.split_at(n_bytes.min(rest.len()));
        // What was packed from a text is one.
        let text = std::str::from_utf8(text).unwrap_or_default();
        cells.push(Cell { text, kind: KINDS[usize::from(*kind) % KINDS.len()] });
        packed = rest;
    }
    cells
}

fn write(file: &mut impl Write, key: &[u8], partial: &Partial) -> io::Result<()> {
    file.write_all(&(key.len() as u32).to_le_bytes())?;
    file.write_all(key)?;
    file.write_all(&partial.line.to_le_bytes())?;
    file.write_all(&partial.n_lines.to_le_bytes())?;
    file.write_all(&(partial.first.len() as u32).to_le_bytes())?;
    file.write_all(&partial.first)?;
    file.write_all(&(partial.sums.len() as u32).to_le_bytes())?;
    for sum in &partial.sums {
        let (kind, number) = match sum {
            Sum::Missing => (0u8, Decimal::default()),
            Sum::Of(number) => (1, *number),
            Sum::TooLarge => (2, Decimal::default()),
        };
        file.write_all(&[kind])?;
        file.write_all(&number.to_bytes())?;
    }
    Ok(())
}

fn read(file: &mut impl Read) -> io::Result<Option<(Box<[u8]>, Partial)>> {
    let mut length = [0u8; 4];
    if super::input::read_up_to(file, &mut length)? == 0 {
        return Ok(None);
    }
    let key = read_bytes(file, u32::from_le_bytes(length) as usize)?;
    let (mut line, mut n_lines) = ([0u8; 8], [0u8; 8]);
    file.read_exact(&mut line)?;
    file.read_exact(&mut n_lines)?;
    file.read_exact(&mut length)?;
    let first = read_bytes(file, u32::from_le_bytes(length) as usize)?;
    file.read_exact(&mut length)?;
    let mut sums = Vec::new();
    for _ in 0..u32::from_le_bytes(length) {
        let (mut kind, mut number) = ([0u8; 1], [0u8; Decimal::N_BYTES]);
        file.read_exact(&mut kind)?;
        file.read_exact(&mut number)?;
        sums.push(match kind[0] {
            0 => Sum::Missing,
            1 => Sum::Of(Decimal::from_bytes(number)),
            _ => Sum::TooLarge,
        });
    }
    let (line, n_lines) = (u64::from_le_bytes(line), u64::from_le_bytes(n_lines));
    Ok(Some((key, Partial { line, n_lines, first, sums: sums.into_boxed_slice() })))
}

fn read_bytes(file: &mut impl Read, n_bytes: usize) -> io::Result<Box<[u8]>> {
    let mut bytes = vec![0u8; n_bytes];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into_boxed_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Groups `(key, quantity, price)` lines and gives key → (first line, lines, quantity, revenue).
    fn grouped(
        lines: &[(u8, i32, u16)],
        size_bytes_max: usize,
    ) -> BTreeMap<String, (u64, u64, String, String)> {
        let columns = ["key", "quantity", "price"].map(str::to_owned);
        let mut plan = GroupPlan::new(vec![0], vec![1], Some("lines".to_owned()), &columns);
        assert_eq!(plan.product(vec![Place::File(1), Place::File(2)], "quantity × price"), 4);
        let dir = tempfile::tempdir().unwrap();
        let mut groups = Groups::new(dir.path(), size_bytes_max);
        let tables = Tables::default();
        for (index, (key, quantity, price)) in lines.iter().enumerate() {
            let mut batch = Batch::default();
            let texts =
                [format!("k{key}"), quantity.to_string(), format!("{}.{:02}", price / 100, price % 100)];
            batch.push_row(index as u64 + 2, 0..0, texts.iter().map(|text| Cell::guess(text)));
            assert_eq!(groups.add(batch.iter().next().unwrap(), &plan, &tables), Ok(None));
        }
        let mut found = BTreeMap::new();
        let mut use_batch = |batch: &Batch, n_lines: &[u64]| -> Result<(), Problem> {
            for (row, n_lines) in batch.iter().zip(n_lines) {
                let text = |column: usize| row.cell(column).unwrap().text.to_owned();
                assert_eq!(text(plan.count_column()), n_lines.to_string());
                let earlier = found.insert(text(0), (row.line(), *n_lines, text(1), text(4)));
                assert!(earlier.is_none(), "a group comes once");
            }
            Ok(())
        };
        groups.finish(&plan, &mut use_batch).unwrap();
        found
    }

    proptest! {
        #[test]
        fn spilling_changes_nothing(lines in prop::collection::vec((0u8..20, -50i32..50, 0u16..5_000), 0..200), limit in 1usize..3_000) {
            let mut naive: BTreeMap<String, (u64, u64, i64, i64)> = BTreeMap::new();
            for (index, (key, quantity, price)) in lines.iter().enumerate() {
                let group = naive.entry(format!("k{key}")).or_insert((index as u64 + 2, 0, 0, 0));
                group.1 += 1;
                group.2 += i64::from(*quantity);
                group.3 += i64::from(*quantity) * i64::from(*price);
            }
            for size_bytes_max in [usize::MAX, limit] {
                let found = grouped(&lines, size_bytes_max);
                prop_assert_eq!(found.len(), naive.len());
                for (key, (line, n_lines, quantity, revenue)) in &found {
                    let hundredths = Decimal::parse(revenue).unwrap().hundredths().unwrap();
                    prop_assert_eq!((*line, *n_lines, quantity.parse::<i64>().unwrap(), hundredths), naive[key]);
                }
            }
        }
    }
}
