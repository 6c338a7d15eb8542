//! The living map: a map document with every number measured, in one scan.

mod lanes;

use crate::query::compile::Compiler;
use crate::query::kept::Lasting;
use crate::query::metrics::{CostBuckets, MetricFold};
use crate::query::scope::{Ground, Resolved, SegmentTest};
use crate::query::stages::{JourneyFold, JourneyScope, facts, stage_plan, stage_views};
use crate::{Engine, EngineError};
use analysis::compare::two_proportions;
use analysis::stages::{StageAnswer, StageState};
use analysis::trend::{Series, TrendState};
use model::ask::AskMap;
use model::journey::Journey;
use model::map::Map;
use model::segment::Segment;
use model::time::Grain;
use model::view::{Change, Choice, MapView};
use model::{DocumentBody, Key, Kind, Problem, Text};
use std::sync::Arc;
use store::{Cancel, Rows};

/// Changes shown in the head, worst first.
const CHANGES_MAX: usize = 3;
/// A change is told when chance alone would bring it this rarely.
const CHANGE_P: f64 = 0.01;

/// A choice before its size is known.
struct Offered {
    key: Key,
    name: Text,
    segment: Segment,
}

/// Everything one scan of a map reads.
struct MapFold {
    journey: JourneyFold,
    metrics: MetricFold,
    choices: Vec<SegmentTest>,
}

/// What one bucket says: stages, metrics and the sizes of the choices.
type MapBucket = (Vec<Lasting<StageState>>, (Vec<Lasting<Vec<TrendState>>>, Vec<Lasting<u64>>));

/// What all buckets say.
pub(crate) struct Measured {
    pub answer: StageAnswer,
    pub previous: Option<StageAnswer>,
    pub series: Vec<Vec<Series>>,
    pub costs: Vec<CostBuckets>,
    choices: Vec<u64>,
}

impl MapFold {
    fn fold(&self, rows: &Rows) -> MapBucket {
        let choices = self.choices.iter().map(|test| test.n_people(rows));
        (self.journey.fold(rows), (self.metrics.fold(rows), choices.collect()))
    }

    /// Everything that says who is counted.
    fn tests(&self) -> impl Iterator<Item = &SegmentTest> {
        self.journey.tests().chain(self.metrics.tests()).chain(&self.choices)
    }

    fn finish(&self, buckets: Vec<MapBucket>, costs: Vec<CostBuckets>) -> Option<Measured> {
        let (mut stages, mut metrics) = (Vec::new(), Vec::new());
        let mut choices = vec![0; self.choices.len()];
        for (own_stages, (own_metrics, own_choices)) in buckets {
            stages.push(own_stages);
            metrics.push(own_metrics);
            choices.iter_mut().zip(own_choices).for_each(|(all, one)| *all += one.state);
        }
        let mut answers = self.journey.finish(stages).into_iter();
        let answer = answers.next()?;
        let series = self.metrics.finish(metrics);
        Some(Measured { answer, previous: answers.next(), series, costs, choices })
    }
}

impl Engine {
    pub(crate) async fn map_view(&self, ask: &AskMap, cancel: &Cancel) -> Result<MapView, EngineError> {
        let document = self.document(Kind::Map, &ask.map).await?;
        let DocumentBody::Map(map) = &document.body else {
            return Err(Self::missing(Kind::Map, &ask.map));
        };
        let journey = self.journey(&map.journey).await?;
        let ground = self.ground().await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let other = self.resolve_compare(&ground, &main, &ask.compare).await?;
        let offered = self.offered(map).await?;
        let bounds = ground.calendar.boundaries_us(main.days, Grain::for_days(main.days.n_days()));

        let mut compiler = Compiler::new(&ground.snapshot);
        let (fold, costs) = self
            .map_fold(
                &mut compiler,
                &ground,
                &journey,
                [Some(&main), other.as_ref()],
                (&offered, &bounds),
                cancel,
            )
            .await?;
        let fold = Arc::new(fold);
        let (columns, folding) = (compiler.columns.clone(), fold.clone());
        let key = self.lasting_key(("map", ask), &ground, [Some(&main), other.as_ref()], fold.tests());
        let buckets = self.fold_again(key, &ground, columns, cancel, move |rows| folding.fold(rows)).await?;
        let no_scope = || EngineError::Internal("a map without a scope".to_owned());
        let measured = fold.finish(buckets, costs).ok_or_else(no_scope)?;

        let metrics = fold.metrics.views(&measured.series, &measured.costs);
        let stages = stage_views(&journey, &measured.answer, measured.previous.as_ref());
        let lanes = lanes::lanes(map, &journey, &measured, &metrics, ground.snapshot.names());
        let mut about = ground.about(&main, &compiler, measured.answer.people);
        about.warnings.extend(doubts(&measured.answer, &journey));
        let choices: Vec<Choice> = offered
            .into_iter()
            .zip(&measured.choices)
            .map(|(offered, n_people)| Choice { key: offered.key, name: offered.name, n_people: *n_people })
            .collect();
        let (personas, segments) = choices.split_at(map.personas.len());
        Ok(MapView {
            key: map.key.clone(),
            name: map.name.clone().unwrap_or_else(|| journey.name.clone()),
            journey: journey.key.clone(),
            state: map.state,
            version: document.version,
            changed_us: document.created_us,
            scope: main.scope.clone(),
            compare: other.map(|other| other.scope),
            currency: ground.currency.clone(),
            zone: ground.zone.clone(),
            personas: personas.to_vec(),
            segments: segments.to_vec(),
            facts: facts(&journey, &measured.answer, measured.previous.as_ref()),
            changes: changes(&journey, &measured.answer, measured.previous.as_ref()),
            stages,
            lanes,
            buckets: bounds.split_last().map(|(_, starts)| starts.to_vec()).unwrap_or_default(),
            about,
        })
    }

    /// Personas, then segments, of the map's head.
    async fn offered(&self, map: &Map) -> Result<Vec<Offered>, EngineError> {
        let mut offered = Vec::new();
        for key in &map.personas {
            let (persona, segment) = self.persona(key).await?;
            offered.push(Offered { key: persona.key, name: persona.name, segment });
        }
        for key in &map.segments {
            let segment = self.segment(key).await?;
            offered.push(Offered { key: segment.key.clone(), name: segment.name.clone(), segment });
        }
        Ok(offered)
    }

    async fn map_fold(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        journey: &Journey,
        scopes: [Option<&Resolved>; 2],
        (offered, bounds): (&[Offered], &[i64]),
        cancel: &Cancel,
    ) -> Result<(MapFold, Vec<CostBuckets>), EngineError> {
        compiler.columns.amount = true;
        compiler.columns.channel = true;
        let rules = self.journey_rules(compiler, journey, ground, cancel).await?;
        let kpis = journey.stages.iter().flat_map(|stage| stage.kpis.iter().cloned());
        let mut metrics = MetricFold::new(compiler, self.metrics(kpis).await?);
        let (mut journey_scopes, mut costs) = (Vec::new(), Vec::new());
        for scope in scopes.into_iter().flatten() {
            // Only the main scope draws a history; the comparison needs its total.
            let own = if costs.is_empty() {
                bounds.to_vec()
            } else {
                vec![scope.period.from_us, scope.period.to_us]
            };
            let plan = stage_plan(journey, scope, own.clone())?;
            journey_scopes.push(JourneyScope {
                keep: self.tests(compiler, &scope.segments, ground, cancel).await?,
                plan,
            });
            costs.push(self.cost_buckets(ground, scope, &metrics.costs(), &own).await?);
            metrics.add_scope(self.tests(compiler, &scope.segments, ground, cancel).await?, &own)?;
        }
        let segments: Vec<Segment> = offered.iter().map(|offered| offered.segment.clone()).collect();
        let choices = self.tests(compiler, &segments, ground, cancel).await?;
        Ok((MapFold { journey: JourneyFold { rules, scopes: journey_scopes }, metrics, choices }, costs))
    }
}

/// Stages whose share that moved on changed by more than chance, largest fall first.
fn changes(journey: &Journey, answer: &StageAnswer, previous: Option<&StageAnswer>) -> Vec<Change> {
    let Some(previous) = previous else { return Vec::new() };
    let pairs = answer.stages.iter().zip(&previous.stages).enumerate();
    let mut changes: Vec<Change> = pairs
        .filter_map(|(index, (now, before))| {
            let next = journey.stages.get(index + 1)?;
            let now = (now.went_further, now.entered);
            let before = (before.went_further, before.entered);
            let p = two_proportions(before, now).map(|change| change.p).filter(|p| *p < CHANGE_P)?;
            Some(Change {
                stage: journey.stages[index].key.clone(),
                next: next.key.clone(),
                before: before.0 as f64 / before.1 as f64,
                now: now.0 as f64 / now.1 as f64,
                p,
            })
        })
        .collect();
    changes.sort_by(|a, b| (a.now - a.before).total_cmp(&(b.now - b.before)));
    changes.truncate(CHANGES_MAX);
    changes
}

/// What to know before trusting the numbers.
fn doubts(answer: &StageAnswer, journey: &Journey) -> Vec<Problem> {
    let mut doubts = Vec::new();
    if answer.open_window > 0 {
        doubts.push(
            Problem::error(
                "map.open_window",
                (
                    format!(
                        "{}명은 아직 기한({}) 안에 있어 전환할 수 있습니다.",
                        answer.open_window, journey.window
                    ),
                    format!(
                        "{} people are still within the window ({}) and may yet convert.",
                        answer.open_window, journey.window
                    ),
                ),
                (
                    "마지막 숫자로 보려면 더 이른 기간을 고르세요.",
                    "Choose an earlier period to see final numbers.",
                ),
            )
            .warning(),
        );
    }
    if (1..30).contains(&answer.people) {
        doubts.push(
            Problem::error(
                "map.thin",
                (
                    format!("n {}: 판단하기 이릅니다.", answer.people),
                    format!("n {}: too few to judge.", answer.people),
                ),
                ("기간을 넓히거나 세그먼트를 푸세요.", "Widen the period or drop the segment."),
            )
            .warning(),
        );
    }
    doubts
}
