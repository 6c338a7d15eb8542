//! Tests that decide which rows are looked at at all.

use super::{
    batch::{Cell, Row},
    source::Tables,
    value,
};
use model::{
    Value,
    mapping::RowTest,
    rule::{OneOrMany, Op},
};

/// A compiled test on one column.
#[derive(Debug)]
pub(super) struct Keep {
    column: usize,
    op: Op,
    values: Vec<Value>,
}

impl Keep {
    pub(super) fn new(column: usize, test: &RowTest) -> Self {
        Self {
            column,
            op: test.op,
            values: test.value.as_ref().map(OneOrMany::as_slice).unwrap_or_default().to_vec(),
        }
    }

    /// Whether the row passes.
    pub(super) fn holds(&self, row: Row<'_>, tables: &Tables) -> bool {
        let Some(cell) = tables.cell(row, self.column) else {
            return matches!(self.op, Op::Missing | Op::IsNot);
        };
        let any = |test: fn(Cell<'_>, &Value) -> bool| self.values.iter().any(|value| test(cell, value));
        match self.op {
            Op::Is => any(equals),
            Op::IsNot => !any(equals),
            Op::Contains => any(|cell, value| cell.text.contains(&value.to_string())),
            Op::StartsWith => any(|cell, value| cell.text.starts_with(&value.to_string())),
            Op::Gt => any(|cell, value| compare(cell, value).is_some_and(|order| order.is_gt())),
            Op::Gte => any(|cell, value| compare(cell, value).is_some_and(|order| order.is_ge())),
            Op::Lt => any(|cell, value| compare(cell, value).is_some_and(|order| order.is_lt())),
            Op::Lte => any(|cell, value| compare(cell, value).is_some_and(|order| order.is_le())),
            Op::Exists => true,
            Op::Missing => false,
        }
    }
}

fn equals(cell: Cell<'_>, value: &Value) -> bool {
    match value {
        Value::Bool(flag) => value::boolean(cell.text) == Some(*flag),
        Value::Number(number) => value::number(cell.text) == Some(*number),
        Value::Text(text) => cell.text == text,
    }
}

/// Numbers by size, texts by their characters, so that ISO dates compare as days.
fn compare(cell: Cell<'_>, value: &Value) -> Option<std::cmp::Ordering> {
    match value {
        Value::Number(number) => value::number(cell.text)?.partial_cmp(number),
        Value::Text(text) => Some(cell.text.cmp(text.as_str())),
        Value::Bool(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::batch::{Batch, CellKind};

    fn check(text: &str, op: Op, values: &[Value], expected: bool) {
        let mut batch = Batch::default();
        batch.push_row(1, 0..0, [Cell { text, kind: CellKind::Guess }].into_iter());
        let keep = Keep { column: 0, op, values: values.to_vec() };
        let row = batch.iter().next().unwrap();
        assert_eq!(keep.holds(row, &Tables::default()), expected, "{text} {op:?} {values:?}");
    }

    #[test]
    fn keep_rules() {
        let (one, web) = (Value::Number(1.0), Value::Text("web".to_owned()));
        check("1.0", Op::Is, std::slice::from_ref(&one), true); // Numbers by value,
        check("1.0", Op::Is, &[Value::Text("1".to_owned())], false); // texts exactly.
        check("web", Op::Is, &[one.clone(), web.clone()], true); // Any of a list.
        check("web", Op::IsNot, &[one.clone(), web.clone()], false);
        check("", Op::IsNot, std::slice::from_ref(&web), true); // Missing passes `is_not` and `missing` alone.
        check("", Op::Missing, &[], true);
        check("", Op::Is, std::slice::from_ref(&web), false);
        check("", Op::Lt, std::slice::from_ref(&one), false);
        check("x", Op::Exists, &[], true);
        check("-3", Op::Lt, std::slice::from_ref(&one), true);
        check("abc", Op::Gt, std::slice::from_ref(&one), false); // No number has no size.
        check("2024-03-05", Op::Gte, &[Value::Text("2024-03-01".to_owned())], true);
        check("website", Op::Contains, std::slice::from_ref(&web), true);
        check("C536379", Op::StartsWith, &[Value::Text("C".to_owned())], true);
        check("True", Op::Is, &[Value::Bool(true)], true);
    }
}
