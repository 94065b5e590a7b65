//! `specs/policy/notices.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

/// How somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeLaw {
    /// Tries of one notice.
    pub tries: u32,
    /// Minutes until it may be tried again, doubled each time.
    pub wait_minutes: i64,
    /// The longest of these waits, minutes.
    pub longest_wait_minutes: i64,
    /// Seconds after which a worker that was sending counts as dead.
    pub lease_seconds: i64,
    /// Longest exchange, seconds.
    pub seconds: u64,
    /// Age up to which something is told, days.
    pub recent_days: i64,
}

/// The law this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn notice_law() -> &'static NoticeLaw {
    static LAW: OnceLock<NoticeLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/notices.toml")).expect("specs/policy/notices.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_not_taken_for_dead_while_it_sends() {
        let law = notice_law();
        assert!(law.tries > 0 && law.lease_seconds > 2 * law.seconds as i64);
        assert!(law.wait_minutes <= law.longest_wait_minutes);
    }
}
