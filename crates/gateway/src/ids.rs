//! New ids, from the one generator this process was given.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use mailroom_domain::{EventId, Lane};
use rand::{RngExt, rngs::StdRng};
use uuid::Uuid;

/// Draws ids; shared by all request handlers.
#[derive(Debug)]
pub(crate) struct Ids(Mutex<StdRng>);

impl Ids {
    pub(crate) const fn new(randomness: StdRng) -> Self {
        Self(Mutex::new(randomness))
    }

    pub(crate) fn event(&self, lane: Lane, now: DateTime<Utc>) -> EventId {
        EventId::at(lane, now, self.draw(RngExt::random))
    }

    pub(crate) fn request(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.draw(RngExt::random)).into_uuid()
    }

    /// Seconds after which a refused caller may come back, spread so that they do not come back together.
    pub(crate) fn retry_after(&self) -> u8 {
        self.draw(|randomness| randomness.random_range(1..=5))
    }

    fn draw<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        // A generator is whole after every draw, so a poisoned lock harms nothing.
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn events_stand_in_the_order_of_time() {
        let ids = Ids::new(StdRng::seed_from_u64(7));
        let id = |second| {
            ids.event(
                Lane::from_index(3),
                DateTime::from_timestamp(second, 0).unwrap_or_default(),
            )
        };
        assert!((1..100).all(|second| id(second) < id(second + 1)));
    }
}
