//! Selections: who stands behind a number, ready for a scan. Lists of people and segments are made of them.

use super::asked::Selecting;
use super::attribution::AttributionFold;
use super::compile::{Compiler, RuleSet};
use super::matched::Matched;
use super::scope::{Ground, Resolved, SegmentTest, keep, view};
use super::stages::{JourneyFold, JourneyScope, stage_plan};
use crate::{Engine, EngineError};
use analysis::people::PeopleOrder;
use analysis::stages::{Selector, select};
use model::ask::{Outcome, Scope, Select};
use model::journey::Journey;
use model::segment::Segment;
use model::{Key, Text};
use store::{Cancel, Rows};

/// A listed person before the details: key, time to sort by, and when they entered what was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed {
    pub person: u64,
    pub last_us: i64,
    pub entered_us: Option<i64>,
}

/// Who is wanted, ready for a scan.
enum Wanted {
    Everybody,
    Journey { fold: JourneyFold, selector: Selector },
    Did(RuleSet),
    Attribution { fold: AttributionFold, selector: analysis::attribution::Selector },
    Asked(Selecting),
}

/// Who stands behind a number, within a scope.
pub(crate) struct Selection {
    keep: Vec<SegmentTest>,
    wanted: Wanted,
    period: analysis::Period,
}

impl Selection {
    /// Everybody who is kept and has an event in the period.
    pub fn everybody(keep: Vec<SegmentTest>, period: analysis::Period) -> Self {
        Self { keep, wanted: Wanted::Everybody, period }
    }

    /// One flag per person of the bucket.
    pub fn flags(&self, rows: &Rows) -> Vec<bool> {
        let mut flags = vec![false; rows.n_persons()];
        for listed in self.list(rows) {
            if let Ok(who) = rows.person_keys.binary_search(&listed.person) {
                flags[who] = true;
            }
        }
        flags
    }

    /// The people of one bucket.
    pub fn list(&self, rows: &Rows) -> Vec<Listed> {
        match &self.wanted {
            Wanted::Everybody => {
                let keep = keep(&self.keep, rows);
                let state = analysis::people::fold(view(rows, &keep), self.period);
                let (_, people) = state.finish(PeopleOrder::LastSeen, 0, usize::MAX);
                let listed = |row: analysis::people::PersonRow| Listed {
                    person: row.person,
                    last_us: row.last_us,
                    entered_us: None,
                };
                people.into_iter().map(listed).collect()
            }
            Wanted::Journey { fold, selector } => {
                let scope = &fold.scopes[0];
                let (matched, keep) = (fold.matched(rows), fold.keep(scope, rows));
                let selected = select(matched.view(rows, 0, &keep.flags), &scope.plan, *selector);
                let listed = |selected: analysis::stages::Selected| Listed {
                    person: selected.person,
                    last_us: selected.last_touch_us,
                    entered_us: Some(selected.entry_us),
                };
                selected.into_iter().map(listed).collect()
            }
            Wanted::Attribution { fold, selector } => {
                let listed = |selected: analysis::attribution::Selected| Listed {
                    person: selected.person,
                    last_us: selected.last_us,
                    entered_us: Some(selected.first_us),
                };
                fold.select(rows, &keep(&self.keep, rows), *selector).into_iter().map(listed).collect()
            }
            Wanted::Asked(selecting) => selecting(rows, &keep(&self.keep, rows)),
            Wanted::Did(rules) => {
                let (matched, keep) = (Matched::new(&[rules], rows), keep(&self.keep, rows));
                let found = matched.view(rows, 0, &keep);
                let did = |(who, own): (usize, std::ops::Range<usize>)| {
                    let mut hits =
                        own.filter(|row| found.mask[*row] != 0 && self.period.contains(found.time_us[*row]));
                    let first = hits.next()?;
                    let last = hits.next_back().unwrap_or(first);
                    Some(Listed {
                        person: rows.person_keys[who],
                        last_us: found.time_us[last],
                        entered_us: Some(found.time_us[first]),
                    })
                };
                found.persons().filter_map(did).collect()
            }
        }
    }
}

impl Engine {
    /// Compiles a number of an answer. It is one of the question's own scope, unless another is named.
    pub(super) async fn selection(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        (of, scope): (&Select, &Scope),
        cancel: &Cancel,
    ) -> Result<(Selection, Resolved), EngineError> {
        let scope = of.scope().filter(|_| *scope == Scope::default()).unwrap_or(scope);
        let mut main = self.resolve(ground, scope).await?;
        let wanted = self.wanted(compiler, ground, &mut main, of, cancel).await?;
        let keep = self.tests(compiler, &main.segments, ground, cancel).await?;
        // Membership of a segment is a trait of the person: it needs no event in the period.
        let period = match of {
            Select::Segment { .. } | Select::Rule { .. }
                if scope.period.is_none() && scope.last.is_none() =>
            {
                analysis::Period::ALL
            }
            _ => main.period,
        };
        Ok((Selection { keep, wanted, period }, main))
    }

    async fn wanted(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &mut Resolved,
        select: &Select,
        cancel: &Cancel,
    ) -> Result<Wanted, EngineError> {
        let asked = match select {
            Select::Everybody => return Ok(Wanted::Everybody),
            Select::Segment { segment } => {
                main.segments.push(self.segment(segment).await?);
                return Ok(Wanted::Everybody);
            }
            Select::Rule { rule } => {
                let (key, name) = (Key::from_name("unsaved"), Text::from("unsaved"));
                main.segments.push(Segment { key, name, description: None, rule: (**rule).clone() });
                return Ok(Wanted::Everybody);
            }
            Select::Did { when } => {
                return Ok(Wanted::Did(compiler.rules(&[std::slice::from_ref(when)])));
            }
            Select::Attribution { of, model, label } => {
                let fold = self.attribution_fold(compiler, ground, main, of, cancel).await?;
                let code = |text: &String| fold.code(text, ground).ok_or_else(|| missing("label", text));
                let label = label.as_ref().map(code).transpose()?;
                let selector = analysis::attribution::Selector { model: *model, label };
                return Ok(Wanted::Attribution { fold, selector });
            }
            Select::Journey { journey, outcome } => {
                let journey = self.journey(journey).await?;
                let rules = self.journey_rules(compiler, &journey, ground, cancel).await?;
                let keep = self.tests(compiler, &main.segments, ground, cancel).await?;
                let plan = stage_plan(&journey, main, Vec::new())?;
                let fold = JourneyFold { rules, scopes: vec![JourneyScope { keep, plan }] };
                return Ok(Wanted::Journey { fold, selector: selector(&journey, outcome)? });
            }
            Select::Funnel { funnel, at } => Self::select_funnel(ground, main, compiler, (funnel, at))?,
            Select::Paths { paths, at } => {
                self.select_paths(ground, main, compiler, (paths, at), cancel).await?
            }
            Select::Retention { retention, cohort, cell, lost } => {
                let selector = returned(*cohort, *cell, *lost);
                Self::select_retention(ground, main, compiler, retention, selector)?
            }
            Select::Lifecycle { lifecycle, bucket, phase } => {
                Self::select_lifecycle(ground, main, compiler, lifecycle, (*bucket, *phase))?
            }
            Select::Stickiness { stickiness, span, n_intervals } => {
                Self::select_stickiness(ground, main, compiler, stickiness, (*span, *n_intervals))?
            }
            Select::Cohorts { cohorts, cohort, cell } => {
                Self::select_cohorts(ground, main, compiler, cohorts, (*cohort, *cell))?
            }
            Select::Variants { variants, nodes } => {
                self.select_variants(ground, main, compiler, (variants, nodes), cancel).await?
            }
            Select::Conformance { conformance, at } => {
                self.select_conformance(ground, main, compiler, (conformance, at)).await?
            }
            Select::Handovers { handovers, at } => {
                self.select_handovers(ground, main, compiler, (handovers, at)).await?
            }
            Select::CrossSell { cross_sell, item, other } => {
                self.select_pair(ground, main, compiler, (cross_sell, [item, other]), cancel).await?
            }
            Select::Drivers { drivers, event, succeeded } => {
                Self::select_drivers(ground, main, compiler, drivers, (event.as_deref(), *succeeded))?
            }
        };
        Ok(Wanted::Asked(asked))
    }
}

/// What a number names is not among what there is.
pub(super) fn missing(kind: &'static str, key: &str) -> EngineError {
    EngineError::NotFound { kind, key: key.to_owned() }
}

fn returned(cohort: usize, cell: Option<usize>, lost: bool) -> analysis::retention::Selector {
    use analysis::retention::Selector;
    match (cell, lost) {
        (None, _) => Selector::Cohort(cohort),
        (Some(cell), false) => Selector::Returned { cohort, cell },
        (Some(cell), true) => Selector::Lost { cohort, cell },
    }
}

fn selector(journey: &Journey, outcome: &Outcome) -> Result<Selector, EngineError> {
    let stage = |key: &Key| {
        journey.stage_index(key).map(|index| index as u8).ok_or_else(|| missing("stage", key.as_str()))
    };
    Ok(match outcome {
        Outcome::Started => Selector::Started,
        Outcome::Converted => Selector::Converted,
        Outcome::NotConverted => Selector::NotConverted,
        Outcome::Entered { stage: key } => Selector::Entered(stage(key)?),
        Outcome::MovedOn { stage: key } => Selector::WentFurther(stage(key)?),
        Outcome::Passed { stage: key } => Selector::MovedOn(stage(key)?),
        Outcome::Here { stage: key } => Selector::Here(stage(key)?),
        Outcome::Dropped { stage: key } => Selector::Dropped(stage(key)?),
        Outcome::Back { stage: key } => Selector::Back(stage(key)?),
        Outcome::Skipped { stage: key } => Selector::Skipped(stage(key)?),
        Outcome::WentBack { stage: key } => Selector::WentBack(stage(key)?),
        Outcome::Touched { touchpoint } => {
            let index = journey.touchpoints().position(|(_, own)| own.key == *touchpoint);
            Selector::Touched(index.ok_or_else(|| missing("touchpoint", touchpoint.as_str()))? as u8)
        }
    })
}
