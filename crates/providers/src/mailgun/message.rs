//! Mailgun's inbound mails: what to write down of a form, and what it means when it is read back.

use chrono::{DateTime, Utc};
use mailroom_domain::{
    ConversationKey, EventKind, File, FilePlace, Headers, IncomingMessage, Payload, displayable,
};
use serde_json::Value;

use super::{NAME, SIGNED, fields, fields::Problem};
use crate::{
    Drift, Incoming,
    email::{Mail, headers, mailbox, mime},
    incoming::{fit, hash, hex, shown},
    multipart::Fields,
};

/// Headers that come as fields of their own, from which a mail is put together when the list of all is missing.
const NEEDED_HEADERS: &[&str] = &[
    "Message-Id",
    "In-Reply-To",
    "References",
    "Date",
    "From",
    "Subject",
];

/// What to write down of a form that holds a mail.
pub(super) fn incoming(form: &Fields, endpoint: &str, drift: &mut Drift) -> Result<Incoming, Problem> {
    // Events came as forms until 2018, and still may from an old domain.
    if let (Some(word), None) = (form.get("event"), form.get("sender")) {
        drift.types.push(word.to_owned());
        return Err(Problem::UnknownEvent);
    }
    let mail = mail(form)?;
    fields::note(form, &mail.headers, drift);
    let message_id = mail.message_id();
    let message = message(mail, form, DateTime::UNIX_EPOCH)?;
    let kept = form.without(SIGNED).to_json();
    let body_hash = hash(kept.as_bytes());
    let named = message_id
        .filter(|id| fit(id).is_some())
        .map(|id| format!("{id}/{}", message.to));
    let id = named
        .filter(|id| fit(id).is_some())
        .unwrap_or_else(|| format!("sha256:{}", hex(body_hash)));
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
        // Message-Ids are their senders' choice, and one mail may come to several of our addresses.
        provider_message_id: format!("{NAME}:{endpoint}/{id}"),
        payload: Payload::new(kept.as_bytes()),
        headers: Headers::new(),
        body_hash,
        quarantine: None,
    })
}

/// Reads a form into a message.
pub(super) fn read(form: &Fields, recorded_at: DateTime<Utc>) -> Result<IncomingMessage, Problem> {
    message(mail(form)?, form, recorded_at)
}

fn message(mail: Mail, form: &Fields, recorded_at: DateTime<Utc>) -> Result<IncomingMessage, Problem> {
    let to = form.text("recipient").ok_or(Problem::Missing("recipient"))?;
    // A bounce has no envelope sender, a newsletter's is another for each recipient: who wrote it is in `From`.
    let written_by = [form.text("from"), mail.header("from").map(str::to_owned)];
    let from = written_by
        .into_iter()
        .flatten()
        .find(|from| mailbox(from).is_some())
        .or_else(|| form.text("sender"))
        .ok_or(Problem::Missing("from"))?;
    // Statuses are of what we sent. A sender who chose the id of one of those would have its statuses.
    Ok(mail.into_message(&from, &to, None, recorded_at)?)
}

fn mail(form: &Fields) -> Result<Mail, Problem> {
    if let (Some(raw), Some(place)) = (form.bytes("body-mime"), form.place("body-mime")) {
        return mime::parse(&raw, &place).ok_or(Problem::BadMime);
    }
    let headers = listed_headers(form).unwrap_or_else(|| single_headers(form));
    let mut files = form.files();
    files.extend(stored_files(form));
    Ok(Mail {
        subject: form.text("subject"),
        text: form.text("body-plain"),
        html: form.text("body-html"),
        date: headers::first(&headers, "date").and_then(headers::date),
        headers,
        files,
    })
}

/// `message-headers`: a list of pairs, in order, with the repeated ones.
fn listed_headers(form: &Fields) -> Option<Vec<(String, String)>> {
    let list: Vec<(String, String)> = serde_json::from_str(&form.text("message-headers")?).ok()?;
    (!list.is_empty()).then_some(list)
}

fn single_headers(form: &Fields) -> Vec<(String, String)> {
    let headers = NEEDED_HEADERS.iter();
    headers
        .filter_map(|&name| Some((name.to_owned(), form.text(name)?)))
        .collect()
}

/// `attachments` of a stored mail: where Mailgun has them, for three days.
fn stored_files(form: &Fields) -> Vec<File> {
    let list = form.text("attachments");
    let list: Vec<Value> = list
        .and_then(|list| serde_json::from_str(&list).ok())
        .unwrap_or_default();
    let stored = list.into_iter().map(|file| {
        let text = |name: &str| file[name].as_str().map(|text| displayable(text.to_owned()));
        File {
            name: text("name"),
            content_type: text("content-type"),
            size: file["size"].as_u64(),
            place: text("url").map(FilePlace::Url),
            sha256: None,
        }
    });
    stored.collect()
}
