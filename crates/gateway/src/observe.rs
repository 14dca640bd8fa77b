//! Around every request: its id, its place in a trace, its metrics, and one line in the log when it is refused.

use std::{rc::Rc, time::Instant};

use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{RequestHead, ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method,
        header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING},
    },
    middleware::Next,
    web::Data,
};
use mailroom_providers::Unverified;
use tracing::{Instrument, Level};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::{
    app::App,
    body,
    connection::{Pace, Underway},
    error::ApiError,
    head, measures, trace,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
pub(crate) async fn observe(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let mut answering = request
        .conn_data::<Rc<Pace>>()
        .map(|pace| Rc::clone(pace).answering());
    let has_body = has_body(request.headers());
    // A kept connection would be closed at the end of the drain delay whatever its client is about to send: so it is
    // told in time to come again on another, which leads to another gateway.
    let is_ending = app.patience.is_ending();
    let is_last = is_ending || request.head().connection_type() == ConnectionType::Close;
    if let (Some(answering), true) = (&mut answering, is_last) {
        answering.last();
    }
    let request_id = request_id(request.headers()).unwrap_or_else(|| app.ids.request().to_string());
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = known(request.method());
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        request_id,
    );
    trace::join(&span, request.headers());
    let response = match head::check(request.head()) {
        Err(refusal) => request.error_response(refusal),
        Ok(()) => next
            .call(request)
            .instrument(span.clone())
            .await?
            .map_into_boxed_body(),
    };
    let _entered = span.enter();
    let refusal = response
        .response()
        .error()
        .and_then(|error| error.as_error::<ApiError>());
    let outcome = refusal.map_or("ok", ApiError::metric_label);
    let status = response.status().as_u16();
    // For the trace alone: in the log it would be written into every line's span again.
    span.set_attribute("http.response.status_code", i64::from(status));
    measures::request(&route, outcome, began.elapsed().as_secs_f64());
    let mut response = match refusal {
        None => response,
        Some(refusal) => {
            log(refusal, status);
            let mut answer = refusal.answer(Some(request_id.clone()), app.ids.retry_after());
            if has_body && refusal.leaves_body_unread() {
                // What is left of the body is not worth reading.
                answer.head_mut().set_connection_type(ConnectionType::Close);
                if let Some(answering) = &mut answering {
                    answering.early();
                }
            }
            ServiceResponse::new(response.request().clone(), answer)
        }
    };
    if is_ending {
        response
            .response_mut()
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    sign(response.headers_mut(), &request_id);
    if let (BodySize::Stream, Some(answering)) = (response.response().body().size(), answering) {
        return Ok(response.map_body(|_, body| Underway::new(body, answering).boxed()));
    }
    Ok(response)
}

/// The answer to a request whose body is not even asked for.
pub(crate) fn refuse_early(app: &App, head: &RequestHead, refusal: &ApiError) -> HttpResponse {
    let request_id = request_id(&head.headers).unwrap_or_else(|| app.ids.request().to_string());
    let span = tracing::info_span!("request", http.request.method = known(&head.method), request_id);
    let _entered = span.enter();
    measures::request("none", refusal.metric_label(), 0.0);
    log(refusal, refusal.status().as_u16());
    let mut answer = refusal.answer(Some(request_id.clone()), app.ids.retry_after());
    sign(answer.headers_mut(), &request_id);
    answer
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || body::declared(headers).is_some_and(|length| length > 0)
}

fn sign(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// A method by its name, if it has one: anybody can make up others, and what callers write stays out of logs.
fn known(method: &Method) -> &'static str {
    const NAMES: [&str; 8] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
    ];
    let name = NAMES.into_iter().find(|name| *name == method.as_str());
    name.unwrap_or("_OTHER") // as OpenTelemetry's conventions have it
}

/// The caller's own id for the request, if it is one to put into logs.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let sane = (1..=64).contains(&given.len())
        && given
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    sane.then(|| given.to_owned())
}

fn log(refusal: &ApiError, status: u16) {
    let code = refusal.metric_label();
    match (refusal.log_level(), refusal) {
        (_, ApiError::Internal(cause)) => tracing::error!(code, status, %cause, "request failed"),
        (Level::WARN, _) => tracing::warn!(code, status, reason = %refusal, "request could not be served"),
        _ => {
            let cause = refusal.unverified().map(Unverified::label);
            tracing::info!(code, status, cause, reason = %refusal, "request refused");
        }
    }
}
