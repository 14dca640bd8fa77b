//! A claimed event as the database gives it.

use chrono::{DateTime, Utc};
use mailroom_domain::{ClaimToken, ClaimedEvent, ConversationKey, EventId, Headers};
use sqlx::types::Json;
use uuid::Uuid;

use super::payload_columns::payload;
use crate::StoreError;

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

impl ClaimedRow {
    pub(super) fn into_event(self, token: ClaimToken) -> Result<ClaimedEvent, StoreError> {
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
