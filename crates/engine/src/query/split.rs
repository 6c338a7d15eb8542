//! Nodes told apart by a property: the values that most events have become nodes of their own.

use super::answers::text_of;
use super::asked::NodeTable;
use super::compile::Compiler;
use super::kept::{Counts, FoldKey};
use super::scope::{Ground, SegmentTest, keep};
use crate::{Engine, EngineError};
use model::ask::{NodeSplit, Nodes, clean_url, name_matches};
use std::borrow::Cow;
use std::collections::HashMap;
use store::{Cancel, PropertyColumn, Rows, Snapshot};

/// Values of one split that become nodes; the rest keep the event's node.
const VALUES_MAX: usize = 1_000;

/// Where the values of a split stand.
enum Source {
    Channel(Vec<String>),
    Property(Vec<usize>),
}

/// One split, ready for a scan.
struct Split {
    /// By event code: whether it is split.
    splits: Vec<bool>,
    source: Source,
    url: bool,
    /// Node by value.
    nodes: HashMap<String, u16>,
}

/// All splits of a question; an event belongs to the first that names it.
pub(super) struct Splits(Vec<Split>);

impl Splits {
    fn new(compiler: &mut Compiler<'_>, asked: &[NodeSplit], snapshot: &Snapshot) -> Self {
        let events = snapshot.names().events();
        let mut taken = vec![false; events.len()];
        let mut split = |asked: &NodeSplit| {
            let named =
                |event: &String| asked.event.as_slice().iter().any(|pattern| name_matches(pattern, event));
            let mut splits = vec![false; events.len()];
            for (code, event) in events.iter().enumerate() {
                splits[code] = named(event) && !taken[code];
                taken[code] |= splits[code];
            }
            let source = if asked.property == "channel" {
                compiler.columns.channel = true;
                Source::Channel(snapshot.names().channels().to_vec())
            } else {
                Source::Property(compiler.property(&asked.property))
            };
            Split { splits, source, url: asked.url, nodes: HashMap::new() }
        };
        Self(asked.iter().map(&mut split).collect())
    }

    /// Node of every row: as the table has it, but that of its value where it is split.
    ///
    /// Empty where nothing is split.
    pub fn codes(&self, rows: &Rows, table: &NodeTable) -> Vec<u16> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let node = |event: &u16| table.node_of(*event);
        let mut codes: Vec<u16> = rows.event.iter().map(node).collect();
        for split in &self.0 {
            split.each(rows, |row, value| {
                if let Some(node) = split.nodes.get(value) {
                    codes[row] = *node;
                }
            });
        }
        codes
    }
}

impl Split {
    /// Hands every row of a split event that has a value to `found`. Texts are cleaned once each.
    fn each(&self, rows: &Rows, mut found: impl FnMut(usize, &str)) {
        let cleaned = |text: &str| if self.url { clean_url(text) } else { text.to_owned() };
        let own = (0..rows.n_rows())
            .filter(|row| self.splits.get(usize::from(rows.event[*row])).copied().unwrap_or(false));
        match &self.source {
            Source::Channel(names) => {
                for row in own {
                    if let Some(name) =
                        names.get(usize::from(rows.channel[row])).filter(|name| !name.is_empty())
                    {
                        found(row, name);
                    }
                }
            }
            Source::Property(slots) => {
                let texts = |slot: &usize| match &*rows.properties[*slot] {
                    PropertyColumn::Str(column) => column.values.iter().map(|text| cleaned(text)).collect(),
                    _ => Vec::new(),
                };
                let by_slot: Vec<Vec<String>> = slots.iter().map(texts).collect();
                for row in own {
                    let value =
                        slots.iter().zip(&by_slot).find_map(|(slot, texts)| match &*rows.properties[*slot] {
                            PropertyColumn::Str(column) => texts
                                .get(column.codes.get(row) as usize)
                                .map(|text| Cow::Borrowed(text.as_str())),
                            column => text_of(column, row).map(Cow::Owned),
                        });
                    if let Some(value) = value {
                        found(row, &value);
                    }
                }
            }
        }
    }

    fn counts(&self, rows: &Rows, keep: &[bool]) -> Counts {
        let mut kept_rows = vec![keep.is_empty(); rows.n_rows()];
        for (who, flag) in keep.iter().enumerate().filter(|(_, flag)| **flag) {
            kept_rows[rows.person_starts[who]..rows.person_starts[who + 1]].fill(*flag);
        }
        let mut counts = Counts::default();
        self.each(rows, |row, value| {
            if kept_rows[row] {
                counts.add(value, 1);
            }
        });
        counts
    }
}

impl Engine {
    /// Nodes of a question with its splits; one more fold, kept under `key`, finds the values where it has any.
    pub(super) async fn split_nodes(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        (nodes, key): (&Nodes, FoldKey),
        tests: &[SegmentTest],
        cancel: &Cancel,
    ) -> Result<(NodeTable, Splits), EngineError> {
        let snapshot = &ground.snapshot;
        let events = snapshot.names().events();
        let mut table = NodeTable::new(nodes, events);
        let mut splits = Splits::new(compiler, &nodes.split, snapshot);
        if splits.0.is_empty() {
            return Ok((table, splits));
        }
        let columns = compiler.columns.clone();
        let counting = Splits::new(compiler, &nodes.split, snapshot);
        let tests = tests.to_vec();
        let fold = move |rows: &Rows| {
            let keep = keep(&tests, rows);
            counting.0.iter().map(|split| split.counts(rows, &keep)).collect::<Vec<_>>()
        };
        let key = key.and(&"values");
        let mut buckets = self.fold_again(key, ground, columns, cancel, fold).await?;
        for (at, (split, asked)) in splits.0.iter_mut().zip(&nodes.split).enumerate() {
            let own = buckets.iter_mut().map(|bucket| std::mem::take(&mut bucket[at]));
            let all = own.fold(Counts::default(), Counts::merge);
            let prefix = asked.event.as_slice().join(" / ");
            for value in all.most_frequent(VALUES_MAX) {
                let node = table.add(&format!("{prefix} · {value}"));
                split.nodes.insert(value, node);
            }
        }
        table.is_split = true;
        Ok((table, splits))
    }
}
