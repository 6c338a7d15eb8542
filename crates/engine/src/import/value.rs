//! What type a cell's value has, and the value in that type.

use super::batch::{Cell, CellKind};
use model::{event::ValueKind, limits::VALUE_CHARS_MAX};
use store::{PropertyKind, PropertyValue};

/// Whole numbers from here on lose digits as 64-bit floating-point numbers; they are identifiers, and stay texts.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The type a cell's value shows by itself.
pub(super) fn kind_of(cell: Cell<'_>) -> ValueKind {
    match cell.kind {
        CellKind::Number if number(cell.text).is_some() => ValueKind::Number,
        CellKind::Bool => ValueKind::Bool,
        CellKind::Guess if boolean(cell.text).is_some() => ValueKind::Bool,
        CellKind::Guess if number(cell.text).is_some() => ValueKind::Number,
        _ => ValueKind::Text,
    }
}

/// The type of a column by the types of its first values: theirs if they agree, else text. `None` without values.
pub(super) fn common(kinds: &[ValueKind]) -> Option<ValueKind> {
    let first = *kinds.first()?;
    Some(if kinds.iter().all(|kind| *kind == first) { first } else { ValueKind::Text })
}

/// The cell's value as `wanted`, or as text where it does not fit. The flag says that a long text was cut.
pub(super) fn value(cell: Cell<'_>, wanted: ValueKind) -> (PropertyKind, PropertyValue<'_>, bool) {
    let fitting = match wanted {
        ValueKind::Number => number(cell.text).map(|n| (PropertyKind::Number, PropertyValue::Num(n))),
        ValueKind::Bool => boolean(cell.text).map(|flag| (PropertyKind::Bool, PropertyValue::Bool(flag))),
        ValueKind::Text => None,
    };
    if let Some((kind, value)) = fitting {
        return (kind, value, false);
    }
    let (text, cut) = shortened(cell.text);
    (PropertyKind::String, PropertyValue::Str(text), cut)
}

/// A finite number in the usual notation. `007` and `+82` are codes, not numbers.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let coded =
        matches!(digits, [b'0', b'0'..=b'9', ..]) || !matches!(digits.first(), Some(b'0'..=b'9' | b'.'));
    if coded {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let whole = digits.iter().all(u8::is_ascii_digit);
    (number.is_finite() && !(whole && number.abs() >= EXACT_MAX)).then_some(number)
}

/// `true` and `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// A text of at most [`VALUE_CHARS_MAX`] characters, and whether it was longer.
fn shortened(text: &str) -> (&str, bool) {
    if text.len() <= VALUE_CHARS_MAX {
        return (text, false);
    }
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_kinds() {
        let kind = |text| kind_of(Cell { text, kind: CellKind::Guess });
        for number in ["0", "-1", "3.5", "17850.0", "1e5", ".5", "0.1", "9007199254740991"] {
            assert_eq!(kind(number), ValueKind::Number, "{number}");
        }
        // Codes, identifiers and words that only look like numbers.
        for text in
            ["007", "+82", "9007199254740993", "NaN", "inf", "1,234", "12-34", "-", "", "1.2.3", "yes"]
        {
            assert_eq!(kind(text), ValueKind::Text, "{text}");
        }
        assert_eq!(kind("True"), ValueKind::Bool);
        // A JSON text stays one.
        assert_eq!(kind_of(Cell { text: "12", kind: CellKind::Text }), ValueKind::Text);
    }

    #[test]
    fn what_does_not_fit_becomes_text() {
        let cell = |text| Cell { text, kind: CellKind::Guess };
        assert_eq!(
            value(cell("12"), ValueKind::Number),
            (PropertyKind::Number, PropertyValue::Num(12.0), false)
        );
        assert_eq!(
            value(cell("n/a"), ValueKind::Number),
            (PropertyKind::String, PropertyValue::Str("n/a"), false)
        );
        let long = "가".repeat(VALUE_CHARS_MAX + 1);
        let (_, PropertyValue::Str(text), cut) = value(cell(&long), ValueKind::Text) else {
            panic!("a text")
        };
        assert!(cut);
        assert_eq!(text.chars().count(), VALUE_CHARS_MAX);
    }
}
