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
    let pages: Vec<_> = drawing.descendants().filter(|node| node.has_attribute("data-page")).collect();
    let mut document = Document::new();
    document.set_metadata(metadata(&drawing, paper));
    if pages.len() < 2 {
        add_page(&mut document, &Tree::from_xmltree(&drawing, &options())?, paper)?;
    } else {
        // Each page is read on its own, so that none carries the others' hidden content.
        let root = drawing.root_element();
        let length = |name| root.attribute(name).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        let (width, height) = (length("width"), length("height") / pages.len() as f64);
        for (index, page) in pages.iter().enumerate() {
            let (top, family) = (height * index as f64, font::FAMILY);
            let head = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
                 viewBox=\"0 {top} {width} {height}\" xml:space=\"preserve\" font-family=\"{family}\">"
            );
            let own = format!("{head}{}</svg>", &svg[page.range()]);
            add_page(&mut document, &Tree::from_str(&own, &options())?, paper)?;
        }
    }
    document.finish().map_err(|error| unwritable(format!("{error:?}")))
}

/// One page with a drawing scaled to its width.
fn add_page(document: &mut Document, tree: &Tree, paper: &Paper) -> Result<(), PrintError> {
    let (width, height) = (tree.size().width(), tree.size().height());
    let (page_width, page_height) = match paper.size.points() {
        None => (width * POINTS_PER_PIXEL, height * POINTS_PER_PIXEL),
        Some((page_width, page_height)) => (page_width as f32, page_height as f32),
    };
    let scale = (page_width / width).min(page_height / height);
    let wrong = || unwritable(format!("a drawing of {width}×{height} pixels"));
    let size = geom::Size::from_wh(width * scale, height * scale).ok_or_else(wrong)?;
    let settings = PageSettings::from_wh(page_width, page_height).ok_or_else(wrong)?;
    let mut sheet = document.start_page_with(settings);
    let mut surface = sheet.surface();
    surface.draw_svg(tree, size, SvgSettings::default()).ok_or_else(wrong)?;
    surface.finish();
    sheet.finish();
    Ok(())
}

fn unwritable(reason: String) -> PrintError {
    PrintError::Unwritable { format: "PDF", reason }
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
