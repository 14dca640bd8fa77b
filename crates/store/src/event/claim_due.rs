//! Claim what falls due: events whose retry time has come.

use mailroom_domain::{ClaimToken, ClaimedEvent, Headers, Lane, WorkerId};
use sqlx::types::Json;

use super::claimed_row::{ClaimedRow, understood};
use crate::{Connection, StoreError};

/// Takes up to `limit` events of these lanes whose retry is due, the longest due first, each conversation in
/// line. Events whose last worker vanished are taken apart from the others, and in groups that shrink with each
/// attempt (an eighth of the limit, an eighth of that, then one): should one of them be what kills workers, it stands
/// alone at its fourth attempt, before the innocent have spent theirs where there are that many. Events of `paused` providers are left alone.
///
/// # Errors
/// [`StoreError`]; nothing is claimed, or it is unknown, and then the reaper brings back what was.
pub async fn claim_due(
    connection: &mut Connection,
    worker: WorkerId,
    lanes: &[Lane],
    paused: &[String],
    limit: u32,
    token: ClaimToken,
) -> Result<Vec<ClaimedEvent>, StoreError> {
    let numbers: Vec<i16> = lanes.iter().copied().map(i16::from).collect();
    // `offset 0` has each event's line asked for by its index; as a join it was read whole for every event.
    let rows = sqlx::query_as!(
        ClaimedRow,
        r#"
        with due as materialized (
            select e.lane, e.id, case when e.error_code = 'reaped' then least(e.attempt_count, 3) else 0 end as suspicion,
                   row_number() over (order by e.next_attempt_at, e.arrival) as place
            from messaging.inbound_events e
            join messaging.lanes l on l.lane = e.lane and l.owner = $2 and l.lease_until > now()
            cross join lateral (
                select exists (select from messaging.inbound_events b
                               where b.lane = e.lane and b.conversation_key = e.conversation_key
                                 and b.status in ('processing', 'error') and b.arrival < e.arrival) as held
                offset 0
            ) line
            where e.lane = any($1::smallint[]) and e.status = 'error' and e.next_attempt_at <= now() and not line.held
              and e.provider <> all($5::text[])
            order by e.next_attempt_at, e.arrival
            limit $3
        ),
        together as materialized (
            select d.lane, d.id, d.suspicion, row_number() over (order by d.place) as turn
            from due d
            where d.suspicion = (select suspicion from due where place = 1)
        ),
        claimed as materialized (
            select d.lane, d.id
            from together d
            where d.suspicion = 0 or d.turn <= case when d.suspicion < 3 then greatest(1, $3 >> (3 * d.suspicion)) else 1 end
        ),
        noted as (
            insert into messaging.claims (token, worker, lanes, events)
            select $4, $2, array_agg(distinct lane), array_agg(id) from claimed having count(*) > 0
        )
        select e.id, e.arrival, e.channel, e.provider, e.endpoint, e.kind, e.conversation_key,
               e.payload::text as payload, e.payload_bytes, e.headers as "headers: Json<Headers>",
               e.attempt_count + 1 as "attempt_count!", e.created_at, e.trace_context
        from claimed k
        cross join lateral (
            select * from messaging.inbound_events e where e.lane = k.lane and e.id = k.id limit 1
        ) e
        "#,
        &numbers,
        worker.uuid(),
        i64::from(limit),
        token.uuid(),
        paused,
    )
    .fetch_all(&mut *connection)
    .await?;
    understood(connection, token, rows).await
}
