//! How long the line before the writers may be. Once whoever joins it would wait too long, nobody is let in until it moves:
//! those who are keep their latency, the others are answered at once.

use std::time::Duration;

use tokio::time::Instant;

/// A line that moves is kept to so much of the longest wait: only one that stands, for a server that has a bad moment, is
/// worth waiting in for longer.
const OF_THE_WAIT: u32 = 10;

/// When the line's head joined, and how fast it moves.
#[derive(Debug)]
pub(super) struct Pace {
    longest_wait: Duration,
    /// How much of what the writers take is looked at, and may stand in line.
    span: Duration,
    /// So many may stand in it however slowly it moves: what the writers take at once.
    least: usize,
    /// No later than when the one at the head joined.
    head_joined: Instant,
    /// When this span began, how many were taken in it, and in the one before.
    since: Instant,
    taken: usize,
    taken_before: usize,
}

impl Pace {
    pub(super) fn new(longest_wait: Duration, least: usize, now: Instant) -> Self {
        Self {
            longest_wait,
            span: longest_wait / OF_THE_WAIT,
            least,
            head_joined: now,
            since: now,
            taken: 0,
            taken_before: 0,
        }
    }

    /// Whether somebody may join behind so many. Not where the head has waited for too long already, nor behind more than were
    /// taken lately in a span.
    pub(super) fn lets_in(&mut self, before: usize, now: Instant) -> bool {
        if before == 0 {
            self.head_joined = now;
            return true;
        }
        self.roll(now);
        let moves = self.taken.max(self.taken_before).max(self.least);
        before < moves && now.duration_since(self.head_joined) <= self.longest_wait
    }

    /// A writer took so many, the last of whom joined then.
    pub(super) fn moved(&mut self, count: usize, joined: Instant, now: Instant) {
        self.head_joined = joined;
        self.roll(now);
        self.taken += count;
    }

    /// Begins another span when this one is over.
    fn roll(&mut self, now: Instant) {
        let begun = now.duration_since(self.since);
        if begun >= self.span {
            self.taken_before = if begun < self.span * 2 { self.taken } else { 0 };
            self.taken = 0;
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(least: usize) -> (Pace, impl Fn(u64) -> Instant) {
        let begun = Instant::now();
        let pace = Pace::new(Duration::from_secs(1), least, begun);
        (pace, move |millis| begun + Duration::from_millis(millis))
    }

    #[test]
    fn nobody_joins_behind_a_head_that_has_waited_for_too_long() {
        let (mut pace, at) = pace(100);
        assert!(pace.lets_in(0, at(60_000)), "the first, however long nobody came");
        assert!(pace.lets_in(1, at(61_000)));
        assert!(!pace.lets_in(2, at(61_001)), "the head has waited for longer");
        pace.moved(1, at(60_500), at(61_001));
        assert!(pace.lets_in(1, at(61_001)));
        assert!(!pace.lets_in(1, at(61_501)));
        assert!(pace.lets_in(0, at(99_000)));
    }

    #[test]
    fn nobody_joins_behind_more_than_are_taken_in_a_span() {
        let (mut pace, at) = pace(2);
        assert!(pace.lets_in(0, at(0)) && pace.lets_in(1, at(0)));
        assert!(!pace.lets_in(2, at(0)), "nothing is known to move yet");
        for taken in 0..10 {
            pace.moved(1, at(taken * 10), at(taken * 10));
        }
        assert!(pace.lets_in(9, at(95)));
        assert!(!pace.lets_in(10, at(95)), "ten were taken in a tenth of the wait");
        pace.moved(1, at(100), at(100));
        assert!(pace.lets_in(9, at(110)), "as they were in the span before");
        pace.moved(1, at(900), at(900));
        assert!(!pace.lets_in(9, at(910)), "that was long ago");
    }
}
