//! The gateway to play at and to ask, over connections that are kept.

use std::time::Duration;

use super::TrafficError;

/// Longer than any provider waits; a gateway that needs it is broken.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running gateway.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    client: reqwest::Client,
    base_url: String,
    admin_url: String,
}

impl Gateway {
    /// The gateway at `base_url`, with its admin port at `admin_url` (both like `http://127.0.0.1:8080`).
    ///
    /// # Errors
    /// [`TrafficError::Client`] when the system gives no HTTP client.
    pub(crate) fn new(base_url: &str, admin_url: &str) -> Result<Self, TrafficError> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy() // a proxy of the developer's is not between us and our own child process
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(TrafficError::Client)?;
        let bare = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self {
            client,
            base_url: bare(base_url),
            admin_url: bare(admin_url),
        })
    }

    /// A request to the public port.
    pub(super) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base_url))
    }

    /// The text at a path of the admin port.
    pub(super) async fn admin_text(&self, path: &str) -> Result<String, TrafficError> {
        let asked = self.client.get(format!("{}{path}", self.admin_url)).send().await;
        let told = async { asked?.error_for_status()?.text().await };
        told.await.map_err(|source| TrafficError::Get {
            path: path.to_owned(),
            source: source.without_url(),
        })
    }
}
