//! One session on the web or in the app: looking, the cart, the checkout.

use super::causes;
use super::company::{APP, Browser, PAGES, Product, QUERIES};
use super::event::{Channel, Name, Property};
use super::life::Life;
use super::person::{CameBy, IN_APP, SECOND};
use super::season::{MINUTE_US, SECOND_US};
use super::words::Trouble;

/// How seriously a person looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// A page or two.
    Glance,
    /// At the goods.
    Goods,
}

/// A session about to be.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// When it starts.
    pub time_us: i64,
    /// On which device.
    pub device: u8,
    /// The campaign that led here.
    pub campaign: Option<&'static str>,
    /// How seriously.
    pub interest: Interest,
    /// Whether the browser was never seen before.
    pub is_new: bool,
}

impl Session {
    /// A session without a campaign.
    pub fn at(time_us: i64, device: u8) -> Self {
        Self { time_us, device, campaign: None, interest: Interest::Goods, is_new: false }
    }

    /// The first session, on the first device, by a campaign.
    pub fn by_ad(time_us: i64, campaign: &'static str) -> Self {
        Self { campaign: Some(campaign), ..Self::at(time_us, super::person::MAIN) }
    }
}

/// A cart on its way to the till.
struct Cart {
    device: u8,
    browser: Browser,
    channel: Channel,
    product: &'static Product,
    n_items: f64,
    won: f64,
}

/// A checkout that will be paid.
struct Checkout {
    order_no: f64,
    coupon: Option<&'static str>,
    fee: f64,
    trouble: Trouble,
}

impl Life<'_> {
    /// Runs a session and answers when it ended.
    pub(super) fn run_session(&mut self, session: &Session) -> i64 {
        let &Session { time_us, device, .. } = session;
        let (browser, channel) = if device == IN_APP {
            (APP, Channel::App)
        } else {
            (self.person.browsers[usize::from(device)], Channel::Web)
        };
        self.n_sessions += 1;
        self.enter(session, browser, channel);
        let mut now_us = time_us;
        let n_pages =
            1 + self.rng.exponential(if session.interest == Interest::Glance { 1.2 } else { 2.4 }) as u32;
        for _ in 0..n_pages {
            now_us = self.view_page(now_us, device, channel);
        }
        self.answer_survey(now_us, "visit", 3.6, 0.02, Trouble::None);
        if session.interest == Interest::Glance {
            return now_us;
        }
        if self.rng.chance(0.42) {
            now_us += self.pause_us(12.0);
            let query = QUERIES[self.rng.below(QUERIES.len() as u64) as usize];
            let search = self.timeline.add(now_us, Name::Search, channel, self.who(device));
            search.text(Property::Query, query);
        }
        // Chance alone decides who reads reviews, so that reading them is a cause and nothing else.
        let reads = self.rng.chance(causes::READ_REVIEW_SHARE);
        let n_items = 1 + self.rng.exponential(1.5) as u32;
        let (mut product, mut won) = self.choose_product();
        for item in 0..n_items {
            now_us += self.pause_us(25.0);
            let view = self.timeline.add(now_us, Name::ViewItem, channel, self.who(device));
            view.text(Property::Product, product.name)
                .text(Property::Category, product.category)
                .number(Property::Price, product.won);
            if reads && (item == 0 || self.rng.chance(0.4)) {
                now_us += self.pause_us(18.0);
                let read = self.timeline.add(now_us, Name::ReadReview, channel, self.who(device));
                read.text(Property::Product, product.name);
            }
            if item + 1 < n_items {
                (product, won) = self.choose_product();
            }
        }
        if n_items > 1 && self.rng.chance(0.28) {
            now_us += self.pause_us(20.0);
            let compare = self.timeline.add(now_us, Name::Compare, channel, self.who(device));
            compare.number(Property::NItems, f64::from(n_items.min(4)));
        }
        if self.n_orders == 0 && self.rng.chance(0.035) {
            now_us += self.pause_us(60.0);
            self.ask_in_chat(now_us, device);
        }
        self.answer_survey(now_us, "product", 3.9, 0.025, Trouble::None);
        self.maybe_join(now_us, device);
        let cart_rate = self.cart_rate(reads);
        if !self.rng.chance(cart_rate) {
            return now_us;
        }
        self.fill_cart(now_us, Cart { device, browser, channel, product, n_items: 1.0, won })
    }

    fn pause_us(&mut self, mean_s: f64) -> i64 {
        2 * SECOND_US + (self.rng.exponential(mean_s) * SECOND_US as f64) as i64
    }

    fn enter(&mut self, session: &Session, browser: Browser, channel: Channel) {
        let who = self.who(session.device);
        let event = if channel == Channel::App { Name::AppOpen } else { Name::Visit };
        let visit = self.timeline.add(session.time_us, event, channel, who);
        let visit = visit
            .text(Property::Browser, browser.name)
            .text(Property::Device, browser.device)
            .text(Property::UserAgent, browser.agent)
            .flag(Property::IsNew, session.is_new);
        if let Some(campaign) = session.campaign {
            visit.text(Property::Campaign, campaign);
        }
    }

    fn view_page(&mut self, now_us: i64, device: u8, channel: Channel) -> i64 {
        let page = PAGES[self.rng.below(PAGES.len() as u64) as usize];
        let stay_us = self.pause_us(22.0);
        let view = self.timeline.add(now_us + SECOND_US, Name::PageView, channel, self.who(device));
        view.text(Property::Page, page).number(Property::Seconds, (stay_us / SECOND_US) as f64);
        now_us + SECOND_US + stay_us
    }

    /// A few join before they buy, for the welcome coupon or with the app.
    fn maybe_join(&mut self, now_us: i64, device: u8) {
        if self.member_since_us.is_none() {
            let wants_app = self.person.uses_app && !self.has_app && self.rng.chance(0.35);
            if self.rng.chance(0.10) || (wants_app && self.rng.chance(0.8)) {
                self.sign_up(now_us + 5 * SECOND_US, device, if device == IN_APP { "app" } else { "web" });
            }
            self.has_app |= wants_app;
        } else {
            if device == SECOND && !self.second_is_known && self.rng.chance(0.5) {
                self.log_in(now_us + 5 * SECOND_US);
            }
            self.has_app |= self.person.uses_app && self.rng.chance(0.3);
        }
    }

    fn log_in(&mut self, now_us: i64) {
        self.second_is_known = true;
        self.timeline.add(now_us, Name::Login, Channel::Web, self.who(SECOND));
    }

    fn cart_rate(&self, reads: bool) -> f64 {
        let read = if reads { causes::READ_REVIEW_FACTOR } else { causes::NO_REVIEW_FACTOR };
        let friend =
            if matches!(self.person.came_by, CameBy::Friend(_)) { causes::REFERRAL_CART_FACTOR } else { 1.0 };
        let cart = if self.has_cart { 2.3 } else { 1.0 };
        let customer = if self.n_orders > 0 {
            2.17
        } else if self.n_sessions < 2 {
            0.6
        } else {
            1.3
        };
        (0.125 * self.person.keen * read * friend * cart * customer).min(0.92)
    }

    fn fill_cart(&mut self, mut now_us: i64, mut cart: Cart) -> i64 {
        let n_items = 1 + self.rng.exponential(0.5) as u32;
        cart.n_items = f64::from(n_items);
        for item in 0..n_items {
            if item > 0 {
                let (_, won) = self.choose_product();
                cart.won += won;
            }
            now_us += self.pause_us(15.0);
            let add = self.timeline.add(now_us, Name::AddToCart, cart.channel, self.who(cart.device));
            add.text(Property::Product, cart.product.name)
                .text(Property::Category, cart.product.category)
                .number(Property::CartValue, cart.won);
        }
        self.has_cart = true;
        if !self.rng.chance(0.80) {
            return now_us;
        }
        now_us += self.rng.below(90) as i64 * SECOND_US;
        self.check_out(now_us, &cart)
    }

    fn check_out(&mut self, start_us: i64, cart: &Cart) -> i64 {
        let mut now_us = start_us;
        if self.member_since_us.is_none() && self.rng.chance(0.70) {
            self.sign_up(now_us, cart.device, if cart.device == IN_APP { "app" } else { "web" });
            now_us += 40 * SECOND_US;
        } else if cart.device == SECOND && self.member_since_us.is_some() && !self.second_is_known {
            self.log_in(now_us);
            now_us += 20 * SECOND_US;
        }
        self.shared.order_no += 1;
        let order_no = f64::from(self.shared.order_no);
        let slow =
            cart.browser.name == causes::SLOW_BROWSER && self.season.day_of(now_us) >= causes::SLOW_FROM_DAY;
        let page_ms = if slow { causes::SLOW_PAGE_MS_MEDIAN } else { causes::PAGE_MS_MEDIAN }
            * (0.35 * self.rng.normal()).exp();
        let begin = self.timeline.add(now_us, Name::BeginCheckout, cart.channel, self.who(cart.device));
        begin
            .text(Property::Browser, cart.browser.name)
            .text(Property::Device, cart.browser.device)
            .number(Property::PageMs, page_ms.round())
            .text(Property::Region, self.person.region)
            .number(Property::CartValue, cart.won)
            .number(Property::NItems, cart.n_items)
            .number(Property::OrderNo, order_no);
        let mut rate = if slow { causes::SLOW_CHECKOUT_RATE } else { causes::CHECKOUT_RATE };
        let mut trouble = if slow { Trouble::Slow } else { Trouble::None };
        now_us += self.pause_us(45.0) + (page_ms * 1e3) as i64;
        let (coupon, coupon_factor) = self.enter_coupon(&mut now_us, cart, order_no);
        let (fee, fee_factor) = self.see_shipping(&mut now_us, cart, order_no);
        if coupon_factor < 1.0 {
            trouble = Trouble::Coupon;
        } else if fee_factor < 1.0 && !slow {
            trouble = Trouble::Shipping;
        }
        rate *= coupon_factor * fee_factor;
        if !self.rng.chance(rate) {
            if slow && self.rng.chance(0.12) {
                let error =
                    self.timeline.add(now_us, Name::CheckoutError, cart.channel, self.who(cart.device));
                error.text(Property::Error, "page_timeout").number(Property::OrderNo, order_no);
            }
            self.answer_survey(now_us + MINUTE_US, "checkout", 1.8, 0.09, trouble.or(Trouble::Shipping));
            return now_us;
        }
        let coupon = coupon.then_some("WELCOME10");
        self.pay(now_us, cart, &Checkout { order_no, coupon, fee, trouble })
    }

    /// Whether a coupon was taken, and what entering it did to the checkout rate.
    fn enter_coupon(&mut self, now_us: &mut i64, cart: &Cart, order_no: f64) -> (bool, f64) {
        if !self.rng.chance(causes::COUPON_SHARE) {
            return (false, 1.0);
        }
        if !self.rng.chance(causes::COUPON_ERROR_SHARE) {
            return (true, causes::good_coupon_factor());
        }
        let kinds = causes::COUPON_ERRORS.map(|(n_errors, share, factor)| ((n_errors, factor), share));
        let (n_errors, factor) = *self.rng.weighted(&kinds);
        for attempt in 1..=n_errors {
            *now_us += self.pause_us(14.0);
            let error = self.timeline.add(*now_us, Name::CheckoutError, cart.channel, self.who(cart.device));
            error
                .text(Property::Error, "coupon_invalid")
                .text(Property::Coupon, "WELCOME10")
                .number(Property::Attempt, attempt as f64)
                .number(Property::OrderNo, order_no);
        }
        (false, factor)
    }

    /// The shipping fee, and what learning of it this late did to the checkout rate.
    fn see_shipping(&mut self, now_us: &mut i64, cart: &Cart, order_no: f64) -> (f64, f64) {
        if cart.won >= causes::FREE_SHIPPING_WON {
            return (0.0, 1.0);
        }
        let hesitates = self.rng.chance(causes::HESITATE_SHARE);
        let seconds = if hesitates {
            (causes::HESITATION_S + 1.0 + self.rng.exponential(35.0)).min(240.0)
        } else {
            (9.0 * (0.5 * self.rng.normal()).exp()).clamp(2.0, causes::HESITATION_S)
        };
        let seen = self.timeline.add(*now_us, Name::ViewShippingCost, cart.channel, self.who(cart.device));
        seen.number(Property::Fee, causes::SHIPPING_FEE_WON)
            .number(Property::Seconds, seconds.round())
            .number(Property::OrderNo, order_no);
        *now_us += (seconds * SECOND_US as f64) as i64;
        let factor = if hesitates { causes::HESITATE_FACTOR } else { causes::no_hesitation_factor() };
        (causes::SHIPPING_FEE_WON, factor)
    }

    fn pay(&mut self, start_us: i64, cart: &Cart, checkout: &Checkout) -> i64 {
        let &Checkout { order_no, coupon, fee, trouble } = checkout;
        let methods =
            [("card", 0.42), ("naver_pay", 0.27), ("kakao_pay", 0.22), ("bank", 0.05), ("phone", 0.04)];
        let method = *self.rng.weighted(&methods);
        let pay_us = start_us + self.pause_us(12.0);
        let who = self.who(cart.device);
        let payment = self.timeline.add(pay_us, Name::AddPayment, cart.channel, who);
        payment.text(Property::Method, method).number(Property::OrderNo, order_no);
        let bought_us = pay_us + self.pause_us(8.0);
        let discount = if coupon.is_some() { 0.9 } else { 1.0 };
        let won = (cart.won * discount + fee).round();
        let nth = f64::from(self.n_orders + 1);
        let sale = self.timeline.add(bought_us, Name::Purchase, cart.channel, who).won(won);
        let sale = sale
            .text(Property::Product, cart.product.name)
            .text(Property::Category, cart.product.category)
            .text(Property::Browser, cart.browser.name)
            .text(Property::Device, cart.browser.device)
            .text(Property::Region, self.person.region)
            .number(Property::NItems, cart.n_items)
            .number(Property::Nth, nth)
            .number(Property::OrderNo, order_no);
        if let Some(coupon) = coupon {
            sale.text(Property::Coupon, coupon);
        }
        self.has_cart = false;
        self.n_orders += 1;
        self.after_order(bought_us, won, order_no, cart.channel, trouble);
        bought_us + MINUTE_US
    }
}
