//! What Amazon SES tells through a topic: how far a mail of ours got.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, EventKind, MessageReference, MessageStatus, StatusChange, displayable};
use serde_json::{Map, Value};

use super::{
    NAME,
    envelope::{Envelope, Problem},
    notification,
};
use crate::{
    Drift, Incoming,
    incoming::{fit, shown},
};

/// docs.aws.amazon.com/ses, "Contents of event data that Amazon SES publishes to Amazon SNS".
const KNOWN: &[&str] = &[
    "notificationType",
    "eventType",
    "mail",
    "bounce",
    "complaint",
    "delivery",
    "send",
    "reject",
    "open",
    "click",
    "failure",
    "deliveryDelay",
    "subscription",
];

/// The same for the mail it is about.
const KNOWN_OF_MAIL: &[&str] = &[
    "timestamp",
    "messageId",
    "source",
    "sourceArn",
    "sourceIp",
    "callerIdentity",
    "sendingAccountId",
    "destination",
    "headersTruncated",
    "headers",
    "commonHeaders",
    "tags",
];

/// A mail event: the JSON object that a notification's `Message` holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MailEvent(Map<String, Value>);

/// What a mail event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Status(MessageStatus),
    Nothing,
}

impl MailEvent {
    /// Reads a notification's message. `None` when it is anything else, and for mail that came in, which is a message
    /// like any other.
    pub(super) fn parse(message: &str) -> Option<Self> {
        let event = Self(serde_json::from_str(message).ok()?);
        let is_event = match event.kind()? {
            "Received" => false,
            // SES says this once, when a topic is set up, and names no mail.
            "AmazonSnsSubscriptionSucceeded" => true,
            _ => event.0.get("mail")?.get("messageId").is_some(),
        };
        is_event.then_some(event)
    }

    fn kind(&self) -> Option<&str> {
        let name = ["eventType", "notificationType"]
            .into_iter()
            .find(|name| self.0.contains_key(*name))?;
        self.0.get(name)?.as_str()
    }

    fn mail(&self, name: &str) -> Option<&str> {
        self.0.get("mail")?.get(name)?.as_str()
    }

    /// What is particular to this kind of event.
    fn detail(&self) -> Option<&Value> {
        let name = match self.kind()? {
            "Rendering Failure" => "failure".to_owned(),
            kind => kind.to_ascii_lowercase(),
        };
        self.0.get(&name)
    }

    fn effect(&self) -> Option<Effect> {
        use Effect::{Nothing, Status};
        Some(match self.kind()? {
            "Send" => Status(MessageStatus::Sent),
            "Delivery" => Status(MessageStatus::Delivered),
            "Open" | "Click" => Status(MessageStatus::Read),
            "Reject" | "Rendering Failure" => Status(MessageStatus::Failed),
            // Other bounces are full mailboxes and automatic answers as well as failures.
            "Bounce" if self.detail()?.get("bounceType")? == "Permanent" => Status(MessageStatus::Failed),
            "Bounce" | "Complaint" | "DeliveryDelay" | "Subscription" | "AmazonSnsSubscriptionSucceeded" => {
                Nothing
            }
            _ => return None,
        })
    }

    /// The code of a failure: the SMTP status, or the provider's word for what was wrong.
    fn error(&self) -> Option<String> {
        let detail = self.detail()?;
        let status = || detail.get("bouncedRecipients")?.get(0)?.get("status")?.as_str();
        let word = || {
            ["bounceSubType", "reason"]
                .iter()
                .find_map(|name| detail.get(name)?.as_str())
        };
        status().or_else(word).map(shown)
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        let text = self
            .detail()
            .and_then(|detail| detail.get("timestamp")?.as_str())
            .or_else(|| self.mail("timestamp"))?;
        DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
    }

    fn reference(&self) -> Result<MessageReference, Problem> {
        let id = self.mail("messageId").ok_or(Problem::Missing("mail.messageId"))?;
        let id = fit(id).ok_or(Problem::Bad("mail.messageId"))?;
        Ok(MessageReference::new(NAME, id))
    }

    /// What to write down of it.
    pub(super) fn incoming(
        &self,
        envelope: &Envelope,
        endpoint: &str,
        drift: &mut Drift,
    ) -> Result<Incoming, Problem> {
        let Some(effect) = self.effect() else {
            drift.types.extend(self.kind().map(str::to_owned));
            return Err(Problem::UnknownMailEvent);
        };
        self.note(drift);
        let notice = notification::written(envelope, endpoint)?;
        if effect == Effect::Nothing {
            return Ok(notice);
        }
        let recipient = self
            .0
            .get("mail")
            .and_then(|mail| mail.get("destination")?.get(0)?.as_str());
        Ok(Incoming {
            channel: Channel::Email,
            kind: EventKind::Status,
            sender: shown(self.mail("source").unwrap_or_default()),
            recipient: shown(recipient.unwrap_or_default()),
            conversation_key: self.reference()?.line(),
            ..notice
        })
    }

    fn note(&self, drift: &mut Drift) {
        let Some(Value::Object(mail)) = self.0.get("mail") else {
            return; // the notice of a topic's set-up is a text, not an event
        };
        drift.note(&self.0, KNOWN);
        drift.note(mail, KNOWN_OF_MAIL);
    }
}

/// Reads a notification into a status.
pub(super) fn read(envelope: &Envelope, recorded_at: DateTime<Utc>) -> Result<StatusChange, Problem> {
    let event = MailEvent::parse(envelope.text("Message")?).ok_or(Problem::Missing("mail.messageId"))?;
    let Some(Effect::Status(status)) = event.effect() else {
        return Err(Problem::UnknownMailEvent);
    };
    let failed = status == MessageStatus::Failed;
    Ok(StatusChange {
        reference: event.reference()?,
        status,
        word: displayable(event.kind().unwrap_or_default().to_owned()),
        error: event.error().filter(|_| failed),
        at: event.at().or(envelope.timestamp()).unwrap_or(recorded_at),
    })
}
