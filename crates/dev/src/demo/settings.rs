//! The settings that the demonstration gives to the gateway and the workers, by environment as in production.

use crate::traffic::{TWILIO_AUTH_TOKEN, TWILIO_ENDPOINT, TWILIO_PUBLIC_URL};

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

/// For the gateway: a free port, callers without signatures, and the endpoint that the recorded provider calls.
pub(super) fn gateway(database_url: &str) -> Settings {
    let mut settings = common(database_url);
    let endpoint = format!("MAILROOM__ENDPOINTS__{}", TWILIO_ENDPOINT.to_uppercase());
    settings.extend([
        ("MAILROOM__SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("MAILROOM__PROFILE".to_owned(), "development".to_owned()),
        (format!("{endpoint}__PROVIDER"), "twilio".to_owned()),
        (
            format!("{endpoint}__PUBLIC_URLS"),
            format!("{TWILIO_PUBLIC_URL}/webhooks/twilio/{TWILIO_ENDPOINT}"),
        ),
        (format!("{endpoint}__SECRET"), TWILIO_AUTH_TOKEN.to_owned()),
    ]);
    settings
}

/// For a worker.
pub(super) fn worker(database_url: &str) -> Settings {
    common(database_url)
}
