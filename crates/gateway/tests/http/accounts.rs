//! An account with every provider, and requests as each of them signs and sends them.

use std::path::Path;

use chrono::Utc;
use mailroom_providers::signing::{Outgoing, SIGNERS, Signer};
use reqwest::RequestBuilder;

use crate::answer::Answer;
use crate::house::House;

pub(crate) const PUBLIC: &str = "https://mailroom.example";
pub(crate) const VERIFY_TOKEN: &str = "demo-verify-token";

/// Settings of an endpoint for each provider, which has the provider's name.
pub(crate) fn settings() -> Vec<(String, String)> {
    SIGNERS
        .iter()
        .flat_map(|signer| endpoint(*signer, signer.name()))
        .collect()
}

/// Settings of one endpoint.
pub(crate) fn endpoint(signer: &dyn Signer, name: &str) -> Vec<(String, String)> {
    let provider = signer.name();
    let key = signer.demo_keys().1;
    let url = format!("{PUBLIC}/webhooks/{provider}/{name}");
    let mut settings = vec![("PROVIDER", provider.to_owned()), ("PUBLIC_URLS", url)];
    if provider == "sns" {
        settings.push(("CERTIFICATE", key.to_owned()));
        settings.push(("TOPICS", topics().join(",")));
    } else {
        settings.push(("SECRET", key.to_owned()));
    }
    if provider == "whatsapp" {
        settings.push(("VERIFY_TOKEN", VERIFY_TOKEN.to_owned()));
    }
    let variable = |setting| format!("MAILROOM__ENDPOINTS__{}__{setting}", name.to_uppercase());
    settings
        .into_iter()
        .map(|(setting, value)| (variable(setting), value))
        .collect()
}

/// A house with all of them.
pub(crate) async fn house() -> House {
    with(&[]).await
}

/// The same with more settings.
pub(crate) async fn with(more: &[(&str, &str)]) -> House {
    let settings = settings();
    let mut all: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    all.extend(more);
    House::with(&all).await
}

/// The topics that the fixtures come from.
fn topics() -> Vec<String> {
    let mut topics: Vec<String> = fixtures("sns")
        .iter()
        .filter_map(|(_, request)| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
            Some(body["TopicArn"].as_str()?.to_owned())
        })
        .collect();
    topics.sort();
    topics.dedup();
    topics
}

/// A provider's fixtures by name, unsigned: in its own documented shapes. Without that of which the gateway would fetch
/// a URL at Amazon's.
pub(crate) fn fixtures(provider: &str) -> Vec<(String, Outgoing)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../providers/tests/fixtures")
        .join(provider);
    let mut fixtures: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "http"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, parse(provider, &std::fs::read(path).unwrap()))
        })
        .filter(|(name, _)| (provider, name.as_str()) != ("sns", "subscription"))
        .collect();
    fixtures.sort_by(|(one, _), (other, _)| one.cmp(other));
    fixtures
}

fn parse(provider: &str, text: &[u8]) -> Outgoing {
    let mut rest = text;
    let mut line = || {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap();
        let line = std::str::from_utf8(&rest[..end]).unwrap();
        rest = &rest[end + 1..];
        line
    };
    let mut request = Outgoing {
        url: format!("{PUBLIC}/webhooks/{provider}/{provider}"),
        ..Outgoing::default()
    };
    loop {
        match line() {
            "" => break,
            query if query.starts_with('?') => query[1..].clone_into(&mut request.query),
            header => {
                let (name, value) = header.split_once(": ").unwrap();
                request.set(name, value.to_owned());
            }
        }
    }
    request.body = rest.to_vec();
    request
}

/// Signs as the provider does, now.
pub(crate) fn signed(signer: &dyn Signer, request: Outgoing, nonce: u8) -> Outgoing {
    signed_once(signer, request, [nonce; 16])
}

/// The same, with more to tell requests apart by.
pub(crate) fn signed_once(signer: &dyn Signer, request: Outgoing, nonce: [u8; 16]) -> Outgoing {
    #[expect(
        clippy::disallowed_methods,
        reason = "the gateway checks signatures by the wall clock"
    )]
    let now = Utc::now();
    signer.sign(request, signer.demo_keys().0, now, nonce)
}

/// The request as it goes to the gateway.
pub(crate) fn request(house: &House, outgoing: &Outgoing) -> RequestBuilder {
    let path = outgoing.url.strip_prefix(PUBLIC).unwrap();
    let asked = if outgoing.query.is_empty() { "" } else { "?" };
    let url = format!("{}{path}{asked}{}", house.base_url, outgoing.query);
    let mut request = house.client.post(url).body(outgoing.body.clone());
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    request
}

pub(crate) async fn send(house: &House, outgoing: &Outgoing) -> Answer {
    Answer::of(request(house, outgoing).send().await.unwrap()).await
}
