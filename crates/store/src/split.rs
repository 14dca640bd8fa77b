//! A set that the database refuses is halved until the row at fault stands alone, so that a bad row never
//! fails its neighbours; one that was undone for a deadlock is tried again.

use std::ops::Range;

use crate::{StoreError, deadlock::Deadlocks};

/// Which parts of a set are still to be tried, and which rows were refused on their own.
#[derive(Debug)]
pub(crate) struct Halving {
    pending: Vec<(usize, usize)>,
    refused: Vec<(usize, StoreError)>,
    deadlocks: Deadlocks,
}

impl Halving {
    /// Begins with all of a set of this size.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            pending: vec![(0, size)],
            refused: Vec::new(),
            deadlocks: Deadlocks::default(),
        }
    }

    /// The next part to try, in order; `None` when all are done.
    pub(crate) fn next_part(&mut self) -> Option<Range<usize>> {
        loop {
            let (start, end) = self.pending.pop()?;
            if start < end {
                return Some(start..end);
            }
        }
    }

    /// Notes that a part failed: refused values are narrowed down, what was undone is to be done
    /// again, any other failure is given back.
    pub(crate) fn failed(&mut self, part: &Range<usize>, error: StoreError) -> Result<(), StoreError> {
        let end = Err(error);
        if self.deadlocks.undid(&end) {
            self.pending.push((part.start, part.end));
            return Ok(());
        }
        match end {
            Err(refusal @ StoreError::Refused { .. }) if part.len() == 1 => {
                self.refused.push((part.start, refusal));
            }
            Err(StoreError::Refused { .. }) => {
                let middle = usize::midpoint(part.start, part.end);
                self.pending.extend([(middle, part.end), (part.start, middle)]);
            }
            other => return other,
        }
        Ok(())
    }

    /// The rows that were refused on their own, by index.
    pub(crate) fn into_refused(self) -> Vec<(usize, StoreError)> {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_the_bad_ones_are_left_out(bad in proptest::collection::vec(any::<bool>(), 0..40)) {
            let (mut halving, mut kept) = (Halving::new(bad.len()), Vec::new());
            while let Some(part) = halving.next_part() {
                if bad[part.clone()].contains(&true) {
                    let refusal = StoreError::Refused { code: "23514".to_owned(), constraint: None };
                    halving.failed(&part, refusal).unwrap();
                } else {
                    kept.extend(part);
                }
            }
            let refused: Vec<_> = halving.into_refused().into_iter().map(|(n, _)| n).collect();
            prop_assert_eq!(kept, (0..bad.len()).filter(|&n| !bad[n]).collect::<Vec<_>>());
            prop_assert_eq!(refused, (0..bad.len()).filter(|&n| bad[n]).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_was_undone_is_done_again_whole() {
        let mut halving = Halving::new(2);
        assert_eq!(halving.next_part(), Some(0..2));
        halving.failed(&(0..2), StoreError::Undone).unwrap();
        assert_eq!(halving.next_part(), Some(0..2));
    }

    #[test]
    fn trouble_with_the_connection_is_no_refusal() {
        let lost = StoreError::Unavailable {
            reason: "gone".to_owned(),
        };
        assert!(Halving::new(2).failed(&(0..2), lost).is_err());
    }
}
