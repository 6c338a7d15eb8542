//! Rules of paths. A story is `event@time`; `A` and `Z` are events 0 and 3, which anchor by bits 0 and 1.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::columns::{assert_merges, rows_of, thirds};
use crate::{Period, PlanError, Rows};
use testkit::paths as naive;
use testkit::timeline::{Columns, Row, rows};

const EVENTS: &str = "AbcZh"; // h is hidden.

fn columns(stories: &[&str]) -> Columns {
    let rows = (1u64..).zip(stories).flat_map(|(person, story)| {
        story.split_whitespace().map(move |word| {
            let (name, time_us) = word.split_once('@').expect("event@time");
            let event = EVENTS.find(name).expect("one of the events") as u16;
            let mask = u64::from(name == "A") | u64::from(name == "Z") << 1;
            Row { person, event, mask, time_us: time_us.parse().expect("a number"), ..Row::default() }
        })
    });
    Columns::new(&rows.collect::<Vec<_>>())
}

fn plan(mode: PathMode) -> PathPlan {
    let period = Period { from_us: 0, to_us: 50 };
    let nodes = vec![0, 1, 2, 3, HIDDEN];
    PathPlan::new(PathRules { mode, n_steps: 4, collapse: true, nodes, period, as_of_us: 55 }).expect("valid")
}

const A: Anchor = Anchor { bits: 1, node: 0 };
const Z: Anchor = Anchor { bits: 2, node: 3 };
const OPEN: PathMode = PathMode::Open { gap_us: 10 };
const AFTER: PathMode = PathMode::After { anchor: A, window_us: 10 };
const BEFORE: PathMode = PathMode::Before { anchor: Z, window_us: 10 };
const BETWEEN: PathMode = PathMode::Between { from: A, to: Z, window_us: 10 };

/// Whole paths as `nodes people/sequences`, `+` where one goes on.
#[track_caller]
fn check(mode: PathMode, stories: &[&str], expected: &str) {
    let columns = columns(stories);
    let answer = fold_whole(rows_of(&columns), &plan(mode)).finish(100);
    let mut lines: Vec<String> = answer.top.iter().map(line).collect();
    lines.sort_unstable();
    assert_eq!(lines.join(", "), expected, "{stories:?}");
}

fn line(path: &WholePath) -> String {
    let names: String =
        path.nodes.iter().map(|&node| &EVENTS[usize::from(node)..=usize::from(node)]).collect();
    format!("{names} {}/{}", path.reach.people, path.reach.sequences)
}

#[test]
fn open_paths() {
    check(OPEN, &[], "");
    check(OPEN, &["b@0"], "b 1/1");
    check(OPEN, &["b@0 c@10"], "bc 1/1"); // Exactly the gap stays together,
    check(OPEN, &["b@0 c@11"], "b 1/1, c 1/1"); // more cuts.
    check(OPEN, &["b@0 h@9 c@18"], "bc 1/1"); // A hidden row keeps a session together,
    check(OPEN, &["h@0"], ""); // but makes none.
    check(OPEN, &["b@0 b@1 c@2 b@3 b@4"], "bcb 1/1"); // Runs collapse,
    check(OPEN, &["b@0 h@1 b@2"], "b 1/1"); // also across a hidden row,
    check(OPEN, &["b@0 b@11"], "b 1/2"); // never across sessions.
    check(OPEN, &["b@0", "b@0"], "b 2/2"); // Nor do sessions reach across people.
    check(OPEN, &["A@0 b@1 c@2 Z@3 b@4"], "AbcZ 1/1"); // The first four,
    check(OPEN, &["b@0 b@1 b@2 b@3 b@4 c@5"], "bc 1/1"); // counted after collapsing.
    check(OPEN, &["b@-1 c@0 b@49 c@50"], "b 1/1, c 1/1"); // The period is half open.
    check(OPEN, &["b@5 c@5"], "bc 1/1"); // Same time: the order of the rows.
    check(OPEN, &["c@5 b@5"], "cb 1/1");
}

#[test]
fn anchored_paths() {
    check(AFTER, &["b@0 c@1"], "");
    check(AFTER, &["b@0 A@1 c@2"], "Ac 1/1");
    check(AFTER, &["A@0 b@10 c@11"], "Ab 1/1"); // The window is closed.
    check(AFTER, &["A@0 b@1 A@20 c@21"], "Ab 1/1"); // Only the first anchor,
    check(AFTER, &["A@0 b@1 A@2 c@3"], "AbAc 1/1"); // later ones are steps,
    check(AFTER, &["A@0 A@1 c@2"], "Ac 1/1"); // repeats of it collapse.
    check(AFTER, &["A@49 b@52 c@55 b@56"], "Abc 1/1"); // Beyond the period, not beyond as_of.
    check(AFTER, &["A@50 b@51", "A@-1 b@0"], ""); // The anchor lies in the period.
    check(AFTER, &["A@0 h@1 c@2"], "Ac 1/1");
    check(AFTER, &["A@0"], "A 1/1");
    check(BEFORE, &["b@0 c@1 Z@2"], "Zcb 1/1"); // Backwards,
    check(BEFORE, &["Z@1 b@10 Z@11 c@12"], "ZbZ 1/1"); // from the last anchor,
    check(BEFORE, &["b@0 c@1 Z@10"], "Zcb 1/1"); // window closed,
    check(BEFORE, &["b@0 c@1 Z@11"], "Zc 1/1");
    check(BEFORE, &["b@-5 Z@0 Z@50"], "Zb 1/1"); // what came before may lie before the period.
    check(BETWEEN, &["A@0 b@1"], "");
    check(BETWEEN, &["Z@0 A@1"], "");
    check(BETWEEN, &["A@0 b@1 Z@2 c@3"], "AbZ 1/1");
    check(BETWEEN, &["A@0 b@1 Z@2 c@3 Z@10 Z@11"], "AbZc 1/1"); // To the last inside the window.
    check(BETWEEN, &["A@0 b@1 A@5 Z@11"], ""); // Measured from the first.
}

#[test]
fn an_anchor_may_be_any_event_even_a_hidden_one() {
    let mode = PathMode::After { anchor: Anchor { bits: 4, node: 9 }, window_us: 10 };
    let row = |event, mask, time_us| Row { person: 1, event, mask, time_us, ..Row::default() };
    let columns = Columns::new(&[row(4, 4, 0), row(1, 4, 1)]);
    let answer = fold_whole(rows_of(&columns), &plan(mode)).finish(9);
    assert_eq!(answer.top[0].nodes, [9, 1]);
}

#[test]
fn other_counts_people_once() {
    // Person 1 has b and c in two sessions, both merged: one person, two sequences.
    let columns = columns(&["b@0 c@20", "A@0 b@1", "A@0 c@1", "A@0"]);
    let whole = fold(rows_of(&columns), &plan(OPEN)).finish();
    let merged = plan(OPEN).with_shown(Shown::top(&whole, 1));
    let answer = fold(rows_of(&columns), &merged).finish();
    let first: Vec<_> = answer.nodes.iter().filter(|node| node.step == 0).collect();
    assert_eq!((first[0].node, first[0].reach), (0, Tally { people: 3, sequences: 3 }));
    assert_eq!((first[1].node, first[1].reach), (OTHER, Tally { people: 1, sequences: 2 }));
    // Ties go to the lower code: b is shown at step 1, c merged.
    let second: Vec<u16> = answer.nodes.iter().filter(|node| node.step == 1).map(|node| node.node).collect();
    assert_eq!(second, [1, OTHER]);
    let edge = answer.edges.iter().find(|edge| edge.next == OTHER).expect("an edge to other");
    assert_eq!((edge.step, edge.node, edge.reach.people), (0, 0, 1));
}

#[test]
fn the_step_matrix_adds_up() {
    let columns = columns(&["b@0 c@1", "b@0", "c@0 b@1 c@2"]);
    let answer = fold(rows_of(&columns), &plan(OPEN)).finish();
    let matrix = answer.matrix(&plan(OPEN));
    assert_eq!(matrix.nodes, [1, 2]);
    for step in 0..4 {
        let present: f64 = matrix.shares.iter().map(|line| line[step]).sum();
        assert!((present + matrix.ended[step] - 1.0).abs() < 1e-12, "step {step}");
    }
    assert_eq!(matrix.ended, [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0]);
    assert_eq!(matrix.people[0][0], 2.0 / 3.0);
    assert_eq!(fold(Rows::default(), &plan(OPEN)).finish().matrix(&plan(OPEN)).ended, [0.0; 4]);
}

#[test]
fn wrong_plans_are_refused() {
    let rules = |mode| PathRules { mode, ..plan(OPEN).rules };
    let steps = |n_steps| PathPlan::new(PathRules { n_steps, ..rules(OPEN) });
    assert_eq!(steps(1), Err(PlanError::PathSteps { got: 1 }));
    assert_eq!(steps(21), Err(PlanError::PathSteps { got: 21 }));
    assert!(steps(20).is_ok());
    let gap = PathPlan::new(rules(PathMode::Open { gap_us: -1 }));
    assert_eq!(gap, Err(PlanError::NegativeDuration { what: "gap", got_us: -1 }));
    let anchor = Anchor { bits: 1, node: OTHER };
    assert_eq!(PathPlan::new(rules(PathMode::After { anchor, window_us: 1 })), Err(PlanError::ReservedNode));
}

#[test]
fn many_nodes_are_counted_as_few_are() {
    let story = ["A@0 b@1 c@2 Z@3 b@4 A@20 b@21", "b@0 A@1"];
    let few = fold(rows_of(&columns(&story)), &plan(OPEN)).finish();
    let mut rules = plan(OPEN).rules;
    rules.nodes = vec![60_000, 1, 2, 3, HIDDEN]; // Too many codes for a table of edges.
    let many = fold(rows_of(&columns(&story)), &PathPlan::new(rules).expect("valid")).finish();
    let reaches = |answer: &PathAnswer| {
        let mut reaches: Vec<_> = answer.edges.iter().map(|edge| (edge.step, edge.reach.sequences)).collect();
        reaches.sort_unstable();
        reaches
    };
    assert_eq!(reaches(&few), reaches(&many));
    assert!(many.nodes.iter().any(|node| node.node == 60_000));
}

#[test]
fn more_paths_than_a_table_begins_with() {
    // Each person walks a path of its own through 30 x 30 nodes, twice.
    let row = |person: u64, event: usize, time_us| {
        let event = event as u16;
        Row { person, event, time_us, ..Row::default() }
    };
    let walk = |person: u64| {
        let (a, b) = (person as usize / 30, 30 + person as usize % 30);
        [row(person, a, 0), row(person, b, 1), row(person, a, 30), row(person, b, 31)]
    };
    let columns = Columns::new(&(0..900).flat_map(walk).collect::<Vec<_>>());
    let rules = PathRules { nodes: (0..60).collect(), ..plan(OPEN).rules };
    let answer = fold_whole(rows_of(&columns), &PathPlan::new(rules).expect("valid")).finish(2_000);
    assert_eq!((answer.n_paths, answer.all), (900, Tally { people: 900, sequences: 1_800 }));
    assert!(answer.top.iter().all(|path| path.reach == Tally { people: 1, sequences: 2 }));
}

fn plans() -> impl Strategy<Value = naive::Plan> {
    let mode = (0..4, 0i64..8).prop_map(|(mode, length_us)| match mode {
        0 => naive::Mode::Open(length_us),
        1 => naive::Mode::After((0, 1), length_us),
        2 => naive::Mode::Before((0, 5), length_us),
        _ => naive::Mode::Between((0, 1), (1, 2), length_us),
    });
    let nodes = prop::collection::vec(prop::option::weighted(0.8, 0u16..4), 4);
    (mode, 2usize..7, any::<bool>(), nodes, (0i64..8, 0i64..20, 4i64..26)).prop_map(
        |(mode, n_steps, collapse, nodes, (from_us, length_us, as_of_us))| {
            let to_us = from_us + length_us;
            naive::Plan { mode, n_steps, collapse, nodes, from_us, to_us, as_of_us }
        },
    )
}

fn compiled(plan: &naive::Plan) -> PathPlan {
    let anchor = |(bit, node): naive::Anchor| Anchor { bits: 1 << bit, node };
    let mode = match plan.mode {
        naive::Mode::Open(gap_us) => PathMode::Open { gap_us },
        naive::Mode::After(a, window_us) => PathMode::After { anchor: anchor(a), window_us },
        naive::Mode::Before(a, window_us) => PathMode::Before { anchor: anchor(a), window_us },
        naive::Mode::Between(a, z, window_us) => {
            PathMode::Between { from: anchor(a), to: anchor(z), window_us }
        }
    };
    let rules = PathRules {
        mode,
        n_steps: plan.n_steps,
        collapse: plan.collapse,
        nodes: plan.nodes.iter().map(|node| node.unwrap_or(HIDDEN)).collect(),
        period: Period { from_us: plan.from_us, to_us: plan.to_us },
        as_of_us: plan.as_of_us,
    };
    PathPlan::new(rules).expect("generated plans are valid")
}

type Keyed = (BTreeMap<(usize, u16), (u64, u64)>, BTreeMap<(usize, u16, u16), (u64, u64)>);

/// Nodes and edges, as the oracle counts them, after merging all but the shown nodes.
fn naive_counts(sequences: &[naive::Sequence], shown: &dyn Fn(usize, u16) -> u16) -> Keyed {
    let path = |sequence: &naive::Sequence| -> Vec<(usize, u16)> {
        sequence.nodes.iter().enumerate().map(|(step, &node)| (step, shown(step, node))).collect()
    };
    let nodes = naive::count(sequences, path);
    let edges = naive::count(sequences, |sequence| {
        path(sequence).windows(2).map(|pair| (pair[0].0, pair[0].1, pair[1].1)).collect()
    });
    (nodes, edges)
}

fn fold_counts(answer: &PathAnswer) -> Keyed {
    let pair = |reach: Tally| (reach.people, reach.sequences);
    let nodes = answer.nodes.iter().map(|node| ((node.step, node.node), pair(node.reach)));
    let edges = answer.edges.iter().map(|edge| ((edge.step, edge.node, edge.next), pair(edge.reach)));
    (nodes.collect(), edges.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_folds_equal_the_oracle(plan in plans(), rows in rows(3, 24, 20, 0b11), n_shown in 0usize..3) {
        let (columns, compiled) = (Columns::new(&rows), compiled(&plan));
        let sequences = naive::sequences(&plan, &rows);
        let answer = fold(rows_of(&columns), &compiled).finish();
        prop_assert_eq!(fold_counts(&answer), naive_counts(&sequences, &|_, node| node));
        let ended = naive::count(&sequences, |sequence| {
            let last = (!sequence.goes_on).then(|| (sequence.nodes.len() - 1, sequence.nodes[sequence.nodes.len() - 1]));
            last.into_iter().collect()
        });
        let got = answer.nodes.iter().filter(|node| node.ended.sequences > 0);
        let got: BTreeMap<_, _> =
            got.map(|node| ((node.step, node.node), (node.ended.people, node.ended.sequences))).collect();
        prop_assert_eq!(got, ended);
        let paths = fold_whole(rows_of(&columns), &compiled).finish(usize::MAX);
        let got: BTreeMap<_, _> =
            paths.top.iter().map(|path| (path.nodes.clone(), (path.reach.people, path.reach.sequences))).collect();
        prop_assert_eq!(got, naive::count(&sequences, |sequence| vec![sequence.nodes.clone()]));
        prop_assert_eq!(paths.all, answer.all);
        // What is merged is whatever the ranking of the whole answer leaves out, per step.
        let merged = fold(rows_of(&columns), &compiled.with_shown(Shown::top(&answer, n_shown))).finish();
        let kept: BTreeSet<(usize, u16)> = (0..plan.n_steps)
            .flat_map(|step| answer.nodes.iter().filter(move |node| node.step == step).take(n_shown))
            .map(|node| (node.step, node.node))
            .collect();
        let shown = |step, node| if kept.contains(&(step, node)) { node } else { OTHER };
        prop_assert_eq!(fold_counts(&merged), naive_counts(&sequences, &shown));
    }

    #[test]
    fn every_count_opens_its_people(plan in plans(), rows in rows(3, 24, 20, 0b11), n_shown in 0usize..3) {
        let (columns, plan) = (Columns::new(&rows), compiled(&plan));
        let rows = rows_of(&columns);
        let paths = fold_whole(rows, &plan).finish(usize::MAX);
        let plan = plan.clone().with_shown(Shown::top(&fold(rows, &plan).finish(), n_shown));
        let answer = fold(rows, &plan).finish();
        let tally = |selector: &Selector| {
            let selected = select(rows, &plan, selector);
            let people: BTreeSet<u64> = selected.iter().map(|one| one.person).collect();
            prop_assert_eq!(people.len(), selected.len());
            prop_assert!(selected.iter().all(|one| one.start_us <= one.end_us));
            Ok(Tally { people: people.len() as u64, sequences: selected.iter().map(|one| one.n_sequences).sum() })
        };
        prop_assert_eq!(tally(&Selector::All)?, answer.all);
        for node in &answer.nodes {
            prop_assert_eq!(tally(&Selector::Node { step: node.step, node: node.node })?, node.reach);
            prop_assert_eq!(tally(&Selector::Ended { step: node.step, node: node.node })?, node.ended);
        }
        for edge in &answer.edges {
            prop_assert_eq!(tally(&Selector::Edge { step: edge.step, node: edge.node, next: edge.next })?, edge.reach);
        }
        for path in paths.top {
            prop_assert_eq!(tally(&Selector::Path(path.nodes))?, path.reach);
        }
    }

    #[test]
    fn states_merge_in_any_order(plan in plans(), rows in rows(6, 30, 20, 0b11), salt in 0u64..8) {
        let plan = compiled(&plan);
        let whole = fold(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold(rows_of(&part), &plan)), &whole, PathState::merge);
        let whole = fold_whole(rows_of(&Columns::new(&rows)), &plan);
        assert_merges(thirds(&rows, salt).map(|part| fold_whole(rows_of(&part), &plan)), &whole, WholeState::merge);
        let limited = whole.clone().finish(3).top;
        prop_assert_eq!(limited, whole.finish(usize::MAX).top.into_iter().take(3).collect::<Vec<_>>());
    }
}
