//! How long the line before the writers may be. Once whoever joins it would wait too long, nobody is let in until it moves:
//! those who are keep their latency, the others are answered at once.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// A line that moves is kept to so much of the longest wait: only one that stands, for a server that has a bad moment, is
/// worth waiting in for longer.
const OF_THE_WAIT: u32 = 10;

/// The line: when its head joined, and how fast it moves.
#[derive(Debug)]
pub(super) struct Line {
    longest_wait: Duration,
    /// How much of what the writers take is looked at, and may stand in line.
    span: Duration,
    /// So many may stand in it however slowly it moves: what the writers take at once.
    least: usize,
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    /// No later than when the one at the head joined.
    head_joined: Instant,
    /// When this span began, how many were taken in it, and in the one before.
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
            span: longest_wait / OF_THE_WAIT,
            least,
            pace: Mutex::new(Pace {
                head_joined: now,
                since: now,
                taken: 0,
                taken_before: 0,
            }),
        }
    }

    /// Joins behind those who stand there, one caller after the other; `None` for whoever may not. That is where the head has
    /// waited for too long already, and behind more than were taken lately in a span.
    pub(super) fn join<T>(
        &self,
        now: Instant,
        before: impl FnOnce() -> usize,
        join: impl FnOnce() -> T,
    ) -> Option<T> {
        let mut pace = self.pace();
        self.lets_in(&mut pace, before(), now).then(join)
    }

    fn lets_in(&self, pace: &mut Pace, before: usize, now: Instant) -> bool {
        if before == 0 {
            pace.head_joined = now;
            return true;
        }
        pace.roll(self.span, now);
        let moves = pace.taken.max(pace.taken_before).max(self.least);
        before < moves && now.duration_since(pace.head_joined) <= self.longest_wait
    }

    /// A writer took so many, the last of whom joined then.
    pub(super) fn moved(&self, count: usize, joined: Instant, now: Instant) {
        let mut pace = self.pace();
        pace.head_joined = joined;
        pace.roll(self.span, now);
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

    fn lets_in(line: &Line, before: usize, now: Instant) -> bool {
        line.join(now, || before, || ()).is_some()
    }

    #[test]
    fn nobody_joins_behind_a_head_that_has_waited_for_too_long() {
        let (line, at) = line(100);
        assert!(
            lets_in(&line, 0, at(60_000)),
            "the first, however long nobody came"
        );
        assert!(lets_in(&line, 1, at(61_000)));
        assert!(!lets_in(&line, 2, at(61_001)), "the head has waited for longer");
        line.moved(1, at(60_500), at(61_001));
        assert!(lets_in(&line, 1, at(61_001)));
        assert!(!lets_in(&line, 1, at(61_501)));
        assert!(lets_in(&line, 0, at(99_000)));
    }

    #[test]
    fn nobody_joins_behind_more_than_are_taken_in_a_span() {
        let (line, at) = line(2);
        assert!(lets_in(&line, 0, at(0)) && lets_in(&line, 1, at(0)));
        assert!(!lets_in(&line, 2, at(0)), "nothing is known to move yet");
        for taken in 0..10 {
            line.moved(1, at(taken * 10), at(taken * 10));
        }
        assert!(lets_in(&line, 9, at(95)));
        assert!(
            !lets_in(&line, 10, at(95)),
            "ten were taken in a tenth of the wait"
        );
        line.moved(1, at(100), at(100));
        assert!(lets_in(&line, 9, at(110)), "as they were in the span before");
        line.moved(1, at(900), at(900));
        assert!(!lets_in(&line, 9, at(910)), "that was long ago");
    }
}
