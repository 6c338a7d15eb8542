//! The tables that SQL sees, all over one snapshot.

mod arrays;
mod costs;
mod events;
mod feedback;
mod journeys;
mod persons;
mod prune;
mod sessions;
mod table;

use crate::{Engine, EngineError};
use async_trait::async_trait;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::error::{DataFusionError, Result};
use model::event::IDENTIFY;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Cancel, PropertyId, Snapshot};
use table::{Source, Table};

/// Names of all tables.
pub(crate) const NAMES: [&str; 6] = ["costs", "events", "feedback", "journeys", "persons", "sessions"];

/// Traits are looked for again when the data has changed and this long has passed.
const TRAITS_AGE_MAX_US: i64 = 10 * 60 * 1_000_000;

/// The tables of one snapshot; each is made when a query names it.
#[derive(Clone)]
pub(super) struct Tables {
    engine: Engine,
    /// The data read, or whatever is newest when a table is named.
    snapshot: Option<Snapshot>,
    cancel: Cancel,
}

impl Tables {
    pub fn new(engine: &Engine, snapshot: Option<Snapshot>, cancel: &Cancel) -> Self {
        Self { engine: engine.clone(), snapshot, cancel: cancel.clone() }
    }

    fn table<S: Source>(&self, name: &'static str, source: S) -> Arc<dyn TableProvider> {
        Arc::new(Table { source, name, threads: self.engine.threads, cancel: self.cancel.clone() })
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tables(version {:?})", self.snapshot.as_ref().map(Snapshot::version))
    }
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        NAMES.map(str::to_owned).to_vec()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let snapshot = &self.snapshot.clone().unwrap_or_else(|| self.engine.store.snapshot());
        Ok(Some(match name {
            "costs" => self.table("costs", costs::Costs::new(&self.engine)),
            "events" => self.table("events", events::Events::new(snapshot)),
            "feedback" => self.table("feedback", feedback::Feedback::new(snapshot)),
            "journeys" => self.table("journeys", journeys::Journeys::new(&self.engine, snapshot)),
            "persons" => {
                let traits = self.engine.traits(snapshot, &self.cancel).await;
                let traits = traits.map_err(|error| DataFusionError::External(Box::new(error)))?;
                self.table("persons", persons::Persons::new(snapshot, &traits))
            }
            "sessions" => self.table("sessions", sessions::Sessions::new(snapshot)),
            _ => return Ok(None),
        }))
    }

    fn table_exist(&self, name: &str) -> bool {
        NAMES.contains(&name)
    }
}

/// The properties that are traits, as last found.
#[derive(Default)]
pub(crate) struct TraitsFound(Mutex<Option<Found>>);

#[derive(Clone)]
struct Found {
    traits: Arc<BTreeSet<PropertyId>>,
    data_version: u64,
    n_properties: usize,
    at_us: i64,
}

impl Engine {
    /// The properties that some `identify` event carries. Finding them reads everything, so what was found is kept
    /// while the data stays the same, and for ten minutes while it grows without a new property.
    async fn traits(
        &self,
        snapshot: &Snapshot,
        cancel: &Cancel,
    ) -> Result<Arc<BTreeSet<PropertyId>>, EngineError> {
        let now_us = self.clock.now_us();
        let n_properties = snapshot.properties().all().len();
        let known = self.traits_found.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(found) = known
            && (found.data_version == snapshot.version()
                || (found.n_properties == n_properties && now_us - found.at_us < TRAITS_AGE_MAX_US))
        {
            return Ok(found.traits);
        }
        let (reading, threads, cancel) = (snapshot.clone(), self.threads, cancel.clone());
        let statistics = tokio::task::spawn_blocking(move || reading.event_stats(threads, &cancel)).await;
        let statistics = statistics.map_err(|error| EngineError::Internal(error.to_string()))??;
        let identify = snapshot.names().event_code(IDENTIFY);
        let own = statistics.iter().filter(|event| Some(event.event) == identify);
        let traits = own.flat_map(|event| event.properties.iter().map(|(property, _)| *property));
        let traits = Arc::new(traits.collect::<BTreeSet<_>>());
        let found =
            Found { traits: traits.clone(), data_version: snapshot.version(), n_properties, at_us: now_us };
        *self.traits_found.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(traits)
    }
}
