//! Questions as people write them.

use super::{Ask, CaseUnit, FunnelOrder, RetentionMeasure};

fn read(json: &str) -> Ask {
    serde_json::from_str(json).expect(json)
}

#[test]
fn a_funnel_of_before_reads_as_it_did() {
    let Ask::Funnel(funnel) =
        read(r#"{"ask": "funnel", "steps": [{"event": "a"}, {"event": "b"}], "window": "7d"}"#)
    else {
        panic!("a funnel");
    };
    assert!(funnel.is_plain());
    let written = serde_json::to_value(&funnel).expect("json");
    let mut keys: Vec<&String> = written.as_object().expect("an object").keys().collect();
    keys.sort_unstable();
    assert_eq!(keys, ["scope", "steps", "window"]); // What is not asked is not written.
}

#[test]
fn every_mode_of_a_funnel_is_a_mode() {
    let steps = r#""ask": "funnel", "steps": [{"event": "a"}, {"event": "b"}], "window": "7d""#;
    let plain = [r#""entry": "first""#, r#""breakdown": "plan", "breakdown_at": "entry""#];
    for mode in plain.into_iter().chain([
        r#""order": "strict""#,
        r#""order": "any", "pinned": [1]"#,
        r#""optional": [2]"#,
        r#""exclusions": [{"when": {"event": "x"}, "from": 1, "to": 2, "mode": "removes_person"}]"#,
        r#""count": "session", "gap": "30m""#,
        r#""hold": "product""#,
        r#""breakdown": "plan", "breakdown_at": {"step": 2}"#,
        r#""convert": {"from": 1, "to": 2}"#,
        r#""trend": "week""#,
        r#""compare": "previous""#,
    ]) {
        let Ask::Funnel(funnel) = read(&format!("{{{steps}, {mode}}}")) else { panic!("a funnel") };
        // The plain walk can tell which starts count, and labels by them.
        assert_eq!(funnel.is_plain(), plain.contains(&mode), "{mode}");
        let again: Ask =
            serde_json::from_value(serde_json::to_value(Ask::Funnel(funnel.clone())).expect("json"))
                .expect("what was written is read");
        assert_eq!(again, Ask::Funnel(funnel));
    }
    let Ask::Funnel(any) = read(&format!(r#"{{{steps}, "order": "any"}}"#)) else { panic!("a funnel") };
    assert_eq!(any.order, FunnelOrder::Any);
}

#[test]
fn the_other_questions_need_little() {
    assert!(matches!(read(r#"{"ask": "paths"}"#), Ask::Paths(_)));
    assert!(matches!(read(r#"{"ask": "lifecycle", "grain": "week"}"#), Ask::Lifecycle(_)));
    assert!(matches!(read(r#"{"ask": "stickiness"}"#), Ask::Stickiness(_)));
    assert!(matches!(read(r#"{"ask": "cohorts", "count": {"event": "order"}}"#), Ask::Cohorts(_)));
    let Ask::Retention(retention) =
        read(r#"{"ask": "retention", "return": {"event": "b"}, "measure": "streak"}"#)
    else {
        panic!("a retention");
    };
    assert_eq!((retention.measure, retention.recurring), (RetentionMeasure::Streak, false));
    let Ask::Variants(variants) = read(r#"{"ask": "variants", "of": {"case": "session", "gap": "1h"}}"#)
    else {
        panic!("variants");
    };
    assert!(matches!(variants.of, CaseUnit::Session { gap: Some(_) }));
    let conformance =
        r#"{"ask": "conformance", "design": [{"name": "pay", "event": "pay_*", "repeats": true}]}"#;
    assert!(matches!(read(conformance), Ask::Conformance(_)));
    assert!(serde_json::from_str::<Ask>(r#"{"ask": "paths", "step": 3}"#).is_err()); // A word it does not know.
}

#[test]
fn names_match_exactly_or_by_their_start() {
    for (pattern, name, matches) in
        [("a", "a", true), ("a", "ab", false), ("a*", "ab", true), ("*", "", true)]
    {
        assert_eq!(super::name_matches(pattern, name), matches, "{pattern} {name}");
    }
}

#[test]
fn addresses_are_named_by_their_path() {
    for (address, path) in [
        ("https://shop.example/pricing/?utm=x#top", "/pricing"),
        ("https://shop.example", "/"),
        ("/orders/10293/items/7", "/orders/:id/items/:id"),
        ("/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/u/:id"),
        ("/blog/how-to-buy-in-2025-and-why", "/blog/how-to-buy-in-2025-and-why"), // A title is no id.
        ("/session/a8Xk20Qm3LzP0t9Bv", "/session/:id"),
        ("/가격//안내", "/가격/안내"),
        ("", "/"),
    ] {
        assert_eq!(super::clean_url(address), path, "{address}");
    }
}
