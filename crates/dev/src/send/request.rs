//! Where a request goes, and the request with its signature.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use mailroom_providers::signing::{Outgoing, signer_named};
use reqwest::Url;

use crate::cli::Sending;
use crate::error::DevError;
use crate::traffic::PUBLIC_URL;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it is sent, without query.
    pub(super) url: String,
    /// What the caller put after the `?`.
    pub(super) query: Option<String>,
    /// What the provider takes its URL for, without query.
    pub(super) public_url: String,
}

impl Place {
    /// Where the caller wants it. Who has no key of their own signs for the URL of the demonstration.
    ///
    /// # Errors
    /// [`DevError::Failed`] when that is no URL that can be sent to, or signed.
    pub(super) fn of(wishes: &Sending, with_own_key: bool) -> Result<Self, DevError> {
        let (provider, endpoint) = (&wishes.provider, wishes.endpoint());
        let path = format!("/webhooks/{provider}/{endpoint}");
        let parsed = Url::parse(&wishes.to)
            .ok()
            .filter(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        let Some(parsed) = parsed.filter(|url| url.fragment().is_none()) else {
            return Err(DevError::Failed(
                "--to is not like http://host:port or http://host:port/path".into(),
            ));
        };
        // Sent, and signed, as written: what a parser makes of it may differ.
        let (url, query) = match wishes.to.split_once('?') {
            Some((url, query)) => (url.to_owned(), Some(query.to_owned())),
            None => (wishes.to.clone(), None),
        };
        let url = if parsed.path() == "/" && query.is_none() {
            format!("{}{path}", url.trim_end_matches('/'))
        } else {
            url
        };
        let public_url = match &wishes.public_url {
            Some(given) => given.clone(),
            None if with_own_key => url.clone(),
            None => format!("{PUBLIC_URL}{path}"),
        };
        if public_url.contains(['?', '#']) {
            return Err(DevError::Failed(
                "--public-url goes without `?` and `#`: the query is that of --to".into(),
            ));
        }
        Ok(Self {
            url,
            query,
            public_url,
        })
    }
}

/// The request with its signature, by this key or the one of the demonstration.
///
/// # Errors
/// [`DevError::Failed`] when the provider cannot sign with the key.
pub(super) fn sign(
    provider: &str,
    unsigned: Outgoing,
    key: Option<&str>,
    now: DateTime<Utc>,
    nonce: [u8; 16],
) -> Result<Outgoing, DevError> {
    let signer =
        signer_named(provider).ok_or_else(|| DevError::Failed(format!("nobody signs for `{provider}`")))?;
    let key = key.unwrap_or(signer.demo_keys().0);
    // Signers are made for tests: they panic on a key that is none.
    catch_unwind(AssertUnwindSafe(|| signer.sign(unsigned, key, now, nonce)))
        .map_err(|_| DevError::Failed(format!("`{provider}` does not sign with a key like this")))
}
