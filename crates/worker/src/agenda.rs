//! The agenda: when each recurring duty of the desk is due again.

use std::time::Duration;

use mailroom_domain::{LANES, Lane};
use tokio::time::Instant;

/// Nothing is known to need it; should a place ever be wrong, it is so for about this long.
pub(crate) const START_OVER_EVERY: Duration = Duration::from_mins(1);
/// One lane at a time: a claim from the beginning goes past everything that died since the oldest snapshot, and in all lanes
/// at once the work would stand still meanwhile.
const START_OVER_IN_ONE_EVERY: Duration = Duration::from_millis(60_000 / LANES as u64);

/// When each recurring duty is due again.
pub(crate) struct Agenda {
    pub(crate) tend: Instant,
    pub(crate) reap: Instant,
    start_over: Instant,
    starts_over_next: Lane,
    pub(crate) pauses: Instant,
    pub(crate) bring_back: Instant,
    pub(crate) poll: Instant,
}

impl Agenda {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            tend: now,
            reap: now,
            start_over: now,
            starts_over_next: Lane::from_index(0),
            pauses: now,
            bring_back: now,
            poll: now,
        }
    }

    /// The lane in which claims are to begin anew, when it is time for one: each comes once in a while.
    pub(crate) fn starts_over(&mut self) -> Option<Lane> {
        is_due(&mut self.start_over, START_OVER_IN_ONE_EVERY).then(|| {
            let next = Lane::from_index(self.starts_over_next.index().wrapping_add(1));
            std::mem::replace(&mut self.starts_over_next, next)
        })
    }
}

/// Whether a duty is due; if so, it is due again a while from now.
pub(crate) fn is_due(duty: &mut Instant, every: Duration) -> bool {
    let now = Instant::now();
    let due = now >= *duty;
    if due {
        *duty = now + every;
    }
    due
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_lane_starts_over_once_a_minute_and_never_two_together() {
        let mut agenda = Agenda::new(Instant::now());
        let mut begun = BTreeSet::new();
        for _ in 0..LANES {
            begun.extend(agenda.starts_over());
            assert_eq!(agenda.starts_over(), None);
            tokio::time::advance(START_OVER_EVERY / 256).await;
        }
        assert_eq!(begun.len(), LANES);
    }
}
