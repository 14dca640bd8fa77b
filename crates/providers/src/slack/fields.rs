//! Looking into Slack's objects, and why what is there may be of no use.

use mailroom_domain::ErrorCode;
use serde_json::{Map, Value};

use crate::incoming::fit;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// Why a verified request is nothing that can be read. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// No JSON at all.
    #[error("not JSON")]
    NotJson,
    /// Some other JSON.
    #[error("not a JSON object")]
    NotAnObject,
    /// A form that is too long.
    #[error("more than 1,000 fields")]
    TooManyFields,
    /// A field that has to be there is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An id that is none.
    #[error("`{0}` is not an id")]
    BadId(&'static str),
    /// A time that is none.
    #[error("`{0}` is not a time")]
    BadTime(&'static str),
    /// A challenge that is not to be repeated.
    #[error("`challenge` is not 1 to 512 visible ASCII characters")]
    BadChallenge,
    /// A word for something that is not known.
    #[error("`{0}` is not one that this release knows")]
    Unknown(&'static str),
}

impl Problem {
    pub(super) const fn code(self) -> ErrorCode {
        match self {
            Self::Unknown(_) => ErrorCode::Unsupported,
            _ => ErrorCode::Unreadable,
        }
    }
}

pub(super) fn object(value: &Value) -> Result<&Object, Problem> {
    value.as_object().ok_or(Problem::NotAnObject)
}

/// An object in an object.
pub(super) fn part<'a>(fields: &'a Object, name: &str) -> Option<&'a Object> {
    fields.get(name)?.as_object()
}

/// A text, unless it is empty.
pub(super) fn text<'a>(fields: &'a Object, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// An id, by the name it has in `fields`.
pub(super) fn id<'a>(fields: &'a Object, name: &'static str) -> Result<&'a str, Problem> {
    let text = text(fields, name).ok_or(Problem::Missing(name))?;
    fit(text).ok_or(Problem::BadId(name))
}
