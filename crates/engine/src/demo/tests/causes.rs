//! Each planted cause, and what only looks like one.

use super::super::causes::*;
use super::super::event::{Name, Property};
use super::super::{END_US, company};
use super::{Mean, Seen, Share, YEAR};
use model::time::DAY_US;
use std::collections::{HashMap, HashSet};

fn day_of(row: &Seen) -> usize {
    ((row.time_us - (END_US - 365 * DAY_US)) / DAY_US) as usize
}

fn order_no(row: &Seen) -> u64 {
    YEAR.number(row, Property::OrderNo).expect("an order has a number") as u64
}

fn bought() -> HashSet<u64> {
    YEAR.all(Name::Purchase).map(order_no).collect()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn is_order(row: &Seen) -> bool {
    matches!(row.event, Name::Purchase | Name::StorePurchase)
}

/// Whether somebody orders again within 60 days of their `index`-th row.
fn orders_again(own: &[Seen], index: usize) -> bool {
    let until_us = own[index].time_us + 60 * DAY_US;
    own[index + 1..].iter().any(|row| is_order(row) && row.time_us <= until_us)
}

/// First orders seen early enough for 60 days to follow.
fn first_orders() -> impl Iterator<Item = (&'static [Seen], usize)> {
    YEAR.people().filter_map(|own| {
        let index = own.iter().position(is_order)?;
        (own[index].time_us < END_US - 60 * DAY_US).then_some((own, index))
    })
}

#[test]
fn slow_checkout_on_mobile_safari() {
    let bought = bought();
    let (mut slow_ms, mut quick_ms) = (Vec::new(), Vec::new());
    let (mut slow, mut before, mut others) = (Share::default(), Share::default(), Share::default());
    for row in YEAR.all(Name::BeginCheckout) {
        let is_safari = YEAR.text(row, Property::Browser) == Some(SLOW_BROWSER);
        let is_late = day_of(row) >= SLOW_FROM_DAY;
        let page_ms = YEAR.number(row, Property::PageMs).expect("a checkout has a page time");
        let paid = bought.contains(&order_no(row));
        match (is_safari, is_late) {
            (true, true) => slow.add(paid),
            (true, false) => before.add(paid),
            (false, _) => others.add(paid),
        }
        if is_safari && is_late { slow_ms.push(page_ms) } else { quick_ms.push(page_ms) }
    }
    slow.is(SLOW_CHECKOUT_RATE);
    before.is(CHECKOUT_RATE);
    others.is(CHECKOUT_RATE);
    assert!(before.value() - slow.value() > 0.13, "{} to {}", before.value(), slow.value());
    assert!((median(slow_ms) / SLOW_PAGE_MS_MEDIAN - 1.0).abs() < 0.08);
    assert!((median(quick_ms) / PAGE_MS_MEDIAN - 1.0).abs() < 0.03);
}

#[test]
fn late_courier_in_yeongnam() {
    let (mut days, mut csat) = ([Mean::default(); 2], [Mean::default(); 2]);
    let (mut contacts, mut again) = ([Share::default(); 2], [Share::default(); 2]);
    let contacted: HashSet<u64> = YEAR
        .all(Name::SupportContact)
        .filter_map(|row| YEAR.number(row, Property::OrderNo))
        .map(|number| number as u64)
        .collect();
    let mut late_orders = HashMap::new();
    let mut in_region = Share::default();
    for row in YEAR.all(Name::Delivered) {
        let late = YEAR.text(row, Property::Courier) == Some(LATE_COURIER);
        if YEAR.text(row, Property::Region) == Some(LATE_REGION) {
            in_region.add(late);
        } else {
            assert!(!late, "the late courier serves one region");
        }
        days[usize::from(late)].add(YEAR.number(row, Property::Days).expect("a delivery took days"));
        late_orders.insert(order_no(row), late);
        if row.time_us < END_US - 10 * DAY_US {
            contacts[usize::from(late)].add(contacted.contains(&order_no(row)));
        }
    }
    in_region.is(LATE_SHARE);
    for own in YEAR.people() {
        let mut late = None;
        for row in own {
            match (row.event, YEAR.text(row, Property::Moment)) {
                (Name::Delivered, _) => late = late_orders.get(&order_no(row)),
                (Name::SurveyAnswered, Some("delivery")) => {
                    let score = YEAR.number(row, Property::Score).expect("an answer has a score");
                    late.iter().for_each(|late| csat[usize::from(**late)].add(score));
                }
                _ => {}
            }
        }
    }
    for (own, index) in first_orders().filter(|(own, index)| own[*index].event == Name::Purchase) {
        if let Some(late) = late_orders.get(&order_no(&own[index])) {
            again[usize::from(*late)].add(orders_again(own, index));
        }
    }
    assert!((days[1].value() - days[0].value() - LATE_EXTRA_DAYS).abs() < 0.15);
    // Rounding to 1–5 takes a little of the loss.
    assert!(
        (0.9..1.6).contains(&(csat[0].value() - csat[1].value())),
        "{} {}",
        csat[0].value(),
        csat[1].value()
    );
    contacts[0].is(CONTACT_RATE);
    contacts[1].is(LATE_CONTACT_RATE);
    assert!(again[1].value() < 0.75 * again[0].value(), "{} {}", again[0].value(), again[1].value());
}

#[test]
fn over_mailed_twenties() {
    let mut ages: HashMap<u64, &str> = HashMap::new();
    for row in YEAR.all(Name::Identify) {
        if let Some(age) = YEAR.text(row, Property::AgeBand) {
            ages.insert(row.person, age);
        }
    }
    let group = |row: &Seen| {
        let young = ages.get(&row.person).copied() == Some(MAIL_AGE_BAND);
        usize::from(young) * 2 + usize::from(day_of(row) >= MAIL_FROM_DAY)
    };
    let (mut sent, mut opened, mut left) = ([0.0; 4], [0.0; 4], [0.0; 4]);
    let mut people: [HashSet<u64>; 4] = Default::default();
    for row in &YEAR.rows {
        match row.event {
            Name::EmailSent => {
                sent[group(row)] += 1.0;
                people[group(row)].insert(row.person);
            }
            Name::EmailOpened if YEAR.flag(row, Property::Machine) == Some(false) => {
                opened[group(row)] += 1.0
            }
            Name::EmailUnsubscribed => left[group(row)] += 1.0,
            _ => {}
        }
    }
    for (group, (opens, leaves)) in [
        (OPEN_RATE, UNSUBSCRIBE_RATE),
        (OPEN_RATE, UNSUBSCRIBE_RATE),
        (OPEN_RATE, UNSUBSCRIBE_RATE),
        (OVERMAILED_OPEN_RATE, OVERMAILED_UNSUBSCRIBE_RATE),
    ]
    .into_iter()
    .enumerate()
    {
        Share { yes: opened[group], n: sent[group] }.is(opens);
        Share { yes: left[group], n: sent[group] }.is(leaves);
    }
    let per_person = |group: usize| sent[group] / people[group].len() as f64;
    let factor = per_person(3) / per_person(1);
    assert!((factor / MAIL_FACTOR as f64 - 1.0).abs() < 0.15, "{factor} times the mails");
}

#[test]
fn shipping_cost_seen_at_the_end() {
    let bought = bought();
    let (mut quick, mut hesitant, mut share) = (Share::default(), Share::default(), Share::default());
    for row in YEAR.all(Name::ViewShippingCost) {
        let hesitates = YEAR.number(row, Property::Seconds).expect("seconds") > HESITATION_S;
        share.add(hesitates);
        let paid = bought.contains(&order_no(row));
        if hesitates { hesitant.add(paid) } else { quick.add(paid) }
    }
    share.is(HESITATE_SHARE);
    let ratio = hesitant.value() / quick.value();
    let truth = HESITATE_FACTOR / no_hesitation_factor();
    assert!((ratio - truth).abs() < 0.05, "{ratio} and not {truth}");
}

#[test]
fn coupon_errors_cost_orders() {
    let bought = bought();
    let mut errors: HashMap<u64, usize> = HashMap::new();
    for row in YEAR.all(Name::CheckoutError) {
        if YEAR.text(row, Property::Error) == Some("coupon_invalid") {
            *errors.entry(order_no(row)).or_default() += 1;
        }
    }
    let mut by_count = [Share::default(); 4];
    for row in YEAR.all(Name::BeginCheckout) {
        let n_errors = errors.get(&order_no(row)).copied().unwrap_or(0);
        by_count[n_errors].add(bought.contains(&order_no(row)));
    }
    let n: f64 = by_count.iter().map(|share| share.n).sum();
    Share { yes: n - by_count[0].n, n }.is(COUPON_SHARE * COUPON_ERROR_SHARE);
    for (n_errors, _, factor) in COUPON_ERRORS {
        let truth = factor * CHECKOUT_RATE;
        let rate = by_count[n_errors].value();
        assert!((rate - truth).abs() < 0.12, "{rate} after {n_errors} errors, not {truth}");
    }
    assert!(by_count.windows(2).all(|pair| pair[1].value() < pair[0].value()), "each error costs");
}

#[test]
fn store_and_app_together_are_loyal() {
    let mut again = [Share::default(); 4];
    for (own, index) in first_orders() {
        let goes = own.iter().any(|row| row.event == Name::StoreVisit);
        let taps = own.iter().any(|row| row.event == Name::AppOpen);
        again[usize::from(goes) * 2 + usize::from(taps)].add(orders_again(own, index));
    }
    let best_alone = again[0].value().max(again[1].value()).max(again[2].value());
    assert!(again[3].n > 100.0 && again[3].value() > 1.7 * best_alone, "{} {best_alone}", again[3].value());
}

#[test]
fn referred_people_convert_best() {
    let mut first: HashMap<&str, Share> = HashMap::new();
    for own in YEAR.people() {
        let came = own.iter().find_map(|row| match row.event {
            Name::ReferralClick => Some("friend"),
            Name::AdClick => {
                let campaign = YEAR.text(row, Property::Campaign).unwrap_or_default();
                (campaign != company::RETARGET.key).then_some(if campaign.starts_with("search") {
                    "search"
                } else {
                    "social"
                })
            }
            _ => None,
        });
        if let Some(came) = came {
            first.entry(came).or_default().add(own.iter().any(|row| row.event == Name::Purchase));
        }
    }
    let (friend, search, social) =
        (first["friend"].value(), first["search"].value(), first["social"].value());
    assert!(friend > 1.8 * search && search > social, "{friend} {search} {social}");
}

#[test]
fn reading_reviews_fills_carts() {
    let (mut read, mut not) = (Share::default(), Share::default());
    for own in YEAR.people() {
        for session in own.chunk_by(|a, b| b.time_us - a.time_us < DAY_US / 48) {
            let has = |name: Name| session.iter().any(|row| row.event == name);
            if has(Name::ViewItem) {
                if has(Name::ReadReview) { &mut read } else { &mut not }.add(has(Name::AddToCart));
            }
        }
    }
    let ratio = read.value() / not.value();
    let truth = READ_REVIEW_FACTOR / NO_REVIEW_FACTOR;
    assert!((ratio / truth - 1.0).abs() < 0.15, "{ratio} times the carts, not {truth}");
}

#[test]
fn desktops_only_seem_to_spend_more() {
    let mut ages: HashMap<u64, &str> = HashMap::new();
    for row in YEAR.all(Name::Identify) {
        if let Some(age) = YEAR.text(row, Property::AgeBand) {
            ages.insert(row.person, age);
        }
    }
    let (mut all, mut within) = ([Mean::default(); 2], HashMap::<&str, [Mean; 2]>::new());
    for row in YEAR.all(Name::Purchase) {
        let desktop = usize::from(YEAR.text(row, Property::Device) == Some("desktop"));
        let won = row.amount.expect("an order has an amount") as f64 / 100.0;
        all[desktop].add(won);
        if let Some(age) = ages.get(&row.person) {
            within.entry(age).or_default()[desktop].add(won);
        }
    }
    assert!(all[1].value() > 1.08 * all[0].value(), "it seems so");
    // Weighted by the desktop orders of each age, the difference is gone.
    let (mut differences, mut n) = (0.0, 0.0);
    for [mobile, desktop] in within.values() {
        differences += (desktop.value() / mobile.value() - 1.0) * desktop.n;
        n += desktop.n;
    }
    assert!((differences / n).abs() < 0.04, "{} within an age", differences / n);
}

#[test]
fn pushes_only_seem_to_sell() {
    let from_us = END_US - 150 * DAY_US;
    let (mut pushed, mut none, mut by_half) = (Mean::default(), Mean::default(), [Mean::default(); 2]);
    let mut with_app = Vec::new();
    for own in YEAR.people() {
        let recent = own.iter().filter(|row| row.time_us >= from_us);
        let n_orders = recent.clone().filter(|row| is_order(row)).count() as f64;
        let n_pushes = recent.filter(|row| row.event == Name::PushSent).count();
        if n_pushes > 0 {
            pushed.add(n_orders)
        } else {
            none.add(n_orders)
        }
        // Had the app before: everybody gets pushes of the same lot all the time.
        if own.iter().any(|row| row.event == Name::PushSent && row.time_us < from_us) {
            with_app.push((n_pushes, n_orders));
        }
    }
    let middle = median(with_app.iter().map(|(n_pushes, _)| *n_pushes as f64).collect());
    for (n_pushes, n_orders) in with_app {
        by_half[usize::from(n_pushes as f64 > middle)].add(n_orders);
    }
    assert!(pushed.value() > 2.0 * none.value(), "it seems so: {} {}", pushed.value(), none.value());
    let ratio = by_half[1].value() / by_half[0].value();
    assert!((0.8..1.2).contains(&ratio), "{ratio} times the orders with more pushes");
}
