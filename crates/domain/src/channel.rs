//! Channels: the ways a message travels.

use serde::{Deserialize, Serialize};

/// A name that is none of the known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownName(pub &'static str);

/// How a message travels. SMS and MMS between the same numbers are conversations of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Short text message.
    Sms,
    /// Text message with media.
    Mms,
    /// E-mail.
    Email,
    /// WhatsApp, through whichever provider.
    Whatsapp,
    /// Telegram.
    Telegram,
    /// Slack.
    Slack,
    /// What one program tells another: GitHub, Amazon SNS, Standard Webhooks.
    Webhook,
}

impl Channel {
    /// Every channel there is.
    pub const ALL: [Self; 7] = [
        Self::Sms,
        Self::Mms,
        Self::Email,
        Self::Whatsapp,
        Self::Telegram,
        Self::Slack,
        Self::Webhook,
    ];

    /// The name used in the database, in keys and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mms => "mms",
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == name)
            .ok_or(UnknownName("channel"))
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
