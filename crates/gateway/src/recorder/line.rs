//! How long the line before the writers is. Once whoever joins it would wait too long, nobody is let in until it moves:
//! those who are keep their latency, the others are answered at once.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

/// The line, by when the one at its head joined it.
#[derive(Debug)]
pub(super) struct Line {
    begun: Instant,
    longest_wait: Duration,
    /// In milliseconds since it begun. No later than when the one at the head joined.
    head_joined: AtomicU64,
}

impl Line {
    pub(super) fn new(longest_wait: Duration) -> Self {
        Self {
            begun: Instant::now(),
            longest_wait,
            head_joined: AtomicU64::new(0),
        }
    }

    /// Somebody joins; whether he may. `is_empty` when nobody is before him.
    pub(super) fn lets_in(&self, is_empty: bool, now: Instant) -> bool {
        if is_empty {
            self.head_joined.store(self.since_begun(now), Relaxed);
            return true;
        }
        let waits = self
            .since_begun(now)
            .saturating_sub(self.head_joined.load(Relaxed));
        Duration::from_millis(waits) <= self.longest_wait
    }

    /// A writer took everybody up to one who joined then.
    pub(super) fn moved(&self, joined: Instant) {
        self.head_joined.store(self.since_begun(joined), Relaxed);
    }

    fn since_begun(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_would_wait_too_long_is_not_let_in() {
        let line = Line::new(Duration::from_secs(1));
        let at = |millis| line.begun + Duration::from_millis(millis);
        assert!(
            line.lets_in(true, at(60_000)),
            "the first, however long nobody came"
        );
        assert!(line.lets_in(false, at(61_000)));
        assert!(!line.lets_in(false, at(61_001)), "the head has waited for longer");
        line.moved(at(60_500));
        assert!(line.lets_in(false, at(61_001)));
        assert!(!line.lets_in(false, at(61_501)));
        assert!(line.lets_in(true, at(99_000)));
    }
}
