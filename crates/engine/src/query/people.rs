//! People: those behind a number, lists with search, and one person's timeline.

use super::answers::text_of;
use super::asked::Selecting;
use super::attribution::AttributionFold;
use super::compile::{Compiler, RuleSet};
use super::matched::Matched;
use super::scope::{Ground, Resolved, SegmentTest, keep, tests, view};
use super::stages::{JourneyFold, JourneyRules, JourneyScope, stage_plan};
use crate::{Engine, EngineError};
use analysis::people::PeopleOrder;
use analysis::stages::{Selector, select};
use model::ask::{AskPeople, Outcome, Scope, Select};
use model::event::{IDENTIFY, Value, person_from_text, person_text};
use model::journey::Journey;
use model::view::{PeopleView, PersonView, TimelineEvent, TimelineView};
use model::{Key, limits};
use std::collections::{BTreeMap, BTreeSet};
use store::{Cancel, Columns, PropertyColumn, Rows, Snapshot};

/// A listed person before the details: key, time to sort by, and when they entered what was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    pub person: u64,
    pub last_us: i64,
    pub entered_us: Option<i64>,
}

/// Who is wanted, ready for a scan.
enum Wanted {
    Everybody,
    Journey { fold: JourneyFold, selector: Selector },
    Did(RuleSet),
    Attribution { fold: AttributionFold, selector: analysis::attribution::Selector },
    Asked(Selecting),
}

impl Engine {
    pub(crate) async fn people_view(
        &self,
        ask: &AskPeople,
        cancel: &Cancel,
    ) -> Result<PeopleView, EngineError> {
        let ground = self.ground().await?;
        // A number of a question is one of its own scope, unless the list names another.
        let scope = own_scope(&ask.of).filter(|_| ask.scope == Scope::default()).unwrap_or(&ask.scope);
        let mut main = self.resolve(&ground, scope).await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let wanted = match self.asked(&mut compiler, &ground, &mut main, &ask.of, cancel).await? {
            Some(selecting) => Wanted::Asked(selecting),
            None => self.wanted(&mut compiler, &ground, &mut main, &ask.of, cancel).await?,
        };
        let tests = tests(&mut compiler, &main.segments, &ground)?;
        // Membership of a segment is a trait of the person: it needs no event in the period.
        let period = match &ask.of {
            Select::Segment { .. } if ask.scope.period.is_none() => analysis::Period::ALL,
            _ => main.period,
        };
        let fold = move |rows: &Rows| list(rows, &tests, &wanted, period);
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let listed: Vec<Listed> = buckets.into_iter().flatten().collect();
        let limit = ask.limit.unwrap_or(50).min(limits::PAGE_MAX);
        self.page(&ground, listed, ask.offset, limit, ground.about(&main, &compiler, 0), cancel).await
    }

    async fn wanted(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &mut Resolved,
        select: &Select,
        cancel: &Cancel,
    ) -> Result<Wanted, EngineError> {
        Ok(match select {
            Select::Everybody => Wanted::Everybody,
            Select::Segment { segment } => {
                main.segments.push(self.segment(segment).await?);
                Wanted::Everybody
            }
            Select::Did { when } => Wanted::Did(compiler.rules(&[std::slice::from_ref(when)])),
            Select::Attribution { of, model, label } => {
                let fold = self.attribution_fold(compiler, ground, main, of, cancel).await?;
                let unknown =
                    || EngineError::NotFound { kind: "label", key: label.clone().unwrap_or_default() };
                let label = match label {
                    None => None,
                    Some(text) => Some(fold.code(text, ground).ok_or_else(unknown)?),
                };
                let selector = analysis::attribution::Selector { model: *model, label };
                Wanted::Attribution { fold, selector }
            }
            Select::Journey { journey, outcome } => {
                let journey = self.journey(journey).await?;
                let population = self.population(&journey).await?;
                let rules = JourneyRules::new(compiler, &journey, population.as_ref(), ground)?;
                let keep = tests(compiler, &main.segments, ground)?;
                let plan = stage_plan(&journey, main, Vec::new())?;
                let fold = JourneyFold { rules, scopes: vec![JourneyScope { keep, plan }] };
                Wanted::Journey { fold, selector: selector(&journey, outcome)? }
            }
            // The questions' own numbers are compiled by `asked`.
            _ => Wanted::Everybody,
        })
    }

    /// The people of a number of a question; `None` where the list is of something else.
    async fn asked(
        &self,
        compiler: &mut Compiler<'_>,
        ground: &Ground,
        main: &mut Resolved,
        select: &Select,
        cancel: &Cancel,
    ) -> Result<Option<Selecting>, EngineError> {
        Ok(Some(match select {
            Select::Funnel { funnel, at } => Self::select_funnel(ground, main, compiler, (funnel, at))?,
            Select::Paths { paths, at } => {
                self.select_paths(ground, main, compiler, (paths, at), cancel).await?
            }
            Select::Retention { retention, cohort, cell, lost } => {
                use analysis::retention::Selector;
                let selector = match (*cell, *lost) {
                    (None, _) => Selector::Cohort(*cohort),
                    (Some(cell), false) => Selector::Returned { cohort: *cohort, cell },
                    (Some(cell), true) => Selector::Lost { cohort: *cohort, cell },
                };
                Self::select_retention(ground, main, compiler, retention, selector)?
            }
            Select::Lifecycle { lifecycle, bucket, phase } => {
                Self::select_lifecycle(ground, main, compiler, lifecycle, (*bucket, *phase))?
            }
            Select::Stickiness { stickiness, span, n_intervals } => {
                Self::select_stickiness(ground, main, compiler, stickiness, (*span, *n_intervals))?
            }
            Select::Cohorts { cohorts, cohort, cell } => {
                Self::select_cohorts(ground, main, compiler, cohorts, (*cohort, *cell))?
            }
            Select::Variants { variants, nodes } => {
                self.select_variants(ground, main, compiler, (variants, nodes), cancel).await?
            }
            Select::Conformance { conformance, at } => {
                self.select_conformance(ground, main, compiler, (conformance, at)).await?
            }
            Select::Everybody
            | Select::Journey { .. }
            | Select::Did { .. }
            | Select::Segment { .. }
            | Select::Attribution { .. } => return Ok(None),
        }))
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
        let tests = tests(&mut compiler, &main.segments, &ground)?;
        let needle = search.trim().to_lowercase();
        compiler.columns.user_id = !needle.is_empty();
        compiler.columns.anonymous_id = !needle.is_empty();
        let period = main.period;
        let fold = move |rows: &Rows| {
            let mut listed = list(rows, &tests, &Wanted::Everybody, period);
            if !needle.is_empty() {
                let found = named(rows, &needle);
                listed.retain(|person| found.contains(&person.person));
            }
            listed
        };
        let buckets = self.fold(&ground.snapshot, compiler.columns.clone(), cancel, fold).await?;
        let listed = buckets.into_iter().flatten().collect();
        let limit = limit.min(limits::PAGE_MAX);
        self.page(&ground, listed, offset, limit, ground.about(&main, &compiler, 0), cancel).await
    }

    /// Cuts a page, newest first, and reads the details of its people.
    async fn page(
        &self,
        ground: &Ground,
        mut listed: Vec<Listed>,
        offset: usize,
        limit: usize,
        mut about: model::view::About,
        cancel: &Cancel,
    ) -> Result<PeopleView, EngineError> {
        listed.sort_unstable_by_key(|person| (std::cmp::Reverse(person.last_us), person.person));
        let n_people = listed.len() as u64;
        about.n_people = n_people;
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
        let (snapshot, cancel) = (snapshot.clone(), cancel.clone());
        let read = tokio::task::spawn_blocking(move || {
            let columns = Columns::all(snapshot.properties());
            let mut views = BTreeMap::new();
            for person in persons {
                if cancel.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                let rows = snapshot.person(person)?;
                views.insert(person, person_view(&snapshot, &rows, &columns, person));
            }
            Ok(views)
        });
        read.await.map_err(|error| EngineError::Internal(error.to_string()))?
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

fn selector(journey: &Journey, outcome: &Outcome) -> Result<Selector, EngineError> {
    let stage = |key: &Key| {
        let index = journey.stage_index(key).map(|index| index as u8);
        index.ok_or_else(|| EngineError::NotFound { kind: "stage", key: key.to_string() })
    };
    Ok(match outcome {
        Outcome::Started => Selector::Started,
        Outcome::Converted => Selector::Converted,
        Outcome::NotConverted => Selector::NotConverted,
        Outcome::Entered { stage: key } => Selector::Entered(stage(key)?),
        Outcome::MovedOn { stage: key } => Selector::WentFurther(stage(key)?),
        Outcome::Passed { stage: key } => Selector::MovedOn(stage(key)?),
        Outcome::Here { stage: key } => Selector::Here(stage(key)?),
        Outcome::Dropped { stage: key } => Selector::Dropped(stage(key)?),
        Outcome::Back { stage: key } => Selector::Back(stage(key)?),
        Outcome::Skipped { stage: key } => Selector::Skipped(stage(key)?),
        Outcome::WentBack { stage: key } => Selector::WentBack(stage(key)?),
        Outcome::Touched { touchpoint } => {
            match journey.touchpoints().position(|(_, own)| own.key == *touchpoint) {
                Some(index) => Selector::Touched(index as u8),
                None => {
                    return Err(EngineError::NotFound { kind: "touchpoint", key: touchpoint.to_string() });
                }
            }
        }
    })
}

/// The scope a question in a selection was asked in.
fn own_scope(select: &Select) -> Option<&Scope> {
    match select {
        Select::Funnel { funnel, .. } => Some(&funnel.scope),
        Select::Paths { paths, .. } => Some(&paths.scope),
        Select::Retention { retention, .. } => Some(&retention.scope),
        Select::Lifecycle { lifecycle, .. } => Some(&lifecycle.scope),
        Select::Stickiness { stickiness, .. } => Some(&stickiness.scope),
        Select::Cohorts { cohorts, .. } => Some(&cohorts.scope),
        Select::Variants { variants, .. } => Some(&variants.scope),
        Select::Conformance { conformance, .. } => Some(&conformance.scope),
        Select::Attribution { of, .. } => Some(&of.scope),
        Select::Everybody | Select::Journey { .. } | Select::Did { .. } | Select::Segment { .. } => None,
    }
}

/// The wanted people of one bucket.
fn list(rows: &Rows, tests: &[SegmentTest], wanted: &Wanted, period: analysis::Period) -> Vec<Listed> {
    match wanted {
        Wanted::Everybody => {
            let keep = keep(tests, rows);
            let state = analysis::people::fold(view(rows, &keep), period);
            let (_, people) = state.finish(PeopleOrder::LastSeen, 0, usize::MAX);
            let listed = |row: analysis::people::PersonRow| Listed {
                person: row.person,
                last_us: row.last_us,
                entered_us: None,
            };
            people.into_iter().map(listed).collect()
        }
        Wanted::Journey { fold, selector } => {
            let scope = &fold.scopes[0];
            let (matched, keep) = (fold.matched(rows), fold.keep(scope, rows));
            let selected = select(matched.view(rows, 0, &keep), &scope.plan, *selector);
            let listed = |selected: analysis::stages::Selected| Listed {
                person: selected.person,
                last_us: selected.last_touch_us,
                entered_us: Some(selected.entry_us),
            };
            selected.into_iter().map(listed).collect()
        }
        Wanted::Attribution { fold, selector } => {
            let listed = |selected: analysis::attribution::Selected| Listed {
                person: selected.person,
                last_us: selected.last_us,
                entered_us: Some(selected.first_us),
            };
            fold.select(rows, &keep(tests, rows), *selector).into_iter().map(listed).collect()
        }
        Wanted::Asked(selecting) => selecting(rows, &keep(tests, rows)),
        Wanted::Did(rules) => {
            let (matched, keep) = (Matched::new(&[rules], rows), keep(tests, rows));
            let found = matched.view(rows, 0, &keep);
            let did = |(who, own): (usize, std::ops::Range<usize>)| {
                let mut hits =
                    own.filter(|row| found.mask[*row] != 0 && period.contains(found.time_us[*row]));
                let first = hits.next()?;
                let last = hits.next_back().unwrap_or(first);
                Some(Listed {
                    person: rows.person_keys[who],
                    last_us: found.time_us[last],
                    entered_us: Some(found.time_us[first]),
                })
            };
            found.persons().filter_map(did).collect()
        }
    }
}

/// People with an identifier that contains the needle. Identifiers are looked at once each.
fn named(rows: &Rows, needle: &str) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for column in [&rows.user_id, &rows.anonymous_id] {
        let hits: Vec<bool> = column.values.iter().map(|id| id.to_lowercase().contains(needle)).collect();
        for (row, code) in column.codes.iter().enumerate() {
            if hits.get(*code as usize).copied().unwrap_or(false) {
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
