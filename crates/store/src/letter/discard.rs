//! Discard: an operator says that dead letters need nothing more. They stay, and can still be replayed.

use mailroom_domain::EventId;

use crate::{Pool, StoreError, action::Act};

/// Discards dead letters for the reason of the act, and notes who did it. Gives back those that were some and not yet
/// discarded.
///
/// # Errors
/// [`StoreError`], also when the act has no reason; trying again is harmless.
pub async fn discard(pool: &Pool, letters: &[EventId], act: &Act) -> Result<Vec<EventId>, StoreError> {
    // Locked in one order, as in `replay`. `status || ''`: as in `reap`.
    let rows = sqlx::query_scalar!(
        r#"
        with locked as materialized (
            select g.lane, g.id
            from (select distinct lane, id from unnest($1::smallint[], $2::uuid[]) as u(lane, id) order by lane, id) g
            cross join lateral (
                select from messaging.inbound_events e
                where e.lane = g.lane and e.id = g.id and e.status || '' = 'dead_letter' and e.discarded_at is null
                limit 1
                for update
            ) k
        ),
        discarded as (
            update messaging.inbound_events e
            set discarded_at = now(), discarded_reason = $6, updated_at = now()
            from locked k
            where e.lane = k.lane and e.id = k.id and e.status || '' = 'dead_letter' and e.discarded_at is null
            returning e.id, e.arrival
        ),
        noted as (
            insert into messaging.operator_actions (command, actor, action, filter, count, reason)
            select $3, $4, 'discard', $5, count(*), $6 from discarded having count(*) > 0
        )
        select id from discarded order by arrival
        "#,
        &letters.iter().map(|id| i16::from(id.lane())).collect::<Vec<_>>(),
        &letters.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        act.command.uuid(),
        act.actor,
        act.filter,
        act.reason.as_deref(),
    )
    .fetch_all(pool)
    .await?;
    if !rows.is_empty() {
        tracing::info!(command = %act.command, events = rows.len(), "dead letters discarded by an operator");
    }
    Ok(rows.into_iter().map(EventId::from_uuid).collect())
}
