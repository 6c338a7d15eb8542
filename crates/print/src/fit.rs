//! How a map fills its paper: the width of its columns, bands of stages, and pages.

use crate::draw::{Block, Mark};
use crate::format::Format;
use crate::palette::Palette;
use crate::sheet::{Body, Frame, Row, Sheet, TITLE_WIDTH};
use crate::{Paper, font, foot, head, lanes, stages};
use model::view::MapView;
use std::collections::VecDeque;

/// White space around the map.
const MARGIN: f64 = 36.0;
/// The narrowest column that still reads well, in pixels, and the one of a poster.
const COLUMN_MIN: f64 = 164.0;
const COLUMN_NATURAL: f64 = 232.0;
/// A map of few stages is not squeezed below this.
const MAP_WIDTH_MIN: f64 = 860.0;
/// And one of many lanes is not spread beyond this, unless its stages need it.
const MAP_WIDTH_MAX: f64 = 1_900.0;
/// Below this many points to a pixel, cards are under 4.3 points: the map goes on to a second page.
const POINTS_PER_PIXEL_MIN: f64 = 0.33;
/// Stages that stand beside each other before a second band under the first is tried.
const BAND_STAGES_MIN: usize = 5;
const HEAD_GAP: f64 = 20.0;
const AGAIN_GAP: f64 = 10.0;
const BAND_GAP: f64 = 16.0;
const FOOT_GAP: f64 = 12.0;

/// A map to be laid out on pages of one proportion.
struct Fit<'a> {
    view: &'a MapView,
    paper: &'a Paper,
    page: (f64, f64),
}

/// Head, the rows of each band with its frame, and foot.
struct Content<'a> {
    head: Block,
    bands: Vec<(Frame<'a>, Vec<Row>)>,
    foot: Block,
}

/// Lays a map out for a paper.
pub(crate) fn lay_out(view: &MapView, paper: &Paper) -> Sheet {
    let n_stages = view.stages.len().max(1);
    let natural = COLUMN_NATURAL.max((1_308.0 - TITLE_WIDTH) / n_stages as f64);
    let Some(page) = paper.size.points() else {
        return Content::new(view, paper, natural, n_stages).on_one_page(None);
    };
    let fit = Fit { view, paper, page };
    // A map of many stages may be larger in two bands, one under the other; a band more must be worth its break.
    let (mut points, mut column, mut n_columns) = fit.best_column(n_stages);
    for n_bands in 2..=n_stages.div_ceil(BAND_STAGES_MIN) {
        let tried = fit.best_column(n_stages.div_ceil(n_bands));
        if tried.0 > points * 1.12 {
            (points, column, n_columns) = tried;
        }
    }
    let aspect = page.0 / page.1;
    if points < POINTS_PER_PIXEL_MIN {
        // As many columns as are readable on the width of a page; the rest follows on the next pages.
        let room = page.0 / POINTS_PER_PIXEL_MIN / 1.1 - 2.0 * MARGIN - TITLE_WIDTH;
        let n_columns = n_stages.div_ceil(n_stages.div_ceil(((room / COLUMN_MIN) as usize).max(1)));
        let column = (1_308.0 - TITLE_WIDTH) / n_columns as f64;
        let content = Content::new(view, paper, column.clamp(COLUMN_MIN, 300.0), n_columns);
        if let Some(sheet) = content.on_pages(aspect) {
            return sheet;
        }
    }
    Content::new(view, paper, column, n_columns).on_one_page(Some(aspect))
}

impl Fit<'_> {
    /// The column width at which `n_columns` beside each other fill the page, and the points to a pixel it gives.
    fn best_column(&self, n_columns: usize) -> (f64, f64, usize) {
        let at = |width: f64| COLUMN_MIN.max((width - TITLE_WIDTH) / n_columns as f64);
        let (mut low, mut high) = (at(MAP_WIDTH_MIN), at(MAP_WIDTH_MAX));
        let points = |column: f64| {
            let content = Content::new(self.view, self.paper, column, n_columns);
            let (width, height) = content.size();
            (self.page.0 / width, self.page.1 / height)
        };
        // Wider columns make a lower map, so the width whose map has the page's proportions is found by halving.
        let is_tall = |column: f64| {
            let (across, down) = points(column);
            across > down
        };
        if is_tall(high) {
            low = high;
        }
        while high - low > 4.0 {
            let middle = (low + high) / 2.0;
            if is_tall(middle) { low = middle } else { high = middle }
        }
        let (across, down) = points(high);
        (across.min(down), high, n_columns)
    }
}

impl<'a> Content<'a> {
    fn new(view: &'a MapView, paper: &Paper, column: f64, n_columns: usize) -> Self {
        let n_stages = view.stages.len();
        let bands = (0..n_stages.max(1)).step_by(n_columns.max(1)).map(|start| {
            let frame = Frame {
                view,
                format: Format::new(paper.lang, &view.currency),
                palette: Palette::new(paper.theme, paper.size),
                column: column.floor(),
                band: start..n_stages.min(start + n_columns),
            };
            let rows = std::iter::once(stages::row(&frame));
            let rows = rows.chain(view.lanes.iter().map(|lane| lanes::row(&frame, lane))).collect();
            (frame, rows)
        });
        let bands: Vec<(Frame, Vec<Row>)> = bands.collect();
        let first = &bands[0].0; // There is a band even without a stage.
        let head = head::block(first, first.map_width());
        let foot = foot::block(first, first.map_width(), &missing(&head, &bands));
        Self { head, bands, foot }
    }

    fn width(&self) -> f64 {
        self.bands[0].0.map_width()
    }

    /// The size of a sheet that holds everything.
    fn size(&self) -> (f64, f64) {
        let rows: f64 = self.bands.iter().flat_map(|band| &band.1).map(Row::height).sum();
        let gaps = HEAD_GAP + BAND_GAP * (self.bands.len() - 1) as f64 + FOOT_GAP;
        (self.width() + 2.0 * MARGIN, self.head.height + rows + gaps + self.foot.height + 2.0 * MARGIN)
    }

    /// Everything on one sheet, padded to the proportions of the page where there is one.
    fn on_one_page(self, aspect: Option<f64>) -> Sheet {
        let (own_width, own_height) = self.size();
        let (width, height) = match aspect {
            Some(aspect) if own_width / own_height < aspect => (own_height * aspect, own_height),
            Some(aspect) => (own_width, own_width / aspect),
            None => (own_width, own_height),
        };
        let x = ((width - self.width()) / 2.0).floor();
        let mut sheet = Sheet { width, height, n_pages: 1, placed: Vec::new() };
        let mut y = MARGIN + self.head.height + HEAD_GAP;
        sheet.put((x, MARGIN), self.head);
        for (frame, rows) in self.bands {
            y = sheet.put_rows(&frame, (x, y), rows) + BAND_GAP;
        }
        sheet.put((x, y - BAND_GAP + FOOT_GAP), self.foot);
        sheet
    }

    /// The map on several pages on top of each other, each band from a page of its own; none where the head, the
    /// foot or one item is higher than a page.
    fn on_pages(self, aspect: f64) -> Option<Sheet> {
        let width = self.width() + 2.0 * MARGIN;
        let page_height = width / aspect;
        let bottom = page_height - MARGIN;
        let first = &self.bands[0].0;
        let again = MARGIN + head::again(first, self.width()).height + AGAIN_GAP;
        let mut y = MARGIN + self.head.height + HEAD_GAP;
        if y > bottom || self.foot.height > bottom - again {
            return None;
        }
        let mut pages: Vec<(usize, Vec<Row>)> = Vec::new();
        let mut frames = Vec::new();
        for (band, (frame, rows)) in self.bands.into_iter().enumerate() {
            if band > 0 {
                y = again;
            }
            pages.push((band, Vec::new()));
            y = paginate(&frame, band, rows, (y, again, bottom), &mut pages)?;
            frames.push(frame);
        }
        if y + FOOT_GAP + self.foot.height > bottom {
            pages.push((0, Vec::new()));
        }

        let n_pages = pages.len();
        let mut sheet = Sheet { width, height: page_height * n_pages as f64, n_pages, placed: Vec::new() };
        let (mut head, mut end_y) = (Some(self.head), 0.0);
        for (page, (band, rows)) in pages.into_iter().enumerate() {
            let (top, frame) = (page_height * page as f64, &frames[band]);
            let gap = if page == 0 { HEAD_GAP } else { AGAIN_GAP };
            let head = head.take().unwrap_or_else(|| head::again(&frames[0], frames[0].map_width()));
            let number = head::page_number(&frames[0], frames[0].map_width(), page + 1, n_pages);
            let y = top + MARGIN + head.height + gap;
            sheet.put((MARGIN, top + MARGIN), head);
            sheet.put((MARGIN, top + bottom + 6.0), number);
            end_y = if rows.is_empty() { y } else { sheet.put_rows(frame, (MARGIN, y), rows) };
        }
        sheet.put((MARGIN, end_y + FOOT_GAP), self.foot);
        Some(sheet)
    }
}

/// Adds the rows of a band to the last page and to as many more as they need; returns where the last one ends, or
/// none where one item is higher than a page. `y` is where the last page stands, `again` where a new one starts.
fn paginate(
    frame: &Frame,
    band: usize,
    rows: Vec<Row>,
    (mut y, again, bottom): (f64, f64, f64),
    pages: &mut Vec<(usize, Vec<Row>)>,
) -> Option<f64> {
    let names = stages::names(frame);
    let fresh = again + names.height();
    let mut queue = VecDeque::from(rows);
    while let Some(row) = queue.pop_front() {
        if y + row.height() <= bottom {
            y += row.height();
            pages.last_mut()?.1.push(row);
            continue;
        }
        let is_fresh = y == fresh || y == again;
        match row.split(frame, bottom - y) {
            Ok((first, rest)) => {
                pages.last_mut()?.1.push(first);
                queue.push_front(rest);
            }
            Err(_) if is_fresh => return None,
            Err(row) => queue.push_front(row),
        }
        pages.push((band, vec![names.clone()]));
        y = fresh;
    }
    Some(y)
}

/// The characters of the sheet that the fonts cannot draw.
fn missing(head: &Block, bands: &[(Frame, Vec<Row>)]) -> Vec<char> {
    let bodies = bands.iter().flat_map(|band| &band.1).flat_map(|row| match &row.body {
        Body::Wide(block) => vec![&row.title, block],
        Body::Cells(cells) => std::iter::once(&row.title).chain(cells.iter().flatten()).collect(),
    });
    let mut found = Vec::new();
    for block in std::iter::once(head).chain(bodies) {
        for mark in &block.marks {
            let Mark::Text { runs, .. } = mark else { continue };
            found.extend(runs.iter().flat_map(|run| run.text.chars()).filter(|c| font::is_missing(*c)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
