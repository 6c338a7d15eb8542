//! Merging sorted parts of one bucket: whole persons, in order, exact duplicates taken out.
//!
//! The merge is decided on keys first and yields runs of rows to copy; columns are then copied run by run,
//! each at memory speed. A person who is in one part only is never looked at row by row.

use crate::part::missing_property;
use crate::rows::{Block, NO_CODE, StrColumn};
use crate::{Properties, PropertyColumn, PropertyKind, Rows};

/// What merging needs to know of one part: persons in order, the row each starts at (and the end), and
/// for every row its time and id, strictly ascending within a person.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a> {
    pub persons: &'a [u64],
    pub starts: &'a [usize],
    pub time_us: &'a [i64],
    pub id: &'a [u64],
}

/// Rows `start .. end` of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub part: u32,
    pub start: u32,
    pub end: u32,
}

/// The order in which to copy rows.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub runs: Vec<Run>,
    /// First output row of each person, and the number of output rows.
    pub person_starts: Vec<usize>,
}

impl Plan {
    pub(crate) fn n_rows(&self) -> usize {
        self.person_starts.last().copied().unwrap_or(0)
    }

    fn push(&mut self, part: usize, start: usize, end: usize) {
        if start == end {
            return;
        }
        let (part, start, end) = (part as u32, start as u32, end as u32);
        match self.runs.last_mut() {
            Some(last) if last.part == part && last.end == start => last.end = end,
            _ => self.runs.push(Run { part, start, end }),
        }
    }
}

/// Decides the merged order. Of exact duplicates the row of the first part is kept.
///
/// Cost: O(persons × parts) for finding the next person, plus O(rows × parts that share the person).
pub(crate) fn plan(parts: &[Keys<'_>]) -> Plan {
    let mut plan = Plan { runs: Vec::new(), person_starts: vec![0] };
    let mut next: Vec<usize> = vec![0; parts.len()]; // Index of the next person, per part.
    let mut own = Vec::with_capacity(parts.len());
    let mut n_out = 0;
    loop {
        let heads = parts.iter().zip(&next).map(|(part, &at)| part.persons.get(at).copied());
        let Some(person) = heads.flatten().min() else {
            return plan;
        };
        own.clear();
        for (p, part) in parts.iter().enumerate() {
            if part.persons.get(next[p]) == Some(&person) {
                own.push((p, part.starts[next[p]], part.starts[next[p] + 1]));
                next[p] += 1;
            }
        }
        match own.as_mut_slice() {
            [(p, start, end)] => {
                plan.push(*p, *start, *end);
                n_out += *end - *start;
            }
            several => n_out += merge_person(parts, several, &mut plan),
        }
        plan.person_starts.push(n_out);
    }
}

/// Merges the rows `(part, start, end)` of one person; returns how many rows come out.
fn merge_person(parts: &[Keys<'_>], own: &mut [(usize, usize, usize)], plan: &mut Plan) -> usize {
    let key = |p: usize, row: usize| (parts[p].time_us[row], parts[p].id[row]);
    let (mut last, mut n_out) = (None, 0);
    loop {
        let heads = own.iter().enumerate().filter(|(_, (_, row, end))| row < end);
        // `min_by_key` keeps the first of equal keys, which is the first part.
        let Some((k, (p, row, _))) = heads.min_by_key(|(_, (p, row, _))| key(*p, *row)) else {
            return n_out;
        };
        let (p, row) = (*p, *row);
        own[k].1 += 1;
        if last != Some(key(p, row)) {
            last = Some(key(p, row));
            plan.push(p, row, row + 1);
            n_out += 1;
        }
    }
}

/// Merges rows that have the same columns, ids among them. One part is passed through as it is.
pub(crate) fn merge_rows(mut parts: Vec<Rows>) -> Rows {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let firsts: Vec<Vec<u64>> = parts.iter().map(first_persons).collect();
    let keys: Vec<Keys<'_>> = parts
        .iter()
        .zip(&firsts)
        .map(|(rows, persons)| Keys {
            persons,
            starts: &rows.person_starts,
            time_us: &rows.time_us,
            id: &rows.id,
        })
        .collect();
    let plan = plan(&keys);
    copy(&parts, plan)
}

fn first_persons(rows: &Rows) -> Vec<u64> {
    rows.person_starts[..rows.n_persons()].iter().map(|&start| rows.person[start]).collect()
}

/// The rows of all persons but the hidden ones (ascending).
pub(crate) fn without(rows: Rows, hidden: &[u64]) -> Rows {
    let mut plan = Plan { runs: Vec::new(), person_starts: vec![0] };
    let mut n_out = 0;
    for own in rows.persons() {
        if hidden.binary_search(&rows.person[own.start]).is_err() {
            plan.push(0, own.start, own.end);
            n_out += own.len();
            plan.person_starts.push(n_out);
        }
    }
    if n_out == rows.n_rows() { rows } else { copy(&[rows], plan) }
}

/// Merges blocks; a property that a block does not have is missing in all its rows.
pub(crate) fn merge_blocks(blocks: Vec<Block>, properties: &Properties) -> Block {
    let mut property_ids: Vec<_> =
        blocks.iter().flat_map(|block| block.property_ids.iter().copied()).collect();
    property_ids.sort_unstable();
    property_ids.dedup();
    let kinds: Vec<PropertyKind> = property_ids
        .iter()
        .map(|&id| properties.get(id).map_or(PropertyKind::String, |property| property.kind))
        .collect();
    let align = |mut block: Block| {
        let n_rows = block.rows.n_rows();
        let mut own: hashbrown::HashMap<_, _> =
            block.property_ids.drain(..).zip(std::mem::take(&mut block.rows.properties)).collect();
        let columns = property_ids.iter().zip(&kinds);
        block.rows.properties = columns
            .map(|(id, &kind)| own.remove(id).unwrap_or_else(|| missing_property(kind, n_rows)))
            .collect();
        block.rows
    };
    Block { rows: merge_rows(blocks.into_iter().map(align).collect()), property_ids }
}

/// Copies the rows of all columns in the order of the plan.
fn copy(parts: &[Rows], plan: Plan) -> Rows {
    let n_rows = plan.n_rows();
    let runs = &plan.runs;
    let n_properties = parts.first().map_or(0, |rows| rows.properties.len());
    let properties = (0..n_properties)
        .map(|i| {
            let columns: Vec<&PropertyColumn> = parts.iter().map(|rows| &rows.properties[i]).collect();
            copy_property(&columns, runs, n_rows)
        })
        .collect();
    Rows {
        bucket: parts.first().map_or(0, |rows| rows.bucket),
        person: copy_column(parts, runs, n_rows, |rows| &rows.person),
        time_us: copy_column(parts, runs, n_rows, |rows| &rows.time_us),
        event: copy_column(parts, runs, n_rows, |rows| &rows.event),
        channel: copy_column(parts, runs, n_rows, |rows| &rows.channel),
        amount: copy_column(parts, runs, n_rows, |rows| &rows.amount),
        id: copy_column(parts, runs, n_rows, |rows| &rows.id),
        user_id: copy_texts(&texts_of(parts, |rows| &rows.user_id), runs, n_rows),
        anonymous_id: copy_texts(&texts_of(parts, |rows| &rows.anonymous_id), runs, n_rows),
        source: copy_texts(&texts_of(parts, |rows| &rows.source), runs, n_rows),
        properties,
        person_starts: plan.person_starts,
    }
}

fn texts_of<'a>(parts: &'a [Rows], column: impl Fn(&'a Rows) -> &'a StrColumn) -> Vec<&'a StrColumn> {
    parts.iter().map(column).collect()
}

/// Copies a column; one that was not read (empty in a part that has rows) stays empty.
fn copy_column<'a, T: Copy + 'a>(
    parts: &'a [Rows],
    runs: &[Run],
    n_rows: usize,
    column: impl Fn(&'a Rows) -> &'a Vec<T>,
) -> Vec<T> {
    let columns: Vec<&[T]> = parts.iter().map(|rows| column(rows).as_slice()).collect();
    copy_slices(&columns, runs, n_rows)
}

fn copy_slices<T: Copy>(columns: &[&[T]], runs: &[Run], n_rows: usize) -> Vec<T> {
    if columns.iter().all(|column| column.is_empty()) {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(n_rows);
    for run in runs {
        out.extend_from_slice(&columns[run.part as usize][run.start as usize..run.end as usize]);
    }
    out
}

/// Copies texts under one dictionary. Costs a hash per distinct value, not per row.
fn copy_texts<'a>(columns: &[&'a StrColumn], runs: &[Run], n_rows: usize) -> StrColumn {
    if columns.iter().all(|column| column.codes.is_empty()) {
        return StrColumn::default();
    }
    let mut codes: hashbrown::HashMap<&str, u32> = hashbrown::HashMap::new();
    let mut values = Vec::new();
    let maps: Vec<Vec<u32>> = columns
        .iter()
        .map(|column| {
            let new_code = |value: &'a String| {
                *codes.entry(value.as_str()).or_insert_with(|| {
                    values.push(value.clone());
                    values.len() as u32 - 1
                })
            };
            column.values.iter().map(new_code).collect()
        })
        .collect();
    let mut merged = StrColumn { codes: Vec::with_capacity(n_rows), values };
    for run in runs {
        let (part, map) = (columns[run.part as usize], &maps[run.part as usize]);
        let own = &part.codes[run.start as usize..run.end as usize];
        merged.codes.extend(own.iter().map(|&code| map.get(code as usize).copied().unwrap_or(NO_CODE)));
    }
    merged
}

/// Copies a property; its column has the same kind in all parts, since a property has one kind.
fn copy_property(columns: &[&PropertyColumn], runs: &[Run], n_rows: usize) -> PropertyColumn {
    match columns.first() {
        Some(PropertyColumn::Num(_)) => {
            let slices = columns.iter().filter_map(|column| match column {
                PropertyColumn::Num(values) => Some(values.as_slice()),
                _ => None,
            });
            PropertyColumn::Num(copy_slices(&slices.collect::<Vec<_>>(), runs, n_rows))
        }
        Some(PropertyColumn::Bool(_)) => {
            let slices = columns.iter().filter_map(|column| match column {
                PropertyColumn::Bool(values) => Some(values.as_slice()),
                _ => None,
            });
            PropertyColumn::Bool(copy_slices(&slices.collect::<Vec<_>>(), runs, n_rows))
        }
        _ => {
            let texts = columns.iter().filter_map(|column| match column {
                PropertyColumn::Str(texts) => Some(texts),
                _ => None,
            });
            PropertyColumn::Str(copy_texts(&texts.collect::<Vec<_>>(), runs, n_rows))
        }
    }
}
