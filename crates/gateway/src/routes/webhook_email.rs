//! `POST /api/webhooks/email`: inbound e-mail.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload},
};
use mailroom_providers::{MediaType, direct};
use serde::Deserialize;
use utoipa::ToSchema;

use super::accepted::{Accepted, accepted};
use crate::{
    app::App,
    body::{self, Body},
    error::{ApiError, ErrorBody},
    negotiation::accepts_json,
};

/// An inbound e-mail.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body in the specification; the adapter reads it"
)]
pub(crate) struct EmailBody {
    /// The sender's bare address.
    #[schema(example = "user+news@example.com")]
    from: String,
    /// The recipient's bare address.
    #[schema(example = "contact@example.org")]
    to: String,
    /// The provider's id: the same again is a duplicate.
    #[schema(max_length = 512, example = "message-2")]
    xillio_id: String,
    /// The text, HTML allowed; kept byte for byte.
    #[schema(example = "<html><body>hello</body></html>")]
    body: String,
    /// URLs.
    attachments: Option<Vec<String>>,
    /// RFC 3339 with an offset.
    #[schema(example = "2024-11-01T14:00:00Z")]
    timestamp: String,
}

/// Takes an e-mail in. Answered after it is committed; a duplicate is answered the same.
#[utoipa::path(
    post,
    path = "/api/webhooks/email",
    tag = "webhooks",
    request_body = EmailBody,
    responses(
        (status = 202, body = Accepted),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 406, body = ErrorBody),
        (status = 408, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 503, body = ErrorBody, headers(("Retry-After" = u8))),
    )
)]
pub(crate) async fn receive(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    app.admit_unsigned()?;
    if !accepts_json(request.headers()) {
        return Err(ApiError::NotAcceptable);
    }
    let Body { bytes, held } = body::read(&request, payload, &[MediaType::Json], body::LIMIT, &app).await?;
    let incoming = direct::email::parse(&bytes)?.incoming(&bytes);
    drop(bytes);
    app.record_direct(incoming, "email", &held).await?;
    Ok(accepted())
}
