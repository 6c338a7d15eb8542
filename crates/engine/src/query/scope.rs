//! Who and when: periods and segments, ready for a scan.

use super::compile::{Compiler, RuleSet};
use super::kept::Lasting;
use super::matched::Matched;
use super::selection::Selection;
use crate::{Engine, EngineError};
use analysis::people::{Matches, Rule, SegmentPlan, When, matches};
use futures::future::BoxFuture;
use model::ask::{Compare, Scope};
use model::event::IDENTIFY;
use model::rule::{EventRule, Filter, OneOrMany, Op};
use model::segment::{PersonRule, Persona, Segment, Selected};
use model::time::{Calendar, Duration, Period};
use model::view::About;
use model::{DocumentBody, Key, Kind, Problem};
use std::sync::Arc;
use store::{Cancel, Rows, Snapshot};

/// What a question is asked over: the data, the calendar and “now”.
pub(crate) struct Ground {
    pub snapshot: Snapshot,
    pub calendar: Calendar,
    pub currency: String,
    pub zone: String,
    /// The newest event, or now if events lie in the future.
    pub as_of_us: i64,
    /// All days with events.
    pub all_days: Period,
}

/// A scope with its documents read.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub scope: Scope,
    /// The days asked for.
    pub days: Period,
    pub period: analysis::Period,
    /// Events up to here are known to this scope. A comparison with an earlier period is cut as long after its end
    /// as the main one is, so that journeys that had equally long to unfold are compared.
    pub as_of_us: i64,
    /// People must be in all of these.
    pub segments: Vec<Segment>,
}

/// A segment ready for a scan.
#[derive(Clone)]
pub(crate) struct SegmentTest {
    rules: RuleSet,
    plan: SegmentPlan,
    /// Whom numbers of answers bring into it.
    found: Arc<Vec<Selection>>,
}

impl Engine {
    pub(crate) async fn ground(&self) -> Result<Ground, EngineError> {
        self.ground_of(self.store.snapshot()).await
    }

    pub(crate) async fn ground_of(&self, snapshot: Snapshot) -> Result<Ground, EngineError> {
        let workspace = self.workspace().await?;
        let calendar = workspace.calendar();
        let now_us = self.clock.now_us();
        let (first_us, last_us) = snapshot.time_range().unwrap_or((now_us, now_us));
        let as_of_us = last_us.min(now_us);
        let all_days = Period { from: calendar.day_of(first_us), to: calendar.day_of(last_us.max(first_us)) };
        Ok(Ground {
            snapshot,
            calendar,
            currency: workspace.currency,
            zone: workspace.zone,
            as_of_us,
            all_days,
        })
    }

    pub(crate) async fn resolve(&self, ground: &Ground, scope: &Scope) -> Result<Resolved, EngineError> {
        let days = match (scope.period, scope.last) {
            (Some(_), Some(_)) => return Err(two_periods()),
            (Some(period), None) => period,
            (None, Some(last)) => last_days(ground, last)?,
            (None, None) => ground.all_days,
        };
        if days.to < days.from {
            return Err(Problem::error(
                "scope.period_reversed",
                (
                    format!("기간의 끝 {}이(가) 시작 {}보다 앞입니다.", days.to, days.from),
                    format!("The period ends on {} before it starts on {}.", days.to, days.from),
                ),
                ("두 날짜를 바꾸세요.", "Swap the two days."),
            )
            .at("scope.period")
            .into());
        }
        let mut segments = Vec::new();
        if let Some(key) = &scope.segment {
            segments.push(self.segment(key).await?);
        }
        if let Some(key) = &scope.persona {
            segments.push(self.persona(key).await?.1);
        }
        let (from_us, to_us) = ground.calendar.bounds_us(days);
        let period = analysis::Period { from_us, to_us };
        Ok(Resolved { scope: scope.clone(), days, period, as_of_us: ground.as_of_us, segments })
    }

    /// The scope compared with, if any.
    pub(crate) async fn resolve_compare(
        &self,
        ground: &Ground,
        main: &Resolved,
        compare: &Compare,
    ) -> Result<Option<Resolved>, EngineError> {
        let scope = match compare {
            Compare::Nothing => return Ok(None),
            Compare::Previous => {
                Scope { period: Some(main.days.previous()), last: None, ..main.scope.clone() }
            }
            Compare::Scope(scope) if scope.period.is_none() && scope.last.is_none() => {
                Scope { period: main.scope.period, last: main.scope.last, ..scope.clone() }
            }
            Compare::Scope(scope) => scope.clone(),
        };
        let mut other = self.resolve(ground, &scope).await?;
        let earlier_us = main.period.to_us.saturating_sub(other.period.to_us).max(0);
        other.as_of_us = ground.as_of_us.saturating_sub(earlier_us);
        Ok(Some(other))
    }

    /// Compiles a list of segments; people must be in all. Boxed, since a segment may take people from a number of
    /// an answer, and that answer's scope may name a segment.
    pub(crate) fn tests<'a>(
        &'a self,
        compiler: &'a mut Compiler<'_>,
        segments: &'a [Segment],
        ground: &'a Ground,
        cancel: &'a Cancel,
    ) -> BoxFuture<'a, Result<Vec<SegmentTest>, EngineError>> {
        Box::pin(async move {
            let mut tests = Vec::with_capacity(segments.len());
            for segment in segments {
                tests.push(self.test(compiler, segment, ground, cancel).await?);
            }
            Ok(tests)
        })
    }

    async fn test(
        &self,
        compiler: &mut Compiler<'_>,
        segment: &Segment,
        ground: &Ground,
        cancel: &Cancel,
    ) -> Result<SegmentTest, EngineError> {
        let mut bits = Bits { rules: Vec::new(), found: Vec::new(), ground };
        let rule = bits.person_rule(&segment.rule);
        if bits.rules.len() > 64 {
            return Err(Problem::error(
                "segment.too_many_rules",
                (
                    format!("세그먼트 `{}`의 규칙이 64개를 넘습니다.", segment.key),
                    format!("Segment `{}` has more than 64 rules.", segment.key),
                ),
                ("규칙을 나누거나 줄이세요.", "Use fewer rules."),
            )
            .into());
        }
        let slices: Vec<&[EventRule]> = bits.rules.iter().map(std::slice::from_ref).collect();
        let rules = compiler.rules(&slices);
        let plan =
            SegmentPlan::new(rule, ground.as_of_us).map_err(|e| EngineError::Internal(e.to_string()))?;
        let mut found = Vec::with_capacity(bits.found.len());
        for Selected { of, scope } in bits.found {
            found.push(self.selection(compiler, ground, (of, scope), cancel).await?.0);
        }
        Ok(SegmentTest { rules, plan, found: Arc::new(found) })
    }

    pub(crate) async fn segment(&self, key: &Key) -> Result<Segment, EngineError> {
        match self.document(Kind::Segment, key).await?.body {
            DocumentBody::Segment(segment) => Ok(segment),
            _ => Err(Self::missing(Kind::Segment, key)),
        }
    }

    /// A persona and the segment it is made of.
    pub(crate) async fn persona(&self, key: &Key) -> Result<(Persona, Segment), EngineError> {
        let DocumentBody::Persona(persona) = self.document(Kind::Persona, key).await?.body else {
            return Err(Self::missing(Kind::Persona, key));
        };
        let segment = self.segment(&persona.segment).await?;
        Ok((persona, segment))
    }
}

impl Ground {
    /// What an answer over `resolved` says about itself.
    pub fn about(&self, resolved: &Resolved, compiler: &Compiler<'_>, n_people: u64) -> About {
        let mut warnings = Vec::new();
        if self.snapshot.n_events() == 0 {
            warnings.push(
                Problem::error(
                    "answer.no_events",
                    ("아직 이벤트가 없습니다.", "There are no events yet."),
                    ("데이터에서 파일을 가져오세요.", "Import a file under Data."),
                )
                .warning(),
            );
        } else {
            warnings.extend(unknown("answer.unknown_events", "이벤트", "events", &compiler.unknown_events));
            warnings.extend(unknown(
                "answer.unknown_properties",
                "속성",
                "properties",
                &compiler.unknown_properties,
            ));
        }
        About {
            data_version: self.snapshot.version(),
            as_of_us: self.as_of_us,
            from_us: resolved.period.from_us,
            to_us: resolved.period.to_us,
            n_events: self.snapshot.n_events(),
            n_people,
            warnings,
        }
    }
}

/// The last days of the data, the newest event's with them.
fn last_days(ground: &Ground, last: Duration) -> Result<Period, EngineError> {
    let n_days = last.us / Duration::days(1).us;
    if n_days == 0 || n_days * Duration::days(1).us != last.us {
        return Err(Problem::error(
            "scope.last_not_days",
            ("`last`가 며칠인지 알 수 없습니다.", "`last` is not a number of days."),
            ("30d처럼 하루 이상의 날수로 쓰세요.", "Write whole days, one at least: 30d."),
        )
        .at("scope.last")
        .into());
    }
    let to = ground.calendar.day_of(ground.as_of_us);
    Ok(Period { from: to.saturating_sub(jiff::Span::new().days(n_days.min(150_000) - 1)), to })
}

fn two_periods() -> EngineError {
    Problem::error(
        "scope.two_periods",
        ("`period`와 `last`가 함께 있습니다.", "`period` and `last` are both given."),
        ("둘 가운데 하나만 쓰세요.", "Give one of them."),
    )
    .at("scope.last")
    .into()
}

fn unknown(code: &str, ko: &str, en: &str, names: &std::collections::BTreeSet<String>) -> Option<Problem> {
    if names.is_empty() {
        return None;
    }
    let list = names.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(5);
    let (more_ko, more_en) = match more {
        0 => (String::new(), String::new()),
        n => (format!(" 외 {n}개"), format!(" and {n} more")),
    };
    let problem = Problem::error(
        code,
        (format!("들어온 적이 없는 {ko}: {list}{more_ko}."), format!("Never seen {en}: {list}{more_en}.")),
        (
            "규칙의 이름을 이벤트 목록과 비교하세요. 그 규칙은 0으로 셉니다.",
            "Compare the rules with the events catalogue. Those rules count 0.",
        ),
    );
    Some(problem.warning())
}

impl SegmentTest {
    /// Who of the bucket is in the segment.
    pub fn matches(&self, rows: &Rows) -> Matches {
        let matched = Matched::new(&[&self.rules], rows);
        let found: Vec<Vec<bool>> = self.found.iter().map(|selection| selection.flags(rows)).collect();
        let matches = matches(matched.view(rows, 0, &[]), &self.plan, &found);
        // How long an answer's people stay the same, it does not say.
        Matches { holds_us: if found.is_empty() { matches.holds_us } else { 1 }, ..matches }
    }

    /// Number of people of the bucket who are in the segment.
    pub fn n_people(&self, rows: &Rows) -> Lasting<u64> {
        let Matches { flags, holds_us } = self.matches(rows);
        Lasting { state: flags.into_iter().filter(|is_in| *is_in).count() as u64, holds_us }
    }

    /// Whether who is in it follows from all of the data, and not from the person's own events alone.
    pub fn looks_at_all(&self) -> bool {
        !self.found.is_empty()
    }
}

/// One flag per person who is in all of the segments; empty when there is none to be in.
pub(crate) fn keep(tests: &[SegmentTest], rows: &Rows) -> Vec<bool> {
    keep_for(tests.iter(), rows).flags
}

/// As [`keep`], with how long it is so.
pub(crate) fn keep_for<'a>(tests: impl Iterator<Item = &'a SegmentTest>, rows: &Rows) -> Matches {
    let everybody = Matches { flags: Vec::new(), holds_us: i64::MAX };
    tests.map(|test| test.matches(rows)).fold(everybody, |mut all, one| {
        all.holds_us = all.holds_us.min(one.holds_us);
        match all.flags.is_empty() {
            true => all.flags = one.flags,
            false => all.flags.iter_mut().zip(one.flags).for_each(|(flag, own)| *flag &= own),
        }
        all
    })
}

/// The columns of a bucket as the folds read them that look at every event.
pub(crate) fn view<'a>(rows: &'a Rows, keep: &'a [bool]) -> analysis::Rows<'a> {
    let (present, ranks, values) = rows.amount.parts();
    let amount = if rows.amount.is_empty() {
        analysis::Amounts::Absent
    } else {
        analysis::Amounts::Sparse { present, ranks, values }
    };
    analysis::Rows {
        person_starts: &rows.person_starts,
        persons: &rows.person_keys,
        time_us: &rows.time_us,
        mask: &[],
        event: &rows.event,
        channel: &rows.channel,
        amount,
        keep,
    }
}

/// Gives each leaf of a person rule its mask bits.
struct Bits<'g> {
    rules: Vec<EventRule>,
    found: Vec<&'g Selected>,
    ground: &'g Ground,
}

impl<'g> Bits<'g> {
    fn bit(&mut self, rule: EventRule) -> u8 {
        self.rules.push(rule);
        (self.rules.len() - 1).min(63) as u8
    }

    fn person_rule(&mut self, rule: &'g PersonRule) -> Rule {
        match rule {
            PersonRule::All(rules) => Rule::All(rules.iter().map(|rule| self.person_rule(rule)).collect()),
            PersonRule::Any(rules) => Rule::Any(rules.iter().map(|rule| self.person_rule(rule)).collect()),
            PersonRule::Not(rule) => Rule::Not(Box::new(self.person_rule(rule))),
            PersonRule::Trait(filter) => self.person_trait(filter),
            PersonRule::Selected(selected) => {
                self.found.push(selected);
                Rule::Found(self.found.len() - 1)
            }
            PersonRule::Did(did) => {
                let bit = self.bit(did.when.clone());
                let when = match (did.period, did.last) {
                    (Some(days), _) => {
                        let (from_us, to_us) = self.ground.calendar.bounds_us(days);
                        When::In(analysis::Period { from_us, to_us })
                    }
                    (None, Some(last)) => When::Last(last.us),
                    (None, None) => When::In(analysis::Period::ALL),
                };
                Rule::Did { bit, at_least: did.at_least, at_most: did.at_most, when }
            }
        }
    }

    /// The last identify event that carries the trait decides; people without it pass `missing` and `is_not` only.
    fn person_trait(&mut self, filter: &Filter) -> Rule {
        let carries = Filter { property: filter.property.clone(), op: Op::Exists, value: None };
        let (positive, negated) = match filter.op {
            Op::Missing => (carries.clone(), true),
            Op::IsNot => (Filter { op: Op::Is, ..filter.clone() }, true),
            _ => (filter.clone(), false),
        };
        let on = |filter: Filter| EventRule {
            event: OneOrMany::One(IDENTIFY.to_owned()),
            channel: None,
            filters: vec![filter],
        };
        let row_bit = self.bit(on(carries));
        let true_bit = self.bit(on(positive));
        let holds = Rule::LastTrait { row_bit, true_bit };
        if negated { Rule::Not(Box::new(holds)) } else { holds }
    }
}
