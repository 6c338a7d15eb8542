//! Variants and conformance.

use super::answers::{Prepared, kept};
use super::asked::{Masks, NodeTable, Selecting, every, every_node, planned};
use super::compile::Compiler;
use super::figures;
use super::scope::{Ground, Resolved, keep};
use super::selection::Listed;
use super::split::Splits;
use super::stages::stage_plan;
use crate::{Engine, EngineError};
use analysis::conformance::{self, ConformancePlan, ConformanceState, Place};
use analysis::paths::HIDDEN;
use analysis::variants::{self, CaseOf, CasePlan, CaseRules, VariantState};
use model::ask::{AskConformance, AskVariants, CaseUnit, Nodes, Standing, name_matches};
use model::rule::EventRule;
use model::time::SESSION_GAP_US;
use model::view::{ConformanceView, DeviationView, VariantRow, VariantsView};
use store::{Cancel, Rows};

/// Variants ready for a scan.
struct VariantQuestion {
    plan: CasePlan,
    masks: Masks,
    nodes: NodeTable,
    splits: Splits,
}

impl VariantQuestion {
    fn fold(&self, rows: &Rows, keep: &[bool]) -> VariantState {
        let (masks, codes) = (self.masks.all(rows), self.splits.codes(rows, &self.nodes));
        variants::fold(every_node(rows, &masks, &codes, keep), &self.plan)
    }
}

impl Engine {
    /// What a case is; a journey's population joins the segments of the scope.
    async fn case_of(
        &self,
        compiler: &mut Compiler<'_>,
        main: &mut Resolved,
        unit: &CaseUnit,
    ) -> Result<(CaseOf, Masks), EngineError> {
        Ok(match unit {
            CaseUnit::Person => (CaseOf::Person, Masks::new(compiler, &[])),
            CaseUnit::Session { gap } => {
                let gap_us = gap.map_or(SESSION_GAP_US, |gap| gap.us);
                (CaseOf::Session { gap_us }, Masks::new(compiler, &[]))
            }
            CaseUnit::Trip { journey } => {
                let journey = self.journey(journey).await?;
                main.segments.extend(self.population(&journey).await?);
                let mut any_of: Vec<&[EventRule]> =
                    journey.touchpoints().map(|(_, touchpoint)| touchpoint.when.as_slice()).collect();
                if !journey.exits.is_empty() {
                    any_of.push(&journey.exits);
                }
                let masks = Masks::of(compiler.rules(&any_of));
                (CaseOf::Trip(Box::new(stage_plan(&journey, main, Vec::new())?)), masks)
            }
        })
    }

    async fn variant_question(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &mut Resolved,
        ask: &AskVariants,
        cancel: &Cancel,
    ) -> Result<VariantQuestion, EngineError> {
        let (of, masks) = self.case_of(compiler, main, &ask.of).await?;
        let tests = self.tests(compiler, &main.segments, ground, cancel).await?;
        let asked = (&ask.nodes, self.fold_key(("variants", ask), ground, main));
        let (nodes, splits) = self.split_nodes(compiler, ground, asked, &tests, cancel).await?;
        let (collapse, period) = (!ask.nodes.repeats, main.period);
        let plan = planned(CasePlan::new(CaseRules { of, collapse, nodes: nodes.for_plan(), period }))?;
        Ok(VariantQuestion { plan, masks, nodes, splits })
    }

    pub(crate) async fn variants_view(
        &self,
        ask: &AskVariants,
        cancel: &Cancel,
    ) -> Result<VariantsView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { mut main, mut compiler, .. } = self.prepare(&ground, &ask.scope, cancel).await?;
        let question = self.variant_question(&mut compiler, &ground, &mut main, ask, cancel).await?;
        let tests = self.tests(&mut compiler, &main.segments, &ground, cancel).await?;
        let nodes = question.nodes.clone();
        let fold = move |rows: &Rows| {
            let keep = keep(&tests, rows);
            (question.fold(rows, &keep), kept(rows, &keep))
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let states = buckets.into_iter().map(|(state, _)| state);
        let limit = ask.limit.unwrap_or(50).min(1_000);
        let answer = states.fold(VariantState::default(), VariantState::merge).finish(limit);
        let row = |variant: &variants::Variant| {
            let spread = Some(variant.duration);
            VariantRow {
                nodes: nodes.path(&variant.nodes),
                n_cases: variant.cases,
                n_people: variant.people,
                median_time: figures::seconds("variant.median_time", spread, None, |spread| spread.median_us),
                p90_time: figures::seconds("variant.p90_time", spread, None, |spread| spread.p90_us),
            }
        };
        Ok(VariantsView {
            n_cases: answer.cases,
            n_people: answer.people,
            n_variants: answer.n_variants as u64,
            rows: answer.top.iter().map(row).collect(),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(super) async fn select_variants(
        &self,
        ground: &Ground,
        main: &mut Resolved,
        compiler: &mut Compiler<'_>,
        (ask, path): (&AskVariants, &[String]),
        cancel: &Cancel,
    ) -> Result<Selecting, EngineError> {
        let question = self.variant_question(compiler, ground, main, ask, cancel).await?;
        let path = question.nodes.codes(path)?;
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let (masks, codes) = (question.masks.all(rows), question.splits.codes(rows, &question.nodes));
            let selected = variants::select(every_node(rows, &masks, &codes, keep), &question.plan, &path);
            selected.into_iter().map(listed).collect()
        }))
    }

    async fn conformance_question(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &mut Resolved,
        ask: &AskConformance,
    ) -> Result<(ConformancePlan, Masks, NodeTable), EngineError> {
        let nodes = design_nodes(ask, ground.snapshot.names().events());
        let (of, masks) = self.case_of(compiler, main, &ask.of).await?;
        let rules = CaseRules { of, collapse: false, nodes: nodes.of_event.clone(), period: main.period };
        let place = |place: &model::ask::DesignPlace| -> Result<Place, EngineError> {
            let node = nodes.known(&place.name)?;
            Ok(Place { node, optional: place.optional, repeats: place.repeats })
        };
        let design = ask.design.iter().map(place).collect::<Result<Vec<Place>, EngineError>>()?;
        Ok((planned(ConformancePlan::new(planned(CasePlan::new(rules))?, &design))?, masks, nodes))
    }

    pub(crate) async fn conformance_view(
        &self,
        ask: &AskConformance,
        cancel: &Cancel,
    ) -> Result<ConformanceView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { mut main, mut compiler, .. } = self.prepare(&ground, &ask.scope, cancel).await?;
        let (plan, masks, nodes) = self.conformance_question(&mut compiler, &ground, &mut main, ask).await?;
        let tests = self.tests(&mut compiler, &main.segments, &ground, cancel).await?;
        let fold = move |rows: &Rows| {
            let (masks, keep) = (masks.all(rows), keep(&tests, rows));
            (conformance::fold(every(rows, &masks, &keep), &plan), kept(rows, &keep))
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let n_people = buckets.iter().map(|(_, n)| n).sum();
        let states = buckets.into_iter().map(|(state, _)| state);
        let answer = states.fold(ConformanceState::default(), ConformanceState::merge).finish();
        let cases = |standing| answer.reach(standing).cases;
        let all = cases(conformance::Standing::All);
        let fits = |define, standing| figures::share(define, cases(standing), all, None, None);
        let deviation = |(standing, reach): &(conformance::Standing, conformance::CaseReach)| DeviationView {
            at: standing_view(*standing, &nodes),
            n_cases: reach.cases,
            n_people: reach.people,
        };
        Ok(ConformanceView {
            fit: fits("conformance.fit", conformance::Standing::Fits),
            fit_finished: fits("conformance.fit_finished", conformance::Standing::FitsFinished),
            standings: answer.reaches.iter().map(deviation).collect(),
            about: ground.about(&main, &compiler, n_people),
        })
    }

    pub(super) async fn select_conformance(
        &self,
        ground: &Ground,
        main: &mut Resolved,
        compiler: &mut Compiler<'_>,
        (ask, at): (&AskConformance, &Standing),
    ) -> Result<Selecting, EngineError> {
        let (plan, masks, nodes) = self.conformance_question(compiler, ground, main, ask).await?;
        let standing = standing(at, &nodes)?;
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let masks = masks.all(rows);
            let selected = conformance::select(every(rows, &masks, keep), &plan, standing);
            selected.into_iter().map(listed).collect()
        }))
    }
}

fn listed(one: variants::Selected) -> Listed {
    Listed { person: one.person, last_us: one.end_us, entered_us: Some(one.start_us) }
}

/// The places of the design are the first nodes; all other events are nodes of their own.
fn design_nodes(ask: &AskConformance, events: &[String]) -> NodeTable {
    let group = |place: &model::ask::DesignPlace| model::ask::NodeGroup {
        name: place.name.clone(),
        event: place.event.clone(),
    };
    let groups = ask.design.iter().map(group).collect();
    let mut table =
        NodeTable::new(&Nodes { groups, hide: Vec::new(), repeats: true, split: Vec::new() }, events);
    for (event, node) in events.iter().zip(&mut table.of_event) {
        let is_hidden = ask.hide.iter().any(|pattern| name_matches(pattern, event));
        if is_hidden && usize::from(*node) >= ask.design.len() {
            *node = HIDDEN;
        }
    }
    table
}

fn standing_view(standing: conformance::Standing, nodes: &NodeTable) -> Standing {
    use conformance::Standing as S;
    let place = |place: u8| Some(usize::from(place));
    match standing {
        S::All => Standing::All,
        S::Fits => Standing::Fits,
        S::FitsFinished => Standing::FitsFinished,
        S::Skipped => Standing::Skipped { place: None },
        S::Extra => Standing::Extra { event: None },
        S::OutOfOrder => Standing::OutOfOrder { place: None },
        S::Looped => Standing::Looped { place: None },
        S::SkippedPlace(at) => Standing::Skipped { place: place(at) },
        S::ExtraNode(node) => Standing::Extra { event: nodes.name(node) },
        S::OutOfOrderPlace(at) => Standing::OutOfOrder { place: place(at) },
        S::LoopedPlace(at) => Standing::Looped { place: place(at) },
    }
}

fn standing(at: &Standing, nodes: &NodeTable) -> Result<conformance::Standing, EngineError> {
    use conformance::Standing as S;
    // Places beyond the 64 of a design select nobody.
    let place = |place: usize| place.min(255) as u8;
    Ok(match at {
        Standing::All => S::All,
        Standing::Fits => S::Fits,
        Standing::FitsFinished => S::FitsFinished,
        Standing::Skipped { place: at } => at.map_or(S::Skipped, |at| S::SkippedPlace(place(at))),
        Standing::Extra { event: None } => S::Extra,
        Standing::Extra { event: Some(event) } => S::ExtraNode(nodes.known(event)?),
        Standing::OutOfOrder { place: at } => at.map_or(S::OutOfOrder, |at| S::OutOfOrderPlace(place(at))),
        Standing::Looped { place: at } => at.map_or(S::Looped, |at| S::LoopedPlace(place(at))),
    })
}
