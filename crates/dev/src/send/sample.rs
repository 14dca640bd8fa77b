//! A request of each provider to send when no other is given: one of those that its adapter is tested with.

macro_rules! samples {
    ($($provider:literal: $file:literal),* $(,)?) => {
        &[$((
            $provider,
            include_bytes!(concat!("../../../providers/tests/fixtures/", $provider, "/", $file)),
        )),*]
    };
}

const SAMPLES: &[(&str, &[u8])] = samples! {
    "github": "issue_comment.http",
    "mailgun": "inbound.http",
    "postmark": "inbound.http",
    "sendgrid": "events_batch.http",
    "slack": "message.http",
    "sns": "notification.http",
    "standard": "text.http",
    "telegram": "text.http",
    "twilio": "sms.http",
    "whatsapp": "text.http",
};

/// The sample of a provider.
pub(super) fn of(provider: &str) -> Option<&'static [u8]> {
    SAMPLES
        .iter()
        .find(|(name, _)| *name == provider)
        .map(|(_, request)| *request)
}
