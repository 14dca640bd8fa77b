//! A worker's place in one lane: after which event the next claim starts.
//!
//! Arrivals are numbered before they are committed, so one that commits late may turn up behind the place. The
//! place therefore steps back, often to where it stood some seconds ago, now and then to the beginning.

/// Where the next claim in a lane starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    after: i64,
    recent: i64,
    older: i64,
}

impl Place {
    /// Claims start after this arrival.
    pub(crate) const fn after(self) -> i64 {
        self.after
    }

    /// Everything up to here is claimed or held back.
    pub(crate) fn advance(&mut self, up_to: i64) {
        self.after = self.after.max(up_to);
    }

    /// Something at this arrival may be claimable again, or what stood behind it.
    pub(crate) fn rewind(&mut self, arrival: i64) {
        let before = arrival - 1;
        *self = Self {
            after: self.after.min(before),
            recent: self.recent.min(before),
            older: self.older.min(before),
        };
    }

    /// Notes where the place stands; the note before last is where it looks back to.
    pub(crate) fn mark(&mut self) {
        self.older = self.recent;
        self.recent = self.after;
    }

    /// Steps back to where it stood one to two marks ago.
    pub(crate) fn look_back(&mut self) {
        self.after = self.older;
    }

    /// Steps back to the beginning.
    pub(crate) fn look_back_fully(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_back_behind_at_least_one_mark() {
        let mut place = Place::default();
        place.advance(10);
        place.mark();
        place.advance(20);
        place.look_back();
        assert_eq!(place.after(), 0, "nothing older than the first mark is known");
        place.advance(20);
        place.mark();
        place.advance(30);
        place.look_back();
        assert_eq!(place.after(), 10);
    }

    #[test]
    fn a_rewind_is_not_undone_by_looking_back() {
        let mut place = Place::default();
        place.advance(100);
        place.mark();
        place.mark();
        place.rewind(50);
        assert_eq!(place.after(), 49);
        place.look_back();
        assert_eq!(place.after(), 49);
        place.advance(40);
        assert_eq!(place.after(), 49, "it only ever advances");
    }
}
