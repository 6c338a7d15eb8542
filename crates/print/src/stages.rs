//! The heads of the stages: who came, how many went on, and how long it took them.

use crate::draw::{Anchor, Area, Block, Run, Style, fitted, runs_width};
use crate::sheet::{Body, Frame, Row};
use model::view::StageView;

/// The row under the head of the map.
pub(crate) fn row(frame: &Frame) -> Row {
    let tops: Vec<_> = frame.stages().map(|(index, stage)| top(frame, stage, frame.is_last(index))).collect();
    // All bars stand on one line, however long a stage's name is.
    let bar_y = tops.iter().map(|top| top.height).fold(0.0, f64::max) + 4.0;
    let cells = frame.stages().zip(tops).map(|((_, stage), mut block)| {
        let share = stage.share.value.unwrap_or(0.0);
        let area = Area { x: 0.0, y: bar_y, width: frame.inner(), height: 6.0 };
        block.bar(area, share, frame.palette.track, (frame.palette.real, 1.0));
        foot(frame, stage, bar_y + 9.0, &mut block);
        vec![block]
    });
    let cells = cells.collect();
    let title = frame.title(
        frame.say("단계", "Stage"),
        &[
            frame.say("들어온 사람 · 다음으로", "people in · moved on"),
            frame.say("걸린 시간(중앙값)", "median time"),
        ],
    );
    Row { name: "stages".to_owned(), is_rest: false, title, body: Body::Cells(cells) }
}

/// The same row with names alone, for the pages after the first.
pub(crate) fn names(frame: &Frame) -> Row {
    let style = Style::bold(13.0, frame.palette.ink);
    let cell = |stage: &StageView| {
        let mut block = Block::default();
        block.paragraph(0.0, 0.0, frame.inner(), &frame.text(&stage.name), style);
        vec![block]
    };
    let cells = frame.stages().map(|(_, stage)| cell(stage)).collect();
    Row {
        name: "names".to_owned(),
        is_rest: false,
        title: frame.title(frame.say("단계", "Stage"), &[]),
        body: Body::Cells(cells),
    }
}

/// Name, people and what stands beside them; as high as it needs to be.
fn top(frame: &Frame, stage: &StageView, is_last: bool) -> Block {
    let (palette, width) = (&frame.palette, frame.inner());
    let mut block = Block::default();
    let (hop, hop_width) = if is_last { (Block::default(), 0.0) } else { hop(frame, stage) };
    let name_width = width - if hop_width > 0.0 { hop_width + 10.0 } else { 0.0 };
    let name = Style::bold(15.0, palette.ink);
    let text = frame.text(&stage.name);
    // A name is not broken inside a word as long as it fits above the rate.
    let longest = text.split_whitespace().map(|word| name.width(word)).fold(0.0, f64::max);
    let is_beside = longest <= name_width;
    let y = block.paragraph(0.0, 0.0, if is_beside { name_width } else { width }, &text, name);
    let hop_y = if is_beside { 0.0 } else { y };
    let hop_end = if is_last { 0.0 } else { hop_y + hop.height };
    block.place(0.0, hop_y, hop);

    let people = frame.format.figure(&stage.entered, false);
    let number = Style::bold(20.0, palette.ink);
    let y = if number.width(&people) > name_width { y.max(hop_end) } else { y };
    let people = fitted(vec![Run::new(people, number)], width);
    let used = block.line(0.0, y, Anchor::Start, people);
    let here = stage.here.value.map(|here| {
        let here = frame.format.people(here);
        match frame.format.lang {
            model::Lang::Ko => format!("지금 {here}"),
            model::Lang::En => format!("{here} now"),
        }
    });
    let note = Style::new(12.0, palette.soft);
    let free = if y + 4.0 >= hop_end { width } else { name_width };
    let mut after = y + number.leading();
    if let Some(here) = here {
        if used + 6.0 + note.width(&here) <= free {
            block.text(used + 6.0, y + 6.0, Anchor::Start, here, note);
        } else {
            let free = if after >= hop_end { width } else { name_width };
            after = block.paragraph(0.0, after, free, &here, note);
        }
    }
    block.height = after.max(hop_end);
    block
}

/// On the right: the share that moved on, its change, the median time. Returns its width, too.
fn hop(frame: &Frame, stage: &StageView) -> (Block, f64) {
    let mut block = Block::default();
    let (palette, right) = (&frame.palette, frame.inner());
    let rate = &stage.moved_on_rate;
    let worse =
        frame.view.changes.iter().any(|change| change.stage == stage.key && change.now < change.before);
    let color = if worse { palette.bad } else { palette.ink };
    let small = Style::new(11.0, palette.soft);
    let lines = [
        vec![
            Run::new(frame.format.figure(rate, false), Style::bold(13.0, color)),
            Run::new(" →", Style::new(13.0, palette.faint)),
        ],
        frame.delta(rate, 11.0, false),
        vec![Run::new(frame.format.figure(&stage.median_time, true), small)],
    ];
    let (mut widest, mut y) = (0.0, 1.0);
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        let leading = line[0].style.leading();
        widest = block.line(right, y, Anchor::End, fitted(line, right * 0.5)).max(widest);
        y += leading - 1.0;
    }
    block.height = y;
    (block, widest)
}

/// Under the bar: the share of all who started, the change, and the doubt.
fn foot(frame: &Frame, stage: &StageView, y: f64, block: &mut Block) {
    let (palette, width) = (&frame.palette, frame.inner());
    let small = Style::new(11.0, palette.soft);
    let share = frame.format.figure(&stage.share, false);
    let mut y = y;
    let left = match frame.format.lang {
        model::Lang::Ko => format!("시작의 {share}"),
        model::Lang::En => format!("{share} of starters"),
    };
    let used = block.line(0.0, y, Anchor::Start, fitted(vec![Run::new(left, small)], width));
    let delta = fitted(frame.delta(&stage.entered, 11.0, false), width);
    let delta_width = runs_width(&delta);
    if delta_width > 0.0 {
        if used + 8.0 + delta_width > width {
            y += small.leading();
        }
        block.line(width, y, Anchor::End, delta);
    }
    y += small.leading();
    if stage.is_conversion {
        let word = frame.say("전환 단계", "Conversion stage");
        y = block.paragraph(0.0, y, width, word, Style::bold(11.0, palette.real));
    }
    if let Some(thin) = frame.format.thin(&stage.moved_on_rate) {
        block.paragraph(0.0, y, width, &thin, Style::new(11.0, palette.guess));
    }
}
