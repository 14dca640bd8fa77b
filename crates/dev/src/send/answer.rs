//! Sending a signed request, and what comes back.

use std::error::Error;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use mailroom_providers::signing::Outgoing;
use rustls::crypto::ring;
use serde::Serialize;
use tokio::time::timeout;

use super::request::Place;
use crate::error::DevError;

/// Longer than any provider waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of an answer, so many bytes are read.
const MOST: usize = 16 << 10;

/// A request that can be sent again and again. Redirects are not followed: a provider that is redirected has not
/// delivered.
#[derive(Debug)]
pub(super) struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    headers: HeaderMap,
    body: Bytes,
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
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(ring::default_provider())
            .map_err(DevError::io("read the system's root certificates"))?
            .https_or_http()
            .enable_http1()
            .build();
        let asked = if signed.query.is_empty() { "" } else { "?" };
        // What is not URL-safe is refused rather than written anew, which would no longer be what is signed.
        let url = format!("{}{asked}{}", place.url, signed.query);
        let url = url.parse().map_err(|_| {
            DevError::Failed("write the URL as it goes over the wire, percent-encoded".into())
        })?;
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
            client: Client::builder(TokioExecutor::new()).build(connector),
            url,
            headers,
            body: signed.body.clone().into(),
        })
    }

    /// Sends it once.
    pub(super) async fn send(&self) -> Answer {
        let begun = Instant::now();
        let told = timeout(PATIENCE, self.exchange()).await;
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        let (status, body, error) = match told {
            Ok(Ok((status, body))) => (Some(status), body, None),
            Ok(Err(error)) => (None, String::new(), Some(cause(&*error))),
            Err(_) => (None, String::new(), Some("no answer in time".to_owned())),
        };
        Answer {
            status,
            ms,
            body,
            error,
        }
    }

    async fn exchange(&self) -> Result<(u16, String), Box<dyn Error + Send + Sync>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.headers.clone();
        let answer = self.client.request(request).await?;
        let status = answer.status().as_u16();
        let mut body = Limited::new(answer.into_body(), MOST);
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => read.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
                Err(error) if error.is::<LengthLimitError>() => break,
                Err(error) => return Err(error),
            }
        }
        Ok((status, String::from_utf8_lossy(&read).into_owned()))
    }
}

/// An error down to its last cause, which is the one that helps.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}
