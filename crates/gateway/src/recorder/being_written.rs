//! How much is being written down at this moment, and was a moment ago, and so whether it is worth writing more.

use std::time::Duration;

use tokio::time::Instant;

/// A statement and its commit cost as much as a dozen events: a set of so many need not wait for more.
const ENOUGH: usize = 16;
/// No rest is longer, however slow the database is.
const LONGEST_REST: Duration = Duration::from_millis(5);

/// What all writers are writing down.
#[derive(Debug, Default)]
pub(super) struct BeingWritten {
    events: usize,
    /// No small set is worth it before.
    rest: Option<Instant>,
}

impl BeingWritten {
    /// Whether a set of so many events may be written now. Not if it is smaller than what is being written: soon that is
    /// done, and more will have come. Nor if it is small and comes right after a small one that several requests had shared: as
    /// many again are on their way. After a single request's it is written at once, so nobody waits where little comes.
    pub(super) fn is_worth(&self, events: usize, now: Instant) -> bool {
        events >= self.events && (events >= ENOUGH || self.rest(now).is_none())
    }

    /// Whether a set will be done soon.
    pub(super) const fn is_some(&self) -> bool {
        self.events > 0
    }

    /// Until when small sets rest, if that is still to come.
    pub(super) fn rest(&self, now: Instant) -> Option<Instant> {
        self.rest.filter(|rest| *rest > now)
    }

    /// A set of so many events is begun.
    pub(super) const fn begin(&mut self, events: usize) {
        self.events += events;
    }

    /// It is done. It was of so many requests, and took so long.
    pub(super) fn done(&mut self, events: usize, requests: usize, took: Duration, now: Instant) {
        self.events -= events;
        if requests > 1 && events < ENOUGH {
            self.rest = Some(now + took.min(LONGEST_REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOK: Duration = Duration::from_millis(2);

    #[test]
    fn beside_a_set_only_another_as_large_is_worth_it() {
        let now = Instant::now();
        let mut being_written = BeingWritten::default();
        assert!(being_written.is_worth(1, now), "nothing is being written");
        being_written.begin(1);
        assert!(being_written.is_worth(1, now));
        being_written.begin(500);
        assert!(!being_written.is_worth(500, now) && being_written.is_worth(501, now));
        being_written.done(500, 500, TOOK, now);
        assert!(being_written.is_worth(1, now) && being_written.is_some());
    }

    #[test]
    fn after_a_small_set_of_several_another_small_one_rests_as_long_as_that_took() {
        let now = Instant::now();
        for (events, requests, rests) in [
            (1, 1, false),
            (15, 1, false),
            (2, 2, true),
            (15, 15, true),
            (16, 16, false),
        ] {
            let mut being_written = BeingWritten::default();
            being_written.begin(events);
            being_written.done(events, requests, TOOK, now);
            assert_eq!(
                being_written.rest(now),
                rests.then(|| now + TOOK),
                "{events} of {requests}"
            );
            assert_eq!(being_written.is_worth(1, now), !rests);
            assert!(
                being_written.is_worth(ENOUGH, now),
                "enough for a commit of its own"
            );
            assert!(being_written.is_worth(1, now + TOOK));
        }
    }

    #[test]
    fn a_slow_database_keeps_nobody_for_long() {
        let now = Instant::now();
        let mut being_written = BeingWritten::default();
        being_written.begin(2);
        being_written.done(2, 2, Duration::from_secs(3), now);
        assert!(being_written.is_worth(1, now + LONGEST_REST));
    }
}
