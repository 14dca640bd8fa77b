//! Retry, postpone, bury, park, release: settle claimed events that did not become messages.

use std::time::Duration;

use mailroom_domain::{ClaimToken, EventId, Failure};
use uuid::Uuid;

use super::each;
use crate::{Connection, StoreError, deadlock::again};

/// Puts events aside until their delay is over, by the database's clock. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn retry(
    connection: &mut Connection,
    token: ClaimToken,
    set: &[(EventId, Duration, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    let set = later(set);
    again!(put(&mut *connection, token, To::Error, Spends::Attempt, &set))
}

/// Puts claimed events aside for a while without spending an attempt, since nothing was tried that could tell anything of
/// them: another release knows them, or the database was unwell. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn postpone(
    connection: &mut Connection,
    token: ClaimToken,
    set: &[(EventId, Duration, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    let set = later(set);
    again!(put(&mut *connection, token, To::Error, Spends::Nothing, &set))
}

/// Puts events away as dead letters. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn bury(
    connection: &mut Connection,
    token: ClaimToken,
    set: &[(EventId, Failure)],
) -> Result<Vec<EventId>, StoreError> {
    let set: Vec<Put<'_>> = set
        .iter()
        .map(|(event, failure)| Put::new(*event, None, failure))
        .collect();
    again!(put(
        &mut *connection,
        token,
        To::DeadLetter,
        Spends::Attempt,
        &set
    ))
}

/// Puts claimed events that were never tried before aside until their provider goes on. Gives back those that were
/// still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn park(
    connection: &mut Connection,
    token: ClaimToken,
    set: &[EventId],
) -> Result<Vec<EventId>, StoreError> {
    let parked = |event: &EventId| Put {
        event: *event,
        after: None,
        code: "paused",
        cause: "its provider is paused",
    };
    let set: Vec<Put<'_>> = set.iter().map(parked).collect();
    again!(put(&mut *connection, token, To::Error, Spends::Nothing, &set))
}

/// Where events are put.
#[derive(Debug, Clone, Copy)]
enum To {
    Error,
    DeadLetter,
}

/// What it counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spends {
    Attempt,
    Nothing,
}

/// An event that is put aside.
struct Put<'a> {
    event: EventId,
    /// When it is due; never by itself, when `None`.
    after: Option<Duration>,
    code: &'a str,
    cause: &'a str,
}

impl<'a> Put<'a> {
    fn new(event: EventId, after: Option<Duration>, failure: &'a Failure) -> Self {
        Self {
            event,
            after,
            code: failure.code.as_str(),
            cause: &failure.cause,
        }
    }
}

fn later(set: &[(EventId, Duration, Failure)]) -> Vec<Put<'_>> {
    set.iter()
        .map(|(event, delay, failure)| Put::new(*event, Some(*delay), failure))
        .collect()
}

async fn put(
    connection: &mut Connection,
    token: ClaimToken,
    to: To,
    spends: Spends,
    set: &[Put<'_>],
) -> Result<Vec<EventId>, StoreError> {
    // The note is locked first, as whoever reaps does.
    let rows = sqlx::query_scalar!(
        r#"
        with held as materialized (
            select worker, events from messaging.claims where token = $1 for no key update
        ),
        listed as materialized (
            select worker, unnest(events) as id from held
        ),
        put as (
            update messaging.inbound_events e
            set status = $2, updated_at = now(), error_code = g.code, error_message = g.cause,
                next_attempt_at = case $2 when 'error' then coalesce(now() + make_interval(secs => g.delay), 'infinity') end,
                attempt_count = case when $3 then e.attempt_count + 1 else greatest(e.attempt_count, 1) end
            from unnest($4::smallint[], $5::uuid[], $6::float8[], $7::text[], $8::text[])
                as g(lane, id, delay, code, cause)
            join listed h on h.id = g.id
            join messaging.lanes l on l.lane = g.lane and l.owner = h.worker
            where e.lane = g.lane and e.id = g.id and e.status || '' in ('received', 'error')
            returning e.id
        ),
        noted as (
            update messaging.claims
            set events = array(select unnest(events) except all select id from put)
            where token = $1
        )
        select id from put
        "#,
        token.uuid(),
        match to {
            To::Error => "error",
            To::DeadLetter => "dead_letter",
        },
        spends == Spends::Attempt,
        &each(set, |put| i16::from(put.event.lane())),
        &each(set, |put| put.event.uuid()),
        &each(set, |put| put.after.map(|after| after.as_secs_f64())) as &[Option<f64>],
        &each(set, |put| put.code) as &[&str],
        &each(set, |put| put.cause) as &[&str],
    )
    .fetch_all(connection)
    .await?;
    Ok(ids(rows))
}

/// Gives claimed events back untried, without spending an attempt: their conversation is held up, or the worker
/// is stopping. They stay what they were, and keep holding what waits behind them. Gives back those that were still ours.
///
/// # Errors
/// [`StoreError`]; what is unknown is brought back by the reaper.
pub async fn release(
    connection: &mut Connection,
    token: ClaimToken,
    set: &[EventId],
) -> Result<Vec<EventId>, StoreError> {
    let rows = sqlx::query_scalar!(
        r#"
        with held as materialized (
            select worker, events from messaging.claims where token = $1 for no key update
        ),
        listed as materialized (
            select worker, unnest(events) as id from held
        ),
        given as materialized (
            select e.id
            from unnest($2::smallint[], $3::uuid[]) as g(lane, id)
            join listed h on h.id = g.id
            join messaging.lanes l on l.lane = g.lane and l.owner = h.worker
            join messaging.inbound_events e on e.lane = g.lane and e.id = g.id and e.status || '' in ('received', 'error')
        ),
        noted as (
            update messaging.claims
            set events = array(select unnest(events) except all select id from given)
            where token = $1
        )
        select id from given
        "#,
        token.uuid(),
        &each(set, |event| i16::from(event.lane())),
        &each(set, |event| event.uuid()),
    )
    .fetch_all(connection)
    .await?;
    Ok(ids(rows))
}

fn ids(rows: Vec<Uuid>) -> Vec<EventId> {
    rows.into_iter().map(EventId::from_uuid).collect()
}
