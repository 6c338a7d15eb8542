//! Which documents a document needs, and whether they lead back to it.

use crate::{Engine, EngineError};
use model::ask::{Scope, Select};
use model::segment::Selected;
use model::{DocumentBody, Key, Kind};
use std::collections::{BTreeMap, BTreeSet};

impl Engine {
    /// A stored document that refers to the one named.
    pub(in crate::documents) async fn user_of(
        &self,
        kind: Kind,
        key: &Key,
    ) -> Result<Option<(Kind, Key)>, EngineError> {
        for user_kind in Kind::ALL {
            for document in self.documents(user_kind).await? {
                if references(&document.body).contains(&(kind, key)) {
                    return Ok(Some((user_kind, document.body.key().clone())));
                }
            }
        }
        Ok(None)
    }
}

/// Every document a document needs.
fn references(body: &DocumentBody) -> Vec<(Kind, &Key)> {
    match body {
        DocumentBody::Journey(journey) => {
            let population = journey.population.iter().map(|key| (Kind::Segment, key));
            let stages = journey.stages.iter();
            let kpis = stages.clone().flat_map(|stage| &stage.kpis).map(|key| (Kind::Metric, key));
            let opens = stages.filter_map(|stage| stage.opens.as_ref()).map(|key| (Kind::Journey, key));
            population.chain(kpis).chain(opens).collect()
        }
        DocumentBody::Map(map) => {
            let personas = map.personas.iter().map(|key| (Kind::Persona, key));
            let segments = map.segments.iter().map(|key| (Kind::Segment, key));
            personas.chain(segments).chain([(Kind::Journey, &map.journey)]).collect()
        }
        DocumentBody::Persona(persona) => vec![(Kind::Segment, &persona.segment)],
        DocumentBody::Segment(segment) => segment.rule.selected().into_iter().flat_map(of_selected).collect(),
        DocumentBody::Insight(insight) => {
            let pins = insight.pins.iter().map(|pin| (Kind::Map, &pin.map));
            of_scope(insight.question.scope()).chain(pins).collect()
        }
        DocumentBody::Metric(_) | DocumentBody::Mapping(_) => Vec::new(),
    }
}

pub(super) fn of_scope(scope: &Scope) -> impl Iterator<Item = (Kind, &Key)> {
    let segment = scope.segment.iter().map(|key| (Kind::Segment, key));
    segment.chain(scope.persona.iter().map(|key| (Kind::Persona, key)))
}

/// What the people of a number need.
pub(super) fn of_selected(Selected { of, scope }: &Selected) -> Vec<(Kind, &Key)> {
    let segment = match of {
        Select::Segment { segment } => Some((Kind::Segment, segment)),
        _ => None,
    };
    let journey = of.journey().map(|key| (Kind::Journey, key));
    let own = of.scope().into_iter().flat_map(of_scope);
    let rule = match of {
        Select::Rule { rule } => rule.selected(),
        _ => Vec::new(),
    };
    let ruled = rule.into_iter().flat_map(of_selected);
    of_scope(scope).chain(own).chain(segment).chain(journey).chain(ruled).collect()
}

/// Documents by what they lead to.
#[derive(Default)]
pub(super) struct Links {
    /// Sub-journeys of a journey.
    opens: BTreeMap<(Kind, Key), Vec<(Kind, Key)>>,
    /// What the people of a segment, a persona or a journey follow from.
    people: BTreeMap<(Kind, Key), Vec<(Kind, Key)>>,
}

impl Links {
    /// A later document of the same kind and key stands in place of an earlier one.
    pub fn add(&mut self, body: &DocumentBody) {
        let own = (body.kind(), body.key().clone());
        let needed = references(body).into_iter().map(|(kind, key)| (kind, key.clone()));
        match body {
            DocumentBody::Journey(journey) => {
                let opens = journey.stages.iter().filter_map(|stage| stage.opens.clone());
                self.opens.insert(own.clone(), opens.map(|key| (Kind::Journey, key)).collect());
                let population = journey.population.iter().map(|key| (Kind::Segment, key.clone()));
                self.people.insert(own, population.collect());
            }
            DocumentBody::Segment(_) | DocumentBody::Persona(_) => {
                self.people.insert(own, needed.collect());
            }
            _ => {}
        }
    }

    /// The chain of sub-journeys that leads back to a journey.
    pub fn opened_again(&self, journey: &Key) -> Option<String> {
        cycle(&self.opens, &(Kind::Journey, journey.clone()))
    }

    /// The chain by which a segment needs itself.
    pub fn needed_again(&self, segment: &Key) -> Option<String> {
        cycle(&self.people, &(Kind::Segment, segment.clone()))
    }
}

/// The keys from `start` back to it, if there is such a way. Each document is looked at once.
fn cycle(links: &BTreeMap<(Kind, Key), Vec<(Kind, Key)>>, start: &(Kind, Key)) -> Option<String> {
    let next = |document| links.get(document).into_iter().flatten();
    let mut path = vec![start];
    let mut open: Vec<(usize, &(Kind, Key))> = next(start).map(|document| (1, document)).collect();
    let mut seen = BTreeSet::new();
    while let Some((depth, document)) = open.pop() {
        path.truncate(depth);
        path.push(document);
        if document == start {
            return Some(path.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(" → "));
        }
        if seen.insert(document) {
            open.extend(next(document).map(|document| (depth + 1, document)));
        }
    }
    None
}
