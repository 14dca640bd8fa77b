//! What a request's head alone is refused for, before anything of its body is read.

use actix_web::{
    dev::RequestHead,
    http::{Method, header::UPGRADE},
};

use crate::{app::App, body, error::ApiError, routes};

/// The longest target. No provider comes near it, and logs of proxies cut off what is longer.
const LONGEST_TARGET: usize = 8_192;

/// Refuses what is wrong whatever is asked for.
pub(crate) fn check(head: &RequestHead) -> Result<(), ApiError> {
    let target = head
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > LONGEST_TARGET {
        return Err(ApiError::TargetTooLong(LONGEST_TARGET));
    }
    // actix takes what follows such a head for the other protocol, whatever length it announces.
    let is_websocket = head.headers.get_all(UPGRADE).any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.trim().eq_ignore_ascii_case("websocket"))
    });
    if is_websocket || head.method == Method::CONNECT {
        return Err(ApiError::BadUpgrade);
    }
    Ok(())
}

/// Refuses, instead of asking for it, a body that its head announces to be too large.
pub(crate) fn check_announced(app: &App, head: &RequestHead) -> Result<(), ApiError> {
    check(head)?;
    let (limit, refusals) = routes::limits_at(app, head.uri.path());
    match body::declared(&head.headers) {
        Some(length) if length > limit as u64 => Err(refusals.apply(ApiError::BodyTooLarge(limit))),
        _ => Ok(()),
    }
}
