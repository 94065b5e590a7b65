//! Weighted sums of neighbouring samples, written so that a compiler uses vectors.

/// Weights of so many neighbours.
pub type Kernel<const N: usize> = [f32; N];

/// Sums that grow side by side.
const LANES: usize = 8;

/// The sum of products of samples and weights, as many as both have.
#[inline]
pub fn dot(samples: &[f32], weights: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (samples, weights) = (samples.chunks_exact(LANES), weights.chunks_exact(LANES));
    let rest: f32 = samples.remainder().iter().zip(weights.remainder()).map(|(sample, weight)| sample * weight).sum();
    for (samples, weights) in samples.zip(weights) {
        for ((sum, sample), weight) in sums.iter_mut().zip(samples).zip(weights) {
            *sum += sample * weight;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_is_in_the_sum() {
        let samples: Vec<f32> = (1..=27).map(|n| n as f32).collect();
        let weights: Vec<f32> = (1..=27).map(|n| 1.0 / n as f32).collect();
        assert!((dot(&samples, &weights) - 27.0).abs() < 1e-5);
        assert_eq!(dot(&samples[..3], &[1.0, 1.0, 1.0]), 6.0);
    }
}
