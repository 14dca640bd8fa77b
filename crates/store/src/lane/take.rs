//! Take: lease lanes that nobody tends, or whose worker let its lease end.

use std::time::Duration;

use mailroom_domain::{Lane, LaneToken, WorkerId};

use crate::{Pool, StoreError};

/// Lanes that were taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenure {
    /// What marks this tenure.
    pub token: LaneToken,
    /// The lanes.
    pub lanes: Vec<Lane>,
}

/// Takes up to `most` free or expired lanes for `lease`, by the database's clock. Lanes that another worker is
/// taking at this moment are left to it.
///
/// # Errors
/// [`StoreError`]; what was taken unknown to us is found by the next heartbeat.
pub async fn take(
    pool: &Pool,
    worker: WorkerId,
    token: LaneToken,
    most: usize,
    lease: Duration,
) -> Result<Tenure, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"
        with free as materialized (
            select lane from messaging.lanes
            where owner is null or lease_until <= now()
            order by lane
            limit $1
            for update skip locked
        )
        update messaging.lanes l
        set owner = $2, token = $3, lease_until = now() + make_interval(secs => $4)
        from free f
        where l.lane = f.lane
        returning l.lane
        "#,
        i64::try_from(most).unwrap_or(i64::MAX),
        worker.uuid(),
        token.uuid(),
        lease.as_secs_f64(),
    )
    .fetch_all(pool)
    .await?;
    Ok(Tenure {
        token,
        lanes: rows.into_iter().map(lane).collect(),
    })
}

pub(crate) fn lane(number: i16) -> Lane {
    Lane::from_index(u8::try_from(number).expect("a CHECK keeps lanes within 0 to 255"))
}
