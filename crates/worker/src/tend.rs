//! Tending lanes: take up to a fair share, give the surplus back, reap what dead workers left in them.

use std::time::Duration;

use mailroom_domain::{Lane, LaneToken, RetryPolicy, WorkerId, fair_share};
use mailroom_store::{PgPool, StoreError, event, lane};
use rand::{RngExt, rngs::StdRng};

use crate::{holdings::Holdings, measures};

/// Brings the holdings to this worker's fair share. Nothing of them may be in flight. Gives back the lanes that
/// were taken.
///
/// # Errors
/// [`StoreError`]; it is tried again soon.
pub(crate) async fn share(
    pool: &PgPool,
    worker: WorkerId,
    holdings: &Holdings,
    lease: Duration,
    randomness: &mut StdRng,
) -> Result<Vec<Lane>, StoreError> {
    let held = holdings.lanes();
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
        holdings.add(&tenure);
        tracing::info!(
            lanes = tenure.lanes.len(),
            held = held.len() + tenure.lanes.len(),
            "lanes taken"
        );
    }
    Ok(tenure.lanes)
}

/// Brings back events in these lanes whose claim died with its worker, and says whether there were any. No claim of this
/// worker may be in flight.
///
/// # Errors
/// [`StoreError`]; it is tried again soon.
pub(crate) async fn reap(
    pool: &PgPool,
    worker: WorkerId,
    lanes: &[Lane],
    policy: &RetryPolicy,
    randomness: &mut StdRng,
) -> Result<bool, StoreError> {
    let delays = policy.schedule(|| randomness.random());
    let reaped = event::reap(pool, worker, lanes, &[], &delays).await?;
    let any = reaped.retried + reaped.buried > 0;
    if any {
        tracing::warn!(
            retried = reaped.retried,
            buried = reaped.buried,
            "stale claims reaped"
        );
        measures::reaped(reaped);
    }
    Ok(any)
}
