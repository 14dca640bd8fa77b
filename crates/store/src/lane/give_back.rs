//! Give back: let go of lanes, some when workers join, all when this one stops.

use mailroom_domain::{Lane, WorkerId};

use crate::{Pool, StoreError};

/// Lets go of these lanes. The caller has nothing of them in flight.
///
/// # Errors
/// [`StoreError`]; the leases end by themselves.
pub async fn give_back(pool: &Pool, worker: WorkerId, lanes: &[Lane]) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        update messaging.lanes set owner = null, token = null, lease_until = null
        where owner = $1 and lane = any($2::smallint[])
        "#,
        worker.uuid(),
        &lanes.iter().copied().map(i16::from).collect::<Vec<_>>(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Lets go of everything and signs off, so that others take over without waiting for the leases to end.
///
/// # Errors
/// [`StoreError`]; the leases end by themselves.
pub async fn leave(pool: &Pool, worker: WorkerId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        with freed as (
            update messaging.lanes set owner = null, token = null, lease_until = null where owner = $1
        )
        delete from messaging.workers where id = $1
        "#,
        worker.uuid(),
    )
    .execute(pool)
    .await?;
    Ok(())
}
