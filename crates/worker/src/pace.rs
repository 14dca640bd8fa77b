//! Whether a worker keeps up: if it does it works with one hand, for two would share what there is, at twice the price.

/// More than this cannot wait for one hand, however large claims may be: it is some 20 ms of work.
const MANY: u32 = 125;

/// What the last turn tells about the next.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Who settles so many in a turn has fallen behind.
    behind: usize,
    is_behind: bool,
}

impl Pace {
    /// That of a worker whose claims are of so many events.
    pub(crate) fn new(batch: u32) -> Self {
        Self {
            behind: (batch / 4).clamp(2, MANY) as usize,
            is_behind: false,
        }
    }

    /// Notes how many events a turn settled.
    pub(crate) const fn settled(&mut self, events: usize) {
        self.is_behind = events >= self.behind;
    }

    /// How many hands the next turn is worth, of so many. A claim and its commits cost as much as a dozen events, whether there are
    /// that many or not.
    pub(crate) fn hands(&self, all: usize) -> usize {
        if self.is_behind { all } else { all.min(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_falls_behind_works_with_every_hand() {
        let mut pace = Pace::new(500);
        assert_eq!(pace.hands(2), 1, "nothing is known yet");
        for (settled, hands) in [(1, 1), (124, 1), (125, 2), (1_000, 2), (20, 1), (0, 1)] {
            pace.settled(settled);
            assert_eq!(pace.hands(2), hands, "{settled}");
        }
        assert_eq!(pace.hands(0), 0);
    }

    #[test]
    fn however_large_a_claim_may_be_there_is_a_point_where_one_hand_is_not_enough() {
        for batch in [1, 2, 8] {
            let mut pace = Pace::new(batch);
            pace.settled(2);
            assert_eq!(pace.hands(2), 2, "{batch}");
        }
        let mut pace = Pace::new(10_000);
        pace.settled(125);
        assert_eq!(pace.hands(2), 2, "large ones");
    }
}
