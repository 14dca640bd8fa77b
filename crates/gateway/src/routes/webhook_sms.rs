//! `POST /api/webhooks/sms`: inbound SMS and MMS.

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

/// An inbound SMS or MMS.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body in the specification; the adapter reads it"
)]
pub(crate) struct SmsBody {
    /// Phone number of the sender, formatting allowed.
    #[schema(example = "+1 (555) 010-0101")]
    from: String,
    /// Phone number of the recipient, formatting allowed.
    #[schema(example = "+15550100102")]
    to: String,
    /// `sms` or `mms`.
    #[schema(example = "sms")]
    r#type: String,
    /// The provider's id: the same again is a duplicate.
    #[schema(max_length = 512, example = "message-1")]
    messaging_provider_id: String,
    /// The text; may be empty in an MMS.
    #[schema(example = "text message")]
    body: String,
    /// URLs; an MMS needs one at least.
    attachments: Option<Vec<String>>,
    /// RFC 3339 with an offset.
    #[schema(example = "2024-11-01T14:00:00Z")]
    timestamp: String,
}

/// Takes an SMS or MMS in. Answered after it is committed; a duplicate is answered the same.
#[utoipa::path(
    post,
    path = "/api/webhooks/sms",
    tag = "webhooks",
    request_body = SmsBody,
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
    let incoming = direct::sms::parse(&bytes)?.incoming(&bytes);
    drop(bytes);
    app.record_direct(incoming, "sms", &held).await?;
    Ok(accepted())
}
