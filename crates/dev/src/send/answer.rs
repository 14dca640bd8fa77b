//! Sending a signed request, and what comes back.

use std::time::{Duration, Instant};

use mailroom_providers::signing::Outgoing;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url, redirect};
use serde::Serialize;

use super::request::Place;
use crate::error::DevError;

/// Longer than any provider waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of an answer, so many bytes are read.
const MOST: usize = 16 << 10;

/// A request that can be sent again and again.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What became of one sending.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Answer {
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    /// How long it took, in milliseconds.
    pub(super) ms: f64,
    /// The beginning of the answer's body.
    pub(super) body: String,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl Answer {
    /// Whether it was taken.
    pub(super) fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

impl Sender {
    /// Gets ready to send.
    ///
    /// # Errors
    /// [`DevError::Failed`] when HTTP cannot carry the URL or a header.
    pub(super) fn new(place: &Place, signed: &Outgoing) -> Result<Self, DevError> {
        let client = Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .redirect(redirect::Policy::none()) // a provider that is redirected has not delivered
            .build()
            .map_err(|error| DevError::Failed(format!("no HTTP client: {error}")))?;
        let asked = if signed.query.is_empty() { "" } else { "?" };
        let url = Url::parse(&format!("{}{asked}{}", place.url, signed.query))
            .map_err(|_| DevError::Failed("the URL cannot be sent to".into()))?;
        // A URL library writes some bytes anew; what is sent would no longer be what is signed.
        if url.query().unwrap_or_default() != signed.query {
            return Err(DevError::Failed(
                "write the query as it goes over the wire, percent-encoded".into(),
            ));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &signed.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
                return Err(DevError::Failed(format!(
                    "`{name}` is no header, or its value is none"
                )));
            };
            headers.insert(name, value);
        }
        Ok(Self {
            client,
            url,
            headers,
            body: signed.body.clone(),
        })
    }

    /// Sends it once.
    pub(super) async fn send(&self) -> Answer {
        let begun = Instant::now();
        let told = async {
            let request = self.client.post(self.url.clone()).headers(self.headers.clone());
            let mut response = request.body(self.body.clone()).send().await?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                body.extend_from_slice(&chunk);
                if body.len() > MOST {
                    body.truncate(MOST);
                    break;
                }
            }
            Ok::<_, reqwest::Error>((response.status().as_u16(), body))
        };
        let told = told.await;
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        match told {
            Ok((status, body)) => Answer {
                status: Some(status),
                ms,
                body: String::from_utf8_lossy(&body).into_owned(),
                error: None,
            },
            Err(error) => Answer {
                status: None,
                ms,
                body: String::new(),
                error: Some(cause(&error.without_url())),
            },
        }
    }
}

/// An error down to its last cause, which is the one that helps.
fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}
