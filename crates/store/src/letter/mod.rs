//! Dead letters: listed, counted, shown, replayed and discarded by operators.

mod count;
mod discard;
mod filter;
mod list;
mod replay;
mod show;
mod sweep;

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, EventId, EventKind};
use uuid::Uuid;

use crate::StoreError;

pub use count::{Counted, count};
pub use discard::discard;
pub use filter::Filter;
pub use list::{Stretch, list};
pub use replay::{Replayed, replay};
pub use show::{Content, show};
pub use sweep::Sweep;

/// A dead letter as it is listed: nothing of what was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The event.
    pub id: EventId,
    /// Its place in line, and in the list.
    pub arrival: i64,
    /// How it came.
    pub channel: Channel,
    /// Who delivered it.
    pub provider: String,
    /// The channel configuration it came to.
    pub endpoint: String,
    /// What it tells of.
    pub kind: EventKind,
    /// The provider's id for it.
    pub provider_message_id: String,
    /// Why it was buried, in one word; also one of another release.
    pub code: String,
    /// Why it was buried, in a sentence; never what was received.
    pub cause: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When anything last became of it: it was buried, or delivered again.
    pub updated_at: DateTime<Utc>,
    /// When and why an operator said that it needs nothing more.
    pub discarded: Option<(DateTime<Utc>, String)>,
}

/// Its columns.
struct Row {
    id: Uuid,
    arrival: i64,
    channel: String,
    provider: String,
    endpoint: String,
    kind: String,
    provider_message_id: String,
    error_code: Option<String>,
    error_message: Option<String>,
    attempt_count: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    discarded_at: Option<DateTime<Utc>>,
    discarded_reason: Option<String>,
}

impl TryFrom<Row> for Letter {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column| broken(row.id, column);
        Ok(Self {
            id: EventId::from_uuid(row.id),
            arrival: row.arrival,
            channel: row.channel.parse().map_err(|_| broken("channel"))?,
            kind: row.kind.parse().map_err(|_| broken("kind"))?,
            code: row.error_code.ok_or_else(|| broken("error_code"))?,
            provider: row.provider,
            endpoint: row.endpoint,
            provider_message_id: row.provider_message_id,
            cause: row.error_message,
            attempts: row.attempt_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
            discarded: row.discarded_at.zip(row.discarded_reason),
        })
    }
}

const fn broken(row: Uuid, column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "messaging.inbound_events",
        column,
        row,
    }
}
