//! Record: write events down, once, whatever is delivered again.

use std::collections::HashMap;

use mailroom_domain::{Channel, EventId, Headers, NewEvent};
use sqlx::types::Json;
use uuid::Uuid;

use super::conflict::{self, Conflict};
use super::payload_columns::{bytes, headers, json};
use crate::{Connection, StoreError, split::Halving};

/// What became of one event handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is written down.
    Recorded(EventId),
    /// It had been written down before, under this id.
    AlreadyRecorded(EventId),
    /// Another content had been written down before, under this id. That one stands, this one is kept beside it.
    Conflicting(EventId),
}

/// One result for each event handed in, in order; an error for those the database refused on their own.
pub type Recording = Vec<Result<Recorded, StoreError>>;

type Key<'a> = (Channel, &'a str);

/// The first event of its key in a set, and how often it comes again in the same set.
struct First<'a> {
    event: &'a NewEvent,
    twins: i32,
}

/// An event as it stands.
struct Standing {
    id: EventId,
    body_hash: Vec<u8>,
}

/// Writes a set of events down in one statement; when this returns they are committed. Events stand in line in
/// the order given. The same (channel, provider message id) again, in this set or from before, changes nothing
/// but a count: writing that makes a duplicate's commit wait for replication as its first's did. Should it have
/// another body hash, it is kept in a second statement, once for each hash. An event in quarantine is a dead letter
/// from the beginning.
///
/// Calling it again with the same events after an error of unknown outcome is safe.
///
/// # Errors
/// [`StoreError::Unavailable`] when it is unknown what was written.
pub async fn record(connection: &mut Connection, events: &[NewEvent]) -> Result<Recording, StoreError> {
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
        match insert(&mut *connection, &set[part.clone()]).await {
            Ok(rows) => written.extend(rows),
            Err(error) => halving.failed(&part, error)?,
        }
    }
    let mut standing: Vec<Option<Standing>> = set.iter().map(|_| None).collect();
    for (channel, provider_message_id, stands) in written {
        let channel = channel
            .parse::<Channel>()
            .map_err(|_| inconsistent("channel", stands.id.uuid()))?;
        if let Some(&index) = firsts.get(&(channel, provider_message_id.as_str())) {
            standing[index] = Some(stands);
        }
    }
    let mut refusals: HashMap<usize, StoreError> = halving.into_refused().into_iter().collect();
    let recording = events
        .iter()
        .map(|event| {
            let index = firsts[&(event.channel, event.provider_message_id.as_str())];
            match &standing[index] {
                Some(stands) => Ok(stands.meets(event)),
                // Twins in one set share their refusal; only the first can carry the original away.
                None => Err(refusals.remove(&index).unwrap_or_else(twin_was_refused)),
            }
        })
        .collect();
    keep_conflicts(&mut *connection, events, recording).await
}

impl Standing {
    /// What it means that this event was handed in.
    fn meets(&self, event: &NewEvent) -> Recorded {
        if self.id == event.id {
            Recorded::Recorded(self.id)
        } else if self.body_hash == event.body_hash {
            Recorded::AlreadyRecorded(self.id)
        } else {
            Recorded::Conflicting(self.id)
        }
    }
}

async fn keep_conflicts(
    connection: &mut Connection,
    events: &[NewEvent],
    mut recording: Recording,
) -> Result<Recording, StoreError> {
    let conflicts: Vec<(usize, Conflict<'_>)> = (0..)
        .zip(events.iter().zip(&recording))
        .filter_map(|(at, (delivered, recorded))| match recorded {
            Ok(Recorded::Conflicting(stands)) => Some((
                at,
                Conflict {
                    stands: *stands,
                    delivered,
                },
            )),
            _ => None,
        })
        .collect();
    if conflicts.is_empty() {
        return Ok(recording);
    }
    let mut refusals = conflict::keep(connection, conflicts.iter().map(|(_, conflict)| *conflict)).await?;
    for (at, conflict) in conflicts {
        if let Some(refusal) = refusals.get_mut(&conflict.key()) {
            recording[at] = Err(refusal.take().unwrap_or_else(twin_was_refused));
        }
    }
    Ok(recording)
}

async fn insert(
    connection: &mut Connection,
    set: &[First<'_>],
) -> Result<Vec<(String, String, Standing)>, StoreError> {
    fn each<'a, T>(set: &[First<'a>], column: impl Fn(&'a NewEvent) -> T) -> Vec<T> {
        set.iter().map(|first| column(first.event)).collect()
    }
    // A transaction has its number before it draws places in line: that is how claims know which places may still be filled. In
    // one `case`, since the planner leaves out whatever it finds unused, and this function is not volatile to it. The places are drawn in the order given, the rows inserted in key order: two gateways that
    // insert the same keys in different orders would wait for each other.
    let rows = sqlx::query!(
        r#"
        with given as materialized (
            select g.*, case when pg_current_xact_id() is not null then nextval('messaging.arrivals') end as arrival
            from unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                        $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::jsonb[], $14::bytea[],
                        $15::text[], $16::text[], $17::text[], $18::int[])
                as g(lane, id, channel, provider, endpoint, kind, sender, recipient, conversation_key,
                     provider_message_id, payload, payload_bytes, headers, body_hash, error_code, cause, trace_context,
                     duplicates)
        )
        insert into messaging.inbound_events as e
            (lane, id, arrival, channel, provider, endpoint, kind, sender, recipient, conversation_key,
             provider_message_id, payload, payload_bytes, headers, body_hash, status, error_code, error_message,
             trace_context, duplicates)
        select lane, id, arrival, channel, provider, endpoint, kind, sender, recipient, conversation_key,
               provider_message_id, payload::jsonb, payload_bytes, headers, body_hash,
               case when error_code is null then 'received' else 'dead_letter' end, error_code, left(cause, 512),
               trace_context, duplicates
        from given
        order by channel, provider_message_id
        on conflict (channel, provider_message_id) do update
            set duplicates = e.duplicates + excluded.duplicates + 1, updated_at = excluded.updated_at
        returning channel, provider_message_id, id, body_hash
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
        &each(set, |e| headers(&e.headers)) as &[Option<Json<&Headers>>],
        &each(set, |e| e.body_hash.as_slice()) as &[&[u8]],
        &each(set, |e| e.quarantine.as_ref().map(|failure| failure.code.as_str())) as &[Option<&str>],
        &each(set, |e| e.quarantine.as_ref().map(|failure| failure.cause.as_str())) as &[Option<&str>],
        &each(set, |e| e.trace_context.as_deref()) as &[Option<&str>],
        &set.iter().map(|first| first.twins).collect::<Vec<_>>(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let stands = Standing {
                id: EventId::from_uuid(row.id),
                body_hash: row.body_hash,
            };
            (row.channel, row.provider_message_id, stands)
        })
        .collect())
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
