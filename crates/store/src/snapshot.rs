//! A consistent view of the store for reading. Everything here is synchronous and may block on the disk;
//! call it from a blocking thread.

use std::sync::{Arc, OnceLock};

use meta::BucketRow;

use crate::cache::ColumnCache;
use crate::live::moved;
use crate::merged::{Bucket, Contents, Source, merge_once};
use crate::parallel::run_parallel;
use crate::rows::Block;
use crate::scan::{PartScan, Rows};
use crate::settle::{Overlays, View};
use crate::spread::bucket_of;
use crate::{Cancel, Columns, Names, Properties, PropertyId, Result, StoreError};

/// What is stored at one moment. Cheap to clone; later imports do not change it.
#[derive(Clone, Debug)]
pub struct Snapshot(pub(crate) Arc<SnapshotState>);

#[derive(Debug)]
pub(crate) struct SnapshotState {
    pub version: u64,
    pub view: View,
    /// By part: whose rows not to take from it.
    pub overlays: Overlays,
    /// By bucket: rows in memory, routed anew or not yet in a part.
    pub extra: Vec<Vec<Arc<Block>>>,
    pub names: Arc<Names>,
    pub properties: Arc<Properties>,
    pub counts: Vec<BucketRow>,
    /// Rows that are in memory only.
    pub n_tail_rows: u64,
    pub statistics: OnceLock<Arc<Vec<EventStats>>>,
    pub cache: Arc<ColumnCache>,
}

/// What is stored under one event name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventStats {
    /// Code of the event.
    pub event: u16,
    /// How many events.
    pub n_events: u64,
    /// How many different persons.
    pub n_persons: u64,
    /// Earliest time, microseconds UTC.
    pub first_us: i64,
    /// Latest time, microseconds UTC.
    pub last_us: i64,
    /// Events with an amount.
    pub n_amounts: u64,
    /// Events with a channel.
    pub n_channels: u64,
    /// Properties these events have, with the number of events that have each.
    pub properties: Vec<(PropertyId, u64)>,
}

impl Snapshot {
    /// Parts alone, with their overlays: for counting.
    pub(crate) fn of_parts(view: View, overlays: &Overlays, properties: &Properties) -> Self {
        Self(Arc::new(SnapshotState {
            version: 0,
            extra: moved(overlays, view.len()),
            view,
            overlays: overlays.clone(),
            names: Arc::default(),
            properties: Arc::new(properties.clone()),
            counts: Vec::new(),
            n_tail_rows: 0,
            statistics: OnceLock::new(),
            cache: Arc::default(),
        }))
    }

    /// Grows with every change of what is stored; equal versions hold the same events.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// Buckets persons are spread over.
    #[must_use]
    pub fn n_buckets(&self) -> usize {
        self.0.view.len()
    }

    /// The bucket that holds a person, if anything is stored of them.
    #[must_use]
    pub fn bucket_of(&self, person: u64) -> usize {
        bucket_of(person, self.n_buckets())
    }

    /// Names of events and channels.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.0.names
    }

    /// Properties.
    #[must_use]
    pub fn properties(&self) -> &Arc<Properties> {
        &self.0.properties
    }

    /// Number of distinct events. Exact for what is in parts; events still in the tail are added as they
    /// came, so that one sent twice counts twice until it is sealed, within a minute.
    #[must_use]
    pub fn n_events(&self) -> u64 {
        let stored: u64 = self.0.counts.iter().map(|count| count.n_events).sum();
        stored + self.0.n_tail_rows
    }

    /// Number of persons with events in parts.
    #[must_use]
    pub fn n_persons(&self) -> u64 {
        self.0.counts.iter().map(|count| count.n_persons).sum()
    }

    /// Events of the largest bucket: what a scan has in memory per thread is this many rows.
    #[must_use]
    pub fn n_events_max_bucket(&self) -> u64 {
        self.0.counts.iter().map(|count| count.n_events).max().unwrap_or(0)
    }

    /// Size of the stored files.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.0.view.iter().flatten().map(|part| part.row.size_bytes).sum()
    }

    /// Number of stored files.
    #[must_use]
    pub fn n_parts(&self) -> usize {
        self.0.view.iter().map(Vec::len).sum()
    }

    /// Bytes on disk by column of the stored files, in order of names; descriptions and checks are not in it.
    pub fn column_sizes(&self) -> Result<Vec<(String, u64)>> {
        let mut sizes = std::collections::BTreeMap::new();
        for part in self.0.view.iter().flatten() {
            for (name, n_bytes) in part.column_sizes()? {
                *sizes.entry(name).or_default() += n_bytes;
            }
        }
        Ok(sizes.into_iter().collect())
    }

    /// Earliest and latest time, or `None` when nothing is stored.
    #[must_use]
    pub fn time_range(&self) -> Option<(i64, i64)> {
        let parts = self.0.view.iter().flatten().map(|part| (part.row.min_time_us, part.row.max_time_us));
        let extra = self.0.extra.iter().flatten().filter_map(|block| {
            let times = &block.rows.time_us;
            Some((*times.iter().min()?, *times.iter().max()?))
        });
        parts.chain(extra).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Reads all persons of a bucket: sorted by (person, time, id), exact duplicates taken out, only the
    /// columns asked for.
    ///
    /// Errors: [`StoreError::Corrupt`] if a file is not what was written.
    /// Cost: nothing for columns that are in memory, else one decode each; a bucket of several parts, or with rows in
    /// memory, is merged once for all scans until something in it changes, and copies each column once.
    pub fn scan(&self, bucket: usize, columns: &Columns) -> Result<Rows> {
        self.bucket(bucket).rows(columns)
    }

    fn bucket(&self, number: usize) -> Bucket<'_> {
        Bucket {
            number,
            parts: self.0.view.get(number).map_or(&[][..], Vec::as_slice),
            overlays: &self.0.overlays,
            blocks: self.0.extra.get(number).map_or(&[][..], Vec::as_slice),
            properties: &self.0.properties,
            cache: &self.0.cache,
        }
    }

    /// Runs `fold` over every bucket on up to `n_threads` threads; results come in bucket order.
    ///
    /// Errors: [`StoreError::Cancelled`] when `cancel` was set before the last bucket began, and those of
    /// [`Snapshot::scan`].
    pub fn fold<T: Send>(
        &self,
        n_threads: usize,
        columns: &Columns,
        cancel: &Cancel,
        fold: impl Fn(&Rows) -> T + Sync,
    ) -> Result<Vec<T>> {
        let all: Vec<usize> = (0..self.n_buckets()).collect();
        self.fold_buckets(&all, n_threads, columns, cancel, fold)
    }

    /// As [`Snapshot::fold`], over some buckets; results come in the order of `buckets`.
    pub fn fold_buckets<T: Send>(
        &self,
        buckets: &[usize],
        n_threads: usize,
        columns: &Columns,
        cancel: &Cancel,
        fold: impl Fn(&Rows) -> T + Sync,
    ) -> Result<Vec<T>> {
        cancel.plan(buckets.len());
        run_parallel(n_threads, buckets.len(), |at| {
            if cancel.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
            let folded = fold(&self.scan(buckets[at], columns)?);
            cancel.step();
            Ok(folded)
        })
    }

    /// What makes up a bucket, to tell later whether it is still the same.
    #[must_use]
    pub fn contents(&self, bucket: usize) -> Contents {
        self.bucket(bucket).contents()
    }

    /// Whether a bucket is made up of just these contents, so that a fold of it gives the same.
    #[must_use]
    pub fn has(&self, bucket: usize, contents: &Contents) -> bool {
        self.bucket(bucket).has(contents)
    }

    /// Runs `view` over the events of each of some persons on up to `n_threads` threads; results come in their order.
    ///
    /// Errors: as [`Snapshot::fold`]'s. Cost: as [`Snapshot::person_with`]'s for each.
    pub fn each_person<T: Send>(
        &self,
        persons: &[u64],
        n_threads: usize,
        columns: &Columns,
        cancel: &Cancel,
        view: impl Fn(u64, &Rows) -> T + Sync,
    ) -> Result<Vec<T>> {
        run_parallel(n_threads, persons.len(), |at| {
            if cancel.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
            Ok(view(persons[at], &self.person_with(persons[at], columns)?))
        })
    }

    /// All events of one person with all columns ([`Columns::all`]), in time order; no rows if the person is unknown.
    pub fn person(&self, person: u64) -> Result<Rows> {
        self.person_with(person, &Columns::all(&self.0.properties))
    }

    /// As [`Snapshot::person`], with some columns.
    ///
    /// Cost: of every part of the person's bucket the person keys and the chunks that hold the person, as far as they are
    /// not in memory.
    pub fn person_with(&self, person: u64, columns: &Columns) -> Result<Rows> {
        let Bucket { number, parts, overlays, blocks, properties, cache } =
            self.bucket(self.bucket_of(person));
        let mut sources = Vec::new();
        for part in parts {
            if overlays.get(&part.row.id).is_some_and(|overlay| overlay.hidden.binary_search(&person).is_ok())
            {
                continue;
            }
            let mut scan = PartScan::new(part, cache);
            let Some(own) = scan.rows_of(person)? else { continue };
            let rows = scan.person(person, own.clone(), columns, properties)?;
            sources.push(Source {
                rows: Rows::from_table(rows),
                hidden: &[],
                part: Some((&**part, own.start)),
            });
        }
        let with_id = Columns { id: true, ..columns.clone() };
        for block in blocks {
            let own = block.rows.rows_of(person);
            if !own.is_empty() {
                let order: Vec<u32> = own.map(|row| row as u32).collect();
                let rows = Rows::from_table(block.gather(number, &order).select(&with_id, properties));
                sources.push(Source { rows, hidden: &[], part: None });
            }
        }
        let rows = match sources.as_slice() {
            [] => Rows::none(columns, properties),
            [only] => only.rows.clone(),
            several => merge_once(several, columns, properties)?,
        };
        Ok(Rows { bucket: number, ..rows })
    }

    /// Statistics per event name that occurs, ordered by code. Reads everything the first time (all
    /// property columns too), then remembers.
    pub fn event_stats(&self, n_threads: usize, cancel: &Cancel) -> Result<Arc<Vec<EventStats>>> {
        if let Some(known) = self.0.statistics.get() {
            return Ok(Arc::clone(known));
        }
        let columns = Columns {
            amount: true,
            channel: true,
            properties: self.0.properties.all().iter().map(|property| property.id).collect(),
            ..Columns::default()
        };
        let n_names = self.0.names.events().len();
        let tallies =
            self.fold(n_threads, &columns, cancel, |rows| Tally::of(rows, n_names, &columns.properties))?;
        let mut sum = vec![Tally::default(); n_names];
        for bucket in tallies {
            sum.iter_mut().zip(&bucket).for_each(|(sum, tally)| sum.add(tally));
        }
        let stats = sum.iter().enumerate().filter(|(_, tally)| tally.n_events > 0);
        let stats = Arc::new(stats.map(|(event, tally)| tally.stats(event, &columns.properties)).collect());
        Ok(Arc::clone(self.0.statistics.get_or_init(|| stats)))
    }
}

/// Counts of one event in one bucket, or in several: buckets hold different persons, so all of it adds up.
#[derive(Clone, Default)]
struct Tally {
    n_events: u64,
    n_persons: u64,
    first_us: i64,
    last_us: i64,
    n_amounts: u64,
    n_channels: u64,
    properties: Vec<u64>,
}

impl Tally {
    fn of(rows: &Rows, n_names: usize, properties: &[PropertyId]) -> Vec<Self> {
        let none = Self {
            first_us: i64::MAX,
            last_us: i64::MIN,
            properties: vec![0; properties.len()],
            ..Self::default()
        };
        let mut tallies = vec![none; n_names];
        let mut seen_by = vec![usize::MAX; n_names];
        for (person, own) in rows.persons().enumerate() {
            for row in own {
                let event = usize::from(rows.event[row]);
                let tally = &mut tallies[event];
                tally.n_events += 1;
                if seen_by[event] != person {
                    seen_by[event] = person;
                    tally.n_persons += 1;
                }
                tally.first_us = tally.first_us.min(rows.time_us[row]);
                tally.last_us = tally.last_us.max(rows.time_us[row]);
                tally.n_amounts += u64::from(rows.amount.get(row).is_some());
                tally.n_channels += u64::from(rows.channel[row] != 0);
            }
        }
        for (index, column) in rows.properties.iter().enumerate() {
            for (row, &event) in rows.event.iter().enumerate() {
                tallies[usize::from(event)].properties[index] += u64::from(column.has(row));
            }
        }
        tallies
    }

    fn add(&mut self, other: &Self) {
        if other.n_events == 0 {
            return;
        }
        if self.n_events == 0 {
            *self = other.clone();
            return;
        }
        self.n_events += other.n_events;
        self.n_persons += other.n_persons;
        self.first_us = self.first_us.min(other.first_us);
        self.last_us = self.last_us.max(other.last_us);
        self.n_amounts += other.n_amounts;
        self.n_channels += other.n_channels;
        self.properties.iter_mut().zip(&other.properties).for_each(|(sum, n)| *sum += n);
    }

    fn stats(&self, event: usize, properties: &[PropertyId]) -> EventStats {
        let present = properties.iter().copied().zip(self.properties.iter().copied());
        EventStats {
            event: event as u16,
            n_events: self.n_events,
            n_persons: self.n_persons,
            first_us: self.first_us,
            last_us: self.last_us,
            n_amounts: self.n_amounts,
            n_channels: self.n_channels,
            properties: present.filter(|&(_, n)| n > 0).collect(),
        }
    }
}
