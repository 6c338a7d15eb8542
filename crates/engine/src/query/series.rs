//! Trends of several series, and formulas over them: one scan for all.

use super::answers::plan_problem;
use super::compile::{Compiler, Numbers, RuleSet};
use super::matched::Matched;
use super::scope::{SegmentTest, keep, view};
use crate::{Engine, EngineError};
use analysis::NO_AMOUNT;
use analysis::trend::{
    self, Series, TrendAnswer, TrendColumns, TrendPlan, TrendPoint, TrendState, cumulative, moving_average,
};
use model::ask::{AskTrend, TrendBreakdown, TrendMeasure, TrendSeries};
use model::time::Grain;
use model::view::{SeriesLine, TrendView};
use model::{Arithmetic, Problem, Problems};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Cancel, Rows};

/// Series have letters.
const SERIES_MAX: usize = 26;
/// Labels of a breakdown.
const LABELS_MAX: usize = 12;
/// Numbers of properties are kept as integers of this many parts.
const SCALE: f64 = 1e6;

/// One series ready for a scan.
struct Compiled {
    rules: Option<RuleSet>,
    /// Where its number stands; `None`: the amount.
    slots: Option<Vec<usize>>,
}

/// One scope ready for a scan.
struct ScopeFold {
    keep: Vec<SegmentTest>,
    plan: TrendPlan,
    /// Only rows with bit 0.
    plan_of_rules: TrendPlan,
}

struct SeriesFold {
    series: Vec<Compiled>,
    scopes: Vec<ScopeFold>,
    breakdown: Option<TrendBreakdown>,
}

impl SeriesFold {
    /// One state per scope and series.
    fn fold(&self, rows: &Rows) -> Vec<Vec<TrendState>> {
        let codes = match self.breakdown {
            None => &[][..],
            Some(TrendBreakdown::Channel) => &rows.channel,
            Some(TrendBreakdown::Event) => &rows.event,
        };
        let keeps: Vec<Vec<bool>> = self.scopes.iter().map(|scope| keep(&scope.keep, rows)).collect();
        let mut states: Vec<Vec<TrendState>> = self.scopes.iter().map(|_| Vec::new()).collect();
        for series in &self.series {
            let matched = series.rules.as_ref().map(|rules| Matched::new(&[rules], rows));
            let at: Vec<u32> = match &matched {
                Some(matched) => matched.rows.clone(),
                None => (0..rows.n_rows() as u32).collect(),
            };
            let label = |row: &u32| codes.get(*row as usize).map(|code| u32::from(*code));
            let labels: Vec<u32> = at.iter().filter_map(label).collect();
            let values = series.values(rows, &at);
            let columns = TrendColumns { labels: &labels, values: &values };
            for ((scope, keep), states) in self.scopes.iter().zip(&keeps).zip(&mut states) {
                states.push(match &matched {
                    Some(matched) => trend::fold(matched.view(rows, 0, keep), columns, &scope.plan_of_rules),
                    None => trend::fold(view(rows, keep), columns, &scope.plan),
                });
            }
        }
        states
    }
}

impl Compiled {
    fn values(&self, rows: &Rows, at: &[u32]) -> Vec<i64> {
        let Some(slots) = &self.slots else { return Vec::new() };
        let numbers = Numbers::new(rows, slots);
        let value =
            |row: &u32| numbers.get(*row as usize).map_or(NO_AMOUNT, |value| (value * SCALE).round() as i64);
        at.iter().map(value).collect()
    }
}

impl Engine {
    /// Series and formulas of a trend.
    pub(crate) async fn series_view(
        &self,
        ask: &AskTrend,
        cancel: &Cancel,
    ) -> Result<TrendView, EngineError> {
        if ask.series.is_empty() || ask.series.len() > SERIES_MAX {
            let n = ask.series.len();
            return Err(plan_problem(&format!(
                "a trend with formulas has 1 to {SERIES_MAX} series, got {n}"
            )));
        }
        let formulas = parsed(ask)?;
        let ground = self.ground().await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let other = self.resolve_compare(&ground, &main, &ask.compare).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        compiler.columns.channel |= ask.breakdown == Some(TrendBreakdown::Channel);
        let series: Vec<Compiled> = ask.series.iter().map(|one| compiled(&mut compiler, one)).collect();
        let grain = ask.grain.unwrap_or_else(|| Grain::for_days(main.days.n_days()));
        let bounds = ground.calendar.boundaries_us(main.days, grain);
        let mut scopes = Vec::new();
        for scope in std::iter::once(&main).chain(&other) {
            let bounds = ground.calendar.boundaries_us(scope.days, grain);
            scopes.push(scope_fold(
                self.tests(&mut compiler, &scope.segments, &ground, cancel).await?,
                bounds,
            )?);
        }
        let fold = Arc::new(SeriesFold { series, scopes, breakdown: ask.breakdown });
        let (columns, folding) = (compiler.columns.clone(), fold.clone());
        let buckets = self.fold(&ground.snapshot, columns, cancel, move |rows| folding.fold(rows)).await?;
        let answers = finished(&fold, buckets);
        let names = ground.snapshot.names();
        let text = |code: u32| match ask.breakdown {
            Some(TrendBreakdown::Channel) => names.channel_name(code as u16).to_owned(),
            _ => names.event_name(code as u16).to_owned(),
        };
        let mut lines = Vec::new();
        for label in std::iter::once(None).chain(largest(&answers[0]).into_iter().map(Some)) {
            let mut own = lines_of(ask, &formulas, &answers[0], label);
            if let Some(previous) = answers.get(1) {
                for (line, before) in own.iter_mut().zip(lines_of(ask, &formulas, previous, label)) {
                    line.previous_total = before.total;
                    line.previous = before.values;
                    line.previous.resize(line.values.len(), None);
                }
            }
            own.iter_mut().for_each(|line| line.label = label.map(text));
            lines.append(&mut own);
        }
        let n_people = answers[0].first().map_or(0, |series| series.all.total.people);
        let buckets = bounds.split_last().map(|(_, starts)| starts.to_vec()).unwrap_or_default();
        let about = ground.about(&main, &compiler, n_people);
        Ok(TrendView { buckets, lines: Vec::new(), series: lines, about })
    }
}

fn parsed(ask: &AskTrend) -> Result<Vec<Arithmetic>, EngineError> {
    let formula = |(index, one): (usize, &model::ask::TrendFormula)| {
        let parsed = Arithmetic::parse(&one.formula, ask.series.len());
        parsed.map_err(|Problems(problems)| {
            let at = |problem: Problem| problem.at(format!("formulas[{index}].formula"));
            Problems(problems.into_iter().map(at).collect()).into()
        })
    };
    ask.formulas.iter().enumerate().map(formula).collect()
}

fn compiled(compiler: &mut Compiler<'_>, series: &TrendSeries) -> Compiled {
    let rules = series.when.as_ref().map(|rule| compiler.rules(&[std::slice::from_ref(rule)]));
    let needs_value = matches!(series.measure, TrendMeasure::Sum | TrendMeasure::Average);
    let property = series.property.as_deref().filter(|property| needs_value && *property != "amount");
    compiler.columns.amount |= needs_value && property.is_none();
    Compiled { rules, slots: property.map(|property| compiler.property(property)) }
}

fn scope_fold(keep: Vec<SegmentTest>, bounds_us: Vec<i64>) -> Result<ScopeFold, EngineError> {
    let plan = |include| TrendPlan::new(bounds_us.clone(), include).map_err(|e| plan_problem(&e.to_string()));
    Ok(ScopeFold { keep, plan: plan(None)?, plan_of_rules: plan(Some(1))? })
}

/// One answer per scope and series.
fn finished(fold: &SeriesFold, buckets: Vec<Vec<Vec<TrendState>>>) -> Vec<Vec<TrendAnswer>> {
    let empty = |scope: &ScopeFold| fold.series.iter().map(|_| TrendState::empty(&scope.plan)).collect();
    let mut all: Vec<Vec<TrendState>> = fold.scopes.iter().map(empty).collect();
    for bucket in buckets {
        for (all, one) in all.iter_mut().zip(bucket) {
            let merged = std::mem::take(all).into_iter().zip(one).map(|(all, one)| all.merge(one));
            *all = merged.collect();
        }
    }
    all.into_iter().map(|states| states.into_iter().map(TrendState::finish).collect()).collect()
}

/// Labels with most events over all series.
fn largest(answers: &[TrendAnswer]) -> Vec<u32> {
    let mut events: BTreeMap<u32, u64> = BTreeMap::new();
    for (label, series) in answers.iter().flat_map(|answer| &answer.by_label) {
        *events.entry(*label).or_default() += series.total.events;
    }
    let mut ranked: Vec<(u32, u64)> = events.into_iter().collect();
    ranked.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    ranked.into_iter().take(LABELS_MAX).map(|(label, _)| label).collect()
}

/// The series, then the formulas, of one label.
fn lines_of(
    ask: &AskTrend,
    formulas: &[Arithmetic],
    answers: &[TrendAnswer],
    label: Option<u32>,
) -> Vec<SeriesLine> {
    let of_label = |answer: &TrendAnswer| match label {
        None => Some(answer.all.clone()),
        Some(label) => answer.by_label.iter().find(|(own, _)| *own == label).map(|(_, own)| own.clone()),
    };
    let n_buckets = answers.first().map_or(0, |answer| answer.all.points.len());
    let lines = ask.series.iter().zip(answers).enumerate().map(|(at, (asked, answer))| {
        let empty = || Series { points: vec![TrendPoint::default(); n_buckets], ..Series::default() };
        let series = of_label(answer).unwrap_or_else(empty);
        SeriesLine {
            key: Arithmetic::letter(at).to_string(),
            name: asked.name.clone(),
            values: measured(ask, asked, &series.points),
            total: point_value(asked, &series.total),
            label: None,
            previous: Vec::new(),
            previous_total: None,
        }
    });
    let mut lines: Vec<SeriesLine> = lines.collect();
    let computed = formulas.iter().zip(&ask.formulas).map(|(formula, asked)| SeriesLine {
        key: asked.formula.clone(),
        name: asked.name.clone(),
        // Formulas are of the smoothed or summed series, so that a ratio is a ratio of sums.
        values: (0..n_buckets).map(|at| formula.evaluate(|series| lines[series].values[at])).collect(),
        total: formula.evaluate(|series| lines[series].total),
        label: None,
        previous: Vec::new(),
        previous_total: None,
    });
    let computed: Vec<SeriesLine> = computed.collect();
    lines.extend(computed);
    lines
}

/// Above and below the line of a measure at one point; no line: below is absent.
fn parts(series: &TrendSeries, point: &TrendPoint) -> (f64, Option<f64>) {
    let is_amount = series.property.as_deref().is_none_or(|property| property == "amount");
    let sum = point.sum as f64 / if is_amount { 100.0 } else { SCALE };
    match series.measure {
        TrendMeasure::Count => (point.events as f64, None),
        TrendMeasure::People => (point.people as f64, None),
        TrendMeasure::Sum => (sum, None),
        TrendMeasure::Average => (sum, Some(point.n_values as f64)),
        TrendMeasure::PerPerson => (point.events as f64, Some(point.people as f64)),
    }
}

fn divided((above, below): (f64, Option<f64>)) -> Option<f64> {
    match below {
        None => Some(above),
        Some(0.0) => None,
        Some(below) => Some(above / below),
    }
}

fn point_value(series: &TrendSeries, point: &TrendPoint) -> Option<f64> {
    divided(parts(series, point))
}

/// The values of a series, smoothed and summed above and below the line alike.
fn measured(ask: &AskTrend, series: &TrendSeries, points: &[TrendPoint]) -> Vec<Option<f64>> {
    let transform = |values: Vec<f64>| {
        let summed = if ask.cumulative { cumulative(&values) } else { values };
        ask.smooth.map_or_else(|| summed.clone(), |n| moving_average(&summed, n))
    };
    let above = transform(points.iter().map(|point| parts(series, point).0).collect());
    let below = transform(points.iter().map(|point| parts(series, point).1.unwrap_or(1.0)).collect());
    let has_line = points.first().is_some_and(|point| parts(series, point).1.is_some());
    let value = |(above, below): (&f64, &f64)| divided((*above, has_line.then_some(*below)));
    above.iter().zip(&below).map(value).collect()
}
