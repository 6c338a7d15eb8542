//! Attribution: one scan for all models, costs beside it.

use super::answers::plan_problem;
use super::compile::{Compiler, RuleSet};
use super::labels::Labels;
use super::matched::Matched;
use super::metrics::meta_day;
use super::scope::{Ground, Resolved, keep, view};
use crate::{Engine, EngineError};
use analysis::attribution::{
    self, AttributionPlan, AttributionRules, AttributionState, Bootstrap, Container, Estimate, LabelCost,
    LabelRow, Model, PathCounts, Position, Reuse, Selected, Selector,
};
use model::Problem;
use model::ask::{AskAttribution, AttributionModel, Select, TouchLabel};
use model::metric::{Direction, Unit};
use model::rule::EventRule;
use model::time::LOOKBACK_US;
use model::view::{AttributionModelView, AttributionRow, AttributionView, Figure, PathRow};
use std::sync::Arc;
use store::{Cancel, Rows};

/// Replicates when none are given: enough for ends of a 95 % interval that hardly move.
const REPLICATES: usize = 200;
/// Seed of every interval: the same question has the same answer.
const SEED: u64 = 0x6769_6c6d_6f6b;

/// An attribution ready for a scan.
pub(crate) struct AttributionFold {
    rules: RuleSet,
    labels: Labels,
    plan: AttributionPlan,
    /// Sessions are cut by every row, not only by those that match.
    is_by_session: bool,
}

impl AttributionFold {
    /// The credits of one bucket.
    fn fold(&self, rows: &Rows, keep: &[bool]) -> AttributionState {
        self.read(rows, keep, |view, labels| attribution::fold(view, labels, &self.plan))
    }

    /// The people behind a row of the answer.
    pub fn select(&self, rows: &Rows, keep: &[bool], selector: Selector) -> Vec<Selected> {
        self.read(rows, keep, |view, labels| attribution::select(view, labels, &self.plan, selector))
    }

    fn read<T>(&self, rows: &Rows, keep: &[bool], read: impl FnOnce(analysis::Rows<'_>, &[u16]) -> T) -> T {
        if self.is_by_session {
            let all: Vec<u32> = (0..rows.n_rows() as u32).collect();
            let masks = self.rules.masks_at(rows, &all);
            let labels = self.labels.codes(rows, &all);
            return read(analysis::Rows { mask: &masks, ..view(rows, keep) }, &labels);
        }
        let matched = Matched::new(&[&self.rules], rows);
        let labels = self.labels.codes(rows, &matched.rows);
        read(matched.view(rows, 0, keep), &labels)
    }

    /// The code of a label of the answer; `None` of one that does not occur.
    pub fn code(&self, label: &str, ground: &Ground) -> Option<u16> {
        self.labels.code(label, ground.snapshot.names())
    }
}

impl Engine {
    pub(crate) async fn attribution_view(
        &self,
        ask: &AskAttribution,
        cancel: &Cancel,
    ) -> Result<AttributionView, EngineError> {
        let ground = self.ground().await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let tests = self.tests(&mut compiler, &main.segments, &ground, cancel).await?;
        let mut prepared = self.attribution_fold(&mut compiler, &ground, &main, ask, cancel).await?;
        let costs = self.label_costs(&mut prepared.labels, &ground, &main, ask).await?;
        let prepared = Arc::new(prepared);
        let (folding, columns) = (prepared.clone(), compiler.columns.clone());
        let fold = move |rows: &Rows| folding.fold(rows, &keep(&tests, rows));
        let key = self.fold_key(("attribution", ask), &ground, &main).and(&prepared.labels.texts());
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let state = buckets.into_iter().fold(AttributionState::default(), AttributionState::merge);
        let paths = state.paths().top(ask.n_paths.unwrap_or(20).min(100));
        let answer = state.finish(&prepared.plan, &costs);
        let mut about = ground.about(&main, &compiler, answer.people);
        let asked = asked_models(ask);
        let models = answer.models.iter().zip(&asked).enumerate().map(|(index, (model, asked))| {
            if let Some(too_many) = model.too_many_states {
                about.warnings.push(too_many_states(too_many.got));
            }
            if model.has_no_intervals {
                about.warnings.push(no_intervals());
            }
            let row = |row: &LabelRow| {
                let label =
                    row.label.map(|code| prepared.labels.text(code, ground.snapshot.names()).to_owned());
                row_view(ask, index, label, row, answer.conversions)
            };
            AttributionModelView { model: *asked, rows: model.rows.iter().map(row).collect() }
        });
        let models = models.collect();
        let path = |(labels, counts): (Vec<u16>, PathCounts)| PathRow {
            labels: labels
                .iter()
                .map(|code| Some(prepared.labels.text(*code, ground.snapshot.names()).to_owned()))
                .collect(),
            n_conversions: counts.conversions,
            amount: counts.amount as f64 / 100.0,
            n_without: counts.nulls,
        };
        Ok(AttributionView {
            n_conversions: answer.conversions,
            amount: answer.amount as f64 / 100.0,
            n_people: answer.people,
            models,
            paths: paths.into_iter().map(path).collect(),
            about,
        })
    }

    /// Compiles a question; adds to the columns of the compiler what it needs.
    pub(crate) async fn attribution_fold(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        ask: &AskAttribution,
        cancel: &Cancel,
    ) -> Result<AttributionFold, EngineError> {
        compiler.columns.amount = true;
        let sets: [&[EventRule]; 2] = [std::slice::from_ref(&ask.conversion), &ask.touches];
        let rules = compiler.rules(&sets);
        let labels = self.labels(compiler, ground, main, (&ask.by, &ask.touches), cancel).await?;
        let names = ground.snapshot.names();
        let container = match ask.session_gap {
            None => Container::Person,
            Some(gap) => Container::Session { gap_us: gap.us },
        };
        let plan = AttributionPlan::new(AttributionRules {
            models: asked_models(ask).iter().map(compiled).collect(),
            conversion: 0b01,
            touch: 0b10,
            lookback_us: ask.lookback.map_or(LOOKBACK_US, |lookback| lookback.us),
            container,
            reuse: if ask.fresh { Reuse::Fresh } else { Reuse::Again },
            direct: ask.direct.iter().filter_map(|label| labels.code(label, names)).collect(),
            period: main.period,
            bootstrap: Bootstrap { replicates: ask.replicates.unwrap_or(REPLICATES), seed: SEED },
        });
        let plan = plan.map_err(|error| plan_problem(&error.to_string()))?;
        Ok(AttributionFold { rules, labels, plan, is_by_session: ask.session_gap.is_some() })
    }

    /// The cost series in the period by label: by channel, or by campaign where labels are a property.
    async fn label_costs(
        &self,
        labels: &mut Labels,
        ground: &Ground,
        main: &Resolved,
        ask: &AskAttribution,
    ) -> Result<Vec<LabelCost>, EngineError> {
        let Some(series) = &ask.cost else { return Ok(Vec::new()) };
        let (from, to) = (meta_day(main.days.from), meta_day(main.days.to));
        let mut sums: std::collections::BTreeMap<String, f64> = std::collections::BTreeMap::new();
        for point in self.meta.series(series, from, to).await? {
            let label = match &ask.by {
                TouchLabel::Channel => point.channel,
                TouchLabel::Property(key) if key == "channel" => point.channel,
                TouchLabel::Property(_) => point.campaign,
                TouchLabel::Event => String::new(),
            };
            // What belongs to no label cannot be set against one.
            if !label.is_empty() {
                *sums.entry(label).or_default() += point.value;
            }
        }
        let names = ground.snapshot.names();
        let cost = |(text, value): (String, f64)| {
            let label = labels.code_or_new(&text, names)?;
            Some(LabelCost { label, cost: (value * 100.0).round() as i64 })
        };
        Ok(sums.into_iter().filter_map(cost).collect())
    }
}

/// The models asked for; the last touch when none is.
fn asked_models(ask: &AskAttribution) -> Vec<AttributionModel> {
    if ask.models.is_empty() { vec![AttributionModel::Last] } else { ask.models.clone() }
}

fn compiled(model: &AttributionModel) -> Model {
    match *model {
        AttributionModel::First => Model::First,
        AttributionModel::Last => Model::Last,
        AttributionModel::LastNonDirect => Model::LastNonDirect,
        AttributionModel::Linear => Model::Linear,
        AttributionModel::U => Model::Position(Position::U),
        AttributionModel::J => Model::Position(Position::J),
        AttributionModel::InverseJ => Model::Position(Position::INVERSE_J),
        AttributionModel::Position { first, middle, last } => {
            Model::Position(Position { first, middle, last })
        }
        AttributionModel::TimeDecay { half_life } => {
            Model::TimeDecay { half_life_us: half_life.map_or(Model::HALF_LIFE_US, |half_life| half_life.us) }
        }
        AttributionModel::Participation => Model::Participation,
        AttributionModel::Markov { order } => Model::Markov { order: order.unwrap_or(1) },
        AttributionModel::Shapley => Model::Shapley,
    }
}

fn row_view(
    ask: &AskAttribution,
    model: usize,
    label: Option<String>,
    row: &LabelRow,
    n_conversions: u64,
) -> AttributionRow {
    let figure = |define: &str, unit: Unit, good: Direction, estimate: Option<Estimate>, scale: f64| Figure {
        value: estimate.map(|estimate| estimate.value * scale),
        unit,
        good,
        n: row.people,
        low: estimate.and_then(|estimate| estimate.interval).map(|interval| interval.low * scale),
        high: estimate.and_then(|estimate| estimate.interval).map(|interval| interval.high * scale),
        define: define.to_owned(),
        ..Figure::default()
    };
    let select = Select::Attribution { of: Box::new(ask.clone()), model, label: label.clone() };
    let conversions =
        figure("attribution.conversions", Unit::Number, Direction::Up, Some(row.conversions), 1.0);
    let share = (n_conversions > 0).then(|| Estimate { interval: None, ..row.conversions });
    let amount = Estimate { value: row.amount as f64, interval: row.amount_interval };
    AttributionRow {
        conversions: Figure { people: Some(select), ..conversions },
        share: figure(
            "attribution.share",
            Unit::Share,
            Direction::None,
            share,
            1.0 / n_conversions.max(1) as f64,
        ),
        amount: figure("attribution.amount", Unit::Money, Direction::Up, Some(amount), 0.01),
        cost: row.cost.map(|cost| cost as f64 / 100.0),
        cost_per_conversion: figure(
            "attribution.cost_per_conversion",
            Unit::Money,
            Direction::Down,
            row.cost_per_conversion,
            0.01,
        ),
        return_on_cost: figure(
            "attribution.return_on_cost",
            Unit::Number,
            Direction::Up,
            row.return_on_cost,
            1.0,
        ),
        removal_effect: row.removal_effect,
        label,
    }
}

fn no_intervals() -> Problem {
    Problem::error(
        "attribution.no_intervals",
        (
            "마르코프 사슬이 커서 구간 없이 값만 구했습니다.",
            "The Markov chain is large: its values are told without intervals.",
        ),
        (
            "구간이 필요하면 차수를 낮추거나 라벨을 묶으세요.",
            "Lower the order or group the labels if you need intervals.",
        ),
    )
    .warning()
}

fn too_many_states(got: usize) -> Problem {
    let most = attribution::markov::STATES_MAX;
    Problem::error(
        "attribution.too_many_states",
        (
            format!("마르코프 사슬의 상태가 {got}개로 {most}개를 넘어 풀지 않았습니다."),
            format!("The Markov chain has {got} states, more than the {most} that are solved."),
        ),
        ("차수를 낮추거나 라벨을 묶으세요.", "Lower the order or group the labels."),
    )
    .warning()
}
