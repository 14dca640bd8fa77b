//! Heartbeat: renew everything a worker holds in one statement.

use std::time::Duration;

use mailroom_domain::{Lane, LaneToken, WorkerId};

use crate::{Pool, StoreError};

/// What a heartbeat found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// The lanes still held. One that is missing is lost: its work must stop.
    pub held: Vec<(Lane, LaneToken)>,
    /// How many workers are alive, this one included.
    pub workers: usize,
}

/// Says that this worker lives, for `lease` from now by the database's clock, and renews its lanes.
///
/// # Errors
/// [`StoreError`]; the leases run on.
pub async fn heartbeat(pool: &Pool, worker: WorkerId, lease: Duration) -> Result<Pulse, StoreError> {
    // After a long outage all workers return at once, each long dead to the others: whoever holds his own
    // row (`gone` begins after `me`) and skips those that are held waits for nobody who waits.
    let rows = sqlx::query!(
        r#"
        with me as (
            insert into messaging.workers (id, lease_until)
            values ($1, now() + make_interval(secs => $2))
            on conflict (id) do update set lease_until = excluded.lease_until
            returning id
        ),
        gone as (
            delete from messaging.workers where id in (
                select id from messaging.workers
                where id <> (select id from me) and lease_until < now() - interval '1 minute'
                for update skip locked)
        ),
        renewed as (
            update messaging.lanes set lease_until = now() + make_interval(secs => $2)
            where owner = $1
            returning lane, token
        ),
        others as (select count(*) as alive from messaging.workers where id <> $1 and lease_until > now())
        select o.alive as "alive!", r.lane as "lane?", r.token
        from others o left join renewed r on true
        "#,
        worker.uuid(),
        lease.as_secs_f64(),
    )
    .fetch_all(pool)
    .await?;
    let others = rows.first().map_or(0, |row| row.alive);
    Ok(Pulse {
        workers: usize::try_from(others).unwrap_or_default() + 1,
        held: rows
            .into_iter()
            .filter_map(|row| Some((super::take::lane(row.lane?), LaneToken::from_uuid(row.token?))))
            .collect(),
    })
}
