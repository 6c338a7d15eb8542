//! What the company sends: mails to members who allow them, pushes to phones with the app.

use super::causes;
use super::event::{Channel, Name, Property};
use super::life::Life;
use super::person::{IN_APP, MAIN};
use super::season::{HOUR_US, MINUTE_US, N_DAYS, ONLINE, SECOND_US};
use super::session::{Interest, Session};
use super::timeline::Who;
use model::time::DAY_US;

/// The first mail goes out on this day, a Thursday, and then every two weeks.
const FIRST_MAIL_DAY: usize = 5;
const MAIL_EVERY_DAYS: usize = 14;
/// Of the mails to iPhones, opened by the mail program itself.
const MACHINE_OPEN_SHARE: f64 = 0.45;
/// Clicks per human open.
const CLICK_RATE: f64 = 0.15;

impl Life<'_> {
    /// The mails of the year, until the person unsubscribes.
    pub(super) fn receive_mails(&mut self) {
        let Some(since_us) = self.member_since_us.filter(|_| self.person.consents) else { return };
        for (mail, day) in (FIRST_MAIL_DAY..N_DAYS).step_by(MAIL_EVERY_DAYS).enumerate() {
            let overmailed = self.person.age_band == causes::MAIL_AGE_BAND && day >= causes::MAIL_FROM_DAY;
            let n_mails = if overmailed { causes::MAIL_FACTOR } else { 1 };
            for turn in 0..n_mails {
                let sent_us = self.season.start_of(day + turn * 4) + 10 * HOUR_US;
                if sent_us <= since_us || sent_us >= self.season.end_us {
                    continue;
                }
                let sent_us = sent_us + self.rng.below(20) as i64 * MINUTE_US;
                let campaign = format!("mail_{:02}{}", mail + 1, ["", "b", "c"][turn.min(2)]);
                if self.receive_mail(sent_us, campaign, overmailed) {
                    return;
                }
            }
        }
    }

    /// One mail. Whether it made the person unsubscribe.
    fn receive_mail(&mut self, sent_us: i64, campaign: String, overmailed: bool) -> bool {
        let whom = self.whom();
        let (open_rate, leave_rate) = if overmailed {
            (causes::OVERMAILED_OPEN_RATE, causes::OVERMAILED_UNSUBSCRIBE_RATE)
        } else {
            (causes::OPEN_RATE, causes::UNSUBSCRIBE_RATE)
        };
        let mail = self.timeline.add(sent_us, Name::EmailSent, Channel::Email, whom);
        mail.text(Property::Campaign, campaign.clone());
        if self.person.iphone && self.rng.chance(MACHINE_OPEN_SHARE) {
            let open_us = sent_us + (2 + self.rng.below(40) as i64) * SECOND_US;
            let open = self.timeline.add(open_us, Name::EmailOpened, Channel::Email, whom);
            open.text(Property::Campaign, campaign.clone()).flag(Property::Machine, true);
        }
        if self.rng.chance(leave_rate) {
            let left_us = sent_us + 2 * HOUR_US + self.rng.below(6 * HOUR_US as u64) as i64;
            let left = self.timeline.add(left_us, Name::EmailUnsubscribed, Channel::Email, whom);
            left.text(Property::Campaign, campaign);
            let told_us = left_us + SECOND_US;
            let identify = self.timeline.add(told_us, Name::Identify, Channel::Email, whom).without_channel();
            identify.flag(Property::MarketingConsent, false);
            return true;
        }
        if !self.rng.chance(open_rate) {
            return false;
        }
        let open_us = sent_us + 5 * MINUTE_US + (self.rng.exponential(9.0) * HOUR_US as f64) as i64;
        let open = self.timeline.add(open_us, Name::EmailOpened, Channel::Email, whom);
        open.text(Property::Campaign, campaign.clone()).flag(Property::Machine, false);
        if self.rng.chance(CLICK_RATE) {
            let click_us = open_us + 20 * SECOND_US;
            let click = self.timeline.add(click_us, Name::EmailClicked, Channel::Email, whom);
            click.text(Property::Campaign, campaign);
            let session = Session { campaign: Some("mail"), ..Session::at(click_us + SECOND_US, MAIN) };
            if session.time_us < self.season.end_us {
                self.run_session(&session);
            }
        }
        false
    }

    /// The pushes of the year. How many somebody gets is drawn by lot, and they lead to a look, never to an order:
    /// they go with orders only because those who have the app order more.
    pub(super) fn receive_pushes(&mut self) {
        if !self.has_app {
            return;
        }
        let since_us = self.member_since_us.unwrap_or(self.season.start_us);
        let per_week = 0.15 + 0.6 * self.rng.unit();
        let who = Who { known: self.member_since_us.is_some(), device: Some(IN_APP) };
        let mut now_us = since_us + DAY_US;
        loop {
            let gap_days = 1.0 + self.rng.exponential(7.0 / per_week);
            let Some(time_us) = self.season.after_us(now_us, gap_days, &ONLINE, &mut self.rng) else {
                return;
            };
            now_us = time_us;
            self.timeline.add(time_us, Name::PushSent, Channel::App, who);
            if self.rng.chance(0.09) {
                let open_us = time_us + MINUTE_US;
                self.timeline.add(open_us, Name::PushOpened, Channel::App, who);
                let look = Session::at(open_us + SECOND_US, IN_APP);
                self.run_session(&Session { interest: Interest::Glance, ..look });
            }
        }
    }
}
