//! What a message says, by its type: its text and its files.

use base64::{Engine, prelude::BASE64_STANDARD};
use mailroom_domain::{File, FilePlace, displayable};
use serde_json::Value;

use super::{envelope::Item, fields::Problem};
use crate::signature;

/// What a message says.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) body: String,
    pub(super) files: Vec<File>,
}

/// Types that say nothing: a reaction to a message, taking one back, opening a chat without a word.
pub(super) const WITHOUT_WORDS: &[&str] = &["reaction", "revoke", "request_welcome"];

const MEDIA: &[&str] = &["image", "video", "audio", "voice", "document", "sticker"];
const OTHERS: &[&str] = &[
    "text",
    "location",
    "contacts",
    "button",
    "interactive",
    "order",
    "system",
    "edit",
    // What the Cloud API cannot pass on (polls, view-once photos): that something was sent is all there is.
    "unsupported",
    "unknown",
];

pub(super) fn is_known(kind: &str) -> bool {
    [WITHOUT_WORDS, MEDIA, OTHERS]
        .iter()
        .any(|kinds| kinds.contains(&kind))
}

/// Reads what a message says.
pub(super) fn read(item: &Item<'_>) -> Result<Content, Problem> {
    let kind = item.text("type").ok_or(Problem::Missing("type"))?;
    let holder = item.object.get(kind).unwrap_or(&Value::Null);
    match kind {
        // An edit is a message of its own that carries the whole new one.
        "edit" => {
            let new = &holder["message"];
            let kind = new["type"].as_str().ok_or(Problem::Missing("edit"))?;
            typed(kind, &new[kind])
        }
        _ => typed(kind, holder),
    }
}

fn typed(kind: &str, holder: &Value) -> Result<Content, Problem> {
    if MEDIA.contains(&kind) {
        return Ok(Content {
            body: text(&holder["caption"]),
            files: vec![file(holder)],
        });
    }
    let body = match kind {
        "text" => text(holder.get("body").ok_or(Problem::Missing("text"))?),
        "button" | "order" => text(&holder["text"]),
        "system" => text(&holder["body"]),
        "interactive" => reply(holder),
        "location" => place(holder),
        "contacts" => cards(holder),
        "unsupported" | "unknown" => String::new(),
        _ => return Err(Problem::UnknownType),
    };
    Ok(Content {
        body,
        files: Vec::new(),
    })
}

fn text(value: &Value) -> String {
    displayable(value.as_str().unwrap_or_default().to_owned())
}

/// What was chosen from a list or buttons, or what a form says of itself.
fn reply(interactive: &Value) -> String {
    let titles = [
        ("button_reply", "title"),
        ("list_reply", "title"),
        ("nfm_reply", "body"),
    ];
    let said = titles
        .iter()
        .find_map(|&(name, title)| interactive[name][title].as_str());
    displayable(said.unwrap_or_default().to_owned())
}

/// A place's name and address, and where it is (RFC 5870).
fn place(location: &Value) -> String {
    let coordinate = |name: &str| match &location[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let at = coordinate("latitude").zip(coordinate("longitude"));
    let named = ["name", "address"].map(|name| text(&location[name]));
    let lines = named
        .into_iter()
        .chain(at.map(|(latitude, longitude)| format!("geo:{latitude},{longitude}")));
    displayable(joined(lines, "\n"))
}

/// Whose cards were sent, with their numbers.
fn cards(contacts: &Value) -> String {
    let card = |contact: &Value| {
        let phones = contact["phones"].as_array().map_or(&[][..], Vec::as_slice);
        let phones = phones.iter().map(|phone| text(&phone["phone"]));
        joined(
            [text(&contact["name"]["formatted_name"])]
                .into_iter()
                .chain(phones),
            " ",
        )
    };
    let contacts = contacts.as_array().map_or(&[][..], Vec::as_slice);
    joined(contacts.iter().map(card), "\n")
}

fn joined(parts: impl Iterator<Item = String>, by: &str) -> String {
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(by)
}

fn file(media: &Value) -> File {
    let known = |name: &str| {
        let text = text(&media[name]);
        (!text.is_empty()).then_some(text)
    };
    File {
        name: known("filename"),
        content_type: known("mime_type"),
        size: None,
        place: known("id").map(FilePlace::Provider),
        sha256: media["sha256"].as_str().and_then(digest),
    }
}

/// Meta's webhooks have it in base64, its answers about media in hex.
fn digest(text: &str) -> Option<[u8; 32]> {
    let bytes = match text.len() {
        64 => signature::hex(text).ok()?,
        _ => BASE64_STANDARD.decode(text).ok()?,
    };
    bytes.try_into().ok()
}
