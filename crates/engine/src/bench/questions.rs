//! The questions and their answers as text: one line per row, tabs between columns.

use crate::{Engine, EngineError};
use model::ask::Ask;
use model::view::{
    Answer, AttributionView, FunnelView, PathsView, RetentionView, TransitionsView, TrendView,
};
use std::collections::BTreeMap;
use std::fmt::Write;
use store::{Cancel, Columns, Snapshot};

/// Their names, in order.
pub const QUESTIONS: [&str; 10] = [
    "funnel",
    "funnel_filtered",
    "funnel_breakdown",
    "transitions",
    "paths",
    "retention",
    "last_touch",
    "stages",
    "trend",
    "timeline",
];

/// Paths listed, of which the answer has the first: those of one count are put in order.
const N_PATHS: usize = 20;

/// Timelines asked for.
const N_TIMELINES: usize = 20;

const DAY_US: i64 = 86_400_000_000;

fn document(id: &str) -> Option<&'static str> {
    Some(match id {
        "funnel" => {
            r#"{"ask": "funnel", "window": "7d", "steps": [{"event": "view_item"}, {"event": "add_to_cart"},
                {"event": "begin_checkout"}, {"event": "purchase"}]}"#
        }
        "funnel_filtered" => {
            r#"{"ask": "funnel", "window": "7d", "steps": [
                {"event": "view_item", "where": [{"property": "device", "op": "is", "value": "mobile"}]},
                {"event": "add_to_cart"}, {"event": "begin_checkout"},
                {"event": "purchase", "where": [{"property": "amount", "op": "gt", "value": 50}]}]}"#
        }
        "funnel_breakdown" => {
            r#"{"ask": "funnel", "window": "7d", "breakdown": "channel", "breakdown_at": "entry",
                "steps": [{"event": "view_item"}, {"event": "add_to_cart"}, {"event": "begin_checkout"},
                {"event": "purchase"}]}"#
        }
        "transitions" => r#"{"ask": "transitions", "gap": "30m", "limit": 10000}"#,
        "paths" => r#"{"ask": "paths", "gap": "30m", "steps": 4, "top": 50, "limit": 1000}"#,
        "retention" => r#"{"ask": "retention", "grain": "week", "intervals": 300}"#,
        "last_touch" => {
            r#"{"ask": "attribution", "conversion": {"event": "purchase"}, "models": [{"model": "last"}],
                "touches": [{"event": ["email_click", "visit", "app_open"]}], "lookback": "30d", "replicates": 0}"#
        }
        "stages" => {
            r#"{"ask": "funnel", "window": "36500d", "entry": "first", "steps": [
                {"event": ["visit", "app_open", "email_open"]},
                {"event": ["search", "view_item", "compare", "read_review"]},
                {"event": ["add_to_cart", "begin_checkout", "add_payment", "purchase"]},
                {"event": ["login", "support_contact", "survey_answer"]},
                {"event": ["review_posted", "referral_sent", "share"]}]}"#
        }
        "trend" => r#"{"ask": "trend", "grain": "day", "breakdown": "channel"}"#,
        _ => return None,
    })
}

/// The people with the most events, most first, of equal ones the lesser identifier first.
pub fn busiest(snapshot: &Snapshot, threads: usize) -> Result<Vec<u64>, EngineError> {
    let counts = snapshot.fold(threads, &Columns::default(), &Cancel::default(), |rows| {
        let own = rows.person_keys.iter().zip(rows.persons()).map(|(&person, own)| (own.len(), person));
        let mut own: Vec<(usize, u64)> = own.collect();
        own.sort_unstable_by_key(|&(n, _)| std::cmp::Reverse(n));
        let least = own.get(N_TIMELINES - 1).map_or(0, |&(n, _)| n);
        own.retain(|&(n, _)| n >= least);
        own
    })?;
    let mut all: Vec<(usize, u64)> = counts.into_iter().flatten().collect();
    all.sort_unstable_by_key(|&(n, _)| std::cmp::Reverse(n));
    let least = all.get(N_TIMELINES - 1).map_or(0, |&(n, _)| n);
    all.retain(|&(n, _)| n >= least);
    // Of as many events the lesser identifier comes first; identifiers are numbers here.
    let mut named = Vec::with_capacity(all.len());
    for (n, person) in all {
        let rows = snapshot.person_with(person, &Columns { user_id: true, ..Columns::default() })?;
        let id = rows.user_id.get(0).and_then(|id| id.parse::<u64>().ok()).unwrap_or(u64::MAX);
        named.push((std::cmp::Reverse(n), id, person));
    }
    named.sort_unstable();
    Ok(named.into_iter().take(N_TIMELINES).map(|(_, _, person)| person).collect())
}

/// Answers a question of [`QUESTIONS`], from nothing that was kept of earlier questions but decoded columns. `people` are those of [`busiest`].
pub async fn question(engine: &Engine, id: &str, people: &[u64]) -> Result<String, EngineError> {
    engine.cache.clear();
    let snapshot = engine.store.snapshot();
    let Some(text) = document(id) else { return timelines(&snapshot, people) };
    let ask: Ask = model::read_json(text, None)?;
    let answer = engine.answer(&ask, &Cancel::default()).await?;
    Ok(match (id, &answer) {
        ("funnel_breakdown", Answer::Funnel(view)) => by_channel(view),
        ("stages", Answer::Funnel(view)) => stages(view, snapshot.n_persons()),
        (_, Answer::Funnel(view)) => reached(view, snapshot.n_persons()),
        (_, Answer::Transitions(view)) => transitions(view),
        (_, Answer::Paths(view)) => paths(view),
        (_, Answer::Retention(view)) => retention(view),
        (_, Answer::Attribution(view)) => credits(view),
        (_, Answer::Trend(view)) => trend(view),
        _ => String::new(),
    })
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let mut line = cells.into_iter().collect::<Vec<_>>().join("\t");
    line.push('\n');
    line
}

fn counts(counts: impl IntoIterator<Item = u64>) -> String {
    line(counts.into_iter().map(|count| count.to_string()))
}

fn reached(view: &FunnelView, n_people: u64) -> String {
    counts(view.lines[0].reached.iter().copied().chain([n_people]))
}

fn by_channel(view: &FunnelView) -> String {
    let mut lines: BTreeMap<&str, String> = BTreeMap::new();
    for own in view.lines.iter().skip(1) {
        let label = own.label.as_deref().unwrap_or_default();
        let cells = std::iter::once(label.to_owned()).chain(own.reached.iter().map(u64::to_string));
        lines.insert(label, line(cells));
    }
    lines.into_values().collect()
}

fn stages(view: &FunnelView, n_people: u64) -> String {
    let own = &view.lines[0];
    let entered: Vec<u64> = std::iter::once(n_people).chain(own.reached.iter().copied()).chain([0]).collect();
    let furthest = entered.windows(2).map(|pair| (pair[0] - pair[1]).to_string());
    let medians = own.step_times.iter().skip(1).map(|time| {
        let us = time.value.map(|seconds| (seconds * 1e6).round() as i64);
        us.map_or_else(String::new, |us| us.to_string())
    });
    line(furthest.chain(medians))
}

fn transitions(view: &TransitionsView) -> String {
    let mut rows: Vec<_> = view.rows.iter().map(|row| (&row.event, &row.next, row.count)).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(event, next, n)| line([event.clone(), next.clone(), n.to_string()])).collect()
}

fn paths(view: &PathsView) -> String {
    let mut rows: Vec<(std::cmp::Reverse<u64>, String)> =
        view.paths.iter().map(|path| (std::cmp::Reverse(path.n_sequences), path.nodes.join(">"))).collect();
    rows.sort_unstable();
    rows.into_iter().take(N_PATHS).map(|(n, path)| line([path, n.0.to_string()])).collect()
}

fn retention(view: &RetentionView) -> String {
    let mut text = String::new();
    for cohort in &view.cohorts {
        // The first week may have begun before the first event.
        let days = cohort.start_us.div_euclid(DAY_US);
        let monday_us = (days - (days + 3).rem_euclid(7)) * DAY_US;
        for (cell, &edge) in cohort.cells.iter().zip(&view.edges).filter(|(cell, _)| cell.n_people > 0) {
            let week_us = monday_us + edge as i64 * 7 * DAY_US;
            text += &line([date(monday_us), date(week_us), cell.n_people.to_string()]);
        }
    }
    text
}

fn credits(view: &AttributionView) -> String {
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for row in view.models.first().map_or(&[][..], |model| &model.rows) {
        let label = row.label.clone().unwrap_or_else(|| "(none)".to_owned());
        let n = row.conversions.value.unwrap_or(0.0).round() as i64;
        let amount = (row.amount.value.unwrap_or(0.0) * 100.0).round() as i64;
        lines.insert(label.clone(), line([label, n.to_string(), amount.to_string()]));
    }
    lines.into_values().collect()
}

fn trend(view: &TrendView) -> String {
    let mut lines: Vec<_> = view.lines.iter().filter(|own| own.label.is_some()).collect();
    lines.sort_by(|a, b| a.label.cmp(&b.label));
    let mut text = String::new();
    for (at, &day_us) in view.buckets.iter().enumerate() {
        for own in lines.iter().filter(|own| own.n_events[at] > 0) {
            let label = own.label.clone().unwrap_or_default();
            text += &line([date(day_us), label, own.n_events[at].to_string(), own.n_people[at].to_string()]);
        }
    }
    text
}

/// One count per line, each followed by an empty line.
fn timelines(snapshot: &Snapshot, people: &[u64]) -> Result<String, EngineError> {
    let columns = Columns { channel: true, amount: true, ..Columns::default() };
    let mut text = String::new();
    for (at, &person) in people.iter().enumerate() {
        let rows = snapshot.person_with(person, &columns)?;
        let _ = write!(text, "{}{}\n", if at > 0 { "\n" } else { "" }, rows.n_rows()); // A string takes all.
    }
    Ok(text)
}

fn date(us: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
