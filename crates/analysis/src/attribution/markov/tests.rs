//! Removal effects against a hand-worked chain, an independent solution and walks step by step.

use proptest::prelude::*;

use super::*;
use testkit::attribution::absorb;

fn table(paths: &[(Vec<u16>, u64, i64, u64)]) -> PathTable {
    let mut table = PathTable::default();
    for (path, conversions, amount, nulls) in paths {
        let (amount, conversions, nulls) = (i128::from(*amount), *conversions, *nulls);
        table.add(path, PathCounts { conversions, amount, nulls });
    }
    table
}

/// `(label, effect on conversions, effect on the amount)`.
#[track_caller]
fn check(paths: &[(Vec<u16>, u64, i64, u64)], order: u8, expected: &[(u16, f64, f64)]) {
    let effects = removal_effects(&table(paths), order).expect("few states");
    assert_eq!(effects.len(), expected.len());
    for (effect, &(label, conversions, amount)) in effects.iter().zip(expected) {
        assert_eq!(effect.label, label);
        let close = (effect.conversions - conversions).abs() < 1e-9 && (effect.amount - amount).abs() < 1e-9;
        assert!(close, "{effect:?} is not {conversions} {amount}");
    }
}

#[test]
fn a_chain_worked_by_hand() {
    check(&[], 1, &[]);
    // One label always there: without it nothing converts.
    check(&[(vec![1], 1, 100, 3)], 1, &[(1, 1.0, 1.0)]);
    // start→1 1/2, start→2 1/2; 1→conversion 1/2, 1→2 1/2; 2→conversion 1/3, 2→nothing 2/3 (of 3 visits).
    // P = 1/2·(1/2 + 1/2·1/3) + 1/2·1/3 = 1/2; without 1: 1/6; without 2: 1/4.
    let paths = [(vec![1], 1, 0, 0), (vec![1, 2], 1, 0, 0), (vec![2], 0, 0, 2)];
    check(&paths, 1, &[(1, 1.0 - (1.0 / 6.0) / 0.5, 0.0), (2, 1.0 - 0.25 / 0.5, 0.0)]);
    // Staying at a label changes nothing.
    check(&[(vec![1, 1, 1], 2, 8, 2)], 1, &[(1, 1.0, 1.0)]);
    // Without conversions there is nothing to lose.
    check(&[(vec![1, 2], 0, 0, 5)], 1, &[(1, 0.0, 0.0), (2, 0.0, 0.0)]);
}

/// Solved independently with another library's dense solver on the transition matrix without the label.
#[test]
fn an_independent_solution_of_orders_1_to_3() {
    let paths = [
        (vec![1, 2], 10, 1000, 30),
        (vec![1], 5, 300, 50),
        (vec![2, 3, 2], 8, 1600, 12),
        (vec![3], 1, -50, 20),
        (vec![1, 1, 2, 3], 6, 900, 9),
        (vec![4, 1], 2, 400, 3),
        (vec![2], 0, 0, 40),
    ];
    let first = [
        (1, 0.532_684_948_980, 0.507_437_914_925),
        (2, 0.699_218_750_000, 0.754_518_072_289),
        (3, 0.302_083_333_333, 0.297_634_984_382),
        (4, 0.023_160_215_173, 0.022_062_518_040),
    ];
    check(&paths, 1, &first);
    let second = [
        (1, 0.718_75, 0.667_814_113_597),
        (2, 0.75, 0.843_373_493_976),
        (3, 0.468_75, 0.590_361_445_783),
        (4, 0.0625, 0.096_385_542_169),
    ];
    check(&paths, 2, &second);
    let third = [(1, 0.718_75, 0.626_506_024_096), second[1], second[2], second[3]];
    check(&paths, 3, &third);
}

#[test]
fn too_many_states_are_refused_not_solved_for_hours() {
    let paths: Vec<_> = (0..STATES_MAX as u16 + 9).map(|label| (vec![label], 1, 0, 0)).collect();
    assert_eq!(removal_effects(&table(&paths), 1), Err(TooManyStates { got: STATES_MAX + 10 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn effects_equal_walks_step_by_step(
        paths in proptest::collection::vec(
            (proptest::collection::vec(0u16..4, 1..6), 0u64..4, 0i64..50, 0u64..4),
            1..8,
        ),
        order in 1u8..=3,
    ) {
        // A path nobody walked, and an amount without a conversion, do not exist.
        let paths: Vec<_> = paths
            .into_iter()
            .filter(|(_, conversions, _, nulls)| conversions + nulls > 0)
            .map(|(path, conversions, amount, nulls)| (path, conversions, amount * conversions as i64, nulls))
            .collect();
        prop_assume!(!paths.is_empty());
        let (p, amount) = absorb(&paths, usize::from(order), None);
        for effect in removal_effects(&table(&paths), order).expect("few states") {
            let without = absorb(&paths, usize::from(order), Some(effect.label));
            let want = |all: f64, without: f64| if all == 0.0 { 0.0 } else { 1.0 - without / all };
            prop_assert!((effect.conversions - want(p, without.0)).abs() < 1e-9);
            prop_assert!((effect.amount - want(amount, without.1)).abs() < 1e-9);
        }
    }
}
