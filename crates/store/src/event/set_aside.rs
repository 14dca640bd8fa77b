//! Retry, bury, release: settle claimed events that did not become messages.

use std::time::Duration;

use mailroom_domain::{ClaimToken, EventId, Failure};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{StoreError, deadlock::again};

/// Puts events aside until their delay is over, by the database's clock. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn retry(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[(EventId, Duration, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    again!(put_off(&mut *connection, token, set, true))
}

/// Puts claimed events aside for a while without spending an attempt, since nothing was tried that could tell anything of
/// them: another release knows them, or the database was unwell. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn postpone(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[(EventId, Duration, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    again!(put_off(&mut *connection, token, set, false))
}

async fn put_off(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[(EventId, Duration, Failure)],
    was_tried: bool,
) -> Result<Vec<EventId>, StoreError> {
    let delays: Vec<f64> = set.iter().map(|(_, delay, _)| delay.as_secs_f64()).collect();
    let rows = sqlx::query_scalar!(
        r#"
        update messaging.inbound_events e
        set status = 'error', next_attempt_at = now() + make_interval(secs => g.delay), updated_at = now(),
            attempt_count = case when $7 then e.attempt_count else greatest(e.attempt_count - 1, 1) end,
            error_code = g.code, error_message = g.cause, processor_id = null, claim_token = null, claimed_at = null
        from unnest($1::smallint[], $2::uuid[], $3::float8[], $4::text[], $5::text[]) as g(lane, id, delay, code, cause)
        where e.lane = g.lane and e.id = g.id and e.status = 'processing' and e.claim_token = $6
        returning e.id
        "#,
        &set.iter().map(|(id, ..)| i16::from(id.lane())).collect::<Vec<_>>(),
        &set.iter().map(|(id, ..)| id.uuid()).collect::<Vec<_>>(),
        &delays,
        &set.iter().map(|(.., failure)| failure.code.as_str()).collect::<Vec<_>>() as &[&str],
        &set.iter().map(|(.., failure)| failure.cause.as_str()).collect::<Vec<_>>() as &[&str],
        token.uuid(),
        was_tried,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids(rows))
}

/// Puts events away as dead letters. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn bury(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[(EventId, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    again!(bury_once(&mut *connection, token, set))
}

async fn bury_once(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[(EventId, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"
        update messaging.inbound_events e
        set status = 'dead_letter', updated_at = now(), error_code = g.code, error_message = g.cause,
            processor_id = null, claim_token = null, claimed_at = null
        from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[]) as g(lane, id, code, cause)
        where e.lane = g.lane and e.id = g.id and e.status = 'processing' and e.claim_token = $5
        returning e.id
        "#,
        &set.iter().map(|(id, _)| i16::from(id.lane())).collect::<Vec<_>>(),
        &set.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>(),
        &set.iter()
            .map(|(_, failure)| failure.code.as_str())
            .collect::<Vec<_>>() as &[&str],
        &set.iter()
            .map(|(_, failure)| failure.cause.as_str())
            .collect::<Vec<_>>() as &[&str],
        token.uuid(),
    )
    .fetch_all(connection)
    .await?;
    Ok(ids(rows))
}

/// Gives claimed events back untried, without spending an attempt: their conversation is held up, or the worker
/// is stopping. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn release(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[EventId],
) -> Result<Vec<EventId>, StoreError> {
    again!(release_once(&mut *connection, token, set))
}

async fn release_once(
    connection: &mut PgConnection,
    token: ClaimToken,
    set: &[EventId],
) -> Result<Vec<EventId>, StoreError> {
    // An event that failed before goes back to waiting for its retry, due at once, so that it keeps holding its
    // conversation; one that never failed goes back in line.
    let rows = sqlx::query_scalar!(
        r#"
        update messaging.inbound_events e
        set status = case when e.error_code is null then 'received' else 'error' end,
            next_attempt_at = case when e.error_code is null then null else now() end,
            attempt_count = case when e.error_code is null then e.attempt_count - 1 else greatest(e.attempt_count - 1, 1) end,
            updated_at = now(), processor_id = null, claim_token = null, claimed_at = null
        from unnest($1::smallint[], $2::uuid[]) as g(lane, id)
        where e.lane = g.lane and e.id = g.id and e.status = 'processing' and e.claim_token = $3
        returning e.id
        "#,
        &set.iter().map(|id| i16::from(id.lane())).collect::<Vec<_>>(),
        &set.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        token.uuid(),
    )
    .fetch_all(connection)
    .await?;
    Ok(ids(rows))
}

fn ids(rows: Vec<Uuid>) -> Vec<EventId> {
    rows.into_iter().map(EventId::from_uuid).collect()
}
