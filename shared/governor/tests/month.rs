//! Two weeks of two channels through the real governor: the exit criteria of phase 1 hold.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod world;

use world::month::{Way, live};

#[tokio::test(start_paused = true)]
async fn two_channels_ask_the_cache_first_and_are_hardly_ever_throttled() {
    let month = live(15, 1, Way::USUAL).await;
    let (total, all) = (&month.total, &month.by_provider);
    assert_eq!(month.episodes, 10);
    assert_eq!(total.calls as usize, month.seen, "every request that the network saw is in the usage rows");
    assert!(total.hit_rate().unwrap() > 0.5, "{total:?} {all:#?}");
    assert!(total.throttled_rate().unwrap() < 0.02, "{total:?} {all:#?}");
    assert!(total.throttled > 0, "the providers do throttle: {total:?}");
    assert!(total.calls > 1_000, "{total:?}");
    let lost: u64 = month.lost.values().sum();
    assert!((lost as f64) < 0.01 * (total.hits + total.misses) as f64, "{:?}", month.lost);
}
