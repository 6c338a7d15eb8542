//! Cross-sell: pairs of items the same people have.

use super::answers::{Prepared, cut_warning};
use super::asked::{Selecting, planned};
use super::compile::{Compiler, RuleSet};
use super::figures;
use super::labels::Labels;
use super::matched::Matched;
use super::scope::{Ground, Resolved, keep};
use super::selection::{Listed, missing};
use crate::{Engine, EngineError};
use analysis::pairs::{self, PairPlan, PairState};
use model::ask::AskCrossSell;
use model::metric::{Direction, Unit};
use model::view::{CrossSellView, Figure, PairRow};
use std::sync::Arc;
use store::{Cancel, Rows};

/// Rows of an answer at most.
const ROWS_MAX: usize = 1_000;

/// Pairs of items, ready for a scan.
struct PairQuestion {
    rules: RuleSet,
    labels: Labels,
    plan: PairPlan,
}

impl PairQuestion {
    /// The matched rows with the label of each.
    fn labelled(&self, rows: &Rows) -> (Matched, Vec<u32>) {
        let matched = Matched::new(&[&self.rules], rows);
        let codes = self.labels.codes(rows, &matched.rows).into_iter().map(u32::from).collect();
        (matched, codes)
    }
}

impl Engine {
    async fn pair_question(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        ask: &AskCrossSell,
        cancel: &Cancel,
    ) -> Result<PairQuestion, EngineError> {
        let rules = compiler.rules(&[&ask.items]);
        let labels = self.labels(compiler, ground, main, (&ask.by, &ask.items), cancel).await?;
        let within_us = ask.within.map_or(i64::MAX, |within| within.us);
        let plan = planned(PairPlan::new(1, within_us, main.period, ask.ordered))?;
        Ok(PairQuestion { rules, labels, plan })
    }

    pub(crate) async fn cross_sell_view(
        &self,
        ask: &AskCrossSell,
        cancel: &Cancel,
    ) -> Result<CrossSellView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let question = Arc::new(self.pair_question(&mut compiler, &ground, &main, ask, cancel).await?);
        let folding = question.clone();
        let fold = move |rows: &Rows| {
            let ((matched, codes), keep) = (folding.labelled(rows), keep(&tests, rows));
            pairs::fold(matched.view(rows, 0, &keep), &codes, &folding.plan)
        };
        let key = self.fold_key(("cross-sell", ask), &ground, &main).and(&question.labels.texts());
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        let state = buckets.into_iter().fold(PairState::default(), PairState::merge);
        let n_people = state.people();
        let found = state.finish(&question.plan, ask.least.unwrap_or(5).max(1));
        let limit = ask.limit.unwrap_or(100).min(ROWS_MAX);
        let mut about = ground.about(&main, &compiler, n_people);
        if found.len() > limit {
            about.warnings.push(cut_warning(found.len() - limit));
        }
        let text = |code: u32| question.labels.text(code as u16, ground.snapshot.names()).to_owned();
        let rows = found.iter().take(limit).map(|row| pair_row(row, text));
        Ok(CrossSellView { rows: rows.collect(), n_people, about })
    }

    /// The people of a pair.
    pub(super) async fn select_pair(
        &self,
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        (ask, pair): (&AskCrossSell, [&str; 2]),
        cancel: &Cancel,
    ) -> Result<Selecting, EngineError> {
        let question = self.pair_question(compiler, ground, main, ask, cancel).await?;
        let code = |label: &str| {
            let code = question.labels.code(label, ground.snapshot.names());
            code.map(u32::from).ok_or_else(|| missing("label", label))
        };
        let [item, other] = [code(pair[0])?, code(pair[1])?];
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let (matched, codes) = question.labelled(rows);
            let both = pairs::select(matched.view(rows, 0, keep), &codes, &question.plan, item, other);
            let listed = |one: pairs::Selected| Listed {
                person: one.person,
                last_us: one.time_us,
                entered_us: Some(one.time_us),
            };
            both.into_iter().map(listed).collect()
        }))
    }
}

fn pair_row(row: &pairs::PairRow, text: impl Fn(u32) -> String) -> PairRow {
    PairRow {
        item: text(row.item),
        other: text(row.other),
        n_people: row.people,
        n_item: row.people_item,
        n_other: row.people_other,
        support: row.support,
        confidence: figures::share("pair.confidence", row.people, row.people_item, None, None),
        lift: Figure {
            value: Some(row.lift),
            unit: Unit::Number,
            good: Direction::None,
            n: row.people,
            low: Some(row.lift_interval.low),
            high: Some(row.lift_interval.high),
            define: "pair.lift".to_owned(),
            ..Figure::default()
        },
    }
}
