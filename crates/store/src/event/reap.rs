//! Reap: bring back events whose claim died with its worker.

use std::time::Duration;

use mailroom_domain::{ClaimToken, ErrorCode, Lane, WorkerId};
use sqlx::PgPool;

use crate::StoreError;

/// How many stale claims were brought back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reaped {
    /// To be tried again.
    pub retried: u64,
    /// Buried: their attempts were spent.
    pub buried: u64,
}

/// Brings back every claimed event in lanes this worker holds, save the claims it has `in_flight`: the lane is
/// ours, so whoever else claimed in it is gone or too late. `delays` are the retry delays after the first,
/// second, ... attempt; an event with more attempts than delays is buried. Status and token are tested in the
/// statement itself; a row that somebody is settling at this moment is left to the next round.
///
/// # Errors
/// [`StoreError`]; nothing is lost by trying again.
pub async fn reap(
    pool: &PgPool,
    worker: WorkerId,
    lanes: &[Lane],
    in_flight: &[ClaimToken],
    delays: &[Duration],
) -> Result<Reaped, StoreError> {
    // The latest first: what a full round leaves to a worker that is late must not pass what it brought back.
    // `status || ''`: as in `claim`.
    let row = sqlx::query!(
        r#"
        with stale as materialized (
            select e.lane, e.id, e.claim_token
            from messaging.inbound_events e
            where e.lane = any($1::smallint[]) and e.status = 'processing' and e.claim_token <> all($2::uuid[])
              and exists (select from messaging.lanes l
                          where l.lane = e.lane and l.owner = $3 and l.lease_until > now())
            order by e.arrival desc
            limit 1000
        ),
        locked as materialized (
            select s.lane, s.id
            from stale s
            cross join lateral (
                select from messaging.inbound_events e
                where e.lane = s.lane and e.id = s.id and e.status || '' = 'processing'
                  and e.claim_token = s.claim_token
                limit 1
                for update skip locked
            ) k
        ),
        reaped as (
            update messaging.inbound_events e
            set status = case when e.attempt_count > cardinality($4::float8[]) then 'dead_letter' else 'error' end,
                next_attempt_at = case when e.attempt_count > cardinality($4::float8[]) then null
                                       else now() + make_interval(secs => ($4::float8[])[e.attempt_count]) end,
                error_code = $5, error_message = 'the worker that held it vanished', updated_at = now(),
                processor_id = null, claim_token = null, claimed_at = null
            from locked k
            where e.lane = k.lane and e.id = k.id
            returning e.status
        )
        select count(*) filter (where status = 'error') as "retried!",
               count(*) filter (where status = 'dead_letter') as "buried!"
        from reaped
        "#,
        &lanes.iter().copied().map(i16::from).collect::<Vec<_>>(),
        &in_flight.iter().map(|token| token.uuid()).collect::<Vec<_>>(),
        worker.uuid(),
        &delays.iter().map(Duration::as_secs_f64).collect::<Vec<_>>(),
        ErrorCode::Reaped.as_str(),
    )
    .fetch_one(pool)
    .await?;
    Ok(Reaped {
        retried: row.retried.unsigned_abs(),
        buried: row.buried.unsigned_abs(),
    })
}
