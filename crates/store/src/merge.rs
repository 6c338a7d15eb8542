//! Merging sorted parts of one bucket: whole persons, in order, exact duplicates taken out.
//!
//! The merge is decided on keys first and yields runs of rows to copy; columns are then copied run by run,
//! each at memory speed. A person who is in one part only is never looked at row by row.

use std::convert::Infallible;
use std::ops::Range;

use crate::part::missing_property;
use crate::rows::{Block, NO_CODE, StrColumn, Table};
use crate::{Properties, PropertyColumn, PropertyKind};

/// What merging needs to know of one part: persons in order, the row each starts at (and the end), and
/// for every row its time, ascending within a person; rows of one time ascend strictly by id.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a> {
    pub persons: &'a [u64],
    pub starts: &'a [usize],
    pub time_us: &'a [i64],
    /// Persons to pass over, ascending.
    pub hidden: &'a [u64],
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
    /// The persons, in order.
    pub persons: Vec<u64>,
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

/// Rows of several parts with the same person and time: only there do ids matter, so only there are they read.
#[derive(Default)]
struct Ties {
    /// Per part, in order of rows.
    ranges: Vec<Vec<Range<usize>>>,
    /// Once they are read: the ids of those rows, and how many are used.
    ids: Option<Vec<(Vec<u64>, usize)>>,
}

impl Ties {
    /// The ids of the next tied rows of a part; empty while they are not read.
    fn next(&mut self, part: usize, rows: Range<usize>) -> &[u64] {
        let Some(ids) = &mut self.ids else {
            self.ranges[part].push(rows);
            return &[];
        };
        let (ids, used) = &mut ids[part];
        let start = *used;
        *used += rows.len();
        &ids[start..*used]
    }
}

/// Decides the merged order. Of exact duplicates the row of the first part is kept. `load_ids` gives the ids
/// of some rows (ascending ranges) of a part; it is asked once per part, and only if parts have rows of the
/// same person and time.
///
/// Cost: O(persons × parts) for finding the next person, plus O(rows × parts that share the person).
pub(crate) fn plan<E>(
    parts: &[Keys<'_>],
    mut load_ids: impl FnMut(usize, &[Range<usize>]) -> Result<Vec<u64>, E>,
) -> Result<Plan, E> {
    let mut ties = Ties { ranges: vec![Vec::new(); parts.len()], ids: None };
    let plan = plan_with(parts, &mut ties);
    if ties.ranges.iter().all(Vec::is_empty) {
        return Ok(plan);
    }
    let ranges = std::mem::take(&mut ties.ranges);
    let load = |(part, ranges): (usize, Vec<Range<usize>>)| {
        Ok((if ranges.is_empty() { Vec::new() } else { load_ids(part, &ranges)? }, 0))
    };
    ties.ids = Some(ranges.into_iter().enumerate().map(load).collect::<Result<_, E>>()?);
    Ok(plan_with(parts, &mut ties))
}

fn plan_with(parts: &[Keys<'_>], ties: &mut Ties) -> Plan {
    let mut plan = Plan { person_starts: vec![0], ..Plan::default() };
    let mut next: Vec<usize> = vec![0; parts.len()]; // Index of the next person, per part.
    let mut own = Vec::with_capacity(parts.len());
    let mut n_out = 0;
    loop {
        for (part, next) in parts.iter().zip(&mut next).filter(|(part, _)| !part.hidden.is_empty()) {
            while part.persons.get(*next).is_some_and(|person| part.hidden.binary_search(person).is_ok()) {
                *next += 1;
            }
        }
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
            several => n_out += merge_person(parts, several, ties, &mut plan),
        }
        plan.persons.push(person);
        plan.person_starts.push(n_out);
    }
}

/// Merges the rows `(part, start, end)` of one person; returns how many rows come out.
fn merge_person(
    parts: &[Keys<'_>],
    own: &mut [(usize, usize, usize)],
    ties: &mut Ties,
    plan: &mut Plan,
) -> usize {
    let mut n_out = 0;
    let mut tied: Vec<(u64, usize, usize)> = Vec::new();
    loop {
        // The earliest time, how many parts begin with it, and the next later one of another part.
        let (mut first, mut n_first, mut second) = (i64::MAX, 0, i64::MAX);
        for &(p, row, end) in own.iter() {
            if row == end {
                continue;
            }
            let time_us = parts[p].time_us[row];
            if n_first > 0 && time_us == first {
                n_first += 1;
            } else if n_first == 0 || time_us < first {
                second = if n_first == 0 { i64::MAX } else { first };
                (first, n_first) = (time_us, 1);
            } else {
                second = second.min(time_us);
            }
        }
        if n_first == 0 {
            return n_out;
        }
        let alone = n_first == 1;
        let n_left = own.iter().filter(|(_, row, end)| row < end).count();
        tied.clear();
        for (p, row, end) in
            own.iter_mut().filter(|(p, row, end)| row < end && parts[*p].time_us[*row] == first)
        {
            let times = &parts[*p].time_us[*row..*end];
            let n_rows = if alone && n_left == 1 {
                times.len()
            } else if alone {
                times.iter().take_while(|&&time_us| time_us < second).count()
            } else {
                times.iter().take_while(|&&time_us| time_us == first).count()
            };
            let rows = *row..*row + n_rows;
            *row = rows.end;
            if alone {
                plan.push(*p, rows.start, rows.end);
                n_out += n_rows;
            } else {
                let ids = ties.next(*p, rows.clone());
                tied.extend(ids.iter().zip(rows).map(|(&id, row)| (id, *p, row)));
            }
        }
        // Parts come in order, so the first of equal ids is that of the first part.
        tied.sort_by_key(|(id, ..)| *id);
        tied.dedup_by_key(|(id, ..)| *id);
        n_out += tied.len();
        tied.iter().for_each(|&(_, p, row)| plan.push(p, row, row + 1));
    }
}

/// Merges rows that have the same columns, ids among them. One table is passed through as it is.
pub(crate) fn merge_tables(mut parts: Vec<Table>) -> Table {
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
            hidden: &[],
        })
        .collect();
    let Ok(plan) = plan(&keys, |part, ranges| {
        let ids = &parts[part].id;
        Ok::<_, Infallible>(ranges.iter().flat_map(|range| ids[range.clone()].iter().copied()).collect())
    });
    copy(&parts, plan)
}

fn first_persons(rows: &Table) -> Vec<u64> {
    rows.person_starts[..rows.n_persons()].iter().map(|&start| rows.person[start]).collect()
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
    Block { rows: merge_tables(blocks.into_iter().map(align).collect()), property_ids }
}

/// Copies the rows of all columns in the order of the plan.
fn copy(parts: &[Table], plan: Plan) -> Table {
    let n_rows = plan.n_rows();
    let runs = &plan.runs;
    let n_properties = parts.first().map_or(0, |rows| rows.properties.len());
    let properties = (0..n_properties)
        .map(|i| {
            let columns: Vec<&PropertyColumn> = parts.iter().map(|rows| &rows.properties[i]).collect();
            copy_property(&columns, runs, n_rows)
        })
        .collect();
    Table {
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

fn texts_of<'a>(parts: &'a [Table], column: impl Fn(&'a Table) -> &'a StrColumn) -> Vec<&'a StrColumn> {
    parts.iter().map(column).collect()
}

/// Copies a column; one that was not read (empty in a part that has rows) stays empty.
fn copy_column<'a, T: Copy + 'a>(
    parts: &'a [Table],
    runs: &[Run],
    n_rows: usize,
    column: impl Fn(&'a Table) -> &'a Vec<T>,
) -> Vec<T> {
    let columns: Vec<&[T]> = parts.iter().map(|rows| column(rows).as_slice()).collect();
    copy_slices(&columns, runs, n_rows)
}

pub(crate) fn copy_slices<T: Copy>(columns: &[&[T]], runs: &[Run], n_rows: usize) -> Vec<T> {
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
pub(crate) fn copy_texts<'a>(columns: &[&'a StrColumn], runs: &[Run], n_rows: usize) -> StrColumn {
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
    let mut merged = Vec::with_capacity(n_rows);
    for run in runs {
        let (part, map) = (columns[run.part as usize], &maps[run.part as usize]);
        let own = (run.start as usize..run.end as usize).map(|row| part.codes.get(row));
        merged.extend(own.map(|code| map.get(code as usize).copied().unwrap_or(NO_CODE)));
    }
    StrColumn { codes: merged.into(), values }
}

/// Copies a property; its column has the same kind in all parts, since a property has one kind.
pub(crate) fn copy_property(columns: &[&PropertyColumn], runs: &[Run], n_rows: usize) -> PropertyColumn {
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
