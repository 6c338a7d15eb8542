//! The engine on a real data folder: definitions, rules, journeys, metrics and SQL over the same few events.

mod analyses;
mod definitions;
mod numbers;
mod people;
mod real;
mod sql;
mod sql_parity;

use engine::Engine;
use engine::documents::ApplyOptions;
use model::{Clock, read_yaml};
use store::{EventRef, Progress, PropertyKind, PropertyValue};

/// 2026-03-02 00:00 UTC, a Monday.
const MONDAY_US: i64 = 1_772_409_600_000_000;
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// One event of a test: person, hours after [`MONDAY_US`], name, channel, amount, properties.
type Told = (&'static str, i64, &'static str, &'static str, Option<i64>, &'static [(&'static str, Is)]);

/// A property's value in a test.
#[derive(Clone, Copy, Debug)]
enum Is {
    Text(&'static str),
    Number(f64),
    Flag(bool),
}

/// An engine on a temporary folder, “now” being ten days after the Monday.
struct Bench {
    engine: Engine,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn new(events: &[Told]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::fixed(MONDAY_US + 10 * DAY_US);
        let engine = Engine::open(dir.path(), clock, 2).await.expect("a new folder opens");
        let workspace = model::workspace::Workspace { zone: "UTC".to_owned(), ..Default::default() };
        engine.set_workspace(&workspace).await.expect("a valid workspace");
        let bench = Self { engine, _dir: dir };
        bench.push(events).await;
        bench
    }

    async fn push(&self, events: &[Told]) {
        let mut writer = self.engine.store.writer("test").await.expect("a writer");
        for (index, (person, hours, name, channel, amount, properties)) in events.iter().enumerate() {
            let event = writer.event_code(name).expect("few names");
            let channel = writer.channel_code(channel).expect("few channels");
            let properties: Vec<_> = properties
                .iter()
                .map(|(key, is)| match is {
                    Is::Text(text) => (writer.property(key, PropertyKind::String), PropertyValue::Str(text)),
                    Is::Number(number) => {
                        (writer.property(key, PropertyKind::Number), PropertyValue::Num(*number))
                    }
                    Is::Flag(flag) => (writer.property(key, PropertyKind::Bool), PropertyValue::Bool(*flag)),
                })
                .collect();
            let told = EventRef {
                user_id: Some(person),
                anonymous_id: None,
                time_us: MONDAY_US + hours * HOUR_US,
                id: Some(index as u64),
                event,
                channel,
                amount: amount.map(|amount| amount * 100),
                properties: &properties,
            };
            writer.push(told).expect("a person is named");
        }
        writer.finish(Progress::default(), MONDAY_US).await.expect("events are stored");
    }

    async fn apply(&self, yaml: &str) -> Vec<engine::documents::Applied> {
        let bodies = read_yaml(yaml, None).expect("readable YAML");
        self.engine.apply(&bodies, "tester", ApplyOptions::default()).await.expect("valid definitions")
    }

    /// Codes and paths of the problems with which definitions are refused.
    async fn refused(&self, yaml: &str) -> Vec<String> {
        let bodies = read_yaml(yaml, None).expect("readable YAML");
        let error = self.engine.apply(&bodies, "tester", ApplyOptions::default()).await.expect_err("refused");
        let problems = error.problems().0;
        let text = |problem: &model::Problem| {
            format!("{} {}", problem.code, problem.place.path.as_deref().unwrap_or_default())
        };
        problems.iter().map(text).collect()
    }
}
