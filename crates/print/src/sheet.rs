//! The sheet: the frame that all parts share, rows of stages × lanes, and how they are drawn.

use crate::draw::{Area, Block, Mark, Point, Run, Step, Stroke, Style, escape, px};
use crate::format::Format;
use crate::palette::Palette;
use crate::{Paper, fit, font};
use model::view::{Figure, MapView, StageView};
use model::{Lang, Text};
use std::fmt::Write as _;
use std::ops::Range;

/// The column of lane titles.
pub(crate) const TITLE_WIDTH: f64 = 148.0;
/// Space between a cell's edge and what stands in it: left and right, above and below.
const PAD_X: f64 = 12.0;
const PAD_Y: f64 = 11.0;
/// Space between two items of a cell.
const ITEM_GAP: f64 = 6.0;

/// What every part of the sheet needs to know.
pub(crate) struct Frame<'a> {
    pub view: &'a MapView,
    pub format: Format,
    pub palette: Palette,
    /// Width of a stage's column.
    pub column: f64,
    /// The stages that are drawn: all of them, or one band of a map that is too wide.
    pub band: Range<usize>,
}

impl Frame<'_> {
    /// One of two words, by language.
    pub(crate) fn say<'w>(&self, ko: &'w str, en: &'w str) -> &'w str {
        self.format.say(ko, en)
    }

    /// A text for the reader, cleaned.
    pub(crate) fn text(&self, text: &Text) -> String {
        font::clean(text.get(self.format.lang))
    }

    pub(crate) fn clean(&self, text: &str) -> String {
        font::clean(text)
    }

    /// Width of what stands in a cell.
    pub(crate) fn inner(&self) -> f64 {
        self.column - 2.0 * PAD_X
    }

    /// Width of what stands in the column of titles.
    pub(crate) fn title_width(&self) -> f64 {
        TITLE_WIDTH - 2.0 * (PAD_X + 2.0)
    }

    /// Whether a cell has room for a change beside a count.
    pub(crate) fn is_wide(&self) -> bool {
        self.column >= 220.0
    }

    pub(crate) fn map_width(&self) -> f64 {
        TITLE_WIDTH + self.column * self.band.len().max(1) as f64
    }

    /// The stages of the band with their index in the map.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (usize, &StageView)> {
        self.view.stages.iter().enumerate().skip(self.band.start).take(self.band.len())
    }

    /// Whether nothing follows a stage.
    pub(crate) fn is_last(&self, stage: usize) -> bool {
        stage + 1 == self.view.stages.len()
    }

    /// A lane's title with notes under it.
    pub(crate) fn title(&self, name: &str, notes: &[&str]) -> Block {
        let mut block = Block::default();
        let width = self.title_width();
        let mut y = block.paragraph(0.0, 1.0, width, name, Style::bold(12.0, self.palette.soft));
        for note in notes {
            y = block.paragraph(0.0, y, width, note, Style::new(11.0, self.palette.faint));
        }
        block
    }

    /// `▼ 0.5%p 나빠짐`, coloured by whether that is good; empty where there is nothing to compare with.
    pub(crate) fn delta(&self, figure: &Figure, size: f64, with_word: bool) -> Vec<Run> {
        let Some(delta) = self.format.delta(figure) else { return Vec::new() };
        let (color, word) = match delta.is_good {
            // What rests on too few people may be chance: it is neither better nor worse.
            _ if self.format.thin(figure).is_some() => (self.palette.soft, ""),
            Some(true) => (self.palette.good, self.say(" 좋아짐", " better")),
            Some(false) => (self.palette.bad, self.say(" 나빠짐", " worse")),
            None => (self.palette.soft, ""),
        };
        if delta.sign == 0 {
            let words = self.say("변화 없음", "no change");
            return vec![Run::new(words, Style::new(size, self.palette.soft))];
        }
        let arrow = if delta.sign > 0 { "▲" } else { "▼" };
        let mut runs = vec![Run::new(format!("{arrow}\u{a0}{}", delta.text), Style::new(size, color))];
        if with_word && !word.is_empty() {
            runs.push(Run::new(word, Style::new(size, color)));
        }
        runs
    }
}

/// A row of the map.
#[derive(Clone)]
pub(crate) struct Row {
    /// Key of the lane, or what the row is.
    pub name: String,
    /// Whether its first part stands on an earlier page.
    pub is_rest: bool,
    pub title: Block,
    pub body: Body,
}

/// What stands beside a row's title.
#[derive(Clone)]
pub(crate) enum Body {
    /// For each stage the items from top to bottom.
    Cells(Vec<Vec<Block>>),
    /// One drawing over all stages.
    Wide(Block),
}

impl Row {
    pub(crate) fn height(&self) -> f64 {
        let body = match &self.body {
            Body::Wide(block) => block.height,
            Body::Cells(cells) => {
                cells.iter().map(|items| stack_height(items)).fold(0.0, f64::max) + 2.0 * PAD_Y
            }
        };
        body.max(self.title.height + 2.0 * PAD_Y).max(36.0).ceil()
    }

    /// Cuts a row so that its first part is at most `room` high; the rest goes on to the next page.
    pub(crate) fn split(self, frame: &Frame, room: f64) -> Result<(Self, Self), Self> {
        let fits = room - 2.0 * PAD_Y;
        let Body::Cells(cells) = &self.body else { return Err(self) };
        if self.title.height > fits {
            return Err(self);
        }
        let kept = |items: &Vec<Block>| {
            (0..=items.len()).rev().find(|n| stack_height(&items[..*n]) <= fits).unwrap_or(0)
        };
        let counts: Vec<usize> = cells.iter().map(kept).collect();
        if counts.iter().sum::<usize>() == 0 {
            return Err(self);
        }
        let part = |range: &dyn Fn(&Vec<Block>, usize) -> Vec<Block>| {
            Body::Cells(cells.iter().zip(&counts).map(|(items, n)| range(items, *n)).collect())
        };
        let (first, rest) = (part(&|items, n| items[..n].to_vec()), part(&|items, n| items[n..].to_vec()));
        let mut title = self.title.clone();
        if !self.is_rest {
            let words = frame.say("(이어서)", "(continued)");
            title.paragraph(
                0.0,
                title.height,
                frame.title_width(),
                words,
                Style::new(11.0, frame.palette.faint),
            );
        }
        let rest = Self { name: self.name.clone(), is_rest: true, title, body: rest };
        Ok((Self { body: first, ..self }, rest))
    }
}

fn stack_height(items: &[Block]) -> f64 {
    items.iter().map(|item| item.height + ITEM_GAP).sum::<f64>()
        - if items.is_empty() { 0.0 } else { ITEM_GAP }
}

/// Where a block stands on the sheet.
pub(crate) struct Placed {
    pub at: Point,
    pub block: Block,
    /// The cell it belongs to: row, column (0 is the title) and the cell's area; none outside the map.
    pub cell: Option<(String, usize, Area)>,
}

impl Placed {
    /// The page it stands on.
    fn page(&self, page_height: f64) -> usize {
        (self.at.1 / page_height) as usize
    }

    fn write(&self, svg: &mut String) {
        let cell = self.cell.as_ref().map_or_else(String::new, |(row, column, _)| {
            format!(" data-row=\"{}\" data-column=\"{column}\"", escape(row))
        });
        let (x, y) = (px(self.at.0), px(self.at.1));
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\"{cell}>");
        self.block.write(svg);
        svg.push_str("</g>\n");
    }
}

/// A finished layout: pages of equal height on top of each other.
pub(crate) struct Sheet {
    pub width: f64,
    pub height: f64,
    pub n_pages: usize,
    pub placed: Vec<Placed>,
}

/// Draws a map as SVG.
pub(crate) fn draw(view: &MapView, paper: &Paper) -> String {
    let sheet = fit::lay_out(view, paper);
    let palette = Palette::new(paper.theme, paper.size);
    let title = font::clean(view.name.get(paper.lang));
    let lang = if paper.lang == Lang::Ko { "ko" } else { "en" };
    let (width, height) = (px(sheet.width), px(sheet.height));
    let page_height = sheet.height / sheet.n_pages as f64;
    let mut svg = String::with_capacity(64 * 1024);
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" xml:lang=\"{lang}\" xml:space=\"preserve\" \
         font-family=\"{}, sans-serif\" role=\"img\">",
        font::FAMILY
    );
    let _ = writeln!(svg, "<title>{}</title>", escape(&title));
    for page in 0..sheet.n_pages {
        let (top, paper, fill) = (px(page_height * page as f64), px(page_height), palette.paper);
        let _ = writeln!(svg, "<g data-page=\"{}\">", page + 1);
        let _ = writeln!(svg, "<rect y=\"{top}\" width=\"{width}\" height=\"{paper}\" fill=\"{fill}\"/>");
        for placed in sheet.placed.iter().filter(|placed| placed.page(page_height) == page) {
            placed.write(&mut svg);
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

impl Sheet {
    pub(crate) fn put(&mut self, at: Point, block: Block) {
        self.placed.push(Placed { at, block, cell: None });
    }

    /// Draws the card with its lines and the rows in it; returns where it ends.
    pub(crate) fn put_rows(&mut self, frame: &Frame, (x, top): Point, rows: Vec<Row>) -> f64 {
        let heights: Vec<f64> = rows.iter().map(Row::height).collect();
        let size = (frame.map_width(), heights.iter().sum::<f64>());
        self.put((x, top), grid(frame, size, &heights, &rows));
        let mut y = top;
        for (row, height) in rows.into_iter().zip(heights) {
            let title = Area { x, y, width: TITLE_WIDTH, height };
            self.put_in(&row.name, 0, title, (PAD_X + 2.0, PAD_Y), row.title);
            match row.body {
                Body::Wide(block) => {
                    let width = frame.map_width() - TITLE_WIDTH;
                    let area = Area { x: x + TITLE_WIDTH, y, width, height };
                    let dy = ((height - block.height) / 2.0).floor();
                    self.put_in(&row.name, 1, area, (0.0, dy), block);
                }
                Body::Cells(cells) => {
                    for (index, items) in cells.into_iter().enumerate() {
                        let left = x + TITLE_WIDTH + frame.column * index as f64;
                        let area = Area { x: left, y, width: frame.column, height };
                        let mut dy = PAD_Y;
                        for item in items {
                            let next = dy + item.height + ITEM_GAP;
                            self.put_in(&row.name, index + 1, area, (PAD_X, dy), item);
                            dy = next;
                        }
                    }
                }
            }
            y += height;
        }
        y
    }

    fn put_in(&mut self, row: &str, column: usize, area: Area, by: Point, block: Block) {
        let at = (area.x + by.0, area.y + by.1);
        self.placed.push(Placed { at, block, cell: Some((row.to_owned(), column, area)) });
    }
}

/// The card behind the rows: a tinted column of titles, hairlines, a rounded edge.
fn grid(frame: &Frame, (width, height): Point, heights: &[f64], rows: &[Row]) -> Block {
    const RADIUS: f64 = 12.0;
    let p = &frame.palette;
    let mut block = Block::default();
    let area = Area { x: 0.5, y: 0.5, width: width - 1.0, height: height - 1.0 };
    block.rect(area, RADIUS, Some(p.card), None);
    let bend = RADIUS * 0.448; // A quarter circle as a curve.
    let steps = vec![
        Step::Move((RADIUS, 0.5)),
        Step::Line((TITLE_WIDTH, 0.5)),
        Step::Line((TITLE_WIDTH, height - 0.5)),
        Step::Line((RADIUS, height - 0.5)),
        Step::Curve((bend, height - 0.5), (0.5, height - bend), (0.5, height - RADIUS)),
        Step::Line((0.5, RADIUS)),
        Step::Curve((0.5, bend), (bend, 0.5), (RADIUS, 0.5)),
        Step::Close,
    ];
    block.marks.push(Mark::Path { steps, fill: Some(p.lane), opacity: 1.0, stroke: None });
    let mut line =
        |from, to, color| block.marks.push(Mark::Line { from, to, stroke: Stroke::new(color, 1.0) });
    let mut y = 0.0;
    for (row, height) in rows.iter().zip(heights) {
        if let Body::Cells(cells) = &row.body {
            for index in 1..cells.len() {
                let x = TITLE_WIDTH + frame.column * index as f64 - 0.5;
                line((x, y), (x, y + height), p.line_soft);
            }
        }
        y += height;
    }
    let mut y = 0.0;
    for height in &heights[..heights.len().saturating_sub(1)] {
        y += height;
        line((0.5, y - 0.5), (width - 0.5, y - 0.5), p.line);
    }
    line((TITLE_WIDTH - 0.5, 0.5), (TITLE_WIDTH - 0.5, height - 0.5), p.line);
    block.rect(area, RADIUS, None, Some(Stroke::new(p.line, 1.0)));
    block
}

#[cfg(test)]
mod tests;
