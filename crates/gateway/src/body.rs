//! Reads a request's raw body: of the right type, not encoded, not too large, not too slow.

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue},
    web::{Bytes, Payload},
};
use futures_util::StreamExt;
use mailroom_providers::{MediaType, ONE_EVENT};
use tokio::time::{Instant, timeout_at};

use crate::{app::App, error::ApiError, in_flight::Held};

/// The most bytes that the body of a call to `/api` may have.
pub(crate) const LIMIT: usize = ONE_EVENT;

/// Room for what most bodies have.
const FIRST: usize = 8_192;

/// A body that arrived whole, and its share of the bytes that may be held at once: whoever goes on with what is in it
/// takes the share along.
pub(crate) struct Body {
    pub bytes: Bytes,
    pub held: Arc<Held>,
}

/// Reads the whole body. Signatures are checked on exactly these bytes, so nothing is ever decompressed.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    media_types: &[MediaType],
    limit: usize,
    app: &App,
) -> Result<Body, ApiError> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(ApiError::UnsupportedMediaType("the body must not be encoded"));
    }
    check(media_types, request.headers().get(CONTENT_TYPE))?;
    let declared = declared(request.headers());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::BodyTooLarge(limit));
    }
    let expected = declared
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(limit);
    tokio::select! {
        read = whole(payload, expected, limit, app) => read,
        () = app.patience.stopping() => Err(ApiError::Stopping),
    }
}

/// The length that a request announces, if it does.
pub(crate) fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn whole(mut payload: Payload, expected: usize, limit: usize, app: &App) -> Result<Body, ApiError> {
    let began = Instant::now();
    let mut held = app.in_flight.hold();
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let until = began + app.patience.allows(bytes.len());
        let Some(chunk) = timeout_at(until, payload.next())
            .await
            .map_err(|_| ApiError::BodyTooSlow)?
        else {
            break;
        };
        let chunk = chunk.map_err(|_| ApiError::BodyBroken)?;
        let length = bytes.len() + chunk.len();
        if length > limit {
            return Err(ApiError::BodyTooLarge(limit));
        }
        held.add(chunk.len())?;
        if length > bytes.capacity() {
            // A quarter ahead of what came, for that is not counted; but never beyond what was announced.
            let ahead = (length + length / 4).max(FIRST).min(expected.max(length));
            bytes.reserve_exact(ahead - bytes.len());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body {
        bytes: bytes.into(),
        held: Arc::new(held),
    })
}

/// What a media type is called, and what is said where it is wanted.
const fn names(media_type: MediaType) -> (&'static str, &'static str) {
    match media_type {
        MediaType::Json => ("application/json", "the body must be application/json in UTF-8"),
        MediaType::Form => (
            "application/x-www-form-urlencoded",
            "the body must be application/x-www-form-urlencoded in UTF-8",
        ),
        MediaType::Multipart => ("multipart/form-data", "the body must be multipart/form-data"),
        MediaType::Text => ("text/plain", "the body must be text/plain in UTF-8"),
    }
}

fn check(wanted: &[MediaType], content_type: Option<&HeaderValue>) -> Result<(), ApiError> {
    let text = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_wanted = wanted
        .iter()
        .any(|&one| essence.eq_ignore_ascii_case(names(one).0));
    let is_utf8 = parts
        .filter_map(|parameter| parameter.split_once('='))
        .all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        });
    match wanted {
        _ if is_wanted && is_utf8 => Ok(()),
        [one] => Err(ApiError::UnsupportedMediaType(names(*one).1)),
        _ => Err(ApiError::UnsupportedMediaType(
            "the body is not of a media type that this provider posts",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(media_type: MediaType, header: &'static str) -> bool {
        check(&[media_type], Some(&HeaderValue::from_static(header))).is_ok()
    }

    #[test]
    fn only_the_right_type_in_utf_8_is_taken() {
        for header in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(takes(MediaType::Json, header), "{header}");
        }
        for header in [
            "text/plain",
            "application/jsonp",
            "application/json; charset=utf-16",
            "",
            "application/x-www-form-urlencoded",
        ] {
            assert!(!takes(MediaType::Json, header), "{header}");
        }
        assert!(takes(
            MediaType::Form,
            "application/x-www-form-urlencoded; charset=utf-8"
        ));
        assert!(check(&[MediaType::Json], None).is_err());
    }
}
