//! Words and rules of mailroom: pure, without I/O, clock or randomness (both come in as arguments).

mod address;
mod channel;
mod conversation;
mod email;
mod event;
mod file;
mod id;
mod lane;
mod message;
mod payload;
mod place;
mod retry;
mod status;

pub use address::{BadAddress, EmailAddress, PhoneNumber, participant};
pub use channel::{Channel, UnknownName};
pub use conversation::ConversationKey;
pub use email::Email;
pub use event::{ClaimedEvent, ErrorCode, EventKind, Failure, Headers, NewEvent};
pub use file::{File, Place as FilePlace, attachments};
pub use id::{ClaimToken, CommandId, ConversationId, EventId, FileId, LaneToken, MessageId, WorkerId};
pub use lane::{LANES, Lane, fair_share};
pub use message::{Direction, IncomingMessage, SnippetLength, displayable};
pub use payload::Payload;
pub use place::{Horizon, Place};
pub use retry::{Next, RetryPolicy};
pub use status::{MessageReference, MessageStatus, StatusChange};
