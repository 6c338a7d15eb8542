//! One person's year: how they come, look, buy, and whether they come back.

use super::causes;
use super::company::{self, Campaign};
use super::costs::Costs;
use super::event::{Channel, Name, Property};
use super::person::{CARD, CameBy, IN_APP, MAIN, Person, SECOND};
use super::season::{HOUR_US, MINUTE_US, ONLINE, SECOND_US, SHOP, Season};
use super::session::{Interest, Session};
use super::timeline::{Timeline, Who};
use model::{Rng, time::DAY_US};

/// What lives of different people share.
#[derive(Debug, Default)]
pub struct Shared {
    /// The number of the latest order.
    pub order_no: u32,
    /// Invitations whose link a friend will follow: code and when it was sent.
    pub invitations: Vec<(u32, i64)>,
    /// Codes given out.
    pub n_codes: u32,
    /// What was spent.
    pub costs: Costs,
}

/// A person living through the year.
pub struct Life<'a> {
    pub(super) season: &'a Season,
    pub(super) rng: Rng,
    pub(super) person: Person,
    pub(super) timeline: &'a mut Timeline,
    pub(super) shared: &'a mut Shared,
    /// Since when the person is a member.
    pub(super) member_since_us: Option<i64>,
    pub(super) second_is_known: bool,
    pub(super) has_app: bool,
    pub(super) has_cart: bool,
    pub(super) n_orders: u32,
    pub(super) n_sessions: u32,
    pub(super) tier: usize,
    pub(super) points: f64,
    /// What the latest order does to the probability to come back.
    pub(super) return_factor: f64,
}

/// Names of the membership tiers, and the orders each needs.
const TIERS: [(&str, u32); 4] = [("welcome", 0), ("silver", 2), ("gold", 4), ("vip", 8)];

impl<'a> Life<'a> {
    /// A life yet to be lived; the timeline belongs to it until the end.
    pub fn new(
        season: &'a Season,
        rng: Rng,
        person: Person,
        timeline: &'a mut Timeline,
        shared: &'a mut Shared,
    ) -> Self {
        Self {
            season,
            rng,
            person,
            timeline,
            shared,
            member_since_us: None,
            second_is_known: false,
            has_app: false,
            has_cart: false,
            n_orders: 0,
            n_sessions: 0,
            tier: 0,
            points: 0.0,
            return_factor: 1.0,
        }
    }

    /// Lives the year. `invited_us` is when a friend's link was sent, for people who come by one.
    pub fn live(&mut self, invited_us: Option<i64>) {
        if self.person.came_by == CameBy::Before {
            self.go_on_as_customer();
        } else if let Some(end_us) = self.arrive(invited_us) {
            self.consider(end_us);
        }
        self.receive_mails();
        self.receive_pushes();
    }

    /// Who an event at a device is sent by.
    pub(super) fn who(&self, device: u8) -> Who {
        let known = self.member_since_us.is_some() && (device != SECOND || self.second_is_known);
        Who { known, device: Some(device) }
    }

    /// Who a system of ours writes an event about.
    pub(super) fn whom(&self) -> Who {
        match self.member_since_us {
            Some(_) => Who { known: true, device: None },
            None => Who { known: false, device: Some(MAIN) },
        }
    }

    /// Comes for the first time. The end of the first session, if it was a look at the goods.
    fn arrive(&mut self, invited_us: Option<i64>) -> Option<i64> {
        let time_us = match invited_us {
            Some(sent_us) => {
                let gap_days = self.rng.exponential(3.0);
                self.season.after_us(sent_us, gap_days, &ONLINE, &mut self.rng)?
            }
            None => self.season.arrival_us(&mut self.rng),
        };
        let (interest_rate, mut session) = match self.person.came_by {
            CameBy::Search => {
                let campaign = self.see_ads(time_us, Channel::SearchAd, &company::SEARCH)?;
                (0.56, Session::by_ad(time_us, campaign.key))
            }
            CameBy::Social => {
                let campaign = self.see_ads(time_us, Channel::SocialAd, &company::SOCIAL)?;
                (0.36, Session::by_ad(time_us, campaign.key))
            }
            CameBy::Friend(code) => {
                let who = self.who(MAIN);
                let click = self.timeline.add(time_us, Name::ReferralClick, Channel::Referral, who);
                click.text(Property::Code, format!("f{code:05}"));
                (0.80, Session::by_ad(time_us + 2 * SECOND_US, "referral"))
            }
            CameBy::App => {
                self.has_app = true;
                (0.74, Session::at(time_us, IN_APP))
            }
            CameBy::Store => {
                let time_us = self.season.at_hour(self.season.day_of(time_us), &SHOP, &mut self.rng);
                self.visit_shop(time_us, 0.42);
                (0.62, Session::at(time_us + DAY_US / 3, MAIN))
            }
            CameBy::Direct | CameBy::Before => (0.55, Session::at(time_us, MAIN)),
        };
        session.is_new = true;
        if !self.rng.chance(interest_rate) {
            session.interest = Interest::Glance;
            self.run_session(&session);
            if self.rng.chance(0.12) {
                let gap_days = self.rng.exponential(12.0);
                let again_us = self.season.after_us(session.time_us, gap_days, &ONLINE, &mut self.rng)?;
                self.run_session(&Session { interest: Interest::Glance, ..Session::at(again_us, MAIN) });
            }
            return None;
        }
        Some(self.run_session(&session))
    }

    /// Sees advertisements for some days and clicks one; a few people only ever see them.
    fn see_ads(
        &mut self,
        click_us: i64,
        channel: Channel,
        campaigns: &'static [Campaign],
    ) -> Option<&'static Campaign> {
        let weighted: Vec<(&'static Campaign, f64)> = company::running(campaigns, self.season, click_us)
            .map(|campaign| (campaign, campaign.weight))
            .collect();
        let campaign = *self.rng.weighted(&weighted);
        let n_seen = 1 + self.rng.exponential(if channel == Channel::SocialAd { 1.9 } else { 0.7 }) as i64;
        let who = self.who(MAIN);
        for _ in 0..n_seen {
            let seen_us = click_us - 20 * SECOND_US - (self.rng.exponential(3.0) * DAY_US as f64) as i64;
            let seen = self.timeline.add(seen_us, Name::AdImpression, channel, who);
            seen.text(Property::Campaign, campaign.key);
        }
        if self.rng.chance(0.05) {
            return None;
        }
        self.click_ad(click_us - 2 * SECOND_US, channel, campaign);
        Some(campaign)
    }

    fn click_ad(&mut self, time_us: i64, channel: Channel, campaign: &'static Campaign) {
        let who = self.who(MAIN);
        let click = self.timeline.add(time_us, Name::AdClick, channel, who);
        let click = click.text(Property::Campaign, campaign.key);
        if channel == Channel::SearchAd {
            let query = company::QUERIES[self.rng.below(company::QUERIES.len() as u64) as usize];
            click.text(Property::Keyword, query);
        }
        self.shared.costs.click(self.season, time_us, channel, campaign);
    }

    /// Comes again and again until an order, or until patience is over.
    fn consider(&mut self, first_end_us: i64) {
        let mut now_us = first_end_us;
        while self.n_orders == 0 {
            let stay = if self.has_cart { 0.78 } else { 0.67 };
            let gap_days = if self.rng.chance(stay * self.person.keen.powf(0.3)) {
                self.rng.exponential(if self.has_cart { 3.0 } else { 6.0 })
            } else if self.rng.chance(0.10) {
                25.0 + self.rng.exponential(40.0)
            } else {
                return;
            };
            let Some(mut time_us) = self.season.after_us(now_us, gap_days, &ONLINE, &mut self.rng) else {
                return;
            };
            if self.person.shop.is_some() && self.rng.chance(0.22) {
                time_us = self.season.at_hour(self.season.day_of(time_us), &SHOP, &mut self.rng).max(time_us);
                self.visit_shop(time_us, 0.32);
                now_us = time_us;
                continue;
            }
            let retargeted = self.rng.chance(0.22);
            if retargeted {
                let who = self.who(MAIN);
                let seen_us = time_us - 5 * HOUR_US;
                let seen = self.timeline.add(seen_us, Name::AdImpression, Channel::SocialAd, who);
                seen.text(Property::Campaign, company::RETARGET.key);
                self.click_ad(time_us - 2 * SECOND_US, Channel::SocialAd, &company::RETARGET);
            }
            let device = if retargeted { MAIN } else { self.choose_device() };
            let campaign = retargeted.then_some(company::RETARGET.key);
            now_us = self.run_session(&Session { campaign, ..Session::at(time_us, device) });
        }
        // Not everybody stays after a first order; what it was like decides.
        let omni = if self.person.is_omni() { causes::STORE_APP_RETURN_FACTOR } else { 1.0 };
        let comes_back = 0.45 * omni * self.return_factor * self.person.keen.powf(0.4);
        if self.rng.chance(comes_back.min(0.97)) {
            self.come_back(now_us, 0.85);
        }
    }

    /// A customer from before the year: in the books from its first day on.
    fn go_on_as_customer(&mut self) {
        let start_us = self.season.start_us + self.rng.below(6 * HOUR_US as u64) as i64;
        self.member_since_us = Some(start_us);
        self.has_app = self.person.uses_app;
        self.n_orders = 1 + self.rng.exponential(2.2) as u32;
        self.tier = TIERS.iter().rposition(|(_, orders)| *orders <= self.n_orders).unwrap_or(0);
        self.points = 500.0 * self.rng.below(20) as f64;
        let whom = self.whom();
        let identify = self.timeline.add(start_us, Name::Identify, Channel::Store, whom).without_channel();
        let person = &self.person;
        identify
            .text(Property::AgeBand, person.age_band)
            .text(Property::Gender, person.gender)
            .text(Property::Region, person.region)
            .text(Property::Membership, TIERS[self.tier].0)
            .text(Property::SignupChannel, if person.shop.is_some() { "store" } else { "web" })
            .flag(Property::MarketingConsent, person.consents)
            .flag(Property::HasApp, person.uses_app);
        // Some are active when the year starts, others remember the shop during it: so the whole stays level.
        let active_us = if self.rng.chance(0.3) {
            start_us
        } else {
            self.season.start_of(self.rng.below(330) as usize) + start_us - self.season.start_us
        };
        self.come_back(active_us, 0.94);
    }

    /// Comes back as a customer until something ends it; `stay` is the probability of one more time.
    fn come_back(&mut self, from_us: i64, stay: f64) {
        let omni = self.person.is_omni();
        let stay = if omni { 1.0 - (1.0 - stay) * 0.5 } else { stay };
        let gap_mean_days = 11.0 * if omni { causes::STORE_APP_GAP_FACTOR } else { 1.0 };
        let mut now_us = from_us;
        loop {
            let gap_days = 1.5 + self.rng.exponential(gap_mean_days / self.person.keen.powf(0.4));
            let Some(time_us) = self.season.after_us(now_us, gap_days, &ONLINE, &mut self.rng) else {
                return;
            };
            self.return_factor = 1.0;
            if self.person.shop.is_some() && self.rng.chance(0.42) {
                let day = self.season.day_of(time_us);
                now_us = self.season.at_hour(day, &SHOP, &mut self.rng).max(now_us + HOUR_US);
                self.visit_shop(now_us, 0.36);
            } else {
                let device = self.choose_device();
                now_us = self.run_session(&Session::at(time_us, device));
            }
            if !self.rng.chance(stay * self.return_factor) {
                return;
            }
        }
    }

    fn choose_device(&mut self) -> u8 {
        if self.has_app && self.rng.chance(0.62) {
            IN_APP
        } else if self.person.has_second && self.rng.chance(0.35) {
            SECOND
        } else {
            MAIN
        }
    }

    /// Goes to the shop and perhaps buys. A stranger is known by the card; the till offers membership.
    pub(super) fn visit_shop(&mut self, time_us: i64, buy_rate: f64) {
        let shop = company::STORES[self.person.shop.unwrap_or(0)];
        let member = self.member_since_us.is_some();
        let who = if member { self.whom() } else { self.who(CARD) };
        self.timeline.add(time_us, Name::StoreVisit, Channel::Store, who).text(Property::Store, shop);
        if !self.rng.chance(buy_rate) {
            return;
        }
        let till_us = time_us + (8 + self.rng.below(25) as i64) * MINUTE_US;
        if !member && self.rng.chance(0.5) {
            self.sign_up(till_us - MINUTE_US, CARD, "store");
        }
        let (product, won) = self.choose_product();
        let who = if self.member_since_us.is_some() { self.whom() } else { self.who(CARD) };
        self.shared.order_no += 1;
        let order_no = f64::from(self.shared.order_no);
        let nth = f64::from(self.n_orders + 1);
        let sale = self.timeline.add(till_us, Name::StorePurchase, Channel::Store, who);
        sale.won(won)
            .number(Property::Nth, nth)
            .text(Property::Store, shop)
            .text(Property::Product, product.name)
            .text(Property::Category, product.category)
            .number(Property::OrderNo, order_no)
            .number(Property::NItems, 1.0);
        self.n_orders += 1;
        self.earn_points(till_us, won, Channel::Store);
        self.answer_survey(till_us + 3 * HOUR_US, "store", 4.3, 0.06, super::words::Trouble::None);
    }

    /// Becomes a member: from here on events carry the member number, beside the device's.
    pub(super) fn sign_up(&mut self, time_us: i64, device: u8, by: &'static str) {
        let channel = match device {
            CARD => Channel::Store,
            IN_APP => Channel::App,
            _ => Channel::Web,
        };
        self.member_since_us = Some(time_us);
        self.second_is_known |= device == SECOND;
        let who = Who { known: true, device: Some(device) };
        self.timeline.add(time_us, Name::Signup, channel, who).text(Property::SignupChannel, by);
        let person = &self.person;
        let has_app = self.has_app || device == IN_APP;
        let identify = self.timeline.add(time_us + SECOND_US, Name::Identify, channel, who).without_channel();
        identify
            .text(Property::AgeBand, person.age_band)
            .text(Property::Gender, person.gender)
            .text(Property::Region, person.region)
            .text(Property::Membership, TIERS[0].0)
            .text(Property::SignupChannel, by)
            .flag(Property::MarketingConsent, person.consents)
            .flag(Property::HasApp, has_app);
        if let CameBy::Friend(code) = person.came_by {
            let joined =
                self.timeline.add(time_us + 2 * SECOND_US, Name::ReferralJoined, Channel::Referral, who);
            joined.text(Property::Code, format!("f{code:05}"));
        }
    }

    /// Points and tiers for members, one point for each hundred won.
    pub(super) fn earn_points(&mut self, time_us: i64, won: f64, channel: Channel) {
        if self.member_since_us.is_none() {
            return;
        }
        let whom = self.whom();
        let earned = (won / 100.0).floor();
        self.points += earned;
        let earn = self.timeline.add(time_us + 30 * SECOND_US, Name::PointsEarned, channel, whom);
        earn.number(Property::Points, earned);
        let tier = TIERS.iter().rposition(|(_, orders)| *orders <= self.n_orders).unwrap_or(0);
        if tier > self.tier {
            self.tier = tier;
            let up_us = time_us + MINUTE_US;
            let up = self.timeline.add(up_us, Name::TierUp, channel, whom);
            up.text(Property::Membership, TIERS[tier].0);
            let trait_us = up_us + SECOND_US;
            let identify = self.timeline.add(trait_us, Name::Identify, channel, whom).without_channel();
            identify.text(Property::Membership, TIERS[tier].0);
        }
    }

    /// Of four goods drawn by lot, the one nearest to what the person likes to spend.
    pub(super) fn choose_product(&mut self) -> (&'static company::Product, f64) {
        let target_won = 46_000.0 * self.person.spend * (0.5 * self.rng.normal()).exp();
        let n_products = company::PRODUCTS.len() as u64;
        let mut best = &company::PRODUCTS[self.rng.below(n_products) as usize];
        for _ in 0..3 {
            let other = &company::PRODUCTS[self.rng.below(n_products) as usize];
            if (other.won - target_won).abs() < (best.won - target_won).abs() {
                best = other;
            }
        }
        (best, best.won)
    }
}
