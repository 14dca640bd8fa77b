//! Conflict: what is delivered under the id of an event that stands, with another content, is kept beside it.

use std::collections::{BTreeMap, HashMap};

use mailroom_domain::{EventId, Headers, NewEvent};
use sqlx::types::Json;

use super::payload_columns::{bytes, headers, json};
use crate::{Connection, StoreError, split::Halving};

/// An event that stands, and what was delivered under its id.
#[derive(Clone, Copy)]
pub(super) struct Conflict<'a> {
    pub stands: EventId,
    pub delivered: &'a NewEvent,
}

/// What makes conflicts the same: the event, and the hash of what was delivered.
pub(super) type Key = (EventId, [u8; 32]);

impl Conflict<'_> {
    pub(super) fn key(&self) -> Key {
        (self.stands, self.delivered.body_hash)
    }
}

/// Keeps each content once, however often it comes. Gives back those that the database refused on their own.
///
/// # Errors
/// [`StoreError::Unavailable`] when it is unknown what was kept; trying again is harmless.
pub(super) async fn keep<'a>(
    connection: &mut Connection,
    conflicts: impl Iterator<Item = Conflict<'a>>,
) -> Result<HashMap<Key, Option<StoreError>>, StoreError> {
    // In key order: two gateways that insert the same in different orders would wait for each other.
    let once: BTreeMap<Key, Conflict<'a>> = conflicts.map(|conflict| (conflict.key(), conflict)).collect();
    let set: Vec<Conflict<'a>> = once.into_values().collect();
    let mut halving = Halving::new(set.len());
    while let Some(part) = halving.next_part() {
        if let Err(error) = insert(&mut *connection, &set[part.clone()]).await {
            halving.failed(&part, error)?;
        }
    }
    let refused = halving.into_refused().into_iter();
    Ok(refused
        .map(|(at, refusal)| (set[at].key(), Some(refusal)))
        .collect())
}

async fn insert(connection: &mut Connection, set: &[Conflict<'_>]) -> Result<(), StoreError> {
    fn each<'a, T>(set: &[Conflict<'a>], column: impl Fn(&'a NewEvent) -> T) -> Vec<T> {
        set.iter().map(|conflict| column(conflict.delivered)).collect()
    }
    // One that is there is written as it is: so its commit waits for replication as its first's did.
    sqlx::query!(
        r#"
        insert into messaging.conflicting_duplicates as c
            (lane, event_id, body_hash, provider, endpoint, payload, payload_bytes, headers, trace_context)
        select lane, event_id, body_hash, provider, endpoint, payload::jsonb, payload_bytes, headers, trace_context
        from unnest($1::smallint[], $2::uuid[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::jsonb[],
                    $9::text[])
            as g(lane, event_id, body_hash, provider, endpoint, payload, payload_bytes, headers, trace_context)
        order by lane, event_id, body_hash
        on conflict (lane, event_id, body_hash) do update set received_at = c.received_at
        "#,
        &set.iter().map(|conflict| i16::from(conflict.stands.lane())).collect::<Vec<_>>(),
        &set.iter().map(|conflict| conflict.stands.uuid()).collect::<Vec<_>>(),
        &each(set, |e| e.body_hash.as_slice()) as &[&[u8]],
        &each(set, |e| e.provider.as_str()) as &[&str],
        &each(set, |e| e.endpoint.as_str()) as &[&str],
        &each(set, |e| json(&e.payload)) as &[Option<&str>],
        &each(set, |e| bytes(&e.payload)) as &[Option<&[u8]>],
        &each(set, |e| headers(&e.headers)) as &[Option<Json<&Headers>>],
        &each(set, |e| e.trace_context.as_deref()) as &[Option<&str>],
    )
    .execute(connection)
    .await?;
    Ok(())
}
