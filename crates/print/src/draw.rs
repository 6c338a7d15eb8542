//! Marks on paper, blocks of them, and how they are written as SVG.

use crate::font::{self, Weight};
use crate::palette::Color;
use std::fmt::Write as _;

/// How a run of text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub size: f64,
    pub weight: Weight,
    pub color: Color,
}

impl Style {
    pub(crate) fn new(size: f64, color: Color) -> Self {
        Self { size, weight: Weight::Regular, color }
    }

    pub(crate) fn bold(size: f64, color: Color) -> Self {
        Self { size, weight: Weight::SemiBold, color }
    }

    pub(crate) fn width(&self, text: &str) -> f64 {
        font::width(text, self.size, self.weight)
    }

    pub(crate) fn wrap(&self, text: &str, width: f64) -> Vec<String> {
        font::wrap(text, self.size, self.weight, width)
    }

    /// The distance between baselines.
    pub(crate) fn leading(&self) -> f64 {
        if self.size >= 20.0 { self.size * 1.3 } else { (self.size * 1.5).round() }
    }

    /// From the top of a line to its baseline.
    fn baseline(&self) -> f64 {
        self.leading() / 2.0 + self.size * 0.355
    }
}

/// A piece of a line in one style.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    pub text: String,
    pub style: Style,
}

impl Run {
    pub(crate) fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// How wide runs are beside each other.
pub(crate) fn runs_width(runs: &[Run]) -> f64 {
    runs.iter().map(|run| run.style.width(&run.text)).sum()
}

/// Runs set smaller where they are wider than `max`: a number is never cut.
pub(crate) fn fitted(mut runs: Vec<Run>, max: f64) -> Vec<Run> {
    let width = runs_width(&runs);
    if width > max {
        runs.iter_mut().for_each(|run| run.style.size *= max / width);
    }
    runs
}

/// Which point of a line its `x` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line's colour, width and dashes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub color: Color,
    pub width: f64,
    pub dashes: &'static str,
}

impl Stroke {
    pub(crate) fn new(color: Color, width: f64) -> Self {
        Self { color, width, dashes: "" }
    }

    pub(crate) fn dashed(color: Color, width: f64, dashes: &'static str) -> Self {
        Self { color, width, dashes }
    }
}

/// A rectangle of the drawing, in its own pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A point of the drawing.
pub(crate) type Point = (f64, f64);

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Move(Point),
    Line(Point),
    /// Two control points and the end.
    Curve(Point, Point, Point),
    Close,
}

/// One thing that is drawn.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    Text { x: f64, y: f64, anchor: Anchor, runs: Vec<Run> },
    Rect { area: Area, radius: f64, fill: Option<Color>, opacity: f64, stroke: Option<Stroke> },
    Line { from: Point, to: Point, stroke: Stroke },
    Path { steps: Vec<Step>, fill: Option<Color>, opacity: f64, stroke: Option<Stroke> },
    Circle { center: Point, radius: f64, fill: Color, stroke: Option<Stroke> },
}

/// Marks with their own origin and the height they need.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    pub height: f64,
    pub marks: Vec<Mark>,
}

impl Block {
    /// A line of runs with the top of the line at `y`; grows the block. Returns the width of the line.
    pub(crate) fn line(&mut self, x: f64, y: f64, anchor: Anchor, runs: Vec<Run>) -> f64 {
        let width = runs_width(&runs);
        let tallest = runs.iter().map(|run| run.style).max_by(|a, b| a.size.total_cmp(&b.size));
        let Some(style) = tallest.filter(|_| width > 0.0) else { return 0.0 };
        self.height = self.height.max(y + style.leading());
        self.marks.push(Mark::Text { x, y: y + style.baseline(), anchor, runs });
        width
    }

    /// One run on one line.
    pub(crate) fn text(
        &mut self,
        x: f64,
        y: f64,
        anchor: Anchor,
        text: impl Into<String>,
        style: Style,
    ) -> f64 {
        self.line(x, y, anchor, vec![Run::new(text, style)])
    }

    /// Wrapped lines; grows the block and returns where the next line would start.
    pub(crate) fn paragraph(&mut self, x: f64, y: f64, width: f64, text: &str, style: Style) -> f64 {
        let lines = style.wrap(text, width);
        for (index, line) in lines.iter().enumerate() {
            self.text(x, y + index as f64 * style.leading(), Anchor::Start, line.clone(), style);
        }
        let end = y + lines.len() as f64 * style.leading();
        self.height = self.height.max(end);
        end
    }

    /// Words on the left, wrapped, and a number on the right of their first line; under them where both do not fit.
    /// Returns where the next line would start.
    pub(crate) fn pair(&mut self, x: f64, y: f64, right: f64, words: &Run, number: Vec<Run>) -> f64 {
        const WORDS_MIN: f64 = 60.0;
        const GAP: f64 = 8.0;
        let number = fitted(number, right - x);
        let room = right - x - runs_width(&number) - GAP;
        let is_beside = room >= WORDS_MIN || words.style.width(&words.text) <= room;
        let end = self.paragraph(x, y, if is_beside { room } else { right - x }, &words.text, words.style);
        let leading = number.first().map_or(0.0, |run| run.style.leading());
        let number_y = if is_beside { y + (words.style.leading() - leading) / 2.0 } else { end };
        self.line(right, number_y, Anchor::End, number);
        end.max(number_y + leading)
    }

    pub(crate) fn rect(&mut self, area: Area, radius: f64, fill: Option<Color>, stroke: Option<Stroke>) {
        self.height = self.height.max(area.y + area.height);
        self.marks.push(Mark::Rect { area, radius, fill, opacity: 1.0, stroke });
    }

    /// A bar of which `share` is filled.
    pub(crate) fn bar(&mut self, area: Area, share: f64, track: Color, (fill, opacity): (Color, f64)) {
        let radius = area.height / 2.0;
        self.rect(area, radius, Some(track), None);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        // A sliver of a bar still says that there is somebody.
        let width = if share > 0.0 { (area.width * share).max(area.height).min(area.width) } else { 0.0 };
        if width > 0.0 {
            let area = Area { width, ..area };
            self.marks.push(Mark::Rect { area, radius, fill: Some(fill), opacity, stroke: None });
        }
    }

    /// Puts another block's marks into this one, moved.
    pub(crate) fn place(&mut self, dx: f64, dy: f64, other: Block) {
        self.height = self.height.max(dy + other.height);
        self.marks.extend(other.marks.into_iter().map(|mark| mark.moved(dx, dy)));
    }

    /// Puts marks behind those that are there.
    pub(crate) fn behind(&mut self, mark: Mark) {
        self.marks.insert(0, mark);
    }

    /// Appends the marks as SVG elements.
    pub(crate) fn write(&self, svg: &mut String) {
        for mark in &self.marks {
            mark.write(svg);
        }
    }
}

impl Mark {
    fn moved(mut self, dx: f64, dy: f64) -> Self {
        match &mut self {
            Self::Text { x, y, .. } => {
                *x += dx;
                *y += dy;
            }
            Self::Rect { area, .. } => {
                area.x += dx;
                area.y += dy;
            }
            Self::Line { from, to, .. } => {
                *from = (from.0 + dx, from.1 + dy);
                *to = (to.0 + dx, to.1 + dy);
            }
            Self::Path { steps, .. } => {
                let shift = |at: &mut Point| *at = (at.0 + dx, at.1 + dy);
                for step in steps {
                    match step {
                        Step::Move(to) | Step::Line(to) => shift(to),
                        Step::Curve(a, b, to) => [a, b, to].into_iter().for_each(shift),
                        Step::Close => {}
                    }
                }
            }
            Self::Circle { center, .. } => *center = (center.0 + dx, center.1 + dy),
        }
        self
    }

    /// What the mark covers, strokes left out.
    #[cfg(test)]
    pub(crate) fn bounds(&self) -> Area {
        match self {
            Self::Text { x, y, anchor, runs } => {
                let size = runs.iter().map(|run| run.style.size).fold(0.0, f64::max);
                let width = runs_width(runs);
                let x = match anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                Area { x, y: y - size * 0.75, width, height: size * 0.98 }
            }
            Self::Rect { area, .. } => *area,
            Self::Line { from, to, .. } => Area {
                x: from.0.min(to.0),
                y: from.1.min(to.1),
                width: (from.0 - to.0).abs(),
                height: (from.1 - to.1).abs(),
            },
            Self::Path { steps, .. } => {
                // Ends alone: the curves drawn here have level tangents, so they stay between their ends.
                let ends = steps.iter().filter_map(|step| match step {
                    Step::Move(to) | Step::Line(to) | Step::Curve(_, _, to) => Some(*to),
                    Step::Close => None,
                });
                let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
                for (x, y) in ends {
                    low = (low.0.min(x), low.1.min(y));
                    high = (high.0.max(x), high.1.max(y));
                }
                Area { x: low.0, y: low.1, width: high.0 - low.0, height: high.1 - low.1 }
            }
            Self::Circle { center, radius, .. } => {
                Area { x: center.0 - radius, y: center.1 - radius, width: radius * 2.0, height: radius * 2.0 }
            }
        }
    }

    fn write(&self, svg: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Text { x, y, anchor, runs, .. } => write_text(svg, (*x, *y), *anchor, runs),
            Self::Rect { area, radius, fill, opacity, stroke } => {
                let Area { x, y, width, height } = *area;
                let size = format!(
                    "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                    px(x),
                    px(y),
                    px(width),
                    px(height)
                );
                let round = if *radius > 0.0 { format!(" rx=\"{}\"", px(*radius)) } else { String::new() };
                let fill = shade(*fill, *opacity);
                writeln!(svg, "<rect {size}{round}{fill}{}/>", pen(stroke))
            }
            Self::Line { from, to, stroke } => {
                let ends = [from.0, from.1, to.0, to.1].map(px);
                let [x1, y1, x2, y2] = &ends;
                let pen = pen(&Some(*stroke));
                writeln!(svg, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{pen}/>")
            }
            Self::Path { steps, fill, opacity, stroke } => {
                let fill = shade(*fill, *opacity);
                writeln!(svg, "<path d=\"{}\"{fill}{}/>", path(steps), pen(stroke))
            }
            Self::Circle { center, radius, fill, stroke } => {
                let (x, y, r) = (px(center.0), px(center.1), px(*radius));
                writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{fill}\"{}/>", pen(stroke))
            }
        };
    }
}

fn shade(fill: Option<Color>, opacity: f64) -> String {
    let opacity = if opacity < 1.0 { format!(" fill-opacity=\"{}\"", px(opacity)) } else { String::new() };
    format!(" fill=\"{}\"{opacity}", fill.unwrap_or("none"))
}

fn write_text(svg: &mut String, at: Point, anchor: Anchor, runs: &[Run]) -> std::fmt::Result {
    let anchor = match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    write!(svg, "<text x=\"{}\" y=\"{}\"{anchor}", px(at.0), px(at.1))?;
    if let [run] = runs {
        writeln!(svg, "{}>{}</text>", face(run.style), escape(&run.text))
    } else {
        svg.push('>');
        for run in runs {
            write!(svg, "<tspan{}>{}</tspan>", face(run.style), escape(&run.text))?;
        }
        svg.push_str("</text>\n");
        Ok(())
    }
}

fn face(style: Style) -> String {
    let weight = if style.weight == Weight::SemiBold { " font-weight=\"600\"" } else { "" };
    format!(" font-size=\"{}\"{weight} fill=\"{}\"", px(style.size), style.color)
}

fn pen(stroke: &Option<Stroke>) -> String {
    let Some(Stroke { color, width, dashes }) = stroke else { return String::new() };
    let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
    format!(" stroke=\"{color}\" stroke-width=\"{}\"{dashes}", px(*width))
}

/// A coordinate with at most two decimals, so that drawings are small and equal on every machine.
pub(crate) fn px(value: f64) -> String {
    let value = (value * 100.0).round() / 100.0;
    if value == 0.0 { "0".to_owned() } else { value.to_string() }
}

fn path(steps: &[Step]) -> String {
    let mut out = String::new();
    let mut write = |letter: &str, points: &[Point]| {
        out.push_str(letter);
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", px(*x), px(*y))).collect();
        out.push_str(&points.join(" "));
    };
    for step in steps {
        match step {
            Step::Move(to) => write("M", &[*to]),
            Step::Line(to) => write("L", &[*to]),
            Step::Curve(a, b, to) => write("C", &[*a, *b, *to]),
            Step::Close => write("Z", &[]),
        }
    }
    out
}

/// Text as it may stand in XML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
