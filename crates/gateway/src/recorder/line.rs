//! How long the line before the writers may be. Once whoever joins it would wait too long, nobody is let in until it moves:
//! those who are keep their latency, the others are answered at once.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The line: when its head joined, and how fast it moves.
#[derive(Debug)]
pub(super) struct Line {
    longest_wait: Duration,
    /// So many may stand in it however slowly it moves: what the writers take at once.
    least: usize,
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    /// No later than when the one at the head joined.
    head_joined: Instant,
    /// When this span of the longest wait began, how many were taken in it, and in the one before.
    since: Instant,
    taken: usize,
    taken_before: usize,
}

impl Pace {
    /// Begins another span when this one is over.
    fn roll(&mut self, span: Duration, now: Instant) {
        let begun = now.duration_since(self.since);
        if begun >= span {
            self.taken_before = if begun < span * 2 { self.taken } else { 0 };
            self.taken = 0;
            self.since = now;
        }
    }
}

impl Line {
    pub(super) fn new(longest_wait: Duration, least: usize, now: Instant) -> Self {
        Self {
            longest_wait,
            least,
            pace: Mutex::new(Pace {
                head_joined: now,
                since: now,
                taken: 0,
                taken_before: 0,
            }),
        }
    }

    /// Somebody joins behind so many; whether he may. Not where the head has waited for too long already, nor behind more
    /// than were taken lately in the time that he may wait.
    pub(super) fn lets_in(&self, before: usize, now: Instant) -> bool {
        let mut pace = self.pace();
        if before == 0 {
            pace.head_joined = now;
            return true;
        }
        pace.roll(self.longest_wait, now);
        let moves = pace.taken.max(pace.taken_before).max(self.least);
        before < moves && now.duration_since(pace.head_joined) <= self.longest_wait
    }

    /// A writer took so many, the last of whom joined then.
    pub(super) fn moved(&self, count: usize, joined: Instant, now: Instant) {
        let mut pace = self.pace();
        pace.head_joined = joined;
        pace.roll(self.longest_wait, now);
        pace.taken += count;
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // Every change is whole before the lock is let go.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(least: usize) -> (Line, impl Fn(u64) -> Instant) {
        let begun = Instant::now();
        let line = Line::new(Duration::from_secs(1), least, begun);
        (line, move |millis| begun + Duration::from_millis(millis))
    }

    #[test]
    fn nobody_joins_behind_a_head_that_has_waited_for_too_long() {
        let (line, at) = line(100);
        assert!(line.lets_in(0, at(60_000)), "the first, however long nobody came");
        assert!(line.lets_in(1, at(61_000)));
        assert!(!line.lets_in(2, at(61_001)), "the head has waited for longer");
        line.moved(1, at(60_500), at(61_001));
        assert!(line.lets_in(1, at(61_001)));
        assert!(!line.lets_in(1, at(61_501)));
        assert!(line.lets_in(0, at(99_000)));
    }

    #[test]
    fn nobody_joins_behind_more_than_are_taken_while_he_may_wait() {
        let (line, at) = line(2);
        assert!(line.lets_in(0, at(0)) && line.lets_in(1, at(0)));
        assert!(!line.lets_in(2, at(0)), "nothing is known to move yet");
        for taken in 0..10 {
            line.moved(1, at(taken * 100), at(taken * 100));
        }
        assert!(line.lets_in(9, at(950)));
        assert!(!line.lets_in(10, at(950)), "ten were taken in a second");
        line.moved(1, at(1_000), at(1_000));
        assert!(line.lets_in(9, at(1_100)), "as they were in the second before");
        line.moved(1, at(9_000), at(9_000));
        assert!(!line.lets_in(9, at(9_100)), "that was long ago");
    }
}
