//! How much is being written down at this moment, and was a moment ago, and so whether it is worth writing more.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// A statement and its commit cost as much as a dozen events: a set of so many need not wait for more.
const ENOUGH: usize = 16;
/// No rest is longer, however slow the database is.
const LONGEST_REST: Duration = Duration::from_millis(5);

/// Shared by all writers.
#[derive(Debug, Clone, Default)]
pub(super) struct BeingWritten(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    events: AtomicUsize,
    less: Notify,
    /// No small set is worth it before.
    rest: Mutex<Option<Instant>>,
}

impl BeingWritten {
    /// Whether a set of so many events may be written now. Not if it is smaller than what is being written: soon that is
    /// done, and more will have come. Nor if it is small and comes right after a small one that several requests had shared: as
    /// many again are on their way. After a single request's it is written at once, so nobody waits where little comes.
    pub(super) fn is_worth(&self, events: usize) -> bool {
        events >= self.0.events.load(Relaxed) && (events >= ENOUGH || self.0.rest().is_none())
    }

    /// Waits until a set is done, or the rest is over that there is when this is called: to be called before looking whether a
    /// set is worth it, lest the rest ends in between.
    pub(super) fn changes(&self) -> impl Future<Output = ()> + '_ {
        let rest = self.0.rest();
        async move {
            tokio::select! {
                () = self.0.less.notified() => {}
                () = sleep_until(rest.unwrap_or_else(Instant::now)), if rest.is_some() => {}
            }
        }
    }

    /// A set of so many events, of so many requests, is being written until what this gives back is dropped.
    pub(super) fn begin(&self, events: usize, requests: usize) -> Writing {
        self.0.events.fetch_add(events, Relaxed);
        Writing {
            events,
            is_shared: requests > 1,
            since: Instant::now(),
            shared: Arc::clone(&self.0),
        }
    }
}

impl Shared {
    /// Until when, if that is still to come.
    fn rest(&self) -> Option<Instant> {
        let rest = *self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        rest.filter(|rest| *rest > Instant::now())
    }
}

/// A set that is being written.
#[derive(Debug)]
pub(super) struct Writing {
    events: usize,
    is_shared: bool,
    since: Instant,
    shared: Arc<Shared>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.shared.events.fetch_sub(self.events, Relaxed);
        if self.is_shared && self.events < ENOUGH {
            // As long again as it took.
            let rest = Instant::now() + self.since.elapsed().min(LONGEST_REST);
            *self.shared.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(rest);
        }
        // Kept for who waits next: between its look and its wait nothing is lost.
        self.shared.less.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn beside_a_set_only_another_as_large_is_worth_it() {
        let being_written = BeingWritten::default();
        assert!(being_written.is_worth(1), "nothing is being written");
        let one = being_written.begin(1, 1);
        assert!(being_written.is_worth(1));
        let many = being_written.begin(500, 500);
        assert!(!being_written.is_worth(500) && being_written.is_worth(501));
        drop(many);
        being_written.changes().await;
        assert!(being_written.is_worth(1));
        drop(one);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_small_set_of_several_another_small_one_rests_as_long_as_that_took() {
        let being_written = BeingWritten::default();
        let took = Duration::from_millis(2);
        for (events, requests, rest) in [
            (1, 1, Duration::ZERO),
            (15, 1, Duration::ZERO),
            (2, 2, took),
            (15, 15, took),
            (16, 16, Duration::ZERO),
        ] {
            let writing = being_written.begin(events, requests);
            tokio::time::sleep(took).await;
            drop(writing);
            being_written.changes().await; // less is written
            let begun = Instant::now();
            assert_eq!(
                being_written.is_worth(1),
                rest.is_zero(),
                "{events} of {requests}"
            );
            assert!(being_written.is_worth(ENOUGH), "enough for a commit of its own");
            if !rest.is_zero() {
                being_written.changes().await;
            }
            assert!(being_written.is_worth(1));
            assert_eq!(begun.elapsed(), rest, "{events}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_database_keeps_nobody_for_long() {
        let being_written = BeingWritten::default();
        let writing = being_written.begin(2, 2);
        tokio::time::sleep(Duration::from_secs(3)).await;
        drop(writing);
        tokio::time::sleep(LONGEST_REST).await;
        assert!(being_written.is_worth(1));
    }
}
