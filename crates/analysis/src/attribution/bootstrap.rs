//! Poisson bootstrap: how often each replicate counts a person.

/// `P(w ≤ k)` of a Poisson variable of mean 1, as parts of 2⁶⁴, for k = 0, 1, …; beyond the last it is
/// certain for a 64-bit number.
const CUMULATIVE: [f64; 20] = {
    let mut sums = [0.0; 20];
    let (mut term, mut sum, mut k) = (0.367_879_441_171_442_33, 0.0, 0);
    while k < 20 {
        sum += term;
        sums[k] = sum;
        k += 1;
        term /= k as f64;
    }
    sums
};

/// The weight of a person in a replicate: Poisson of mean 1, the same for ever for the same three numbers.
pub(super) fn weight(person: u64, replicate: usize, seed: u64) -> u32 {
    let drawn =
        mix(mix(person ^ mix(seed)).wrapping_add((replicate as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let unit = (drawn >> 11) as f64 / (1u64 << 53) as f64;
    CUMULATIVE.iter().position(|&sum| unit < sum).unwrap_or(CUMULATIVE.len()) as u32
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The 95 % percentile interval of replicates: nearest ranks 2.5 % and 97.5 %; `None` of fewer than 20.
pub(super) fn percentiles(mut replicates: Vec<f64>) -> Option<crate::interval::Interval> {
    let n = replicates.len();
    if n < 20 {
        return None;
    }
    replicates.sort_unstable_by(f64::total_cmp);
    let rank = |share: f64| replicates[((share * n as f64).ceil() as usize).clamp(1, n) - 1];
    Some(crate::interval::Interval { low: rank(0.025), high: rank(0.975) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_poisson_of_mean_one_in_every_direction() {
        let check = |weights: &mut dyn Iterator<Item = u32>| {
            let weights: Vec<u32> = weights.collect();
            let n = weights.len() as f64;
            let mean = weights.iter().sum::<u32>() as f64 / n;
            let variance = weights.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / n;
            let zeros = weights.iter().filter(|&&w| w == 0).count() as f64 / n;
            // 100,000 draws: three standard errors are below 0.01, of the variance below 0.02.
            assert!((mean - 1.0).abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
            assert!((zeros - 0.367_88).abs() < 0.005, "{zeros}");
        };
        check(&mut (0..100_000).map(|person| weight(person, 3, 7)));
        check(&mut (0..100_000).map(|replicate| weight(11, replicate, 7)));
        check(&mut (0..100_000).map(|seed| weight(11, 3, seed)));
    }

    #[test]
    fn neighbours_are_independent() {
        let check = |pairs: &mut dyn Iterator<Item = (u32, u32)>| {
            let products: Vec<f64> =
                pairs.map(|(a, b)| (f64::from(a) - 1.0) * (f64::from(b) - 1.0)).collect();
            // Mean 0 and standard deviation 1: over 100,000 pairs three standard errors are below 0.01.
            let covariance = products.iter().sum::<f64>() / products.len() as f64;
            assert!(covariance.abs() < 0.01, "{covariance}");
        };
        for shift in [1, 2, 100] {
            check(&mut (0..100_000).map(|person| (weight(person, 4, 7), weight(person, 4 + shift, 7))));
            check(
                &mut (0..100_000).map(|person| (weight(person, 4, 7), weight(person + shift as u64, 4, 7))),
            );
            check(
                &mut (0..100_000).map(|person| (weight(person, 4, 7), weight(person, 4, 7 + shift as u64))),
            );
        }
    }

    #[test]
    fn the_interval_is_of_nearest_ranks() {
        assert_eq!(percentiles(vec![1.0; 19]), None);
        let interval = percentiles((1..=200).rev().map(f64::from).collect()).expect("enough");
        assert_eq!((interval.low, interval.high), (5.0, 195.0));
    }
}
