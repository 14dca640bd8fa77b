//! What a claimed event comes to when it is finished.

use mailroom_domain::{ConversationId, ConversationKey, EventId, FileId, IncomingMessage, StatusChange};

/// An event about to be finished.
#[derive(Debug, Clone)]
pub struct Finishing {
    /// The event.
    pub event: EventId,
    /// What it comes to.
    pub effect: Effect,
}

/// What an event comes to.
#[derive(Debug, Clone)]
pub enum Effect {
    /// A message takes its place in a conversation.
    Message(Box<FinishingMessage>),
    /// A line in the history of a message. Its reference is of the event's lane: readers look for it there.
    Status(StatusChange),
    /// Nothing but its end.
    Nothing,
}

/// A message that an event became, about to take its place.
#[derive(Debug, Clone)]
pub struct FinishingMessage {
    /// The conversation's id, should it be new; the same for all of one conversation in one set.
    pub conversation: ConversationId,
    /// The conversation's key.
    pub key: ConversationKey,
    /// What the event became.
    pub content: IncomingMessage,
    /// An id for each of the content's files.
    pub files: Vec<FileId>,
}
