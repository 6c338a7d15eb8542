//! Checks of definitions beyond their shape: references, limits, cycles, event names.

mod map;
mod references;

use super::ApplyOptions;
use crate::{Engine, EngineError};
use model::insight::Insight;
use model::journey::Journey;
use model::metric::{Formula, Metric};
use model::rule::{EventRule, Filter, Op};
use model::segment::{PersonRule, Segment};
use model::{DocumentBody, Key, Kind, Problem, limits};
use references::{Links, of_scope, of_selected};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What the documents under check may refer to: the stored ones and themselves.
struct Known {
    keys: BTreeMap<Kind, BTreeSet<Key>>,
    journeys: BTreeMap<Key, Journey>,
    /// Journeys, segments and personas: they may lead to each other, and must not lead back.
    links: Links,
    events: Option<Vec<String>>,
}

struct Check<'a> {
    known: &'a Known,
    document: String,
    problems: Vec<Problem>,
}

impl Engine {
    /// All problems of the documents, as if they were stored together.
    pub(super) async fn check(
        &self,
        bodies: &[DocumentBody],
        options: ApplyOptions,
    ) -> Result<Vec<Problem>, EngineError> {
        let known = self.known(bodies, options).await?;
        let mut problems = Vec::new();
        let mut seen = HashSet::new();
        for body in bodies {
            let document = format!("{} `{}`", body.kind().as_str(), body.key());
            let mut check = Check { known: &known, document, problems: Vec::new() };
            if !seen.insert((body.kind(), body.key().clone())) {
                check.add(
                    "document.twice",
                    ("같은 종류와 키의 문서가 두 번 있습니다.", "The same kind and key stands twice."),
                    ("하나를 지우거나 키를 바꾸세요.", "Remove one or change its key."),
                    "key",
                );
            }
            if body.name().is_blank() {
                check.add(
                    "document.no_name",
                    ("이름이 없습니다.", "it has no name."),
                    ("name에 사람이 읽을 이름을 쓰세요.", "Give it a name that people can read, in `name`."),
                    "name",
                );
            }
            match body {
                DocumentBody::Journey(journey) => check.journey(journey),
                DocumentBody::Map(map) => check.map(map),
                DocumentBody::Metric(metric) => check.metric(metric),
                DocumentBody::Segment(segment) => check.segment(segment),
                DocumentBody::Persona(persona) => check.refers(Kind::Segment, &persona.segment, "segment"),
                DocumentBody::Mapping(_) => {}
                DocumentBody::Insight(insight) => check.insight(insight),
            }
            problems.append(&mut check.problems);
        }
        Ok(problems)
    }

    async fn known(&self, bodies: &[DocumentBody], options: ApplyOptions) -> Result<Known, EngineError> {
        let mut keys: BTreeMap<Kind, BTreeSet<Key>> = BTreeMap::new();
        let (mut journeys, mut links) = (BTreeMap::new(), Links::default());
        for kind in Kind::ALL {
            for document in self.documents(kind).await? {
                keys.entry(kind).or_default().insert(document.body.key().clone());
                links.add(&document.body);
                if let DocumentBody::Journey(journey) = document.body {
                    journeys.insert(journey.key.clone(), journey);
                }
            }
        }
        for body in bodies {
            keys.entry(body.kind()).or_default().insert(body.key().clone());
            links.add(body);
            if let DocumentBody::Journey(journey) = body {
                journeys.insert(journey.key.clone(), journey.clone());
            }
        }
        let events = self.store.names().events().to_vec();
        let events = (!options.allow_unknown_events && !events.is_empty()).then_some(events);
        Ok(Known { keys, journeys, links, events })
    }
}

impl Check<'_> {
    fn add(&mut self, code: &str, message: (&str, &str), remedy: (&str, &str), path: &str) {
        let message =
            (format!("{}: {}", self.document, message.0), format!("{}: {}", self.document, message.1));
        self.problems.push(Problem::error(code, message, remedy).at(path));
    }

    fn refers(&mut self, kind: Kind, key: &Key, path: &str) {
        if self.known.keys.get(&kind).is_some_and(|keys| keys.contains(key)) {
            return;
        }
        let name = kind.as_str();
        self.add(
            &format!("{}.unknown_{name}", self.document.split(' ').next().unwrap_or("document")),
            (&format!("{name} `{key}`이(가) 없습니다."), &format!("there is no {name} `{key}`.")),
            ("먼저 그 문서를 적용하거나 키를 고치세요.", "Apply that document first or correct the key."),
            path,
        );
    }

    fn journey(&mut self, journey: &Journey) {
        if let Some(population) = &journey.population {
            self.refers(Kind::Segment, population, "population");
        }
        self.journey_shape(journey);
        for (index, stage) in journey.stages.iter().enumerate() {
            let path = format!("stages[{index}]");
            for kpi in &stage.kpis {
                self.refers(Kind::Metric, kpi, &format!("{path}.kpis"));
            }
            if let Some(opens) = &stage.opens {
                self.refers(Kind::Journey, opens, &format!("{path}.opens"));
            }
            for (place, touchpoint) in stage.touchpoints.iter().enumerate() {
                let path = format!("{path}.touchpoints[{place}]");
                self.touchpoint_order(journey, index, touchpoint, &path);
                for rule in touchpoint.when.as_slice() {
                    self.rule(rule, &format!("{path}.when"));
                }
            }
        }
        for (index, rule) in journey.exits.iter().enumerate() {
            self.rule(rule, &format!("exits[{index}]"));
        }
        for (index, source) in journey.emotion.iter().enumerate() {
            self.rule(&source.when, &format!("emotion[{index}].when"));
            if !(source.worst.is_finite() && source.best.is_finite()) || source.worst == source.best {
                self.add(
                    "journey.flat_emotion",
                    (
                        "worst와 best가 서로 다른 수여야 합니다.",
                        "worst and best must be two different numbers.",
                    ),
                    ("예: worst: 0, best: 10.", "For example worst: 0, best: 10."),
                    &format!("emotion[{index}]"),
                );
            }
        }
        if let Some(cycle) = self.known.links.opened_again(&journey.key) {
            self.add(
                "journey.cycle",
                (
                    &format!("여정이 자기 자신으로 돌아옵니다: {cycle}."),
                    &format!("the journey opens itself again: {cycle}."),
                ),
                ("`opens` 가운데 하나를 지우세요.", "Remove one of the `opens`."),
                "stages",
            );
        }
    }

    fn journey_shape(&mut self, journey: &Journey) {
        let n_touchpoints = journey.touchpoints().count();
        if !(1..=limits::STAGES_MAX).contains(&journey.stages.len()) {
            self.add(
                "journey.stage_count",
                (
                    &format!("단계가 {}개입니다.", journey.stages.len()),
                    &format!("it has {} stages.", journey.stages.len()),
                ),
                (
                    &format!("1개에서 {}개까지 쓸 수 있습니다.", limits::STAGES_MAX),
                    &format!("Use 1 to {}.", limits::STAGES_MAX),
                ),
                "stages",
            );
        }
        if n_touchpoints + journey.exits.len().min(1) > limits::TOUCHPOINTS_MAX {
            self.add(
                "journey.touchpoint_count",
                (
                    &format!("접점이 {n_touchpoints}개입니다."),
                    &format!("it has {n_touchpoints} touchpoints."),
                ),
                (
                    &format!("{}개까지 쓸 수 있습니다. 하위 여정으로 나누세요.", limits::TOUCHPOINTS_MAX),
                    &format!("{} are possible: split it into sub-journeys.", limits::TOUCHPOINTS_MAX),
                ),
                "stages",
            );
        }
        let stage_keys = journey.stages.iter().map(|stage| &stage.key);
        let touchpoint_keys = journey.touchpoints().map(|(_, touchpoint)| &touchpoint.key);
        for (what, twice) in
            [("stages", first_twice(stage_keys)), ("touchpoints", first_twice(touchpoint_keys))]
        {
            if let Some(key) = twice {
                self.add(
                    "journey.key_twice",
                    (&format!("키 `{key}`이(가) 두 번 있습니다."), &format!("the key `{key}` stands twice.")),
                    ("키를 하나씩 다르게 쓰세요.", "Give each its own key."),
                    what,
                );
            }
        }
        if let Some(key) = journey.conversion.as_ref().filter(|key| journey.stage_index(key).is_none()) {
            self.add(
                "journey.unknown_stage",
                (
                    &format!("전환 단계 `{key}`이(가) 없습니다."),
                    &format!("there is no conversion stage `{key}`."),
                ),
                ("stages의 키 가운데 하나를 쓰세요.", "Use one of the keys under stages."),
                "conversion",
            );
        }
        let starts = journey.touchpoints().any(|(stage, touchpoint)| {
            touchpoint.enters
                && touchpoint.after.is_none()
                && (stage == 0 || journey.start == model::journey::Start::AnyStage)
        });
        if !starts {
            self.add(
                "journey.no_start",
                ("아무도 시작할 수 없습니다.", "nobody can start it."),
                (
                    "첫 단계에 조건(after) 없는 접점을 하나 두세요.",
                    "Put a touchpoint without a condition (after) into the first stage.",
                ),
                "stages[0].touchpoints",
            );
        }
    }

    fn touchpoint_order(
        &mut self,
        journey: &Journey,
        stage: usize,
        touchpoint: &model::journey::Touchpoint,
        path: &str,
    ) {
        let Some(after) = &touchpoint.after else {
            if touchpoint.within.is_some() {
                self.add(
                    "journey.within_without_after",
                    ("within은 after와 함께만 쓸 수 있습니다.", "within needs an after."),
                    ("after에 앞 단계의 키를 쓰세요.", "Name the earlier stage in after."),
                    &format!("{path}.within"),
                );
            }
            return;
        };
        match journey.stage_index(after) {
            None => self.add(
                "journey.unknown_stage",
                (&format!("단계 `{after}`이(가) 없습니다."), &format!("there is no stage `{after}`.")),
                ("stages의 키 가운데 하나를 쓰세요.", "Use one of the keys under stages."),
                &format!("{path}.after"),
            ),
            Some(index) if index > stage => self.add(
                "journey.cycle",
                (
                    &format!(
                        "접점 `{}`이(가) 자기보다 뒤인 단계 `{after}`을(를) 기다립니다.",
                        touchpoint.key
                    ),
                    &format!("touchpoint `{}` waits for the later stage `{after}`.", touchpoint.key),
                ),
                (
                    "after에는 같은 단계나 앞 단계만 쓰세요.",
                    "after may name the same or an earlier stage only.",
                ),
                &format!("{path}.after"),
            ),
            Some(_) => {}
        }
    }

    fn insight(&mut self, insight: &Insight) {
        for (kind, key) in of_scope(insight.question.scope()) {
            self.refers(kind, key, &format!("question.{}", kind.as_str()));
        }
        for (index, pin) in insight.pins.iter().enumerate() {
            self.refers(Kind::Map, &pin.map, &format!("pins[{index}].map"));
        }
    }

    fn metric(&mut self, metric: &Metric) {
        self.formula(&metric.formula, "formula");
    }

    fn formula(&mut self, formula: &Formula, path: &str) {
        match formula {
            Formula::Count(rule) | Formula::People(rule) => self.rule(rule, path),
            Formula::Sum(over) | Formula::Mean(over) | Formula::Nps(over) => {
                self.rule(&over.when, &format!("{path}.when"));
            }
            Formula::Cost(_) => {}
            Formula::Ratio { of, to } => {
                self.formula(of, &format!("{path}.of"));
                self.formula(to, &format!("{path}.to"));
            }
        }
    }

    fn segment(&mut self, segment: &Segment) {
        self.person_rule(&segment.rule, "rule", 0);
        if let Some(cycle) = self.known.links.needed_again(&segment.key) {
            self.add(
                "segment.cycle",
                (
                    &format!("세그먼트가 자기 자신을 필요로 합니다: {cycle}."),
                    &format!("the segment needs itself: {cycle}."),
                ),
                (
                    "범위나 여정의 모집단에서 이 세그먼트를 빼세요.",
                    "Take it out of the scope or of the journey's population.",
                ),
                "rule",
            );
        }
    }

    fn person_rule(&mut self, rule: &PersonRule, path: &str, depth: usize) {
        if depth > 16 {
            self.add(
                "segment.too_deep",
                ("규칙이 너무 깊게 겹쳐 있습니다.", "the rule is nested too deeply."),
                ("16단계 안으로 줄이세요.", "Keep it within 16 levels."),
                path,
            );
            return;
        }
        match rule {
            PersonRule::All(rules) => self.person_rules(rules, &format!("{path}.all"), depth),
            PersonRule::Any(rules) => self.person_rules(rules, &format!("{path}.any"), depth),
            PersonRule::Not(rule) => self.person_rule(rule, &format!("{path}.not"), depth + 1),
            PersonRule::Trait(filter) => self.filter(filter, &format!("{path}.trait")),
            PersonRule::Did(did) => self.rule(&did.when, &format!("{path}.did.when")),
            PersonRule::Selected(selected) => {
                for (kind, key) in of_selected(selected) {
                    self.refers(kind, key, &format!("{path}.selected"));
                }
            }
        }
    }

    fn person_rules(&mut self, rules: &[PersonRule], path: &str, depth: usize) {
        for (index, rule) in rules.iter().enumerate() {
            self.person_rule(rule, &format!("{path}[{index}]"), depth + 1);
        }
    }

    fn rule(&mut self, rule: &EventRule, path: &str) {
        let names = rule.event.as_slice();
        if names.is_empty() {
            self.add(
                "rule.no_event",
                ("이벤트 이름이 없습니다.", "no event is named."),
                ("event에 이름을 하나 이상 쓰세요.", "Name at least one event."),
                path,
            );
        }
        let known = self.known;
        for name in names {
            let Some(events) = known.events.as_ref().filter(|events| !events.contains(name)) else {
                continue;
            };
            let near = nearest(name, events);
            self.add(
                "rule.unknown_event",
                (
                    &format!("이벤트 `{name}`은(는) 들어온 적이 없습니다."),
                    &format!("the event `{name}` was never seen."),
                ),
                (
                    &format!("가장 비슷한 이름은 `{near}`입니다. 데이터보다 먼저 적용하려면 --allow-unknown-events를 쓰세요."),
                    &format!("The nearest name is `{near}`. To apply before the data comes, use --allow-unknown-events."),
                ),
                &format!("{path}.event"),
            );
        }
        for (index, filter) in rule.filters.iter().enumerate() {
            self.filter(filter, &format!("{path}.where[{index}]"));
        }
    }

    fn filter(&mut self, filter: &Filter, path: &str) {
        let needs_value = !matches!(filter.op, Op::Exists | Op::Missing);
        if needs_value && filter.value.as_ref().is_none_or(|value| value.as_slice().is_empty()) {
            self.add(
                "rule.no_value",
                (
                    &format!("속성 `{}`을(를) 비교할 값이 없습니다.", filter.property),
                    &format!("property `{}` is compared with nothing.", filter.property),
                ),
                ("value를 쓰거나 op를 exists로 바꾸세요.", "Give a value, or use op: exists."),
                path,
            );
        }
    }
}

fn first_twice<'a>(keys: impl Iterator<Item = &'a Key>) -> Option<&'a Key> {
    let mut seen = HashSet::new();
    keys.into_iter().find(|key| !seen.insert(*key))
}

/// The name with the smallest edit distance (Levenshtein), ties by order.
pub(crate) fn nearest<'a>(name: &str, names: &'a [String]) -> &'a str {
    names.iter().min_by_key(|other| distance(name, other)).map_or("", String::as_str)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(200).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, c) in a.chars().take(200).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, d) in b.iter().enumerate() {
            let changed = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
