//! Retention, lifecycle, stickiness and cohorts.

use super::answers::{Prepared, kept, plan_problem};
use super::asked::{Masks, Selecting, every, extended, planned};
use super::compile::Compiler;
use super::figures;
use super::scope::{Ground, Resolved, keep};
use super::selection::Listed;
use crate::{Engine, EngineError};
use analysis::cohorts::{self, CohortPlan, CohortState};
use analysis::retention::{
    self, Intervals, Measure, RetentionPlan, RetentionRules, RetentionState, Selector,
};
use model::ask::{AskCohorts, AskRetention, RetentionClock, RetentionMeasure};
use model::time::{DAY_US, Grain, Period};
use model::view::{
    CohortCellView, CohortRowView, CohortsView, RetentionCellView, RetentionRowView, RetentionView,
};
use store::{Cancel, Rows};

/// Retention ready for a scan.
struct RetentionQuestion {
    masks: Masks,
    plan: RetentionPlan,
    /// Starts of the cohorts.
    starts_us: Vec<i64>,
    edges: Vec<usize>,
}

impl RetentionQuestion {
    fn new(
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        ask: &AskRetention,
    ) -> Result<Self, EngineError> {
        let grain = ask.grain.unwrap_or_else(|| Grain::for_days(main.days.n_days()));
        let n_intervals = ask.intervals.unwrap_or(12);
        if !(1..=366).contains(&n_intervals) || ask.brackets.last().is_some_and(|&edge| edge > 366) {
            return Err(plan_problem("retention has 1 to 366 intervals"));
        }
        let edges = if ask.brackets.is_empty() { (0..=n_intervals).collect() } else { ask.brackets.clone() };
        let last_edge = edges.last().copied().unwrap_or(1);
        let mut bounds_us = ground.calendar.boundaries_us(extended(main.days, grain, last_edge + 2), grain);
        let n_cohorts = bounds_us.partition_point(|&bound_us| bound_us < main.period.to_us);
        bounds_us.truncate(n_cohorts + last_edge + 1);
        let unit_us = match grain {
            Grain::Day => DAY_US,
            Grain::Week => 7 * DAY_US,
            Grain::Month => 30 * DAY_US,
        };
        let starts_us = bounds_us.iter().take(n_cohorts).copied().collect();
        let intervals = match ask.clock {
            RetentionClock::Calendar => Intervals::Calendar { edges: edges.clone() },
            RetentionClock::Rolling => {
                Intervals::Rolling { edges_us: edges.iter().map(|&edge| edge as i64 * unit_us).collect() }
            }
        };
        let masks = Masks::of_anything(compiler, &[ask.start.as_ref(), ask.comeback.as_ref()]);
        let plan = planned(RetentionPlan::new(RetentionRules {
            starts: masks.bit(0),
            returns: masks.bit(1),
            bounds_us,
            n_cohorts,
            intervals,
            measure: match ask.measure {
                RetentionMeasure::On => Measure::On,
                RetentionMeasure::OnOrAfter => Measure::OnOrAfter,
                RetentionMeasure::Streak => Measure::Streak,
            },
            first_time: !ask.recurring,
            as_of_us: main.as_of_us,
        }))?;
        Ok(Self { masks, plan, starts_us, edges })
    }
}

impl Engine {
    pub(crate) async fn retention_view(
        &self,
        ask: &AskRetention,
        cancel: &Cancel,
    ) -> Result<RetentionView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let question = RetentionQuestion::new(&mut compiler, &ground, &main, ask)?;
        let RetentionQuestion { masks, plan, starts_us, edges } = question;
        let folding = plan.clone();
        let fold = move |rows: &Rows| {
            let (masks, keep) = (masks.all(rows), keep(&tests, rows));
            (retention::fold(every(rows, &masks, &keep), &folding), kept(rows, &keep))
        };
        let key = self.fold_key(("retention", ask), &ground, &main).and(&plan.moment());
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let states = buckets.into_iter().map(|(state, _)| state);
        let answer = states.fold(RetentionState::empty(&plan), RetentionState::merge).finish(&plan);
        let cohort = |(start_us, row): (&i64, &retention::RetentionRow)| RetentionRowView {
            start_us: *start_us,
            n_people: row.people,
            cells: (0..row.cells.len()).map(|at| cell_view(row, at)).collect(),
        };
        let average = |average: &retention::RetentionAverage| {
            figures::share("retention.average", average.people_had, average.n_had, None, None)
        };
        Ok(RetentionView {
            edges,
            cohorts: starts_us.iter().zip(&answer.cohorts).map(cohort).collect(),
            averages: answer.averages.iter().map(average).collect(),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(super) fn select_retention(
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        ask: &AskRetention,
        selector: Selector,
    ) -> Result<Selecting, EngineError> {
        let question = RetentionQuestion::new(compiler, ground, main, ask)?;
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = question.masks.all(rows);
            let selected = retention::select(every(rows, &masks, keep), &question.plan, selector);
            let listed = |one: retention::Selected| Listed {
                person: one.person,
                last_us: one.start_us,
                entered_us: Some(one.start_us),
            };
            selected.into_iter().map(listed).collect()
        }))
    }

    pub(crate) async fn cohorts_view(
        &self,
        ask: &AskCohorts,
        cancel: &Cancel,
    ) -> Result<CohortsView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        compiler.columns.amount = true;
        let (masks, plan, bounds_us) = cohort_question(&mut compiler, &ground, &main, ask)?;
        let folding = plan.clone();
        let fold = move |rows: &Rows| {
            let (masks, keep) = (masks.all(rows), keep(&tests, rows));
            (cohorts::fold(every(rows, &masks, &keep), &folding), kept(rows, &keep))
        };
        let key = self.fold_key(("cohorts", ask), &ground, &main).and(&bounds_us);
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let states = buckets.into_iter().map(|(state, _)| state);
        let table = states.fold(CohortState::empty(&plan), CohortState::merge).finish(&plan);
        let cohort = |(row, start_us): (&cohorts::CohortRow, &i64)| {
            let values = row.cumulative_amount();
            let cell = |(at, (cell, value)): (usize, (&cohorts::CohortCell, f64))| CohortCellView {
                n_people: cell.people,
                n_events: cell.events,
                amount: cell.amount as f64 / 100.0,
                value_so_far: value / 100.0,
                is_complete: at < row.n_complete,
            };
            let cells = row.cells.iter().zip(values).enumerate().map(cell).collect();
            CohortRowView { start_us: *start_us, n_people: row.people, cells }
        };
        Ok(CohortsView {
            cohorts: table.iter().zip(&bounds_us).map(cohort).collect(),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(super) fn select_cohorts(
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        ask: &AskCohorts,
        (cohort, cell): (usize, Option<usize>),
    ) -> Result<Selecting, EngineError> {
        let (masks, plan, bounds_us) = cohort_question(compiler, ground, main, ask)?;
        let start_us = bounds_us.get(cohort).copied().unwrap_or(0);
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = masks.all(rows);
            let selected = cohorts::select(every(rows, &masks, keep), &plan, cohort, cell);
            let listed = |person| Listed { person, last_us: start_us, entered_us: Some(start_us) };
            selected.into_iter().map(listed).collect()
        }))
    }
}

fn cell_view(row: &retention::RetentionRow, at: usize) -> RetentionCellView {
    let cell = row.cells[at];
    let is_complete = row.is_complete(at);
    let share = if cell.n_had > 0 {
        figures::ratio(cell.people_had, cell.n_had)
    } else {
        figures::ratio(cell.people, row.people)
    };
    RetentionCellView {
        n_people: cell.people,
        n_had: cell.n_had,
        people_had: cell.people_had,
        share,
        is_complete,
    }
}

/// Masks, plan and boundaries: cohorts of the period, cells up to what is known.
fn cohort_question(
    compiler: &mut Compiler<'_>,
    ground: &Ground,
    main: &Resolved,
    ask: &AskCohorts,
) -> Result<(Masks, CohortPlan, Vec<i64>), EngineError> {
    let grain = ask.grain.unwrap_or_else(|| Grain::for_days(main.days.n_days()));
    let known = Period { from: main.days.from, to: main.days.to.max(ground.calendar.day_of(main.as_of_us)) };
    let bounds_us = ground.calendar.boundaries_us(known, grain);
    let begun = bounds_us.partition_point(|&bound_us| bound_us < main.period.to_us);
    let n_cohorts = begun.min(bounds_us.len() - 1);
    let masks = Masks::of_anything(compiler, &[ask.start.as_ref(), ask.count.as_ref()]);
    let (starts, counted) = (masks.bit(0), masks.bit(1));
    let plan = planned(CohortPlan::new(bounds_us.clone(), n_cohorts, starts, counted, main.as_of_us))?;
    Ok((masks, plan, bounds_us))
}
