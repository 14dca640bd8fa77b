//! What the database had written when somebody looked: what a standby must show to be as fresh as that.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Shared by those who read and who looks.
#[derive(Debug, Clone)]
pub(crate) struct Looks {
    /// Older ones are of no use.
    bound: Duration,
    looks: Arc<Mutex<VecDeque<(Instant, i64)>>>,
}

impl Looks {
    /// For standbys that may be so far behind.
    pub(crate) fn new(bound: Duration) -> Self {
        Self {
            bound,
            looks: Arc::default(),
        }
    }

    /// Up to `position` everything had been written when it was asked for.
    pub(super) fn written(&self, asked_at: Instant, position: i64) {
        let mut looks = self.looks();
        let oldest = asked_at.checked_sub(self.bound);
        while looks.front().is_some_and(|&(at, _)| Some(at) < oldest) {
            looks.pop_front();
        }
        looks.push_back((asked_at, position));
    }

    /// Up to where a standby must have replayed to be fresh now; `None` when nobody knows, since the database was away.
    pub(super) fn required(&self, now: Instant) -> Option<i64> {
        let oldest = now.checked_sub(self.bound);
        let looks = self.looks();
        // The least: after a failover the log may go on from a smaller position than was seen before.
        let recent = looks.iter().filter(|&&(at, _)| Some(at) >= oldest);
        recent.map(|&(_, position)| position).min()
    }

    fn looks(&self) -> MutexGuard<'_, VecDeque<(Instant, i64)>> {
        // Every change is whole before the lock is let go.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_must_show_what_was_there_at_the_oldest_look_that_still_counts() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let looks = Looks::new(Duration::from_secs(5));
        assert_eq!(looks.required(at(0)), None, "nobody looked");
        for (second, position) in [(1, 100), (2, 200), (6, 300)] {
            looks.written(at(second), position);
        }
        assert_eq!(looks.required(at(6)), Some(100));
        assert_eq!(looks.required(at(7)), Some(200));
        assert_eq!(looks.required(at(8)), Some(300));
        assert_eq!(looks.required(at(11)), Some(300));
        assert_eq!(looks.required(at(12)), None, "the database is away for too long");
        // Another took over, and had not heard of all.
        looks.written(at(13), 280);
        assert_eq!(looks.required(at(13)), Some(280));
        assert_eq!(looks.looks().len(), 1, "the others are forgotten");
    }
}
