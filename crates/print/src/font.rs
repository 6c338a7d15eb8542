//! The two bundled fonts: how wide a text is, where it breaks, and what of it may stand in an SVG.
//!
//! Only these fonts are ever loaded, so that a map looks the same on every machine. They are the unmodified files of
//! Pretendard 1.3.9 (its licence reserves the name for unmodified fonts); PDF embeds the glyphs it needs.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};
use ttf_parser::Face;
use usvg::fontdb::Database;

/// The family name to write in SVG.
pub(crate) const FAMILY: &str = "Pretendard";
const REGULAR: &[u8] = include_bytes!("../fonts/Pretendard-Regular.otf");
const SEMI_BOLD: &[u8] = include_bytes!("../fonts/Pretendard-SemiBold.otf");

/// The weights there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

/// Advance widths of the basic plane in 1/2048 em; 0 where there is no glyph.
struct Widths {
    advances: Vec<u16>,
    units_per_em: f64,
}

static WIDTHS: LazyLock<[Widths; 2]> = LazyLock::new(|| [Widths::of(REGULAR), Widths::of(SEMI_BOLD)]);
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut database = Database::new();
    database.load_font_data(REGULAR.to_vec());
    database.load_font_data(SEMI_BOLD.to_vec());
    database.set_sans_serif_family(FAMILY);
    Arc::new(database)
});

/// The only fonts drawings know.
pub(crate) fn database() -> Arc<Database> {
    Arc::clone(&FONTS)
}

impl Widths {
    fn of(font: &'static [u8]) -> Self {
        let face = Face::parse(font, 0).expect("the bundled font is a font");
        let advance = |code: u32| {
            let glyph = char::from_u32(code).and_then(|c| face.glyph_index(c));
            glyph.and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(0)
        };
        Self { advances: (0..=0xffff).map(advance).collect(), units_per_em: f64::from(face.units_per_em()) }
    }

    fn advance(&self, c: char) -> f64 {
        let advance = self.advances.get(c as usize).copied().unwrap_or(0);
        match advance {
            // What the font lacks is drawn as an empty box about one em wide; marks stand on the letter before.
            0 if is_joined(c) => 0.0,
            0 => 1.0,
            advance => f64::from(advance) / self.units_per_em,
        }
    }
}

/// How wide `text` is drawn at `size`, in the unit of `size`. Kerning only ever makes it narrower by a hair.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let widths = &WIDTHS[weight as usize];
    text.chars().map(|c| widths.advance(c)).sum::<f64>() * size
}

/// Whether a character joins the one before it: combining marks, variation selectors, emoji joiners and tones.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether the bundled fonts cannot draw a character.
pub(crate) fn is_missing(c: char) -> bool {
    let has_glyph = WIDTHS[0].advances.get(c as usize).is_some_and(|advance| *advance > 0);
    !has_glyph && !c.is_whitespace() && !is_joined(c)
}

/// What may stand in a drawing: control characters and direction overrides are dropped, runs of white space become one
/// space, line breaks stay, and Korean letters written apart (as macOS does in file names) are put together.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\u{2028}' | '\u{2029}' => {
                let kept = out.trim_end_matches(' ').len();
                out.truncate(kept);
                out.push('\n');
            }
            _ if c.is_whitespace() && c != '\u{a0}' => {
                if !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            _ if c.is_control() => {}
            '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}'
            | '\u{ffff}' => {}
            _ => match out.chars().next_back().and_then(|last| compose(last, c)) {
                Some(whole) => {
                    out.pop();
                    out.push(whole);
                }
                None => out.push(c),
            },
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Two Korean letters as one syllable (Unicode 16, section 3.12).
fn compose(last: char, next: char) -> Option<char> {
    let (last, next) = (u32::from(last), u32::from(next));
    let code = match (last, next) {
        (0x1100..=0x1112, 0x1161..=0x1175) => 0xac00 + ((last - 0x1100) * 21 + next - 0x1161) * 28,
        (0xac00..=0xd7a3, 0x11a8..=0x11c2) if (last - 0xac00).is_multiple_of(28) => last + next - 0x11a7,
        _ => return None,
    };
    char::from_u32(code)
}

/// Breaks a cleaned text into lines no wider than `max`: at spaces (Korean words stay whole), and inside a word only
/// when it is wider than a line. Every line holds at least one character, and no character is lost but the spaces
/// at the breaks. Linear in the length of the text.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, max: f64) -> Vec<String> {
    let space = width(" ", size, weight);
    let mut lines = Vec::new();
    for hard in text.split('\n') {
        let (mut line, mut line_width) = (String::new(), 0.0);
        for word in hard.split(' ').filter(|word| !word.is_empty()) {
            let word_width = width(word, size, weight);
            let gap = if line.is_empty() { 0.0 } else { space };
            if line_width + gap + word_width <= max {
                if gap > 0.0 {
                    line.push(' ');
                }
                line.push_str(word);
                line_width += gap + word_width;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            (line, line_width) = (word.to_owned(), word_width);
            if word_width > max {
                let mut pieces = break_word(word, size, weight, max);
                line = pieces.pop().unwrap_or_default();
                line_width = width(&line, size, weight);
                lines.append(&mut pieces);
            }
        }
        lines.push(line);
    }
    lines
}

fn break_word(word: &str, size: f64, weight: Weight, max: f64) -> Vec<String> {
    let widths = &WIDTHS[weight as usize];
    let (mut pieces, mut piece, mut piece_width) = (Vec::new(), String::new(), 0.0);
    for c in word.chars() {
        let advance = widths.advance(c) * size;
        let is_glued = is_joined(c) || piece.ends_with('\u{200d}');
        if piece_width + advance > max && !piece.is_empty() && !is_glued {
            pieces.push(std::mem::take(&mut piece));
            piece_width = 0.0;
        }
        piece.push(c);
        piece_width += advance;
    }
    pieces.push(piece);
    pieces
}

/// A text on one line, cut with an ellipsis where it is wider than `max`. Only for what stands elsewhere in full.
pub(crate) fn cut(text: &str, size: f64, weight: Weight, max: f64) -> Cow<'_, str> {
    if width(text, size, weight) <= max {
        return Cow::Borrowed(text);
    }
    let mut left = max - width("…", size, weight);
    let fits = |c: &char| {
        left -= WIDTHS[weight as usize].advance(*c) * size;
        left >= 0.0
    };
    let kept: String = text.chars().take_while(fits).collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Weight::{Regular, SemiBold};

    #[test]
    fn widths_are_the_fonts_own() {
        assert!((width("가나", 10.0, Regular) - 2.0 * 17.7 * 1000.0 / 2048.0).abs() < 0.01);
        assert!(width("가나다 123", 10.0, SemiBold) > width("가나다 123", 10.0, Regular));
        assert_eq!(width("漢😀", 10.0, Regular), 20.0); // Boxes.
        assert_eq!(width("", 10.0, Regular), 0.0);
    }

    #[test]
    fn lines_break_at_spaces_first() {
        let check = |text: &str, max_em: f64, want: &[&str]| {
            assert_eq!(wrap(text, 1.0, Regular, max_em), want, "{text} in {max_em}");
        };
        check("결제 창이 느립니다", 4.5, &["결제 창이", "느립니다"]); // Words stay whole,
        check("가나다라마바사", 2.7, &["가나다", "라마바", "사"]); // unless they are wider than a line.
        check("한 가나다라", 2.0, &["한", "가나", "다라"]);
        check("a\nb\n\nc", 9.0, &["a", "b", "", "c"]); // Typed line breaks stay.
        check("", 9.0, &[""]);
        check("가", 0.1, &["가"]); // Never an endless loop.
        check("e\u{301}e\u{301}", 0.6, &["e\u{301}", "e\u{301}"]); // Marks stay on their letter.
    }

    #[test]
    fn nothing_harmful_remains() {
        let check = |text: &str, want: &str| assert_eq!(clean(text), want, "{text:?}");
        check("  a \t b\r\nc  ", "a b\nc");
        check("a\u{0}\u{1b}[31mb\u{7f}\u{85}c", "a[31mb c");
        check("abc\u{202e}def\u{feff}\u{ffff}", "abcdef"); // No text that runs backwards.
        check("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"); // As macOS writes it.
        check("<b>&\"'", "<b>&\"'"); // Escaped where it is written.
    }

    #[test]
    fn cuts_show_that_they_are_cuts() {
        assert_eq!(cut("가나다라", 1.0, Regular, 9.0), "가나다라");
        assert_eq!(cut("가나다라", 1.0, Regular, 2.8), "가나…");
        assert!(width(&cut("아주 긴 이름입니다", 13.0, SemiBold, 50.0), 13.0, SemiBold) <= 50.0);
    }
}
