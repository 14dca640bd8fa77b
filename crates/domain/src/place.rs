//! A worker's place in one lane: after which arrival the next claim starts.
//!
//! Arrivals are numbered before they are committed, so an event may become visible behind one that was already
//! seen. A place therefore goes past what a claim saw only when every transaction that had begun by then has ended:
//! whatever was numbered before is visible by then, and no later event of its conversation can pass it.

use std::collections::VecDeque;

/// Which transactions a snapshot of the database knows to have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Horizon {
    /// Every transaction numbered below this has ended (`pg_snapshot_xmin`).
    pub ended_below: i64,
    /// Every transaction that had drawn an arrival by then is numbered below this: the claim's own number, which it draws
    /// after it has looked. (`pg_snapshot_xmax` is no such number: it knows only of those that have ended.)
    pub begun_below: i64,
}

/// Sightings kept at most; more are folded into the last.
const MOST_SIGHTINGS: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sighting {
    up_to: i64,
    begun_below: i64,
}

/// Where the next claim in a lane starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    after: i64,
    sightings: VecDeque<Sighting>,
}

impl Place {
    /// Claims start after this arrival.
    pub const fn after(&self) -> i64 {
        self.after
    }

    /// Notes that a claim with this horizon left nothing behind it up to an arrival. Says whether that is news: it
    /// saw further than any before, or the place went on.
    pub fn saw(&mut self, up_to: i64, horizon: Horizon) -> bool {
        let before = self.after;
        let further = up_to > self.sightings.back().map_or(self.after, |last| last.up_to);
        if further {
            if self.sightings.len() >= MOST_SIGHTINGS {
                self.sightings.pop_back();
            }
            self.sightings.push_back(Sighting {
                up_to,
                begun_below: horizon.begun_below,
            });
        }
        while let Some(first) = self.sightings.front() {
            if horizon.ended_below < first.begun_below {
                break;
            }
            // This claim may have looked less far: what has come into view in between is still to be looked at.
            self.after = self.after.max(first.up_to.min(up_to));
            if up_to < first.up_to {
                break;
            }
            self.sightings.pop_front();
        }
        further || self.after > before
    }

    /// Something at this arrival may be claimable again, or what stood behind it.
    pub fn rewind(&mut self, arrival: i64) {
        self.after = self.after.min(arrival - 1);
        self.sightings.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn horizon(ended_below: i64, begun_below: i64) -> Horizon {
        Horizon {
            ended_below,
            begun_below,
        }
    }

    #[test]
    fn it_goes_on_at_once_when_nobody_else_writes() {
        let mut place = Place::default();
        assert!(place.saw(10, horizon(5, 5)));
        assert_eq!(place.after(), 10);
        assert!(!place.saw(10, horizon(6, 6)), "nothing new");
    }

    #[test]
    fn it_waits_for_whoever_may_have_drawn_an_earlier_arrival() {
        let mut place = Place::default();
        assert!(place.saw(10, horizon(3, 7)));
        assert_eq!(
            place.after(),
            0,
            "transactions 3 to 6 may still commit arrivals below 10"
        );
        assert!(place.saw(12, horizon(6, 9)));
        assert_eq!(place.after(), 0, "transaction 6 may");
        assert!(place.saw(12, horizon(8, 9)));
        assert_eq!(place.after(), 10);
        assert!(place.saw(12, horizon(9, 20)));
        assert_eq!(place.after(), 12);
    }

    #[test]
    fn a_long_writer_holds_it_for_as_long_as_it_takes_and_costs_little_memory() {
        let mut place = Place::default();
        for step in 1..=100 {
            place.saw(step, horizon(1, 100 + step));
        }
        assert_eq!((place.after(), place.sightings.len()), (0, MOST_SIGHTINGS));
        assert!(place.saw(100, horizon(300, 300)));
        assert_eq!(place.after(), 100);
    }

    #[test]
    fn it_goes_no_further_than_this_claim_looked() {
        let mut place = Place::default();
        place.saw(111, horizon(51, 52));
        assert!(
            place.saw(102, horizon(53, 53)),
            "101 to 110 are there now, two were taken"
        );
        assert_eq!(place.after(), 102);
        assert!(place.saw(104, horizon(54, 54)));
        assert_eq!(place.after(), 104);
        assert!(place.saw(115, horizon(55, 55)));
        assert_eq!(place.after(), 115);
    }

    #[test]
    fn a_rewind_is_not_undone_by_what_was_seen_before() {
        let mut place = Place::default();
        place.saw(100, horizon(5, 5));
        place.saw(200, horizon(5, 9));
        place.rewind(50);
        assert_eq!(place.after(), 49);
        place.saw(60, horizon(9, 9));
        assert_eq!(place.after(), 60);
    }
}
