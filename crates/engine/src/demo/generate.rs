//! The generator: everybody's year, in one pass, from one seed.

use super::bots;
use super::costs::DemoPoint;
use super::event::DemoEvent;
use super::life::{Life, Shared};
use super::person::Person;
use super::season::Season;
use super::timeline::Timeline;
use model::Rng;
use std::fmt::Write;

/// The last instant of the demo year, exclusive: 2026-11-01 00:00 in Korea.
pub const END_US: i64 = 1_793_458_800_000_000;
/// The seed everything follows from.
pub const SEED: u64 = 0x6769_6C6D_6F6B_0A35;
/// People at full size, beside those whom friends bring and machines.
const N_PEOPLE: u64 = 28_500;
/// Machines at full size.
const N_BOTS: u64 = 280;

/// How much of the company to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DemoSize {
    /// 1 for the whole company; 0.01 for one in a hundred people, with the same structure.
    pub factor: f64,
    /// The seed.
    pub seed: u64,
    /// First instant after the year, a midnight in Korea.
    pub end_us: i64,
}

impl Default for DemoSize {
    fn default() -> Self {
        Self { factor: 1.0, seed: SEED, end_us: END_US }
    }
}

impl DemoSize {
    /// A part of the company.
    pub fn part(factor: f64) -> Self {
        Self { factor, ..Self::default() }
    }

    fn scaled(&self, full: u64) -> u64 {
        ((full as f64 * self.factor.clamp(0.0, 20.0)).round() as u64).max(1)
    }
}

/// What was made.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoMade {
    /// Distinct events.
    pub n_events: u64,
    /// People, machines among them.
    pub n_people: u64,
    /// Machines.
    pub n_bots: u64,
    /// Costs and reach, ordered by name, day, channel, campaign.
    pub series: Vec<DemoPoint>,
}

/// Makes the company's year and gives every event to `give`: person by person, each in the order of time but for
/// the late ones. The same size gives the same events. O(events) time, memory of one person.
///
/// # Errors
/// The first error of `give`; nothing is given after it.
pub fn generate<E>(
    size: &DemoSize,
    mut give: impl FnMut(DemoEvent<'_>) -> Result<(), E>,
) -> Result<DemoMade, E> {
    let season = Season::new(size.end_us);
    let root = Rng::new(size.seed);
    let (mut timeline, mut shared) = (Timeline::default(), Shared::default());
    let (mut n_events, mut number) = (0, 0);
    let mut one = |number: u64, friend: Option<(u32, i64)>, shared: &mut Shared| {
        let mut rng = root.fork(number);
        let person = Person::draw(&mut rng, friend.map(|(code, _)| code));
        name_devices(&mut timeline, &root, number);
        let mut sending = rng.fork(1);
        let id_seed = rng.fork(2).next_u64();
        Life::new(&season, rng, person, &mut timeline, shared).live(friend.map(|(_, sent_us)| sent_us));
        timeline.hand_out(&season, &mut sending, id_seed, &mut give)
    };
    for _ in 0..size.scaled(N_PEOPLE) {
        number += 1;
        n_events += one(number, None, &mut shared)?;
    }
    // Friends bring friends: the list grows while it is read.
    let mut next = 0;
    while let Some(&invitation) = shared.invitations.get(next) {
        next += 1;
        number += 1;
        n_events += one(number, Some(invitation), &mut shared)?;
    }
    let n_bots = size.scaled(N_BOTS);
    for _ in 0..n_bots {
        number += 1;
        let mut rng = root.fork(number);
        name_devices(&mut timeline, &root, number);
        bots::raid(&season, &mut rng, &mut timeline);
        let id_seed = rng.next_u64();
        n_events += timeline.hand_out(&season, &mut rng, id_seed, &mut give)?;
    }
    let series = shared.costs.series(&mut root.fork(0));
    Ok(DemoMade { n_events, n_people: number, n_bots, series })
}

/// Empties the timeline and names the person and the devices.
fn name_devices(timeline: &mut Timeline, root: &Rng, number: u64) {
    timeline.clear();
    let mut rng = root.fork(number ^ (1 << 40));
    // Writing to a String cannot fail.
    let _ = write!(timeline.user_id, "m{:06}", 100_000 + number);
    for kind in ["web", "web", "app", "card"] {
        timeline.devices.push(format!("{kind}-{:08x}{number:05x}", rng.next_u64() >> 32));
    }
}
