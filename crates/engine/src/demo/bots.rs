//! Machines that read pages at rates no person could.

use super::company::{BOTS, PAGES, PRODUCTS};
use super::event::{Channel, Name, Property};
use super::season::{SECOND_US, Season};
use super::timeline::{Timeline, Who};
use model::{Rng, time::DAY_US};

/// One machine's year: a few raids of a hundred pages within a minute or two.
pub fn raid(season: &Season, rng: &mut Rng, timeline: &mut Timeline) {
    let bot = BOTS[rng.below(BOTS.len() as u64) as usize];
    let who = Who { known: false, device: Some(0) };
    let n_raids = 1 + rng.below(3);
    for _ in 0..n_raids {
        let mut now_us = season.start_us + rng.below(365 * DAY_US as u64) as i64;
        let visit = timeline.add(now_us, Name::Visit, Channel::Web, who);
        visit
            .text(Property::Browser, bot.name)
            .text(Property::Device, bot.device)
            .text(Property::UserAgent, bot.agent)
            .flag(Property::IsNew, true);
        for _ in 0..60 + rng.below(60) {
            now_us += SECOND_US / 5 + rng.below(SECOND_US as u64) as i64;
            if rng.chance(0.5) {
                let product = &PRODUCTS[rng.below(PRODUCTS.len() as u64) as usize];
                let view = timeline.add(now_us, Name::ViewItem, Channel::Web, who);
                view.text(Property::Product, product.name)
                    .text(Property::Category, product.category)
                    .number(Property::Price, product.won)
                    .text(Property::Browser, bot.name)
                    .text(Property::UserAgent, bot.agent);
            } else {
                let page = PAGES[rng.below(PAGES.len() as u64) as usize];
                let view = timeline.add(now_us, Name::PageView, Channel::Web, who);
                view.text(Property::Page, page)
                    .number(Property::Seconds, 0.0)
                    .text(Property::Browser, bot.name)
                    .text(Property::UserAgent, bot.agent);
            }
        }
    }
}
