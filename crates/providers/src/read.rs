//! Reading an event into what it means, whoever delivered it.

use mailroom_domain::{Channel, ClaimedEvent, ErrorCode, EventKind, Failure, IncomingMessage};

use crate::{direct, twilio};

/// Reads a claimed event into the message it tells of. Pure: the same event always reads the same.
///
/// # Errors
/// [`Failure`], always permanent: an event that cannot be read now can only be read by another release.
pub fn read(event: &ClaimedEvent) -> Result<IncomingMessage, Failure> {
    if event.kind == EventKind::Status {
        return Err(Failure {
            code: ErrorCode::Unsupported,
            cause: "delivery statuses are not processed by this release; kept for replay".to_owned(),
        });
    }
    let payload = event.payload.as_bytes();
    match (event.provider.as_str(), event.channel) {
        (direct::NAME, Channel::Sms | Channel::Mms) => direct::sms::parse(payload)
            .map(|read| read.message)
            .map_err(unreadable),
        (direct::NAME, Channel::Email) => direct::email::parse(payload)
            .map(|read| read.message)
            .map_err(unreadable),
        (twilio::NAME, _) => twilio::parse(payload, event.created_at).map_err(unreadable),
        _ => Err(Failure {
            code: ErrorCode::Unsupported,
            cause: "this release does not know the provider".to_owned(),
        }),
    }
}

fn unreadable(cause: impl std::fmt::Display) -> Failure {
    Failure {
        code: ErrorCode::Unreadable,
        cause: cause.to_string(),
    }
}
