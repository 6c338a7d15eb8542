//! The foot of the sheet: what the numbers were read from, and what to know before trusting them.

use crate::draw::{Anchor, Block, Style};
use crate::sheet::Frame;
use model::time::Calendar;
use model::workspace::WeekStart;
use model::{Lang, Severity};

/// One line on the data, then every warning. `missing` are the characters the fonts could not draw.
pub(crate) fn block(frame: &Frame, width: f64, missing: &[char]) -> Block {
    let (p, about) = (&frame.palette, &frame.view.about);
    let small = Style::new(11.0, p.faint);
    let mut block = Block::default();
    let mark = frame.say("길목", "Gilmok");
    let mark_width = block.text(width, 0.0, Anchor::End, mark, Style::bold(11.0, p.soft));
    let (people, events) =
        (frame.format.count(about.n_people as f64), frame.format.count(about.n_events as f64));
    let (as_of, version) = (moment(frame, about.as_of_us), about.data_version);
    let line = match frame.format.lang {
        Lang::Ko => format!("기준 {as_of} · {people}명 · 이벤트 {events}건 · 데이터 버전 {version}"),
        Lang::En => format!("As of {as_of} · {people} people · {events} events · data version {version}"),
    };
    let mut y = block.paragraph(0.0, 0.0, width - mark_width - 20.0, &line, small);
    for warning in &about.warnings {
        let word = match warning.severity {
            Severity::Error => frame.say("오류", "Error"),
            Severity::Warning => frame.say("주의", "Note"),
        };
        let (message, remedy) = (frame.text(&warning.message), frame.text(&warning.remedy));
        let words = format!("{message} {remedy}");
        let used = block.text(0.0, y, Anchor::Start, word, Style::bold(11.0, p.guess));
        y = block.paragraph(used + 6.0, y, width - used - 6.0, words.trim(), Style::new(11.0, p.soft));
    }
    if !missing.is_empty() {
        let shown: Vec<String> =
            missing.iter().take(12).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
        let (n, codes) = (missing.len(), shown.join(" "));
        let words = match frame.format.lang {
            Lang::Ko => format!("글꼴에 없어 빈 네모로 찍힌 글자 {n}가지: {codes}"),
            Lang::En => format!("{n} characters are not in the font and print as boxes: {codes}"),
        };
        block.paragraph(0.0, y, width, &words, Style::new(11.0, p.guess));
    }
    block
}

/// `2025-10-31 23:59 (Asia/Seoul)`, by the workspace's zone.
fn moment(frame: &Frame, at_us: i64) -> String {
    let zone = frame.clean(&frame.view.zone);
    let calendar = Calendar::new(&frame.view.zone, WeekStart::Monday);
    let (calendar, zone) =
        calendar.map_or_else(|| (Calendar::utc(), "UTC".to_owned()), |found| (found, zone));
    let text = calendar.format(at_us);
    let minutes = text.get(..16).unwrap_or(&text).replace('T', " ");
    format!("{minutes} ({zone})")
}
