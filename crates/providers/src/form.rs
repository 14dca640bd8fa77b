//! A form post's fields, as received and as kept.

use serde_json::{Map, Value};

use crate::Request;

/// The media type of a form post.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The decoded fields of a form post, in the order received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

/// Whether a request says that its body is a form.
pub(crate) fn is_form(request: &Request<'_>) -> bool {
    let content_type = request.headers.get("content-type");
    content_type.is_some_and(|content_type| content_type.to_ascii_lowercase().starts_with(FORM))
}

impl Form {
    /// Decodes `application/x-www-form-urlencoded` bytes (WHATWG URL standard: never fails, what is not UTF-8
    /// becomes U+FFFD).
    pub(crate) fn decode(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A form of these fields.
    pub(crate) fn of<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
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

    /// Every name and value.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields()
            .find(|&(field, value)| field == name && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// The form as a JSON object, the shape in which it is kept; a repeated field becomes a list.
    pub(crate) fn to_json(&self) -> String {
        let mut object = Map::new();
        for (name, value) in self.fields() {
            let value = Value::from(value);
            match object.get_mut(name) {
                None => {
                    object.insert(name.to_owned(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        Value::Object(object).to_string()
    }

    /// Reads the kept shape back. The order between different fields is not kept.
    pub(crate) fn from_json(kept: &[u8]) -> Option<Self> {
        let object: Map<String, Value> = serde_json::from_slice(kept).ok()?;
        let mut fields = Vec::with_capacity(object.len());
        for (name, value) in object {
            match value {
                Value::String(value) => fields.push((name, value)),
                Value::Array(values) => {
                    for value in values {
                        fields.push((name.clone(), value.as_str()?.to_owned()));
                    }
                }
                _ => return None,
            }
        }
        Some(Self(fields))
    }
}
