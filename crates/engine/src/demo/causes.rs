//! The truths planted in the demo company: what causes what, with the numbers. `docs/demo.md` tells them.
//!
//! Days count from the first day of the demo year (0 = 1 November 2025).

/// Slow checkout (1): from this day on, 15 September 2026, the checkout page is slow on one browser.
pub const SLOW_FROM_DAY: usize = 318;
/// The browser.
pub const SLOW_BROWSER: &str = "Mobile Safari";
/// Median time of the checkout page, milliseconds, everywhere else and before.
pub const PAGE_MS_MEDIAN: f64 = 1_400.0;
/// And there.
pub const SLOW_PAGE_MS_MEDIAN: f64 = 6_800.0;
/// Share of begun checkouts that end in a purchase.
pub const CHECKOUT_RATE: f64 = 0.71;
/// And where it is slow.
pub const SLOW_CHECKOUT_RATE: f64 = 0.53;

/// Late courier (2): carries this share of the deliveries to this region, and nowhere else.
pub const LATE_COURIER: &str = "한빛택배";
/// The region.
pub const LATE_REGION: &str = "영남";
/// Share of the region's deliveries.
pub const LATE_SHARE: f64 = 0.85;
/// Mean days from order to door by the others.
pub const DELIVERY_DAYS: f64 = 2.1;
/// Days it adds.
pub const LATE_EXTRA_DAYS: f64 = 2.5;
/// What it takes from the CSAT of the delivery.
pub const LATE_CSAT_LOSS: f64 = 1.5;
/// Support contacts per order.
pub const CONTACT_RATE: f64 = 0.06;
/// And of late ones.
pub const LATE_CONTACT_RATE: f64 = 0.19;
/// Factor on the probability to come back.
pub const LATE_RETURN_FACTOR: f64 = 0.55;

/// Over-mailed (3): this age band gets [`MAIL_FACTOR`] times the mails from this day (1 June 2026).
pub const MAIL_FROM_DAY: usize = 212;
/// The age band.
pub const MAIL_AGE_BAND: &str = "20s";
/// How many times as many.
pub const MAIL_FACTOR: usize = 3;
/// Human opens per mail.
pub const OPEN_RATE: f64 = 0.26;
/// And when over-mailed.
pub const OVERMAILED_OPEN_RATE: f64 = 0.15;
/// Unsubscribes per mail.
pub const UNSUBSCRIBE_RATE: f64 = 0.002;
/// And when over-mailed.
pub const OVERMAILED_UNSUBSCRIBE_RATE: f64 = 0.012;

/// Shipping cost at the end (4): who pays it learns of it on the last page, and this share looks at it for longer
/// than [`HESITATION_S`] seconds.
pub const HESITATE_SHARE: f64 = 0.30;
/// What counts as hesitating.
pub const HESITATION_S: f64 = 30.0;
/// Factor on the checkout rate of those who hesitate; the others' is raised so that the mean stays.
pub const HESITATE_FACTOR: f64 = 0.65;
/// Shipping is free from this cart value, won.
pub const FREE_SHIPPING_WON: f64 = 50_000.0;
/// And costs this below it.
pub const SHIPPING_FEE_WON: f64 = 3_000.0;

/// Coupon errors (5): share of checkouts with a coupon in which it is refused at least once.
pub const COUPON_SHARE: f64 = 0.25;
/// Share of those that are refused.
pub const COUPON_ERROR_SHARE: f64 = 0.22;
/// How often in a row, and the factor on the checkout rate.
pub const COUPON_ERRORS: [(usize, f64, f64); 3] = [(1, 0.5, 0.85), (2, 0.3, 0.60), (3, 0.2, 0.35)];

/// Store and app together make people come back (6): factor on the probability to return.
pub const STORE_APP_RETURN_FACTOR: f64 = 1.6;
/// And on how soon.
pub const STORE_APP_GAP_FACTOR: f64 = 0.6;

/// Referred people (7) get interested and fill carts more often.
pub const REFERRAL_CART_FACTOR: f64 = 1.9;

/// Reading a review (8) makes a session fill a cart more often. Who reads is chance: nothing else differs.
pub const READ_REVIEW_SHARE: f64 = 0.35;
/// Factor on the cart rate of sessions with a review read.
pub const READ_REVIEW_FACTOR: f64 = 1.6;
/// And of those without.
pub const NO_REVIEW_FACTOR: f64 = 0.68;

/// Factor on the checkout rate that keeps the mean at 1 among people who see the shipping cost.
pub fn no_hesitation_factor() -> f64 {
    (1.0 - HESITATE_SHARE * HESITATE_FACTOR) / (1.0 - HESITATE_SHARE)
}

/// Likewise among people who enter a coupon that works.
pub fn good_coupon_factor() -> f64 {
    let refused: f64 = COUPON_ERRORS.iter().map(|(_, share, factor)| share * factor).sum();
    (1.0 - COUPON_ERROR_SHARE * refused) / (1.0 - COUPON_ERROR_SHARE)
}
