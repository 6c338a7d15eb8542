//! Rules of attribution. A story is `channel@time` for a touch, `$amount@time` for a conversion.

mod laws;

use super::*;
use crate::columns::rows_of;
use crate::{Period, PlanError};
use testkit::timeline::{Columns, Row};

const ALL: [Model; 11] = [
    Model::First,
    Model::Last,
    Model::LastNonDirect,
    Model::Linear,
    Model::Position(Position::U),
    Model::Position(Position::J),
    Model::Position(Position::INVERSE_J),
    Model::TimeDecay { half_life_us: 10 },
    Model::Participation,
    Model::Shapley,
    Model::Markov { order: 1 },
];

/// Look-back 20, period 0..100, channel 9 is direct.
fn rules(models: &[Model]) -> AttributionRules {
    AttributionRules {
        models: models.to_vec(),
        conversion: 0b01,
        touch: 0b10,
        lookback_us: 20,
        container: Container::Person,
        reuse: Reuse::Again,
        direct: vec![9],
        period: Period { from_us: 0, to_us: 100 },
        bootstrap: Bootstrap::default(),
    }
}

fn stories(texts: &[&str]) -> Columns {
    let rows = (0u64..).zip(texts).flat_map(|(person, text)| {
        text.split_whitespace().map(move |word| {
            let (what, time_us) = word.split_once('@').expect("what@time");
            let time_us = time_us.parse().expect("a time");
            match what.strip_prefix('$') {
                Some(amount) => {
                    Row { person, mask: 1, time_us, amount: amount.parse().ok(), ..Row::default() }
                }
                None => {
                    let channel = what.parse().expect("a channel");
                    Row { person, mask: 2, time_us, channel, ..Row::default() }
                }
            }
        })
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

/// `label conversions amount people`, `-` for no path.
#[track_caller]
fn check_rules(rules: AttributionRules, texts: &[&str], expected: &str) {
    let plan = AttributionPlan::new(rules).expect("valid");
    let columns = stories(texts);
    let answer = fold(rows_of(&columns), &columns.channel, &plan).finish(&plan, &[]);
    let tell = |row: &LabelRow| {
        let label = row.label.map_or("-".to_owned(), |label| label.to_string());
        let conversions = (row.conversions.value * 1000.0).round() / 1000.0;
        format!("{label}: {conversions} {} {}p", row.amount, row.people)
    };
    let rows = answer.models[0].rows.iter().filter(|row| row.people > 0);
    assert_eq!(rows.map(tell).collect::<Vec<_>>().join(", "), expected, "{texts:?}");
    for row in &answer.models[0].rows {
        let selected =
            select(rows_of(&columns), &columns.channel, &plan, Selector { model: 0, label: row.label });
        assert_eq!(selected.len() as u64, row.people);
    }
}

#[track_caller]
fn check(model: Model, texts: &[&str], expected: &str) {
    check_rules(rules(&[model]), texts, expected);
}

#[test]
fn what_is_a_path() {
    check(Model::Last, &[], "");
    check(Model::Last, &["1@0"], ""); // Touches alone are no conversion.
    check(Model::Last, &["$5@1"], "-: 1 5 1p"); // No touch: the explicit row.
    check(Model::Last, &["$@1"], "-: 1 0 1p"); // A conversion needs no amount.
    check(Model::Last, &["1@0 $5@1"], "1: 1 5 1p");
    check(Model::Last, &["1@0 $-5@1"], "1: 1 -5 1p"); // A refund takes back.
    check(Model::Last, &["1@1 $5@1"], "-: 1 5 1p"); // The same time is not before,
    check(Model::Last, &["$5@1 1@1"], "-: 1 5 1p"); // in any order of rows;
    check(Model::Last, &["2@0 1@1 1@1 $5@1"], "2: 1 5 1p"); // the touch before them counts.
    check(Model::Last, &["1@0 $5@20"], "1: 1 5 1p"); // The look-back is closed,
    check(Model::Last, &["1@0 $5@21"], "-: 1 5 1p"); // and not one µs longer.
    check(Model::Last, &["1@-5 $5@0"], "1: 1 5 1p"); // A touch may lie before the period,
    check(Model::Last, &["1@-5 $5@-1"], ""); // a conversion may not,
    check(Model::Last, &["1@98 $5@99 $7@100"], "1: 1 5 1p"); // and the period is half open.
    check(Model::Last, &["1@0", "$5@1"], "-: 1 5 1p"); // Never across people.
    check(Model::Last, &["1@0 2@1 $5@2 3@3"], "2: 1 5 1p"); // Later touches do not matter.
    check(Model::Last, &["1@0 $5@1 $7@2", "1@0 $1@3"], "1: 3 13 2p"); // Every conversion, distinct people.
}

#[test]
fn touches_are_used_again_or_paths_start_anew() {
    let fresh = |model| AttributionRules { reuse: Reuse::Fresh, ..rules(&[model]) };
    check(Model::Linear, &["1@0 $4@1 2@2 $8@3"], "1: 1.5 8 1p, 2: 0.5 4 1p");
    check_rules(fresh(Model::Linear), &["1@0 $4@1 2@2 $8@3"], "1: 1 4 1p, 2: 1 8 1p");
    check_rules(fresh(Model::Last), &["1@0 $4@1 $8@3"], "1: 1 4 1p, -: 1 8 1p");
    // The touch tied with the first conversion was no part of its path: the next may have it, whichever row came first.
    check_rules(fresh(Model::Last), &["1@0 2@1 $4@1 $8@3"], "1: 1 4 1p, 2: 1 8 1p");
    check_rules(fresh(Model::Last), &["1@0 $4@1 2@1 $8@3"], "1: 1 4 1p, 2: 1 8 1p");
    check_rules(fresh(Model::Last), &["1@0 $4@1 $8@1"], "1: 1 4 1p, -: 1 8 1p"); // Of two at once the first takes it.
    check_rules(fresh(Model::Last), &["1@-3 $4@-2 $8@1"], "-: 1 8 1p"); // One before the period ends a path too.
}

#[test]
fn sessions_are_containers() {
    let session = AttributionRules { container: Container::Session { gap_us: 5 }, ..rules(&[Model::First]) };
    let check = |text, expected| check_rules(session.clone(), &[text], expected);
    check("1@0 $4@5", "1: 1 4 1p"); // The gap is closed,
    check("1@0 $4@6", "-: 1 4 1p"); // and not one µs longer.
    check("1@0 2@4 $4@9", "1: 1 4 1p"); // Every row keeps the session open.
    check("1@0 2@6 $4@9", "2: 1 4 1p");
    check("1@0 2@5 3@10 4@15 5@20 $4@25", "2: 1 4 1p"); // The look-back still holds.
}

#[test]
fn models() {
    let one = ["1@80 $100@90"];
    let two = ["1@80 2@85 $100@90"];
    let four = ["1@80 2@82 3@84 9@86 $1000@90"];
    for model in ALL {
        check(model, &one, "1: 1 100 1p"); // One touch has it all, whatever the model.
    }
    check(Model::First, &four, "1: 1 1000 1p");
    check(Model::Last, &four, "9: 1 1000 1p");
    check(Model::LastNonDirect, &four, "3: 1 1000 1p");
    check(Model::LastNonDirect, &["9@80 9@81 $100@90"], "9: 1 100 1p"); // Only direct: the last.
    check(Model::Linear, &four, "1: 0.25 250 1p, 2: 0.25 250 1p, 3: 0.25 250 1p, 9: 0.25 250 1p");
    check(Model::Linear, &["1@80 1@81 2@82 $100@90"], "1: 0.667 67 1p, 2: 0.333 33 1p"); // Per touch,
    check(Model::Shapley, &["1@80 1@81 2@82 $100@90"], "1: 0.5 50 1p, 2: 0.5 50 1p"); // or per label.
    check(Model::Participation, &["1@80 1@81 2@82 $100@90"], "1: 1 100 1p, 2: 1 100 1p");
    check(Model::Position(Position::U), &four, "1: 0.4 400 1p, 9: 0.4 400 1p, 2: 0.1 100 1p, 3: 0.1 100 1p");
    check(Model::Position(Position::J), &four, "9: 0.6 600 1p, 1: 0.2 200 1p, 2: 0.1 100 1p, 3: 0.1 100 1p");
    check(
        Model::Position(Position::INVERSE_J),
        &four,
        "1: 0.6 600 1p, 9: 0.2 200 1p, 2: 0.1 100 1p, 3: 0.1 100 1p",
    );
    check(Model::Position(Position::U), &two, "1: 0.5 50 1p, 2: 0.5 50 1p");
    check(Model::Position(Position::J), &two, "2: 0.75 75 1p, 1: 0.25 25 1p");
    check(Model::Position(Position::INVERSE_J), &two, "1: 0.75 75 1p, 2: 0.25 25 1p");
    let custom = Position { first: 1, middle: 0, last: 3 };
    check(Model::Position(custom), &four, "9: 0.75 750 1p, 1: 0.25 250 1p"); // Own weights; nothing earns nothing.
    let decay = Model::TimeDecay { half_life_us: 10 };
    check(decay, &["1@70 2@80 $100@90"], "2: 0.667 67 1p, 1: 0.333 33 1p"); // 2⁻² to 2⁻¹.
    check(Model::TimeDecay { half_life_us: 1 }, &["1@71 2@90 $100@91"], "2: 1 100 1p, 1: 0 0 1p");
}

#[test]
fn markov_rows_share_what_has_a_path() {
    // P = 1/2; the removal effects of 1 and 2 are 2/3 and 1/2 (see the chain worked by hand).
    let people = ["1@80 $700@90", "1@80 2@81 $700@90", "2@80", "2@80", "$50@9"];
    let text = "1: 1.143 800 2p, 2: 0.857 600 1p, -: 1 50 1p";
    check(Model::Markov { order: 1 }, &people, text);
    // Touches before a conversion are no lost path; those after one are.
    check(Model::Markov { order: 1 }, &["1@80 $100@81 2@82"], "1: 1 100 1p");
}

#[test]
fn paths_that_led_nowhere() {
    let nulls = |texts: &[&str]| {
        let plan = AttributionPlan::new(rules(&[Model::Markov { order: 1 }])).expect("valid");
        let columns = stories(texts);
        let state = fold(rows_of(&columns), &columns.channel, &plan);
        let mut lost: Vec<Vec<u16>> = state
            .paths()
            .iter()
            .filter(|(_, counts)| counts.nulls > 0)
            .map(|(path, _)| path.to_vec())
            .collect();
        lost.sort_unstable();
        lost
    };
    assert_eq!(nulls(&["1@0 2@5"]), [vec![1, 2]]);
    assert_eq!(nulls(&["1@0 2@20"]), [vec![1, 2]]); // At most the look-back before the last,
    assert_eq!(nulls(&["1@0 2@21"]), [vec![2]]);
    assert_eq!(nulls(&["1@-1 2@5"]), [vec![2]]); // and inside the period.
    assert_eq!(nulls(&["1@5 2@100"]), [vec![1]]);
    assert_eq!(nulls(&["1@5 $1@6 2@7"]), [vec![2]]);
    assert_eq!(nulls(&["1@5 $1@6"]), Vec::<Vec<u16>>::new());
}

#[test]
fn cost_gives_cpa_and_roas() {
    let plan = AttributionPlan::new(rules(&[Model::Last])).expect("valid");
    let columns = stories(&["1@0 $500@1", "1@0 $300@1"]);
    let cost = |label, cost| LabelCost { label, cost };
    let answer = fold(rows_of(&columns), &columns.channel, &plan)
        .finish(&plan, &[cost(1, 100), cost(1, 60), cost(2, 50), cost(3, 0)]);
    let rows = &answer.models[0].rows;
    let value = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
    assert_eq!((rows[0].label, rows[0].cost), (Some(1), Some(160))); // Costs of a label add up.
    assert_eq!((value(rows[0].cost_per_conversion), value(rows[0].return_on_cost)), (Some(80.0), Some(5.0)));
    assert_eq!((rows[1].label, rows[1].conversions.value), (Some(2), 0.0)); // Money spent for nothing
    assert_eq!((value(rows[1].cost_per_conversion), value(rows[1].return_on_cost)), (None, Some(0.0)));
    assert_eq!((rows[2].label, value(rows[2].return_on_cost)), (Some(3), None)); // costs something;
    assert_eq!(rows[3].label, None); // no path has no cost.
}

#[test]
fn wrong_plans_are_refused() {
    let of = |change: &dyn Fn(&mut AttributionRules)| {
        let mut rules = rules(&[Model::Last]);
        change(&mut rules);
        AttributionPlan::new(rules).err()
    };
    assert_eq!(of(&|_| {}), None);
    assert_eq!(of(&|rules| rules.models.clear()), Some(PlanError::ModelCount { got: 0 }));
    assert_eq!(of(&|rules| rules.models = vec![Model::Last; 17]), Some(PlanError::ModelCount { got: 17 }));
    let negative = |what| Some(PlanError::NegativeDuration { what, got_us: -1 });
    assert_eq!(of(&|rules| rules.lookback_us = -1), negative("lookback"));
    assert_eq!(of(&|rules| rules.container = Container::Session { gap_us: -1 }), negative("gap"));
    assert!(of(&|rules| rules.period = Period { from_us: 1, to_us: 0 }).is_some());
    assert_eq!(of(&|rules| rules.bootstrap.replicates = 1001), Some(PlanError::ReplicateCount { got: 1001 }));
    for model in [
        Model::Markov { order: 0 },
        Model::Markov { order: 4 },
        Model::TimeDecay { half_life_us: 0 },
        Model::Position(Position { first: 0, middle: 5, last: 0 }),
        Model::Position(Position { first: 0, middle: 0, last: 0 }),
    ] {
        assert!(matches!(of(&|rules| rules.models = vec![model]), Some(PlanError::Model { model: 0, .. })));
    }
}
