//! Signing requests as providers do, for tests and for people who integrate. Not part of any shipped program.

use chrono::{DateTime, Utc};

use crate::{github, mailgun, postmark, sendgrid, slack, sns, standard, telegram, twilio, whatsapp};

/// A request about to be sent as a provider would send it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The public URL, without query, that the provider was given.
    pub url: String,
    /// What goes after the `?`, undecoded; empty for none.
    pub query: String,
    /// Headers to send, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How a provider signs.
pub trait Signer: Sync {
    /// The provider's name.
    fn name(&self) -> &'static str;

    /// Keys of an account that opens nothing: what it signs with, and what its endpoint is configured with.
    fn demo_keys(&self) -> (&'static str, &'static str);

    /// The request with its signature where this provider puts it. `nonce` goes into whatever has to be fresh.
    fn sign(&self, request: Outgoing, key: &str, now: DateTime<Utc>, nonce: [u8; 16]) -> Outgoing;
}

impl Outgoing {
    /// An unsigned request to `url` as a file holds it: an optional first line `?query`, lines `name: value`, an empty
    /// line, and the exact body to the end. `None` when the file is not of this form.
    pub fn from_file(url: &str, file: &[u8]) -> Option<Self> {
        let mut request = Self {
            url: url.to_owned(),
            ..Self::default()
        };
        let mut rest = file;
        loop {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            let line = std::str::from_utf8(&rest[..end]).ok()?;
            rest = &rest[end + 1..];
            if line.is_empty() {
                rest.clone_into(&mut request.body);
                return Some(request);
            }
            if let Some(query) = line.strip_prefix('?') {
                query.clone_into(&mut request.query);
            } else {
                let (name, value) = line.split_once(": ")?;
                request.set(&name.to_ascii_lowercase(), value.to_owned());
            }
        }
    }

    /// Sets a header, in place of one of the same name.
    pub fn set(&mut self, name: &str, value: String) {
        self.headers.retain(|(given, _)| given != name);
        self.headers.push((name.to_owned(), value));
    }
}

/// Every provider whose requests can be signed.
pub const SIGNERS: &[&dyn Signer] = &[
    &twilio::Twilio,
    &whatsapp::Whatsapp,
    &telegram::Telegram,
    &slack::Slack,
    &github::GitHub,
    &mailgun::Mailgun,
    &sendgrid::SendGrid,
    &postmark::Postmark,
    &sns::Sns,
    &standard::Standard,
];

/// The signer of this name.
pub fn signer_named(name: &str) -> Option<&'static dyn Signer> {
    SIGNERS.iter().copied().find(|signer| signer.name() == name)
}
