//! What breaks an answer down: the channel or a property, as one code for each row and the texts of the codes. Codes mean
//! something within their bucket only.

use super::answers::text_of;
use super::compile::Compiler;
use std::collections::HashMap;
use store::{NO_CODE, Names, PropertyColumn, Rows};

/// A column of texts.
pub(super) enum Texts {
    Channel,
    Property(Vec<usize>),
}

impl Texts {
    /// Asks for the column.
    pub fn new(compiler: &mut Compiler<'_>, property: &str) -> Self {
        if property == "channel" {
            compiler.columns.channel = true;
            return Self::Channel;
        }
        Self::Property(compiler.property(property))
    }

    /// One code for each of the rows `at`, [`NO_CODE`] without a text, and the texts of this bucket by code.
    pub fn at(&self, rows: &Rows, at: &[u32], names: &Names) -> (Vec<u32>, Vec<String>) {
        let at = at.iter().map(|row| *row as usize);
        match self {
            Self::Channel => {
                let code = |code: u16| if code == 0 { NO_CODE } else { u32::from(code) };
                (at.map(|row| code(rows.channel[row])).collect(), names.channels().to_vec())
            }
            Self::Property(slots) => {
                // A property that only ever was text has its codes already.
                if let [only] = slots.as_slice()
                    && let PropertyColumn::Str(column) = &*rows.properties[*only]
                {
                    return (column.codes.at(at), column.values.clone());
                }
                let (mut texts, mut by_text) = (Vec::new(), HashMap::new());
                let code = |row: usize| {
                    let text = slots.iter().find_map(|slot| text_of(&rows.properties[*slot], row));
                    text.map_or(NO_CODE, |text| {
                        *by_text.entry(text).or_insert_with_key(|text: &String| {
                            texts.push(text.clone());
                            texts.len() as u32 - 1
                        })
                    })
                };
                let codes = at.map(code).collect();
                (codes, texts)
            }
        }
    }
}
