//! Sending, to a listener on a real socket that verifies as the gateway does.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use mailroom_providers::signing::{SIGNERS, signer_named};
use mailroom_providers::{Endpoint, Key, provider_named};
use tokio::net::TcpListener;

use super::answer::Answer;
use super::{report, run};
use crate::cli::{Output, Sending};
use crate::clock;
use crate::traffic::{PUBLIC_URL, TOPICS};

/// Takes what verifies, and remembers the bodies.
struct Listener {
    url: String,
    bodies: Arc<Mutex<Vec<Bytes>>>,
}

impl Listener {
    async fn start(provider: &'static str, public_url: Option<&str>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/webhooks/{provider}/{provider}",
            socket.local_addr().unwrap()
        );
        let demo = format!("{PUBLIC_URL}/webhooks/{provider}/{provider}");
        let endpoint = Arc::new(endpoint(provider, public_url.unwrap_or(&demo)));
        let bodies = Arc::<Mutex<Vec<Bytes>>>::default();
        let heard = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let (endpoint, heard) = (Arc::clone(&endpoint), Arc::clone(&heard));
                let service = service_fn(move |request| {
                    let (endpoint, heard) = (Arc::clone(&endpoint), Arc::clone(&heard));
                    async move { Ok::<_, Infallible>(answer(provider, &endpoint, &heard, request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { url, bodies }
    }
}

async fn answer(
    provider: &str,
    endpoint: &Endpoint,
    heard: &Mutex<Vec<Bytes>>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let headers = parts.headers.iter();
    let received = mailroom_providers::Request {
        is_get: false,
        query: parts.uri.query().unwrap_or_default(),
        headers: headers
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect(),
        body: &body,
        certificate: None,
        now: clock::now(),
    };
    let verified = provider_named(provider).unwrap().verify(&received, endpoint);
    heard.lock().unwrap().push(body.clone());
    Response::builder()
        .status(if verified.is_ok() { 200 } else { 401 })
        .body(Full::new(Bytes::from(format!("{verified:?}"))))
        .unwrap()
}

fn endpoint(provider: &str, public_url: &str) -> Endpoint {
    let key = signer_named(provider).unwrap().demo_keys().1;
    Endpoint {
        public_urls: vec![public_url.to_owned()],
        keys: vec![Key::new(key)],
        // Amazon SNS: who may send, and what it signs with.
        certificate: Some(key.to_owned()),
        topics: TOPICS.split(',').map(str::to_owned).collect(),
        ..Endpoint::default()
    }
}

fn wishes(provider: &str, to: &str) -> Sending {
    Sending {
        provider: provider.to_owned(),
        to: to.to_owned(),
        endpoint: None,
        public_url: None,
        file: None,
        headers: Vec::new(),
        times: 1,
        key_file: None,
        output: Output::Text,
    }
}

async fn succeeds(wishes: Sending) -> bool {
    let code = format!("{:?}", run(wishes).await.unwrap());
    code == format!("{:?}", std::process::ExitCode::SUCCESS)
}

async fn complaint(wishes: Sending) -> String {
    run(wishes).await.unwrap_err().to_string()
}

#[tokio::test]
async fn the_sample_of_every_provider_is_taken_as_signed() {
    for signer in SIGNERS {
        let listener = Listener::start(signer.name(), None).await;
        assert!(
            succeeds(wishes(signer.name(), &listener.url)).await,
            "{}",
            signer.name()
        );
    }
}

#[tokio::test]
async fn the_very_same_request_is_sent_as_often_as_asked() {
    let listener = Listener::start("twilio", None).await;
    let mut wishes = wishes("twilio", &listener.url);
    wishes.times = 3;
    assert!(succeeds(wishes).await);
    let bodies = listener.bodies.lock().unwrap();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| body == &bodies[0]));
}

#[tokio::test]
async fn what_the_provider_takes_for_its_url_is_signed() {
    let public_url = "https://mailroom.example/webhooks/twilio/demo";
    let listener = Listener::start("twilio", Some(public_url)).await;
    assert!(!succeeds(wishes("twilio", &listener.url)).await);
    let mut wishes = wishes("twilio", &format!("{}?tenant=7", listener.url));
    wishes.public_url = Some(public_url.to_owned());
    assert!(succeeds(wishes).await, "the query is part of both");
}

#[tokio::test]
async fn a_file_is_sent_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| -> PathBuf {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let listener = Listener::start("whatsapp", None).await;
    for (name, text, body) in [
        (
            "body.json",
            &b"{\"\xc3\xa9\":\"\\u00e9\"}\n\n"[..],
            &b"{\"\xc3\xa9\":\"\\u00e9\"}\n\n"[..],
        ),
        ("whole.http", b"x-a: b\n\n[1]\n", b"[1]\n"),
    ] {
        let mut wishes = wishes("whatsapp", &listener.url);
        wishes.file = Some(file(name, text));
        assert!(succeeds(wishes).await, "{name}");
        assert_eq!(listener.bodies.lock().unwrap().last().unwrap(), body);
    }
    let mut wishes = wishes("whatsapp", &listener.url);
    wishes.file = Some(file("headless.http", b"{}"));
    assert!(complaint(wishes).await.contains("empty line"));
}

#[tokio::test]
async fn another_key_is_refused_and_one_that_is_none_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key");
    let with_key = |provider: &str, to: &str, key: &str| {
        std::fs::write(&key_file, key).unwrap();
        Sending {
            key_file: Some(key_file.clone()),
            ..wishes(provider, to)
        }
    };
    let listener = Listener::start("whatsapp", None).await;
    assert!(!succeeds(with_key("whatsapp", &listener.url, "another")).await);
    assert!(succeeds(with_key("whatsapp", &listener.url, "demo-whatsapp-app-secret\n")).await);
    assert!(
        complaint(with_key("whatsapp", &listener.url, "\n"))
            .await
            .contains("empty")
    );
    let bad = complaint(with_key("standard", &listener.url, "no-key-at-all")).await;
    assert!(
        bad.contains("key like this") && !bad.contains("no-key-at-all"),
        "{bad}"
    );
}

#[tokio::test]
async fn nobody_there_is_no_success() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = format!("http://{}/", socket.local_addr().unwrap());
    drop(socket);
    assert!(!succeeds(wishes("github", &to)).await);
}

#[tokio::test]
async fn a_url_that_cannot_be_sent_to_or_signed_is_said_to_be() {
    for (to, why) in [
        ("ftp://mailroom.example/", "http://host"),
        ("mailroom.example/x", "http://host"),
        ("http://127.0.0.1:1/#x", "http://host"),
        ("http://127.0.0.1:1/?a=b c", "as it goes over the wire"),
    ] {
        let said = complaint(wishes("twilio", to)).await;
        assert!(said.contains(why), "{to}: {said}");
    }
    let mut wishes = wishes("twilio", "http://127.0.0.1:1/");
    wishes.public_url = Some("https://mailroom.example/?a".to_owned());
    assert!(complaint(wishes).await.contains("--public-url"));
}

#[test]
fn an_answer_does_not_steer_the_terminal() {
    let answer = Answer {
        status: Some(200),
        ms: 1.25,
        body: "a\u{1b}[2Jb\nc".to_owned(),
        error: None,
    };
    assert_eq!(report::line(1, &answer), "1: 200 after 1.2 ms  a [2Jb c");
    let bare = Answer {
        body: String::new(),
        ..answer
    };
    assert_eq!(report::line(2, &bare), "2: 200 after 1.2 ms");
}
