use std::time::Duration;

use jiff::Timestamp;

/// When Lambda ends the invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    at_ms: i64,
}

impl Deadline {
    /// The deadline of an invocation's context, milliseconds since 1970.
    pub fn at(ms: u64) -> Self {
        Self { at_ms: i64::try_from(ms).unwrap_or(i64::MAX) }
    }

    /// Time left, none when it is over.
    pub fn left(self, now: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.at_ms.saturating_sub(now.as_millisecond())).unwrap_or(0))
    }
}
