//! Drawings as files: PNG by resvg, PDF by krilla. Neither reads a file or asks the network.

use crate::{Paper, PrintError, font};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::{Document, geom};
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::tiny_skia::{Pixmap, Transform};
use usvg::{ImageHrefResolver, Options, Tree, roxmltree};

/// 256 MB of pixels.
const PIXELS_MAX: u64 = 64_000_000;
/// Points of 1/72 inch to a pixel of 1/96 inch.
const POINTS_PER_PIXEL: f32 = 0.75;

/// Options under which a drawing sees only the bundled fonts, and no pictures: it could otherwise name local files.
fn options() -> Options<'static> {
    Options {
        fontdb: font::database(),
        font_family: font::FAMILY.to_owned(),
        languages: vec!["ko".to_owned(), "en".to_owned()],
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

pub(crate) fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PrintError> {
    let tree = Tree::from_str(svg, &options())?;
    let size = tree.size();
    let pixels = |length: f32| (length * scale).round().max(1.0) as u64;
    let (width, height) = (pixels(size.width()), pixels(size.height()));
    let too_large = || PrintError::TooLarge { width, height, pixels_max: PIXELS_MAX };
    if width.saturating_mul(height) > PIXELS_MAX {
        return Err(too_large());
    }
    let (across, down) = (u32::try_from(width), u32::try_from(height));
    let (Ok(across), Ok(down)) = (across, down) else { return Err(too_large()) };
    let mut pixmap = Pixmap::new(across, down).ok_or_else(too_large)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let encoded = pixmap.encode_png();
    encoded.map_err(|error| PrintError::Unwritable { format: "PNG", reason: error.to_string() })
}

pub(crate) fn pdf(svg: &str, paper: &Paper) -> Result<Vec<u8>, PrintError> {
    let drawing = roxmltree::Document::parse(svg).map_err(usvg::Error::ParsingFailed)?;
    let tree = Tree::from_xmltree(&drawing, &options())?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let (page_width, page_height, scale) = match paper.size.points() {
        None => (width * POINTS_PER_PIXEL, height * POINTS_PER_PIXEL, POINTS_PER_PIXEL),
        Some((page_width, page_height)) => {
            let (page_width, page_height) = (page_width as f32, page_height as f32);
            (page_width, page_height, page_width / width)
        }
    };
    // `svg` lays pages on top of each other, each with the proportions of the paper.
    let n_pages = (height * scale / page_height).round().max(1.0) as usize;
    let unwritable = |reason: String| PrintError::Unwritable { format: "PDF", reason };
    let size = geom::Size::from_wh(width * scale, height * scale);
    let size = size.ok_or_else(|| unwritable(format!("a drawing of {width}×{height} pixels")))?;
    let mut document = Document::new();
    document.set_metadata(metadata(&drawing, paper));
    for page in 0..n_pages {
        let settings = PageSettings::from_wh(page_width, page_height);
        let settings =
            settings.ok_or_else(|| unwritable(format!("a page of {page_width}×{page_height} points")))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        surface.push_transform(&geom::Transform::from_translate(0.0, -(page as f32) * page_height));
        let drawn = surface.draw_svg(&tree, size, SvgSettings::default());
        drawn.ok_or_else(|| unwritable("the drawing could not be placed".to_owned()))?;
        surface.pop();
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| unwritable(format!("{error:?}")))
}

/// The title of the drawing, so that readers and search engines know what the file is. No dates: same map, same bytes.
fn metadata(drawing: &roxmltree::Document, paper: &Paper) -> Metadata {
    let title = drawing.descendants().find(|node| node.has_tag_name("title")).and_then(|node| node.text());
    let language = match paper.lang {
        model::Lang::Ko => "ko-KR",
        model::Lang::En => "en",
    };
    let metadata = Metadata::new().language(language.to_owned()).creator("Gilmok".to_owned());
    match title {
        Some(title) => metadata.title(title.to_owned()),
        None => metadata,
    }
}
