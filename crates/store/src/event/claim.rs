//! Claim: take the next events of owned lanes, each conversation in line.

use chrono::{DateTime, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, Headers, Horizon, Lane, WorkerId};
use sqlx::types::Json;
use uuid::Uuid;

use super::claimed_row::{ClaimedRow, understood};
use crate::{Connection, StoreError, lane::lane_numbered};

/// How far a claim looked in one lane: the next one may start after this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The lane.
    pub lane: Lane,
    /// Every event visible up to here is claimed, or held back by one that waits for its retry.
    pub up_to: i64,
    /// How many events it saw there; as many as the depth asked for means that more may wait.
    pub seen: i64,
}

/// What a claim brought.
#[derive(Debug, Default)]
pub struct Claim {
    /// The claimed events, in order of arrival.
    pub events: Vec<ClaimedEvent>,
    /// Where it looked, for lanes in which anything waited.
    pub reached: Vec<Reach>,
    /// What had ended when it looked.
    pub horizon: Horizon,
}

/// Takes up to `depth` events of each lane, after the given place in each, and takes the notes of claims away that are
/// `over`. An event is left alone while an earlier one of its conversation waits for its retry. Lanes this worker does not
/// hold (any more) give nothing.
///
/// Whoever claims in a lane has nothing else of it in work, and has reaped in it since he took it ([`super::reap`]): a
/// claim looks at no other's. Should two claims hold the same event all the same, one of them finishes it.
///
/// # Errors
/// [`StoreError`]; nothing is claimed, or it is unknown, and then the reaper brings back what was.
pub async fn claim(
    connection: &mut Connection,
    worker: WorkerId,
    lanes: &[(Lane, i64)],
    depth: u32,
    token: ClaimToken,
    over: &[ClaimToken],
) -> Result<Claim, StoreError> {
    let (numbers, after): (Vec<i16>, Vec<i64>) = lanes
        .iter()
        .map(|&(lane, after)| (i16::from(lane), after))
        .unzip();
    // `waiting` reads each lane's line. Nothing is written but the note: what is noted and what is not finished yet is in
    // work, and nobody else claims in lanes of ours before he has taken the note away.
    let rows = sqlx::query_as!(
        Row,
        r#"
        with waiting as materialized (
            select o.lane, w.*
            from unnest($1::smallint[], $2::bigint[]) as o(lane, after)
            cross join lateral (
                select from messaging.lanes l
                where l.lane = o.lane and l.owner = $3 and l.lease_until > now()
                limit 1
            ) owned
            cross join lateral (
                select e.id, e.arrival, e.channel, e.provider, e.endpoint, e.kind, e.conversation_key, e.payload,
                       e.payload_bytes, e.headers, e.attempt_count, e.created_at, e.trace_context,
                       exists (select from messaging.inbound_events b
                               where b.lane = e.lane and b.conversation_key = e.conversation_key
                                 and b.status in ('processing', 'error') and b.arrival < e.arrival) as is_held
                from messaging.inbound_events e
                where e.lane = o.lane and e.status = 'received' and e.arrival > o.after
                order by e.arrival
                limit $4
            ) w
        ),
        noted as (
            insert into messaging.claims (token, worker, lanes, events)
            select $5, $3, array_agg(distinct lane), array_agg(id) from waiting where not is_held having count(*) > 0
        ),
        over as (
            delete from messaging.claims where token = any($6::uuid[])
        ),
        reached as (
            select lane, max(arrival) as up_to, count(*) as seen from waiting group by lane
        )
        select lane as "lane!", up_to, seen, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as ended_below,
               pg_current_xact_id()::text::bigint as begun_below,
               null::uuid as id, null::bigint as arrival, null::text as channel,
               null::text as provider, null::text as endpoint, null::text as kind, null::text as conversation_key, null::text as payload,
               null::bytea as payload_bytes, null::jsonb as "headers: Json<Headers>", null::int as attempt_count, null::timestamptz as created_at,
               null::text as trace_context
        from reached
        union all
        select lane, null, null, null, null, id, arrival, channel, provider, endpoint, kind, conversation_key, payload::text,
               payload_bytes, headers, attempt_count + 1, created_at, trace_context
        from waiting
        where not is_held
        "#,
        &numbers,
        &after,
        worker.uuid(),
        i64::from(depth),
        token.uuid(),
        &over.iter().map(|token| token.uuid()).collect::<Vec<_>>(),
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut claim, mut claimed) = (Claim::default(), Vec::new());
    for row in rows {
        match row.event() {
            Ok(event) => claimed.push(event),
            Err((reach, horizon)) => {
                claim.reached.push(reach);
                claim.horizon = horizon;
            }
        }
    }
    claim.events = understood(connection, token, claimed).await?;
    Ok(claim)
}

/// A claimed event, or how far a lane was looked at: one statement gives both.
struct Row {
    lane: i16,
    up_to: Option<i64>,
    seen: Option<i64>,
    ended_below: Option<i64>,
    begun_below: Option<i64>,
    id: Option<Uuid>,
    arrival: Option<i64>,
    channel: Option<String>,
    provider: Option<String>,
    endpoint: Option<String>,
    kind: Option<String>,
    conversation_key: Option<String>,
    payload: Option<String>,
    payload_bytes: Option<Vec<u8>>,
    headers: Option<Json<Headers>>,
    attempt_count: Option<i32>,
    created_at: Option<DateTime<Utc>>,
    trace_context: Option<String>,
}

impl Row {
    fn event(self) -> Result<ClaimedRow, (Reach, Horizon)> {
        let reach = Reach {
            lane: lane_numbered(self.lane),
            up_to: self.up_to.unwrap_or_default(),
            seen: self.seen.unwrap_or_default(),
        };
        let horizon = Horizon {
            ended_below: self.ended_below.unwrap_or_default(),
            begun_below: self.begun_below.unwrap_or_default(),
        };
        let event = || {
            Some(ClaimedRow {
                id: self.id?,
                arrival: self.arrival?,
                channel: self.channel?,
                provider: self.provider?,
                endpoint: self.endpoint?,
                kind: self.kind?,
                conversation_key: self.conversation_key?,
                payload: self.payload,
                payload_bytes: self.payload_bytes,
                headers: self.headers,
                attempt_count: self.attempt_count?,
                created_at: self.created_at?,
                trace_context: self.trace_context,
            })
        };
        event().ok_or((reach, horizon))
    }
}
