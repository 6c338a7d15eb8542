//! A map as a file: the same for the API and the command line.

use crate::api::{ExportFormat, ExportQuery, MapQuery, Sheet};
use crate::failure::{Failure, Result};
use engine::Engine;
use model::ask::{Ask, AskMap};
use model::view::{Answer, MapView};
use model::{DocumentBody, Key, Kind, write_yaml};
use print::{Paper, Size, Theme};
use store::Cancel;

/// Pixels of a PNG to each unit of the drawing: sharp on a dense screen and on paper.
const PNG_SCALE: f32 = 2.0;

/// A map with its numbers.
pub async fn map_view(engine: &Engine, key: Key, query: &MapQuery, cancel: &Cancel) -> Result<MapView> {
    let question = Ask::Map(AskMap { map: key, scope: query.scope()?, compare: query.comparison()? });
    let answer = engine.ask(&question, cancel).await?;
    match &*answer {
        Answer::Map(view) => Ok(MapView::clone(view)),
        _ => Err(Failure::internal("a question about a map was answered by something else")),
    }
}

/// A map as the bytes of a file.
pub async fn map_file(engine: &Engine, key: Key, query: &ExportQuery, cancel: &Cancel) -> Result<Vec<u8>> {
    if query.format == ExportFormat::Yaml {
        return definitions(engine, key).await.map(String::into_bytes);
    }
    let view = map_view(engine, key, &query.map(), cancel).await?;
    if query.format == ExportFormat::Json {
        let mut text = serde_json::to_vec_pretty(&view).map_err(Failure::internal)?;
        text.push(b'\n');
        return Ok(text);
    }
    let lang = match query.lang {
        Some(lang) => lang,
        None => engine.workspace().await?.lang,
    };
    let size = match query.paper {
        Sheet::A4 => Size::A4,
        Sheet::A3 => Size::A3,
        Sheet::Poster => Size::Poster,
    };
    let paper = Paper { lang, size, theme: Theme::Light };
    let format = query.format;
    // Drawing holds a core for a while; on a runtime thread it would hold up other answers.
    let drawn = tokio::task::spawn_blocking(move || {
        let svg = print::svg(&view, &paper);
        match format {
            ExportFormat::Png => print::png(&svg, PNG_SCALE),
            ExportFormat::Pdf => print::pdf(&svg, &paper),
            _ => Ok(svg.into_bytes()),
        }
    });
    drawn.await.map_err(Failure::internal)?.map_err(Failure::internal)
}

/// The map and its journey as `gilmok apply` reads them.
async fn definitions(engine: &Engine, key: Key) -> Result<String> {
    let map = engine.document(Kind::Map, &key).await?;
    let DocumentBody::Map(body) = &map.body else {
        return Err(Failure::internal("a map document holds something else"));
    };
    let journey = engine.document(Kind::Journey, &body.journey).await?;
    Ok(format!("{}---\n{}", write_yaml(&journey.body), write_yaml(&map.body)))
}
