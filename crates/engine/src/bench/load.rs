//! A Parquet file of events straight into the store, without a mapping.

use crate::EngineError;
use model::Problem;
use std::path::Path;
use store::parquet::{Cell, ParquetReader};
use store::{EventRef, Progress, PropertyKind, PropertyValue, Store};

/// Loads a file with the columns person, time, event, channel, amount, device and country.
///
/// Errors: the file cannot be read or a column is missing.
pub async fn load(store: &Store, file: &Path) -> Result<(), EngineError> {
    let mut reader = ParquetReader::open(file)?;
    let place = |name: &str| {
        let found = reader.columns().iter().position(|column| column == name);
        found.ok_or_else(|| missing(file, name))
    };
    let [person, time, event, channel, amount, device, country] = [
        place("person")?,
        place("time")?,
        place("event")?,
        place("channel")?,
        place("amount")?,
        place("device")?,
        place("country")?,
    ];
    let mut writer = store.writer("bench").await?;
    let device = (device, writer.property("device", PropertyKind::String));
    let country = (country, writer.property("country", PropertyKind::String));
    let mut user = String::new();
    while let Some(row) = reader.next_row()? {
        let text = |column: usize| match row.cell(column) {
            Cell::Str(text) => text,
            _ => "",
        };
        user.clear();
        match row.cell(person) {
            Cell::Int(number) => {
                use std::fmt::Write;
                let _ = write!(user, "{number}"); // Writing to a string does not fail.
            }
            _ => user.push_str(text(person)),
        }
        let Cell::TimeUs(time_us) = row.cell(time) else { return Err(missing(file, "time")) };
        let amount = match row.cell(amount) {
            Cell::Float(amount) => Some((amount * 100.0).round() as i64),
            _ => None,
        };
        let properties = [device, country].map(|(column, id)| (id, PropertyValue::Str(text(column))));
        let (event, channel) = (writer.event_code(text(event))?, writer.channel_code(text(channel))?);
        writer.push(EventRef {
            user_id: Some(&user),
            anonymous_id: None,
            time_us,
            id: None,
            event,
            channel,
            amount,
            properties: &properties,
        })?;
    }
    writer.finish(Progress::default(), 0).await?;
    Ok(())
}

fn missing(file: &Path, column: &str) -> EngineError {
    Problem::error(
        "bench.column",
        (
            format!("`{column}` 열이 없거나 형식이 다릅니다."),
            format!("The column `{column}` is missing or of another type."),
        ),
        (
            "person, time, event, channel, amount, device, country 열이 있는 Parquet 파일을 쓰세요.",
            "Use a Parquet file with the columns person, time, event, channel, amount, device and country.",
        ),
    )
    .in_file(file.display().to_string())
    .into()
}
