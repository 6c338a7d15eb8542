//! The definitions: readable, complete, and about things that exist.

use super::super::documents::documents;
use super::super::event::{Channel, Name, Property};
use super::YEAR;
use model::map::LaneKind;
use model::metric::Formula;
use model::rule::{EventRule, OneOrMany};
use model::segment::PersonRule;
use model::{DocumentBody, Kind, Lang, Text, Value};
use std::collections::BTreeSet;

fn bodies() -> Vec<DocumentBody> {
    documents().unwrap_or_else(|problems| panic!("{problems}"))
}

/// All rules on events in a document.
fn rules(body: &DocumentBody) -> Vec<&EventRule> {
    fn of_formula<'f>(formula: &'f Formula, rules: &mut Vec<&'f EventRule>) {
        match formula {
            Formula::Count(rule) | Formula::People(rule) => rules.push(rule),
            Formula::Sum(over) | Formula::Mean(over) | Formula::Nps(over) => rules.push(&over.when),
            Formula::Cost(_) => {}
            Formula::Ratio { of, to } => {
                of_formula(of, rules);
                of_formula(to, rules);
            }
        }
    }
    fn of_person<'p>(rule: &'p PersonRule, rules: &mut Vec<&'p EventRule>) {
        match rule {
            PersonRule::All(all) | PersonRule::Any(all) => all.iter().for_each(|rule| of_person(rule, rules)),
            PersonRule::Not(rule) => of_person(rule, rules),
            PersonRule::Trait(_) | PersonRule::Selected(_) => {}
            PersonRule::Did(did) => rules.push(&did.when),
        }
    }
    let mut rules = Vec::new();
    match body {
        DocumentBody::Journey(journey) => {
            rules.extend(journey.touchpoints().flat_map(|(_, touchpoint)| touchpoint.when.as_slice()));
            rules.extend(&journey.exits);
            rules.extend(journey.emotion.iter().map(|source| &source.when));
        }
        DocumentBody::Metric(metric) => of_formula(&metric.formula, &mut rules),
        DocumentBody::Segment(segment) => of_person(&segment.rule, &mut rules),
        _ => {}
    }
    rules
}

#[test]
fn there_is_enough_of_each_kind() {
    let bodies = bodies();
    for (kind, at_least) in
        [(Kind::Journey, 3), (Kind::Map, 4), (Kind::Persona, 3), (Kind::Segment, 6), (Kind::Metric, 12)]
    {
        let n = bodies.iter().filter(|body| body.kind() == kind).count();
        assert!(n >= at_least, "{n} of {}", kind.as_str());
    }
    let keys: BTreeSet<_> = bodies.iter().map(|body| (body.kind(), body.key().clone())).collect();
    assert_eq!(keys.len(), bodies.len(), "keys are unique");
}

#[test]
fn references_hold() {
    let bodies = bodies();
    let has = |kind: Kind, key: &model::Key| bodies.iter().any(|b| b.kind() == kind && b.key() == key);
    for body in &bodies {
        match body {
            DocumentBody::Journey(journey) => {
                for stage in &journey.stages {
                    assert!(!stage.kpis.is_empty(), "{}: a stage without metrics", journey.key);
                    stage.kpis.iter().for_each(|key| assert!(has(Kind::Metric, key), "{key}"));
                    stage.opens.iter().for_each(|key| assert!(has(Kind::Journey, key), "{key}"));
                }
            }
            DocumentBody::Map(map) => {
                map.personas.iter().for_each(|key| assert!(has(Kind::Persona, key), "{key}"));
                map.segments.iter().for_each(|key| assert!(has(Kind::Segment, key), "{key}"));
                let journey = bodies.iter().find_map(|body| match body {
                    DocumentBody::Journey(journey) if journey.key == map.journey => Some(journey),
                    _ => None,
                });
                let journey = journey.unwrap_or_else(|| panic!("{} has no journey", map.key));
                for card in map.lanes.iter().flat_map(|lane| &lane.cards) {
                    assert!(journey.stage_index(&card.stage).is_some(), "{} in {}", card.id, map.key);
                }
            }
            DocumentBody::Persona(persona) => assert!(has(Kind::Segment, &persona.segment)),
            _ => {}
        }
    }
}

#[test]
fn rules_name_what_the_generator_says() {
    let events: Vec<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
    let channels: Vec<&str> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
    for body in &bodies() {
        for rule in rules(body) {
            let known = rule.event.as_slice().iter().all(|event| events.contains(&event.as_str()));
            assert!(known, "{:?} in {}", rule.event, body.key());
            let in_channels = rule.channel.iter().flat_map(OneOrMany::as_slice);
            in_channels.for_each(|channel| assert!(channels.contains(&channel.as_str()), "{channel}"));
            // Every rule finds something: the events of its name with the properties and values it filters by.
            let found = YEAR.rows.iter().any(|row| {
                rule.event.as_slice().iter().any(|event| event == row.event.as_str())
                    && rule.filters.iter().all(|filter| {
                        let key = Property::ALL.iter().find(|key| key.as_str() == filter.property);
                        let key = *key.unwrap_or_else(|| panic!("no property {}", filter.property));
                        let values = filter.value.iter().flat_map(OneOrMany::as_slice);
                        let texts: Vec<&str> = values
                            .filter_map(|value| {
                                if let Value::Text(text) = value { Some(text.as_str()) } else { None }
                            })
                            .collect();
                        filter.op != model::rule::Op::Is
                            || texts.is_empty()
                            || YEAR.text(row, key).is_some_and(|text| texts.contains(&text))
                    })
            });
            assert!(found, "{rule:?} in {} finds nothing", body.key());
        }
    }
}

#[test]
fn everything_is_said_in_both_languages() {
    let check = |text: &Text, place: &str| {
        assert!(matches!(text, Text::Both { .. }), "{place}: {text:?}");
        let is_korean = text.get(Lang::Ko).chars().any(|c| ('가'..='힣').contains(&c));
        let is_english = text.get(Lang::En).chars().all(|c| !('가'..='힣').contains(&c));
        assert!(
            is_english
                && (is_korean || text.get(Lang::Ko) == text.get(Lang::En) || text.get(Lang::Ko).is_ascii()),
            "{place}: {text:?}"
        );
    };
    for body in &bodies() {
        let place = format!("{} {}", body.kind().as_str(), body.key());
        check(&body.name(), &place);
        match body {
            DocumentBody::Journey(journey) => {
                for stage in &journey.stages {
                    check(&stage.name, &place);
                    stage
                        .goal
                        .customer
                        .iter()
                        .chain(&stage.goal.business)
                        .for_each(|text| check(text, &place));
                }
                journey.touchpoints().for_each(|(_, touchpoint)| check(&touchpoint.name, &place));
            }
            DocumentBody::Map(map) => {
                for card in map.lanes.iter().flat_map(|lane| &lane.cards) {
                    check(&card.text, &format!("{place} {}", card.id));
                    card.evidence.iter().for_each(|text| check(text, &place));
                }
            }
            DocumentBody::Persona(persona) => {
                let texts = [&persona.tagline, &persona.quote].into_iter().flatten();
                let lists = persona.goals.iter().chain(&persona.motivations).chain(&persona.challenges);
                texts.chain(lists).for_each(|text| check(text, &place));
            }
            _ => {}
        }
    }
}

#[test]
fn the_first_map_has_every_lane_of_a_map() {
    let bodies = bodies();
    let map = bodies.iter().find_map(|body| match body {
        DocumentBody::Map(map) if map.key.as_str() == "gift-purchase" => Some(map),
        _ => None,
    });
    let kinds: BTreeSet<String> =
        map.expect("the first map").lanes.iter().map(|lane| format!("{:?}", lane.kind)).collect();
    for kind in [
        LaneKind::CustomerGoal,
        LaneKind::Actions,
        LaneKind::Touchpoints,
        LaneKind::Motivations,
        LaneKind::Questions,
        LaneKind::Friction,
        LaneKind::Thoughts,
        LaneKind::Emotion,
        LaneKind::Backstage,
        LaneKind::Opportunities,
        LaneKind::Owner,
        LaneKind::Kpi,
        LaneKind::Volumes,
    ] {
        assert!(kinds.contains(&format!("{kind:?}")), "no lane {kind:?}");
    }
}
