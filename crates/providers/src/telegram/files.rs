//! Files of a message; Telegram gives them out by `file_id`.

use mailroom_domain::{File, FilePlace, displayable};
use serde_json::Value;

use super::fields::Object;

const KINDS: &[&str] = &[
    "animation",
    "audio",
    "document",
    "sticker",
    "video",
    "video_note",
    "voice",
];

/// The files of a message; of a photo's sizes the largest.
pub(super) fn of(message: &Object) -> Vec<File> {
    let largest = message
        .get("photo")
        .and_then(Value::as_array)
        .and_then(|sizes| sizes.iter().max_by_key(|size| area(size)));
    // An animation comes as a document, too, for bots that know no animations.
    let twice = |name: &str| name == "document" && message.contains_key("animation");
    let others = KINDS
        .iter()
        .filter(|name| !twice(name))
        .filter_map(|name| message.get(*name));
    largest.into_iter().chain(others).filter_map(file).collect()
}

fn area(size: &Value) -> u64 {
    let length = |name: &str| size[name].as_u64().unwrap_or(0);
    length("width").saturating_mul(length("height"))
}

fn file(file: &Value) -> Option<File> {
    let text = |name: &str| file[name].as_str().map(|text| displayable(text.to_owned()));
    Some(File {
        name: text("file_name"),
        content_type: text("mime_type"),
        size: file["file_size"].as_u64(),
        place: Some(FilePlace::Provider(text("file_id")?)),
        sha256: None,
    })
}
