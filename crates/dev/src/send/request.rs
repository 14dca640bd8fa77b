//! Where a request goes, and the request with its signature.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use mailroom_providers::signing::{Outgoing, signer_named};

use crate::cli::Sending;
use crate::error::DevError;

/// The gateway on its usual port.
const GATEWAY: &str = "http://127.0.0.1:8080";

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
    /// Where the caller wants it.
    ///
    /// # Errors
    /// [`DevError::Failed`] when that is no URL that can be sent to, or signed.
    pub(super) fn of(wishes: &Sending) -> Result<Self, DevError> {
        let to = wishes
            .to
            .clone()
            .unwrap_or_else(|| format!("{GATEWAY}/webhooks/{}/{}", wishes.provider, wishes.endpoint));
        if to.starts_with("https://") {
            let why = "cargo dev speaks plain HTTP only: give the address behind TLS as --to, and the one the \
                       provider has as --public-url";
            return Err(DevError::Failed(why.into()));
        }
        let parsed = reqwest::Url::parse(&to)
            .ok()
            .filter(|url| url.scheme() == "http" && url.has_host());
        let Some(parsed) = parsed.filter(|url| url.fragment().is_none()) else {
            return Err(DevError::Failed("--to is not like http://host:port/path".into()));
        };
        // Sent, and signed, as written: what a parser makes of it may differ.
        let (url, query) = match to.split_once('?') {
            Some((url, query)) => (url.to_owned(), Some(query.to_owned())),
            None if parsed.path() == "/" && !to.ends_with('/') => (format!("{to}/"), None),
            None => (to, None),
        };
        let public_url = wishes.public_url.clone().unwrap_or_else(|| url.clone());
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
