//! Reads Inbound Parse's forms, parsed or raw, into messages.

use chrono::{DateTime, Utc};
use encoding_rs::Encoding;
use mailroom_domain::{File, FilePlace, IncomingMessage, displayable};
use serde_json::Value;

use super::fields::Problem;
use crate::{
    email::{Mail, headers, mailbox, mime},
    multipart::Fields,
};

/// Reads a kept form.
pub(super) fn read(payload: &[u8], recorded_at: DateTime<Utc>) -> Result<IncomingMessage, Problem> {
    let fields = Fields::from_json(payload).ok_or(Problem::NotAForm)?;
    let mail = match (fields.bytes("email"), fields.place("email")) {
        (Some(raw), Some(place)) => mime::parse(&raw, &place).ok_or(Problem::NotAnEmail)?,
        _ => parsed(&fields),
    };
    message(mail, &fields, recorded_at)
}

/// The message that an e-mail of this form is. No status will name it, so it has no reference: its `Message-ID` is the
/// sender's choice, and might be that of a message of ours.
pub(super) fn message(
    mail: Mail,
    fields: &Fields,
    recorded_at: DateTime<Utc>,
) -> Result<IncomingMessage, Problem> {
    let of_header = |name| mail.header(name).map(str::to_owned);
    let from = [text(fields, "from"), of_header("from"), return_path(fields)];
    let to = recipients(fields).into_iter().map(Some);
    let to = to.chain([text(fields, "to"), of_header("to")]);
    let from = first_address(from).ok_or(Problem::NoField("from"))?;
    let to = first_address(to).ok_or(Problem::NoField("envelope"))?;
    Ok(mail.into_message(&from, &to, None, recorded_at)?)
}

/// The first of these that holds an address; if none does, the first that is there.
fn first_address(texts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    let holds_one = texts.iter().position(|text| mailbox(text).is_some());
    texts.into_iter().nth(holds_one.unwrap_or(0))
}

/// The headers of the e-mail, which in raw mode are in the e-mail itself.
pub(super) fn mail_headers(fields: &Fields) -> Vec<(String, String)> {
    let raw = fields.bytes("email").or_else(|| fields.bytes("headers"));
    raw.map(|raw| headers::parse(&raw)).unwrap_or_default()
}

/// Whom the e-mail was delivered to.
pub(super) fn recipients(fields: &Fields) -> Vec<String> {
    let envelope = json(fields, "envelope");
    let listed = envelope["to"].as_array().map(Vec::as_slice).unwrap_or_default();
    listed
        .iter()
        .filter_map(|address| Some(address.as_str()?.to_owned()))
        .collect()
}

fn return_path(fields: &Fields) -> Option<String> {
    json(fields, "envelope")["from"].as_str().map(str::to_owned)
}

fn parsed(fields: &Fields) -> Mail {
    let headers = mail_headers(fields);
    Mail {
        subject: text(fields, "subject"),
        text: text(fields, "text"),
        html: text(fields, "html"),
        date: headers::first(&headers, "date").and_then(headers::date),
        headers,
        files: files(fields),
    }
}

/// A field's text, in the charset that the form gives for it; without one that is known it is read as UTF-8.
fn text(fields: &Fields, name: &str) -> Option<String> {
    let bytes = fields.bytes(name)?;
    let charsets = json(fields, "charsets");
    let encoding = charsets[name].as_str().map(str::as_bytes);
    let encoding = encoding
        .and_then(Encoding::for_label)
        .unwrap_or(encoding_rs::UTF_8);
    Some(encoding.decode(&bytes).0.into_owned())
}

/// The files; what their parts do not tell of them, `attachment-info` may.
fn files(fields: &Fields) -> Vec<File> {
    let told = json(fields, "attachment-info");
    let mut files = fields.files();
    for file in &mut files {
        let Some(FilePlace::Payload(place)) = &file.place else {
            continue;
        };
        let name = place.split('/').nth(1).unwrap_or_default();
        let told = |what: &str| Some(displayable(told[name][what].as_str()?.to_owned()));
        file.name = file
            .name
            .take()
            .or_else(|| told("filename"))
            .or_else(|| told("name"));
        file.content_type = file.content_type.take().or_else(|| told("type"));
    }
    files
}

/// A field that holds JSON; null when it does not.
fn json(fields: &Fields, name: &str) -> Value {
    let parsed = fields
        .bytes(name)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    parsed.unwrap_or_default()
}
