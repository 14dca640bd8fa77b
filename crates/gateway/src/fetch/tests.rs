//! Tests of fetching, from a TLS server on this machine.

use std::{net::SocketAddr, sync::Arc};

use mailroom_providers::signing;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;

/// The name in the certificate of the signer's demo key.
const HOST: &str = "https://sns.amazonaws.com/SimpleNotificationService-0.pem";

/// Every name leads here.
struct Here(SocketAddr);

impl Resolver for Here {
    async fn resolve(&self, _: &str) -> Result<Vec<SocketAddr>, NotFetched> {
        Ok(vec![self.0])
    }
}

fn demo_keys() -> (&'static str, &'static str) {
    signing::signer_named("sns").unwrap().demo_keys()
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(demo_keys().1.as_bytes()).unwrap())
        .unwrap();
    roots
}

/// A server that gives each caller this answer, then waits for `pause` before it hangs up.
async fn answering(answer: Vec<u8>, pause: Duration) -> SocketAddr {
    let (key, certificate) = demo_keys();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(socket).await else {
                continue;
            };
            let mut head = vec![0; 8192];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.flush().await;
            tokio::time::sleep(pause).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

async fn fetched(answer: impl Into<Vec<u8>>, pause: Duration) -> Result<Vec<u8>, NotFetched> {
    let here = Here(answering(answer.into(), pause).await);
    let fetcher = Fetcher::with(roots(), here, Duration::from_millis(500)).unwrap();
    fetcher.get(HOST).await
}

fn ok(length: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + length, b'x');
    answer
}

#[tokio::test]
async fn what_is_there_is_fetched() {
    assert_eq!(fetched(ok(5), Duration::ZERO).await, Ok(b"xxxxx".to_vec()));
    assert_eq!(
        fetched(ok(MOST), Duration::ZERO).await.map(|body| body.len()),
        Ok(MOST)
    );
}

#[tokio::test]
async fn redirects_are_not_followed_and_errors_are_no_answer() {
    for (answer, status) in [
        (
            "HTTP/1.1 302 Found\r\nlocation: https://sns.amazonaws.com/other\r\ncontent-length: 0\r\n\r\n",
            302,
        ),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 404),
        ("HTTP/1.1 206 Partial Content\r\ncontent-length: 1\r\n\r\nx", 206),
    ] {
        assert_eq!(
            fetched(answer, Duration::ZERO).await,
            Err(NotFetched::Status(status))
        );
    }
}

#[tokio::test]
async fn large_and_endless_answers_are_given_up() {
    assert_eq!(
        fetched(ok(MOST + 1), Duration::ZERO).await,
        Err(NotFetched::TooLarge)
    );
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.resize(4 * MOST, b'x');
    assert_eq!(
        fetched(endless, Duration::from_secs(30)).await,
        Err(NotFetched::TooLarge)
    );
}

#[tokio::test]
async fn slow_answers_are_given_up() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nxx";
    assert_eq!(
        fetched(half, Duration::from_secs(30)).await,
        Err(NotFetched::TooSlow)
    );
    assert_eq!(
        fetched("", Duration::from_secs(30)).await,
        Err(NotFetched::TooSlow)
    );
}

#[tokio::test]
async fn a_host_must_prove_who_it_is() {
    let address = answering(ok(1), Duration::ZERO).await;
    let get = async |roots, url| {
        let fetcher = Fetcher::with(roots, Here(address), TIMEOUT).unwrap();
        fetcher.get(url).await
    };
    assert_eq!(get(roots(), HOST).await, Ok(b"x".to_vec()));
    let other_name = "https://sns.eu-west-1.amazonaws.com/";
    assert_eq!(get(roots(), other_name).await, Err(NotFetched::Unreachable));
    assert_eq!(
        get(RootCertStore::empty(), HOST).await,
        Err(NotFetched::Unreachable)
    );
}

#[tokio::test]
async fn this_machine_is_not_the_open_internet() {
    let fetcher = Fetcher::with(roots(), Global, TIMEOUT).unwrap();
    assert_eq!(
        fetcher.get("https://localhost/").await,
        Err(NotFetched::NotGlobal)
    );
}

#[tokio::test]
async fn other_urls_are_not_even_tried() {
    let fetcher = Fetcher::with(roots(), Here(([127, 0, 0, 1], 9).into()), TIMEOUT).unwrap();
    for url in [
        "",
        "sns.amazonaws.com",
        "http://sns.amazonaws.com/",
        "ftp://sns.amazonaws.com/",
        "file:///etc/passwd",
        "https://sns.amazonaws.com:8443/",
        "https://user@sns.amazonaws.com/",
        "https://:word@sns.amazonaws.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://sns.amazonaws.com:443@127.0.0.1/",
        "https://sns.amazonaws.com/ /",
    ] {
        assert_eq!(fetcher.get(url).await, Err(NotFetched::BadUrl), "{url}");
    }
}
