//! Leaving a standby alone for a while after it could not be read from, so that not everybody waits for it in vain.

use std::time::{Duration, Instant};

/// So long it is left alone.
const REST: Duration = Duration::from_secs(2);

/// Since when it rests, if it does.
#[derive(Debug, Default)]
pub(super) struct Rest(Option<Instant>);

impl Rest {
    /// It could not be read from.
    pub(super) fn begin(&mut self, now: Instant) {
        self.0 = Some(now);
    }

    /// It answered somebody who tried since then. Whoever tried before does not know what was found out meanwhile.
    pub(super) fn end(&mut self, tried: Instant) {
        if self.0.is_some_and(|since| since <= tried) {
            self.0 = None;
        }
    }

    /// Whether somebody may try it. When a rest is over, one does, and the others leave it alone until they know.
    pub(super) fn lets_try(&mut self, now: Instant) -> bool {
        match self.0 {
            None => true,
            Some(since) if now < since + REST => false,
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
        rest.end(at(3));
        assert!(!rest.lets_try(at(5)), "he tried before");
        rest.end(at(4));
        assert!(rest.lets_try(at(5)) && rest.lets_try(at(5)));
    }
}
