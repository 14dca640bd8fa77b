//! Files: what was attached to a message, in the one form for all providers.

use serde_json::{Map, Value};

/// Something attached to a message. Its content stays where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Its name, as the sender gave it.
    pub name: Option<String>,
    /// Its media type, as the sender gave it.
    pub content_type: Option<String>,
    /// Its size in bytes, where known.
    pub size: Option<u64>,
    /// Where its content is.
    pub place: Option<Place>,
    /// SHA-256 of its content, where known.
    pub sha256: Option<[u8; 32]>,
}

/// Where a file's content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At a URL, with the provider or with whoever sent it. Never fetched by mailroom itself.
    Url(String),
    /// With the provider, under an id of its own.
    Provider(String),
    /// In the event's payload, at this JSON pointer (RFC 6901); for a part of a raw e-mail followed by `#` and the
    /// part's number.
    Payload(String),
}

impl File {
    /// A file as a message lists it among its attachments: its URL, or what else is known of it.
    pub fn to_attachment(&self) -> Value {
        if let Some(Place::Url(url)) = &self.place {
            return Value::from(url.as_str());
        }
        let texts = [("name", &self.name), ("content_type", &self.content_type)];
        let mut object: Map<String, Value> = texts
            .into_iter()
            .filter_map(|(key, text)| Some((key.to_owned(), Value::from(text.as_deref()?))))
            .collect();
        if let Some(size) = self.size {
            object.insert("size".to_owned(), Value::from(size));
        }
        Value::Object(object)
    }
}

/// Files as a message's list of attachments; `None` when there are none.
pub fn attachments(files: &[File]) -> Option<Value> {
    (!files.is_empty()).then(|| files.iter().map(File::to_attachment).collect())
}
