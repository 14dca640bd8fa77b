//! A recorded request as it goes out: as it stands, or signed anew by its provider.

use base64::{Engine, prelude::BASE64_STANDARD};
use mailroom_providers::signing::{Outgoing, signer_named};

use super::recording::Request;
use super::{PUBLIC_URL, TrafficError};
use crate::{clock, randomness};

/// What to send for a request.
///
/// # Errors
/// [`TrafficError::Unreadable`] when it names a provider that nobody can sign for, or its body is no base64.
pub(super) fn outgoing(request: &Request) -> Result<Outgoing, TrafficError> {
    let unreadable = |why: &str| TrafficError::Unreadable {
        name: request.name.clone(),
        why: why.to_owned(),
    };
    let body = if request.base64 {
        BASE64_STANDARD
            .decode(&request.body)
            .map_err(|_| unreadable("its body is no base64"))?
    } else {
        request.body.clone().into_bytes()
    };
    let outgoing = Outgoing {
        url: format!("{PUBLIC_URL}{}", request.path),
        query: request.query.clone(),
        headers: request.headers.clone().into_iter().collect(),
        body,
    };
    let Some(provider) = &request.provider else {
        return Ok(outgoing);
    };
    let signer = signer_named(provider).ok_or_else(|| unreadable("nobody signs for its provider"))?;
    let nonce = randomness::random_bytes().map_err(|why| unreadable(&why.to_string()))?;
    Ok(signer.sign(outgoing, signer.demo_keys().0, clock::now(), nonce))
}
