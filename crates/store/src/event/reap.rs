//! Reap: bring back events whose claim died with its worker.

use std::time::Duration;

use mailroom_domain::{ClaimToken, ErrorCode, Lane, WorkerId};

use crate::{Pool, StoreError, deadlock::again, lane::lane_numbered};

/// What became of the claims of others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaped {
    /// How many events are to be tried again.
    pub retried: u64,
    /// How many were buried: their attempts were spent.
    pub buried: u64,
    /// The lanes that are this worker's alone now. The others may not be worked in before they are reaped: their lease has
    /// ended, or somebody is settling his claim at this moment.
    pub lanes: Vec<Lane>,
}

/// Takes the lanes that this worker holds out of every note of a claim, save those that it has `in_flight`, and puts the
/// events that were held there aside: the lane is ours, so whoever else claimed in it is gone or too late. `delays` are the
/// retry delays after the first, second, ... attempt; an event with more attempts than delays is buried.
///
/// A claim that somebody is settling at this moment is left to the next round. A claim by one who held the lane before, of
/// which the note appears only after this, settles nothing any more: the lane is no longer his.
///
/// # Errors
/// [`StoreError`]; nothing is lost by trying again.
pub async fn reap(
    pool: &Pool,
    worker: WorkerId,
    lanes: &[Lane],
    in_flight: &[ClaimToken],
    delays: &[Duration],
) -> Result<Reaped, StoreError> {
    again!(reap_once(pool, worker, lanes, in_flight, delays))
}

async fn reap_once(
    pool: &Pool,
    worker: WorkerId,
    lanes: &[Lane],
    in_flight: &[ClaimToken],
    delays: &[Duration],
) -> Result<Reaped, StoreError> {
    // `processing` are events claimed by a release that wrote claims into them, and counted attempts when it claimed.
    // `status || ''` keeps the planner from looking an id up in the index of the line, where it would read the lane from its
    // beginning.
    let row = sqlx::query!(
        r#"
        with owned as materialized (
            select array_agg(lane) as lanes from messaging.lanes
            where lane = any($1::smallint[]) and owner = $3 and lease_until > now()
        ),
        noted as materialized (
            select c.token, c.events, c.lanes <@ o.lanes as is_whole
            from owned o join messaging.claims c on c.lanes && o.lanes
            where c.token <> all($2::uuid[])
            for update of c skip locked
        ),
        gone as (
            delete from messaging.claims where token in (select token from noted where is_whole)
        ),
        -- Its other lanes are the business of whoever tends them.
        kept as (
            update messaging.claims
            set lanes = array(select unnest(lanes) except select unnest(o.lanes) from owned o),
                events = array(select id from unnest(events) as id, owned o where get_byte(uuid_send(id), 0) <> all(o.lanes))
            where token in (select token from noted where not is_whole)
        ),
        stale as materialized (
            select get_byte(uuid_send(id), 0)::smallint as lane, id
            from (select unnest(events) as id from noted) n, owned o
            where get_byte(uuid_send(id), 0) = any(o.lanes)
            union
            select e.lane, e.id
            from owned o
            join messaging.inbound_events e on e.lane = any(o.lanes)
            where e.status = 'processing' and e.claim_token <> all($2::uuid[])
        ),
        counted as materialized (
            select s.lane, s.id, e.attempt_count + (e.status <> 'processing')::int as attempts
            from (select lane, id from stale order by lane, id) s
            cross join lateral (
                select e.attempt_count, e.status from messaging.inbound_events e
                where e.lane = s.lane and e.id = s.id and e.status || '' in ('received', 'error', 'processing')
                limit 1
                for update
            ) e
        ),
        reaped as (
            update messaging.inbound_events e
            set status = case when k.attempts > cardinality($4::float8[]) then 'dead_letter' else 'error' end,
                next_attempt_at = case when k.attempts > cardinality($4::float8[]) then null
                                       else now() + make_interval(secs => ($4::float8[])[k.attempts]) end,
                attempt_count = k.attempts,
                error_code = $5, error_message = 'the worker that held it vanished', updated_at = now(),
                processor_id = null, claim_token = null, claimed_at = null
            from counted k
            where e.lane = k.lane and e.id = k.id
            returning e.status
        )
        select count(*) filter (where status = 'error') as "retried!",
               count(*) filter (where status = 'dead_letter') as "buried!",
               array(select unnest(lanes) from owned
                     except
                     select unnest(c.lanes) from messaging.claims c
                     where c.token <> all($2::uuid[]) and c.token not in (select token from noted)
                     order by 1) as "lanes!"
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
        lanes: row.lanes.into_iter().map(lane_numbered).collect(),
    })
}
