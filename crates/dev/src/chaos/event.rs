//! The events that are sent: each with a content of its own that tells its conversation and its place there.

use chrono::{DateTime, Duration, SecondsFormat};
use serde_json::json;

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// Which conversation.
    pub(super) conversation: u32,
    /// Its place there, from 0.
    pub(super) number: u32,
}

impl Event {
    /// Where it is sent.
    pub(super) const PATH: &str = "/api/webhooks/sms";

    pub(super) const fn new(conversation: u32, number: u32) -> Self {
        Self { conversation, number }
    }

    /// What the provider sends: the same whenever it is sent.
    pub(super) fn body(self) -> String {
        let sent = DateTime::UNIX_EPOCH + Duration::days(20_000) + Duration::seconds(self.number.into());
        json!({
            "from": format!("+1555{:07}", self.conversation),
            "to": "+15550000000000",
            "type": "sms",
            "messaging_provider_id": self.id(),
            "body": self.text(),
            "attachments": null,
            "timestamp": sent.to_rfc3339_opts(SecondsFormat::Secs, true),
        })
        .to_string()
    }

    /// The provider's id.
    pub(super) fn id(self) -> String {
        format!("chaos-{}-{}", self.conversation, self.number)
    }

    /// The text of the message.
    pub(super) fn text(self) -> String {
        format!("{}/{}", self.conversation, self.number)
    }

    /// Reads the text of a message.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let (conversation, number) = text.split_once('/')?;
        Some(Self::new(conversation.parse().ok()?, number.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_its_event() {
        let event = Event::new(12, 345);
        assert_eq!(Event::of_text(&event.text()), Some(event));
        assert_eq!(Event::of_text("hello"), None);
    }
}
