//! A form's fields as they are kept: a JSON object of texts, of bytes that are no text, and of files.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use mailroom_domain::{File, FilePlace, displayable};
use serde_json::{Map, Value, json};

use super::{Part, urlencoded};
use crate::incoming::hash;

/// The fields of a form, whichever way it was encoded.
///
/// A text is kept as a string, other bytes as `{"base64"}`, a file as `{"file_name", "content_type", "base64"}`, and
/// what comes more than once under a name as a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fields(Vec<(String, Value)>);

impl Fields {
    /// The fields of a multipart form.
    pub(crate) fn of(parts: Vec<Part>) -> Self {
        let field = |part: Part| {
            let content = match part.file_name {
                Some(file_name) => json!({
                    "file_name": file_name,
                    "content_type": part.content_type,
                    "base64": BASE64_STANDARD.encode(part.content),
                }),
                None => text_or_bytes(part.content),
            };
            (part.name, content)
        };
        Self(parts.into_iter().map(field).collect())
    }

    /// The fields of an urlencoded form; never fails.
    pub(crate) fn urlencoded(body: &[u8]) -> Self {
        let fields = urlencoded::decode(body);
        let named = fields.map(|(name, value)| {
            let name = String::from_utf8_lossy(&name).into_owned();
            (name, text_or_bytes(value))
        });
        Self(named.collect())
    }

    /// Reads the kept shape back. The order between different fields is not kept.
    pub(crate) fn from_json(kept: &[u8]) -> Option<Self> {
        Self::from_value(serde_json::from_slice(kept).ok()?)
    }

    /// The same, of JSON that was parsed already.
    pub(crate) fn from_value(kept: Value) -> Option<Self> {
        let Value::Object(kept) = kept else { return None };
        let mut fields = Vec::with_capacity(kept.len());
        for (name, content) in kept {
            match content {
                Value::Array(contents) => {
                    fields.extend(contents.into_iter().map(|content| (name.clone(), content)));
                }
                content => fields.push((name, content)),
            }
        }
        let fits = |content: &Value| content.is_string() || content["base64"].is_string();
        fields
            .iter()
            .all(|(_, content)| fits(content))
            .then_some(Self(fields))
    }

    /// The shape in which it is kept: names sorted, the same for the same fields in any order.
    pub(crate) fn to_json(&self) -> String {
        let mut object = Map::new();
        for (name, content) in &self.0 {
            match object.get_mut(name) {
                None => {
                    object.insert(name.clone(), content.clone());
                }
                Some(Value::Array(contents)) => contents.push(content.clone()),
                Some(first) => *first = Value::Array(vec![first.take(), content.clone()]),
            }
        }
        Value::Object(object).to_string()
    }

    /// The form without the fields of these names.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.cloned().collect())
    }

    /// How many fields it has.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Every name, as often as it comes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The first text under a name that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let texts = self.named(name).filter_map(|(_, content)| content.as_str());
        texts.into_iter().find(|text| !text.is_empty())
    }

    /// The first content under a name that is not empty, be it text, bytes or a file.
    pub(crate) fn bytes(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.first(name).map(|(_, bytes)| bytes)
    }

    /// The same as text; what is not UTF-8 becomes U+FFFD.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.bytes(name)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where in the kept shape that content stands, as a JSON pointer.
    pub(crate) fn place(&self, name: &str) -> Option<String> {
        self.first(name).map(|(place, _)| place)
    }

    /// The files, in the order of their names and numbers, with pointers into the kept shape.
    pub(crate) fn files(&self) -> Vec<File> {
        let is_file = |content: &Value| content.get("file_name").is_some();
        let mut names: Vec<&str> = self
            .0
            .iter()
            .filter(|(_, content)| is_file(content))
            .map(|(name, _)| name.as_str())
            .collect();
        // `attachment-10` comes after `attachment-9`.
        names.sort_by_key(|name| (name.len(), *name));
        names.dedup();
        let contents = names.into_iter().flat_map(|name| self.named(name));
        contents
            .filter(|(_, content)| is_file(content))
            .map(|(place, content)| file(place, content))
            .collect()
    }

    /// The contents under a name, with their places.
    fn named(&self, name: &str) -> impl Iterator<Item = (String, &Value)> {
        let contents: Vec<&Value> = self
            .0
            .iter()
            .filter(|(given, _)| given == name)
            .map(|(_, content)| content)
            .collect();
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        let only = contents.len() == 1;
        contents.into_iter().enumerate().map(move |(index, content)| {
            let item = if only { String::new() } else { format!("/{index}") };
            let inner = if content.is_object() { "/base64" } else { "" };
            (format!("{pointer}{item}{inner}"), content)
        })
    }

    fn first(&self, name: &str) -> Option<(String, Cow<'_, [u8]>)> {
        let contents = self
            .named(name)
            .map(|(place, content)| (place, content_bytes(content)));
        contents.into_iter().find(|(_, bytes)| !bytes.is_empty())
    }
}

fn text_or_bytes(content: Vec<u8>) -> Value {
    match String::from_utf8(content) {
        Ok(text) => Value::String(text),
        Err(other) => json!({ "base64": BASE64_STANDARD.encode(other.as_bytes()) }),
    }
}

/// What redaction has broken is as good as empty.
fn content_bytes(content: &Value) -> Cow<'_, [u8]> {
    match content.as_str() {
        Some(text) => Cow::Borrowed(text.as_bytes()),
        None => Cow::Owned(decoded(content).unwrap_or_default()),
    }
}

fn decoded(content: &Value) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(content["base64"].as_str()?).ok()
}

fn file(place: String, content: &Value) -> File {
    let text = |name| {
        let text: &str = content.get(name)?.as_str()?;
        (!text.is_empty()).then(|| displayable(text.to_owned()))
    };
    let bytes = decoded(content);
    File {
        name: text("file_name"),
        content_type: text("content_type"),
        size: bytes.as_ref().and_then(|bytes| u64::try_from(bytes.len()).ok()),
        place: Some(FilePlace::Payload(displayable(place))),
        sha256: bytes.as_deref().map(hash),
    }
}
