//! How much is being written down at this moment, and so whether it is worth writing more beside it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use tokio::sync::Notify;

/// Shared by all writers.
#[derive(Debug, Clone, Default)]
pub(super) struct BeingWritten(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    events: AtomicUsize,
    less: Notify,
}

impl BeingWritten {
    /// Whether a set of so many events may be written now. Not if it is smaller than what is being written: soon that is
    /// done, and more will have come. A commit costs as much as a dozen events.
    pub(super) fn is_worth(&self, events: usize) -> bool {
        events >= self.0.events.load(Relaxed)
    }

    /// Waits until a set is done.
    pub(super) async fn less(&self) {
        self.0.less.notified().await;
    }

    /// A set is being written until what this gives back is dropped.
    pub(super) fn begin(&self, events: usize) -> Writing {
        self.0.events.fetch_add(events, Relaxed);
        Writing {
            events,
            shared: Arc::clone(&self.0),
        }
    }
}

/// A set that is being written.
#[derive(Debug)]
pub(super) struct Writing {
    events: usize,
    shared: Arc<Shared>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.shared.events.fetch_sub(self.events, Relaxed);
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
        let one = being_written.begin(1);
        assert!(being_written.is_worth(1));
        let many = being_written.begin(500);
        assert!(!being_written.is_worth(500) && being_written.is_worth(501));
        drop(many);
        being_written.less().await;
        assert!(being_written.is_worth(1));
        drop(one);
    }
}
