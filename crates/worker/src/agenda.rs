//! The agenda: when each recurring duty of the desk is due again.

use std::time::Duration;

use tokio::time::Instant;

/// Nothing is known to need it; should a place ever be wrong, it is so for this long.
pub(crate) const START_OVER_EVERY: Duration = Duration::from_mins(1);

/// When each recurring duty is due again.
pub(crate) struct Agenda {
    pub(crate) tend: Instant,
    pub(crate) reap: Instant,
    pub(crate) start_over: Instant,
    pub(crate) pauses: Instant,
    pub(crate) bring_back: Instant,
    pub(crate) poll: Instant,
}

impl Agenda {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            tend: now,
            reap: now,
            start_over: now + START_OVER_EVERY,
            pauses: now,
            bring_back: now,
            poll: now,
        }
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
