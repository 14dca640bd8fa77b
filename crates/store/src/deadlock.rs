//! Deadlocks: the database undoes one of two statements that wait for each other, and that one is done again.

use crate::StoreError;

/// A deadlock needs a duplicate delivered at the moment in which its first is settled; a second in a row is chance.
const MOST: u8 = 5;

/// How often a statement was undone.
#[derive(Debug, Default)]
pub(crate) struct Deadlocks(u8);

impl Deadlocks {
    /// Whether this is an end for a statement to be done again after.
    pub(crate) const fn undid<T>(&mut self, end: &Result<T, StoreError>) -> bool {
        let again = matches!(end, Err(StoreError::Undone)) && self.0 < MOST;
        if again {
            self.0 += 1;
        }
        again
    }
}

/// Does a statement, and again where it was undone. No function: an async closure that lends a connection gives a future
/// that cannot be sent.
macro_rules! again {
    ($statement:expr) => {{
        let mut deadlocks = $crate::deadlock::Deadlocks::default();
        loop {
            let end = $statement.await;
            if !deadlocks.undid(&end) {
                break end;
            }
        }
    }};
}
pub(crate) use again;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_undone_is_done_again_but_not_for_ever() {
        let mut deadlocks = Deadlocks::default();
        assert!(!deadlocks.undid(&Ok(())));
        for _ in 0..MOST {
            assert!(deadlocks.undid::<()>(&Err(StoreError::Undone)));
        }
        assert!(!deadlocks.undid::<()>(&Err(StoreError::Undone)));
    }
}
