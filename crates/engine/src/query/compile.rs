//! Event rules → one mask bit per rule and row.
//!
//! A rule is looked at once per event name; a filter once per distinct text of its property. Per row remain a table
//! look-up and, for filtered rules, one look-up per filter.

use model::event::Value;
use model::rule::{EventRule, Filter, Op};
use std::collections::{BTreeSet, HashMap};
use store::{Amounts, Columns, NO_CODE, PropertyColumn, PropertyId, Rows, Snapshot};

/// Collects what one reading of the store needs, and compiles rules against its catalogue.
pub(crate) struct Compiler<'s> {
    pub snapshot: &'s Snapshot,
    pub columns: Columns,
    slots: HashMap<PropertyId, usize>,
    /// Event names of rules that the store has never seen.
    pub unknown_events: BTreeSet<String>,
    /// Property keys of rules that the store has never seen.
    pub unknown_properties: BTreeSet<String>,
}

/// Compiled rules: bit `i` of a row's mask is rule `i`.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleSet {
    /// By event code: bits of rules that need nothing but the name.
    plain: Vec<u64>,
    /// By event code: clauses that need a look at the row.
    by_event: Vec<Vec<u16>>,
    clauses: Vec<Clause>,
}

#[derive(Debug, Clone)]
struct Clause {
    bit: u64,
    /// By channel code; empty = any.
    channels: Vec<bool>,
    filters: Vec<FilterPlan>,
}

#[derive(Debug, Clone)]
struct FilterPlan {
    /// Indices into the scanned properties: one for each type the property came with.
    slots: Vec<usize>,
    special: Option<Special>,
    test: Test,
}

#[derive(Debug, Clone)]
enum Special {
    Amount,
    /// Whether each channel code passes.
    Channel(Vec<bool>),
}

/// A comparison with its values in both readings.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    op: Op,
    texts: Vec<String>,
    numbers: Vec<f64>,
}

impl Test {
    pub fn new(filter: &Filter) -> Self {
        let values = filter.value.as_ref().map_or(&[][..], |value| value.as_slice());
        let number = |value: &Value| match value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok(),
            Value::Bool(_) => None,
        };
        Self {
            op: filter.op,
            texts: values.iter().map(Value::to_string).collect(),
            numbers: values.iter().filter_map(number).collect(),
        }
    }

    /// Whether a row without the property passes.
    fn passes_missing(&self) -> bool {
        matches!(self.op, Op::Missing | Op::IsNot)
    }

    pub fn passes_text(&self, text: &str) -> bool {
        let any = |holds: fn(&str, &str) -> bool| self.texts.iter().any(|wanted| holds(text, wanted));
        match self.op {
            Op::Is => any(|text, wanted| text == wanted),
            Op::IsNot => !any(|text, wanted| text == wanted),
            Op::Contains => any(|text, wanted| text.contains(wanted)),
            Op::StartsWith => any(|text, wanted| text.starts_with(wanted)),
            Op::Exists => true,
            Op::Missing => false,
            // A number kept as text still compares by size.
            Op::Gt | Op::Gte | Op::Lt | Op::Lte => {
                text.trim().parse().is_ok_and(|number| self.passes_number(number))
            }
        }
    }

    pub fn passes_number(&self, number: f64) -> bool {
        let any = |holds: fn(f64, f64) -> bool| self.numbers.iter().any(|wanted| holds(number, *wanted));
        match self.op {
            Op::Is => any(|number, wanted| number == wanted),
            Op::IsNot => !any(|number, wanted| number == wanted),
            Op::Gt => any(|number, wanted| number > wanted),
            Op::Gte => any(|number, wanted| number >= wanted),
            Op::Lt => any(|number, wanted| number < wanted),
            Op::Lte => any(|number, wanted| number <= wanted),
            Op::Exists => true,
            Op::Missing => false,
            Op::Contains | Op::StartsWith => self.passes_text(&number.to_string()),
        }
    }

    fn passes_flag(&self, flag: bool) -> bool {
        self.passes_text(if flag { "true" } else { "false" })
    }
}

impl<'s> Compiler<'s> {
    pub fn new(snapshot: &'s Snapshot) -> Self {
        Self::with_columns(snapshot, Columns::default())
    }

    /// A compiler that adds to what other rules need of the same reading.
    pub fn with_columns(snapshot: &'s Snapshot, columns: Columns) -> Self {
        Self {
            snapshot,
            slots: columns.properties.iter().enumerate().map(|(at, id)| (*id, at)).collect(),
            columns,
            unknown_events: BTreeSet::new(),
            unknown_properties: BTreeSet::new(),
        }
    }

    /// Asks for a property in all its types; indices into [`Rows::properties`].
    pub fn property(&mut self, key: &str) -> Vec<usize> {
        let ids: Vec<PropertyId> =
            self.snapshot.properties().by_key(key).map(|property| property.id).collect();
        let columns = &mut self.columns.properties;
        let slots = &mut self.slots;
        let slot = |id: PropertyId| {
            *slots.entry(id).or_insert_with(|| {
                columns.push(id);
                columns.len() - 1
            })
        };
        ids.into_iter().map(slot).collect()
    }

    /// Compiles up to 64 rules, each any of its event rules.
    pub fn rules(&mut self, rules: &[&[EventRule]]) -> RuleSet {
        assert!(rules.len() <= 64, "a mask has 64 bits");
        let n_events = self.snapshot.names().events().len();
        let mut set =
            RuleSet { plain: vec![0; n_events], by_event: vec![Vec::new(); n_events], clauses: Vec::new() };
        for (bit, any_of) in rules.iter().enumerate() {
            for rule in *any_of {
                self.rule(&mut set, 1 << bit, rule);
            }
        }
        set
    }

    fn rule(&mut self, set: &mut RuleSet, bit: u64, rule: &EventRule) {
        let names = self.snapshot.names();
        let mut codes = Vec::new();
        for name in rule.event.as_slice() {
            match names.event_code(name) {
                Some(code) => codes.push(usize::from(code)),
                None => drop(self.unknown_events.insert(name.clone())),
            }
        }
        if rule.channel.is_none() && rule.filters.is_empty() {
            codes.iter().for_each(|code| set.plain[*code] |= bit);
            return;
        }
        let mut channels = Vec::new();
        if let Some(wanted) = &rule.channel {
            self.columns.channel = true;
            channels = vec![false; names.channels().len()];
            for code in wanted.as_slice().iter().filter_map(|name| names.channel_code(name)) {
                channels[usize::from(code)] = true;
            }
        }
        let filters = rule.filters.iter().map(|filter| self.filter(filter)).collect();
        let clause = set.clauses.len() as u16;
        set.clauses.push(Clause { bit, channels, filters });
        codes.iter().for_each(|code| set.by_event[*code].push(clause));
    }

    fn filter(&mut self, filter: &Filter) -> FilterPlan {
        let test = Test::new(filter);
        let special = match filter.property.as_str() {
            "amount" => {
                self.columns.amount = true;
                Some(Special::Amount)
            }
            "channel" => {
                self.columns.channel = true;
                let names = self.snapshot.names();
                let passes = |name: &String| {
                    if name.is_empty() { test.passes_missing() } else { test.passes_text(name) }
                };
                Some(Special::Channel(names.channels().iter().map(passes).collect()))
            }
            _ => None,
        };
        let slots = if special.is_some() { Vec::new() } else { self.property(&filter.property) };
        if slots.is_empty() && special.is_none() {
            self.unknown_properties.insert(filter.property.clone());
        }
        FilterPlan { slots, special, test }
    }
}

/// A filter ready for one bucket.
enum Ready<'r> {
    Texts { codes: &'r [u32], passes: Vec<bool> },
    Numbers { values: &'r [f64], test: &'r Test },
    Flags { values: &'r [u8], passes: [bool; 2] },
    Amounts { values: &'r Amounts, test: &'r Test },
    Channels { codes: &'r [u16], passes: &'r [bool] },
}

impl Ready<'_> {
    /// `None` where the row has no such value.
    fn passes(&self, row: usize) -> Option<bool> {
        match self {
            Self::Texts { codes, passes } => {
                let code = codes[row];
                (code != NO_CODE).then(|| passes[code as usize])
            }
            Self::Numbers { values, test } => {
                let value = values[row];
                (!value.is_nan()).then(|| test.passes_number(value))
            }
            Self::Flags { values, passes } => passes.get(usize::from(values[row])).copied(),
            Self::Amounts { values, test } => {
                values.get(row).map(|hundredths| test.passes_number(hundredths as f64 / 100.0))
            }
            Self::Channels { codes, passes } => passes.get(usize::from(codes[row])).copied(),
        }
    }
}

impl FilterPlan {
    fn ready<'r>(&'r self, rows: &'r Rows) -> Vec<Ready<'r>> {
        match &self.special {
            Some(Special::Amount) => vec![Ready::Amounts { values: &rows.amount, test: &self.test }],
            Some(Special::Channel(passes)) => vec![Ready::Channels { codes: &rows.channel, passes }],
            None => {
                let column = |slot: &usize| match &*rows.properties[*slot] {
                    PropertyColumn::Str(texts) => Ready::Texts {
                        codes: &texts.codes,
                        passes: texts.values.iter().map(|text| self.test.passes_text(text)).collect(),
                    },
                    PropertyColumn::Num(values) => Ready::Numbers { values, test: &self.test },
                    PropertyColumn::Bool(values) => Ready::Flags {
                        values,
                        passes: [self.test.passes_flag(false), self.test.passes_flag(true)],
                    },
                };
                self.slots.iter().map(column).collect()
            }
        }
    }
}

impl RuleSet {
    /// Event codes the rules were compiled for.
    pub fn n_events(&self) -> usize {
        self.plain.len()
    }

    /// Whether some rule may match an event of this code.
    pub fn wants(&self, event: usize) -> bool {
        self.plain.get(event).is_some_and(|mask| *mask != 0)
            || self.by_event.get(event).is_some_and(|clauses| !clauses.is_empty())
    }

    /// One mask for each of the rows `at`. Costs a look-up each, plus the filtered clauses of each row's event.
    pub fn masks_at(&self, rows: &Rows, at: &[u32]) -> Vec<u64> {
        let event_of = |row: &u32| usize::from(rows.event[*row as usize]);
        let plain = |row: &u32| self.plain.get(event_of(row)).copied().unwrap_or(0);
        let mut masks: Vec<u64> = at.iter().map(plain).collect();
        if self.clauses.is_empty() {
            return masks;
        }
        let ready: Vec<Vec<(Vec<Ready<'_>>, bool)>> = self
            .clauses
            .iter()
            .map(|clause| {
                let filters = clause.filters.iter();
                filters.map(|filter| (filter.ready(rows), filter.test.passes_missing())).collect()
            })
            .collect();
        for (mask, row) in masks.iter_mut().zip(at) {
            let Some(clauses) = self.by_event.get(event_of(row)) else { continue };
            let row = *row as usize;
            for clause_index in clauses {
                let clause = &self.clauses[usize::from(*clause_index)];
                if *mask & clause.bit != 0
                    || (!clause.channels.is_empty() && !clause.channels[usize::from(rows.channel[row])])
                {
                    continue;
                }
                let passes = ready[usize::from(*clause_index)].iter().all(|(columns, missing)| {
                    let mut values = columns.iter().filter_map(|column| column.passes(row)).peekable();
                    if values.peek().is_none() { *missing } else { values.any(|passes| passes) }
                });
                if passes {
                    *mask |= clause.bit;
                }
            }
        }
        masks
    }
}

/// The first number of a row among the scanned types of one property.
pub(crate) struct Numbers<'r>(Vec<NumberColumn<'r>>);

enum NumberColumn<'r> {
    Values(&'r [f64]),
    Parsed(&'r [u32], Vec<f64>),
}

impl<'r> Numbers<'r> {
    pub fn new(rows: &'r Rows, slots: &[usize]) -> Self {
        let column = |slot: &usize| match &*rows.properties[*slot] {
            PropertyColumn::Num(values) => Some(NumberColumn::Values(values)),
            PropertyColumn::Str(texts) => {
                let parsed = texts.values.iter().map(|text| text.trim().parse().unwrap_or(f64::NAN));
                Some(NumberColumn::Parsed(&texts.codes, parsed.collect()))
            }
            PropertyColumn::Bool(_) => None,
        };
        Self(slots.iter().filter_map(column).collect())
    }

    /// `None` where the row has no finite number.
    pub fn get(&self, row: usize) -> Option<f64> {
        let mut values = self.0.iter().map(|column| match column {
            NumberColumn::Values(values) => values[row],
            NumberColumn::Parsed(codes, parsed) => {
                parsed.get(codes[row] as usize).copied().unwrap_or(f64::NAN)
            }
        });
        values.find(|value| value.is_finite())
    }
}
