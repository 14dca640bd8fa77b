//! How much waits, for gauges and alarms; never asked on the hot path.

use std::time::Duration;

use sqlx::PgExecutor;

use crate::StoreError;

/// No gauge counts further than this: it must not cost more the worse things are.
pub const COUNTED_AT_MOST: i64 = 100_000;

/// How many events are in each unfinished state, and how long the longest due one has waited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Recorded and not yet claimed.
    pub received: i64,
    /// In work.
    pub processing: i64,
    /// Waiting for a retry.
    pub error: i64,
    /// Parked until their provider goes on.
    pub parked: i64,
    /// Buried, and not discarded.
    pub dead_letter: i64,
    /// Since the longest waiting due event was recorded, or its retry fell due; what is in work counts until it is done.
    pub oldest_due: Duration,
}

/// Looks at the queue through its partial indexes; no state is counted further than asked for, save what is in work.
///
/// # Errors
/// [`StoreError`].
pub async fn depth(pool: impl PgExecutor<'_>, counted_at_most: i64) -> Result<Depth, StoreError> {
    // While somebody holds a snapshot, what is done stands in the index of what waits until it ends, so that index is gone through
    // once: the first of all is taken for the oldest. Only where as many wait as are counted, each lane's first is looked up.
    let row = sqlx::query!(
        r#"
        with waiting as materialized (
            select count(*) as events, min(array[arrival, lane]) as first
            from (select lane, arrival from messaging.inbound_events where status = 'received' limit $1) e
        )
        select
            waiting.events as "received!",
            new_in_work as "new_in_work!",
            tried_in_work as "tried_in_work!",
            (select count(*) from (select from messaging.inbound_events where status = 'error' and next_attempt_at < 'infinity' limit $1) s) as "error!",
            (select count(*) from (select from messaging.lanes l join messaging.inbound_events e on e.lane = l.lane
                and e.status = 'error' and e.next_attempt_at = 'infinity' limit $1) s) as "parked!",
            (select count(*) from (select from messaging.inbound_events where status = 'dead_letter' and discarded_at is null limit $1) s) as "dead_letter!",
            coalesce(extract(epoch from clock_timestamp() - least(
                case when waiting.events < $1 then
                    (select min(e.created_at) from messaging.inbound_events e
                     where e.lane = waiting.first[2] and e.status = 'received' and e.arrival = waiting.first[1])
                else
                    (select min(f.created_at) from messaging.lanes l cross join lateral
                        (select e.created_at from messaging.inbound_events e
                         where e.lane = l.lane and e.status = 'received' order by e.arrival limit 1) f)
                end,
                (select min(f.next_attempt_at) from messaging.lanes l cross join lateral
                    (select e.next_attempt_at from messaging.inbound_events e
                     where e.lane = l.lane and e.status = 'error' and e.next_attempt_at <= now()
                     order by e.next_attempt_at limit 1) f)
            )), 0)::float8 as "oldest_due!"
        from (select count(*) filter (where status = 'received') as new_in_work,
                     count(*) filter (where status = 'error') as tried_in_work from messaging.in_work) w
        cross join waiting
        "#,
        counted_at_most,
    )
    .fetch_one(pool)
    .await?;
    Ok(Depth {
        received: (row.received - row.new_in_work).max(0),
        processing: row.new_in_work + row.tried_in_work,
        error: (row.error - row.tried_in_work).max(0),
        parked: row.parked,
        dead_letter: row.dead_letter,
        oldest_due: Duration::try_from_secs_f64(row.oldest_due).unwrap_or_default(),
    })
}
