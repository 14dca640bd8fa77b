//! What an operator says about redaction.

use serde::{Deserialize, Deserializer, Serialize};

/// What is taken out of an endpoint's events, beside the usual.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedactionSettings {
    /// JSON pointers (RFC 6901) to values; `*` stands for any key or index.
    #[serde(deserialize_with = "list")]
    pub pointers: Vec<String>,
    /// Names of JSON keys and form fields; case, `-`, `_` and spaces do not matter.
    #[serde(deserialize_with = "list")]
    pub names: Vec<String>,
    /// Names of headers.
    #[serde(deserialize_with = "list")]
    pub headers: Vec<String>,
    /// Usual names that are not to be taken out.
    #[serde(deserialize_with = "list")]
    pub keep: Vec<String>,
    /// Whether payment card numbers and IBANs are taken out wherever they stand.
    pub cards: bool,
}

impl Default for RedactionSettings {
    fn default() -> Self {
        Self {
            pointers: Vec::new(),
            names: Vec::new(),
            headers: Vec::new(),
            keep: Vec::new(),
            cards: true,
        }
    }
}

/// Settings that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRedaction {
    /// A pointer that does not begin with a slash.
    #[error("JSON pointers that begin with `/`")]
    Pointer,
}

/// A list, or text with commas between.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum ListOrText {
        List(Vec<String>),
        Text(String),
    }
    Ok(match ListOrText::deserialize(deserializer)? {
        ListOrText::List(items) => items,
        ListOrText::Text(text) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(str::to_owned).collect()
        }
    })
}
