//! Event rules → one mask bit per rule and row.
//!
//! A rule is looked at once per event name; a filter once per distinct text of its property. Per row remain a table
//! look-up and, for filtered rules, one look-up per filter.

use analysis::pick::{self, sift, sift_codes};
use model::event::Value;
use model::rule::{EventRule, Filter, Op};
use std::collections::{BTreeSet, HashMap};
use store::{Amounts, Codes, Columns, PropertyColumn, PropertyId, Rows, Snapshot};

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
    /// By event code: whether some clause needs a look at its rows.
    looked_at: Vec<bool>,
    clauses: Vec<Clause>,
}

#[derive(Debug, Clone)]
struct Clause {
    bit: u64,
    /// Codes of its events, each once.
    events: Vec<usize>,
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
            RuleSet { plain: vec![0; n_events], looked_at: vec![false; n_events], clauses: Vec::new() };
        for (bit, any_of) in rules.iter().enumerate() {
            for rule in *any_of {
                self.rule(&mut set, 1 << bit, rule);
            }
        }
        set
    }

    fn rule(&mut self, set: &mut RuleSet, bit: u64, rule: &EventRule) {
        let names = self.snapshot.names();
        let mut codes: Vec<usize> = Vec::new();
        for name in rule.event.as_slice() {
            match names.event_code(name) {
                Some(code) if codes.contains(&usize::from(code)) => {}
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
        codes.iter().for_each(|code| set.looked_at[*code] = true);
        set.clauses.push(Clause { bit, events: codes, channels, filters });
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
    Texts { codes: &'r Codes, passes: Vec<bool> },
    Numbers { values: &'r [f64], test: &'r Test },
    Flags { values: &'r [u8], passes: [bool; 2] },
    Amounts { values: &'r Amounts, test: &'r Test },
    Channels { codes: &'r [u16], passes: &'r [bool] },
}

impl Ready<'_> {
    /// `None` where the row has no such value.
    fn passes(&self, row: usize) -> Option<bool> {
        match self {
            Self::Texts { codes, passes } => passes.get(codes.get(row) as usize).copied(),
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

    /// Keeps the rows of which some value passes, and those without any if a missing one does.
    fn sift(&self, rows: &Rows, at: &[u32], passing: &mut Vec<u32>) {
        let (columns, missing) = (self.ready(rows), self.test.passes_missing());
        match columns.as_slice() {
            // A property mostly has one type: its kind is then looked at once, not per row.
            [Ready::Texts { codes: Codes::U8(codes), passes }] => {
                sift_codes(passing, at, codes, passes, missing)
            }
            [Ready::Texts { codes: Codes::U16(codes), passes }] => {
                sift_codes(passing, at, codes, passes, missing)
            }
            [Ready::Texts { codes: Codes::U32(codes), passes }] => {
                sift_codes(passing, at, codes, passes, missing)
            }
            [only] => sift(passing, at, |row| only.passes(row).unwrap_or(missing)),
            several => sift(passing, at, |row| {
                let mut values = several.iter().filter_map(|column| column.passes(row)).peekable();
                if values.peek().is_none() { missing } else { values.any(|passes| passes) }
            }),
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
            || self.looked_at.get(event).is_some_and(|looked_at| *looked_at)
    }

    /// One mask for each of the rows `at`. Costs a look-up each, and per clause one for every row of its events.
    pub fn masks_at(&self, rows: &Rows, at: &[u32]) -> Vec<u64> {
        let mut masks = pick::masks(&self.plain, &rows.event, at);
        if self.clauses.is_empty() {
            return masks;
        }
        // Rows by event first: a map has many clauses, each of few events.
        let mut places: Vec<Vec<u32>> = vec![Vec::new(); self.looked_at.len()];
        for (place, row) in at.iter().enumerate() {
            let event = usize::from(rows.event[*row as usize]);
            if self.looked_at.get(event).is_some_and(|looked_at| *looked_at) {
                places[event].push(place as u32);
            }
        }
        for clause in &self.clauses {
            let mut passing = Vec::new();
            clause.events.iter().for_each(|event| passing.extend_from_slice(&places[*event]));
            if !clause.channels.is_empty() {
                sift(&mut passing, at, |row| clause.channels[usize::from(rows.channel[row])]);
            }
            clause.filters.iter().for_each(|filter| filter.sift(rows, at, &mut passing));
            passing.iter().for_each(|place| masks[*place as usize] |= clause.bit);
        }
        masks
    }
}

/// The first number of a row among the scanned types of one property.
pub(crate) struct Numbers<'r>(Vec<NumberColumn<'r>>);

enum NumberColumn<'r> {
    Values(&'r [f64]),
    Parsed(&'r Codes, Vec<f64>),
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
                parsed.get(codes.get(row) as usize).copied().unwrap_or(f64::NAN)
            }
        });
        values.find(|value| value.is_finite())
    }
}
