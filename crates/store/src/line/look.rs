//! Look: how a conversation stands in line at this moment.

use chrono::{DateTime, Utc};
use mailroom_domain::{ConversationKey, EventId, Lane, WorkerId};

use crate::{Pool, StoreError};

/// How a conversation stands in line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// By the clock of the database.
    pub at: DateTime<Utc>,
    /// Its lane.
    pub lane: Lane,
    /// Which live worker tends the lane, and until when its lease lasts.
    pub tended_by: Option<(WorkerId, DateTime<Utc>)>,
    /// The unfinished event that decides when the others go on.
    pub first: Option<First>,
    /// Unfinished events behind it.
    pub behind: u64,
    /// Dead letters of this conversation that nobody discarded. They hold nothing up.
    pub dead_letters: u64,
    /// Whether it has messages.
    pub has_messages: bool,
    /// Whether the whole fleet is paused.
    pub everything_paused: bool,
    /// Whether the provider of the first event is paused.
    pub provider_paused: bool,
}

/// The event that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// Its id.
    pub event: EventId,
    /// Who delivered it.
    pub provider: String,
    /// How often it was tried; the attempt that is made counts.
    pub attempts: i32,
    /// Why it failed last, in one word.
    pub code: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// How far it is.
    pub state: State,
}

/// How far an unfinished event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Recorded, and not claimed.
    Received,
    /// Claimed.
    Processing {
        /// By whom.
        worker: WorkerId,
        /// Since when.
        since: DateTime<Utc>,
        /// Until when that worker is taken to be alive; `None` when it is gone.
        alive_until: Option<DateTime<Utc>>,
    },
    /// Waits for its retry.
    Error {
        /// When it is due.
        due: DateTime<Utc>,
    },
    /// Waits for its provider to go on.
    Parked,
}

/// Looks at a conversation's line.
///
/// # Errors
/// [`StoreError`].
pub async fn look(pool: &Pool, key: &ConversationKey) -> Result<Standing, StoreError> {
    let lane = Lane::of(key);
    // What is in work comes first whatever its place: nothing of its conversation is claimed meanwhile.
    let row = sqlx::query!(
        r#"
        with line as materialized (
            select e.lane, e.id from messaging.inbound_events e
            where e.lane = $1 and e.conversation_key = $2 and e.status in ('processing', 'error')
            union all
            select e.lane, e.id from messaging.inbound_events e
            where e.lane = $1 and e.conversation_key = $2 and e.status = 'received'
        ),
        first as (
            select e.*, w.worker, coalesce(w.claimed_at, e.claimed_at) as since
            from line join messaging.inbound_events e using (lane, id) left join messaging.in_work w using (lane, id)
            order by w.worker is null and e.status <> 'processing', e.arrival
            limit 1
        )
        select now() as "at!", l.owner as "owner?", l.lease_until as "lease_until?",
               f.id as "id?", f.provider as "provider?", f.status as "status?",
               f.attempt_count + (f.worker is not null)::int as "attempt_count?", f.error_code,
               f.created_at as "created_at?", coalesce(f.worker, f.processor_id) as worker, f.since,
               nullif(f.next_attempt_at, 'infinity') as due,
               (select w.lease_until from messaging.workers w where w.id = coalesce(f.worker, f.processor_id) and w.lease_until > now())
                   as alive_until,
               (select count(*) from line) as "unfinished!",
               (select count(*) from messaging.inbound_events e
                where e.lane = $1 and e.conversation_key = $2 and e.status = 'dead_letter' and e.discarded_at is null)
                   as "dead_letters!",
               exists (select from messaging.conversations c where c.lane = $1 and c.key = $2) as "has_messages!",
               exists (select from messaging.pauses where provider = '*') as "everything_paused!",
               exists (select from messaging.pauses p where p.provider = f.provider) as "provider_paused!"
        from (values (1)) as one(row)
        left join messaging.lanes l on l.lane = $1 and l.lease_until > now()
        left join first f on true
        "#,
        i16::from(lane),
        key.as_str(),
    )
    .fetch_one(pool)
    .await?;
    let state = match (row.status.as_deref(), row.worker, row.since, row.due) {
        (_, Some(worker), Some(since), _) => State::Processing {
            worker: WorkerId::from_uuid(worker),
            since,
            alive_until: row.alive_until,
        },
        (Some("error"), _, _, Some(due)) => State::Error { due },
        (Some("error"), ..) => State::Parked,
        _ => State::Received,
    };
    let first = || {
        Some(First {
            event: EventId::from_uuid(row.id?),
            provider: row.provider?,
            attempts: row.attempt_count?,
            code: row.error_code,
            recorded_at: row.created_at?,
            state,
        })
    };
    Ok(Standing {
        at: row.at,
        lane,
        tended_by: row.owner.map(WorkerId::from_uuid).zip(row.lease_until),
        first: first(),
        behind: row.unfinished.unsigned_abs().saturating_sub(1),
        dead_letters: row.dead_letters.unsigned_abs(),
        has_messages: row.has_messages,
        everything_paused: row.everything_paused,
        provider_paused: row.provider_paused,
    })
}
