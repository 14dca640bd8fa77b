//! A claimed event as the database gives it.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, ConversationKey, ErrorCode, EventId, Failure, Headers};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    payload_columns::payload,
    set_aside::{postpone, release},
};
use crate::{Connection, StoreError};

/// The columns a claim returns.
pub(super) struct ClaimedRow {
    pub id: Uuid,
    pub arrival: i64,
    pub channel: String,
    pub provider: String,
    pub endpoint: String,
    pub kind: String,
    pub conversation_key: String,
    pub payload: Option<String>,
    pub payload_bytes: Option<Vec<u8>>,
    pub headers: Option<Json<Headers>>,
    pub attempt_count: i32,
    pub created_at: DateTime<Utc>,
    pub trace_context: Option<String>,
}

/// When an event that this release does not know is offered again: a release that knows it may be on its way.
const LATER: Duration = Duration::from_secs(5);

/// The events of claimed rows, in order of arrival. Those that this release has no words for, as happens while old and
/// new workers run side by side, are put aside for a while, and what was claimed behind them in their conversations is
/// given back: so they cost neither themselves nor others an attempt that counts, and nothing passes them.
pub(super) async fn understood(
    connection: &mut Connection,
    token: ClaimToken,
    mut rows: Vec<ClaimedRow>,
) -> Result<Vec<ClaimedEvent>, StoreError> {
    rows.sort_unstable_by_key(|row| row.arrival);
    let (mut events, mut later, mut behind) = (Vec::new(), Vec::new(), Vec::new());
    let mut held = HashSet::new();
    for row in rows {
        let id = EventId::from_uuid(row.id);
        if held.contains(&row.conversation_key) {
            behind.push(id);
            continue;
        }
        let conversation = row.conversation_key.clone();
        match row.into_event(token) {
            Ok(event) => events.push(event),
            Err(cause) => {
                tracing::warn!(event_id = %id, %cause, "an event of another release, left to it");
                let failure = Failure {
                    code: ErrorCode::Unsupported,
                    cause: cause.to_string(),
                };
                later.push((id, LATER, failure));
                held.insert(conversation);
            }
        }
    }
    if !later.is_empty() {
        let retried = postpone(&mut *connection, token, &later).await?;
        let released = release(&mut *connection, token, &behind).await?;
        if retried.len() + released.len() < later.len() + behind.len() {
            return Err(StoreError::Unavailable {
                reason: "the claim was lost".to_owned(),
            });
        }
    }
    Ok(events)
}

impl ClaimedRow {
    fn into_event(self, token: ClaimToken) -> Result<ClaimedEvent, StoreError> {
        let row = self.id;
        let broken = |column| StoreError::Inconsistent {
            table: "messaging.inbound_events",
            column,
            row,
        };
        Ok(ClaimedEvent {
            id: EventId::from_uuid(row),
            arrival: self.arrival,
            token,
            channel: self.channel.parse().map_err(|_| broken("channel"))?,
            provider: self.provider,
            endpoint: self.endpoint,
            kind: self.kind.parse().map_err(|_| broken("kind"))?,
            conversation_key: ConversationKey::from_stored(self.conversation_key),
            payload: payload(self.payload, self.payload_bytes).ok_or_else(|| broken("payload"))?,
            headers: self.headers.map(|Json(headers)| headers).unwrap_or_default(),
            attempt: u32::try_from(self.attempt_count).map_err(|_| broken("attempt_count"))?,
            created_at: self.created_at,
            trace_context: self.trace_context,
        })
    }
}
