//! Messages: what an event becomes, and how it is shown in short.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Channel, Email, File, MessageReference, UnknownName, conversation::in_order};

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From a provider to us.
    Inbound,
    /// From us through a provider.
    Outbound,
}

impl Direction {
    /// The name used in the database and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

impl std::str::FromStr for Direction {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "inbound" => Ok(Self::Inbound),
            "outbound" => Ok(Self::Outbound),
            _ => Err(UnknownName("direction")),
        }
    }
}

/// A message as read from an event, ready to take its place in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMessage {
    /// How it came.
    pub channel: Channel,
    /// The sender's address as it was sent.
    pub from: String,
    /// The recipient's address as it was sent.
    pub to: String,
    /// The sender in normalised form.
    pub from_participant: String,
    /// The recipient in normalised form.
    pub to_participant: String,
    /// The text, byte for byte as sent, save what [`displayable`] replaces.
    pub body: String,
    /// Attachments as the provider named them; none and an empty list are told apart.
    pub attachments: Option<serde_json::Value>,
    /// The same, each in the form in which all providers' attachments are kept.
    pub files: Vec<File>,
    /// What only an e-mail has.
    pub email: Option<Email>,
    /// The provider's own id for the message: statuses name it by this.
    pub reference: Option<MessageReference>,
    /// When it was sent, by the provider's word.
    pub timestamp: DateTime<Utc>,
}

impl IncomingMessage {
    /// The conversation's two participants in the order in which it names them.
    pub fn participants(&self) -> (&str, &str) {
        in_order(&self.from_participant, &self.to_participant)
    }
}

/// Text as PostgreSQL can hold it: NUL, the one character it refuses, becomes U+FFFD.
pub fn displayable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// How many characters a snippet may have: 1 to 4096.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct SnippetLength(u16);

impl SnippetLength {
    /// The beginning of `text`, cut on a character boundary.
    pub fn cut(self, text: &str) -> &str {
        text.char_indices()
            .nth(usize::from(self.0))
            .map_or(text, |(end, _)| &text[..end])
    }
}

impl Default for SnippetLength {
    fn default() -> Self {
        Self(64)
    }
}

impl From<SnippetLength> for u16 {
    fn from(length: SnippetLength) -> Self {
        length.0
    }
}

impl TryFrom<u16> for SnippetLength {
    type Error = &'static str;

    fn try_from(length: u16) -> Result<Self, Self::Error> {
        if (1..=4096).contains(&length) {
            Ok(Self(length))
        } else {
            Err("a snippet has 1 to 4096 characters")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_snippet_ends_between_characters() {
        let three = SnippetLength::try_from(3).unwrap();
        assert_eq!(three.cut("aé😀z"), "aé😀");
        assert_eq!(three.cut("aé"), "aé");
        assert!(SnippetLength::try_from(0).is_err() && SnippetLength::try_from(4097).is_err());
    }

    proptest! {
        #[test]
        fn a_snippet_is_a_beginning_of_its_text(text in "\\PC*", length in 1_u16..=4096) {
            let length = SnippetLength::try_from(length).unwrap();
            let snippet = length.cut(&text);
            prop_assert!(text.starts_with(snippet));
            prop_assert_eq!(snippet.chars().count(), text.chars().count().min(usize::from(length.0)));
        }
    }
}
