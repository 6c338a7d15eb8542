//! Problems of files and mappings, in words for people: what happened and how to mend it.

use model::{Problem, limits};
use std::io;

pub(super) fn unreadable_file(name: &str, error: &io::Error) -> Problem {
    Problem::error(
        "import.unreadable_file",
        (format!("파일을 열 수 없습니다: {error}."), format!("The file cannot be opened: {error}.")),
        ("경로와 읽기 권한을 확인하세요.", "Check the path and that you may read it."),
    )
    .in_file(name)
}

/// A file that ends in the middle or is damaged. `kept_line` is the last line of the last checkpoint.
pub(super) fn broken_file(name: &str, error: &io::Error, kept_line: Option<u64>) -> Problem {
    let cut = error.kind() == io::ErrorKind::UnexpectedEof || error.to_string().contains("incomplete");
    let (what_ko, what_en) = if cut {
        ("파일이 중간에 잘렸습니다".to_owned(), "The file is cut off".to_owned())
    } else {
        (format!("파일이 손상되었습니다({error})"), format!("The file is damaged ({error})"))
    };
    let (kept_ko, kept_en) = match kept_line {
        None => (String::new(), String::new()),
        Some(0) => (" 아무것도 저장하지 않았습니다.".to_owned(), " Nothing was stored.".to_owned()),
        Some(line) => (
            format!(" {line}번째 줄까지는 저장했습니다."),
            format!(" What was read up to line {line} is stored."),
        ),
    };
    Problem::error(
        if cut { "import.truncated_file" } else { "import.damaged_file" },
        (format!("{what_ko}.{kept_ko}"), format!("{what_en}.{kept_en}")),
        (
            "원본을 다시 받아(복사해) 가져오세요. 이미 저장된 줄은 두 번 들어가지 않습니다.",
            "Fetch or copy the original again and import it. Lines stored already are not added twice.",
        ),
    )
    .in_file(name)
}

/// Rows of a preview that would be rejected.
pub(super) fn rejected_rows(name: &str, reason: &super::Reason, n_rows: u64) -> Problem {
    let (ko, en) = (reason.example.get(model::Lang::Ko), reason.example.get(model::Lang::En));
    let n_lines = reason.n_lines;
    Problem::error(
        &format!("import.row.{}", reason.code),
        (
            format!("처음 {n_rows}줄 가운데 {n_lines}줄이 거절됩니다: {ko}."),
            format!("{n_lines} of the first {n_rows} rows would be rejected: {en}."),
        ),
        (
            "매핑을 고치거나, 거절된 줄을 `rejects.csv`에서 보고 고치세요.",
            "Mend the mapping, or see the rejected rows in `rejects.csv` and mend those.",
        ),
    )
    .warning()
    .in_file(name)
    .on_line(reason.first_line)
}

pub(super) fn already_imported(name: &str, import: i64) -> Problem {
    Problem::error(
        "import.already",
        (
            format!("이 파일은 같은 매핑으로 이미 가져왔습니다(가져오기 {import}). 더한 이벤트 0건."),
            format!("This file was imported by this mapping already (import {import}): 0 added."),
        ),
        (
            "다르게 가져오려면 매핑을 고치거나 다른 `key`를 주세요.",
            "To import it differently, change the mapping or give it another `key`.",
        ),
    )
    .warning()
    .in_file(name)
}

/// What to know of an import that is done; of links that were refused and events of erased people, how many.
pub(super) fn after_import(
    name: &str,
    encoding: Option<&'static encoding_rs::Encoding>,
    tally: &super::Tally,
    now_us: i64,
    (n_refused, n_erased): (u64, u64),
) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let mut warn = |code: &str, message: (String, String), remedy: (&str, &str)| {
        warnings.push(Problem::error(code, message, remedy).warning().in_file(name));
    };
    if let Some(encoding) = encoding.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        let label = encoding.name();
        warn(
            "import.encoding",
            (format!("파일을 {label} 인코딩으로 읽었습니다."), format!("The file was read as {label}.")),
            (
                "글자가 깨져 보이면 매핑의 `file.encoding`에 맞는 이름을 적으세요.",
                "If letters look wrong, write the right name in the mapping's `file.encoding`.",
            ),
        );
    }
    if tally.cut_values > 0 {
        let (n, limit) = (tally.cut_values, limits::VALUE_CHARS_MAX);
        warn(
            "import.cut_values",
            (
                format!("값 {n}개를 {limit}자로 줄였습니다."),
                format!("{n} values were cut to {limit} characters."),
            ),
            ("긴 글은 따로 보관하세요.", "Keep long texts elsewhere."),
        );
    }
    if tally.last_us.is_some_and(|last_us| last_us > now_us + model::time::DAY_US) {
        warn(
            "import.future_times",
            (
                "지금보다 하루 넘게 뒤의 시각이 있습니다.".to_owned(),
                "Some times lie more than a day ahead.".to_owned(),
            ),
            ("시간대와 시각 형식을 확인하세요.", "Check the zone and the format of the time."),
        );
    }
    if n_refused > 0 {
        warn(
            "import.refused_links",
            (
                format!("익명 ID {n_refused}개는 이미 다른 고객의 것이라 잇지 않았습니다."),
                format!(
                    "{n_refused} anonymous identifiers belong to another user already and were not linked."
                ),
            ),
            (
                "한 기기를 여럿이 쓰는지, `anonymous_id` 열이 맞는지 확인하세요.",
                "Check whether people share a device and whether `anonymous_id` is the right column.",
            ),
        );
    }
    if n_erased > 0 {
        warn(
            "import.erased_people",
            (
                format!("삭제한 고객의 이벤트 {n_erased}개는 저장하지 않았습니다."),
                format!("{n_erased} events of people who were erased were left out."),
            ),
            ("이 고객들의 데이터를 원본 파일에서도 지우세요.", "Take these people out of the file as well."),
        );
    }
    warnings
}

pub(super) fn foreign_format(name: &str, kind: &str) -> Problem {
    Problem::error(
        "import.foreign_format",
        (format!("{kind} 파일은 읽지 못합니다."), format!("{kind} files cannot be read.")),
        (
            "CSV, TSV, NDJSON, Parquet(gzip·zstd 가능)로 저장해 가져오세요.",
            "Save it as CSV, TSV, NDJSON or Parquet (gzip or zstd if you like) and import that.",
        ),
    )
    .in_file(name)
}

pub(super) fn empty_file(name: &str) -> Problem {
    Problem::error(
        "import.empty_file",
        ("파일이 비어 있습니다.", "The file is empty."),
        (
            "내보내기가 끝났는지 확인하고 다시 받으세요.",
            "Check that its export has finished and fetch it again.",
        ),
    )
    .in_file(name)
}

pub(super) fn json_array(name: &str) -> Problem {
    Problem::error(
        "import.json_array",
        (
            "JSON 배열 하나로 된 파일입니다. 한 줄에 객체 하나가 필요합니다.",
            "The file is one JSON array; one object a line is needed.",
        ),
        ("`jq -c '.[]' 파일`로 바꾸세요.", "Convert it with `jq -c '.[]' FILE`."),
    )
    .in_file(name)
}

pub(super) fn too_many_columns(name: &str, n_columns: usize) -> Problem {
    Problem::error(
        "import.too_many_columns",
        (format!("열이 {n_columns}개입니다."), format!("The file has {n_columns} columns.")),
        (
            format!("{}개 이하로 줄이거나 구분 문자를 확인하세요.", limits::COLUMNS_MAX),
            format!("Reduce them to {} or fewer, or check the delimiter.", limits::COLUMNS_MAX),
        ),
    )
    .in_file(name)
}

pub(super) fn unknown_encoding(name: &str, label: &str) -> Problem {
    Problem::error(
        "import.unknown_encoding",
        (format!("인코딩 `{label}`을(를) 모릅니다."), format!("The encoding `{label}` is unknown.")),
        ("`utf-8`, `euc-kr`, `utf-16le`처럼 쓰세요.", "Write it as `utf-8`, `euc-kr` or `utf-16le`."),
    )
    .in_file(name)
    .at("file.encoding")
}

pub(super) fn bad_delimiter(name: &str, delimiter: char) -> Problem {
    Problem::error(
        "import.bad_delimiter",
        (
            format!("구분 문자 `{delimiter}`은(는) ASCII 한 글자가 아닙니다."),
            format!("The delimiter `{delimiter}` is not one ASCII character."),
        ),
        ("`,` `;` `|` 또는 탭을 쓰세요.", "Use `,` `;` `|` or a tab."),
    )
    .in_file(name)
    .at("file.delimiter")
}

pub(super) fn lookup_too_large(name: &str, limit_bytes: usize) -> Problem {
    Problem::error(
        "import.lookup_too_large",
        (
            format!("조회 파일이 메모리에서 {} MiB를 넘습니다.", limit_bytes >> 20),
            format!("The lookup file takes more than {} MiB in memory.", limit_bytes >> 20),
        ),
        (
            "쓰지 않는 행을 빼고 다시 저장하거나, 미리 합친 파일을 가져오세요.",
            "Leave out rows you do not need, or join the files before importing.",
        ),
    )
    .in_file(name)
}

pub(super) fn unsafe_lookup(name: &str, path: &str) -> Problem {
    Problem::error(
        "import.unsafe_lookup",
        (
            format!("조회 파일 `{name}`은(는) 가져오는 파일의 폴더 안에 있어야 합니다."),
            format!("The lookup file `{name}` must lie in the folder of the imported file."),
        ),
        ("파일을 옆에 복사하고 이름만 쓰세요.", "Copy it beside the imported file and write only its name."),
    )
    .at(path)
}

/// A column that is not there, with the nearest ones that are.
pub(super) fn unknown_column(name: &str, column: &str, columns: &[String]) -> Problem {
    let nearest = nearest(column, columns);
    let listed = columns.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if columns.len() > 12 { ", …" } else { "" };
    let (remedy_ko, remedy_en) = match nearest {
        Some(near) => (
            format!("`{near}`을(를) 뜻했나요? 있는 열: {listed}{more}."),
            format!("Did you mean `{near}`? The columns are: {listed}{more}."),
        ),
        None => (format!("있는 열: {listed}{more}."), format!("The columns are: {listed}{more}.")),
    };
    Problem::error(
        "import.unknown_column",
        (format!("열 `{column}`이(가) 없습니다."), format!("There is no column `{column}`.")),
        (remedy_ko, remedy_en),
    )
    .in_file(name)
}

pub(super) fn unseen_key(name: &str, column: &str) -> Problem {
    Problem::error(
        "import.unseen_key",
        (
            format!("처음 줄들에 키 `{column}`이(가) 없습니다."),
            format!("The first lines have no key `{column}`."),
        ),
        (
            "뒤의 줄에 있으면 그대로 두세요. 없으면 이름을 고치세요.",
            "Leave it if later lines have it; else mend the name.",
        ),
    )
    .warning()
    .in_file(name)
}

pub(super) fn duplicate_column(name: &str, column: &str, used: bool) -> Problem {
    let problem = Problem::error(
        "import.duplicate_column",
        (
            format!("열 이름 `{column}`이(가) 두 번 나옵니다."),
            format!("The column name `{column}` stands there twice."),
        ),
        (
            "머리글에서 하나의 이름을 바꾸거나, 매핑의 `file.columns`에 모든 열의 이름을 적으세요.",
            "Rename one of them in the header, or list all column names in the mapping's `file.columns`.",
        ),
    )
    .in_file(name);
    if used { problem } else { problem.warning() }
}

/// Working files could not be written.
pub(super) fn disk(error: &io::Error) -> Problem {
    Problem::error(
        "import.disk",
        (
            format!("작업 파일을 쓸 수 없습니다: {error}."),
            format!("A working file cannot be written: {error}."),
        ),
        ("디스크 공간과 쓰기 권한을 확인하세요.", "Check the disk space and that you may write there."),
    )
}

pub(super) fn repeated_keys(name: &str, key: &str, n_repeated: u64) -> Problem {
    Problem::error(
        "import.repeated_keys",
        (
            format!("조회 파일에서 `{key}`의 값이 {n_repeated}번 되풀이됩니다. 첫 행을 씁니다."),
            format!("The lookup file repeats values of `{key}` {n_repeated} times; the first row counts."),
        ),
        (
            "뜻한 것이 아니면 조회 파일의 중복을 없애세요.",
            "Remove the repeated rows if that is not what you mean.",
        ),
    )
    .warning()
    .in_file(name)
}

pub(super) fn unknown_zone(name: &str, zone: &str) -> Problem {
    Problem::error(
        "import.unknown_zone",
        (format!("시간대 `{zone}`을(를) 모릅니다."), format!("The time zone `{zone}` is unknown.")),
        ("`Asia/Seoul`처럼 IANA 이름을 쓰세요.", "Use an IANA name such as `Asia/Seoul`."),
    )
    .in_file(name)
}

pub(super) fn bad_time_format(name: &str, format: &str) -> Problem {
    Problem::error(
        "import.bad_time_format",
        (
            format!("시각 형식 `{format}`을(를) 쓸 수 없습니다."),
            format!("The time format `{format}` cannot be used."),
        ),
        (
            "`iso`, `epoch_s`, `epoch_ms`, `epoch_us` 또는 `%d/%m/%Y %H:%M` 같은 strptime 형식을 쓰세요.",
            "Use `iso`, `epoch_s`, `epoch_ms`, `epoch_us` or a strptime pattern such as `%d/%m/%Y %H:%M`.",
        ),
    )
    .in_file(name)
}

pub(super) fn ambiguous_time(column: &str, sample: &str, one: &str, other: &str) -> Problem {
    Problem::error(
        "import.ambiguous_time",
        (
            format!("`{column}`의 `{sample}`은(는) 일·월 순서를 알 수 없습니다."),
            format!("`{sample}` in `{column}` does not tell which is the day and which the month."),
        ),
        (
            format!("매핑에 `format: \"{one}\"` 또는 `format: \"{other}\"`를 적으세요."),
            format!("Write `format: \"{one}\"` or `format: \"{other}\"` in the mapping."),
        ),
    )
}

pub(super) fn unknown_time(column: &str, sample: &str) -> Problem {
    Problem::error(
        "import.unknown_time",
        (
            format!("`{column}`의 `{sample}`을(를) 시각으로 읽을 수 없습니다."),
            format!("`{sample}` in `{column}` cannot be read as a time."),
        ),
        (
            "다른 열을 고르거나, 매핑에 `format: \"%y.%m.%d\"`처럼 strptime 형식을 적으세요.",
            "Choose another column, or write its strptime pattern such as `format: \"%y.%m.%d\"` in the mapping.",
        ),
    )
}

/// The column whose name is closest to the one wanted, if any is close.
fn nearest<'a>(wanted: &str, columns: &'a [String]) -> Option<&'a str> {
    let plain =
        |name: &str| -> Vec<char> { name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
    let wanted = plain(wanted);
    let distances = columns.iter().map(|column| {
        let column_chars = plain(column);
        let contained = wanted.len() > 2
            && (contains(&column_chars, &wanted)
                || column_chars.len() > 2 && contains(&wanted, &column_chars));
        let distance = distance(&wanted, &column_chars);
        (if contained { distance.min(2) } else { distance }, column)
    });
    let (distance, column) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= (wanted.len() / 3).max(2)).then_some(column.as_str())
}

fn contains(text: &[char], part: &[char]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Levenshtein distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_columns() {
        let columns = ["household_id", "transaction_timestamp", "sales_value", "고객번호"].map(str::to_owned);
        assert_eq!(nearest("houshold_id", &columns), Some("household_id"));
        assert_eq!(nearest("HouseholdID", &columns), Some("household_id"));
        assert_eq!(nearest("timestamp", &columns), Some("transaction_timestamp"));
        assert_eq!(nearest("고객 번호", &columns), Some("고객번호"));
        assert_eq!(nearest("colour", &columns), None);
    }
}
