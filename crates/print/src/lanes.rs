//! The lanes: which rows there are, and the cards of those the team writes.

use crate::draw::{Anchor, Area, Block, Mark, Stroke, Style};
use crate::palette::Color;
use crate::sheet::{Body, Frame, Row};
use crate::{emotion, figures};
use model::map::{Card, LaneKind, Tone};
use model::view::{Cell, LaneView, StageView};

/// The row of one lane.
pub(crate) fn row(frame: &Frame, lane: &LaneView) -> Row {
    let (name, notes) = words(frame, lane.kind);
    let own = lane.name.as_ref().map(|name| frame.text(name)).filter(|name| !name.is_empty());
    let name = own.unwrap_or_else(|| name.to_owned());
    let body = if lane.kind == LaneKind::Emotion {
        Body::Wide(emotion::curve(frame, &lane.cells))
    } else {
        let stages = frame.stages();
        let empty = Cell::default();
        let cell = |(index, stage): (usize, &StageView)| {
            let cell = lane.cells.get(index).unwrap_or(&empty);
            let mut items: Vec<Block> = goal(frame, lane.kind, stage).into_iter().collect();
            let is_last = frame.is_last(index);
            items.extend(figures::items(frame, lane.kind, stage, cell, is_last));
            items.extend(cell.cards.iter().map(|item| card(frame, lane.kind, item)));
            items
        };
        let mut cells: Vec<Vec<Block>> = stages.map(cell).collect();
        if lane.kind == LaneKind::Kpi {
            level(&mut cells);
        }
        Body::Cells(cells)
    };
    let mut title = frame.title(&name, &notes);
    if lane.kind == LaneKind::Emotion {
        emotion::legend(frame, &mut title);
    }
    Row { name: lane.key.to_string(), is_rest: false, title, body }
}

/// Gives the items of the same rank the same height in all cells, so that they stand on one line.
fn level(cells: &mut [Vec<Block>]) {
    let n_ranks = cells.iter().map(Vec::len).max().unwrap_or(0);
    for rank in 0..n_ranks {
        let height =
            cells.iter().filter_map(|items| items.get(rank)).map(|item| item.height).fold(0.0, f64::max);
        for item in cells.iter_mut().filter_map(|items| items.get_mut(rank)) {
            item.height = height;
        }
    }
}

/// What a lane is called, and what its numbers are.
fn words<'a>(frame: &Frame, kind: LaneKind) -> (&'a str, Vec<&'a str>) {
    let say = |ko, en| match frame.format.lang {
        model::Lang::Ko => ko,
        model::Lang::En => en,
    };
    let name = match kind {
        LaneKind::BusinessGoal => say("사업의 목표", "Business goal"),
        LaneKind::CustomerGoal => say("고객의 목표", "Customer goal"),
        LaneKind::Actions => say("행동", "Actions"),
        LaneKind::Touchpoints => say("접점과 채널", "Touchpoints and channels"),
        LaneKind::Motivations => say("동기", "Motivations"),
        LaneKind::Questions => say("질문", "Questions"),
        LaneKind::Friction => say("마찰", "Friction"),
        LaneKind::Thoughts => say("생각", "Thoughts"),
        LaneKind::Emotion => say("감정", "Emotion"),
        LaneKind::Expectations => say("기대", "Expectations"),
        LaneKind::Backstage => say("무대 뒤", "Backstage"),
        LaneKind::Opportunities => say("기회", "Opportunities"),
        LaneKind::Owner => say("담당", "Owner"),
        LaneKind::Kpi => say("지표", "Metrics"),
        LaneKind::Volumes => say("흐름", "Where they went"),
    };
    let notes = match kind {
        LaneKind::Touchpoints => {
            vec![say("사람 수", "people"), say("띠: 이벤트의 채널", "band: channels of events")]
        }
        LaneKind::Backstage => vec![say("사람과 시스템", "people and systems")],
        LaneKind::Opportunities => vec![say("예상 가치(팀의 추정)", "expected value (team's estimate)")],
        LaneKind::Kpi => vec![say("비교와 목표 대비", "against comparison, target")],
        LaneKind::Volumes => vec![say("사람 수 · 들어온 사람 중", "people · of those who entered")],
        _ => Vec::new(),
    };
    (name, notes)
}

/// The stage's own goal stands first in the lanes of goals, as plain text.
fn goal(frame: &Frame, kind: LaneKind, stage: &StageView) -> Option<Block> {
    let goal = match kind {
        LaneKind::BusinessGoal => stage.business_goal.as_ref(),
        LaneKind::CustomerGoal => stage.customer_goal.as_ref(),
        _ => None,
    };
    let text = goal.map(|goal| frame.text(goal)).filter(|text| !text.is_empty())?;
    let mut block = Block::default();
    block.paragraph(0.0, 0.0, frame.inner(), &text, Style::new(13.0, frame.palette.ink));
    Some(block)
}

/// How a card looks by its meaning. Bad and good cards carry an edge, open ones are dashed: grey print shows it too.
struct Look {
    fill: Color,
    stroke: Stroke,
    edge: Option<Color>,
    value: Color,
}

fn look(frame: &Frame, kind: LaneKind, tone: Tone) -> Look {
    let p = &frame.palette;
    let plain = |fill, line| Look { fill, stroke: Stroke::new(line, 1.0), edge: None, value: p.ink };
    match tone {
        Tone::Bad => Look { edge: Some(p.bad), value: p.bad, ..plain(p.bad_soft, p.bad_line) },
        Tone::Good => Look { edge: Some(p.real), value: p.real, ..plain(p.real_soft, p.real_line) },
        Tone::Open => Look {
            stroke: Stroke::dashed(p.guess_line, 1.0, "4 3"),
            value: p.guess,
            ..plain(p.note, p.guess_line)
        },
        Tone::Plain => match kind {
            LaneKind::Friction => Look { value: p.bad, ..plain(p.bad_soft, p.bad_line) },
            LaneKind::Opportunities => Look { value: p.real, ..plain(p.real_soft, p.real_line) },
            LaneKind::Questions | LaneKind::Thoughts => plain(p.note, p.line_soft),
            _ => plain(p.card, p.line),
        },
    }
}

fn card(frame: &Frame, kind: LaneKind, card: &Card) -> Block {
    let (palette, width) = (&frame.palette, frame.inner());
    let look = look(frame, kind, card.tone);
    let inset = if look.edge.is_some() { 12.0 } else { 9.0 };
    let inner = width - inset - 9.0;
    let mut block = Block::default();
    let text = Style::new(13.0, palette.ink);
    let small = Style::new(11.0, palette.soft);
    let value = card.value.filter(|value| value.is_finite()).map(|value| worth(frame, kind, value));
    let value_style = Style::bold(12.0, look.value);
    let value_width = value.as_deref().map_or(0.0, |value| value_style.width(value));

    let words = frame.clean(card.text.get(frame.format.lang));
    let words = if words.is_empty() { crate::format::NONE.to_owned() } else { words };
    let mut y = block.paragraph(inset, 7.0, inner, &words, text);
    let note = [
        card.evidence.as_ref().map(|evidence| frame.text(evidence)),
        card.owner.as_ref().map(|owner| format!("{} {}", frame.say("담당", "owner"), frame.clean(owner))),
    ];
    let tags = card.tags.iter().map(|tag| frame.clean(tag)).filter(|tag| !tag.is_empty());
    let tags: Vec<String> = tags.map(|tag| format!("#{tag}")).collect();
    let mut parts: Vec<String> = note.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.extend((!tags.is_empty()).then(|| tags.join(" ")));
    let note = parts.join(" · ");

    // The value stands at the end of the last line where it fits, else under it.
    let (last, last_style) = if note.is_empty() { (&words, text) } else { (&note, small) };
    let last = last_style.wrap(last, inner).pop().unwrap_or_default();
    let shares_line = value_width + 8.0 + last_style.width(&last) <= inner;
    if !note.is_empty() {
        y = block.paragraph(inset, y + 1.0, inner, &note, small);
    }
    if let Some(value) = value {
        let on_line = y - (last_style.leading() + value_style.leading()) / 2.0;
        let top = if shares_line { on_line } else { y + 1.0 };
        block.text(width - 9.0, top, Anchor::End, value, value_style);
    }
    let height = block.height + 7.0;
    block.height = height;
    let area = Area { x: 0.5, y: 0.5, width: width - 1.0, height: height - 1.0 };
    if let Some(edge) = look.edge {
        let area = Area { x: 4.5, y: 8.0, width: 3.0, height: (height - 16.0).max(3.0) };
        block.behind(Mark::Rect { area, radius: 1.5, fill: Some(edge), opacity: 1.0, stroke: None });
    }
    block.behind(Mark::Rect {
        area,
        radius: 8.0,
        fill: Some(look.fill),
        opacity: 1.0,
        stroke: Some(look.stroke),
    });
    block
}

/// What a card is worth: the team's estimate, and written as such.
fn worth(frame: &Frame, kind: LaneKind, value: f64) -> String {
    let money = frame.format.money(value, true);
    match kind {
        // The lane's title says whose estimate it is.
        LaneKind::Opportunities if value > 0.0 => format!("+{money}"),
        LaneKind::Opportunities => money,
        _ => format!("{}\u{a0}{money}", frame.say("추정", "est.")),
    }
}
