//! Record: write events down, once, whatever is delivered again.

use std::collections::HashMap;

use mailroom_domain::{Channel, EventId, NewEvent, Payload};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{StoreError, split::Halving};

/// What became of one event handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is written down.
    Recorded(EventId),
    /// It had been written down before, under this id.
    AlreadyRecorded(EventId),
}

/// One result for each event handed in, in order; an error for those the database refused on their own.
pub type Recording = Vec<Result<Recorded, StoreError>>;

type Key<'a> = (Channel, &'a str);

/// The first event of its key in a set, and how often it comes again in the same set.
struct First<'a> {
    event: &'a NewEvent,
    twins: i32,
}

/// Writes a set of events down in one statement; when this returns they are committed. Events stand in line in
/// the order given. The same (channel, provider message id) again, in this set or from before, changes nothing
/// but a count: writing that makes a duplicate's commit wait for replication as its first's did.
///
/// Calling it again with the same events after an error of unknown outcome is safe.
///
/// # Errors
/// [`StoreError::Unavailable`] when it is unknown whether anything was written.
pub async fn record(pool: &PgPool, events: &[NewEvent]) -> Result<Recording, StoreError> {
    let mut firsts: HashMap<Key<'_>, usize> = HashMap::with_capacity(events.len());
    let mut set: Vec<First<'_>> = Vec::with_capacity(events.len());
    for event in events {
        let index = *firsts
            .entry((event.channel, &event.provider_message_id))
            .or_insert(set.len());
        match set.get_mut(index) {
            Some(first) => first.twins += 1,
            None => set.push(First { event, twins: 0 }),
        }
    }
    let mut written = Vec::with_capacity(set.len());
    let mut halving = Halving::new(set.len());
    while let Some(part) = halving.next_part() {
        match insert(pool, &set[part.clone()]).await {
            Ok(rows) => written.extend(rows),
            Err(error) => halving.failed(&part, error)?,
        }
    }
    let mut ids: Vec<Option<EventId>> = vec![None; set.len()];
    for (channel, provider_message_id, id) in written {
        let channel = channel
            .parse::<Channel>()
            .map_err(|_| inconsistent("channel", id))?;
        if let Some(&index) = firsts.get(&(channel, provider_message_id.as_str())) {
            ids[index] = Some(EventId::from_uuid(id));
        }
    }
    let mut refusals: HashMap<usize, StoreError> = halving.into_refused().into_iter().collect();
    events
        .iter()
        .map(|event| {
            let index = firsts[&(event.channel, event.provider_message_id.as_str())];
            match ids[index] {
                Some(id) if id == event.id => Ok(Ok(Recorded::Recorded(id))),
                Some(id) => Ok(Ok(Recorded::AlreadyRecorded(id))),
                // Twins in one set share their refusal; only the first can carry the original away.
                None => Ok(Err(refusals.remove(&index).unwrap_or_else(twin_was_refused))),
            }
        })
        .collect()
}

async fn insert(pool: &PgPool, set: &[First<'_>]) -> Result<Vec<(String, String, Uuid)>, StoreError> {
    fn each<'a, T>(set: &[First<'a>], column: impl Fn(&'a NewEvent) -> T) -> Vec<T> {
        set.iter().map(|first| column(first.event)).collect()
    }
    // A transaction has its number (`begun`) before it draws places in line: that is how claims know which places
    // may still be filled. The places are drawn in the order given, the rows inserted in key order: two gateways that
    // insert the same keys in different orders would wait for each other.
    let rows = sqlx::query!(
        r#"
        with given as materialized (
            select g.*, nextval('messaging.arrivals') as arrival
            from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                        $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::bytea[], $14::text[], $15::int[])
                as g(lane, id, channel, provider, endpoint, kind, sender, recipient, conversation_key,
                     provider_message_id, payload, payload_bytes, body_hash, trace_context, duplicates)
            cross join (select pg_current_xact_id() offset 0) begun
        )
        insert into messaging.inbound_events as e
            (lane, id, arrival, channel, provider, endpoint, kind, sender, recipient, conversation_key,
             provider_message_id, payload, payload_bytes, body_hash, trace_context, duplicates)
        select lane, id, arrival, channel, provider, endpoint, kind, sender, recipient, conversation_key,
               provider_message_id, payload::jsonb, payload_bytes, body_hash, trace_context, duplicates
        from given
        order by channel, provider_message_id
        on conflict (channel, provider_message_id) do update
            set duplicates = e.duplicates + excluded.duplicates + 1, updated_at = excluded.updated_at
        returning channel, provider_message_id, id
        "#,
        &each(set, |e| i16::from(e.id.lane())),
        &each(set, |e| e.id.uuid()),
        &each(set, |e| e.channel.as_str()) as &[&str],
        &each(set, |e| e.provider.as_str()) as &[&str],
        &each(set, |e| e.endpoint.as_str()) as &[&str],
        &each(set, |e| e.kind.as_str()) as &[&str],
        &each(set, |e| e.sender.as_str()) as &[&str],
        &each(set, |e| e.recipient.as_str()) as &[&str],
        &each(set, |e| e.conversation_key.as_str()) as &[&str],
        &each(set, |e| e.provider_message_id.as_str()) as &[&str],
        &each(set, |e| json(&e.payload)) as &[Option<&str>],
        &each(set, |e| bytes(&e.payload)) as &[Option<&[u8]>],
        &each(set, |e| e.body_hash.as_slice()) as &[&[u8]],
        &each(set, |e| e.trace_context.as_deref()) as &[Option<&str>],
        &set.iter().map(|first| first.twins).collect::<Vec<_>>(),
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.channel, row.provider_message_id, row.id))
        .collect())
}

fn json(payload: &Payload) -> Option<&str> {
    match payload {
        Payload::Json(text) => Some(text),
        Payload::Bytes(_) => None,
    }
}

fn bytes(payload: &Payload) -> Option<&[u8]> {
    match payload {
        Payload::Json(_) => None,
        Payload::Bytes(bytes) => Some(bytes),
    }
}

const fn inconsistent(column: &'static str, row: Uuid) -> StoreError {
    StoreError::Inconsistent {
        table: "messaging.inbound_events",
        column,
        row,
    }
}

fn twin_was_refused() -> StoreError {
    StoreError::Refused {
        code: "twin".to_owned(),
        constraint: None,
    }
}
