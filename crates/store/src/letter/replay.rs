//! Replay: dead letters stand in line again, at their own places, as if they had never been tried.

use mailroom_domain::EventId;
use sqlx::PgPool;

use crate::StoreError;

/// An event that stands in line again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// The event.
    pub event: EventId,
    /// Its place: workers may be past it, and learn of it by [`crate::wake::notify_behind`].
    pub arrival: i64,
}

/// Brings dead letters back. Gives back those that were some.
///
/// # Errors
/// [`StoreError`]; trying again is harmless.
pub async fn replay(pool: &PgPool, letters: &[EventId]) -> Result<Vec<Replayed>, StoreError> {
    // Locked in one order: two operators who replay the same would wait for each other. `status || ''`: as in `claim`.
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
        )
        update messaging.inbound_events e
        set status = 'received', attempt_count = 0, error_code = null, error_message = null, updated_at = now()
        from locked k
        where e.lane = k.lane and e.id = k.id and e.status || '' = 'dead_letter'
        returning e.id, e.arrival
        "#,
        &letters.iter().map(|id| i16::from(id.lane())).collect::<Vec<_>>(),
        &letters.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
    )
    .fetch_all(pool)
    .await?;
    let mut replayed: Vec<_> = rows
        .into_iter()
        .map(|row| Replayed {
            event: EventId::from_uuid(row.id),
            arrival: row.arrival,
        })
        .collect();
    replayed.sort_unstable_by_key(|replayed| replayed.arrival);
    Ok(replayed)
}
