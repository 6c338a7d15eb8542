//! Dead letters: read, mended, replayed, thrown away.

use super::decode::{Decoded, Origin};
use super::door::locked;
use super::refusal::Verdict;
use crate::{Engine, EngineError};
use futures::future::join_all;
use meta::{DeadLetter, DeadLetterFilter};
use model::{Problem, Problems, Severity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Dead letters a list answers at once.
const PAGE_MAX: u32 = 1_000;
/// Dead letters replayed together: they share flushes of the log.
const TOGETHER: u32 = 256;

/// A dead letter in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetterView {
    /// Id; later ones have greater ids.
    pub id: i64,
    /// When it came, microseconds.
    pub received_us: i64,
    /// The source that sent it.
    pub source: String,
    /// Why it was refused.
    pub code: String,
    /// Bytes kept.
    pub size_bytes: u64,
    /// More came than was kept: it has to be mended before it is replayed.
    pub cut: bool,
    /// When it was replayed.
    pub replayed_us: Option<i64>,
}

/// Dead letters, and how many there are of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetterList {
    /// One page, newest first.
    pub letters: Vec<DeadLetterView>,
    /// Ask with this as `before` for the next page; absent at the end.
    pub next_before: Option<i64>,
    /// All that wait or were replayed, by code and source.
    pub counts: Vec<DeadLetterKind>,
}

/// Dead letters of one code and source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetterKind {
    /// Why they were refused.
    pub code: String,
    /// Who sent them.
    pub source: String,
    /// How many wait.
    pub n_waiting: u64,
    /// How many were replayed.
    pub n_replayed: u64,
    /// When the last of them came, microseconds.
    pub last_us: i64,
}

/// A dead letter with what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetterWhole {
    /// The dead letter.
    #[serde(flatten)]
    pub letter: DeadLetterView,
    /// What came, as text; bytes that are no UTF-8 are shown as U+FFFD.
    pub raw: String,
    /// Whether `raw` is exactly what came.
    pub exact: bool,
    /// What is still wrong with it; nothing if it would be accepted now.
    pub verdicts: Vec<Verdict>,
}

/// What a replay did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replay {
    /// Dead letters accepted now.
    pub n_replayed: u64,
    /// Events they became.
    pub n_events: u64,
    /// Dead letters that are refused again and stay.
    pub n_refused: u64,
    /// How many are refused now, by code.
    pub reasons: BTreeMap<String, u64>,
}

impl From<DeadLetter> for DeadLetterView {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.id,
            received_us: letter.received_us,
            source: letter.source,
            code: letter.code,
            size_bytes: letter.size_bytes,
            cut: letter.cut,
            replayed_us: letter.replayed_us,
        }
    }
}

impl Engine {
    /// A page of dead letters, newest first, those with an id below `before`.
    pub async fn dead_letters(
        &self,
        filter: DeadLetterFilter<'_>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<DeadLetterList, EngineError> {
        self.show_dead_letters().await;
        let limit = limit.clamp(1, PAGE_MAX);
        let mut letters = self.meta.dead_letters(filter, before, limit).await?;
        let next_before = letters.last().filter(|_| letters.len() == limit as usize).map(|last| last.id);
        let counts = self.meta.dead_letter_counts().await?;
        let replayed = locked(&self.door.replayed).clone();
        for letter in &mut letters {
            letter.replayed_us = letter.replayed_us.or_else(|| replayed.get(&letter.id).copied());
        }
        letters.retain(|letter| filter.replayed || letter.replayed_us.is_none());
        let kind = |count: meta::DeadLetterCount| DeadLetterKind {
            code: count.code,
            source: count.source,
            n_waiting: count.n_waiting,
            n_replayed: count.n_replayed,
            last_us: count.last_us,
        };
        Ok(DeadLetterList {
            letters: letters.into_iter().map(DeadLetterView::from).collect(),
            next_before,
            counts: counts.into_iter().map(kind).collect(),
        })
    }

    /// One dead letter with what came, and what is wrong with it today.
    pub async fn dead_letter(&self, id: i64) -> Result<DeadLetterWhole, EngineError> {
        let letter = self.whole(id).await?;
        let verdicts = match self.decode_letter(&letter, None, &self.channels().await?) {
            Ok(decoded) => decoded.verdicts,
            Err(_) => Vec::new(),
        };
        let exact = !letter.cut && std::str::from_utf8(&letter.raw).is_ok();
        let raw = String::from_utf8_lossy(&letter.raw).into_owned();
        Ok(DeadLetterWhole { letter: letter.into(), raw, exact, verdicts })
    }

    /// Sends a dead letter through the door again, as it came or mended. It is marked as replayed in the same record
    /// of the log that holds its events.
    ///
    /// Errors: problems if it is refused again, was cut, or was replayed before; then nothing changes.
    pub async fn replay(&self, id: i64, mended: Option<Vec<u8>>) -> Result<Replay, EngineError> {
        let letter = self.whole(id).await?;
        if letter.replayed_us.is_some() || locked(&self.door.replayed).contains_key(&id) {
            return Err(EngineError::Exists { problem: replayed_before(id) });
        }
        if letter.cut && mended.is_none() {
            return Err(was_cut(id).into());
        }
        let decoded = self.decode_letter(&letter, mended.as_deref(), &self.channels().await?)?;
        if !decoded.verdicts.is_empty() {
            let problems = decoded.verdicts.into_iter().map(problem);
            return Err(Problems(problems.collect()).into());
        }
        let n_events = decoded.n_accepted;
        self.append_replayed(id, decoded).await?;
        Ok(Replay { n_replayed: 1, n_events, ..Replay::default() })
    }

    /// Replays all dead letters of a code and source that wait. Those refused again stay.
    pub async fn replay_all(&self, filter: DeadLetterFilter<'_>) -> Result<Replay, EngineError> {
        self.show_dead_letters().await;
        let (mut replay, mut after) = (Replay::default(), -1);
        let channels = self.channels().await?;
        let filter = DeadLetterFilter { replayed: false, ..filter };
        loop {
            let letters = self.meta.whole_dead_letters(filter, after, TOGETHER).await?;
            let Some(last) = letters.last() else { return Ok(replay) };
            after = last.id;
            let mut ready = Vec::new();
            for letter in letters {
                if locked(&self.door.replayed).contains_key(&letter.id) {
                    continue;
                }
                let code = if letter.cut {
                    Some("dead_letter.cut".to_owned())
                } else {
                    match self.decode_letter(&letter, None, &channels) {
                        Ok(decoded) if decoded.verdicts.is_empty() => {
                            replay.n_replayed += 1;
                            replay.n_events += decoded.n_accepted;
                            ready.push((letter.id, decoded));
                            None
                        }
                        Ok(decoded) => decoded.verdicts.into_iter().next().map(|verdict| verdict.code),
                        Err(problem) => Some(problem.code),
                    }
                };
                if let Some(code) = code {
                    replay.n_refused += 1;
                    *replay.reasons.entry(code).or_default() += 1;
                }
            }
            let appended = join_all(ready.into_iter().map(|(id, decoded)| self.append_replayed(id, decoded)));
            appended.await.into_iter().collect::<Result<Vec<()>, _>>()?;
        }
    }

    /// Throws a dead letter away.
    pub async fn delete_dead_letter(&self, id: i64) -> Result<(), EngineError> {
        if self.meta.delete_dead_letter(id).await? { Ok(()) } else { Err(unknown(id)) }
    }

    async fn whole(&self, id: i64) -> Result<DeadLetter, EngineError> {
        self.meta.dead_letter(id).await?.ok_or_else(|| unknown(id))
    }

    /// The channel of each source by name; of a source made anew the newest.
    async fn channels(&self) -> Result<HashMap<String, String>, EngineError> {
        let sources = self.meta.sources().await?;
        Ok(sources.into_iter().map(|source| (source.name, source.channel)).collect())
    }

    fn decode_letter(
        &self,
        letter: &DeadLetter,
        mended: Option<&[u8]>,
        channels: &HashMap<String, String>,
    ) -> Result<Decoded, Problem> {
        let origin = Origin {
            source: &letter.source,
            channel: channels.get(&letter.source).map_or("", String::as_str),
            received_us: letter.received_us,
            replayed_us: Some(self.clock.now_us()),
        };
        self.door.decode(mended.unwrap_or(&letter.raw), origin, &self.store.names())
    }

    async fn append_replayed(&self, id: i64, decoded: Decoded) -> Result<(), EngineError> {
        let (mut batch, now_us) = (decoded.batch, self.clock.now_us());
        batch.replayed(id.cast_unsigned());
        self.store.append(batch).await?;
        locked(&self.door.replayed).insert(id, now_us);
        Ok(())
    }
}

fn unknown(id: i64) -> EngineError {
    EngineError::NotFound { kind: "dead letter", key: id.to_string() }
}

fn problem(verdict: Verdict) -> Problem {
    Problem {
        code: verdict.code,
        severity: Severity::Error,
        message: verdict.message,
        remedy: verdict.remedy,
        place: verdict.place,
    }
}

fn was_cut(id: i64) -> Problem {
    Problem::error(
        "dead_letter.cut",
        (
            format!("{id}번은 너무 길어 앞부분만 남아 있습니다."),
            format!("Dead letter {id} was too long; only its beginning was kept."),
        ),
        ("고친 이벤트를 본문으로 함께 보내세요.", "Send the mended event as the body of the replay."),
    )
}

fn replayed_before(id: i64) -> Problem {
    Problem::error(
        "dead_letter.replayed",
        (format!("{id}번은 이미 다시 넣었습니다."), format!("Dead letter {id} was replayed already.")),
        ("그 사람의 타임라인에서 확인하세요.", "Look for it in the person's timeline."),
    )
}
