//! Questions: an [`Ask`] is compiled against the catalogue, folded over whole persons, and answered with warnings.

mod activity;
mod answers;
mod asked;
mod attribution;
mod cache;
mod catalogue;
pub(crate) mod compile;
mod cross_sell;
mod drivers;
pub(crate) mod figures;
mod funnel;
mod groups;
mod handovers;
mod journeys;
pub(crate) mod kept;
mod labels;
mod lru;
pub(crate) mod matched;
pub(crate) mod metrics;
mod paths;
mod people;
mod retention;
pub(crate) mod scope;
mod selection;
mod series;
mod split;
pub(crate) mod stages;
mod texts;
mod variants;

pub(crate) use cache::Cache;
pub(crate) use people::properties as person_properties;

use crate::{Engine, EngineError};
use model::ask::Ask;
use model::view::Answer;
use std::sync::Arc;
use store::{Cancel, Columns, Rows, Snapshot};

impl Engine {
    /// Answers a question. The same question over the same data and definitions is answered from memory.
    ///
    /// Errors: the question names what does not exist or cannot be; the store fails; `cancel` was set.
    pub async fn ask(&self, ask: &Ask, cancel: &Cancel) -> Result<Arc<Answer>, EngineError> {
        let key = self.cache.key(ask, self.store.snapshot().version());
        if let Some(answer) = self.cache.get(&key) {
            return Ok(answer);
        }
        let answer = Arc::new(self.answer(ask, cancel).await?);
        self.cache.put(key, answer.clone());
        Ok(answer)
    }

    /// As [`Engine::ask`], but the answer is never an earlier one, and not kept.
    pub async fn answer(&self, ask: &Ask, cancel: &Cancel) -> Result<Answer, EngineError> {
        Ok(match ask {
            Ask::Map(ask) => Answer::Map(Box::new(self.map_view(ask, cancel).await?)),
            Ask::Stages(ask) => Answer::Stages(self.stages_view(ask, cancel).await?),
            Ask::Funnel(ask) => Answer::Funnel(self.funnel_view(ask, cancel).await?),
            Ask::Paths(ask) => Answer::Paths(self.paths_view(ask, cancel).await?),
            Ask::Retention(ask) => Answer::Retention(self.retention_view(ask, cancel).await?),
            Ask::Lifecycle(ask) => Answer::Lifecycle(self.lifecycle_view(ask, cancel).await?),
            Ask::Stickiness(ask) => Answer::Stickiness(self.stickiness_view(ask, cancel).await?),
            Ask::Cohorts(ask) => Answer::Cohorts(self.cohorts_view(ask, cancel).await?),
            Ask::Variants(ask) => Answer::Variants(self.variants_view(ask, cancel).await?),
            Ask::Conformance(ask) => Answer::Conformance(self.conformance_view(ask, cancel).await?),
            Ask::Transitions(ask) => Answer::Transitions(self.transitions_view(ask, cancel).await?),
            Ask::Channels(ask) => Answer::Channels(self.channels_view(ask, cancel).await?),
            Ask::Trend(ask) if !ask.series.is_empty() || !ask.formulas.is_empty() => {
                Answer::Trend(self.series_view(ask, cancel).await?)
            }
            Ask::Trend(ask) => Answer::Trend(self.trend_view(ask, cancel).await?),
            Ask::Attribution(ask) => Answer::Attribution(self.attribution_view(ask, cancel).await?),
            Ask::Handovers(ask) => Answer::Handovers(self.handovers_view(ask, cancel).await?),
            Ask::CrossSell(ask) => Answer::CrossSell(self.cross_sell_view(ask, cancel).await?),
            Ask::Drivers(ask) => Answer::Drivers(self.drivers_view(ask, cancel).await?),
            Ask::Metric(ask) => Answer::Metric(self.metric_answer(ask, cancel).await?),
            Ask::People(ask) => Answer::People(self.people_view(ask, cancel).await?),
        })
    }

    /// Folds every bucket of a snapshot on this engine's threads, off the async runtime.
    pub(crate) async fn fold<T: Send + 'static>(
        &self,
        snapshot: &Snapshot,
        columns: Columns,
        cancel: &Cancel,
        fold: impl Fn(&Rows) -> T + Send + Sync + 'static,
    ) -> Result<Vec<T>, EngineError> {
        let (snapshot, cancel, threads) = (snapshot.clone(), cancel.clone(), self.threads);
        let folded = tokio::task::spawn_blocking(move || snapshot.fold(threads, &columns, &cancel, fold));
        Ok(folded.await.map_err(|error| EngineError::Internal(error.to_string()))??)
    }
}
