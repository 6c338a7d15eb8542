//! The log, the tail, sealing and who is who, against a model that is obvious and slow.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use meta::{DeadLetterFilter, LinkState, Meta};
use proptest::prelude::*;
use store::{
    Batch, Columns, Identifier, NewDeadLetter, NewEvent, Options, Progress, PropertyValue, Store, When,
};

use crate::{crash_image, erase, event, open};

/// Who and when: user, anonymous identifier, time, id.
type Event = (Option<u8>, Option<u8>, i64, u64);

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Event>),
    Seal,
    Compact,
    /// An import; the second events are appended while it runs.
    Import(Vec<Event>, Vec<Event>, bool),
    Merge(Who, Who),
    Unmerge(prop::sample::Index),
    Erase(u8, i64),
    Reopen,
    /// Goes on from a copy of the files as they are, as after a kill.
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    User(u8),
    Anonymous(u8),
}

impl Who {
    fn id(self) -> Identifier {
        match self {
            Self::User(n) => Identifier::User(format!("u{n}")),
            Self::Anonymous(n) => Identifier::Anonymous(format!("a{n}")),
        }
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let who = prop_oneof![
        (0u8..4).prop_map(|user| (Some(user), None)),
        (0u8..4).prop_map(|anonymous| (None, Some(anonymous))),
        (0u8..4, 0u8..4).prop_map(|(user, anonymous)| (Some(user), Some(anonymous))),
    ];
    // Different identifiers never send the same id: of two such events of one person one is a duplicate, and
    // taking their link back does not bring it again.
    let own = |who: Option<u8>| who.map_or(0, |n| u64::from(n) + 1);
    let one = (who, -2i64..6, 0u64..3)
        .prop_map(move |(who, time_us, id)| (who.0, who.1, time_us, id + 16 * own(who.0) + 256 * own(who.1)));
    prop::collection::vec(one, 1..6)
}

fn step() -> impl Strategy<Value = Step> {
    let who = || prop_oneof![(0u8..4).prop_map(Who::User), (0u8..4).prop_map(Who::Anonymous)];
    prop_oneof![
        8 => events().prop_map(Step::Append),
        3 => Just(Step::Seal),
        1 => Just(Step::Compact),
        2 => (events(), events(), any::<bool>()).prop_map(|(a, b, c)| Step::Import(a, b, c)),
        2 => (who(), who()).prop_map(|(from, into)| Step::Merge(from, into)),
        2 => any::<prop::sample::Index>().prop_map(Step::Unmerge),
        1 => (0u8..4, -2i64..6).prop_map(|(user, time_us)| Step::Erase(user, time_us)),
        1 => Just(Step::Reopen),
        2 => Just(Step::Crash),
    ]
}

#[derive(Clone, Default)]
struct Model {
    events: Vec<(u64, Event)>,
    into: HashMap<u64, u64>,
    undone: HashSet<(u64, u64)>,
    erased: HashMap<u64, i64>,
}

fn keys(event: &Event) -> (Option<u64>, Option<u64>) {
    (event.0.map(|n| Who::User(n).id().key()), event.1.map(|n| Who::Anonymous(n).id().key()))
}

impl Model {
    fn resolve(&self, key: u64) -> u64 {
        self.into.get(&key).map_or(key, |&into| self.resolve(into))
    }

    fn push(&mut self, event: Event) {
        let (user, anonymous) = keys(&event);
        let base = user.or(anonymous).unwrap();
        let erased = self.erased.get(&base);
        if erased.is_some_and(|&until| event.2 <= until) {
            return;
        }
        if let (Some(user), Some(anonymous)) = (user, anonymous)
            && !self.into.contains_key(&anonymous)
            && !self.undone.contains(&(anonymous, user))
            && self.resolve(user) != anonymous
        {
            self.into.insert(anonymous, user);
        }
        self.events.push((base, event));
    }

    fn persons(&self) -> BTreeMap<u64, BTreeSet<(i64, u64)>> {
        let mut persons: BTreeMap<u64, BTreeSet<(i64, u64)>> = BTreeMap::new();
        for (base, event) in &self.events {
            persons.entry(self.resolve(*base)).or_default().insert((event.2, event.3));
        }
        persons
    }

    fn erase(&mut self, user: u8, until: i64) {
        let person = Who::User(user).id().key();
        let mut gone = HashSet::from([person, self.resolve(person)]);
        let all: Vec<u64> = self.into.keys().copied().collect();
        gone.extend(all.into_iter().filter(|&key| gone.contains(&self.resolve(key))).collect::<Vec<_>>());
        let kept = std::mem::take(&mut self.events);
        self.events = kept.into_iter().filter(|(base, _)| !gone.contains(&self.resolve(*base))).collect();
        for &key in &gone {
            let known = self.erased.entry(key).or_insert(until);
            *known = until.max(*known);
        }
        self.into.retain(|from, into| !gone.contains(from) && !gone.contains(into));
        self.undone.retain(|(from, into)| !gone.contains(from) && !gone.contains(into));
    }
}

fn batch(events: &[Event]) -> Batch {
    let mut batch = Batch::new("web", 1_000);
    for own in events {
        let (user, anonymous) = (own.0.map(|n| format!("u{n}")), own.1.map(|n| format!("a{n}")));
        let number = PropertyValue::Num(own.3 as f64);
        batch.event(&NewEvent {
            user_id: user.as_deref(),
            anonymous_id: anonymous.as_deref(),
            when: When::At(own.2),
            id: own.3,
            event: "seen",
            channel: "web",
            amount: None,
            properties: &[("n", number)],
        });
    }
    batch
}

fn stored(store: &Store) -> BTreeMap<u64, BTreeSet<(i64, u64)>> {
    let snapshot = store.snapshot();
    let columns = Columns { id: true, ..Columns::default() };
    let mut persons: BTreeMap<u64, BTreeSet<(i64, u64)>> = BTreeMap::new();
    for bucket in 0..snapshot.n_buckets() {
        let rows = snapshot.scan(bucket, &columns).unwrap();
        for row in 0..rows.n_rows() {
            let person = rows.person_of(row);
            assert_eq!(snapshot.bucket_of(person), bucket);
            let fresh = persons.entry(person).or_default().insert((rows.time_us[row], rows.id[row]));
            assert!(fresh, "a duplicate was shown");
        }
    }
    persons
}

async fn drained(store: &Store) {
    // Appended events become visible by themselves; a test must not look too early.
    let deadline = 2_000;
    for _ in 0..deadline {
        if store.is_drained() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the tail did not take in what was appended");
}

async fn import(store: &Store, own: &[Event], meanwhile: &[Event], finish: bool) {
    let mut writer = store.writer("file").await.unwrap();
    let code = writer.event_code("seen").unwrap();
    for one in own {
        let (user, anonymous) = (one.0.map(|n| format!("u{n}")), one.1.map(|n| format!("a{n}")));
        writer
            .push(store::EventRef {
                event: code,
                ..event(user.as_deref(), anonymous.as_deref(), one.2, one.3)
            })
            .unwrap();
    }
    store.append(batch(meanwhile)).await.unwrap();
    drained(store).await;
    store.seal().await.unwrap();
    if finish {
        writer.finish(Progress::default(), 1).await.unwrap();
    }
}

async fn run(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut dirs = vec![tempfile::tempdir().unwrap()];
    let mut store = Some(open(dirs[0].path()).await);
    let mut model = Model::default();
    for step in steps {
        let own = store.clone().unwrap();
        match step {
            Step::Append(events) => {
                own.append(batch(events)).await.unwrap();
                events.iter().for_each(|event| model.push(*event));
            }
            Step::Seal => {
                own.seal().await.unwrap();
                let told = own.meta().catalogue(1).await.unwrap().buckets;
                prop_assert_eq!(own.snapshot().n_persons(), model.persons().len() as u64, "{:?}", told);
                let n_events: usize = model.persons().values().map(BTreeSet::len).sum();
                prop_assert_eq!(own.snapshot().n_events(), n_events as u64);
            }
            Step::Compact => own.compact().await.unwrap(),
            Step::Import(events, meanwhile, finish) => {
                import(&own, events, meanwhile, *finish).await;
                meanwhile.iter().for_each(|event| model.push(*event));
                if *finish {
                    events.iter().for_each(|event| model.push(*event));
                }
            }
            Step::Merge(from, into) => {
                drained(&own).await;
                let (from, into) = (from.id(), into.id());
                let done = own.merge(&from, &into, "me", 1).await.is_ok();
                let (from, into) = (from.key(), into.key());
                let may = !model.into.contains_key(&from) && model.resolve(from) != model.resolve(into);
                prop_assert_eq!(done, may);
                if may {
                    model.undone.remove(&(from, into));
                    model.into.insert(from, into);
                }
            }
            Step::Unmerge(which) => {
                own.seal().await.unwrap();
                let mut links = Vec::new();
                for n in 0..4 {
                    for id in [format!("u{n}"), format!("a{n}")] {
                        links.extend(own.meta().links_of(&id).await.unwrap());
                    }
                }
                links.retain(|link| link.state == LinkState::InForce);
                links.sort_by_key(|link| link.id);
                links.dedup_by_key(|link| link.id);
                prop_assert_eq!(links.len(), model.into.len());
                if !links.is_empty() {
                    let link = which.get(&links);
                    own.unmerge(link.id, "me", 2).await.unwrap();
                    model.into.remove(&link.from_key);
                    model.undone.insert((link.from_key, link.into_key));
                }
            }
            Step::Erase(user, until) => {
                drained(&own).await;
                erase(&own, &[Who::User(*user).id().key()], *until).await;
                model.erase(*user, *until);
            }
            Step::Reopen => {
                drop(own);
                drop(store.take());
                store = Some(open(dirs.last().unwrap().path()).await);
            }
            Step::Crash => {
                drained(&own).await;
                let copy = tempfile::tempdir().unwrap();
                crash_image(dirs.last().unwrap().path(), copy.path());
                drop(own);
                drop(store.take());
                dirs.push(copy);
                store = Some(open(dirs.last().unwrap().path()).await);
            }
        }
        let own = store.as_ref().unwrap();
        drained(own).await;
        prop_assert_eq!(stored(own), model.persons(), "after {:?}", step);
        prop_assert!(own.damage().is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_model(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(run(&steps))?;
    }
}

async fn open_with(dir: &Path, options: Options) -> Store {
    let meta = Meta::open(&dir.join("meta.db")).await.unwrap();
    Store::open_with(store::lock_folder(dir).unwrap(), meta, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn appended_events_are_seen_and_survive() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    store
        .append(batch(&[(Some(1), None, 5, 1), (Some(1), None, 5, 1), (Some(2), Some(2), 6, 1)]))
        .await
        .unwrap();
    drained(&store).await;
    let kim = Who::User(1).id().key();
    assert_eq!(store.snapshot().person(kim).unwrap().time_us.to_vec(), [5]);
    assert_eq!(store.ingest_stats().n_events, 3);
    drop(store);
    let store = open(dir.path()).await;
    assert_eq!(store.snapshot().person(kim).unwrap().time_us.to_vec(), [5]);
    store.seal().await.unwrap();
    assert_eq!((store.snapshot().n_events(), store.snapshot().n_persons()), (2, 2));
    let parts = crate::part_files(dir.path()).len();
    assert!(parts > 0);
    drop(store);
    // What is in parts is not taken from the log once more.
    let store = open(dir.path()).await;
    assert_eq!(store.snapshot().n_events(), 2);
    assert_eq!(store.ingest_stats().tail_rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_time_stays_a_duplicate() {
    let dir = tempfile::tempdir().unwrap();
    let send = async |store: &Store, received_us: i64| {
        let mut batch = Batch::new("web", received_us);
        let event = NewEvent {
            user_id: Some("kim"),
            anonymous_id: None,
            when: When::Arrival,
            id: 9,
            event: "seen",
            channel: "",
            amount: None,
            properties: &[],
        };
        batch.event(&event);
        store.append(batch).await.unwrap();
        drained(store).await;
    };
    let store = open(dir.path()).await;
    send(&store, 100).await;
    send(&store, 200).await;
    store.seal().await.unwrap();
    drop(store);
    let store = open(dir.path()).await;
    send(&store, 300).await;
    let kim = model::person_key(Some("kim"), None).unwrap();
    assert_eq!(store.snapshot().person(kim).unwrap().time_us.to_vec(), [100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_arrive_once_and_are_marked() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let mut batch = Batch::new("web", 7);
    batch.dead_letter(&NewDeadLetter { code: "event.no_person", raw: b"{}", cut: false });
    assert_eq!((batch.n_events(), batch.n_records()), (0, 1));
    store.append(batch).await.unwrap();
    drop(store);
    let store = open(dir.path()).await;
    store.seal().await.unwrap();
    let filter = DeadLetterFilter { replayed: true, ..DeadLetterFilter::default() };
    let letters = store.meta().whole_dead_letters(filter, -1, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].code.as_str(), letters[0].raw.as_slice()), ("event.no_person", b"{}".as_slice()));
    let mut batch = Batch::new("web", 8);
    batch.replayed(letters[0].id.cast_unsigned());
    store.append(batch).await.unwrap();
    store.seal().await.unwrap();
    let letters = store.meta().whole_dead_letters(filter, -1, 10).await.unwrap();
    assert_eq!(letters[0].replayed_us, Some(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_at_once_is_refused_and_taken_later() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { seal_rows: 1_000_000, tail_max_bytes: 1, ..Options::default() };
    let store = open_with(dir.path(), options).await;
    store.append(batch(&[(Some(1), None, 5, 1)])).await.unwrap();
    drained(&store).await;
    let refused = store.append(batch(&[(Some(1), None, 6, 1)])).await;
    assert!(matches!(refused, Err(store::StoreError::Overloaded)), "{refused:?}");
    store.seal().await.unwrap();
    store.append(batch(&[(Some(1), None, 7, 1)])).await.unwrap();
    store.seal().await.unwrap();
    assert_eq!(store.snapshot().n_events(), 2);
}

#[tokio::test]
async fn counts_follow_who_is_taken_apart_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let told = async |when: &str| {
        let counts = store.meta().catalogue(1).await.unwrap().buckets;
        let scanned: Vec<(usize, usize)> = (0..store.snapshot().n_buckets())
            .map(|bucket| (bucket, store.snapshot().scan(bucket, &Columns::default()).unwrap().n_persons()))
            .filter(|(_, n)| *n > 0)
            .collect();
        let counted: Vec<(usize, usize)> = counts
            .iter()
            .map(|row| (row.bucket as usize, row.n_persons as usize))
            .filter(|(_, n)| *n > 0)
            .collect();
        assert_eq!(counted, scanned, "{when}");
    };
    store.append(batch(&[(Some(3), Some(0), 0, 320)])).await.unwrap();
    drained(&store).await;
    store.merge(&Who::User(3).id(), &Who::User(0).id(), "me", 1).await.unwrap();
    store.seal().await.unwrap();
    told("merged").await;
    // The link found in the event: the person stays the one it was merged into.
    let links = store.meta().links_of("a0").await.unwrap();
    store.unmerge(links[0].id, "me", 2).await.unwrap();
    told("taken apart").await;
    store.append(batch(&[(Some(1), None, 0, 32)])).await.unwrap();
    store.seal().await.unwrap();
    told("sealed again").await;
}
