//! Robust statistics, and the bootstrap. Every draw has a seed.

/// The median of values, which are reordered; none of nothing.
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The quantile at `share` of values, which are reordered, with linear interpolation; none of nothing.
pub fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let place = share.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let low = place.floor() as usize;
    let (_, at, rest) = values.select_nth_unstable_by(low, f64::total_cmp);
    let at = *at;
    let next = rest.iter().copied().min_by(f64::total_cmp).unwrap_or(at);
    Some(at + (next - at) * (place - low as f64))
}

/// The median absolute deviation around `centre`.
pub fn deviation(values: &[f64], centre: f64) -> Option<f64> {
    let mut distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    median(&mut distances)
}

/// The percentile interval of the median, from resamples with replacement.
pub fn median_interval(values: &[f64], resamples: usize, mass: f64, seed: u64) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let mut random = fastrand::Rng::with_seed(seed);
    let mut sample = vec![0.0; values.len()];
    let mut medians = Vec::with_capacity(resamples);
    for _ in 0..resamples.max(1) {
        for place in &mut sample {
            *place = values[random.usize(..values.len())];
        }
        medians.extend(median(&mut sample));
    }
    let tail = (1.0 - mass) / 2.0;
    Some((quantile(&mut medians, tail)?, quantile(&mut medians, 1.0 - tail)?))
}

/// A draw from the standard normal distribution (Box and Muller).
pub fn normal(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(quantile(&mut [5.0, 1.0, 2.0, 4.0, 3.0], 0.9), Some(4.6));
        assert_eq!(deviation(&[1.0, 2.0, 3.0, 100.0], 2.5), Some(1.0));
    }

    #[test]
    fn the_interval_covers_as_often_as_it_says() {
        // Samples of thirty from a standard normal distribution: its median is zero.
        let mut random = fastrand::Rng::with_seed(3);
        let trials = 400;
        let covered = (0..trials)
            .filter(|trial| {
                let values: Vec<f64> = (0..30).map(|_| normal(&mut random)).collect();
                let (low, high) = median_interval(&values, 200, 0.9, *trial).unwrap();
                (low..=high).contains(&0.0)
            })
            .count();
        let share = covered as f64 / trials as f64;
        assert!((0.85..=0.96).contains(&share), "{share}");
    }
}
