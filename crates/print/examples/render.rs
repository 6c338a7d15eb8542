//! Prints a map view (JSON) as SVG, PNG and PDF: `cargo run -p gilmok-print --example render -- view.json out-stem [ko|en] [a4|a3|poster] [light|dark]`.

use model::Lang;
use model::view::MapView;
use print::{Paper, Size, Theme};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [view, stem, rest @ ..] = arguments.as_slice() else {
        return Err("name a view and a stem for the files".into());
    };
    let has = |word: &str| rest.iter().any(|argument| argument == word);
    let paper = Paper {
        lang: if has("en") { Lang::En } else { Lang::Ko },
        size: if has("poster") {
            Size::Poster
        } else if has("a3") {
            Size::A3
        } else {
            Size::A4
        },
        theme: if has("dark") { Theme::Dark } else { Theme::Light },
    };
    let view: MapView = serde_json::from_str(&std::fs::read_to_string(view)?)?;
    let svg = print::svg(&view, &paper);
    std::fs::write(format!("{stem}.png"), print::png(&svg, 1.0)?)?;
    std::fs::write(format!("{stem}.pdf"), print::pdf(&svg, &paper)?)?;
    std::fs::write(format!("{stem}.svg"), svg)?;
    Ok(())
}
