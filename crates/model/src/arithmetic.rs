//! Formulas over series: `A / B * 100`.

use crate::{Problem, Problems};

/// Longest formula, in characters.
const CHARS_MAX: usize = 200;
/// Deepest nesting of parentheses and signs.
const DEPTH_MAX: usize = 32;

/// A formula over the series of a question, read once and evaluated per point.
///
/// `+ - * /`, parentheses, a leading minus, numbers such as `100` or `0.5`, and the series by letter: `A` is the first.
/// `*` and `/` bind tighter than `+` and `-`; equals are taken from the left. Small letters, `×`, `÷` and `−` are understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Arithmetic {
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Series(usize),
    Negated(Box<Node>),
    Of(Operator, Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

impl Arithmetic {
    /// Reads a formula over `n_series` series (26 at most have letters).
    ///
    /// # Errors
    /// A problem that names the character at which the formula stops making sense.
    pub fn parse(text: &str, n_series: usize) -> Result<Self, Problems> {
        let chars: Vec<char> = text.chars().collect();
        if chars.len() > CHARS_MAX {
            let what = (
                format!("수식이 {}자입니다. {CHARS_MAX}자까지 쓸 수 있습니다.", chars.len()),
                format!("The formula has {} characters, {CHARS_MAX} are the most.", chars.len()),
            );
            let remedy = ("수식을 둘로 나누세요.", "Split it in two formulas.");
            return Err(Problem::error("formula.too_long", what, remedy).into());
        }
        let mut parser = Parser { chars, at: 0, depth: 0, n_series };
        let root = parser.sum()?;
        match parser.peek() {
            None => Ok(Self { root }),
            Some(_) => Err(parser.unexpected()),
        }
    }

    /// The value at one point. `None` where a series it uses has none, where something is divided by 0, and where the
    /// result is no finite number.
    pub fn evaluate(&self, series: impl Fn(usize) -> Option<f64>) -> Option<f64> {
        self.root.evaluate(&series).filter(|value| value.is_finite())
    }

    /// The letter of a series: `A` for the first.
    pub fn letter(series: usize) -> char {
        char::from(b'A' + series.min(25) as u8)
    }
}

impl Node {
    fn evaluate(&self, series: &impl Fn(usize) -> Option<f64>) -> Option<f64> {
        Some(match self {
            Self::Number(number) => *number,
            Self::Series(index) => series(*index)?,
            Self::Negated(node) => -node.evaluate(series)?,
            Self::Of(operator, left, right) => {
                let (left, right) = (left.evaluate(series)?, right.evaluate(series)?);
                match operator {
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Over if right == 0.0 => return None,
                    Operator::Over => left / right,
                }
            }
        })
    }
}

/// Recursive descent; `at` is the next character.
struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    n_series: usize,
}

impl Parser {
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    fn sum(&mut self) -> Result<Node, Problems> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Plus,
                Some('-' | '−') => Operator::Minus,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Node::Of(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, Problems> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Some('*' | '×') => Operator::Times,
                Some('/' | '÷') => Operator::Over,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Node::Of(operator, Box::new(left), Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Node, Problems> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Problem::error(
                "formula.too_deep",
                ("수식의 괄호가 너무 깊습니다.", "The formula is nested too deeply."),
                ("괄호를 줄이세요.", "Use fewer parentheses."),
            )
            .into());
        }
        let node = match self.peek() {
            Some('-' | '−') => {
                self.at += 1;
                Node::Negated(Box::new(self.factor()?))
            }
            Some('(') => {
                self.at += 1;
                let inner = self.sum()?;
                if self.peek() != Some(')') {
                    return Err(self.unexpected());
                }
                self.at += 1;
                inner
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number()?,
            Some(c) if c.is_ascii_alphabetic() => self.series(c)?,
            _ => return Err(self.unexpected()),
        };
        self.depth -= 1;
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, Problems> {
        let start = self.at;
        let length = self.chars[start..].iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
        let text: String = self.chars[start..start + length].iter().collect();
        let number = text.parse().map_err(|_| self.unexpected())?;
        self.at += length;
        Ok(Node::Number(number))
    }

    fn series(&mut self, letter: char) -> Result<Node, Problems> {
        let index = usize::from(letter.to_ascii_uppercase() as u8 - b'A');
        let is_word = self.chars.get(self.at + 1).is_some_and(|c| c.is_alphanumeric());
        if is_word {
            return Err(self.unexpected());
        }
        if index >= self.n_series {
            let (at, n) = (self.at + 1, self.n_series);
            return Err(Problem::error(
                "formula.unknown_series",
                (
                    format!("수식의 {at}번째 글자: 계열 {letter}이(가) 없습니다. 계열은 {n}개입니다."),
                    format!("Character {at} of the formula: there is no series {letter}, only {n} series."),
                ),
                ("계열을 더하거나 글자를 고치세요.", "Add the series or correct the letter."),
            )
            .into());
        }
        self.at += 1;
        Ok(Node::Series(index))
    }

    fn unexpected(&mut self) -> Problems {
        let found = self.peek();
        let at = self.at + 1;
        let (found_ko, found_en) = match found {
            Some(c) => (format!("`{c}`을(를) 이해할 수 없습니다"), format!("`{c}` makes no sense here")),
            None => ("수식이 끝나지 않았습니다".to_owned(), "the formula is not finished".to_owned()),
        };
        Problem::error(
            "formula.unreadable",
            (
                format!("수식의 {at}번째 글자: {found_ko}."),
                format!("Character {at} of the formula: {found_en}."),
            ),
            (
                "`(A + B) / C * 100`처럼 계열 글자, 숫자, + - * /, 괄호로 쓰세요.",
                "Write series letters, numbers, + - * / and parentheses, such as `(A + B) / C * 100`.",
            ),
        )
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    /// A = 10, B = 4, C has no value, D = 0.
    #[track_caller]
    fn check(text: &str, expected: Option<f64>) {
        let formula = Arithmetic::parse(text, 4).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(
            formula.evaluate(|series| [Some(10.0), Some(4.0), None, Some(0.0)][series]),
            expected,
            "{text}"
        );
    }

    #[test]
    fn formulas() {
        check("A", Some(10.0));
        check("a / b * 100", Some(250.0)); // From the left,
        check("A - B - 1", Some(5.0));
        check("A + B * 2", Some(18.0)); // products first,
        check("(A + B) * 2", Some(28.0)); // but parentheses before.
        check("-A + 1", Some(-9.0));
        check("2 * -B", Some(-8.0));
        check("--A", Some(10.0));
        check("0.5×A÷B−.25", Some(1.0));
        check("100", Some(100.0));
        check("A / D", None); // Nothing is divided by 0.
        check("A / (B - 4)", None);
        check("D / A", Some(0.0));
        check("A + C", None); // What has no value gives none.
        check("C * 0", None);
    }

    #[track_caller]
    fn check_error(text: &str, code: &str, words: &str) {
        let Problems(problems) = Arithmetic::parse(text, 2).expect_err(text);
        let problem = &problems[0];
        assert_eq!(problem.code, code);
        assert!(problem.message.get(Lang::En).contains(words), "{problem}");
        assert!(!problem.message.get(Lang::Ko).is_empty());
    }

    #[test]
    fn errors_name_the_character() {
        check_error("", "formula.unreadable", "Character 1 of the formula: the formula is not finished");
        check_error("A +", "formula.unreadable", "Character 4");
        check_error("A $ B", "formula.unreadable", "Character 3 of the formula: `$`");
        check_error("(A", "formula.unreadable", "Character 3");
        check_error("A)", "formula.unreadable", "Character 2 of the formula: `)`");
        check_error("AB", "formula.unreadable", "Character 1");
        check_error("1.2.3", "formula.unreadable", "Character 1");
        check_error("A + C", "formula.unknown_series", "Character 5 of the formula: there is no series C");
        check_error(&"(".repeat(50), "formula.too_deep", "nested");
        check_error(&"1".repeat(201), "formula.too_long", "201 characters");
    }
}
