//! What a connection is waiting for, and until when.

use std::{cell::Cell, rc::Rc, time::Duration};

use tokio::time::Instant;

/// Nothing was asked for.
const IDLE: &str = "idle";
/// A request began, and its head did not come.
pub(super) const HEAD_TOO_SLOW: &str = "head_too_slow";
/// A request began, and its head did not end.
pub(crate) const HEAD_TOO_LARGE: &str = "head_too_large";

/// Every reason for cutting a connection off, for metrics.
pub(crate) const CAUSES: [&str; 5] = [IDLE, HEAD_TOO_SLOW, HEAD_TOO_LARGE, "unread", "malformed"];

/// About the most bytes that a head may have: no provider's is near it, and thousands that do not end must fit into
/// memory.
const LARGEST_HEAD: usize = 16 << 10;

/// How long a connection is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of a request.
    pub head: Duration,
    /// For another request after one.
    pub idle: Duration,
    /// For an answer to be read on.
    pub unread: Duration,
    /// For a client that was answered early to stop sending.
    pub linger: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// For a request.
    Idle,
    /// For the rest of a request's head.
    Head,
    /// For an answer of ours.
    Answer,
    /// For the client to go, after its last answer.
    End,
    /// No more.
    Over,
}

/// What one connection is waiting for. Shared with the requests on it, which are handled by the same thread.
#[derive(Debug)]
pub(crate) struct Pace {
    waiting: Cell<Waiting>,
    due: Cell<Instant>,
    /// Bytes since the last request's head was there.
    heard: Cell<usize>,
    patience: Patience,
}

/// A request that is being answered; dropping it says that it is.
pub(crate) struct Answering {
    pace: Rc<Pace>,
    then: Waiting,
}

/// Whether there is room for more of a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// There is.
    More,
    /// What came should be looked at first.
    LookFirst,
    /// It was looked at, and is no whole head.
    None,
}

impl Pace {
    pub(super) fn new(patience: Patience, now: Instant) -> Self {
        Self {
            waiting: Cell::new(Waiting::Idle),
            due: Cell::new(now + patience.head),
            heard: Cell::new(0),
            patience,
        }
    }

    /// A request's head is there.
    pub(crate) fn answering(self: Rc<Self>) -> Answering {
        // One that came together with the last one changes nothing about that.
        let then = match self.waiting.replace(Waiting::Answer) {
            Waiting::Over => Waiting::Over,
            _ => Waiting::Idle,
        };
        self.heard.set(0);
        Answering { pace: self, then }
    }

    /// When to look again.
    pub(super) fn due(&self) -> Instant {
        self.due.get()
    }

    pub(super) fn is_over(&self) -> bool {
        self.waiting.get() == Waiting::Over
    }

    /// So many bytes came.
    pub(super) fn heard(&self, bytes: usize, now: Instant) {
        if self.waiting.get() == Waiting::Idle {
            self.wait(Waiting::Head, now + self.patience.head);
        }
        if self.waiting.get() == Waiting::Head {
            self.heard.set(self.heard.get().saturating_add(bytes));
        }
    }

    /// Whether there is room for more of a head; once there is none, it is over.
    pub(super) fn room(&self) -> Room {
        match self.heard.get() {
            usize::MAX => {
                self.waiting.set(Waiting::Over);
                Room::None
            }
            LARGEST_HEAD.. => {
                self.heard.set(usize::MAX);
                Room::LookFirst
            }
            _ => Room::More,
        }
    }

    /// Looks whether it was too long, and if that is anybody's fault, whose.
    pub(super) fn look(&self, now: Instant) -> Option<&'static str> {
        if now < self.due.get() {
            return None;
        }
        let cause = match self.waiting.get() {
            Waiting::Idle => Some(IDLE),
            Waiting::Head => Some(HEAD_TOO_SLOW),
            Waiting::End | Waiting::Over => None,
            Waiting::Answer => {
                // Handlers have deadlines of their own.
                self.due.set(now + self.patience.head);
                return None;
            }
        };
        self.waiting.set(Waiting::Over);
        cause
    }

    fn wait(&self, waiting: Waiting, due: Instant) {
        self.waiting.set(waiting);
        self.due.set(due);
    }
}

impl Answering {
    /// The client wants no further answer on this connection.
    pub(crate) fn last(&mut self) {
        if self.then == Waiting::Idle {
            self.then = Waiting::Over;
        }
    }

    /// The client is answered before all that it sends is read, which it may still be sending.
    pub(crate) fn early(&mut self) {
        self.then = Waiting::End;
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let pace = &self.pace;
        if pace.is_over() {
            return;
        }
        let patience = match self.then {
            Waiting::End => pace.patience.linger,
            _ => pace.patience.idle,
        };
        pace.wait(self.then, Instant::now() + patience);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace(now: Instant) -> Rc<Pace> {
        let patience = Patience {
            head: 5 * SECOND,
            idle: 60 * SECOND,
            unread: SECOND,
            linger: SECOND,
        };
        Rc::new(Pace::new(patience, now))
    }

    #[test]
    fn silence_ends_it_without_an_answer() {
        let now = Instant::now();
        let pace = pace(now);
        assert_eq!(pace.look(now + 4 * SECOND), None);
        assert_eq!(pace.look(now + 5 * SECOND), Some(IDLE));
        assert!(pace.is_over());
        assert_eq!(pace.look(now + 6 * SECOND), None, "told once");
    }

    #[test]
    fn a_drop_now_and_then_does_not_buy_time_for_a_head() {
        let now = Instant::now();
        let pace = pace(now);
        for second in 1..6 {
            pace.heard(1, now + second * SECOND);
            assert_eq!(pace.look(now + second * SECOND), None);
        }
        assert_eq!(pace.look(now + 6 * SECOND), Some(HEAD_TOO_SLOW));
    }

    #[test]
    fn a_request_takes_its_time_and_the_next_is_waited_for() {
        let now = Instant::now();
        let pace = pace(now);
        pace.heard(1, now);
        let answering = Rc::clone(&pace).answering();
        for seconds in [5, 50, 500] {
            assert_eq!(pace.look(now + seconds * SECOND), None);
        }
        drop(answering);
        assert!(pace.due() > Instant::now() + 50 * SECOND);
        pace.heard(1, now);
        assert_eq!(
            pace.look(now + 5 * SECOND),
            Some(HEAD_TOO_SLOW),
            "as with the first"
        );
    }

    #[test]
    fn a_head_that_does_not_end_is_looked_at_and_given_up() {
        let now = Instant::now();
        let pace = pace(now);
        pace.heard(LARGEST_HEAD - 1, now);
        assert_eq!(pace.room(), Room::More);
        pace.heard(1, now);
        assert_eq!((pace.room(), pace.room()), (Room::LookFirst, Room::None));
        assert!(pace.is_over());
    }

    #[test]
    fn a_body_is_no_head() {
        let now = Instant::now();
        let pace = pace(now);
        pace.heard(LARGEST_HEAD, now);
        assert_eq!(pace.room(), Room::LookFirst);
        let answering = Rc::clone(&pace).answering();
        pace.heard(1 << 30, now);
        assert_eq!(pace.room(), Room::More);
        drop(answering);
        assert_eq!(pace.room(), Room::More);
    }

    #[test]
    fn after_the_last_answer_nothing_is_waited_for() {
        let now = Instant::now();
        let asked = pace(now);
        Rc::clone(&asked).answering().last();
        assert!(asked.is_over());
        drop(Rc::clone(&asked).answering());
        assert!(asked.is_over(), "another that had come already");

        let early = pace(now);
        let mut answering = Rc::clone(&early).answering();
        answering.early();
        answering.last();
        drop(answering);
        early.heard(LARGEST_HEAD, now);
        assert!(
            !early.is_over() && early.room() == Room::More,
            "it may go on sending"
        );
        assert_eq!(
            early.look(Instant::now() + 2 * SECOND),
            None,
            "and is nobody's fault"
        );
        assert!(early.is_over());
    }
}
