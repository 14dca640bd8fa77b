//! `POST /webhooks/{provider}/{endpoint}`, and `GET` for providers that ask whether somebody is there: real provider
//! formats, verified.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use mailroom_providers::{
    Delivery, Incoming, MOST_EVENTS, MediaType, ONE_EVENT, Provider, Reply, Request, Split, Unverified,
    provider_named,
};

use crate::{
    app::App,
    body::{self, Body},
    config::RefusalStatuses,
    endpoints::Account,
    error::{ApiError, ErrorBody},
    measures,
};

/// Takes what a provider signed. Answered after it is committed; a duplicate is answered the same. What is
/// signed but cannot be read is kept all the same, since the provider would not offer it in another form.
#[utoipa::path(
    post,
    path = "/webhooks/{provider}/{endpoint}",
    tag = "webhooks",
    params(
        ("provider" = String, Path, description = "The provider's name, such as `twilio` or `slack`"),
        ("endpoint" = String, Path, description = "The name of a configured endpoint"),
    ),
    request_body(content = String, content_type = "application/json"),
    responses(
        (status = 200, content((String = "application/json"), (String = "text/xml"), (String = "text/plain")), description = "What the provider takes for \"received\": the events are committed"),
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
    let Some(provider) = provider_named(&provider) else {
        let any = [
            MediaType::Json,
            MediaType::Form,
            MediaType::Multipart,
            MediaType::Text,
        ];
        body::read(&request, payload, &any, body::LIMIT, &app).await?;
        return Err(unverified("unknown", Unverified::UnknownEndpoint));
    };
    let account = app.endpoints.find(provider, &endpoint);
    let (limit, refusals) = limits(provider, account);
    let body = body::read(&request, payload, provider.media_types(), limit, &app)
        .await
        .map_err(|refusal| refusals.apply(refusal))?;
    take(&app, provider, account, &endpoint, &request, body)
        .await
        .map_err(|refusal| refusals.apply(refusal))
}

/// How large a body may be that a caller announces here, and how it is refused beyond.
pub(crate) fn limits_at(app: &App, provider: &str, endpoint: &str) -> (usize, RefusalStatuses) {
    provider_named(provider).map_or((body::LIMIT, RefusalStatuses::default()), |provider| {
        limits(provider, app.endpoints.find(provider, endpoint))
    })
}

fn limits(provider: &dyn Provider, account: Option<&Account>) -> (usize, RefusalStatuses) {
    account.map_or_else(
        || (provider.body_limit(), Account::refusals_of(provider)),
        |account| (account.body_limit, account.refusals),
    )
}

/// Answers a provider that asks by GET whether somebody is there.
#[utoipa::path(
    get,
    path = "/webhooks/{provider}/{endpoint}",
    tag = "webhooks",
    params(
        ("provider" = String, Path, description = "A provider that asks by GET: `whatsapp`"),
        ("endpoint" = String, Path, description = "The name of a configured endpoint"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The challenge"),
        (status = 403, body = ErrorBody, description = "The same for every wrong token and unknown endpoint"),
        (status = 405, body = ErrorBody, description = "This provider only posts"),
    )
)]
pub(crate) async fn ask(
    app: Data<App>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (provider, endpoint) = path.into_inner();
    let Some(provider) = provider_named(&provider).filter(|provider| provider.asks_by_get()) else {
        return Err(ApiError::MethodNotAllowed("POST"));
    };
    let account = app.endpoints.find(provider, &endpoint);
    take(&app, provider, account, &endpoint, &request, app.no_body())
        .await
        .map_err(|refusal| match refusal {
            ApiError::BadSignature(cause) => ApiError::BadToken(cause),
            other => other,
        })
}

/// Refuses any other method, telling which there are with this provider.
pub(crate) async fn refuse(path: Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let asks = provider_named(&path.0).is_some_and(Provider::asks_by_get);
    Err(ApiError::MethodNotAllowed(if asks {
        "GET, POST"
    } else {
        "POST"
    }))
}

/// Verifies, splits, records, answers.
async fn take(
    app: &App,
    provider: &'static dyn Provider,
    account: Option<&Account>,
    endpoint: &str,
    request: &HttpRequest,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let mut received = Request {
        is_get: request.method() == actix_web::http::Method::GET,
        query: request.query_string(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect(),
        body: &body.bytes,
        certificate: None,
        now: app.clock.now(),
    };
    // Only for who has an endpoint here.
    let fetched = match account.and_then(|account| provider.certificate_url(&received, &account.endpoint)) {
        // Refused as unverified it would be dropped; so it comes again.
        Some(url) => Some(app.outside.certificate(&url).await.ok_or(ApiError::Unavailable)?),
        None => None,
    };
    received.certificate = fetched.as_deref();
    let checked = account.map_or_else(|| app.endpoints.stranger(), |account| &account.endpoint);
    let verdict = provider.verify(&received, checked);
    let account = account.ok_or_else(|| unverified(provider.name(), Unverified::UnknownEndpoint))?;
    let verified = verdict.map_err(|cause| unverified(provider.name(), cause))?;
    if let Some(once) = &verified.once
        && app.has_seen_other(provider, once).await?
    {
        return Err(unverified(provider.name(), Unverified::Reused));
    }
    // By GET they show a token, not a key.
    if !received.is_get {
        measures::key_matched(endpoint, verified.key, received.now);
    }
    match provider.split(&received, endpoint) {
        Delivery::Handshake(reply) => Ok(answer(reply)),
        Delivery::Confirm(url) => {
            app.outside.confirm(&url).await?;
            Ok(answer(provider.answer()))
        }
        Delivery::Events(split) => {
            let content_type = received.headers.get("content-type");
            let events = prepare(account, endpoint, split, content_type, &body.bytes)?;
            let Body { bytes, held } = body;
            drop(bytes); // all that is recorded of it is in the events
            app.record_all(events, provider, endpoint, &held).await?;
            Ok(answer(provider.answer()))
        }
    }
}

/// Bounds and redacts what is to be recorded.
fn prepare(
    account: &Account,
    endpoint: &str,
    mut split: Split,
    content_type: Option<&str>,
    received: &[u8],
) -> Result<Vec<Incoming>, ApiError> {
    measures::drifted(endpoint, &split.drift);
    if split.events.len() > MOST_EVENTS {
        return Err(ApiError::EventsTooLarge(MOST_EVENTS));
    }
    let alone = split.events.len() == 1;
    for event in &mut split.events {
        let is_large = !event.payload.fits(received.len());
        // One event among others must not be lost, nor lose them; one that is all there is can be refused.
        if is_large && alone && received.len() > ONE_EVENT {
            return Err(ApiError::EventsTooLarge(MOST_EVENTS));
        }
        if is_large && alone {
            event.keep_as_received(account.provider.name(), endpoint, content_type, received);
        }
        let places = account.redaction.apply(event, account.provider.load_bearing());
        measures::redacted(endpoint, places);
        // After redaction, which a secret that is cut in two would escape.
        if is_large && !alone {
            event.cut(account.provider.name(), endpoint);
        }
    }
    Ok(split.events)
}

fn unverified(provider: &'static str, cause: Unverified) -> ApiError {
    measures::unverified(provider, cause);
    ApiError::BadSignature(cause)
}

fn answer(reply: Reply) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(reply.content_type)
        .body(reply.body)
}
