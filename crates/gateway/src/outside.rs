//! What the gateway fetches from the open internet: the certificates that Amazon SNS signs with, and the URLs that
//! confirm its subscriptions. Nothing else, and nothing at all without an endpoint that needs it.

use std::{sync::Arc, time::Instant};

use crate::{
    certificates::Certificates,
    endpoints::Endpoints,
    error::ApiError,
    fetch::{Fetcher, NoFetcher},
};

/// The way out, where there is one.
pub(crate) struct Outside(Option<Open>);

struct Open {
    fetcher: Fetcher,
    certificates: Certificates,
}

impl Outside {
    /// Opens it if one of the endpoints needs it.
    ///
    /// # Errors
    /// [`NoFetcher`] when nothing can be fetched on this system.
    pub(crate) fn new(endpoints: &Endpoints) -> Result<Self, NoFetcher> {
        if endpoints.all().all(|(_, account)| account.provider.needs_key()) {
            return Ok(Self(None));
        }
        let fetcher = Fetcher::new()?;
        let certificates = Certificates::new(fetcher.clone());
        Ok(Self(Some(Open {
            fetcher,
            certificates,
        })))
    }

    /// The certificate at a URL that its provider's adapter allows; `None` when it cannot be had, which is logged.
    pub(crate) async fn certificate(&self, url: &str) -> Option<Arc<[u8]>> {
        let now = Instant::now();
        match self.0.as_ref()?.certificates.get(url, now).await {
            Ok(certificate) => Some(certificate),
            Err(cause) => {
                tracing::warn!(%cause, "a certificate cannot be had");
                None
            }
        }
    }

    /// Fetches the URL by which a provider has a subscription confirmed.
    pub(crate) async fn confirm(&self, url: &str) -> Result<(), ApiError> {
        let open = self.0.as_ref().ok_or(ApiError::Unavailable)?;
        match open.fetcher.get(url).await {
            Ok(_) => {
                tracing::info!("a subscription is confirmed");
                Ok(())
            }
            Err(cause) => {
                tracing::warn!(%cause, "a subscription could not be confirmed; the provider will ask again");
                Err(ApiError::NotConfirmed)
            }
        }
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Outside").field(&self.0.is_some()).finish()
    }
}
