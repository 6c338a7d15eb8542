//! The checks of stored documents (`documents::check`) need an engine; these need only the files.

use super::*;
use model::Lang;
use model::journey::{Journey, Start};
use model::map::{LaneKind, Map};
use std::collections::HashSet;

fn parts(template: &str) -> (Journey, Map) {
    let bodies = make(template, &Key::new("mine").unwrap(), "내 여정").unwrap();
    match <[DocumentBody; 2]>::try_from(bodies) {
        Ok([DocumentBody::Journey(journey), DocumentBody::Map(map)]) => (journey, map),
        other => panic!("{template} is not one journey and one map: {other:?}"),
    }
}

fn all_different<'a>(what: &str, keys: impl Iterator<Item = &'a Key>) {
    let mut seen = HashSet::new();
    for key in keys {
        assert!(seen.insert(key), "{what} {key} stands twice");
    }
}

#[test]
fn every_file_is_a_template() {
    let keys: Vec<String> = all().into_iter().map(|template| template.key.to_string()).collect();
    let files: Vec<&str> = FILES.iter().map(|file| file.0).collect();
    assert_eq!(keys, files);
    for (key, text) in FILES {
        read_yaml(text, Some(key)).unwrap_or_else(|problems| panic!("{problems}"));
    }
}

#[test]
fn the_orders_of_five_stages() {
    let order = |key: &str| {
        let (journey, _) = parts(key);
        journey.stages.iter().map(|stage| stage.key.to_string()).collect::<Vec<_>>().join("–")
    };
    assert_eq!(order("five-stage-retention"), "awareness–consideration–purchase–retention–advocacy");
    assert_eq!(order("five-stage-decision"), "awareness–consideration–decision–conversion–loyalty");
    assert_eq!(order("five-stage-loyalty"), "awareness–consideration–conversion–loyalty–advocacy");
}

#[test]
fn all_references_lead_somewhere() {
    for (template, _) in FILES {
        let (journey, map) = parts(template);
        all_different("stage", journey.stages.iter().map(|stage| &stage.key));
        all_different("touchpoint", journey.touchpoints().map(|(_, touchpoint)| &touchpoint.key));
        all_different("lane", map.lanes.iter().map(|lane| &lane.key));
        all_different("card", map.lanes.iter().flat_map(|lane| &lane.cards).map(|card| &card.id));
        let conversion = journey.conversion.as_ref().expect("a conversion stage");
        assert!(journey.stage_index(conversion).is_some(), "{template}: {conversion}");
        for (stage, touchpoint) in journey.touchpoints() {
            let after = touchpoint.after.as_ref().map(|key| journey.stage_index(key));
            let is_known = after.is_none_or(|index| index.is_some_and(|index| index <= stage));
            assert!(is_known, "{template}: {} waits for {:?}", touchpoint.key, touchpoint.after);
        }
        assert_eq!(journey.start, Start::FirstStage);
        let starts = journey.stages[0]
            .touchpoints
            .iter()
            .any(|touchpoint| touchpoint.enters && touchpoint.after.is_none());
        assert!(starts, "{template}: nobody can start");
        for stage in &journey.stages {
            let is_entered = stage.touchpoints.iter().any(|touchpoint| touchpoint.enters);
            assert!(is_entered || stage.after_silence.is_some(), "{template}: nobody enters {}", stage.key);
            assert!(map.assumed_emotion.contains_key(&stage.key), "{template}: {}", stage.key);
        }
        assert_eq!(map.assumed_emotion.len(), journey.stages.len());
        for card in map.lanes.iter().flat_map(|lane| &lane.cards) {
            assert!(journey.stage_index(&card.stage).is_some(), "{template}: card {}", card.id);
        }
    }
}

/// The lanes of product requirement M4, and cards where there is most to say.
#[test]
fn every_map_has_all_lanes() {
    use LaneKind::*;
    let kinds = [
        BusinessGoal,
        CustomerGoal,
        Actions,
        Touchpoints,
        Motivations,
        Questions,
        Friction,
        Thoughts,
        Emotion,
        Expectations,
        Backstage,
        Kpi,
        Volumes,
        Opportunities,
        Owner,
    ];
    for (template, _) in FILES {
        let (journey, map) = parts(template);
        let found: Vec<LaneKind> = map.lanes.iter().map(|lane| lane.kind).collect();
        assert_eq!(found, kinds, "{template}");
        for lane in &map.lanes {
            if matches!(lane.kind, Actions | Questions | Friction | Opportunities) {
                assert!(lane.cards.len() >= journey.stages.len(), "{template}: {}", lane.key);
            }
            assert!(!lane.kind.is_measured() || lane.cards.is_empty(), "{template}: {}", lane.key);
        }
    }
}

/// Both languages everywhere: no text is left plain, none is empty, no Korean stands in the English.
#[test]
fn every_text_speaks_both_languages() {
    let check = |template: &str, text: &Text| {
        let (ko, en) = (text.get(Lang::Ko), text.get(Lang::En));
        assert!(matches!(text, Text::Both { .. }), "{template}: {ko}");
        assert!(!ko.trim().is_empty() && !en.trim().is_empty(), "{template}: {ko} / {en}");
        assert!(!en.contains(|c| ('가'..='힣').contains(&c)), "{template}: {en}");
    };
    for (template, text) in FILES {
        for body in read_yaml(text, None).unwrap() {
            let texts: Vec<&Text> = match &body {
                DocumentBody::Journey(journey) => {
                    let goals = journey.stages.iter().map(|stage| &stage.goal).chain([&journey.goal]);
                    let goals = goals.flat_map(|goal| [goal.business.as_ref(), goal.customer.as_ref()]);
                    let names = journey.stages.iter().map(|stage| &stage.name);
                    let touchpoints = journey.touchpoints().map(|(_, touchpoint)| &touchpoint.name);
                    let own = [Some(&journey.name), journey.description.as_ref()];
                    goals
                        .chain(own)
                        .map(|text| text.expect("a goal"))
                        .chain(names)
                        .chain(touchpoints)
                        .collect()
                }
                DocumentBody::Map(map) => {
                    let cards = map.lanes.iter().flat_map(|lane| &lane.cards);
                    cards.flat_map(|card| [Some(&card.text), card.evidence.as_ref()]).flatten().collect()
                }
                other => panic!("{template} holds a {:?}", other.kind()),
            };
            texts.into_iter().for_each(|text| check(template, text));
        }
    }
}

#[test]
fn made_documents_carry_the_new_key_and_name() {
    let (journey, map) = parts("app");
    assert_eq!((journey.key.as_str(), map.key.as_str(), map.journey.as_str()), ("mine", "mine", "mine"));
    assert_eq!((journey.name, map.name), (Text::Plain("내 여정".to_owned()), None));
    let blank = make("app", &Key::new("mine").unwrap(), "  ").unwrap();
    assert_eq!(blank[0].name(), Text::both("앱", "App"));
    let unknown = make("no-such", &Key::new("mine").unwrap(), "");
    assert!(matches!(unknown, Err(EngineError::NotFound { kind: "template", .. })));
}
