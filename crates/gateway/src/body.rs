//! Reads a request's raw body: of the right type, not encoded, not too large, not too slow.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;
use mailroom_bootstrap::stop::Stop;

use crate::error::ApiError;

/// The most bytes a body may have.
pub(crate) const LIMIT: usize = 262_144;

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

/// What a route reads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MediaType {
    Json,
    Form,
}

/// Reads the whole body. Signatures are checked on exactly these bytes, so nothing is ever decompressed.
pub(crate) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    media_type: MediaType,
    patience: Patience<'_>,
) -> Result<Bytes, ApiError> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(ApiError::UnsupportedMediaType("the body must not be encoded"));
    }
    media_type.check(request.headers().get(CONTENT_TYPE))?;
    let declared = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > LIMIT as u64) {
        return Err(ApiError::BodyTooLarge);
    }
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| ApiError::BodyBroken)?;
            if body.len() + chunk.len() > LIMIT {
                return Err(ApiError::BodyTooLarge);
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

impl MediaType {
    fn check(self, content_type: Option<&HeaderValue>) -> Result<(), ApiError> {
        let (wanted, refusal) = match self {
            Self::Json => ("application/json", "the body must be application/json in UTF-8"),
            Self::Form => (
                "application/x-www-form-urlencoded",
                "the body must be application/x-www-form-urlencoded in UTF-8",
            ),
        };
        let text = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut parts = text.split(';').map(str::trim);
        let is_wanted = parts
            .next()
            .is_some_and(|essence| essence.eq_ignore_ascii_case(wanted));
        let is_utf8 = parts
            .filter_map(|parameter| parameter.split_once('='))
            .all(|(name, value)| {
                !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            });
        if is_wanted && is_utf8 {
            Ok(())
        } else {
            Err(ApiError::UnsupportedMediaType(refusal))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(media_type: MediaType, header: &'static str) -> bool {
        media_type.check(Some(&HeaderValue::from_static(header))).is_ok()
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
        assert!(MediaType::Json.check(None).is_err());
    }
}
