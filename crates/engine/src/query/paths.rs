//! Paths: a scan for the numbers, and one more where nodes are merged, since people cannot be added up.

use super::answers::{Prepared, kept, plan_problem};
use super::asked::{Masks, NodeTable, Selecting, every_node, planned};
use super::compile::Compiler;
use super::scope::{Ground, Resolved, keep};
use super::selection::Listed;
use super::split::Splits;
use crate::{Engine, EngineError};
use analysis::paths::{
    self, Anchor, OTHER, PathAnswer, PathMode, PathPlan, PathRules, PathState, Selector, Shown, WholeState,
};
use model::ask::{AskPaths, PathPoint};
use model::time::{DAY_US, Duration, SESSION_GAP_US};
use model::view::{PathEdgeView, PathNodeView, PathsView, StepMatrixView, WholePathView};
use std::sync::Arc;
use store::{Cancel, Rows};

/// Paths ready for a scan.
struct PathQuestion {
    masks: Masks,
    plan: PathPlan,
    nodes: NodeTable,
    splits: Arc<Splits>,
    top: usize,
}

impl PathQuestion {
    fn new(
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &Resolved,
        ask: &AskPaths,
        (mut nodes, splits): (NodeTable, Splits),
    ) -> Result<Self, EngineError> {
        let events = ground.snapshot.names().events();
        let mut anchor = |rule: &Option<_>, bit: u8| {
            rule.as_ref().map(|rule| Anchor { bits: 1 << bit, node: nodes.anchor(rule, events) })
        };
        let (after, before) = (anchor(&ask.after, 0), anchor(&ask.before, 1));
        let window_us = ask.window.map_or(7 * DAY_US, |window: Duration| window.us);
        let mode = match (after, before) {
            (None, None) => PathMode::Open { gap_us: ask.gap.map_or(SESSION_GAP_US, |gap| gap.us) },
            (Some(anchor), None) => PathMode::After { anchor, window_us },
            (None, Some(anchor)) => PathMode::Before { anchor, window_us },
            (Some(from), Some(to)) => PathMode::Between { from, to, window_us },
        };
        let top = ask.top.unwrap_or(10);
        if !(1..=50).contains(&top) {
            return Err(plan_problem(&format!("1 to 50 nodes are shown at a step, not {top}")));
        }
        let plan = planned(PathPlan::new(PathRules {
            mode,
            n_steps: ask.steps.unwrap_or(5),
            collapse: !ask.nodes.repeats,
            nodes: nodes.for_plan(),
            period: main.period,
            as_of_us: main.as_of_us,
        }))?;
        let masks = Masks::new(compiler, &[ask.after.as_ref(), ask.before.as_ref()]);
        Ok(Self { masks, plan, nodes, splits: Arc::new(splits), top })
    }

    fn fold(&self, rows: &Rows, keep: &[bool]) -> PathState {
        let (masks, codes) = (self.masks.all(rows), self.splits.codes(rows, &self.nodes));
        paths::fold(every_node(rows, &masks, &codes, keep), &self.plan)
    }

    fn fold_with_whole(&self, rows: &Rows, keep: &[bool]) -> (PathState, WholeState) {
        let (masks, codes) = (self.masks.all(rows), self.splits.codes(rows, &self.nodes));
        let rows = every_node(rows, &masks, &codes, keep);
        (paths::fold(rows, &self.plan), paths::fold_whole(rows, &self.plan))
    }

    /// The nodes to show where not all are.
    fn shown(&self, answer: &PathAnswer) -> Option<Shown> {
        let n_at = |step: usize| answer.nodes.iter().filter(|node| node.step == step).count();
        let all = (0..self.plan.n_steps()).all(|step| n_at(step) <= self.top);
        (!all).then(|| Shown::top(answer, self.top))
    }

    /// The same question with the others merged.
    fn showing(&self, shown: Shown, masks: Masks) -> Self {
        Self {
            masks,
            plan: self.plan.clone().with_shown(shown),
            nodes: self.nodes.clone(),
            splits: self.splits.clone(),
            top: self.top,
        }
    }

    fn selector(&self, at: &PathPoint) -> Result<Selector, EngineError> {
        let code = |name: &Option<String>| name.as_deref().map_or(Ok(OTHER), |name| self.nodes.known(name));
        Ok(match at {
            PathPoint::All => Selector::All,
            PathPoint::Node { step, node } => Selector::Node { step: *step, node: code(node)? },
            PathPoint::Edge { step, node, next } => {
                Selector::Edge { step: *step, node: code(node)?, next: code(next)? }
            }
            PathPoint::Ended { step, node } => Selector::Ended { step: *step, node: code(node)? },
            PathPoint::Path { nodes } => Selector::Path(self.nodes.codes(nodes)?),
            PathPoint::Prefix { nodes } => Selector::Prefix(self.nodes.codes(nodes)?),
        })
    }
}

impl Engine {
    pub(crate) async fn paths_view(&self, ask: &AskPaths, cancel: &Cancel) -> Result<PathsView, EngineError> {
        let ground = self.ground().await?;
        let Prepared { main, keep: tests, mut compiler } = self.prepare(&ground, &ask.scope, cancel).await?;
        let key = self.fold_key(("paths", ask), &ground, &main);
        let asked = (&ask.nodes, key.clone());
        let nodes = self.split_nodes(&mut compiler, &ground, asked, &tests, cancel).await?;
        let question = Arc::new(PathQuestion::new(&mut compiler, &ground, &main, ask, nodes)?);
        let masks = Masks::new(&mut compiler, &[ask.after.as_ref(), ask.before.as_ref()]);
        let columns = compiler.columns.clone();
        let tests = Arc::new(tests);
        let (folding, own_tests) = (question.clone(), tests.clone());
        let fold = move |rows: &Rows| {
            let keep = keep(&own_tests, rows);
            (folding.fold_with_whole(rows, &keep), kept(rows, &keep))
        };
        let key = key.and(&question.nodes.names());
        let buckets = self.fold_again(key.clone(), &ground, columns.clone(), cancel, fold).await?;
        let (mut state, mut whole, mut n_people) = (PathState::default(), WholeState::default(), 0);
        for ((own, own_whole), n) in buckets {
            (state, whole, n_people) = (state.merge(own), whole.merge(own_whole), n_people + n);
        }
        let mut answer = state.finish();
        if let Some(shown) = question.shown(&answer) {
            let key = key.and(&shown);
            let merging = question.showing(shown, masks);
            let fold = move |rows: &Rows| merging.fold(rows, &keep(&tests, rows));
            let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
            answer = buckets.into_iter().fold(PathState::default(), PathState::merge).finish();
        }
        let whole = whole.finish(ask.limit.unwrap_or(20).min(1_000));
        let about = ground.about(&main, &compiler, n_people);
        Ok(paths_view(&question, &answer, &whole, about))
    }

    /// The people of a number of a paths answer.
    pub(super) async fn select_paths(
        &self,
        ground: &Ground,
        main: &Resolved,
        compiler: &mut Compiler<'_>,
        (ask, at): (&AskPaths, &PathPoint),
        cancel: &Cancel,
    ) -> Result<Selecting, EngineError> {
        let tests = self.tests(compiler, &main.segments, ground, cancel).await?;
        let asked = (&ask.nodes, self.fold_key(("paths", ask), ground, main));
        let nodes = self.split_nodes(compiler, ground, asked, &tests, cancel).await?;
        let mut question = PathQuestion::new(compiler, ground, main, ask, nodes)?;
        let merged = match at {
            PathPoint::Node { node, .. } | PathPoint::Ended { node, .. } => node.is_none(),
            PathPoint::Edge { node, next, .. } => node.is_none() || next.is_none(),
            _ => false,
        };
        if merged {
            // What is merged follows from the whole answer.
            let counting = Arc::new(question);
            let (folding, columns) = (counting.clone(), compiler.columns.clone());
            let fold = move |rows: &Rows| folding.fold(rows, &keep(&tests, rows));
            let buckets = self.fold(&ground.snapshot, columns, cancel, fold).await?;
            let answer = buckets.into_iter().fold(PathState::default(), PathState::merge).finish();
            let masks = Masks::new(compiler, &[ask.after.as_ref(), ask.before.as_ref()]);
            question = counting.showing(Shown::top(&answer, counting.top), masks);
        }
        let selector = question.selector(at)?;
        Ok(Box::new(move |rows: &Rows, keep: &[bool]| {
            let (masks, codes) = (question.masks.all(rows), question.splits.codes(rows, &question.nodes));
            let selected = paths::select(every_node(rows, &masks, &codes, keep), &question.plan, &selector);
            let listed = |one: paths::Selected| Listed {
                person: one.person,
                last_us: one.end_us,
                entered_us: Some(one.start_us),
            };
            selected.into_iter().map(listed).collect()
        }))
    }
}

fn paths_view(
    question: &PathQuestion,
    answer: &PathAnswer,
    whole: &paths::WholePaths,
    about: model::view::About,
) -> PathsView {
    let name = |code: u16| question.nodes.name(code);
    let node = |node: &paths::PathNode| PathNodeView {
        step: node.step,
        node: name(node.node),
        n_people: node.reach.people,
        n_sequences: node.reach.sequences,
        ended_people: node.ended.people,
        ended_sequences: node.ended.sequences,
    };
    let mut nodes: Vec<PathNodeView> = answer.nodes.iter().map(node).collect();
    nodes.sort_by_key(|node| (node.step, node.node.is_none())); // Stable: what is merged comes last.
    let edge = |edge: &paths::PathEdge| PathEdgeView {
        step: edge.step,
        node: name(edge.node),
        next: name(edge.next),
        n_people: edge.reach.people,
        n_sequences: edge.reach.sequences,
    };
    let matrix = answer.matrix(&question.plan);
    let path = |path: &paths::WholePath| WholePathView {
        nodes: question.nodes.path(&path.nodes),
        n_people: path.reach.people,
        n_sequences: path.reach.sequences,
    };
    PathsView {
        n_people: answer.all.people,
        n_sequences: answer.all.sequences,
        nodes,
        edges: answer.edges.iter().map(edge).collect(),
        matrix: StepMatrixView {
            nodes: matrix.nodes.iter().map(|code| name(*code)).collect(),
            shares: matrix.shares,
            people: matrix.people,
            ended: matrix.ended,
        },
        n_paths: whole.n_paths as u64,
        paths: whole.top.iter().map(path).collect(),
        about,
    }
}
