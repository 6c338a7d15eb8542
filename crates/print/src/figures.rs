//! The lanes that fill themselves: touchpoints with channels, metrics, and the flow through a stage.

use crate::draw::{Anchor, Area, Block, Mark, Point, Run, Step, Stroke, Style, fitted, runs_width};
use crate::palette::Color;
use crate::sheet::Frame;
use model::map::LaneKind;
use model::view::{Cell, ChannelView, Figure, MetricView, StageView, TouchpointView};

/// The measured items of a cell, top to bottom; none for lanes of cards.
pub(crate) fn items(
    frame: &Frame,
    kind: LaneKind,
    stage: &StageView,
    cell: &Cell,
    is_last: bool,
) -> Vec<Block> {
    match kind {
        LaneKind::Touchpoints => {
            let most = cell.touchpoints.iter().filter_map(|touchpoint| touchpoint.people.value);
            let most = most.filter(|people| people.is_finite()).fold(0.0, f64::max);
            let rows = cell.touchpoints.iter().map(|touchpoint| self::touchpoint(frame, touchpoint, most));
            rows.chain(channels(frame, &cell.channels)).collect()
        }
        LaneKind::Kpi => cell.metrics.iter().map(|metric| self::metric(frame, metric)).collect(),
        LaneKind::Volumes => flow(frame, stage, is_last),
        _ => Vec::new(),
    }
}

fn touchpoint(frame: &Frame, touchpoint: &TouchpointView, most: f64) -> Block {
    let (palette, width) = (&frame.palette, frame.inner());
    let color = palette.channel(touchpoint.channel.as_deref());
    let mut block = Block::default();
    block.rect(Area { x: 0.0, y: 6.0, width: 8.0, height: 8.0 }, 2.0, Some(color), None);
    let number = frame.format.figure(&touchpoint.people, false);
    let style = Style::new(12.0, palette.soft);
    let mut runs = vec![Run::new(number, style)];
    if frame.is_wide() && frame.view.compare.is_some() {
        let delta = frame.delta(&touchpoint.people, 11.0, false);
        if !delta.is_empty() {
            runs.insert(0, Run::new("  ", style));
            runs.splice(0..0, delta);
        }
    }
    let name = Run::new(frame.text(&touchpoint.name), Style::new(13.0, palette.ink));
    let end = block.pair(15.0, 0.0, width, &name, runs);
    let share = touchpoint.people.value.map_or(0.0, |people| people / most);
    // A thin bar under the name, pale so that the words stay in front.
    let track = Area { x: 15.0, y: end + 1.0, width: width - 15.0, height: 2.0 };
    let share = if most > 0.0 { share } else { 0.0 };
    block.bar(track, share, palette.line_soft, (color, 0.55));
    block
}

/// A band of the channels the stage's events came by, with their shares under it.
fn channels(frame: &Frame, channels: &[ChannelView]) -> Option<Block> {
    let total: u64 = channels.iter().map(|channel| channel.n_events).fold(0, u64::saturating_add);
    if total == 0 {
        return None;
    }
    let (palette, width) = (&frame.palette, frame.inner());
    let share = |n: u64| n as f64 / total as f64;
    // Nobody is helped by “1 other”: five are named, or four and the others.
    let shown = if channels.len() <= 5 { channels.len() } else { 4 };
    let mut block = Block::default();
    let mut x = 0.0;
    let mut words = Vec::new();
    for (index, channel) in channels.iter().enumerate() {
        let part = share(channel.n_events);
        let color = palette.channel(Some(&channel.channel));
        let drawn = (part * width).min(width - x).max(0.0);
        if drawn > 1.5 {
            block.rect(Area { x, y: 4.0, width: drawn - 1.0, height: 5.0 }, 1.0, Some(color), None);
        }
        x += part * width;
        if index < shown {
            words.push(format!("{}\u{a0}{}%", frame.clean(&channel.channel), (part * 100.0).round()));
        }
    }
    if channels.len() > shown {
        let rest: f64 = channels[shown..].iter().map(|channel| share(channel.n_events)).sum();
        let n = channels.len() - shown;
        words.push(match frame.format.lang {
            model::Lang::Ko => format!("그 밖 {n}개\u{a0}{}%", (rest * 100.0).round()),
            model::Lang::En => format!("{n} others\u{a0}{}%", (rest * 100.0).round()),
        });
    }
    block.paragraph(0.0, 12.0, width, &words.join(" · "), Style::new(11.0, palette.soft));
    Some(block)
}

const SPARK: Area = Area { x: 0.0, y: 0.0, width: 52.0, height: 15.0 };

/// Name and value on one line; history, target and change under it.
fn metric(frame: &Frame, metric: &MetricView) -> Block {
    let (palette, width) = (&frame.palette, frame.inner());
    let figure = &metric.figure;
    let small = Style::new(11.0, palette.soft);
    let mut block = Block::default();
    let value = vec![Run::new(frame.format.figure(figure, true), Style::bold(13.0, palette.ink))];
    let name = Run::new(frame.text(&metric.name), Style::new(12.0, palette.soft));
    let mut y = block.pair(0.0, 0.0, width, &name, value) + 1.0;
    let has_spark = sparkline(frame, figure, y + 1.0, &mut block);
    let delta = frame.delta(figure, 11.0, true);
    let left = if has_spark { SPARK.width + 8.0 } else { 0.0 };
    if !delta.is_empty() {
        let delta = if runs_width(&delta) > width - left { frame.delta(figure, 11.0, false) } else { delta };
        block.line(width, y, Anchor::End, fitted(delta, width - left));
    }
    y = y.max(block.height);
    if let Some(target) = figure.target.filter(|target| target.is_finite()) {
        let target = frame.format.measure(Some(target), figure.unit, true);
        let reached = reached(figure).map(|reached| match reached {
            true => (frame.say("달성", "reached"), palette.good),
            false => (frame.say("미달", "missed"), palette.bad),
        });
        let mut runs = vec![Run::new(format!("{} {target}", frame.say("목표", "target")), small)];
        if let Some((word, color)) = reached {
            runs.push(Run::new(format!(" {word}"), Style::bold(11.0, color)));
        }
        block.line(0.0, y, Anchor::Start, fitted(runs, width));
        y = block.height;
    }
    if let Some(thin) = frame.format.thin(figure) {
        block.paragraph(0.0, y, width, &thin, Style::new(11.0, palette.guess));
    }
    block.height += 5.0;
    block
}

/// Whether the target is reached, where good has a direction.
fn reached(figure: &Figure) -> Option<bool> {
    let (value, target) = (figure.value?, figure.target?);
    match figure.good {
        model::metric::Direction::Up => Some(value >= target),
        model::metric::Direction::Down => Some(value <= target),
        model::metric::Direction::None => None,
    }
}

/// The history of a number; a missing value breaks the line. Returns whether anything was drawn.
fn sparkline(frame: &Frame, figure: &Figure, top: f64, block: &mut Block) -> bool {
    let history: Vec<Option<f64>> =
        figure.history.iter().map(|value| value.filter(|value| value.is_finite())).collect();
    let known = || history.iter().flatten().copied();
    let (low, high) = (known().fold(f64::MAX, f64::min), known().fold(f64::MIN, f64::max));
    if known().count() < 2 {
        return false;
    }
    let (x_step, spread) = (SPARK.width / (history.len() - 1) as f64, high - low);
    let y_of = |value: f64| {
        let share = if spread > 0.0 && spread.is_finite() { (value - low) / spread } else { 0.5 };
        top + 1.0 + (SPARK.height - 2.0) * (1.0 - share)
    };
    let mut steps = Vec::new();
    let mut is_open = false;
    for (index, value) in history.iter().enumerate() {
        match value {
            Some(value) => {
                let at: Point = (index as f64 * x_step, y_of(*value));
                steps.push(if is_open { Step::Line(at) } else { Step::Move(at) });
                is_open = true;
            }
            None => is_open = false,
        }
    }
    let stroke = Stroke::new(frame.palette.real, 1.5);
    block.marks.push(Mark::Path { steps, fill: None, opacity: 1.0, stroke: Some(stroke) });
    if let Some((index, value)) = history.iter().enumerate().rev().find_map(|(i, v)| v.map(|v| (i, v))) {
        let center = (index as f64 * x_step, y_of(value));
        block.marks.push(Mark::Circle { center, radius: 2.0, fill: frame.palette.real, stroke: None });
    }
    block.height = block.height.max(top + SPARK.height);
    true
}

/// What became of those who entered.
fn flow(frame: &Frame, stage: &StageView, is_last: bool) -> Vec<Block> {
    let p = &frame.palette;
    let (end, end_color) = match is_last {
        true => (frame.say("여기서 마침", "Finished here"), p.real),
        false => (frame.say("이탈", "Dropped off"), p.bad),
    };
    // Those who skipped never entered, so no bar can show them as a share of those who did.
    let rows = [
        (!is_last).then_some((frame.say("다음으로", "Moved on"), &stage.moved_on, Some(p.real))),
        Some((end, &stage.dropped, Some(end_color))),
        Some((frame.say("되돌아감", "Went back"), &stage.went_back, Some(p.guess))),
        Some((frame.say("건너뜀", "Skipped"), &stage.skipped, None)),
    ];
    let entered = stage.entered.value.unwrap_or(0.0);
    let row = |(name, figure, color): (&str, &Figure, Option<Color>)| {
        let width = frame.inner();
        let mut block = Block::default();
        let value = vec![Run::new(frame.format.figure(figure, false), Style::bold(12.0, p.ink))];
        let end = block.pair(0.0, 0.0, width, &Run::new(name, Style::new(12.0, p.soft)), value);
        let area = Area { x: 0.0, y: end + 1.0, width, height: 3.0 };
        if let Some(color) = color {
            let share = if entered > 0.0 { figure.value.unwrap_or(0.0) / entered } else { 0.0 };
            block.bar(area, share, p.track, (color, 1.0));
        }
        block
    };
    rows.into_iter().flatten().map(row).collect()
}
