//! What a recorded request says, read without the mailroom's own code so that each checks the other.

use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;

/// A message as its provider told it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    /// The channel's name.
    pub(crate) channel: String,
    /// The provider's id.
    pub(crate) id: String,
    /// The sender as written.
    pub(crate) from: String,
    /// The recipient as written.
    pub(crate) to: String,
    /// The text, with U+FFFD for what PostgreSQL cannot hold.
    pub(crate) body: String,
    /// Addresses of the attachments; empty for one without.
    #[serde(default)]
    pub(crate) attachments: Vec<String>,
    /// How far it got, when all statuses are told.
    #[serde(default = "delivered")]
    pub(crate) status: String,
    /// To the microsecond, as PostgreSQL keeps it; none when the provider tells no time.
    pub(crate) timestamp: Option<DateTime<Utc>>,
}

fn delivered() -> String {
    "delivered".to_owned()
}

#[derive(Deserialize)]
struct Contract {
    from: String,
    to: String,
    r#type: Option<String>,
    #[serde(alias = "messaging_provider_id", alias = "xillio_id")]
    id: String,
    body: String,
    attachments: Option<Vec<String>>,
    timestamp: DateTime<Utc>,
}

impl Said {
    /// Reads a request's body that brings an event, by the path it goes to. The error says what is wrong with it.
    pub(crate) fn read(path: &str, body: &str) -> Result<Self, String> {
        if path.starts_with("/api/") {
            contract(body)
        } else {
            twilio(body)
        }
    }

    /// `{channel}/{provider id}`.
    #[cfg(test)]
    pub(crate) fn event(&self) -> String {
        format!("{}/{}", self.channel, self.id)
    }
}

fn contract(body: &str) -> Result<Said, String> {
    let it: Contract = serde_json::from_str(body).map_err(|why| why.to_string())?;
    Ok(Said {
        channel: it.r#type.unwrap_or_else(|| "email".to_owned()),
        id: it.id,
        from: it.from,
        to: it.to,
        body: it.body.replace('\0', "\u{fffd}"),
        attachments: it.attachments.unwrap_or_default(),
        status: delivered(),
        timestamp: Some(it.timestamp.trunc_subsecs(6)),
    })
}

fn twilio(body: &str) -> Result<Said, String> {
    let field = |name: &str| {
        form_urlencoded::parse(body.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .ok_or_else(|| format!("no {name}"))
    };
    let media: usize = field("NumMedia")?
        .parse()
        .map_err(|why| format!("NumMedia: {why}"))?;
    Ok(Said {
        channel: if media > 0 { "mms" } else { "sms" }.to_owned(),
        id: field("MessageSid")?,
        from: field("From")?,
        to: field("To")?,
        body: field("Body")?,
        attachments: (0..media)
            .map(|n| field(&format!("MediaUrl{n}")))
            .collect::<Result<_, _>>()?,
        status: delivered(),
        timestamp: None,
    })
}
