//! The demo year: which days are busy, which hours, and how a waiting time becomes an instant.

use model::{Rng, time::DAY_US};

/// Days of the demo year.
pub const N_DAYS: usize = 365;
/// Microseconds in an hour.
pub const HOUR_US: i64 = 3_600_000_000;
/// Microseconds in a minute.
pub const MINUTE_US: i64 = 60_000_000;
/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;
/// Korea is nine hours ahead of UTC, all year.
const KST_US: i64 = 9 * HOUR_US;

/// First and last day of a busy or quiet time, and its factor. Days count from 1 November.
const FESTIVALS: [(usize, usize, f64); 13] = [
    (7, 10, 1.2),     // Pepero day.
    (20, 29, 1.7),    // Black Friday weeks.
    (37, 52, 1.4),    // Christmas gifts.
    (54, 54, 0.75),   // Christmas.
    (61, 61, 0.7),    // New Year's day.
    (93, 103, 1.35),  // Gifts for Seollal.
    (104, 105, 1.2),  // Valentine's day.
    (107, 109, 0.5),  // Seollal.
    (129, 133, 1.15), // White day.
    (181, 188, 1.4),  // Children's and parents' day.
    (273, 287, 0.85), // Summer holidays.
    (310, 323, 1.4),  // Gifts for Chuseok.
    (327, 330, 0.45), // Chuseok.
];
/// First days of the months from November on.
const MONTHS: [usize; 12] = [0, 30, 61, 92, 120, 151, 181, 212, 242, 273, 304, 334];
/// Monday to Sunday.
const WEEK: [f64; 7] = [1.06, 1.0, 0.98, 0.97, 0.90, 1.02, 1.15];
/// How much busier the last day is than the first, by newcomers.
const GROWTH: f64 = 1.7;

/// Hours in which things happen, as weights of the 24 hours.
pub type Hours = [f64; 24];
/// Web and app: commuting, lunch, late evening.
pub const ONLINE: Hours = [
    3.0, 1.6, 0.8, 0.5, 0.4, 0.6, 1.4, 3.0, 4.6, 4.2, 4.0, 4.4, 6.2, 5.2, 4.4, 4.2, 4.4, 4.6, 5.0, 5.8, 7.0,
    8.4, 8.2, 5.6,
];
/// Shops open from 10:30 to 21:00.
pub const SHOP: Hours = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 6.0, 6.0, 7.0, 7.0, 7.0, 8.0, 9.0, 8.0, 4.0,
    0.0, 0.0, 0.0,
];
/// Offices, call centre and couriers.
pub const OFFICE: Hours = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 6.0, 8.0, 7.0, 3.0, 6.0, 7.0, 7.0, 6.0, 4.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0,
];

/// The calendar of one demo year.
#[derive(Debug, Clone)]
pub struct Season {
    /// First instant.
    pub start_us: i64,
    /// First instant after it.
    pub end_us: i64,
    /// Busyness summed up to each day; the mean day adds 1.
    busy: Vec<f64>,
    /// Arrivals summed up to each day.
    arrivals: Vec<f64>,
}

impl Season {
    /// The 365 days before `end_us`, which is a midnight in Korea.
    pub fn new(end_us: i64) -> Self {
        let start_us = end_us - N_DAYS as i64 * DAY_US;
        let first_weekday = ((start_us + KST_US).div_euclid(DAY_US) + 3).rem_euclid(7) as usize;
        let weights: Vec<f64> = (0..N_DAYS).map(|day| day_weight(day, first_weekday)).collect();
        let mean = weights.iter().sum::<f64>() / N_DAYS as f64;
        let (mut busy, mut arrivals) = (vec![0.0], vec![0.0]);
        for (day, weight) in weights.iter().enumerate() {
            let growth = 1.0 + (GROWTH - 1.0) * day as f64 / N_DAYS as f64;
            busy.push(busy[day] + weight / mean);
            arrivals.push(arrivals[day] + weight * growth);
        }
        Self { start_us, end_us, busy, arrivals }
    }

    /// The day of an instant, 0 before the year and the last one after it.
    pub fn day_of(&self, time_us: i64) -> usize {
        ((time_us - self.start_us).div_euclid(DAY_US)).clamp(0, N_DAYS as i64 - 1) as usize
    }

    /// Days since 1970-01-01 of a day of the year, by the calendar of Korea.
    pub fn epoch_day(&self, day: usize) -> i32 {
        ((self.start_us + KST_US).div_euclid(DAY_US) + day as i64) as i32
    }

    /// The first instant of a day.
    pub fn start_of(&self, day: usize) -> i64 {
        self.start_us + day as i64 * DAY_US
    }

    /// A newcomer's first instant: busy days bring more, and the company grows.
    pub fn arrival_us(&self, rng: &mut Rng) -> i64 {
        let (day, _) = find(&self.arrivals, rng.unit() * self.arrivals[N_DAYS]);
        self.at_hour(day, &ONLINE, rng)
    }

    /// `gap_days` after an instant, where busy days pass faster than quiet ones, at an hour of `hours`.
    /// `None` when the year is over by then.
    pub fn after_us(&self, from_us: i64, gap_days: f64, hours: &Hours, rng: &mut Rng) -> Option<i64> {
        let day = self.day_of(from_us);
        let into = (from_us - self.start_of(day)) as f64 / DAY_US as f64;
        let now = self.busy[day] + into.clamp(0.0, 1.0) * (self.busy[day + 1] - self.busy[day]);
        let due = now + gap_days;
        if due >= self.busy[N_DAYS] {
            return None;
        }
        let (due_day, _) = find(&self.busy, due);
        let time_us = self.at_hour(due_day, hours, rng);
        // The hour may fall before the instant it should follow: then it follows soon.
        let soon_us = from_us + HOUR_US + rng.below(90) as i64 * MINUTE_US;
        Some(time_us.max(soon_us)).filter(|&time_us| time_us < self.end_us)
    }

    /// An instant on a day, at an hour of `hours`.
    pub fn at_hour(&self, day: usize, hours: &Hours, rng: &mut Rng) -> i64 {
        let mut left = rng.unit() * hours.iter().sum::<f64>();
        let hour = hours.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let hour = hour.unwrap_or(12) as i64;
        self.start_of(day) + hour * HOUR_US + rng.below(HOUR_US as u64) as i64
    }
}

fn day_weight(day: usize, first_weekday: usize) -> f64 {
    let month_start = MONTHS.iter().rev().find(|&&start| start <= day).copied().unwrap_or(0);
    // Salaries come on the 25th.
    let payday = if (24..27).contains(&(day - month_start)) { 1.12 } else { 1.0 };
    let festivals = FESTIVALS.iter().filter(|(from, to, _)| (*from..=*to).contains(&day));
    WEEK[(first_weekday + day) % 7] * payday * festivals.map(|(_, _, factor)| factor).product::<f64>()
}

/// The step of a rising sum in which `value` lies, and how far into it.
fn find(sums: &[f64], value: f64) -> (usize, f64) {
    let step = sums.partition_point(|sum| *sum <= value).saturating_sub(1).min(sums.len() - 2);
    (step, value - sums[step])
}
