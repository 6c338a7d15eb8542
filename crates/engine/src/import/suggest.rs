//! A first guess at a mapping, by the names of the columns in Korean and English and by their values.

use super::{
    batch::{Batch, Cell},
    decimal::Decimal,
    time::TimeFormat,
    value,
};
use model::{
    Key,
    event::ValueKind,
    mapping::{
        EventTarget, FileFormat, Mapping, PersonSource, Property, Source, SourceFields, Target, TimeSource,
    },
};
use std::collections::BTreeMap;

/// What a column looks like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnView {
    pub(super) name: String,
    /// `text`, `number`, `bool` or `time`.
    pub(super) kind: &'static str,
    pub(super) samples: Vec<String>,
    /// Whether all values read as amounts, such as `12,000원`.
    pub(super) is_amount: bool,
    /// What it may be.
    pub(super) role: Option<&'static str>,
}

/// Words that name a role, as whole names or as parts of one, the surest first.
const ROLES: [(&str, &[&str]); 7] = [
    (
        "user_id",
        &[
            "userid",
            "customerid",
            "memberid",
            "householdid",
            "clientid",
            "accountid",
            "userno",
            "customerno",
            "memberno",
            "고객번호",
            "회원번호",
            "고객id",
            "회원id",
            "고객아이디",
            "회원아이디",
            "사용자id",
            "아이디",
            "고객코드",
            "고객",
            "회원",
            "user",
            "customer",
            "member",
            "household",
            "uid",
            "caseid",
            "person",
            "author",
        ],
    ),
    (
        "anonymous_id",
        &[
            "anonymousid",
            "deviceid",
            "visitorid",
            "cookieid",
            "sessionid",
            "기기id",
            "방문자id",
            "쿠키",
            "세션",
            "fingerprint",
        ],
    ),
    (
        "time",
        &[
            "timestamp",
            "eventtime",
            "datetime",
            "occurredat",
            "createdat",
            "time",
            "date",
            "일시",
            "시각",
            "주문일",
            "결제일",
            "구매일",
            "발생일",
            "등록일",
            "날짜",
            "일자",
            "시간",
        ],
    ),
    (
        "event",
        &[
            "eventname",
            "eventtype",
            "event",
            "activity",
            "action",
            "이벤트명",
            "이벤트",
            "활동",
            "행동",
            "행위",
        ],
    ),
    (
        "channel",
        &[
            "acquisitionchannel",
            "channel",
            "utmsource",
            "platform",
            "medium",
            "source",
            "채널",
            "유입경로",
            "유입",
            "매체",
            "플랫폼",
        ],
    ),
    (
        "amount",
        &[
            "amount",
            "revenue",
            "salesvalue",
            "sales",
            "total",
            "payment",
            "결제금액",
            "주문금액",
            "구매금액",
            "판매금액",
            "금액",
            "매출액",
            "매출",
            "결제액",
            "합계",
            "value",
        ],
    ),
    ("quantity", &["quantity", "qty", "수량", "개수"]),
];

/// Names of a price for one piece.
const UNIT_PRICES: [&str; 6] = ["unitprice", "priceperunit", "price", "단가", "판매가", "가격"];

fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How surely a name means a role: 0 not at all.
fn score(name: &str, words: &[&str]) -> usize {
    let name = plain(name);
    let found = words.iter().enumerate().find_map(|(index, word)| {
        let rank = words.len() - index;
        let whole = name == *word;
        // Short words stand in many names; they count only as the end of one.
        let part = name.ends_with(word) || (word.chars().count() > 3 && name.contains(word));
        (whole || part).then_some(if whole { 1_000 + rank } else { rank })
    });
    found.unwrap_or(0)
}

/// Describes the columns by their sampled cells and gives each role to the column that fits best.
pub(super) fn describe(columns: &[String], sample: &Batch, missing: &[String]) -> Vec<ColumnView> {
    let mut views: Vec<ColumnView> =
        columns.iter().enumerate().map(|(index, name)| describe_one(index, name, sample, missing)).collect();
    for (role, words) in ROLES {
        let fits = |view: &ColumnView| match role {
            "time" => view.kind == "time" || is_epoch(view),
            "amount" | "quantity" => view.is_amount,
            "event" | "channel" => view.kind == "text",
            _ => view.kind != "time" && view.kind != "bool",
        };
        let free = views.iter().enumerate().filter(|(_, view)| view.role.is_none() && fits(view));
        let best =
            free.map(|(index, view)| (score(&view.name, words), index)).filter(|(score, _)| *score > 0);
        // Of equals the first column wins.
        if let Some((_, index)) = best.max_by_key(|(score, index)| (*score, usize::MAX - index)) {
            views[index].role = Some(role);
        }
    }
    let price = |view: &ColumnView| view.is_amount && score(&view.name, &UNIT_PRICES) > 0;
    let price = views.iter().position(|view| view.role.is_none() && price(view));
    if let Some(index) = price {
        views[index].role = Some("unit_price");
    }
    if !views.iter().any(|view| view.role == Some("time"))
        && let Some(view) = views.iter_mut().find(|view| view.role.is_none() && view.kind == "time")
    {
        view.role = Some("time");
    }
    if !views.iter().any(|view| matches!(view.role, Some("user_id" | "anonymous_id")))
        && let Some(view) =
            views.iter_mut().find(|view| view.role.is_none() && plain(&view.name).ends_with("id"))
    {
        view.role = Some("user_id");
    }
    views
}

fn describe_one(index: usize, name: &str, sample: &Batch, missing: &[String]) -> ColumnView {
    let rows = sample.iter().filter(|row| row.flaw().is_none()).take(1_000);
    let cells: Vec<Cell<'_>> = rows
        .filter_map(|row| row.cell(index))
        .filter(|cell| !missing.iter().any(|text| text == cell.text.trim()))
        .collect();
    let kinds: Vec<ValueKind> = cells.iter().map(|cell| value::kind_of(*cell)).collect();
    let is_time = || !cells.is_empty() && TimeFormat::detect(cells.iter().copied()).is_ok();
    let kind = match value::common(&kinds) {
        Some(ValueKind::Number) => "number",
        Some(ValueKind::Bool) => "bool",
        // A day that may be two days is a time all the same.
        _ if is_time() || looks_ambiguous(&cells) => "time",
        _ => "text",
    };
    let mut distinct: Vec<&str> = Vec::new();
    for cell in &cells {
        if distinct.len() < 200 && !distinct.contains(&cell.text) {
            distinct.push(cell.text);
        }
    }
    let is_amount = !cells.is_empty() && cells.iter().all(|cell| Decimal::parse(cell.text).is_some());
    let samples = distinct.iter().take(5).map(|text| text.chars().take(200).collect()).collect();
    ColumnView { name: name.to_owned(), kind, samples, is_amount, role: None }
}

fn looks_ambiguous(cells: &[Cell<'_>]) -> bool {
    !cells.is_empty()
        && matches!(TimeFormat::detect(cells.iter().copied()), Err(super::time::Unclear::Ambiguous(..)))
}

fn is_epoch(view: &ColumnView) -> bool {
    let cells = view.samples.iter().map(|text| Cell::guess(text));
    view.kind == "number"
        && matches!(TimeFormat::detect(cells), Ok(TimeFormat::Epoch { .. } | TimeFormat::YearFirst))
}

/// A mapping for these columns; one that cannot work yet where a person or a time was not found.
pub(super) fn suggest(file_name: &str, columns: &[ColumnView]) -> Mapping {
    let of = |role: &str| columns.iter().find(|view| view.role == Some(role)).map(|view| view.name.clone());
    let stem = stem(file_name);
    let amount = match (of("amount"), of("quantity"), of("unit_price")) {
        (Some(column), ..) => Some(Source::Column(column)),
        (None, Some(quantity), Some(price)) => {
            Some(Source::Fields(SourceFields { product: vec![quantity, price], ..SourceFields::default() }))
        }
        (None, None, Some(price)) => Some(Source::Column(price)),
        _ => None,
    };
    let event = match of("event") {
        Some(column) => Source::Column(column),
        None => {
            let name = if amount.is_some() {
                "purchase".to_owned()
            } else {
                Key::from_name(&stem).as_str().replace('-', "_")
            };
            Source::Fields(SourceFields { constant: Some(name), ..SourceFields::default() })
        }
    };
    let first = columns.first().map(|view| view.name.clone()).unwrap_or_default();
    let anonymous_id = of("anonymous_id");
    let user_id = of("user_id").or_else(|| anonymous_id.is_none().then(|| first.clone()));
    let time = of("time").unwrap_or(first);
    let taken = ["user_id", "anonymous_id", "time", "event", "channel", "amount"];
    let rest = columns.iter().filter(|view| !view.role.is_some_and(|role| taken.contains(&role)));
    let rest = rest.filter(|view| Some(&view.name) != user_id.as_ref() && view.name != time);
    let properties: BTreeMap<String, Property> =
        rest.map(|view| (view.name.clone(), Property::Column(view.name.clone()))).collect();
    Mapping {
        key: Key::from_name(&stem),
        name: None,
        file: FileFormat::default(),
        lookups: BTreeMap::new(),
        keep: Vec::new(),
        group: None,
        target: Target::Events(Box::new(EventTarget {
            person: PersonSource {
                user_id: user_id.map(Source::Column),
                anonymous_id: anonymous_id.map(Source::Column),
                missing: Default::default(),
            },
            time: TimeSource {
                source: SourceFields { column: Some(time), ..SourceFields::default() },
                format: None,
                zone: None,
            },
            event,
            id: Vec::new(),
            channel: of("channel").map(Source::Column),
            amount,
            properties,
            traits: BTreeMap::new(),
        })),
    }
}

/// A file's name without its folders and endings.
fn stem(file_name: &str) -> String {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let mut stem = name;
    for ending in [".gz", ".zst", ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".parquet"] {
        stem = stem.strip_suffix(ending).unwrap_or(stem);
    }
    if stem.is_empty() { name.to_owned() } else { stem.to_owned() }
}
