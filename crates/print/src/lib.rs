//! The map on paper: SVG, PNG and PDF of a [`MapView`], the same on every machine.
//!
//! [`svg`] is pure layout: it reads a view and writes a drawing, with no I/O, no clock and only the bundled fonts.
//! [`png`] and [`pdf`] turn that drawing into files; text in a PDF stays text, so that it can be searched and copied.

mod draw;
mod emotion;
mod figures;
mod fit;
mod font;
mod foot;
mod format;
mod head;
mod lanes;
mod page;
mod palette;
mod sheet;
mod stages;

use model::Lang;
use model::view::MapView;

/// On what, and for whom, a map is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Paper {
    /// The language of the words around what the team wrote.
    pub lang: Lang,
    /// The size of the sheet.
    pub size: Size,
    /// Light for paper; dark for a screen or a slide.
    pub theme: Theme,
}

/// Sizes of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Size {
    /// ISO A4, landscape.
    #[default]
    A4,
    /// ISO A3, landscape.
    A3,
    /// As large as the map itself, at 96 pixels to the inch.
    Poster,
}

impl Size {
    /// The width and height of a page in points of 1/72 inch; none for a poster, whose map decides.
    pub fn points(self) -> Option<(f64, f64)> {
        match self {
            Self::A4 => Some((841.89, 595.28)),
            Self::A3 => Some((1190.55, 841.89)),
            Self::Poster => None,
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark ink on light paper.
    #[default]
    Light,
    /// Light ink on dark paper.
    Dark,
}

/// Why a drawing became no file.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// What was given is no drawing of [`svg`]: a bug of the caller.
    #[error("this is not an SVG drawing")]
    Unreadable(#[from] usvg::Error),
    /// Choose a smaller scale.
    #[error(
        "a picture of {width}×{height} pixels is larger than {pixels_max} pixels: choose a smaller scale"
    )]
    TooLarge {
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
        /// The limit on their product.
        pixels_max: u64,
    },
    /// The file could not be written: a bug of ours.
    #[error("could not write the {format}: {reason}")]
    Unwritable {
        /// `PNG` or `PDF`.
        format: &'static str,
        /// What the library said.
        reason: String,
    },
}

/// Draws a map.
///
/// * Shape: one `<svg>` of stages × lanes. For A4 and A3 its width and height have the proportions of the page, or of
///   several pages on top of each other where the map would be too small to read on one.
/// * Text: whatever people wrote is escaped, wrapped and shown whole; rows grow with it. Characters that the bundled
///   fonts lack are counted in the foot.
/// * Numbers: written as in the app; what was not measured is “–”, and estimates on fewer than 30 people say so.
/// * Errors: none; any view is drawn. The same view and paper give the same bytes.
/// * Cost: linear in the text of the view, a few layouts to find the width that fills the page.
pub fn svg(view: &MapView, paper: &Paper) -> String {
    sheet::draw(view, paper)
}

/// Renders a drawing of [`svg`] as a PNG of `scale` pixels to its pixel, at most 64 million pixels.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PrintError> {
    page::png(svg, scale)
}

/// Writes a drawing of [`svg`] as a PDF with embedded fonts and real text: one page, or as many as [`svg`] laid out.
///
/// The page has the size of `paper`; a poster's page is 0.75 points to each pixel of the drawing.
pub fn pdf(svg: &str, paper: &Paper) -> Result<Vec<u8>, PrintError> {
    page::pdf(svg, paper)
}
