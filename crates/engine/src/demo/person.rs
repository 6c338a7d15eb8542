//! Who the customers are: traits, devices and habits, drawn before anything happens.

use super::company::{ANDROID, APP, Browser, DESKTOP, MOBILE_SAFARI};
use model::Rng;

/// How a person first came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameBy {
    /// A customer since before the year.
    Before,
    /// A search advertisement.
    Search,
    /// A social advertisement.
    Social,
    /// By themselves.
    Direct,
    /// A shop.
    Store,
    /// The app store.
    App,
    /// A friend's link, with its code.
    Friend(u32),
}

/// Positions of a person's devices.
pub const MAIN: u8 = 0;
/// The second browser.
pub const SECOND: u8 = 1;
/// The app.
pub const IN_APP: u8 = 2;
/// The payment card, by which a shop knows a stranger.
pub const CARD: u8 = 3;

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// How they came.
    pub came_by: CameBy,
    /// `10s` to `60s`.
    pub age_band: &'static str,
    /// `f` or `m`.
    pub gender: &'static str,
    /// One of six regions.
    pub region: &'static str,
    /// Their first browser, the second one, and the app.
    pub browsers: [Browser; 3],
    /// Uses two browsers.
    pub has_second: bool,
    /// Would use the app.
    pub uses_app: bool,
    /// Lives near a shop and goes there: which one.
    pub shop: Option<usize>,
    /// How keen they are, around 1.
    pub keen: f64,
    /// How much they spend, around 1: follows from age alone.
    pub spend: f64,
    /// Writes in English.
    pub english: bool,
    /// Would allow marketing mails.
    pub consents: bool,
    /// Has an iPhone.
    pub iphone: bool,
}

const AGES: [(usize, f64); 6] = [(0, 0.05), (1, 0.26), (2, 0.28), (3, 0.21), (4, 0.14), (5, 0.06)];
const AGE_BANDS: [&str; 6] = ["10s", "20s", "30s", "40s", "50s", "60s"];
const IPHONE: [f64; 6] = [0.70, 0.68, 0.54, 0.36, 0.22, 0.12];
const ON_DESK: [f64; 6] = [0.04, 0.07, 0.15, 0.30, 0.46, 0.50];
const SPEND: [f64; 6] = [0.42, 0.58, 0.95, 1.40, 1.75, 1.60];
const REGIONS: [(&str, f64); 6] =
    [("수도권", 0.50), ("영남", 0.25), ("충청", 0.10), ("호남", 0.09), ("강원", 0.035), ("제주", 0.025)];
const CAME_BY: [(CameBy, f64); 6] = [
    (CameBy::Before, 0.085),
    (CameBy::Search, 0.365),
    (CameBy::Social, 0.275),
    (CameBy::Direct, 0.185),
    (CameBy::Store, 0.055),
    (CameBy::App, 0.035),
];

impl Person {
    /// Draws a person; `friend` is the code of the link they came by, if one.
    pub fn draw(rng: &mut Rng, friend: Option<u32>) -> Self {
        let age = *rng.weighted(&AGES);
        let came_by = friend.map_or_else(|| *rng.weighted(&CAME_BY), CameBy::Friend);
        let iphone = rng.chance(IPHONE[age]);
        let on_phone = if iphone { MOBILE_SAFARI } else { *rng.weighted(&ANDROID) };
        let on_desk = *rng.weighted(&DESKTOP);
        let (first, second) =
            if rng.chance(ON_DESK[age]) { (on_desk, on_phone) } else { (on_phone, on_desk) };
        let region = *rng.weighted(&REGIONS);
        let app_rate = match came_by {
            CameBy::App => 1.0,
            CameBy::Before => 0.42,
            _ => 0.24,
        };
        let shop_rate = match came_by {
            CameBy::Store => 1.0,
            CameBy::Before => 0.34,
            _ => 0.15,
        };
        Self {
            came_by,
            age_band: AGE_BANDS[age],
            gender: if rng.chance(0.58) { "f" } else { "m" },
            region,
            browsers: [first, second, APP],
            has_second: rng.chance(0.34),
            uses_app: rng.chance(app_rate),
            shop: rng.chance(shop_rate).then(|| shop_of(region, rng)),
            keen: (0.35 * rng.normal() - 0.06).exp(),
            spend: SPEND[age],
            english: rng.chance(0.06),
            consents: rng.chance(0.72),
            iphone,
        }
    }

    /// Uses both a shop and the app: the most loyal kind.
    pub fn is_omni(&self) -> bool {
        self.uses_app && self.shop.is_some()
    }
}

/// The shop one would go to, by position in [`super::company::STORES`].
fn shop_of(region: &str, rng: &mut Rng) -> usize {
    match region {
        "영남" => 2 + rng.below(2) as usize,
        "호남" => 4,
        _ => rng.below(2) as usize,
    }
}
