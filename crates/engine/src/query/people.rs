//! People: those behind a number, lists with search, and one person's timeline.

use super::answers::text_of;
use super::compile::Compiler;
use super::scope::Ground;
use super::selection::{Listed, Selection};
use crate::spreadsheet::csv_text;
use crate::{Engine, EngineError};
use jiff::Timestamp;
use model::ask::{AskPeople, PeopleSort, Scope};
use model::event::{IDENTIFY, Value, person_from_text, person_text};
use model::limits;
use model::view::{About, PeopleView, PersonView, TimelineEvent, TimelineView};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Cancel, Columns, PropertyColumn, Rows, Snapshot};

impl Engine {
    pub(crate) async fn people_view(
        &self,
        ask: &AskPeople,
        cancel: &Cancel,
    ) -> Result<PeopleView, EngineError> {
        let ground = self.ground().await?;
        let (listed, about) = self.listed(&ground, ask, cancel).await?;
        let limit = ask.limit.unwrap_or(50).min(limits::PAGE_MAX);
        self.page(&ground, listed, ask.offset, limit, about, cancel).await
    }

    /// Everybody behind a number, in the order asked for.
    pub(super) async fn listed(
        &self,
        ground: &Ground,
        ask: &AskPeople,
        cancel: &Cancel,
    ) -> Result<(Vec<Listed>, About), EngineError> {
        let mut compiler = Compiler::new(&ground.snapshot);
        let (selection, main) = self.selection(&mut compiler, ground, (&ask.of, &ask.scope), cancel).await?;
        let fold = move |rows: &Rows| selection.list(rows);
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let mut listed: Vec<Listed> = buckets.into_iter().flatten().collect();
        sort(&mut listed, ask.sort, ask.oldest_first);
        let about = ground.about(&main, &compiler, listed.len() as u64);
        Ok((listed, about))
    }

    /// Everybody behind a number as CSV for spreadsheets (UTF-8 with a byte order mark), in the order asked for; the page
    /// of the question does not count. One scan more than a list, of identifiers.
    ///
    /// Errors: as [`Engine::ask`].
    pub async fn export_people(&self, ask: &AskPeople, cancel: &Cancel) -> Result<Vec<u8>, EngineError> {
        let ground = self.ground().await?;
        let (listed, _) = self.listed(&ground, ask, cancel).await?;
        let mut wanted: Vec<u64> = listed.iter().map(|person| person.person).collect();
        wanted.sort_unstable();
        let columns = Columns { user_id: true, anonymous_id: true, ..Columns::default() };
        let fold = move |rows: &Rows| identifiers(rows, &wanted);
        let buckets = self.fold(&ground.snapshot, columns, cancel, fold).await?;
        let named: HashMap<u64, [Option<String>; 2]> = buckets.into_iter().flatten().collect();
        let mut bytes = b"\xef\xbb\xbfperson,user_id,anonymous_id,last_seen,entered\r\n".to_vec();
        for person in listed {
            bytes.extend_from_slice(person_text(person.person).as_bytes());
            for name in named.get(&person.person).unwrap_or(&[None, None]) {
                bytes.push(b',');
                if let Some(name) = name {
                    csv_text(name, &mut bytes);
                }
            }
            for time_us in [Some(person.last_us), person.entered_us] {
                let time = time_us.and_then(|time_us| Timestamp::from_microsecond(time_us).ok());
                bytes.push(b',');
                bytes.extend_from_slice(time.map(|time| time.to_string()).unwrap_or_default().as_bytes());
            }
            bytes.extend_from_slice(b"\r\n");
        }
        Ok(bytes)
    }

    /// People whose identifiers contain `search`, in the segment if one is named; newest activity first.
    pub async fn find_people(
        &self,
        search: &str,
        scope: &Scope,
        offset: usize,
        limit: usize,
        cancel: &Cancel,
    ) -> Result<PeopleView, EngineError> {
        let ground = self.ground().await?;
        let main = self.resolve(&ground, scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let keep = self.tests(&mut compiler, &main.segments, &ground, cancel).await?;
        let needle = search.trim().to_lowercase();
        compiler.columns.user_id = !needle.is_empty();
        compiler.columns.anonymous_id = !needle.is_empty();
        let selection = Selection::everybody(keep, main.period);
        let fold = move |rows: &Rows| {
            let mut listed = selection.list(rows);
            if !needle.is_empty() {
                let found = named(rows, &needle);
                listed.retain(|person| found.contains(&person.person));
            }
            listed
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let mut listed: Vec<Listed> = buckets.into_iter().flatten().collect();
        sort(&mut listed, PeopleSort::LastSeen, false);
        let limit = limit.min(limits::PAGE_MAX);
        let about = ground.about(&main, &compiler, listed.len() as u64);
        self.page(&ground, listed, offset, limit, about, cancel).await
    }

    /// Cuts a page and reads the details of its people.
    async fn page(
        &self,
        ground: &Ground,
        listed: Vec<Listed>,
        offset: usize,
        limit: usize,
        about: About,
        cancel: &Cancel,
    ) -> Result<PeopleView, EngineError> {
        let n_people = listed.len() as u64;
        let page: Vec<Listed> = listed.into_iter().skip(offset).take(limit).collect();
        let mut views = self.person_views(&ground.snapshot, &page, cancel).await?;
        let people = page.iter().filter_map(|listed| {
            let mut view = views.remove(&listed.person)?;
            view.entered_us = listed.entered_us;
            Some(view)
        });
        Ok(PeopleView { n_people, people: people.collect(), about })
    }

    /// Details of a few people: only their rows are read.
    async fn person_views(
        &self,
        snapshot: &Snapshot,
        page: &[Listed],
        cancel: &Cancel,
    ) -> Result<BTreeMap<u64, PersonView>, EngineError> {
        let persons: Vec<u64> = page.iter().map(|listed| listed.person).collect();
        let (snapshot, cancel, threads) = (snapshot.clone(), cancel.clone(), self.threads);
        let read = tokio::task::spawn_blocking(move || {
            let columns = Columns { id: false, source: false, ..Columns::all(snapshot.properties()) };
            let view = |person, rows: &Rows| (person, person_view(&snapshot, rows, &columns, person));
            snapshot.each_person(&persons, threads, &columns, &cancel, view)
        });
        let views = read.await.map_err(|error| EngineError::Internal(error.to_string()))??;
        Ok(views.into_iter().collect())
    }

    /// One person with the newest `limit` events before `before_us`.
    pub async fn timeline(
        &self,
        person: &str,
        limit: usize,
        before_us: Option<i64>,
    ) -> Result<TimelineView, EngineError> {
        let unknown = || EngineError::NotFound { kind: "person", key: person.to_owned() };
        let key = person_from_text(person).ok_or_else(unknown)?;
        let snapshot = self.store.snapshot();
        let limit = limit.clamp(1, limits::PAGE_MAX);
        let read = tokio::task::spawn_blocking(move || {
            let columns = Columns::all(snapshot.properties());
            let rows = snapshot.person(key)?;
            let own = rows.rows_of(key);
            if own.is_empty() {
                return Ok(None);
            }
            let end =
                own.start + rows.time_us[own.clone()].partition_point(|t| *t < before_us.unwrap_or(i64::MAX));
            let start = end.saturating_sub(limit).max(own.start);
            let events = (start..end).rev().map(|row| timeline_event(&snapshot, &rows, &columns, row));
            let view = TimelineView {
                person: person_view(&snapshot, &rows, &columns, key),
                events: events.collect(),
                more: start > own.start,
            };
            Ok::<_, EngineError>(Some(view))
        });
        let view = read.await.map_err(|error| EngineError::Internal(error.to_string()))??;
        view.ok_or_else(unknown)
    }
}

/// Sorts a list; ties by person.
fn sort(listed: &mut [Listed], by: PeopleSort, oldest_first: bool) {
    let time_us = |person: &Listed| match by {
        PeopleSort::LastSeen => Some(person.last_us),
        PeopleSort::Entered => person.entered_us,
    };
    listed.sort_unstable_by_key(|person| {
        let time_us = time_us(person);
        // `!x` falls as `x` rises.
        let rank = if oldest_first { time_us } else { time_us.map(|time_us| !time_us) };
        (time_us.is_none(), rank, person.person)
    });
}

/// The first user identifier and the first anonymous one of each wanted person who is here.
fn identifiers(rows: &Rows, wanted: &[u64]) -> Vec<(u64, [Option<String>; 2])> {
    let of = |who: usize| {
        let own = rows.person_starts[who]..rows.person_starts[who + 1];
        [&rows.user_id, &rows.anonymous_id]
            .map(|column| own.clone().find_map(|row| column.get(row)).map(str::to_owned))
    };
    let people = rows.person_keys.iter().enumerate();
    people
        .filter(|(_, person)| wanted.binary_search(person).is_ok())
        .map(|(who, person)| (*person, of(who)))
        .collect()
}

/// People with an identifier that contains the needle. Identifiers are looked at once each.
fn named(rows: &Rows, needle: &str) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for column in [&rows.user_id, &rows.anonymous_id] {
        let hits: Vec<bool> = column.values.iter().map(|id| id.to_lowercase().contains(needle)).collect();
        for (row, code) in column.codes.iter().enumerate() {
            if hits.get(code as usize).copied().unwrap_or(false) {
                found.insert(rows.person_of(row));
            }
        }
    }
    found
}

fn person_view(snapshot: &Snapshot, rows: &Rows, columns: &Columns, person: u64) -> PersonView {
    let own = rows.rows_of(person);
    let identify = snapshot.names().event_code(IDENTIFY);
    let mut view = PersonView {
        person: person_text(person),
        user_id: None,
        anonymous_ids: Vec::new(),
        n_events: own.len() as u64,
        first_us: rows.time_us.get(own.start).copied().unwrap_or(0),
        last_us: own.end.checked_sub(1).map_or(0, |last| rows.time_us[last]),
        amount: 0.0,
        entered_us: None,
        traits: BTreeMap::new(),
    };
    let mut hundredths = 0i128;
    for row in own {
        hundredths += rows.amount.get(row).map_or(0, i128::from);
        if let Some(user) = rows.user_id.get(row)
            && view.user_id.is_none()
        {
            view.user_id = Some(user.to_owned());
        }
        if let Some(anonymous) = rows.anonymous_id.get(row)
            && view.anonymous_ids.len() < 5
            && !view.anonymous_ids.iter().any(|known| known == anonymous)
        {
            view.anonymous_ids.push(anonymous.to_owned());
        }
        if Some(rows.event[row]) == identify {
            view.traits.extend(properties(snapshot, rows, columns, row));
        }
    }
    view.amount = hundredths as f64 / 100.0;
    view
}

fn timeline_event(snapshot: &Snapshot, rows: &Rows, columns: &Columns, row: usize) -> TimelineEvent {
    let names = snapshot.names();
    let channel = names.channel_name(rows.channel[row]);
    TimelineEvent {
        id: format!("{:016x}", rows.id[row]),
        event: names.event_name(rows.event[row]).to_owned(),
        time_us: rows.time_us[row],
        channel: (!channel.is_empty()).then(|| channel.to_owned()),
        amount: rows.amount.get(row).map(|hundredths| hundredths as f64 / 100.0),
        source: rows.source.get(row).map(str::to_owned),
        properties: properties(snapshot, rows, columns, row),
    }
}

/// All properties a row has.
pub(crate) fn properties(
    snapshot: &Snapshot,
    rows: &Rows,
    columns: &Columns,
    row: usize,
) -> BTreeMap<String, Value> {
    let mut properties = BTreeMap::new();
    for (id, column) in columns.properties.iter().zip(&rows.properties) {
        let Some(property) = snapshot.properties().get(*id) else { continue };
        let value = match &**column {
            PropertyColumn::Num(values) => Some(values[row]).filter(|v| !v.is_nan()).map(Value::Number),
            PropertyColumn::Bool(values) => {
                [Value::Bool(false), Value::Bool(true)].get(usize::from(values[row])).cloned()
            }
            PropertyColumn::Str(_) => text_of(column, row).map(Value::Text),
        };
        if let Some(value) = value {
            properties.insert(property.key.clone(), value);
        }
    }
    properties
}
