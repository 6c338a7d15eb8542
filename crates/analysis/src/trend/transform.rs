//! What is made of a series after it is counted.

/// Each value as the mean of the last `n` up to its own; of fewer at the beginning. `n` of 0 or 1 changes nothing. O(values).
///
/// For a ratio, smooth above and below the line and divide then: the mean of ratios weighs quiet days as busy ones.
pub fn moving_average(values: &[f64], n: usize) -> Vec<f64> {
    let n = n.max(1);
    let mean = |at: usize| {
        let window = &values[(at + 1).saturating_sub(n)..=at];
        window.iter().sum::<f64>() / window.len() as f64
    };
    (0..values.len()).map(mean).collect()
}

/// Each value as the sum of all up to its own.
pub fn cumulative(values: &[f64]) -> Vec<f64> {
    let add = |sum: &mut f64, value: &f64| {
        *sum += value;
        Some(*sum)
    };
    values.iter().scan(0.0, add).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_what_is_there_so_far() {
        assert!(moving_average(&[], 3).is_empty());
        assert_eq!(moving_average(&[3.0, 5.0, 10.0, 0.0], 3), [3.0, 4.0, 6.0, 5.0]);
        assert_eq!(moving_average(&[3.0, 5.0], 0), [3.0, 5.0]);
        assert_eq!(moving_average(&[3.0, 5.0], 9), [3.0, 4.0]);
    }

    #[test]
    fn sums_run() {
        assert!(cumulative(&[]).is_empty());
        assert_eq!(cumulative(&[1.0, 0.0, -3.0, 5.0]), [1.0, 1.0, -2.0, 3.0]);
    }
}
