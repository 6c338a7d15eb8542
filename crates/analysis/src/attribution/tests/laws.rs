//! Attribution against the oracle, merge law, axioms of the Shapley value, bootstrap.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, thirds};
use testkit::attribution::{Conversion, Plan, paths, shapley};
use testkit::timeline::rows;

fn plans() -> impl Strategy<Value = Plan> {
    (0i64..14, proptest::option::of(0i64..6), any::<bool>(), 0i64..8, 0i64..20).prop_map(
        |(lookback_us, gap_us, fresh, from_us, length_us)| Plan {
            lookback_us,
            gap_us,
            fresh,
            from_us,
            to_us: from_us + length_us,
        },
    )
}

fn compiled(plan: &Plan, models: &[Model], replicates: usize) -> AttributionPlan {
    let rules = AttributionRules {
        models: models.to_vec(),
        conversion: 0b01,
        touch: 0b10,
        lookback_us: plan.lookback_us,
        container: plan.gap_us.map_or(Container::Person, |gap_us| Container::Session { gap_us }),
        reuse: if plan.fresh { Reuse::Fresh } else { Reuse::Again },
        direct: vec![0, 2],
        period: Period { from_us: plan.from_us, to_us: plan.to_us },
        bootstrap: Bootstrap { replicates, seed: 5 },
    };
    AttributionPlan::new(rules).expect("generated plans are valid")
}

/// Share of each touch of a path, by a formula of its own.
fn naive_shares(model: Model, path: &[(u16, i64)]) -> Vec<f64> {
    let n = path.len();
    if n == 0 {
        return Vec::new();
    }
    let only = |at: usize| (0..n).map(|i| f64::from(u8::from(i == at))).collect::<Vec<_>>();
    let labels: BTreeSet<u16> = path.iter().map(|touch| touch.0).collect();
    let normal = |weights: Vec<f64>| {
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    };
    let is_first_of_label = |i: usize| path[..i].iter().all(|other| other.0 != path[i].0);
    match model {
        Model::First => only(0),
        Model::Last => only(n - 1),
        Model::LastNonDirect => {
            only((0..n).filter(|&i| path[i].0 % 2 == 1).max().unwrap_or(n - 1)) // 0 and 2 are direct.
        }
        Model::Linear => vec![1.0 / n as f64; n],
        Model::Position(Position { first, middle, last }) => normal(
            (0..n)
                .map(|i| match (i, n - 1 - i) {
                    _ if n == 1 => 1.0,
                    (0, _) => f64::from(first),
                    (_, 0) => f64::from(last),
                    _ => f64::from(middle) / (n - 2) as f64,
                })
                .collect(),
        ),
        Model::TimeDecay { half_life_us } => {
            normal(path.iter().map(|touch| 0.5f64.powf(touch.1 as f64 / half_life_us as f64)).collect())
        }
        Model::Participation => (0..n).map(|i| f64::from(u8::from(is_first_of_label(i)))).collect(),
        Model::Shapley => {
            let share = 1.0 / labels.len() as f64;
            (0..n).map(|i| if is_first_of_label(i) { share } else { 0.0 }).collect()
        }
        Model::Markov { .. } => (0..n).map(|i| f64::from(u8::from(is_first_of_label(i)))).collect(),
    }
}

/// Label, person, conversions, amount.
type Share = (Option<u16>, u64, f64, f64);

/// `label → (conversions, amount, people)`.
fn naive_rows(model: Model, conversions: &[Conversion]) -> BTreeMap<Option<u16>, (f64, f64, usize)> {
    let mut credits: Vec<Share> = Vec::new();
    for conversion in conversions {
        let amount = conversion.amount as f64;
        if conversion.path.is_empty() {
            credits.push((None, conversion.person, 1.0, amount));
        }
        for (touch, share) in conversion.path.iter().zip(naive_shares(model, &conversion.path)) {
            if share > 0.0 {
                credits.push((Some(touch.0), conversion.person, share, share * amount));
            }
        }
    }
    let labels: BTreeSet<Option<u16>> = credits.iter().map(|credit| credit.0).chain([None]).collect();
    let row = |label: Option<u16>| {
        let own: Vec<_> = credits.iter().filter(|credit| credit.0 == label).collect();
        let people: BTreeSet<u64> = own.iter().map(|credit| credit.1).collect();
        let sum = |of: fn(&Share) -> f64| own.iter().map(|credit| of(credit)).sum();
        (label, (sum(|credit| credit.2), sum(|credit| credit.3), people.len()))
    };
    labels.into_iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle(plan in plans(), rows in rows(3, 24, 20, 0b11)) {
        let (compiled, columns) = (compiled(&plan, &ALL, 0), Columns::new(&rows));
        let (conversions, lost) = paths(&plan, &rows);
        let state = fold(rows_of(&columns), &columns.channel, &compiled);
        let mut table = PathTable::default();
        for conversion in &conversions {
            let labels: Vec<u16> = conversion.path.iter().map(|touch| touch.0).collect();
            table.add(&labels, PathCounts { conversions: 1, amount: conversion.amount.into(), nulls: 0 });
        }
        lost.iter().for_each(|path| table.add(path, PathCounts { nulls: 1, ..PathCounts::default() }));
        prop_assert_eq!(state.paths(), &table);
        let answer = state.finish(&compiled, &[]);
        let amount: i128 = conversions.iter().map(|c| i128::from(c.amount)).sum();
        prop_assert_eq!((answer.conversions, answer.amount), (conversions.len() as u64, amount));
        for model in &answer.models {
            let want = naive_rows(model.model, &conversions);
            let got: BTreeSet<Option<u16>> = model.rows.iter().map(|row| row.label).collect();
            prop_assert!(want.keys().all(|label| got.contains(label)));
            for row in &model.rows {
                let (n, amount, people) = want.get(&row.label).copied().unwrap_or_default();
                prop_assert_eq!(row.people, people as u64, "{:?} {:?}", model.model, row);
                if !model.model.is_data_driven() {
                    prop_assert!((row.conversions.value - n).abs() < 1e-9, "{:?} {:?} {}", model.model, row, n);
                    prop_assert!((row.amount as f64 - amount).abs() < 1.0 + 1e-6, "{:?} {:?} {}", model.model, row, amount);
                }
            }
            if model.model != Model::Participation {
                // All conversions are given away, and the money to the cent; of Markov only what converts at all.
                let sum: f64 = model.rows.iter().map(|row| row.conversions.value).sum();
                prop_assert!((sum - conversions.len() as f64).abs() < 1e-9);
                prop_assert_eq!(model.rows.iter().map(|row| row.amount).sum::<i128>(), answer.amount);
            }
        }
    }

    #[test]
    fn every_row_opens_its_people(plan in plans(), rows in rows(3, 24, 20, 0b11), model in 0..ALL.len()) {
        let (compiled, columns) = (compiled(&plan, &ALL, 0), Columns::new(&rows));
        let (conversions, _) = paths(&plan, &rows);
        let answer = fold(rows_of(&columns), &columns.channel, &compiled).finish(&compiled, &[]);
        for row in &answer.models[model].rows {
            let selected = select(rows_of(&columns), &columns.channel, &compiled, Selector { model, label: row.label });
            prop_assert_eq!(selected.len() as u64, row.people);
            for person in selected {
                let credited = |c: &&Conversion| {
                    let shares = naive_shares(ALL[model], &c.path);
                    let mut touches = c.path.iter().zip(shares);
                    let earned = touches.any(|(touch, share)| Some(touch.0) == row.label && share > 0.0);
                    c.person == person.person && if row.label.is_none() { c.path.is_empty() } else { earned }
                };
                let times: Vec<i64> = conversions.iter().filter(credited).map(|c| c.time_us).collect();
                let want = (times.first().copied(), times.last().copied(), times.len() as u64);
                prop_assert_eq!((Some(person.first_us), Some(person.last_us), person.conversions), want);
            }
        }
    }

    #[test]
    fn states_merge_in_any_order(plan in plans(), rows in rows(6, 24, 20, 0b11), salt in 0u64..8) {
        let compiled = compiled(&plan, &ALL, 3);
        let count = |columns: &Columns| fold(rows_of(columns), &columns.channel, &compiled);
        let whole = count(&Columns::new(&rows));
        assert_merges(thirds(&rows, salt).map(|part| count(&part)), &whole, AttributionState::merge);
        prop_assert_eq!(whole.clone().merge(AttributionState::default()).finish(&compiled, &[]), whole.finish(&compiled, &[]));
    }

    #[test]
    fn events_by_name_are_the_same_as_by_mask(plan in plans(), rows in rows(6, 24, 20, 0b11)) {
        // Event codes 0 to 3 as masks 0 to 3; code 4 is beyond the table.
        let rows: Vec<Row> = rows.into_iter().map(|row| Row { mask: u64::from(row.event), ..row }).collect();
        let (compiled, columns) = (compiled(&plan, &ALL, 3), Columns::new(&rows));
        let by_name = fold_events(rows_of(&columns), &columns.channel, &[0, 1, 2, 3], &compiled);
        prop_assert_eq!(by_name, fold(rows_of(&columns), &columns.channel, &compiled));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each path is a person who converts once; labels 0 to 4.
    #[test]
    fn shapley_is_the_mean_over_all_orders_and_keeps_its_axioms(
        paths in proptest::collection::vec((proptest::collection::vec(0u16..5, 1..5), -9i64..50), 1..6),
    ) {
        let story = |(person, (path, amount)): (u64, &(Vec<u16>, i64))| {
            let touch = move |(at, &channel): (usize, &u16)| Row { person, mask: 2, time_us: at as i64, channel, ..Row::default() };
            let buy = Row { person, mask: 1, time_us: 10, amount: Some(*amount), ..Row::default() };
            path.iter().enumerate().map(touch).chain([buy]).collect::<Vec<_>>()
        };
        let columns = Columns::new(&(0u64..).zip(&paths).flat_map(story).collect::<Vec<_>>());
        let plan = AttributionPlan::new(rules(&[Model::Shapley])).expect("valid");
        let state = fold(rows_of(&columns), &columns.channel, &plan);
        let sets: Vec<(BTreeSet<u16>, i128)> = paths.iter().map(|(path, _)| (path.iter().copied().collect(), 1)).collect();
        let money: Vec<(BTreeSet<u16>, i128)> =
            paths.iter().map(|(path, amount)| (path.iter().copied().collect(), i128::from(*amount))).collect();
        let (want, orders) = shapley(&sets);
        let (want_amount, _) = shapley(&money);
        let unit = i128::from(UNIT);
        for (label, credit) in &state.models[0].credits {
            let label = label.expect("everybody has a path");
            prop_assert_eq!(credit.units * orders, want[&label] * unit);
            prop_assert_eq!(credit.amount * orders, want_amount[&label] * unit);
        }
        // Efficiency: nothing is kept back.
        prop_assert_eq!(state.models[0].credits.values().map(|c| c.units).sum::<i128>(), unit * paths.len() as i128);
        // Null player: who is on no path earns nothing.
        prop_assert!((0u16..6).filter(|label| !want.contains_key(label)).all(|label| !state.models[0].credits.contains_key(&Some(label))));
        // Symmetry: two labels that may be exchanged in every path earn the same.
        for (a, b) in [(0u16, 1u16), (1, 2), (2, 3)] {
            let swapped = |set: &BTreeSet<u16>| {
                set.iter().map(|&l| if l == a { b } else if l == b { a } else { l }).collect::<BTreeSet<_>>()
            };
            let count = |set: &BTreeSet<u16>| sets.iter().filter(|(own, _)| own == set).count();
            if sets.iter().all(|(set, _)| count(set) == count(&swapped(set))) {
                let units = |label| state.models[0].credits.get(&Some(label)).map(|credit| credit.units);
                prop_assert_eq!(units(a), units(b));
            }
        }
    }

    /// A replicate counts a person as often as so many persons of the same history would be.
    #[test]
    fn a_replicate_is_the_answer_over_people_repeated(plan in plans(), rows in rows(5, 24, 20, 0b11)) {
        let models = [Model::Linear, Model::Markov { order: 1 }];
        let (resampled, plain) = (compiled(&plan, &models, 2), compiled(&plan, &models, 0));
        let columns = Columns::new(&rows);
        let state = fold(rows_of(&columns), &columns.channel, &resampled);
        for replicate in 0..2 {
            let mut repeated = Vec::new();
            for own in testkit::timeline::by_person(&rows) {
                for copy in 0..bootstrap::weight(own[0].person, replicate, 5) {
                    let person = own[0].person * 100 + u64::from(copy);
                    repeated.extend(own.iter().map(|row| Row { person, ..row.clone() }));
                }
            }
            let columns = Columns::new(&repeated);
            let want = fold(rows_of(&columns), &columns.channel, &plain);
            for (label, replicates) in &state.models[0].replicates {
                let credit = want.models[0].credits.get(label).copied().unwrap_or_default();
                prop_assert_eq!(replicates[replicate], (credit.units, credit.amount));
            }
            let mut edges: BTreeMap<_, i128> = BTreeMap::new();
            for (path, counts) in want.paths().iter() {
                markov::for_each_edge(path, counts, 1, |edge, weight| *edges.entry(edge).or_default() += weight);
            }
            for (edge, walks) in &state.models[1].edges {
                prop_assert_eq!(walks[replicate], edges.get(edge).copied().unwrap_or(0));
            }
        }
    }
}

#[test]
fn intervals_hold_the_figure_and_follow_the_seed() {
    let stories: Vec<String> =
        (0..400).map(|i| format!("{}@80 {}@85 ${}@90", 1 + i % 3, 1 + i % 2, 100 + i)).collect();
    let columns = super::stories(&stories.iter().map(String::as_str).collect::<Vec<_>>());
    let answer = |seed| {
        let models = [Model::Linear, Model::Markov { order: 1 }];
        let bootstrap = Bootstrap { replicates: 200, seed };
        let plan = AttributionPlan::new(AttributionRules { bootstrap, ..rules(&models) }).expect("valid");
        fold(rows_of(&columns), &columns.channel, &plan).finish(&plan, &[LabelCost { label: 1, cost: 1000 }])
    };
    let first = answer(1);
    assert_eq!(first, answer(1));
    assert_ne!(first, answer(2));
    for row in first.models.iter().flat_map(|model| &model.rows).filter(|row| row.label.is_some()) {
        let interval = row.conversions.interval.expect("replicates");
        assert!(interval.low < row.conversions.value && row.conversions.value < interval.high, "{row:?}");
        // About 130 to 200 of 400: the standard deviation is near 12, the interval near 4 of them.
        assert!((20.0..90.0).contains(&(interval.high - interval.low)), "{row:?}");
        assert!(
            row.cost_per_conversion
                .is_none_or(|cpa| cpa.interval.is_some_and(|i| i.low < cpa.value && cpa.value < i.high))
        );
    }
}
