//! The company as a whole: size, repeatability, identities, noise.

use super::super::event::{Channel, DemoEvent, DemoValue, Name, Property};
use super::super::season::HOUR_US;
use super::super::{DemoSize, END_US, generate};
use super::YEAR;
use model::event::ValueKind;
use model::time::DAY_US;
use std::collections::{BTreeSet, HashMap, HashSet};
use xxhash_rust::xxh3::Xxh3;

fn hash_of(size: &DemoSize) -> u64 {
    let mut hasher = Xxh3::new();
    let made = generate::<()>(size, |event| {
        hasher.update(format!("{event:?}").as_bytes());
        Ok(())
    });
    hasher.update(format!("{:?}", made.expect("the callback never fails").series).as_bytes());
    hasher.digest()
}

#[test]
fn the_same_size_gives_the_same_events() {
    let small = DemoSize::part(0.01);
    assert_eq!(hash_of(&small), hash_of(&small));
    assert_ne!(hash_of(&small), hash_of(&DemoSize { seed: small.seed + 1, ..small }));
    // Documents and docs quote numbers of this very company: whoever changes it must look at them again.
    assert_eq!(format!("{:016x}", hash_of(&small)), "7a6f57a4a82baabc");
}

#[test]
fn the_company_is_large() {
    let people: HashSet<u64> = YEAR.rows.iter().map(|row| row.person).collect();
    assert!(people.len() >= 20_000, "{} people", people.len());
    assert!(YEAR.rows.len() >= 1_000_000, "{} events", YEAR.rows.len());
    assert_eq!(YEAR.rows.len() as u64, YEAR.made.n_events, "ids are unique");
    let names: BTreeSet<Name> = YEAR.rows.iter().map(|row| row.event).collect();
    assert_eq!(names.len(), Name::ALL.len(), "every event name happens");
    let first_us = END_US - 365 * DAY_US;
    assert!(YEAR.rows.iter().all(|row| (first_us..END_US).contains(&row.time_us)));
}

#[test]
fn a_small_company_has_the_same_structure() {
    let mut small: HashMap<Name, f64> = HashMap::new();
    let size = DemoSize::part(0.05);
    let made = generate::<()>(&size, |event| {
        *small.entry(event.event).or_default() += 1.0;
        Ok(())
    });
    let made = made.expect("the callback never fails");
    assert!((made.n_events as f64 / YEAR.made.n_events as f64 / 0.05 - 1.0).abs() < 0.1);
    for name in Name::ALL {
        let full = YEAR.all(*name).count() as f64;
        let part = small.get(name).copied().unwrap_or(0.0);
        let expected = full * 0.05;
        // Rare events and those of few people scatter; nothing is missing or ten times as many.
        assert!(part > 0.0 && part < 4.0 * expected + 20.0, "{}: {part} for {expected}", name.as_str());
    }
}

#[test]
fn properties_keep_their_kind_and_come_once() {
    let kind = |value: &DemoValue<'_>| match value {
        DemoValue::Text(_) => ValueKind::Text,
        DemoValue::Number(_) => ValueKind::Number,
        DemoValue::Bool(_) => ValueKind::Bool,
    };
    let check = |event: &DemoEvent<'_>| {
        let keys: BTreeSet<Property> = event.properties.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys.len(), event.properties.len(), "{event:?}");
        assert!(event.properties.len() <= 16, "{event:?}");
        assert!(event.properties.iter().all(|(key, value)| key.kind() == kind(value)), "{event:?}");
        assert!(event.user_id.is_some() || event.anonymous_id.is_some(), "{event:?}");
        assert_eq!(event.channel.is_none(), event.event == Name::Identify, "{event:?}");
    };
    let done = generate::<()>(&DemoSize::part(0.05), |event| {
        check(&event);
        Ok(())
    });
    assert!(done.is_ok());
}

#[test]
fn the_callback_can_stop_it() {
    let mut n = 0;
    let stopped = generate(&DemoSize::part(0.01), |_| {
        n += 1;
        if n == 100 { Err("enough") } else { Ok(()) }
    });
    assert_eq!((stopped.err(), n), (Some("enough"), 100));
}

#[test]
fn some_events_come_twice_and_some_come_late() {
    let n_twice = YEAR.n_given - YEAR.made.n_events;
    let share = n_twice as f64 / YEAR.made.n_events as f64;
    assert!((0.003..0.005).contains(&share), "{share}");
    let (mut order, mut late) = (HashMap::new(), 0);
    let done = generate::<()>(&DemoSize::part(0.05), |event| {
        let device = (event.user_id.map(str::to_owned), event.anonymous_id.map(str::to_owned));
        let last_us = order.insert(device, event.time_us).unwrap_or(i64::MIN);
        if let Some((_, DemoValue::Number(days))) =
            event.properties.iter().find(|(key, _)| *key == Property::LateDays)
        {
            assert!((1.0..=6.0).contains(days));
            assert!(matches!(event.channel, Some(Channel::App | Channel::Store)));
            late += 1;
        } else {
            assert!(event.time_us >= last_us, "in order but for the late ones: {event:?}");
        }
        Ok(())
    });
    assert!(done.is_ok() && late > 5, "{late} late");
}

#[test]
fn people_are_anonymous_before_they_are_known() {
    let (mut switched, mut devices) = (0, HashMap::<u64, HashSet<String>>::new());
    let mut open: HashMap<String, bool> = HashMap::new();
    let done = generate::<()>(&DemoSize::part(0.2), |event| {
        let Some(anonymous) = event.anonymous_id else { return Ok(()) };
        match event.user_id {
            None => {
                open.entry(anonymous.to_owned()).or_insert(true);
            }
            Some(user) => {
                if open.insert(anonymous.to_owned(), false) == Some(true) {
                    switched += 1;
                }
                let person = model::person_key(Some(user), None).unwrap_or_default();
                devices.entry(person).or_default().insert(anonymous.to_owned());
            }
        }
        Ok(())
    });
    assert!(done.is_ok());
    assert!(switched > 500, "{switched} identifiers became known");
    let several = devices.values().filter(|own| own.len() > 1).count();
    assert!(several > 100, "{several} people with several devices");
}

#[test]
fn machines_read_at_absurd_rates_and_say_so() {
    let mut n_bots = 0;
    for own in YEAR.people() {
        let is_bot = YEAR.text(&own[0], Property::UserAgent).is_some_and(|agent| {
            let agent = agent.to_lowercase();
            agent.contains("bot") || agent.contains("python")
        });
        let busiest = own.windows(60).any(|rows| rows[59].time_us - rows[0].time_us < HOUR_US / 20);
        assert!(!is_bot || busiest, "a machine that is slow");
        assert!(is_bot || !busiest, "a person who is faster than a machine");
        n_bots += u64::from(is_bot);
    }
    assert_eq!(n_bots, YEAR.made.n_bots);
}

#[test]
fn the_year_has_seasons_weeks_and_hours() {
    let mut days = [0.0; 365];
    let mut hours = [0.0; 24];
    for row in YEAR.all(Name::Visit) {
        let into_us = row.time_us - (END_US - 365 * DAY_US);
        days[(into_us / DAY_US) as usize] += 1.0;
        hours[(into_us % DAY_US / HOUR_US) as usize] += 1.0;
    }
    let mean = |from: usize, to: usize| days[from..=to].iter().sum::<f64>() / (to - from + 1) as f64;
    assert!(mean(22, 29) > 1.35 * mean(62, 80), "Black Friday");
    assert!(mean(310, 323) > 1.25 * mean(290, 303), "gifts before Chuseok");
    assert!(mean(327, 330) < 0.6 * mean(310, 323), "Chuseok itself");
    assert!(mean(335, 364) > 1.4 * mean(62, 92), "growth");
    assert!(hours[21] > 5.0 * hours[4], "evenings");
}

#[test]
fn the_funnel_looks_like_a_shop() {
    let (mut came, mut looked, mut bought, mut spoke) = (0.0, 0.0, 0.0, 0.0);
    for own in YEAR.people() {
        let has = |names: &[Name]| own.iter().any(|row| names.contains(&row.event));
        if !has(&[Name::AdClick, Name::Visit, Name::AppOpen, Name::StoreVisit]) {
            continue;
        }
        came += 1.0;
        looked += f64::from(u8::from(has(&[Name::ViewItem])));
        bought += f64::from(u8::from(has(&[Name::Purchase, Name::StorePurchase])));
        spoke += f64::from(u8::from(has(&[Name::ReviewPosted, Name::ReferralSent, Name::SnsShare])));
    }
    for (share, from, to) in
        [(looked / came, 0.45, 0.65), (bought / came, 0.12, 0.25), (spoke / came, 0.015, 0.06)]
    {
        assert!((from..to).contains(&share), "{share} is not between {from} and {to}");
    }
}

#[test]
fn costs_belong_to_clicks() {
    let clicks = YEAR.all(Name::AdClick).count() as f64;
    let sum = |name: &str| YEAR.made.series.iter().filter(|p| p.name == name).map(|p| p.value).sum::<f64>();
    let cpc = sum("ad_spend") / clicks;
    assert!((330.0..420.0).contains(&cpc), "{cpc} won for a click");
    assert!(sum("ad_impressions") > 20.0 * clicks);
    assert!(sum("contact_cost") > 1_700.0 * YEAR.all(Name::SupportContact).count() as f64);
    let sorted = YEAR.made.series.is_sorted_by_key(|p| (p.name, p.day, p.channel, p.campaign));
    assert!(sorted);
}
