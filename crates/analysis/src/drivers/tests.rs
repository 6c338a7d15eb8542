//! Rules of drivers.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::relations::cases;
use testkit::timeline::{Columns, Row, rows};

fn rules() -> DriverRules {
    let period = Period { from_us: 0, to_us: 100 };
    DriverRules { start: Some(2), conversion: 1, window_us: 10, at_least: 1, period, as_of_us: 200 }
}

/// One person, `event@time`; event 1 starts, event 0 converts. Expects success and the events exposed to.
#[track_caller]
fn check(rules: DriverRules, text: &str, expected: Option<(bool, &[u16])>) {
    let rows = text.split_whitespace().map(|word| {
        let (event, time_us) = word.split_once('@').expect("event@time");
        let (event, time_us) = (event.parse().expect("a code"), time_us.parse().expect("a time"));
        Row { event, time_us, mask: [1, 2].get(usize::from(event)).copied().unwrap_or(0), ..Row::default() }
    });
    let columns = Columns::new(&rows.collect::<Vec<_>>());
    let state = fold(rows_of(&columns), &DriverPlan::new(rules).expect("valid"));
    let got = (state.succeeded + state.failed > 0)
        .then(|| (state.succeeded > 0, state.exposed.keys().copied().collect::<Vec<_>>()));
    assert_eq!(got, expected.map(|(success, events)| (success, events.to_vec())), "{text}");
}

#[test]
fn driver_rules() {
    let plain = rules();
    check(plain, "", None);
    check(plain, "5@0 0@1", None); // Nobody enters without a start.
    check(plain, "5@0 1@1 6@2 0@3 7@4", Some((true, &[6]))); // Between entry and conversion.
    check(plain, "1@1 6@2 0@11", Some((true, &[6]))); // The window is closed,
    check(plain, "1@1 6@2 0@12", Some((false, &[6]))); // not one µs longer,
    check(plain, "1@1 6@11 7@12", Some((false, &[6]))); // nor is exposure.
    check(plain, "1@1 1@2 0@3", Some((true, &[1]))); // A second start is an event like others.
    check(plain, "1@1 0@1", Some((true, &[]))); // Same time: the order of the rows.
    check(plain, "0@1 1@1", Some((false, &[])));
    check(plain, "1@-1 6@0", None); // The period is half open.
    check(plain, "1@99 0@101", Some((true, &[]))); // A conversion may lie beyond,
    check(DriverRules { as_of_us: 100, ..plain }, "1@99 0@101", Some((false, &[]))); // if it is known.
    check(DriverRules { at_least: 2, ..plain }, "1@1 6@2 7@3 6@4", Some((false, &[6])));
    check(DriverRules { start: None, ..plain }, "5@1 6@2 0@3", Some((true, &[6])));
}

#[test]
fn figures_match_the_formulas() {
    // 60 people with the event succeed, 20 without; 40 and 80 fail.
    let state = DriverState { succeeded: 80, failed: 120, exposed: [(7, (60, 40)), (8, (1, 0))].into() };
    let answer = state.finish();
    assert_eq!((answer.n_rare, answer.is_lopsided, answer.rows.len()), (1, false, 1));
    let row = answer.rows[0];
    assert!((row.odds_ratio - 61.0 * 81.0 / (41.0 * 21.0)).abs() < 1e-12);
    assert!((row.phi - 0.408_248_290).abs() < 1e-9); // (60·80 − 20·40) / √(80·120·100·100)
    // χ² = 200·φ² = 33.333; P(|Z| > 5.773503) = 7.7649e-9.
    assert!((row.q / 7.7649e-9 - 1.0).abs() < 1e-3, "{}", row.q);
    assert!(DriverState { succeeded: 11, failed: 1, ..DriverState::default() }.finish().is_lopsided);
}

#[test]
fn p_values_are_corrected_for_their_number() {
    let row = |q| DriverRow { event: 0, succeeded: 0, failed: 0, odds_ratio: 1.0, phi: 0.0, q };
    let mut rows = [0.04, 0.01, 0.03, 0.5].map(row);
    correct(&mut rows);
    let q: Vec<f64> = rows.iter().map(|row| (row.q * 1e6).round() / 1e6).collect();
    assert_eq!(q, [0.04, 0.053333, 0.053333, 0.5]); // .01·4/1; .03·4/2 = .06 but rank 3 gives .04·4/3.
}

#[test]
fn wrong_plans_are_refused() {
    let refused = DriverPlan::new(DriverRules { window_us: -1, ..rules() });
    assert_eq!(refused, Err(PlanError::NegativeDuration { what: "window", got_us: -1 }));
    assert!(DriverPlan::new(DriverRules { period: Period { from_us: 1, to_us: 0 }, ..rules() }).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_and_merges(
        rows in rows(6, 24, 20, 0b11),
        window_us in 0i64..12,
        (from_us, length_us, as_of_us) in (0i64..6, 0i64..20, 0i64..26),
        (start, at_least) in (any::<bool>(), 1u32..3),
        salt in 0u64..8,
    ) {
        let period = Period { from_us, to_us: from_us + length_us };
        let start_bits = start.then_some(2);
        let plan = DriverPlan::new(DriverRules { start: start_bits, conversion: 1, window_us, at_least, period, as_of_us }).expect("valid");
        let columns = Columns::new(&rows);
        let whole = fold(rows_of(&columns), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, DriverState::merge);
        let cases = cases(&rows, start, window_us, at_least as usize, (from_us, period.to_us), as_of_us);
        for event in std::iter::once(None).chain((0..4).map(Some)) {
            let n = |success: bool| {
                let fits = |case: &&(u64, bool, _)| case.1 == success && event.is_none_or(|event| { let exposed: &std::collections::BTreeSet<u16> = &case.2; exposed.contains(&event) });
                cases.iter().filter(fits).count() as u64
            };
            let got = match event {
                None => (whole.succeeded, whole.failed),
                Some(event) => whole.exposed.get(&event).copied().unwrap_or_default(),
            };
            prop_assert_eq!(got, (n(true), n(false)));
            for succeeded in [true, false] {
                let selected = select(rows_of(&columns), &plan, Selector { event, succeeded });
                prop_assert_eq!(selected.len() as u64, n(succeeded));
            }
        }
    }
}
