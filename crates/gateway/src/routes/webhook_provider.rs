//! `POST /webhooks/{provider}/{endpoint}`: real provider formats, verified.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentType,
    web::{Data, Path, Payload},
};
use mailroom_providers::twilio;

use crate::{
    app::App,
    body::{self, MediaType},
    config::Provider,
    error::{ApiError, ErrorBody},
};

/// Takes what a provider signed. Answered after it is committed; a duplicate is answered the same. What is
/// signed but cannot be read is kept all the same, since the provider would not offer it in another form.
#[utoipa::path(
    post,
    path = "/webhooks/{provider}/{endpoint}",
    tag = "webhooks",
    params(
        ("provider" = String, Path, description = "`twilio`"),
        ("endpoint" = String, Path, description = "The name of a configured endpoint"),
        ("X-Twilio-Signature" = String, Header, description = "Base64 HMAC-SHA1 over the public URL and the fields"),
    ),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = String, content_type = "text/xml", description = "An empty TwiML response"),
        (status = 401, body = ErrorBody, description = "The same for every wrong signature and unknown endpoint"),
        (status = 408, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 503, body = ErrorBody, headers(("Retry-After" = u8))),
    )
)]
pub(crate) async fn receive(
    app: Data<App>,
    path: Path<(String, String)>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let (provider, endpoint) = path.into_inner();
    let body = body::read(&request, payload, MediaType::Form, app.patience()).await?;
    let form = twilio::Form::decode(&body);
    let known = (provider == twilio::NAME)
        .then(|| app.endpoints.find(Provider::Twilio, &endpoint))
        .flatten();
    let (secrets, urls) = match known {
        Some(endpoint) => (
            endpoint.secrets(),
            endpoint.public_urls.iter().map(String::as_str).collect(),
        ),
        // An unknown endpoint costs what a known one costs, and is answered the same.
        None => (
            vec!["no endpoint has this token"],
            vec!["https://unknown.invalid/"],
        ),
    };
    let signature = request
        .headers()
        .get("x-twilio-signature")
        .map_or(&b""[..], |value| value.as_bytes());
    let verified = twilio::verify(&secrets, &urls, request.query_string(), &form, signature);
    if !verified || known.is_none() {
        return Err(ApiError::BadSignature);
    }
    app.record(twilio::incoming(&endpoint, &form, &body), twilio::NAME, &endpoint)
        .await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::xml())
        .body(twilio::ANSWER))
}
