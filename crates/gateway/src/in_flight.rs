//! How many bytes of bodies may be held at once. A caller holds what has arrived, not what it announced: announcing is
//! free. A share is kept for small bodies: a dozen strangers who send large ones and never end must not turn away everybody.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::ApiError, measures};

/// What a body may have before it counts as large: more than nearly every message.
const SMALL: usize = 32 << 10;

/// The budget; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    all: Arc<Semaphore>,
    /// What there is for that part of bodies which makes them large.
    large: Arc<Semaphore>,
}

impl InFlight {
    /// A budget of `most` bytes, of which a quarter is for small bodies only, as far as that leaves room for the `largest`.
    pub(crate) fn new(most: u32, largest: usize) -> Self {
        let most = most as usize;
        let kept = (most / 4).min(most.saturating_sub(largest));
        Self {
            all: Arc::new(Semaphore::new(most)),
            large: Arc::new(Semaphore::new(most - kept)),
        }
    }

    /// Nothing yet, to be added to as bytes arrive.
    pub(crate) fn hold(&self) -> Held {
        Held {
            budget: self.clone(),
            all: None,
            large: None,
        }
    }
}

/// What one request holds of the budget; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Held {
    budget: InFlight,
    all: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Takes so many bytes more.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] when they are not to be had now.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), ApiError> {
        let before = held(self.all.as_ref());
        let above = (before + bytes).saturating_sub(SMALL.max(before));
        let (large, all) = (more(&self.budget.large, above)?, more(&self.budget.all, bytes)?);
        add(&mut self.large, large);
        add(&mut self.all, all);
        measures::bytes_held(bytes);
        Ok(())
    }
}

fn more(budget: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    u32::try_from(bytes)
        .ok()
        .and_then(|bytes| Arc::clone(budget).try_acquire_many_owned(bytes).ok())
        .ok_or(ApiError::Overloaded)
}

fn add(held: &mut Option<OwnedSemaphorePermit>, more: OwnedSemaphorePermit) {
    match held {
        None => *held = Some(more),
        Some(permit) => permit.merge(more),
    }
}

fn held(permit: Option<&OwnedSemaphorePermit>) -> usize {
    permit.map_or(0, OwnedSemaphorePermit::num_permits)
}

impl Drop for Held {
    fn drop(&mut self) {
        measures::bytes_given_back(held(self.all.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_had_again() {
        let budget = InFlight::new(100, 100);
        let (mut one, mut other) = (budget.hold(), budget.hold());
        assert!(one.add(60).is_ok() && one.add(20).is_ok() && other.add(20).is_ok());
        assert!(other.add(1).is_err(), "the budget is spent");
        assert!(other.add(0).is_ok());
        drop(one);
        assert!(other.add(80).is_ok());
        assert!(other.add(1).is_err());
        drop(other);
        assert!(budget.hold().add(100).is_ok());
    }

    #[test]
    fn large_ones_leave_a_share_for_small_ones() {
        let most = 40 * SMALL;
        let budget = InFlight::new(u32::try_from(most).unwrap(), 15 * SMALL);
        let (mut one, mut other, mut third) = (budget.hold(), budget.hold(), budget.hold());
        assert!(one.add(10 * SMALL).is_ok() && one.add(5 * SMALL).is_ok());
        assert!(other.add(16 * SMALL).is_ok());
        assert!(third.add(2 * SMALL).is_ok(), "thirty above what small ones have");
        assert!(third.add(1).is_err(), "no more of the large part");
        let small: Vec<_> = (0..7).map(|_| budget.hold()).collect();
        for mut held in small {
            assert!(held.add(SMALL).is_ok() && held.add(1).is_err());
            std::mem::forget(held);
        }
        assert!(budget.hold().add(1).is_err(), "all is spent");
        drop(one);
        assert!(third.add(13 * SMALL).is_ok());
    }

    #[test]
    fn the_largest_has_room_however_small_the_budget() {
        for most in [15 * SMALL, 16 * SMALL, 40 * SMALL] {
            let budget = InFlight::new(u32::try_from(most).unwrap(), 15 * SMALL);
            assert!(budget.hold().add(15 * SMALL).is_ok(), "{most}");
        }
    }
}
