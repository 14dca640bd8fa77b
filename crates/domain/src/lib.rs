//! Words and rules of mailroom: pure, without I/O, clock or randomness (both come in as arguments).

mod address;
mod channel;
mod conversation;
mod event;
mod id;
mod lane;
mod message;
mod payload;
mod place;
mod retry;

pub use address::{BadAddress, EmailAddress, PhoneNumber, participant};
pub use channel::{Channel, UnknownName};
pub use conversation::ConversationKey;
pub use event::{ClaimedEvent, ErrorCode, EventKind, Failure, NewEvent};
pub use id::{ClaimToken, ConversationId, EventId, LaneToken, MessageId, WorkerId};
pub use lane::{LANES, Lane, fair_share};
pub use message::{Direction, IncomingMessage, MessageStatus, SnippetLength, displayable};
pub use payload::Payload;
pub use place::{Horizon, Place};
pub use retry::{Next, RetryPolicy};
