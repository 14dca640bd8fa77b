//! The agenda: when each recurring duty of the desk is due again.

use std::time::Duration;

use mailroom_domain::{LANES, Lane};
use tokio::time::Instant;

/// Parked events are looked for so often, should nobody have said that their provider goes on.
pub(crate) const BRING_BACK_EVERY: Duration = Duration::from_mins(1);
/// Each lane begins anew so often. Where wake-ups never come, what was replayed behind a place is found by this; otherwise nothing is
/// known to need it.
const START_OVER_EVERY: Duration = Duration::from_mins(1);
/// One after the other: a claim from the beginning goes past everything that died since the oldest snapshot, and in all
/// lanes at once the work would stand still meanwhile.
const START_OVER_STEP: Duration = Duration::from_millis(START_OVER_EVERY.as_secs() * 1_000 / LANES as u64);
/// So many together at most, where turns are rarer than steps.
const START_OVER_TOGETHER: usize = 8;

/// When each recurring duty is due again.
pub(crate) struct Agenda {
    pub(crate) tend: Instant,
    pub(crate) reap: Instant,
    start_over: Instant,
    next_to_start_over: Lane,
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
            next_to_start_over: Lane::from_index(0),
            pauses: now,
            bring_back: now,
            poll: now,
        }
    }

    /// The lanes in which claims are to begin anew now.
    pub(crate) fn lanes_to_start_over(&mut self) -> Vec<Lane> {
        let now = Instant::now();
        let mut lanes = Vec::new();
        while self.start_over <= now {
            if lanes.len() >= START_OVER_TOGETHER {
                self.start_over = now + START_OVER_STEP; // what was missed is not made up for
                break;
            }
            lanes.push(self.next_to_start_over);
            self.next_to_start_over = Lane::from_index(self.next_to_start_over.index().wrapping_add(1));
            self.start_over += START_OVER_STEP;
        }
        lanes
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
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_lane_starts_over_once_a_minute_one_after_the_other() {
        let mut agenda = Agenda::new(Instant::now());
        let mut begun = Vec::new();
        while begun.len() < LANES {
            let lanes = agenda.lanes_to_start_over();
            assert_eq!(lanes.len(), 1);
            begun.extend(lanes);
            advance(START_OVER_STEP / 2).await;
            assert_eq!(agenda.lanes_to_start_over(), []);
            advance(START_OVER_STEP / 2).await;
        }
        assert!(begun.into_iter().eq(Lane::all()));
    }

    #[tokio::test(start_paused = true)]
    async fn turns_that_are_rare_take_several_lanes_but_never_many() {
        let mut agenda = Agenda::new(Instant::now());
        let begun_at = Instant::now();
        let mut begun = agenda.lanes_to_start_over();
        while begun.len() < LANES {
            advance(Duration::from_millis(600)).await;
            begun.extend(agenda.lanes_to_start_over());
        }
        assert!(begun_at.elapsed() <= START_OVER_EVERY + Duration::from_secs(1));
        advance(Duration::from_hours(1)).await;
        assert_eq!(agenda.lanes_to_start_over().len(), START_OVER_TOGETHER);
        assert_eq!(agenda.lanes_to_start_over(), []);
    }
}
