//! The list of journeys: each with its conversion, its history and where people stand.

use super::compile::Compiler;
use super::scope::{Ground, Resolved};
use super::stages::{JourneyFold, JourneyScope, facts, stage_plan};
use crate::{Engine, EngineError};
use analysis::stages::StageAnswer;
use model::ask::Scope;
use model::journey::Journey;
use model::time::Grain;
use model::view::{Fact, Figure, JourneyView, StandView};
use model::{Document, DocumentBody, Key, Kind};
use std::sync::Arc;
use store::{Cancel, Rows};

impl Engine {
    /// All journeys with their numbers, in one scan. A journey that cannot be measured says why.
    pub async fn journeys(&self, scope: &Scope, cancel: &Cancel) -> Result<Vec<JourneyView>, EngineError> {
        let ground = self.ground().await?;
        let main = self.resolve(&ground, scope).await?;
        let grain = Grain::for_days(main.days.n_days());
        let bounds = ground.calendar.boundaries_us(main.days, grain);
        let documents = self.documents(Kind::Journey).await?;
        let maps = self.documents(Kind::Map).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        compiler.columns.amount = true;
        let mut views = Vec::new();
        let mut folds = Vec::new();
        for document in &documents {
            let DocumentBody::Journey(journey) = &document.body else { continue };
            let mut view = empty_view(document, journey, map_of(&maps, &journey.key), &bounds);
            match self.journey_fold(&mut compiler, journey, &ground, &main, &bounds, cancel).await {
                Ok(fold) => folds.push((views.len(), journey, fold)),
                Err(error) => view.problems = error.problems().0,
            }
            views.push(view);
        }
        let folds = Arc::new(
            folds.into_iter().map(|(at, journey, fold)| (at, journey.clone(), fold)).collect::<Vec<_>>(),
        );
        let folding = folds.clone();
        let columns = compiler.columns.clone();
        let tests = folds.iter().flat_map(|(_, _, fold)| fold.tests());
        let key = self.lasting_key(("journeys", scope), &ground, [Some(&main), None], tests);
        let fold = move |rows: &Rows| folding.iter().map(|(_, _, fold)| fold.fold(rows)).collect::<Vec<_>>();
        let mut buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        for (index, (at, journey, fold)) in folds.iter().enumerate() {
            let states: Vec<_> =
                buckets.iter_mut().map(|bucket| std::mem::take(&mut bucket[index])).collect();
            if let Some(answer) = fold.finish(states).into_iter().next() {
                fill(&mut views[*at], journey, &answer);
            }
        }
        Ok(views)
    }

    async fn journey_fold(
        &self,
        compiler: &mut Compiler<'_>,
        journey: &Journey,
        ground: &Ground,
        scope: &Resolved,
        bounds: &[i64],
        cancel: &Cancel,
    ) -> Result<JourneyFold, EngineError> {
        let plan = stage_plan(journey, scope, bounds.to_vec())?;
        let rules = self.journey_rules(compiler, journey, ground, cancel).await?;
        let keep = self.tests(compiler, &scope.segments, ground, cancel).await?;
        Ok(JourneyFold { rules, scopes: vec![JourneyScope { keep, plan }] })
    }
}

fn map_of(maps: &[Document], journey: &Key) -> Option<Key> {
    maps.iter().find_map(|document| match &document.body {
        DocumentBody::Map(map) if map.journey == *journey => Some(map.key.clone()),
        _ => None,
    })
}

fn empty_view(document: &Document, journey: &Journey, map: Option<Key>, bounds: &[i64]) -> JourneyView {
    JourneyView {
        key: journey.key.clone(),
        name: journey.name.clone(),
        description: journey.description.clone(),
        map,
        people: Figure::default(),
        conversion: Figure::default(),
        time_to_convert: Figure::default(),
        stages: Vec::new(),
        buckets: bounds.split_last().map(|(_, starts)| starts.to_vec()).unwrap_or_default(),
        changed_us: document.created_us,
        problems: Vec::new(),
    }
}

fn fill(view: &mut JourneyView, journey: &Journey, answer: &StageAnswer) {
    for Fact { key, figure } in facts(journey, answer, None) {
        match key.as_str() {
            "people" => view.people = figure,
            "conversion" => view.conversion = figure,
            "time_to_convert" => view.time_to_convert = figure,
            _ => {}
        }
    }
    let stages = journey.stages.iter().zip(&answer.stages);
    view.stages = stages
        .map(|(stage, row)| StandView {
            key: stage.key.clone(),
            name: stage.name.clone(),
            entered: row.entered,
            here: row.here,
            dropped: row.dropped + row.finished,
        })
        .collect();
}
