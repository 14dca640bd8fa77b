//! What is attached to one of Postmark's e-mails: in the payload itself, as base64.

use base64::{Engine, prelude::BASE64_STANDARD};
use mailroom_domain::{File, FilePlace, displayable};
use serde_json::{Map, Value};

use super::fields::text;
use crate::incoming::hash;

/// The objects in a list, each with its place there.
pub(super) fn objects<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = (usize, &'a Map<String, Value>)> {
    let list = fields.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .filter_map(|(place, item)| Some((place, item.as_object()?)))
}

/// An attachment as a file. Its size and checksum are those of its content, not of the base64 around it.
pub(super) fn file((place, attachment): (usize, &Map<String, Value>)) -> File {
    let owned = |name| text(attachment, name).map(|text| displayable(text.to_owned()));
    let base64 = attachment.get("Content").and_then(Value::as_str);
    let content = base64.and_then(|base64| BASE64_STANDARD.decode(base64).ok());
    let told = attachment.get("ContentLength").and_then(Value::as_u64);
    File {
        name: owned("Name"),
        content_type: owned("ContentType"),
        size: content
            .as_ref()
            .and_then(|content| u64::try_from(content.len()).ok())
            .or(told),
        place: base64.map(|_| FilePlace::Payload(format!("/Attachments/{place}/Content"))),
        sha256: content.as_deref().map(hash),
    }
}
