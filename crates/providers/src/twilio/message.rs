//! Twilio's inbound messages: what to write down of a form, and what it means when it is read back.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, ConversationKey, EventKind, File, FilePlace, Headers, IncomingMessage, MessageReference,
    Payload, PhoneNumber, attachments, displayable, participant,
};

use super::{NAME, fields::Problem};
use crate::{
    Incoming,
    form::Form,
    incoming::{fit, hash, shown},
};

/// Twilio's id for the message.
pub(super) fn id(form: &Form) -> Result<&str, Problem> {
    let id = ["MessageSid", "SmsSid", "SmsMessageSid"]
        .iter()
        .find_map(|name| form.get(name))
        .ok_or(Problem::Missing("MessageSid"))?;
    fit(id)
        .filter(|id| id.len() <= 64)
        .ok_or(Problem::BadId("MessageSid"))
}

/// What to write down of a form that holds a message.
pub(super) fn incoming(form: &Form) -> Result<Incoming, Problem> {
    let message = read(form, DateTime::UNIX_EPOCH)?;
    Ok(Incoming {
        channel: message.channel,
        kind: EventKind::Message,
        sender: shown(&message.from),
        recipient: shown(&message.to),
        conversation_key: ConversationKey::between(
            message.channel,
            &message.from_participant,
            &message.to_participant,
        ),
        provider_message_id: id(form)?.to_owned(),
        payload: Payload::new(form.to_json().as_bytes()),
        headers: Headers::new(),
        // At the fallback URL the same message comes with what went wrong at the first one.
        body_hash: hash(form.without(&["ErrorCode", "ErrorUrl"]).to_json().as_bytes()),
        quarantine: None,
    })
}

/// Reads a form into a message. Twilio's form holds no time, so the message's is when it was recorded; that of an
/// Event Streams event is kept as `Timestamp`.
pub(super) fn read(form: &Form, recorded_at: DateTime<Utc>) -> Result<IncomingMessage, Problem> {
    let id = id(form)?;
    let channel = channel(form);
    let (from, from_participant) = address(form, channel, "From")?;
    let (to, to_participant) = address(form, channel, "To")?;
    let files: Vec<File> = (0..media_count(form)).filter_map(|n| file(form, n)).collect();
    Ok(IncomingMessage {
        channel,
        from,
        to,
        from_participant,
        to_participant,
        body: displayable(form.get("Body").unwrap_or_default().to_owned()),
        attachments: attachments(&files),
        files,
        email: None,
        reference: Some(MessageReference::new(NAME, id)),
        timestamp: timestamp(form).unwrap_or(recorded_at),
    })
}

pub(super) fn timestamp(form: &Form) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(form.get("Timestamp")?)
        .ok()
        .map(|time| time.to_utc())
}

fn file(form: &Form, n: usize) -> Option<File> {
    let url = form.get(&format!("MediaUrl{n}"))?;
    let content_type = form.get(&format!("MediaContentType{n}"));
    Some(File {
        content_type: content_type.map(|text| displayable(text.to_owned())),
        place: Some(FilePlace::Url(displayable(url.to_owned()))),
        ..File::default()
    })
}

/// A message with media is an MMS, unless it came by WhatsApp.
fn channel(form: &Form) -> Channel {
    if form.get("From").is_some_and(|from| from.starts_with("whatsapp:")) {
        Channel::Whatsapp
    } else if media_count(form) > 0 {
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
fn address(form: &Form, channel: Channel, name: &'static str) -> Result<(String, String), Problem> {
    let sent = form.get(name).ok_or(Problem::Missing(name))?;
    let normalised = match channel {
        Channel::Whatsapp => participant(channel, sent).map_err(|_| Problem::BadAddress(name))?,
        _ => match PhoneNumber::parse(sent) {
            Ok(number) => number.as_str().to_owned(),
            Err(_) if sent.len() <= 11 && sent.chars().all(|c| c.is_ascii_graphic() || c == ' ') => {
                sent.trim().to_owned()
            }
            Err(_) => return Err(Problem::BadAddress(name)),
        },
    };
    if normalised.is_empty() {
        Err(Problem::BadAddress(name))
    } else {
        Ok((sent.to_owned(), normalised))
    }
}
