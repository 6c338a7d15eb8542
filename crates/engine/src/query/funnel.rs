//! Funnels beyond the plain one: other orders, optional steps, exclusions, units, comparison.

use super::answers::{Prepared, cut_warning, plan_problem};
use super::asked::{Selecting, every, every_row, planned};
use super::compile::{Compiler, RuleSet};
use super::figures;
use super::matched::Matched;
use super::scope::{Ground, Resolved, keep};
use super::selection::Listed;
use super::texts::Texts;
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
use model::time::SESSION_GAP_US;
use model::view::{ConvertView, DifferenceView, Figure, FunnelLine, FunnelView};
use std::collections::HashMap;
use std::sync::Arc;
use store::{Cancel, NO_CODE, Names, Rows};

/// Lines of a breakdown.
const LINES_MAX: usize = 48;

/// A funnel ready for a scan.
struct FunnelQuestion {
    rules: RuleSet,
    plan: ModePlan,
    labels: Option<Texts>,
    hold: Option<Texts>,
    names: Arc<Names>,
}

/// What the fold sees of a bucket.
enum Seen {
    /// Every row, with its mask: what stands between two steps counts.
    All(Vec<u64>),
    /// The rows that match a rule.
    Matched(Matched),
}

impl Seen {
    fn view<'a>(&'a self, rows: &'a Rows, keep: &'a [bool]) -> analysis::Rows<'a> {
        match self {
            Self::All(masks) => every(rows, masks, keep),
            Self::Matched(matched) => matched.view(rows, 0, keep),
        }
    }

    /// Codes of what the rows say, and their texts.
    fn texts(&self, texts: &Texts, rows: &Rows, names: &Names) -> (Vec<u32>, Vec<String>) {
        match self {
            Self::All(_) => texts.at(rows, &every_row(rows), names),
            Self::Matched(matched) => texts.at(rows, &matched.rows, names),
        }
    }
}

/// Columns parallel to what is seen, and the texts of the labels.
struct Seeing {
    seen: Seen,
    labels: Vec<u32>,
    texts: Vec<String>,
    hold: Vec<u32>,
}

impl Seeing {
    fn columns(&self) -> ModeColumns<'_> {
        ModeColumns { labels: &self.labels, hold: &self.hold }
    }
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
            rules: compiler.rules(&any_of),
            plan,
            labels: ask.breakdown.as_deref().map(|property| Texts::new(compiler, property)),
            hold: ask.hold.as_deref().map(|property| Texts::new(compiler, property)),
            names: ground.snapshot.names().clone(),
        })
    }

    fn see(&self, rows: &Rows) -> Seeing {
        let matched = Matched::new(&[&self.rules], rows);
        let seen = if self.plan.needs_all_rows() {
            Seen::All(matched.masks_of_all(rows))
        } else {
            Seen::Matched(matched)
        };
        let of = |texts: &Option<Texts>| texts.as_ref().map(|texts| seen.texts(texts, rows, &self.names));
        let (labels, texts) = of(&self.labels).unwrap_or_default();
        let (hold, _) = of(&self.hold).unwrap_or_default();
        Seeing { seen, labels, texts, hold }
    }

    fn fold(&self, rows: &Rows, keep: &[bool]) -> (ModeState, Vec<String>) {
        let seeing = self.see(rows);
        (modes::fold(seeing.seen.view(rows, keep), seeing.columns(), &self.plan), seeing.texts)
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
            FunnelCount::Session => Unit::Session { gap_us: ask.gap.map_or(SESSION_GAP_US, |gap| gap.us) },
            FunnelCount::Total => Unit::Attempt,
        },
        label_of: match ask.breakdown_at {
            BreakdownAt::First => LabelOf::First,
            BreakdownAt::Entry => LabelOf::Entry,
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
            let seeing = question.see(rows);
            let label = match &line {
                None => None,
                Some(line) => match &line.label {
                    None => Some(NO_CODE),
                    // A label this bucket does not have selects nobody in it.
                    Some(wanted) => match seeing.texts.iter().position(|text| text == wanted) {
                        Some(code) => Some(code as u32),
                        None => return Vec::new(),
                    },
                },
            };
            let selector = Selector { stood, label, bucket };
            let view = seeing.seen.view(rows, keep);
            let selected = modes::select(view, seeing.columns(), &question.plan, selector);
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
