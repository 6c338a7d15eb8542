//! What follows an order: delivery, contacts, refunds, opinions, recommendations.

use super::causes;
use super::event::{Channel, Name, Property};
use super::life::Life;
use super::person::{CARD, MAIN};
use super::season::{HOUR_US, MINUTE_US, OFFICE, ONLINE, SECOND_US, SHOP};
use super::words::{self, Trouble};
use model::time::DAY_US;

/// A member may pay with points from here.
const POINTS_USABLE: f64 = 1_000.0;

/// An answer to a survey.
struct Answer {
    kind: &'static str,
    moment: &'static str,
    score: f64,
    /// The score as 0 to 1.
    share: f64,
}

impl Life<'_> {
    /// Everything after an online order. Leaves in `return_factor` what it does to coming back.
    pub(super) fn after_order(
        &mut self,
        bought_us: i64,
        won: f64,
        order_no: f64,
        channel: Channel,
        trouble: Trouble,
    ) {
        self.return_factor = 1.0;
        if self.member_since_us.is_some() {
            self.use_points(bought_us, channel);
            self.earn_points(bought_us, won, channel);
        }
        let checkout_score = match trouble {
            Trouble::Slow => 1.4,
            Trouble::Coupon => 2.1,
            Trouble::Shipping => 2.2,
            Trouble::None | Trouble::Late => 3.0,
        };
        self.answer_survey(bought_us + 2 * MINUTE_US, "checkout", checkout_score, 0.09, trouble);
        let (delivered_us, is_late) = self.deliver(bought_us, order_no);
        let trouble = if is_late { Trouble::Late } else { Trouble::None };
        let loss = if is_late { causes::LATE_CSAT_LOSS } else { 0.0 };
        let asked_us = delivered_us + 3 * HOUR_US;
        self.answer_survey(asked_us, "delivery", 4.0 - loss, 0.18, trouble);
        if is_late {
            self.return_factor *= causes::LATE_RETURN_FACTOR;
        }
        let contact_rate = if is_late { causes::LATE_CONTACT_RATE } else { causes::CONTACT_RATE };
        if self.rng.chance(contact_rate) {
            self.contact(bought_us, delivered_us, order_no, trouble);
        }
        if self.rng.chance(if is_late { 0.08 } else { 0.05 }) {
            self.refund(delivered_us, won, order_no);
        }
        self.speak(delivered_us, trouble);
    }

    fn use_points(&mut self, bought_us: i64, channel: Channel) {
        if self.points < POINTS_USABLE || !self.rng.chance(0.35) {
            return;
        }
        let whom = self.whom();
        let used = self.timeline.add(bought_us - 15 * SECOND_US, Name::PointsUsed, channel, whom);
        used.number(Property::Points, self.points);
        self.points = 0.0;
    }

    /// Ships and delivers. When it arrived, and whether by the late courier.
    fn deliver(&mut self, bought_us: i64, order_no: f64) -> (i64, bool) {
        let region = self.person.region;
        let is_late = region == causes::LATE_REGION && self.rng.chance(causes::LATE_SHARE);
        let others = ["길목물류", "새벽로지스"];
        let courier =
            if is_late { causes::LATE_COURIER } else { others[self.rng.below(others.len() as u64) as usize] };
        let mut days = causes::DELIVERY_DAYS * (0.25 * self.rng.normal() - 0.031).exp();
        if is_late {
            days += (causes::LATE_EXTRA_DAYS + 0.6 * self.rng.normal()).max(0.5);
        }
        let shipped_us = bought_us + (days.min(2.5) * 0.4 * DAY_US as f64) as i64;
        let due_us = bought_us + (days * DAY_US as f64) as i64;
        let whom = self.whom();
        let shipped = self.timeline.add(shipped_us, Name::DeliveryShipped, Channel::Email, whom);
        shipped
            .text(Property::Region, region)
            .text(Property::Courier, courier)
            .number(Property::OrderNo, order_no);
        let door_us = if due_us < self.season.end_us {
            // Couriers come by day.
            let day_us = self.season.at_hour(self.season.day_of(due_us), &SHOP, &mut self.rng);
            day_us.max(shipped_us + 5 * HOUR_US)
        } else {
            due_us
        };
        let days = (door_us - bought_us) as f64 / DAY_US as f64;
        let delivered = self.timeline.add(door_us, Name::Delivered, Channel::Email, whom);
        delivered
            .text(Property::Region, region)
            .text(Property::Courier, courier)
            .number(Property::Days, (days * 10.0).round() / 10.0)
            .number(Property::OrderNo, order_no);
        (door_us, is_late)
    }

    fn contact(&mut self, bought_us: i64, delivered_us: i64, order_no: f64, trouble: Trouble) {
        let topics: &[(&'static str, f64)] = if trouble == Trouble::Late {
            &[("delivery", 0.82), ("return", 0.12), ("product", 0.06)]
        } else {
            &[("delivery", 0.22), ("return", 0.40), ("coupon", 0.14), ("product", 0.24)]
        };
        let topic = *self.rng.weighted(topics);
        let about_us =
            if topic == "delivery" { bought_us + (delivered_us - bought_us) * 3 / 4 } else { delivered_us };
        let gap_days = self.rng.exponential(0.6);
        let Some(time_us) = self.season.after_us(about_us, gap_days, &OFFICE, &mut self.rng) else { return };
        let (channel, wait_min) =
            if self.rng.chance(0.55) { (Channel::Call, 9.0) } else { (Channel::Chat, 4.0) };
        let wait_min = self.rng.exponential(wait_min);
        let resolved = self.rng.chance(if trouble == Trouble::Late { 0.58 } else { 0.84 });
        let who = if channel == Channel::Call { self.whom() } else { self.who(MAIN) };
        let english = self.person.english;
        let text = words::ticket(topic, english, &mut self.rng);
        let contact = self.timeline.add(time_us, Name::SupportContact, channel, who);
        contact
            .text(Property::Topic, topic)
            .flag(Property::Resolved, resolved)
            .number(Property::WaitMin, wait_min.round())
            .text(Property::Text, text)
            .number(Property::OrderNo, order_no);
        self.shared.costs.contact(self.season, time_us, channel);
        let score = if resolved { 3.9 } else { 1.9 };
        self.answer_survey(time_us + HOUR_US, "support", score, 0.3, trouble);
        if !resolved {
            self.return_factor *= 0.75;
        }
    }

    fn refund(&mut self, delivered_us: i64, won: f64, order_no: f64) {
        let gap_days = 1.0 + self.rng.exponential(3.0);
        if let Some(time_us) = self.season.after_us(delivered_us, gap_days, &ONLINE, &mut self.rng) {
            let whom = self.whom();
            let back = self.timeline.add(time_us, Name::Refund, Channel::Web, whom);
            back.won(-won).number(Property::OrderNo, order_no);
            self.return_factor *= 0.8;
        }
    }

    /// A review, a share, an invitation, and the question whether they would recommend us.
    fn speak(&mut self, delivered_us: i64, trouble: Trouble) {
        let mood = if trouble == Trouble::Late { -1.6 } else { 0.0 };
        let omni = if self.person.is_omni() { 0.35 } else { 0.0 };
        if self.rng.chance(if trouble == Trouble::Late { 0.08 } else { 0.05 }) {
            let rating = (4.4 + mood + omni + 0.8 * self.rng.normal()).round().clamp(1.0, 5.0);
            let gap_days = 0.5 + self.rng.exponential(3.0);
            if let Some(time_us) = self.season.after_us(delivered_us, gap_days, &ONLINE, &mut self.rng) {
                let english = self.person.english;
                let text = words::comment((rating - 1.0) / 4.0, trouble, english, &mut self.rng);
                let review = self.timeline.add(time_us, Name::ReviewPosted, Channel::Review, self.who(MAIN));
                review.number(Property::Rating, rating).text(Property::Text, text);
            }
        }
        if mood == 0.0 && self.rng.chance(0.02) {
            let gap_days = 1.0 + self.rng.exponential(4.0);
            if let Some(time_us) = self.season.after_us(delivered_us, gap_days, &ONLINE, &mut self.rng) {
                self.timeline.add(time_us, Name::SnsShare, Channel::Web, self.who(MAIN));
            }
        }
        if mood == 0.0 && self.member_since_us.is_some() && self.rng.chance(0.045 * (1.0 + 2.0 * omni)) {
            self.invite(delivered_us);
        }
        let mean = 8.65 + 1.4 * mood + 2.0 * omni;
        if self.member_since_us.is_some() && self.rng.chance(0.12) {
            let gap_days = 18.0 + self.rng.exponential(5.0);
            if let Some(time_us) = self.season.after_us(delivered_us, gap_days, &ONLINE, &mut self.rng) {
                let score = (mean + 1.75 * self.rng.normal()).round().clamp(0.0, 10.0);
                let answer = Answer { kind: "nps", moment: "relation", score, share: score / 10.0 };
                self.write_survey(time_us, &answer, trouble);
            }
        }
    }

    fn invite(&mut self, delivered_us: i64) {
        let gap_days = 1.0 + self.rng.exponential(6.0);
        let Some(time_us) = self.season.after_us(delivered_us, gap_days, &ONLINE, &mut self.rng) else {
            return;
        };
        let n_links = 1 + self.rng.exponential(2.4) as u32;
        for link in 0..n_links {
            let sent_us = time_us + i64::from(link) * 20 * SECOND_US;
            self.shared.n_codes += 1;
            let code = self.shared.n_codes;
            let sent = self.timeline.add(sent_us, Name::ReferralSent, Channel::Referral, self.who(MAIN));
            sent.text(Property::Code, format!("f{code:05}"));
            if sent_us < self.season.end_us && self.rng.chance(0.85) {
                self.shared.invitations.push((code, sent_us));
            }
        }
    }

    /// Asks in the chat before a first order.
    pub(super) fn ask_in_chat(&mut self, time_us: i64, device: u8) {
        let english = self.person.english;
        let text = words::ticket("product", english, &mut self.rng);
        let wait_min = self.rng.exponential(4.0).round();
        let contact = self.timeline.add(time_us, Name::SupportContact, Channel::Chat, self.who(device));
        contact
            .text(Property::Topic, "product")
            .flag(Property::Resolved, true)
            .number(Property::WaitMin, wait_min)
            .text(Property::Text, text);
        self.shared.costs.contact(self.season, time_us, Channel::Chat);
    }

    /// Answers a satisfaction question of 1 to 5 with probability `rate`, around `mean`.
    pub(super) fn answer_survey(
        &mut self,
        time_us: i64,
        moment: &'static str,
        mean: f64,
        rate: f64,
        trouble: Trouble,
    ) {
        if self.rng.chance(rate) {
            let score = (mean + 0.9 * self.rng.normal()).round().clamp(1.0, 5.0);
            let answer = Answer { kind: "csat", moment, score, share: (score - 1.0) / 4.0 };
            self.write_survey(time_us, &answer, trouble);
        }
    }

    fn write_survey(&mut self, time_us: i64, answer: &Answer, trouble: Trouble) {
        let &Answer { kind, moment, score, share } = answer;
        let who = match (self.member_since_us, moment) {
            (None, "store") => self.who(CARD),
            _ => self.who(MAIN),
        };
        let writes = self.rng.chance(if share < 0.4 { 0.7 } else { 0.4 });
        let english = self.person.english;
        let comment = words::comment(share, trouble, english, &mut self.rng);
        let answer = self.timeline.add(time_us, Name::SurveyAnswered, Channel::Survey, who);
        let answer =
            answer.text(Property::Kind, kind).text(Property::Moment, moment).number(Property::Score, score);
        if writes {
            answer.text(Property::Comment, comment);
        }
    }
}
