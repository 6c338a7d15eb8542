//! Identity links: anonymous events join the user, whenever they came; the first user wins.

use std::path::Path;

use meta::LinkState;
use store::{Columns, Progress, Store, Summary};

use crate::{erase, event, open};

type Seen<'a> = (Option<&'a str>, Option<&'a str>, i64);

async fn import(store: &Store, events: &[Seen<'_>]) -> Summary {
    let mut writer = store.writer("test").await.unwrap();
    writer.event_code("view").unwrap();
    for &(user, anonymous, time_us) in events {
        writer.push(event(user, anonymous, time_us, 0)).unwrap();
    }
    writer.finish(Progress::default(), 1).await.unwrap()
}

/// Times stored under a user or an anonymous identifier, by the person they are found under.
fn times(store: &Store, user: Option<&str>, anonymous: Option<&str>) -> Vec<i64> {
    let person = model::person_key(user, anonymous).unwrap();
    store.snapshot().person(person).unwrap().time_us.to_vec()
}

async fn check(imports: &[&[Seen<'_>]], kim: &[i64], lee: &[i64], cookie: &[i64]) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    for events in imports {
        import(&store, events).await;
    }
    let verify = |store: &Store, when: &str| {
        assert_eq!(times(store, Some("kim"), None), kim, "kim, {when}");
        assert_eq!(times(store, Some("lee"), None), lee, "lee, {when}");
        assert_eq!(times(store, None, Some("c1")), cookie, "cookie, {when}");
        let snapshot = store.snapshot();
        let n_persons = [kim, lee, cookie].iter().filter(|times| !times.is_empty()).count();
        assert_eq!(snapshot.n_persons(), n_persons as u64);
        assert_eq!(snapshot.n_events(), (kim.len() + lee.len() + cookie.len()) as u64);
    };
    verify(&store, "at once");
    drop(store);
    reopened(dir.path(), verify).await;
}

async fn reopened(dir: &Path, verify: impl Fn(&Store, &str)) {
    let store = open(dir).await;
    verify(&store, "opened again");
    store.compact().await.unwrap();
    verify(&store, "compacted");
}

#[tokio::test]
async fn link_rules() {
    const A: Option<&str> = Some("c1");
    const KIM: Option<&str> = Some("kim");
    const LEE: Option<&str> = Some("lee");
    const NO: Option<&str> = None;
    check(&[&[(NO, A, 1)]], &[], &[], &[1]).await; // Anonymous without a link stays so.
    check(&[&[(NO, A, 1), (KIM, A, 2), (NO, A, 3)]], &[1, 2, 3], &[], &[]).await; // Before and after,
    check(&[&[(NO, A, 1)], &[(KIM, A, 2)], &[(NO, A, 3)]], &[1, 2, 3], &[], &[]).await; // across imports,
    check(&[&[(NO, A, 3)], &[(KIM, A, 2), (NO, A, 1)]], &[1, 2, 3], &[], &[]).await; // in any time order.
    // The first claim wins; the other user keeps what carries their own name.
    check(&[&[(KIM, A, 1), (LEE, A, 2), (NO, A, 3)]], &[1, 3], &[2], &[]).await;
    check(&[&[(KIM, A, 1)], &[(LEE, A, 2), (NO, A, 3)]], &[1, 3], &[2], &[]).await;
    // Joined histories hold no duplicates: the same event under both names is one.
    check(&[&[(NO, A, 1)], &[(KIM, NO, 1)], &[(KIM, A, 2)]], &[1, 2], &[], &[]).await;
}

#[tokio::test]
async fn claims_are_audited() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let (kim, lee, cookie) = (Some("kim"), Some("lee"), Some("c1"));
    let first =
        import(&store, &[(kim, cookie, 5), (kim, cookie, 6), (lee, cookie, 7), (lee, cookie, 8)]).await;
    assert_eq!((first.n_links, first.n_refused), (1, 1));
    let refused = &first.refused[0];
    assert_eq!((refused.into_id.as_str(), refused.time_us, refused.state), ("lee", 7, LinkState::Refused));
    let again = import(&store, &[(lee, cookie, 9), (kim, cookie, 9)]).await;
    assert_eq!((again.n_links, again.n_refused), (0, 1)); // Reported each time, recorded once.
    let audit = store.meta().links_of("c1").await.unwrap();
    let brief: Vec<_> = audit
        .iter()
        .map(|l| (l.into_id.as_str(), l.time_us, l.source.as_str(), l.state == LinkState::Refused))
        .collect();
    assert_eq!(brief, [("kim", 5, "test", false), ("lee", 7, "test", true)]);
    assert_eq!(store.meta().count_links().await.unwrap(), (1, 1));
}

#[tokio::test]
async fn an_event_of_a_visitor_sent_again_with_the_user_counts_once() {
    for n in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).await;
        let (user, cookie) = (format!("u{n}"), format!("a{n}"));
        assert_eq!(import(&store, &[(None, Some(&cookie), 0)]).await.n_added, 1);
        let summary = import(&store, &[(Some(&user), Some(&cookie), 0)]).await;
        let snapshot = store.snapshot();
        let person = model::person_key(Some(&user), None).unwrap();
        let rows = snapshot.scan(snapshot.bucket_of(person), &Columns::default()).unwrap();
        assert_eq!((summary.n_added, snapshot.n_events(), rows.n_rows()), (0, 1, 1), "{user}");
    }
}

#[tokio::test]
async fn originals_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    import(&store, &[(None, Some("c1"), 1)]).await;
    import(&store, &[(Some("kim"), Some("c1"), 2)]).await;
    let person = model::person_key(Some("kim"), None).unwrap();
    let snapshot = store.snapshot();
    let columns = Columns { user_id: true, anonymous_id: true, ..Columns::default() };
    let rows = snapshot.scan(snapshot.bucket_of(person), &columns).unwrap();
    let own = rows.rows_of(person);
    assert_eq!(own.clone().map(|row| rows.user_id.get(row)).collect::<Vec<_>>(), [None, Some("kim")]);
    assert_eq!(own.map(|row| rows.anonymous_id.get(row)).collect::<Vec<_>>(), [Some("c1"), Some("c1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_brings_nobody_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let key = |name: &str| model::person_key(Some(name), None).unwrap();
    let events: &[Seen<'_>] = &[(None, Some("c1"), 1), (Some("kim"), Some("c1"), 2), (Some("lee"), None, 3)];
    import(&store, events).await;
    erase(&store, &[key("kim")], 5).await;
    let summary = import(&store, events).await;
    assert_eq!((summary.n_erased, summary.n_added, summary.n_duplicate), (2, 0, 1));
    // What they do after that is theirs again.
    import(&store, &[(Some("kim"), None, 6)]).await;
    assert_eq!(times(&store, Some("kim"), None), [6]);

    // Who is erased while an import is at work is so in all of it.
    let mut writer = store.writer("test").await.unwrap();
    writer.push(event(Some("lee"), None, 4, 0)).unwrap();
    writer.checkpoint(Progress::default()).await.unwrap();
    let importing = async {
        tokio::task::yield_now().await;
        writer.push(event(Some("lee"), None, 5, 0)).unwrap();
        writer.finish(Progress::default(), 1).await.unwrap()
    };
    let lee = [key("lee")];
    let (removed, _) = tokio::join!(erase(&store, &lee, 9), importing);
    assert_eq!(removed.n_rows, 3);
    assert_eq!(store.snapshot().n_events(), 1);
    assert!(store.verify().unwrap().damaged.is_empty());
}
