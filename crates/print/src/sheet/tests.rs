use super::*;
use crate::fit::lay_out;
use crate::{Size, Theme};
use model::map::{Card, LaneKind, MapState, Tone};
use model::metric::{Direction, Unit};
use model::view::*;
use model::{Key, Problem};
use proptest::prelude::*;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A map of `n_stages` with the given lanes and nothing measured.
fn map(n_stages: usize, lanes: Vec<LaneView>) -> MapView {
    let stage = |index: usize| StageView {
        key: key(&format!("s{index}")),
        name: Text::both(format!("단계 {index}"), format!("Stage {index}")),
        is_conversion: index + 1 == n_stages,
        business_goal: None,
        customer_goal: Some("목표".into()),
        entered: Figure { unit: Unit::People, ..Figure::default() },
        share: Figure { unit: Unit::Share, ..Figure::default() },
        here: Figure::default(),
        moved_on: Figure::default(),
        moved_on_rate: Figure { unit: Unit::Share, ..Figure::default() },
        passed: Figure::default(),
        dropped: Figure::default(),
        back: Figure::default(),
        skipped: Figure::default(),
        went_back: Figure::default(),
        median_time: Figure { unit: Unit::Seconds, ..Figure::default() },
        p90_time: Figure::default(),
        touches: Figure::default(),
        amount: Figure::default(),
        lost: Figure::default(),
    };
    MapView {
        key: key("map"),
        name: Text::both("여정", "Journey"),
        journey: key("journey"),
        state: MapState::Current,
        version: 1,
        changed_us: 0,
        scope: Default::default(),
        compare: None,
        currency: "KRW".to_owned(),
        zone: "Asia/Seoul".to_owned(),
        personas: Vec::new(),
        segments: Vec::new(),
        facts: Vec::new(),
        changes: Vec::new(),
        stages: (0..n_stages).map(stage).collect(),
        lanes,
        buckets: Vec::new(),
        about: About {
            data_version: 1,
            as_of_us: 0,
            from_us: 0,
            to_us: 0,
            n_events: 0,
            n_people: 0,
            warnings: Vec::new(),
        },
    }
}

fn card(id: usize, text: &str) -> Card {
    Card {
        id: key(&format!("c{id}")),
        stage: key("s0"),
        text: text.into(),
        tone: Tone::Plain,
        tags: Vec::new(),
        evidence: None,
        owner: None,
        value: None,
    }
}

fn lane(kind: LaneKind, cells: Vec<Cell>) -> LaneView {
    LaneView { key: key("lane"), kind, name: None, cells }
}

fn gift() -> MapView {
    serde_json::from_str(include_str!("../../tests/fixtures/gift.json")).unwrap()
}

const A4: Paper = Paper { lang: Lang::Ko, size: Size::A4, theme: Theme::Light };

/// Whether `inner` lies within `outer`, give or take the width of a hairline.
fn holds(outer: Area, inner: Area) -> bool {
    const SLACK: f64 = 1.5;
    inner.x >= outer.x - SLACK
        && inner.y >= outer.y - SLACK
        && inner.x + inner.width <= outer.x + outer.width + SLACK
        && inner.y + inner.height <= outer.y + outer.height + SLACK
}

fn overlap(a: Area, b: Area) -> bool {
    let apart = a.x + a.width <= b.x + 0.01
        || b.x + b.width <= a.x + 0.01
        || a.y + a.height <= b.y + 0.01
        || b.y + b.height <= a.y + 0.01;
    !apart
}

/// Every mark lies on the sheet and in its own cell, and no two cells overlap.
fn check_layout(view: &MapView, paper: &Paper) {
    let sheet = lay_out(view, paper);
    let whole = Area { x: 0.0, y: 0.0, width: sheet.width, height: sheet.height };
    let mut areas: Vec<Area> = Vec::new();
    let mut texts: Vec<(Area, String)> = Vec::new();
    for placed in &sheet.placed {
        let own = placed.cell.as_ref().map_or(whole, |cell| cell.2);
        assert!(holds(whole, own), "{own:?} is off the sheet {whole:?}");
        for mark in &placed.block.marks {
            let mut bounds = mark.bounds();
            bounds.x += placed.at.0;
            bounds.y += placed.at.1;
            assert!(holds(own, bounds), "{mark:?} leaves {own:?} of {:?}", placed.cell);
            // Labels on a curve may touch; everywhere else words keep apart.
            if matches!(mark, Mark::Text { .. }) && bounds.width > 0.0 && !is_curve(placed) {
                texts.push((bounds, format!("{mark:?}")));
            }
        }
        if placed.cell.is_some() && !areas.contains(&own) {
            areas.push(own);
        }
    }
    texts.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    for (index, (a, first)) in texts.iter().enumerate() {
        for (b, second) in texts[index + 1..].iter().take_while(|(b, _)| b.y < a.y + a.height) {
            // The boxes hold accents and tails, of which a pixel may meet the next line's.
            let inner = Area { y: b.y + 1.5, height: b.height - 3.0, ..*b };
            assert!(!overlap(*a, inner), "{first} is written over {second}");
        }
    }
    areas.sort_by(|a, b| a.y.total_cmp(&b.y));
    for (index, a) in areas.iter().enumerate() {
        for b in areas[index + 1..].iter().take_while(|b| b.y < a.y + a.height) {
            assert!(!overlap(*a, *b), "{a:?} and {b:?}");
        }
    }
}

fn is_curve(placed: &Placed) -> bool {
    placed.cell.as_ref().is_some_and(|cell| cell.1 == 1 && placed.block.height == 150.0)
}

/// All words of the drawing without white space, in the order they stand.
fn words(svg: &str) -> String {
    let drawing = usvg::roxmltree::Document::parse(svg).unwrap();
    let texts = drawing.descendants().filter(|node| node.is_text()).filter_map(|node| node.text());
    texts.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn structure() {
    let questions = Cell { cards: vec![card(1, "이 브랜드 믿어도 돼?")], ..Cell::default() };
    let view = map(2, vec![lane(LaneKind::Questions, vec![questions])]);
    let svg = draw(&view, &A4);
    let drawing = usvg::roxmltree::Document::parse(&svg).unwrap();
    let mut shape = String::new();
    for group in
        drawing.descendants().filter(|node| node.has_tag_name("g") && node.has_attribute("transform"))
    {
        let texts = group.descendants().filter(|node| node.is_text()).filter_map(|node| node.text());
        let texts: Vec<&str> = texts.map(str::trim).filter(|text| !text.is_empty()).collect();
        let row = group.attribute("data-row").unwrap_or("-");
        shape += &format!("{row} {}: {}\n", group.attribute("data-column").unwrap_or("-"), texts.join(" | "));
    }
    insta::assert_snapshot!(shape.trim_end(), @r"
    - -: 여정 | 현재 상태 · 버전 1 | 기간 | 전체 기간
    - -: 
    stages 0: 단계 | 들어온 사람 · 다음으로 | 걸린 시간(중앙값)
    stages 1: 단계 0 | – | → | – | – | 시작의 –
    stages 2: 단계 1 | – | 시작의 – | 전환 단계
    lane 0: 질문
    lane 1: 이 브랜드 믿어도 돼?
    - -: 길목 | 기준 1970-01-01 09:00 (Asia/Seoul) · 0명 · 이벤트 0건 · 데이터 버전 1
    ");
}

#[test]
fn paper_has_its_proportions() {
    for (paper, want) in [
        (A4, 297.0 / 210.0),
        (Paper { size: Size::A3, ..A4 }, 420.0 / 297.0),
        (Paper { lang: Lang::En, theme: Theme::Dark, ..A4 }, 297.0 / 210.0),
    ] {
        let sheet = lay_out(&gift(), &paper);
        assert!((sheet.width / sheet.height - want).abs() < 0.001, "{} × {}", sheet.width, sheet.height);
    }
    let poster = lay_out(&gift(), &Paper { size: Size::Poster, ..A4 });
    assert_eq!(poster.width, 1380.0);
}

#[test]
fn the_example_fits_in_every_way() {
    for lang in [Lang::Ko, Lang::En] {
        for size in [Size::A4, Size::A3, Size::Poster] {
            check_layout(&gift(), &Paper { lang, size, theme: Theme::Light });
        }
    }
}

#[test]
fn nothing_people_wrote_is_lost() {
    let text = "<script>alert('x')</script> & \"따옴표\" \u{0}\u{202e}뒤집힌 글 아주아주아주아주아주아주아주아주아주아주아주긴낱말";
    let mut first = card(1, &text.repeat(20));
    first.evidence = Some("근거 <b>87</b>".into());
    first.tags = vec!["배송&포장".to_owned()];
    first.owner = Some("결제팀 </text>".to_owned());
    first.value = Some(4_100_000.0);
    let cell = Cell { cards: vec![first], ..Cell::default() };
    let mut view = map(3, vec![lane(LaneKind::Friction, vec![cell])]);
    view.name = Text::Plain("</title><svg onload=x>".to_owned());
    view.currency = "<KRW>".to_owned();
    view.zone = "../../etc/passwd".to_owned();
    let paper = Paper { size: Size::Poster, ..A4 };
    let svg = draw(&view, &paper);
    let squeeze = |text: &str| font::clean(text).split_whitespace().collect::<String>();
    let found = words(&svg);
    for wanted in [
        text.repeat(20).as_str(),
        "근거 <b>87</b>",
        "#배송&포장",
        "결제팀 </text>",
        "KRW 410만",
        "</title><svg onload=x>",
    ] {
        assert!(found.contains(&squeeze(wanted)), "{wanted} is not in {found}");
    }
    assert!(!svg.contains("<script") && !svg.contains("<svg onload") && !svg.contains('\u{202e}'));
    check_layout(&view, &paper);
}

#[test]
fn a_map_too_long_for_a_page_goes_on_to_the_next() {
    let cards =
        |n: usize| (0..n).map(|id| card(id, "결제 창이 열리는 데 오래 걸려 다른 곳에서 샀다")).collect();
    let cell = |n| Cell { cards: cards(n), ..Cell::default() };
    let lanes = (0..5).map(|_| lane(LaneKind::Thoughts, (0..5).map(|_| cell(20)).collect())).collect();
    let view = map(5, lanes);
    let sheet = lay_out(&view, &A4);
    let n_pages = sheet.height / (sheet.width / (841.89 / 595.28));
    assert!((n_pages - n_pages.round()).abs() < 1e-6 && n_pages >= 3.0, "{n_pages} pages");
    let n_cards = sheet
        .placed
        .iter()
        .filter(|placed| placed.cell.as_ref().is_some_and(|cell| cell.1 > 0 && cell.0 == "lane"));
    assert_eq!(n_cards.count(), 500);
    let page_height = sheet.height / n_pages;
    for placed in sheet.placed.iter().filter(|placed| placed.cell.is_some()) {
        let (top, bottom) = (placed.at.1, placed.at.1 + placed.block.height);
        assert_eq!((top / page_height).floor(), (bottom / page_height).floor(), "cut between two pages");
    }
    check_layout(&view, &A4);
    check_layout(&view, &Paper { size: Size::Poster, ..A4 });
}

/// Twenty stages in one row would be too small to read on A4.
#[test]
fn many_stages_stand_in_bands() {
    let cell = || Cell { cards: vec![card(1, "카드")], ..Cell::default() };
    let view = map(20, vec![lane(LaneKind::Thoughts, (0..20).map(|_| cell()).collect())]);
    let sheet = lay_out(&view, &A4);
    let heads =
        sheet.placed.iter().filter_map(|placed| placed.cell.as_ref()).filter(|cell| cell.0 == "stages");
    let heads: Vec<Area> = heads.filter(|cell| cell.1 > 0).map(|cell| cell.2).collect();
    assert_eq!(heads.len(), 20);
    assert!(heads[19].y > heads[0].y, "all in one row");
    assert!(841.89 / sheet.width > 0.4, "{} pixels wide", sheet.width);
    check_layout(&view, &A4);
}

#[test]
fn a_missing_stage_breaks_the_curve() {
    let emotion = |assumed: Option<f64>, value: Option<f64>, n: u64| Cell {
        emotion: Some(EmotionView {
            assumed,
            measured: Figure {
                value,
                n,
                low: value.map(|v| v - 0.2),
                high: value.map(|v| v + 0.2),
                ..Figure::default()
            },
        }),
        ..Cell::default()
    };
    let cells = vec![
        emotion(Some(1.0), Some(0.5), 100),
        emotion(Some(1.0), Some(0.2), 12),
        emotion(None, None, 0),
        emotion(Some(0.5), Some(-1.0), 40),
    ];
    let view = map(4, vec![lane(LaneKind::Emotion, cells)]);
    let svg = draw(&view, &Paper { size: Size::Poster, ..A4 });
    // One measured curve over two stages; the last stage stands alone. Assumed: a curve and a dash.
    let paths =
        |mark: &str| svg.lines().filter(|line| line.starts_with("<path") && line.contains(mark)).count();
    assert_eq!(paths("stroke-width=\"2.6\""), 1);
    assert_eq!(paths("stroke-dasharray=\"5 5\""), 2);
    for wanted in ["측정 없음", "판단하기 이릅니다", "가정보다 1.5 낮음"] {
        assert!(svg.contains(wanted), "{wanted}");
    }
}

#[test]
fn what_is_not_measured_is_a_dash_and_what_is_thin_says_so() {
    let mut view = map(2, Vec::new());
    let svg = draw(&view, &A4);
    assert!(words(&svg).contains(&squash("시작의 –")), "{}", words(&svg));
    assert!(!words(&svg).contains("NaN"));
    view.stages[0].moved_on_rate = Figure { value: Some(0.5), n: 12, unit: Unit::Share, ..Figure::default() };
    assert!(words(&draw(&view, &A4)).contains(&squash("n 12: 판단하기 이릅니다")));
    let en = Paper { lang: Lang::En, ..A4 };
    assert!(words(&draw(&view, &en)).contains(&squash("n 12: too few to judge")));
}

fn squash(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Widths decide where lines break; if they were not what the renderer draws, words would leave their cards.
#[test]
fn measured_widths_are_drawn_widths() {
    let options = usvg::Options { fontdb: font::database(), ..usvg::Options::default() };
    for text in ["결제 창이 6.8초 걸립니다", "AVAToVA fi ffl 1,234 → ▲ ₩4,120만", "Type. “AWAY” — (To)"]
    {
        for (weight, number) in [(font::Weight::Regular, "400"), (font::Weight::SemiBold, "600")] {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"40\"><text y=\"20\" font-size=\"13\" \
                 font-family=\"Pretendard\" font-weight=\"{number}\">{text}</text></svg>"
            );
            let tree = usvg::Tree::from_str(&svg, &options).unwrap();
            let drawn = f64::from(tree.root().bounding_box().width());
            let measured = font::width(text, 13.0, weight);
            assert!(
                drawn <= measured * 1.01 + 0.5 && drawn >= measured * 0.93,
                "{text}: {drawn} for {measured}"
            );
        }
    }
}

fn any_number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        Just(Some(f64::NAN)),
        Just(Some(f64::INFINITY)),
        Just(Some(0.0)),
        Just(Some(1e300)),
        (-3.0..3.0).prop_map(Some),
        (-1e7..1e9).prop_map(Some),
    ]
}

fn any_figure() -> impl Strategy<Value = Figure> {
    let unit = prop_oneof![
        Just(Unit::Number),
        Just(Unit::People),
        Just(Unit::Share),
        Just(Unit::Money),
        Just(Unit::Seconds),
        Just(Unit::Points),
        Just(Unit::Score)
    ];
    let good = prop_oneof![Just(Direction::Up), Just(Direction::Down), Just(Direction::None)];
    let numbers = (any_number(), any_number(), any_number(), any_number(), any_number());
    let history = prop::collection::vec(any_number(), 0..6);
    (numbers, unit, good, 0..200u64, history).prop_map(|(numbers, unit, good, n, history)| {
        let (value, low, high, previous, target) = numbers;
        Figure { value, unit, good, n, low, high, previous, target, history, ..Figure::default() }
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[가-힣a-zA-Z0-9 <>&\"'\n]{0,60}",
        "\\PC{0,40}",
        "[가-힣]{0,90}",
        Just("漢字 😀👩‍👩‍👧 é".to_owned())
    ]
}

fn any_card() -> impl Strategy<Value = Card> {
    let tone = prop_oneof![Just(Tone::Plain), Just(Tone::Good), Just(Tone::Bad), Just(Tone::Open)];
    (any_text(), tone, any_text(), prop::option::of(any_text()), any_number()).prop_map(
        |(text, tone, tag, evidence, value)| Card {
            tone,
            tags: vec![tag.clone()],
            evidence: evidence.map(Text::Plain),
            owner: Some(tag),
            value,
            ..card(1, &text)
        },
    )
}

fn any_cell() -> impl Strategy<Value = Cell> {
    let touchpoint = (any_text(), any_figure()).prop_map(|(name, people)| TouchpointView {
        key: key("t"),
        channel: Some(name.clone()),
        name: Text::Plain(name),
        people,
        n_events: 3,
    });
    let channel =
        (any_text(), 0..u64::MAX).prop_map(|(channel, n)| ChannelView { channel, n_people: n, n_events: n });
    let metric = (any_text(), any_figure()).prop_map(|(name, figure)| MetricView {
        key: key("m"),
        name: Text::Plain(name),
        description: None,
        figure,
    });
    let emotion =
        (any_number(), any_figure()).prop_map(|(assumed, measured)| EmotionView { assumed, measured });
    (
        prop::collection::vec(any_card(), 0..4),
        prop::collection::vec(touchpoint, 0..4),
        prop::collection::vec(channel, 0..7),
        prop::option::of(emotion),
        prop::collection::vec(metric, 0..4),
    )
        .prop_map(|(cards, touchpoints, channels, emotion, metrics)| Cell {
            cards,
            touchpoints,
            channels,
            emotion,
            metrics,
        })
}

fn any_view() -> impl Strategy<Value = MapView> {
    let kind = prop_oneof![
        Just(LaneKind::CustomerGoal),
        Just(LaneKind::Touchpoints),
        Just(LaneKind::Friction),
        Just(LaneKind::Emotion),
        Just(LaneKind::Kpi),
        Just(LaneKind::Volumes),
        Just(LaneKind::Opportunities)
    ];
    // Fewer cells than stages must not matter either.
    let any_lane = (kind, any_text(), prop::collection::vec(any_cell(), 0..6))
        .prop_map(|(kind, name, cells)| LaneView { name: Some(Text::Plain(name)), ..lane(kind, cells) });
    let lanes = prop::collection::vec(any_lane, 0..5);
    let figures = prop::collection::vec(any_figure(), 8);
    (0..=20usize, lanes, prop::collection::vec(any_text(), 6), figures).prop_map(
        |(n_stages, lanes, texts, figures)| {
            let mut view = map(n_stages, lanes);
            view.name = Text::Plain(texts[0].clone());
            view.currency = texts[1].clone();
            let choice = Choice { key: key("p"), name: Text::Plain(texts[2].repeat(4)), n_people: 9 };
            view.scope.persona = Some(key("p"));
            view.compare = Some(Default::default());
            view.personas = vec![choice];
            view.facts = (0..5).map(|i| Fact { key: texts[3].clone(), figure: figures[i].clone() }).collect();
            for (index, stage) in view.stages.iter_mut().enumerate() {
                stage.name = Text::Plain(texts[index % 6].clone());
                stage.customer_goal = Some(Text::Plain(texts[(index + 1) % 6].clone()));
                stage.entered = figures[index % 8].clone();
                stage.share = figures[(index + 1) % 8].clone();
                stage.here = figures[(index + 2) % 8].clone();
                stage.moved_on_rate = figures[(index + 3) % 8].clone();
                stage.median_time = figures[(index + 4) % 8].clone();
            }
            let change = |now| Change { stage: key("s0"), next: key("s1"), before: 0.5, now, p: 0.01 };
            view.changes = (0..n_stages).map(|n| change(n as f64 / 20.0)).collect();
            let words = (texts[4].clone(), texts[5].clone());
            view.about.warnings = vec![Problem::error("x", words.clone(), words).warning()];
            view
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_view_is_laid_out_without_overlap(view in any_view(), size in 0..3usize, is_en in any::<bool>()) {
        let size = [Size::A4, Size::A3, Size::Poster][size];
        let paper = Paper { lang: if is_en { Lang::En } else { Lang::Ko }, size, theme: Theme::Light };
        check_layout(&view, &paper);
        let svg = draw(&view, &paper);
        prop_assert_eq!(&svg, &draw(&view, &paper));
        let found = words(&svg);
        for card in view.lanes.iter().filter(|lane| !matches!(lane.kind, LaneKind::Emotion))
            .flat_map(|lane| lane.cells.iter().take(view.stages.len())).flat_map(|cell| &cell.cards) {
            let wanted: String = font::clean(card.text.get(paper.lang)).chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert!(found.contains(&wanted), "{} is lost", wanted);
        }
    }
}
