//! Metrics: formulas over events and cost series, their history, and their change.

use super::compile::{Compiler, Numbers, RuleSet};
use super::figures;
use super::kept::Lasting;
use super::matched::Matched;
use super::scope::{Ground, Resolved, SegmentTest, keep_for};
use crate::{Engine, EngineError};
use analysis::NO_AMOUNT;
use analysis::people::Matches;
use analysis::trend::{self, Series, TrendColumns, TrendPlan, TrendPoint, TrendState};
use model::ask::{AskMetric, Select};
use model::metric::{CostOf, Formula, Metric, Over, Unit};
use model::rule::{EventRule, Filter, OneOrMany, Op};
use model::time::Grain;
use model::view::{Figure, MetricAnswer, MetricView};
use model::{DocumentBody, Key, Kind, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Cancel, Rows};

/// Properties are summed in thousandths, so that sums stay exact whatever the order.
const SCALE: f64 = 1000.0;

/// Metrics compiled for one scan.
pub(crate) struct MetricFold {
    metrics: Vec<(Metric, Node)>,
    leaves: Vec<Leaf>,
    /// 64 leaves each.
    sets: Vec<RuleSet>,
    pub scopes: Vec<MetricScope>,
}

/// One scope: who is kept, and the buckets.
pub(crate) struct MetricScope {
    pub keep: Vec<SegmentTest>,
    plans: Vec<TrendPlan>,
}

struct Leaf {
    rule: EventRule,
    value: Option<ValueOf>,
}

enum ValueOf {
    Amount,
    Property(Vec<usize>),
}

/// A formula over numbered leaves.
enum Node {
    Events(usize),
    People(usize),
    Sum(usize, f64),
    Mean(usize, f64),
    Nps { promoters: usize, detractors: usize, all: usize },
    Cost(CostOf),
    Ratio(Box<Node>, Box<Node>),
}

/// Daily values of the cost series a set of metrics needs, already in the buckets of one scope.
pub(crate) type CostBuckets = BTreeMap<(String, Option<String>), Vec<f64>>;

impl MetricFold {
    pub fn new(compiler: &mut Compiler<'_>, metrics: Vec<Metric>) -> Self {
        let mut leaves = Vec::new();
        let metrics: Vec<(Metric, Node)> = metrics
            .into_iter()
            .map(|metric| {
                let node = node(&mut leaves, compiler, &metric.formula);
                (metric, node)
            })
            .collect();
        let sets = leaves
            .chunks(64)
            .map(|leaves: &[Leaf]| {
                let rules: Vec<&[EventRule]> =
                    leaves.iter().map(|leaf| std::slice::from_ref(&leaf.rule)).collect();
                compiler.rules(&rules)
            })
            .collect();
        Self { metrics, leaves, sets, scopes: Vec::new() }
    }

    /// Adds a scope whose history has the buckets between `bounds_us`.
    pub fn add_scope(&mut self, keep: Vec<SegmentTest>, bounds_us: &[i64]) -> Result<(), EngineError> {
        let plan = |leaf: usize| {
            TrendPlan::new(bounds_us.to_vec(), Some(1 << (leaf % 64)))
                .map_err(|error| EngineError::Internal(error.to_string()))
        };
        let plans = (0..self.leaves.len()).map(plan).collect::<Result<_, _>>()?;
        self.scopes.push(MetricScope { keep, plans });
        Ok(())
    }

    /// Everything that says who is counted.
    pub fn tests(&self) -> impl Iterator<Item = &SegmentTest> {
        self.scopes.iter().flat_map(|scope| &scope.keep)
    }

    /// One state per scope and leaf.
    pub fn fold(&self, rows: &Rows) -> Vec<Lasting<Vec<TrendState>>> {
        let matched = Matched::new(&self.sets.iter().collect::<Vec<_>>(), rows);
        let values: Vec<Vec<i64>> = self.leaves.iter().map(|leaf| leaf.values(rows, &matched)).collect();
        let state = |scope: &MetricScope| {
            let Matches { flags, holds_us } = keep_for(scope.keep.iter(), rows);
            let leaf = |index: usize| {
                let rows = matched.view(rows, index / 64, &flags);
                let columns = TrendColumns { labels: &[], values: &values[index] };
                trend::fold(rows, columns, &scope.plans[index])
            };
            Lasting { state: (0..self.leaves.len()).map(leaf).collect(), holds_us }
        };
        self.scopes.iter().map(state).collect()
    }

    /// Merges the buckets: one series per scope and leaf.
    pub fn finish(
        &self,
        buckets: impl IntoIterator<Item = Vec<Lasting<Vec<TrendState>>>>,
    ) -> Vec<Vec<Series>> {
        let empty = |scope: &MetricScope| scope.plans.iter().map(TrendState::empty).collect::<Vec<_>>();
        let mut merged: Vec<Vec<TrendState>> = self.scopes.iter().map(empty).collect();
        for bucket in buckets {
            for (all, one) in merged.iter_mut().zip(bucket) {
                let both = std::mem::take(all).into_iter().zip(one.state);
                *all = both.map(|(all, one)| all.merge(one)).collect();
            }
        }
        merged
            .into_iter()
            .map(|leaves| leaves.into_iter().map(|state| state.finish().all).collect())
            .collect()
    }

    /// The cost series the metrics need.
    pub fn costs(&self) -> Vec<CostOf> {
        let mut costs = Vec::new();
        self.metrics.iter().for_each(|(_, node)| node.costs(&mut costs));
        costs
    }

    /// All metrics by key. `costs[scope]` are the cost series in that scope's buckets.
    pub fn views(&self, series: &[Vec<Series>], costs: &[CostBuckets]) -> BTreeMap<Key, MetricView> {
        let views = self.metrics.iter().map(|(metric, node)| {
            let view = MetricView {
                key: metric.key.clone(),
                name: metric.name.clone(),
                description: metric.description.clone(),
                figure: figure(metric, node, series, costs),
            };
            (metric.key.clone(), view)
        });
        views.collect()
    }
}

fn figure(metric: &Metric, node: &Node, series: &[Vec<Series>], costs: &[CostBuckets]) -> Figure {
    let total =
        |scope: usize| node.value(&Reading { series: &series[scope], costs: &costs[scope], at: None });
    let n_buckets = series[0].first().map_or(0, |series| series.points.len());
    let bucket = |at: usize| node.value(&Reading { series: &series[0], costs: &costs[0], at: Some(at) });
    let mut figure = Figure {
        value: total(0),
        unit: metric.unit,
        good: metric.good,
        n: node.n(&series[0]),
        previous: (series.len() > 1).then(|| total(1)).flatten(),
        target: metric.target,
        history: (0..n_buckets).map(bucket).collect(),
        define: "metric".to_owned(),
        ..Figure::default()
    };
    if metric.unit == Unit::Share
        && let Some((hits, n)) = node.hits(&series[0])
    {
        let share = figures::share("metric", hits, n, None, None);
        (figure.low, figure.high) = (share.low, share.high);
    }
    if let Node::People(_) = node
        && let Formula::People(rule) = &metric.formula
    {
        figure.people = Some(Select::Did { when: rule.clone() });
    }
    figure
}

fn node(leaves: &mut Vec<Leaf>, compiler: &mut Compiler<'_>, formula: &Formula) -> Node {
    let mut leaf = |rule: &EventRule, value: Option<ValueOf>| {
        leaves.push(Leaf { rule: rule.clone(), value });
        leaves.len() - 1
    };
    match formula {
        Formula::Count(rule) => Node::Events(leaf(rule, None)),
        Formula::People(rule) => Node::People(leaf(rule, None)),
        Formula::Sum(over) => {
            let (value, unit) = value_of(compiler, over);
            Node::Sum(leaf(&over.when, Some(value)), unit)
        }
        Formula::Mean(over) => {
            let (value, unit) = value_of(compiler, over);
            Node::Mean(leaf(&over.when, Some(value)), unit)
        }
        Formula::Nps(over) => {
            let mut with = |op, value: Option<f64>| {
                let value = value.map(|value| OneOrMany::One(Value::Number(value)));
                let mut rule = over.when.clone();
                rule.filters.push(Filter { property: over.property.clone(), op, value });
                leaf(&rule, None)
            };
            Node::Nps {
                promoters: with(Op::Gte, Some(9.0)),
                detractors: with(Op::Lte, Some(6.0)),
                all: with(Op::Exists, None),
            }
        }
        Formula::Cost(cost) => Node::Cost(cost.clone()),
        Formula::Ratio { of, to } => {
            let of = node(leaves, compiler, of);
            Node::Ratio(Box::new(of), Box::new(node(leaves, compiler, to)))
        }
    }
}

fn value_of(compiler: &mut Compiler<'_>, over: &Over) -> (ValueOf, f64) {
    if over.property == "amount" {
        compiler.columns.amount = true;
        (ValueOf::Amount, 100.0)
    } else {
        (ValueOf::Property(compiler.property(&over.property)), SCALE)
    }
}

impl Leaf {
    fn values(&self, rows: &Rows, matched: &Matched) -> Vec<i64> {
        match &self.value {
            None | Some(ValueOf::Amount) => Vec::new(),
            Some(ValueOf::Property(slots)) => {
                let numbers = Numbers::new(rows, slots);
                let value = |row: &u32| {
                    numbers.get(*row as usize).map_or(NO_AMOUNT, |value| (value * SCALE).round() as i64)
                };
                matched.rows.iter().map(value).collect()
            }
        }
    }
}

/// Where a node reads: one bucket, or all together.
struct Reading<'a> {
    series: &'a [Series],
    costs: &'a CostBuckets,
    at: Option<usize>,
}

impl Reading<'_> {
    fn point(&self, leaf: usize) -> TrendPoint {
        let series = &self.series[leaf];
        self.at.map_or(series.total, |at| series.points[at])
    }
}

impl Node {
    fn value(&self, reading: &Reading<'_>) -> Option<f64> {
        match self {
            Self::Events(leaf) => Some(reading.point(*leaf).events as f64),
            Self::People(leaf) => Some(reading.point(*leaf).people as f64),
            Self::Sum(leaf, unit) => Some(reading.point(*leaf).sum as f64 / unit),
            Self::Mean(leaf, unit) => reading.point(*leaf).average().map(|mean| mean / unit),
            Self::Nps { promoters, detractors, all } => {
                let events = |leaf: &usize| reading.point(*leaf).events as f64;
                let n = events(all);
                (n > 0.0).then(|| (events(promoters) - events(detractors)) / n * 100.0)
            }
            Self::Cost(cost) => {
                let buckets = reading.costs.get(&(cost.series.clone(), cost.channel.clone()))?;
                Some(reading.at.map_or_else(|| buckets.iter().sum(), |at| buckets[at]))
            }
            Self::Ratio(of, to) => {
                let (of, to) = (of.value(reading)?, to.value(reading)?);
                (to != 0.0).then(|| of / to)
            }
        }
    }

    /// What the value rests on: events, people or values.
    fn n(&self, series: &[Series]) -> u64 {
        match self {
            Self::Events(leaf) => series[*leaf].total.events,
            Self::People(leaf) => series[*leaf].total.people,
            Self::Sum(leaf, _) | Self::Mean(leaf, _) => series[*leaf].total.n_values,
            Self::Nps { all, .. } => series[*all].total.events,
            Self::Cost(_) => 0,
            Self::Ratio(_, to) => to.n(series),
        }
    }

    /// Hits and trials of a ratio of two counts, where it can be a share.
    fn hits(&self, series: &[Series]) -> Option<(u64, u64)> {
        let Self::Ratio(of, to) = self else { return None };
        let (hits, n) = match (&**of, &**to) {
            (Self::People(of), Self::People(to)) => (series[*of].total.people, series[*to].total.people),
            (Self::Events(of), Self::Events(to)) => (series[*of].total.events, series[*to].total.events),
            _ => return None,
        };
        (hits <= n).then_some((hits, n))
    }

    fn costs(&self, into: &mut Vec<CostOf>) {
        match self {
            Self::Cost(cost) => into.push(cost.clone()),
            Self::Ratio(of, to) => {
                of.costs(into);
                to.costs(into);
            }
            _ => {}
        }
    }
}

impl Engine {
    pub(crate) async fn metrics(
        &self,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<Vec<Metric>, EngineError> {
        let wanted: std::collections::BTreeSet<Key> = keys.into_iter().collect();
        let mut metrics = Vec::new();
        for document in self.documents(Kind::Metric).await? {
            if let DocumentBody::Metric(metric) = document.body
                && wanted.contains(&metric.key)
            {
                metrics.push(metric);
            }
        }
        Ok(metrics)
    }

    /// The cost series in the buckets of one scope. Costs belong to nobody, so a segment does not cut them.
    pub(crate) async fn cost_buckets(
        &self,
        ground: &Ground,
        scope: &Resolved,
        costs: &[CostOf],
        bounds_us: &[i64],
    ) -> Result<CostBuckets, EngineError> {
        let mut buckets = CostBuckets::new();
        for cost in costs {
            let (from, to) = (meta_day(scope.days.from), meta_day(scope.days.to));
            let points = self.meta.series(&cost.series, from, to).await?;
            let mut sums = vec![0.0; bounds_us.len().saturating_sub(1)];
            for point in points {
                if cost.channel.as_ref().is_some_and(|channel| *channel != point.channel) {
                    continue;
                }
                let start_us = ground.calendar.start_of_day_us(day_of_meta(point.day));
                let bucket = bounds_us.partition_point(|bound| *bound <= start_us);
                if let Some(sum) = bucket.checked_sub(1).and_then(|bucket| sums.get_mut(bucket)) {
                    *sum += point.value;
                }
            }
            buckets.insert((cost.series.clone(), cost.channel.clone()), sums);
        }
        Ok(buckets)
    }

    pub(crate) async fn metric_answer(
        &self,
        ask: &AskMetric,
        cancel: &Cancel,
    ) -> Result<MetricAnswer, EngineError> {
        let ground = self.ground().await?;
        let metrics = self.metrics([ask.metric.clone()]).await?;
        if metrics.is_empty() {
            return Err(Self::missing(Kind::Metric, &ask.metric));
        }
        let main = self.resolve(&ground, &ask.scope).await?;
        let other = self.resolve_compare(&ground, &main, &ask.compare).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let mut fold = MetricFold::new(&mut compiler, metrics);
        let bounds = ground.calendar.boundaries_us(main.days, Grain::for_days(main.days.n_days()));
        let mut costs = Vec::new();
        for scope in std::iter::once(&main).chain(&other) {
            let own = if costs.is_empty() {
                bounds.clone()
            } else {
                vec![scope.period.from_us, scope.period.to_us]
            };
            costs.push(self.cost_buckets(&ground, scope, &fold.costs(), &own).await?);
            fold.add_scope(self.tests(&mut compiler, &scope.segments, &ground, cancel).await?, &own)?;
        }
        let fold = Arc::new(fold);
        let (columns, folding) = (compiler.columns.clone(), fold.clone());
        let key = self.lasting_key(("metric", ask), &ground, [Some(&main), other.as_ref()], fold.tests());
        let buckets = self.fold_again(key, &ground, columns, cancel, move |rows| folding.fold(rows)).await?;
        let series = fold.finish(buckets);
        let mut views = fold.views(&series, &costs);
        let metric = views.remove(&ask.metric).ok_or_else(|| Self::missing(Kind::Metric, &ask.metric))?;
        let n_people = metric.figure.n;
        let buckets = bounds.split_last().map(|(_, starts)| starts.to_vec()).unwrap_or_default();
        Ok(MetricAnswer { metric, buckets, about: ground.about(&main, &compiler, n_people) })
    }
}

/// Days since 1970-01-01, as `meta` keeps them.
pub(crate) fn meta_day(day: jiff::civil::Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(day).map_or(0, |span| span.get_days())
}

fn day_of_meta(day: i32) -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day))
}
