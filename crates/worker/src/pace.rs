//! The pace of a worker: while it keeps up it works with one hand and rests after each turn, so that what comes meanwhile is
//! settled together; when next to nothing comes, or when it falls behind, it does not.

use std::time::Duration;

/// Nobody waits longer for others, however slow the database is.
const LONGEST_REST: Duration = Duration::from_millis(10);

/// What the last turn tells about the next.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Who settles so many in a turn has fallen behind.
    behind: usize,
    is_behind: bool,
    rest: Option<Duration>,
}

impl Pace {
    /// That of a worker whose claims are of so many events.
    pub(crate) fn new(batch: u32) -> Self {
        Self {
            behind: usize::try_from(batch / 4).unwrap_or(usize::MAX).max(2),
            is_behind: false,
            rest: None,
        }
    }

    /// How many hands the next turn is worth, of so many. Two settle no more than one if there is nothing left for the second,
    /// at twice the price: a claim and its commits cost as much as a dozen events.
    pub(crate) const fn hands(&self, all: usize) -> usize {
        if self.is_behind || all == 0 { all } else { 1 }
    }

    /// Notes what a turn came to. One that settled several at once rests as long again as it took: as many again will
    /// have come. One that settled a single event does not, nor one that left something.
    pub(crate) fn turned(&mut self, settled: usize, is_all: bool, took: Duration) {
        self.is_behind = settled >= self.behind;
        self.rest = (settled > 1 && is_all && !self.is_behind).then(|| took.min(LONGEST_REST));
    }

    /// For how long to rest, once after each turn.
    pub(crate) const fn rest(&mut self) -> Option<Duration> {
        self.rest.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOK: Duration = Duration::from_millis(3);

    #[test]
    fn who_keeps_up_rests_and_works_with_one_hand() {
        let mut pace = Pace::new(500);
        assert_eq!((pace.hands(2), pace.rest()), (1, None), "nothing is known yet");
        pace.turned(20, true, TOOK);
        assert_eq!((pace.hands(2), pace.rest()), (1, Some(TOOK)));
        assert_eq!(pace.rest(), None, "once");
        pace.turned(20, true, Duration::from_secs(1));
        assert_eq!(pace.rest(), Some(LONGEST_REST));
    }

    #[test]
    fn who_has_next_to_nothing_or_too_much_to_do_does_not_rest() {
        let mut pace = Pace::new(500);
        for (settled, is_all, hands) in [
            (0, true, 1),
            (1, true, 1),
            (20, false, 1),
            (125, true, 2),
            (1_000, false, 2),
        ] {
            pace.turned(settled, is_all, TOOK);
            assert_eq!((pace.hands(2), pace.rest()), (hands, None), "{settled}");
        }
        assert_eq!(pace.hands(0), 0);
    }

    #[test]
    fn small_claims_are_many_as_well() {
        for batch in [1, 2, 8] {
            let mut pace = Pace::new(batch);
            pace.turned(2, true, TOOK);
            assert_eq!((pace.hands(2), pace.rest()), (2, None), "{batch}");
        }
    }
}
