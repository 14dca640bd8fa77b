//! As of when a standby shows everything.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// So many looks are remembered; what a standby replays later than that is not fresh by any bound.
const MOST_LOOKS: usize = 1_000;

/// Shared by those who read and who looks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Freshness(Arc<Mutex<Option<Instant>>>);

impl Freshness {
    /// As of when it shows everything; `None` when that is not known.
    pub(crate) fn as_of(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, as_of: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = as_of;
    }
}

/// What had been written when somebody looked.
#[derive(Debug, Default)]
pub(super) struct Looks(VecDeque<(Instant, i64)>);

impl Looks {
    /// Up to `position` everything had been written when it was asked for.
    pub(super) fn written(&mut self, asked_at: Instant, position: i64) {
        if self.0.len() == MOST_LOOKS {
            self.0.pop_front();
        }
        self.0.push_back((asked_at, position));
    }

    /// As of when a standby shows everything that has replayed up to here.
    pub(super) fn replayed(&mut self, position: i64) -> Option<Instant> {
        // The latest: after a failover the log may go on from a smaller position than was seen before.
        let latest = self.0.iter().rposition(|&(_, written)| written <= position)?;
        self.0.drain(..latest);
        self.0.front().map(|&(asked_at, _)| asked_at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_standby_shows_everything_as_of_the_latest_look_that_it_has_passed() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut looks = Looks::default();
        assert_eq!(looks.replayed(100), None, "nobody looked");
        for (second, position) in [(1, 100), (2, 200), (3, 300), (4, 300)] {
            looks.written(at(second), position);
        }
        assert_eq!(looks.replayed(99), None);
        assert_eq!(looks.replayed(250), Some(at(2)));
        assert_eq!(looks.replayed(299), Some(at(2)), "it is as far as it was");
        assert_eq!(looks.replayed(300), Some(at(4)), "nothing was written since");
        // Another took over, and had not heard of all.
        looks.written(at(5), 280);
        assert_eq!(looks.replayed(290), Some(at(5)));
    }

    #[test]
    fn looks_are_forgotten() {
        let mut looks = Looks::default();
        for position in 0..=1_000_i64 {
            looks.written(Instant::now(), position);
        }
        assert_eq!(looks.0.len(), MOST_LOOKS);
        assert_eq!(looks.replayed(0), None);
    }
}
