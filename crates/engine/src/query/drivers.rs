//! Drivers: which events go together with converting.

use super::answers::Prepared;
use super::asked::{Selecting, every, every_row, planned};
use super::compile::{Compiler, RuleSet};
use super::scope::{Ground, Resolved, keep};
use super::selection::{Listed, missing};
use crate::{Engine, EngineError};
use analysis::drivers::{self, DriverPlan, DriverRules, DriverState};
use model::Problem;
use model::ask::AskDrivers;
use model::time::LOOKBACK_US;
use model::view::{DriverRow, DriversView};
use store::{Cancel, Rows};

/// Rows each way at most.
const ROWS_MAX: usize = 1_000;

impl Engine {
    pub(crate) async fn drivers_view(
        &self,
        ask: &AskDrivers,
        cancel: &Cancel,
    ) -> Result<DriversView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let (rules, plan) = driver_question(&mut compiler, &ground, &main, ask)?;
        let fold = move |rows: &Rows| {
            // Exposure is to any event, so every row is read.
            let (masks, keep) = (rules.masks_at(rows, &every_row(rows)), keep(&tests, rows));
            drivers::fold(every(rows, &masks, &keep), &plan)
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let answer = buckets.into_iter().fold(DriverState::default(), DriverState::merge).finish();
        let mut about = ground.about(&main, &compiler, answer.succeeded + answer.failed);
        if answer.is_lopsided {
            about.warnings.push(lopsided(answer.succeeded, answer.failed));
        }
        let names = ground.snapshot.names();
        let row = |row: &drivers::DriverRow| DriverRow {
            event: names.event_name(row.event).to_owned(),
            n_succeeded: row.succeeded,
            n_failed: row.failed,
            odds_ratio: row.odds_ratio,
            phi: row.phi,
            q: row.q,
        };
        let limit = ask.limit.unwrap_or(10).min(ROWS_MAX);
        let positive = answer.rows.iter().filter(|row| row.odds_ratio > 1.0).take(limit);
        let negative = answer.rows.iter().rev().filter(|row| row.odds_ratio < 1.0).take(limit);
        Ok(DriversView {
            n_succeeded: answer.succeeded,
            n_failed: answer.failed,
            positive: positive.map(row).collect(),
            negative: negative.map(row).collect(),
            n_rare: answer.n_rare,
            about,
        })
    }

    /// The people who entered and converted, or did not; with an event in between, if one is named.
    pub(super) fn select_drivers(
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        ask: &AskDrivers,
        (event, succeeded): (Option<&str>, bool),
    ) -> Result<Selecting, EngineError> {
        let (rules, plan) = driver_question(compiler, ground, main, ask)?;
        let code =
            |event: &str| ground.snapshot.names().event_code(event).ok_or_else(|| missing("event", event));
        let selector = drivers::Selector { event: event.map(code).transpose()?, succeeded };
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = rules.masks_at(rows, &every_row(rows));
            let listed = |one: drivers::Selected| Listed {
                person: one.person,
                last_us: one.converted_us.unwrap_or(one.start_us),
                entered_us: Some(one.start_us),
            };
            drivers::select(every(rows, &masks, keep), &plan, selector).into_iter().map(listed).collect()
        }))
    }
}

fn driver_question(
    compiler: &mut Compiler<'_>,
    ground: &Ground,
    main: &Resolved,
    ask: &AskDrivers,
) -> Result<(RuleSet, DriverPlan), EngineError> {
    let conversion = std::slice::from_ref(&ask.conversion);
    let start = ask.start.as_ref().map(std::slice::from_ref).unwrap_or_default();
    let rules = compiler.rules(&[conversion, start]);
    let plan = DriverPlan::new(DriverRules {
        start: ask.start.is_some().then_some(0b10),
        conversion: 0b01,
        window_us: ask.within.map_or(LOOKBACK_US, |within| within.us),
        at_least: ask.at_least.unwrap_or(1),
        period: main.period,
        as_of_us: ground.as_of_us,
    });
    Ok((rules, planned(plan)?))
}

fn lopsided(succeeded: u64, failed: u64) -> Problem {
    Problem::error(
        "drivers.lopsided",
        (
            format!("전환한 사람 {succeeded}명과 아닌 사람 {failed}명이 10배 넘게 차이 납니다."),
            format!("{succeeded} people converted and {failed} did not: more than ten to one."),
        ),
        (
            "적은 쪽의 몇 사람이 비율을 좌우합니다. 기간이나 전환을 바꿔 보세요.",
            "A few people of the smaller side decide the ratios. Try another period or conversion.",
        ),
    )
    .warning()
}
