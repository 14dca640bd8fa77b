//! Twilio's messages: what to write down of a verified form, and what it means when it is read back.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, IncomingMessage, Payload, PhoneNumber, displayable,
};
use serde_json::Value;

use super::{Form, NAME};
use crate::incoming::{Incoming, hash, hex};

/// Why a verified form is not a message. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Not what was written down.
    #[error("the kept form is not a JSON object of strings")]
    NotAForm,
    /// A field that every message has is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An address that is neither a number nor a sender name.
    #[error("`{0}` is not a phone number or a sender name")]
    BadAddress(&'static str),
}

/// What to write down of a verified form. Always something: Twilio would not offer it again, so what cannot be
/// read now is kept, in a line of its own, to be looked at and replayed.
pub fn incoming(endpoint: &str, form: &Form, received: &[u8]) -> Incoming {
    let body_hash = hash(received);
    let channel = channel(form);
    let id = ["MessageSid", "SmsSid", "SmsMessageSid"]
        .iter()
        .find_map(|name| form.get(name))
        .filter(|id| id.len() <= 64 && !id.contains(char::is_control))
        .map_or_else(|| format!("sha256:{}", hex(body_hash)), str::to_owned);
    // Inbound messages say `received`; anything else tells how far one of ours got.
    let status = form
        .get("MessageStatus")
        .filter(|status| *status != "received" && status.len() <= 32);
    let (kind, provider_message_id) = match status {
        Some(status) => (EventKind::Status, displayable(format!("{id}/{status}"))),
        None => (EventKind::Message, id),
    };
    let conversation_key = match message(form, DateTime::UNIX_EPOCH) {
        Ok(message) if kind == EventKind::Message => {
            ConversationKey::between(channel, &message.from_participant, &message.to_participant)
        }
        _ => ConversationKey::alone(NAME, endpoint, &provider_message_id),
    };
    let kept = |name| displayable(form.get(name).unwrap_or_default().chars().take(320).collect());
    Incoming {
        channel,
        kind,
        sender: kept("From"),
        recipient: kept("To"),
        conversation_key,
        provider_message_id,
        payload: Payload::new(form.to_json().as_bytes()),
        body_hash,
    }
}

/// Reads a kept form back into a message. Twilio's form holds no time, so the message's is when it was recorded.
///
/// # Errors
/// [`Unread`] when it is no message.
pub fn parse(kept: &[u8], recorded_at: DateTime<Utc>) -> Result<IncomingMessage, Unread> {
    let form = Form::from_json(kept).ok_or(Unread::NotAForm)?;
    message(&form, recorded_at)
}

fn message(form: &Form, timestamp: DateTime<Utc>) -> Result<IncomingMessage, Unread> {
    form.get("MessageSid")
        .or_else(|| form.get("SmsSid"))
        .ok_or(Unread::Missing("MessageSid"))?;
    let (from, from_participant) = address(form, "From")?;
    let (to, to_participant) = address(form, "To")?;
    let media: Vec<Value> = (0..media_count(form))
        .filter_map(|n| form.get(&format!("MediaUrl{n}")))
        .map(|url| Value::from(displayable(url.to_owned())))
        .collect();
    Ok(IncomingMessage {
        channel: channel(form),
        from,
        to,
        from_participant,
        to_participant,
        body: displayable(form.get("Body").unwrap_or_default().to_owned()),
        attachments: (!media.is_empty()).then_some(Value::Array(media)),
        timestamp,
    })
}

/// A message with media is an MMS.
fn channel(form: &Form) -> Channel {
    if media_count(form) > 0 {
        Channel::Mms
    } else {
        Channel::Sms
    }
}

/// Twilio allows ten media a message; what claims more is not believed.
fn media_count(form: &Form) -> usize {
    form.get("NumMedia")
        .and_then(|count| count.parse().ok())
        .unwrap_or(0)
        .min(10)
}

/// An address as sent, and its normalised form: a number, or the name of an alphanumeric sender (up to 11
/// characters by GSM 03.38) as it is.
fn address(form: &Form, name: &'static str) -> Result<(String, String), Unread> {
    let sent = form.get(name).ok_or(Unread::Missing(name))?;
    let normalised = match PhoneNumber::parse(sent) {
        Ok(number) => number.as_str().to_owned(),
        Err(_) if sent.len() <= 11 && sent.chars().all(|c| c.is_ascii_graphic() || c == ' ') => {
            sent.trim().to_owned()
        }
        Err(_) => return Err(Unread::BadAddress(name)),
    };
    if normalised.is_empty() {
        Err(Unread::BadAddress(name))
    } else {
        Ok((sent.to_owned(), normalised))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(body: &str) -> (Form, Incoming) {
        let form = Form::decode(body.as_bytes());
        let incoming = incoming("demo", &form, body.as_bytes());
        (form, incoming)
    }

    const SMS: &str = "MessageSid=SM1&SmsStatus=received&From=%2B15550100101&To=%2B15550100102&Body=Hi+%F0%9F%98%80&NumMedia=0";

    #[test]
    fn an_sms_reads_back_as_it_was_sent() {
        let (_, incoming) = received(SMS);
        assert_eq!(
            (incoming.channel, incoming.kind),
            (Channel::Sms, EventKind::Message)
        );
        assert_eq!(incoming.provider_message_id, "SM1");
        assert_eq!(
            incoming.conversation_key.as_str(),
            "sms:+15550100101<->+15550100102"
        );
        let read = parse(incoming.payload.as_bytes(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((read.body.as_str(), read.attachments), ("Hi 😀", None));
    }

    #[test]
    fn media_make_it_an_mms() {
        let (_, incoming) = received(
            "MessageSid=MM1&From=%2B15550100101&To=%2B15550100102&NumMedia=2&MediaUrl0=https://a/0&MediaUrl1=https://a/1",
        );
        assert_eq!(incoming.channel, Channel::Mms);
        let read = parse(incoming.payload.as_bytes(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(
            read.attachments,
            Some(serde_json::json!(["https://a/0", "https://a/1"]))
        );
    }

    #[test]
    fn a_status_is_an_event_of_its_own() {
        let (_, sent) = received("MessageSid=SM1&MessageStatus=sent&From=%2B1555&To=%2B1556");
        let (_, delivered) = received("MessageSid=SM1&MessageStatus=delivered&From=%2B1555&To=%2B1556");
        assert_eq!(sent.kind, EventKind::Status);
        assert_ne!(sent.provider_message_id, delivered.provider_message_id);
    }

    #[test]
    fn what_cannot_be_read_is_kept_in_a_line_of_its_own() {
        for body in [
            "",
            "a=b",
            "MessageSid=SM1",
            "MessageSid=SM1&From=x%00&To=y",
            "From=%2B15550100101&To=%2B15550100102",
        ] {
            let (form, incoming) = received(body);
            assert!(message(&form, DateTime::UNIX_EPOCH).is_err(), "{body}");
            assert!(
                incoming.conversation_key.as_str().starts_with("twilio:demo:"),
                "{body}"
            );
            assert!(!incoming.sender.contains('\0'));
        }
    }

    #[test]
    fn a_nul_is_kept_as_bytes_and_shown_replaced() {
        let (_, incoming) = received("MessageSid=SM1&From=%2B15550100101&To=%2B15550100102&Body=a%00b");
        assert!(matches!(incoming.payload, Payload::Bytes(_)));
        let read = parse(incoming.payload.as_bytes(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(read.body, "a\u{fffd}b");
    }

    #[test]
    fn a_sender_may_have_a_name() {
        let (_, incoming) = received("MessageSid=SM1&From=MyBank&To=%2B15550100102&Body=x");
        assert_eq!(incoming.conversation_key.as_str(), "sms:+15550100102<->MyBank");
    }
}
