//! A journey compiled for one scan: rules, stage plans of each scope, emotion scores; and the stages of the answer.

use super::compile::{Compiler, Numbers, RuleSet};
use super::figures;
use super::kept::Lasting;
use super::matched::Matched;
use super::scope::{Ground, Resolved, SegmentTest, keep_for};
use crate::{Engine, EngineError};
use analysis::people::Matches;
use analysis::stages::{self, StageAnswer, StagePlan, StageRow, StageRules, StageState};
use analysis::{NO_SCORE, Spread};
use model::ask::{AskStages, Outcome, Select};
use model::journey::{Journey, Start};
use model::metric::{Direction, Unit};
use model::rule::EventRule;
use model::segment::Segment;
use model::view::{Fact, Figure, MoveView, StageView, StagesView};
use model::{DocumentBody, Key, Kind, Problem};
use std::sync::Arc;
use store::{Cancel, Rows};

/// A journey's rules as mask bits, with its emotion sources.
pub(crate) struct JourneyRules {
    rules: RuleSet,
    emotion: RuleSet,
    sources: Vec<EmotionColumn>,
    population: Vec<SegmentTest>,
}

struct EmotionColumn {
    slots: Vec<usize>,
    worst: f64,
    best: f64,
}

/// One scope of a journey: who is kept, and the plan.
pub(crate) struct JourneyScope {
    pub keep: Vec<SegmentTest>,
    pub plan: StagePlan,
}

/// What one bucket says of a journey: one state per scope.
pub(crate) struct JourneyFold {
    pub rules: JourneyRules,
    pub scopes: Vec<JourneyScope>,
}

impl JourneyRules {
    /// Thousandths of the −2 … +2 scale by matched row; empty when the journey measures no emotion.
    fn scores(&self, rows: &Rows, matched: &Matched) -> Vec<i32> {
        if self.sources.is_empty() {
            return Vec::new();
        }
        let columns: Vec<Numbers<'_>> =
            self.sources.iter().map(|source| Numbers::new(rows, &source.slots)).collect();
        let score = |(row, mask): (&u32, &u64)| {
            if *mask == 0 {
                return NO_SCORE;
            }
            let index = mask.trailing_zeros() as usize;
            let source = &self.sources[index];
            columns[index].get(*row as usize).map_or(NO_SCORE, |value| {
                let part = (value - source.worst) / (source.best - source.worst);
                ((part * 4.0 - 2.0).clamp(-2.0, 2.0) * 1000.0).round() as i32
            })
        };
        matched.rows.iter().zip(&matched.masks[1]).map(score).collect()
    }
}

impl JourneyFold {
    /// The rows of the journey: set 0 is its touchpoints and exits, set 1 its emotion.
    pub fn matched(&self, rows: &Rows) -> Matched {
        Matched::new(&[&self.rules.rules, &self.rules.emotion], rows)
    }

    /// Who is in a scope and in the journey's population.
    pub fn keep(&self, scope: &JourneyScope, rows: &Rows) -> Matches {
        keep_for(scope.keep.iter().chain(&self.rules.population), rows)
    }

    /// Everything that says who is counted.
    pub fn tests(&self) -> impl Iterator<Item = &SegmentTest> {
        self.scopes.iter().flat_map(|scope| &scope.keep).chain(&self.rules.population)
    }

    /// The stage flow of one bucket in every scope.
    pub fn fold(&self, rows: &Rows) -> Vec<Lasting<StageState>> {
        let matched = self.matched(rows);
        let scores = self.rules.scores(rows, &matched);
        let state = |scope: &JourneyScope| {
            let keep = self.keep(scope, rows);
            let state = stages::fold_with_scores(matched.view(rows, 0, &keep.flags), &scores, &scope.plan);
            let holds_us = keep.holds_us.min(state.holds_us());
            Lasting { state, holds_us }
        };
        self.scopes.iter().map(state).collect()
    }

    /// Merges the buckets and finishes each scope.
    pub fn finish(&self, buckets: impl IntoIterator<Item = Vec<Lasting<StageState>>>) -> Vec<StageAnswer> {
        let empty = || self.scopes.iter().map(|scope| StageState::empty(&scope.plan)).collect::<Vec<_>>();
        let merged = buckets.into_iter().fold(empty(), |all, one| {
            all.into_iter().zip(one).map(|(all, one)| all.merge(one.state)).collect()
        });
        merged.into_iter().zip(&self.scopes).map(|(state, scope)| state.finish(&scope.plan)).collect()
    }
}

/// The numeric plan of a journey in one scope.
pub(crate) fn stage_plan(
    journey: &Journey,
    scope: &Resolved,
    bounds_us: Vec<i64>,
) -> Result<StagePlan, EngineError> {
    let stage_of = |key: &Option<Key>| key.as_ref().and_then(|key| journey.stage_index(key)).map(|k| k as u8);
    let touchpoints: Vec<stages::Touchpoint> = journey
        .touchpoints()
        .map(|(stage, touchpoint)| stages::Touchpoint {
            stage: stage as u8,
            enters: touchpoint.enters,
            after: stage_of(&touchpoint.after),
            within_us: touchpoint.within.map(|within| within.us),
        })
        .collect();
    let exits = if journey.exits.is_empty() { 0 } else { 1u64 << touchpoints.len() };
    let rules = StageRules {
        stages: journey
            .stages
            .iter()
            .map(|stage| stages::Stage { silence_us: stage.after_silence.map(|silence| silence.us) })
            .collect(),
        touchpoints,
        start: match journey.start {
            Start::FirstStage => stages::Start::FirstStage,
            Start::AnyStage => stages::Start::AnyStage,
        },
        window_us: journey.window.us,
        timeout_us: journey.timeout.map(|timeout| timeout.us),
        exits,
        conversion_stage: journey.conversion_index() as u8,
        period: scope.period,
        as_of_us: scope.as_of_us,
        bounds_us,
    };
    StagePlan::new(rules).map_err(|error| {
        Problem::error(
            "journey.unusable",
            (
                format!("여정 `{}`을(를) 잴 수 없습니다: {error}.", journey.key),
                format!("Journey `{}` cannot be measured: {error}.", journey.key),
            ),
            ("여정의 정의를 고치세요.", "Correct the journey's definition."),
        )
        .into()
    })
}

impl Engine {
    pub(crate) async fn journey(&self, key: &Key) -> Result<Journey, EngineError> {
        match self.document(Kind::Journey, key).await?.body {
            DocumentBody::Journey(journey) => Ok(journey),
            _ => Err(Self::missing(Kind::Journey, key)),
        }
    }

    pub(crate) async fn population(&self, journey: &Journey) -> Result<Option<Segment>, EngineError> {
        match &journey.population {
            Some(key) => self.segment(key).await.map(Some),
            None => Ok(None),
        }
    }

    /// Compiles what a journey looks at.
    pub(crate) async fn journey_rules(
        &self,
        compiler: &mut Compiler<'_>,
        journey: &Journey,
        ground: &Ground,
        cancel: &Cancel,
    ) -> Result<JourneyRules, EngineError> {
        let mut any_of: Vec<&[EventRule]> =
            journey.touchpoints().map(|(_, touchpoint)| touchpoint.when.as_slice()).collect();
        if !journey.exits.is_empty() {
            any_of.push(&journey.exits);
        }
        let rules = compiler.rules(&any_of);
        let emotion: Vec<&[EventRule]> =
            journey.emotion.iter().take(64).map(|source| std::slice::from_ref(&source.when)).collect();
        let emotion = compiler.rules(&emotion);
        let sources = journey.emotion.iter().take(64).map(|source| EmotionColumn {
            slots: compiler.property(&source.property),
            worst: source.worst,
            best: source.best,
        });
        let sources = sources.collect();
        let population: Vec<Segment> = self.population(journey).await?.into_iter().collect();
        let population = self.tests(compiler, &population, ground, cancel).await?;
        Ok(JourneyRules { rules, emotion, sources, population })
    }

    pub(crate) async fn stages_view(
        &self,
        ask: &AskStages,
        cancel: &Cancel,
    ) -> Result<StagesView, EngineError> {
        let ground = self.ground().await?;
        let journey = self.journey(&ask.journey).await?;
        let main = self.resolve(&ground, &ask.scope).await?;
        let other = self.resolve_compare(&ground, &main, &ask.compare).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        compiler.columns.amount = true;
        let rules = self.journey_rules(&mut compiler, &journey, &ground, cancel).await?;
        let mut scopes = Vec::new();
        for scope in std::iter::once(&main).chain(&other) {
            let plan = stage_plan(&journey, scope, Vec::new())?;
            scopes.push(JourneyScope {
                keep: self.tests(&mut compiler, &scope.segments, &ground, cancel).await?,
                plan,
            });
        }
        let fold = Arc::new(JourneyFold { rules, scopes });
        let columns = compiler.columns.clone();
        let folding = fold.clone();
        let key = self.lasting_key(("stages", ask), &ground, [Some(&main), other.as_ref()], fold.tests());
        let buckets = self.fold_again(key, &ground, columns, cancel, move |rows| folding.fold(rows)).await?;
        let mut answers = fold.finish(buckets).into_iter();
        let answer = answers.next().ok_or_else(|| EngineError::Internal("no scope".to_owned()))?;
        let previous = answers.next();
        Ok(StagesView {
            facts: facts(&journey, &answer, previous.as_ref()),
            stages: stage_views(&journey, &answer, previous.as_ref()),
            moves: moves(&journey, &answer),
            about: ground.about(&main, &compiler, answer.people),
        })
    }
}

fn moves(journey: &Journey, answer: &StageAnswer) -> Vec<MoveView> {
    let key = |index: usize| journey.stages[index].key.clone();
    let rows = answer.transitions.iter().enumerate();
    let all = rows.flat_map(|(from, row)| row.iter().enumerate().map(move |(to, n)| (from, to, *n)));
    all.filter(|(_, _, n)| *n > 0)
        .map(|(from, to, n_people)| MoveView { from: key(from), to: key(to), n_people })
        .collect()
}

/// The four numbers in the head of a map.
pub(crate) fn facts(journey: &Journey, answer: &StageAnswer, previous: Option<&StageAnswer>) -> Vec<Fact> {
    let select = |outcome| Some(Select::Journey { journey: journey.key.clone(), outcome });
    let started: Vec<Option<f64>> = answer.trend.iter().map(|row| Some(row.started as f64)).collect();
    let converted = answer.trend.iter().map(|row| figures::ratio(row.converted, row.started)).collect();
    let mut people = figures::people(
        "fact.people",
        answer.people,
        previous.map(|previous| previous.people),
        Direction::Up,
        select(Outcome::Started),
    );
    people.history = started;
    let mut conversion = figures::share(
        "fact.conversion",
        answer.converted,
        answer.people,
        previous.map(|previous| (previous.converted, previous.people)),
        select(Outcome::Converted),
    );
    conversion.history = converted;
    let time = figures::seconds(
        "fact.time_to_convert",
        answer.time_to_convert,
        previous.and_then(|previous| previous.time_to_convert),
        |spread| spread.median_us,
    );
    let lost = |answer: &StageAnswer| answer.stages.iter().filter_map(lost).fold(0.0, |sum, lost| sum + lost);
    let n_dropped = answer.stages.iter().map(|stage| stage.dropped).sum();
    let money =
        figures::money("fact.lost", Some(lost(answer)), previous.map(lost), n_dropped, Direction::Down);
    [("people", people), ("conversion", conversion), ("time_to_convert", time), ("lost", money)]
        .map(|(key, figure)| Fact { key: key.to_owned(), figure })
        .into()
}

/// Hundredths: people dropped × what a person who went further was worth from then on.
fn lost(stage: &StageRow) -> Option<f64> {
    Some(stage.dropped as f64 * stage.amount_after_per_person?)
}

/// Every stage with its numbers.
pub(crate) fn stage_views(
    journey: &Journey,
    answer: &StageAnswer,
    previous: Option<&StageAnswer>,
) -> Vec<StageView> {
    let stages = journey.stages.iter().zip(&answer.stages).enumerate();
    stages.map(|(index, (stage, row))| stage_view(journey, index, stage, (answer, row), previous)).collect()
}

fn stage_view(
    journey: &Journey,
    index: usize,
    stage: &model::journey::Stage,
    (answer, row): (&StageAnswer, &StageRow),
    previous: Option<&StageAnswer>,
) -> StageView {
    let before = previous.map(|answer| &answer.stages[index]);
    let select = |of: fn(Key) -> Outcome| {
        Some(Select::Journey { journey: journey.key.clone(), outcome: of(stage.key.clone()) })
    };
    let count = |define: &str, of: fn(&StageRow) -> u64, good, outcome: fn(Key) -> Outcome| {
        figures::people(define, of(row), before.map(of), good, select(outcome))
    };
    let time = |define: &str, of: fn(&Spread) -> i64| {
        figures::seconds(define, row.time_in_stage, before.and_then(|before| before.time_in_stage), of)
    };
    let is_last = index + 1 == journey.stages.len();
    let (ended, ended_good) =
        if is_last { ("stage.finished", Direction::None) } else { ("stage.dropped", Direction::Down) };
    StageView {
        key: stage.key.clone(),
        name: stage.name.clone(),
        is_conversion: index == journey.conversion_index(),
        business_goal: stage.goal.business.clone(),
        customer_goal: stage.goal.customer.clone(),
        entered: count("stage.entered", |row| row.entered, Direction::Up, |stage| Outcome::Entered { stage }),
        share: figures::share(
            "stage.share",
            row.entered,
            answer.people,
            previous.zip(before).map(|(previous, before)| (before.entered, previous.people)),
            select(|stage| Outcome::Entered { stage }),
        ),
        here: count("stage.here", |row| row.here, Direction::None, |stage| Outcome::Here { stage }),
        moved_on: count(
            "stage.moved_on",
            |row| row.went_further,
            Direction::Up,
            |stage| Outcome::MovedOn { stage },
        ),
        moved_on_rate: figures::share(
            "stage.moved_on_rate",
            row.went_further,
            row.entered,
            before.map(|before| (before.went_further, before.entered)),
            select(|stage| Outcome::MovedOn { stage }),
        ),
        passed: count("stage.passed", |row| row.moved_on, Direction::Up, |stage| Outcome::Passed { stage }),
        dropped: count(
            ended,
            |row| row.dropped + row.finished,
            ended_good,
            |stage| Outcome::Dropped { stage },
        ),
        back: count("stage.back", |row| row.back, Direction::Down, |stage| Outcome::Back { stage }),
        skipped: count(
            "stage.skipped",
            |row| row.skipped,
            Direction::None,
            |stage| Outcome::Skipped { stage },
        ),
        went_back: count(
            "stage.went_back",
            |row| row.went_back,
            Direction::Down,
            |stage| Outcome::WentBack { stage },
        ),
        median_time: time("stage.median_time", |spread| spread.median_us),
        p90_time: time("stage.p90_time", |spread| spread.p90_us),
        touches: Figure {
            unit: Unit::Events,
            people: None,
            ..figures::people("stage.touches", row.touches, before.map(|b| b.touches), Direction::None, None)
        },
        amount: figures::money(
            "stage.amount",
            Some(row.amount as f64),
            before.map(|before| before.amount as f64),
            row.people_with_amount,
            Direction::Up,
        ),
        lost: figures::money("stage.lost", lost(row), before.and_then(lost), row.dropped, Direction::Down),
    }
}
