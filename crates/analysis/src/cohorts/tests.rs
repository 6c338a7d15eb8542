//! Rules of the cohort table.

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use testkit::activity as naive;
use testkit::timeline::{Columns, Row, rows};

#[test]
fn cohort_rules() {
    let row = |person, mask, time_us, amount| Row { person, mask, time_us, amount, ..Row::default() };
    let columns = Columns::new(&[
        row(1, 2, 0, Some(50)), // Before the start: not counted.
        row(1, 1, 1, None),
        row(1, 2, 9, Some(100)),
        row(1, 2, 10, Some(200)),
        row(1, 3, 11, Some(300)), // A second start changes nothing.
        row(2, 3, 5, Some(-100)), // A refund is money too.
        row(3, 1, 20, None),      // Outside the cohorts.
    ]);
    let plan = CohortPlan::new(vec![0, 10, 20, 30], 2, Some(1), Some(2), 25).expect("valid");
    let table = fold(rows_of(&columns), &plan).finish(&plan);
    let cell = |people, events, amount| CohortCell { people, events, amount };
    assert_eq!(table[0].cells, [cell(2, 2, 0), cell(1, 2, 500), cell(0, 0, 0)]);
    assert_eq!((table[0].people, table[0].n_complete), (2, 2));
    assert_eq!(table[0].cumulative_amount(), [0.0, 250.0, 250.0]);
    assert_eq!((table[1].people, table[1].cells.len(), table[1].n_complete), (0, 2, 1));
}

#[test]
fn wrong_plans_are_refused() {
    let of = |bounds: Vec<i64>, n_cohorts| CohortPlan::new(bounds, n_cohorts, None, None, 0).err();
    assert_eq!(of(vec![0, 1], 2), Some(PlanError::Boundaries));
    assert_eq!(of(vec![], 0), Some(PlanError::Boundaries));
    assert_eq!(of((0..2000).collect(), 1500), Some(PlanError::TableSize { got: 1500 * 1999 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_equals_the_oracle_opens_its_people_and_merges(
        rows in rows(5, 24, 20, 0b11),
        bounds in prop::collection::btree_set(0i64..22, 2..6),
        (n_cohorts, as_of_us, salt) in (1usize..5, 0i64..24, 0u64..8),
    ) {
        let bounds_us: Vec<i64> = bounds.into_iter().collect();
        let n_cohorts = n_cohorts.min(bounds_us.len() - 1);
        let plan = CohortPlan::new(bounds_us.clone(), n_cohorts, Some(1), Some(2), as_of_us).expect("valid");
        let columns = Columns::new(&rows);
        let table = fold(rows_of(&columns), &plan).finish(&plan);
        for (cohort, row) in table.iter().enumerate() {
            prop_assert_eq!(row.cells.len(), bounds_us.len() - 1 - cohort);
            prop_assert_eq!(row.people as usize, select(rows_of(&columns), &plan, cohort, None).len());
            for (after, cell) in row.cells.iter().enumerate() {
                let want = naive::cohort(&rows, &bounds_us, as_of_us, cohort, after);
                prop_assert_eq!((cell.people, cell.events, cell.amount), want);
                prop_assert_eq!(cell.people as usize, select(rows_of(&columns), &plan, cohort, Some(after)).len());
            }
        }
        let whole = fold(rows_of(&columns), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, CohortState::merge);
    }
}
