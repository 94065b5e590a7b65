//! How long to wait before the next attempt.

use proofreel_model::digest::Digest;
use proofreel_model::envelope::Envelope;

use crate::keys::Slot;

/// Longest wait, milliseconds.
const CEILING_MS: u64 = 60_000;

/// Exponential back-off with jitter: `base · 2^(failures−1)`, at most a minute, of which the lower half is
/// fixed and the upper half is drawn from the seed. Two runs that failed together come back apart, and
/// the same run always waits the same time.
pub fn delay_ms(base_ms: u64, failures: u32, seed: u64, message: &Envelope) -> u64 {
    spread_ms(base_ms, failures, &format!("{seed}/{}/{}", message.run, Slot::of(message)))
}

/// The same for what is no message of the chain: `of` takes the place of seed and visit.
pub fn spread_ms(base_ms: u64, failures: u32, of: &str) -> u64 {
    let doublings = failures.saturating_sub(1).min(30);
    let full = base_ms.saturating_mul(1 << doublings).min(CEILING_MS);
    let text = format!("{of}/{failures}");
    let drawn = Digest::of(text.as_bytes()).0.get(..12).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0);
    full / 2 + drawn % (full / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::digest::BlobRef;
    use proofreel_model::envelope::Share;
    use proofreel_model::stage::StageName;

    fn message(run: &str) -> Envelope {
        Envelope {
            run: run.into(),
            channel: "c".into(),
            stage: StageName::Qa,
            visit: 1,
            share: Share::Whole,
            order: BlobRef::to("order", b""),
            artifacts: std::collections::BTreeMap::new(),
            rewrites: 0,
            reasons: Vec::new(),
            until: None,
        }
    }

    #[test]
    fn waits_double_stay_in_their_band_and_stop_at_a_minute() {
        for failures in 1..40 {
            let full = (200_u64 << (failures - 1).min(20)).min(60_000);
            let delay = delay_ms(200, failures, 7, &message("r"));
            assert!((full / 2..=full).contains(&delay), "failure {failures}: {delay} not in {}..={full}", full / 2);
        }
    }

    #[test]
    fn jitter_depends_on_the_run_and_on_nothing_else() {
        assert_eq!(delay_ms(200, 2, 7, &message("a")), delay_ms(200, 2, 7, &message("a")));
        let drawn: std::collections::BTreeSet<_> =
            (0..50).map(|n| delay_ms(20_000, 1, 7, &message(&format!("run-{n}")))).collect();
        assert!(drawn.len() > 40, "50 runs share {} delays", drawn.len());
    }
}
