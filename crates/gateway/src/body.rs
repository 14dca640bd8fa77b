//! Reads a request's raw body: of the right type, not encoded, not too large, not too slow.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;
use mailroom_bootstrap::stop::Stop;

use mailroom_providers::{MediaType, ONE_EVENT};

use crate::error::ApiError;

/// The most bytes that the body of a call to `/api` may have.
pub(crate) const LIMIT: usize = ONE_EVENT;

/// How long a body is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience<'a> {
    /// At most so long.
    pub timeout: Duration,
    /// And not while the process stops: a slow client must not hold that up.
    pub stop: &'a Stop,
}

impl Patience<'_> {
    async fn stopping(self) {
        self.stop.drained().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Reads the whole body. Signatures are checked on exactly these bytes, so nothing is ever decompressed.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    media_types: &[MediaType],
    limit: usize,
    patience: Patience<'_>,
) -> Result<Bytes, ApiError> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(ApiError::UnsupportedMediaType("the body must not be encoded"));
    }
    check(media_types, request.headers().get(CONTENT_TYPE))?;
    let declared = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::BodyTooLarge(limit));
    }
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| ApiError::BodyBroken)?;
            if body.len() + chunk.len() > limit {
                return Err(ApiError::BodyTooLarge(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::select! {
        read = tokio::time::timeout(patience.timeout, whole) => read.map_err(|_| ApiError::BodyTooSlow)?,
        () = patience.stopping() => Err(ApiError::Stopping),
    }
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
