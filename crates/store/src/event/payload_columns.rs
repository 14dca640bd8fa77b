//! How a payload and the headers beside it lie in their columns.

use mailroom_domain::{Headers, Payload};
use sqlx::types::Json;

/// The JSON text of a payload that `jsonb` holds.
pub(super) fn json(payload: &Payload) -> Option<&str> {
    match payload {
        Payload::Json(text) => Some(text),
        Payload::Bytes(_) => None,
    }
}

/// The bytes of a payload that it does not.
pub(super) fn bytes(payload: &Payload) -> Option<&[u8]> {
    match payload {
        Payload::Json(_) => None,
        Payload::Bytes(bytes) => Some(bytes),
    }
}

/// A payload from its two columns; `None` when neither is set.
pub(crate) fn payload(json: Option<String>, bytes: Option<Vec<u8>>) -> Option<Payload> {
    json.map(Payload::Json).or_else(|| bytes.map(Payload::Bytes))
}

/// Headers; null when there are none.
pub(super) fn headers(headers: &Headers) -> Option<Json<&Headers>> {
    (!headers.is_empty()).then_some(Json(headers))
}
