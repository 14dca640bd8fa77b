//! What a request turned out to hold, before it is given an id and written down.

use mailroom_domain::{
    Channel, ConversationKey, ErrorCode, EventId, EventKind, Failure, Headers, NewEvent, Payload, displayable,
};
use sha2::{Digest, Sha256};

use crate::ONE_EVENT;

/// One event found in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// How it came.
    pub channel: Channel,
    /// What it tells of.
    pub kind: EventKind,
    /// The sender's address as sent; empty when it could not be read.
    pub sender: String,
    /// The recipient's address as sent; empty when it could not be read.
    pub recipient: String,
    /// Whose line it stands in.
    pub conversation_key: ConversationKey,
    /// What makes it one and the same event whenever it is delivered: the provider's id for it, after the provider's
    /// name, and after the endpoint's where ids are only unique there.
    pub provider_message_id: String,
    /// What to keep of the request: enough to read it, and a request that would be split into this one event.
    pub payload: Payload,
    /// Headers that reading it needs.
    pub headers: Headers,
    /// SHA-256 of what stays the same when it is delivered again: the event itself, without what is signed or counted
    /// anew for each delivery.
    pub body_hash: [u8; 32],
    /// Why it is put aside unread.
    pub quarantine: Option<Failure>,
}

impl Incoming {
    /// A request, or a part of one, that is verified but not understood: kept whole, once, in a line of its own.
    pub fn quarantined(
        provider: &'static str,
        endpoint: &str,
        channel: Channel,
        headers: Headers,
        received: &[u8],
        (code, cause): (ErrorCode, &str),
    ) -> Self {
        let body_hash = hash(received);
        let provider_message_id = format!("{provider}:{endpoint}/quarantined/sha256:{}", hex(body_hash));
        Self {
            channel,
            kind: EventKind::Quarantined,
            sender: String::new(),
            recipient: String::new(),
            conversation_key: ConversationKey::alone(provider, endpoint, &provider_message_id),
            provider_message_id,
            payload: Payload::new(received),
            headers,
            body_hash,
            quarantine: Some(Failure {
                code,
                cause: cause.to_owned(),
            }),
        }
    }

    /// The event to be recorded, under this id (made for [`mailroom_domain::Lane::of`] its conversation key).
    pub fn into_event(
        self,
        id: EventId,
        provider: &str,
        endpoint: &str,
        trace_context: Option<String>,
    ) -> NewEvent {
        NewEvent {
            id,
            channel: self.channel,
            provider: provider.to_owned(),
            endpoint: endpoint.to_owned(),
            kind: self.kind,
            sender: self.sender,
            recipient: self.recipient,
            conversation_key: self.conversation_key,
            provider_message_id: self.provider_message_id,
            payload: self.payload,
            headers: self.headers,
            body_hash: self.body_hash,
            quarantine: self.quarantine,
            trace_context,
        }
    }

    /// Keeps the request itself in place of what was made of it, which is larger than an event may be: so it stays whole.
    pub fn keep_as_received(
        &mut self,
        provider: &'static str,
        endpoint: &str,
        content_type: Option<&str>,
        received: &[u8],
    ) {
        let headers = content_type.map(|value| ("content-type".to_owned(), value.to_owned()));
        let why = (
            ErrorCode::Unreadable,
            "larger than an event may be once it is read",
        );
        *self = Self::quarantined(
            provider,
            endpoint,
            self.channel,
            headers.into_iter().collect(),
            received,
            why,
        );
    }

    /// Cuts an event that is larger than one may be down to what can be kept: one among others in a request, which
    /// the provider would only send again as large as it is.
    pub fn cut(&mut self, provider: &'static str, endpoint: &str) {
        let mut kept = self.payload.as_bytes().to_vec();
        kept.truncate(ONE_EVENT);
        self.payload = Payload::Bytes(kept);
        self.kind = EventKind::Quarantined;
        self.conversation_key = ConversationKey::alone(provider, endpoint, &self.provider_message_id);
        self.quarantine = Some(Failure {
            code: ErrorCode::Unreadable,
            cause: format!("larger than {ONE_EVENT} bytes: the rest was cut off"),
        });
    }
}

/// Text for `sender` and `recipient`: as sent, cut to what any address has room in.
pub(crate) fn shown(address: &str) -> String {
    displayable(address.chars().take(320).collect())
}

/// An id as it is, if it can be one: not empty, at most 400 bytes, no control characters.
pub(crate) fn fit(id: &str) -> Option<&str> {
    let fits = (1..=400).contains(&id.len()) && !id.contains(char::is_control) && !id.trim().is_empty();
    fits.then_some(id)
}

/// SHA-256 of bytes.
pub(crate) fn hash(received: &[u8]) -> [u8; 32] {
    Sha256::digest(received).into()
}

/// A SHA-256 as lower-case hex.
pub fn hex(hash: [u8; 32]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
        hex
    })
}
