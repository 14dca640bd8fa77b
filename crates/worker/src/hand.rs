//! A hand: claims in the lanes it is given, reads, settles, one claim at a time. A worker has several, each in lanes of its
//! own, so that one claims while another writes when much waits.

use mailroom_domain::{ClaimToken, ClaimedEvent, Horizon, Lane, RetryPolicy, WorkerId};
use mailroom_store::{
    Kept, Pool, StoreError,
    event::{self, Claim, Reach},
};
use rand::{RngExt, rngs::StdRng};
use tokio::time::Instant;

use crate::{
    config::WorkConfig,
    measures, parking, reading,
    settle::{Settled, settle, within},
};

/// A set of so few is finished by a plan that is kept: to plan it anew takes longer than to do it.
const FEW: usize = 16;

/// Where to claim.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The lanes, and the places in them after which to look.
    pub places: Vec<(Lane, i64)>,
    /// Whose events are to be parked.
    pub paused: Vec<String>,
}

/// What an order came to.
#[derive(Debug)]
pub(crate) struct Done {
    /// Where it looked, for lanes in which anything waited.
    pub reached: Vec<Reach>,
    /// What had ended when it looked.
    pub horizon: Horizon,
    /// In each lane it looked at so many events at most.
    pub depth: u32,
    /// How many events there were to settle.
    pub events: usize,
    /// What is left of the claim.
    pub settled: Settled,
}

/// A hand at work.
#[derive(Debug)]
pub(crate) struct Hand {
    claims: Kept,
    few: Kept,
    results: Kept,
    pool: Pool,
    worker: WorkerId,
    config: WorkConfig,
    policy: RetryPolicy,
    randomness: StdRng,
    /// Claims of which nothing is left: their notes go with the next one.
    over: Vec<ClaimToken>,
}

impl Hand {
    /// One that makes its claims on a connection of the first pool, finishes small sets on one of the second, and does
    /// everything else on the third.
    pub(crate) fn new(
        claims: Pool,
        few: Pool,
        pool: Pool,
        worker: WorkerId,
        config: WorkConfig,
        policy: RetryPolicy,
        randomness: StdRng,
    ) -> Self {
        Self {
            claims: Kept::of(claims),
            few: Kept::of(few),
            results: Kept::of(pool.clone()),
            pool,
            worker,
            config,
            policy,
            randomness,
            over: Vec::new(),
        }
    }

    /// Claims in the lanes of an order, few lanes deeply, many lanes a little each, and settles what it claimed.
    ///
    /// # Errors
    /// [`StoreError`]; what is left in hand is brought back by the reaper.
    pub(crate) async fn fulfil(&mut self, order: Order) -> Result<Done, StoreError> {
        let lanes = u32::try_from(order.places.len()).unwrap_or(u32::MAX);
        let depth = self.config.batch.div_ceil(lanes.max(1));
        let token = ClaimToken::new(self.randomness.random());
        let claim = within(self.claim(&order.places, depth, token)).await?;
        let events = claim.events.len();
        let settled = if events > 0 {
            let parted = parking::part(&self.pool, &order.paused, token, claim.events).await?;
            let settled = self.process(token, parted.events).await?.and(parted.settled);
            self.forget(token, settled);
            settled
        } else {
            Settled::Whole
        };
        Ok(Done {
            reached: claim.reached,
            horizon: claim.horizon,
            depth,
            events,
            settled,
        })
    }

    async fn claim(
        &mut self,
        places: &[(Lane, i64)],
        depth: u32,
        token: ClaimToken,
    ) -> Result<Claim, StoreError> {
        let mut connection = self.claims.take().await?;
        let over = std::mem::take(&mut self.over);
        let claim = event::claim(&mut connection, self.worker, places, depth, token, &over).await?;
        self.claims.keep(connection);
        Ok(claim)
    }

    /// Reads and settles what is left of a claim.
    ///
    /// # Errors
    /// [`StoreError`]; what is left in hand is brought back by the reaper.
    pub(crate) async fn process(
        &mut self,
        token: ClaimToken,
        events: Vec<ClaimedEvent>,
    ) -> Result<Settled, StoreError> {
        if events.is_empty() {
            return Ok(Settled::Whole);
        }
        let claimed_at = Instant::now();
        measures::claimed(events.len());
        let read = reading::read(&events, &mut self.randomness);
        let results = if read.finishing.len() > FEW {
            &mut self.results
        } else {
            &mut self.few
        };
        let settled = settle(
            &self.pool,
            results,
            token,
            &events,
            read,
            self.config.snippet,
            &self.policy,
            &mut self.randomness,
        )
        .await?;
        measures::settled(events.len(), claimed_at.elapsed());
        Ok(settled)
    }

    /// Has the note of a claim taken away of which nothing is left. One of which something was lost stays until its lanes are
    /// reaped, lest a retry goes before what was in hand with it.
    pub(crate) fn forget(&mut self, token: ClaimToken, settled: Settled) {
        if settled == Settled::Whole {
            self.over.push(token);
        }
    }
}
