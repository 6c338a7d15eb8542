//! The store against a model that is obvious and slow: random imports, checkpoints, interruptions,
//! duplicates and links give the same persons with the same events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use store::{
    Columns, EventRef, Progress, PropertyColumn, PropertyId, PropertyKind, PropertyValue, Rows, Store,
};

use crate::open;

#[derive(Clone, Debug)]
struct Event {
    user: Option<u8>,
    anonymous: Option<u8>,
    time_us: i64,
    id: u64,
    event: u8,
    channel: u8,
    amount: Option<i64>,
    text: Option<u8>,
    number: Option<i32>,
    flag: Option<bool>,
}

#[derive(Clone, Debug)]
enum Step {
    Push(Event),
    Checkpoint,
    /// Ends the import: properly, or by dropping the writer.
    End(bool),
}

fn events() -> impl Strategy<Value = Event> {
    let who = prop_oneof![
        (0u8..5).prop_map(|user| (Some(user), None)),
        (0u8..5).prop_map(|anonymous| (None, Some(anonymous))),
        (0u8..5, 0u8..5).prop_map(|(user, anonymous)| (Some(user), Some(anonymous))),
    ];
    let what = (0u8..3, 0u8..3, prop::option::of(-5i64..5));
    let properties = (prop::option::of(0u8..3), prop::option::of(-3i32..3), prop::option::of(any::<bool>()));
    (who, -2i64..6, 0u64..3, what, properties).prop_map(|(who, time_us, id, what, properties)| Event {
        user: who.0,
        anonymous: who.1,
        time_us,
        id,
        event: what.0,
        channel: what.1,
        amount: what.2,
        text: properties.0,
        number: properties.1,
        flag: properties.2,
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => events().prop_map(Step::Push),
        1 => Just(Step::Checkpoint),
        1 => any::<bool>().prop_map(Step::End),
    ];
    prop::collection::vec(step, 0..80)
}

/// What a row says, apart from its key.
type Content =
    (String, String, Option<i64>, Option<String>, Option<String>, Option<String>, Option<u64>, Option<bool>);
type Stored = BTreeMap<u64, BTreeMap<(i64, u64), BTreeSet<Content>>>;

fn name(prefix: &str, n: u8) -> String {
    format!("{prefix}{n}")
}

/// The model: everything pushed and kept, links in order of arrival, the answer computed from scratch.
#[derive(Clone, Default)]
struct Model {
    events: Vec<Event>,
    links: HashMap<u8, u8>,
}

impl Model {
    fn push(&mut self, event: &Event) {
        if let (Some(user), Some(anonymous)) = (event.user, event.anonymous) {
            self.links.entry(anonymous).or_insert(user);
        }
        self.events.push(event.clone());
    }

    fn stored(&self) -> Stored {
        let mut stored = Stored::new();
        for event in &self.events {
            let linked = event.anonymous.and_then(|anonymous| self.links.get(&anonymous).copied());
            let user = event.user.or(linked).map(|user| name("u", user));
            let anonymous = event.anonymous.map(|anonymous| name("a", anonymous));
            let person = model::person_key(user.as_deref(), anonymous.as_deref()).unwrap();
            let content = (
                name("event", event.event),
                if event.channel == 0 { String::new() } else { name("channel", event.channel) },
                event.amount,
                event.user.map(|user| name("u", user)),
                anonymous,
                event.text.map(|text| name("text", text)),
                event.number.map(|number| f64::from(number).to_bits()),
                event.flag,
            );
            let own = stored.entry(person).or_default();
            own.entry((event.time_us, event.id)).or_default().insert(content);
        }
        stored
    }
}

fn n_events(stored: &Stored) -> u64 {
    stored.values().map(|own| own.len() as u64).sum()
}

fn properties(store: &Store) -> Vec<Option<PropertyId>> {
    let snapshot = store.snapshot();
    let kinds = [PropertyKind::String, PropertyKind::Number, PropertyKind::Bool];
    kinds.iter().map(|&kind| snapshot.properties().find("p", kind)).collect()
}

fn content(store: &Store, rows: &Rows, known: &[Option<PropertyId>], row: usize) -> Content {
    let names = store.names();
    let mut columns = rows.properties.iter().map(|column| &**column);
    let mut column = |k: usize| known[k].and_then(|_| columns.next());
    let text = match column(0) {
        Some(PropertyColumn::Str(texts)) => texts.get(row).map(str::to_owned),
        _ => None,
    };
    let number = match column(1) {
        Some(PropertyColumn::Num(numbers)) => Some(numbers[row]).filter(|n| !n.is_nan()).map(f64::to_bits),
        _ => None,
    };
    let flag = match column(2) {
        Some(PropertyColumn::Bool(flags)) => Some(flags[row]).filter(|&flag| flag != 2).map(|flag| flag == 1),
        _ => None,
    };
    (
        names.event_name(rows.event[row]).to_owned(),
        names.channel_name(rows.channel[row]).to_owned(),
        rows.amount.get(row),
        rows.user_id.get(row).map(str::to_owned),
        rows.anonymous_id.get(row).map(str::to_owned),
        text,
        number,
        flag,
    )
}

/// Compares all that a snapshot says with the model.
fn compare(store: &Store, stored: &Stored) -> Result<(), TestCaseError> {
    let snapshot = store.snapshot();
    let known = properties(store);
    let columns = Columns {
        id: true,
        user_id: true,
        anonymous_id: true,
        amount: true,
        channel: true,
        source: true,
        properties: known.iter().flatten().copied().collect(),
    };
    let mut persons = BTreeMap::new();
    for bucket in 0..snapshot.n_buckets() {
        let rows = snapshot.scan(bucket, &columns).unwrap();
        prop_assert_eq!(rows.person_starts.len(), rows.n_persons() + 1);
        let key = |row: usize| (rows.person_of(row), rows.time_us[row], rows.id[row]);
        let ascending = (1..rows.n_rows()).all(|row| key(row - 1) < key(row));
        prop_assert!(ascending);
        for own in rows.persons() {
            let person = rows.person_of(own.start);
            prop_assert_eq!(snapshot.bucket_of(person), bucket);
            let keys: Vec<_> = own.clone().map(|row| (rows.time_us[row], rows.id[row])).collect();
            for row in own {
                let said = content(store, &rows, &known, row);
                let pushed = &stored[&person][&(rows.time_us[row], rows.id[row])];
                prop_assert!(pushed.contains(&said), "{:?} is none of {:?}", said, pushed);
                prop_assert_eq!(rows.source.get(row), Some("model"));
            }
            prop_assert!(persons.insert(person, keys).is_none());
        }
        // Fewer columns, same rows.
        let bare = snapshot.scan(bucket, &Columns::default()).unwrap();
        prop_assert_eq!(
            (&bare.person_keys, &bare.time_us, &bare.event),
            (&rows.person_keys, &rows.time_us, &rows.event)
        );
        prop_assert_eq!(&bare.person_starts, &rows.person_starts);
    }
    let expected: BTreeMap<_, Vec<_>> =
        stored.iter().map(|(&person, own)| (person, own.keys().copied().collect())).collect();
    prop_assert_eq!(persons, expected);
    prop_assert_eq!(snapshot.n_events(), n_events(stored));
    prop_assert_eq!(snapshot.n_persons(), stored.len() as u64);
    let times = stored.values().flat_map(|own| own.keys().map(|key| key.0));
    let range = times.clone().min().zip(times.max());
    prop_assert_eq!(snapshot.time_range(), range);
    Ok(())
}

fn push(writer: &mut store::Writer, event: &Event) {
    let user = event.user.map(|user| name("u", user));
    let anonymous = event.anonymous.map(|anonymous| name("a", anonymous));
    let text = event.text.map(|text| name("text", text));
    let channel = if event.channel == 0 { String::new() } else { name("channel", event.channel) };
    let mut properties = Vec::new();
    if let Some(text) = &text {
        properties.push((writer.property("p", PropertyKind::String), PropertyValue::Str(text)));
    }
    if let Some(number) = event.number {
        let value = PropertyValue::Num(f64::from(number));
        properties.push((writer.property("p", PropertyKind::Number), value));
    }
    if let Some(flag) = event.flag {
        properties.push((writer.property("p", PropertyKind::Bool), PropertyValue::Bool(flag)));
    }
    let row = EventRef {
        user_id: user.as_deref(),
        anonymous_id: anonymous.as_deref(),
        time_us: event.time_us,
        id: Some(event.id),
        event: writer.event_code(&name("event", event.event)).unwrap(),
        channel: writer.channel_code(&channel).unwrap(),
        amount: event.amount,
        properties: &properties,
    };
    writer.push(row).unwrap();
}

async fn run(steps: &[Step]) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path()).await;
    let mut kept = Model::default();
    let mut steps = steps.iter().peekable();
    while steps.peek().is_some() {
        let mut writer = store.writer("model").await.unwrap();
        compare(&store, &kept.stored())?;
        let n_before = n_events(&kept.stored());
        let (mut pushed, mut n_pushed, mut properly) = (kept.clone(), 0, true);
        for step in steps.by_ref() {
            match step {
                Step::Push(event) => {
                    push(&mut writer, event);
                    pushed.push(event);
                    n_pushed += 1;
                }
                Step::Checkpoint => {
                    writer.checkpoint(Progress::default()).await.unwrap();
                    kept = pushed.clone();
                }
                Step::End(end) => {
                    properly = *end;
                    break;
                }
            }
        }
        if properly {
            let summary = writer.finish(Progress::default(), 1).await.unwrap();
            kept = pushed;
            let stored = kept.stored();
            let n_added = n_events(&stored).saturating_sub(n_before);
            prop_assert_eq!((summary.n_pushed, summary.n_added), (n_pushed, n_added));
            compare(&store, &stored)?;
        } else {
            drop(writer);
        }
    }
    drop(store);
    store = open(dir.path()).await;
    compare(&store, &kept.stored())?;
    store.compact().await.unwrap();
    compare(&store, &kept.stored())?;
    prop_assert!(store.verify().unwrap().damaged.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(&steps))?;
    }
}
