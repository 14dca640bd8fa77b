//! Inbound Parse's forms: from what was sent, or from what is kept, to what to write down.

use chrono::DateTime;
use mailroom_domain::{Channel, ConversationKey, EventKind, Headers, Payload};
use serde_json::Value;

use super::{
    NAME,
    fields::{FORM, Problem},
    mail::{mail_headers, message, recipients},
    quarantined,
};
use crate::{
    Drift, Incoming,
    email::Mail,
    incoming::{fit, hash, hex, shown},
    multipart::{Fields, MOST_PARTS, decode},
};

/// What is told of an e-mail's way here. When a mail server sends an e-mail once more, it is another way.
const OF_THE_WAY: &[&str] = &["headers", "dkim", "SPF", "sender_ip", "spam_score", "spam_report"];

/// The event of a form as posted.
pub(super) fn posted(content_type: &str, body: &[u8], endpoint: &str, drift: &mut Drift) -> Incoming {
    let fields = if is_urlencoded(content_type) {
        Some(Fields::urlencoded(body)).filter(|fields| fields.len() <= MOST_PARTS)
    } else {
        decode(content_type, body).map(Fields::of)
    };
    if let Some(fields) = fields {
        incoming(&fields, endpoint, drift)
    } else {
        let headers = [("content-type".to_owned(), content_type.to_owned())];
        quarantined(endpoint, headers.into(), body, Problem::NotAForm)
    }
}

/// Whether a body of this type is a form.
pub(super) fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    is_urlencoded(content_type) || essence.eq_ignore_ascii_case("multipart/form-data")
}

fn is_urlencoded(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The event of a form as kept.
pub(super) fn kept(form: Value, received: &[u8], endpoint: &str, drift: &mut Drift) -> Incoming {
    match Fields::from_value(form) {
        Some(fields) => incoming(&fields, endpoint, drift),
        None => quarantined(endpoint, Headers::new(), received, Problem::NotAnArray),
    }
}

fn incoming(fields: &Fields, endpoint: &str, drift: &mut Drift) -> Incoming {
    let unknown = fields
        .names()
        .filter(|name| !FORM.contains(name) && !is_attachment(name));
    drift.fields.extend(unknown.map(str::to_owned));
    let kept = fields.to_json();
    event(fields, &kept, endpoint)
        .unwrap_or_else(|problem| quarantined(endpoint, Headers::new(), kept.as_bytes(), problem))
}

fn event(fields: &Fields, kept: &str, endpoint: &str) -> Result<Incoming, Problem> {
    let headers = mail_headers(fields);
    if headers.is_empty() && fields.bytes("email").is_some() {
        return Err(Problem::NotAnEmail);
    }
    let mail = Mail {
        headers,
        ..Mail::default()
    };
    let provider_message_id = mail
        .message_id()
        .and_then(|id| Some(fit(&format!("{id}/{}", recipients(fields).join(",")))?.to_owned()))
        .unwrap_or_else(|| format!("sha256:{}", hex(hash(kept.as_bytes()))));
    let parties = message(mail, fields, DateTime::UNIX_EPOCH)?;
    Ok(Incoming {
        channel: Channel::Email,
        kind: EventKind::Message,
        sender: shown(&parties.from),
        recipient: shown(&parties.to),
        conversation_key: ConversationKey::between(
            Channel::Email,
            &parties.from_participant,
            &parties.to_participant,
        ),
        provider_message_id: format!("{NAME}:{endpoint}/{provider_message_id}"),
        payload: Payload::new(kept.as_bytes()),
        headers: Headers::new(),
        body_hash: hash(fields.without(OF_THE_WAY).to_json().as_bytes()),
        quarantine: None,
    })
}

fn is_attachment(name: &str) -> bool {
    name.strip_prefix("attachment")
        .is_some_and(|number| number.parse::<u16>().is_ok())
}
