//! Every way a request can fail, and what the caller, the metrics and the log are told of it.

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use mailroom_providers::{Unverified, direct};
use mailroom_store::StoreError;
use serde::Serialize;
use tracing::Level;
use utoipa::ToSchema;

/// Why a request was refused. Nothing of the request is in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("{0}")]
    Invalid(#[from] direct::Invalid),
    #[error("{0}")]
    BadQuery(&'static str),
    #[error("this deployment takes no unsigned calls")]
    UnsignedCall,
    #[error("the signature does not match")]
    BadSignature(Unverified),
    #[error("the token does not match")]
    BadToken(Unverified),
    #[error("there is no such conversation")]
    UnknownConversation,
    #[error("there is nothing here; GET /openapi.json lists what there is")]
    NotFound,
    #[error("this method is not allowed here")]
    MethodNotAllowed(&'static str),
    #[error("only application/json can be had here")]
    NotAcceptable,
    #[error("the target is longer than {0} bytes")]
    TargetTooLong(usize),
    #[error("no other protocol is spoken here")]
    BadUpgrade,
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    #[error("the body did not arrive whole")]
    BodyBroken,
    #[error("this process is stopping; try again")]
    Stopping,
    #[error("the body is larger than {0} bytes")]
    BodyTooLarge(usize),
    #[error("the body holds more than {0} events, or one that is larger than 262144 bytes")]
    EventsTooLarge(usize),
    #[error("{refusal}")]
    Mapped {
        status: StatusCode,
        refusal: Box<ApiError>,
    },
    #[error("{0}")]
    UnsupportedMediaType(&'static str),
    #[error("the database refused to keep this event")]
    Unstorable,
    #[error("events cannot be recorded right now; try again")]
    Busy,
    #[error("too much is under way right now; try again")]
    Overloaded,
    #[error("the database is unavailable; try again")]
    Unavailable,
    #[error("the subscription could not be confirmed; try again")]
    NotConfirmed,
    #[error("something is wrong on our side")]
    Internal(#[source] StoreError),
}

/// The body of every refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// What happened, in one word for programs.
    code: &'static str,
    /// What happened, in a sentence for people.
    message: String,
    /// Names this request in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl ApiError {
    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::BadQuery(_) | Self::BadUpgrade | Self::BodyBroken | Self::Unstorable => {
                StatusCode::BAD_REQUEST
            }
            Self::TargetTooLong(_) => StatusCode::URI_TOO_LONG,
            Self::UnsignedCall | Self::BadSignature(_) => StatusCode::UNAUTHORIZED,
            Self::BadToken(_) => StatusCode::FORBIDDEN,
            Self::Mapped { status, .. } => *status,
            Self::UnknownConversation | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge(_) | Self::EventsTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy | Self::Overloaded | Self::Unavailable | Self::Stopping | Self::NotConfirmed => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// One word, for the body's `code`, for metrics and for logs.
    pub(crate) const fn metric_label(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::BadQuery(_) | Self::BadUpgrade | Self::BodyBroken => "invalid",
            Self::UnsignedCall | Self::BadSignature(_) | Self::BadToken(_) => "unauthorized",
            Self::Mapped { refusal, .. } => refusal.metric_label(),
            Self::UnknownConversation | Self::NotFound => "not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::NotAcceptable => "not_acceptable",
            Self::BodyTooSlow => "timeout",
            Self::BodyTooLarge(_) | Self::EventsTooLarge(_) | Self::TargetTooLong(_) => "too_large",
            Self::UnsupportedMediaType(_) => "unsupported_media_type",
            Self::Unstorable => "unstorable",
            Self::Busy => "busy",
            Self::Overloaded => "overloaded",
            Self::Stopping => "stopping",
            Self::Unavailable => "unavailable",
            Self::NotConfirmed => "not_confirmed",
            Self::Internal(_) => "internal",
        }
    }

    /// How loud to be about it: what callers do wrong is ordinary, what we cannot do is not.
    pub(crate) const fn log_level(&self) -> Level {
        match self {
            Self::Internal(_) => Level::ERROR,
            Self::Unstorable | Self::Busy | Self::Overloaded | Self::Unavailable => Level::WARN,
            _ => Level::INFO,
        }
    }

    /// The same refusal with another status, where one is given.
    pub(crate) fn with_status(self, status: Option<u16>) -> Self {
        match status.and_then(|status| StatusCode::from_u16(status).ok()) {
            None => self,
            Some(status) => Self::Mapped {
                status,
                refusal: Box::new(self),
            },
        }
    }

    /// Why a provider's request was not taken for genuine; nobody but the operator is told.
    pub(crate) const fn unverified(&self) -> Option<Unverified> {
        match self {
            Self::BadSignature(cause) | Self::BadToken(cause) => Some(*cause),
            _ => None,
        }
    }

    /// Whether it was refused before its body was read to the end.
    pub(crate) fn leaves_body_unread(&self) -> bool {
        match self {
            Self::Mapped { refusal, .. } => refusal.leaves_body_unread(),
            Self::UnsignedCall
            | Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::NotAcceptable
            | Self::TargetTooLong(_)
            | Self::BadUpgrade
            | Self::BodyTooSlow
            | Self::BodyBroken
            | Self::BodyTooLarge(_)
            | Self::UnsupportedMediaType(_)
            | Self::Overloaded
            | Self::Stopping => true,
            _ => false,
        }
    }

    /// The answer, with everything but what only the request's surroundings know.
    pub(crate) fn answer(&self, request_id: Option<String>, retry_after: u8) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        if let Self::MethodNotAllowed(allowed) = self {
            response.insert_header((header::ALLOW, *allowed));
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, retry_after.to_string()));
        }
        // For a provider, every cause of a refused signature looks the same to the byte.
        let request_id = if matches!(self, Self::BadSignature(_) | Self::BadToken(_)) {
            None
        } else {
            request_id
        };
        response.json(ErrorBody {
            code: self.metric_label(),
            message: self.to_string(),
            request_id,
        })
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(None, 1)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::Unavailable
        } else {
            Self::Internal(error)
        }
    }
}
