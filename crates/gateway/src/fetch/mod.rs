//! Fetches what a provider's request refers to: by HTTPS, from the open internet, little and quickly or not at all.
//!
//! Whoever calls it has decided that the URL is one of the provider's. This is the second fence: a name that leads
//! inward, an answer without end. Redirects and proxies it knows nothing of.

mod address;
mod resolver;
#[cfg(test)]
mod tests;

use std::{pin::pin, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{Request, StatusCode, Uri, body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use self::resolver::{Global, Resolver};

/// How long a whole fetch may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of an answer that are read.
const MOST: usize = 64 << 10;

/// Fetches from the open internet.
#[derive(Clone)]
pub(crate) struct Fetcher<R = Global> {
    tls: TlsConnector,
    resolver: R,
    timeout: Duration,
}

/// Why nothing can be fetched at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoFetcher {
    /// Without roots no certificate can be trusted.
    #[error("the system has no root certificates, so that nothing can be fetched by HTTPS")]
    NoRoots,
    /// The TLS settings do not go together.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// Why something was not fetched. Never names the URL, which a stranger may have chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotFetched {
    /// It is not `https` with a host's name and the usual port.
    #[error("the URL is not https with the name of a host and the usual port")]
    BadUrl,
    /// It leads into a private network, or to this machine.
    #[error("the host's name leads to an address that is not of the open internet")]
    NotGlobal,
    /// No address, no connection, no trusted certificate, or no HTTP.
    #[error("the host cannot be reached or does not prove who it is")]
    Unreachable,
    /// It took more than 5 s.
    #[error("it took too long")]
    TooSlow,
    /// It answered with another status than 200.
    #[error("the host answered {0}")]
    Status(u16),
    /// It answered with more than 64 KiB.
    #[error("the answer is too large")]
    TooLarge,
}

impl Fetcher {
    /// A fetcher that trusts the system's root certificates.
    ///
    /// # Errors
    /// [`NoFetcher`] when there are none, or TLS cannot be set up.
    pub(crate) fn new() -> Result<Self, NoFetcher> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(NoFetcher::NoRoots);
        }
        Self::with(roots, Global, TIMEOUT)
    }
}

impl<R: Resolver> Fetcher<R> {
    fn with(roots: RootCertStore, resolver: R, timeout: Duration) -> Result<Self, NoFetcher> {
        // The provider is named here, so that nothing rests on which one a process has as its default.
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(NoFetcher::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
            resolver,
            timeout,
        })
    }

    /// The body at this URL.
    ///
    /// # Errors
    /// [`NotFetched`] says why it is not to be had.
    pub(crate) async fn get(&self, url: &str) -> Result<Vec<u8>, NotFetched> {
        let url: Uri = url.parse().map_err(|_| NotFetched::BadUrl)?;
        let host = host(&url).ok_or(NotFetched::BadUrl)?;
        tokio::time::timeout(self.timeout, self.exchange(host, &url))
            .await
            .map_err(|_| NotFetched::TooSlow)?
    }

    /// One connection to an address that was looked at, one question, one answer.
    async fn exchange(&self, host: &str, url: &Uri) -> Result<Vec<u8>, NotFetched> {
        let Ok(name @ ServerName::DnsName(_)) = ServerName::try_from(host.to_owned()) else {
            return Err(NotFetched::BadUrl);
        };
        let addresses = self.resolver.resolve(host).await?;
        let stream = TcpStream::connect(&addresses[..]).await.map_err(unreachable)?;
        let stream = self.tls.connect(name, stream).await.map_err(unreachable)?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MOST)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(unreachable)?;
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let question = Request::get(path)
            .header(HOST, host)
            .body(Empty::<Bytes>::new())
            .map_err(|_| NotFetched::BadUrl)?;
        let mut answer = pin!(async {
            let answer = sender.send_request(question).await.map_err(unreachable)?;
            if answer.status() != StatusCode::OK {
                return Err(NotFetched::Status(answer.status().as_u16()));
            }
            match Limited::new(answer.into_body(), MOST).collect().await {
                Ok(body) => Ok(body.to_bytes().to_vec()),
                Err(error) if error.is::<LengthLimitError>() => Err(NotFetched::TooLarge),
                Err(_) => Err(NotFetched::Unreachable),
            }
        });
        tokio::select! {
            biased;
            answer = &mut answer => answer,
            // Over before its answer was read: what has come is still there.
            _ = connection => answer.await,
        }
    }
}

/// The host of a URL that is `https`, with the usual port and no user.
fn host(url: &Uri) -> Option<&str> {
    let authority = url.authority()?;
    let host = authority.host();
    let is_fit = url.scheme_str() == Some("https")
        && (authority.as_str() == host || authority.as_str().strip_suffix(":443") == Some(host));
    is_fit.then_some(host)
}

/// What exactly went wrong on the way would only tell a stranger about our network.
fn unreachable<E>(_: E) -> NotFetched {
    NotFetched::Unreachable
}

impl<R> std::fmt::Debug for Fetcher<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetcher")
    }
}
