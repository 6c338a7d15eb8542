//! How long a map takes from view to file. Run with `cargo bench -p gilmok-print`.

use model::Lang;
use model::view::MapView;
use print::{Paper, Size, Theme};

fn main() {
    divan::main();
}

const A4: Paper = Paper { lang: Lang::Ko, size: Size::A4, theme: Theme::Light };

/// A full map of five stages, and the same with every text lane eight times over: some 300 cards.
fn view(times: usize) -> MapView {
    let mut view: MapView = serde_json::from_str(include_str!("../tests/fixtures/gift.json")).unwrap();
    for lane in &mut view.lanes {
        for cell in &mut lane.cells {
            let cards = cell.cards.clone();
            cell.cards = std::iter::repeat_n(cards, times).flatten().collect();
        }
    }
    view
}

#[divan::bench(args = [1, 20])]
fn svg(bencher: divan::Bencher, times: usize) {
    let view = view(times);
    bencher.bench(|| print::svg(&view, &A4));
}

#[divan::bench(args = [1, 20])]
fn pdf(bencher: divan::Bencher, times: usize) {
    let view = view(times);
    bencher.bench(|| print::pdf(&print::svg(&view, &A4), &A4).unwrap());
}

#[divan::bench(sample_count = 10)]
fn png(bencher: divan::Bencher) {
    let view = view(1);
    bencher.bench(|| print::png(&print::svg(&view, &A4), 1.0).unwrap());
}
