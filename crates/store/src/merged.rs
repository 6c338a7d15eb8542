//! Buckets whose rows come from several parts and from memory: their order is decided once, columns are copied once,
//! and both are kept for as long as the same sources make up the bucket.

use std::cell::OnceCell;
use std::sync::{Arc, Weak};

use crate::cache::{Column, ColumnCache, ColumnKey};
use crate::identity::Overlay;
use crate::merge::{Keys, Run, copy_property, copy_slices, copy_texts, plan};
use crate::part::Part;
use crate::rows::{Block, NO_AMOUNT, StrColumn};
use crate::scan::{Amounts, PartScan, Persons, Rows};
use crate::settle::Overlays;
use crate::{Columns, Properties, PropertyColumn, Result};

/// Rows to merge with others.
#[derive(Clone)]
pub(crate) struct Source<'a> {
    pub rows: Rows,
    /// Persons whose rows are not to be taken, ascending.
    pub hidden: &'a [u64],
    /// The part the rows come from, and which row of it is the first; rows of none have their ids.
    pub part: Option<(&'a Part, usize)>,
}

/// In which order the rows of some sources go.
#[derive(Debug)]
pub(crate) struct Order {
    /// Stands for the merged rows among decoded columns; no part has it.
    id: u64,
    origins: Vec<Origin>,
    runs: Vec<Run>,
    n_rows: usize,
    persons: Persons,
}

/// What a source was made of. Nothing is held by it, but while it is here no other thing gets the same address.
#[derive(Debug)]
enum Origin {
    Part(Weak<Part>, Option<Weak<Overlay>>),
    Block(Weak<Block>),
}

/// What makes up a bucket at one moment. Two moments with the same contents have the same rows.
#[derive(Debug)]
pub struct Contents(Vec<Origin>);

impl Order {
    /// Decides it. Costs a look at every person, and at the rows of those who are in several sources; ids are read
    /// only where persons and times meet.
    fn of(sources: &[Source<'_>], origins: Vec<Origin>, id: u64, properties: &Properties) -> Result<Self> {
        let keys: Vec<Keys<'_>> = sources
            .iter()
            .map(|Source { rows, hidden, .. }| Keys {
                persons: &rows.person_keys,
                starts: &rows.person_starts,
                time_us: &rows.time_us,
                hidden,
            })
            .collect();
        let plan = plan(&keys, |at, ranges| {
            let Source { rows, part, .. } = &sources[at];
            match part {
                Some((part, first)) if rows.id.is_empty() => {
                    let ranges: Vec<_> =
                        ranges.iter().map(|range| range.start + first..range.end + first).collect();
                    part.read_ids(&ranges, properties)
                }
                _ => Ok(ranges.iter().flat_map(|range| rows.id[range.clone()].iter().copied()).collect()),
            }
        })?;
        Ok(Self {
            id,
            origins,
            n_rows: plan.n_rows(),
            runs: plan.runs,
            persons: Persons { keys: Arc::new(plan.persons), starts: Arc::new(plan.person_starts) },
        })
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.runs.len() * size_of::<Run>() + self.persons.size_bytes()
    }
}

/// The sources of one bucket.
pub(crate) struct Bucket<'a> {
    pub number: usize,
    pub parts: &'a [Arc<Part>],
    pub overlays: &'a Overlays,
    /// Rows in memory.
    pub blocks: &'a [Arc<Block>],
    pub properties: &'a Properties,
    pub cache: &'a ColumnCache,
}

impl<'a> Bucket<'a> {
    /// The rows of all sources, in order, exact duplicates taken out.
    pub(crate) fn rows(&self, columns: &Columns) -> Result<Rows> {
        let rows = match (self.parts, self.blocks) {
            ([], []) => Rows::none(columns, self.properties),
            ([only], []) if self.overlay(only).is_none() => {
                PartScan::new(only, self.cache).rows(columns, self.properties)?
            }
            _ => {
                let (merging, kept) = (self.merging(columns), self.cache.order(self.number));
                let order = match kept.filter(|order| self.is_of(&order.origins)) {
                    Some(order) => order,
                    None => {
                        let id = self.cache.new_id();
                        let order = Order::of(merging.sources()?, self.origins(), id, self.properties)?;
                        self.cache.put_order(self.number, Arc::new(order))
                    }
                };
                merging.rows(&order)?
            }
        };
        Ok(Rows { bucket: self.number, ..rows })
    }

    fn overlay(&self, part: &Part) -> Option<&'a Arc<Overlay>> {
        self.overlays.get(&part.row.id)
    }

    fn origins(&self) -> Vec<Origin> {
        let part =
            |part: &Arc<Part>| Origin::Part(Arc::downgrade(part), self.overlay(part).map(Arc::downgrade));
        let blocks = self.blocks.iter().map(|block| Origin::Block(Arc::downgrade(block)));
        self.parts.iter().map(part).chain(blocks).collect()
    }

    fn is_of(&self, origins: &[Origin]) -> bool {
        let (parts, blocks) = origins.split_at(self.parts.len().min(origins.len()));
        let same_part = |(origin, part): (&Origin, &Arc<Part>)| match origin {
            Origin::Part(known, overlay) => {
                known.as_ptr() == Arc::as_ptr(part)
                    && overlay.as_ref().map(Weak::as_ptr) == self.overlay(part).map(Arc::as_ptr)
            }
            Origin::Block(_) => false,
        };
        let same_block = |(origin, block): (&Origin, &Arc<Block>)| matches!(origin, Origin::Block(known) if known.as_ptr() == Arc::as_ptr(block));
        origins.len() == self.parts.len() + self.blocks.len()
            && parts.iter().zip(self.parts).all(same_part)
            && blocks.iter().zip(self.blocks).all(same_block)
    }

    /// What makes up the bucket.
    pub(crate) fn contents(&self) -> Contents {
        Contents(self.origins())
    }

    /// Whether it is made up of the same.
    pub(crate) fn has(&self, contents: &Contents) -> bool {
        self.is_of(&contents.0)
    }

    fn merging<'m>(&'m self, columns: &'m Columns) -> Merging<'m, impl Fn() -> Result<Vec<Source<'m>>>> {
        let read = move || {
            let mut sources = Vec::with_capacity(self.parts.len() + self.blocks.len());
            for part in self.parts {
                sources.push(Source {
                    rows: PartScan::new(part, self.cache).rows(columns, self.properties)?,
                    hidden: self.overlay(part).map_or(&[][..], |overlay| &overlay.hidden),
                    part: Some((&**part, 0)),
                });
            }
            let with_id = Columns { id: true, ..columns.clone() };
            sources.extend(self.blocks.iter().map(|block| Source {
                rows: Rows::from_table(block.select(&with_id, self.properties)),
                hidden: &[],
                part: None,
            }));
            Ok(sources)
        };
        Merging { cache: self.cache, columns, read, sources: OnceCell::new() }
    }
}

/// Merges rows of sources once, keeping nothing.
pub(crate) fn merge_once(sources: &[Source<'_>], columns: &Columns, properties: &Properties) -> Result<Rows> {
    let cache = ColumnCache::default();
    let order = Order::of(sources, Vec::new(), 0, properties)?;
    let read = || Ok(sources.to_vec());
    Merging { cache: &cache, columns, read, sources: OnceCell::new() }.rows(&order)
}

/// Columns of merged rows; sources are read only if something is not in memory.
struct Merging<'m, Read> {
    cache: &'m ColumnCache,
    columns: &'m Columns,
    read: Read,
    sources: OnceCell<Vec<Source<'m>>>,
}

impl<'m, Read: Fn() -> Result<Vec<Source<'m>>>> Merging<'m, Read> {
    fn sources(&self) -> Result<&[Source<'m>]> {
        if let Some(sources) = self.sources.get() {
            return Ok(sources);
        }
        let sources = (self.read)()?;
        Ok(self.sources.get_or_init(|| sources))
    }

    fn column<C: Column>(
        &self,
        order: &Order,
        key: ColumnKey,
        copy: impl FnOnce(&[Source<'m>]) -> C,
    ) -> Result<C> {
        if let Some(kept) = self.cache.get(order.id, key) {
            return Ok(kept);
        }
        let column = copy(self.sources()?);
        self.cache.put(order.id, key, column.clone());
        Ok(column)
    }

    fn rows(&self, order: &Order) -> Result<Rows> {
        let codes =
            |key, of: fn(&Rows) -> &[u16]| self.column(order, key, |sources| slices(sources, order, of));
        let mut rows = Rows {
            person_keys: Arc::clone(&order.persons.keys),
            person_starts: Arc::clone(&order.persons.starts),
            time_us: self
                .column(order, ColumnKey::Time, |sources| slices(sources, order, |rows| &rows.time_us))?,
            event: codes(ColumnKey::Event, |rows| &rows.event)?,
            ..Rows::default()
        };
        if self.columns.channel {
            rows.channel = codes(ColumnKey::Channel, |rows| &rows.channel)?;
        }
        if self.columns.amount {
            rows.amount = self.column(order, ColumnKey::Amount, |sources| amounts(sources, order))?;
        }
        for (at, &id) in self.columns.properties.iter().enumerate() {
            let property = |sources: &[Source<'_>]| {
                let columns: Vec<&PropertyColumn> =
                    sources.iter().map(|source| &*source.rows.properties[at]).collect();
                Arc::new(copy_property(&columns, &order.runs, order.n_rows).narrowed())
            };
            rows.properties.push(self.column(order, ColumnKey::Property(id), property)?);
        }
        self.identifiers(order, &mut rows)?;
        Ok(rows)
    }

    /// Columns that are not kept: few questions need them.
    fn identifiers(&self, order: &Order, rows: &mut Rows) -> Result<()> {
        let texts = |asked: bool, of: fn(&Rows) -> &StrColumn| {
            if !asked {
                return Ok::<_, crate::StoreError>(Arc::default());
            }
            let columns: Vec<&StrColumn> = self.sources()?.iter().map(|source| of(&source.rows)).collect();
            Ok(Arc::new(copy_texts(&columns, &order.runs, order.n_rows)))
        };
        rows.user_id = texts(self.columns.user_id, |rows| &rows.user_id)?;
        rows.anonymous_id = texts(self.columns.anonymous_id, |rows| &rows.anonymous_id)?;
        rows.source = texts(self.columns.source, |rows| &rows.source)?;
        if self.columns.id {
            rows.id = slices(self.sources()?, order, |rows| &rows.id);
        }
        Ok(())
    }
}

fn slices<T: Copy>(sources: &[Source<'_>], order: &Order, of: fn(&Rows) -> &[T]) -> Arc<Vec<T>> {
    let columns: Vec<&[T]> = sources.iter().map(|source| of(&source.rows)).collect();
    Arc::new(copy_slices(&columns, &order.runs, order.n_rows))
}

fn amounts(sources: &[Source<'_>], order: &Order) -> Arc<Amounts> {
    let mut amounts = Amounts::default();
    for run in &order.runs {
        let from = &sources[run.part as usize].rows.amount;
        (run.start..run.end).for_each(|row| amounts.push(from.get(row as usize).unwrap_or(NO_AMOUNT)));
    }
    Arc::new(amounts)
}
