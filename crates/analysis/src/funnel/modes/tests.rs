//! Rules of funnels with modes. A story is `steps@time` as in the plain funnel; 8 and 9 are exclusions, `x`
//! is a row of nothing.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::funnel::{self, FunnelPlan};
use crate::{Period, PlanError, paths};
use testkit::funnel_modes as naive;
use testkit::timeline::{Columns, Row, by_person, rows};

fn story(text: &str) -> Columns {
    let rows = text.split_whitespace().map(|word| {
        let (steps, time_us) = word.split_once('@').expect("steps@time");
        let steps = steps.trim_start_matches('x');
        let mask = steps.bytes().fold(0, |mask, step| mask | 1 << (step - b'0'));
        Row { person: 1, mask, time_us: time_us.parse().expect("a number"), ..Row::default() }
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

/// Three steps, window 10, starts in 0..50, seen at 55.
fn rules() -> ModeRules {
    ModeRules {
        n_steps: 3,
        window_us: 10,
        period: Period { from_us: 0, to_us: 50 },
        as_of_us: 55,
        order: Order::Ordered,
        optional: 0,
        exclusions: Vec::new(),
        entry: Entry::Any,
        unit: Unit::Person,
        label_of: LabelOf::First,
        between: None,
        bounds_us: Vec::new(),
    }
}

/// Attempts as `place@time`, one per bar.
fn attempts(rules: ModeRules, columns: &Columns, hold: &[u32]) -> String {
    let plan = ModePlan::new(rules).expect("valid");
    let mut texts = Vec::new();
    walk::Walker::new(rows_of(columns), hold, &plan).attempts(0..columns.time_us.len(), |attempt| {
        let steps = attempt.rows().map(|(place, row)| format!("{place}@{}", columns.time_us[row]));
        texts.push(steps.collect::<Vec<_>>().join(" "));
    });
    texts.join(" | ")
}

#[track_caller]
fn check(rules: ModeRules, text: &str, expected: &str) {
    assert_eq!(attempts(rules, &story(text), &[]), expected, "{text}");
}

#[test]
fn strict_rules() {
    let strict = |universe, repeats| ModeRules { order: Order::Strict { universe, repeats }, ..rules() };
    check(strict(None, false), "0@0 1@1 2@2", "0@0 1@1 2@2");
    check(strict(None, false), "0@0 x@1 1@2", "0@0"); // Any row breaks it,
    check(strict(Some(0b111), false), "0@0 x@1 1@2", "0@0 1@2"); // unless it is not of this world.
    check(strict(None, false), "0@0 0@1 1@2", "0@1 1@2"); // The latest start goes on.
    check(strict(None, false), "0@0 1@1 1@2 2@3", "0@0 1@1");
    check(strict(None, true), "0@0 1@1 1@2 2@3", "0@0 1@1 2@3"); // Repeats may be passed over.
    check(strict(None, true), "0@0 1@1 0@2 2@3", "0@0 1@1");
    check(strict(None, false), "0@0 1@11 0@20 1@21 2@30", "0@20 1@21 2@30"); // The window is closed,
    check(strict(None, false), "0@0 1@1 2@11", "0@0 1@1"); // and not longer.
    check(strict(None, false), "0@3 1@3 2@3", "0@3 1@3 2@3"); // Same time: the order of the rows.
    check(strict(None, false), "01@0 01@1 2@2", "0@0 1@1 2@2");
}

#[test]
fn any_order_rules() {
    let any = |pinned| ModeRules { order: Order::AnyOrder { pinned }, ..rules() };
    check(any(0), "2@0 0@1 1@2", "0@0 1@1 2@2");
    check(any(0), "2@0 0@9 1@10", "0@0 1@9 2@10"); // Oldest to newest, inclusive.
    check(any(0), "2@0 0@9 1@11 2@12", "0@9 1@11 2@12"); // The window slides.
    check(any(0), "0@0 0@1 0@2", "0@0"); // Steps are distinct,
    check(any(0), "01@0 2@1", "0@0 1@1"); // and a row fills one.
    check(any(0), "01@0 01@1 2@2", "0@0 1@1 2@2");
    check(any(0b1), "2@0 1@1 0@2 1@3 2@4", "0@2 1@3 2@4"); // Pinned first,
    check(any(0b100), "2@0 1@1 0@2 2@3", "0@1 1@2 2@3"); // pinned last,
    check(any(0b010), "2@0 1@1 0@2 1@3 2@4", "0@2 1@3 2@4"); // pinned in the middle: all in order.
}

#[test]
fn optional_steps() {
    let optional = || ModeRules { optional: 0b010, ..rules() };
    check(optional(), "0@0 1@1 2@2", "0@0 1@1 2@2");
    check(optional(), "0@0 2@2", "0@0 2@2");
    check(optional(), "0@0 1@1 0@2 2@3", "0@2 2@3"); // The freshest attempt.
    let plan = ModePlan::new(optional()).expect("valid");
    let people = |text: &str| {
        let answer = fold(rows_of(&story(text)), ModeColumns::default(), &plan).finish(&plan);
        answer.all.steps.iter().map(|step| step.people).collect::<Vec<_>>()
    };
    assert_eq!(people("0@0 2@2"), [1, 0, 1]); // An optional step counts those who did it.
}

#[test]
fn exclusions() {
    let with = |mode| ModeRules { exclusions: vec![Exclusion { bit: 9, from: 0, to: 1, mode }], ..rules() };
    let (ends, removes) = (ExclusionMode::EndsAttempt, ExclusionMode::RemovesPerson);
    check(with(ends), "0@0 9@1 1@2", "0@0"); // They stay as a drop-off,
    check(with(removes), "0@0 9@1 1@2", ""); // or do not count at all,
    check(with(ends), "0@0 9@1 0@2 1@3", "0@2 1@3"); // while a later attempt may go on,
    check(with(removes), "0@0 9@1 0@2 1@3 2@4", "0@2 1@3 2@4");
    check(with(removes), "0@0 1@1 9@2 2@3", "0@0 1@1 2@3"); // Between the named steps only,
    check(with(removes), "0@0 9@11", "0@0"); // and in the window only.
    check(with(removes), "0@0 9@10", "");
    check(with(removes), "0@0 1@1 0@2 9@3 1@4 2@5", "0@0 1@1 2@5"); // A clean attempt that converts counts.
    check(with(removes), "9@0 0@1 1@2", "0@1 1@2");
    let any = |mode| ModeRules { order: Order::AnyOrder { pinned: 0 }, ..with(mode) };
    check(any(ends), "2@0 9@1 0@2 1@3", "0@2 1@3"); // It clears what is held.
}

#[test]
fn entries_and_units() {
    let first = || ModeRules { entry: Entry::First, ..rules() };
    check(first(), "0@0 0@5 1@11 2@12", "0@0"); // Later starts do not reset the clock.
    check(first(), "0@-1 0@5 1@11", "0@5 1@11");
    let totals = || ModeRules { unit: Unit::Attempt, n_steps: 2, ..rules() };
    check(totals(), "0@0 0@1 1@2 0@3 1@4", "0@0 1@2 | 0@3 1@4"); // Again only after converting,
    check(totals(), "0@0 0@11 1@12", "0@0 | 0@11 1@12"); // timing out,
    let excluded = vec![Exclusion { bit: 9, from: 0, to: 1, mode: ExclusionMode::EndsAttempt }];
    check(ModeRules { exclusions: excluded, ..totals() }, "0@0 9@1 0@2 1@3", "0@0 | 0@2 1@3"); // or an exclusion.
    check(totals(), "01@0 01@1 01@2", "0@0 1@1 | 0@2"); // A row belongs to one attempt.
    let sessions = || ModeRules { unit: Unit::Session { gap_us: 3 }, n_steps: 2, ..rules() };
    check(sessions(), "0@0 x@3 1@6 0@10 1@14 0@20 1@21", "0@0 1@6 | 0@10 | 0@20 1@21");
    let plan = ModePlan::new(sessions()).expect("valid");
    let answer = fold(rows_of(&story("0@0 1@1 0@10 1@11")), ModeColumns::default(), &plan).finish(&plan);
    assert_eq!((answer.all.steps[1].people, answer.all.steps[1].units), (1, 2));
}

#[test]
fn holding_a_property() {
    let none = u32::MAX;
    let of = |rules, text: &str, hold: &[u32]| attempts(rules, &story(text), hold);
    assert_eq!(of(rules(), "0@0 1@1 1@2 2@3", &[7, 8, 7, 7]), "0@0 1@2 2@3"); // Another value does nothing.
    assert_eq!(of(rules(), "0@0 1@1", &[none, none]), ""); // Nor does no value.
    assert_eq!(of(rules(), "0@0 0@1 1@2 2@3", &[7, 8, 7, 7]), "0@0 1@2 2@3"); // Values do not reset each other.
    let first = ModeRules { entry: Entry::First, ..rules() };
    assert_eq!(of(first, "0@0 0@1 1@2 2@3", &[7, 8, 8, 8]), "0@0"); // The first entry's value.
    let totals = ModeRules { unit: Unit::Attempt, n_steps: 2, ..rules() };
    assert_eq!(of(totals, "0@0 1@1 0@2 1@3", &[7, 7, 8, 8]), "0@0 1@1 | 0@2 1@3"); // A new value per entry.
    let mode = ExclusionMode::EndsAttempt;
    let excluded = ModeRules { exclusions: vec![Exclusion { bit: 9, from: 0, to: 1, mode }], ..rules() };
    assert_eq!(of(excluded, "0@0 9@1 1@2", &[7, 8, 7]), "0@0 1@2"); // Removing another product does not matter.
    let strict = ModeRules { order: Order::Strict { universe: None, repeats: false }, ..rules() };
    assert_eq!(of(strict, "0@0 1@1 1@2", &[7, 8, 7]), "0@0");
}

#[test]
fn breakdown_by_any_step() {
    let labels = [5, 6, 5];
    let lines = |label_of| {
        let plan = ModePlan::new(ModeRules { label_of, ..rules() }).expect("valid");
        let columns = ModeColumns { labels: &labels, hold: &[] };
        let answer = fold(rows_of(&story("0@0 1@1 2@2")), columns, &plan).finish(&plan);
        answer.by_label.iter().map(|(label, line)| (*label, line.steps[2].people)).collect::<Vec<_>>()
    };
    assert_eq!(lines(LabelOf::First), [(5, 1)]);
    assert_eq!(lines(LabelOf::Step(1)), [(6, 1)]);
    assert_eq!(lines(LabelOf::Last), [(5, 1)]);
    assert_eq!(lines(LabelOf::Any), [(5, 1), (6, 1)]); // In both lines, once each.
}

#[test]
fn time_to_convert_and_trend() {
    let plan = ModePlan::new(ModeRules { between: Some((1, 2)), bounds_us: vec![0, 10, 20], ..rules() });
    let plan = plan.expect("valid");
    let person = |person, times: [i64; 3]| {
        times.into_iter().enumerate().map(move |(k, time_us)| Row {
            person,
            mask: 1 << k,
            time_us,
            ..Row::default()
        })
    };
    let rows: Vec<Row> =
        person(1, [0, 1, 5]).chain(person(2, [10, 12, 20])).chain(person(3, [12, 13, 99])).collect();
    let line = fold(rows_of(&Columns::new(&rows)), ModeColumns::default(), &plan).finish(&plan).all;
    let conversion = line.conversion.expect("two did both");
    assert_eq!((conversion.n, conversion.quantiles_us), (2, [4, 4, 4, 8, 8]));
    assert_eq!(conversion.histogram.counts.iter().sum::<u64>(), 2);
    assert_eq!(line.trend, [[1, 1, 1], [2, 2, 1]]);
}

#[test]
fn wrong_funnels_are_refused() {
    let of = |rules| ModePlan::new(rules).err();
    let exclusion = |bit, from, to| {
        let mode = ExclusionMode::EndsAttempt;
        of(ModeRules { exclusions: vec![Exclusion { bit, from, to, mode }], ..rules() })
    };
    assert_eq!(of(ModeRules { n_steps: 0, ..rules() }), Some(PlanError::StepCount { got: 0 }));
    assert_eq!(of(ModeRules { optional: 0b100, ..rules() }), Some(PlanError::OptionalStep { bits: 0b100 }));
    assert_eq!(exclusion(9, 1, 1), Some(PlanError::ExclusionSteps { from: 1, to: 1 }));
    assert_eq!(exclusion(9, 0, 3), Some(PlanError::ExclusionSteps { from: 0, to: 3 }));
    assert_eq!(exclusion(2, 0, 1), Some(PlanError::UnknownBit { bit: 2 }));
    let between = of(ModeRules { between: Some((1, 1)), ..rules() });
    assert_eq!(between, Some(PlanError::UnknownStep { step: 1, n_steps: 3 }));
    let label = of(ModeRules { label_of: LabelOf::Step(3), ..rules() });
    assert_eq!(label, Some(PlanError::UnknownStep { step: 3, n_steps: 3 }));
}

fn plans() -> impl Strategy<Value = naive::Plan> {
    let order = prop_oneof![
        Just(naive::Order::Ordered),
        (prop::option::of(Just(6usize)), any::<bool>())
            .prop_map(|(bit, again)| naive::Order::Strict(bit, again)),
        prop::collection::vec(prop::bool::weighted(0.3), 4).prop_map(naive::Order::AnyOrder),
    ];
    let unit = prop_oneof![
        2 => Just(naive::Unit::Person),
        1 => (1i64..6).prop_map(naive::Unit::Session),
        1 => Just(naive::Unit::Attempt),
    ];
    let exclusion = (4usize..6, 0usize..3, 1usize..4, any::<bool>());
    let exclusions = prop::collection::vec(exclusion, 0..3);
    let optional = prop::collection::vec(prop::bool::weighted(0.4), 4);
    let times = (0i64..14, 0i64..8, 0i64..20, 4i64..26);
    (1usize..=4, times, order, unit, exclusions, optional, any::<(bool, bool)>()).prop_map(
        |(n_steps, (window_us, from_us, length_us, as_of_us), order, unit, exclusions, optional, flags)| {
            let any_order = matches!(order, naive::Order::AnyOrder(_));
            let keeps = |step: usize| any_order || step == 0 || step + 1 >= n_steps;
            let spans = |(bit, from, to, removes): (usize, usize, usize, bool)| {
                (from < to && to < n_steps).then_some((bit, from, to, removes))
            };
            naive::Plan {
                n_steps,
                window_us,
                from_us,
                to_us: from_us + length_us,
                as_of_us,
                order,
                optional: optional.iter().enumerate().map(|(step, may)| *may && !keeps(step)).collect(),
                exclusions: exclusions.into_iter().filter_map(spans).collect(),
                first_entry: flags.0,
                unit,
                hold: flags.1,
            }
        },
    )
}

fn compiled(plan: &naive::Plan, label_of: LabelOf) -> ModePlan {
    let bits = |flags: &[bool]| flags.iter().enumerate().fold(0, |bits, (i, on)| bits | u32::from(*on) << i);
    let mode = |removes| if removes { ExclusionMode::RemovesPerson } else { ExclusionMode::EndsAttempt };
    let exclusion = |&(bit, from, to, removes): &(usize, usize, usize, bool)| Exclusion {
        bit: bit as u8,
        from,
        to,
        mode: mode(removes),
    };
    ModePlan::new(ModeRules {
        n_steps: plan.n_steps,
        window_us: plan.window_us,
        period: Period { from_us: plan.from_us, to_us: plan.to_us },
        as_of_us: plan.as_of_us,
        order: match &plan.order {
            naive::Order::Ordered => Order::Ordered,
            naive::Order::Strict(bit, repeats) => {
                Order::Strict { universe: bit.map(|bit| 1 << bit), repeats: *repeats }
            }
            naive::Order::AnyOrder(pinned) => Order::AnyOrder { pinned: bits(&pinned[..plan.n_steps]) },
        },
        optional: bits(&plan.optional),
        exclusions: plan.exclusions.iter().map(exclusion).collect(),
        entry: if plan.first_entry { Entry::First } else { Entry::Any },
        unit: match plan.unit {
            naive::Unit::Person => Unit::Person,
            naive::Unit::Session(gap_us) => Unit::Session { gap_us },
            naive::Unit::Attempt => Unit::Attempt,
        },
        label_of,
        between: None,
        bounds_us: vec![0, 7, 14, 21],
    })
    .expect("generated plans are valid")
}

fn held(columns: &Columns, plan: &naive::Plan) -> Vec<u32> {
    let value = |&channel: &u16| if channel == 0 { u32::MAX } else { u32::from(channel) };
    if plan.hold { columns.channel.iter().map(value).collect() } else { Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn attempts_equal_the_oracle(plan in plans(), rows in rows(1, 14, 20, 0b111_1111)) {
        let columns = Columns::new(&rows);
        let (compiled, hold) = (compiled(&plan, LabelOf::First), held(&columns, &plan));
        let mut got = Vec::new();
        walk::Walker::new(rows_of(&columns), &hold, &compiled)
            .attempts(0..rows.len(), |attempt| got.push(attempt.rows().collect::<Vec<_>>()));
        let want: Vec<Vec<(usize, usize)>> =
            naive::attempts(&plan, &rows).into_iter().map(|attempt| attempt.rows).collect();
        prop_assert_eq!(got, want);
    }

    #[test]
    fn counts_equal_the_oracle_and_open_their_people(
        plan in plans(),
        rows in rows(4, 24, 20, 0b111_1111),
        which in 0usize..5,
    ) {
        let columns = Columns::new(&rows);
        let last = LabelOf::Step(plan.n_steps - 1);
        let label_of = [LabelOf::First, LabelOf::Last, LabelOf::Any, LabelOf::Entry, last][which];
        let (compiled, hold) = (compiled(&plan, label_of), held(&columns, &plan));
        let read = ModeColumns { labels: &columns.label, hold: &hold };
        let answer = fold(rows_of(&columns), read, &compiled).finish(&compiled);
        // (person, places, times, labels, bucket) of every attempt.
        let mut want = Vec::new();
        for own in by_person(&rows) {
            let is_entry = |row: &&Row| row.has(0) && (plan.from_us..plan.to_us).contains(&row.time_us);
            let entry = own.iter().find(is_entry);
            for attempt in naive::attempts(&plan, own) {
                let labels: BTreeSet<u32> = match which {
                    0 => attempt.rows.first().map(|(_, row)| own[*row].label).into_iter().collect(),
                    1 => attempt.rows.last().map(|(_, row)| own[*row].label).into_iter().collect(),
                    2 => attempt.rows.iter().map(|(_, row)| own[*row].label).collect(),
                    3 => BTreeSet::from([entry.map_or(own[attempt.rows[0].1].label, |row| row.label)]),
                    _ => attempt.rows.iter().filter(|at| at.0 + 1 == plan.n_steps).map(|at| own[at.1].label).collect(),
                };
                let places: Vec<usize> = attempt.rows.iter().map(|(place, _)| *place).collect();
                want.push((own[0].person, places, labels, own[attempt.rows[0].1].time_us / 7));
            }
        }
        let labels = [None, Some(0), Some(1), Some(2)];
        for (label, step) in labels.into_iter().flat_map(|label| (0..plan.n_steps).map(move |step| (label, step))) {
            let line = match label {
                None => Some(&answer.all),
                Some(label) => answer.by_label.iter().find(|(own, _)| *own == label).map(|(_, line)| line),
            };
            let of_line = || want.iter().filter(|one| label.is_none_or(|label| one.2.contains(&label)));
            prop_assert_eq!(line.is_some(), label.is_none() || of_line().count() > 0);
            let Some(line) = line else { continue };
            let reached = || of_line().filter(|one| one.1.contains(&step));
            let people: BTreeSet<u64> = reached().map(|one| one.0).collect();
            let stopped: BTreeSet<u64> =
                of_line().filter(|one| one.1.last() == Some(&step)).map(|one| one.0).collect();
            prop_assert_eq!(line.steps[step].units as usize, reached().count());
            prop_assert_eq!(line.steps[step].people as usize, people.len());
            prop_assert_eq!(line.steps[step].stopped as usize, stopped.len());
            for (stood, want) in [(Stood::Reached(step), people), (Stood::StoppedAt(step), stopped)] {
                let selector = Selector { stood, label, bucket: None };
                let selected = select(rows_of(&columns), read, &compiled, selector);
                let keys: Vec<u64> = selected.iter().map(|one| one.person).collect();
                prop_assert_eq!(keys, want.into_iter().collect::<Vec<_>>());
            }
            for bucket in 0..3 {
                let of_bucket = reached().filter(|one| one.3 == bucket as i64);
                prop_assert_eq!(line.trend[bucket][step] as usize, of_bucket.count());
            }
        }
    }

    #[test]
    fn states_merge_in_any_order(plan in plans(), rows in rows(6, 24, 20, 0b111_1111), salt in 0u64..8) {
        let compiled = compiled(&plan, LabelOf::Any);
        let count = |columns: &Columns| {
            let hold = held(columns, &plan);
            fold(rows_of(columns), ModeColumns { labels: &columns.label, hold: &hold }, &compiled)
        };
        let whole = count(&Columns::new(&rows));
        assert_merges(thirds(&rows, salt).map(|part| count(&part)), &whole, ModeState::merge);
        prop_assert_eq!(whole.clone().merge(ModeState::empty(&compiled)), whole);
    }

    /// The plain rules give the plain funnel.
    #[test]
    fn no_modes_are_the_plain_funnel(
        rows in rows(3, 20, 20, 0b1111),
        (n_steps, window_us, from_us, as_of_us, first) in
            (1usize..=4, 0i64..14, 0i64..8, 4i64..26, any::<bool>()),
    ) {
        let period = Period { from_us, to_us: from_us + 10 };
        let columns = Columns::new(&rows);
        let plain = FunnelPlan::new(n_steps, window_us, period, as_of_us).expect("valid");
        let (plain, entry) =
            if first { (plain.with_first_entry(), Entry::First) } else { (plain, Entry::Any) };
        let want = funnel::fold(rows_of(&columns), &[], &plain).finish(&plain);
        let modes = ModePlan::new(ModeRules { n_steps, window_us, period, as_of_us, entry, ..rules() }).expect("valid");
        let got = fold(rows_of(&columns), ModeColumns::default(), &modes).finish(&modes).all;
        for (got, want) in got.steps.iter().zip(want.steps) {
            let got = (got.people, got.from_start, got.from_previous);
            prop_assert_eq!(got, (want.people, want.from_start, want.from_previous));
        }
    }

    /// A path after an anchor becomes a funnel with the identical count: strict, first entry, repeats
    /// passed over, hidden nodes not of its world.
    #[test]
    fn a_path_is_a_funnel_with_the_same_people(rows in rows(3, 20, 20, 0b1), window_us in 0i64..12) {
        // Event 0 is the anchor, event 3 hidden; the mask of the funnel follows the path's nodes.
        let anchored = |row: &Row| Row { mask: u64::from(row.event == 0), ..row.clone() };
        let rows: Vec<Row> = rows.iter().map(anchored).collect();
        let mode = paths::PathMode::After { anchor: paths::Anchor { bits: 1, node: 0 }, window_us };
        let path_plan = paths::PathPlan::new(paths::PathRules {
            mode,
            n_steps: 4,
            collapse: true,
            nodes: vec![0, 1, 2, paths::HIDDEN],
            period: Period::ALL,
            as_of_us: i64::MAX,
        }).expect("valid");
        let columns = Columns::new(&rows);
        for path in paths::fold_whole(rows_of(&columns), &path_plan).finish(9).top {
            let prefix = paths::Selector::Prefix(path.nodes.clone());
            let want: Vec<u64> =
                paths::select(rows_of(&columns), &path_plan, &prefix).iter().map(|one| one.person).collect();
            let step_bits = |event: u16| {
                let steps = path.nodes.iter().enumerate().filter(|(_, node)| **node == event);
                steps.fold(u64::from(event != 3) << 20, |bits, (step, _)| bits | 1 << step)
            };
            let masked: Vec<Row> = rows.iter().map(|row| Row { mask: step_bits(row.event), ..row.clone() }).collect();
            let plan = ModePlan::new(ModeRules {
                n_steps: path.nodes.len(),
                window_us,
                period: Period::ALL,
                as_of_us: i64::MAX,
                order: Order::Strict { universe: Some(1 << 20), repeats: true },
                entry: Entry::First,
                ..rules()
            }).expect("valid");
            let masked = Columns::new(&masked);
            let stood = Stood::Reached(path.nodes.len() - 1);
            let selector = Selector { stood, label: None, bucket: None };
            let got = select(rows_of(&masked), ModeColumns::default(), &plan, selector);
            prop_assert_eq!(got.iter().map(|one| one.person).collect::<Vec<_>>(), want);
        }
    }
}
