//! How many bytes of bodies may be held at once. A caller holds what has arrived, not what it announced: announcing is
//! free.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::ApiError, measures};

/// The budget; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct InFlight(Arc<Semaphore>);

impl InFlight {
    /// A budget of so many bytes.
    pub(crate) fn new(most: u32) -> Self {
        Self(Arc::new(Semaphore::new(most as usize)))
    }

    /// Nothing yet, to be added to as bytes arrive.
    pub(crate) fn hold(&self) -> Held {
        Held {
            budget: Arc::clone(&self.0),
            permit: None,
        }
    }
}

/// What one request holds of the budget; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Held {
    budget: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Takes so many bytes more.
    ///
    /// # Errors
    /// [`ApiError::Overloaded`] when they are not to be had now.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), ApiError> {
        let more = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| Arc::clone(&self.budget).try_acquire_many_owned(bytes).ok())
            .ok_or(ApiError::Overloaded)?;
        match &mut self.permit {
            None => self.permit = Some(more),
            Some(permit) => permit.merge(more),
        }
        measures::bytes_held(bytes);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        measures::bytes_given_back(self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_had_again() {
        let budget = InFlight::new(100);
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
}
