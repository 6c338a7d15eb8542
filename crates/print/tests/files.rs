//! The files that leave the house: a PNG of the promised size, PDFs of the promised pages with text in them.

use model::Lang;
use model::view::MapView;
use print::{Paper, PrintError, Size, Theme};
use std::io::Write as _;
use std::process::{Command, Stdio};

fn gift() -> MapView {
    serde_json::from_str(include_str!("fixtures/gift.json")).unwrap()
}

fn paper(lang: Lang, size: Size) -> Paper {
    Paper { lang, size, theme: Theme::Light }
}

/// Width and height of the drawing, in its pixels.
fn svg_size(svg: &str) -> (f64, f64) {
    let number = |name: &str| -> f64 {
        let rest = svg.split_once(&format!("{name}=\"")).unwrap().1;
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    (number("width"), number("height"))
}

/// What a program says about a file given by standard input; none where the program is not installed.
fn ask(program: &str, arguments: &[&str], file: &[u8]) -> Option<String> {
    let mut child = match Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: {program} is not here ({error})");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(file).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn media_box(pdf: &[u8]) -> Vec<f64> {
    let text = String::from_utf8_lossy(pdf);
    let rest = text.split_once("/MediaBox").unwrap().1;
    let inside = rest.split_once('[').unwrap().1.split_once(']').unwrap().0;
    inside.split_whitespace().map(|number| number.parse().unwrap()).collect()
}

#[test]
fn a_png_has_the_size_of_its_drawing() {
    let svg = print::svg(&gift(), &paper(Lang::Ko, Size::A4));
    let (width, height) = svg_size(&svg);
    for scale in [0.25, 0.5] {
        let png = print::png(&svg, scale).unwrap();
        let scale = f64::from(scale);
        let pixmap = resvg::tiny_skia::Pixmap::decode_png(&png).unwrap();
        let want = ((width * scale).round(), (height * scale).round());
        assert_eq!((f64::from(pixmap.width()), f64::from(pixmap.height())), want);
        let inked = pixmap.pixels().iter().filter(|pixel| pixel.red() < 128).count();
        assert!(inked * 200 > pixmap.pixels().len(), "the page is nearly empty: {inked} dark pixels");
    }
    assert!(matches!(print::png(&svg, 100.0), Err(PrintError::TooLarge { .. })));
    assert!(matches!(print::png("<svg", 1.0), Err(PrintError::Unreadable(_))));
}

#[test]
fn a_pdf_has_the_size_of_its_paper() {
    for (size, want) in [(Size::A4, [841.89, 595.28]), (Size::A3, [1190.55, 841.89])] {
        let paper = paper(Lang::Ko, size);
        let pdf = print::pdf(&print::svg(&gift(), &paper), &paper).unwrap();
        let found = media_box(&pdf);
        assert!((found[2] - want[0]).abs() < 0.01 && (found[3] - want[1]).abs() < 0.01, "{found:?}");
    }
    let poster = paper(Lang::En, Size::Poster);
    let svg = print::svg(&gift(), &poster);
    let found = media_box(&print::pdf(&svg, &poster).unwrap());
    let (width, height) = svg_size(&svg);
    assert!((found[2] - width * 0.75).abs() < 0.1 && (found[3] - height * 0.75).abs() < 0.1, "{found:?}");
}

#[test]
fn text_in_a_pdf_is_text() {
    for (lang, wanted) in [
        (
            Lang::Ko,
            [
                "선물 구매 여정",
                "“리뷰가 진짜야?”",
                "가정보다 2.3 낮음",
                "₩4,120만",
                "n 22: 판단하기 이릅니다",
            ],
        ),
        (
            Lang::En,
            [
                "Buying a gift",
                "“Are the reviews real?”",
                "2.3 below assumed",
                "₩41.2M",
                "n 22: too few to judge",
            ],
        ),
    ] {
        let paper = paper(lang, Size::A4);
        let pdf = print::pdf(&print::svg(&gift(), &paper), &paper).unwrap();
        let raw = String::from_utf8_lossy(&pdf);
        assert!(
            raw.contains("/ToUnicode") && raw.contains("+Pretendard-Regular"),
            "fonts are not embedded as text"
        );
        let Some(text) = ask("pdftotext", &["-", "-"], &pdf) else { return };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in wanted {
            assert!(text.contains(words), "{words} is not in {text}");
        }
    }
}

/// Cards on the last page are there, and only there.
#[test]
fn a_long_map_has_pages_of_its_own() {
    let mut view = gift();
    for lane in &mut view.lanes {
        for cell in &mut lane.cells {
            let cards = cell.cards.clone();
            cell.cards = std::iter::repeat_n(cards, 24).flatten().collect();
        }
    }
    let paper = paper(Lang::Ko, Size::A4);
    let svg = print::svg(&view, &paper);
    let n_pages = svg.matches("data-page").count();
    assert!(n_pages > 3, "{n_pages} pages");
    let pdf = print::pdf(&svg, &paper).unwrap();
    let Some(text) = ask("pdftotext", &["-", "-"], &pdf) else { return };
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!(pages.len(), n_pages);
    assert_eq!(text.matches("인플루언서").count(), 24);
    let on_first = pages[0].matches("인플루언서").count();
    assert_eq!(on_first, 0, "the first page holds what stands on a later one");
}

#[test]
fn the_same_map_gives_the_same_bytes() {
    let paper = paper(Lang::Ko, Size::A3);
    let svg = print::svg(&gift(), &paper);
    assert_eq!(print::pdf(&svg, &paper).unwrap(), print::pdf(&svg, &paper).unwrap());
    assert_eq!(print::png(&svg, 0.5).unwrap(), print::png(&svg, 0.5).unwrap());
}

/// A drawing cannot make the printer read files of this machine.
#[test]
fn drawings_name_no_files() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dot.svg");
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"20\" height=\"20\">\
         <image width=\"20\" height=\"20\" xlink:href=\"{file}\"/></svg>"
    );
    assert!(std::fs::exists(file).unwrap());
    let pixmap = resvg::tiny_skia::Pixmap::decode_png(&print::png(&svg, 1.0).unwrap()).unwrap();
    assert!(pixmap.pixels().iter().all(|pixel| pixel.alpha() == 0), "the picture was read");
}
