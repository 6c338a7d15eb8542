//! Cells of CSV files that people open in a spreadsheet.

/// Appends a cell. A text that begins like a formula gets an apostrophe, unless it is a number; quotes where they are needed.
pub(crate) fn csv_text(text: &str, bytes: &mut Vec<u8>) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let quoted = text.is_empty() || text.contains([',', '"', '\n', '\r']);
    if quoted {
        bytes.push(b'"');
    }
    if is_formula {
        bytes.push(b'\'');
    }
    for byte in text.bytes() {
        if byte == b'"' {
            bytes.push(b'"');
        }
        bytes.push(byte);
    }
    if quoted {
        bytes.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_safe_for_spreadsheets() {
        for (text, cell) in [
            ("구매", "구매"),
            ("", "\"\""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("@SUM(A1,A2)", "\"'@SUM(A1,A2)\""),
            ("+1+1", "'+1+1"),
            ("-5.2", "-5.2"), // A number stays one.
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
        ] {
            let mut bytes = Vec::new();
            csv_text(text, &mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), cell, "{text:?}");
        }
    }
}
