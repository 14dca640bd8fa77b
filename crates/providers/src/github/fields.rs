//! Looking into GitHub's objects, and why what is there may be of no use.

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why a verified request is nothing that can be read. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// A header without which nobody knows what it is.
    #[error("the header `{0}` is missing or no name")]
    Header(&'static str),
    /// A form that is too long.
    #[error("more than 1,000 fields")]
    TooManyFields,
    /// A field that has to be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Some other bytes.
    #[error("not a JSON object")]
    NotAnObject,
    /// A name that is none.
    #[error("`{0}` is not a name")]
    BadName(&'static str),
}

/// An object in an object.
pub(super) fn part<'a>(fields: &'a Object, name: &str) -> Option<&'a Object> {
    fields.get(name)?.as_object()
}

/// A text, unless it is empty.
pub(super) fn text<'a>(fields: &'a Object, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str().filter(|text| !text.is_empty())
}
