//! Unpark: what workers do with parked events when their provider goes on.
//!
//! A parked event is in `error` and never falls due. So it holds back the later events of its conversation, and nothing
//! else, by what every claim tests anyway: nobody has to know of pauses to keep order, and a claim that finds nothing
//! paused costs what it always did.

use mailroom_domain::{Lane, WorkerId};

use crate::{Pool, StoreError, lane::lane_numbered};

/// Which of these lanes hold parked events of providers that are not (any more) among the `paused`.
///
/// # Errors
/// [`StoreError`].
pub async fn parked(pool: &Pool, lanes: &[Lane], paused: &[String]) -> Result<Vec<Lane>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"
        select l.lane as "lane!"
        from unnest($1::smallint[]) as l(lane)
        cross join lateral (
            select from messaging.inbound_events e
            where e.lane = l.lane and e.status = 'error' and e.next_attempt_at = 'infinity'
              and e.provider <> all($2::text[])
            limit 1
        ) parked
        order by l.lane
        "#,
        &lanes.iter().copied().map(i16::from).collect::<Vec<_>>(),
        paused,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(lane_numbered).collect())
}

/// Brings up to `limit` parked events of one lane back in line, untried, each at its own place; those of `paused`
/// providers stay. A worker's place in this lane must go back first. Gives back how many it were.
///
/// # Errors
/// [`StoreError`]; trying again is harmless.
pub async fn unpark(
    pool: &Pool,
    worker: WorkerId,
    lane: Lane,
    paused: &[String],
    limit: u32,
) -> Result<u64, StoreError> {
    // The lane is kept until this is committed: whoever takes it over next would otherwise be past these places before
    // they are filled. One lane at a time, since the heartbeat locks this worker's lanes in an order of its own.
    let done = sqlx::query!(
        r#"
        with owned as materialized (
            select lane from messaging.lanes
            where lane = $1 and owner = $2 and lease_until > now()
            for update
        ),
        locked as materialized (
            select e.lane, e.id
            from owned o
            join messaging.inbound_events e on e.lane = o.lane
            where e.lane = $1 and e.status = 'error' and e.next_attempt_at = 'infinity'
              and e.provider <> all($3::text[])
            limit $4
            for update of e skip locked
        )
        update messaging.inbound_events e
        set status = 'received', attempt_count = 0, next_attempt_at = null, error_code = null, error_message = null,
            updated_at = now()
        from locked k
        where e.lane = k.lane and e.id = k.id and e.status || '' = 'error' and e.next_attempt_at = 'infinity'
        "#,
        i16::from(lane),
        worker.uuid(),
        paused,
        i64::from(limit),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
