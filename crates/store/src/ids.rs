//! Ids made of an event's content, so that an event without an id of its own needs none stored.
//!
//! The id of a content is a sum (modulo 2⁶⁴) of one XXH3 per piece of it: event, channel and amount together,
//! and each property with its value. The order of the properties therefore does not matter, and a block's
//! ids are made column by column, with one hash per distinct text. Event, channel and property stand in it
//! with their codes: codes never change and are never used again, so a content keeps its id for good.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::rows::{Block, NO_AMOUNT, Table};
use crate::{PropertyColumn, PropertyId};

/// Tells the values 0 of different kinds apart.
const TEXT: u64 = 1;
const NUMBER: u64 = 2;
const FLAG: u64 = 3;

/// Pairs of event and channel whose sums are made ahead; with more, each row makes its own.
const PAIRS_MAX: usize = 1 << 14;

/// What event, channel and amount add to the ids of rows. Most have no amount, and pairs of event and channel are few.
fn of_all_cells(rows: &Table) -> Vec<u64> {
    let most = |codes: &[u16]| usize::from(codes.iter().copied().max().unwrap_or(0)) + 1;
    let (n_events, n_channels) = (most(&rows.event), most(&rows.channel));
    let pairs = (0..if n_events * n_channels <= PAIRS_MAX { n_events * n_channels } else { 0 })
        .map(|pair| of_cells((pair / n_channels) as u16, (pair % n_channels) as u16, NO_AMOUNT));
    let pairs: Vec<u64> = pairs.collect();
    let cells = rows.event.iter().zip(&rows.channel).zip(&rows.amount);
    let sum = |((&event, &channel), &amount): ((&u16, &u16), &i64)| {
        let pair = pairs.get(usize::from(event) * n_channels + usize::from(channel));
        pair.copied().filter(|_| amount == NO_AMOUNT).unwrap_or_else(|| of_cells(event, channel, amount))
    };
    cells.map(sum).collect()
}

/// What event, channel and amount add to an id.
fn of_cells(event: u16, channel: u16, amount: i64) -> u64 {
    let mut bytes = [0; 14];
    bytes[..4].copy_from_slice(&u32::from(event).to_le_bytes());
    bytes[4..6].copy_from_slice(&channel.to_le_bytes());
    bytes[6..].copy_from_slice(&amount.to_le_bytes());
    xxh3_64(&bytes)
}

/// What a property's value adds to an id.
fn of_value(property: PropertyId, kind: u64, value: u64) -> u64 {
    xxh3_64_with_seed(&value.to_le_bytes(), u64::from(property.0) << 2 | kind)
}

fn of_text(property: PropertyId, text: &str) -> u64 {
    of_value(property, TEXT, xxh3_64(text.as_bytes()))
}

/// The ids of the contents of a block's rows.
pub(crate) fn of_block(block: &Block) -> Vec<u64> {
    of_rows(&block.rows, &block.property_ids)
}

/// The ids of the contents of rows that have events, channels, amounts and the properties named.
pub(crate) fn of_rows(rows: &Table, property_ids: &[PropertyId]) -> Vec<u64> {
    let mut ids = of_all_cells(rows);
    for (&property, column) in property_ids.iter().zip(&rows.properties) {
        match column {
            PropertyColumn::Str(texts) => {
                let hashes: Vec<u64> = texts.values.iter().map(|text| of_text(property, text)).collect();
                for (id, code) in ids.iter_mut().zip(texts.codes.iter()) {
                    *id = id.wrapping_add(hashes.get(code as usize).copied().unwrap_or(0));
                }
            }
            PropertyColumn::Num(numbers) => {
                for (id, number) in ids.iter_mut().zip(numbers).filter(|(_, number)| !number.is_nan()) {
                    *id = id.wrapping_add(of_value(property, NUMBER, number.to_bits()));
                }
            }
            PropertyColumn::Bool(flags) => {
                let adds = [of_value(property, FLAG, 0), of_value(property, FLAG, 1), 0];
                for (id, &flag) in ids.iter_mut().zip(flags) {
                    *id = id.wrapping_add(adds[usize::from(flag.min(2))]);
                }
            }
        }
    }
    ids
}
