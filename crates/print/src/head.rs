//! The head of the sheet: what this is, whom it is about, and the few numbers to know first.

use crate::draw::{Anchor, Area, Block, Mark, Run, Stroke, Style, runs_width};
use crate::font::cut;
use crate::format::Format;
use crate::sheet::Frame;
use model::ask::Scope;
use model::map::MapState;
use model::view::{Change, Choice, Fact};
use model::{Key, Lang};

const CHIP_GAP: f64 = 8.0;
const CHIP_HEIGHT: f64 = 31.0;
/// Space between two facts.
const FACT_GAP: f64 = 34.0;
/// Changes shown in full; the number of the others is named.
const CHANGES_SHOWN: usize = 3;

/// Title, chips, facts and changes over the whole width of the map.
pub(crate) fn block(frame: &Frame, width: f64) -> Block {
    let mut block = Block::default();
    let y = title(frame, width, &mut block);
    let facts = facts(frame, width);
    let facts_width = facts.1;
    let y = y + 14.0;
    block.place(0.0, y, facts.0);
    let room = width - facts_width - 40.0;
    if !frame.view.changes.is_empty() {
        if room >= 300.0 {
            let own = room.min(430.0);
            let (changes, used) = changes(frame, own);
            block.place(width - used, y, changes);
        } else {
            let below = block.height + 12.0;
            block.place(0.0, below, changes(frame, width).0);
        }
    }
    block
}

/// The title with the state beside it and the chips on the right, or under it where there is no room.
fn title(frame: &Frame, width: f64, block: &mut Block) -> f64 {
    let p = &frame.palette;
    let style = Style::bold(21.0, p.ink);
    let state = match frame.view.state {
        MapState::Current => frame.say("현재 상태", "current state"),
        MapState::Future => frame.say("미래 상태", "future state"),
    };
    let version = frame.view.version;
    let state = match frame.format.lang {
        Lang::Ko => format!("{state} · 버전 {version}"),
        Lang::En => format!("{state} · version {version}"),
    };
    let note = Style::new(13.0, p.soft);
    let chips = chips(frame, width);
    let chips_width = chips.iter().map(|chip| chip.1 + CHIP_GAP).sum::<f64>() - CHIP_GAP;
    let name = frame.text(&frame.view.name);
    let room = width - chips_width.max(0.0) - 24.0;
    let on_one_line = style.width(&name) + 12.0 + note.width(&state) <= room && !name.contains('\n');
    if on_one_line {
        let used = block.text(0.0, 1.0, Anchor::Start, name, style);
        block.text(used + 12.0, 9.0, Anchor::Start, state, note);
        let mut x = width - chips_width;
        for (chip, chip_width) in chips {
            block.place(x, 0.0, chip);
            x += chip_width + CHIP_GAP;
        }
        return block.height.max(CHIP_HEIGHT);
    }
    let y = block.paragraph(0.0, 1.0, width, &name, style);
    let y = block.paragraph(0.0, y, width, &state, note) + 8.0;
    let (mut x, mut y) = (0.0, y);
    for (chip, chip_width) in chips {
        if x > 0.0 && x + chip_width > width {
            (x, y) = (0.0, y + CHIP_HEIGHT + CHIP_GAP);
        }
        block.place(x, y, chip);
        x += chip_width + CHIP_GAP;
    }
    block.height
}

/// What rules the numbers: persona, period with its comparison, segment.
fn chips(frame: &Frame, width: f64) -> Vec<(Block, f64)> {
    let (view, p) = (frame.view, &frame.palette);
    let (soft, ink) = (Style::new(13.0, p.soft), Style::new(13.0, p.ink));
    let mut lines: Vec<Vec<Run>> = Vec::new();
    let choices = [
        (frame.say("페르소나", "Persona"), view.scope.persona.as_ref(), &view.personas),
        (frame.say("세그먼트", "Segment"), view.scope.segment.as_ref(), &view.segments),
    ];
    for (word, key, offered) in choices {
        let Some(key) = key else { continue };
        let (name, n_people) = named(frame, key, offered);
        let mut runs = vec![Run::new(format!("{word} "), soft), Run::new(name, ink)];
        runs.extend(n_people.map(|n| Run::new(format!(" {}", frame.format.people(n as f64)), soft)));
        lines.push(runs);
    }
    let mut period = vec![
        Run::new(format!("{} ", frame.say("기간", "Period")), soft),
        Run::new(frame.format.when(&view.scope), ink),
    ];
    if let Some(compare) = &view.compare {
        period.push(Run::new(format!(" ↔ {}", difference(frame, &view.scope, compare)), soft));
    }
    lines.push(period);
    lines.into_iter().map(|runs| chip(frame, runs, width)).collect()
}

fn chip(frame: &Frame, mut runs: Vec<Run>, width: f64) -> (Block, f64) {
    // Names wider than the whole sheet are cut: they stand in full in their own documents.
    let room = width - 24.0;
    if runs_width(&runs) > room {
        let most = room / runs.len() as f64;
        for run in &mut runs {
            run.text = cut(&run.text, run.style.size, run.style.weight, most).into_owned();
        }
    }
    let chip_width = runs_width(&runs) + 22.0;
    let mut block = Block::default();
    let area = Area { x: 0.5, y: 0.5, width: chip_width - 1.0, height: CHIP_HEIGHT - 1.0 };
    block.rect(area, 8.0, Some(frame.palette.card), Some(Stroke::new(frame.palette.line, 1.0)));
    block.line(11.0, 5.0, Anchor::Start, runs);
    block.height = CHIP_HEIGHT;
    (block, chip_width)
}

fn named(frame: &Frame, key: &Key, offered: &[Choice]) -> (String, Option<u64>) {
    let choice = offered.iter().find(|choice| choice.key == *key);
    choice.map_or_else(
        || (key.to_string(), None),
        |choice| (frame.text(&choice.name).replace('\n', " "), Some(choice.n_people)),
    )
}

/// In what the comparison differs from the scope.
fn difference(frame: &Frame, scope: &Scope, compare: &Scope) -> String {
    let everybody = || frame.say("전체 고객", "everybody").to_owned();
    let name = |key: &Option<Key>, offered: &[Choice]| {
        key.as_ref().map_or_else(everybody, |key| named(frame, key, offered).0)
    };
    let mut parts = Vec::new();
    if compare.persona != scope.persona {
        parts.push(name(&compare.persona, &frame.view.personas));
    }
    if compare.segment != scope.segment {
        parts.push(name(&compare.segment, &frame.view.segments));
    }
    if (compare.period, compare.last) != (scope.period, scope.last) || parts.is_empty() {
        parts.push(frame.format.when(compare));
    }
    parts.join(" · ")
}

/// The facts beside each other, in as many rows as they need, and the width they take.
fn facts(frame: &Frame, width: f64) -> (Block, f64) {
    let mut block = Block::default();
    let (mut x, mut y, mut widest): (f64, f64, f64) = (0.0, 0.0, 0.0);
    for fact in &frame.view.facts {
        let (own, own_width) = self::fact(frame, fact);
        if x > 0.0 && x + own_width > width {
            (x, y) = (0.0, block.height + 10.0);
        }
        block.place(x, y, own);
        widest = widest.max(x + own_width);
        x += own_width + FACT_GAP;
    }
    (block, widest)
}

fn fact(frame: &Frame, fact: &Fact) -> (Block, f64) {
    let p = &frame.palette;
    let name = match fact.key.as_str() {
        "people" => frame.say("여정에 들어온 사람", "People in the journey"),
        "conversion" => frame.say("전환율", "Conversion"),
        "time_to_convert" => frame.say("전환까지 중앙값", "Median time to convert"),
        "lost" => frame.say("새는 돈", "Money lost"),
        other => other,
    };
    let mut block = Block::default();
    let label = Style::new(12.0, p.soft);
    let name = frame.clean(name).replace('\n', " ");
    let name = cut(&name, label.size, label.weight, 240.0).into_owned();
    let mut width = block.text(0.0, 0.0, Anchor::Start, name, label);
    let number = Style::bold(22.0, p.ink);
    let value = frame.format.figure(&fact.figure, fact.key != "people");
    let used = block.text(0.0, 17.0, Anchor::Start, value, number);
    let delta = frame.delta(&fact.figure, 12.0, true);
    width = width.max(used);
    if !delta.is_empty() {
        width = width.max(used + 7.0 + block.line(used + 7.0, 24.0, Anchor::Start, delta));
    }
    let small = Style::new(11.0, p.faint);
    let thin = frame.format.thin(&fact.figure);
    let doubt = thin.map(|thin| (thin, Style::new(11.0, p.guess)));
    if let Some((words, style)) =
        doubt.or_else(|| frame.format.interval(&fact.figure).map(|words| (words, small)))
    {
        width = width.max(block.text(0.0, 46.0, Anchor::Start, words, style));
    }
    (block, width)
}

/// What changed most, worst first, behind a bar in the colour of the worst. Returns the width used.
fn changes(frame: &Frame, width: f64) -> (Block, f64) {
    let (p, view) = (&frame.palette, frame.view);
    let any_worse = view.changes.iter().any(|change| change.now < change.before);
    let color = if any_worse { p.bad } else { p.good };
    let mut block = Block::default();
    let left = 14.0;
    let inner = width - left;
    let text = Style::new(13.0, p.ink);
    let small = Style::new(12.0, p.soft);
    let mut y = block.paragraph(
        left,
        0.0,
        inner,
        frame.say("비교 대상과 달라진 것", "What changed against the comparison"),
        small,
    );
    let mut widest = small.width(frame.say("비교 대상과 달라진 것", "What changed against the comparison"));
    for change in view.changes.iter().take(CHANGES_SHOWN) {
        let words = sentence(frame, change);
        widest = text.wrap(&words, inner).iter().map(|line| text.width(line)).fold(widest, f64::max);
        y = block.paragraph(left, y, inner, &words, text);
    }
    let rest = view.changes.len().saturating_sub(CHANGES_SHOWN);
    if rest > 0 {
        let words = match frame.format.lang {
            Lang::Ko => format!("그 밖에 {rest}곳이 달라졌습니다."),
            Lang::En => format!("{rest} more changed."),
        };
        y = block.paragraph(left, y, inner, &words, small);
    }
    let bar = Area { x: 0.0, y: 0.0, width: 3.0, height: y };
    block.behind(Mark::Rect { area: bar, radius: 0.0, fill: Some(color), opacity: 1.0, stroke: None });
    (block, (widest + left).min(width))
}

/// `고려 → 구매: 71.0%에서 53.0%로 떨어졌습니다.`
fn sentence(frame: &Frame, change: &Change) -> String {
    let name = |key: &Key| {
        let stage = frame.view.stages.iter().find(|stage| stage.key == *key);
        stage.map_or_else(|| key.to_string(), |stage| frame.text(&stage.name))
    };
    let Format { lang, .. } = frame.format;
    let (from, to) = (name(&change.stage), name(&change.next));
    let (before, now) = (frame.format.percent(change.before), frame.format.percent(change.now));
    let fell = change.now < change.before;
    match lang {
        Lang::Ko => {
            let verb = if fell { "떨어졌습니다" } else { "올랐습니다" };
            format!("{from} → {to}: {before}에서 {now}로 {verb} ({}).", chance(change.p))
        }
        Lang::En => {
            let verb = if fell { "fell" } else { "rose" };
            format!("{from} → {to} {verb} from {before} to {now} ({}).", chance(change.p))
        }
    }
}

fn chance(p: f64) -> String {
    match p {
        p if !p.is_finite() => "p –".to_owned(),
        p if p < 0.001 => "p < 0.001".to_owned(),
        p => format!("p = {p:.3}"),
    }
}

/// The head of the pages after the first: the title, small.
pub(crate) fn again(frame: &Frame, width: f64) -> Block {
    let style = Style::bold(13.0, frame.palette.ink);
    let name = frame.text(&frame.view.name).replace('\n', " ");
    let name = cut(&name, style.size, style.weight, width).into_owned();
    let mut block = Block::default();
    block.text(0.0, 0.0, Anchor::Start, name, style);
    block
}

/// The number in the lower margin of each of several pages.
pub(crate) fn page_number(frame: &Frame, width: f64, page: usize, n_pages: usize) -> Block {
    let mut block = Block::default();
    let style = Style::new(11.0, frame.palette.faint);
    block.text(width, 0.0, Anchor::End, format!("{page} / {n_pages}"), style);
    block
}
