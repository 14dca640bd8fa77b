//! Tending lanes: take up to a fair share, give the surplus back, reap what dead workers left in them.

use std::time::Duration;

use mailroom_domain::{Lane, LaneToken, RetryPolicy, WorkerId, fair_share};
use mailroom_store::{Pool, StoreError, event, lane};
use rand::{RngExt, rngs::StdRng};
use tokio::time::Instant;

use crate::{holdings::Holdings, measures};

/// Brings the holdings to this worker's fair share. Nothing of them may be in flight. Gives back the lanes that
/// were taken.
///
/// # Errors
/// [`StoreError`]; it is tried again soon.
pub(crate) async fn share(
    pool: &Pool,
    worker: WorkerId,
    holdings: &Holdings,
    lease: Duration,
    randomness: &mut StdRng,
) -> Result<Vec<Lane>, StoreError> {
    let held: Vec<Lane> = holdings.tenures().into_iter().map(|(lane, _)| lane).collect();
    let share = fair_share(holdings.workers());
    if held.len() > share {
        let surplus = &held[share..];
        holdings.remove(surplus);
        lane::give_back(pool, worker, surplus).await?;
        tracing::info!(lanes = surplus.len(), kept = share, "lanes given back");
        return Ok(Vec::new());
    }
    if held.len() == share {
        return Ok(Vec::new());
    }
    let tenure = lane::take(
        pool,
        worker,
        LaneToken::new(randomness.random()),
        share - held.len(),
        lease,
    )
    .await?;
    if !tenure.lanes.is_empty() {
        holdings.add(&tenure, Instant::now());
        tracing::info!(
            lanes = tenure.lanes.len(),
            held = held.len() + tenure.lanes.len(),
            "lanes taken"
        );
    }
    Ok(tenure.lanes)
}

/// What reaping came to.
pub(crate) struct Reaping {
    /// Whether any events were brought back.
    pub any: bool,
    /// Lanes that may be worked in now.
    pub lanes: Vec<Lane>,
}

/// Brings back events in the lanes held whose claim died with its worker. No claim of this worker may be in flight.
///
/// # Errors
/// [`StoreError`]; it is tried again soon.
pub(crate) async fn reap(
    pool: &Pool,
    worker: WorkerId,
    holdings: &Holdings,
    policy: &RetryPolicy,
    randomness: &mut StdRng,
) -> Result<Reaping, StoreError> {
    let delays = policy.schedule(|| randomness.random());
    let tenures = holdings.tenures();
    let lanes: Vec<Lane> = tenures.iter().map(|(lane, _)| *lane).collect();
    let reaped = event::reap(pool, worker, &lanes, &[], &delays).await?;
    let lanes = holdings.reaped(
        tenures
            .into_iter()
            .filter(|(lane, _)| reaped.lanes.contains(lane)),
    );
    let any = reaped.retried + reaped.buried > 0;
    if any {
        tracing::warn!(
            retried = reaped.retried,
            buried = reaped.buried,
            "stale claims reaped"
        );
        measures::reaped(&reaped);
    }
    Ok(Reaping { any, lanes })
}
