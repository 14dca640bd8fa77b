//! Replay: dead letters stand in line again, at their own places, as if they had never been tried.

use mailroom_domain::EventId;

use crate::{Pool, StoreError, action::Act, wake};

/// An event that stands in line again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// The event.
    pub event: EventId,
    /// Its place: workers may be past it, and are told of it.
    pub arrival: i64,
}

/// Brings dead letters back, discarded ones too, notes who did it, and tells workers whose place is beyond. Gives back
/// those that were some, in order of arrival.
///
/// # Errors
/// [`StoreError`]; trying again is harmless.
pub async fn replay(pool: &Pool, letters: &[EventId], act: &Act) -> Result<Vec<Replayed>, StoreError> {
    // Locked in one order, and waited for: two operators who replay the same go one after the other, and neither brings
    // back what comes later in a conversation first. Workers are told in the same transaction: were this process killed
    // between two statements, a later replay's hint would lead them past the letters of this one. `status || ''`: as in
    // `reap`.
    let rows = sqlx::query!(
        r#"
        with locked as materialized (
            select g.lane, g.id
            from (select distinct lane, id from unnest($1::smallint[], $2::uuid[]) as u(lane, id) order by lane, id) g
            cross join lateral (
                select from messaging.inbound_events e
                where e.lane = g.lane and e.id = g.id and e.status || '' = 'dead_letter'
                limit 1
                for update
            ) k
        ),
        replayed as (
            update messaging.inbound_events e
            set status = 'received', attempt_count = 0, error_code = null, error_message = null, updated_at = now(),
                discarded_at = null, discarded_reason = null
            from locked k
            where e.lane = k.lane and e.id = k.id and e.status || '' = 'dead_letter'
            returning e.lane, e.id, e.arrival
        ),
        noted as (
            insert into messaging.operator_actions (command, actor, action, filter, count, reason)
            select $3, $4, 'replay', $5, count(*), $6 from replayed having count(*) > 0
        ),
        told as materialized (
            select pg_notify($7, string_agg(p.place, ','))
            from (select lane || '@' || min(arrival) as place from replayed group by lane) p
            having count(*) > 0
        )
        select r.id, r.arrival from replayed r cross join told order by r.arrival
        "#,
        &letters.iter().map(|id| i16::from(id.lane())).collect::<Vec<_>>(),
        &letters.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        act.command.uuid(),
        act.actor,
        act.filter,
        act.reason.as_deref(),
        wake::CHANNEL,
    )
    .fetch_all(pool)
    .await?;
    if !rows.is_empty() {
        tracing::info!(command = %act.command, events = rows.len(), "dead letters replayed by an operator");
    }
    let replayed = rows.into_iter().map(|row| Replayed {
        event: EventId::from_uuid(row.id),
        arrival: row.arrival,
    });
    Ok(replayed.collect())
}
