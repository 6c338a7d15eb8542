//! Reading definitions from YAML and JSON with errors that name the line and the path.

use crate::{DocumentBody, Kind, Place, Problem, Problems, Severity, Text, limits};
use serde::de::DeserializeOwned;

/// Reads every document of a YAML text (`---` between them). All of them, or the problems.
pub fn read_yaml(text: &str, file: Option<&str>) -> Result<Vec<DocumentBody>, Problems> {
    too_long(text, file)?;
    let mut bodies = Vec::new();
    let mut problems = Vec::new();
    for (first_line, part) in split_documents(text) {
        if part.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        match read_document(part) {
            Ok(body) => bodies.push(body),
            Err(error) => {
                let line = error.location().map_or(first_line, |at| first_line + at.line() as u64 - 1);
                problems.push(unreadable(&error.without_snippet().to_string(), file, line));
            }
        }
    }
    if problems.is_empty() { Ok(bodies) } else { Err(Problems(problems)) }
}

/// A `kind:` line of its own is taken out before the rest is read, since the reader of tagged unions forgets lines.
fn read_document(part: &str) -> Result<DocumentBody, serde_saphyr::Error> {
    let head = part.lines().find_map(|line| line.strip_prefix("kind:").map(|kind| (line, kind.trim())));
    let Some((line, kind)) = head else { return parse(part) };
    let rest = part.replacen(line, &" ".repeat(line.len().min(1)), 1);
    Ok(match Kind::parse(kind.trim_matches(['"', '\''])) {
        Some(Kind::Journey) => DocumentBody::Journey(parse(&rest)?),
        Some(Kind::Map) => DocumentBody::Map(parse(&rest)?),
        Some(Kind::Metric) => DocumentBody::Metric(parse(&rest)?),
        Some(Kind::Segment) => DocumentBody::Segment(parse(&rest)?),
        Some(Kind::Persona) => DocumentBody::Persona(parse(&rest)?),
        Some(Kind::Mapping) => DocumentBody::Mapping(parse(&rest)?),
        Some(Kind::Insight) => DocumentBody::Insight(parse(&rest)?),
        None => return parse(part),
    })
}

/// YAML 1.2: only `true` and `false` are booleans, so that a country `no` and a key `on` stay words.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true })
}

/// Reads one JSON value of any type of this crate.
pub fn read_json<T: DeserializeOwned>(text: &str, file: Option<&str>) -> Result<T, Problems> {
    too_long(text, file)?;
    serde_json::from_str(text)
        .map_err(|error| unreadable(&error.to_string(), file, error.line() as u64).into())
}

/// Writes a document as YAML.
pub fn write_yaml(body: &DocumentBody) -> String {
    // Plain data with string keys has a YAML form always; the fallback is JSON, which is YAML too.
    serde_saphyr::to_string(body).unwrap_or_else(|_| serde_json::to_string_pretty(body).unwrap_or_default())
}

fn split_documents(text: &str) -> Vec<(u64, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut start_line, mut offset) = (0, 1, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            parts.push((start_line, &text[start..offset]));
            start = offset + line.len();
            start_line = index as u64 + 2;
        }
        offset += line.len();
    }
    parts.push((start_line, &text[start..]));
    parts
}

fn too_long(text: &str, file: Option<&str>) -> Result<(), Problems> {
    if text.len() <= limits::DOCUMENT_BYTES_MAX * 8 {
        return Ok(());
    }
    let mut problem = Problem::error(
        "document.too_long",
        (format!("문서가 {}바이트입니다.", text.len()), format!("The document has {} bytes.", text.len())),
        ("8 MiB보다 작은 파일로 나누세요.", "Split it into files below 8 MiB."),
    );
    problem.place.file = file.map(str::to_owned);
    Err(problem.into())
}

fn unreadable(reason: &str, file: Option<&str>, line: u64) -> Problem {
    Problem {
        code: "document.unreadable".to_owned(),
        severity: Severity::Error,
        message: Text::both(
            format!("문서를 읽을 수 없습니다: {reason}."),
            format!("The document cannot be read: {reason}."),
        ),
        remedy: Text::both(
            "그 줄의 필드 이름과 값을 JSON Schema(`gilmok schema`)와 비교해 고치세요.",
            "Compare the field names and values on that line with the JSON Schema (`gilmok schema`).",
        ),
        place: Place { file: file.map(str::to_owned), line: Some(line), path: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNEY: &str = "kind: journey
key: gift
name: {ko: 선물, en: Gift}
window: 90d
stages:
  - key: aware
    name: 인지
    touchpoints:
      - {key: ad, name: 광고, when: {event: ad_click}}
";

    #[test]
    fn yaml_round_trip() {
        let bodies = read_yaml(JOURNEY, None).unwrap();
        assert_eq!(bodies.len(), 1);
        assert_eq!(read_yaml(&write_yaml(&bodies[0]), None).unwrap(), bodies);
        let json = serde_json::to_string(&bodies[0]).unwrap();
        assert_eq!(read_json::<DocumentBody>(&json, None).unwrap(), bodies[0]);
    }

    #[test]
    fn errors_name_the_line_of_the_file() {
        let text = format!("# a comment\n---\n{JOURNEY}---\nkind: segment\nkey: UPPER\n");
        let Problems(problems) = read_yaml(&text, Some("all.yaml")).unwrap_err();
        assert_eq!(problems.len(), 1);
        let place = &problems[0].place;
        assert_eq!(place.file.as_deref(), Some("all.yaml"));
        assert_eq!(place.line, Some(14));
    }

    #[test]
    fn unknown_fields_are_named() {
        let Problems(problems) = read_yaml(&JOURNEY.replace("window", "windw"), None).unwrap_err();
        assert!(problems[0].message.get(crate::Lang::En).contains("windw"), "{}", problems[0]);
        assert_eq!(problems[0].place.line, Some(4));
    }
}
