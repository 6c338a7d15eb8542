//! The emotion curve: what the team assumed against what was measured. A stage nobody measured breaks the line.

use crate::draw::{Anchor, Area, Block, Mark, Point, Run, Step, Stroke, Style, runs_width};
use crate::format::{THIN_N, fixed, signed, whole};
use crate::sheet::Frame;
use model::view::{Cell, EmotionView};

const HEIGHT: f64 = 150.0;
const ZERO_Y: f64 = 75.0;
/// Pixels of one step of the scale −2 … +2.
const STEP: f64 = 25.0;
/// From this difference on, the team's assumption is marked as wrong.
const GAP_MIN: f64 = 1.0;

/// What was measured in one stage.
#[derive(Clone, Copy)]
struct Measured {
    x: f64,
    value: f64,
    low: f64,
    high: f64,
    n: u64,
}

fn y_of(value: f64) -> f64 {
    ZERO_Y - value.clamp(-2.0, 2.0) * STEP
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// The two lines of the legend under the lane's title.
pub(crate) fn legend(frame: &Frame, title: &mut Block) {
    let (p, width) = (&frame.palette, frame.title_width());
    let small = Style::new(11.0, p.faint);
    let lines = [
        (frame.say("측정 (95% 구간)", "measured (95% interval)"), Stroke::new(p.real, 2.2)),
        (frame.say("팀의 가정", "team's assumption"), Stroke::dashed(p.guess, 1.8, "5 4")),
    ];
    for (words, stroke) in lines {
        let y = title.height + 3.0;
        title.marks.push(Mark::Line { from: (0.0, y + 8.0), to: (18.0, y + 8.0), stroke });
        title.paragraph(24.0, y, width - 24.0, words, small);
    }
}

/// The lane's drawing over all stages.
pub(crate) fn curve(frame: &Frame, cells: &[Cell]) -> Block {
    let (p, n_stages) = (&frame.palette, frame.band.len());
    let width = frame.column * n_stages as f64;
    let mut block = Block { height: HEIGHT, marks: Vec::new() };
    for step in [-2.0, -1.0, 0.0, 1.0, 2.0] {
        let color = if step == 0.0 { p.line_strong } else { p.line_soft };
        let (from, to) = ((0.0, y_of(step)), (width, y_of(step)));
        block.marks.push(Mark::Line { from, to, stroke: Stroke::new(color, 1.0) });
    }
    for (step, words) in [(2.0, frame.say("+2 좋음", "+2 good")), (-2.0, frame.say("−2 나쁨", "−2 bad"))]
    {
        let y = y_of(step) - if step > 0.0 { 17.0 } else { -1.0 };
        block.text(6.0, y, Anchor::Start, words, Style::new(11.0, p.faint));
    }
    let x_of = |index: usize| (index as f64 + 0.5) * frame.column;
    let views: Vec<Option<&EmotionView>> =
        frame.band.clone().map(|index| cells.get(index).and_then(|cell| cell.emotion.as_ref())).collect();
    let assumed: Vec<Option<Point>> = views
        .iter()
        .enumerate()
        .map(|(index, view)| {
            finite(view.and_then(|view| view.assumed)).map(|value| (x_of(index), y_of(value)))
        })
        .collect();
    let measured: Vec<Option<Measured>> = views
        .iter()
        .enumerate()
        .map(|(index, view)| {
            let figure = &view.as_ref()?.measured;
            let value = finite(figure.value)?;
            let (low, high) = (finite(figure.low).unwrap_or(value), finite(figure.high).unwrap_or(value));
            Some(Measured { x: x_of(index), value, low, high, n: figure.n })
        })
        .collect();

    for run in runs(&measured) {
        band(frame, &run, &mut block);
    }
    let dashed = Stroke::dashed(p.guess, 1.8, "5 5");
    for run in runs(&assumed) {
        smooth(&run, dashed, &mut block);
    }
    for run in runs(&measured) {
        let points: Vec<Point> = run.iter().map(|at| (at.x, y_of(at.value))).collect();
        if points.len() > 1 {
            smooth(&points, Stroke::new(p.real, 2.6), &mut block);
        }
    }
    for (index, view) in views.iter().enumerate() {
        let assumed = finite(view.and_then(|view| view.assumed));
        match measured[index] {
            Some(at) => point(frame, at, assumed, &mut block),
            None => {
                let words = frame.say("측정 없음", "not measured");
                let y = if assumed.is_some_and(|value| value > -0.8 && value <= 0.4) {
                    y_of(-1.0)
                } else {
                    ZERO_Y
                };
                label(
                    frame,
                    (x_of(index), y - 8.0),
                    vec![Run::new(words, Style::new(11.0, p.faint))],
                    &mut block,
                );
            }
        }
    }
    block
}

/// The stretches of consecutive known values.
fn runs<T: Copy>(values: &[Option<T>]) -> Vec<Vec<T>> {
    let stretches = values.split(Option::is_none).filter(|run| !run.is_empty());
    stretches.map(|run| run.iter().flatten().copied().collect()).collect()
}

/// Steps through points with level tangents: the line never swings beyond what was measured.
fn through(points: &[Point]) -> impl Iterator<Item = Step> {
    points.windows(2).map(|pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let middle = (x0 + x1) / 2.0;
        Step::Curve((middle, y0), (middle, y1), (x1, y1))
    })
}

fn smooth(points: &[Point], stroke: Stroke, block: &mut Block) {
    let mut steps = vec![Step::Move(points[0])];
    if points.len() == 1 {
        // A lone value is a short level dash: there is nothing to join it with.
        let (x, y) = points[0];
        steps = vec![Step::Move((x - 26.0, y)), Step::Line((x + 26.0, y))];
    }
    steps.extend(through(points));
    block.marks.push(Mark::Path { steps, fill: None, opacity: 1.0, stroke: Some(stroke) });
}

/// The 95 % interval around a stretch, or a bar around a lone point.
fn band(frame: &Frame, run: &[Measured], block: &mut Block) {
    let top: Vec<Point> = run.iter().map(|at| (at.x, y_of(at.high))).collect();
    let mut bottom: Vec<Point> = run.iter().map(|at| (at.x, y_of(at.low))).collect();
    bottom.reverse();
    let mut steps = Vec::new();
    if let ([only], [low]) = (top.as_slice(), bottom.as_slice()) {
        let half = 9.0;
        steps.extend([
            Step::Move((only.0 - half, only.1)),
            Step::Line((only.0 + half, only.1)),
            Step::Line((low.0 + half, low.1)),
            Step::Line((low.0 - half, low.1)),
        ]);
    } else {
        steps.push(Step::Move(top[0]));
        steps.extend(through(&top));
        steps.push(Step::Line(bottom[0]));
        steps.extend(through(&bottom));
    }
    steps.push(Step::Close);
    block.marks.push(Mark::Path { steps, fill: Some(frame.palette.real), opacity: 0.13, stroke: None });
}

/// The dot, its value with n, and how far the assumption was off.
fn point(frame: &Frame, at: Measured, assumed: Option<f64>, block: &mut Block) {
    let p = &frame.palette;
    let color = if at.value < 0.0 { p.bad } else { p.real };
    let y = y_of(at.value);
    let gap = assumed.map(|assumed| at.value - assumed).filter(|gap| gap.abs() >= GAP_MIN);
    if let (Some(gap), Some(assumed)) = (gap, assumed) {
        mark_gap(frame, at, assumed, gap, block);
    }
    let is_thin = at.n < THIN_N;
    let ring = if is_thin { Stroke::dashed(color, 2.0, "2.4 2") } else { Stroke::new(color, 2.4) };
    block.marks.push(Mark::Circle { center: (at.x, y), radius: 5.0, fill: p.card, stroke: Some(ring) });

    let note = if is_thin { frame.format.thin_note(at.n) } else { format!("n {}", whole(at.n as f64, 0)) };
    let mut value = vec![Run::new(signed(at.value, 1), Style::bold(12.0, color))];
    let note = Run::new(note, Style::new(11.0, if is_thin { p.guess } else { p.soft }));
    let one_line = value[0].style.width(&value[0].text) + 6.0 + note.style.width(&note.text);
    let fits = one_line <= frame.column - 12.0;
    // The label stands on the side where the other curve is not.
    let is_above = assumed.map_or(at.value >= 0.0, |assumed| at.value >= assumed);
    let is_above = (is_above && y > 32.0) || y > HEIGHT - 34.0;
    let top = if is_above { y - 27.0 } else { y + 9.0 };
    if fits {
        value.push(Run::new(" ", note.style));
        value.push(note);
        label(frame, (at.x, top), value, block);
    } else {
        let width = frame.column - 8.0;
        let lines = note.style.wrap(&note.text, width);
        let n_lines = lines.len() as f64;
        let top = if is_above { (top - 15.0 * n_lines).max(1.0) } else { top };
        label(frame, (at.x, top), value, block);
        for (index, line) in lines.into_iter().enumerate() {
            let at = (at.x, top + 16.0 + 15.0 * index as f64);
            label(frame, at, vec![Run::new(line, note.style)], block);
        }
    }
}

fn mark_gap(frame: &Frame, at: Measured, assumed: f64, gap: f64, block: &mut Block) {
    let p = &frame.palette;
    let (from, to) = (y_of(assumed), y_of(at.value));
    let color = if gap < 0.0 { p.bad } else { p.real };
    let toward = (to - from).signum();
    let (start, end) = ((at.x, from + 4.0 * toward), (at.x, to - 7.0 * toward));
    block.marks.push(Mark::Line { from: start, to: end, stroke: Stroke::dashed(color, 1.0, "2 3") });
    let size = fixed(gap.abs(), 1);
    let words = match (frame.format.lang, gap < 0.0) {
        (model::Lang::Ko, true) => format!("가정보다 {size} 낮음"),
        (model::Lang::Ko, false) => format!("가정보다 {size} 높음"),
        (model::Lang::En, true) => format!("{size} below assumed"),
        (model::Lang::En, false) => format!("{size} above assumed"),
    };
    let style = Style::new(11.0, color);
    let room = frame.column / 2.0 - 12.0;
    let middle = (from + to) / 2.0;
    let lines = style.wrap(&words, room);
    let top = middle - 8.0 * lines.len() as f64;
    for (index, line) in lines.into_iter().enumerate() {
        let width = style.width(&line);
        let y = top + 16.0 * index as f64;
        let area = Area { x: at.x + 5.0, y: y + 1.0, width: width + 6.0, height: 15.0 };
        block.marks.push(Mark::Rect { area, radius: 3.0, fill: Some(p.card), opacity: 1.0, stroke: None });
        block.text(at.x + 8.0, y, Anchor::Start, line, style);
    }
}

/// Centred words on a patch of the card's colour, so that lines behind do not cross them.
fn label(frame: &Frame, (x, top): Point, runs: Vec<Run>, block: &mut Block) {
    let width = runs_width(&runs);
    let top = top.clamp(0.0, HEIGHT - 18.0);
    let area = Area { x: x - width / 2.0 - 3.0, y: top + 2.0, width: width + 6.0, height: 15.0 };
    block.marks.push(Mark::Rect {
        area,
        radius: 3.0,
        fill: Some(frame.palette.card),
        opacity: 1.0,
        stroke: None,
    });
    block.line(x, top, Anchor::Middle, runs);
}
