//! The settings that the demonstration gives to the gateway and the workers, by environment as in production.

use mailroom_providers::signing::SIGNERS;

use crate::traffic::{PUBLIC_URL, TOPICS, TWILIO_ENDPOINT, VERIFY_TOKEN};

/// Settings as environment variables.
pub(super) type Settings = Vec<(String, String)>;

/// For every service.
fn common(database_url: &str) -> Settings {
    let own = [
        ("DATABASE_URL", database_url),
        // Its address is read from its log.
        ("MAILROOM__ADMIN__LISTEN", "127.0.0.1:0"),
        // No balancer has to notice that we are going.
        ("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "0"),
        ("RUST_LOG", "info"),
    ];
    own.iter()
        .map(|(variable, value)| ((*variable).to_owned(), (*value).to_owned()))
        .collect()
}

/// For the gateway: a free port, callers without signatures, and an endpoint for each recorded provider, which has its
/// name.
pub(super) fn gateway(database_url: &str) -> Settings {
    let mut settings = common(database_url);
    settings.extend([
        ("MAILROOM__SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("MAILROOM__PROFILE".to_owned(), "development".to_owned()),
    ]);
    let twilio = SIGNERS.iter().filter(|signer| signer.name() == "twilio");
    let named = SIGNERS.iter().map(|signer| (signer, signer.name()));
    for (signer, name) in named.chain(twilio.map(|signer| (signer, TWILIO_ENDPOINT))) {
        let provider = signer.name();
        let mut set = |setting: &str, value: &str| {
            let variable = format!("MAILROOM__ENDPOINTS__{}__{setting}", name.to_uppercase());
            settings.push((variable, value.to_owned()));
        };
        set("PROVIDER", provider);
        set("PUBLIC_URLS", &format!("{PUBLIC_URL}/webhooks/{provider}/{name}"));
        let key = signer.demo_keys().1;
        match provider {
            "sns" => {
                set("CERTIFICATE", key);
                set("TOPICS", TOPICS);
            }
            "whatsapp" => {
                set("SECRET", key);
                set("VERIFY_TOKEN", VERIFY_TOKEN);
            }
            _ => set("SECRET", key),
        }
    }
    settings
}

/// For a worker.
pub(super) fn worker(database_url: &str) -> Settings {
    common(database_url)
}
