//! Funnels beyond the plain one: other orders, optional steps, exclusions, units, comparison.

use super::answers::{Prepared, cut_warning, plan_problem, text_of};
use super::asked::{Masks, Selecting, every, planned};
use super::compile::Compiler;
use super::figures;
use super::scope::{Ground, Resolved, keep};
use super::selection::Listed;
use crate::{Engine, EngineError};
use analysis::compare::{benjamini_hochberg, two_proportions};
use analysis::funnel::modes::{
    self, Conversion, Entry, Exclusion, ExclusionMode, LabelOf, ModeColumns, ModeLine, ModePlan, ModeRules,
    ModeState, Order, Selector, Stood, Unit,
};
use model::ask::{
    AskFunnel, BreakdownAt, FunnelCount, FunnelEntry, FunnelExclusionMode, FunnelOrder, FunnelPoint,
};
use model::rule::EventRule;
use model::view::{ConvertView, DifferenceView, Figure, FunnelLine, FunnelView};
use std::collections::HashMap;
use std::sync::Arc;
use store::{Cancel, NO_CODE, PropertyColumn, Rows};

/// Lines of a breakdown.
const LINES_MAX: usize = 48;
const GAP_US: i64 = 30 * 60 * 1_000_000;

/// A column of texts: the channel or a property.
enum Texts {
    Channel(Vec<String>),
    Property(Vec<usize>),
}

impl Texts {
    fn new(compiler: &mut Compiler<'_>, ground: &Ground, property: &str) -> Self {
        if property == "channel" {
            compiler.columns.channel = true;
            return Self::Channel(ground.snapshot.names().channels().to_vec());
        }
        Self::Property(compiler.property(property))
    }

    /// One code per row, [`NO_CODE`] without a text, and the texts of this bucket.
    fn of(&self, rows: &Rows) -> (Vec<u32>, Vec<String>) {
        match self {
            Self::Channel(names) => {
                let code = |code: &u16| if *code == 0 { NO_CODE } else { u32::from(*code) };
                (rows.channel.iter().map(code).collect(), names.clone())
            }
            Self::Property(slots) => {
                // A property that only ever was text has its codes already.
                if let [only] = slots.as_slice()
                    && let PropertyColumn::Str(column) = &*rows.properties[*only]
                {
                    return (column.codes.clone(), column.values.clone());
                }
                let (mut texts, mut by_text) = (Vec::new(), HashMap::new());
                let mut code = |row: usize| {
                    let text = slots.iter().find_map(|slot| text_of(&rows.properties[*slot], row));
                    text.map_or(NO_CODE, |text| {
                        *by_text.entry(text).or_insert_with_key(|text: &String| {
                            texts.push(text.clone());
                            texts.len() as u32 - 1
                        })
                    })
                };
                ((0..rows.n_rows()).map(&mut code).collect(), texts)
            }
        }
    }
}

/// A funnel ready for a scan.
struct FunnelQuestion {
    masks: Masks,
    plan: ModePlan,
    labels: Option<Texts>,
    hold: Option<Texts>,
    /// Whether attempts are told apart by the person's first start.
    by_entry: bool,
    period: analysis::Period,
}

/// A step as people count it, as the fold does.
fn step(number: usize, n_steps: usize) -> Result<usize, EngineError> {
    match number.checked_sub(1).filter(|&step| step < n_steps) {
        Some(step) => Ok(step),
        None => Err(plan_problem(&format!("there is no step {number}, the funnel has {n_steps}"))),
    }
}

fn step_bits(numbers: &[usize], n_steps: usize) -> Result<u32, EngineError> {
    numbers.iter().try_fold(0, |bits, number| Ok(bits | 1 << step(*number, n_steps)?))
}

impl FunnelQuestion {
    fn new(
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        ask: &AskFunnel,
    ) -> Result<Self, EngineError> {
        let n_steps = ask.steps.len();
        if !(2..=32).contains(&n_steps) || n_steps + ask.exclusions.len() > 64 {
            return Err(plan_problem("a funnel has 2 to 32 steps, and 64 rules with its exclusions"));
        }
        let mut any_of: Vec<&[EventRule]> = ask.steps.iter().map(std::slice::from_ref).collect();
        any_of.extend(ask.exclusions.iter().map(|exclusion| std::slice::from_ref(&exclusion.when)));
        let bounds_us = match ask.trend {
            Some(grain) => ground.calendar.boundaries_us(main.days, grain),
            None => Vec::new(),
        };
        let plan = planned(ModePlan::new(mode_rules(main, ask, bounds_us)?))?;
        Ok(Self {
            masks: Masks::of(compiler.rules(&any_of)),
            plan,
            labels: ask.breakdown.as_deref().map(|property| Texts::new(compiler, ground, property)),
            hold: ask.hold.as_deref().map(|property| Texts::new(compiler, ground, property)),
            by_entry: ask.breakdown_at == BreakdownAt::Entry,
            period: main.period,
        })
    }

    /// Labels with their texts, and held values.
    fn columns(&self, rows: &Rows) -> ((Vec<u32>, Vec<String>), Vec<u32>) {
        let labels = self.labels.as_ref().map(|texts| texts.of(rows)).unwrap_or_default();
        (labels, self.hold.as_ref().map(|texts| texts.of(rows).0).unwrap_or_default())
    }

    fn fold(&self, rows: &Rows, keep: &[bool]) -> (ModeState, Vec<String>) {
        let masks = self.masks.all(rows);
        let ((mut labels, texts), hold) = self.columns(rows);
        if self.by_entry {
            entry_labels(&every(rows, &masks, keep), self.period, &mut labels);
        }
        let columns = ModeColumns { labels: &labels, hold: &hold };
        (modes::fold(every(rows, &masks, keep), columns, &self.plan), texts)
    }
}

fn mode_rules(main: &Resolved, ask: &AskFunnel, bounds_us: Vec<i64>) -> Result<ModeRules, EngineError> {
    let n_steps = ask.steps.len();
    let mut exclusions = Vec::new();
    for (at, exclusion) in ask.exclusions.iter().enumerate() {
        exclusions.push(Exclusion {
            bit: (n_steps + at) as u8,
            from: step(exclusion.from, n_steps)?,
            to: step(exclusion.to, n_steps)?,
            mode: match exclusion.mode {
                FunnelExclusionMode::EndsAttempt => ExclusionMode::EndsAttempt,
                FunnelExclusionMode::RemovesPerson => ExclusionMode::RemovesPerson,
            },
        });
    }
    if ask.order != FunnelOrder::Any && !ask.pinned.is_empty() {
        return Err(plan_problem("steps are pinned in any order only"));
    }
    Ok(ModeRules {
        n_steps,
        window_us: ask.window.us,
        period: main.period,
        as_of_us: main.as_of_us,
        order: match ask.order {
            FunnelOrder::Ordered => Order::Ordered,
            FunnelOrder::Strict => Order::Strict { universe: None, repeats: false },
            FunnelOrder::Any => Order::AnyOrder { pinned: step_bits(&ask.pinned, n_steps)? },
        },
        optional: step_bits(&ask.optional, n_steps)?,
        exclusions,
        entry: match ask.entry {
            FunnelEntry::Any => Entry::Any,
            FunnelEntry::First => Entry::First,
        },
        unit: match ask.count {
            FunnelCount::Person => Unit::Person,
            FunnelCount::Session => Unit::Session { gap_us: ask.gap.map_or(GAP_US, |gap| gap.us) },
            FunnelCount::Total => Unit::Attempt,
        },
        label_of: match ask.breakdown_at {
            BreakdownAt::First | BreakdownAt::Entry => LabelOf::First,
            BreakdownAt::Last => LabelOf::Last,
            BreakdownAt::Any => LabelOf::Any,
            BreakdownAt::Step(number) => LabelOf::Step(step(number, n_steps)?),
        },
        between: match ask.convert {
            None => None,
            Some(span) => Some((step(span.from, n_steps)?, step(span.to, n_steps)?)),
        },
        bounds_us,
    })
}

impl Engine {
    pub(super) async fn mode_funnel_view(
        &self,
        ask: &AskFunnel,
        cancel: &Cancel,
    ) -> Result<FunnelView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: own_tests, mut compiler } =
            self.prepare(&ground, &ask.scope, cancel).await?;
        let question = Arc::new(FunnelQuestion::new(&mut compiler, &ground, &main, ask)?);
        let compared = match self.resolve_compare(&ground, &main, &ask.compare).await? {
            None => None,
            Some(other) => {
                let unbroken = AskFunnel { breakdown: None, trend: None, ..ask.clone() };
                let question = FunnelQuestion::new(&mut compiler, &ground, &other, &unbroken)?;
                Some((Arc::new(question), self.tests(&mut compiler, &other.segments, &ground, cancel).await?))
            }
        };
        let (folding, other) = (question.clone(), compared.as_ref().map(|(question, _)| question.clone()));
        let columns = compiler.columns.clone();
        let fold = move |rows: &Rows| {
            let main = folding.fold(rows, &keep(&own_tests, rows));
            let other = compared.as_ref().map(|(question, tests)| question.fold(rows, &keep(tests, rows)).0);
            (main, other)
        };
        let buckets = self.fold(&ground.snapshot, columns, cancel, fold).await?;
        let (mut state, mut texts) = (ModeState::empty(&question.plan), Labels::default());
        let mut previous = other.as_ref().map(|question| ModeState::empty(&question.plan));
        for ((own, own_texts), own_previous) in buckets {
            state = state.merge(own.relabelled(|code| texts.code(own_texts.get(code as usize))));
            previous = previous.zip(own_previous).map(|(all, own)| all.merge(own));
        }
        let answer = state.finish(&question.plan);
        let mut all = line(None, &answer.all);
        let compared = previous.zip(other).map(|(state, question)| {
            let compared = line(None, &state.finish(&question.plan).all);
            let differs = two_proportions(ends(&all), ends(&compared));
            all.differs = differs.map(|difference| difference_view(difference, difference.p));
            Box::new(compared)
        });
        let mut broken: Vec<FunnelLine> =
            answer.by_label.iter().map(|(code, own)| line(texts.text(*code), own)).collect();
        compare_lines(&all, &mut broken, ask.breakdown_at);
        broken.sort_by(|a, b| b.reached.cmp(&a.reached).then_with(|| a.label.cmp(&b.label)));
        let n_people = all.reached.first().copied().unwrap_or(0);
        let mut about = ground.about(&main, &compiler, n_people);
        if broken.len() > LINES_MAX {
            about.warnings.push(cut_warning(broken.len() - LINES_MAX));
            broken.truncate(LINES_MAX);
        }
        let mut lines = vec![all];
        lines.append(&mut broken);
        let buckets = match ask.trend {
            None => Vec::new(),
            Some(grain) => {
                let mut bounds_us = ground.calendar.boundaries_us(main.days, grain);
                bounds_us.pop();
                bounds_us
            }
        };
        Ok(FunnelView { lines, compared, buckets, about })
    }

    /// The people of a number of any funnel: the plain one is the funnel without modes.
    pub(super) fn select_funnel(
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        (ask, at): (&AskFunnel, &FunnelPoint),
    ) -> Result<Selecting, EngineError> {
        let question = FunnelQuestion::new(compiler, ground, main, ask)?;
        let at_step = step(at.step, ask.steps.len())?;
        let stood = if at.stopped { Stood::StoppedAt(at_step) } else { Stood::Reached(at_step) };
        let (line, bucket) = (at.line.clone(), at.bucket);
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = question.masks.all(rows);
            let ((mut labels, texts), hold) = question.columns(rows);
            if question.by_entry {
                entry_labels(&every(rows, &masks, keep), question.period, &mut labels);
            }
            let label = match &line {
                None => None,
                Some(line) => match &line.label {
                    None => Some(NO_CODE),
                    // A label this bucket does not have selects nobody in it.
                    Some(wanted) => match texts.iter().position(|text| text == wanted) {
                        Some(code) => Some(code as u32),
                        None => return Vec::new(),
                    },
                },
            };
            let columns = ModeColumns { labels: &labels, hold: &hold };
            let selector = Selector { stood, label, bucket };
            let selected = modes::select(every(rows, &masks, keep), columns, &question.plan, selector);
            let listed = |one: modes::Selected| Listed {
                person: one.person,
                last_us: one.last_step_us,
                entered_us: Some(one.start_us),
            };
            selected.into_iter().map(listed).collect()
        }))
    }
}

/// Codes of labels over all buckets: 0 is none.
#[derive(Default)]
struct Labels {
    texts: Vec<String>,
    codes: HashMap<String, u32>,
}

impl Labels {
    fn code(&mut self, text: Option<&String>) -> u32 {
        let Some(text) = text else { return 0 };
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        self.texts.push(text.clone());
        let code = self.texts.len() as u32;
        self.codes.insert(text.clone(), code);
        code
    }

    fn text(&self, code: u32) -> Option<String> {
        (code as usize).checked_sub(1).and_then(|at| self.texts.get(at)).cloned()
    }
}

/// Gives all rows of a person the label of their first start in the period; those who never start keep theirs.
fn entry_labels(rows: &analysis::Rows<'_>, period: analysis::Period, labels: &mut [u32]) {
    if labels.is_empty() {
        return;
    }
    let starts = analysis::funnel::first_starts(rows, period);
    for (own, start) in rows.person_starts.windows(2).zip(starts) {
        if let Some(start) = start {
            let label = labels[start];
            labels[own[0]..own[1]].fill(label);
        }
    }
}

/// Median time from the step before, by step.
pub(super) fn step_times(times: impl Iterator<Item = Option<analysis::Spread>>) -> Vec<Figure> {
    let figure = |spread| figures::seconds("funnel.step_time", spread, None, |spread| spread.median_us);
    times.map(figure).collect()
}

/// Units that did the last step, of those that did the first.
fn ends(line: &FunnelLine) -> (u64, u64) {
    let (first, last) = (line.units.first(), line.units.last());
    (last.copied().unwrap_or(0), first.copied().unwrap_or(0))
}

/// Every line against everybody else; lines that overlap cannot be compared so.
fn compare_lines(all: &FunnelLine, lines: &mut [FunnelLine], at: BreakdownAt) {
    if at == BreakdownAt::Any || lines.len() < 2 {
        return;
    }
    let (all_last, all_first) = ends(all);
    let difference = |line: &FunnelLine| {
        let (last, first) = ends(line);
        // Attempts without the step that labels are in no line, but they are part of the others.
        two_proportions((last, first), (all_last - last, all_first - first))
    };
    let found: Vec<_> = lines.iter().map(difference).collect();
    let p: Vec<f64> = found.iter().flatten().map(|difference| difference.p).collect();
    let mut adjusted = benjamini_hochberg(&p).into_iter();
    for (line, difference) in lines.iter_mut().zip(found) {
        line.differs = difference.and_then(|difference| Some(difference_view(difference, adjusted.next()?)));
    }
}

fn difference_view(difference: analysis::compare::Difference, q: f64) -> DifferenceView {
    DifferenceView {
        difference: difference.difference,
        low: difference.interval.low,
        high: difference.interval.high,
        p: difference.p,
        q,
    }
}

fn line(label: Option<String>, line: &ModeLine) -> FunnelLine {
    let units: Vec<u64> = line.steps.iter().map(|step| step.units).collect();
    let (first, last) = (units.first().copied().unwrap_or(0), units.last().copied().unwrap_or(0));
    let spread = line.steps.last().and_then(|step| step.from_start);
    let convert = |conversion: &Conversion| ConvertView {
        n: conversion.n,
        quantiles: conversion.quantiles_us.iter().map(|us| *us as f64 / 1e6).collect(),
        from: conversion.histogram.from_us as f64 / 1e6,
        width: conversion.histogram.width_us as f64 / 1e6,
        counts: conversion.histogram.counts.clone(),
    };
    FunnelLine {
        label,
        reached: line.steps.iter().map(|step| step.people).collect(),
        stopped: line.steps.iter().map(|step| step.stopped).collect(),
        conversion: figures::share("funnel.conversion", last, first, None, None),
        median_time: figures::seconds("funnel.median_time", spread, None, |spread| spread.median_us),
        p90_time: figures::seconds("funnel.p90_time", spread, None, |spread| spread.p90_us),
        step_times: step_times(line.steps.iter().map(|step| step.from_previous)),
        convert: line.conversion.as_ref().map(convert),
        trend: line.trend.clone(),
        units,
        differs: None,
    }
}
