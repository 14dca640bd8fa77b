//! The desk: the loop in which one worker tends its lanes, and tells its hands where to claim.

use std::{collections::BTreeSet, time::Duration};

use mailroom_bootstrap::stop::Stop;
use mailroom_domain::{ClaimToken, Lane, RetryPolicy, WorkerId};
use mailroom_store::{Pool, StoreError, event, reconnect};
use rand::{RngExt, rngs::StdRng};
use tokio::time::{Instant, sleep};

use crate::{
    agenda::{Agenda, BRING_BACK_EVERY, is_due},
    config::WorkConfig,
    hand::Hand,
    hands::work_together,
    holdings::Holdings,
    pace::Pace,
    paused::Paused,
    settle::{Settled, within},
    tend,
    wake::Bell,
};

/// What another worker gave back runs elsewhere within a second.
const TEND_EVERY: Duration = Duration::from_millis(500);
/// What the database is given to come back.
const PAUSE: Duration = Duration::from_secs(1);
/// With less than its share a worker looks more often: lanes that another gave back wait for somebody.
const TEND_EVERY_WHEN_SHORT: Duration = Duration::from_millis(200);
const REAP_EVERY: Duration = Duration::from_secs(5);

/// No turn begins on an older knowledge of what is paused.
const READ_PAUSES_EVERY: Duration = Duration::from_millis(500);

/// What one turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Events were settled, or there is more to look at.
    Worked,
    /// Nothing waits where it looked.
    Idle,
}

/// A worker at work.
#[derive(Debug)]
pub(crate) struct Desk {
    pub work: Pool,
    /// One at least.
    pub hands: Vec<Hand>,
    pub worker: WorkerId,
    pub config: WorkConfig,
    pub policy: RetryPolicy,
    pub holdings: Holdings,
    pub bell: Bell,
    pub paused: Paused,
    pub pace: Pace,
    /// Lanes in which something may wait for its claim that stands before a retry: it was replayed, or parked, or another
    /// worker went past it.
    pub replayed: BTreeSet<Lane>,
    pub randomness: StdRng,
}

impl Desk {
    /// Works until asked to stop; a claim in hand is settled first.
    pub(crate) async fn work(&mut self, stop: &Stop) {
        let mut agenda = Agenda::new(Instant::now());
        // Lanes in which something may wait.
        let mut waiting: BTreeSet<Lane> = BTreeSet::new();
        while !stop.is_requested() {
            match self.turn(&mut agenda, &mut waiting).await {
                Ok(Turn::Worked) => {}
                Ok(Turn::Idle) => {
                    tokio::select! {
                        () = self.bell.wait() => {}
                        () = tokio::time::sleep_until(agenda.poll.min(agenda.tend)) => {}
                        () = stop.requested() => {}
                    }
                }
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "the database is away; waiting for it");
                    // What was in hand is stale now; look everywhere when the database is back.
                    self.holdings.reap_again();
                    agenda.reap = Instant::now();
                    agenda.poll = Instant::now();
                    agenda.bring_back = Instant::now();
                    let back = async {
                        sleep(PAUSE).await; // it may answer at once and fail the same way again
                        reconnect::until_reachable(&self.work, |_| {}).await;
                    };
                    tokio::select! { () = back => {}, () = stop.requested() => {} }
                }
                Err(error) => {
                    tracing::error!(%error, "a turn failed");
                    self.holdings.reap_again();
                    agenda.reap = Instant::now();
                    agenda.bring_back = Instant::now();
                    tokio::select! { () = sleep(PAUSE) => {}, () = stop.requested() => {} }
                }
            }
        }
    }

    async fn turn(&mut self, agenda: &mut Agenda, waiting: &mut BTreeSet<Lane>) -> Result<Turn, StoreError> {
        self.tend(agenda, waiting).await?;
        self.go_back();
        if self.paused.is_everything() {
            agenda.poll = agenda.pauses; // hints wait in the bell meanwhile
            return Ok(Turn::Idle);
        }
        waiting.extend(self.bell.hints());
        if is_due(&mut agenda.bring_back, BRING_BACK_EVERY) && self.bring_back(waiting).await? {
            agenda.bring_back = Instant::now();
        }
        let poll_again = self.config.poll().mul_f64(self.randomness.random_range(0.5..1.5));
        if is_due(&mut agenda.poll, poll_again) {
            waiting.extend(self.holdings.lanes());
            if self.work_on_due(waiting).await? == Turn::Worked {
                agenda.poll = Instant::now(); // more may be due
            }
            // What was replayed meanwhile may stand before what is claimed next.
            self.go_back();
        }
        self.work_on_waiting(waiting).await
    }

    /// Goes back in lanes where something stands behind our place again. Until that is claimed, no retry that stands behind
    /// it may be.
    fn go_back(&mut self) {
        for (lane, arrival) in self.bell.places_behind() {
            self.holdings.update(lane, |place| place.rewind(arrival));
            self.replayed.insert(lane);
        }
    }

    /// The duties that keep lanes and places right.
    async fn tend(&mut self, agenda: &mut Agenda, waiting: &mut BTreeSet<Lane>) -> Result<(), StoreError> {
        let every = if self.holdings.is_short() {
            TEND_EVERY_WHEN_SHORT
        } else {
            TEND_EVERY
        };
        if is_due(&mut agenda.tend, every) {
            let lease = self.config.lease();
            within(tend::share(
                &self.work,
                self.worker,
                &self.holdings,
                lease,
                &mut self.randomness,
            ))
            .await?;
            if self.holdings.wait_for_reaping() {
                agenda.reap = Instant::now();
            }
        }
        if is_due(&mut agenda.reap, REAP_EVERY) {
            let reaping = within(tend::reap(
                &self.work,
                self.worker,
                &self.holdings,
                &self.policy,
                &mut self.randomness,
            ))
            .await?;
            if !reaping.lanes.is_empty() {
                agenda.bring_back = Instant::now(); // what was parked in them by others
            }
            self.replayed.extend(&reaping.lanes);
            waiting.extend(reaping.lanes);
            if reaping.any {
                // A claim whose answer never came: what waited behind it may be free, and places are past it.
                self.holdings.start_over();
            }
        }
        for lane in agenda.lanes_to_start_over() {
            self.holdings.start_over_in(lane);
        }
        if is_due(&mut agenda.pauses, READ_PAUSES_EVERY) && self.read_pauses().await? {
            agenda.bring_back = Instant::now();
            agenda.poll = Instant::now();
        }
        Ok(())
    }

    /// Has the hands claim in lanes where something may wait, each in lanes of its own.
    async fn work_on_waiting(&mut self, waiting: &mut BTreeSet<Lane>) -> Result<Turn, StoreError> {
        let places = self.holdings.places(std::mem::take(waiting));
        if places.is_empty() {
            return Ok(Turn::Idle);
        }
        let all_done = work_together(&mut self.hands, &places, self.paused.providers(), &self.pace).await?;
        let looked_at = places.iter().map(|&(lane, _)| lane);
        let behind: BTreeSet<Lane> = looked_at.filter(|lane| self.replayed.remove(lane)).collect();
        let (mut events, mut settled) = (0, Settled::Whole);
        for done in all_done {
            settled = settled.and(done.settled);
            for reach in done.reached {
                let news = self
                    .holdings
                    .update(reach.lane, |place| place.saw(reach.up_to, done.horizon));
                // What is cut off by the depth is looked at again at once, but not where looking again shows the same.
                if reach.seen >= i64::from(done.depth) && news == Some(true) {
                    waiting.insert(reach.lane);
                    if behind.contains(&reach.lane) {
                        self.replayed.insert(reach.lane);
                    }
                }
            }
            events += done.events;
        }
        if settled == Settled::ClaimLost {
            self.holdings.start_over();
        }
        self.pace.settled(events);
        if events == 0 && waiting.is_empty() {
            return Ok(Turn::Idle);
        }
        Ok(Turn::Worked)
    }

    /// Claims events whose retry is due. What waited behind them may go on afterwards.
    async fn work_on_due(&mut self, waiting: &mut BTreeSet<Lane>) -> Result<Turn, StoreError> {
        let mut lanes = self.holdings.lanes();
        lanes.retain(|lane| !self.replayed.contains(lane));
        let Some(hand) = self.hands.first_mut() else {
            return Ok(Turn::Idle);
        };
        let token = ClaimToken::new(self.randomness.random());
        let events = within(async {
            let mut connection = self.work.acquire().await?;
            let (paused, batch) = (self.paused.providers(), self.config.batch);
            event::claim_due(&mut connection, self.worker, &lanes, paused, batch, token).await
        })
        .await?;
        if events.is_empty() {
            return Ok(Turn::Idle);
        }
        let behind: Vec<(Lane, i64)> = events.iter().map(|event| (event.lane(), event.arrival)).collect();
        let settled = hand.process(token, events).await;
        if let Ok(settled) = settled {
            hand.forget(token, settled);
            if settled == Settled::ClaimLost {
                self.holdings.start_over();
            }
        }
        for (lane, arrival) in behind {
            self.holdings.update(lane, |place| place.rewind(arrival));
            waiting.insert(lane);
        }
        settled.map(|_| Turn::Worked)
    }
}
