//! Series that belong to nobody: what advertisements and contacts cost, and how often ads were shown.

use super::company::Campaign;
use super::event::Channel;
use super::season::Season;
use model::Rng;
use std::collections::BTreeMap;

/// Won for one answered call.
const CALL_WON: f64 = 4_300.0;
/// Won for one chat.
const CHAT_WON: f64 = 1_700.0;

/// One number of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoPoint {
    /// `ad_spend` and `contact_cost` in won, `ad_impressions` as a count.
    pub name: &'static str,
    /// Days since 1970-01-01 in Korea.
    pub day: i32,
    /// The channel.
    pub channel: Channel,
    /// The campaign, or empty.
    pub campaign: &'static str,
    /// The number.
    pub value: f64,
}

/// Clicks and contacts by day, counted while people live.
#[derive(Debug, Default)]
pub struct Costs {
    clicks: BTreeMap<(i32, Channel, &'static str), (f64, f64)>,
    contacts: BTreeMap<(i32, Channel), f64>,
}

impl Costs {
    /// Counts a click to be paid for.
    pub fn click(&mut self, season: &Season, time_us: i64, channel: Channel, campaign: &'static Campaign) {
        if (season.start_us..season.end_us).contains(&time_us) {
            let day = season.epoch_day(season.day_of(time_us));
            let entry = self.clicks.entry((day, channel, campaign.key)).or_default();
            *entry = (entry.0 + 1.0, campaign.click_won);
        }
    }

    /// Counts a call or a chat.
    pub fn contact(&mut self, season: &Season, time_us: i64, channel: Channel) {
        if (season.start_us..season.end_us).contains(&time_us) {
            *self.contacts.entry((season.epoch_day(season.day_of(time_us)), channel)).or_default() += 1.0;
        }
    }

    /// The series, ordered by name, day, channel and campaign.
    pub fn series(&self, rng: &mut Rng) -> Vec<DemoPoint> {
        let mut points = Vec::new();
        for (&(day, channel, campaign), &(n_clicks, click_won)) in &self.clicks {
            let spend = (n_clicks * click_won * (0.12 * rng.normal()).exp()).round();
            let per_click = if channel == Channel::SearchAd { 28.0 } else { 74.0 };
            let shown = (n_clicks * per_click * (0.2 * rng.normal()).exp()).round();
            points.push(DemoPoint { name: "ad_spend", day, channel, campaign, value: spend });
            points.push(DemoPoint { name: "ad_impressions", day, channel, campaign, value: shown });
        }
        for (&(day, channel), n_contacts) in &self.contacts {
            let won = if channel == Channel::Call { CALL_WON } else { CHAT_WON };
            let value = n_contacts * won;
            points.push(DemoPoint { name: "contact_cost", day, channel, campaign: "", value });
        }
        points.sort_by_key(|point| (point.name, point.day, point.channel, point.campaign));
        points
    }
}
