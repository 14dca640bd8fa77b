//! Leaving a standby alone for a while after it could not be read from, so that not everybody waits for it in vain.

use std::time::{Duration, Instant};

/// So long it is left alone.
const REST: Duration = Duration::from_secs(2);

/// Whether it rests.
#[derive(Debug, Default)]
pub(super) struct Rest(Option<Instant>);

impl Rest {
    /// It could not be read from.
    pub(super) fn begin(&mut self, now: Instant) {
        self.0 = now.checked_add(REST);
    }

    /// It answered.
    pub(super) fn end(&mut self) {
        self.0 = None;
    }

    /// Whether somebody may try it. When a rest is over, one does, and the others leave it alone until they know.
    pub(super) fn lets_try(&mut self, now: Instant) -> bool {
        match self.0 {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                self.begin(now);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tries_after_a_rest_and_the_others_when_he_knows() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut rest = Rest::default();
        assert!(rest.lets_try(at(0)) && rest.lets_try(at(0)));
        rest.begin(at(0));
        assert!(!rest.lets_try(at(1)));
        assert!(rest.lets_try(at(2)));
        assert!(!rest.lets_try(at(2)), "one is enough");
        assert!(rest.lets_try(at(4)), "the other may have gone away");
        rest.end();
        assert!(rest.lets_try(at(4)) && rest.lets_try(at(4)));
    }
}
