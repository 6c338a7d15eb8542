//! Tables for a terminal.

use unicode_width::UnicodeWidthStr;

/// Widest cell on a terminal; longer texts are cut with `…`.
const CELL_MAX: usize = 60;

/// Lays out rows under a head; Hangul counts as two columns. Numbers stand to the right.
pub fn layout(head: &[&str], rows: &[Vec<String>]) -> String {
    let shown: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| cut(cell)).collect()).collect();
    let mut widths: Vec<usize> = head.iter().map(|name| name.width()).collect();
    let mut is_number = vec![!shown.is_empty(); head.len()];
    for row in &shown {
        for (column, cell) in row.iter().enumerate() {
            widths[column] = widths[column].max(cell.width());
            is_number[column] &= cell.is_empty() || cell.parse::<f64>().is_ok();
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| -> String {
        let mut text = String::new();
        for (column, cell) in cells.enumerate() {
            let gap = " ".repeat(widths[column] - cell.width());
            if column > 0 {
                text.push_str("  ");
            }
            if is_number[column] {
                text.push_str(&gap);
                text.push_str(cell);
            } else {
                text.push_str(cell);
                text.push_str(&gap);
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    };
    let mut text = line(&mut head.iter().copied());
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    text.push_str(&line(&mut rule.iter().map(String::as_str)));
    for row in &shown {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

fn cut(cell: &str) -> String {
    let line: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.width() <= CELL_MAX {
        return line;
    }
    let mut short = String::new();
    for c in line.chars() {
        if short.width() + 2 >= CELL_MAX {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["구매", "12"], ["view, \"item\"", "-3"], ["=HYPERLINK(1)", ""]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn tables_align() {
        insta::assert_snapshot!(layout(&["event", "n"], &rows()), @r#"
        event           n
        ─────────────  ──
        구매           12
        view, "item"   -3
        =HYPERLINK(1)
        "#);
    }
}
